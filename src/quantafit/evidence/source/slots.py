"""Slots: what a library table says of an argument, made into a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from quantafit.evidence.source.acts import slot_of
from quantafit.evidence.source.libraries import vocabulary as words
from quantafit.evidence.source.libraries.vocabulary import Slot
from quantafit.evidence.source.objects import Objects
from quantafit.evidence.source.sql import SqlUse, read_sql
from quantafit.evidence.source.state import NOBODY, About, Args, Named
from quantafit.evidence.source.supplied import url_on
from quantafit.evidence.source.values import (
    NONE,
    NOWHERE,
    Bound,
    Class,
    Column,
    Const,
    Dict,
    Env,
    Foreign,
    Func,
    Instance,
    Invoke,
    Lib,
    Made,
    Many,
    Module,
    Opaque,
    Param,
    Partial,
    Row,
    Site,
    Text,
    Unknown,
    Value,
    bounded,
    choice,
    closed,
    options,
    symbolic,
    text,
)

UNREAD = "*"
"""Stands among the names of a configuration for all those that could not be read."""


class Slots(Objects):
    """The values of slots."""

    def slot(
        self,
        slot: Slot,
        receiver: Value | None,
        args: Args,
        named: Named,
        site: Site | None,
        about: About = NOBODY,
    ) -> Value:
        """The value of a slot of a call."""

        def inner(other: Slot) -> Value:
            return self.slot(other, receiver, args, named, site, about)

        match slot:
            case words.Arg(position, name, default):
                if name in named:
                    return named[name]
                if position is not None and position < len(args):
                    return args[position]
                return named["**"] if "**" in named else Const(default, default=True)
            case words.Kept(name, default):
                return self.kept_slot(receiver, name, default)
            case words.Inside(of, name, default):
                return choice(self.kept_slot(option, name, default) for option in options(inner(of)))
            case words.Fixed(value):
                return Const(value)
            case words.Receiver():
                return receiver if receiver is not None else Unknown("no receiver")
            case words.Url(base, path):
                return url_on(inner(base), inner(path), site)
            case words.Address(scheme, host, name, remote):
                given = inner(host)
                if remote and (isinstance(given, Unknown) or (isinstance(given, Const) and not given.value)):
                    return NONE
                known = [Const("") if _omitted(part) else part for part in (inner(host), inner(name))]
                return text([Const(f"{scheme}://"), known[0], Const("/"), known[1]])
            case words.Either(slots):
                for one in slots:
                    value = inner(one)
                    if not (isinstance(value, Const) and value.value is None):
                        return value
                return NONE
            case words.Rest(position):
                return Many(args[position:], True, None)
            case words.Keywords():
                return Dict(tuple((Const(key), value) for key, value in named.items()), None)
            case words.Element(of):
                elements = self.elements(inner(of))
                return choice(elements) if elements else Unknown("an element of something unknown")
            case words.Variable(name_slot, default_slot, prefixed):
                variable = text([*self.prefixes, inner(name_slot)]) if prefixed else inner(name_slot)
                return self.variable(variable, inner(default_slot) if default_slot else None, site)
            case words.RowOf(of, bind):
                return self.row(inner(of), inner(bind) if bind is not None else None)
            case words.ManyOf(of):
                return Many((inner(of),), False, None)
            case words.NameOf(of, qualified):
                return choice(self.name_of(option, qualified) for option in options(inner(of)))
            case words.Entry(of, key, default):
                return self.mapping_entry(inner(of), key, default)
            case words.Switch(of, cases, other):
                return choice(self.chosen(option, cases, other, inner, site) for option in options(inner(of)))
            case words.Name():
                return Const(about.member)
            case words.Own(name):
                return self.own(receiver, about, name)
            case words.Configured(of, names, default):
                self.account.reads.update((f"<{of}>/", one) for one in (*names, UNREAD))
                set_here = [self.open_attributes[(of, one)] for one in names if (of, one) in self.open_attributes]
                unread = self.open_attributes.get((of, UNREAD), Const(default, default=True))
                return choice(set_here) if set_here else unread
            case words.Decorated():
                return about.decorated if about.decorated is not None else Unknown("what a decorator is given")
            case words.Given(of, first):
                return choice(Partial(option, (inner(first),), ()) for option in options(inner(of)))
            case words.Instance(of):
                return self.instance_of(inner(of))
            case words.New(type_, slots_):
                return bounded(Made(type_, tuple((key, inner(value)) for key, value in slots_.items()), site))
        raise AssertionError(slot)

    def name_of(self, value: Value, qualified: bool) -> Value:
        """The name of an object, a function or a class; a text is a name itself."""
        match value:
            case Made():
                return value.slot("name") or Unknown("an object without a name")
            case Func(id) | Class(id):
                short = id.short
                return Const(f"{self.program.sources.dotted(id.path)}.{short}" if qualified else short)
            case Bound(function):
                return self.name_of(function, qualified)
            case Foreign(_, path):
                module, _, name = path.partition(":")
                return Const(f"{self.program.sources.dotted(module)}.{name}" if qualified else name)
        return slot_of(value, "name") if symbolic(value) else value

    def mapping_entry(self, mapping: Value, key: str, default: object) -> Value:
        found = []
        for option in options(mapping):
            if isinstance(option, Dict):
                known = any(name == Const(key) for name, _ in self.pairs(option))
                found.append(self.item(option, Const(key)) if known else Const(default, default=True))
            elif isinstance(option, Const):
                found.append(Const(default, default=True))
            elif symbolic(option):
                given = (option, Const(key), Const(default, default=True))
                found.append(Invoke(Lib("quantafit.entry"), given, (), NOWHERE))
            else:
                found.append(Unknown(f"{key} of an unknown mapping"))
        return choice(found) if found else Const(default, default=True)

    def chosen(
        self,
        value: Value,
        cases: Mapping[object, Slot],
        other: Slot,
        inner: Callable[[Slot], Value],
        site: Site | None,
    ) -> Value:
        if symbolic(value):
            listed = Dict(tuple((Const(case), inner(slot)) for case, slot in cases.items()), None)
            return Invoke(Lib("quantafit.choose"), (value, listed, inner(other)), (), site or NOWHERE)
        if not isinstance(value, Const):
            return Unknown("it depends on a value that is not known")
        if isinstance(value.value, words.ByVersion):
            each = [(since, self.chosen(Const(one), cases, other, inner, site)) for since, one in value.value.since]
            known = tuple((since, one.value) for since, one in each if isinstance(one, Const))
            if len(known) < len(each):
                return Unknown("it depends on a default that has changed")
            return Const(replace(value.value, since=known), default=True)
        return inner(cases[value.value]) if value.value in cases else inner(other)

    def own(self, receiver: Value | None, about: About, name: str) -> Value:
        """An attribute of the program's own object, or of the class that is being defined; None where it has none."""
        for option in options(receiver) if receiver is not None else ():
            if isinstance(option, Instance) and self.find_name(option.id, name) is not None:
                return self.attribute(None, option, name)
            if isinstance(option, Param):
                cls = self.self_class(option)
                if cls is not None and self.find_name(cls, name) is not None:
                    return self.attribute(None, option, name)
        found = self.find_name(about.cls, name)
        return found if found is not None else NONE

    def kept_slot(self, base: Value | None, name: str, default: object) -> Value:
        if base is None:
            return Const(default, default=True)
        if isinstance(base, Made):
            found = base.slot(name)
            return found if found is not None else Const(default, default=True)
        if isinstance(base, Instance):
            return self.kept(base, name)
        if isinstance(base, Const | Env | Text):
            return Const(default, default=True)  # a text, known or not, is no object that keeps anything
        return slot_of(base, name) if symbolic(base) else Unknown(f"{name} of something unknown")

    def variable(self, name: Value, default: Value | None, site: Site | None) -> Value:
        if isinstance(name, Const) and isinstance(name.value, str):
            missing = default is None or (isinstance(default, Const) and default.value is None)
            return Env(name.value, None if missing else default, site)
        if len(options(name)) > 1:
            return choice(self.variable(one, default, site) for one in options(name))
        if symbolic(name) or not closed(name):  # whole, or in part: ``f"{service.upper()}_URL"``
            return Invoke(Lib("os.getenv"), (name, *([default] if default is not None else [])), (), site or NOWHERE)
        return Unknown("an environment variable whose name is made at run time")

    def rows_of_text(self, sql: Value | None, bind: Value | None) -> Iterator[Value]:
        """The rows that a statement's text selects, where it reads one table."""
        for option in options(sql) if sql is not None else ():
            use = _selected(option.value) if isinstance(option, Const) and isinstance(option.value, str) else None
            if use is not None:
                yield Row(use.table, None, bind, use.columns)
            elif symbolic(option):
                yield slot_of(option, "row")

    def row(self, of: Value, bind: Value | None = None) -> Value:
        """A row of what a statement selects from, or of an entity or table."""
        rows: list[Value] = []
        for option in options(of):
            match option:
                case Class(id):
                    rows.append(Row(self.table_of(id), id, bind))
                case Made("sqlalchemy.Text"):
                    rows.extend(self.rows_of_text(option.slot("sql"), bind))
                case Made():
                    inner = option.slot("entity") or option.slot("name")
                    if isinstance(inner, Const):
                        rows.append(Row(str(inner.value), None, bind))
                    elif inner is not None:
                        rows.append(self.row(inner, bind))
                case Many(items) if items:
                    rows.extend(self.row(item, bind) for item in items)
                case Opaque(what, operands) if what.startswith("column ") and operands:
                    column = operands[0]
                    if isinstance(column, Column):
                        rows.append(Column(column.table, column.name))
                case Row() | Column() | Module():
                    rows.append(option)
                case _:
                    if symbolic(option):
                        rows.append(slot_of(option, "row"))
        return choice(rows) if rows else Unknown("a row of an unknown table")


def _omitted(value: Value) -> bool:
    return isinstance(value, Const) and value.value is None


def _selected(text: str) -> SqlUse | None:
    """The one table that an SQL text reads, if it reads one."""
    reads = [use for use in read_sql(text) if use.operation == "read"]
    return reads[0] if len(reads) == 1 else None
