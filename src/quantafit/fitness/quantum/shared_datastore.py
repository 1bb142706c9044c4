"""quantum/shared-datastore: one quantum uses another one's database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from quantafit.fitness.cases import doubts, edge_waiver, guesses, kind_of, pair_cases
from quantafit.fitness.databases import (
    Rights,
    live_databases,
    quanta_of_roles,
    quantum_of_table,
    roles_of,
    runtime,
    unanswered,
    unreadable,
)
from quantafit.fitness.matching import same_table
from quantafit.fitness.rule import Case, Contradiction, NoOptions, Obstacle, Rule, Ruling
from quantafit.fitness.system import Pair, System, site
from quantafit.model import (
    Crossing,
    DatabaseState,
    DatastoreUse,
    EvidenceKind,
    Interaction,
    Place,
    RuleCard,
    Style,
    TableUse,
    TargetKind,
)
from quantafit.model.live_database import LiveTable

_ACCESS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"})

CARD = RuleCard(
    name="quantum/shared-datastore",
    title="A database that two quanta use",
    what=(
        "For every ordered pair of quanta: the first neither opens nor is configured with a database of the second, "
        "and the two are not given one database. The only exception is a declared interaction with `style: "
        "replication`: its first quantum may connect to the replica of its second, and use the declared table there "
        "(every table, where none is declared). Running databases may not be on one server, may not reach into each "
        "other by a foreign data wrapper, dblink or a foreign key to another quantum's table, and may not let another "
        "quantum's role in."
    ),
    why=(
        "A shared database is static coupling: one schema change, one lock or one full disk hits both, neither can be "
        "deployed or scaled alone, and the two are one quantum whatever else keeps them apart."
    ),
    broken="""\
Customer reads billing's tables:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
  billing:
    source: [billing]
    datastores:
      billing-db:
        hosts: [billing-db]
        database: billing
```
```python customer/cards.py
from sqlalchemy import create_engine, text

engine = create_engine("postgresql+psycopg://customer@billing-db/billing")


def cards():
    with engine.connect() as connection:
        return connection.execute(text("SELECT last_four FROM cards")).all()
```
```python billing/cards.py
def take_card(last_four):
    return last_four
