"""Where classified data comes to rest: columns that are named for it, and values that carry it into a store.

A flow is followed field by field, one level deep. Only what keeps the last four digits, or encrypts, ends it; hashes,
encodings and masks made elsewhere do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from quantafit.evidence.source.acts import Act
from quantafit.evidence.source.classify import Classifier
from quantafit.evidence.source.values import (
    Attr,
    Class,
    Column,
    Const,
    Dict,
    Env,
    Instance,
    Item,
    Made,
    Many,
    Opaque,
    Param,
    Row,
    Slice,
    Unknown,
    Value,
    children,
    options,
)
from quantafit.model import DataAtRest, Evidence, Place

if TYPE_CHECKING:
    from quantafit.evidence.source.machine import Machine

Found = tuple[str, str, bool]
"""Data class, the name it was recognised by, and whether it is ciphertext."""

_ENCRYPTING = ("encrypt", "seal", "jwe")
_DOCUMENT_TYPES = ("JSON", "JSONB", "HSTORE", "PickleType", "LargeBinary")
_PASSING = frozenset({"json.dumps", "model_dump", "asdict", "vars", "str", "encode", "dict", "copy"})


class DataFlow:
    """Data at rest in one quantum, from its entities, its DDL and what flows into its stores."""

    def __init__(self, machine: Machine, classifier: Classifier) -> None:
        self.machine = machine
        self.classifier = classifier

    def at_rest(
        self,
        acts: Iterable[Act],
        path: Callable[[Act], tuple[Evidence, ...]],
        uses: Callable[[Act], Iterator[tuple[str, str, tuple[str, ...]]]],
        stored: Callable[[Act], Iterator[tuple[str, str, Value]]],
    ) -> Iterator[DataAtRest]:
        yield from self.mapped_columns()
        for act in acts:
            if act.does not in ("store", "execute", "define"):
                continue
            trail = path(act)
            at = trail[-1].place
            for does, table, columns in uses(act):
                surface = "sql" if act.does == "execute" else "column"
                for column in columns if does in ("define", "store") else ():
                    found = self.classifier.of(column, table)
                    if found is not None and (does == "define" or act.does == "execute"):
                        yield self.rest(found, surface, f"{table}.{column}", at, False, trail)
            for table, column, value in stored(act):
                for data_class, name, protected in self.carried(value, f"{table} {column}"):
                    where = f"{table}.{column}" if name == column else f"{table}.{column} ({name})"
                    yield self.rest(data_class, "document" if name != column else "column", where, at, protected, trail)

    def rest(
        self, data_class: str, surface: str, where: str, at: Place, protected: bool, path: tuple[Evidence, ...] = ()
    ) -> DataAtRest:
        quantum = self.machine.program.ownership.quantum
        return DataAtRest(quantum, data_class, surface, where, at, protected, path)

    def mapped_columns(self) -> Iterator[DataAtRest]:
        """Columns of mapped classes, and the tables themselves, by their names."""
        for id, info in self.machine.classes.items():
            if self.machine.kind_of(id) != "entity" or "__tablename__" not in info.names:
                continue
            if self.machine.program.ownership.owner(id.path) is not None:
                continue
            table = self.machine.table_of(id)
            found = self.classifier.of(table)
            if found is not None:
                yield self.rest(found, "table", table, Place(id.path, info.facts.line, 1, id.name), False)
            for cls in self.machine.lineage(id):
                owner = self.machine.classes[cls]
                for name, line in owner.lines.items():
                    if name.startswith("__") or self.machine.is_code(owner.names.get(name, Const(None))):
                        continue
                    column = self.column_name(owner.names.get(name)) or name
                    found = self.classifier.of(column, f"{table} {id.name}") or self.classifier.of(name, table)
                    if found is not None:
                        yield self.rest(found, "column", f"{table}.{column}", Place(cls.path, line, 1, cls.name), False)

    def column_name(self, value: Value | None) -> str | None:
        name = value.slot("name") if isinstance(value, Made) and value.type == "sqlalchemy.Column" else None
        return name.value if isinstance(name, Const) and isinstance(name.value, str) else None

    # Flow -----------------------------------------------------------------------------------------------------------

    def carried(self, value: Value, context: str = "", depth: int = 0) -> Iterator[Found]:
        """The classified data that a value carries."""
        if depth > 10:
            return
        match value:
            case Const() | Class() | Unknown() | Env():
                return
            case Slice(base, low, high):
                if low == -4 and high is None:
                    return  # the last four digits are what may stay
                yield from self.carried(base, context, depth + 1)
            case Opaque(what, operands):
                protected = any(word in what.lower() for word in _ENCRYPTING)
                if what.startswith("parameter "):
                    yield from self.named(what.removeprefix("parameter "), context)
                for operand in operands:
                    for data_class, name, already in self.carried(operand, context, depth + 1):
                        yield data_class, name, protected or already
            case Attr(base, name):
                owner = base.id.name if isinstance(base, Instance) else context
                yield from self.named(name, f"{owner} {self.described(base)}")
            case Item(base, key):
                if isinstance(key, Const) and isinstance(key.value, str):
                    yield from self.named(key.value, self.described(base))
            case Column(table, name):
                yield from self.named(name, table)
            case Row(table, entity):
                if entity is not None:
                    for field in self.machine.classes[entity].lines:
                        yield from self.named(field, table)
            case Param(_, name):
                yield from self.named(name, context)
                yield from self.of_declared(value)
            case Instance(id, bound):
                yield from self.of_instance(id, dict(bound), depth)
            case Dict():
                for key_value, item in self.machine.pairs(value):
                    yield from self.entry(key_value, item, context, depth)
            case Many():
                for item in self.machine.elements(value):
                    yield from self.carried(item, context, depth + 1)
            case _:
                for child in children(value) if len(options(value)) == 1 else options(value):
                    yield from self.carried(child, context, depth + 1)

    def entry(self, key: Value | None, item: Value, context: str, depth: int) -> Iterator[Found]:
        """An entry of a mapping: its value carries, or its key says what it is."""
        found = list(self.carried(item, context, depth + 1))
        yield from found
        if isinstance(key, Const) and isinstance(key.value, str) and not found and not self.harmless(item):
            yield from self.named(key.value, context)

    def harmless(self, item: Value) -> bool:
        """Whether a value cannot be the data its name speaks of: a constant, the last four digits, ciphertext."""
        if isinstance(item, Const) or (isinstance(item, Slice) and item.low == -4 and item.high is None):
            return True
        return isinstance(item, Opaque) and any(word in item.what.lower() for word in _ENCRYPTING)

    def of_instance(self, id: object, bound: dict[str, Value], depth: int) -> Iterator[Found]:
        machine = self.machine
        info = machine.classes.get(id)  # type: ignore[call-overload]
        if info is None:
            return
        for name, value in bound.items():
            yield from self.entry(Const(name), value, info.id.name, depth)
        if not bound and machine.kind_of(info.id) == "record":
            for cls in machine.lineage(info.id):
                for field in machine.classes[cls].annotations:
                    yield from self.named(field, info.id.name)

    def of_declared(self, param: Param) -> Iterator[Found]:
        info = self.machine.functions.get(param.function)
        declared = info.annotations.get(param.name) if info else None
        for option in options(declared) if declared is not None else ():
            if isinstance(option, Class) and self.machine.kind_of(option.id) == "record":
                yield from self.of_instance(option.id, {}, 0)

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
            case Opaque(what):
                return what.removeprefix("parameter ")
        return ""
