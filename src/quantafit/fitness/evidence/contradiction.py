"""evidence/contradiction: code, definitions and the running broker do not say the same of one queue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from quantafit.fitness import live
from quantafit.fitness.cases import interaction_case, waiver_way_out
from quantafit.fitness.matching import crossings_of
from quantafit.fitness.rule import Case, Contradiction, NoOptions, Obstacle, Rule, Ruling
from quantafit.fitness.system import System
from quantafit.model import (
    Evidence,
    EvidenceKind,
    Interaction,
    LiveFailure,
    Place,
    QueueStatement,
    RuleCard,
    Style,
    Subject,
)

CARD = RuleCard(
    name="evidence/contradiction",
    title="Code, definitions and the running broker do not say the same",
    what=(
        "For every message interaction over AMQP whose queue at least two kinds of evidence speak of: the code that "
        "declares the queue, the files of definitions, and the running broker (with `--live`) give it the same "
        "properties, arguments and policies. Definitions files that differ among themselves are alternatives: one of "
        "them has to agree. And every running server that `live:` names must have answered, else what it would have "
        "said is unknown."
    ),
    why=(
        "A broker refuses a declaration that differs from the queue it has (406 PRECONDITION_FAILED), and the "
        "process that made it does not start. Where nobody declares, the difference stays unseen: what was reviewed "
        "is not what runs, and a policy may drop or move messages that code and definitions promise to keep."
    ),
    broken="""\
Code and definitions give the queue different times to live:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
  billing:
    source: [billing]
interactions:
  - from: customer
    to: billing
    style: message
    channel: cards
```
```python customer/cards.py
import pika


def add_card(last_four):
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.basic_publish("", "cards", last_four)
```
```python billing/cards.py
import pika


def take_card(channel, method, properties, body):
    print("card taken")
    channel.basic_ack(method.delivery_tag)


def run():
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.queue_declare("cards", durable=True, arguments={"x-message-ttl": 86400000})
    channel.basic_consume("cards", take_card)
    channel.start_consuming()
```
```json broker/definitions.json
{
  "vhosts": [{"name": "/"}],
  "queues": [
    {"name": "cards", "vhost": "/", "durable": true, "auto_delete": false, "arguments": {"x-message-ttl": 60000}}
  ],
  "exchanges": [],
  "bindings": []
}
```
""",
    kept="""\
Both say the same:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
  billing:
    source: [billing]
interactions:
  - from: customer
    to: billing
    style: message
    channel: cards
```
```python customer/cards.py
import pika


def add_card(last_four):
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.basic_publish("", "cards", last_four)
```
```python billing/cards.py
import pika


def take_card(channel, method, properties, body):
    print("card taken")
    channel.basic_ack(method.delivery_tag)


def run():
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.queue_declare("cards", durable=True, arguments={"x-message-ttl": 86400000})
    channel.basic_consume("cards", take_card)
    channel.start_consuming()
```
```json broker/definitions.json
{
  "vhosts": [{"name": "/"}],
  "queues": [
    {"name": "cards", "vhost": "/", "durable": true, "auto_delete": false, "arguments": {"x-message-ttl": 86400000}}
  ],
  "exchanges": [],
  "bindings": []
}
```
""",
    repair=(
        "Decide which of them is meant, and change the others; the report names all places.",
        "A queue cannot be changed in place: make it anew with the right arguments, when it is empty.",
        "Remove a policy that overrides what was decided, or write it into the definitions.",
    ),
    limits=(
        "Looks at the queues that declared interactions go through. Of code it knows the settings that it could read; "
        "that code does not mention a limit which the broker or the definitions set is no contradiction, since limits "
        "are often given by policy. Which virtual host a definition belongs to is not looked at."
    ),
    proves=(EvidenceKind.SOURCE, EvidenceKind.CONFIGURATION, EvidenceKind.RUNTIME),
)

_SPEAKER = {
    EvidenceKind.SOURCE: "the code",
    EvidenceKind.CONFIGURATION: "the definitions",
    EvidenceKind.RUNTIME: "the running broker",
}
_DEFAULTS = {"type": "classic", "auto-delete": "false", "exclusive": "false", "overflow": "drop-head"}
"""What holds where nothing is set, for the settings that have a value then. Source: RabbitMQ's "Queues" guide."""

_NOT_OF_MESSAGES = ("ha-", "queue-mode", "queue-master-locator", "queue-leader-locator", "queue-version", "federation")
"""The beginnings of settings that say where and how a queue is kept, and nothing of what becomes of its messages."""

Value = tuple[str, Evidence]


def _select(system: System) -> Iterator[Case[Interaction | LiveFailure]]:
    for interaction in system.architecture.interactions:
        if interaction.style is not Style.MESSAGE:
            continue
        if any(len(_kinds(system.statements(queue))) > 1 for queue in _queues(interaction, system)):
            case = interaction_case(interaction)
            yield Case(case.subject, interaction, case.labels)
    for failure in system.coupling.live.failures if system.coupling.live else ():
        yield Case(Subject("declaration", f"live {failure.kind} {failure.server}", failure.place), failure)


