"""FastStream: one way to write handlers for RabbitMQ, Kafka, NATS and Redis, with defaults that differ.

Defaults read in faststream 0.5.48 to 0.7.8: a RabbitMQ queue is durable from 0.7.0 on and was not before, so
the installed version decides; messages are transient unless ``persist=True``; a handler's message is acknowledged after
it, or dropped when it fails. Kafka's messages are acknowledged first. NATS keeps a message only in a stream, Redis only
in a stream or a list. ``request`` waits for the answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from quantafit.evidence.source.libraries.asking import VERBS, does, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    ByVersion,
    Call,
    Effect,
    Either,
    Element,
    Fixed,
    Inside,
    Kept,
    Library,
    NameOf,
    Receiver,
    Rest,
    Slot,
    Switch,
    Type,
)

_Slots = Mapping[str, Slot]
_RABBIT, _KAFKA, _CONFLUENT, _NATS, _REDIS = (
    f"faststream.{name}Broker" for name in ("Rabbit", "Kafka", "Confluent", "Nats", "Redis")
)
_BROKERS = (_RABBIT, _KAFKA, _CONFLUENT, _NATS, _REDIS)
_POLICY = Arg(None, "ack_policy")
_BY_HAND = Switch(_POLICY, {"manual": Fixed(True)}, Fixed(False))
_BY_ITSELF = Switch(_POLICY, {"manual": Fixed(False)}, Fixed(True))
_AFTER = Switch(_POLICY, {"ack_first": Fixed("auto")}, Fixed("after"))
_FIRST = Switch(_POLICY, {None: Fixed("auto"), "ack_first": Fixed("auto")}, Fixed("after"))


def _subscribes(mechanism: str, slots: _Slots, acknowledged: Slot) -> tuple[Effect, ...]:
    """The library acknowledges, by its policy, unless the handler does."""
    return (
        Effect("subscribe", mechanism, {**slots, "fact:acknowledged": acknowledged}, _BY_ITSELF),
        Effect("subscribe", mechanism, slots, _BY_HAND),
    )


def _broker(owner: str, mechanism: str, take: tuple[Effect, ...], send: _Slots) -> dict[str, Call]:
    """The calls that all brokers have: subscriber, publisher, publish and request; a publisher is an object besides.

    Up to 0.5 ``rpc=True`` made a publish wait for the answer.
    """
    publisher = f"{owner}.Publisher"
    kept: _Slots = {name: Kept(name) for name in send}
    return {
        owner: Call(returns=owner, keeps={"acks": Arg(None, "acks"), "idempotent": Arg(None, "enable_idempotence")}),
        f"{owner}.subscriber": Call(decorates=True, effects=take),
        f"{owner}.publisher": Call(
            decorates=True,
            effects=(Effect("publish", mechanism, _shifted(send)),),
            returns=publisher,
            keeps=_shifted(send),
        ),
        **{
            f"{one}.{name}": Call(
                effects=(Effect("publish", mechanism, {**slots, "message": Arg(0, "message"), "synchronous": waits}),)
            )
            for one, slots in ((owner, send), (publisher, kept))
            for name, waits in (("publish", Arg(None, "rpc", False)), ("request", Fixed(True)))
        },
        f"{owner}.publish_batch": Call(
            effects=(Effect("publish", mechanism, {**_by_keyword(send), "message": Rest(0)}),)
        ),
        # The routers for FastAPI are its own routers too.
        **{
            f"{owner}.{verb}": Call(
                decorates=True, effects=(Effect("serve", "http", {"name": Arg(0, "path"), "method": Fixed(verb)}),)
            )
            for verb in VERBS
        },
        **{f"{owner}.{hook}": Call(decorates=True) for hook in ("after_startup", "on_broker_shutdown")},
        **plain(
            owner, ("start", "stop", "close", "connect", "include_router", "include_routers", "ping", "add_middleware")
        ),
    }


def _by_keyword(slots: _Slots) -> _Slots:
    """The same arguments by keyword only, where any number of messages stands before them."""
    return {name: _moved(slot, None) for name, slot in slots.items()}


def _shifted(slots: _Slots) -> _Slots:
    """The same arguments where no message stands before them."""
    return {name: _moved(slot, -1) for name, slot in slots.items()}


def _moved(slot: Slot, by: int | None) -> Slot:
    """A slot whose arguments stand elsewhere: so many places later, or, with None, nowhere but by keyword."""
    match slot:
        case Arg(int() as position, name, default):
            return Arg(None if by is None else position + by, name, default)
        case NameOf(of, qualified):
            return NameOf(_moved(of, by), qualified)
        case Inside(of, name, default):
            return Inside(_moved(of, by), name, default)
        case Either(slots):
            return Either(tuple(_moved(one, by) for one in slots))
        case Switch(of, cases, other):
            return Switch(_moved(of, by), cases, other)
    return slot


# RabbitMQ -------------------------------------------------------------------------------------------------------------

# A queue given by its name is a queue with the defaults.
_DURABLE = ByVersion("faststream", (("0", False), ("0.7.0", True)))
_KIND = Arg(None, "queue_type")
_REPLICATED = {"quorum": Fixed(True), "stream": Fixed(True)}
_TAKEN, _FROM = Arg(0, "queue"), Arg(1, "exchange")
_QUEUE = NameOf(_TAKEN)
_RABBIT_TAKES = (
    does(
        "declare_queue",
        "amqp",
        {"argument:x-queue-type": Inside(_TAKEN, "kind")},
        queue=_QUEUE,
        durable=Inside(_TAKEN, "durable", _DURABLE),
        exclusive=Inside(_TAKEN, "exclusive", False),
        auto_delete=Inside(_TAKEN, "auto_delete", False),
        arguments=Inside(_TAKEN, "arguments"),
    ),
    does(
        "bind",
        "amqp",
        queue=_QUEUE,
        exchange=NameOf(_FROM),
        routing_key=Either((Inside(_TAKEN, "routing_key"), _QUEUE)),
    ),
    *_subscribes("amqp", {"queue": _QUEUE, "auto_ack": Arg(None, "no_ack", False)}, _AFTER),
)
_SENT_TO, _SENT_BY = Arg(1, "queue", ""), Arg(2, "exchange")
_RABBIT_SENDS: _Slots = {
    "exchange": Either((NameOf(_SENT_BY), Fixed(""))),
    "routing_key": Either((Arg(None, "routing_key"), Inside(_SENT_TO, "routing_key"), NameOf(_SENT_TO))),
    "delivery_mode": Switch(Arg(None, "persist", False), {True: Fixed(2)}, Fixed(1)),
    "mandatory": Arg(None, "mandatory", True),
    "confirms": Fixed(True),
    "return_raises": Fixed(False),
}

# The others -----------------------------------------------------------------------------------------------------------

_LOG = {"fact:durable": Fixed(True), "fact:persistent": Fixed(True)}
_IDEMPOTENT = Switch(Kept("idempotent"), {True: Fixed(True)}, Fixed(False))


def _confirmed(unset: Slot) -> Slot:
    """Whether all replicas in sync confirm: by ``acks`` of the broker, else as the client underneath has it."""
    return Switch(Kept("acks"), {"all": Fixed(True), -1: Fixed(True), None: unset}, Fixed(False))


_IN_STREAM = Switch(Arg(None, "stream"), {None: Fixed(False)}, Fixed(True))
_KEPT_IN_STREAM = {"fact:durable": _IN_STREAM, "fact:persistent": _IN_STREAM, "fact:confirmed": _IN_STREAM}
_SOMEWHERE = NameOf(Either((Arg(None, "stream"), Arg(None, "list"), Arg(0, "channel"))))
_SENT_SOMEWHERE = NameOf(Either((Arg(None, "stream"), Arg(None, "list"), Arg(1, "channel"))))
_STORE = Switch(Either((Arg(None, "stream"), Arg(None, "list"))), {None: Fixed("")}, Fixed("redis"))


def _named(type_: str, *names: str) -> Call:
    """An object that stands for a queue, topic or stream, with its settings."""
    return Call(returns=type_, keeps={"name": Arg(0, "name"), **{name: Arg(None, name) for name in names}})


_HOOKS = ("on_startup", "after_startup", "on_shutdown", "after_shutdown")

FASTSTREAM = Library(
    distribution="faststream",
    modules=("faststream",),
    calls={
        **_broker(_RABBIT, "amqp", _RABBIT_TAKES, _RABBIT_SENDS),
        **_broker(
            _KAFKA,
            "kafka",
            _subscribes("kafka", {"channel": Element(Rest(0))}, _FIRST),
            {"channel": NameOf(Arg(1, "topic")), **_LOG, "fact:confirmed": _confirmed(_IDEMPOTENT)},
        ),
        **_broker(
            _CONFLUENT,
            "kafka",
            _subscribes("kafka", {"channel": Element(Rest(0))}, _FIRST),
            {"channel": NameOf(Arg(1, "topic")), **_LOG, "fact:confirmed": _confirmed(Fixed(True))},
        ),
        **_broker(
            _NATS,
            "nats",
            _subscribes("nats", {"channel": NameOf(Arg(0, "subject")), "pattern": Fixed("nats")}, _AFTER),
            {"channel": NameOf(Arg(1, "subject")), **_KEPT_IN_STREAM},
        ),
        **_broker(
            _REDIS,
            "redis",
            _subscribes("redis", {"channel": _SOMEWHERE, "pattern": Fixed("glob")}, _AFTER),
            {"channel": _SENT_SOMEWHERE, "store": _STORE},
        ),
        "faststream.rabbit.RabbitQueue": Call(
            returns="faststream.Queue",
            keeps={
                "name": Arg(0, "name"),
                "durable": Switch(_KIND, _REPLICATED, Arg(None, "durable", _DURABLE)),
                "kind": _KIND,
                "exclusive": Arg(None, "exclusive", False),
                "auto_delete": Arg(None, "auto_delete", False),
                "arguments": Arg(None, "arguments"),
                "routing_key": Arg(None, "routing_key"),
            },
        ),
        "faststream.rabbit.RabbitExchange": Call(
            returns="faststream.Exchange",
            keeps={"name": Arg(0, "name")},
            effects=(
                does(
                    "declare_exchange",
                    "amqp",
                    exchange=Arg(0, "name"),
                    type=Arg(1, "type", "direct"),
                    durable=Arg(None, "durable", _DURABLE),
                ),
            ),
        ),
        "faststream.redis.StreamSub": _named("faststream.Queue"),
        "faststream.redis.ListSub": _named("faststream.Queue"),
        "faststream.redis.PubSub": _named("faststream.Queue"),
        "faststream.nats.JStream": _named("faststream.Queue"),
        "faststream.FastStream": Call(returns="faststream.FastStream", keeps={"broker": Arg(0, "broker")}),
        **{f"faststream.FastStream.{hook}": Call(decorates=True) for hook in _HOOKS},
        **plain("faststream.FastStream", ("run", "set_broker", "start", "stop")),
    },
    types={
        **{broker: Type(client=True) for broker in _BROKERS},
        **{f"{broker}.Publisher": Type(client=True) for broker in _BROKERS},
        "faststream.Queue": Type(),
        "faststream.Exchange": Type(),
        "faststream.FastStream": Type(),
    },
    attributes={
        "faststream.FastStream.broker": Kept("broker"),
        **{f"{broker}.broker": Receiver() for broker in (_RABBIT, _KAFKA, _NATS, _REDIS)},
        **{
            f"faststream.AckPolicy.{name}": Fixed(name.lower())
            for name in ("ACK_FIRST", "ACK", "REJECT_ON_ERROR", "NACK_ON_ERROR", "MANUAL")
        },
        **{f"faststream.rabbit.QueueType.{name}": Fixed(name.lower()) for name in ("CLASSIC", "QUORUM", "STREAM")},
        **{
            f"faststream.rabbit.ExchangeType.{name}": Fixed(name.lower())
            for name in ("DIRECT", "FANOUT", "TOPIC", "HEADERS", "DEFAULT")
        },
    },
    aliases={
        f"faststream.{module}.{name.replace('Confluent', 'Kafka')}{kind}": f"faststream.{name}Broker"
        for module, name in (
            ("rabbit", "Rabbit"),
            ("kafka", "Kafka"),
            ("nats", "Nats"),
            ("redis", "Redis"),
            ("confluent", "Confluent"),
            ("rabbit.fastapi", "Rabbit"),
            ("kafka.fastapi", "Kafka"),
            ("nats.fastapi", "Nats"),
            ("redis.fastapi", "Redis"),
        )
        for kind in ("Broker", "Router")
    }
    | {
        f"faststream.{path}": "faststream.FastStream"
        for path in ("asgi.AsgiFastStream", "app.FastStream", "asgi.app.AsgiFastStream")
    },
)

LIBRARIES = (FASTSTREAM,)
