"""Google Cloud Pub/Sub and Azure Service Bus: a topic reaches the subscriptions that are bound to it.

Facts from google-cloud-pubsub 2.44.0 and azure-servicebus 7.15.0: both keep what they have accepted. Pub/Sub's callback
acknowledges with ``message.ack()``; a Service Bus receiver peeks and locks by default and acknowledges with
``complete_message``. A Pub/Sub subscription belongs to the topic that it was created for.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import does, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Effect,
    Either,
    Fixed,
    Kept,
    Library,
    New,
    Slot,
    Type,
    Url,
)

_PUBLISHER, _SUBSCRIBER = "google.cloud.pubsub_v1.PublisherClient", "google.cloud.pubsub_v1.SubscriberClient"
_MESSAGE = "google.cloud.pubsub_v1.Message"
_KEPT = {"fact:durable": Fixed(True), "fact:persistent": Fixed(True), "fact:confirmed": Fixed("unknown")}


def _path(kind: str) -> Call:
    """``projects/PROJECT/topics/NAME``: within one system the name tells it."""
    return Call(returns=Url(Fixed(kind), Arg(1, kind[:-1])))


_TAKEN = {"queue": Arg(0, "subscription")}

PUBSUB = Library(
    distribution="google-cloud-pubsub",
    modules=("google.cloud.pubsub_v1", "google.cloud.pubsub"),
    calls={
        _PUBLISHER: Call(returns=_PUBLISHER),
        _SUBSCRIBER: Call(returns=_SUBSCRIBER),
        **{f"{owner}.topic_path": _path("topics") for owner in (_PUBLISHER, _SUBSCRIBER)},
        f"{_SUBSCRIBER}.subscription_path": _path("subscriptions"),
        f"{_PUBLISHER}.publish": Call(
            returns="google.cloud.pubsub_v1.Future",
            effects=(
                does(
                    "publish", "pubsub", _KEPT, exchange=Arg(0, "topic"), routing_key=Fixed("*"), message=Arg(1, "data")
                ),
            ),
        ),
        f"{_SUBSCRIBER}.create_subscription": Call(
            effects=(
                does(
                    "bind",
                    "pubsub",
                    queue=Either((Arg(None, "name"), Arg(0, "name"))),
                    exchange=Either((Arg(None, "topic"), Arg(1, "topic"))),
                    routing_key=Fixed("*"),
                ),
            )
        ),
        f"{_SUBSCRIBER}.subscribe": Call(
            returns="google.cloud.pubsub_v1.Future",
            effects=(Effect("subscribe", "pubsub", {**_TAKEN, "callback": Arg(1, "callback")}),),
            calls=(Callback(Arg(1, "callback"), (New(_MESSAGE),)),),
        ),
        f"{_SUBSCRIBER}.pull": Call(effects=(Effect("subscribe", "pubsub", {**_TAKEN, "at_once": Fixed(True)}),)),
        f"{_SUBSCRIBER}.acknowledge": Call(effects=(Effect("acknowledge"),)),
        f"{_MESSAGE}.ack": Call(effects=(Effect("acknowledge"),)),
        f"{_MESSAGE}.ack_with_response": Call(effects=(Effect("acknowledge"),)),
        f"{_MESSAGE}.nack": Call(effects=(Effect("reject"),)),
        **plain(_PUBLISHER, ("create_topic", "get_topic", "list_topics", "delete_topic", "stop", "resume_publish")),
        **plain(_SUBSCRIBER, ("close", "delete_subscription", "get_subscription", "modify_ack_deadline")),
    },
    types={
        _PUBLISHER: Type(client=True),
        _SUBSCRIBER: Type(client=True),
        _MESSAGE: Type(),
        "google.cloud.pubsub_v1.Future": Type(),
    },
    aliases={
        "google.cloud.pubsub": "google.cloud.pubsub_v1",
        "google.cloud.pubsub_v1.subscriber.message.Message": _MESSAGE,
    },
)

_BUS, _SENDER, _RECEIVER = "azure.servicebus.ServiceBusClient", "azure.servicebus.Sender", "azure.servicebus.Receiver"


def _sender(name: Slot) -> Call:
    return Call(returns=_SENDER, keeps={"name": name})


def _receiver(name: Slot) -> Call:
    return Call(
        returns=_RECEIVER, effects=(does("subscribe", "servicebus", channel=name, auto_ack=Arg(None, "receive_mode")),)
    )


_SENT = does(
    "publish", "servicebus", {**_KEPT, "fact:confirmed": Fixed(True)}, channel=Kept("name"), message=Arg(0, "message")
)

SERVICE_BUS = Library(
    distribution="azure-servicebus",
    modules=("azure.servicebus", "azure.identity"),
    calls={
        _BUS: Call(returns=_BUS),
        f"{_BUS}.from_connection_string": Call(returns=_BUS),
        f"{_BUS}.get_queue_sender": _sender(Arg(0, "queue_name")),
        f"{_BUS}.get_topic_sender": _sender(Arg(0, "topic_name")),
        f"{_BUS}.get_queue_receiver": _receiver(Arg(0, "queue_name")),
        f"{_BUS}.get_subscription_receiver": _receiver(Arg(0, "topic_name")),
        f"{_SENDER}.send_messages": Call(effects=(_SENT,)),
        f"{_SENDER}.schedule_messages": Call(effects=(_SENT,)),
        f"{_RECEIVER}.receive_messages": Call(returns=New("azure.servicebus.Messages"), effects=(Effect("take"),)),
        f"{_RECEIVER}.complete_message": Call(effects=(Effect("acknowledge"),)),
        **{
            f"{_RECEIVER}.{name}": Call(effects=(Effect("reject"),))
            for name in ("abandon_message", "dead_letter_message", "defer_message")
        },
        "azure.servicebus.ServiceBusMessage": Call(returns="azure.servicebus.ServiceBusMessage"),
        **plain(_BUS, ("close",)),
        **plain(_SENDER, ("close", "create_message_batch")),
        **plain(_RECEIVER, ("close", "renew_message_lock", "peek_messages")),
    },
    types={
        _BUS: Type(client=True),
        _SENDER: Type(client=True),
        _RECEIVER: Type(client=True, iterates=New("azure.servicebus.Message")),
        "azure.servicebus.Message": Type(),
        "azure.servicebus.Messages": Type(iterates=New("azure.servicebus.Message")),
        "azure.servicebus.ServiceBusMessage": Type(),
    },
    attributes={
        "azure.servicebus.ServiceBusReceiveMode.PEEK_LOCK": Fixed(False),
        "azure.servicebus.ServiceBusReceiveMode.RECEIVE_AND_DELETE": Fixed(True),
    },
    aliases={"azure.servicebus.aio": "azure.servicebus"},
)

LIBRARIES = (PUBSUB, SERVICE_BUS)
