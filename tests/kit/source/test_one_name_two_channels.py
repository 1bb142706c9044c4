"""One name is one channel only where both ends can meet: the same broker, database and kind of thing."""

from __future__ import annotations

import pytest
from source_trees import Seen, see

PUSHES = "import redis\ndef go():\n    redis.{client}.{call}  # SITE\n"
TAKES = "import redis\nclient = redis.{client}\ndef go():\n    {call}\ngo()\n"


def meet(one: str, other: str, push: str = "rpush('jobs', 'x')", take: str = "client.blpop('jobs')") -> Seen:
    takes = TAKES.format(client=other, call=take)
    return see({"customer/app.py": PUSHES.format(client=one, call=push), "billing/app.py": takes})


APART = {
    "by the path of the URL": ("from_url('redis://r:6379/0')", "from_url('redis://r:6379/1')"),
    "by the argument": ("Redis('r', db=1)", "Redis('r', db=2)"),
    "by default": ("Redis('r')", "Redis('r', 6379, 2)"),
    "by URL and argument": ("from_url('redis://r')", "Redis(host='r', db=1)"),
    "by the query": ("from_url('redis://r:6379?db=3')", "from_url('redis://r:6379/1')"),
    "unknown hosts": ("from_url(f'redis://{H}:6379/4')", "from_url('redis://r:6379/1')"),
}
TOGETHER = {
    "by URL and argument": ("from_url('redis://r:6379/2')", "Redis(host='r', db=2)"),
    "by default": ("from_url('redis://r')", "Redis('r', db=0)"),
    "the URL stands before the argument": ("from_url('redis://r/1', db=0)", "Redis('r', db=1)"),
    "unknown number": ("Redis('r', db=N)", "Redis('r', db=1)"),
    "unknown URL": ("from_url(U)", "from_url('redis://r/1')"),
    "unknown path": ("from_url(f'redis://r/{N}')", "from_url('redis://r/1')"),
    "a pool": ("Redis(connection_pool=redis.ConnectionPool(db=1))", "Redis('r', db=1)"),
}


@pytest.mark.parametrize(("one", "other"), APART.values(), ids=APART.keys())
def test_a_list_lies_in_one_database(one: str, other: str) -> None:
    seen = meet(one, other)
    assert [crossing.target for crossing in seen.crossings()] == [None]


@pytest.mark.parametrize(("one", "other"), TOGETHER.values(), ids=TOGETHER.keys())
def test_whatever_may_be_one_database_is_one(one: str, other: str) -> None:
    seen = meet(one, other)
    assert seen.sites() == seen.marked()


def test_what_is_announced_is_announced_in_all_databases() -> None:
    seen = meet("Redis('r', db=1)", "Redis('r', db=2)", "publish('jobs', 'x')", "client.pubsub().subscribe('jobs')")
    assert seen.sites() == seen.marked()


@pytest.mark.parametrize("take", ["client.pubsub().subscribe('jobs')", "client.xread({'jobs': '$'})"])
def test_a_key_holds_one_kind_of_thing(take: str) -> None:
    assert [one.target for one in meet("Redis('r')", "Redis('r')", take=take).crossings()] == [None]
    pushed = "xadd('jobs', {})" if "xread" in take else "publish('jobs', 'x')"
    seen = meet("Redis('r')", "Redis('r')", pushed, take)
    assert seen.sites() == seen.marked()


SENDS = """
    import pika
    def go():
        channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
        channel.basic_publish("", "jobs", "x")  # SITE
"""
WORKS = """
    import pika
    def work(channel, method, properties, body):
        channel.basic_ack(method.delivery_tag)
    channel = pika.BlockingConnection(pika.ConnectionParameters("{host}")).channel()
    channel.basic_consume("jobs", work)
"""


def projects(customer: str, billing: str, host: str = "rabbitmq") -> Seen:
    files = {"customer/app.py": SENDS, "billing/app.py": WORKS.format(host=host)}
    for name, text in (("customer", customer), ("billing", billing)):
        if text:
            files[f"{name}/compose.yaml"] = "services:\n" + text
    return see(files)


