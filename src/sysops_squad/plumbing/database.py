"""Opening and migrating a quantum's database, SQLite or PostgreSQL by URL."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

_MIGRATION_LOCK = 7_205_551
"""Key of the PostgreSQL advisory lock; any number, the same in all processes of a quantum."""

_BUSY_MILLISECONDS = 30_000

Sessions = sessionmaker[Session]


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


def open_migrated(url: str, folder: Path, metadata: Sequence[MetaData]) -> Sessions:
    """Sessions on a database brought to its newest version, or the end of the process in one line."""
    engine = open_database(url)
    try:
        migrate(engine, folder, metadata)
    except (OperationalError, InterfaceError) as error:
        place = f"{engine.url.database} at {engine.url.host}" if engine.url.host else str(engine.url.database)
        raise SystemExit(f"the database {place} cannot be opened: {error.orig}") from None
    return open_sessions(engine)


def migrate(engine: Engine, folder: Path, metadata: Sequence[MetaData]) -> None:
    """Bring the database to the newest version in `folder`; processes that start together take turns."""
    if _version(engine) == newest_version(folder):
        return
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
    return max(path.name.split("_")[0] for path in (folder / "versions").glob("[0-9]*.py"))


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
