"""Requests made by hand over two plain channels: a publish is one where somebody waits for what comes back."""

from __future__ import annotations

import pytest
from source_trees import Seen, see

REDIS_ANSWERS = """
    import json
    import redis

    store = redis.Redis()

    def main():
        while True:
            _, job = store.blpop("jobs")
            store.rpush("results", job)
"""
NATS_ANSWERS = """
    import nats

    async def main():
        client = await nats.connect("nats://mq")

        async def work(message):
            await client.publish("results", message.data)

        await client.subscribe("jobs", cb=work)
"""
KAFKA_ANSWERS = """
    from kafka import KafkaConsumer, KafkaProducer

    producer = KafkaProducer()

    for message in KafkaConsumer("jobs", group_id="billing"):
        producer.send("results", message.value)
"""
AMQP_ANSWERS = """
    import pika

    def main():
        channel = pika.BlockingConnection().channel()
        channel.queue_declare("jobs", durable=True)

        def work(channel, method, properties, body):
            channel.basic_publish("", "results", body)
            channel.basic_ack(method.delivery_tag)

        channel.basic_consume("jobs", work)
        channel.start_consuming()
"""
MQTT_ANSWERS = """
    import paho.mqtt.client as mqtt

    def work(client, userdata, message):
        client.publish("results", message.payload)

    client = mqtt.Client()
    client.on_message = work
    client.subscribe("jobs")
    client.loop_forever()
"""

