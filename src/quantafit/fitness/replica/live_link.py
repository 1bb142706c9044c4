"""replica/live-link: a subscription that does not run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from quantafit.fitness.cases import interaction_case, waiver_way_out
from quantafit.fitness.databases import live_databases, runtime, unanswered, unreadable
from quantafit.fitness.matching import same_table
from quantafit.fitness.rule import Case, Contradiction, NoOptions, Obstacle, Rule, Ruling
from quantafit.fitness.system import System
from quantafit.model import DatabaseState, EvidenceKind, Interaction, Place, RuleCard, Style
from quantafit.model.live_database import LiveSubscription

CARD = RuleCard(
    name="replica/live-link",
    title="A replica whose subscription does not run",
    what=(
        "For every declared replication by the database itself (`mechanism: native`), and for every other one where a "
        "subscription fills the replica: in the running databases, the subscription is enabled, its worker runs and "
        "has reached the publisher, the first copy is done, and the replication slot at the publisher is in use and "
        "has lost nothing."
    ),
    why=(
        "A subscription that is disabled or cannot reach its publisher makes no noise: the replica answers as before, "
        "with data that grows old, and the publisher keeps its log for it until the disk is full."
    ),
    broken="""\
An administrator has disabled the subscription:

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
      mechanism: native
live:
  databases:
    sysops-db: {env: SYSOPS_LIVE_URL}
    customer-db: {env: CUSTOMER_LIVE_URL}
```
```python sysops/contracts.py
def offer(contract):
    return contract
```
```sql sysops/publication.sql
CREATE PUBLICATION contracts FOR TABLE support_contract;
```
```python customer/contracts.py
from sqlalchemy import create_engine, text

engine = create_engine("postgresql+psycopg://customer@customer-db/customer")


def price(contract):
    with engine.connect() as connection:
        return connection.execute(text("SELECT price FROM support_contract WHERE id = :id"), {"id": contract}).scalar()
