"""aio-pika: confirms are on by default, durable queues and persistent messages are not.

Defaults read in aio-pika 9.4.3 and 10.2.1: ``declare_queue(durable=False)``, ``declare_exchange(durable=False)``,
``Message(delivery_mode=None)`` is not persistent, ``channel(publisher_confirms=True, on_return_raises=False)``,
``publish(mandatory=True)``, ``consume(no_ack=False)``, ``message.process()`` acknowledges when the block ends.
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
    Slot,
    Type,
)

_CONNECTION, _CHANNEL = "aio_pika.Connection", "aio_pika.Channel"
_EXCHANGE, _QUEUE, _INCOMING = "aio_pika.Exchange", "aio_pika.Queue", "aio_pika.IncomingMessage"

_CHANNEL_KEEPS: dict[str, Slot] = {
    "url": Kept("url"),
    "confirms": Arg(1, "publisher_confirms", True),
    "return_raises": Arg(2, "on_return_raises", False),
}
_BROKER = {"url": Kept("url"), "confirms": Kept("confirms", True), "return_raises": Kept("return_raises", False)}

_DECLARE_QUEUE = Call(
    returns=_QUEUE,
    keeps={"name": Arg(0, "name", ""), "channel": Receiver(), **_BROKER},
    effects=(
        Effect(
            "declare_queue",
            "amqp",
            {
                "queue": Arg(0, "name", ""),
                "durable": Arg(None, "durable", False),
                "exclusive": Arg(None, "exclusive", False),
                "passive": Arg(None, "passive", False),
                "auto_delete": Arg(None, "auto_delete", False),
                "arguments": Arg(None, "arguments"),
                "connection": Receiver(),
            },
        ),
    ),
)

_DECLARE_EXCHANGE = Call(
    returns=_EXCHANGE,
    keeps={"name": Arg(0, "name"), **_BROKER},
    effects=(
        Effect(
            "declare_exchange",
            "amqp",
            {
                "exchange": Arg(0, "name"),
                "type": Arg(1, "type", "direct"),
                "durable": Arg(None, "durable", False),
                "connection": Receiver(),
            },
        ),
    ),
)

_PUBLISH = Call(
    effects=(
        Effect(
            "publish",
            "amqp",
            {
                "exchange": Kept("name", ""),
                "routing_key": Arg(1, "routing_key"),
                "message": Arg(0, "message"),
                "delivery_mode": Inside(Arg(0, "message"), "delivery_mode", 1),
                "reply_to": Inside(Arg(0, "message"), "reply_to"),
                "expiration": Inside(Arg(0, "message"), "expiration"),
                "mandatory": Arg(None, "mandatory", True),
                "confirms": Kept("confirms", True),
                "return_raises": Kept("return_raises", False),
                "connection": Receiver(),
            },
        ),
    )
)


def _subscribe(callback: bool) -> Effect:
    slots: dict[str, Slot] = {
        "queue": Kept("name", ""),
        "auto_ack": Arg(None, "no_ack", False),
        "connection": Receiver(),
    }
    if callback:
        slots["callback"] = Arg(0, "callback")
    return Effect("subscribe", "amqp", slots)


AIO_PIKA = Library(
    distribution="aio-pika",
    modules=("aio_pika",),
    calls={
        "aio_pika.connect": Call(returns=_CONNECTION, keeps={"url": Either((Arg(0, "url"), Arg(None, "host")))}),
        f"{_CONNECTION}.channel": Call(returns=_CHANNEL, keeps=_CHANNEL_KEEPS),
        f"{_CHANNEL}.declare_queue": _DECLARE_QUEUE,
        f"{_CHANNEL}.declare_exchange": _DECLARE_EXCHANGE,
        f"{_CHANNEL}.get_queue": Call(returns=_QUEUE, keeps={"name": Arg(0, "name"), **_BROKER}),
        f"{_CHANNEL}.get_exchange": Call(returns=_EXCHANGE, keeps={"name": Arg(0, "name"), **_BROKER}),
        f"{_EXCHANGE}.publish": _PUBLISH,
        f"{_EXCHANGE}.bind": Call(),
        f"{_QUEUE}.bind": Call(
            effects=(
                Effect(
                    "bind",
                    "amqp",
                    {
                        "queue": Kept("name", ""),
                        "exchange": Either((Inside(Arg(0, "exchange"), "name"), Arg(0, "exchange"))),
                        "routing_key": Arg(1, "routing_key"),
                        "connection": Receiver(),
                    },
                ),
            )
        ),
        f"{_QUEUE}.consume": Call(
            effects=(_subscribe(callback=True),), calls=(Callback(Arg(0, "callback"), (New(_INCOMING),)),)
        ),
        f"{_QUEUE}.iterator": Call(returns="aio_pika.QueueIterator", effects=(_subscribe(callback=False),)),
        f"{_QUEUE}.get": Call(returns=_INCOMING, effects=(_subscribe(callback=False),)),
        "aio_pika.Message": Call(
            returns="aio_pika.Message",
            keeps={
                "body": Arg(0, "body"),
                "delivery_mode": Arg(None, "delivery_mode", 1),
                "reply_to": Arg(None, "reply_to"),
                "correlation_id": Arg(None, "correlation_id"),
                "expiration": Arg(None, "expiration"),
                "message_id": Arg(None, "message_id"),
            },
        ),
        f"{_INCOMING}.ack": Call(effects=(Effect("acknowledge"),)),
        f"{_INCOMING}.reject": Call(effects=(Effect("reject"),)),
        f"{_INCOMING}.nack": Call(effects=(Effect("reject"),)),
        f"{_INCOMING}.process": Call(returns="aio_pika.ProcessContext"),
        **{f"{_CONNECTION}.{name}": Call() for name in ("close", "connect", "ready", "reconnect")},
        **{
            f"{_CHANNEL}.{name}": Call()
            for name in (
                "close",
                "set_qos",
                "reopen",
                "ready",
                "queue_delete",
                "exchange_delete",
                "transaction",
                "initialize",
                "is_closed",
            )
        },
        **{f"{_QUEUE}.{name}": Call() for name in ("cancel", "purge", "delete", "unbind", "declare")},
        **{f"{_EXCHANGE}.{name}": Call() for name in ("delete", "unbind", "declare")},
    },
    types={
        _CONNECTION: Type(client=True),
        _CHANNEL: Type(client=True),
        _EXCHANGE: Type(client=True),
        _QUEUE: Type(client=True, iterates=New(_INCOMING)),
        "aio_pika.QueueIterator": Type(iterates=New(_INCOMING)),
        _INCOMING: Type(),
        "aio_pika.Message": Type(),
        "aio_pika.ProcessContext": Type(exits=Effect("acknowledge")),
    },
    attributes={
        f"{_CHANNEL}.default_exchange": New(_EXCHANGE, {"name": Fixed(""), **_BROKER}),
        f"{_QUEUE}.name": Kept("name", ""),
        f"{_EXCHANGE}.name": Kept("name", ""),
        f"{_INCOMING}.reply_to": Fixed(""),
        "aio_pika.DeliveryMode.PERSISTENT": Fixed(2),
        "aio_pika.DeliveryMode.NOT_PERSISTENT": Fixed(1),
        **{f"aio_pika.ExchangeType.{name}": Fixed(name.lower()) for name in ("DIRECT", "FANOUT", "TOPIC", "HEADERS")},
    },
    aliases={
        "aio_pika.connect_robust": "aio_pika.connect",
        **{
            f"aio_pika.abc.Abstract{prefix}{name}": f"aio_pika.{name}"
            for prefix in ("", "Robust")
            for name in ("Connection", "Channel", "Exchange", "Queue", "IncomingMessage", "Message", "QueueIterator")
        },
        **{f"aio_pika.Robust{name}": f"aio_pika.{name}" for name in ("Connection", "Channel", "Exchange", "Queue")},
        **{
            f"aio_pika.robust_{name.lower()}.Robust{name}": f"aio_pika.{name}"
            for name in ("Connection", "Channel", "Exchange", "Queue")
        },
        "aio_pika.abc.DeliveryMode": "aio_pika.DeliveryMode",
        "aio_pika.abc.ExchangeType": "aio_pika.ExchangeType",
        "aio_pika.message.Message": "aio_pika.Message",
        "aio_pika.message.IncomingMessage": "aio_pika.IncomingMessage",
    },
    telling=frozenset({"publish", "declare_queue", "declare_exchange"}),
)

LIBRARIES = (AIO_PIKA,)
