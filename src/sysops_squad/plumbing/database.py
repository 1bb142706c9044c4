"""Opening and migrating a quantum's database, SQLite or PostgreSQL by URL."""

import logging
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from sysops_squad.plumbing.failures import one_line

_MIGRATION_LOCK = 7_205_551
"""Key of the PostgreSQL advisory lock; any number, the same in all processes of a quantum."""

_BUSY_MILLISECONDS = 30_000

Sessions = sessionmaker[Session]

logger = logging.getLogger(__name__)

_AWAY = re.compile(
    r"refused|could not translate|resolve host|timeout|timed out|starting up|shutting down|in recovery|unreachable"
    r"|no route|closed the connection|reset by peer|too many clients|remaining connection slots",
    re.IGNORECASE,
)
"""What libpq says of a server that will be back. A connection that fails has no SQLSTATE to tell it by."""


class MigrationError(Exception):
    """The database and the migrations of this release do not fit; the text says how to mend that."""


class NotMigratedError(MigrationError):
    """The database is behind this release, and our role may make no tables: another one has to migrate it."""


class PlumbingBase(DeclarativeBase):
    """Base of the outbox and inbox tables, which every quantum has in its own database by its own migrations."""


def open_database(url: str) -> Engine:
    """An engine for the URL; SQLite waits for locks, checks foreign keys and fsyncs each commit."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def open_sessions(engine: Engine) -> Sessions:
    """Sessions whose objects stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


def open_migrated(url: str, folder: Path, metadata: Sequence[MetaData], *, patience: float = 30.0) -> Sessions:
    """Sessions on a database of the newest version, or the end of the process in one line.

    A role that may make tables brings it there; one that may not waits for who does. A server that is away is waited
    for too, `patience` seconds long in all; one that refuses us is not.
    """
    engine = open_database(url)
    place = f"{engine.url.database} at {engine.url.host}" if engine.url.host else str(engine.url.database)
    give_up = time.monotonic() + patience
    told = ""
    while True:
        try:
            migrate(engine, folder, metadata)
        except MigrationError as error:
            if not isinstance(error, NotMigratedError) or time.monotonic() > give_up:
                raise SystemExit(f"the database {place} cannot be used: {error}") from None
            waits = "waits for its migrations"
            why = str(error)
        except DBAPIError as error:
            waits = "is away"
            why = one_line(error)
            if not _is_away(why) or time.monotonic() > give_up:
                raise SystemExit(f"the database {place} cannot be opened: {why}") from None
        else:
            return open_sessions(engine)
        if told != waits:
            logger.warning("the database %s %s, waiting %g s for it: %s", place, waits, patience, why)
        told = waits
        time.sleep(0.5)


def migrate(engine: Engine, folder: Path, metadata: Sequence[MetaData]) -> None:
    """Bring the database to the newest version in `folder`; processes that start together take turns.

    Raises `MigrationError` where the database is at a version that these scripts do not know, and `NotMigratedError`
    where our role may not migrate it.
    """
    version, newest = _version(engine), newest_version(folder)
    if version == newest:
        return
    if version is not None and version not in _versions(folder):
        raise MigrationError(
            f"it is at version {version}, and this release knows none after {newest}: run the release that made it"
        )
    if not _may_define(engine):
        at = f"at version {version}" if version else "empty"
        raise NotMigratedError(f"it is {at}, this release needs {newest}, and {engine.url.username} may not migrate it")
    # Loaded for the one process that migrates, not at every start.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        config.attributes["metadata"] = list(metadata)
        command.upgrade(config, "head")


def newest_version(folder: Path) -> str:
    """The version that the scripts lead to: their file names begin with it and sort by it."""
    versions = _versions(folder)
    if not versions:
        raise MigrationError(f"there are no migrations in {folder.name}/versions: this release is not whole")
    return max(versions)


def _versions(folder: Path) -> list[str]:
    return [path.name.split("_")[0] for path in (folder / "versions").glob("[0-9]*.py")]


def run_migrations(connection: Connection, metadata: Sequence[MetaData]) -> None:
    """What each `migrations/env.py` does: run the scripts on the connection that `migrate` has opened."""
    from alembic import context

    context.configure(connection=connection, target_metadata=list(metadata), render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


def fold_log(engine: Engine) -> None:
    """Write SQLite's log back and empty it, so that deleted content is in no file any more; elsewhere nothing."""
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            # Busy readers are not waited for: the next fold does it.
            cursor.execute("PRAGMA busy_timeout = 100")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        finally:
            connection.close()


def _is_away(why: str) -> bool:
    return _AWAY.search(why) is not None


def _may_define(engine: Engine) -> bool:
    """Whether our role may make tables: a unit's own need not, and on PostgreSQL should not."""
    if engine.dialect.name != "postgresql":
        return True
    with engine.connect() as connection:
        return bool(connection.scalar(text("SELECT has_schema_privilege(current_schema(), 'CREATE')")))


def _version(engine: Engine) -> str | None:
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling is switched off: _begin_immediate starts them.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # Purged outbox rows are overwritten, not only unlinked.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that turns from reading to writing fails at once when another process has written.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
