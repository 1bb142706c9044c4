"""The ETL job: the customers' replica follows the support contracts of sysops."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError
from squad_support import run

from squad_servers import SquadDatabases
from sysops_squad.customer import bootstrap as customer_bootstrap
from sysops_squad.customer.models import Base, SupportContract
from sysops_squad.plumbing.database import PlumbingBase, Sessions, migrate, open_database
from sysops_squad.sysops.contracts import ContractDesk
from sysops_squad.sysops.contracts_etl import Changes, ContractsEtl
from sysops_squad.sysops.requests import ContractTerms


@pytest.fixture
def desk(sysops_sessions: Sessions) -> ContractDesk:
    return ContractDesk(sysops_sessions)


@pytest.fixture
def replica(customer_sessions: Sessions, tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path}/customer.db")
    yield engine
    engine.dispose()


@pytest.fixture
def etl(sysops_sessions: Sessions, replica: Engine) -> ContractsEtl:
    return ContractsEtl(sysops_sessions, replica)


def test_new_changed_and_withdrawn_contracts_arrive(
    desk: ContractDesk, etl: ContractsEtl, customer_sessions: Sessions
) -> None:
    for code in ("gold", "iron"):
        desk.offer(code, _terms(100))
    assert etl.run_once() == Changes(inserted=2)
    assert _prices(customer_sessions) == {"gold": 100, "iron": 100}

    desk.offer("gold", _terms(200))
    desk.offer("zinc", _terms(10))
    desk.withdraw("iron")
    assert etl.run_once() == Changes(inserted=1, updated=1, deleted=1)
    assert _prices(customer_sessions) == {"gold": 200, "zinc": 10}


def test_running_again_changes_nothing(desk: ContractDesk, etl: ContractsEtl) -> None:
    desk.offer("gold", _terms(100))
    assert etl.run_once()
    assert not etl.run_once()


def test_a_row_changed_by_hand_in_the_replica_is_repaired(
    desk: ContractDesk, etl: ContractsEtl, replica: Engine, customer_sessions: Sessions
) -> None:
    desk.offer("gold", _terms(100))
    etl.run_once()
    with replica.begin() as connection:
        connection.execute(text("UPDATE support_contract SET monthly_price_cents = 1"))
    assert etl.run_once() == Changes(updated=1)
    assert _prices(customer_sessions) == {"gold": 100}


def test_a_replica_that_is_away_is_filled_when_it_returns(
    desk: ContractDesk, sysops_sessions: Sessions, tmp_path: Path
) -> None:
    desk.offer("gold", _terms(100))
    engine = open_database(f"sqlite:///{tmp_path}/late.db")
    etl = ContractsEtl(sysops_sessions, engine)
    with pytest.raises(SQLAlchemyError):
        etl.run_once()

    async def run_while_the_replica_comes_up() -> None:
        running = asyncio.create_task(etl.run(0.05))
        await asyncio.sleep(0.2)
        migrate(engine, customer_bootstrap.MIGRATIONS, [Base.metadata, PlumbingBase.metadata])
        await asyncio.sleep(0.5)
        running.cancel()

    run(run_while_the_replica_comes_up())
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT monthly_price_cents FROM support_contract")) == 100
    engine.dispose()


@pytest.mark.postgresql
def test_on_postgresql_the_job_writes_one_table_and_the_customers_only_read_it(
    desk: ContractDesk, sysops_sessions: Sessions, customer_server: dict[str, Engine]
) -> None:
    desk.offer("gold", _terms(100))
    assert ContractsEtl(sysops_sessions, customer_server["sysops_etl"]).run_once() == Changes(inserted=1)
    with customer_server["customer"].connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM support_contract")) == 1
    for principal, statement in (
        ("customer", "DELETE FROM support_contract"),
        ("customer", "UPDATE support_contract SET monthly_price_cents = 0"),
        ("sysops_etl", "SELECT * FROM customer"),
        ("sysops_etl", "DELETE FROM card"),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), customer_server[principal].begin() as denied:
            denied.execute(text(statement))


@pytest.fixture
def customer_server(databases: SquadDatabases) -> Iterator[dict[str, Engine]]:
    """The customers' database on a real server, as its units and as the job open it."""
    databases.migrate("customer")
    engines = {role: open_database(databases.url("customer", role)) for role in ("customer", "sysops_etl")}
    yield engines
    for engine in engines.values():
        engine.dispose()


def _terms(price: int) -> ContractTerms:
    return ContractTerms(name="name", description="", monthly_price_cents=price, currency="EUR")


def _prices(sessions: Sessions) -> dict[str, int]:
    with sessions() as session:
        return {contract.code: contract.monthly_price_cents for contract in session.scalars(select(SupportContract))}
