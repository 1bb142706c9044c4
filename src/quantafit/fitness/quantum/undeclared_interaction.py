"""quantum/undeclared-interaction: what was observed between two quanta and stands in no declaration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from quantafit.fitness import permissions
from quantafit.fitness.cases import doubts, edge_waiver, guesses, kind_of, pair_cases, quantum_case, waiver_way_out
from quantafit.fitness.matching import Match, declared, fits, sent_without_receiver
from quantafit.fitness.rule import Case, Contradiction, NoOptions, Rule, Ruling
from quantafit.fitness.system import Pair, System, site
from quantafit.model import (
    Communication,
    Crossing,
    EvidenceKind,
    ImportEdge,
    Interaction,
    Mode,
    Quantum,
    RuleCard,
    Style,
    TargetKind,
)

CARD = RuleCard(
    name="quantum/undeclared-interaction",
    title="A link between two quanta that quanta.yaml does not declare",
    what=(
        "For every ordered pair of quanta: each message, file and replication observed from the first to the second is "
        "declared under `interactions`, by style and, where one is named, by channel. One fact is reported once: a "
        "synchronous call belongs to `quantum/synchronous-call`, an import to `quantum/import`, a foreign database to "
        "`quantum/shared-datastore`, and none of the three lets anything undeclared through. Where one of them is off, "
        "its facts are judged here. A message that no quantum here consumes is a finding where a quantum without "
        "source could be its receiver; where all code is here, it reaches nobody. At a running broker, the users that "
        "`broker_users` gives the first quantum may do nothing to a queue that the second receives from, but to send "
        "where that is declared, and no user is both quanta's."
    ),
    why=(
        "A decision can be weighed only if it is known what it costs. A link that nobody declared was decided by "
        "nobody: it appears in no picture, has no owner, and is found when it breaks."
    ),
    broken="""\
Customer tells billing something that the declaration does not know of:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
  billing:
    source: [billing]
```
```python customer/cards.py
import pika


def add_card(last_four):
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.queue_declare("cards", durable=True)
    channel.basic_publish("", "cards", last_four)
```
```python billing/cards.py
import pika


def take_card(channel, method, properties, body):
    print("card taken")
    channel.basic_ack(method.delivery_tag)


def run():
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.queue_declare("cards", durable=True)
    channel.basic_consume("cards", take_card)
    channel.start_consuming()