def _judge(about: Interaction | LiveFailure, system: System, _options: NoOptions) -> Ruling:
    if isinstance(about, LiveFailure):
        why = f"{about.kind} {about.server}: {about.why}"
        return Ruling(obstacles=(Obstacle(EvidenceKind.RUNTIME, why, error=True),), shown_by=frozenset())
    against: list[Contradiction] = []
    kinds: set[EvidenceKind] = set()
    queues = [queue for queue in _queues(about, system) if len(_kinds(system.statements(queue))) > 1]
    for queue in queues:
        statements = system.statements(queue)
        kinds |= _kinds(statements)
        against += _differences(about, queue, statements)
        against += _missing(about, queue, statements, system)
    speakers = " and ".join(_SPEAKER[kind] for kind in _SPEAKER if kind in kinds)
    return Ruling(
        tuple(against),
        needs=tuple(name for name in (about.source, about.target) if name not in system.opaque_names),
        obstacles=tuple(live.obstacles(crossings_of(about, system), about, system)),
        shown_by=frozenset(kinds),
        reason=f"{speakers} say the same of {', '.join(queues)}",
    )


def _queues(interaction: Interaction, system: System) -> tuple[str, ...]:
    found = (queue for crossing in crossings_of(interaction, system) for queue in live.queues_of(crossing, interaction))
    return tuple(dict.fromkeys(found))


def _kinds(statements: Iterable[QueueStatement]) -> set[EvidenceKind]:
    return {statement.evidence.kind for statement in statements}


def _differences(interaction: Interaction, queue: str, statements: Sequence[QueueStatement]) -> Iterator[Contradiction]:
    names = sorted({name for statement in statements for name in statement.settings})
    for name in names:
        if name.startswith(_NOT_OF_MESSAGES):
            continue
        said = _said(name, statements)
        if not _agree(said):
            yield _contradiction(interaction, queue, name, said)


def _said(name: str, statements: Sequence[QueueStatement]) -> Mapping[EvidenceKind, list[Value]]:
    """What each kind says of one setting. A complete statement that does not mention it says that it is not set."""
    said: dict[EvidenceKind, list[Value]] = {}
    for statement in statements:
        value = statement.settings.get(name)
        if value is None and statement.complete:
            value = (_DEFAULTS.get(name, "not set"), statement.evidence)
        if value is not None:
            said.setdefault(statement.evidence.kind, []).append(value)
    return {kind: said[kind] for kind in _SPEAKER if kind in said}


def _agree(said: Mapping[EvidenceKind, list[Value]]) -> bool:
    """Whether all kinds can be right together; of several definitions files one is enough."""
    defined = {value for value, _ in said.get(EvidenceKind.CONFIGURATION, ())}
    others = {value for kind, values in said.items() if kind is not EvidenceKind.CONFIGURATION for value, _ in values}
    if len(said) < 2:
        return True
    return len(others) <= 1 and (not defined or others <= defined)


def _contradiction(
    interaction: Interaction, queue: str, name: str, said: Mapping[EvidenceKind, list[Value]]
) -> Contradiction:
    words = []
    for kind, values in said.items():
        says = dict.fromkeys(f"{value}{_by(evidence)} ({evidence.place})" for value, evidence in values)
        words.append(f"{_SPEAKER[kind]}: {', '.join(says)}")
    path = tuple(dict.fromkeys(evidence for values in said.values() for _, evidence in values))
    last = list(said)[-1]
    return Contradiction(
        f"{interaction.arrow} on {queue!r}: of {name} say {'; '.join(words)}",
        said[last][0][1].place,
        last,
        path,
        _ways_out(interaction),
        f"{queue} {name}",
    )


def _by(evidence: Evidence) -> str:
    return f" by {evidence.note}" if "policy" in evidence.note else ""


def _missing(
    interaction: Interaction, queue: str, statements: Sequence[QueueStatement], system: System
) -> Iterator[Contradiction]:
    """A queue that the definitions have and no running broker."""
    defined = [one.evidence for one in statements if one.evidence.kind is EvidenceKind.CONFIGURATION]
    if not defined or not system.asked_brokers or system.silent_brokers or system.live_queues(queue):
        return
    who = " and ".join(system.asked_brokers)
    yield Contradiction(
        f"{interaction.arrow} on {queue!r}: the definitions have the queue ({defined[0].place}), and {who} has not",
        Place(f"{system.asked_brokers[0]}: no queue {queue}", 0),
        EvidenceKind.RUNTIME,
        tuple(defined),
        _ways_out(interaction),
        f"{queue} missing",
    )


def _ways_out(interaction: Interaction) -> tuple[str, ...]:
    return (
        "Decide which is meant, and change the others; a queue is made anew for it, when it is empty.",
        waiver_way_out(interaction=interaction.id),
    )


RULE = Rule(CARD, _select, _judge)
