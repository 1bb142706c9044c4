"""The words in which a client library is described: what its calls return and do. Tables use these and nothing else.

A name in a table is the dotted path under which users import it; ``aliases`` map other paths to it. A type is a dotted
path too, and a method is the type's path plus its name: ``aio_pika.Channel.declare_queue``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from quantafit.model.terms import ByVersion as ByVersion  # a default that has changed, wherever a default may stand


@dataclass(frozen=True, slots=True)
class Arg:
    """An argument of the call, by position (after the receiver) or keyword, with the default that an omission means."""

    position: int | None
    name: str
    default: Any = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A slot that the receiver keeps from when it was made."""

    name: str
    default: Any = None


@dataclass(frozen=True, slots=True)
class Inside:
    """A slot of an object given elsewhere: the ``delivery_mode`` of the message that is the first argument."""

    of: Slot
    name: str
    default: Any = None


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value that the library fixes."""

    value: Any


@dataclass(frozen=True, slots=True)
class Receiver:
    """The object the method is called on."""


@dataclass(frozen=True, slots=True)
class Url:
    """A URL from a base and a path, as clients with a base URL join them."""

    base: Slot
    path: Slot


@dataclass(frozen=True, slots=True)
class Address:
    """The URL of a database, from its host and its name; with ``remote`` none where no host is known."""

    scheme: str
    host: Slot
    name: Slot
    remote: bool = False


@dataclass(frozen=True, slots=True)
class Either:
    """The first of several slots that is given."""

    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """All positional arguments from ``position`` on, as a list."""

    position: int


@dataclass(frozen=True, slots=True)
class Keywords:
    """All keyword arguments, as a mapping."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element of what another slot holds."""

    of: Slot


@dataclass(frozen=True, slots=True)
class Variable:
    """The value of the environment variable that another slot names, with its default.

    With ``prefixed`` its name comes after the prefixes of the ``with`` blocks it is read in (environs).
    """

    name: Slot
    default: Slot | None = None
    prefixed: bool = False


@dataclass(frozen=True, slots=True)
class RowOf:
    """A row of the table that another slot's statement, entity or table names, read through what ``bind`` holds."""

    of: Slot
    bind: Slot | None = None


@dataclass(frozen=True, slots=True)
class ManyOf:
    """A list of what another slot gives."""

    of: Slot


@dataclass(frozen=True, slots=True)
class NameOf:
    """The name of what another slot holds: an object's slot ``name``, a function's or class's own name, a text itself.

    With ``qualified`` a function's name comes after its module's.
    """

    of: Slot
    qualified: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a mapping that another slot holds, with the default that its absence means."""

    of: Slot
    key: str
    default: Any = None


@dataclass(frozen=True, slots=True)
class Switch:
    """A value that depends on another: ``cases`` by the constant that ``of`` holds, else ``other``."""

    of: Slot
    cases: Mapping[Any, Slot]
    other: Slot = Fixed(None)


@dataclass(frozen=True, slots=True)
class Configured:
    """What the program sets on a library's configuration object of type ``of``, under one of ``names``."""

    of: str
    names: tuple[str, ...]
    default: Any = None


@dataclass(frozen=True, slots=True)
class Name:
    """The name of the attribute or method that is looked up, where the table describes any (``T.*``)."""


@dataclass(frozen=True, slots=True)
class Own:
    """An attribute of the program's own object: of the receiver, or of the class whose body is being run."""

    name: str


@dataclass(frozen=True, slots=True)
class Decorated:
    """The function that a decorator is given."""


