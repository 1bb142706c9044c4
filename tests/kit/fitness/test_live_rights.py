"""What roles may do in a running database, over values."""

from __future__ import annotations

from typing import Any

import pytest
from builders import architecture, coverage, interaction, judgements, observed, quantum

from quantafit.fitness.databases import Rights
from quantafit.model import (
    Architecture,
    CouplingMap,
    DatabaseServer,
    DatabaseState,
    DatastoreUse,
    EvidenceKind,
    Judgement,
    LiveEvidence,
    LiveFailure,
    LiveServers,
    Place,
    Publication,
    PublicationUse,
    Replication,
    Style,
    Verdict,
)
from quantafit.model.live_database import (
    PUBLIC,
    WRITES,
    Grant,
    LiveColumn,
    LiveRole,
    LiveRoutine,
    LiveSubscription,
    LiveTable,
    ReplicationSlot,
    SiblingDatabase,
    SubscribedTable,
    Unreadable,
)
from quantafit.model.replication import PublishedTable

HERE = Place("customer-db:/public.support_contract", 0)
NAME = "sysops-customer"


def table(*grants: Grant, name: str = "support_contract", **changes: Any) -> LiveTable:
    values: dict[str, Any] = {"kind": "table", "owner": "admin", "place": HERE, "grants": grants}
    return LiveTable("public", name, **(values | changes))


def state(*tables: LiveTable, **changes: Any) -> DatabaseState:
    values: dict[str, Any] = {
        "server": "1",
        "instance": "a",
        "database": "customer",
        "databases": (SiblingDatabase("customer", "customer", (Grant(PUBLIC, "CONNECT"),)),),
        "roles": (LiveRole("customer"), LiveRole("sysops_etl"), LiveRole("postgres", superuser=True)),
        "tables": tables or (table(),),
    }
    values |= changes
    place = Place(f"{values.get('name', 'customer-db')}:/", 0)
    return DatabaseState(values.pop("name", "customer-db"), values.pop("quantum", "customer"), "15.2", place, **values)


# Rights ---------------------------------------------------------------------------------------------------------------

