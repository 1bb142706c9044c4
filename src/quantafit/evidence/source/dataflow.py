"""Where classified data comes to rest: columns that are named for it, and values that carry it into a store.

A flow is followed field by field: a mapping or record carries what its entries carry, and taking one field out of it
takes that field only. What ends a flow depends on the data: of a card number the last four digits may stay (PCI DSS
v4.0.1, 3.4.1 and 3.5.1); of nothing else may any part. Ciphertext that only its receiver can read is shown as
protected; hashes, encodings and ciphertext under a key of one's own end nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from quantafit.evidence.source.acts import Act
from quantafit.evidence.source.classify import Classifier
from quantafit.evidence.source.values import (
    NONE,
    Attr,
    Bound,
    Choice,
    Class,
    ClassId,
    Column,
    Const,
    Dict,
    Env,
    Func,
    Instance,
    Item,
    Lib,
    Made,
    Many,
    Opaque,
    Param,
    Row,
    Slice,
    Text,
    Unknown,
    Value,
    children,
    closed,
    options,
)
from quantafit.model import DataAtRest, Evidence, Place

if TYPE_CHECKING:
    from quantafit.evidence.source.machine import Machine

Found = tuple[str, str, bool]
"""Data class, the name it was recognised by, and whether it is ciphertext."""

_DEEPEST = 60
_MOST_CHILDREN = 256
_CUT = "pan"
"""The only class of which a part may stay: its last four digits."""

_CIPHERTEXT = "quantafit.Ciphertext"

_WHOLE = frozenset(
    {"model_dump", "model_dump_json", "dict", "json", "asdict", "_asdict", "dumps", "copy", "model_copy", "items",
     "values", "__dict__", "data", "form", "body", "validated_data", "cleaned_data", "serialize", "to_dict", "to_json",
     "as_dict"}
)  # fmt: skip
"""Attributes and methods that give the whole of a record, under another shape."""

_SAME_TEXT = frozenset(
    {"encode", "decode", "strip", "rstrip", "lstrip", "lower", "upper", "title", "replace", "format", "join", "split",
     "hex", "get_secret_value", "getvalue", "read", "text", "content", "tobytes", "to_bytes", "isoformat", "zfill",
     "ljust", "rjust", "translate", "digest", "hexdigest", "b64encode", "urlsafe_b64encode", "compress"}
)  # fmt: skip
"""Methods that give a text or bytes, under another shape."""

_SAYS_LITTLE = frozenset(
    {"builtins.len", "builtins.bool", "builtins.isinstance", "builtins.hasattr", "builtins.type", "builtins.id",
     "isdigit", "isnumeric", "startswith", "endswith", "count", "find", "index", "isalpha", "isalnum"}
)  # fmt: skip
"""Calls whose result tells next to nothing of what they are given."""

_FOR_THE_RECEIVER = ("ECDH-ES", "RSA-OAEP", "RSA1_5", "HPKE")
"""JWE algorithms (RFC 7518, 4.1) that encrypt to the receiver's public key; the others share the key."""

_KEEPS_FOUR = re.compile(r"""\\[dw]\(\?=\\[dw](?:\{4,?\}|\\[dw]\\[dw]\\[dw])|\.\(\?=\.\{4,?\}""")
"""Regular expressions that replace every digit which four more follow."""

Uses = Callable[[Act], Iterator[tuple[str, str, tuple[str, ...]]]]
Stored = Callable[[Act], Iterator[tuple[str, str, Value]]]


