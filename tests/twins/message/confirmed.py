"""Twins of ``message/confirmed``: the sender never learns whether the broker took the message."""

from twinning import MESSAGES, PLUMBING, LookAlike, Twin, for_each, replace

RULE = "message/confirmed"
AMQP = f"{PLUMBING}/amqp.py"
PUBLISH = "channel.default_exchange.publish(message, routing_key=queue, mandatory=True)"

TWINS = (
    Twin(
        "the RabbitMQ adapter opens its channels without publisher confirms",
        (replace(AMQP, "publisher_confirms=True, on_return_raises=True", "publisher_confirms=False"),),
        for_each(MESSAGES, RULE, AMQP, PUBLISH),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "publisher confirms are on by aio-pika's own default",
        (replace(AMQP, "publisher_confirms=True, on_return_raises=True", "on_return_raises=True"),),
    ),
)
