"""SQL files: the databases that one database reaches into.

Read: servers of foreign data wrappers with their foreign tables, ``dblink``, and subscriptions to publications, as
PostgreSQL writes them. Passwords are not looked at. Source: PostgreSQL 17 documentation, "CREATE SERVER",
"postgres_fdw", "dblink_connect", "CREATE SUBSCRIPTION", "CREATE PUBLICATION".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from quantafit.evidence.configuration.journal import Positions
from quantafit.model import DatabaseLink

_MARK = re.compile(rb"FOREIGN\s+DATA\s+WRAPPER|\bdblink|CREATE\s+SUBSCRIPTION", re.IGNORECASE)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)|('(?:[^']|'')*+(?:'|\Z))", re.DOTALL)
_STATEMENT = re.compile(r"(?:[^;']|'(?:[^']|'')*+(?:'|\Z))++")
_SERVER = re.compile(
    r"\s*CREATE\s+SERVER\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>[\w\"]+).*?\bFOREIGN\s+DATA\s+WRAPPER\s+(?P<wrapper>\w+)"
    r"(?:\s+OPTIONS\s*\((?P<options>[^)]*)\))?",
    re.IGNORECASE | re.DOTALL,
)
_FOREIGN = re.compile(
    r"\s*CREATE\s+FOREIGN\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<table>[\w.\"]+).*?\bSERVER\s+(?P<server>[\w\"]+)",
    re.IGNORECASE | re.DOTALL,
)
_DBLINK = re.compile(
    r"\bdblink(?:_connect|_exec|_open|_send_query)?\s*\("
    r"\s*(?:'(?P<first>(?:[^']|'')*+)'\s*,\s*)?'(?P<text>(?:[^']|'')*+)'",
    re.IGNORECASE,
)
_SUBSCRIPTION = re.compile(
    r"\s*CREATE\s+SUBSCRIPTION\s+[\w\"]+\s+CONNECTION\s+'(?P<text>(?:[^']|'')*+)'\s+PUBLICATION\b", re.IGNORECASE
)
_OPTION = re.compile(r"(\w+)\s+'((?:[^']|'')*)'")
_PAIR = re.compile(r"(\w+)\s*=\s*('[^']*'|\S+)")
_DATABASES = frozenset({"postgres_fdw", "mysql_fdw", "tds_fdw", "oracle_fdw", "mongo_fdw", "dblink_fdw", "sqlite_fdw"})


def is_candidate(data: bytes) -> bool:
    """Whether a file may link databases: a search in its bytes."""
    return _MARK.search(data) is not None


def links(path: str, source: str) -> Iterator[DatabaseLink]:
    """The links that a file sets up. Never raises."""
    # Comments become blanks, so that every place stays what it was.
    text = _COMMENT.sub(lambda found: found[0] if found[1] else re.sub(r"[^\n]", " ", found[0]), source)
    positions = Positions(path, text)
    statements = [(found.start(), found[0]) for found in _STATEMENT.finditer(text)]
    tables: dict[str, list[str]] = defaultdict(list)
    for _, statement in statements:
        foreign = _FOREIGN.match(statement)
        if foreign is not None:
            tables[_plain(foreign["server"])].append(_plain(foreign["table"]))
    for start, statement in statements:
        at = start + len(statement) - len(statement.lstrip())
        server, subscription = _SERVER.match(statement), _SUBSCRIPTION.match(statement)
        if server is not None and server["wrapper"].lower() in _DATABASES:
            options = {key.lower(): value for key, value in _OPTION.findall(server["options"] or "")}
            yield _link("foreign-table", options, positions, at, tuple(tables[_plain(server["name"])]))
        if subscription is not None:
            yield _link("subscription", _connection(subscription["text"]), positions, at, ())
    for call in _DBLINK.finditer(text):
        given = (call["first"] or "", call["text"])
        written = next((one for one in given if "=" in one or "://" in one), None)
        if written is not None:
            yield _link("dblink", _connection(written), positions, call.start(), ())


def _link(
    kind: str, options: Mapping[str, str], positions: Positions, at: int, tables: tuple[str, ...]
) -> DatabaseLink:
    database = options.get("dbname") or options.get("database")
    host = options.get("host") or options.get("servername") or options.get("address")
    return DatabaseLink(kind, host, options.get("port"), database, positions.at(at), tables)


def _connection(written: str) -> dict[str, str]:
    """``host=a port=5432 dbname=b``, or a URL."""
    if "://" not in written:
        return {key.lower(): value.strip("'") for key, value in _PAIR.findall(written.replace("''", "'"))}
    try:
        split = urlsplit(written)
        found = {"host": split.hostname or "", "port": str(split.port or ""), "dbname": split.path.lstrip("/")}
    except ValueError:
        return {}
    return {key: value for key, value in found.items() if value}


def _plain(name: str) -> str:
    return name.replace('"', "")
