"""Abstract values: what an expression can stand for, without running it.

A value is *closed* when no parameter occurs in it. Parameters and what hangs on them stay symbolic until a caller
closes them by :func:`substitute`. Sets are bounded: past ``MOST_OPTIONS`` alternatives or ``DEEPEST`` levels a value is
Unknown.

Values are interned: equal values are one object, so that comparing and hashing them costs nothing however large they
are, and whether a value is closed is known when it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

MOST_OPTIONS = 16
DEEPEST = 24
MOST_PARTS = 64
LONGEST_TEXT = 10_000
HEAVIEST = 20_000
"""So many parts a value may have, shared ones counted each time."""
TOO_DEEP = "nested too deeply to be followed"


_INTERNED: dict[Any, Any] = {}
_PRUNED: dict[tuple[Any, int], Any] = {}


class _Interning(type):
    """Makes each value once. Constants are told apart by type too: 1 is not True."""

    if not TYPE_CHECKING:

        def __call__(cls, *args, **named):
            if named or len(args) < len(cls.__match_args__):
                args = _positional(cls, args, named)
            key = (cls, args, type(args[0])) if cls.constant else (cls, args)
            found = _INTERNED.get(key)
            if found is None:
                found = super().__call__(*args)
                _describe(found, args)
                _INTERNED[key] = found
            return found


def _positional(cls: Any, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """The arguments of a constructor by position, defaults put in."""
    fields = cls.__dataclass_fields__
    rest = cls.__match_args__[len(args) :]
    return (*args, *(named[name] if name in named else fields[name].default for name in rest))


def _describe(made: Node, args: tuple[Any, ...]) -> None:
    """What is known of a value from what it is made of."""
    is_open = open_code = made.parameter
    deepest, weight = 0, 1
    stack = list(args)
    while stack:
        part = stack.pop()
        if isinstance(part, Node):
            is_open = is_open or part.is_open
            open_code = open_code or part.open_code
            deepest = max(deepest, part.height)
            weight += part.weight
        elif type(part) is tuple:
            stack.extend(part)
    object.__setattr__(made, "is_open", is_open)
    object.__setattr__(made, "open_code", open_code or made.captures())
    object.__setattr__(made, "height", deepest + 1)
    object.__setattr__(made, "weight", min(weight, 1 << 40))


class Node(metaclass=_Interning):
    """What all values share: whether parameters occur in it, and how deep it is nested.

    ``open_code`` is set also where a function inside may still capture the parameters of a function around it.
    """

    __slots__ = ("height", "is_open", "open_code", "weight")
    parameter: ClassVar[bool] = False
    constant: ClassVar[bool] = False
    is_open: bool
    open_code: bool
    height: int
    weight: int

    def captures(self) -> bool:
        return False


def forget() -> None:
    """Let go of all interned values, between two analyses that share nothing."""
    _INTERNED.clear()
    _INTERNED.update(_KEPT)
    _PRUNED.clear()


@dataclass(frozen=True, slots=True, eq=False)
class Site(Node):
    """Where something happens: path, line and column of the statement, and the function around it."""

    path: str
    line: int
    column: int
    symbol: str


@dataclass(frozen=True, slots=True, eq=False)
class FunctionId(Node):
    """A function of the program: the file it stands in and its qualified name there."""

    path: str
    name: str

    def encloses(self, other: FunctionId) -> bool:
        return self.path == other.path and other.name.startswith(self.name + ".<locals>.")


@dataclass(frozen=True, slots=True, eq=False)
class ClassId(Node):
    """A class of the program."""

    path: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Const(Node):
    """A constant written in the code, or with ``default`` the value that a library gives to an omitted argument."""

    constant: ClassVar[bool] = True
    value: Any
    default: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Text(Node):
    """Text joined from parts, left to right."""

    parts: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Param(Node):
    """A parameter of a function that is being summarised."""

    parameter: ClassVar[bool] = True
    function: FunctionId
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Attr(Node):
    """An attribute of something still symbolic."""

    base: Value
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Item(Node):
    """A subscript of something still symbolic."""

    base: Value
    key: Value


@dataclass(frozen=True, slots=True, eq=False)
class Invoke(Node):
    """The result of calling something still symbolic."""

    callee: Value
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    site: Site


@dataclass(frozen=True, slots=True, eq=False)
class Func(Node):
    """A function; ``captured`` closes the parameters of the functions around it, where they are known."""

    id: FunctionId
    captured: tuple[tuple[Param, Value], ...] = ()

    def captures(self) -> bool:
        return ".<locals>." in self.id.name


@dataclass(frozen=True, slots=True, eq=False)
class Bound(Node):
    """A function with its first argument given."""

    function: Func
    receiver: Value


@dataclass(frozen=True, slots=True, eq=False)
class Partial(Node):
    """A callable with some arguments given."""

    callee: Value
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Class(Node):
    """A class as a value."""

    id: ClassId


@dataclass(frozen=True, slots=True, eq=False)
class Instance(Node):
    """An object of a class of the program; ``bound`` are the arguments it was made with, by parameter name."""

    id: ClassId
    bound: tuple[tuple[str, Value], ...]
    site: Site | None


@dataclass(frozen=True, slots=True, eq=False)
class Module(Node):
    """A module of the program."""

    path: str


@dataclass(frozen=True, slots=True, eq=False)
class Foreign(Node):
    """Something of another quantum's code, which is not entered."""

    quantum: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Lib(Node):
    """A name of a library: a module, class or function, by its dotted path."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Made(Node):
    """An object that a library made: its type in the library tables, and the slots the table keeps."""

    type: str
    slots: tuple[tuple[str, Value], ...]
    site: Site | None

    def slot(self, name: str) -> Value | None:
        return next((value for key, value in self.slots if key == name), None)


@dataclass(frozen=True, slots=True, eq=False)
class Member(Node):
    """A method of an object that a library made, or of an object of a class that extends a library's class."""

    owner: Value
    type: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Env(Node):
    """The value of an environment variable, with its default."""

    name: str
    default: Value | None
    site: Site | None