WAITS = {
    "a future that comes with the publish": (
        """
        import asyncio
        import nats

        waiting = {}

        async def answered(message):
            waiting[message.subject].set_result(message.data)

        async def start():
            global client
            client = await nats.connect("nats://mq")
            await client.subscribe("results", cb=answered)

        async def put(job):
            waiting["results"] = asyncio.get_event_loop().create_future()
            await client.publish("jobs", job)  # SITE
            return waiting["results"]

        async def ask(job):
            answer = await put(job)
            return await answer
        """,
        NATS_ANSWERS,
    ),
    "a list of answers, taken at once": (
        """
        import redis

        store = redis.Redis()

        def ask(job):
            store.rpush("jobs", job)  # SITE
            return store.blpop("results", timeout=5)
        """,
        REDIS_ANSWERS,
    ),
    "a queue of answers, asked until there is one": (
        """
        import time
        import pika

        channel = pika.BlockingConnection().channel()

        def ask(job):
            channel.basic_publish("", "jobs", job)  # SITE
            while True:
                method, properties, body = channel.basic_get("results", auto_ack=True)
                if body is not None:
                    return body
                time.sleep(0.1)
        """,
        AMQP_ANSWERS,
    ),
    "two methods of a client, one after the other": (
        """
        import redis

        class Client:
            def __init__(self):
                self.store = redis.Redis()

            def send(self, job):
                self.store.rpush("jobs", job)  # SITE

            def receive(self):
                return self.store.blpop("results")

            def ask(self, job):
                self.send(job)
                return self.receive()

        Client().ask("x")
        """,
        REDIS_ANSWERS,
    ),
    "a loop that ends with the right answer": (
        """
        from kafka import KafkaConsumer, KafkaProducer

        producer = KafkaProducer()
        consumer = KafkaConsumer("results", group_id="customer")

        def ask(number):
            producer.send("jobs", number)  # SITE
            for message in consumer:
                if message.key == number:
                    return message.value
        """,
        KAFKA_ANSWERS,
    ),
    "polling until the right answer is there": (
        """
        from confluent_kafka import Consumer, Producer

        producer = Producer({})
        consumer = Consumer({"group.id": "customer"})
        consumer.subscribe(["results"])

        def ask(number):
            producer.produce("jobs", number)  # SITE
            while True:
                message = consumer.poll(1)
                if message is not None and message.key() == number:
                    return message.value()
        """,
        KAFKA_ANSWERS,
    ),
    "the next message of a subscription": (
        """
        import nats

        async def ask():
            client = await nats.connect("nats://mq")
            answers = await client.subscribe("results")
            await client.publish("jobs", b"x")  # SITE
            return await answers.next_msg(timeout=1)
        """,
        NATS_ANSWERS,
    ),
    "a future that a handler fills": (
        """
        import asyncio
        import nats

        class Asking:
            def __init__(self):
                self.pending = {}

            async def start(self):
                self.client = await nats.connect("nats://mq")
                await self.client.subscribe("results", cb=self.answered)

            async def answered(self, message):
                future = self.pending.pop(message.headers["number"])
                future.set_result(message.data)

            async def ask(self, number):
                future = asyncio.get_running_loop().create_future()
                self.pending[number] = future
                await self.client.publish("jobs", b"x")  # SITE
                return await asyncio.wait_for(future, 5)

        async def main():
            asking = Asking()
            await asking.start()
            await asking.ask("1")
        """,
        NATS_ANSWERS,
    ),
    "a future that another thread is told to fill": (
        """
        import asyncio
        import paho.mqtt.client as mqtt

        pending = {}
        loop = asyncio.new_event_loop()

        def answered(client, userdata, message):
            loop.call_soon_threadsafe(pending.pop(message.topic).set_result, message.payload)

        client = mqtt.Client()
        client.on_message = answered
        client.subscribe("results")

        async def ask(number):
            pending[number] = loop.create_future()
            client.publish("jobs", number)  # SITE
            return await pending[number]
        """,
        MQTT_ANSWERS,
    ),
    "an event that a handler sets, one function further down": (
        """
        import threading
        import pika

        channel = pika.BlockingConnection().channel()
        channel.queue_declare("results")
        events = {}

        def settle(number):
            events[number].set()

        def answered(channel, method, properties, body):
            settle(properties.correlation_id)

        channel.basic_consume("results", answered, auto_ack=True)

        def wait_for(number):
            return events[number].wait(timeout=5)

        def ask(number):
            events[number] = threading.Event()
            channel.basic_publish("", "jobs", number)  # SITE
            if not wait_for(number):
                raise TimeoutError
        """,
        AMQP_ANSWERS,
    ),
    "a queue within the program": (
        """
        import queue
        import paho.mqtt.client as mqtt

        answers = queue.Queue()

        def answered(client, userdata, message):
            answers.put(message.payload)

        client = mqtt.Client()
        client.on_message = answered
        client.subscribe("results")

        def ask(job):
            client.publish("jobs", job)  # SITE
            return answers.get(timeout=5)
        """,
        MQTT_ANSWERS,
    ),
    "a result of gevent": (
        """
        import paho.mqtt.client as mqtt
        from gevent.event import AsyncResult

        pending = {}

        def answered(client, userdata, message):
            pending[message.topic].set(message.payload)

        client = mqtt.Client()
        client.on_message = answered
        client.subscribe("results")

        def ask(job):
            result = pending[job] = AsyncResult()
            client.publish("jobs", job)  # SITE
            return result.get(timeout=5)
        """,
        MQTT_ANSWERS,
    ),
    "looking again and again": (
        """
        import time
        import paho.mqtt.client as mqtt

        answers = {}

        def answered(client, userdata, message):
            answers[message.topic] = message.payload

        client = mqtt.Client()
        client.on_message = answered
        client.subscribe("results")

        def ask(number):
            client.publish("jobs", number)  # SITE
            while number not in answers:
                time.sleep(0.1)
            return answers.pop(number)
        """,
        MQTT_ANSWERS,
    ),
    "an answer by a list that is made for it": (
        """
        import json
        import uuid
        import redis

        store = redis.Redis()

        def ask(job):
            back = f"results:{uuid.uuid4()}"
            store.rpush("jobs", json.dumps({"job": job, "back": back}))  # SITE
            return store.blpop(back, timeout=5)
        """,
        """
        import json
        import redis

        store = redis.Redis()

        def main():
            while True:
                _, job = store.blpop("jobs")
                job = json.loads(job)
                store.rpush(job["back"], "done")
        """,
    ),
    "a channel of announcements that is listened to": (
        """
        import redis

        store = redis.Redis()

        def ask(job):
            answers = store.pubsub()
            answers.subscribe("results")
            store.rpush("jobs", job)  # SITE
            for message in answers.listen():
                if message["type"] == "message":
                    return message["data"]
        """,
        """
        import redis

        store = redis.Redis()

        def main():
            while True:
                _, job = store.blpop("jobs")
                store.publish("results", job)
        """,
    ),
    "turning the client's own loop until there is something": (
        """
        import paho.mqtt.client as mqtt

        answer = None

        def answered(client, userdata, message):
            global answer
            answer = message.payload

        client = mqtt.Client()
        client.on_message = answered
        client.subscribe("results")

        def ask(job):
            client.publish("jobs", job)  # SITE
            while answer is None:
                client.loop(0.1)
            return answer
        """,
        MQTT_ANSWERS,
    ),
    "a consumer in a task beside the requests": (
        """
        import asyncio
        from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
        from fastapi import FastAPI

        class Asking:
            def __init__(self):
                self.pending = {}
                self.producer = AIOKafkaProducer()
                self.consumer = AIOKafkaConsumer("results", group_id="customer")

            async def take(self):
                async for message in self.consumer:
                    waiting = self.pending.get(message.key)
                    if waiting and not waiting.done():
                        waiting.set_result(message.value)

            async def ask(self, number):
                self.pending[number] = asyncio.Future()
                await self.producer.send_and_wait("jobs", number)  # SITE
                async with asyncio.timeout(5):
                    return await self.pending[number]

        app = FastAPI()
        asking = Asking()

        @app.on_event("startup")
        async def start():
            asyncio.create_task(asking.take())

        @app.post("/jobs")
        async def made(number: str):
            return await asking.ask(number)
        """,
        KAFKA_ANSWERS,
    ),
    "a subscriber that a framework calls": (
        """
        import asyncio
        from faststream import FastStream
        from faststream.kafka import KafkaBroker

        broker = KafkaBroker()
        app = FastStream(broker)
        pending = {}

        @broker.subscriber("results")
        async def answered(message):
            pending.pop(message["number"]).set_result(message)

        async def ask(number):
            future = pending[number] = asyncio.Future()
            await broker.publish(number, "jobs")  # SITE
            return await asyncio.wait_for(future, timeout=10)
        """,
        KAFKA_ANSWERS,
    ),
    "in a helper that many use, and who asks is who calls it": (
        """
        import redis
        import threading

        store = redis.Redis()
        waiting = {}

        def send(stream, message):
            store.xadd(stream, message)

        def ask(stream, message):
            done = threading.Event()
            waiting[message["number"]] = done
            send(stream, message)
            done.wait(10)

        def take():
            while True:
                for _, entries in store.xread({"results": "$"}, block=1000):
                    for number, message in entries:
                        waiting[message["number"]].set()

        threading.Thread(target=take).start()

        def made(job):
            ask("jobs", {"number": job})  # SITE

        def told(job):
            send("jobs", {"news": job})  # NEWS
        """,
        """
        import redis

        store = redis.Redis()

        def main():
            while True:
                for _, entries in store.xread({"jobs": "$"}):
                    store.xadd("results", {"number": 1})
        """,
    ),
}


