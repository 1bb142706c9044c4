"""replica/mechanism: a replica that is fed in another way than declared, or with more than declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from quantafit.fitness.cases import doubts, interaction_case, kind_of, waiver_way_out
from quantafit.fitness.databases import Rights, live_databases, runtime, unanswered, unreadable
from quantafit.fitness.matching import ALL_TABLES, replica_writes, same_table
from quantafit.fitness.rule import Case, Contradiction, NoOptions, Obstacle, Rule, Ruling
from quantafit.fitness.system import System, site
from quantafit.model import Crossing, Evidence, EvidenceKind, Interaction, Place, PublicationUse, RuleCard, Style
from quantafit.model.replication import PublishedTable

CARD = RuleCard(
    name="replica/mechanism",
    title="A replica that is fed in another way than declared, or with more than declared",
    what=(
        "For every declared replication: the replica is a table of its own, and it is fed as `mechanism` says, where "
        "it says anything: by a job of the first quantum that writes it (`etl`), or by the database's logical "
        "replication (`native`). A publication that feeds it hands on every insert, update and delete of the declared "
        "tables, and nothing else: not all tables, not a whole schema, no other table, no column beyond `columns`, "
        "and all or some rows as `rows` says, where these are declared, and no class of data that the second quantum "
        "must not keep."
    ),
    why=(
        "A publication for all tables hands on what nobody has decided to hand on, and every table that is added "
        "later. One that leaves deletes out keeps what the owner has withdrawn. And a replica that is a view of the "
        "owner's database is no copy: each query waits for the owner."
    ),
    broken="""\
A job is declared, and the replica is also fed by a subscription:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  sysops:
    source: [sysops]
    datastores:
      sysops-db:
        hosts: [sysops-db]
        database: sysops
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
```sql sysops/publication.sql
CREATE PUBLICATION contracts FOR TABLE support_contract;
```
```python customer/contracts.py
def price(contract):
    return contract
```
```sql customer/subscription.sql
CREATE SUBSCRIPTION contracts CONNECTION 'host=sysops-db dbname=sysops' PUBLICATION contracts;
```
""",
    kept="""\
The job alone feeds it:

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
def price(contract):
    return contract
