"""When a message is acknowledged by a function that gives it away: to its caller, a loop, or another thread."""

from __future__ import annotations

import pytest
from source_trees import see

SENDERS = {
    "amqp": """
        import pika

        def go():
            pika.BlockingConnection().channel().basic_publish("", "jobs", b"x")
    """,
    "kafka": """
        from confluent_kafka import Producer

        Producer({}).produce("jobs", b"x")
    """,
    "sqs": """
        import boto3

        boto3.client("sqs").send_message(QueueUrl="https://sqs/jobs", MessageBody="x")
    """,
}

KAFKA = """
    import requests
    from confluent_kafka import Consumer

    class Client:
        def __init__(self, topics):
            self.consumer = Consumer({"enable.auto.commit": False})
            self.consumer.subscribe(topics)

        METHODS

    def work(message):
        requests.post("http://sysops/done", data=message.value())

    Client(["jobs"]).run()
"""
SQS = """
    import boto3
    import requests

    sqs = boto3.client("sqs")

    FUNCTIONS

    def forget(message):
        sqs.delete_message(QueueUrl="https://sqs/jobs", ReceiptHandle=message["ReceiptHandle"])

    def work(message):
        requests.post("http://sysops/done", data=message)

    run()
"""
PIKA = """
    import queue
    import threading
    import multiprocessing

    import pika
    import requests

    inbox = queue.Queue()

    def work(body):
        requests.post("http://sysops/done", data=body)

    def drain():
        while True:
            work(inbox.get())

    def handle(channel, method, properties, body):
        STEPS
        channel.basic_ack(method.delivery_tag)

    def main():
        threading.Thread(target=drain).start()
        channel = pika.BlockingConnection().channel()
        channel.queue_declare("jobs", durable=True)
        channel.basic_consume("jobs", on_message_callback=handle)
        channel.start_consuming()
"""


def acknowledged(sender: str, receiver: str) -> str:
    seen = see({"customer/app.py": SENDERS[sender], "billing/app.py": receiver})
    found = {str(r.acknowledgement) for one in seen.crossings() if one.target == "billing" for r in one.receivers}
    assert len(found) == 1, found
    return next(iter(found))


POLLED = {
    "returned to who works on it": (
        """
        def next(self):
            message = self.consumer.poll(1.0)
            self.consumer.commit(message)
            return message

        def run(self):
            while True:
                work(self.next())
        """,
        "before",
    ),
    "yielded after it was acknowledged": (
        """
        def each(self):
            while True:
                message = self.consumer.poll(1.0)
                self.consumer.commit(message)
                yield message

        def run(self):
            for message in self.each():
                work(message)
        """,
        "before",
    ),
    "yielded before it is acknowledged": (
        """
        def each(self):
            while True:
                message = self.consumer.poll(1.0)
                yield message
                self.consumer.commit(message)

        def run(self):
            for message in self.each():
                work(message)
        """,
        "after",
    ),
    "taken by a function for who works on it": (
        """
        def take(self):
            message = self.consumer.poll(1.0)
            return message if message is not None else None

        def run(self):
            while True:
                message = self.take()
                work(message)
                self.consumer.commit(message)
        """,
        "after",
    ),
    "taken by a function for who acknowledges first": (
        """
        def take(self):
            return self.consumer.poll(1.0)

        def run(self):
            while True:
                message = self.take()
                self.consumer.commit(message)
                work(message)
        """,
        "before",
    ),
    "taken by a function for who acknowledges and hands it on": (
        """
        def take(self):
            return self.consumer.poll(1.0)

        def next(self):
            message = self.take()
            self.consumer.commit(message)
            return message

        def run(self):
            while True:
                work(self.next())
        """,
        "before",
    ),
    "taken by a function for several": (
        """
        def take(self):
            return self.consumer.poll(1.0)

        def settle(self):
            self.consumer.commit(self.take())

        def run(self):
            while True:
                self.settle()
                work(self.take())
        """,
        "unknown",
    ),
}


@pytest.mark.parametrize("way", POLLED)
def test_messages_that_are_polled(way: str) -> None:
    methods, expected = POLLED[way]
    assert acknowledged("kafka", KAFKA.replace("        METHODS\n", methods.removeprefix("\n"))) == expected


