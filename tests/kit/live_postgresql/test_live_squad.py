"""The reference implementation on PostgreSQL as it is deployed: nobody but who feeds the replica can write it.

Each quantum's database was made by `deploy/postgresql` and migrated by its owner; quantafit asks as a role that may do
nothing but connect.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from private_servers import MissingServerError, PrivatePostgresql
from quantafit.model import Evaluation, EvidenceKind, Judgement, Verdict
from quantafit.testing import examine
from squad_servers import SquadDatabases, squad_databases

pytestmark = pytest.mark.postgresql

ROOT = Path(__file__).parents[3]
WATCHER = "quantafit"


@pytest.fixture
def databases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SquadDatabases]:
    try:
        with squad_databases(tmp_path) as databases:
            databases.migrate()
            for server in (databases.customer, databases.others):
                run(server, "postgres", f"CREATE ROLE {WATCHER} LOGIN PASSWORD '{databases.password}'")
            for quantum in ("customer", "sysops", "billing", "reporting"):
                run(databases.of(quantum), "postgres", f"GRANT CONNECT ON DATABASE {quantum} TO {WATCHER}")
                monkeypatch.setenv(f"{quantum.upper()}_LIVE_URL", databases.url(quantum, WATCHER))
            yield databases
    except MissingServerError as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))


def run(server: PrivatePostgresql, database: str, *statements: str) -> None:
    with psycopg.connect(server.url(database).replace("+psycopg", ""), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def check() -> Evaluation:
    return examine(ROOT, live=True).evaluation


def of(evaluation: Evaluation, rule: str, subject: str = "support-contracts") -> Judgement:
    return next(j for j in evaluation.judgements if (j.rule, j.subject.name) == (rule, subject))


@pytest.mark.parametrize("way", ["etl", "replication"])
def test_the_replica_is_written_by_who_feeds_it_alone(databases: SquadDatabases, way: str) -> None:
    if way == "replication":
        assert databases.replicate().returncode == 0

    evaluation = check()

    judgement = of(evaluation, "replica/read-only")
    assert (judgement.verdict, judgement.by_kind[EvidenceKind.RUNTIME]) == (Verdict.PASS, Verdict.PASS), (
        judgement.reason
    )
    writers = {"etl": "sysops_etl of sysops may; ", "replication": ""}[way]
    assert f"in customer-db; {writers}customer_owner may, which only migrations use" in judgement.reason
    for subject in ("customer → sysops", "sysops → customer", "customer → billing", "billing → customer"):
        judgement = of(evaluation, "quantum/shared-datastore", subject)
        assert judgement.verdict is Verdict.PASS, (subject, judgement)
    # That three quanta share one server is so in this test only, and it is seen.
    assert "are on one server" in of(evaluation, "quantum/shared-datastore", "billing → sysops").findings[0].message

    run(databases.customer, "customer", "ALTER TABLE support_contract OWNER TO customer")
    broken = of(check(), "replica/read-only")
    assert broken.verdict is Verdict.FAIL
    assert "customer's role customer may" in broken.findings[0].message
