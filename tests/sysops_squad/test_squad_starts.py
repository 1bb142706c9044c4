"""What a unit says where its servers are away, refuse it, or are at another version: one line, no password."""

import asyncio
import os
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, text
from squad_support import PASSWORD, Broker, Issuers, wait_until

from squad_servers import SquadDatabases
from sysops_squad.billing.payment_job import PaymentJob
from sysops_squad.plumbing.database import open_database, open_migrated, open_sessions
from sysops_squad.plumbing.outbox import Outbox
from sysops_squad.reporting.api import create_app

pytestmark = pytest.mark.xdist_group("running")  # see tests/conftest.py

UNIT = "reporting.intake"
SECRET = "sesame-open"


@pytest.mark.postgresql
def test_a_wrong_password_ends_the_unit(databases: SquadDatabases, tmp_path: Path) -> None:
    url = databases.others.url("reporting", "reporting", SECRET)
    assert "password authentication failed" in _only_line(tmp_path, url)


@pytest.mark.postgresql
def test_a_database_that_does_not_exist_ends_the_unit(databases: SquadDatabases, tmp_path: Path) -> None:
    url = databases.others.url("no-such", "reporting", databases.password)
    assert 'database "no-such" does not exist' in _only_line(tmp_path, url)


@pytest.mark.postgresql
def test_a_role_that_may_not_see_the_version_ends_the_unit(databases: SquadDatabases, tmp_path: Path) -> None:
    databases.migrate("customer")
    line = _only_line(tmp_path, databases.url("customer", "sysops_etl"))
    assert line == "the database customer at 127.0.0.1 cannot be opened: permission denied for table alembic_version"