RABBIT = "  rabbitmq: {image: rabbitmq}\n"
CUSTOMER, BILLING = "  customer: {build: .}\n", "  billing: {build: .}\n"


def test_two_compose_projects_with_brokers_of_their_own_do_not_meet() -> None:
    seen = projects(CUSTOMER + RABBIT, BILLING + RABBIT)
    assert [one.target for one in seen.crossings()] == [None]
    assert [one.could_be for one in seen.unresolved()] == [("publish",)]
    assert not projects(CUSTOMER + RABBIT, BILLING + RABBIT.replace("rabbitmq:", "broker:"), "broker").sites()


NETWORK = "networks: {default: {external: true}}\n"
MEETING = {
    "one has none of its own": (CUSTOMER + RABBIT, BILLING, "rabbitmq"),
    "a network of others": (CUSTOMER + RABBIT, BILLING + RABBIT + NETWORK, "rabbitmq"),
    "an address outside": (CUSTOMER + RABBIT, BILLING + RABBIT, "mq.shop.example"),
    "an address of the machine": (CUSTOMER + RABBIT, BILLING + RABBIT, "host.docker.internal"),
    "both also run in one": (CUSTOMER + RABBIT + "  billing: {build: ../billing}\n", BILLING + RABBIT, "rabbitmq"),
    "no project": (CUSTOMER + RABBIT, "", "rabbitmq"),
}


@pytest.mark.parametrize(("customer", "billing", "host"), MEETING.values(), ids=MEETING.keys())
def test_whatever_may_be_one_broker_is_one(customer: str, billing: str, host: str) -> None:
    seen = projects(customer, billing, host)
    assert seen.sites() == seen.marked()


TASK = """
    from celery import Celery
    app = Celery(broker="{broker}")
    {more}
    def go():
        app.send_task("make", [1]{queue})  # SITE
"""
RABBITMQ = "amqp://rabbitmq"
BY_HAND = {
    "pika": (RABBITMQ, WORKS.replace('"jobs"', '"{queue}"').format(host="rabbitmq", queue="{queue}")),
    "kombu": (
        RABBITMQ,
        """
    from kombu import Connection, Consumer, Queue
    def work(body, message):
        message.ack()
    with Connection("amqp://rabbitmq") as connection:
        with Consumer(connection, [Queue("{queue}")], callbacks=[work]):
            connection.drain_events()
    """,
    ),
    "redis": ("redis://r", "import redis\nclient = redis.Redis('r')\nwhile True:\n    client.brpop('{queue}')\n"),
}
QUEUES = {
    "celery": ("", ""),
    "mine": ("", ", queue='mine'"),
    "ours": ("app.conf.task_default_queue = 'ours'", ""),
}


@pytest.mark.parametrize("queue", QUEUES)
@pytest.mark.parametrize("library", BY_HAND)
def test_who_takes_from_the_queue_of_tasks_by_hand_takes_the_task(library: str, queue: str) -> None:
    broker, takes = BY_HAND[library]
    more, asked = QUEUES[queue]
    task = TASK.format(broker=broker, more=more, queue=asked)
    seen = see({"customer/app.py": task, "billing/app.py": takes.replace("{queue}", queue)})
    assert seen.sites() == seen.marked()
    assert {one.mechanism for one in seen.crossings()} == {"celery"}


@pytest.mark.parametrize(
    ("more", "asked", "broker"),
    [
        ("", ", queue='other'", RABBITMQ),
        ("app.conf.task_routes = {'make': 'other'}", "", RABBITMQ),
        ("", "", "redis://r"),
    ],
)
def test_who_takes_from_another_queue_takes_no_task(more: str, asked: str, broker: str) -> None:
    takes = BY_HAND["pika"][1].replace("{queue}", "celery")
    seen = see({"customer/app.py": TASK.format(broker=broker, more=more, queue=asked), "billing/app.py": takes})
    assert not seen.sites()
