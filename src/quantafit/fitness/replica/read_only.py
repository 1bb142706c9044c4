"""replica/read-only: a write to a replica by anyone but the quantum that feeds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from quantafit.fitness.cases import doubts, interaction_case, kind_of, waiver_way_out
from quantafit.fitness.databases import Rights, live_databases, quanta_of_roles, runtime, unanswered, unreadable
from quantafit.fitness.matching import replica_writes, same_table
from quantafit.fitness.rule import Case, Contradiction, NoOptions, Obstacle, Rule, Ruling
from quantafit.fitness.system import System, site
from quantafit.model import Crossing, DatabaseState, EvidenceKind, Interaction, Place, RuleCard, Style, TableUse
from quantafit.model.live_database import WRITES, LiveRole, LiveRoutine

CARD = RuleCard(
    name="replica/read-only",
    title="A write to a replicated table by a quantum that does not own the data",
    what=(
        "For every declared replication: only its first quantum writes the replica's table. The quantum that holds the "
        "replica reads it and may define it (a model, a migration), and no other quantum writes it. Where no `table` "
        "is declared, the tables that the first quantum writes there are meant. In a running database, no role of "
        "another quantum may write it: by a grant, as its owner (whatever was revoked), by membership, as superuser, "
        "or by a function that runs with other rights. `migration_roles` of the quantum that holds it may own it, "
        "where no unit works under them or can become them."
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
        "In code, a trigger, a migration written in another language or a hand on the database is not seen. In a "
        "running database, superusers that no quantum is known to use are taken for administrators, who owns the "
        "schema could drop the table and make it anew, and a function that puts its statements together is not read."
    ),
    proves=(EvidenceKind.SOURCE, EvidenceKind.RUNTIME),
    refutes=(EvidenceKind.CONFIGURATION,),
)


def select(system: System) -> Iterator[Case[Interaction]]:
    opaque = system.opaque_names
    for interaction in system.architecture.interactions:
        if interaction.style is Style.REPLICATION:
            hidden = interaction.target in opaque and not (
                _findings(interaction, system) or live_databases(system, interaction.target)
            )
            unseen = f"{interaction.target} is declared without source: what it writes cannot be seen" if hidden else ""
            yield replace(interaction_case(interaction), unseen=unseen)


def judge(interaction: Interaction, system: System, _options: NoOptions) -> Ruling:
    tables = _tables(interaction, system)
    live = _live(interaction, tables, system)
    opaque = interaction.target in system.opaque_names
    shown = {EvidenceKind.RUNTIME} if live.reasons and not live.obstacles else set()
    return Ruling(
        (*_findings(interaction, system), *live.findings),
        doubts=tuple(_doubts(interaction, tables, system)),
        needs=() if opaque else (interaction.target,),
        obstacles=tuple(live.obstacles),
        shown_by=frozenset(shown if opaque else shown | {EvidenceKind.SOURCE}),
        reason="; ".join(
            (*(() if opaque else (f"{interaction.target} does not write {', '.join(tables)}",)), *live.reasons)
        ),
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


@dataclass
class _Live:
    """What running databases say of one replica."""

    findings: list[Contradiction] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def _live(interaction: Interaction, tables: tuple[str, ...], system: System) -> _Live:
    live = _Live(obstacles=list(unanswered(system, interaction.target)))
    states = live_databases(system, interaction.target)
    holding = [(state, table) for state in states for table in tables if Rights(state).copies(table)]
    if states and not holding:
        live.obstacles.append(runtime(f"no table {' or '.join(tables)} in {', '.join(state.name for state in states)}"))
    for state, table in holding:
        live.obstacles += unreadable(state, "the roles", "the tables", "the rights on tables", "the rights on columns")
        live.obstacles += unreadable(state, "what views and rules write", "who may call functions")
        live.obstacles += unreadable(state, "the functions that run with other rights, or open connections")
        _judge_live(interaction, state, table, system, live)
    return live


def _judge_live(interaction: Interaction, state: DatabaseState, table: str, system: System, live: _Live) -> None:
    """Every role that can log in, and what it may do to the replica."""
    rights, whose = Rights(state), quanta_of_roles(state, system)
    holder = system.quanta[interaction.target]
    feeding = {one.owner for one in state.subscriptions if any(same_table(t.name, table) for t in one.tables)}
    writers, defining = [], []
    for role in state.roles:
        ways = list(_ways(rights, state, table, role)) if role.login else []
        quanta = whose.get(role.name, frozenset())
        if not ways or (role.superuser and not quanta):
            continue  # superusers are administrators, unless a quantum works as one
        if quanta and quanta <= {interaction.source}:
            writers.append(role.name)
        elif quanta == {holder.name} and role.name in set(holder.migration_roles) - set(holder.database_roles):
            defining.append(role.name)
            live.findings += _given_both(interaction, state, role.name, system)
            if role.name in state.working:
                live.obstacles.append(runtime(f"somebody works as {role.name} in {state.name}: is it a migration?"))
        elif quanta:
            live.findings += (_live_finding(interaction, role.name, quanta, way) for way in ways)
        elif role.name not in feeding:
            how = "; ".join(way.text for way in ways)
            hint = "a quantum's `database_roles` can say it"
            why = f"{role.name} {how} in {state.name}: whose role it is cannot be told; {hint}"
            live.obstacles.append(runtime(why))
    for routine in state.routines:
        if routine.triggered and _writes(rights, table, routine):
            why = f"a trigger calls {routine.name}(), which writes {table} with the rights of {routine.owner}"
            live.obstacles.append(runtime(f"{why}, for whoever changes the trigger's table"))
    workers = {role.name for role in state.roles if role.login and holder.name in whose.get(role.name, ())}
    if not workers - set(defining):
        # It may be a superuser, or one that another name in the URL would have shown.
        why = f"as which role {holder.name} works in {state.name} cannot be told; its `database_roles` can say it"
        live.obstacles.append(runtime(why))
    may = f"; {', '.join(writers)} of {interaction.source} may" if writers else ""
    may += f"; {', '.join(defining)} may, which only migrations use" if defining else ""
    live.reasons.append(f"no role of another quantum may write {table} in {state.name}{may}")


def _given_both(
    interaction: Interaction, state: DatabaseState, migrating: str, system: System
) -> Iterator[Contradiction]:
    """The units that are given a migration role beside another one: what runs there can take on either."""
    given = [use for use in system.coupling.datastores if use.owner == state.quantum and use.unit and use.role]
    others = {(use.quantum, use.unit): use.role for use in given if use.role != migrating}
    for use in given:
        other = others.get((use.quantum, use.unit))
        if use.role == migrating and other is not None:
            what = f"the unit {use.unit} of {use.quantum} is given {migrating}, which owns or may write the replica"
            yield Contradiction(
                f"{what} that {interaction.source} feeds in {interaction.target}, beside {other}",
                use.place,
                use.kind,
                (),
                (
                    f"Give {migrating} to a unit of its own that migrates and ends.",
                    waiver_way_out(interaction=interaction.id),
                ),
                f"{use.unit} {migrating}",
            )


@dataclass(frozen=True)
class _Way:
    """One way by which a role may write the replica: as words, and the thing of the database that opens it."""

    text: str
    place: Place


def _ways(rights: Rights, state: DatabaseState, table: str, role: LiveRole) -> Iterator[_Way]:
    for copy in rights.copies(table):
        for way in _grouped(rights.on(copy, role.name, WRITES)):
            yield _Way(f"may {way} {copy.full_name}", copy.place)
    for view in rights.ways_into(table):
        owned = any(rights.on(copy, view.owner, WRITES) for copy in rights.copies(table))
        for way in _grouped(rights.on(view, role.name, WRITES)) if owned else ():
            yield _Way(f"may {way} {view.full_name}, which writes it with the rights of {view.owner}", view.place)
    for routine in state.routines:
        if _writes(rights, table, routine) and rights.stands_for(role.name).intersection(routine.executors):
            what = f"may call {routine.name}(), which writes it with the rights of {routine.owner}"
            yield _Way(what, routine.place)


def _writes(rights: Rights, table: str, routine: LiveRoutine) -> bool:
    """Whether a function that runs with its owner's rights writes the replica."""
    named = any(same_table(written, table) for written in routine.writes)
    return named and any(rights.on(copy, routine.owner, WRITES) for copy in rights.copies(table))


