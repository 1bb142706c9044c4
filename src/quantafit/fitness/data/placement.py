"""data/placement: a class of data that comes to rest where it must not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from quantafit.fitness.cases import doubts, quantum_case, unseen_case, waiver_way_out
from quantafit.fitness.databases import live_databases, runtime, unanswered, unreadable
from quantafit.fitness.rule import Case, Contradiction, Obstacle, Rule, Ruling
from quantafit.fitness.system import System
from quantafit.model import Communication, DataAtRest, EvidenceKind, Quantum, RuleCard

CARD = RuleCard(
    name="data/placement",
    title="Data at rest in a quantum that must not keep it",
    what=(
        "For every quantum with `stores.deny`: no data of a denied class comes to rest in it, in a column, a table, "
        "SQL or a document. What is on its way to another quantum (a message, or the outbox row that "
        "will become one) may hold a denied class only as ciphertext that this quantum cannot read."
    ),
    why=(
        "Where sensitive data rests, every rule for it applies: who may read it, how long it is kept, how it is "
        "encrypted and audited. A decision that keeps it in one quantum is worth nothing if a copy rests in another."
    ),
    broken="""\
The customer quantum keeps the card's number:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
    stores:
      deny: [pan]
```
```python customer/models.py
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Card(Base):
    __tablename__ = "cards"

    id: Mapped[int] = mapped_column(primary_key=True)
    card_number: Mapped[str] = mapped_column(String(19))
```
""",
    kept="""\
Only the last four digits stay behind:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
    stores:
      deny: [pan]
```
```python customer/models.py
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Card(Base):
    __tablename__ = "cards"

    id: Mapped[int] = mapped_column(primary_key=True)
    card_last4: Mapped[str] = mapped_column(String(4))
```
""",
    repair=(
        "Drop the column or field; keep what is harmless instead: the last four digits, or the owner's reference.",
        "Send it on at once, encrypted to the key of the quantum that may keep it.",
        "Where the quantum may keep it after all, change `stores` and the decision behind it.",
    ),
    limits=(
        "Recognises classes by the names of columns, keys and fields, in code and in running databases, and follows "
        "values through the code; a value under a meaningless name, or inside a text that the code puts together, is "
        "not recognised. Of a running database the catalogues are read, never the rows."
    ),
    proves=(EvidenceKind.SOURCE,),
    refutes=(EvidenceKind.CONFIGURATION, EvidenceKind.RUNTIME),
    options={
        "in_clear": "denied classes that may pass through messages and outbox rows unencrypted, where a declared "
        "interaction of the quantum carries them"
    },
)


@dataclass(frozen=True, slots=True)
class Options:
    """``in_clear``: denied classes that may be in transit without encryption, where an interaction carries them."""

    in_clear: tuple[str, ...] = ()


def check_options(options: Options, system: System) -> Iterator[str]:
    denied = {name for quantum in system.architecture.quanta for name in quantum.stores.deny}
    for name in options.in_clear:
        if name not in denied:
            yield f"option 'in_clear' of {CARD.name} names {name!r}, a class that no quantum denies"


def select(system: System) -> Iterator[Case[Quantum]]:
    for quantum in system.architecture.quanta:
        if quantum.stores.deny:
            adr = quantum.stores.adr or quantum.adr
            seen = not quantum.opaque or _denied(quantum, system)
            yield quantum_case(quantum, adr=adr) if seen else unseen_case(quantum, "what it stores", adr=adr)


def judge(quantum: Quantum, system: System, options: Options) -> Ruling:
    entries = [entry for entry in _denied(quantum, system) if not _may_pass(entry, system, options)]
    return Ruling(
        tuple(_finding(entry, quantum) for entry in entries),
        doubts=tuple(doubts(system, quantum.name, "store")),
        needs=(quantum.name,),
        obstacles=tuple(_obstacles(quantum, system)),
        reason=f"no {' or '.join(quantum.stores.deny)} at rest in {quantum.name}",
    )


def _denied(quantum: Quantum, system: System) -> list[DataAtRest]:
    entries = [e for e in system.coupling.data if e.quantum == quantum.name and e.data_class in quantum.stores.deny]
    return sorted(entries, key=lambda e: (e.place, e.data_class, e.surface, e.where, e.protected, e.path))


def _may_pass(entry: DataAtRest, system: System, options: Options) -> bool:
    if not _in_transit(entry, system):
        return False
    carried = any(
        entry.data_class in interaction.carries
        for interaction in system.architecture.interactions
        if interaction.source == entry.quantum
    )
    return entry.protected or (entry.data_class in options.in_clear and carried)


def _in_transit(entry: DataAtRest, system: System) -> bool:
    """Whether data rests only until it is sent: in a message, or in a row whose writing is the sending itself."""
    if entry.surface == "message":
        return True
    line = (entry.place.path, entry.place.line)
    return any(
        (hop.place.path, hop.place.line) == line
        for crossing in system.leaving(entry.quantum)
        if crossing.communication is Communication.ASYNCHRONOUS and crossing.mechanism != "database"
        for hop in crossing.path
    )


def _obstacles(quantum: Quantum, system: System) -> Iterator[Obstacle]:
    yield from unanswered(system, quantum.name)
    for state in live_databases(system, quantum.name):
        yield from unreadable(state, "the tables", "the columns")
        if not state.tables:
            yield runtime(f"{state.name} has no table: is it migrated, and the right one?")


def _finding(entry: DataAtRest, quantum: Quantum) -> Contradiction:
    sealed = ", encrypted but not on its way out" if entry.protected else ""
    return Contradiction(
        f"{entry.data_class} comes to rest in {quantum.name}: {entry.surface} {entry.where}{sealed}",
        entry.place,
        entry.kind,
        entry.path,
        (
            f"Remove {entry.where} from the {entry.surface}, or keep something harmless instead.",
            "If it has to go to another quantum, send it as ciphertext that only that quantum can read.",
            waiver_way_out(quantum=quantum.name, path=entry.place.path),
        ),
        f"{entry.data_class} {entry.surface} {entry.where}",
    )


RULE = Rule(CARD, select, judge, Options, check_options)
