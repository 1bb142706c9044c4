"""nats-py: core NATS keeps nothing, JetStream keeps a stream.

Measured with nats-py 2.16.0 and a 2.9 server: a core publish without a subscriber is lost silently, ``request`` waits
for whoever subscribes; ``js.publish`` waits for the server's own acknowledgement. A stream's default storage is a file.
A callback's message is acknowledged after it returns, unless ``manual_ack=True``.
"""

from __future__ import annotations

from collections.abc import Mapping

from quantafit.evidence.source.libraries.asking import does, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Effect,
    Either,
    Fixed,
    Inside,
    Library,
    New,
    Slot,
    Switch,
    Type,
)
from quantafit.model.observations import WHOEVER_ASKED

_CLIENT, _STREAM, _MESSAGE, _SUBSCRIPTION = "nats.Client", "nats.JetStream", "nats.Msg", "nats.Subscription"
_KEPT_NOWHERE = {"fact:durable": Fixed(False), "fact:persistent": Fixed(False), "fact:confirmed": Fixed(False)}
_IN_FILE = {"fact:durable": Fixed(True), "fact:persistent": Fixed(True), "fact:confirmed": Fixed(True)}
_PUBLISHED = {"channel": Arg(0, "subject"), "message": Arg(1, "payload")}


def _subscribe(slots: Mapping[str, Slot]) -> Call:
    return Call(
        returns=_SUBSCRIPTION,
        effects=(does("subscribe", "nats", slots, channel=Arg(0, "subject"), pattern=Fixed("nats")),),
        calls=(Callback(Arg(2, "cb"), (New(_MESSAGE),)),),
    )


# A JetStream consumer without a name of its own goes with its connection.
_CONSUMER = Either((Arg(None, "durable"), Inside(Arg(None, "config"), "durable_name"), Arg(None, "config")))
_PULLED = Switch(Either((Arg(1, "durable"), _CONSUMER)), {None: Fixed(False)}, Fixed(True))
_NAMED = Switch(_CONSUMER, {None: Fixed(False)}, Fixed(True))

NATS = Library(
    distribution="nats-py",
    modules=("nats",),
    calls={
        "nats.connect": Call(returns=_CLIENT, keeps={"url": Arg(0, "servers")}),
        _CLIENT: Call(returns=_CLIENT),
        f"{_CLIENT}.publish": Call(effects=(Effect("publish", "nats", {**_PUBLISHED, **_KEPT_NOWHERE}),)),
        f"{_CLIENT}.request": Call(
            returns=_MESSAGE,
            effects=(Effect("publish", "nats", {**_PUBLISHED, **_KEPT_NOWHERE, "synchronous": Fixed(True)}),),
        ),
        f"{_CLIENT}.subscribe": _subscribe({"callback": Arg(2, "cb"), "auto_ack": Fixed(True)}),
        f"{_CLIENT}.jetstream": Call(returns=_STREAM),
        f"{_STREAM}.publish": Call(effects=(Effect("publish", "nats", {**_PUBLISHED, **_IN_FILE}),)),
        f"{_STREAM}.publish_async": Call(
            effects=(Effect("publish", "nats", {**_PUBLISHED, **_IN_FILE, "fact:confirmed": Fixed("unknown")}),)
        ),
        f"{_STREAM}.subscribe": _subscribe({"callback": Arg(2, "cb"), "fact:durable": _NAMED}),
        f"{_STREAM}.pull_subscribe": _subscribe({"fact:durable": _PULLED}),
        "nats.js.api.ConsumerConfig": Call(
            returns="nats.ConsumerConfig",
            keeps={"durable_name": Either((Arg(None, "durable_name"), Arg(None, "name")))},
        ),
        f"{_SUBSCRIPTION}.fetch": Call(returns=New(_SUBSCRIPTION), effects=(Effect("take"),)),
        f"{_SUBSCRIPTION}.next_msg": Call(returns=_MESSAGE, effects=(Effect("take"),)),
        f"{_MESSAGE}.ack": Call(effects=(Effect("acknowledge"),)),
        f"{_MESSAGE}.ack_sync": Call(effects=(Effect("acknowledge"),)),
        f"{_MESSAGE}.nak": Call(effects=(Effect("reject"),)),
        f"{_MESSAGE}.term": Call(effects=(Effect("reject"),)),
        **plain(_CLIENT, ("connect", "close", "drain", "flush", "new_inbox", "jsm", "connected_url", "is_connected")),
        **plain(
            _STREAM,
            (
                "add_stream",
                "update_stream",
                "delete_stream",
                "stream_info",
                "add_consumer",
                "consumer_info",
                "delete_consumer",
                "key_value",
                "create_key_value",
                "object_store",
                "find_stream_name_by_subject",
                "publish_async_completed",
                "purge_stream",
                "account_info",
                "create_object_store",
            ),
        ),
        **plain(_SUBSCRIPTION, ("unsubscribe", "drain", "consumer_info")),
        **plain(_MESSAGE, ("in_progress",)),
        f"{_MESSAGE}.respond": Call(),
    },
    types={
        _CLIENT: Type(client=True),
        _STREAM: Type(client=True),
        _SUBSCRIPTION: Type(iterates=New(_MESSAGE)),
        _MESSAGE: Type(),
        "nats.ConsumerConfig": Type(),
    },
    attributes={f"{_SUBSCRIPTION}.messages": New(_SUBSCRIPTION), f"{_MESSAGE}.reply": Fixed(WHOEVER_ASKED)},
    aliases={
        "nats.aio.client.Client": _CLIENT,
        "nats.NATS": _CLIENT,
        "nats.aio.msg.Msg": _MESSAGE,
        "nats.js.JetStreamContext": _STREAM,
        "nats.js.client.JetStreamContext": _STREAM,
    },
)

LIBRARIES = (NATS,)
