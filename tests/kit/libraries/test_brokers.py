"""Brokers other than AMQP's: publisher and consumer are joined, and what the library guarantees is told."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from source_trees import Seen, see


@dataclass(frozen=True)
class Case:
    """A publisher (``# SITE``), a consumer, and what is expected of the crossing between them."""

    mechanism: str
    sends: str
    receives: str
    durable: object
    acknowledgement: str | None
    communication: str = "asynchronous"

    def seen(self) -> Seen:
        return see({"customer/app.py": self.sends, "billing/worker.py": self.receives})


CASES = {
    "redis pub/sub keeps nothing": Case(
        "redis",
        """
        import redis

        r = redis.Redis(host="cache")

        def go():
            r.publish("jobs", "x")  # SITE
        """,
        """
        import redis

        def main():
            pubsub = redis.from_url("redis://cache").pubsub(ignore_subscribe_messages=True)
            pubsub.subscribe("letters", "jobs")
            for message in pubsub.listen():
                print(message["data"])
        """,
        False,
        "auto",
    ),
    "a redis list that is popped": Case(
        "redis",
        """
        from redis.asyncio import Redis

        async def go():
            redis = Redis.from_url("redis://cache")
            await redis.rpush("jobs", "x")  # SITE
        """,
        """
        import redis

        def main():
            client = redis.StrictRedis()
            while True:
                key, value = client.blpop("jobs")
                print(value)
        """,
        "unknown",
        "auto",
    ),
    "a redis stream with a group": Case(
        "redis",
        """
        import redis

        def go():
            redis.Redis().xadd("jobs", {"card": "1"})  # SITE
        """,
        """
        import redis
        import requests

        def main():
            client = redis.Redis()
            while True:
                for stream, entries in client.xreadgroup("billing", "one", {"jobs": ">"}):
                    for key, fields in entries:
                        requests.post("http://sysops/x", json=fields)
                        client.xack("jobs", "billing", key)
        """,
        "unknown",
        "after",
    ),
    "kafka-python commits by itself": Case(
        "kafka",
        """
        from kafka import KafkaProducer

        producer = KafkaProducer(bootstrap_servers="kafka:9092")

        def go():
            producer.send("jobs", b"x")  # SITE
        """,
        """
        from kafka import KafkaConsumer

        def main():
            for message in KafkaConsumer("jobs", group_id="billing"):
                print(message.value)
        """,
        True,
        "auto",
    ),
    "aiokafka waits for the broker, not for the consumer": Case(
        "kafka",
        """
        from aiokafka import AIOKafkaProducer

        async def go():
            producer = AIOKafkaProducer(bootstrap_servers="kafka:9092")
            await producer.start()
            await producer.send_and_wait("jobs", b"x")  # SITE
        """,
        """
        from aiokafka import AIOKafkaConsumer

        async def main():
            consumer = AIOKafkaConsumer(bootstrap_servers="kafka:9092")
            consumer.subscribe(topics=["jobs"])
            async for message in consumer:
                print(message.value)
        """,
        True,
        "auto",
    ),
    "confluent-kafka": Case(
        "kafka",
        """
        from confluent_kafka import Producer

        def go():
            producer = Producer({"bootstrap.servers": "kafka:9092"})
            producer.produce("jobs", value=b"x")  # SITE
            producer.flush()
        """,
        """
        from confluent_kafka import Consumer

        def main():
            consumer = Consumer({"bootstrap.servers": "kafka:9092", "group.id": "billing"})
            consumer.subscribe(["jobs"])
            while True:
                message = consumer.poll(1.0)
                print(message.value())
        """,
        True,
        "auto",
    ),
    "faust": Case(
        "kafka",
        """
        import faust

        app = faust.App("customer", broker="kafka://kafka")
        jobs = app.topic("jobs")

        async def go():
            await jobs.send(value="x")  # SITE
        """,
        """
        import faust

        app = faust.App("billing", broker="kafka://kafka")
        jobs = app.topic("jobs")

        @app.agent(jobs)
        async def work(stream):
            async for job in stream:
                print(job)
        """,
        True,
        "after",
    ),
    "core NATS keeps nothing": Case(
        "nats",
        """
        import nats

        async def go():
            nc = await nats.connect("nats://nats")
            await nc.publish("jobs", b"x")  # SITE
        """,
        """
        import nats

        async def work(message):
            print(message.data)

        async def main():
            nc = await nats.connect("nats://nats")
            await nc.subscribe("jobs", cb=work)
        """,
        False,
        "auto",
    ),
    "a NATS request waits": Case(
        "nats",
        """
        from nats.aio.client import Client

        async def go():
            nc = Client()
            await nc.connect("nats://nats")
            return await nc.request("jobs", b"x", timeout=1)  # SITE
        """,
        """
        import nats

        async def work(message):
            await message.respond(b"done")

        async def main():
            nc = await nats.connect("nats://nats")
            await nc.subscribe("jobs", "billing", work)
        """,
        False,
        "auto",
        "synchronous",
    ),
    "JetStream": Case(
        "nats",
        """
        import nats

        async def go():
            js = (await nats.connect("nats://nats")).jetstream()
            await js.publish("jobs", b"x")  # SITE
        """,
        """
        import nats
        import requests

        async def work(message):
            requests.post("http://sysops/x", data=message.data)
            await message.ack()

        async def main():
            js = (await nats.connect("nats://nats")).jetstream()
            await js.subscribe("jobs", durable="billing", cb=work, manual_ack=True)
        """,
        True,
        "after",
    ),
    "paho-mqtt": Case(
        "mqtt",
        """
        import paho.mqtt.client as mqtt

        def go():
            client = mqtt.Client()
            client.connect("broker")
            client.publish("jobs", "x", qos=1)  # SITE
        """,
        """
        from paho.mqtt.client import Client

        def on_connect(client, userdata, flags, code):
            client.subscribe("letters")

        def on_message(client, userdata, message):
            print(message.payload)

        def main():
            client = Client("billing", clean_session=False)
            client.on_message = on_message
            client.connect("broker")
            client.subscribe("jobs", qos=1)
            client.loop_forever()
        """,
        "unknown",
        "auto",
    ),
    "aiomqtt": Case(
        "mqtt",
        """
        import aiomqtt

        async def go():
            async with aiomqtt.Client("broker") as client:
                await client.publish("jobs", "x")  # SITE
        """,
        """
        import aiomqtt

        async def main():
            async with aiomqtt.Client("broker") as client:
                await client.subscribe("jobs")
                async for message in client.messages:
                    print(message.payload)
        """,
        False,
        "auto",
    ),
    "stomp": Case(
        "stomp",
        """
        import stomp

        def go():
            connection = stomp.Connection([("broker", 61613)])
            connection.connect(wait=True)
            connection.send("/queue/jobs", "x")  # SITE
        """,
        """
        import stomp

        class Listener(stomp.ConnectionListener):
            def on_message(self, frame):
                print(frame.body)

        def main():
            connection = stomp.Connection()
            connection.set_listener("", Listener())
            connection.subscribe(destination="/queue/jobs", id=1)
        """,
        "unknown",
        "auto",
    ),
    "SQS by its client": Case(
        "sqs",
        """
        import os
        import boto3

        sqs = boto3.client("sqs", region_name="eu-west-1")

        def go():
            url = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody="x")  # SITE
        """,
        """
        import boto3
        import requests

        def main():
            queue = boto3.resource("sqs").get_queue_by_name(QueueName="jobs")
            client = boto3.client("sqs")
            for message in queue.receive_messages():
                requests.post("http://sysops/x", data=message.body)
                client.delete_message(QueueUrl=queue.url, ReceiptHandle=message.receipt_handle)
        """,
        True,
        "after",
    ),
    "Pub/Sub": Case(
        "pubsub",
        """
        from google.cloud import pubsub_v1

        publisher = pubsub_v1.PublisherClient()

        def go():
            publisher.publish(publisher.topic_path("shop", "jobs"), b"x")  # SITE
        """,
        """
        from google.cloud import pubsub_v1
        import requests

        subscriber = pubsub_v1.SubscriberClient()

        def work(message):
            requests.post("http://sysops/x", data=message.data)
            message.ack()

        def main():
            path = subscriber.subscription_path("shop", "billing")
            subscriber.create_subscription(name=path, topic=subscriber.topic_path("shop", "jobs"))
            subscriber.subscribe(path, callback=work).result()
        """,
        True,
        "after",
    ),
    "Service Bus": Case(
        "servicebus",
        """
        from azure.servicebus import ServiceBusClient, ServiceBusMessage

        def go(secret):
            with ServiceBusClient.from_connection_string(secret) as client:
                with client.get_queue_sender(queue_name="jobs") as sender:
                    sender.send_messages(ServiceBusMessage("x"))  # SITE
        """,
        """
        from azure.servicebus import ServiceBusClient, ServiceBusReceiveMode

        def main(secret):
            client = ServiceBusClient.from_connection_string(secret)
            with client.get_queue_receiver("jobs", receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE) as receiver:
                for message in receiver:
                    print(message)
        """,
        True,
        "auto",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_publish_reaches_its_consumer_with_the_guarantees_of_the_library(name: str) -> None:
    """The site is the publishing line; what a broker's configuration decides stays unknown."""
    case = CASES[name]
    seen = case.seen()
    assert seen.sites("billing", mechanism=case.mechanism) == seen.marked()
    (crossing,) = seen.crossings()
    assert crossing.durable is case.durable or crossing.durable == case.durable == "unknown"
    assert (crossing.acknowledgement.value if crossing.acknowledgement else None) == case.acknowledgement
    assert crossing.communication.value == case.communication
    assert seen.unresolved() == []


@pytest.mark.parametrize("name", CASES)
def test_another_channel_reaches_nobody(name: str) -> None:
    """Only equal channels join."""
    case = CASES[name]
    other = Case(
        case.mechanism, case.sends.replace('"jobs"', '"others"').replace("/jobs", "/others"), case.receives, None, None
    )
    assert other.seen().to() == set()


def test_a_jetstream_consumer_without_a_name_goes_with_its_connection() -> None:
    """A stream in a file is not enough: an ephemeral consumer sees nothing of what came meanwhile."""
    case = CASES["JetStream"]
    receives = case.receives.replace('durable="billing", ', "")
    (crossing,) = Case("nats", case.sends, receives, None, None).seen().crossings()
    assert crossing.durable is False


CONFIGURED = {
    "commit by hand": (
        "confluent-kafka",
        '"group.id": "billing"}',
        '"group.id": "billing", "enable.auto.commit": False}',
        "                print(message.value())",
        "                print(message.value())\n                consumer.commit()",
    ),
    "subscription by hand": (
        "stomp",
        "id=1)",
        'id=1, ack="client")',
        "print(frame.body)",
        "print(frame.body)\n                connection.ack(frame.headers['id'], 1)",
    ),
}


@pytest.mark.parametrize("name", CONFIGURED)
def test_what_is_asked_for_beats_the_default(name: str) -> None:
    """A consumer that turns automatic acknowledgement off is no longer ``auto``."""
    of, old, new, after, more = CONFIGURED[name]
    case = CASES[of]
    receives = case.receives.replace(old, new).replace(after, more)
    seen = Case(case.mechanism, case.sends, receives, None, None).seen()
    (crossing,) = seen.crossings()
    assert crossing.acknowledgement is not None
    assert crossing.acknowledgement.value in ("after", "unknown")


@pytest.mark.parametrize(
    ("acks", "confirmed"),
    [("", "unknown"), (', acks="all"', True), (", acks=-1", True), (", acks=1", False), (", acks=0", False)],
)
def test_only_all_replicas_confirm_a_record(acks: str, confirmed: object) -> None:
    """kafka-python's default differs by version, so that an omission proves nothing."""
    case = CASES["kafka-python commits by itself"]
    sends = case.sends.replace('"kafka:9092")', f'"kafka:9092"{acks})')
    (crossing,) = Case("kafka", sends, case.receives, None, None).seen().crossings()
    assert crossing.delivery["confirm"].value == confirmed


@pytest.mark.parametrize(
    ("kind", "communication"),
    [
        ("", "synchronous"),
        (', InvocationType="RequestResponse"', "synchronous"),
        (', InvocationType="Event"', "asynchronous"),
    ],
)
def test_a_lambda_is_waited_for_unless_it_is_an_event(kind: str, communication: str) -> None:
    """``invoke`` waits by default."""
    seen = see(
        {
            "customer/app.py": "import boto3\n\ndef go():\n"
            f"    boto3.client('lambda').invoke(FunctionName='billing'{kind})\n",
            "billing/app.py": "",
        }
    )
    assert {one.communication.value for one in seen.crossings(mechanism="lambda")} == {communication}


def test_a_pattern_of_channels_takes_what_it_matches() -> None:
    """Redis globs, NATS words and MQTT levels."""
    receives = (
        "import redis\n\ndef main():\n    p = redis.Redis().pubsub()\n    p.psubscribe('job*')\n    p.get_message()\n"
    )
    case = Case("redis", CASES["redis pub/sub keeps nothing"].sends, receives, False, "auto")
    assert case.seen().sites("billing") == case.seen().marked()


LOOK_ALIKES = {
    "a dictionary with publish": "class Board:\n    def publish(self, channel, text):\n        return text\n\n"
    "def go():\n    Board().publish('jobs', 'x')\n",
    "generators have send": "def numbers():\n    got = yield 1\n\ndef go():\n    numbers().send('jobs')\n",
    "a store is no message": "import redis\n\ndef go():\n    redis.Redis().set('jobs', 'x')\n",
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a_look_alike_stays_silent(name: str) -> None:
    """Names that brokers share with other things say nothing."""
    seen = see({"customer/app.py": LOOK_ALIKES[name], "billing/worker.py": CASES["stomp"].receives})
    assert seen.silent()
