"""What an SQL text reads, writes and defines: tables, columns, and which value goes into which column.

The text is parsed (sqlglot), as PostgreSQL, SQLite and MySQL write it. What is no SQL gives nothing; what speaks of
data and cannot be parsed, or names its table at run time, gives a use whose operation is ``unknown``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from sqlglot import exp

Operation: TypeAlias = Literal["insert", "update", "delete", "read", "define", "unknown"]

_DIALECTS = ("postgres", "sqlite", "mysql")
_LONGEST = 100_000
_DEEPEST = 150
"""Brackets inside brackets; a text beyond it was not written by people and is not parsed."""

_SPEAKS_OF_DATA = re.compile(
    r"\b(?:select|insert|update|delete|merge|copy|truncate|replace|table|from|into|call|execute)\b", re.I
)
_REACHES_NO_ROW = re.compile(
    r"\s*(?:grant|revoke|comment|analyze|vacuum|pragma|set|show|begin|start|commit|rollback|savepoint|release|lock|listen"
    r"|notify|reindex|refresh|attach|detach|use|end|(?:create|alter|drop)\s+(?:or\s+replace\s+)?(?:unique\s+)?"
    r"(?:index|sequence|schema|extension|publication|subscription|role|user|database|type|domain|policy|server)"
    r")\b",
    re.I,
)
_REPLACE = re.compile(r"\A(\s*)replace(\s+into\b)", re.I)
_EXPLAIN = re.compile(r"\A\s*explain(?:\s+(?:analyze|verbose|query\s+plan|\([^)]*\)))*\s+", re.I)

# Placeholders as drivers write them, outside of texts, quoted names and comments.
_PIECE = re.compile(
    r"""(?P<skipped>'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|/\*.*?\*/|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
      | (?<![:\w]):(?P<name>[A-Za-z_]\w*) | %\((?P<key>\w+)\)s | (?P<next>%s|\?(?!\d)) | [$?](?P<number>\d+)
      | (?<![\w@])@(?P<at>[A-Za-z_]\w*) | (?P<end>;)""",
    re.X | re.S,
)
_HOLE = "qf_hole_"
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.S)
# The parts of a PostgreSQL DO block that are no statements themselves.
_BLOCK = re.compile(r"\s*do\s+\$(?P<tag>\w*)\$(?P<body>.*)\$(?P=tag)\$\s*\Z", re.I | re.S)
_OPENS = re.compile(r"\s*(?:begin|else|loop|exception|declare|then)\b", re.I)
_ASKS = re.compile(r"\s*(?:if|elsif|while|when|for\s+\w+\s+in)\b", re.I)
_ANSWERED = re.compile(r"'(?:[^']|'')*'|(?P<open>\()|(?P<close>\))|\b(?P<word>then|loop)\b", re.I)
_NO_STATEMENT = re.compile(r"\s*(?:end|raise|return|null|exit|continue|get\s+diagnostics)\b", re.I)
_PERFORM = re.compile(r"\A\s*perform\b", re.I)
_FROM = re.compile(r"\bfrom\s+([\w.]+)", re.I)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A value that the statement is given beside its text: by name, or by position counted from 0."""

    key: str | int


Given: TypeAlias = Placeholder | str
"""What goes into a column: a placeholder, or a constant's text."""


@dataclass(frozen=True, slots=True)
class SqlUse:
    """One table in a statement: what is done with it, and the columns that the text names.

    For a ``read`` the columns are those selected, in their order, where they all come from this one table; none for
    ``*``. ``values`` are the values that an insert or update gives, as far as they are constants or placeholders.
    """

    operation: Operation
    table: str
    columns: tuple[str, ...] = ()
    values: tuple[tuple[str, Given], ...] = ()


UNREADABLE = SqlUse("unknown", "")


@dataclass(frozen=True, slots=True)
class _Statement:
    """One statement, with names in place of its placeholders."""

    text: str
    given: tuple[Placeholder, ...]


STATEMENT_METHODS = frozenset(
    {"execute", "executemany", "executescript", "fetch", "fetchrow", "fetchval", "fetch_all", "fetch_one", "fetch_val"}
)
"""What connections and cursors of any driver are given statements by."""


@lru_cache(maxsize=4096)
def read_sql(text: str) -> tuple[SqlUse, ...]:
    """The table uses of a text of one or more statements, in its order. A text that is no SQL gives none."""
    if not _SPEAKS_OF_DATA.search(text):
        return ()
    if len(text) > _LONGEST or _nested(text) > _DEEPEST:
        return (UNREADABLE,)
    return tuple(dict.fromkeys(use for statement in _statements(text) for use in _uses(statement)))


def _nested(text: str) -> int:
    level = deepest = 0
    for character in text:
        level += (character == "(") - (character == ")")
        deepest = max(deepest, level)
    return deepest


def _statements(text: str) -> Iterator[_Statement]:
    """The statements of a text; each placeholder becomes a name that every dialect reads."""
    parts: list[str] = []
    given: list[Placeholder] = []
    last = counted = 0
    for match in _PIECE.finditer(text):
        parts.append(text[last : match.start()])
        last = match.end()
        if match["skipped"]:
            parts.append(match[0])
        elif match["end"]:
            yield _Statement("".join(parts), tuple(given))
            parts, given, counted = [], [], 0
        else:
            named = match["name"] or match["key"] or match["at"]
            number = int(match["number"]) - 1 if match["number"] else counted
            counted += bool(match["next"])
            parts.append(f" :{_HOLE}{len(given)} ")
            given.append(Placeholder(named or number))
    yield _Statement("".join(parts) + text[last:], tuple(given))


def _uses(statement: _Statement) -> Iterable[SqlUse]:
    if not _SPEAKS_OF_DATA.search(statement.text) or _REACHES_NO_ROW.match(statement.text):
        return ()
    block = _BLOCK.match(_COMMENT.sub(" ", statement.text))
    if block is not None:
        return _block_uses(block["body"])
    tree = _parsed(_EXPLAIN.sub("", _REPLACE.sub(r"\1insert\2", statement.text, count=1), count=1))
    return _Reader(statement.given).uses(tree) if tree is not None else (UNREADABLE,)


def _block_uses(body: str) -> Iterator[SqlUse]:
    """What a PostgreSQL ``DO`` block does: its statements, and what its conditions read."""
    for statement in _statements(body):
        rest = statement.text
        while True:
            if opening := _OPENS.match(rest):
                rest = rest[opening.end() :]
            elif asking := _ASKS.match(rest):
                condition, rest = _condition(rest[asking.end() :])
                yield from (SqlUse("read", _plain(match[1])) for match in _FROM.finditer(condition))
            else:
                break
        if not _NO_STATEMENT.match(rest):
            yield from _uses(_Statement(_PERFORM.sub("SELECT", rest), statement.given))


def _condition(text: str) -> tuple[str, str]:
    """A condition, and what stands behind it."""
    level = 0
    for match in _ANSWERED.finditer(text):
        level += bool(match["open"]) - bool(match["close"])
        if match["word"] and level == 0:
            return text[: match.start()], text[match.end() :]
    return text, ""


def _parsed(text: str) -> exp.Expr | None:
    """The syntax tree of one statement; None where no dialect reads it."""
    import sqlglot
    from sqlglot import exp

    with _quiet():
        for dialect in _DIALECTS:
            try:
                trees = [tree for tree in sqlglot.parse(text, read=dialect) if tree is not None]
            except Exception:
                continue  # sqlglot raises more than its own errors on text that is no SQL
            if len(trees) == 1 and not isinstance(trees[0], exp.Command):
                return trees[0]
    return None


@contextmanager
def _quiet() -> Iterator[None]:
    """Without sqlglot's warnings of what it does not support: those texts are reported as unreadable."""
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


class _Reader:
    """Reads the table uses off a syntax tree."""

    def __init__(self, given: tuple[Placeholder, ...]) -> None:
        self.given = given
        self.written: set[int] = set()

    def uses(self, tree: exp.Expr) -> Iterator[SqlUse]:
        from sqlglot import exp

        local = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
        changes = [change for node in tree.walk() for change in self.change(node)]
        yield from changes
        read = [table for table in tree.find_all(exp.Table) if id(table) not in self.written]
        names = [self.name(table) for table in read if _is_named(table)]
        names = [name for name in dict.fromkeys(names) if name not in local]
        columns = self.selected(tree) if len(names) == 1 and not changes else ()
        for name in names:
            yield SqlUse("read", name, columns) if name else UNREADABLE
        if not changes and not names and not isinstance(tree, exp.Query | exp.Create | exp.Drop):
            yield UNREADABLE

    # What is changed ------------------------------------------------------------------------------------------------

    def change(self, node: exp.Expr) -> Iterator[SqlUse]:
        """What one node of the tree changes or defines."""
        from sqlglot import exp

        match node:
            case exp.Insert() if node.find_ancestor(exp.Merge) is None:
                yield from self.insert(node)
            case exp.Update() if node.find_ancestor(exp.Merge) is None:
                values = tuple(self.assigned(node.expressions))
                yield self.use("update", node.this, _names(node.expressions), values)
            case exp.Delete():
                for table in node.args.get("tables") or [node.this]:
                    yield self.use("delete", table)
            case exp.Merge():
                yield self.merge(node)
            case exp.TruncateTable():
                for table in node.expressions:
                    yield self.use("delete", table)
            case exp.Copy() if not isinstance(node.this, exp.Subquery):
                table, columns = _columns(node.this)
                yield self.use("insert" if node.args.get("kind") else "read", table, columns)
            case exp.Create() | exp.Alter() | exp.Drop():
                yield from self.define(node)
            case exp.Into():
                yield self.use("define", node.this)

    def insert(self, node: exp.Insert) -> Iterator[SqlUse]:
        from sqlglot import exp

        table, columns = _columns(node.this)
        values: list[tuple[str, Given]] = []
        if isinstance(node.expression, exp.Values):
            for row in node.expression.expressions:
                values.extend(self.given_to(columns, row.expressions if isinstance(row, exp.Tuple) else [row]))
        conflict = node.args.get("conflict")
        changed = conflict.expressions if conflict is not None else []
        values.extend(self.assigned(changed))
        yield self.use("insert", table, (*columns, *_names(changed)), tuple(dict.fromkeys(values)))

    def merge(self, node: exp.Merge) -> SqlUse:
        from sqlglot import exp

        columns: list[str] = []
        values: list[tuple[str, Given]] = []
        for then in node.find_all(exp.Insert, exp.Update):
            if isinstance(then, exp.Update):
                columns.extend(_names(then.expressions))
                values.extend(self.assigned(then.expressions))
            elif isinstance(then.this, exp.Tuple):
                named = tuple(_plain(column.name) for column in then.this.expressions)
                columns.extend(named)
                rows = then.expression
                values.extend(self.given_to(named, rows.expressions if isinstance(rows, exp.Tuple) else []))
        return self.use("update", node.this, tuple(dict.fromkeys(columns)), tuple(dict.fromkeys(values)))

    def define(self, node: exp.Expr) -> Iterator[SqlUse]:
        from sqlglot import exp

        kind = str(node.args.get("kind") or "").upper()
        if isinstance(node, exp.Drop):
            for table in list(node.find_all(exp.Table)) if kind == "TABLE" else ():
                yield self.use("delete", table)
            return
        if isinstance(node, exp.Alter):
            yield self.use("define", node.this, tuple(_altered(node)))
        elif kind == "TABLE" or (kind == "VIEW" and node.find(exp.MaterializedProperty)):
            defined, columns = _columns(node.this)
            query = node.args.get("expression")
            if isinstance(query, exp.Query) and not columns:
                columns = self.selected(query)
            yield self.use("define", defined, columns)
        elif kind in ("FUNCTION", "PROCEDURE"):
            yield UNREADABLE  # its body is a text in another language
        elif kind == "TRIGGER":
            self.written.update(id(table) for table in node.find_all(exp.Table))
        else:
            self.use("define", _columns(node.this)[0])  # a view's own name is no table that is read

    def use(
        self,
        operation: Operation,
        table: exp.Expr | None,
        columns: tuple[str, ...] = (),
        values: tuple[tuple[str, Given], ...] = (),
    ) -> SqlUse:
        from sqlglot import exp

        if not isinstance(table, exp.Table):
            return UNREADABLE
        self.written.add(id(table))
        name = self.name(table)
        return SqlUse(operation, name, tuple(dict.fromkeys(columns)), values) if name else UNREADABLE

    # Names and values -----------------------------------------------------------------------------------------------

    def name(self, table: exp.Table) -> str:
        """A table's name with its schema, in lower case; empty where it is given at run time."""
        from sqlglot import exp

        parts = table.parts
        if any(not isinstance(part, exp.Identifier) or part.name.startswith(_HOLE) for part in parts):
            return ""
        return ".".join(_plain(part.name) for part in parts)

    def selected(self, tree: exp.Expr) -> tuple[str, ...]:
        """The columns that a query gives, in their order; none where it gives all there are."""
        from sqlglot import exp

        if not isinstance(tree, exp.Query) or tree.is_star:
            return ()
        named = (one.alias or (one.name if isinstance(one, exp.Column) else "?") for one in tree.selects)
        return tuple(_plain(name) for name in named)

    def assigned(self, assignments: Iterable[exp.Expr]) -> Iterator[tuple[str, Given]]:
        from sqlglot import exp

        for one in assignments:
            if isinstance(one, exp.EQ):
                yield from self.given_to((_plain(one.this.name),), [one.expression])

    def given_to(self, columns: Iterable[str], values: Iterable[exp.Expr]) -> Iterator[tuple[str, Given]]:
        """Which constant or placeholder goes into which column."""
        from sqlglot import exp

        for column, value in zip(columns, values, strict=False):
            inner = value.unnest()
            while isinstance(inner, exp.Cast):
                inner = inner.this
            hole = inner.find(exp.Placeholder)
            if isinstance(inner, exp.Literal):
                yield column, str(inner.this)
            elif hole is not None and hole.name.startswith(_HOLE):
                yield column, self.given[int(hole.name.removeprefix(_HOLE))]


def _is_named(table: exp.Table) -> bool:
    """Whether it is a table at all: a function's rows (``json_each(…)``) are in none."""
    from sqlglot import exp

    return isinstance(table.this, exp.Identifier | exp.Placeholder | exp.Parameter)


def _columns(target: exp.Expr | None) -> tuple[exp.Expr | None, tuple[str, ...]]:
    """The table that a statement is about, and the columns in the brackets behind it."""
    from sqlglot import exp

    if not isinstance(target, exp.Schema):
        return target, ()
    named = [one for one in target.expressions if isinstance(one, exp.ColumnDef | exp.Identifier | exp.Column)]
    return target.this, tuple(_plain(one.name) for one in named)


def _altered(node: exp.Alter) -> Iterator[str]:
    from sqlglot import exp

    for action in node.args.get("actions") or ():
        if isinstance(action, exp.RenameColumn):
            yield _plain(action.args["to"].name)
        else:
            yield from (_plain(column.name) for column in action.find_all(exp.ColumnDef))


def _names(assignments: Iterable[exp.Expr]) -> tuple[str, ...]:
    """The columns on the left of assignments."""
    from sqlglot import exp

    found: list[str] = []
    for one in assignments:
        if isinstance(one, exp.EQ):
            left = one.this
            inside = left.expressions if isinstance(left, exp.Tuple) else [left.unnest()]
            found.extend(_plain(column.name) for column in inside)
    return tuple(found)


def _plain(name: str) -> str:
    return name.lower()