@dataclass(frozen=True, slots=True, eq=False)
class Row(Node):
    """A row read from a table. ``entity`` is the mapped class, ``bind`` the engine it was read through, where known."""

    table: str
    entity: ClassId | None
    bind: Value | None = None
    columns: tuple[str, ...] = ()
    """The selected columns in order, where a statement's text names them."""


@dataclass(frozen=True, slots=True, eq=False)
class Column(Node):
    """What stands in one column of a table: whatever this quantum puts there."""

    table: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Dict(Node):
    """A mapping; an item whose key is None has a key that could not be told."""

    items: tuple[tuple[Value | None, Value], ...]
    site: Site | None


@dataclass(frozen=True, slots=True, eq=False)
class Many(Node):
    """A list, tuple, set or generator, by its possible elements; ``ordered`` where positions are known."""

    items: tuple[Value, ...]
    ordered: bool
    site: Site | None


@dataclass(frozen=True, slots=True, eq=False)
class Spread(Node):
    """``*value`` among the arguments of a call, while it is not known how many there are."""

    of: Value


@dataclass(frozen=True, slots=True, eq=False)
class Slice(Node):
    """Part of a text or list: ``low`` and ``high`` are the bounds where they are constants."""

    base: Value
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Opaque(Node):
    """The result of a call that is not followed; its operands travel along, so that data can be traced through it."""

    what: str
    operands: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Choice(Node):
    """One of several values."""

    options: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Unknown(Node):
    """A value that could not be followed, and why."""

    why: str


Value: TypeAlias = (
    Const | Text | Param | Attr | Item | Invoke | Func | Bound | Partial | Class | Instance | Module | Foreign | Lib
    | Made | Member | Env | Row | Column | Dict | Many | Spread | Slice | Opaque | Choice | Unknown
)  # fmt: skip

NONE = Const(None)
NOTHING = Choice(())
"""No value at all: what a function that never returns gives, and where every union starts."""
_KEPT = dict(_INTERNED)


def options(value: Value) -> tuple[Value, ...]:
    """The alternatives of a value: itself, unless it is a Choice."""
    return value.options if isinstance(value, Choice) else (value,)


