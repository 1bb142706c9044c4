"""Twins of ``message/confirmed``: the sender never learns whether the broker took the message."""

from twinning import BILLING, MESSAGES, PLUMBING, Fails, LookAlike, Twin, for_each, new_file, replace

RULE = "message/confirmed"
AMQP = f"{PLUMBING}/amqp.py"
PUBLISH = "exchange.publish(message, routing_key=queue, mandatory=True)"


def sending_again(preparation: str) -> str:
    """A process of billing that sends an invoice beside the transport; it prepares its channel by that line."""
    return f'''
"""Sends an invoice again."""

import pika

from sysops_squad.billing.messages import INVOICE_ISSUED
from sysops_squad.billing.settings import BillingSettings
from sysops_squad.plumbing.settings import load_settings


def main() -> None:
    settings = load_settings(BillingSettings)
    channel = pika.BlockingConnection(pika.URLParameters(settings.messaging_url)).channel()
    {preparation}
    persistent = pika.BasicProperties(delivery_mode=2)
    channel.basic_publish("", INVOICE_ISSUED, b"{{}}", persistent, mandatory=True)


if __name__ == "__main__":
    main()
'''


TWINS = (
    Twin(
        "the RabbitMQ adapter opens its channels without publisher confirms",
        (replace(AMQP, "publisher_confirms=True, on_return_raises=True", "publisher_confirms=False"),),
        for_each(MESSAGES, RULE, AMQP, PUBLISH),
    ),
    Twin(
        "billing sends an invoice by pika, whose channels confirm nothing unless they are asked to",
        (new_file(f"{BILLING}/reminder.py", sending_again("channel.basic_qos(prefetch_count=1)")),),
        (Fails(RULE, "invoice-issued", f"{BILLING}/reminder.py", "channel.basic_publish("),),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "billing sends an invoice by pika, and asks for confirms",
        (new_file(f"{BILLING}/reminder.py", sending_again("channel.confirm_delivery()")),),
    ),
    LookAlike(
        "publisher confirms are on by aio-pika's own default",
        (replace(AMQP, "publisher_confirms=True, on_return_raises=True", "on_return_raises=True"),),
    ),
)
