"""SQL files: the databases that one database reaches into.

Read: servers of foreign data wrappers with their foreign tables, ``dblink``, and subscriptions to publications, as
PostgreSQL writes them. What a subscription brings stands where the publication is made, often in another file.
Passwords are not looked at. Source: PostgreSQL 17 documentation, "CREATE SERVER", "postgres_fdw", "dblink_connect",
"CREATE SUBSCRIPTION", "CREATE PUBLICATION".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from quantafit.evidence.configuration.journal import Positions
from quantafit.model import DatabaseLink, Publication
from quantafit.model.replication import OPERATIONS, PublishedTable

_MARK = re.compile(rb"FOREIGN\s+DATA\s+WRAPPER|\bdblink|CREATE\s+SUBSCRIPTION|\bPUBLICATION\b", re.IGNORECASE)
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
    r"\s*CREATE\s+SUBSCRIPTION\s+[\w\"]+\s+CONNECTION\s+'(?P<text>(?:[^']|'')*+)'\s+PUBLICATION\b"
    r"(?P<publications>(?:\s*,?\s*(?!WITH\b)(?:\w+|\"[^\"]+\"))*)",
    re.IGNORECASE,
)
_PUBLICATION = re.compile(
    r"\s*(?:CREATE|ALTER)\s+PUBLICATION\s+(?P<name>[\w\"]+)\s*(?P<what>.*?)(?:\bWITH\s*\((?P<options>[^)]*)\)\s*)?\Z",
    re.IGNORECASE | re.DOTALL,
)
_TABLES = re.compile(r"(?:FOR|ADD|SET)\s+TABLE\s+(?!S\b)(?P<tables>.*)\Z", re.IGNORECASE | re.DOTALL)
_EVERYTHING = re.compile(r"\bALL\s+TABLES\b", re.IGNORECASE)
_SCHEMAS = re.compile(
    r"\bTABLES\s+IN\s+SCHEMA\s+((?:\w+|\"[^\"]+\")(?:\s*,\s*(?!TABLE)(?:\w+|\"[^\"]+\"))*)", re.IGNORECASE
)
_IN_SCHEMA = re.compile(r"TABLES\s+IN\s+SCHEMA\b", re.IGNORECASE)
_OPERATIONS = re.compile(r"\bpublish\s*=\s*'([^']*)'", re.IGNORECASE)
_TABLE = re.compile(
    r"\s*(?:TABLE\s+)?(?:ONLY\s+)?(?P<table>(?:\w+|\"[^\"]+\")(?:\.(?:\w+|\"[^\"]+\"))?)\s*\*?\s*"
    r"(?:\((?P<columns>[^)]*)\))?\s*(?:WHERE\s*\((?P<filter>(?:[^()]|\([^()]*\))*)\))?\s*(?:,|\Z)",
    re.IGNORECASE,
)

ALL_TABLES = "*"
"""Stands for every table of a schema or a database, present and future; and for tables that cannot be told."""
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
            names = tuple(_plain(name) for name in re.findall(r"\w+|\"[^\"]+\"", subscription["publications"]))
            yield replace(
                _link("subscription", _connection(subscription["text"]), positions, at, ()), publications=names
            )
    for call in _DBLINK.finditer(text):
        given = (call["first"] or "", call["text"])
        written = next((one for one in given if "=" in one or "://" in one), None)
        if written is not None:
            yield _link("dblink", _connection(written), positions, call.start(), ())


def publications(path: str, source: str) -> Iterator[Publication]:
    """The publications that a file makes or changes, one for each statement. Never raises."""
    text = _COMMENT.sub(lambda found: found[0] if found[1] else re.sub(r"[^\n]", " ", found[0]), source)
    positions = Positions(path, text)
    for statement in _STATEMENT.finditer(text):
        found = _PUBLICATION.match(statement[0])
        if found is None:
            continue
        start = statement.start() + len(statement[0]) - len(statement[0].lstrip())
        tables, told = _published(found["what"])
        schemas = [_plain(name.strip()) for names in _SCHEMAS.findall(found["what"]) for name in names.split(",")]
        everything = not told or bool(_EVERYTHING.search(found["what"]))
        handed_on = _OPERATIONS.search(found["options"] or found["what"])
        operations = tuple(one.strip().lower() for one in handed_on[1].split(",")) if handed_on else OPERATIONS
        yield Publication(
            _plain(found["name"]), positions.at(start), everything, tuple(schemas), operations, tuple(tables)
        )


def joined(links: Iterable[DatabaseLink], published: Iterable[Publication]) -> tuple[DatabaseLink, ...]:
    """The links, where a subscription has the tables of its publications; one that nobody makes may be anything."""
    tables: dict[str, dict[str, None]] = defaultdict(dict)
    for one in published:
        whole = (ALL_TABLES,) if one.all_tables or one.schemas else ()
        tables[one.name] |= dict.fromkeys((*whole, *(table.name for table in one.tables)))

    def brings(link: DatabaseLink) -> DatabaseLink:
        brought = [table for name in link.publications for table in tables.get(name) or (ALL_TABLES,)]
        return replace(link, tables=(*link.tables, *dict.fromkeys(brought)))

    return tuple(brings(link) for link in links)


def _published(what: str) -> tuple[list[PublishedTable], bool]:
    """The tables in ``FOR TABLE a, b (x, y) WHERE (z)`` or ``ADD TABLE ONLY a``, and whether all of it was read."""
    tables: list[PublishedTable] = []
    found = _TABLES.search(what)
    rest = found["tables"].strip() if found is not None else ""
    while rest:
        one = _TABLE.match(rest)
        if one is None or not one[0]:
            return tables, bool(_IN_SCHEMA.match(rest))
        columns = tuple(_plain(name.strip()) for name in (one["columns"] or "").split(",") if name.strip())
        tables.append(PublishedTable(_plain(one["table"]), columns, one["columns"] is not None, one["filter"]))
        rest = rest[one.end() :].strip()
    return tables, True


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
