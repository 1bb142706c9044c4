"""Channels whose names are known in part only, or only as the variable that holds them."""

from __future__ import annotations

import pytest
from source_trees import Seen, architecture, see

from quantafit.model import Quantum

SENDS = """
    import os
    import uuid

    import nats
    from kafka import KafkaProducer
    import pika
    import redis

    async def go(key, client: nats.NATS):
        SEND  # SITE
"""
TAKES = """
    import os

    import nats
    from kafka import KafkaConsumer
    import pika
    import redis

    async def handle(message):
        print(message)

    async def main(key, client: nats.NATS):
        TAKE
"""


def system(send: str, take: str) -> Seen:
    return see({"customer/app.py": SENDS.replace("SEND", send), "billing/app.py": TAKES.replace("TAKE", take)})


PATTERNS = {
    "one word for a star": ('await client.publish(f"jobs.{uuid.uuid4()}", b"x")', '"jobs.*"', True),
    "one word among others": ('await client.publish(f"jobs.{key}.done", b"x")', '"jobs.*.done"', True),
    "anything below": ('await client.publish(f"jobs.{key}", b"x")', '"jobs.>"', True),
    "another beginning": ('await client.publish(f"jobs.{key}", b"x")', '"letters.*"', False),
    "another end": ('await client.publish(f"jobs.{key}.done", b"x")', '"jobs.*.failed"', False),
    "nothing known of it": ('await client.publish(f"{key}", b"x")', '"jobs.*"', False),
}


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_takes_a_name_that_is_known_in_part(name: str) -> None:
    send, pattern, arrives = PATTERNS[name]
    seen = system(send, f"await client.subscribe({pattern}, cb=handle)")
    assert seen.sites("billing") == (seen.marked("SITE") if arrives else set())
    assert bool(seen.unresolved("publish")) is not arrives


ALIKE = {
    "the same text around what is unknown": (
        'redis.Redis().publish(f"chat:{key}", "x")',
        'redis.Redis().pubsub().subscribe(f"chat:{key}")',
        "chat:…",
    ),
    "the same variable, bound nowhere": (
        'KafkaProducer().send(os.environ["JOBS"], b"x")',
        'KafkaConsumer(os.environ["JOBS"])',
        "$JOBS",
    ),
    "the same variable for a queue": (
        'pika.BlockingConnection().channel().basic_publish("", os.environ["JOBS"], b"x")',
        'pika.BlockingConnection().channel().basic_consume(os.environ["JOBS"], handle)',
        "$JOBS",
    ),
}


@pytest.mark.parametrize("name", ALIKE)
def test_names_that_are_written_alike_are_shown_as_one_and_stay_unresolved(name: str) -> None:
    send, take, channel = ALIKE[name]
    seen = system(send, take)
    (crossing,) = [one for one in seen.crossings() if one.target == "billing"]
    assert (seen.sites("billing"), crossing.channel, crossing.confidence) == (seen.marked("SITE"), channel, "medium")
    assert any("written alike" in one.why for one in seen.unresolved("publish"))


