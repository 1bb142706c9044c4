"""aio-pika: confirms are on by default, durable queues and persistent messages are not.

Defaults read in aio-pika 9.4.3 and 10.2.1: ``declare_queue(durable=False)``, ``declare_exchange(durable=False)``,
``Message(delivery_mode=None)`` is not persistent, ``channel(publisher_confirms=True, on_return_raises=False)``,
``publish(mandatory=True)``, ``consume(no_ack=False)``, ``message.process()`` acknowledges when the block ends.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import named
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
    Name,
    New,
    Receiver,
    Rest,
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
    keeps={"name": Arg(0, "name"), "channel": Receiver(), **_BROKER},
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
                "broker": Kept("url"),
                "connection": Receiver(),
            },
        ),
    )
)


def _subscribe(callback: bool, **more: Slot) -> Effect:
    slots: dict[str, Slot] = {
        "queue": Kept("name", ""),
        "auto_ack": Arg(None, "no_ack", False),
        "broker": Kept("url"),
        "connection": Receiver(),
        **more,
    }
    if callback:
        slots["callback"] = Arg(0, "callback")
    return Effect("subscribe", "amqp", slots)


# aio_pika.patterns: a master gives tasks to workers by name, persistent; an RPC asks by name and waits for the answer.

_MASTER, _TASK, _RPC, _METHOD = "aio_pika.Master", "aio_pika.MasterTask", "aio_pika.RPC", "aio_pika.RpcMethod"


def _pattern_sends(name: Slot, mode: int, asks: bool) -> Call:
    slots: dict[str, Slot] = {
        "exchange": Fixed(""),
        "routing_key": name,
        "delivery_mode": Fixed(mode),
        "mandatory": Fixed(True),
        **_BROKER,
        "connection": Receiver(),
    }
    return Call(effects=(Effect("publish", "amqp", slots | ({"synchronous": Fixed(True)} if asks else {})),))


def _pattern_works(name: str, function: str, auto_delete: bool) -> Call:
    """The queue is declared with what is given; the message is acknowledged when the function has returned."""
    queue, callback = Arg(0, name), Arg(1, function)
    declares: dict[str, Slot] = {
        "queue": queue,
        "durable": Arg(None, "durable", False),
        "exclusive": Arg(None, "exclusive", False),
        "auto_delete": Arg(None, "auto_delete", auto_delete),
        "arguments": Arg(None, "arguments"),
        "connection": Receiver(),
    }
    takes: dict[str, Slot] = {"queue": queue, "callback": callback, "fact:acknowledged": Fixed("after")}
    return Call(
        effects=(Effect("declare_queue", "amqp", declares), Effect("subscribe", "amqp", takes)), roots=(callback,)
    )


_PATTERNS = {
    _MASTER: Call(returns=_MASTER, keeps={key: Inside(Arg(0, "channel"), key) for key in _BROKER}),
    f"{_MASTER}.create_task": _pattern_sends(Arg(0, "channel_name"), 2, asks=False),
    f"{_TASK}.__call__": _pattern_sends(Kept("name"), 2, asks=False),
    f"{_MASTER}.create_worker": _pattern_works("queue_name", "func", auto_delete=False),
    f"{_RPC}.create": Call(returns=_RPC, keeps={key: Inside(Arg(0, "channel"), key) for key in _BROKER}),
    _RPC: Call(returns=_RPC, keeps={key: Inside(Arg(0, "channel"), key) for key in _BROKER}),
    f"{_RPC}.call": _pattern_sends(Arg(0, "method_name"), 1, asks=True),
    f"{_METHOD}.__call__": _pattern_sends(Kept("name"), 1, asks=True),
    f"{_RPC}.register": _pattern_works("method_name", "func", auto_delete=True),
    **{f"{_RPC}.{name}": Call() for name in ("close", "initialize", "unregister")},
}

AIO_PIKA = Library(
    distribution="aio-pika",
    modules=("aio_pika",),
    calls={
        "aio_pika.connect": Call(returns=_CONNECTION, keeps={"url": Either((Arg(0, "url"), Arg(None, "host")))}),
        # A pool hands out what it is told to make.
        "aio_pika.pool.Pool": Call(calls=(Callback(Arg(0, "constructor"), star=Rest(1), result=True),)),
        **{f"{owner}.acquire": Call(returns=Receiver()) for owner in (_CONNECTION, _CHANNEL)},
        f"{_CONNECTION}.channel": Call(returns=_CHANNEL, keeps=_CHANNEL_KEEPS),
        f"{_CHANNEL}.declare_queue": _DECLARE_QUEUE,
        f"{_CHANNEL}.declare_exchange": _DECLARE_EXCHANGE,
        f"{_CHANNEL}.get_queue": Call(returns=_QUEUE, keeps={"name": Arg(0, "name"), "channel": Receiver(), **_BROKER}),
        f"{_CHANNEL}.get_exchange": Call(
            returns=_EXCHANGE, keeps={"name": Arg(0, "name"), "channel": Receiver(), **_BROKER}
        ),
        f"{_EXCHANGE}.publish": _PUBLISH,
        f"{_EXCHANGE}.bind": Call(),
        f"{_QUEUE}.bind": Call(
            effects=(
                Effect(
                    "bind",
                    "amqp",
                    {
                        "queue": Kept("name", ""),
                        "exchange": named(Arg(0, "exchange")),
                        # aio_pika/queue.py: without a key, the queue's name is taken for one.
                        "routing_key": Either((Arg(1, "routing_key"), Kept("name", ""))),
                        "connection": Receiver(),
                    },
                ),
            )
        ),
        f"{_QUEUE}.consume": Call(
            effects=(_subscribe(callback=True),), calls=(Callback(Arg(0, "callback"), (New(_INCOMING),)),)
        ),
        f"{_QUEUE}.iterator": Call(returns="aio_pika.QueueIterator", effects=(_subscribe(callback=False),)),
        f"{_QUEUE}.get": Call(returns=_INCOMING, effects=(_subscribe(callback=False, at_once=Fixed(True)),)),
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
        **_PATTERNS,
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
        **{name: Type(client=True) for name in (_MASTER, _RPC)},
        **{name: Type() for name in (_TASK, _METHOD, "aio_pika.MasterProxy", "aio_pika.RpcProxy")},
        "aio_pika.Message": Type(),
        "aio_pika.ProcessContext": Type(exits=Effect("acknowledge")),
    },
    attributes={
        f"{_MASTER}.proxy": New("aio_pika.MasterProxy", _BROKER),
        "aio_pika.MasterProxy.*": New(_TASK, {"name": Name(), **_BROKER}),
        f"{_RPC}.proxy": New("aio_pika.RpcProxy", _BROKER),
        "aio_pika.RpcProxy.*": New(_METHOD, {"name": Name(), **_BROKER}),
        f"{_CHANNEL}.default_exchange": New(_EXCHANGE, {"name": Fixed(""), "channel": Receiver(), **_BROKER}),
        **{f"{owner}.loop": New("asyncio.Loop") for owner in (_CONNECTION, _CHANNEL)},
        f"{_EXCHANGE}.channel": Kept("channel"),
        f"{_QUEUE}.channel": Kept("channel"),
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
        **{
            f"aio_pika.patterns.{path}": name
            for name in (_MASTER, _RPC)
            for path in (name[9:], f"{name[9:].lower()}.{name[9:]}")
        },
        **{f"aio_pika.patterns.{path}": _MASTER for path in ("JsonMaster", "NackMaster", "CompressedJsonMaster")},
        "aio_pika.patterns.JsonRPC": _RPC,
        "aio_pika.abc.DeliveryMode": "aio_pika.DeliveryMode",
        "aio_pika.abc.ExchangeType": "aio_pika.ExchangeType",
        "aio_pika.message.Message": "aio_pika.Message",
        "aio_pika.message.IncomingMessage": "aio_pika.IncomingMessage",
    },
    telling=frozenset({"publish", "consume", "declare_queue", "declare_exchange"}),
)

LIBRARIES = (AIO_PIKA,)
