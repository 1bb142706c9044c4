"""The ways in which channels of Redis, Kafka and SQS are named, on one side and on the other."""

from __future__ import annotations

import pytest
from source_trees import see

IMPORTS = """
    import boto3
    import redis
    from kafka import KafkaConsumer, KafkaProducer

    def handler(message):
        print(message)

    def go():
"""

ALIKE = {
    "Redis: handlers by keyword": (
        'redis.Redis().publish("jobs", "x")',
        'redis.Redis().pubsub().subscribe(**{"jobs": handler})',
        True,
    ),
    "Redis: handlers by keyword, another channel": (
        'redis.Redis().publish("jobs", "x")',
        "redis.Redis().pubsub().subscribe(letters=handler)",
        False,
    ),
    "Kafka: a pattern": (
        'KafkaProducer().send("jobs.created", b"x")',
        'KafkaConsumer().subscribe(pattern="^jobs[.].*")',
        True,
    ),
    "Kafka: another pattern": (
        'KafkaProducer().send("jobs.created", b"x")',
        'KafkaConsumer().subscribe(pattern="^letters[.].*")',
        False,
    ),
    "SQS: a URL and a name": (
        'boto3.client("sqs").send_message(QueueUrl="https://sqs.eu-west-1.amazonaws.com/1/jobs", MessageBody="x")',
        'boto3.resource("sqs").get_queue_by_name(QueueName="jobs").receive_messages()',
        True,
    ),
    "SQS: URLs of two hosts": (
        'boto3.client("sqs").send_message(QueueUrl="http://localhost:4566/000000000000/jobs", MessageBody="x")',
        'boto3.client("sqs").receive_message(QueueUrl="http://localstack:4566/000000000000/jobs")',
        True,
    ),
    "SQS: another queue": (
        'boto3.client("sqs").send_message(QueueUrl="https://sqs.eu-west-1.amazonaws.com/1/jobs", MessageBody="x")',
        'boto3.client("sqs").receive_message(QueueUrl="https://sqs.eu-west-1.amazonaws.com/1/letters")',
        False,
    ),
}


@pytest.mark.parametrize("names", ALIKE)
def test_names_of_one_channel_are_joined(names: str) -> None:
    send, take, one = ALIKE[names]
    seen = see(
        {"customer/app.py": f"{IMPORTS}        {send}  # SITE\n", "billing/app.py": f"{IMPORTS}        {take}\n"}
    )
    assert seen.sites("billing") == (seen.marked("SITE") if one else set())
    assert seen.unresolved() == []


LISTED = {
    "default": ('for name in os.getenv("TOPICS", "letters, jobs").split(","):', "name.strip()", ""),
    "bound": ('for name in os.environ["TOPICS"].split(","):', "name", "TOPICS=letters,jobs\n"),
    "comprehension": (
        'for name in [part.strip() for part in os.environ["TOPICS"].split(",") if part.strip()]:',
        "name",
        "TOPICS=letters,jobs\n",
    ),
    "settings with a default": ("for name in Settings().topics:", "name", ""),
    "settings": ("for name in Settings().topics:", "name", 'TOPICS=["letters", "jobs"]\n'),
    "constant": ('for name in "letters jobs".split():', "name", ""),
}


@pytest.mark.parametrize("how", LISTED)
def test_a_variable_may_list_names(how: str) -> None:
    loop, name, environment = LISTED[how]
    seen = see(
        {
            "customer/app.py": f"""
                import os
                from kafka import KafkaProducer
                from pydantic_settings import BaseSettings

                class Settings(BaseSettings):
                    topics: list[str] = ["letters", "jobs"]

                def go():
                    {loop}
                        KafkaProducer().send({name}, b"x")  # SITE
            """,
            "customer/.env": environment,
            "billing/app.py": f"{IMPORTS}        KafkaConsumer('jobs')\n",
        }
    )
    assert seen.sites("billing") == seen.marked("SITE")


def test_a_consumer_may_take_from_the_topics_that_a_variable_lists() -> None:
    seen = see(
        {
            "customer/app.py": f'{IMPORTS}        KafkaProducer().send("jobs", b"x")  # SITE\n',
            "billing/app.py": """
                import os
                from kafka import KafkaConsumer

                KafkaConsumer(*os.environ["TOPICS"].split(","))
            """,
            "billing/.env": "TOPICS=letters,jobs\n",
        }
    )
    assert seen.sites("billing") == seen.marked("SITE")