```
""",
    kept="""\
Each quantum has a database of its own:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
    datastores:
      customer-db:
        hosts: [customer-db]
        database: customer
  billing:
    source: [billing]
    datastores:
      billing-db:
        hosts: [billing-db]
        database: billing
```
```python customer/cards.py
from sqlalchemy import create_engine, text

engine = create_engine("postgresql+psycopg://customer@customer-db/customer")


def cards():
    with engine.connect() as connection:
        return connection.execute(text("SELECT last_four FROM cards")).all()
```
```python billing/cards.py
def take_card(last_four):
    return last_four
```
""",
    repair=(
        "Give each quantum a database of its own, on a server of its own where its characteristics ask for it.",
        "Ask for data by message, or keep a replica: declare it with `style: replication` and the table.",
        "Where the two must share tables, make them one quantum.",
    ),
    limits=(
        "In code and configuration, databases are told apart by host and name: two names of one server are seen only "
        "in running databases. There, a role counts as a quantum's by its name in the quantum's database URLs or its "
        "`database_roles`, a table by its owner, else by who is granted to write it; what a function reaches by a "
        "connection that it puts together is not seen. A database whose address stays unknown is not evaluated; "
        "`datastores` with `env` or `hosts` says whose it is."
    ),
    proves=(EvidenceKind.SOURCE,),
    refutes=(EvidenceKind.CONFIGURATION, EvidenceKind.RUNTIME),
)


def select(system: System) -> Iterable[Case[Pair]]:
    return pair_cases(system, "the databases it opens", lambda pair: _findings(pair, system))


def judge(pair: Pair, system: System, _options: NoOptions) -> Ruling:
    return Ruling(
        _findings(pair, system),
        doubts=tuple(_doubts(pair, system)),
        needs=(pair[0],),
        obstacles=tuple(_obstacles(pair, system)),
        reason=_reason(pair, system),
    )


def _findings(pair: Pair, system: System) -> tuple[Contradiction, ...]:
    """One finding a line: what a crossing, a table and a connection say of one line is one fact."""
    permitted = _replications(pair, system)
    found = [
        *(_crossing(c, pair) for c in _database_crossings(pair, system) if not _permits(permitted, c.tables)),
        *(_table(use, pair) for use in _foreign_tables(pair, system) if not _permits(permitted, (use.table,))),
        *(_connection(use, pair) for use in _foreign_connections(pair, system) if not permitted),
        *(_common(use, pair) for use in _common_connections(pair, system)),
    ]
    first: dict[tuple[str, int], Contradiction] = {}
    for contradiction in found:
        first.setdefault((contradiction.place.path, contradiction.place.line), contradiction)
    return (
        *first.values(),
        *_on_one_server(pair, system),
        *_let_in(pair, system),
        *(_key_finding(pair, key) for key in _foreign_keys(system) if (key.source, key.target) == pair),
    )


@dataclass(frozen=True)
class _Key:
    """A foreign key between tables that two roles own, with the quanta whose they are as far as that is told."""

    state: DatabaseState
    name: str
    table: LiveTable
    other: LiveTable
    source: str | None
    target: str | None


def _foreign_keys(system: System) -> Iterator[_Key]:
    """The foreign keys in running databases that lead, or may lead, to a table of another quantum.

    Tables of one owner are one quantum's where nothing tells otherwise. A database with two names is looked at once.
    """
    seen: set[tuple[str, str]] = set()
    for state in system.coupling.live.databases if system.coupling.live else ():
        if state.instance and (state.instance, state.database) in seen:
            continue
        seen.add((state.instance, state.database))
        tables = {table.full_name: table for table in state.tables}
        for table in state.tables:
            for key in table.foreign_keys:
                other = tables.get(key.table)
                if other is None or other is table:
                    continue
                source, target = (quantum_of_table(state, one, system) for one in (table, other))
                alike = source == target if source and target else table.owner == other.owner
                if not alike:
                    yield _Key(state, key.name, table, other, source, target)


def _key_finding(pair: Pair, key: _Key) -> Contradiction:
    tables = f"{pair[0]}'s table {key.table.full_name} refers to {pair[1]}'s {key.other.full_name}"
    message = f"{tables} by the foreign key {key.name} in {key.state.name}"
    return Contradiction(message, key.table.place, EvidenceKind.RUNTIME, (), _ways_out(pair), message)


def _on_one_server(pair: Pair, system: System) -> Iterator[Contradiction]:
    """Databases of both on one running server. The finding stands with the quantum that is declared later."""
    for mine, other in _live_pairs(pair, system):
        if mine.server and mine.instance == other.instance:
            version = f"PostgreSQL {mine.version.partition(' ')[0]}"
            message = f"{pair[0]}'s database {mine.name} and {pair[1]}'s {other.name} are on one server ({version})"
            yield Contradiction(message, mine.place, EvidenceKind.RUNTIME, (), _ways_out(pair), f"server {other.name}")


def _live_pairs(pair: Pair, system: System) -> Iterator[tuple[DatabaseState, DatabaseState]]:
    order = list(system.quanta)
    if order.index(pair[0]) > order.index(pair[1]):
        yield from product(live_databases(system, pair[0]), live_databases(system, pair[1]))


def _let_in(pair: Pair, system: System) -> Iterator[Contradiction]:
    """Roles of the first quantum that may log in to the second's database, beyond what a replication permits."""
    source, target = pair
    fed = [i for i in _replications(pair, system) if i.replication.table is None]
    for state in () if fed else live_databases(system, target):
        rights, used = Rights(state), quanta_of_roles(state, system)
        for name in sorted(roles_of(system, source)):
            role = rights.roles.get(name)
            # A superuser's name is much the same everywhere: it is the quantum's only if the quantum is seen to use it.
            known = source in used.get(name, ()) or (role is not None and not role.superuser)
            if not known or target in used.get(name, ()) or not rights.may_connect(name):
                continue
            copies = _copied(pair, rights.roles[name].replication, system)
            if not copies:
                yield _role_finding(pair, state.place, name, f"may log in to {target}'s database {state.name}")
            for table in state.tables if copies else ():
                named = (table.full_name, *table.part_of)
                may = {} if _among(named, copies) else rights.on(table, name, _ACCESS)
                if may:
                    yield _role_finding(pair, table.place, name, f"may {', '.join(sorted(may))} {table.full_name}")


