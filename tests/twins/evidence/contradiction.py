"""Twins of ``evidence/contradiction``: code and definitions do not say the same of one queue."""

from twinning import MESSAGES, PLUMBING, Fails, LookAlike, Twin, replace

RULE = "evidence/contradiction"
AMQP = f"{PLUMBING}/amqp.py"
DEFINITIONS = "deploy/rabbitmq/definitions.json"

INVOICES = """      "name": "invoice-issued",
      "vhost": "/",
      "durable": true,
      "auto_delete": false,
      "arguments": {
"""
QUEUES = '  "queues": [\n'
POLICY = '"name": "cap", "pattern": "^invoice-issued$", "apply-to": "queues", "definition": {"max-length": 9}'
POLICIES = f'  "policies": [\n    {{"vhost": "/", {POLICY}, "priority": 1}}\n  ],\n'


def in_definitions(names: tuple[str, ...]) -> tuple[Fails, ...]:
    return tuple(Fails(RULE, name, DEFINITIONS, f'"queues": … "name": "{name}"') for name in names)


TWINS = (
    Twin(
        "the code gives up on a message after another number of deliveries than the definitions say",
        (replace(AMQP, "DELIVERY_LIMIT = 5\n", "DELIVERY_LIMIT = 7\n"),),
        in_definitions(MESSAGES),
    ),
    Twin(
        "the definitions make one queue of another type than the code does",
        (
            replace(
                DEFINITIONS,
                INVOICES + '        "x-queue-type": "quorum",\n',
                INVOICES + '        "x-queue-type": "stream",\n',
            ),
        ),
        in_definitions(("invoice-issued",)),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "a policy of the definitions sets a limit that the code does not speak of",
        (replace(DEFINITIONS, QUEUES, POLICIES + QUEUES),),
    ),
    LookAlike(
        "the delivery limit has a name of its own",
        (replace(AMQP, "DELIVERY_LIMIT = 5\n", "ATTEMPTS = 5\nDELIVERY_LIMIT = ATTEMPTS\n"),),
    ),
)
