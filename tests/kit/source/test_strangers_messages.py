"""Shapes of messaging in public systems of several services: what the ways of one code base hide from a reader."""

from __future__ import annotations

import pytest
from source_trees import BILLING_CONSUMES_JOBS, Seen, see

KAFKA_TAKES = """
    from kafka import KafkaConsumer

    for message in KafkaConsumer("jobs", group_id="billing"):
        print(message)
"""

CHOICES = """
    from django.db.models import TextChoices

    class Topics(TextChoices):
        JOBS = "jobs", "Jobs to be done"
        LETTERS = "letters"

    class Others(TextChoices):
        BILLS = "bills"
"""


def sends_to_jobs(topics: str) -> Seen:
    return see(
        {
            "customer/streaming.py": """
                import json
                from confluent_kafka.cimpl import Producer
                from customer.topics import Topics

                class Streaming:
                    def __init__(self):
                        self.producer = Producer({"bootstrap.servers": "kafka:9092"})

                    def made(self, job):
                        self.producer.produce(topic=Topics.JOBS, key="made", value=json.dumps(job))  # SITE
                """,
            "customer/topics.py": CHOICES,
            "customer/app.py": "from customer.streaming import Streaming\n\nStreaming().made({})\n",
            "billing/topics.py": CHOICES,
            "billing/worker.py": f"""
                from confluent_kafka import Consumer
                from billing.topics import Others, Topics

                class Worker:
                    def __init__(self):
                        self.consumer = Consumer({{"bootstrap.servers": "kafka:9092", "group.id": "billing"}})
                        self.consumer.subscribe({topics})

                    def run(self):
                        while True:
                            print(self.consumer.poll(1))

                Worker().run()
                """,
        }
    )


@pytest.mark.parametrize(
    "topics",
    [
        "Topics.values",
        "[value for value, label in Topics.choices]",
        "[topic.value for topic in Topics]",
        "[topic.value for topic in Topics.__members__.values()]",
    ],
)
def test_the_values_of_an_enumeration_are_names_of_channels(topics: str) -> None:
    seen = sends_to_jobs(topics)
    assert seen.sites("billing") == seen.marked("SITE")
    assert seen.unresolved() == []


@pytest.mark.parametrize("topics", ["Others.values", "[Topics.LETTERS]"])
def test_the_values_of_another_enumeration_are_other_channels(topics: str) -> None:
    seen = sends_to_jobs(topics)
    assert seen.sites("billing") == set()
    assert seen.sites(None) == seen.marked("SITE")
    assert seen.unresolved() == []


THREAD_OF_A_LIBRARY = """
    import threading
    import redis

    class Store:
        def __init__(self):
            self.redis = redis.StrictRedis(host="redis")

        def publish(self, topic, **entity):
            self.redis.xadd(f"events:{{topic}}", entity)

        def subscribe(self, topic, handler):
            reader = Reader(topic, handler, self.redis)
            {starts}

    class Reader(threading.Thread):
        def __init__(self, topic, handler, redis):
            super().__init__()
            self.key = "events:{{}}".format(topic)
            self.handler = handler
            self.redis = redis

        def run(self):
            for stream, events in self.redis.xread({{self.key: "$"}}, block=1000):
                for key, event in events:
                    self.handler(event)

        def of_no_use(self):
            self.redis.xread({{"events:unused": "$"}})
"""


def store_events(subscribes: str) -> Seen:
    return see(
        {
            "shared/store.py": THREAD_OF_A_LIBRARY.format(starts="reader.start()"),
            "customer/app.py": """
                from shared.store import Store

                Store().publish("jobs", name="x")  # SITE
                """,
            "sysops/app.py": 'from shared.store import Store\n\nStore().publish("unused", name="x")  # UNUSED\n',
            "billing/app.py": f"""
                from shared.store import Store

                {subscribes}
                """,
        }
    )


def test_a_thread_of_shared_code_runs_for_the_quantum_that_makes_it() -> None:
    seen = store_events('Store().subscribe("jobs", print)')
    assert seen.sites("billing") == seen.marked("SITE")
    assert seen.sites("billing", "sysops") == set()


@pytest.mark.parametrize("subscribes", ["Store()", 'Store().subscribe("letters", print)'])
def test_a_thread_that_nobody_makes_or_makes_for_another_channel_takes_nothing(subscribes: str) -> None:
    seen = store_events(subscribes)
    assert seen.sites("billing") == set()
    assert seen.unresolved() == []


