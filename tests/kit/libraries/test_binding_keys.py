"""What a queue is bound by where the code gives no key: some clients take the queue's name, others an empty key.

pika/channel.py and aio_pika/queue.py set the key to the queue's name where it is None; aiormq/channel.py has "" for it.
"""

from __future__ import annotations

import pytest
from source_trees import see

PIKA = """
    import pika

    def bind(channel, queue, key=None):
        channel.queue_bind(exchange="shop", queue=queue, routing_key=key)

    channel = pika.BlockingConnection().channel()
    channel.exchange_declare("shop", exchange_type="{kind}")
    channel.queue_declare("jobs", durable=True)
    {binds}
    channel.basic_consume("jobs", print, auto_ack=True)
"""
AIO_PIKA = """
    import aio_pika

    async def main():
        channel = await (await aio_pika.connect_robust("amqp://rabbit")).channel()
        shop = await channel.declare_exchange("shop", "{kind}")
        queue = await channel.declare_queue("jobs", durable=True)
        await {binds}
        await queue.consume(print)
"""
AIORMQ = """
    import aiormq

    async def main():
        channel = await (await aiormq.connect("amqp://rabbit")).channel()
        await channel.exchange_declare("shop", exchange_type="{kind}")
        await channel.queue_declare("jobs", durable=True)
        await {binds}
        await channel.basic_consume("jobs", print)
"""
BY_NAME = [
    (PIKA, "channel.queue_bind(exchange='shop', queue='jobs')"),
    (PIKA, "channel.queue_bind('jobs', 'shop', None)"),
    (PIKA, "channel.queue_bind(exchange='shop', queue=channel.queue_declare('jobs', durable=True).method.queue)"),
    (PIKA, "bind(channel, 'jobs')"),
    (AIO_PIKA, "queue.bind(shop)"),
]
OTHERS = [
    (PIKA, "channel.queue_bind('jobs', 'shop', '')", ""),
    (PIKA, "bind(channel, 'jobs', 'orders')", "orders"),
    (AIO_PIKA, "queue.bind(shop, '')", ""),
    (AIO_PIKA, "queue.bind(shop, routing_key='orders')", "orders"),
    (AIORMQ, "channel.queue_bind('jobs', 'shop')", ""),
]


def reached(consumer: str, kind: str, binds: str, key: str) -> bool:
    sends = f"import pika\n\npika.BlockingConnection().channel().basic_publish('shop', {key!r}, b'')  # SENT\n"
    seen = see({"customer/app.py": sends, "billing/app.py": consumer.format(kind=kind, binds=binds)})
    return [one.target for one in seen.crossings()] == ["billing"]


@pytest.mark.parametrize("kind", ["direct", "topic"])
@pytest.mark.parametrize(("consumer", "binds"), BY_NAME)
def test_without_a_key_a_queue_is_bound_by_its_name(consumer: str, binds: str, kind: str) -> None:
    assert [key for key in ("jobs", "", "orders") if reached(consumer, kind, binds, key)] == ["jobs"]


@pytest.mark.parametrize(("consumer", "binds", "key"), OTHERS)
def test_a_key_that_is_given_is_meant_and_other_clients_have_an_empty_one(consumer: str, binds: str, key: str) -> None:
    assert [one for one in ("jobs", "", "orders") if reached(consumer, "direct", binds, one)] == [key]


def test_a_fanout_exchange_asks_for_no_key() -> None:
    assert reached(PIKA, "fanout", "channel.queue_bind('jobs', 'shop')", "")
