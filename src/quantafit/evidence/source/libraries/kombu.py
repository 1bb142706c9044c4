"""kombu: durable queues and persistent messages by default, publisher confirms only by a transport option.

Defaults read in kombu 5.7.0: ``Queue(durable=True, auto_delete=False, exclusive=False, no_ack=False)``,
``Exchange(type="direct", durable=True)``, ``Producer.publish(delivery_mode=None)`` means 2, ``mandatory=False``;
``Connection(transport_options={"confirm_publish": True})`` turns confirms on. ``Consumer`` declares its queues, their
exchanges and bindings; ``SimpleQueue(name)`` declares exchange, queue and binding of one name.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import does, named, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Effect,
    Either,
    Element,
    Entry,
    Fixed,
    Inside,
    Kept,
    Library,
    New,
    Own,
    Receiver,
    Slot,
    Type,
)

_CONNECTION, _CHANNEL, _PRODUCER, _CONSUMER = "kombu.Connection", "kombu.Channel", "kombu.Producer", "kombu.Consumer"
_QUEUE, _EXCHANGE, _MESSAGE, _SIMPLE = "kombu.Queue", "kombu.Exchange", "kombu.Message", "kombu.SimpleQueue"
_PERSISTENT = 2
_YES, _NO = Fixed(True), Fixed(False)
# What kind of broker it is, and with that what survives, is said by the address alone; RabbitMQ unless told otherwise.
_ADDRESS = Either((Arg(0, "hostname"), Fixed("amqp://localhost")))
_CONNECTED: dict[str, Slot] = {"options": Kept("options"), "url": Kept("url")}


def _connected(connection: Slot) -> dict[str, Slot]:
    """What is kept of the connection that something is made from."""
    return {name: Inside(connection, name) for name in _CONNECTED}


def _declare(queue: Slot, durable: Slot = _YES, exclusive: Slot = _NO) -> Effect:
    return does(
        "declare_queue",
        "amqp",
        queue=queue,
        durable=durable,
        exclusive=exclusive,
        auto_delete=Arg(None, "auto_delete", False),
        arguments=Arg(None, "queue_arguments"),
        connection=Receiver(),
    )


def _bind(queue: Slot, exchange: Slot, routing_key: Slot) -> Effect:
    return does("bind", "amqp", queue=queue, exchange=exchange, routing_key=routing_key, connection=Receiver())


# Queues and exchanges are values: whoever consumes or publishes with one declares it.

_MADE_QUEUE = Call(
    returns=_QUEUE,
    keeps={
        "name": Arg(0, "name", ""),
        "exchange": named(Arg(1, "exchange", "")),
        "routing_key": Arg(2, "routing_key", ""),
        "no_ack": Arg(None, "no_ack", False),
        "durable": Arg(None, "durable", True),
    },
    effects=(
        _declare(Arg(0, "name", ""), Arg(None, "durable", True), Arg(None, "exclusive", False)),
        _bind(Arg(0, "name", ""), named(Arg(1, "exchange")), Arg(2, "routing_key", "")),
        _bind(
            Arg(0, "name", ""),
            named(Inside(Element(Arg(None, "bindings")), "exchange")),
            Inside(Element(Arg(None, "bindings")), "routing_key", ""),
        ),
    ),
)

_MADE_EXCHANGE = Call(
    returns=_EXCHANGE,
    keeps={"name": Arg(0, "name", ""), "delivery_mode": Arg(None, "delivery_mode")},
    effects=(
        does(
            "declare_exchange",
            "amqp",
            exchange=Arg(0, "name", ""),
            type=Arg(1, "type", "direct"),
            durable=Arg(None, "durable", True),
            connection=Receiver(),
        ),
    ),
)


def _publish(exchange: Slot, routing_key: Slot, mode: Slot) -> Effect:
    return does(
        "publish",
        "amqp",
        exchange=exchange,
        routing_key=routing_key,
        message=Arg(0, "body"),
        delivery_mode=mode,
        reply_to=Arg(None, "reply_to"),
        expiration=Arg(None, "expiration"),
        mandatory=Arg(3, "mandatory", False),
        store=Kept("url"),
        confirms=Entry(Kept("options"), "confirm_publish", False),
        connection=Receiver(),
    )


_GIVEN_EXCHANGE = Either((named(Arg(11, "exchange")), named(Kept("exchange")), Fixed("")))
_GIVEN_MODE = Either(
    (Arg(2, "delivery_mode"), Inside(Arg(11, "exchange"), "delivery_mode"), Kept("delivery_mode"), Fixed(_PERSISTENT))
)
_GIVEN_KEY = Either((Arg(1, "routing_key"), Kept("routing_key"), Fixed("")))


def _producer(connection: Slot, first: int) -> Call:
    """``Producer(channel, exchange, routing_key)``; a connection's own method makes the channel itself."""
    exchange = Arg(first, "exchange")
    keeps = {
        "exchange": named(exchange),
        "delivery_mode": Inside(exchange, "delivery_mode"),
        "routing_key": Arg(first + 1, "routing_key"),
        **_connected(connection),
    }
    return Call(returns=_PRODUCER, keeps=keeps)


