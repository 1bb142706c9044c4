"""pika: a queue is durable only when declared so, a message persistent only with delivery mode 2.

Defaults read in pika 1.3.2 and 1.4.4: ``queue_declare(durable=False)``, ``exchange_declare(durable=False)``, no
delivery mode (transient), no publisher confirms until ``confirm_delivery()``, ``basic_consume(auto_ack=False)``.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Effect,
    Either,
    Fixed,
    Inside,
    Kept,
    Library,
    New,
    Receiver,
    Type,
)

_CHANNEL = "pika.Channel"
_PROPERTIES = Arg(3, "properties")
_WHERE = Inside(Kept("parameters"), "url")

_PUBLISH = Effect(
    "publish",
    "amqp",
    {
        "exchange": Arg(0, "exchange"),
        "routing_key": Arg(1, "routing_key"),
        "message": Arg(2, "body"),
        "delivery_mode": Inside(_PROPERTIES, "delivery_mode", 1),
        "reply_to": Inside(_PROPERTIES, "reply_to"),
        "expiration": Inside(_PROPERTIES, "expiration"),
        "mandatory": Arg(4, "mandatory", False),
        "broker": _WHERE,
        "connection": Receiver(),
    },
)

_DELIVERED = (Receiver(), New("pika.Method"), New("pika.BasicProperties", {"reply_to": Fixed("")}), New("pika.Body"))

PIKA = Library(
    distribution="pika",
    modules=("pika",),
    calls={
        **{
            f"pika.{name}": Call(
                returns="pika.Connection",
                keeps={"parameters": Arg(0, "parameters")},
                calls=(Callback(Arg(1, "on_open_callback"), (New("pika.Connection"),)),),
            )
            for name in ("BlockingConnection", "SelectConnection", "adapters.asyncio_connection.AsyncioConnection")
        },
        "pika.ConnectionParameters": Call(returns="pika.Parameters", keeps={"url": Arg(0, "host", "localhost")}),
        "pika.URLParameters": Call(returns="pika.Parameters", keeps={"url": Arg(0, "url")}),
        "pika.BasicProperties": Call(
            returns="pika.BasicProperties",
            keeps={
                "delivery_mode": Arg(3, "delivery_mode", 1),
                "reply_to": Arg(6, "reply_to"),
                "correlation_id": Arg(5, "correlation_id"),
                "expiration": Arg(7, "expiration"),
                "message_id": Arg(8, "message_id"),
            },
        ),
        "pika.Connection.channel": Call(
            returns=_CHANNEL,
            keeps={"parameters": Kept("parameters")},
            calls=(Callback(Arg(None, "on_open_callback"), (New(_CHANNEL),)),),
        ),
        "pika.Connection.process_data_events": Call(effects=(Effect("wait"),)),
        **{f"pika.Connection.{name}": Call() for name in ("close", "sleep", "ioloop")},
        "pika.Connection.add_callback_threadsafe": Call(calls=(Callback(Arg(0, "callback")),)),
        "pika.Connection.call_later": Call(calls=(Callback(Arg(1, "callback")),)),
        f"{_CHANNEL}.queue_declare": Call(
            returns="pika.DeclareOk",
            keeps={"queue": Arg(0, "queue", "")},
            effects=(
                Effect(
                    "declare_queue",
                    "amqp",
                    {
                        "queue": Arg(0, "queue"),
                        "passive": Arg(1, "passive", False),
                        "durable": Arg(2, "durable", False),
                        "exclusive": Arg(3, "exclusive", False),
                        "auto_delete": Arg(4, "auto_delete", False),
                        "arguments": Arg(5, "arguments"),
                        "connection": Receiver(),
                    },
                ),
            ),
        ),
        f"{_CHANNEL}.exchange_declare": Call(
            effects=(
                Effect(
                    "declare_exchange",
                    "amqp",
                    {
                        "exchange": Arg(0, "exchange"),
                        "type": Arg(1, "exchange_type", "direct"),
                        "durable": Arg(3, "durable", False),
                        "connection": Receiver(),
                    },
                ),
            )
        ),
        f"{_CHANNEL}.queue_bind": Call(
            effects=(
                Effect(
                    "bind",
                    "amqp",
                    {
                        "queue": Arg(0, "queue"),
                        "exchange": Arg(1, "exchange"),
                        # pika/channel.py: without a key, the queue's name is taken for one.
                        "routing_key": Either((Arg(2, "routing_key"), Arg(0, "queue"))),
                        "connection": Receiver(),
                    },
                ),
            )
        ),
        f"{_CHANNEL}.basic_publish": Call(effects=(_PUBLISH,)),
        f"{_CHANNEL}.confirm_delivery": Call(effects=(Effect("confirm", "amqp", {"connection": Receiver()}),)),
        f"{_CHANNEL}.basic_consume": Call(
            effects=(
                Effect(
                    "subscribe",
                    "amqp",
                    {
                        "queue": Arg(0, "queue"),
                        "callback": Arg(1, "on_message_callback"),
                        "auto_ack": Arg(2, "auto_ack", False),
                        "broker": _WHERE,
                        "connection": Receiver(),
                    },
                ),
            ),
            calls=(Callback(Arg(1, "on_message_callback"), _DELIVERED),),
        ),
        f"{_CHANNEL}.consume": Call(
            returns="pika.Deliveries",
            keeps={"channel": Receiver()},
            effects=(
                Effect(
                    "subscribe",
                    "amqp",
                    {
                        "queue": Arg(0, "queue"),
                        "auto_ack": Arg(1, "auto_ack", False),
                        "broker": _WHERE,
                        "connection": Receiver(),
                    },
                ),
            ),
        ),
        f"{_CHANNEL}.basic_get": Call(
            effects=(
                Effect(
                    "subscribe",
                    "amqp",
                    {
                        "queue": Arg(0, "queue"),
                        "auto_ack": Arg(1, "auto_ack", False),
                        "broker": _WHERE,
                        "connection": Receiver(),
                        "at_once": Fixed(True),
                    },
                ),
            ),
        ),
        f"{_CHANNEL}.basic_ack": Call(effects=(Effect("acknowledge"),)),
        f"{_CHANNEL}.basic_nack": Call(effects=(Effect("reject"),)),
        f"{_CHANNEL}.basic_reject": Call(effects=(Effect("reject"),)),
        f"{_CHANNEL}.start_consuming": Call(),
        **{
            f"{_CHANNEL}.{name}": Call()
            for name in (
                "basic_qos",
                "close",
                "stop_consuming",
                "cancel",
                "queue_delete",
                "queue_purge",
                "queue_unbind",
                "exchange_delete",
                "basic_cancel",
                "add_on_close_callback",
                "add_on_cancel_callback",
                "add_on_return_callback",
                "tx_select",
                "tx_commit",
                "tx_rollback",
            )
        },
        **{f"pika.{name}": Call() for name in ("PlainCredentials", "SSLOptions")},
    },
    types={
        "pika.Connection": Type(client=True),
        _CHANNEL: Type(client=True),
        "pika.BasicProperties": Type(),
        "pika.Parameters": Type(),
        "pika.DeclareOk": Type(),
        "pika.Method": Type(),
        "pika.Body": Type(),
        "pika.Deliveries": Type(),
    },
    attributes={
        "pika.DeliveryMode.Persistent": Fixed(2),
        "pika.DeliveryMode.Transient": Fixed(1),
        "pika.spec.PERSISTENT_DELIVERY_MODE": Fixed(2),
        "pika.spec.TRANSIENT_DELIVERY_MODE": Fixed(1),
        "pika.PERSISTENT_DELIVERY_MODE": Fixed(2),
        "pika.exchange_type.ExchangeType.direct": Fixed("direct"),
        "pika.exchange_type.ExchangeType.fanout": Fixed("fanout"),
        "pika.exchange_type.ExchangeType.topic": Fixed("topic"),
        "pika.exchange_type.ExchangeType.headers": Fixed("headers"),
        "pika.DeclareOk.method": New("pika.DeclareOk", {"queue": Kept("queue", "")}),
        "pika.DeclareOk.queue": Kept("queue", ""),
        "pika.BasicProperties.reply_to": Kept("reply_to", ""),
        "pika.BasicProperties.correlation_id": Kept("correlation_id", ""),
    },
    aliases={
        "pika.channel.Channel": _CHANNEL,
        "pika.adapters.blocking_connection.BlockingChannel": _CHANNEL,
        "pika.adapters.blocking_connection.BlockingConnection": "pika.BlockingConnection",
        "pika.spec.BasicProperties": "pika.BasicProperties",
        "pika.spec.Basic.Deliver": "pika.Method",
        "pika.credentials.PlainCredentials": "pika.PlainCredentials",
        "pika.connection.URLParameters": "pika.URLParameters",
        "pika.connection.ConnectionParameters": "pika.ConnectionParameters",
        "pika.delivery_mode.DeliveryMode": "pika.DeliveryMode",
    },
    telling=frozenset({"basic_publish", "basic_consume", "queue_declare", "exchange_declare", "queue_bind"}),
)

LIBRARIES = (PIKA,)
