"""Further clients of brokers: each is joined to its consumer, with what its defaults leave to a restart."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from source_trees import Seen, see


@dataclass(frozen=True)
class Case:
    """A publisher (``# SITE``), a consumer, and what is expected of the crossing between them."""

    sends: str
    receives: str
    durable: object
    confirmed: object
    acknowledgement: str = "after"
    communication: str = "asynchronous"

    def seen(self) -> Seen:
        return see({"customer/app.py": self.sends, "billing/worker.py": self.receives})


STORM = Case(
    """
    from amqpstorm import Connection, Message

    def go():
        with Connection("rabbit", "guest", "guest") as connection, connection.channel() as channel:
            channel.queue.declare("jobs", durable=True)
            Message.create(channel, "x", {"delivery_mode": 2}).publish("jobs")  # SITE
    """,
    """
    from amqpstorm import Connection

    def work(message):
        print(message.body)
        message.ack()

    def main():
        channel = Connection("rabbit", "guest", "guest").channel()
        channel.queue.declare("jobs", durable=True)
        channel.basic.consume(work, "jobs", no_ack=False)
        channel.start_consuming()
    """,
    True,
    False,
)
AIORMQ = Case(
    """
    import aiormq

    class Bus:
        async def connect(self):
            self.channel = await (await aiormq.connect("amqp://rabbit")).channel()

        async def send(self, name):
            properties = aiormq.spec.Basic.Properties(delivery_mode=2)
            await self.channel.basic_publish(b"x", routing_key=name, properties=properties)

    bus = Bus()

    async def go():
        await bus.send("jobs")  # SITE
    """,
    """
    import aiormq

    async def work(message):
        print(message.body)
        await message.channel.basic_ack(message.delivery.delivery_tag)

    async def main():
        channel = await (await aiormq.connect("amqp://rabbit")).channel()
        declared = await channel.queue_declare("jobs", durable=True)
        await channel.basic_consume(declared.queue, work)
    """,
    True,
    True,
)
PY_AMQP = Case(
    """
    import amqp

    def go():
        with amqp.Connection("rabbit") as connection:
            connection.channel().basic_publish(amqp.Message("x", delivery_mode=2), routing_key="jobs")  # SITE
    """,
    """
    import amqp

    def main():
        with amqp.Connection("rabbit") as connection:
            channel = connection.channel()
            channel.queue_declare("jobs", durable=True, auto_delete=False)

            def work(message):
                print(message.body)
                channel.basic_ack(message.delivery_tag)

            channel.basic_consume(queue="jobs", callback=work)
            connection.drain_events()
    """,
    True,
    False,
)
PROPAN = Case(
    """
    from propan import RabbitBroker

    broker = RabbitBroker("amqp://rabbit")

    async def go():
        await broker.publish("x", "jobs", persist=True)  # SITE
    """,
    """
    from propan import RabbitBroker
    from propan.brokers.rabbit import RabbitQueue

    broker = RabbitBroker("amqp://rabbit")

    @broker.handle(RabbitQueue("jobs", durable=True))
    async def work(body):
        print(body)
    """,
    True,
    True,
)
MASTER = Case(
    """
    import aio_pika
    from aio_pika.patterns import Master

    async def go():
        channel = await (await aio_pika.connect_robust("amqp://rabbit")).channel()
        master = Master(channel)
        await master.create_task("jobs", kwargs={"card": 1})  # SITE
        await master.proxy.jobs(card=1)  # SITE
    """,
    """
    import aio_pika
    from aio_pika.patterns import Master

    async def work(*, card):
        print(card)

    async def main():
        channel = await (await aio_pika.connect_robust("amqp://rabbit")).channel()
        await Master(channel).create_worker("jobs", work, durable=True)
    """,
    True,
    True,
)
RPC = Case(
    MASTER.sends.replace("master = Master(channel)", "master = await RPC.create(channel)")
    .replace("import Master", "import RPC")
    .replace("create_task", "call"),
    MASTER.receives.replace("import Master", "import RPC").replace(
        'Master(channel).create_worker("jobs", work, durable=True)',
        '(await RPC.create(channel)).register("jobs", work)',
    ),
    False,
    True,
    communication="synchronous",
)
PGQUEUER = Case(
    """
    import asyncpg
    from pgqueuer.db import AsyncpgDriver
    from pgqueuer.queries import Queries

    async def go():
        queries = Queries(AsyncpgDriver(await asyncpg.connect("postgresql://db/x")))
        await queries.enqueue(["charge"], [b"x"], [0])  # SITE
    """,
    """
    import asyncpg
    from pgqueuer import PgQueuer
    from pgqueuer.db import AsyncpgDriver

    async def main():
        worker = PgQueuer(AsyncpgDriver(await asyncpg.connect("postgresql://db/x")))

        @worker.entrypoint("charge")
        async def charge(job):
            print(job.payload)

        return worker
    """,
    True,
    True,
)
PGMQ = Case(
    """
    from tembo_pgmq_python import PGMQueue

    queue = PGMQueue(host="db")

    def go():
        queue.send("jobs", {"a": 1})  # SITE
    """,
    """
    from tembo_pgmq_python import PGMQueue

    def main():
        queue = PGMQueue(host="db")
        message = queue.read("jobs")
        print(message.message)
        queue.archive("jobs", message.msg_id)
    """,
    True,
    True,
)
DRAMATIQ = Case(
    """
    import dramatiq
    from dramatiq.brokers.redis import RedisBroker

    dramatiq.set_broker(RedisBroker(host="redis"))

    @dramatiq.actor(actor_name="charge")
    def charge(card): ...

    def go():
        charge.send(7)  # SITE
    """,
    """
    import dramatiq

    @dramatiq.actor(actor_name="charge")
    def charge(card):
        print(card)
    """,
    "unknown",
    "unknown",
)
HUEY = Case(
    """
    from huey import SqliteHuey

    huey = SqliteHuey("shop")

    @huey.task(name="charge")
    def charge(card): ...

    def go():
        charge(7)  # SITE
    """,
    """
    from huey import SqliteHuey

    huey = SqliteHuey("shop")

    @huey.task(name="charge")
    def charge(card):
        print(card)
    """,
    True,
    True,
    "auto",
)
KOMBU = Case(
    """
    from kombu import Connection

    def go():
        with Connection("memory://") as connection:
            connection.SimpleQueue("jobs").put({"a": 1})  # SITE
    """,
    """
    from kombu import Connection

    def main():
        with Connection("memory://") as connection:
            message = connection.SimpleQueue("jobs").get(block=True)
            print(message.payload)
            message.ack()
    """,
    False,
    False,
)


def _but(case: Case, old: str, new: str, *, sends: bool = True, durable: object = False, **more: object) -> Case:
    """The same system with one thing changed."""
    texts = {"sends": case.sends, "receives": case.receives}
    side = "sends" if sends else "receives"
    assert old in texts[side]
    texts[side] = texts[side].replace(old, new)
    told = {"confirmed": case.confirmed, "acknowledgement": case.acknowledgement, "communication": case.communication}
    return Case(**texts, durable=durable, **(told | more))  # type: ignore[arg-type]


CASES = {
    "amqpstorm": STORM,
    "amqpstorm, transient": _but(STORM, '"delivery_mode": 2', ""),
    "amqpstorm, acknowledged on delivery": _but(
        STORM, "no_ack=False", "no_ack=True", sends=False, durable=True, acknowledgement="auto"
    ),
    "amqpstorm, the queue that was declared": _but(
        STORM,
        'channel.queue.declare("jobs", durable=True)\n        channel.basic.consume(work, "jobs", no_ack=False)',
        'made = channel.queue.declare("jobs", durable=True)\n        channel.basic.consume(work, made["queue"])',
        sends=False,
        durable=True,
    ),
    "aiormq": AIORMQ,
    "aiormq, transient": _but(AIORMQ, "delivery_mode=2", ""),
    "aiormq, no confirms": _but(
        AIORMQ, ").channel()", ").channel(publisher_confirms=False)", durable=True, confirmed=False
    ),
    "aiormq, a transient queue": _but(AIORMQ, ", durable=True", "", sends=False),
    "py-amqp": PY_AMQP,
    "py-amqp, deleted with its consumer": _but(PY_AMQP, ", auto_delete=False", "", sends=False),
    "py-amqp, confirmed": _but(PY_AMQP, '"rabbit"', '"rabbit", confirm_publish=True', durable=True, confirmed=True),
    "Propan": PROPAN,
    "Propan, transient": _but(PROPAN, ", persist=True", ""),
    "Propan, a plain queue": _but(PROPAN, 'RabbitQueue("jobs", durable=True)', '"jobs"', sends=False),
    "Propan, waiting for the answer": _but(
        PROPAN, "persist=True", "persist=True, callback=True", durable=True, communication="synchronous"
    ),
    "aio-pika's master": MASTER,
    "aio-pika's master, a transient queue": _but(MASTER, ", durable=True", "", sends=False),
    "aio-pika's RPC": RPC,
    "pgqueuer": PGQUEUER,
    "pgmq": PGMQ,
    "pgmq, taken and forgotten": _but(
        PGMQ, ".read(", ".pop(", sends=False, durable=True, acknowledgement="auto"
    ),
    "dramatiq with Redis": DRAMATIQ,
    "dramatiq with RabbitMQ": _but(
        DRAMATIQ, "redis import", "rabbitmq import RabbitmqBroker as", durable=True, confirmed=False
    ),
    "dramatiq in memory": _but(
        DRAMATIQ, "redis import", "stub import StubBroker as", confirmed=False
    ),
    "huey": HUEY,
    "huey, in process": _but(HUEY, '"shop"', '"shop", immediate=True', confirmed=False),
    "kombu in memory": KOMBU,
    "kombu with RabbitMQ": _but(KOMBU, "memory://", "amqp://rabbit", durable=True),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_message_goes_to_whoever_takes_it(name: str) -> None:
    case = CASES[name]
    seen = case.seen()
    crossings = [one for one in seen.crossings() if one.target == "billing"]
    assert {str(one.site) for one in crossings} == seen.marked()
    for crossing in crossings:
        assert (crossing.durable, crossing.delivery["confirm"].value) == (case.durable, case.confirmed)
        assert crossing.acknowledgement == case.acknowledgement
        assert crossing.communication == case.communication
    assert seen.unresolved() == []


def test_an_unlogged_table_of_pgqueuer_keeps_nothing() -> None:
    files = {"customer/app.py": PGQUEUER.sends, "billing/worker.py": PGQUEUER.receives}
    (crossing,) = see(files | {".env": "PGQUEUER_DURABILITY=volatile\n"}).crossings()
    assert crossing.durable is False


def test_the_result_of_a_django_q_task_is_waited_for() -> None:
    seen = see(
        {
            "customer/app.py": """
                from django_q.tasks import async_task, result

                def go():
                    return result(async_task("billing.worker.charge", 1), 200)  # SITE
                """
        }
    )
    assert {str(one.place) for one in seen.unresolved("request")} == seen.marked()


LOOK_ALIKES = {
    "the queue of another": STORM.sends.replace('publish("jobs")', 'publish("letters")'),
    "a queue in the process": """
        import asyncio
        import queue

        jobs = queue.Queue()
        later = asyncio.Queue()

        async def go():
            jobs.put("x")
            await later.put("x")
        """,
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a_look_alike_reaches_nobody(name: str) -> None:
    assert see({"customer/app.py": LOOK_ALIKES[name], "billing/worker.py": STORM.receives}).to() == set()


WORKER = """
    import pika

    def work(channel, method, properties, body):
        print(body)
        channel.basic_ack(method.delivery_tag)

    def main():
        channel = pika.BlockingConnection().channel()
        channel.queue_declare("jobs", durable=True)
        channel.basic_consume("jobs", work)
    """
BY_OTHER_WAYS = {
    "a pool of aio-pika": """
        import aio_pika
        from aio_pika.pool import Pool

        async def connection():
            return await aio_pika.connect_robust("amqp://rabbit")

        connections = Pool(connection, max_size=2)

        async def channel():
            async with connections.acquire() as connection:
                return await connection.channel()

        channels = Pool(channel, max_size=10)

        async def go():
            async with channels.acquire() as channel:
                message = aio_pika.Message(b"x", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
                await channel.default_exchange.publish(message, "jobs")  # SITE
        """,
    "pika's callbacks": """
        import pika
        from pika.adapters.asyncio_connection import AsyncioConnection

        class Publisher:
            def __init__(self):
                self.connection = AsyncioConnection(pika.URLParameters("amqp://rabbit"), on_open_callback=self.opened)

            def opened(self, connection):
                connection.channel(on_open_callback=self.ready)

            def ready(self, channel):
                self.channel = channel
                self.channel.confirm_delivery(print)

            def send(self, body):
                properties = pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent)
                self.channel.basic_publish("", "jobs", body, properties)  # SITE

        def go():
            Publisher().send("x")
        """,
}


@pytest.mark.parametrize("name", BY_OTHER_WAYS)
def test_a_channel_that_is_handed_out_or_called_back_with_is_followed(name: str) -> None:
    seen = see({"customer/app.py": BY_OTHER_WAYS[name], "billing/worker.py": WORKER})
    (crossing,) = seen.crossings()
    assert (crossing.target, str(crossing.site)) == ("billing", *seen.marked())
    assert (crossing.durable, crossing.delivery["confirm"].value) == (True, True)
    assert seen.unresolved() == []


def test_what_a_redis_sentinel_hands_out_is_a_client() -> None:
    seen = see(
        {
            "customer/app.py": """
                from redis.asyncio.sentinel import Sentinel as Awaited
                from redis.sentinel import Sentinel

                async def go():
                    Sentinel([("sentinel", 26379)]).master_for("main").publish("jobs", "x")  # SITE
                    await Awaited([("sentinel", 26379)]).master_for("main").publish("jobs", "x")  # SITE
                """,
            "billing/worker.py": """
                import redis

                def main():
                    pubsub = redis.Redis().pubsub()
                    pubsub.subscribe("jobs")
                    for message in pubsub.listen():
                        print(message)
                """,
        }
    )
    assert seen.sites("billing", mechanism="redis") == seen.marked()


def test_the_redis_of_a_flask_application_is_a_client() -> None:
    seen = see(
        {
            "customer/app.py": """
                from flask import Flask
                from flask_caching import Cache
                from flask_redis import FlaskRedis

                cache = Cache()
                redis = FlaskRedis()
                app = Flask(__name__)
                redis.init_app(app)

                @app.post("/jobs")
                def made():
                    redis.set("last", "x")
                    redis.publish("jobs", "x")  # SITE
                    return cache.get("jobs")
                """,
            "billing/worker.py": """
                import redis

                def main():
                    pubsub = redis.Redis().pubsub()
                    pubsub.subscribe("jobs")
                    for message in pubsub.listen():
                        print(message)
                """,
        }
    )
    assert seen.sites("billing", mechanism="redis") == seen.marked()
    assert [one.durable for one in seen.crossings(mechanism="redis")] == [False]
    assert seen.unresolved() == []