def choice(values: Iterable[Value]) -> Value:
    """The union of values, bounded."""
    found: dict[Value, None] = {}
    for value in values:
        if isinstance(value, Choice):
            found.update(dict.fromkeys(value.options))
        else:
            found[value] = None
    if len(found) > 1:
        # An unknown beside something known adds nothing that can be followed; absence is kept, it may be a default.
        known: dict[Value, None] = {option: None for option in found if not isinstance(option, Unknown)}
        found = known or {next(iter(found)): None}
    if len(found) == 1:
        return next(iter(found))
    if len(found) > MOST_OPTIONS:
        return Unknown(f"more than {MOST_OPTIONS} possible values")
    return Choice(tuple(found))


def text(parts: Iterable[Value]) -> Value:
    """Join texts; constants beside each other melt together; alternatives are multiplied out while few."""
    joined: list[Value] = []
    for part in parts:
        pieces = part.parts if isinstance(part, Text) else (part,)
        for piece in pieces:
            if isinstance(piece, Const) and joined and isinstance(joined[-1], Const):
                joined[-1] = Const(f"{joined[-1].value}{piece.value}")
            elif isinstance(piece, Const):
                joined.append(Const(str(piece.value)) if piece.value is not None else Const("None"))
            else:
                joined.append(piece)
    if len(joined) > MOST_PARTS:
        joined = [*joined[:MOST_PARTS], Unknown("a text of too many parts")]
    joined = [
        Const(str(piece.value)[:LONGEST_TEXT]) if isinstance(piece, Const) and len(str(piece.value)) > LONGEST_TEXT
        else piece
        for piece in joined
    ]  # fmt: skip
    if len(joined) == 1:
        return joined[0]
    for index, piece in enumerate(joined):
        if isinstance(piece, Choice) and 1 < len(piece.options) <= 4:
            # Text is never joined with None: what is None here is set to something before the join runs.
            given = [option for option in piece.options if not (isinstance(option, Const) and option.value is None)]
            return choice(text([*joined[:index], option, *joined[index + 1 :]]) for option in given)
    return Text(tuple(joined))


def children(value: Value) -> Iterator[Value]:
    """The values a value is made of."""
    match value:
        case Text(parts) | Choice(parts) | Opaque(_, parts):
            yield from parts
        case Attr(base) | Slice(base) | Spread(base):
            yield base
        case Item(base, key):
            yield base
            yield key
        case Invoke(callee, args, keywords) | Partial(callee, args, keywords):
            yield callee
            yield from args
            for _, child in keywords:
                yield child
        case Func(_, captured):
            for _, child in captured:
                yield child
        case Bound(function, receiver):
            yield function
            yield receiver
        case Instance(_, bound):
            for _, child in bound:
                yield child
        case Made(_, slots):
            for _, child in slots:
                yield child
        case Member(owner):
            yield owner
        case Env(_, default) if default is not None:
            yield default
        case Row(_, _, bind) if bind is not None:
            yield bind
        case Dict(items):
            for key_, child in items:
                if key_ is not None:
                    yield key_
                yield child
        case Many(items):
            yield from items
        case _:
            return


def parameters(value: Value) -> Iterator[Param]:
    """Every parameter that occurs in a value."""
    stack, seen = [value], {value}
    while stack:
        top = stack.pop()
        if isinstance(top, Param):
            yield top
        elif top.is_open:
            for child in children(top):
                if child not in seen:
                    seen.add(child)
                    stack.append(child)


def closed(value: Value) -> bool:
    """Whether no parameter occurs in the value."""
    return not value.is_open


def bounded(value: Value) -> Value:
    """The value itself; what is nested too deeply in it is Unknown."""
    if value.height <= DEEPEST and value.weight <= HEAVIEST:
        return value
    result: Value = value
    for limit in (DEEPEST, 10, 5, 2):
        result = _pruned(value, limit)
        if result.weight <= HEAVIEST:
            break
    return result


