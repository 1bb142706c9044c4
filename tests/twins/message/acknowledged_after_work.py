"""Twins of ``message/acknowledged-after-work``: a message is given up before anything has come of it."""

from twinning import CUSTOMER, MESSAGES, PLUMBING, Fails, LookAlike, Twin, for_each, new_file, replace

RULE = "message/acknowledged-after-work"
AMQP = f"{PLUMBING}/amqp.py"
HANDLED = "            await handle_when_available(handler, message, self._pause)\n"

TWINS = (
    Twin(
        "the RabbitMQ adapter acknowledges before the handler runs",
        (
            replace(AMQP, HANDLED, f"            await delivery.ack()\n{HANDLED}"),
            replace(AMQP, "        else:\n            await delivery.ack()\n", ""),
        ),
        for_each(MESSAGES, RULE, AMQP, "await delivery.ack()"),
    ),
    Twin(
        "the broker takes every delivery for acknowledged",
        (replace(AMQP, "declared.iterator()", "declared.iterator(no_ack=True)"),),
        for_each(MESSAGES, RULE, AMQP, "declared.iterator(no_ack=True)"),
    ),
    Twin(
        "a second receiver of invoices acknowledges before it has written anything",
        (
            new_file(
                f"{CUSTOMER}/archive.py",
                '''
"""Archives invoices."""

from pathlib import Path

import pika

from sysops_squad.customer.messages import INVOICE_ISSUED
from sysops_squad.customer.settings import CustomerSettings
from sysops_squad.plumbing.settings import load_settings


def archive(channel, method, properties, body):
    channel.basic_ack(method.delivery_tag)
    Path("invoices").write_bytes(body)


def main() -> None:
    settings = load_settings(CustomerSettings)
    channel = pika.BlockingConnection(pika.URLParameters(settings.messaging_url)).channel()
    channel.basic_consume(INVOICE_ISSUED, archive)
    channel.start_consuming()


if __name__ == "__main__":
    main()
''',
            ),
        ),
        (Fails(RULE, "invoice-issued", f"{CUSTOMER}/archive.py", "channel.basic_ack("),),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "the delivery is acknowledged by leaving a context",
        (
            replace(
                AMQP,
                HANDLED,
                "            async with delivery.process(ignore_processed=True):\n    " + HANDLED,
            ),
            replace(AMQP, "        else:\n            await delivery.ack()\n", ""),
        ),
    ),
)
