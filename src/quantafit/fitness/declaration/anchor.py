"""declaration/anchor: a reference to a sentence of a decision that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from quantafit.fitness.rule import Case, Contradiction, NoOptions, Rule, Ruling
from quantafit.fitness.system import System
from quantafit.model import Adr, EvidenceKind, Origin, Place, RuleCard, Subject

CARD = RuleCard(
    name="declaration/anchor",
    title="A reference to a sentence of a decision that does not exist",
    what=(
        "Every `adr` in the declaration leads to a sentence: the decision is listed under `adrs`, its file was read, "
        "and the anchor after `#` stands over a sentence in it. Where decisions are declared at all, an interaction or "
        "a rule without a sentence, and a reference to a whole decision, are pointed out as well, and only warn."
    ),
    why=(
        "A rule without its reason is the first to be switched off. The sentence is what a reader weighs a finding "
        "against, so it has to be there when the finding is read, years later."
    ),
    broken="""\
The heading is there, its sentence was never written:

```yaml quanta.yaml
schema: quanta/1
system: shop
adrs:
  - id: ADR-1
    file: docs/adr/ADR-1.md
quanta:
  customer:
    source: [customer]
    adr: ADR-1#invoices
```
```markdown docs/adr/ADR-1.md
# Extract the customer quantum

Customers are served while other parts are down.

## Invoices
```
```python customer/cards.py
def add_card(last_four):
    return last_four
```
""",
    kept="""\
The anchor is the heading of a sentence:

```yaml quanta.yaml
schema: quanta/1
system: shop
adrs:
  - id: ADR-1
    file: docs/adr/ADR-1.md
quanta:
  customer:
    source: [customer]
    adr: ADR-1#invoices
```
```markdown docs/adr/ADR-1.md
# Extract the customer quantum

## Invoices

Invoices reach the customer by message.
```
```python customer/cards.py
def add_card(last_four):
    return last_four
```
""",
    repair=(
        "Correct the reference, or give the sentence its heading in the decision.",
        "Where no decision says it, leave `adr` out and say why under `because`.",
    ),
    limits="Proves that the sentence is there, not that it says what the rule judges: that is for a reader.",
    proves=(EvidenceKind.DOCUMENT,),
)


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of the declaration that names a sentence, or should. ``name`` says which entry."""

    name: str
    adr: str | None
    place: Place
    expected: bool = False

    @property
    def decision(self) -> str:
        return (self.adr or "").partition("#")[0]

    @property
    def anchor(self) -> str:
        return (self.adr or "").partition("#")[2]


def select(system: System) -> Iterator[Case[Reference]]:
    for reference in _references(system):
        if reference.adr or (reference.expected and system.architecture.adrs):
            subject = Subject("declaration", reference.name, reference.place, reference.adr)
            yield Case(subject, reference, origin=None if reference.anchor else Origin.RECOMMENDED)


def _references(system: System) -> Iterator[Reference]:
    for quantum in system.architecture.quanta:
        yield Reference(f"quantum {quantum.name}", quantum.adr, quantum.place)
        stores = quantum.stores
        yield Reference(f"stores of {quantum.name}", stores.adr, stores.place)
    for interaction in system.architecture.interactions:
        yield Reference(f"interaction {interaction.id}", interaction.adr, interaction.place, expected=True)
    for setting in system.architecture.settings:
        yield Reference(f"rule {setting.rule}", setting.adr, setting.place, expected=True)


def judge(reference: Reference, system: System, _options: NoOptions) -> Ruling:
    shown = frozenset({EvidenceKind.DOCUMENT})
    if not reference.adr:
        message = f"{reference.name} names no sentence of a decision"
        return Ruling((_finding(reference, message, "Name the sentence that wants it under `adr`."),), shown_by=shown)
    adr = next((known for known in system.architecture.adrs if known.id == reference.decision), None)
    if adr is None:
        return Ruling((_unknown_decision(reference, system),), shown_by=shown)
    if not reference.anchor:
        message = f"{reference.name} names the whole of {adr.id}, not a sentence"
        return Ruling((_finding(reference, message, f"Write {adr.id}#ANCHOR{_known(adr)}."),), shown_by=shown)
    return _judge_anchor(reference, adr, system)


def _judge_anchor(reference: Reference, adr: Adr, system: System) -> Ruling:
    shown = frozenset({EvidenceKind.DOCUMENT})
    errors = [e for e in system.coupling.coverage.errors if adr.file is not None and e.place.path == adr.file]
    if errors:
        return Ruling(error=f"{errors[0].place}: {errors[0].message}")
    if adr.file is None:
        return Ruling(doubts=(f"{adr.id} has no `file`, so its sentences were not read",))
    if reference.anchor not in adr.sentences:
        message = f"{adr.file} has no sentence {reference.anchor!r}"
        repair = f"{_nearest(reference.anchor, adr)}Or give the sentence that heading in {adr.file}."
        return Ruling((_finding(reference, message, repair),), shown_by=shown)
    if not adr.sentences[reference.anchor].strip():
        message = f"no sentence stands under {reference.anchor!r} in {adr.file}"
        return Ruling((_finding(reference, message, f"Write the sentence under its heading in {adr.file}."),))
    return Ruling(shown_by=shown, reason=f"{adr.file}#{reference.anchor}")


def _unknown_decision(reference: Reference, system: System) -> Contradiction:
    ids = [adr.id for adr in system.architecture.adrs]
    near = get_close_matches(reference.decision, ids, n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    repair = f"{hint}Or list {reference.decision} under `adrs`, with its `file`."
    return _finding(reference, f"no decision {reference.decision!r} is listed under `adrs`", repair)


def _nearest(anchor: str, adr: Adr) -> str:
    near = get_close_matches(anchor, list(adr.sentences), n=1)
    return f"Did you mean {adr.id}#{near[0]}? " if near else ""


def _known(adr: Adr) -> str:
    return f", one of: {', '.join(adr.sentences)}" if adr.sentences else ""


def _finding(reference: Reference, message: str, repair: str) -> Contradiction:
    return Contradiction(
        message, reference.place, EvidenceKind.DOCUMENT, ways_out=(repair,), detail=reference.adr or ""
    )


RULE = Rule(CARD, select, judge)
