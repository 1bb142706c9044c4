"""Twins of ``message/durable``: a restart of the broker takes a queue away."""

from twinning import CUSTOMER, MESSAGES, PLUMBING, Fails, LookAlike, Twin, for_each, replace

RULE = "message/durable"
AMQP = f"{PLUMBING}/amqp.py"
DEFINITIONS = "deploy/rabbitmq/definitions.json"

CONSUME = "async def consume(self, queue: str, handler: Handler) -> None:\n"
DECLARED = """        queue,
        durable=True,
        arguments={
            "x-queue-type": "quorum",
"""
INVOICES_DEFINED = """      "name": "invoice-issued",
      "vhost": "/",
      "durable": true,
"""


def contradicted(queues: tuple[str, ...] = MESSAGES) -> tuple[Fails, ...]:
    """The definitions, which go on to say what the code said before; or the other way round."""
    return tuple(Fails("evidence/contradiction", name, DEFINITIONS, f'"queues": … "name": "{name}"') for name in queues)


TWINS = (
    Twin(
        "the RabbitMQ adapter declares every queue as not durable",
        (replace(AMQP, DECLARED, DECLARED.replace("True", "False").replace("quorum", "classic")),),
        (*for_each(MESSAGES, RULE, AMQP, "    declared = await channel.declare_queue("), *contradicted()),
    ),
    Twin(
        "the receiver of invoices declares its queue as not durable",
        (
            replace(
                f"{CUSTOMER}/inbox.py",
                "transport.consume(INVOICE_ISSUED, inbox.take_invoice)",
                "transport.consume(INVOICE_ISSUED, inbox.take_invoice, durable=False)",
            ),
            *(
                replace(path, CONSUME, CONSUME.replace("Handler", "Handler, *, durable: bool = True"))
                for path in (AMQP, f"{PLUMBING}/sqlite_queue.py", f"{PLUMBING}/transport.py")
            ),
            replace(
                AMQP,
                "await self._consume_connected(queue, handler)",
                "await self._consume_connected(queue, handler, durable)",
            ),
            replace(
                AMQP,
                "def _consume_connected(self, queue: str, handler: Handler)",
                "def _consume_connected(self, queue: str, handler: Handler, durable: bool)",
            ),
            replace(AMQP, "await declare(channel, queue)", "await declare(channel, queue, durable)"),
            replace(
                AMQP,
                "async def declare(channel: AbstractRobustChannel, queue: str)",
                "async def declare(channel: AbstractRobustChannel, queue: str, durable: bool = True)",
            ),
            replace(
                AMQP,
                DECLARED,
                DECLARED.replace("durable=True", "durable=durable").replace("quorum", "classic"),
            ),
        ),
        (Fails(RULE, "invoice-issued", AMQP, "    declared = await channel.declare_queue("), *contradicted()),
    ),
    Twin(
        "the broker's definitions declare the invoice queue as not durable",
        (replace(DEFINITIONS, INVOICES_DEFINED, '      "name": "invoice-issued", "vhost": "/", "durable": false,\n'),),
        (
            Fails(RULE, "invoice-issued", DEFINITIONS, '"name": "invoice-issued", "vhost"'),
            *contradicted(("invoice-issued",)),
        ),
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
        (*for_each(MESSAGES, RULE, AMQP, "    declared = await channel.declare_queue("), *contradicted()),
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
