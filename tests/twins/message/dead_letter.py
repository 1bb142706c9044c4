"""Twins of ``message/dead-letter``: a message that cannot be handled is set aside nowhere."""

from twinning import MESSAGES, PLUMBING, Fails, LookAlike, Twin, for_each, replace

RULE = "message/dead-letter"
AMQP = f"{PLUMBING}/amqp.py"
DEFINITIONS = "deploy/rabbitmq/definitions.json"

EXCHANGE = '            "x-dead-letter-exchange": DEAD_LETTER_EXCHANGE,\n'
KEY = EXCHANGE + '            "x-dead-letter-routing-key": queue,\n'
DECLARATION = "    declared = await channel.declare_queue("


def contradicted(queues: tuple[str, ...] = MESSAGES) -> tuple[Fails, ...]:
    """The definitions, which go on to say where dead letters go."""
    return tuple(Fails("evidence/contradiction", name, DEFINITIONS, f'"queues": … "name": "{name}"') for name in queues)


TWINS = (
    Twin(
        "the adapter sends dead letters to an exchange that nothing is bound to",
        (replace(AMQP, EXCHANGE, EXCHANGE.replace("DEAD_LETTER_EXCHANGE", '"graveyard"')),),
        (*for_each(MESSAGES, RULE, AMQP, DECLARATION), *contradicted()),
    ),
    Twin(
        "the adapter sends dead letters on with a key that no queue is bound by",
        (replace(AMQP, KEY, KEY.replace("queue,\n", '"rejected",\n')),),
        (*for_each(MESSAGES, RULE, AMQP, DECLARATION), *contradicted()),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "the dead-letter exchange has another name, everywhere",
        (replace(AMQP, 'DEAD_LETTER_EXCHANGE = "dead-letter"', 'DEAD_LETTER_EXCHANGE = "dead" + "-" + "letter"'),),
    ),
)
