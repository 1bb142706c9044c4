"""Twins of ``message/durable``: a restart of the broker takes a queue away."""

from twinning import CUSTOMER, MESSAGES, PLUMBING, Fails, LookAlike, Twin, for_each, replace

RULE = "message/durable"
AMQP = f"{PLUMBING}/amqp.py"
DEFINITIONS = "deploy/rabbitmq/definitions.json"

DECLARED = """        queue,
        durable=True,
        arguments={
            "x-queue-type": "quorum",
"""
INVOICES_DEFINED = """      "name": "invoice-issued",
      "vhost": "/",
      "durable": true,
"""

TWINS = (
    Twin(
        "the RabbitMQ adapter declares every queue as not durable",
        (replace(AMQP, DECLARED, DECLARED.replace("True", "False").replace("quorum", "classic")),),
        for_each(MESSAGES, RULE, AMQP, "return await channel.declare_queue("),
    ),
    Twin(
        "the RabbitMQ adapter declares the invoice queue as not durable",
        (
            replace(
                AMQP,
                "async def declare(channel: AbstractRobustChannel, queue: str) -> AbstractRobustQueue:\n"
                '    """Declare a queue and where its dead letters go, as in `deploy/rabbitmq/definitions.json`."""\n',
                "async def declare(channel: AbstractRobustChannel, queue: str) -> AbstractRobustQueue:\n"
                '    """Declare a queue and where its dead letters go, as in `deploy/rabbitmq/definitions.json`."""\n'
                '    if queue == "invoice-issued":\n'
                "        return await channel.declare_queue(queue, durable=False)\n",
            ),
        ),
        (Fails(RULE, "invoice-issued", AMQP, "channel.declare_queue(queue, durable=False)"),),
    ),
    Twin(
        "the broker's definitions declare the invoice queue as not durable",
        (replace(DEFINITIONS, INVOICES_DEFINED, INVOICES_DEFINED.replace("true", "false")),),
        (Fails(RULE, "invoice-issued", DEFINITIONS, '"name": "invoice-issued"'),),
    ),
    Twin(
        "the queues go away with their last consumer",
        (
            replace(
                AMQP,
                "        queue,\n        durable=True,\n",
                "        queue,\n        durable=True,\n        auto_delete=True,\n",
            ),
        ),
        for_each(MESSAGES, RULE, AMQP, "return await channel.declare_queue("),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "a durable queue is declared with the flag in a constant",
        (
            replace(AMQP, "        queue,\n        durable=True,\n", "        queue,\n        durable=DURABLE,\n"),
            replace(AMQP, "DELIVERY_LIMIT = 5\n", "DELIVERY_LIMIT = 5\nDURABLE = True\n"),
        ),
    ),
    LookAlike(
        "something else is not durable",
        (replace(f"{CUSTOMER}/cards.py", "class CardDesk:\n", "durable = False\n\n\nclass CardDesk:\n"),),
    ),
)
