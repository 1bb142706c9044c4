"""A private PostgreSQL server that a test fills with roles and databases as it likes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

import psycopg

from private_servers import PrivatePostgresql

READER = "quantafit_reader"
SECRET = "r3ad-0nly-s3cret"
"""The password of the role that asks; no output may ever show it."""


@dataclass
class Cluster:
    """A private server. ``reader`` can log in and connect, and has been granted nothing."""

    postgresql: PrivatePostgresql
    made: list[str] = field(default_factory=list)
    _names = count(1)

    @property
    def port(self) -> int:
        return self.postgresql.server.port

    def database(self, *statements: str, name: str | None = None, owner: str | None = None) -> str:
        """A new database in which an administrator has run these statements; its name is returned."""
        name = name or f"shop_{next(self._names)}"
        self.run(f'CREATE DATABASE "{name}"' + (f' OWNER "{owner}"' if owner else ""))
        self.made.append(name)
        self.run(*statements, database=name)
        return name

    def role(self, name: str, attributes: str = "LOGIN") -> str:
        self.run(f"CREATE ROLE \"{name}\" {attributes} PASSWORD '{SECRET}'")
        return name

    def run(self, *statements: str, database: str = "postgres") -> None:
        with psycopg.connect(self.admin(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def rows(self, query: str, database: str = "postgres") -> list[tuple[object, ...]]:
        with psycopg.connect(self.admin(database), autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    def admin(self, database: str = "postgres") -> str:
        return self.postgresql.url(database).replace("+psycopg", "")

    def url(self, database: str, role: str = READER, password: str = SECRET) -> str:
        """The URL by which quantafit asks, in SQLAlchemy's spelling."""
        return self.postgresql.url(database, role, password)

    def clean(self) -> None:
        """Without what the last test made: its subscriptions first, since they hold on to their slots."""
        for name in self.made:
            subscriptions = self.rows("SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid"
                                      f" WHERE d.datname = '{name}'", database=name)  # fmt: skip
            for (subscription,) in subscriptions:
                self.run(
                    f"ALTER SUBSCRIPTION {subscription} DISABLE",
                    f"ALTER SUBSCRIPTION {subscription} SET (slot_name = NONE)",
                    f"DROP SUBSCRIPTION {subscription}",
                    database=name,
                )
        slots = "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active"
        self.run(slots)
        for (slot,) in self.rows("SELECT slot_name FROM pg_replication_slots"):
            with suppress(psycopg.Error):
                self.run(f"SELECT pg_drop_replication_slot('{slot}')")
        for name in self.made:
            self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.made.clear()
        for (role,) in self.rows(
            f"SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname NOT IN ('postgres', '{READER}')"
        ):
            self.run(f'DROP ROLE "{role}"')
