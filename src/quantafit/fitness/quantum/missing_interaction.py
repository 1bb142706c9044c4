"""quantum/missing-interaction: what quanta.yaml declares and no evidence shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from quantafit.fitness.cases import doubts, interaction_case, waiver_way_out
from quantafit.fitness.matching import (
    crossings_of,
    fits,
    open_crossings_of,
    replica_writes,
    sent_without_receiver,
)
from quantafit.fitness.rule import Case, Contradiction, NoOptions, Rule, Ruling
from quantafit.fitness.system import System, site
from quantafit.model import Crossing, EvidenceKind, Interaction, RuleCard, Style, TableUse

CARD = RuleCard(
    name="quantum/missing-interaction",
    title="A declared interaction that nothing implements",
    what=(
        "For every declared interaction: it was observed, from its first quantum to its second, in its style and, "
        "where it names one, on its channel or into its table. A message needs both ends: who sends it and who "
        "consumes it."
    ),
    why=(
        "A declaration that no code backs is a wrong map: the picture shows a link that is not there, and every "
        "function that judges the link has nothing to judge. It is also how a half-removed or misspelt channel shows."
    ),
    broken="""\
Declared, but customer sends nothing:

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
def add_card(last_four):
    return last_four
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
Both ends are there:

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
        "Remove the interaction from `quanta.yaml`, and the sentence of the decision if it no longer holds.",
        "Or build what is missing: the sending end, or the consumer.",
        "Where the channel's name differs between code and declaration, make them one.",
    ),
    limits=(
        "Proves that the code contains the link, not that it was ever used. Replication that the database does by "
        "itself (`mechanism: native`) is not visible in code. Where an end belongs to a quantum without source, the "
        "interaction is not evaluated."
    ),
    proves=(EvidenceKind.SOURCE, EvidenceKind.CONFIGURATION, EvidenceKind.RUNTIME),
)

# What an unresolved fact must be able to turn out as, to be the interaction that was not found.
_COULD_BE = {
    Style.MESSAGE: ("publish",),
    Style.CALL: ("request",),
    Style.REPLICATION: ("store",),
    Style.FILE: ("store",),
}


def select(system: System) -> Iterator[Case[Interaction]]:
    for interaction in system.architecture.interactions:
        case = interaction_case(interaction)
        yield replace(case, unseen=_unseen(interaction, system))


def _unseen(interaction: Interaction, system: System) -> str:
    """Why an interaction cannot be judged at all; empty where it can."""
    opaque = system.opaque_names
    if _shown(interaction, system):
        return ""
    if interaction.source in opaque:
        return f"{interaction.source} is declared without source: its sending end cannot be seen"
    ends = [crossing for crossing in system.unrouted(interaction.source) if _sending_end(crossing, interaction)]
    if interaction.target in opaque and ends:
        return f"sent at {site(ends[0])}, but {interaction.target} is declared without source: who receives is not seen"
    return ""


def _sending_end(crossing: Crossing, interaction: Interaction) -> bool:
    if interaction.channel is None:
        return fits(interaction.style, crossing)
    return sent_without_receiver(crossing, interaction)


def judge(interaction: Interaction, system: System, _options: NoOptions) -> Ruling:
    shown = _shown(interaction, system)
    if shown:
        return Ruling(shown_by=_kinds(shown), reason=f"observed at {_places(shown)}")
    return Ruling(
        missing=(_finding(interaction, system),),
        doubts=tuple(_doubts(interaction, system)),
        needs=(interaction.source, *((interaction.target,) if interaction.target not in system.opaque_names else ())),
    )


def _shown(interaction: Interaction, system: System) -> Sequence[Crossing | TableUse]:
    certain = [crossing for crossing in crossings_of(interaction, system) if not crossing.guessed]
    if certain or interaction.style is not Style.REPLICATION:
        return certain
    return replica_writes(interaction, system)


def _kinds(shown: Sequence[Crossing | TableUse]) -> frozenset[EvidenceKind]:
    kinds = {EvidenceKind.SOURCE for item in shown if isinstance(item, TableUse)}
    for item in shown:
        if isinstance(item, Crossing):
            kinds |= item.kinds
    return frozenset(kinds)


def _places(shown: Sequence[Crossing | TableUse]) -> str:
    places = dict.fromkeys(str(site(item) if isinstance(item, Crossing) else item.place) for item in shown)
    first, *rest = places
    return first + (f" and {len(rest)} more" if rest else "")


def _doubts(interaction: Interaction, system: System) -> Iterator[str]:
    for crossing in open_crossings_of(interaction, system):
        yield f"{site(crossing)} may be it, but its channel cannot be told"
    for crossing in crossings_of(interaction, system):
        yield f"{site(crossing)} may be it, but its target is a guess"
    if interaction.replication.mechanism == "native":
        yield "native replication is set up in the database, which this run did not look at"
    yield from doubts(system, interaction.source, *_COULD_BE[interaction.style])
    if interaction.style is Style.MESSAGE:
        yield from doubts(system, interaction.target, "subscribe", "consume")


def _finding(interaction: Interaction, system: System) -> Contradiction:
    ends = [crossing for crossing in system.unrouted(interaction.source) if _sending_end(crossing, interaction)]
    on = f" on {interaction.channel!r}" if interaction.channel else ""
    message = f"{interaction.arrow} ({interaction.style}{on}) is declared, and no code does it"
    if ends:
        message = f"{interaction.source} sends{on} at {site(ends[0])}, and no code of {interaction.target} receives it"
    elif _consumed(interaction, system):
        message = f"{interaction.target} consumes{on}, and no code of {interaction.source} sends it"
    return Contradiction(message, interaction.place, EvidenceKind.SOURCE, (), _ways_out(interaction), interaction.style)


def _consumed(interaction: Interaction, system: System) -> bool:
    wanted = (interaction.target, interaction.channel)
    return interaction.channel is not None and any((c.quantum, c.queue) == wanted for c in system.coupling.consumers)


def _ways_out(interaction: Interaction) -> tuple[str, ...]:
    return (
        f"Remove the interaction {interaction.id!r} from quanta.yaml if it is no longer wanted.",
        f"Or build it: {interaction.source} sends, {interaction.target} receives.",
        "Or correct its channel, style or direction.",
        waiver_way_out(interaction=interaction.id),
    )


RULE = Rule(CARD, select, judge)
