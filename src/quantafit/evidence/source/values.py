"""Abstract values: what an expression can stand for, without running it.

A value is *closed* when no parameter occurs in it. Parameters and what hangs on them stay symbolic until a caller
closes them by :func:`substitute`. Sets are bounded: past ``MOST_OPTIONS`` alternatives or ``DEEPEST`` levels a value is
Unknown.

Values are interned: equal values are one object, so that comparing and hashing them costs nothing however large they
are, and whether a value is closed is known when it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

MOST_OPTIONS = 16
MOST_PLAIN = 64
"""So many constants, variables or functions a union may have: they hold nothing that could grow."""
MOST_ENTRIES = 256
"""So many entries a mapping may have that several were made one in."""
DEEPEST = 24
MOST_PARTS = 64
LONGEST_TEXT = 10_000
HEAVIEST = 20_000
"""So many parts a value may have, shared ones counted each time."""
TOO_DEEP = "nested too deeply to be followed"


_PRUNED: dict[tuple[Any, int], Any] = {}
_MOST_PRUNED = 200_000
"""So many cut values are remembered; the same parts are cut soon after one another."""
_CHOICES: dict[frozenset[Any], Any] = {}
"""One union for one set of alternatives, in the order in which they were first met: else equal sets would differ."""


class _Interning(type):
    """Makes each value once. Constants are told apart by type too: 1 is not True."""

    def __init__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any], **named: Any) -> None:
        super().__init__(name, bases, space, **named)
        cls.interned: dict[Any, Any] = {}
        cls.arity = len(cls.__match_args__)  # type: ignore[attr-defined]

    if not TYPE_CHECKING:

        def __call__(cls, *args, **named):
            if named or len(args) < cls.arity:
                args = _positional(cls, args, named)
            key = (args, type(args[0])) if cls.constant else args
            found = cls.interned.get(key)
            if found is None:
                found = super().__call__(*args)
                _describe(found, args)
                cls.interned[key] = found
            return found


@contextmanager
def made_within() -> Iterator[None]:
    """Let go, at the end, of the values that were made meanwhile; nothing that is kept may hold one of them.

    What is found in one quantum then takes no room while the next is examined, and does not depend on what was met
    before.
    """
    tables: list[dict[Any, Any]] = [_PRUNED, _CHOICES, *(cls.interned for cls in Node.__subclasses__())]
    sizes = [len(table) for table in tables]
    try:
        yield
    finally:
        for table, size in zip(tables, sizes, strict=True):
            while len(table) > size:
                table.popitem()  # the last one that was put in


def _positional(cls: Any, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """The arguments of a constructor by position, defaults put in."""
    fields = cls.__dataclass_fields__
    rest = cls.__match_args__[len(args) :]
    return (*args, *(named[name] if name in named else fields[name].default for name in rest))


_NO_PARAMETERS: frozenset[Any] = frozenset()


def _describe(made: Node, args: tuple[Any, ...]) -> None:
    """What is known of a value from what it is made of."""
    open_to: frozenset[Any] = frozenset((made,)) if made.parameter else _NO_PARAMETERS
    capturing = made.captures()
    deepest, weight = 0, 1
    stack = list(args)
    while stack:
        part = stack.pop()
        if isinstance(part, Node):
            if part.open_to is not open_to and part.open_to:
                open_to = open_to | part.open_to if open_to else part.open_to
            capturing = capturing or part.capturing
            if part.height > deepest:
                deepest = part.height
            weight += part.weight
        elif type(part) is tuple:
            stack.extend(part)
    put = object.__setattr__
    put(made, "open_to", open_to)
    put(made, "capturing", capturing)
    put(made, "height", deepest + 1)
    put(made, "weight", weight if weight < _HEAVY else _HEAVY)


_HEAVY = 1 << 40


class Node(metaclass=_Interning):
    """What all values share: which parameters occur in it, and how deep it is nested.

    ``capturing`` is set where a function inside may still capture the parameters of a function around it.
    """

    __slots__ = ("capturing", "height", "open_to", "weight")
    __match_args__: ClassVar[tuple[str, ...]] = ()
    parameter: ClassVar[bool] = False
    constant: ClassVar[bool] = False
    open_to: frozenset[Any]
    capturing: bool
    height: int
    weight: int

    @property
    def is_open(self) -> bool:
        return bool(self.open_to)

    def captures(self) -> bool:
        return False


@dataclass(frozen=True, slots=True, eq=False)
class Site(Node):
    """Where something happens: path, line and column of the statement, and the function around it."""

    path: str
    line: int
    column: int
    symbol: str


NOWHERE = Site("", 1, 1, "")


def short_name(qualified: str) -> str:
    """The last part of a qualified name, without the line that tells a second function of one name apart."""
    return qualified.rpartition(".")[2].partition("@")[0]


@dataclass(frozen=True, slots=True, eq=False)
class FunctionId(Node):
    """A function of the program: the file it stands in and its qualified name there."""

    path: str
    name: str

    @property
    def short(self) -> str:
        """The name that the code knows it by where it is defined."""
        return short_name(self.name)

    def encloses(self, other: FunctionId) -> bool:
        return self.path == other.path and other.name.startswith(self.name + ".<locals>.")


@dataclass(frozen=True, slots=True, eq=False)
class ClassId(Node):
    """A class of the program."""

    path: str
    name: str

    @property
    def short(self) -> str:
        """The name that the code knows it by where it is defined."""
        return short_name(self.name)


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
    """A value that could not be followed, and why; ``library`` is the function of a library that gave it, if any."""

    why: str
    library: str = ""


Value: TypeAlias = (
    Const | Text | Param | Attr | Item | Invoke | Func | Bound | Partial | Class | Instance | Module | Foreign | Lib
    | Made | Member | Env | Row | Column | Dict | Many | Spread | Slice | Opaque | Choice | Unknown
)  # fmt: skip

NONE = Const(None)
TOO_MANY = Unknown("it has more possible values than are followed")
"""What a union gives that has grown past its bound; nothing takes a value out of it again."""
OF_NONE = Unknown("an attribute of None")
"""What no code can come to have: where another value stands beside it, that one is meant (``config or Config()``)."""
IF_SET = Lib("quantafit.if_set")
NOTHING = Choice(())
"""No value at all: what a function that never returns gives, and where every union starts."""


def if_set(value: Value) -> Value:
    """What stands where a value has been found to be set: nothing, once it turns out to be None or empty."""
    return choice(
        Invoke(IF_SET, (option,), (), NOWHERE) if isinstance(option, Param) else option for option in options(value)
    )


def asked(value: Value) -> Value:
    """The parameter behind :func:`if_set`: its attributes and methods are those of the value itself."""
    return value.args[0] if isinstance(value, Invoke) and value.callee == IF_SET else value


def options(value: Value) -> tuple[Value, ...]:
    """The alternatives of a value: itself, unless it is a Choice."""
    return value.options if type(value) is Choice else (value,)


def choice(values: Iterable[Value]) -> Value:
    """The union of values, bounded."""
    found: dict[Value, None] = {}
    for value in values:
        if type(value) is Choice:
            found.update(dict.fromkeys(value.options))
        else:
            found[value] = None
    if len(found) > 1 and OF_NONE in found:
        del found[OF_NONE]
    if len(found) == 1:
        return next(iter(found))
    if TOO_MANY in found:
        return TOO_MANY
    known_already: Value | None = _CHOICES.get(frozenset(found))
    if known_already is not None:
        return known_already
    if found:
        # An unknown beside something known adds nothing that can be followed; absence is kept, it may be a default.
        known = {option: None for option in found if type(option) is not Unknown}
        telling = any(map(_is_address, known)) or all(map(_is_word, known)) or all(map(_is_switch, known))
        telling = telling or [*known] == [NONE]  # absence alone: there is another value than that
        if known and len(known) < len(found) and telling:
            unknown = next(option for option in found if type(option) is Unknown)
            found = {**known, unknown: None}  # another address, name or mode than these, which must be shown too
        else:
            found = known or {next(iter(found)): None}
        if len(found) == 1:
            return next(iter(found))
    found = _defaulted(found)
    if len(found) == 1:
        return next(iter(found))
    if len(found) > MOST_OPTIONS or any(_is_merged(option) for option in found):
        found = _merged(found)
        plain = sum(isinstance(option, Const | Env | Func | Class | Lib) for option in found)
        if plain > MOST_PLAIN or len(found) - plain > MOST_OPTIONS:
            return TOO_MANY  # constants, variables and functions hold nothing that could grow: more of them will do
        if len(found) == 1:
            return next(iter(found))
    alternatives = frozenset(found)
    made = _CHOICES.get(alternatives)
    if made is None:
        made = _CHOICES[alternatives] = Choice(tuple(found))
    return made


def _defaulted(found: dict[Value, None]) -> dict[Value, None]:
    """Without a variable that has no default, where the same one stands beside it with one."""
    known = {option.name for option in found if type(option) is Env and option.default is not None}
    if not known:
        return found
    return {one: None for one in found if type(one) is not Env or one.default is not None or one.name not in known}


def _is_address(value: Value) -> bool:
    """Whether a text begins with a scheme and a host."""
    first = value.parts[0] if type(value) is Text else value
    return type(first) is Const and isinstance(first.value, str) and "://" in first.value


def _is_word(value: Value) -> bool:
    """Whether a value is text that could name something: a host, a queue, a table."""
    if type(value) is Const:
        return isinstance(value.value, str) and bool(value.value) and not value.default
    return type(value) in (Text, Env)


def _is_switch(value: Value) -> bool:
    """Whether a value says how something is done: whether a queue is durable, in which mode a message is sent."""
    return type(value) is Const and isinstance(value.value, bool | int) and not value.default


def joined(old: Value | None, new: Value, height: int = DEEPEST) -> Value:
    """What a place may hold that held ``old`` and is given ``new``: it only grows, and stays TOO_MANY once it is.

    Values nested deeper than ``height`` are cut there, so that a place that feeds itself comes to rest.
    """
    if old is TOO_MANY:
        return old
    if new.height > height:
        new = _pruned(new, height)
    return new if old is None else choice((old, new))


def _merged(found: Iterable[Value]) -> dict[Value, None]:
    """Alternatives, mappings with the same keys made one that has the entries of all."""
    entries: dict[frozenset[Value | None], dict[tuple[Value | None, Value], None]] = {}
    merged: dict[Value, None] = {}
    for option in found:
        if type(option) is Dict and option.site is None:
            entries.setdefault(frozenset(key for key, _ in option.items), {}).update(dict.fromkeys(option.items))
        else:
            merged[option] = None
    merged.update((Dict(tuple(items), None), None) for items in entries.values())
    return merged if all(len(items) <= MOST_ENTRIES for items in entries.values()) else {TOO_MANY: None}


def _is_merged(value: Value) -> bool:
    """Whether a mapping has several entries under one key, because several mappings were made one."""
    if type(value) is not Dict or value.site is not None:
        return False
    return len({key for key, _ in value.items}) < len(value.items)


def text(parts: Iterable[Value]) -> Value:
    """Join texts; constants beside each other melt together; alternatives are multiplied out while the ways are few.

    A text with a part that has no value has none.
    """
    joined: list[Value] = []
    for part in parts:
        if part is NOTHING or part is OF_NONE:
            return part
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
    few = [piece for piece in joined if isinstance(piece, Choice) and 1 < len(piece.options) <= 4]
    followed = MOST_PLAIN if all(map(_is_plain, joined)) else MOST_OPTIONS
    if not few or prod(len(piece.options) for piece in few) > followed:
        return Text(tuple(joined))
    index = joined.index(few[0])
    # Text is never joined with None: what is None here is set to something before the join runs.
    given = [option for option in few[0].options if not (isinstance(option, Const) and option.value is None)]
    return choice(text([*joined[:index], option, *joined[index + 1 :]]) for option in given)


def _is_plain(piece: Value) -> bool:
    """Whether a part of a text is constant, whichever of its alternatives it is."""
    return all(isinstance(option, Const) for option in options(piece))


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
    """Every parameter that occurs in a value, in the order in which they occur."""
    if len(value.open_to) <= 1:
        yield from value.open_to
        return
    stack, seen = [value], {value}
    while stack:
        top = stack.pop()
        if isinstance(top, Param):
            yield top
        elif top.open_to:
            for child in children(top):
                if child not in seen:
                    seen.add(child)
                    stack.append(child)


def closed(value: Value) -> bool:
    """Whether no parameter occurs in the value."""
    return not value.open_to


def symbolic(value: Value) -> bool:
    """Whether a caller could still tell what this is."""
    return isinstance(value, Param | Attr | Item | Invoke) and not closed(value)


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
    if not isinstance(value, Node) or value.height <= limit or isinstance(value, Param):
        return value
    if limit <= 1:
        return Unknown(TOO_DEEP)
    key = (value, limit)
    found = _PRUNED.get(key)
    if found is None:
        cls: Any = type(value)
        parts = [_pruned(getattr(value, name), limit - 1) for name in cls.__match_args__]
        whole = not isinstance(value, Bound) or isinstance(parts[0], Func)
        if len(_PRUNED) >= _MOST_PRUNED:
            _PRUNED.clear()
        found = _PRUNED[key] = cls(*parts) if whole else Unknown(TOO_DEEP)
    return found


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
    return Substitution(given, rebuild).put(value)


_Pairs: TypeAlias = tuple[tuple[str, "Value"], ...]


class Substitution:
    """Parameters replaced by what is ``given`` for them, in as many values as are put through it.

    ``done`` holds what was replaced already: values share parts, and each is replaced once.
    """

    __slots__ = ("done", "given", "params", "rebuild")

    def __init__(self, given: Mapping[Param, Value], rebuild: Rebuild) -> None:
        self.given = given
        self.params = frozenset(given)  # two sets are compared by the smaller one
        self.rebuild = rebuild
        self.done: dict[Value, Value] = {}

    def give(self, more: Mapping[Param, Value]) -> None:
        """Replace further parameters; what was replaced already stays as it is."""
        if not self.params.issuperset(more):
            self.given = {**more, **self.given}
            self.params = frozenset(self.given)

    def put(self, value: Value) -> Value:
        if not value.capturing and value.open_to.isdisjoint(self.params):
            return value
        found = self.done.get(value)
        if found is None:
            found = self.done[value] = _REPLACING[type(value)](self, value)
        return found

    def each(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple([self.put(value) for value in values])

    def pairs(self, items: _Pairs) -> _Pairs:
        return tuple([(key, self.put(item)) for key, item in items])

    def leaf(self, value: Value) -> Value:
        return value

    def param(self, value: Param) -> Value:
        return self.given.get(value, value)

    def row(self, value: Row) -> Value:
        return Row(value.table, value.entity, self.put(value.bind) if value.bind is not None else None, value.columns)

    def text(self, value: Text) -> Value:
        return text(self.each(value.parts))

    def choice(self, value: Choice) -> Value:
        return choice(self.each(value.options))

    def attr(self, value: Attr) -> Value:
        base = self.put(value.base)
        return value if base is value.base else self.rebuild(Attr(base, value.name))

    def item(self, value: Item) -> Value:
        base, key = self.put(value.base), self.put(value.key)
        return value if base is value.base and key is value.key else self.rebuild(Item(base, key))

    def slice(self, value: Slice) -> Value:
        return Slice(self.put(value.base), value.low, value.high)

    def spread(self, value: Spread) -> Value:
        return Spread(self.put(value.of))

    def invoke(self, value: Invoke) -> Value:
        callee = value.callee
        if isinstance(callee, Attr) and not callee.name.startswith("@"):
            # A method keeps its receiver: values that are built in have methods that are no attributes of theirs.
            called: Value = Attr(self.put(callee.base), callee.name)
        else:
            called = self.put(callee)
        made = Invoke(called, spread(self.each(value.args)), self.pairs(value.keywords), value.site)
        return value if made is value else self.rebuild(made)

    def partial(self, value: Partial) -> Value:
        return Partial(self.put(value.callee), spread(self.each(value.args)), self.pairs(value.keywords))

    def func(self, value: Func) -> Value:
        held = {param: self.put(inner) for param, inner in value.captured}
        for param, inner in self.given.items():
            if param.function.encloses(value.id):
                held.setdefault(param, inner)
        return Func(value.id, tuple(held.items()))

    def bound(self, value: Bound) -> Value:
        function = self.put(value.function)
        assert isinstance(function, Func)
        return Bound(function, self.put(value.receiver))

    def instance(self, value: Instance) -> Value:
        return bounded(Instance(value.id, self.pairs(value.bound), value.site))

    def made(self, value: Made) -> Value:
        return bounded(Made(value.type, self.pairs(value.slots), value.site))

    def member(self, value: Member) -> Value:
        return Member(self.put(value.owner), value.type, value.name)

    def env(self, value: Env) -> Value:
        return Env(value.name, self.put(value.default) if value.default is not None else None, value.site)

    def dict(self, value: Dict) -> Value:
        return Dict(
            tuple([(self.put(key) if key is not None else None, self.put(item)) for key, item in value.items]),
            value.site,
        )

    def many(self, value: Many) -> Value:
        return Many(self.each(value.items), value.ordered, value.site)

    def opaque(self, value: Opaque) -> Value:
        return bounded(Opaque(value.what, self.each(value.operands)))


_REPLACING: Mapping[type[Any], Callable[[Substitution, Any], Value]] = {
    Param: Substitution.param,
    Const: Substitution.leaf,
    Class: Substitution.leaf,
    Module: Substitution.leaf,
    Lib: Substitution.leaf,
    Foreign: Substitution.leaf,
    Unknown: Substitution.leaf,
    Column: Substitution.leaf,
    Row: Substitution.row,
    Text: Substitution.text,
    Choice: Substitution.choice,
    Attr: Substitution.attr,
    Item: Substitution.item,
    Slice: Substitution.slice,
    Spread: Substitution.spread,
    Invoke: Substitution.invoke,
    Partial: Substitution.partial,
    Func: Substitution.func,
    Bound: Substitution.bound,
    Instance: Substitution.instance,
    Made: Substitution.made,
    Member: Substitution.member,
    Env: Substitution.env,
    Dict: Substitution.dict,
    Many: Substitution.many,
    Opaque: Substitution.opaque,
}
