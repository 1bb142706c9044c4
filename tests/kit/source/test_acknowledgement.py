"""When a consumer acknowledges, by the order of what its code does."""

from __future__ import annotations

import pytest
from source_trees import see

from quantafit.model import Acknowledgement

EVEN_AFTER_FAILURE = "after, even where the work failed"

PUBLISHER = """
    import pika

    def go():
        channel = pika.BlockingConnection().channel()
        channel.basic_publish("", "jobs", b"x")
"""

PIKA = """
    import pika
    import requests
    from sqlalchemy import create_engine, text
    from sqlalchemy.orm import Session

    engine = create_engine("sqlite:///billing.db")

    def save(body):
        with Session(engine) as session:
            session.execute(text("INSERT INTO jobs (body) VALUES (:b)"), {"b": body})
            session.commit()

    HANDLER

    def main():
        channel = pika.BlockingConnection().channel()
        channel.queue_declare("jobs", durable=True)
        channel.basic_consume("jobs", on_message_callback=handle)
        channel.start_consuming()
"""

HANDLERS = {
    "the work, then the acknowledgement": (
        """
    def handle(channel, method, properties, body):
        save(body)
        channel.basic_ack(delivery_tag=method.delivery_tag)
""",
        "after",
    ),
    "the channel parameter is called otherwise": (
        """
    def handle(ch, m, p, b):
        save(b)
        ch.basic_ack(m.delivery_tag)
""",
        "after",
    ),
    "the acknowledgement first": (
        """
    def handle(channel, method, properties, body):
        channel.basic_ack(delivery_tag=method.delivery_tag)
        save(body)
""",
        "before",
    ),
    "the acknowledgement in the middle": (
        """
    def handle(channel, method, properties, body):
        save(body)
        channel.basic_ack(delivery_tag=method.delivery_tag)
        requests.post("http://sysops/done")
""",
        "before",
    ),
    "acknowledged in a helper": (
        """
    def done(channel, method):
        channel.basic_ack(delivery_tag=method.delivery_tag)

    def handle(channel, method, properties, body):
        save(body)
        done(channel, method)
""",
        "after",
    ),
    "acknowledged early in a helper": (
        """
    def done(channel, method):
        channel.basic_ack(delivery_tag=method.delivery_tag)

    def handle(channel, method, properties, body):
        done(channel, method)
        save(body)
""",
        "before",
    ),
    "work where the work fails": (
        """
    def handle(channel, method, properties, body):
        try:
            save(body)
            channel.basic_ack(delivery_tag=method.delivery_tag)
        except Exception:
            requests.post("http://sysops/failed")
            channel.basic_nack(delivery_tag=method.delivery_tag, requeue=False)
""",
        "after",
    ),
    "work where the work after the acknowledgement fails": (
        """
    def handle(channel, method, properties, body):
        try:
            channel.basic_ack(delivery_tag=method.delivery_tag)
            save(body)
        except Exception:
            requests.post("http://sysops/failed")
""",
        "before",
    ),
    "rejected where the work fails": (
        """
    def handle(channel, method, properties, body):
        try:
            save(body)
        except Exception:
            channel.basic_nack(delivery_tag=method.delivery_tag, requeue=False)
        else:
            channel.basic_ack(delivery_tag=method.delivery_tag)
""",
        "after",
    ),
    "an early return for what is known already": (
        """
    def handle(channel, method, properties, body):
        if not body:
            channel.basic_ack(delivery_tag=method.delivery_tag)
            return
        save(body)
        channel.basic_ack(delivery_tag=method.delivery_tag)
""",
        "after",
    ),
    "acknowledged in finally": (
        """
    def handle(channel, method, properties, body):
        try:
            save(body)
        finally:
            channel.basic_ack(delivery_tag=method.delivery_tag)
""",
        EVEN_AFTER_FAILURE,
    ),
    "a swallowed error, then the acknowledgement": (
        """
    def handle(channel, method, properties, body):
        try:
            save(body)
        except Exception:
            print("failed")
        channel.basic_ack(delivery_tag=method.delivery_tag)
""",
        EVEN_AFTER_FAILURE,
    ),
    "acknowledged, then handed to a thread": (
        """
    import threading

    def handle(channel, method, properties, body):
        channel.basic_ack(delivery_tag=method.delivery_tag)
        threading.Thread(target=save, args=(body,)).start()
""",
        "before",
    ),
    "handed to a thread, then acknowledged": (
        """
    import threading

    def handle(channel, method, properties, body):
        threading.Thread(target=save, args=(body,)).start()
        channel.basic_ack(delivery_tag=method.delivery_tag)
""",
        "not after",
    ),
    "never acknowledged": (
        """
    def handle(channel, method, properties, body):
        save(body)
""",
        "not after",
    ),
    "a method as the handler": (
        """
    class Desk:
        def take(self, channel, method, properties, body):
            save(body)
            channel.basic_ack(method.delivery_tag)

    handle = Desk().take
""",
        "after",
    ),
    "a partial as the handler": (
        """
    from functools import partial

    def take(store, channel, method, properties, body):
        store(body)
        channel.basic_ack(method.delivery_tag)

    handle = partial(take, save)
""",
        "after",
    ),
    "a closure as the handler": (
        """
    def make(store):
        def take(channel, method, properties, body):
            channel.basic_ack(method.delivery_tag)
            store(body)
        return take

    handle = make(save)
""",
        "before",
    ),
    "the message is acknowledged by a callback of the connection": (
        """
    def handle(channel, method, properties, body):
        save(body)
        channel.connection.add_callback_threadsafe(lambda: channel.basic_ack(method.delivery_tag))
""",
        "not before",
    ),
}