def _subscribe(queues: Slot, callback: Slot, no_ack: Slot, when: Slot | None = None) -> Effect:
    slots = {"queue": named(Element(queues)), "callback": callback, "auto_ack": no_ack, "connection": Receiver()}
    return Effect("subscribe", "amqp", slots, when)


def _consumer(position: int) -> Call:
    """``Consumer(channel, queues, …)``; a connection and a mixin give the channel themselves."""
    queues, callbacks, whole = Arg(position, "queues"), Element(Arg(None, "callbacks")), Arg(None, "on_message")
    given = Either((whole, Arg(None, "callbacks"), Fixed(False)))  # else register_callback() subscribes
    no_ack = Either((Arg(None, "no_ack"), Inside(Element(queues), "no_ack"), Fixed(False)))
    return Call(
        returns=_CONSUMER,
        keeps={"queues": queues},
        effects=(_subscribe(queues, Either((whole, callbacks)), no_ack, when=given),),
        calls=(Callback(callbacks, (New("kombu.Body"), New(_MESSAGE))), Callback(whole, (New(_MESSAGE),))),
    )


def _simple(position: int) -> Call:
    name = named(Arg(position, "name"))
    exchange = does("declare_exchange", "amqp", exchange=name, type=Fixed("direct"), durable=Fixed(True))
    return Call(
        returns=_SIMPLE,
        keeps={
            "name": name,
            "options": Kept("options"),
            "url": Kept("url"),
            "no_ack": Arg(position + 1, "no_ack", False),
        },
        effects=(_declare(name), exchange, _bind(name, name, name)),
    )


_TAKE = Call(
    returns=_MESSAGE,
    effects=(
        does(
            "subscribe",
            "amqp",
            queue=Kept("name"),
            auto_ack=Kept("no_ack", False),
            store=Kept("url"),
            at_once=Fixed(True),
            connection=Receiver(),
        ),
    ),
)