def _pruned(value: Any, limit: int) -> Any:
    if isinstance(value, tuple):
        return tuple(_pruned(part, limit) for part in value)
    if not isinstance(value, Node) or value.height <= limit:
        return value
    if limit <= 1:
        return Unknown(TOO_DEEP)
    key = (value, limit)
    if key not in _PRUNED:
        cls: Any = type(value)
        _PRUNED[key] = cls(*(_pruned(getattr(value, name), limit - 1) for name in cls.__match_args__))
    return _PRUNED[key]


def spread(args: Iterable[Value]) -> tuple[Value, ...]:
    """Arguments with every ``*value`` put in that is known by now."""
    result: list[Value] = []
    for arg in args:
        if isinstance(arg, Spread) and isinstance(arg.of, Many) and arg.of.ordered:
            result.extend(arg.of.items)
        elif isinstance(arg, Spread) and not arg.of.is_open:
            continue  # nothing is known of how many there are: parameters beyond stay unknown
        else:
            result.append(arg)
    return tuple(result)


Rebuild: TypeAlias = Callable[[Value], Value]


def substitute(value: Value, given: Mapping[Param, Value], rebuild: Rebuild) -> Value:
    """The value with parameters replaced. ``rebuild`` resolves what was symbolic before (attributes, items, calls)."""
    if not given or not value.open_code:
        return value
    return _substitute(value, given, rebuild, {})


def _substitute(value: Value, given: Mapping[Param, Value], rebuild: Rebuild, done: dict[Value, Value]) -> Value:
    """``done`` holds what was replaced already: values share parts, and each part is replaced once."""

    def put(inner: Value) -> Value:
        if not inner.open_code:
            return inner
        found = done.get(inner)
        if found is None:
            found = done[inner] = _substitute(inner, given, rebuild, done)
        return found

    def pairs(items: tuple[tuple[str, Value], ...]) -> tuple[tuple[str, Value], ...]:
        return tuple((key, put(item)) for key, item in items)

    match value:
        case Param():
            return given.get(value, value)
        case Const() | Class() | Module() | Lib() | Foreign() | Unknown() | Column():
            return value
        case Row(table, entity, bind, columns):
            return Row(table, entity, put(bind) if bind is not None else None, columns)
        case Text(parts):
            return text([put(part) for part in parts])
        case Choice(parts):
            return choice([put(part) for part in parts])
        case Attr(base, name):
            new = put(base)
            return value if new == base else rebuild(Attr(new, name))
        case Item(base, key):
            new, new_key = put(base), put(key)
            return value if (new, new_key) == (base, key) else rebuild(Item(new, new_key))
        case Slice(base, low, high):
            return Slice(put(base), low, high)
        case Spread(base):
            return Spread(put(base))
        case Invoke(callee, args, keywords, site):
            if isinstance(callee, Attr) and not callee.name.startswith("@"):
                # A method keeps its receiver: values that are built in have methods that are no attributes of theirs.
                called: Value = Attr(put(callee.base), callee.name)
            else:
                called = put(callee)
            made = Invoke(called, spread(put(arg) for arg in args), pairs(keywords), site)
            return value if made == value else rebuild(made)
        case Partial(callee, args, keywords):
            return Partial(put(callee), spread(put(arg) for arg in args), pairs(keywords))
        case Func(id, captured):
            held = {param: put(inner) for param, inner in captured}
            for param, inner in given.items():
                if param.function.encloses(id):
                    held.setdefault(param, inner)
            return Func(id, tuple(held.items()))
        case Bound(function, receiver):
            new_function = put(function)
            assert isinstance(new_function, Func)
            return Bound(new_function, put(receiver))
        case Instance(id, bound, site):
            return bounded(Instance(id, pairs(bound), site))
        case Made(type_, slots, site):
            return bounded(Made(type_, pairs(slots), site))
        case Member(owner, type_, name):
            return Member(put(owner), type_, name)
        case Env(name, default, site):
            return Env(name, put(default) if default is not None else None, site)
        case Dict(items, site):
            return Dict(tuple((put(key) if key is not None else None, put(item)) for key, item in items), site)
        case Many(items, ordered, site):
            return Many(tuple(put(item) for item in items), ordered, site)
        case Opaque(what, operands):
            return bounded(Opaque(what, tuple(put(operand) for operand in operands)))
    raise AssertionError(value)