def _copied(pair: Pair, replicates: bool, system: System) -> list[str]:
    """The tables that a role of the first quantum may use in the second's database.

    It feeds a replica there; or its own database copies from there, by a role that may replicate.
    """
    feeds = [i for i in _replications(pair, system) if i.replication.mechanism != "native"]
    fetches = [i for i in _replications((pair[1], pair[0]), system) if i.replication.mechanism != "etl" and replicates]
    return [i.replication.table or "" for i in (*feeds, *fetches)]


def _among(names: Iterable[str], tables: Iterable[str]) -> bool:
    return any(same_table(name, table) for name in names for table in tables)


def _role_finding(pair: Pair, place: Place, role: str, what: str) -> Contradiction:
    message = f"{pair[0]}'s role {role} {what}"
    return Contradiction(message, place, EvidenceKind.RUNTIME, (), _ways_out(pair), f"{role} {what}")


def _obstacles(pair: Pair, system: System) -> Iterator[Obstacle]:
    source, target = pair
    yield from unanswered(system, source, target)
    for key in _foreign_keys(system):
        if None in (key.source, key.target) and {key.source, key.target, key.state.quantum} - {None} <= {*pair}:
            names = f"{key.table.full_name} (of {key.table.owner}) and {key.other.full_name} (of {key.other.owner})"
            why = f"whether {names}, which a foreign key links in {key.state.name}, are one quantum's cannot be told"
            yield runtime(f"{why}; `database_roles` can say it")
    for state in (*live_databases(system, source), *live_databases(system, target)):
        yield from unreadable(state, "which server it is", "the databases of the server", "who may connect")
        yield from unreadable(state, "the roles", "the tables", "the rights on tables", "the rights on columns")
        yield from unreadable(state, "the foreign keys")
    for state in live_databases(system, source):
        yield from unreadable(state, "its extensions", "the foreign servers", "the foreign tables")
        yield from unreadable(state, "the functions that run with other rights, or open connections")
        if "dblink" in state.extensions:
            yield runtime(
                f"{state.name} has the extension dblink, and what is reached by it no catalogue tells; drop it"
            )
    for mine, other in _live_pairs(pair, system):
        if mine.server and mine.server == other.server and mine.instance != other.instance:
            yield runtime(
                f"{mine.name} and {other.name} are on one server that was restarted between, or on a copy of it"
            )


def _replications(pair: Pair, system: System) -> list[Interaction]:
    declared = system.architecture.interactions
    return [i for i in declared if i.style is Style.REPLICATION and (i.source, i.target) == pair]


def _permits(replications: list[Interaction], tables: tuple[str, ...]) -> bool:
    """Whether replications permit the use of all these tables; a connection names none."""
    if not replications or any(i.replication.table is None for i in replications):
        return bool(replications)
    replicas = [i.replication.table or "" for i in replications]
    return all(any(same_table(table, replica) for replica in replicas) for table in tables)


def _database_crossings(pair: Pair, system: System) -> list[Crossing]:
    return [crossing for crossing in system.between(*pair) if crossing.mechanism == "database"]


def _foreign_tables(pair: Pair, system: System) -> list[TableUse]:
    return [use for use in system.tables_of(pair[0]) if use.owner == pair[1]]


def _foreign_connections(pair: Pair, system: System) -> list[DatastoreUse]:
    return [use for use in system.datastores_of(pair[0]) if use.owner == pair[1]]


def _common_connections(pair: Pair, system: System) -> list[DatastoreUse]:
    """Databases without an owner that both are given. The finding stands with the quantum that is declared later."""
    order = list(system.quanta)
    if order.index(pair[0]) < order.index(pair[1]):
        return []
    others = {use.identity for use in system.datastores_of(pair[1]) if _is_told(use)}
    return [use for use in system.datastores_of(pair[0]) if use.owner is None and use.identity in others]


def _is_told(use: DatastoreUse) -> bool:
    """Whether an identity tells one database from all others.

    A variable's name, an address with a gap and a file without its machine do not: two quanta may mean different
    databases by them, or one.
    """
    name = use.identity
    return "/" in name and not re.search(r"[\s…?]|:memory:|\.(db|sqlite3?)$", name)


