"""Asking a running PostgreSQL database what it is: one short read-only transaction over its catalogues.

No row of a user's table is read and nothing is written. A role that may log in and connect is enough; a question that
it may not ask leaves an entry in ``DatabaseState.unreadable`` that names the right. Passwords are in no value and in no
message. Every wait has an end: connecting, each statement on the server's side, and the whole by closing the socket,
since a server that stopped in the middle of an answer keeps its connection open for ever.
"""

from __future__ import annotations

import os
import re
import socket
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from quantafit.evidence.live import postgresql_catalogue as catalogue
from quantafit.evidence.live.asking import PATIENCE, TOGETHER, Classify, Environment, NotAnsweredError, variable
from quantafit.evidence.live.postgresql_catalogue import Question
from quantafit.model import DatabaseServer, DatabaseState
from quantafit.model.live_database import (
    ForeignKey,
    Grant,
    LiveColumn,
    LiveRole,
    LiveRoutine,
    LiveSubscription,
    LiveTable,
    RemoteServer,
    ReplicationSlot,
    SiblingDatabase,
    SubscribedTable,
    Unreadable,
)
from quantafit.model.places import Place
from quantafit.model.replication import OPERATIONS, Publication, PublishedTable

if TYPE_CHECKING:
    import psycopg

_KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialized view", "f": "foreign table"}
_DRIVER = re.compile(r"^(postgres(?:ql)?)\+\w+://")
_NO_DATABASE_BEHIND = frozenset({"file_fdw"})
_COMMENT = re.compile(r"'(?:[^']|'')*'|(--[^\n]*|/\*.*?\*/)", re.DOTALL)
_NAME = r"(?P<table>(?:[\w$]+|\"[^\"]+\")(?:\s*\.\s*(?:[\w$]+|\"[^\"]+\"))?)"
_WRITE = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM(?:\s+ONLY)?|TRUNCATE(?:\s+TABLE)?(?:\s+ONLY)?|MERGE\s+INTO"
    rf"(?:\s+ONLY)?|COPY)\s+{_NAME}",
    re.IGNORECASE,
)
_DBLINK = re.compile(
    r"\bdblink(?:_connect|_connect_u|_exec|_open|_send_query)?\s*\("
    r"\s*(?:'(?P<first>(?:[^']|'')*+)'\s*,\s*)?'(?P<text>(?:[^']|'')*+)'",
    re.IGNORECASE,
)


def ask(
    server: DatabaseServer, environment: Environment, classify: Classify, *, together: float = TOGETHER
) -> DatabaseState:
    """What a database says of itself. ``together`` is how many seconds all questions may take.

    Raises NotAnsweredError where it is no PostgreSQL that can be asked: nobody there, refused, no answer in time, lost
    on the way, too old, something else.
    """
    url = variable(environment, server.env)
    try:
        import psycopg
    except ImportError as problem:
        raise NotAnsweredError("psycopg is not installed: install quantafit[live]") from problem
    with _connection(url, server.env, together) as connection:
        try:
            return _Reader(connection, server, classify).read()
        except psycopg.Error as problem:
            why = f"it was lost while its catalogues were read: {_said(problem)}"
            raise NotAnsweredError(why) from None