def acknowledgement(files: dict[str, str]) -> str:
    """When messages are acknowledged; only an acknowledgement after work that was done is a fact to rely on."""
    receivers = [r for one in see(files).crossings() if one.target == "billing" for r in one.receivers]
    found = {(str(receiver.acknowledgement), receiver.facts["acknowledge"].value) for receiver in receivers}
    assert len(found) == 1, found
    when, relied_on = next(iter(found))
    if when == Acknowledgement.AFTER and relied_on is False:
        return EVEN_AFTER_FAILURE
    assert (when == Acknowledgement.AFTER) == (relied_on is True)
    return when


def check(seen: str, expected: str) -> None:
    if expected.startswith("not "):
        assert seen != expected.removeprefix("not ")
    else:
        assert seen == expected


@pytest.mark.parametrize("name", HANDLERS)
def test_a_pika_callback_is_judged_by_the_order_of_its_steps(name: str) -> None:
    handler, expected = HANDLERS[name]
    check(
        acknowledgement({"customer/app.py": PUBLISHER, "billing/worker.py": PIKA.replace("    HANDLER\n", handler)}),
        expected,
    )


AIO = {
    "process() around the work": (
        """
        async with message.process():
            await save(message.body)
""",
        "after",
    ),
    "work after process()": (
        """
        async with message.process():
            print("taken")
        await save(message.body)
""",
        "before",
    ),
    "ack() after the work": (
        """
        await save(message.body)
        await message.ack()
""",
        "after",
    ),
    "ack() before the work": (
        """
        await message.ack()
        await save(message.body)
""",
        "before",
    ),
    "a task, then ack()": (
        """
        asyncio.create_task(save(message.body))
        await message.ack()
""",
        "not after",
    ),
    "a swallowed error inside process()": (
        """
        async with message.process():
            try:
                await save(message.body)
            except Exception:
                print("failed")
""",
        EVEN_AFTER_FAILURE,
    ),
    "nothing that acknowledges": (
        """
        await save(message.body)
""",
        "not after",
    ),
}

AIO_PIKA = """
    import asyncio

    import aio_pika
    import httpx

    async def save(body):
        async with httpx.AsyncClient() as client:
            await client.post("http://sysops/done", content=body)

    async def handle(message: aio_pika.abc.AbstractIncomingMessage):
BODY

    async def main():
        connection = await aio_pika.connect_robust("amqp://mq")
        channel = await connection.channel()
        queue = await channel.declare_queue("jobs", durable=True)
        CONSUME
"""
CONSUME = {
    "a callback": "await queue.consume(handle)",
    "an iterator": "async with queue.iterator() as messages:\n            async for message in messages:\n"
    "                await handle(message)",
}


@pytest.mark.parametrize("way", CONSUME)
@pytest.mark.parametrize("name", AIO)
def test_an_aio_pika_handler_is_judged_by_the_order_of_its_steps(name: str, way: str) -> None:
    body, expected = AIO[name]
    text = AIO_PIKA.replace("BODY\n", body.removeprefix("\n")).replace("CONSUME", CONSUME[way])
    check(acknowledgement({"customer/app.py": PUBLISHER, "billing/worker.py": text}), expected)