def test_a_worker_of_shared_code_that_a_quantum_extends_takes_for_that_quantum() -> None:
    seen = see(
        {
            "customer/app.py": 'import redis\n\nredis.Redis().rpush("jobs", "x")  # SITE\n',
            "shared/worker.py": """
                import multiprocessing
                import redis

                class Worker(multiprocessing.Process):
                    queue = None

                    def run(self):
                        while True:
                            self.work(redis.Redis().blpop(self.queue))
                """,
            "billing/app.py": """
                from shared.worker import Worker

                class Jobs(Worker):
                    queue = "jobs"

                    def work(self, job):
                        print(job)

                Jobs().start()
                """,
            "sysops/app.py": "from shared.worker import Worker\n\nprint(Worker)\n",
        }
    )
    assert seen.sites("billing") == seen.marked("SITE")
    assert seen.to() == {"billing"}


EXCHANGE_FROM_ELSEWHERE = """
    import asyncio
    import aio_pika

    class Orders:
        def __init__(self, exchange: aio_pika.abc.AbstractExchange):
            self.exchange = exchange

        async def setup(self):
            channel = self.exchange.channel
            queue = await channel.declare_queue("billing_jobs", durable={durable})
            await queue.bind(exchange=self.exchange, routing_key="{key}")
            await queue.consume(self.work)

        async def work(self, message: aio_pika.IncomingMessage):
            async with message.process():
                print(message.body)

    async def main():
        connection = await aio_pika.connect_robust("amqp://mq/")
        channel = await connection.channel()
        exchange = await channel.declare_exchange("shop", aio_pika.ExchangeType.TOPIC, durable=True)
        await Orders(exchange).setup()

    asyncio.run(main())
"""
SENDS_TO_EXCHANGE = """
    import aio_pika

    async def go():
        connection = await aio_pika.connect_robust("amqp://mq/")
        channel = await connection.channel()
        exchange = await channel.declare_exchange("shop", aio_pika.ExchangeType.TOPIC, durable=True)
        await exchange.publish(  # SITE
            aio_pika.Message(b"x", delivery_mode=aio_pika.DeliveryMode.PERSISTENT), routing_key="order.made"
        )
"""


@pytest.mark.parametrize("durable", [True, False])
def test_an_exchange_knows_its_channel(durable: bool) -> None:
    takes = EXCHANGE_FROM_ELSEWHERE.format(durable=durable, key="order.*")
    seen = see({"customer/app.py": SENDS_TO_EXCHANGE, "billing/worker.py": takes})
    assert seen.sites("billing") == seen.marked("SITE")
    assert [one.durable for one in seen.crossings()] == [durable]
    assert seen.unresolved() == seen.unresolved(quantum="billing") == []


def test_an_exchange_of_another_key_reaches_nobody() -> None:
    takes = EXCHANGE_FROM_ELSEWHERE.format(durable=True, key="letter.*")
    seen = see({"customer/app.py": SENDS_TO_EXCHANGE, "billing/worker.py": takes})
    assert seen.sites("billing") == set()


@pytest.mark.parametrize("bases", ["DeclarativeBase", "AsyncAttrs, DeclarativeBase"])
def test_making_the_tables_of_a_declarative_base_hands_a_connection_to_nothing_unknown(bases: str) -> None:
    seen = see(
        {
            "customer/app.py": f"""
                from sqlalchemy.ext.asyncio import AsyncAttrs, create_async_engine
                from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

                engine = create_async_engine("postgresql+asyncpg://db/shop")

                class Base({bases}):
                    pass

                class Order(Base):
                    __tablename__ = "orders"
                    id: Mapped[int] = mapped_column(primary_key=True)

                async def main():
                    async with engine.begin() as connection:
                        await connection.run_sync(Base.metadata.create_all)
                """,
        }
    )
    assert seen.unresolved() == []