def asked(customer: str, billing: str) -> Seen:
    return see({"customer/app.py": customer, "billing/worker.py": billing})


def sites(seen: Seen, communication: str) -> set[str]:
    return {str(one.site) for one in seen.crossings() if one.communication == communication and one.target == "billing"}


@pytest.mark.parametrize("name", WAITS)
def test_who_waits_for_what_comes_back_makes_a_request(name: str) -> None:
    seen = asked(*WAITS[name])
    assert sites(seen, "synchronous") == seen.marked("SITE")
    assert sites(seen, "asynchronous") == seen.marked("NEWS")


GOES_ON = {
    "a worker that is waited for at the end": (
        """
        import asyncio
        import nats

        waiting = {}

        async def answered(message):
            waiting[message.subject].set_result(message.data)

        async def start():
            global client
            client = await nats.connect("nats://mq")
            await client.subscribe("results", cb=answered)

        async def worker():
            while True:
                await client.publish("jobs", b"")  # NEWS

        async def main():
            await start()
            work = asyncio.create_task(worker())
            await asyncio.sleep(60)
            work.cancel()
            await work
        """,
        NATS_ANSWERS,
    ),
    "a worker in a chain": (
        """
        import redis

        store = redis.Redis()

        def main():
            while True:
                _, order = store.blpop("results")
                store.rpush("jobs", order)  # NEWS
        """,
        REDIS_ANSWERS,
    ),
    "a program that says hello, and then takes whatever comes": (
        """
        import redis

        store = redis.Redis()

        def main():
            store.rpush("jobs", "hello")  # NEWS
            while True:
                print(store.blpop("results"))
        """,
        REDIS_ANSWERS,
    ),
    "a thread that takes for ever, some functions further down": (
        """
        import threading
        import redis

        store = redis.Redis()

        def take(queue):
            return store.blpop(queue)

        def run(queue, handler):
            while True:
                handler(take(queue))

        def listen():
            run("results", print)

        def main():
            store.rpush("jobs", "hello")  # NEWS
            threading.Thread(target=listen).start()
        """,
        REDIS_ANSWERS,
    ),
    "a program that stays alive": (
        """
        import time
        import paho.mqtt.client as mqtt

        running = True
        answers = {}

        def answered(client, userdata, message):
            answers[message.topic] = message.payload

        client = mqtt.Client()
        client.on_message = answered
        client.subscribe("results")
        client.publish("jobs", "x")  # NEWS
        while running:
            time.sleep(1)
        """,
        MQTT_ANSWERS,
    ),
    "a step that is continued by the handler": (
        """
        import nats

        async def answered(message):
            print(message)

        async def main():
            client = await nats.connect("nats://mq")
            await client.subscribe("results", cb=answered)
            await client.publish("jobs", b"x")  # NEWS
        """,
        NATS_ANSWERS,
    ),
    "an event that no handler sets": (
        """
        import asyncio
        import signal
        import nats

        async def answered(message):
            print(message)

        async def main():
            client = await nats.connect("nats://mq")
            await client.subscribe("results", cb=answered)
            await client.publish("jobs", b"x")  # NEWS
            stopped = asyncio.Event()
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
            await stopped.wait()
        """,
        NATS_ANSWERS,
    ),
    "an answer of another quantum": (
        """
        import redis

        store = redis.Redis()

        def ask(job):
            store.rpush("jobs", job)  # NEWS
            return store.blpop("elsewhere", timeout=5)
        """,
        REDIS_ANSWERS,
    ),
    "the other branch": (
        """
        import redis

        store = redis.Redis()

        def ask(job, ready):
            if not ready:
                store.rpush("jobs", job)  # NEWS
                return None
            return store.blpop("results", timeout=5)
        """,
        REDIS_ANSWERS,
    ),
    "a value that is kept for others": (
        """
        import redis
        import nats

        kept = redis.Redis()

        async def answered(message):
            kept.set("last", message.data)

        async def main(jobs):
            client = await nats.connect("nats://mq")
            await client.subscribe("results", cb=answered)
            while True:
                await client.publish("jobs", b"x")  # NEWS
                jobs.get()
        """,
        NATS_ANSWERS,
    ),
    "an entry of a mapping": (
        """
        import paho.mqtt.client as mqtt

        answers = {}

        def answered(client, userdata, message):
            answers.put(message.payload)

        client = mqtt.Client()
        client.on_message = answered
        client.subscribe("results")

        def ask(job):
            client.publish("jobs", job)  # NEWS
            return answers.get(job)
        """,
        MQTT_ANSWERS,
    ),
}