class DataFlow:
    """Data at rest in one quantum, from its entities, its DDL and what flows into its stores."""

    def __init__(self, machine: Machine, classifier: Classifier) -> None:
        self.machine = machine
        self.classifier = classifier
        self.columns: dict[tuple[str, str], dict[Value, None]] = defaultdict(dict)
        self.reading: set[tuple[str, str]] = set()
        self.known: dict[tuple[Value, str], tuple[Found, ...]] = {}
        self.cut_short: dict[tuple[Value, str], tuple[int, frozenset[tuple[str, str]], tuple[Found, ...]]] = {}
        """Answers that were cut, with how deep and within which columns they hold: further in they are no longer."""
        self.cuts = 0

    def at_rest(
        self, acts: Iterable[Act], path: Callable[[Act], tuple[Evidence, ...]], uses: Uses, stored: Stored
    ) -> Iterator[DataAtRest]:
        """Everything at rest. ``uses`` and ``stored`` say what an act does with which tables and columns."""
        storing = [act for act in acts if act.does in ("store", "execute", "define")]
        for act in storing:
            for table, column, value in stored(act):
                self.columns[(table, column)][value] = None
        yield from self.mapped_columns()
        for act in storing:
            trail = path(act)
            at = self.site(trail)
            yield from self.named_columns(act, uses(act), at, trail)
            written = [use[1] for use in uses(act) if use[0] == "store"]
            for table, column, value in (*stored(act), *self.in_statement(act, written)):
                yield from self.flows_into(table, column, value, at, trail)
                if act.does == "execute" and not self.harmless(value):
                    yield from self.by_column(table, column, at, trail)

    def site(self, trail: tuple[Evidence, ...]) -> Place:
        """The last line of the quantum's own code on the way to the library: who gives the data away is there."""
        own = self.machine.program.ownership.is_own
        return next((step.place for step in reversed(trail) if own(step.place.path)), trail[-1].place)

    def named_columns(
        self, act: Act, uses: Iterable[tuple[str, str, tuple[str, ...]]], at: Place, trail: tuple[Evidence, ...]
    ) -> Iterator[DataAtRest]:
        """Columns that a definition or an SQL text names, and tables that a definition names."""
        surface = "sql" if act.does == "execute" else "column"
        for does, table, columns in uses:
            if does != "define" and (does != "store" or act.does != "execute"):
                continue
            if does == "define" and (found := self.classifier.of(table)) is not None:
                yield self.rest(found, "table", table, at, False, trail)
            around = self.classifier.around(columns, table)
            for column in columns:
                found = self.classifier.of(column, around)
                if found is not None:
                    yield self.rest(found, surface, f"{table}.{column}", at, False, trail)

    def in_statement(self, act: Act, tables: list[str]) -> Iterator[tuple[str, str, Value]]:
        """What a statement itself holds: values put into its text, and those for rows that exist already."""
        statement = act.slot("statement")
        for option in options(statement) if statement is not None and tables else ():
            sql = option.slot("sql") if isinstance(option, Made) else option
            for text in options(sql) if sql is not None else ():
                if isinstance(text, Text):
                    yield tables[0], "text of a statement", text
            changed = option.slot("changed") if isinstance(option, Made) else None
            for mapping in options(changed) if changed is not None else ():
                for key, value in self.machine.pairs(mapping):
                    yield tables[0], str(key.value) if isinstance(key, Const) else "?", value

    def flows_into(
        self, table: str, column: str, value: Value, at: Place, trail: tuple[Evidence, ...]
    ) -> Iterator[DataAtRest]:
        """What a value carries into a column; ciphertext and clear text of one class are two facts."""
        for data_class, name, protected in self.carried(value, f"{table} {column}"):
            itself = name == column
            where = f"{table}.{column}" if itself else f"{table}.{column} ({name})"
            yield self.rest(data_class, "column" if itself else "document", where, at, protected, trail)

    def by_column(self, table: str, column: str, at: Place, trail: tuple[Evidence, ...]) -> Iterator[DataAtRest]:
        """A column that a statement names, whatever the value: the table may be mapped nowhere here."""
        found = self.classifier.of(column, table)
        if found is not None:
            yield self.rest(found, "column", f"{table}.{column}", at, False, trail)

    def rest(
        self, data_class: str, surface: str, where: str, at: Place, protected: bool, path: tuple[Evidence, ...] = ()
    ) -> DataAtRest:
        quantum = self.machine.program.ownership.quantum
        return DataAtRest(quantum, data_class, surface, where, at, protected, path)

    # Mapped classes -----------------------------------------------------------------------------------------------

    def mapped_columns(self) -> Iterator[DataAtRest]:
        """Columns of mapped classes, and the tables themselves, by their names."""
        for id, info in self.machine.classes.items():
            if not self.is_mapped(id) or self.machine.program.ownership.owner(id.path) is not None:
                continue
            table = self.machine.table_of(id)
            found = self.classifier.of(table)
            if found is not None:
                yield self.rest(found, "table", table, Place(id.path, info.facts.line, 1, id.name), False)
            yield from self.columns_of(id, table)

    def is_mapped(self, id: ClassId) -> bool:
        """Whether a class stands for a table of its own, or adds columns to that of a class it extends."""
        machine = self.machine
        if machine.kind_of(id) != "entity" or machine.classes[id].names.get("__abstract__") == Const(True):
            return False
        as_table = any(machine.classes[cls].keywords.get("table") == Const(True) for cls in machine.lineage(id))
        return as_table or any(machine.find_name(id, name) is not None for name in ("__tablename__", "__table__"))

    def columns_of(self, id: ClassId, table: str) -> Iterator[DataAtRest]:
        listed = list(self.mapped_names(id))
        around = self.classifier.around((column for column, _, _ in listed), f"{table} {id.name}")
        for column, name, place in listed:
            found = self.classifier.of(column, around) or self.classifier.of(name, around)
            if found is not None:
                yield self.rest(found, "column", f"{table}.{column}", place, False)

    def mapped_names(self, id: ClassId) -> Iterator[tuple[str, str, Place]]:
        """Each column of a mapped class: its name in the table, its name in the class, and its place."""
        for cls in self.machine.lineage(id):
            owner = self.machine.classes[cls]
            for name, line in owner.lines.items():
                value = owner.names.get(name, NONE)
                if not name.startswith("__") and not self.is_no_column(value):
                    yield self.column_name(value) or name, name, Place(cls.path, line, 1, cls.name)

    def is_no_column(self, value: Value) -> bool:
        """Methods, and what the mapper makes of other tables (relationships), are columns of no table."""
        if isinstance(value, Made):
            return value.type == "sqlalchemy.Relationship"
        if isinstance(value, Func | Bound):
            info = self.machine.functions.get(value.id) if isinstance(value, Func) else None
            declared = info is not None and any(
                isinstance(one, Lib) and one.name.endswith("declared_attr") for one in info.decorators
            )
            return not declared
        return isinstance(value, Class)

    def column_name(self, value: Value | None) -> str | None:
        name = value.slot("name") if isinstance(value, Made) and value.type == "sqlalchemy.Column" else None
        return name.value if isinstance(name, Const) and isinstance(name.value, str) else None

    # Flow -----------------------------------------------------------------------------------------------------------

    def carried(self, value: Value, context: str = "", depth: int = 0) -> tuple[Found, ...]:
        """The classified data that a value carries; ``context`` are the names around it."""
        if depth > _DEEPEST:
            self.cuts += 1
            return ()
        key = (value, context)
        known = self.known.get(key)
        if known is None:
            cut = self.cut_short.get(key)
            if cut is not None and cut[0] <= depth and cut[1] <= self.reading:
                self.cuts += 1
                return cut[2]
            cuts = self.cuts
            known = tuple(dict.fromkeys(self.found_in(value, context, depth)))
            if self.cuts == cuts:
                self.known[key] = known
            else:  # an answer that a circle cut short holds here only, and further in
                self.cut_short[key] = (depth, frozenset(self.reading), known)
        return known

    def found_in(self, value: Value, context: str, depth: int) -> Iterator[Found]:
        match value:
            case Const() | Class() | Unknown() | Env() | Lib() | Func():
                return
            case Choice(parts):
                yield from self.any_of(parts, context, depth)
            case Slice(base, low, high):
                yield from _cut(self.carried(base, context, depth + 1), low, high)
            case Attr(base, name):
                yield from self.field(base, name, context, depth)
            case Item(base, key):
                yield from self.item(base, key, context, depth)
            case Opaque(what, operands):
                yield from self.result(what, operands, context, depth)
            case Made(type_):
                yield from self.made(type_, value, context, depth)
            case Column(table, name):
                yield from self.column(table, name, depth)
            case Row(table, entity):
                yield from self.row(table, entity)
            case Param(_, name):
                yield from self.named(name, context)
                yield from self.of_declared(value, depth)
            case Instance(id, bound):
                yield from self.record(id, dict(bound), depth)
            case Dict():
                yield from self.entries(self.machine.pairs(value), context, depth)
            case Many():
                for item in self.machine.elements(value)[:_MOST_CHILDREN]:
                    yield from self.carried(item, context, depth + 1)
            case _:
                for child in children(value):
                    yield from self.carried(child, context, depth + 1)

    def any_of(self, parts: tuple[Value, ...], context: str, depth: int) -> Iterator[Found]:
        """What one of several values carries.

        ``None if … else row.column`` is the idiom that leaves a column's content behind on a condition; the condition
        is taken to be about that content.
        """
        dropped = NONE in parts
        for part in parts:
            if isinstance(part, Column) and dropped:
                yield from self.named(part.name, part.table)
            else:
                yield from self.carried(part, context, depth + 1)

    def field(self, base: Value, name: str, context: str, depth: int) -> Iterator[Found]:
        """An attribute: what its name says; of a single value (``card.number.strip``) that value."""
        around = f"{base.id.name if isinstance(base, Instance) else context} {self.described(base)}"
        found = list(self.named(name, around))
        yield from found
        if not found and not self.classifier.harmless(name) and self.is_same(base, name):
            yield from self.carried(base, context, depth + 1)

    def is_same(self, base: Value, name: str) -> bool:
        """Whether an attribute or method gives all there is of a value."""
        if isinstance(base, Instance) and self.machine.annotation(base.id, name) is not None:
            return False
        if name in _SAME_TEXT and isinstance(base, Opaque) and not base.what.startswith("parameter "):
            return True
        return name in _WHOLE or self.is_single(base)

    def item(self, base: Value, key: Value, context: str, depth: int) -> Iterator[Found]:
        """An item: what its key says; under an unknown key it may be any."""
        if isinstance(key, Const) and isinstance(key.value, str):
            yield from self.named(key.value, f"{context} {self.described(base)}")
        elif self.is_single(base) or not isinstance(key, Const):
            yield from self.carried(base, context, depth + 1)

    def is_single(self, base: Value) -> bool:
        """Whether a value is one thing rather than a record of several."""
        if isinstance(base, Attr):
            return base.name not in _WHOLE
        if isinstance(base, Opaque):
            return base.what.startswith(".") and base.what[1:] not in _WHOLE
        return isinstance(base, Item | Column | Slice)

    def result(self, what: str, operands: tuple[Value, ...], context: str, depth: int) -> Iterator[Found]:
        """The result of a call that is not followed: it carries what went in."""
        if what.startswith("parameter "):
            yield from self.named(what.removeprefix("parameter "), context)
        elif what.startswith("column ") or what in _SAYS_LITTLE or what.rpartition(".")[2] in _SAYS_LITTLE:
            return
        elif what.startswith(".") and len(operands) == 1:
            yield from self.field(operands[0], what[1:], context, depth)
        elif what == "an item" and len(operands) == 1:
            yield from self.item(operands[0], Unknown("a key"), context, depth)
        else:
            for operand in operands:
                yield from self.carried(operand, context, depth + 1)

    def made(self, type_: str, value: Made, context: str, depth: int) -> Iterator[Found]:
        """An object of a library: ciphertext is told from the rest; a masked text keeps what its mask leaves."""
        if type_ == _CIPHERTEXT:
            for found in self.carried(value.slot("plaintext") or NONE, context, depth + 1):
                yield (found[0], found[1], found[2] or _for_the_receiver(value))
            yield from self.carried(value.slot("beside") or NONE, context, depth + 1)
        elif type_ == "re.Substituted":
            inner = self.carried(value.slot("text") or NONE, context, depth + 1)
            yield from _cut(inner, -4, None) if _masks(value) else inner
        else:
            for child in children(value):
                yield from self.carried(child, context, depth + 1)

    def column(self, table: str, name: str, depth: int) -> Iterator[Found]:
        """What is read from a column is what was put there."""
        yield from self.named(name, table)
        if (table, name) in self.reading:
            self.cuts += 1
            return
        self.reading.add((table, name))
        try:
            for value in self.columns.get((table, name), ()):
                yield from self.carried(value, f"{table} {name}", depth + 1)
        finally:
            self.reading.discard((table, name))

    def row(self, table: str, entity: ClassId | None) -> Iterator[Found]:
        for cls in self.machine.lineage(entity) if entity is not None else ():
            for field in self.machine.classes[cls].lines:
                yield from self.named(field, table)

    # Records and mappings -------------------------------------------------------------------------------------------

    def entries(self, pairs: Iterable[tuple[Value | None, Value]], context: str, depth: int) -> Iterator[Found]:
        """What a mapping carries; its keys are names around each other."""
        listed = list(pairs)[:_MOST_CHILDREN]
        around = self.classifier.around((str(key.value) for key, _ in listed if isinstance(key, Const)), context)
        for key, item in listed:
            yield from self.entry(key, item, around, depth)

    def entry(self, key: Value | None, item: Value, context: str, depth: int) -> Iterator[Found]:
        """An entry of a mapping: its value carries, or its key says what it is."""
        found = self.carried(item, context, depth + 1)
        yield from found
        if isinstance(key, Const) and isinstance(key.value, str) and not found and not self.harmless(item):
            sealed = isinstance(item, Made) and item.type == _CIPHERTEXT and _for_the_receiver(item)
            yield from ((data_class, name, sealed) for data_class, name, _ in self.named(key.value, context))

    def harmless(self, item: Value) -> bool:
        """Whether a value cannot be the data its name speaks of: a constant, or what a mask or cut has left of it."""
        match item:
            case Choice(parts) | Text(parts):
                return all(self.harmless(part) for part in parts)
            case Slice(_, low, high):
                return _last_four(low, high)
            case Made("re.Substituted"):
                return _masks(item)
        return isinstance(item, Const)

    def record(self, id: ClassId, bound: Mapping[str, Value], depth: int) -> Iterator[Found]:
        """What an object of a class carries: its arguments, or where the outside made it, the fields it declares."""
        if id not in self.machine.classes:
            return
        if bound:
            pairs = ((Const(name), value) for name, value in bound.items() if not name.startswith("@"))
            yield from self.entries(pairs, id.name, depth)
        elif self.machine.kind_of(id) in ("record", "entity"):
            yield from self.declared_fields(id, depth)

    def declared_fields(self, id: ClassId, depth: int) -> Iterator[Found]:
        if depth > _DEEPEST // 3:
            return
        fields = [pair for cls in self.machine.lineage(id) for pair in self.machine.classes[cls].annotations.items()]
        around = self.classifier.around((name for name, _ in fields), id.name)
        for name, declared in fields:
            yield from self.named(name, around)
            for option in options(self.machine.instance_of(declared)):
                for inner in self.machine.elements(option) if isinstance(option, Many) else (option,):
                    if isinstance(inner, Instance) and inner.id != id and closed(inner):
                        yield from self.record(inner.id, dict(inner.bound), depth + 4)

    def of_declared(self, param: Param, depth: int) -> Iterator[Found]:
        info = self.machine.functions.get(param.function)
        declared = info.annotations.get(param.name) if info else None
        for option in options(declared) if declared is not None else ():
            if isinstance(option, Class) and self.machine.kind_of(option.id) == "record":
                yield from self.record(option.id, {}, depth)

    # Names ----------------------------------------------------------------------------------------------------------

    def named(self, name: str, context: str) -> Iterator[Found]:
        found = self.classifier.of(name, context)
        if found is not None:
            yield found, name, False

    def described(self, base: Value) -> str:
        match base:
            case Param(_, name) | Attr(_, name):
                return name
            case Instance(id):
                return id.name
            case Item(_, Const(key)):
                return str(key)
            case Opaque(what):
                return what.removeprefix("parameter ").removeprefix(".")
        return ""


def _last_four(low: int | None, high: int | None) -> bool:
    return low is not None and -4 <= low < 0 and (high is None or high < 0)


def _masks(substituted: Made) -> bool:
    """Whether a substitution leaves the last four digits only."""
    pattern = substituted.slot("pattern")
    return isinstance(pattern, Const) and _KEEPS_FOUR.search(str(pattern.value)) is not None


def _cut(found: Iterable[Found], low: int | None, high: int | None) -> Iterator[Found]:
    """What is left of data of which a part is taken."""
    return (one for one in found if one[0] != _CUT or not _last_four(low, high))


def _for_the_receiver(ciphertext: Made) -> bool:
    """Whether only the receiver's private key opens a ciphertext, as far as its algorithm is known."""
    fixed = ciphertext.slot("algorithm")
    header = ciphertext.slot("beside")
    algorithms = [fixed] if fixed is not None and fixed != NONE else []
    for option in options(header) if header is not None else ():
        if isinstance(option, Dict):
            algorithms += [item for key, item in option.items if key == Const("alg")]
    names = [option for value in algorithms for option in options(value)]
    return bool(names) and all(isinstance(one, Const) and str(one.value).startswith(_FOR_THE_RECEIVER) for one in names)