def test_a_thread_runs_with_what_it_was_made_with_and_with_nothing_else() -> None:
    """Two arguments of two threads belong together: their mixtures are channels that nobody takes from."""
    seen = see(
        {
            "shared/bus.py": """
                import threading
                import redis

                class Bus:
                    def __init__(self):
                        self.redis = redis.Redis()

                    def subscribe(self, topic, action):
                        reader = Reader(topic, action, self.redis)
                        reader.start()

                class Reader(threading.Thread):
                    def __init__(self, topic, action, redis):
                        super(Reader, self).__init__()
                        self.key = "events:{{{0}}}_{1}".format(topic, action)
                        self.redis = redis

                    def run(self):
                        while True:
                            for stream, events in self.redis.xread({self.key: "$"}):
                                print(events)
                """,
            "customer/app.py": """
                import redis

                redis.Redis().xadd("events:{job}_made", {"a": 1})  # SITE
                redis.Redis().xadd("events:{bill}_paid", {"a": 1})  # SITE
                redis.Redis().xadd("events:{job}_paid", {"a": 1})
                redis.Redis().xadd("events:{bill}_made", {"a": 1})
                """,
            "billing/app.py": """
                from shared.bus import Bus

                bus = Bus()
                bus.subscribe("job", "made")
                bus.subscribe("bill", "paid")
                """,
        }
    )
    assert seen.sites("billing") == seen.marked("SITE")
    assert seen.unresolved() == seen.unresolved(quantum="billing") == []


@pytest.mark.parametrize("elsewhere", ["admin/config/__init__.py", "admin/config.py", "sysops/config.py"])
def test_a_script_means_the_module_beside_it_before_one_in_a_folder_that_is_nobodys(elsewhere: str) -> None:
    seen = see(
        {
            "customer/app.py": 'from kafka import KafkaProducer\n\nKafkaProducer().send("jobs", b"x")  # SITE\n',
            "billing/__init__.py": "",
            "billing/config.py": """
                class Settings:
                    topic = "jobs"

                settings = Settings()
                """,
            "billing/main.py": """
                from config import settings
                from kafka import KafkaConsumer

                KafkaConsumer(settings.topic)
                """,
            elsewhere: "class Settings:\n    name = 'admin'\n\nsettings = Settings()\n",
        }
    )
    assert seen.sites("billing") == seen.marked("SITE")


COMPOSE = """
services:
  customer:
    build: customer
    env_file: [.env]
  billing:
    build: billing
    env_file: [.env]
"""
BY_VARIABLE = """
    import os
    import pika

    channel = pika.BlockingConnection().channel()
"""


def queue_of_a_variable(model: str) -> Seen:
    return see(
        {
            "compose.yaml": COMPOSE,
            ".env.sample": model,
            "customer/app.py": BY_VARIABLE + '    channel.basic_publish("", os.environ["JOBS_QUEUE"], b"x")  # SITE\n',
            "billing/worker.py": BY_VARIABLE + '    channel.basic_consume(os.environ["TAKEN"], print)\n',
        }
    )


def test_a_file_to_copy_tells_what_the_file_that_is_not_there_would_and_proves_nothing() -> None:
    seen = queue_of_a_variable("JOBS_QUEUE=jobs\nTAKEN=jobs\n")
    assert seen.sites("billing") == seen.marked("SITE")
    assert any("for people to copy" in one.why for one in seen.unresolved())


@pytest.mark.parametrize("model", ["JOBS_QUEUE=jobs\nTAKEN=letters\n", ""])
def test_a_file_to_copy_that_names_another_queue_joins_nothing(model: str) -> None:
    seen = queue_of_a_variable(model)
    assert seen.sites("billing") == set()
    assert seen.unresolved()


POOL = """
    import asyncio
    import aio_pika

    class Pool:
        def __init__(self):
            self.connections = []

        async def fill(self):
            self.connections.append(await aio_pika.connect_robust("amqp://mq"))

        async def take(self):
            return self.connections.pop()

        async def give_back(self, connection):
            self.connections.append(connection)

    class Worker:
        def __init__(self):
            self.connection = None
            self.pool = Pool()

        async def main(self):
            await self.pool.fill()
            self.connection = await self.pool.take()
            try:
                channel = await self.connection.channel()
                queue = await channel.declare_queue("jobs", durable=True)
                await queue.consume(self.work)
            finally:
                await self.pool.give_back(self.connection)

        async def work(self, message):
            async with message.process():
                print(message.body)

    asyncio.run(Worker().main())
"""


ONE_OF_SEVERAL = """
                queues = {}
                for name in ("jobs", "letters"):
                    dead = await channel.declare_queue(f"{name}.dead", durable=True)
                    queues[f"{name}.dead"] = dead
                    queue = await channel.declare_queue(name, durable=True)
                    queues[name] = queue
                queue = queues["jobs"]
"""
DECLARED = """
                queue = await channel.declare_queue("jobs", durable=True)
"""


