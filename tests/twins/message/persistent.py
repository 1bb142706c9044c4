"""Twins of ``message/persistent``: a restart of the broker takes the messages of a durable queue away."""

from twinning import BILLING, CUSTOMER, MESSAGES, PLUMBING, Fails, LookAlike, Twin, for_each, new_file, replace

RULE = "message/persistent"
AMQP = f"{PLUMBING}/amqp.py"
PUBLISH = "exchange.publish(message, routing_key=queue, mandatory=True)"
DECLARED = """        queue,
        durable=True,
        arguments={
            "x-queue-type": "quorum",
"""
CLASSIC = (
    replace(AMQP, DECLARED, DECLARED.replace("quorum", "classic")),
    *(
        replace(
            "deploy/rabbitmq/definitions.json",
            f'"x-queue-type": "quorum",\n        "x-dead-letter-exchange": "dead-letter",\n'
            f'        "x-dead-letter-routing-key": "{queue}"',
            f'"x-queue-type": "classic",\n        "x-dead-letter-exchange": "dead-letter",\n'
            f'        "x-dead-letter-routing-key": "{queue}"',
        )
        for queue in (*MESSAGES, "notification")
    ),
)
"""A quorum queue writes every message to disk whatever the message says, but a dead letter keeps the message's mode."""

TWINS = (
    Twin(
        "the RabbitMQ adapter publishes without persistence; a quorum queue writes it, and loses the dead letter",
        (replace(AMQP, "DeliveryMode.PERSISTENT", "DeliveryMode.NOT_PERSISTENT"),),
        for_each(MESSAGES, RULE, AMQP, PUBLISH),
    ),
    Twin(
        "the RabbitMQ adapter publishes to classic queues without persistence",
        (*CLASSIC, replace(AMQP, "DeliveryMode.PERSISTENT", "DeliveryMode.NOT_PERSISTENT")),
        for_each(MESSAGES, RULE, AMQP, PUBLISH),
    ),
    Twin(
        "the RabbitMQ adapter leaves the delivery mode out, which is not persistent",
        (*CLASSIC, replace(AMQP, "            delivery_mode=DeliveryMode.PERSISTENT,\n", "")),
        for_each(MESSAGES, RULE, AMQP, PUBLISH),
    ),
    Twin(
        "billing sends an invoice beside the outbox, and not persistent",
        (
            *CLASSIC,
            new_file(
                f"{BILLING}/reminder.py",
                '''
"""Sends an invoice again."""

import aio_pika

from sysops_squad.billing.messages import INVOICE_ISSUED
from sysops_squad.billing.settings import BillingSettings
from sysops_squad.plumbing.processes import run_worker
from sysops_squad.plumbing.settings import load_settings


def main() -> None:
    settings = load_settings(BillingSettings)

    async def work() -> None:
        connection = await aio_pika.connect_robust(settings.messaging_url)
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        again = aio_pika.Message(b"{}", delivery_mode=1)
        await channel.default_exchange.publish(again, routing_key=INVOICE_ISSUED, mandatory=True)

    run_worker("billing.reminder", work)


if __name__ == "__main__":
    main()
''',
            ),
        ),
        (Fails(RULE, "invoice-issued", f"{BILLING}/reminder.py", ".publish(again"),),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "the delivery mode is written as its number",
        (
            replace(AMQP, "DeliveryMode.PERSISTENT", "2"),
            replace(AMQP, "from aio_pika import DeliveryMode, ", "from aio_pika import "),
        ),
    ),
    LookAlike(
        "something else is not persistent",
        (replace(f"{CUSTOMER}/cards.py", "class CardDesk:\n", "delivery_mode = 1\n\n\nclass CardDesk:\n"),),
    ),
)