RECEIVED = {
    "a list of them, returned": (
        """
    def receive():
        messages = sqs.receive_message(QueueUrl="https://sqs/jobs").get("Messages", [])
        for message in messages:
            forget(message)
        return messages

    def run():
        for message in receive():
            work(message)
        """,
        "before",
    ),
    "what may be one of them, returned": (
        """
    def receive():
        answer = sqs.receive_message(QueueUrl="https://sqs/jobs")
        for message in answer["Messages"]:
            forget(message)
            return message["Body"]

    def run():
        work(receive())
        """,
        "unknown",
    ),
    "how many there were, returned": (
        """
    def run():
        messages = sqs.receive_message(QueueUrl="https://sqs/jobs").get("Messages", [])
        for message in messages:
            work(message)
            forget(message)
        return len(messages)
        """,
        "after",
    ),
    "whether there were any, returned": (
        """
    def run():
        messages = sqs.receive_message(QueueUrl="https://sqs/jobs").get("Messages", [])
        for message in messages:
            work(message)
            forget(message)
        return messages != []
        """,
        "after",
    ),
    "a report, returned": (
        """
    def run():
        messages = sqs.receive_message(QueueUrl="https://sqs/jobs").get("Messages", [])
        for message in messages:
            work(message)
            forget(message)
        return {"done": True, "many": len(messages)}
        """,
        "after",
    ),
}


@pytest.mark.parametrize("way", RECEIVED)
def test_messages_that_are_received(way: str) -> None:
    functions, expected = RECEIVED[way]
    assert acknowledged("sqs", SQS.replace("    FUNCTIONS\n", functions.removeprefix("\n"))) == expected


HANDLED = {
    "put into a queue of the process": ("inbox.put(body)", "before"),
    "put there without waiting": ("inbox.put_nowait(body)", "before"),
    "given to another process": ("multiprocessing.Process(target=work, args=(body,)).start()", "before"),
    "a word put there after the work": ("work(body)\n        inbox.put('one more')", "after"),
    "worked on at once": ("work(body)", "after"),
}


@pytest.mark.parametrize("way", HANDLED)
def test_messages_that_a_handler_takes(way: str) -> None:
    steps, expected = HANDLED[way]
    assert acknowledged("amqp", PIKA.replace("STEPS", steps)) == expected


def test_what_a_handler_returns_is_given_to_nobody() -> None:
    text = PIKA.replace("STEPS", "work(body)").replace(
        "channel.basic_ack(method.delivery_tag)\n", "channel.basic_ack(method.delivery_tag)\n        return body\n"
    )
    assert acknowledged("amqp", text) == "after"


TABLE = """
    import pika
    import requests

    class Route:
        def __init__(self, key, handler):
            self.key = key
            self.handler = handler

    class Taker:
        def __init__(self):
            self.table = {}

        def fill(self, routes):
            for route in routes:
                self.table[route.key] = route.handler

        def dispatch(self, channel, method, properties, body):
            handler = self.table[method.routing_key]
            handler(channel, method, properties, body)

        def listen(self):
            channel = pika.BlockingConnection().channel()
            channel.queue_declare("jobs", durable=True)
            channel.basic_consume("jobs", self.dispatch)
            channel.start_consuming()

    def made(where):
        def handle(channel, method, properties, body):
            FIRST
            SECOND
        return handle

    taker = Taker()
    taker.fill([Route("jobs", made("http://sysops/done"))])
    taker.listen()
"""
ACKNOWLEDGES, WORKS = "channel.basic_ack(method.delivery_tag)", "requests.post(where, data=body)"


@pytest.mark.parametrize(
    ("first", "second", "expected"), [(WORKS, ACKNOWLEDGES, "after"), (ACKNOWLEDGES, WORKS, "before")]
)
def test_a_handler_that_is_looked_up_in_a_table_is_judged(first: str, second: str, expected: str) -> None:
    assert acknowledged("amqp", TABLE.replace("FIRST", first).replace("SECOND", second)) == expected


LOOP = """
    import asyncio

    import aio_pika
    import requests

    async def handle(message):
        FIRST
        SECOND

    async def consume(handler):
        connection = await aio_pika.connect_robust("amqp://mq")
        channel = await connection.channel()
        queue = await channel.declare_queue("jobs", durable=True)
        async with queue.iterator() as messages:
            async for message in messages:
                CALLED

    asyncio.run(consume(handle))
"""
POSTS, ACKS = 'requests.post("http://sysops/done", data=message.body)', "await message.ack()"


@pytest.mark.parametrize(
    "called",
    [
        "await handler(message)",
        "asyncio.create_task(handler(message))",
        "asyncio.get_running_loop().create_task(handler(message))",
    ],
)
@pytest.mark.parametrize(("first", "second", "expected"), [(POSTS, ACKS, "after"), (ACKS, POSTS, "before")])
def test_a_handler_that_a_loop_over_messages_is_given_is_judged(
    called: str, first: str, second: str, expected: str
) -> None:
    text = LOOP.replace("CALLED", called).replace("FIRST", first).replace("SECOND", second)
    assert acknowledged("amqp", text) == expected


def test_a_handler_that_never_acknowledges_tells_nothing() -> None:
    text = LOOP.replace("CALLED", "await handler(message)").replace("FIRST", POSTS).replace("SECOND", "pass")
    assert acknowledged("amqp", text) == "unknown"