@pytest.mark.parametrize("pool", [POOL, POOL.replace(DECLARED, ONE_OF_SEVERAL)], ids=["a queue", "one of several"])
def test_what_is_taken_from_a_pool_and_given_back_is_still_a_connection(pool: str) -> None:
    sends = 'import pika\n\npika.BlockingConnection().channel().basic_publish("", "jobs", b"x")  # SITE\n'
    seen = see({"customer/app.py": sends, "billing/worker.py": pool})
    assert seen.sites("billing") == seen.marked("SITE")


def test_a_consumer_on_something_unknown_is_not_silent() -> None:
    takes = """
        import aio_pika

        async def main(queues, name):
            await queues[name].consume(print)
        """
    assert [one.what for one in see({"customer/app.py": takes}).unresolved()] == [".consume(…)"]


CONSUMER_IN_A_CLASS = """
    from confluent_kafka import Consumer

    class Jobs:
        def __init__(self, config):
            self.consumer = Consumer(config)

        def consume(self, topic, work):
            self.consumer.subscribe([topic])
            try:
                while True:
                    message = self.consumer.poll(1.0)
                    work(message.value())
                    self.consumer.commit(message)
            finally:
                {ends}

    def save(body):
        open("jobs", "a").write(body)

    Jobs({{"enable.auto.commit": False, "group.id": "billing"}}).consume("jobs", save)
"""


@pytest.mark.parametrize(
    ("ends", "expected"), [("self.consumer.close()", "after"), ("open('jobs', 'a').write('no more')", "before")]
)
def test_a_consumer_that_is_closed_in_the_end_has_acknowledged_after_its_work(ends: str, expected: str) -> None:
    sends = 'from kafka import KafkaProducer\n\nKafkaProducer().send("jobs", b"x")  # SITE\n'
    seen = see({"customer/app.py": sends, "billing/worker.py": CONSUMER_IN_A_CLASS.format(ends=ends)})
    assert [str(one.acknowledgement) for one in seen.crossings()] == [expected]


ASKS = """
    import uuid
    import aio_pika

    class Asker:
        channel = None
        futures = {{}}

        def answered(self, message):
            self.futures.pop(message.correlation_id).set_result(message.body)

        async def ask(self, name):
            replies = await self.channel.declare_queue(exclusive=True)
            await replies.consume(self.answered)
            number = str(uuid.uuid4())
            future = self.channel.loop.create_future()
            self.futures[number] = future
            message = aio_pika.Message(b"x", correlation_id=number, reply_to=replies.name)
            await self.channel.default_exchange.publish(message, routing_key=name)
            {then}

    asker = Asker()

    async def start():
        connection = await aio_pika.connect_robust("amqp://mq/")
        asker.channel = await connection.channel()

    async def go():
        await start()
        return await asker.ask("jobs")  # SITE
"""


@pytest.mark.parametrize(("then", "waits"), [("return await future", True), ("return number", False)])
def test_who_waits_for_the_future_of_a_channels_loop_waits_for_the_answer(then: str, waits: bool) -> None:
    seen = see({"customer/app.py": ASKS.format(then=then), "billing/worker.py": BILLING_CONSUMES_JOBS})
    assert seen.sites("billing") == seen.marked("SITE")
    assert [str(one.communication) == "synchronous" for one in seen.crossings()] == [waits]


HANDED_OVER = """
    import tornado.web
    from kafka import KafkaProducer

    class Sender:
        def __init__(self, topic):
            self.topic = topic
            self.producer = KafkaProducer()

        def send(self, message):
            self.producer.send(self.topic, message)

    class Ask(tornado.web.RequestHandler):
        def post(self):
            self.application.ATTRIBUTE(self.request.body)  # SITE

    class Program(tornado.web.Application):
        def __init__(self):
            tornado.web.Application.__init__(self, [("/ask", Ask)])
            self.jobs = Sender("jobs")
            self.letters = Sender("letters")

    Program().listen(8000)
"""


@pytest.mark.parametrize(("attribute", "target"), [("jobs.send", "billing"), ("letters.send", None)])
def test_what_a_framework_hands_over_as_its_own_is_an_object_of_the_class_that_extends_it(
    attribute: str, target: str | None
) -> None:
    program = HANDED_OVER.replace("ATTRIBUTE", attribute)
    seen = see({"customer/app.py": program, "billing/worker.py": KAFKA_TAKES})
    sites = {str(one.site) for one in seen.crossings(mechanism="kafka") if one.target == target}
    assert seen.marked("SITE") == sites
    assert seen.unresolved() == []
