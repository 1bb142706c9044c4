"""kafka-python, aiokafka, confluent-kafka and faust: the log is kept; what is committed when differs.

Defaults read in kafka-python 2.0.2 to 3.0.12 (``acks=1`` before 3.0.0, ``acks=-1`` and idempotent from then on),
aiokafka 0.14.0 (``acks`` unset means 1, or all where ``enable_idempotence=True``), confluent-kafka 2.16.1 (``acks=-1``,
configuration in a mapping with dotted keys). All three commit automatically unless told otherwise: that is an
acknowledgement before any work is known to be done.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import does, named, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    ByVersion,
    Call,
    Callback,
    Effect,
    Either,
    Element,
    Entry,
    Fixed,
    Inside,
    Kept,
    Keywords,
    Library,
    ManyOf,
    New,
    Receiver,
    Rest,
    Slot,
    Switch,
    Type,
)

_PRODUCER, _CONSUMER, _MESSAGE = "kafka.KafkaProducer", "kafka.KafkaConsumer", "kafka.ConsumerRecord"
_AIO_PRODUCER = "aiokafka.AIOKafkaProducer"
_CONFLUENT_PRODUCER, _CONFLUENT_CONSUMER = "confluent_kafka.Producer", "confluent_kafka.Consumer"
_LOG = {"fact:durable": Fixed(True), "fact:persistent": Fixed(True)}


def _publish(confirmed: Slot) -> Call:
    slots = {**_LOG, "fact:confirmed": confirmed}
    return Call(
        returns="kafka.Future",
        effects=(does("publish", "kafka", slots, channel=Arg(0, "topic"), message=Arg(1, "value")),),
    )


def _subscribe(topics: Slot, auto: Slot, when: Slot, **more: Slot) -> Effect:
    return Effect("subscribe", "kafka", {"channel": topics, "auto_ack": auto, **more}, when)


def _taking(consumer: str, *methods: str) -> dict[str, Call]:
    """The methods that take messages from a consumer."""
    return {f"{consumer}.{name}": Call(returns=_MESSAGE, effects=(Effect("take"),)) for name in methods}


def _all_replicas(acks: Slot) -> Slot:
    """Whether a publish is confirmed by all replicas in sync."""
    return Switch(acks, {"all": Fixed(True), -1: Fixed(True), "-1": Fixed(True)}, Fixed(False))


def _truth(flag: Slot) -> Slot:
    return Switch(flag, {False: Fixed(False), "false": Fixed(False), "False": Fixed(False)}, Fixed(True))


_CONFIG = Either((Arg(0, "config"), Keywords()))
_ACKS = Arg(None, "acks", ByVersion("kafka-python", (("0", 1), ("3.0.0", -1))))
_IDEMPOTENT = Switch(Arg(None, "enable_idempotence", False), {True: Fixed(-1)}, Fixed(1))
_SEND = _publish(Kept("confirmed", "unknown"))
_AUTO = Kept("auto", True)
_TOPICS = _subscribe(Element(Arg(0, "topics")), _AUTO, Arg(0, "topics"), consumer=Receiver())
_PATTERN = Arg(None, "pattern")
_MATCHING = _subscribe(_PATTERN, _AUTO, _PATTERN, consumer=Receiver(), pattern=Fixed("regex"))
_PARTITION = "kafka.TopicPartition"
_ASSIGNED = _subscribe(Inside(Element(Arg(0, "partitions")), "topic"), _AUTO, Arg(0, "partitions"), consumer=Receiver())
"""Partitions that the program chooses itself are taken from as a subscription is."""
_GIVEN_PARTITIONS = (Receiver(), ManyOf(New(_PARTITION)))
"""What a rebalance hands to the program: partitions of topics that it has subscribed to."""
KAFKA = Library(
    distribution="kafka-python",
    modules=("kafka", "aiokafka"),
    calls={
        _PRODUCER: Call(returns=_PRODUCER, keeps={"confirmed": _all_replicas(_ACKS)}),
        _AIO_PRODUCER: Call(
            returns=_PRODUCER, keeps={"confirmed": _all_replicas(Either((Arg(None, "acks"), _IDEMPOTENT)))}
        ),
        f"{_PRODUCER}.send": _SEND,
        f"{_PRODUCER}.send_and_wait": _SEND,
        _CONSUMER: Call(
            returns=_CONSUMER,
            keeps={"auto": Arg(None, "enable_auto_commit", True)},
            effects=(_subscribe(Element(Rest(0)), Arg(None, "enable_auto_commit", True), Arg(0, "topics")),),
        ),
        f"{_CONSUMER}.subscribe": Call(effects=(_TOPICS, _MATCHING)),
        f"{_CONSUMER}.assign": Call(effects=(_ASSIGNED,)),
        _PARTITION: Call(returns=_PARTITION, keeps={"topic": Arg(0, "topic")}),
        f"{_CONSUMER}.commit": Call(effects=(Effect("acknowledge"),)),
        f"{_CONSUMER}.commit_async": Call(effects=(Effect("acknowledge"),)),
        f"{_PRODUCER}.send_batch": Call(effects=(does("publish", "kafka", _LOG, channel=Arg(1, "topic")),)),
        f"{_PRODUCER}.*": Call(),
        **_taking(_CONSUMER, "poll", "getone", "getmany", "__next__", "__anext__"),
        f"{_CONSUMER}.*": Call(returns=_MESSAGE),
    },
    types={
        _PRODUCER: Type(client=True),
        _AIO_PRODUCER: Type(client=True, extends=_PRODUCER),
        _CONSUMER: Type(client=True, iterates=New(_MESSAGE)),
        _MESSAGE: Type(),
        _PARTITION: Type(),
        "kafka.Future": Type(),
    },
    aliases={
        "aiokafka.producer.AIOKafkaProducer": _AIO_PRODUCER,
        "aiokafka.producer.producer.AIOKafkaProducer": _AIO_PRODUCER,
        "aiokafka.AIOKafkaConsumer": _CONSUMER,
        "kafka.producer.KafkaProducer": _PRODUCER,
        "kafka.consumer.KafkaConsumer": _CONSUMER,
        "kafka.producer.kafka.KafkaProducer": _PRODUCER,
        "kafka.consumer.group.KafkaConsumer": _CONSUMER,
        "kafka.structs.TopicPartition": _PARTITION,
        "aiokafka.TopicPartition": _PARTITION,
        "aiokafka.structs.TopicPartition": _PARTITION,
    },
    telling=frozenset({"send_and_wait"}),
)

CONFLUENT = Library(
    distribution="confluent-kafka",
    modules=("confluent_kafka",),
    calls={
        _CONFLUENT_PRODUCER: Call(
            returns=_CONFLUENT_PRODUCER,
            keeps={"confirmed": _all_replicas(Entry(_CONFIG, "acks", -1))},
        ),
        f"{_CONFLUENT_PRODUCER}.produce": _SEND,
        _CONFLUENT_CONSUMER: Call(
            returns=_CONFLUENT_CONSUMER, keeps={"auto": _truth(Entry(_CONFIG, "enable.auto.commit", True))}
        ),
        f"{_CONFLUENT_CONSUMER}.commit": Call(effects=(Effect("acknowledge"),)),
        f"{_CONFLUENT_CONSUMER}.subscribe": Call(
            effects=(_TOPICS,),
            calls=tuple(Callback(Arg(None, name), _GIVEN_PARTITIONS) for name in ("on_assign", "on_revoke", "on_lost")),
        ),
        **{f"{_CONFLUENT_CONSUMER}.{name}": Call(effects=(_ASSIGNED,)) for name in ("assign", "incremental_assign")},
        f"{_CONFLUENT_PRODUCER}.*": Call(),
        **_taking(_CONFLUENT_CONSUMER, "poll", "consume"),
        f"{_CONFLUENT_CONSUMER}.*": Call(returns=_MESSAGE),
        **plain("confluent_kafka.admin", ("AdminClient", "NewTopic")),
    },
    types={_CONFLUENT_PRODUCER: Type(client=True), _CONFLUENT_CONSUMER: Type(client=True)},
    aliases={
        **{
            f"confluent_kafka.{name}": _CONFLUENT_PRODUCER
            for name in ("SerializingProducer", "aio.AIOProducer", "avro.AvroProducer", "cimpl.Producer")
        },
        **{
            f"confluent_kafka.{name}": _CONFLUENT_CONSUMER
            for name in ("DeserializingConsumer", "aio.AIOConsumer", "avro.AvroConsumer", "cimpl.Consumer")
        },
        **{f"confluent_kafka.{name}": _PARTITION for name in ("TopicPartition", "cimpl.TopicPartition")},
    },
    telling=frozenset({"produce"}),
)

_FAUST, _TOPIC = "faust.App", "faust.Topic"

FAUST = Library(
    distribution="faust-streaming",
    modules=("faust",),
    calls={
        _FAUST: Call(returns=_FAUST),
        f"{_FAUST}.topic": Call(returns=_TOPIC, keeps={"name": Arg(0, "topics")}),
        f"{_FAUST}.agent": Call(
            decorates=True,
            effects=(
                does("subscribe", "kafka", {"fact:acknowledged": Fixed("after")}, channel=named(Arg(0, "channel"))),
            ),
        ),
        f"{_TOPIC}.send": Call(
            effects=(does("publish", "kafka", _LOG, channel=Kept("name"), message=Arg(None, "value")),)
        ),
        f"{_FAUST}.send": Call(effects=(does("publish", "kafka", _LOG, channel=named(Arg(0, "channel"))),)),
        **{f"{_FAUST}.{name}": Call(decorates=True) for name in ("task", "timer", "crontab", "page", "command")},
        **plain(_FAUST, ("Table", "main", "GlobalTable", "SetTable")),
    },
    types={_FAUST: Type(), _TOPIC: Type()},
)

LIBRARIES = (KAFKA, CONFLUENT, FAUST)