WAYS: dict[str, tuple[tuple[LiveRole, ...], tuple[Grant, ...], str]] = {
    "none": ((LiveRole("app"),), (Grant("app", "SELECT"),), ""),
    "of another": ((LiveRole("app"), LiveRole("other")), (Grant("other", "INSERT"),), ""),
    "a grant": ((LiveRole("app"),), (Grant("app", "INSERT"),), "INSERT "),
    "everybody": ((LiveRole("app"),), (Grant(PUBLIC, "DELETE"),), "DELETE granted to PUBLIC"),
    "a column": ((LiveRole("app"),), (Grant("app", "UPDATE", "price"),), "UPDATE on price"),
    "membership of membership": (
        (LiveRole("app", member_of=("a",)), LiveRole("a", member_of=("b",)), LiveRole("b")),
        (Grant("b", "TRUNCATE"),),
        "TRUNCATE granted to b",
    ),
    "members in a circle": ((LiveRole("app", member_of=("a",)), LiveRole("a", member_of=("app",))), (), ""),
    "a superuser's member": (
        (LiveRole("app", member_of=("admin",)), LiveRole("admin", superuser=True)),
        (),
        "DELETE as superuser, INSERT as superuser, TRUNCATE as superuser, UPDATE as superuser",
    ),
    "all data": (
        (LiveRole("app", member_of=("pg_write_all_data",)),),
        (),
        "DELETE as a member of pg_write_all_data, INSERT as a member of pg_write_all_data, "
        "UPDATE as a member of pg_write_all_data",
    ),
    "its owner": (
        (LiveRole("admin"), LiveRole("app", member_of=("admin",))),
        (Grant("admin", "SELECT"), Grant("admin", "INSERT")),
        "DELETE as a member of its owner admin, and can grant itself the right, INSERT granted to admin, "
        "TRUNCATE as a member of its owner admin, and can grant itself the right, "
        "UPDATE as a member of its owner admin, and can grant itself the right",
    ),
    "the database's owner": ((LiveRole("customer"),), (Grant("pg_database_owner", "INSERT"),), ""),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_role_may_what_it_was_granted_or_can_come_by(way: str) -> None:
    roles, grants, expected = WAYS[way]
    found = Rights(state(table(*grants), roles=roles)).on(table(*grants), "app", WRITES)
    assert ", ".join(f"{right} {origin}" for right, origin in sorted(found.items())) == expected


def test_the_owner_of_a_database_has_the_rights_of_its_owners_role() -> None:
    granted = table(Grant("pg_database_owner", "INSERT"))
    assert Rights(state(granted)).on(granted, "customer", WRITES) == {"INSERT": "granted to pg_database_owner"}


@pytest.mark.parametrize(
    ("version", "may"), [("15.2", True), ("13.1 (Debian)", True), ("16.0", False), ("17beta1", True)]
)
def test_who_makes_roles_could_give_itself_every_right_until_version_15(version: str, may: bool) -> None:
    roles = (LiveRole("app", create_role=True),)
    seen = DatabaseState("customer-db", "customer", version, HERE, roles=roles, tables=(table(),))
    assert bool(Rights(seen).on(table(), "app", WRITES)) is may


def test_partitions_are_the_table_and_views_lead_into_it() -> None:
    part = table(name="support_contract_2030", part_of=("public.support_contract",))
    deeper = table(name="deeper", part_of=("public.support_contract_2030",))
    view = table(name="offers", kind="view", writes_through=("public.deeper",))
    over = table(name="over", kind="view", writes_through=("public.offers",))
    rights = Rights(state(table(), part, deeper, view, over, table(name="other")))
    assert [one.name for one in rights.copies("support_contract")] == ["support_contract", part.name, "deeper"]
    assert [one.name for one in rights.ways_into("support_contract")] == ["offers", "over"]


def test_nobody_logs_in_without_the_right_to_connect() -> None:
    closed = (SiblingDatabase("customer", "customer", (Grant("customer", "CONNECT"),)),)
    roles = (LiveRole("customer"), LiveRole("other"), LiveRole("group", login=False), LiveRole("root", superuser=True))
    rights = Rights(state(databases=closed, roles=roles))
    assert [role.name for role in roles if rights.may_connect(role.name)] == ["customer", "root"]
    assert not rights.may_connect("nobody")


# Functions over values ------------------------------------------------------------------------------------------------


def fed(mechanism: str | None = "etl", **changes: Any) -> Architecture:
    declared = Replication("support_contract", mechanism, columns=changes.pop("columns", ()))
    one = interaction("sysops", "customer", style=Style.REPLICATION, replication=declared)
    servers = LiveServers(
        databases=tuple(DatabaseServer(f"{name}-db", name, name.upper()) for name in ("sysops", "customer"))
    )
    quanta = changes.pop("quanta", (quantum("sysops"), quantum("customer")))
    return architecture(*quanta, interactions=(one,), live=servers, **changes)


def judged(rule: str, *states: DatabaseState, declared: Architecture | None = None, **changes: Any) -> Judgement:
    """By live databases; sysops's role is sysops_etl, customer's is customer."""
    given = [("customer", "customer"), ("sysops", "sysops_etl")]
    uses = tuple(
        DatastoreUse(name, "customer-db/customer", "customer", HERE, EvidenceKind.CONFIGURATION, role=role)
        for name, role in given
    )
    kinds = (EvidenceKind.SOURCE, EvidenceKind.CONFIGURATION, EvidenceKind.RUNTIME)
    values: dict[str, Any] = {
        "coverage": coverage("customer", "sysops", kinds=kinds),
        "live": LiveEvidence((), states, changes.pop("failures", ())),
        "datastores": uses,
        "publications": tuple(
            PublicationUse(one.quantum, publication, EvidenceKind.RUNTIME)
            for one in states
            for publication in one.publications
        ),
    }
    seen: CouplingMap = observed(**(values | changes))
    return judgements(rule, declared or fed(), seen)[NAME]


def test_a_running_database_proves_that_the_replica_is_read_only_even_without_the_code() -> None:
    quanta = (quantum("sysops"), quantum("customer", source=()))
    judgement = judged("replica/read-only", state(table(Grant("sysops_etl", "INSERT"))), declared=fed(quanta=quanta))
    assert judgement.verdict is Verdict.PASS
    assert "sysops_etl of sysops may" in judgement.reason


def test_an_administrator_may_write_and_a_quantum_that_works_as_one_may_not() -> None:
    assert judged("replica/read-only", state()).verdict is Verdict.PASS
    roles = (LiveRole("customer", superuser=True),)
    assert judged("replica/read-only", state(roles=roles)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    "hidden",
    [
        "the roles",
        "the rights on tables",
        "the rights on columns",
        "what views and rules write",
        "who may call functions",
    ],
)
def test_rights_that_were_not_shown_forbid_a_pass(hidden: str) -> None:
    judgement = judged("replica/read-only", state(unreadable=(Unreadable(hidden, "GRANT it"),)))
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert "GRANT it" in judgement.reason


def test_a_trigger_with_other_rights_forbids_a_pass() -> None:
    owned = table(Grant("sysops_etl", "UPDATE"))
    routine = LiveRoutine("public.f", "sysops_etl", HERE, ("support_contract",), (), triggered=True)
    assert judged("replica/read-only", state(owned, routines=(routine,))).verdict is Verdict.NOT_EVALUATED
    harmless = LiveRoutine("public.f", "customer", HERE, ("support_contract",), (), triggered=True)
    assert judged("replica/read-only", state(owned, routines=(harmless,))).verdict is Verdict.PASS


def test_a_database_without_the_replica_proves_nothing() -> None:
    assert judged("replica/read-only", state(table(name="other"))).verdict is Verdict.NOT_EVALUATED


FAILURE = LiveFailure("database", "customer-db", "nobody there", HERE)


@pytest.mark.parametrize("rule", ["replica/read-only", "replica/mechanism", "replica/live-link"])
def test_a_database_that_did_not_answer_is_an_error(rule: str) -> None:
    judgement = judged(rule, failures=(FAILURE,), declared=fed("native"))
    assert judgement.verdict is Verdict.ERROR
    assert "the database customer-db did not tell: nobody there" in judgement.reason


def subscription(**changes: Any) -> LiveSubscription:
    values: dict[str, Any] = {
        "enabled": True,
        "publications": ("p",),
        "slot": "s",
        "working": True,
        "tables": (SubscribedTable("public.support_contract", "r"),),
    }
    return LiveSubscription("s", "postgres", place=Place("customer-db:/subscription s", 0), **(values | changes))


def publisher(*slots: ReplicationSlot, **changes: Any) -> DatabaseState:
    published = changes.pop("published", (PublishedTable("public.support_contract", ("id",)),))
    one = Publication("p", Place("sysops-db:/publication p", 0), tables=published, **changes)
    return state(name="sysops-db", quantum="sysops", server="2", instance="b", slots=slots, publications=(one,))


SLOT = ReplicationSlot("s", True, Place("sysops-db:/slot s", 0))
LINKS: dict[str, tuple[LiveSubscription | None, ReplicationSlot | None, Verdict, str]] = {
    "alive": (subscription(), SLOT, Verdict.PASS, ""),
    "disabled": (subscription(enabled=False, working=False), SLOT, Verdict.FAIL, "is disabled"),
    "no worker": (subscription(working=False), SLOT, Verdict.FAIL, "does not run"),
    "copying": (
        subscription(tables=(SubscribedTable("public.support_contract", "d"),)), SLOT, Verdict.NOT_EVALUATED, "",
    ),
    "no slot": (subscription(), None, Verdict.FAIL, "has no replication slot s in sysops-db"),
    "a slot that nobody uses": (
        subscription(), ReplicationSlot("s", False, HERE), Verdict.FAIL, "nobody uses the slot s of sysops-db",
    ),
    "a slot that was lost": (
        subscription(), ReplicationSlot("s", True, HERE, lost=True), Verdict.FAIL, "its slot s is lost",
    ),
    "none": (None, SLOT, Verdict.FAIL, "no subscription in customer-db fills support_contract"),
    "one that never looked": (subscription(tables=()), SLOT, Verdict.NOT_EVALUATED, ""),
    "one for another table": (
        subscription(tables=(SubscribedTable("public.ticket", "r"),)), SLOT, Verdict.FAIL, "no subscription",
    ),
}  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
def test_a_subscription_is_enabled_works_and_its_slot_is_in_use(link: str) -> None:
    one, slot, verdict, message = LINKS[link]
    replica = state(subscriptions=(one,) if one else ())
    judgement = judged("replica/live-link", replica, publisher(*(slot,) if slot else ()), declared=fed("native"))
    assert judgement.verdict is verdict, judgement
    assert not message or message in judgement.findings[0].message


def test_without_a_live_run_the_link_is_listed_and_stops_nothing() -> None:
    judgement = judged("replica/live-link", declared=fed("native"), live=None)
    assert (judgement.verdict, judgement.stops_the_gate) == (Verdict.NOT_EVALUATED, False)
    assert "were not asked in this run" in judgement.reason


def test_columns_of_a_class_that_the_reader_must_not_keep_are_found() -> None:
    from quantafit.model import Placement

    quanta = (quantum("sysops"), quantum("customer", stores=Placement(deny=("pan",))))
    columns = (LiveColumn("id", "text"), LiveColumn("card_number", "text", "pan"))
    sends = publisher(SLOT, published=(PublishedTable("public.support_contract", ("id", "card_number")),))
    sends = DatabaseState(**{f: getattr(sends, f) for f in sends.__slots__} | {"tables": (table(columns=columns),)})
    from quantafit.model import Communication, Crossing, Evidence, Role, TargetKind

    crossed = Crossing(
        "sysops", "customer", TargetKind.QUANTUM, "logical-replication", Communication.ASYNCHRONOUS, channel="p",
        tables=("public.support_contract",), operation="write",
        evidence=(Evidence(EvidenceKind.RUNTIME, Role.CALL, subscription().place),),
    )  # fmt: skip
    kinds = (EvidenceKind.SOURCE, EvidenceKind.RUNTIME)
    seen = CouplingMap(
        crossings=(crossed,),
        live=LiveEvidence((), (state(subscriptions=(subscription(),)), sends)),
        publications=tuple(PublicationUse("sysops", one, EvidenceKind.RUNTIME) for one in sends.publications),
        coverage=coverage("customer", "sysops", kinds=kinds),
    )
    judgement = judgements("replica/mechanism", fed("native", quanta=quanta), seen)[NAME]
    assert [f.message for f in judgement.findings] == [
        "the publication p of sysops hands on public.support_contract.card_number: pan, which customer must not keep"
    ]
