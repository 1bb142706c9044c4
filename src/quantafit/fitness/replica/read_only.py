"""replica/read-only: a write to a replica by anyone but the quantum that feeds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from quantafit.fitness.cases import doubts, interaction_case, kind_of, waiver_way_out
from quantafit.fitness.matching import replica_writes, same_table
from quantafit.fitness.rule import Case, Contradiction, NoOptions, Rule, Ruling
from quantafit.fitness.system import System, site
from quantafit.model import Crossing, EvidenceKind, Interaction, RuleCard, Style, TableUse

CARD = RuleCard(
    name="replica/read-only",
    title="A write to a replicated table by a quantum that does not own the data",
    what=(
        "For every declared replication: only its first quantum writes the replica's table. The quantum that holds the "
        "replica reads it and may define it (a model, a migration), and no other quantum writes it. Where no `table` "
        "is declared, the tables that the first quantum writes there are meant."
    ),
    why=(
        "The owner of data is who writes it. A replica that is also written where it is read has two owners: the next "
        "run overwrites one of them, and nobody can say which value was right."
    ),
    broken="""\
Customer changes the replica that sysops feeds:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  sysops:
    source: [sysops]
  customer:
    source: [customer]
    datastores:
      customer-db:
        hosts: [customer-db]
        database: customer
interactions:
  - from: sysops
    to: customer
    style: replication
    replication:
      table: support_contract
      mechanism: etl
```
```python sysops/contracts.py
from sqlalchemy import create_engine, text

engine = create_engine("postgresql+psycopg://contracts@customer-db/customer")


def copy(contract, price):
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO support_contract VALUES (:id, :price)"), {"id": contract, "price": price})
```
```python customer/contracts.py
from sqlalchemy import create_engine, text

engine = create_engine("postgresql+psycopg://customer@customer-db/customer")


def discount(contract):
    with engine.begin() as connection:
        connection.execute(text("UPDATE support_contract SET price = price / 2 WHERE id = :id"), {"id": contract})
```
""",
    kept="""\
Customer only reads it:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  sysops:
    source: [sysops]
  customer:
    source: [customer]
    datastores:
      customer-db:
        hosts: [customer-db]
        database: customer
interactions:
  - from: sysops
    to: customer
    style: replication
    replication:
      table: support_contract
      mechanism: etl
```
```python sysops/contracts.py
from sqlalchemy import create_engine, text

engine = create_engine("postgresql+psycopg://contracts@customer-db/customer")


def copy(contract, price):
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO support_contract VALUES (:id, :price)"), {"id": contract, "price": price})
```
```python customer/contracts.py
from sqlalchemy import create_engine, text

engine = create_engine("postgresql+psycopg://customer@customer-db/customer")


def price(contract):
    with engine.connect() as connection:
        return connection.execute(text("SELECT price FROM support_contract WHERE id = :id"), {"id": contract}).scalar()
```
""",
    repair=(
        "Ask the owner for the change, by message, and let it come back with the next synchronisation.",
        "Keep what the reader adds in a table of its own, beside the replica.",
        "Give the reader's database role no right to write the table.",
    ),
    limits=(
        "Sees writes in code. A trigger, a migration written in another language or a hand on the database is not "
        "seen; a grant that only lets the owner's role write is stronger."
    ),
    proves=(EvidenceKind.SOURCE,),
    refutes=(EvidenceKind.CONFIGURATION, EvidenceKind.RUNTIME),
)


def select(system: System) -> Iterator[Case[Interaction]]:
    opaque = system.opaque_names
    for interaction in system.architecture.interactions:
        if interaction.style is Style.REPLICATION:
            hidden = interaction.target in opaque and not _findings(interaction, system)
            unseen = f"{interaction.target} is declared without source: what it writes cannot be seen" if hidden else ""
            yield replace(interaction_case(interaction), unseen=unseen)


def judge(interaction: Interaction, system: System, _options: NoOptions) -> Ruling:
    tables = _tables(interaction, system)
    return Ruling(
        _findings(interaction, system),
        doubts=tuple(_doubts(interaction, tables, system)),
        needs=(interaction.target,),
        reason=f"{interaction.target} does not write {', '.join(tables)}",
    )


def _tables(interaction: Interaction, system: System) -> tuple[str, ...]:
    """The replica's table as declared, else the tables that the replication is seen to write."""
    if interaction.replication.table:
        return (interaction.replication.table,)
    written = [use.table for use in replica_writes(interaction, system)]
    for crossing in system.between(interaction.source, interaction.target):
        if crossing.mechanism == "database" and crossing.operation == "write":
            written += crossing.tables
    return tuple(sorted(set(written)))