@pytest.mark.parametrize("name", GOES_ON)
def test_who_goes_on_makes_none(name: str) -> None:
    seen = asked(*GOES_ON[name])
    assert sites(seen, "synchronous") == set()
    assert sites(seen, "asynchronous") == seen.marked("NEWS")


def test_an_answer_by_nobody_knows_which_channel_leaves_it_open_whether_it_is_a_request() -> None:
    seen = asked(
        WAITS["a list of answers, taken at once"][0],
        """
        import redis

        store = redis.Redis()

        def main(settings):
            while True:
                _, job = store.blpop("jobs")
                store.rpush(settings["back"], job)
        """,
    )
    assert sites(seen, "asynchronous") == seen.marked("SITE")
    assert [str(one.place) for one in seen.unresolved("request")] == [*seen.marked("SITE")]


ONWARD = """
    import redis

    store = redis.Redis()

    def main():
        while True:
            _, job = store.blpop("{takes}")
            store.rpush("{sends}", job)
"""


def test_an_answer_that_comes_by_way_of_another_leaves_it_open() -> None:
    seen = see(
        {
            "customer/app.py": WAITS["a list of answers, taken at once"][0],
            "billing/worker.py": ONWARD.format(takes="jobs", sends="checks"),
            "sysops/worker.py": ONWARD.format(takes="checks", sends="results"),
        }
    )
    assert sites(seen, "asynchronous") == seen.marked("SITE")
    assert [str(one.place) for one in seen.unresolved("request")] == [*seen.marked("SITE")]


def test_news_beside_a_request_are_in_no_doubt() -> None:
    seen = see(
        {
            "customer/app.py": """
                import redis

                store = redis.Redis()

                def ask(job):
                    store.rpush("news", job)  # NEWS
                    store.rpush("jobs", job)  # SITE
                    return store.blpop("results", timeout=5)
                """,
            "billing/worker.py": ONWARD.format(takes="jobs", sends="results"),
            "sysops/worker.py": ONWARD.format(takes="news", sends="jobs"),
        }
    )
    assert sites(seen, "synchronous") == seen.marked("SITE")
    assert [one.communication for one in seen.crossings() if one.target == "sysops"] == ["asynchronous"]
    assert seen.unresolved() == []