@contextmanager
def _connection(url: str, name: str, together: float) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A connection whose socket is shut after so many seconds, whatever the server does."""
    import psycopg

    try:
        parameters = psycopg.conninfo.conninfo_to_dict(_DRIVER.sub(r"\1://", url))
    except psycopg.Error:
        # libpq's own message quotes the URL, and with it the password.
        why = f"{name} holds no URL of PostgreSQL, such as postgresql://role:password@host:5432/database"
        raise NotAnsweredError(why) from None
    parameters |= {"connect_timeout": int(PATIENCE), "application_name": "quantafit"}
    try:
        connection = psycopg.connect(**parameters, autocommit=False)  # type: ignore[arg-type]
    except psycopg.Error as problem:
        raise NotAnsweredError(f"it cannot be asked: {_said(problem)}") from None
    late = threading.Event()
    guard = threading.Timer(together, _shut, (connection, late))
    guard.daemon = True
    guard.start()
    try:
        yield connection
    except NotAnsweredError:
        if late.is_set():
            raise NotAnsweredError(f"it stopped answering and was given up after {together:g} s") from None
        raise
    finally:
        guard.cancel()
        with suppress(Exception):
            connection.close()


def _shut(connection: psycopg.Connection[Any], late: threading.Event) -> None:
    late.set()
    with suppress(Exception), socket.socket(fileno=os.dup(connection.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)


def _said(problem: Exception) -> str:
    """What the driver says, on one line; the caller takes passwords out of it."""
    said = " ".join(str(problem).split()) or type(problem).__name__
    said = re.sub(r"\s*(Is the server running on that host|Multiple connection attempts failed).*", "", said)
    return said.removeprefix("connection failed: ").rstrip(". ")


class _Reader:
    """Reads one database over one connection, in one transaction."""

    def __init__(
        self, connection: psycopg.Connection[tuple[Any, ...]], server: DatabaseServer, classify: Classify
    ) -> None:
        self.connection = connection
        self.server = server
        self.classify = classify
        self.role = connection.info.user
        self.version = connection.info.server_version
        self.unreadable: list[Unreadable] = []

    def read(self) -> DatabaseState:
        connection = self.connection
        with connection.transaction():
            # REPEATABLE READ: all answers are about one moment. Nothing here can write.
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection.execute(f"SET LOCAL statement_timeout = '{PATIENCE:g}s'")
            connection.execute(f"SET LOCAL lock_timeout = '{PATIENCE:g}s'")
            connection.execute("SET LOCAL jit = off")  # compiling takes longer than any of these queries
            told = connection.execute("SELECT pg_catalog.version()").fetchone()
            self._check_version(str(told[0]) if told else "")
            return self._state()

    def _check_version(self, told: str) -> None:
        if not told.startswith("PostgreSQL "):
            raise NotAnsweredError(f"it is no PostgreSQL: it calls itself {told[:40]!r}")
        if self.version < catalogue.OLDEST:
            shown = self.connection.info.parameter_status("server_version")
            raise NotAnsweredError(f"PostgreSQL {shown} is not known here; 13 is the first version that is")

    def _state(self) -> DatabaseState:
        info = self.connection.info
        identity = self._ask(catalogue.IDENTITY)
        server, started = identity[0] if identity else ("", "")
        routines, links = self._routines()
        return DatabaseState(
            name=self.server.name,
            quantum=self.server.quantum,
            version=info.parameter_status("server_version") or str(self.version),
            place=self._place(""),
            server=server,
            instance=blake2b(f"{server} {started}".encode(), digest_size=8).hexdigest() if server else "",
            host=info.host,
            port=str(info.port),
            database=info.dbname,
            role=self.role,
            extensions=tuple(name for (name,) in self._ask(catalogue.EXTENSIONS)),
            databases=tuple(self._databases()),
            roles=tuple(
                LiveRole(name, login, superuser, create_role, bypass, replication, tuple(groups))
                for name, login, superuser, create_role, bypass, replication, groups in self._ask(catalogue.ROLES)
            ),
            working=tuple(name for (name,) in self._ask(catalogue.WORKING)),
            tables=tuple(self._tables()),
            routines=tuple(routines),
            publications=tuple(self._publications()),
            subscriptions=tuple(self._subscriptions()),
            slots=tuple(
                ReplicationSlot(name, active, self._place(f"slot {name}"), lost, lag)
                for name, active, lost, lag in self._ask(catalogue.SLOTS)
            ),
            remotes=(*self._foreign_servers(), *links),
            unreadable=tuple(self.unreadable),
        )

    def _ask(self, question: Question) -> Sequence[tuple[Any, ...]]:
        """The rows; none, and an entry in ``unreadable``, where the question is refused or takes too long."""
        import psycopg

        if self.version < question.since:
            return ()
        try:
            with self.connection.transaction():
                return self.connection.execute(question.sql.encode()).fetchall()
        except psycopg.errors.InsufficientPrivilege:
            right = question.right or "SELECT on PostgreSQL's own catalogues, which every role has by default"
            grant = f"GRANT {right} TO {self.role}" if question.right else f"{self.role} lacks {right}"
            self.unreadable.append(Unreadable(question.what, grant))
        except psycopg.errors.QueryCanceled:
            self.unreadable.append(Unreadable(question.what, f"it took longer than {PATIENCE:g} s"))
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction):
            self.unreadable.append(Unreadable(question.what, "this server's catalogues do not have it"))
        except psycopg.errors.FeatureNotSupported as problem:
            self.unreadable.append(Unreadable(question.what, f"not supported: {problem.diag.message_primary}"))
        return ()

    def _place(self, what: str) -> Place:
        return Place(f"{self.server.name}:/{what}", 0)

    def _databases(self) -> Iterator[SiblingDatabase]:
        grants = _grouped(self._ask(catalogue.DATABASE_GRANTS))
        for name, owner in self._ask(catalogue.DATABASES):
            yield SiblingDatabase(name, owner, tuple(Grant(*row) for row in grants[name]))

    def _tables(self) -> Iterator[LiveTable]:
        columns, through = _grouped(self._ask(catalogue.COLUMNS)), _grouped(self._ask(catalogue.WRITES_THROUGH))
        keys = _grouped(self._ask(catalogue.FOREIGN_KEYS))
        grants = _grouped((*self._ask(catalogue.TABLE_GRANTS), *self._ask(catalogue.COLUMN_GRANTS)))
        for oid, schema, name, kind, owner, parents in self._ask(catalogue.TABLES):
            own, classes = self.classify(name, [column for column, _ in columns[oid]])
            yield LiveTable(
                schema,
                name,
                _KINDS[kind],
                owner,
                self._place(f"{schema}.{name}"),
                tuple(
                    LiveColumn(column, type_, found)
                    for (column, type_), found in zip(columns[oid], classes, strict=True)
                ),
                tuple(sorted({Grant(*row) for row in grants[oid]})),
                own,
                tuple(table for (table,) in through[oid]),
                tuple(parents),
                tuple(ForeignKey(*key) for key in keys[oid]),
            )

    def _routines(self) -> tuple[list[LiveRoutine], list[RemoteServer]]:
        executors = _grouped(self._ask(catalogue.ROUTINE_GRANTS))
        routines, links = [], []
        for oid, name, owner, definer, text, callable_, triggered in self._ask(catalogue.ROUTINES):
            place = self._place(f"{name}()")
            bare = _COMMENT.sub(lambda found: " " if found[1] else found[0], text)
            links += [_dblink(name, connection, place) for connection in _connections(bare)]
            writes = tuple(dict.fromkeys(_plain(found["table"]) for found in _WRITE.finditer(bare)))
            if definer and writes:
                callers = tuple(role for (role,) in executors[oid]) if callable_ else ()
                routines.append(LiveRoutine(name, owner, place, writes, callers, triggered))
        return routines, links

    def _publications(self) -> Iterator[Publication]:
        schemas, tables = _grouped(self._ask(catalogue.PUBLISHED_SCHEMAS)), self._published()
        for _, name, all_tables, *kinds in self._ask(catalogue.PUBLICATIONS):
            yield Publication(
                name,
                self._place(f"publication {name}"),
                all_tables,
                tuple(schema for (schema,) in schemas[name]),
                tuple(operation for operation, published in zip(OPERATIONS, kinds, strict=True) if published),
                tuple(tables[name]),
            )

    def _published(self) -> defaultdict[str, list[PublishedTable]]:
        found: defaultdict[str, list[PublishedTable]] = defaultdict(list)
        if self.version >= catalogue.LISTS_AND_FILTERS:
            for publication, schema, table, columns, filtered, limited in self._ask(catalogue.PUBLISHED_COLUMNS):
                found[publication].append(PublishedTable(f"{schema}.{table}", tuple(columns or ()), limited, filtered))
            return found
        every = {(s, t): oid for oid, s, t, *_ in self._ask(catalogue.TABLES)}
        columns_of = _grouped(self._ask(catalogue.COLUMNS))
        for publication, schema, table in self._ask(catalogue.PUBLISHED):
            columns = tuple(column for column, _ in columns_of[every.get((schema, table))])
            found[publication].append(PublishedTable(f"{schema}.{table}", columns))
        return found

    def _subscriptions(self) -> Iterator[LiveSubscription]:
        rows = self._ask(catalogue.SUBSCRIPTIONS)
        tables = _grouped(self._ask(catalogue.SUBSCRIBED)) if rows else defaultdict(list)
        publishers = {oid: _publisher(conninfo) for oid, conninfo in (self._ask(catalogue.PUBLISHERS) if rows else ())}
        for oid, name, owner, enabled, slot, publications, working in rows:
            yield LiveSubscription(
                name,
                owner,
                enabled,
                self._place(f"subscription {name}"),
                tuple(publications),
                slot if slot not in (None, "none") else None,
                working,
                tuple(SubscribedTable(*row) for row in tables[oid]),
                *publishers.get(oid, (None, None, None)),
            )

    def _foreign_servers(self) -> Iterator[RemoteServer]:
        rows = self._ask(catalogue.FOREIGN_SERVERS)
        tables = _grouped(self._ask(catalogue.FOREIGN_TABLES)) if rows else defaultdict(list)
        for oid, name, wrapper, written in rows:
            if wrapper in _NO_DATABASE_BEHIND:
                continue
            options = dict(option.partition("=")[::2] for option in written)
            host = options.get("host") or options.get("servername") or options.get("address")
            database = options.get("dbname") or options.get("database")
            foreign = tuple(table for (table,) in tables[oid])
            place = self._place(f"server {name}")
            yield RemoteServer(name, wrapper, place, host, options.get("port"), database, foreign)


def _grouped(rows: Iterable[tuple[Any, ...]]) -> defaultdict[Any, list[tuple[Any, ...]]]:
    """Rows by their first column, without it."""
    groups: defaultdict[Any, list[tuple[Any, ...]]] = defaultdict(list)
    for key, *rest in rows:
        groups[key].append(tuple(rest))
    return groups


def _publisher(conninfo: str) -> tuple[str | None, str | None, str | None]:
    """Host, port and database of a connection string; its password goes no further than here."""
    import psycopg

    try:
        given = psycopg.conninfo.conninfo_to_dict(conninfo)
    except psycopg.Error:
        return None, None, None
    host, port, database = (given.get(key) for key in ("host", "port", "dbname"))
    return (str(host) if host else None), (str(port) if port else None), (str(database) if database else None)


def _connections(text: str) -> Iterator[str]:
    """The connection strings that a function's text hands to dblink."""
    for call in _DBLINK.finditer(text):
        given = (call["first"] or "", call["text"])
        yield from (one.replace("''", "'") for one in given if "=" in one or "://" in one)


def _dblink(function: str, conninfo: str, place: Place) -> RemoteServer:
    return RemoteServer(function, "dblink", place, *_publisher(conninfo))


def _plain(name: str) -> str:
    return re.sub(r"\s", "", name).replace('"', "").lower()