@dataclass(frozen=True, slots=True)
class Given:
    """The callable that another slot holds, with its first argument already given."""

    of: Slot
    first: Slot


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of the class that another slot holds, put together by the library."""

    of: Slot


@dataclass(frozen=True, slots=True)
class New:
    """An object that the library makes by itself, with its slots."""

    type: str
    slots: Mapping[str, Slot] = field(default_factory=lambda: MappingProxyType({}))


Slot: TypeAlias = (
    Arg
    | Kept
    | Inside
    | Fixed
    | Receiver
    | Url
    | Address
    | Either
    | Rest
    | Keywords
    | Element
    | Variable
    | RowOf
    | ManyOf
    | NameOf
    | Entry
    | Switch
    | Configured
    | Name
    | Own
    | Decorated
    | Given
    | Instance
    | New
)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a call does.

    ``does``: ``request``, ``publish``, ``subscribe``, ``declare_queue``, ``declare_exchange``, ``bind``, ``confirm``,
    ``acknowledge``, ``reject``, ``wait``, ``await`` (the answer of what ``of`` stands for), ``store``, ``read``,
    ``connect``, ``commit``, ``serve``, ``mount`` (a router on another), ``define``, ``work``, ``take`` (of a message),
    ``listen`` (at a port), ``configure`` (an object of ``type`` by a mapping, module or class ``of``, by the names that
    begin with ``prefix``),
    ``provide`` (a ``container`` gives what ``by`` is or makes for the type ``for``, else for the type that it says).
    ``slots`` are its arguments by meaning.
    """

    does: str
    mechanism: str = ""
    slots: Mapping[str, Slot] = field(default_factory=lambda: MappingProxyType({}))
    when: Slot | None = None
    """It happens unless this slot is known to be false, or to hold no arguments."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A callable that the library is given and calls, with what it passes to it.

    ``args`` come first, then the elements of ``star``, then the entries of ``keywords``. With ``result`` the
    library's call gives what the callable gives. ``fills``: objects of this type hold the entries of what it gives or
    yields. ``becomes``: what it gives or yields is this attribute of the library's objects (``Type.attribute``).
    ``elsewhere``: a worker calls it later. What it does is not done here; its parameters get what is passed.
    """

    slot: Slot
    args: tuple[Slot, ...] = ()
    star: Slot | None = None
    keywords: Slot | None = None
    result: bool = False
    fills: str = ""
    becomes: str = ""
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """What one call of a library returns, keeps and does.

    ``returns`` is a type, a Slot whose value it hands on, or None (nothing that can be followed). ``keeps`` are the
    slots of the object it makes; with ``merges`` the receiver's slots go along. ``roots`` are callables that the
    framework will call with arguments of its own. ``decorates``: the result is a decorator that hands the function on,
    and, with ``returns``, an object whose methods can be called besides.
    """

    returns: str | Slot | None = None
    keeps: Mapping[str, Slot] = field(default_factory=lambda: MappingProxyType({}))
    merges: bool = False
    effects: tuple[Effect, ...] = ()
    calls: tuple[Callback, ...] = ()
    roots: tuple[Slot, ...] = ()
    decorates: bool = False
    gives: Slot | None = None
    """What the decorated name stands for, where that is not the function."""
    spawns: bool = False
    """What it is given to do is done by somebody else, later: the caller goes on before it is done."""
    supplies: tuple[Slot, ...] = ()
    """What the library passes to the functions that it is given to call (``roots``, or the decorated one)."""
    elements: bool = False
    """The result is one element of what is returned by ``returns`` (``next``, ``pop``)."""
    by_name: str = ""
    """A type under whose names the library keeps what it passes to parameters that are called so, of the functions that
    it is given to call (``roots``, or the decorated one)."""


@dataclass(frozen=True, slots=True)
class Type:
    """How objects of a library's type behave beyond their methods.

    ``fluent``: an unknown method hands the object on. ``iterates``: the slot that iteration yields. ``enters``: what
    ``with`` binds (default: the object). ``exits``: what leaving the ``with`` block does. ``open``: attributes and
    items are whatever the program assigned to them; with ``keyed``, items only. ``client``: an unknown method may reach
    out; its call is unresolved.
    """

    fluent: bool = False
    iterates: Slot | None = None
    enters: Slot | None = None
    exits: Effect | None = None
    open: bool = False
    keyed: bool = False
    """Items are whatever the program put there."""
    client: bool = False
    extends: str | None = None
    hooks: Mapping[str, tuple[Slot, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Methods that the library calls on classes which extend this one, with their arguments after ``self``."""
    defines: tuple[Effect, ...] = ()
    """What it means to define a class that extends this one."""
    sends: Mapping[str, Effect] = field(default_factory=lambda: MappingProxyType({}))
    """Generators on classes which extend this one of which the library sends what they yield, an object with slots."""
    called: Mapping[str, tuple[Slot, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Attributes of its objects, or of classes that extend it, that hold functions which the library calls; with their
    arguments."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A class that a tool knows by its attributes: all of ``names`` and one of ``near`` at least."""

    names: tuple[str, ...]
    near: tuple[str, ...]
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Library:
    """One client library, as a table.

    ``distribution`` is the name it is installed under, ``modules`` its top-level import names. ``kinds`` says which
    of its classes give the classes that extend them a meaning: ``settings`` (fields come from the environment),
    ``record`` (fields are the constructor's arguments), ``entity`` (a mapped table), ``enum``, ``protocol``.
    ``attributes`` are attributes of its types or modules. ``inert`` libraries reach nothing and store nothing.
    """

    distribution: str
    modules: tuple[str, ...]
    calls: Mapping[str, Call] = field(default_factory=lambda: MappingProxyType({}))
    types: Mapping[str, Type] = field(default_factory=lambda: MappingProxyType({}))
    attributes: Mapping[str, Slot] = field(default_factory=lambda: MappingProxyType({}))
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    kinds: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    inert: bool = False
    patterns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Regular expressions over whole dotted names of modules made at build time, and what the tables call them; a group
    of the expression may stand in that name."""
    shapes: tuple[Shape, ...] = ()
    foreign: Mapping[str, Call] = field(default_factory=lambda: MappingProxyType({}))
    """Methods of another quantum's objects that are really messages to it (``task.delay``)."""
    telling: frozenset[str] = frozenset()
    """Method names so telling that a call of one on something unknown is unresolved where this library is imported."""
