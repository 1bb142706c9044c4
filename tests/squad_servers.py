"""The reference implementation's servers as `deploy/` sets them up, started for a test: RabbitMQ and two PostgreSQL.

RabbitMQ has the definitions of `deploy/rabbitmq`, with a user for each quantum. One PostgreSQL server is the
customers', the other holds the three other databases. Databases and roles are made by the scripts of
`deploy/postgresql` alone: they are the one place that says who owns what.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from private_servers import PrivatePostgresql, PrivateRabbitmq, private_postgresql, private_rabbitmq

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
QUANTA = ("customer", "sysops", "billing", "reporting")


@dataclass(frozen=True)
class SquadDatabases:
    """The two PostgreSQL servers, and the password that each role on them has."""

    customer: PrivatePostgresql
    others: PrivatePostgresql
    password: str
    folder: Path

    def of(self, quantum: str) -> PrivatePostgresql:
        """The server of a quantum."""
        return self.customer if quantum == "customer" else self.others

    def url(self, quantum: str, role: str | None = None) -> str:
        """The database of a quantum, by default as its own role."""
        return self.of(quantum).url(quantum, role or quantum, self.password)

    def migrate(self, *quanta: str) -> None:
        """Bring the databases of these quanta to the newest version, all where none is named, as their owners."""
        running = []
        for quantum in quanta or QUANTA:
            environment = {**os.environ, f"{quantum.upper()}_DB_URL": self.url(quantum, f"{quantum}_owner")}
            command = [sys.executable, "-m", f"sysops_squad.{quantum}.migrate"]
            running.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True))
        for process in running:
            told = process.communicate(timeout=120)[1]
            assert process.returncode == 0, told

    def replication(self) -> dict[str, Any]:
        """What lets the customers' database follow that of sysops: the command and its environment."""
        environment = {
            "SYSOPS_SERVER": f"host=127.0.0.1 port={self.others.server.port}",
            "CUSTOMER_SERVER": f"host=127.0.0.1 port={self.customer.server.port}",
            "SYSOPS_DB_OWNER_PASSWORD": self.password,
            "CUSTOMER_DB_ADMIN_PASSWORD": self.customer.password,
        }
        return {"command": ["sh", str(self.folder / "postgresql/replicate.sh")], "environment": environment}

    def replicate(self, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run it."""
        told = self.replication()
        environment = {**os.environ, **told["environment"], **settings}
        return subprocess.run(told["command"], env=environment, capture_output=True, text=True, timeout=150)


@dataclass(frozen=True)
class SquadServers:
    """The databases and the broker."""

    databases: SquadDatabases
    broker: PrivateRabbitmq

    def environment(self, *, replication: bool) -> dict[str, str]:
        """Where each quantum finds its parts. Without `replication` the ETL job is told where the replica is."""
        names: dict[str, str] = {}
        for quantum in QUANTA:
            names[f"{quantum.upper()}_DB_URL"] = self.databases.url(quantum)
            messaging = f"{self.broker.url(user=quantum, password=self.databases.password)}?declare=no"
            names[f"{quantum.upper()}_MESSAGING_URL"] = messaging
        if not replication:
            names["CUSTOMER_REPLICA_URL"] = self.databases.url("customer", "sysops_etl")
        return names


@contextmanager
def squad_databases(folder: Path) -> Iterator[SquadDatabases]:
    """Start the databases. Raises `MissingServerError` where programs are not installed."""
    for name in ("customer", "others"):
        (folder / name).mkdir()
    # What they write outlives a killed process without fsync too; only a power cut would take it.
    with (
        private_postgresql(folder / "customer", fsync="off") as customer,
        private_postgresql(folder / "others", fsync="off") as others,
    ):
        databases = SquadDatabases(customer, others, uuid.uuid4().hex, folder)
        _set_up(databases)
        yield databases


@contextmanager
def squad_servers(folder: Path) -> Iterator[SquadServers]:
    """Start all. Raises `MissingServerError` where programs are not installed."""
    (folder / "broker").mkdir()
    with squad_databases(folder) as databases, private_rabbitmq(folder / "broker") as broker:
        definitions = json.loads((DEPLOY / "rabbitmq/definitions.json").read_text())
        databases.migrate()
        for user in definitions["users"]:
            user["password_hash"] = rabbitmq_hash(databases.password)
        broker.ctl("import_definitions", given=json.dumps(definitions))
        yield SquadServers(databases, broker)


def run_script(script: str, server: PrivatePostgresql, folder: Path, **settings: str) -> None:
    """Run a script of `deploy/postgresql` as the PostgreSQL image does at the first start, on a server of ours."""
    connection = {"PGHOST": "127.0.0.1", "PGPORT": str(server.server.port), "PGPASSWORD": server.password}
    environment = {**os.environ, **connection, "PGDATA": str(folder), **settings}
    command = ["sh", str(DEPLOY / "postgresql" / script)]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)


def rabbitmq_hash(password: str) -> str:
    """A password as RabbitMQ's definitions hold it."""
    salt = os.urandom(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _set_up(servers: SquadDatabases) -> None:
    for quantum in QUANTA:
        server = servers.of(quantum)
        secrets = {"QUANTUM_PASSWORD": servers.password, "QUANTUM_OWNER_PASSWORD": servers.password}
        run_script("10-quantum.sh", server, servers.folder, QUANTUM=quantum, **secrets)
    secret = {"CUSTOMER_REPLICATION_PASSWORD": servers.password, "SYSOPS_ETL_PASSWORD": servers.password}
    run_script("20-publisher.sh", servers.others, servers.folder, **secret)
    run_script("20-replica.sh", servers.customer, servers.folder, **secret)

    passfile = servers.customer.folder / "replication.pgpass"
    shutil.move(servers.folder / "replication.pgpass", passfile)
    assert passfile.stat().st_mode & 0o077 == 0
    if os.geteuid() == 0:
        shutil.chown(passfile, "postgres")
    subscription = Path(shutil.copytree(DEPLOY / "postgresql", servers.folder / "postgresql")) / "subscription.sql"
    text = subscription.read_text()
    for old, new in (
        ("host=sysops-db port=5432", f"host=127.0.0.1 port={servers.others.server.port}"),
        ("/var/lib/postgresql/data/replication.pgpass", str(passfile)),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    subscription.write_text(text)