```
""",
    repair=(
        "Name the tables, and where not all columns are meant the columns: "
        "`CREATE PUBLICATION p FOR TABLE support_contract (code, name)`.",
        "Let one mechanism feed the replica, and declare that one.",
        "Replace a view or foreign table by a table that a job or a subscription fills.",
    ),
    limits=(
        "Of code it is seen that the first quantum writes the replica, not when. A publication's row filter is judged "
        "where `rows` is declared, else shown. A publication is read from SQL files and running databases; one that a "
        "program makes is seen in the running database only. Change data capture (`cdc`) is not recognised."
    ),
    proves=(EvidenceKind.SOURCE, EvidenceKind.CONFIGURATION, EvidenceKind.RUNTIME),
)

_LOGICAL = "logical-replication"
_NEEDED = ("insert", "update", "delete")
_WORDS = {"etl": "a job that writes it", "native": "logical replication", "cdc": "change data capture"}


def select(system: System) -> Iterator[Case[Interaction]]:
    for interaction in system.architecture.interactions:
        if interaction.style is Style.REPLICATION:
            yield interaction_case(interaction)


def judge(interaction: Interaction, system: System, _options: NoOptions) -> Ruling:
    writes, copies = _writes(interaction, system), _copies(interaction, system)
    mechanism = interaction.replication.mechanism
    against = [*_not_declared(interaction, writes, copies), *_no_table(interaction, system)]
    unclear = []
    for copy in copies:
        findings, doubt = _publication(interaction, copy, system)
        against += findings
        unclear += doubt
    against += _not_published(interaction, copies, system)
    proving = {"etl": writes, "native": copies}.get(mechanism or "", [*writes, *copies])
    if mechanism == "cdc":
        unclear.append("change data capture is not recognised")
    elif not proving:
        unclear.append("what feeds it was not observed (see quantum/missing-interaction)")
    return Ruling(
        tuple(dict.fromkeys(against)),
        doubts=(*unclear, *_hidden(interaction, writes, system)),
        needs=(interaction.source,) if writes or interaction.source not in system.opaque_names else (),
        obstacles=tuple(_obstacles(interaction, system)),
        shown_by=frozenset(one.kind for one in proving),
        reason="; ".join(
            dict.fromkeys(
                (
                    *(f"{_WORDS[one.mechanism]} at {one.place}" for one in proving),
                    *_filters(interaction, copies, system),
                )
            )
        ),
    )


@dataclass(frozen=True)
class _Feed:
    """Something that feeds the replica, with the evidence for it. ``publication`` names one of the source."""

    mechanism: str
    place: Place
    kind: EvidenceKind
    path: tuple[Evidence, ...] = ()
    publication: str | None = None
    tables: tuple[str, ...] = ()


def _writes(interaction: Interaction, system: System) -> list[_Feed]:
    """Where code of the first quantum writes the replica."""
    found = [_Feed("etl", use.place, EvidenceKind.SOURCE, use.path) for use in replica_writes(interaction, system)]
    found += [
        _Feed("etl", site(crossing), kind_of(crossing), crossing.path)
        for crossing in system.between(interaction.source, interaction.target)
        if crossing.mechanism == "database" and crossing.operation == "write" and _touches(crossing, interaction)
    ]
    return list({(feed.place.path, feed.place.line): feed for feed in reversed(found)}.values())[::-1]


def _copies(interaction: Interaction, system: System) -> list[_Feed]:
    """The subscriptions to the first quantum's publications that may feed the replica."""
    return [
        _Feed("native", site(crossing), kind_of(crossing), crossing.path, crossing.channel, crossing.tables)
        for crossing in system.between(interaction.source, interaction.target)
        if crossing.mechanism == _LOGICAL and (_touches(crossing, interaction) or not crossing.tables)
    ]


def _touches(crossing: Crossing, interaction: Interaction) -> bool:
    table = interaction.replication.table
    return table is None or any(name == ALL_TABLES or same_table(name, table) for name in crossing.tables)


def _not_declared(interaction: Interaction, writes: list[_Feed], copies: list[_Feed]) -> Iterator[Contradiction]:
    others = {"etl": copies, "native": writes}.get(interaction.replication.mechanism or "", [])
    table = interaction.replication.table or "the replica"
    for feed in others:
        declared = _WORDS[interaction.replication.mechanism or ""]
        yield _finding(interaction, f"{table} is fed by {_WORDS[feed.mechanism]}, and {declared} is declared", feed)


def _no_table(interaction: Interaction, system: System) -> Iterator[Contradiction]:
    """A replica that is no table: its rows are somewhere else, or nobody feeds them."""
    for state in live_databases(system, interaction.target):
        for one in Rights(state).copies(interaction.replication.table or ""):
            if one.kind != "table" and not one.part_of:
                message = f"{one.full_name} in {state.name} is a {one.kind}, no copy that is fed"
                yield _finding(interaction, message, _Feed("", one.place, EvidenceKind.RUNTIME))


def _publication(interaction: Interaction, copy: _Feed, system: System) -> tuple[list[Contradiction], list[str]]:
    """What the publication behind a subscription hands on beyond, or short of, what is declared."""
    named = _publications_of(interaction, copy, system)
    if not named:
        return _by_tables(interaction, copy, system)
    found = [
        _finding(interaction, message, copy, use) for use in named for message in _excess(interaction, use, system)
    ]
    return found, []


def _publications_of(interaction: Interaction, copy: _Feed, system: System) -> list[PublicationUse]:
    """The statements or states of the publication behind a subscription."""
    return [
        use
        for use in system.coupling.publications
        if use.quantum == interaction.source and use.publication.name == copy.publication and use.kind is copy.kind
    ]


def _not_published(interaction: Interaction, copies: list[_Feed], system: System) -> Iterator[Contradiction]:
    """A subscription to publications that are known, none of which has the declared table."""
    table = interaction.replication.table
    for kind in dict.fromkeys(copy.kind for copy in copies):
        feeds = [(copy, _publications_of(interaction, copy, system)) for copy in copies if copy.kind is kind]
        if table and all(uses for _, uses in feeds) and not any(_has(table, use) for _, uses in feeds for use in uses):
            copy, (use, *_) = feeds[0]
            names = " and ".join(dict.fromkeys(one.publication or "" for one, _ in feeds))
            yield _finding(
                interaction, f"the publication {names} of {interaction.source} hands on no {table}", copy, use
            )


def _has(table: str, use: PublicationUse) -> bool:
    one = use.publication
    return one.all_tables or bool(one.schemas) or any(same_table(published.name, table) for published in one.tables)


def _by_tables(interaction: Interaction, copy: _Feed, system: System) -> tuple[list[Contradiction], list[str]]:
    """The same, where only the tables are known that a subscription brings."""
    brought = f"the subscription at {copy.place} brings"
    others = [table for table in copy.tables if table != ALL_TABLES and not _declared(table, interaction, system)]
    found = [_finding(interaction, f"{brought} {table}, which is not declared", copy) for table in others]
    return found, [f"what {brought} cannot be told: its publication was not seen"]


def _excess(interaction: Interaction, use: PublicationUse, system: System) -> Iterator[str]:
    publication = use.publication
    what = f"the publication {publication.name} of {interaction.source}"
    if publication.all_tables:
        yield f"{what} is for all tables"
    for schema in publication.schemas:
        yield f"{what} is for all tables in the schema {schema}"
    missing = [operation for operation in _NEEDED if operation not in publication.operations]
    if missing:
        yield f"{what} hands on no {' and no '.join(missing)}"
    if publication.all_tables or publication.schemas:
        return
    for table in publication.tables:
        if not _declared(table.name, interaction, system):
            yield f"{what} hands on {table.name}, which is not declared"
        else:
            reasons = (*_columns(table, interaction, system), *_rows(table, interaction))
            yield from (f"{what} hands on {reason}" for reason in reasons)


def _columns(table: PublishedTable, interaction: Interaction, system: System) -> Iterator[str]:
    declared = interaction.replication.columns
    if declared and not table.limited:
        yield f"all columns of {table.name}, and {', '.join(declared)} are declared"
    elif declared:
        more = [column for column in table.columns if column.lower() not in {name.lower() for name in declared}]
        yield from (f"{table.name}.{column}, which is not among the declared columns" for column in more)
    denied = system.quanta[interaction.target].stores.deny
    for column in table.columns:
        found = _class_of(table.name, column, interaction, system)
        if found in denied:
            yield f"{table.name}.{column}: {found}, which {interaction.target} must not keep"


def _rows(table: PublishedTable, interaction: Interaction) -> Iterator[str]:
    """Fewer rows than declared, or more. Of tables that are not this interaction's it says nothing."""
    replication = interaction.replication
    if replication.table is not None and not same_table(replication.table, table.name):
        return
    if replication.rows == "all" and table.row_filter:
        yield f"only the rows of {table.name} where {table.row_filter}, and all are declared"
    elif replication.rows == "some" and not table.row_filter:
        yield f"all rows of {table.name}, and some are declared"


def _filters(interaction: Interaction, copies: list[_Feed], system: System) -> Iterator[str]:
    """The row filters of the publications that feed the replica, for the reader."""
    for copy in copies:
        for use in _publications_of(interaction, copy, system):
            for table in use.publication.tables:
                if table.row_filter and _declared(table.name, interaction, system):
                    yield f"of {table.name} only the rows where {table.row_filter}, by {use.publication.place}"


def _class_of(table: str, column: str, interaction: Interaction, system: System) -> str | None:
    """The data class of a published column, as the publisher's running database was classified."""
    for state in live_databases(system, interaction.source):
        for one in state.tables:
            if one.full_name == table:
                return next((each.data_class for each in one.columns if each.name == column), None)
    return None


def _declared(table: str, interaction: Interaction, system: System) -> bool:
    """Whether a replication between the two quanta declares a table; one without a table declares every one."""
    ends = (interaction.source, interaction.target)
    return any(
        other.replication.table is None or same_table(other.replication.table, table)
        for other in system.architecture.interactions
        if other.style is Style.REPLICATION and (other.source, other.target) == ends
    )


def _hidden(interaction: Interaction, writes: list[_Feed], system: System) -> Iterable[str]:
    """What could be a feed of another kind that was not seen."""
    return doubts(system, interaction.source, "store") if not writes else ()


def _obstacles(interaction: Interaction, system: System) -> Iterator[Obstacle]:
    source, target = interaction.source, interaction.target
    yield from unanswered(system, source, target)
    for state in live_databases(system, target):
        yield from unreadable(state, "the tables", "the subscriptions", "the subscribed tables")
        table = interaction.replication.table
        if table and not Rights(state).copies(table) and len(live_databases(system, target)) == 1:
            yield runtime(f"no table {table} in {state.name}")
    for state in live_databases(system, source):
        subjects = ("the publications", "the published tables", "the published columns and rows")
        yield from unreadable(state, *subjects, "the published schemas", "the columns")


def _finding(interaction: Interaction, message: str, feed: _Feed, use: PublicationUse | None = None) -> Contradiction:
    return Contradiction(
        message,
        use.publication.place if use else feed.place,
        use.kind if use else feed.kind,
        feed.path,
        (
            f"Feed it as declared, or declare `mechanism` and `columns` of {interaction.id} as they are meant.",
            "Hand on what is declared: CREATE PUBLICATION … FOR TABLE … (columns), without ALL and without a schema.",
            waiver_way_out(interaction=interaction.id),
        ),
        message,
    )


RULE = Rule(CARD, select, judge)