@pytest.mark.postgresql
def test_a_database_that_nobody_migrates_ends_the_unit(
    databases: SquadDatabases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORTING_DB_PATIENCE_SECONDS", "1")
    lines = _lines(tmp_path, databases.url("billing"))
    why = "it is empty, this release needs 0001, and billing may not migrate it"
    assert [line.rpartition("the database ")[2] for line in lines] == [
        f"billing at 127.0.0.1 waits for its migrations, waiting 1 s for it: {why}",
        f"billing at 127.0.0.1 cannot be used: {why}",
    ]


@pytest.mark.postgresql
def test_a_unit_waits_for_its_migrations_and_then_works(databases: SquadDatabases, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as out, _start(tmp_path, databases.url("reporting"), out) as unit:
        try:
            wait_until(lambda: "waits for its migrations" in log.read_text(), "the unit's line")
            databases.migrate("reporting")
            wait_until(lambda: "ready" in log.read_text(), "the unit at work")
        finally:
            unit.terminate()
    assert log.read_text().count("waits for its migrations") == 1


@pytest.mark.postgresql
def test_the_database_of_another_quantum_ends_the_unit(databases: SquadDatabases, tmp_path: Path) -> None:
    assert "permission denied for database" in _only_line(tmp_path, databases.url("billing", "reporting"))


@pytest.mark.postgresql
def test_a_database_of_a_newer_release_is_left_alone(databases: SquadDatabases, tmp_path: Path) -> None:
    databases.migrate("reporting")
    engine = create_engine(databases.url("reporting", "reporting_owner"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        for role in ("reporting", "reporting_owner"):
            line = _only_line(tmp_path, databases.url("reporting", role))
            assert "it is at version 9999, and this release knows none after 0001" in line
    finally:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        engine.dispose()


@pytest.mark.postgresql
def test_a_server_that_comes_late_is_waited_for(databases: SquadDatabases, tmp_path: Path) -> None:
    databases.migrate("reporting")
    databases.others.server.stop()
    log = tmp_path / "log"
    with log.open("w") as out, _start(tmp_path, databases.url("reporting"), out) as unit:
        try:
            wait_until(lambda: "is away, waiting" in log.read_text(), "the unit's line")
            databases.others.server.start()
            wait_until(lambda: "ready" in log.read_text(), "the unit at work")
        finally:
            unit.terminate()
            databases.others.server.stop()
            databases.others.server.start()
    assert log.read_text().count("is away, waiting") == 1
    _holds_no_secret(log.read_text(), databases.password)


def test_migrations_that_are_missing_end_the_unit(tmp_path: Path) -> None:
    (tmp_path / "migrations/versions").mkdir(parents=True)
    with pytest.raises(SystemExit, match="there are no migrations in migrations/versions: this release is not whole"):
        open_migrated(f"sqlite:///{tmp_path}/x.db", tmp_path / "migrations", [MetaData()])


@pytest.mark.rabbitmq
def test_a_broker_that_refuses_the_password_ends_the_unit(broker: Broker, tmp_path: Path) -> None:
    url = broker.url("reporting").replace(PASSWORD, SECRET)
    line = _only_line(tmp_path, f"sqlite:///{tmp_path}/x.db", f"{url}?declare=no")
    assert "stopped: RabbitMQ refuses the use of 'survey-submitted': ACCESS_REFUSED" in line


@pytest.mark.rabbitmq
def test_a_broker_that_gives_no_right_ends_the_unit(broker: Broker, tmp_path: Path) -> None:
    line = _only_line(tmp_path, f"sqlite:///{tmp_path}/x.db", f"{broker.url('billing')}?declare=no")
    assert "stopped: RabbitMQ refuses the use of 'survey-submitted': ACCESS_REFUSED" in line


def test_a_broker_that_is_away_is_waited_for(tmp_path: Path) -> None:
    log = tmp_path / "log"
    messaging = f"amqp://reporting:{SECRET}@127.0.0.1:1/"
    with log.open("w") as out, _start(tmp_path, f"sqlite:///{tmp_path}/x.db", out, messaging) as unit:
        try:
            wait_until(lambda: "waits for the broker at 127.0.0.1:1: " in log.read_text(), "the unit's line")
            time.sleep(1)
            assert unit.poll() is None
        finally:
            unit.terminate()
    lines = [line for line in log.read_text().splitlines() if line.strip() != "ready"]
    assert len(lines) == 1, "it says once what it waits for, not at every try"
    _holds_no_secret(log.read_text(), SECRET)


def _only_line(folder: Path, db_url: str, messaging_url: str = "sqlite:///queues") -> str:
    """The one line of a unit that ends by itself."""
    (line,) = _lines(folder, db_url, messaging_url)
    return line


def _lines(folder: Path, db_url: str, messaging_url: str = "sqlite:///queues") -> list[str]:
    """What a unit says that ends by itself."""
    log = folder / "log"
    with log.open("w") as out, _start(folder, db_url, out, messaging_url) as unit:
        try:
            assert unit.wait(60) == 1
        finally:
            unit.kill()
    _holds_no_secret(log.read_text(), SECRET)
    return [line for line in log.read_text().splitlines() if line.strip() != "ready"]


def _start(folder: Path, db_url: str, out: object, messaging_url: str = "sqlite:///queues") -> "subprocess.Popen[str]":
    environment = {**os.environ, "REPORTING_DB_URL": db_url, "REPORTING_MESSAGING_URL": messaging_url}
    command = [sys.executable, "-m", f"sysops_squad.{UNIT}"]
    return subprocess.Popen(command, env=environment, cwd=folder, stdout=out, stderr=out, text=True)  # type: ignore[call-overload, no-any-return]


def _holds_no_secret(log: str, password: str) -> None:
    assert password not in log
    assert "Traceback" not in log


def test_an_api_whose_database_is_away_says_so(caplog: pytest.LogCaptureFixture, issuers: Issuers) -> None:
    sessions = open_sessions(open_database(f"postgresql+psycopg://reporting:{SECRET}@127.0.0.1:1/reporting"))
    api = issuers.staff_client(create_app(sessions, issuers.verifier("reporting")), "reporting")
    health = api.get("/health")
    assert (health.status_code, health.json()) == (503, {"status": "down"})
    answer = api.get("/surveys")
    assert (answer.status_code, answer.json()) == (503, {"detail": "the database cannot be used at the moment"})
    assert "refused" in caplog.text
    _holds_no_secret(caplog.text, SECRET)


def test_the_payment_job_waits_for_its_database(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"postgresql+psycopg://billing:{SECRET}@127.0.0.1:1/billing"
    job = PaymentJob(open_sessions(open_database(url)), Outbox(timedelta(hours=1)))

    async def run_a_little() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(1.5):
                await job.run(0.1)

    asyncio.run(run_a_little())
    assert caplog.text.count("the database cannot be used: ") > 1
    _holds_no_secret(caplog.text, SECRET)