def _grouped(rights: Mapping[str, str]) -> Iterator[str]:
    """Rights with one origin in one phrase: ``INSERT, UPDATE (granted to PUBLIC)``."""
    origins: dict[str, list[str]] = {}
    for right, origin in rights.items():
        origins.setdefault(origin, []).append(right)
    for origin, several in origins.items():
        yield ", ".join(sorted(several)) + (f" ({origin})" if origin else "")


def _live_finding(interaction: Interaction, role: str, quanta: frozenset[str], way: _Way) -> Contradiction:
    names = " and ".join(sorted(quanta))
    return Contradiction(
        f"{names}'s role {role} {way.text}: the replica that {interaction.source} feeds in {interaction.target}",
        way.place,
        EvidenceKind.RUNTIME,
        (),
        (
            f"Take the right from {role}: REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON the table FROM {role}, or what "
            "it has the right by.",
            f"Let {names} ask {interaction.source} for changes, by message.",
            waiver_way_out(interaction=interaction.id),
        ),
        f"{role} {way.text}",
    )


def _message(writer: str, table: str, interaction: Interaction) -> str:
    return f"{writer} writes {table!r}, the replica that {interaction.source} feeds in {interaction.target}"


def _ways_out(interaction: Interaction, writer: str) -> tuple[str, ...]:
    return (
        f"Let {writer} ask {interaction.source} for the change, by message.",
        f"Keep what {writer} adds in a table of its own.",
        waiver_way_out(interaction=interaction.id),
    )


RULE = Rule(CARD, select, judge)