OTHERS = {
    "another text": ('redis.Redis().publish(f"chat:{key}", "x")', 'redis.Redis().pubsub().subscribe(f"room:{key}")'),
    "another variable": ('KafkaProducer().send(os.environ["JOBS"], b"x")', 'KafkaConsumer(os.environ["LETTERS"])'),
    "nothing known": ("KafkaProducer().send(key, b'x')", "KafkaConsumer(key)"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_names_that_are_not_written_alike_are_none(name: str) -> None:
    seen = system(*OTHERS[name])
    assert seen.to() == set()
    assert seen.unresolved("publish")


def test_a_name_that_may_be_meant_by_a_consumer_stays_unresolved() -> None:
    """A publish to a known name that nobody is known to take, beside a consumer whose name is known in part."""
    seen = system('KafkaProducer().send("jobs", b"x")', 'KafkaConsumer(os.environ["JOBS"])')
    assert seen.to() == set()
    assert seen.unresolved("publish")


MODEL = {
    "customer/.env.example": "JOBS=jobs\nBILLING_URL=http://money:8000\n",
    "billing/.env.example": "MY_JOBS=jobs\n",
}
HOSTS = (Quantum("customer", ("customer",)), Quantum("billing", ("billing",), hosts=("money",)))


def modelled(send: str, take: str = "pass", **files: str) -> Seen:
    sides = {"customer/app.py": SENDS.replace("SEND", send), "billing/app.py": TAKES.replace("TAKE", take)}
    more = {name.replace("__", "/").replace("_env", ".env"): text for name, text in files.items()}
    return see(sides | MODEL | more, architecture(HOSTS))


def test_a_file_for_people_to_copy_tells_a_channel_that_nothing_else_tells_and_it_stays_unresolved() -> None:
    seen = modelled('KafkaProducer().send(os.environ["JOBS"], b"x")', 'KafkaConsumer(os.environ["MY_JOBS"])')
    assert seen.sites("billing") == seen.marked("SITE")
    assert ["only told by a file for people to copy" in one.why for one in seen.unresolved("publish")] == [True]


def test_a_file_for_people_to_copy_tells_an_address_that_nothing_else_tells_and_it_stays_unresolved() -> None:
    seen = modelled('import requests; requests.get(os.environ["BILLING_URL"] + "/jobs")')
    assert seen.sites("billing") == seen.marked("SITE")
    assert ["only told by a file for people to copy" in one.why for one in seen.unresolved("request")] == [True]


def test_a_file_that_is_deployed_stands_before_one_for_people_to_copy() -> None:
    send, take = 'KafkaProducer().send(os.environ["JOBS"], b"x")', 'KafkaConsumer("letters")'
    seen = modelled(send, take, customer___env="JOBS=letters\n")
    assert seen.sites("billing") == seen.marked("SITE")
    assert seen.unresolved("publish") == []


def test_a_default_in_the_code_stands_before_a_file_for_people_to_copy() -> None:
    seen = modelled('KafkaProducer().send(os.environ.get("JOBS", "letters"), b"x")', 'KafkaConsumer("jobs")')
    assert seen.to() == set()


# An unknown name beside a known one -----------------------------------------------------------------------------------

READ = 'open("name").read()'
BESIDE = {
    "of a queue": ('pika.BlockingConnection().channel().basic_publish("", ONE, b"")', "publish"),
    "of a topic": ('KafkaProducer().send(ONE, b"x")', "publish"),
    "of an exchange": ('pika.BlockingConnection().channel().basic_publish("" if key else key.name(), "jobs", b"")', ""),
    "of a host": ('import http.client; http.client.HTTPConnection(ONE).request("GET", "/")', "request"),
    "of a service": ('import grpc; grpc.insecure_channel(ONE).unary_unary("/cards.Cards/Get")(b"")', "request"),
}
OF_TWO = {
    "a condition": f'("jobs" if key else {READ})',
    "a variable that is bound nowhere": '("jobs" if key else os.environ["JOBS"])',
    "an entry of a table": f'{{"a": "jobs", "b": {READ}}}[key]',
    "an element of a list": f'[one for one in ["jobs", {READ}]][key]',
}


@pytest.mark.parametrize("two", OF_TWO)
@pytest.mark.parametrize("name", BESIDE)
def test_an_unknown_name_beside_a_known_one_is_shown_too(name: str, two: str) -> None:
    send, _ = BESIDE[name]
    seen = system(send.replace("ONE", OF_TWO[two]), 'KafkaConsumer("jobs")')
    assert seen.marked("SITE") == {str(one.place) for one in seen.unresolved()}


@pytest.mark.parametrize("name", [name for name in BESIDE if "ONE" in BESIDE[name][0]])
def test_two_known_names_are_no_doubt(name: str) -> None:
    send, could_be = BESIDE[name]
    both = system(send.replace("ONE", '("jobs" if key else "billing")'), 'KafkaConsumer("jobs")')
    assert not [one for one in both.unresolved(could_be) if "made at run time" in one.why or "result of" in one.why]


def test_a_consumer_that_may_take_of_another_queue_too_may_be_meant() -> None:
    """A publish that nobody is known to take, beside a consumer of which one of two queues is known."""
    take = f'pika.BlockingConnection().channel().basic_consume("letters" if key else {READ}, handle)'
    seen = system('pika.BlockingConnection().channel().basic_publish("", "jobs", b"x")', take)
    assert ["may be this one" in one.why for one in seen.unresolved("publish")] == [True]
    known = system('pika.BlockingConnection().channel().basic_publish("", "jobs", b"x")', take.replace(READ, '"x"'))
    assert known.unresolved("publish") == []


BINDS_LATER = """
    import pika

    def work(channel, method, properties, body):
        channel.basic_ack(method.delivery_tag)

    def main(process):
        channel = pika.BlockingConnection().channel()
        channel.queue_declare("jobs", durable=True)
        channel.queue_bind("jobs", {exchange}, routing_key="made")
        channel.basic_consume("jobs", work)

    main(open("process").read())
"""
SENDS_TO_EXCHANGE = """
    import pika

    def go():
        pika.BlockingConnection().channel().basic_publish("parser-out", "made", b"x")  # SITE
"""


@pytest.mark.parametrize("exchange", ["process + '-out'", "process"])
def test_a_binding_that_may_take_a_message_is_shown(exchange: str) -> None:
    seen = see({"customer/app.py": SENDS_TO_EXCHANGE, "billing/app.py": BINDS_LATER.format(exchange=exchange)})
    assert [one.target for one in seen.crossings()] == [None]
    assert [one.could_be for one in seen.unresolved("publish")] == [("publish",)]


@pytest.mark.parametrize("exchange", ["process + '-in'", "'other'"])
def test_a_binding_to_another_exchange_takes_nothing(exchange: str) -> None:
    seen = see({"customer/app.py": SENDS_TO_EXCHANGE, "billing/app.py": BINDS_LATER.format(exchange=exchange)})
    assert [one.target for one in seen.crossings()] == [None]
    assert not seen.unresolved("publish")
