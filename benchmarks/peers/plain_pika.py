"""The invoice path written plainly with pika.

Durable quorum queues, persistent messages, confirms, manual acknowledgement.

    python plain_pika.py job | inbox | notification
"""

from __future__ import annotations

import sys
import time

import effects
import pika
from pika.adapters.blocking_connection import BlockingChannel

from sysops_squad.plumbing.processes import READY, prepare_process

PERSISTENT = pika.BasicProperties(delivery_mode=2, content_type="application/json")


def connect() -> pika.BlockingConnection:
    """Tries again while the broker is away, as a service would."""
    while True:
        try:
            return pika.BlockingConnection(pika.URLParameters(effects.URL))
        except pika.exceptions.AMQPConnectionError:
            time.sleep(0.5)


def open_channel(connection: pika.BlockingConnection) -> BlockingChannel:
    channel = connection.channel()
    channel.confirm_delivery()
    channel.basic_qos(prefetch_count=effects.PREFETCH)
    for queue in (effects.INVOICES, effects.NOTIFICATIONS):
        channel.queue_declare(queue, durable=True, arguments=effects.QUEUE_ARGUMENTS)
    return channel


def send(channel: BlockingChannel, queue: str, body: str) -> None:
    """Returns when the broker has confirmed."""
    channel.basic_publish("", queue, body.encode(), PERSISTENT, mandatory=True)


def job(channel: BlockingChannel) -> None:
    sessions = effects.billing()
    print(READY, flush=True)
    while True:
        for customer_id in effects.due(sessions):
            send(channel, effects.INVOICES, effects.issue(sessions, customer_id).model_dump_json())
        channel.connection.process_data_events()
        time.sleep(effects.INTERVAL)


def inbox(channel: BlockingChannel) -> None:
    sessions = effects.customer()

    def take(channel, method, _properties, body):
        news = effects.keep(sessions, body)
        send(channel, effects.NOTIFICATIONS, news.model_dump_json())
        channel.basic_ack(method.delivery_tag)

    consume(channel, effects.INVOICES, take)


def notification(channel: BlockingChannel) -> None:
    sessions = effects.customer()

    def take(channel, method, _properties, body):
        effects.spool(sessions, body)
        channel.basic_ack(method.delivery_tag)

    consume(channel, effects.NOTIFICATIONS, take)


def consume(channel: BlockingChannel, queue: str, take) -> None:
    channel.basic_consume(queue, take)
    print(READY, flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    role = sys.argv[1]
    prepare_process(f"pika.{role}")
    {"job": job, "inbox": inbox, "notification": notification}[role](open_channel(connect()))
