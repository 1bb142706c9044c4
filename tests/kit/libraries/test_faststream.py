"""FastStream and ZeroMQ: one vocabulary over several brokers, and none at all."""

from __future__ import annotations

import pytest
from source_trees import Seen, see

RABBIT = """
    from faststream import FastStream
    from faststream.rabbit import RabbitBroker, RabbitExchange, RabbitQueue

    broker = RabbitBroker("amqp://broker")
    app = FastStream(broker)

    @broker.subscriber(QUEUE)
    async def work(card: dict):
        print(card)
    """


def rabbit(sends: str, queue: str = '"jobs"') -> Seen:
    text = f"""
        from faststream.rabbit import RabbitBroker, RabbitExchange, RabbitQueue

        broker = RabbitBroker("amqp://broker")

        async def go():
            await broker.{sends}  # SITE
        """
    return see({"customer/app.py": text, "billing/app.py": RABBIT.replace("QUEUE", queue)})


@pytest.mark.parametrize(
    ("sends", "queue", "durable", "persistent"),
    [
        ('publish({}, "jobs")', '"jobs"', False, False),
        ('publish({}, "jobs", persist=True)', '"jobs"', "unknown", True),
        ('publish({}, queue="jobs", persist=True)', 'RabbitQueue("jobs", durable=True)', True, True),
        ('publish({}, RabbitQueue("jobs"), persist=True)', 'RabbitQueue("jobs", durable=False)', False, True),
        (
            'publish({}, "job.card", RabbitExchange("shop", type="topic"), persist=True)',
            'RabbitQueue("billing", durable=True, routing_key="job.*"), RabbitExchange("shop", type="topic")',
            True,
            True,
        ),
    ],
)
def test_a_message_is_transient_unless_it_says_otherwise(
    sends: str, queue: str, durable: object, persistent: bool
) -> None:
    """``persist`` is about the message; that a plain name is a durable queue depends on the version."""
    seen = rabbit(sends, queue)
    assert seen.sites("billing", mechanism="amqp") == seen.marked()
    (crossing,) = seen.crossings()
    assert (crossing.durable, crossing.delivery["persist"].value) == (durable, persistent)
    assert crossing.acknowledgement is not None
    assert crossing.acknowledgement.value == "after"
    assert crossing.communication.value == "asynchronous"


def test_a_request_waits() -> None:
    """``request`` needs an answer made by the other side."""
    seen = rabbit('request({}, "jobs")')
    assert {one.communication.value for one in seen.crossings() if one.target} == {"synchronous"}


def test_a_publish_of_old_may_wait_too() -> None:
    """Up to 0.5 ``rpc=True`` asked for the answer; ``rpc=False`` did not."""
    assert {one.communication.value for one in rabbit('publish({}, "jobs", rpc=True)').crossings()} == {"synchronous"}
    assert {one.communication.value for one in rabbit('publish({}, "jobs", rpc=False)').crossings()} == {"asynchronous"}


@pytest.mark.parametrize(
    ("module", "broker", "confirmed"),
    [
        ("kafka", "KafkaBroker('kafka:9092')", False),
        ("kafka", "KafkaBroker('kafka:9092', acks='all')", True),
        ("kafka", "KafkaBroker('kafka:9092', enable_idempotence=True)", True),
        ("confluent", "KafkaBroker('kafka:9092')", True),
        ("confluent", "KafkaBroker('kafka:9092', acks=1)", False),
    ],
)
def test_a_publisher_is_an_object_that_sends_and_asks(module: str, broker: str, confirmed: bool) -> None:
    """Its topic and its broker's settings go along; unset, ``acks`` is what the client underneath makes of it."""
    head = f"from faststream.{module} import KafkaBroker\n\nbroker = {broker}\n\n"
    sends = "publisher = broker.publisher('jobs')\n\nasync def go():\n    await publisher.publish('x')  # SITE\n"
    asks = "\nasync def ask():\n    return await publisher.request('x')  # ASKED\n"
    takes = "@broker.subscriber('jobs', group_id='g')\nasync def work(card):\n    print(card)\n"
    seen = see({"customer/app.py": head + sends + asks, "billing/app.py": head + takes})
    found = {str(one.site): one for one in seen.crossings()}
    assert set(found) == seen.marked() | seen.marked("ASKED")
    assert {one.communication.value for place, one in found.items() if place in seen.marked("ASKED")} == {"synchronous"}
    assert {one.communication.value for place, one in found.items() if place in seen.marked()} == {"asynchronous"}
    assert {one.delivery["confirm"].value for one in found.values()} == {confirmed}
    assert seen.unresolved() == []