OPTIONAL_KEY = {
    "or": "key = key or event",
    "test": "if not key:\n                            key = event",
    "choice": "key = key if key else event",
}


@pytest.mark.parametrize("how", OPTIONAL_KEY)
def test_a_name_that_may_be_left_out_is_the_other_one(how: str) -> None:
    seen = see(
        {
            "customer/app.py": f"""
                import pika

                class Publisher:
                    def __init__(self):
                        self.channel = pika.BlockingConnection().channel()
                        self.channel.exchange_declare("events", "topic")

                    def publish(self, event, key=None):
                        {OPTIONAL_KEY[how]}
                        self.channel.basic_publish("events", key, b"x")

                publisher = Publisher()

                def created():
                    publisher.publish("jobs")  # SITE

                def cancelled():
                    publisher.publish("letters")  # NOBODY
            """,
            "billing/app.py": """
                import pika

                channel = pika.BlockingConnection().channel()
                channel.queue_declare("billing")
                channel.queue_bind("billing", "events", "jobs")
                channel.basic_consume("billing", print)
            """,
        }
    )
    assert seen.sites("billing") == seen.marked("SITE")


def test_a_field_that_is_nothing_at_first_makes_no_doubt_where_it_is_used() -> None:
    seen = see(
        {
            "customer/app.py": """
                import aio_pika

                class Publisher:
                    def __init__(self, exchange_name="events"):
                        self.exchange_name = exchange_name
                        self.channel = None
                        self.exchange = None

                    async def connect(self):
                        connection = await aio_pika.connect_robust("amqp://rabbit")
                        self.channel = await connection.channel()
                        self.exchange = await self.channel.declare_exchange(self.exchange_name, "topic", durable=True)

                    async def publish(self, key):
                        if not self.exchange:
                            await self.connect()
                        await self.exchange.publish(aio_pika.Message(b"x"), routing_key=key)

                publisher = Publisher()

                async def created():
                    await publisher.publish("jobs")  # SITE
            """,
            "billing/app.py": """
                import pika

                channel = pika.BlockingConnection().channel()
                channel.queue_declare("billing")
                channel.queue_bind("billing", "events", "jobs")
                channel.basic_consume("billing", print)
            """,
        }
    )
    assert seen.sites("billing") == seen.marked("SITE")
    assert seen.unresolved() == []


BY_VARIABLE = """
    import os
    import pika

    def go():
        channel = pika.BlockingConnection().channel()
        channel.basic_publish(os.environ.get("EXCHANGE", "letters"), "jobs", b"x")  # SITE
    """
DEPLOYED = """
    services:
      customer:
        build: ./customer
        {given}
    """
BOUND_ELSEWHERE = {
    "by the compose file's own environment": ("environment: ['EXCHANGE=${SHOP_EXCHANGE}']", "EXCHANGE is given"),
    "a part of it": ("environment: ['EXCHANGE=shop.${STAGE}']", "a part of EXCHANGE is told outside"),
    "in a file that is not here": ("env_file: secret.env", "EXCHANGE may be bound in a file"),
}


@pytest.mark.parametrize("name", BOUND_ELSEWHERE)
def test_a_message_that_may_go_by_a_name_which_is_told_nowhere_is_never_silent(name: str) -> None:
    given, why = BOUND_ELSEWHERE[name]
    seen = see({"customer/app.py": BY_VARIABLE, "billing/app.py": "", "compose.yaml": DEPLOYED.format(given=given)})
    assert seen.to() == set()
    (doubt,) = seen.unresolved("publish")
    assert doubt.why.startswith(why)
    assert f"{doubt.place.path}:{doubt.place.line}" in seen.marked()


def test_a_message_whose_name_is_bound_goes_by_that_name_alone() -> None:
    given = "environment: ['EXCHANGE=events']"
    seen = see({"customer/app.py": BY_VARIABLE, "billing/app.py": "", "compose.yaml": DEPLOYED.format(given=given)})
    assert not seen.unresolved("publish")