```
""",
    kept="""\
The same code, declared:

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
    channel.queue_declare("cards", durable=True)
    channel.basic_publish("", "cards", last_four)
```
```python billing/cards.py
import pika


def take_card(channel, method, properties, body):
    print("card taken")
    channel.basic_ack(method.delivery_tag)


def run():
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.queue_declare("cards", durable=True)
    channel.basic_consume("cards", take_card)
    channel.start_consuming()
```
""",
    repair=(
        "Decide on the link: declare it, with the sentence of the decision that wants it.",
        "Or remove it.",
        "Where it goes to a system that is not yours, list that under `external`.",
    ),
    limits=(
        "Knows only what the evidence shows. What leaves through a library that is not modelled is listed by "
        "`quantum/unresolved`, and keeps this function from passing where it could be a message. An exchange "
        "that also leads to a queue that the quantum may send to is let be, unless it is the default one: permissions "
        "cannot part its queues. Topic permissions, and dead-letter queues, are not looked at."
    ),
    proves=(EvidenceKind.SOURCE,),
    refutes=(EvidenceKind.CONFIGURATION, EvidenceKind.RUNTIME),
)


def select(system: System) -> Iterator[Case[Any]]:
    yield from pair_cases(
        system, "what it sends", lambda pair: _own(pair, system) or [*permissions.findings(pair, system)]
    )
    for quantum in system.architecture.quanta:
        if _unrouted(quantum.name, system):
            yield quantum_case(quantum)


def judge(about: Pair | Quantum, system: System, _options: NoOptions) -> Ruling:
    return _judge_messages(about, system) if isinstance(about, Quantum) else _judge_pair(about, system)


def _judge_pair(pair: Pair, system: System) -> Ruling:
    observed = _own(pair, system)
    matches = [(crossing, declared(crossing, system.architecture.interactions)) for crossing in observed]
    against = [_undeclared(crossing, pair) for crossing, match in matches if match is Match.NO]
    against += [_imported(edge, pair) for edge in _own_imports(pair, system)]
    against += permissions.findings(pair, system)
    unclear = [f"the channel of {site(c)} cannot be told" for c, match in matches if match is Match.OPEN]
    return Ruling(
        tuple(against),
        doubts=(*unclear, *_hidden(pair, system)),
        needs=(pair[0],),
        obstacles=tuple(permissions.obstacles(pair, system)),
        reason="; ".join(filter(None, (_reason(pair, len(observed), system), permissions.reason(pair, system)))),
    )


def _reason(pair: Pair, declared_links: int, system: System) -> str:
    """What a pass rests on, and what it says nothing of because another function judges it."""
    owners = (_owner(crossing) for crossing in system.between(*pair))
    others = sorted({owner for owner in owners if _elsewhere(owner, system)})
    links = (
        f"{declared_links} observed and declared" if declared_links else f"nothing observed from {pair[0]} to {pair[1]}"
    )
    return f"{links} but what {' and '.join(others)} judges" if others else links


def _own(pair: Pair, system: System) -> list[Crossing]:
    """What this function judges of a pair: everything that no more specific function judges."""
    return [crossing for crossing in system.between(*pair) if not _elsewhere(_owner(crossing), system)]


def _owner(crossing: Crossing) -> str:
    if crossing.mechanism == "import":
        return "quantum/import"
    if crossing.mechanism == "database":
        return "quantum/shared-datastore"
    return "quantum/synchronous-call" if crossing.communication is Communication.SYNCHRONOUS else ""


def _elsewhere(rule: str, system: System) -> bool:
    return rule in system.known_rules and system.mode_of(rule) is not Mode.OFF


def _own_imports(pair: Pair, system: System) -> list[ImportEdge]:
    if _elsewhere("quantum/import", system):
        return []
    return [edge for edge in system.imports.get(pair, ()) if not edge.type_checking_only]


def _hidden(pair: Pair, system: System) -> Iterator[str]:
    owners = {"request": "quantum/synchronous-call", "store": "quantum/shared-datastore", "import": "quantum/import"}
    kinds = ["publish", *(kind for kind, rule in owners.items() if not _elsewhere(rule, system))]
    yield from doubts(system, pair[0], *kinds)
    yield from guesses(system, pair, lambda crossing: not _elsewhere(_owner(crossing), system))


def _undeclared(crossing: Crossing, pair: Pair) -> Contradiction:
    source, target = pair
    what = f"{crossing.communication} {crossing.mechanism}"
    channel = f" on {crossing.channel!r}" if crossing.channel else ""
    line = f"`from: {source}, to: {target}, style: {_style(crossing)}" + (
        f", channel: {crossing.channel}`" if crossing.channel else "`"
    )
    return Contradiction(
        f"{source} → {target}{channel} ({what}) is not declared",
        site(crossing),
        kind_of(crossing),
        crossing.path,
        (f"Declare it under `interactions`: {line}, with its `adr`.", f"Remove it from {source}.", edge_waiver(pair)),
        f"{crossing.mechanism} {crossing.channel or ''}".strip(),
    )


def _style(crossing: Crossing) -> str:
    order = (Style.CALL, Style.MESSAGE, Style.REPLICATION, Style.FILE)
    return next((style.value for style in order if fits(style, crossing)), Style.MESSAGE.value)


def _imported(edge: ImportEdge, pair: Pair) -> Contradiction:
    ways_out = (f"Move what both need into `shared_code`, or copy it into {pair[0]}.", edge_waiver(pair))
    message = f"{pair[0]} imports {edge.module} of {pair[1]}"
    return Contradiction(message, edge.place, EvidenceKind.SOURCE, edge.path, ways_out, edge.module)


def _unrouted(source: str, system: System) -> list[Crossing]:
    """Messages that no quantum here consumes and that nothing declares: neither an interaction nor ``external``."""
    external = set(system.architecture.external)
    return [
        crossing
        for crossing in system.leaving(source)
        if crossing.target_kind is TargetKind.UNROUTED
        and fits(Style.MESSAGE, crossing)
        and crossing.communication is Communication.ASYNCHRONOUS
        and not {crossing.channel, crossing.target} & external
        and not any(sent_without_receiver(crossing, i) for i in system.architecture.interactions)
    ]


def _judge_messages(quantum: Quantum, system: System) -> Ruling:
    crossings = _unrouted(quantum.name, system)
    possible = _possible_receivers(quantum.name, system)
    told = [crossing for crossing in crossings if crossing.channel]
    others = [other.name for other in system.with_code if other.name != quantum.name]
    unclear = [f"the channel of {site(crossing)} cannot be told" for crossing in crossings if not crossing.channel]
    for other in others:
        unclear += doubts(system, other, "subscribe", "consume")
    return Ruling(
        tuple(_unreceived(crossing, quantum, possible) for crossing in told) if possible else (),
        doubts=tuple(unclear),
        needs=tuple(dict.fromkeys((*((quantum.name,) if not quantum.opaque else ()), *others))),
        reason="no quantum consumes " + ", ".join(sorted({repr(crossing.channel) for crossing in told})),
    )


def _possible_receivers(source: str, system: System) -> list[str]:
    """Quanta whose code is not here and for which no interaction without a channel stands for any message."""
    covered = {i.target for i in system.architecture.interactions if _any_message(i, source)}
    return [quantum.name for quantum in system.opaque if quantum.name not in covered | {source}]


def _any_message(interaction: Interaction, source: str) -> bool:
    return interaction.source == source and interaction.style is Style.MESSAGE and interaction.channel is None


def _unreceived(crossing: Crossing, quantum: Quantum, possible: list[str]) -> Contradiction:
    names = " or ".join(possible)
    return Contradiction(
        f"{quantum.name} publishes to {crossing.channel!r}, which no code here consumes; {names} may, and its code "
        "is not here",
        site(crossing),
        kind_of(crossing),
        crossing.path,
        (
            f"Declare who receives it: `from: {quantum.name}, to: {possible[0]}, style: message, "
            f"channel: {crossing.channel}`.",
            f"If it goes to a system that is not yours, list {crossing.channel!r} under `external`.",
            "If nobody receives it, remove it.",
            waiver_way_out(quantum=quantum.name),
        ),
        f"{crossing.mechanism} {crossing.channel}",
    )


RULE = Rule(CARD, select, judge)