KOMBU = Library(
    distribution="kombu",
    modules=("kombu",),
    calls={
        _CONNECTION: Call(returns=_CONNECTION, keeps={"url": _ADDRESS, "options": Arg(None, "transport_options")}),
        f"{_CONNECTION}.channel": Call(returns=_CHANNEL, keeps=_CONNECTED),
        f"{_CONNECTION}.clone": Call(returns=Receiver()),
        f"{_CONNECTION}.ensure": Call(returns=Arg(1, "fun")),
        f"{_CONNECTION}.autoretry": Call(returns=Arg(0, "fun")),
        f"{_CONNECTION}.Producer": _producer(Receiver(), 1),
        f"{_CHANNEL}.Producer": _producer(Receiver(), 0),
        _PRODUCER: _producer(Arg(0, "channel"), 1),
        f"{_CONNECTION}.Consumer": _consumer(0),
        f"{_CHANNEL}.Consumer": _consumer(0),
        "kombu.ConsumerFactory.__call__": _consumer(0),
        _CONSUMER: _consumer(1),
        f"{_CONSUMER}.register_callback": Call(
            effects=(_subscribe(Kept("queues"), Arg(0, "callback"), Fixed(False)),),
            calls=(Callback(Arg(0, "callback"), (New("kombu.Body"), New(_MESSAGE))),),
        ),
        f"{_CONNECTION}.SimpleQueue": _simple(0),
        _SIMPLE: _simple(1),
        _QUEUE: _MADE_QUEUE,
        _EXCHANGE: _MADE_EXCHANGE,
        "kombu.binding": Call(
            returns="kombu.binding", keeps={"exchange": Arg(0, "exchange"), "routing_key": Arg(1, "routing_key", "")}
        ),
        "kombu.common.Broadcast": Call(
            returns=_QUEUE,
            keeps={"name": Arg(0, "name", "")},
            effects=(
                _declare(Arg(0, "name", ""), Fixed(False), Fixed(True)),
                does("declare_exchange", "amqp", exchange=Arg(0, "name"), type=Fixed("fanout"), durable=Fixed(True)),
                _bind(Arg(0, "name", ""), Arg(0, "name"), Fixed("")),
            ),
        ),
        f"{_PRODUCER}.publish": Call(effects=(_publish(_GIVEN_EXCHANGE, _GIVEN_KEY, _GIVEN_MODE),)),
        f"{_EXCHANGE}.publish": Call(
            effects=(
                _publish(
                    Kept("name", ""),
                    Arg(1, "routing_key", ""),
                    Either((Arg(2, "delivery_mode"), Kept("delivery_mode"), Fixed(_PERSISTENT))),
                ),
            )
        ),
        f"{_SIMPLE}.put": Call(effects=(_publish(Kept("name"), Kept("name"), Fixed(_PERSISTENT)),)),
        f"{_SIMPLE}.get": _TAKE,
        f"{_SIMPLE}.get_nowait": _TAKE,
        f"{_QUEUE}.get": _TAKE,
        f"{_MESSAGE}.ack": Call(effects=(Effect("acknowledge"),)),
        f"{_MESSAGE}.ack_log_error": Call(effects=(Effect("acknowledge"),)),
        **{f"{_MESSAGE}.{name}": Call(effects=(Effect("reject"),)) for name in ("reject", "requeue")},
        **{
            f"{owner}.{name}": Call(returns=Receiver())
            for owner in (_QUEUE, _EXCHANGE)
            for name in ("bind", "maybe_bind", "__call__")
        },
        "kombu.Pools.__getitem__": Call(
            returns="kombu.Pool",
            keeps=_connected(Arg(0, "connection")),
        ),
        "kombu.Pool.acquire": Call(returns=_PRODUCER, keeps=_CONNECTED),
        **plain(
            _CONNECTION,
            (
                "connect",
                "close",
                "release",
                "drain_events",
                "ensure_connection",
                "heartbeat_check",
                "as_uri",
                "collect",
                "supports_heartbeats",
                "info",
                "completes_cycle",
            ),
        ),
        **plain(_CHANNEL, ("close", "basic_qos")),
        **plain(
            _CONSUMER,
            (
                "consume",
                "cancel",
                "qos",
                "close",
                "declare",
                "purge",
                "flow",
                "recover",
                "add_queue",
                "consuming_from",
                "__enter__",
                "__exit__",
            ),
        ),
        **plain(_PRODUCER, ("close", "release", "declare", "maybe_declare", "revive", "__enter__", "__exit__")),
        **plain(_SIMPLE, ("close", "clear", "qsize")),
        **plain(
            _QUEUE, ("declare", "delete", "purge", "bind_to", "unbind_from", "queue_declare", "cancel", "when_bound")
        ),
        **plain(_EXCHANGE, ("declare", "delete", "Message", "unbind_from", "bind_to", "when_bound")),
    },
    types={
        _CONNECTION: Type(client=True),
        _CHANNEL: Type(client=True),
        _PRODUCER: Type(client=True),
        _CONSUMER: Type(),
        "kombu.ConsumerFactory": Type(),
        _SIMPLE: Type(client=True),
        # A single queue may stand where a list of queues may.
        _QUEUE: Type(iterates=Receiver()),
        _EXCHANGE: Type(),
        _MESSAGE: Type(),
        "kombu.binding": Type(),
        "kombu.Body": Type(),
        "kombu.Pool": Type(),
        "kombu.Pools": Type(),
        "kombu.mixins.ConsumerMixin": Type(
            hooks={
                "get_consumers": (New("kombu.ConsumerFactory"), New(_CHANNEL)),
                "on_message": (New("kombu.Body"), New(_MESSAGE)),
                "on_decode_error": (New(_MESSAGE), Fixed(None)),
                "on_consume_ready": (New(_CONNECTION), New(_CHANNEL)),
            }
        ),
        "kombu.mixins.ConsumerProducerMixin": Type(extends="kombu.mixins.ConsumerMixin"),
    },
    attributes={
        f"{_CONNECTION}.default_channel": New(_CHANNEL, _CONNECTED),
        f"{_QUEUE}.name": Kept("name", ""),
        f"{_QUEUE}.exchange": New(_EXCHANGE, {"name": Kept("exchange")}),
        f"{_QUEUE}.routing_key": Kept("routing_key", ""),
        f"{_EXCHANGE}.name": Kept("name", ""),
        "kombu.pools.producers": New("kombu.Pools"),
        "kombu.mixins.ConsumerProducerMixin.producer": New(_PRODUCER, _connected(Own("connection"))),
        **{f"{owner}.PERSISTENT_DELIVERY_MODE": Fixed(2) for owner in (_EXCHANGE, "kombu.entity")},
        **{f"{owner}.TRANSIENT_DELIVERY_MODE": Fixed(1) for owner in (_EXCHANGE, "kombu.entity")},
    },
    aliases={
        "kombu.BrokerConnection": _CONNECTION,
        "kombu.connection.Connection": _CONNECTION,
        "kombu.messaging.Producer": _PRODUCER,
        "kombu.messaging.Consumer": _CONSUMER,
        "kombu.entity.Queue": _QUEUE,
        "kombu.entity.Exchange": _EXCHANGE,
        "kombu.message.Message": _MESSAGE,
        "kombu.simple.SimpleQueue": _SIMPLE,
    },
)

LIBRARIES = (KOMBU,)