def _is_nobody_elses(use: DatastoreUse) -> bool:
    return ":memory:" in use.identity


def _doubts(pair: Pair, system: System) -> Iterator[str]:
    source = pair[0]
    yield from doubts(system, source, "store")
    yield from guesses(system, pair, lambda crossing: crossing.mechanism == "database")
    for crossing in system.leaving(source):
        if crossing.mechanism == "database" and crossing.target_kind is TargetKind.UNROUTED:
            yield f"whose database {site(crossing)} uses cannot be told"
    for use in system.datastores_of(source):
        if use.owner is None and not _is_told(use) and not _is_nobody_elses(use):
            yield f"which database {use.place} opens cannot be told; `datastores` of {source} can say it"
    yield from _tables_of_unknown_owner(pair, system)


def _tables_of_unknown_owner(pair: Pair, system: System) -> Iterator[str]:
    """Tables in a database that cannot be told, where that could be a database of the second quantum.

    It could not be where the table is in doubt for a third quantum's sake, since that is the one whose database is
    opened beside the own; nor where the declared replication permits the table, or only the first has one of that name.
    """
    source, target = pair
    uses = system.datastores_of(source)
    foreign = {use.owner for use in uses} - {source}
    if foreign and target not in foreign:
        return
    replications = _replications(pair, system)
    for use in system.tables_of(source):
        harmless = _permits(replications, (use.table,)) or (uses and _is_only_its_own(use, pair, system))
        if use.owner is None and use.operation != "define" and not harmless:
            where = f"in whose database table {use.table!r} at {use.place} is"
            yield f"{where} cannot be told" + ("" if uses else f"; `datastores` of {source} can say it")


def _is_only_its_own(use: TableUse, pair: Pair, system: System) -> bool:
    source, target = pair
    own = any(same_table(use.table, other.table) and other.owner == source for other in system.tables_of(source))
    others = (*system.tables_of(source), *system.tables_of(target))
    return own and not any(same_table(use.table, other.table) and other.owner == target for other in others)


def _crossing(crossing: Crossing, pair: Pair) -> Contradiction:
    verb = {"read": "reads", "write": "writes"}.get(crossing.operation, "opens")
    tables = " (" + ", ".join(crossing.tables) + ")" if crossing.tables else ""
    message = f"{pair[0]} {verb} {pair[1]}'s database{tables}"
    place = site(crossing)
    return Contradiction(message, place, kind_of(crossing), crossing.path, _ways_out(pair), ", ".join(crossing.tables))


def _table(use: TableUse, pair: Pair) -> Contradiction:
    message = f"{pair[0]} {use.operation}s table {use.table!r} of {pair[1]}'s database"
    return Contradiction(message, use.place, EvidenceKind.SOURCE, use.path, _ways_out(pair), use.table)


def _connection(use: DatastoreUse, pair: Pair) -> Contradiction:
    unit = f" (unit {use.unit})" if use.unit else ""
    verb = "opens" if use.kind is EvidenceKind.SOURCE else "is given"
    message = f"{pair[0]}{unit} {verb} {pair[1]}'s database {use.identity}"
    return Contradiction(message, use.place, use.kind, (), _ways_out(pair), use.identity)


def _common(use: DatastoreUse, pair: Pair) -> Contradiction:
    message = f"{pair[0]} and {pair[1]} are given one database, {use.identity}"
    return Contradiction(message, use.place, use.kind, (), _ways_out(pair), use.identity)


def _ways_out(pair: Pair) -> tuple[str, ...]:
    source, target = pair
    return (
        f"Let {target} tell {source} what it needs by message, and keep it in {source}'s own database.",
        f"If {source} feeds a replica in {target}, declare `from: {source}, to: {target}, style: replication` and its "
        "table.",
        edge_waiver(pair),
    )


def _reason(pair: Pair, system: System) -> str:
    if _replications(pair, system):
        return f"{pair[0]} uses nothing of {pair[1]}'s database but the declared replica"
    return f"{pair[0]} uses no database of {pair[1]}"


RULE = Rule(CARD, select, judge)