def test_a_handler_that_publishes_what_it_returns() -> None:
    """``publisher`` above a handler is a publish of its own."""
    seen = see(
        {
            "customer/app.py": """
            from faststream.rabbit import RabbitRouter

            router = RabbitRouter()

            @router.subscriber("cards")
            @router.publisher("jobs", persist=True)
            async def handle(card: dict):
                return card
            """,
            "billing/app.py": RABBIT.replace("QUEUE", 'RabbitQueue("jobs", durable=True)'),
        }
    )
    assert seen.to() == {"billing"}
    assert {one.durable for one in seen.crossings() if one.target} == {True}


OTHERS = {
    "Kafka acknowledges first": ("kafka", "kafka.KafkaBroker", '"jobs"', '{}, "jobs"', True, "auto"),
    "core NATS": ("nats", "nats.NatsBroker", '"jobs"', '{}, subject="jobs"', False, "after"),
    "JetStream": (
        "nats",
        "nats.NatsBroker",
        '"jobs", stream="s", durable="d"',
        '{}, "jobs", stream="s"',
        True,
        "after",
    ),
    "a list in Redis": ("redis", "redis.RedisBroker", 'list="jobs"', '{}, list="jobs"', "unknown", "after"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_brokers_have_defaults_of_their_own(name: str) -> None:
    """The same decorator, other guarantees."""
    mechanism, broker, takes, sends, durable, acknowledged = OTHERS[name]
    module, cls = broker.split(".")
    head = f"from faststream.{module} import {cls}\n\nbroker = {cls}('x://y')\n\n"
    seen = see(
        {
            "customer/app.py": f"{head}async def go():\n    await broker.publish({sends})  # SITE\n",
            "billing/app.py": f"{head}@broker.subscriber({takes})\nasync def work(card):\n    print(card)\n",
        }
    )
    assert seen.sites("billing", mechanism=mechanism) == seen.marked()
    (crossing,) = seen.crossings()
    assert crossing.durable == durable
    assert crossing.acknowledgement is not None
    assert crossing.acknowledgement.value == acknowledged


def test_a_zeromq_request_asks_the_host_it_connects_to() -> None:
    """REQ waits; PUSH does not; REP is a server."""
    seen = see(
        {
            "customer/app.py": """
            import zmq

            def go():
                socket = zmq.Context().socket(zmq.REQ)
                socket.connect("tcp://billing:5555")  # SITE
                socket.send_json({})
                return socket.recv_json()

            def serve():
                socket = zmq.Context.instance().socket(zmq.REP)
                socket.bind("tcp://*:5556")
            """,
        }
    )
    assert seen.sites("billing", mechanism="zmq") == seen.marked()
    assert len(seen.crossings()) == 1


def test_classes_of_the_same_names_stay_silent() -> None:
    """Only FastStream's broker publishes."""
    seen = see(
        {
            "customer/app.py": """
            class RabbitBroker:
                def publish(self, message, queue):
                    return queue

            def go():
                RabbitBroker().publish({}, "jobs")
            """,
            "billing/app.py": RABBIT.replace("QUEUE", '"jobs"'),
        }
    )
    assert seen.silent()