```
```sql customer/subscription.sql
CREATE SUBSCRIPTION contracts CONNECTION 'host=sysops-db dbname=sysops' PUBLICATION contracts;
```
```sql customer-db
ALTER SUBSCRIPTION contracts DISABLE;
```
""",
    kept="""\
And enabled it again:

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
      mechanism: native
live:
  databases:
    sysops-db: {env: SYSOPS_LIVE_URL}
    customer-db: {env: CUSTOMER_LIVE_URL}
```
```python sysops/contracts.py
def offer(contract):
    return contract
```
```sql sysops/publication.sql
CREATE PUBLICATION contracts FOR TABLE support_contract;
```
```python customer/contracts.py
from sqlalchemy import create_engine, text

engine = create_engine("postgresql+psycopg://customer@customer-db/customer")


def price(contract):
    with engine.connect() as connection:
        return connection.execute(text("SELECT price FROM support_contract WHERE id = :id"), {"id": contract}).scalar()
```
```sql customer/subscription.sql
CREATE SUBSCRIPTION contracts CONNECTION 'host=sysops-db dbname=sysops' PUBLICATION contracts;
```
```sql customer-db
ALTER SUBSCRIPTION contracts ENABLE;
```
""",
    repair=(
        "`ALTER SUBSCRIPTION … ENABLE`, and look into the server's log for what had stopped it.",
        "Where the slot is lost: drop the subscription, empty the replica, create the subscription again.",
        "Where the subscription is not wanted any more: drop it, and its slot at the publisher.",
    ),
    limits=(
        "Tells how it is at this moment, not how old the data is. A worker that has just been started and has not "
        "spoken to its publisher yet counts as one that does not run."
    ),
    proves=(EvidenceKind.RUNTIME,),
)


def select(system: System) -> Iterator[Case[Interaction]]:
    for interaction in system.architecture.interactions:
        native = interaction.replication.mechanism == "native"
        if interaction.style is Style.REPLICATION and (native or _subscriptions(interaction, system)):
            yield replace(interaction_case(interaction), unseen=_unseen(interaction, system))


def _unseen(interaction: Interaction, system: System) -> str:
    servers = [server.name for server in system.architecture.live.databases if server.quantum == interaction.target]
    if system.coupling.live is None:
        return "running databases were not asked in this run (quantafit check --live)"
    return "" if servers else f"no database of {interaction.target} is named under `live`"


def judge(interaction: Interaction, system: System, _options: NoOptions) -> Ruling:
    link = _Link(obstacles=list(unanswered(system, interaction.source, interaction.target)))
    for state in live_databases(system, interaction.target):
        link.obstacles += unreadable(state, "the subscriptions", "the subscribed tables")
    found = _subscriptions(interaction, system)
    for state, subscription in found:
        _judge(interaction, state, subscription, system, link)
    if not found and not link.obstacles:
        names = " or ".join(state.name for state in live_databases(system, interaction.target))
        table = interaction.replication.table or "a replica"
        place = live_databases(system, interaction.target)[0].place
        link.findings.append(_finding(interaction, f"no subscription in {names} fills {table}", place))
    return Ruling(
        tuple(link.findings),
        obstacles=tuple(link.obstacles),
        shown_by=frozenset({EvidenceKind.RUNTIME} if link.reasons else ()),
        reason="; ".join(link.reasons),
    )


@dataclass
class _Link:
    findings: list[Contradiction] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def _subscriptions(interaction: Interaction, system: System) -> list[tuple[DatabaseState, LiveSubscription]]:
    """The subscriptions that fill the replica, or will when they have looked at what is published."""
    table = interaction.replication.table
    own = [use.publication for use in system.coupling.publications if use.quantum == interaction.source]
    handed_on = {
        one.name
        for one in own
        if table is None or one.all_tables or any(same_table(published.name, table) for published in one.tables)
    }
    return [
        (state, one)
        for state in live_databases(system, interaction.target)
        for one in state.subscriptions
        if table is None
        or any(same_table(filled.name, table) for filled in one.tables)
        or (not one.tables and handed_on.intersection(one.publications))
    ]


def _judge(
    interaction: Interaction, state: DatabaseState, subscription: LiveSubscription, system: System, link: _Link
) -> None:
    name = f"the subscription {subscription.name} of {state.name}"
    if not subscription.enabled:
        link.findings.append(_finding(interaction, f"{name} is disabled", subscription.place))
    elif not subscription.working:
        message = f"the worker of {name} does not run, or has not reached the publisher"
        link.findings.append(_finding(interaction, message, subscription.place))
    waiting = [table.name for table in subscription.tables if table.state != "r"]
    if subscription.enabled and (waiting or not subscription.tables):
        link.obstacles.append(runtime(f"the first copy by {name} is not done ({', '.join(waiting) or 'no table yet'})"))
    _judge_slot(interaction, subscription, name, system, link)
    link.reasons.append(f"{name} is enabled and its worker runs")


def _judge_slot(
    interaction: Interaction, subscription: LiveSubscription, name: str, system: System, link: _Link
) -> None:
    """The publisher's end, where that database was asked."""
    publishers = live_databases(system, interaction.source)
    slots = [(state, slot) for state in publishers for slot in state.slots if slot.name == subscription.slot]
    hidden = [obstacle for state in publishers for obstacle in unreadable(state, "the replication slots")]
    link.obstacles += hidden
    if publishers and not slots and not hidden:
        names = " or ".join(state.name for state in publishers)
        message = f"{name} has no replication slot {subscription.slot or ''} in {names}".replace("  ", " ")
        link.findings.append(_finding(interaction, message, subscription.place))
    for state, slot in slots:
        if slot.lost:
            message = f"the changes for {name} are gone from the log of {state.name}: its slot {slot.name} is lost"
            link.findings.append(_finding(interaction, message, slot.place))
        elif not slot.active and subscription.enabled:
            link.findings.append(_finding(interaction, f"nobody uses the slot {slot.name} of {state.name}", slot.place))


def _finding(interaction: Interaction, message: str, place: Place) -> Contradiction:
    ways_out = (
        "Look into the logs of both servers, mend what stopped it, and enable the subscription.",
        "If another mechanism feeds the replica, declare that one, and drop subscription and slot.",
        waiver_way_out(interaction=interaction.id),
    )
    return Contradiction(message, place, EvidenceKind.RUNTIME, (), ways_out, message)


RULE = Rule(CARD, select, judge)