WRAPPED = """
    import asyncio
    from functools import partial

    import aio_pika
    import httpx

    class Client:
        def __init__(self, handler=None):
            self.handler = handler

        async def run(self, callback=None):
            connection = await aio_pika.connect_robust("amqp://mq")
            self.channel = await connection.channel()
            queue = await self.channel.declare_queue("jobs", durable=True)
            await queue.consume(CONSUMED)

        async def _of_argument(self, message: aio_pika.IncomingMessage, callback):
            async with message.process(ignore_processed=True):
                await callback(message)

        async def _of_attribute(self, message: aio_pika.IncomingMessage):
            async with message.process(ignore_processed=True):
                await self.handler(message)

    async def save(body):
        async with httpx.AsyncClient() as client:
            await client.post("http://sysops/done", content=body)

    async def handle(message: aio_pika.IncomingMessage):
BODY

    async def main():
        await MADE
"""
WRAPPERS = {
    "given with partial": ("partial(self._of_argument, callback=callback)", "Client().run(handle)"),
    "kept in the object": ("self._of_attribute", "Client(handle).run()"),
}


@pytest.mark.parametrize("way", WRAPPERS)
@pytest.mark.parametrize("name", ["ack() after the work", "ack() before the work"])
def test_a_handler_inside_a_handler_is_judged_by_the_order_of_both(name: str, way: str) -> None:
    body, expected = AIO[name]
    consumed, made = WRAPPERS[way]
    text = WRAPPED.replace("BODY\n", body.removeprefix("\n")).replace("CONSUMED", consumed).replace("MADE", made)
    check(acknowledgement({"customer/app.py": PUBLISHER, "billing/worker.py": text}), expected)


def test_a_handler_that_is_not_annotated_is_judged_like_one_that_is() -> None:
    text = AIO_PIKA.replace("BODY\n", AIO["ack() before the work"][0].removeprefix("\n"))
    text = text.replace("message: aio_pika.abc.AbstractIncomingMessage", "message").replace(
        "CONSUME", CONSUME["a callback"]
    )
    check(acknowledgement({"customer/app.py": PUBLISHER, "billing/worker.py": text}), "before")


def test_automatic_acknowledgement_on_delivery_is_told_from_the_others() -> None:
    text = PIKA.replace("    HANDLER\n", HANDLERS["never acknowledged"][0]).replace(
        "=handle)", "=handle, auto_ack=True)"
    )
    check(acknowledgement({"customer/app.py": PUBLISHER, "billing/worker.py": text}), "auto")


def test_a_generator_of_deliveries_is_judged_by_what_follows_in_the_loop() -> None:
    loop = """
    import pika

    def main():
        channel = pika.BlockingConnection().channel()
        channel.queue_declare("jobs", durable=True)
        for method, properties, body in channel.consume("jobs"):
            WORK
    """
    for work, expected in (
        ("open('x', 'w').write(body)\n            channel.basic_ack(method.delivery_tag)", "not before"),
        ("channel.basic_ack(method.delivery_tag)\n            requests.post('http://sysops/x', data=body)", "before"),
    ):
        text = loop.replace("WORK", work).replace("import pika", "import pika\n    import requests")
        check(acknowledgement({"customer/app.py": PUBLISHER, "billing/worker.py": text}), expected)


TOPIC_PUBLISHER = """
    from kafka import KafkaProducer

    KafkaProducer().send("jobs", b"x")
"""
WORK = """
    import requests
    from confluent_kafka import Consumer
    from kafka import KafkaConsumer

    def work(message):
        requests.post("http://sysops/done")
"""
READERS = {
    "made with the object, read in a method": (
        WORK
        + """
    class Client:
        def __init__(self):
            self.consumer = KafkaConsumer("jobs", enable_auto_commit=False)

        def run(self, handler):
            for message in self.consumer:
                FIRST
                SECOND

    Client().run(work)
""",
        "self.consumer.commit()",
    ),
    "polled in a method": (
        WORK
        + """
    class Client:
        def __init__(self, topics):
            self.consumer = Consumer({"enable.auto.commit": False})
            self.consumer.subscribe(topics)

        def run(self, handler):
            while True:
                message = self.consumer.poll(1.0)
                FIRST
                SECOND

    Client(["jobs"]).run(work)
""",
        "self.consumer.commit(message)",
    ),
    "made by a function": (
        WORK
        + """
    def make():
        consumer = Consumer({"enable.auto.commit": False})
        consumer.subscribe(["jobs"])
        return consumer

    def run(handler):
        consumer = make()
        while True:
            message = consumer.poll(1.0)
            FIRST
            SECOND

    run(work)
""",
        "consumer.commit(message)",
    ),
    "kept in a global name": (
        WORK
        + """
    consumer = None
    handler = work

    def start():
        global consumer
        consumer = KafkaConsumer("jobs", enable_auto_commit=False)

    def run():
        start()
        for message in consumer:
            FIRST
            SECOND
""",
        "consumer.commit()",
    ),
}