def _findings(interaction: Interaction, system: System) -> tuple[Contradiction, ...]:
    """One finding a line, whether it was seen as the use of a table or as a crossing."""
    tables = _tables(interaction, system)
    found = [_table_finding(use, interaction) for use in system.tables if _is_foreign(use, interaction, tables)]
    found += [_crossing_finding(crossing, interaction) for crossing in _crossings(interaction, tables, system)]
    first: dict[tuple[str, int], Contradiction] = {}
    for contradiction in found:
        first.setdefault((contradiction.place.path, contradiction.place.line), contradiction)
    return tuple(first.values())


def _is_foreign(use: TableUse, interaction: Interaction, tables: tuple[str, ...]) -> bool:
    """Whether a use writes the replica and is not by its source. The holder's own tables are in its own database."""
    if use.operation != "write" or use.quantum == interaction.source or not _among(use.table, tables):
        return False
    owner = use.owner or (use.quantum if use.quantum == interaction.target else None)
    return owner == interaction.target


def _among(table: str, tables: tuple[str, ...]) -> bool:
    return any(same_table(table, replica) for replica in tables)


def _crossings(interaction: Interaction, tables: tuple[str, ...], system: System) -> Iterator[Crossing]:
    for crossing in system.crossings:
        if (
            crossing.mechanism == "database"
            and crossing.operation == "write"
            and crossing.target == interaction.target
            and crossing.source != interaction.source
            and any(_among(table, tables) for table in crossing.tables)
        ):
            yield crossing


def _doubts(interaction: Interaction, tables: tuple[str, ...], system: System) -> Iterator[str]:
    if not tables:
        yield "which table is the replica cannot be told: declare `replication.table`"
    yield from doubts(system, interaction.target, "store")
    ends = (interaction.source, interaction.target)
    for use in system.tables:
        unknown = use.operation == "write" and use.owner is None and use.quantum not in ends
        if unknown and _among(use.table, tables):
            yield f"in whose database {use.quantum} writes {use.table!r} at {use.place} cannot be told"


def _table_finding(use: TableUse, interaction: Interaction) -> Contradiction:
    ways_out = _ways_out(interaction, use.quantum)
    message = _message(use.quantum, use.table, interaction)
    return Contradiction(message, use.place, EvidenceKind.SOURCE, use.path, ways_out, use.table)


def _crossing_finding(crossing: Crossing, interaction: Interaction) -> Contradiction:
    tables = ", ".join(crossing.tables)
    ways_out = _ways_out(interaction, crossing.source)
    message = _message(crossing.source, tables, interaction)
    return Contradiction(message, site(crossing), kind_of(crossing), crossing.path, ways_out, tables)


def _message(writer: str, table: str, interaction: Interaction) -> str:
    return f"{writer} writes {table!r}, the replica that {interaction.source} feeds in {interaction.target}"


def _ways_out(interaction: Interaction, writer: str) -> tuple[str, ...]:
    return (
        f"Let {writer} ask {interaction.source} for the change, by message.",
        f"Keep what {writer} adds in a table of its own.",
        waiver_way_out(interaction=interaction.id),
    )


RULE = Rule(CARD, select, judge)
