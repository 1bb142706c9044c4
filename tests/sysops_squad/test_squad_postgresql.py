"""PostgreSQL as a deployment has it, on servers of our own: roles, and support contracts by logical replication."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from squad_support import wait_until

from squad_servers import QUANTA, SquadDatabases, run_script
from sysops_squad.customer.bootstrap import open_customer_sessions
from sysops_squad.customer.models import SupportContract
from sysops_squad.customer.settings import CustomerSettings
from sysops_squad.plumbing.database import Sessions
from sysops_squad.sysops.bootstrap import open_sysops_sessions
from sysops_squad.sysops.contracts import ContractDesk
from sysops_squad.sysops.requests import ContractTerms
from sysops_squad.sysops.settings import SysopsSettings

pytestmark = pytest.mark.postgresql
REPLICA = "SELECT code, monthly_price_cents FROM support_contract ORDER BY code"


def test_no_role_connects_to_the_database_of_another_quantum(databases: SquadDatabases) -> None:
    # The customers' database has a server of its own; on one server roles must be refused too.
    run_script(
        "10-quantum.sh",
        databases.others,
        databases.folder,
        QUANTUM="customer",
        QUANTUM_PASSWORD=databases.password,
        QUANTUM_OWNER_PASSWORD=databases.password,
    )
    roles = (*QUANTA, *(f"{quantum}_owner" for quantum in QUANTA))
    for role in roles:
        for database in QUANTA:
            allowed = _connects(databases.others.url(database, role, databases.password))
            assert allowed is (role.removesuffix("_owner") == database), f"{role} at {database}"
    with _Transaction(databases.others.url()) as administrator:
        powers = administrator.execute(
            text(
                "SELECT rolname FROM pg_roles WHERE rolname = ANY(:names) AND"
                " (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)"
            ),
            {"names": [*roles]},
        ).all()
        members = administrator.execute(
            text("SELECT 1 FROM pg_auth_members WHERE pg_get_userbyid(member) = ANY(:names)"), {"names": [*roles]}
        ).all()
    assert powers == members == []


def test_a_unit_s_role_owns_nothing_defines_nothing_and_becomes_nobody(databases: SquadDatabases) -> None:
    databases.migrate()
    databases.migrate()  # again changes nothing
    for quantum in QUANTA:
        with _Transaction(databases.of(quantum).url(quantum)) as administrator:
            owners = administrator.execute(
                text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
            )
            assert [*owners.scalars()] == [f"{quantum}_owner"]
        for statement in (
            "CREATE TABLE own (x INT)",
            "CREATE TEMPORARY TABLE own (x INT)",
            "CREATE SCHEMA own",
            f"SET ROLE {quantum}_owner",
            "UPDATE alembic_version SET version_num = '9999'",
            "ALTER TABLE inbox ADD COLUMN x INT",
            "DROP TABLE inbox",
            "TRUNCATE inbox",
        ):
            assert _is_refused(databases.url(quantum), statement), f"{quantum}: {statement}"


def test_the_customers_may_read_the_replica_and_not_make_themselves_able_to_write_it(databases: SquadDatabases) -> None:
    databases.migrate("customer")
    unit = databases.url("customer")
    with _Transaction(unit) as reading:
        reading.execute(text(REPLICA))
    for statement in (
        "INSERT INTO support_contract VALUES ('x', 'X', '', 1, 'EUR')",
        "UPDATE support_contract SET monthly_price_cents = 0",
        "DELETE FROM support_contract",
        "TRUNCATE support_contract",
        "ALTER TABLE support_contract OWNER TO customer",
        "DROP TABLE support_contract",
        "CREATE TRIGGER t AFTER INSERT ON support_contract EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    ):
        assert _is_refused(unit, statement), statement
    with _Transaction(unit) as unheard:  # PostgreSQL only warns: nothing is granted by who may grant nothing
        unheard.execute(text("GRANT INSERT, UPDATE, DELETE ON support_contract TO customer"))
    with _Transaction(databases.customer.url("customer")) as administrator:
        granted = administrator.execute(
            text(
                "SELECT grantee, privilege_type FROM information_schema.role_table_grants"
                " WHERE table_name = 'support_contract'"
                " AND privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')"
            )
        ).all()
    assert {(who, what) for who, what in granted} == {("sysops_etl", what) for what in ("INSERT", "UPDATE", "DELETE")}


@dataclass(frozen=True)
class Replication:
    """Both sides, with what the units of each quantum do on them."""

    databases: SquadDatabases
    desk: ContractDesk
    contracts: Sessions

    def prices(self) -> dict[str, int]:
        with self.contracts() as session:
            found = session.scalars(select(SupportContract)).all()
            return {contract.code: contract.monthly_price_cents for contract in found}

    def offer(self, code: str, price: int) -> None:
        self.desk.offer(code, ContractTerms(name=code, description="", monthly_price_cents=price, currency="EUR"))


@pytest.fixture(scope="module")
def replication(databases: SquadDatabases) -> Iterator[Replication]:
    databases.migrate("customer", "sysops")
    desk = open_sysops_sessions(SysopsSettings(db_url=databases.url("sysops"), messaging_url="sqlite:///unused"))
    contracts = open_customer_sessions(
        CustomerSettings(db_url=databases.url("customer"), messaging_url="sqlite:///unused")
    )
    yield Replication(databases, ContractDesk(desk), contracts)
    for sessions in (desk, contracts):
        sessions.kw["bind"].dispose()


def test_support_contracts_are_followed_by_logical_replication(replication: Replication) -> None:
    databases = replication.databases
    for code in ("gold", "iron"):
        replication.offer(code, 100)
    with _Transaction(databases.url("customer", "sysops_etl")) as etl:  # what the ETL job had brought before
        etl.execute(text("INSERT INTO support_contract VALUES ('old', 'Old', '', 1, 'EUR')"))

    for _ in range(2):  # again changes nothing
        done = databases.replicate()
        assert done.returncode == 0, done.stderr
    wait_until(lambda: replication.prices() == {"gold": 100, "iron": 100}, "the first copy")

    replication.offer("gold", 200)
    replication.offer("zinc", 10)
    replication.desk.withdraw("iron")
    wait_until(lambda: replication.prices() == {"gold": 200, "zinc": 10}, "a change, an addition and a withdrawal")

    # While either side is away the other works, and what has happened meanwhile arrives.
    databases.customer.server.kill()
    replication.offer("gold", 300)
    databases.customer.server.start()
    wait_until(lambda: _up(replication) and replication.prices()["gold"] == 300, "what was changed meanwhile", 40)
    databases.others.server.stop()
    assert replication.prices() == {"gold": 300, "zinc": 10}
    databases.others.server.start()
    replication.offer("gold", 400)
    wait_until(lambda: replication.prices()["gold"] == 400, "what sysops tells after a restart", 40)

    for role in ("customer", "sysops_etl"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            _Transaction(databases.url("customer", role)) as denied,
        ):
            denied.execute(text("UPDATE support_contract SET monthly_price_cents = 0"))
    with _Transaction(databases.customer.url("customer")) as admin:
        assert databases.password not in str(admin.execute(text("SELECT subconninfo FROM pg_subscription")).all())

    # One table, its agreed columns: a column that is added later, and every other table, stay where they are.
    with _Transaction(databases.url("sysops", "sysops_owner")) as owner:
        owner.execute(text("ALTER TABLE support_contract ADD COLUMN margin_cents INTEGER"))
        published = owner.execute(text("SELECT tablename, attnames FROM pg_publication_tables")).all()
    (table,) = published
    assert (table.tablename, table.attnames) == (
        "support_contract",
        ["code", "name", "description", "monthly_price_cents", "currency"],
    )
    with _Transaction(databases.url("sysops", "customer_replication")) as follower:
        assert len(follower.execute(text(REPLICA)).all()) == 2
    for foreign in (
        "SELECT * FROM ticket",
        "SELECT margin_cents FROM support_contract",
        "DELETE FROM support_contract",
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            _Transaction(databases.url("sysops", "customer_replication")) as follower,
        ):
            follower.execute(text(foreign))
    replication.offer("last", 1)
    wait_until(lambda: "last" in replication.prices(), "what is offered after sysops has changed its own table")


def _connects(url: str) -> bool:
    engine = create_engine(url)
    try:
        engine.connect().close()
    except OperationalError as error:
        if "permission denied for database" not in str(error):
            raise
        return False
    else:
        return True
    finally:
        engine.dispose()


def _is_refused(url: str, statement: str) -> bool:
    try:
        with _Transaction(url) as transaction:
            transaction.execute(text(statement))
    except ProgrammingError as error:
        return re.search(r"permission denied|must be owner|must be able to SET ROLE", str(error)) is not None
    return False


def _up(replication: Replication) -> bool:
    try:
        return _connects(replication.databases.url("customer"))
    except OperationalError:
        return False


class _Transaction:
    """One transaction of a role of its own, on a connection of its own."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)

    def __enter__(self):  # type: ignore[no-untyped-def]
        self._context = self._engine.begin()
        return self._context.__enter__()

    def __exit__(self, *failure: object) -> None:
        try:
            self._context.__exit__(*failure)  # type: ignore[arg-type]
        finally:
            self._engine.dispose()