@pytest.mark.parametrize("order", ["after", "before"])
@pytest.mark.parametrize("shape", READERS)
def test_a_consumer_that_is_read_in_another_function_is_judged_there(shape: str, order: str) -> None:
    text, commit = READERS[shape]
    steps = ("handler(message)", commit) if order == "after" else (commit, "handler(message)")
    billing = text.replace("FIRST", steps[0]).replace("SECOND", steps[1])
    check(acknowledgement({"customer/app.py": TOPIC_PUBLISHER, "billing/worker.py": billing}), order)


def test_work_after_an_early_commit_counts_wherever_it_is_done() -> None:
    text, commit = READERS["polled in a method"]
    billing = text.replace("FIRST", commit).replace("SECOND", "work(message)")
    check(acknowledgement({"customer/app.py": TOPIC_PUBLISHER, "billing/worker.py": billing}), "before")


@pytest.mark.parametrize("shape", READERS)
def test_a_commit_away_from_where_messages_are_taken_tells_no_order(shape: str) -> None:
    text, commit = READERS[shape]
    if "self." in commit:
        settle = "self.settle(message)"
        text = text.replace(
            "        def run(", f"        def settle(self, message):\n            {commit}\n\n        def run("
        )
    else:
        settle = "settle(consumer, message)"
        text = text.replace("    def run(", f"    def settle(consumer, message):\n        {commit}\n\n    def run(")
    billing = text.replace("FIRST", settle).replace("SECOND", "handler(message)")
    check(acknowledgement({"customer/app.py": TOPIC_PUBLISHER, "billing/worker.py": billing}), "not after")


CONFIGURED = """
    from confluent_kafka import Consumer

    class Client:
        def __init__(self, servers, topics):
            self.config = {"bootstrap.servers": serversMORE}
            self.consumer = Consumer(self.config)
            self.consumer.subscribe(topics)

        def run(self, handler):
            while True:
                handler(self.consumer.poll(1.0))

    Client("kafka:9092", ["jobs"]).run(print)
"""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (', "enable.auto.commit": True', "auto"),
        (', "enable.auto.commit": False', "not auto"),
        ("", "auto"),
        (', "enable.auto.commit": topics', "not auto"),
    ],
)
def test_settings_that_an_object_keeps_are_read_where_it_was_made(more: str, expected: str) -> None:
    text = CONFIGURED.replace("MORE", more)
    check(acknowledgement({"customer/app.py": TOPIC_PUBLISHER, "billing/worker.py": text}), expected)


LOGS_AFTERWARDS = """
    from kafka import KafkaConsumer

    class Work:
        def run(self, {name}=None):
            consumer = KafkaConsumer("jobs", group_id="g", enable_auto_commit=False)
            for message in consumer:
                bound = {name}.bind(offset=message.offset)
                done = self.work(message)
                consumer.commit()
                {after}

        def work(self, message):
            print(message.value)

    def main(made):
        Work().run(made)
"""
SENDS_JOBS = "from kafka import KafkaProducer\nKafkaProducer(acks='all').send('jobs', b'x')\n"


@pytest.mark.parametrize("name", ["logger", "log", "service_logger"])
@pytest.mark.parametrize("after", ["bound.bind(rows=done.rows).info('%s', done)", "bound.warning('%s', message.value)"])
def test_what_a_logger_that_is_handed_in_writes_down_is_no_work(name: str, after: str) -> None:
    taking = LOGS_AFTERWARDS.format(name=name, after=after)
    (crossing,) = see({"customer/app.py": SENDS_JOBS, "billing/app.py": taking}).crossings()
    assert crossing.acknowledgement is Acknowledgement.AFTER


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("catalog", "bound.bind(rows=done.rows).info('%s', done)"),
        ("logger", "bound.deliver(done)"),
    ],
)
def test_what_is_only_called_alike_is_work(name: str, after: str) -> None:
    taking = LOGS_AFTERWARDS.format(name=name, after=after)
    (crossing,) = see({"customer/app.py": SENDS_JOBS, "billing/app.py": taking}).crossings()
    assert crossing.acknowledgement is Acknowledgement.BEFORE
