"""All library tables as one: what a dotted name means, wherever it is described."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata

from quantafit.errors import UsageError
from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Effect, Fixed, Library, New, Shape, Slot, Type
from quantafit.model import InHouseLibrary, LibraryCall

GROUP = "quantafit.libraries"
"""The group of entry points by which outside packages add tables."""

_NO_TYPE = Type()


@cache
def built_in() -> tuple[Library, ...]:
    """The library tables that ship with quantafit, then those that outside packages add by entry points.

    An outside table stands before ours where both describe one name; of two outside ones, that of the package whose
    name comes last. Raises UsageError where an entry point gives no tables.
    """
    package = importlib.import_module("quantafit.evidence.source.libraries")
    found: list[Library] = []
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        found.extend(getattr(module, "LIBRARIES", ()))
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda one: (_origin(one), one.name, one.value)):
        found.extend(_added(point))
    return tuple(found)


def _added(point: metadata.EntryPoint) -> Iterable[Library]:
    """The tables behind an entry point: a module with LIBRARIES, as ours have it, or the value itself."""
    try:
        loaded = point.load()
    except Exception as problem:  # whatever an outside package raises when it is imported
        why = f"{type(problem).__name__}: {problem}"
        raise UsageError(f"The library tables {point.name!r} of {_origin(point)} cannot be loaded: {why}") from problem
    tables = getattr(loaded, "LIBRARIES", loaded)
    if isinstance(tables, tuple | list) and tables and all(isinstance(one, Library) for one in tables):
        return tables
    raise UsageError(
        f"The entry point {point.name!r} of {_origin(point)} ({point.value}) gives no library tables; let it name a "
        "module with LIBRARIES, a tuple of Library values, as those under quantafit.evidence.source.libraries are."
    )


def _origin(point: metadata.EntryPoint) -> str:
    return point.dist.name if point.dist else point.value


class Tables:
    """The vocabulary's look-ups. ``in_house`` are the libraries that ``quanta.yaml`` describes."""

    def __init__(self, libraries: Iterable[Library], in_house: Iterable[InHouseLibrary] = ()) -> None:
        self.calls: dict[str, Call] = {}
        self.types: dict[str, Type] = {}
        self.attributes: dict[str, Slot] = {}
        self.kinds: dict[str, str] = {}
        self.aliases: dict[str, str] = {}
        self.telling: dict[str, frozenset[str]] = {}
        self.modules: dict[str, Library] = {}
        self.patterns: list[tuple[re.Pattern[str], str]] = []
        self.shapes: list[Shape] = []
        self.foreign: dict[str, Call] = {}
        for library in libraries:
            self.calls.update(library.calls)
            self.types.update(library.types)
            self.attributes.update(library.attributes)
            self.kinds.update(library.kinds)
            self.aliases.update(library.aliases)
            self.shapes.extend(library.shapes)
            self.foreign.update(library.foreign)
            self.patterns.extend((re.compile(pattern), name) for pattern, name in library.patterns.items())
            for module in library.modules:
                self.modules[module] = library
        self.in_house = {call.name: _described(library, call) for library in in_house for call in library.calls}
        self._add_in_house()
        self.steps = _steps(self.calls)
        self.doing = frozenset(
            name.rpartition(".")[2]
            for name, call in self.calls.items()
            if call.effects or call.calls or call.roots or call.decorates
        )
        self.leaving = {
            name.rpartition(".")[2]: self.types[call.returns].exits
            for name, call in self.calls.items()
            if isinstance(call.returns, str) and call.returns in self.types and self.types[call.returns].exits
        }
        self.capabilities = _capabilities(self.calls, self.types, self.attributes)
        self._calls_known: dict[str, Call | None] = {}
        self._canonical_known: dict[str, str] = {}
        self._standing_known: dict[str, str] = {}

    def _add_in_house(self) -> None:
        """What quanta.yaml describes, for where the code is not in the tree: classes are known by their methods."""
        for name, call in self.in_house.items():
            self.calls[name] = call
            owner = name.rpartition(".")[0]
            given = call.returns if isinstance(call.returns, str) else None
            for type_ in filter(None, (owner if _is_class(owner) else None, given)):
                self.types.setdefault(type_, Type(client=True))
                self.calls.setdefault(type_, Call(returns=type_))

    def canonical(self, name: str) -> str:
        """The path under which the tables describe a name."""
        known = self._canonical_known.get(name)
        if known is None:
            known = self._canonical_known[name] = self._find_canonical(name)
        return known

    def _find_canonical(self, name: str) -> str:
        for _ in range(4):
            head = name
            while head and head not in self.aliases:
                head = head.rpartition(".")[0]
            if not head:
                break
            name = self.aliases[head] + name[len(head) :]
        if self.patterns and name.partition(".")[0] not in self.modules:
            return self._made_at_build_time(name)
        return name

    def generated(self, dotted: str) -> str | None:
        """What the tables call a name of a module that is made at build time, whoever's file it is; else None."""
        known = self._made_at_build_time(dotted)
        return known if known != dotted else None

    def _made_at_build_time(self, name: str) -> str:
        for pattern, known in self.patterns:
            match = pattern.match(name)
            if match is not None and (match.end() == len(name) or name[match.end()] == "."):
                return match.expand(known) + name[match.end() :]
        return name

    def call(self, name: str) -> Call | None:
        """The description of a function, or of a method through the types that its type extends."""
        if name not in self._calls_known:
            self._calls_known[name] = self._find_call(name)
        return self._calls_known[name]

    def _find_call(self, name: str) -> Call | None:
        found = self.calls.get(name)
        first, _, method = name.rpartition(".")
        owner: str | None = first
        while found is None and owner is not None and owner in self.types:
            owner = self.types[owner].extends
            found = self.calls.get(f"{owner}.{method}")
        owner = first
        while found is None and owner is not None and not method.startswith("__"):
            found = self.calls.get(f"{owner}.*")
            owner = self.types[owner].extends if owner in self.types else None
        return found

    def attribute(self, type_: str, name: str) -> Slot | None:
        owner: str | None = type_
        while owner:
            for key in (f"{owner}.{name}", f"{owner}.*"):
                if key in self.attributes:
                    return self.attributes[key]
            owner = self.types[owner].extends if owner in self.types else None
        return None

    def type(self, name: str) -> Type:
        return self.types.get(name, _NO_TYPE)

    def is_type(self, name: str) -> bool:
        return name in self.types

    def type_of(self, name: str) -> str | None:
        """The type of the objects of a class: the class itself, or what the tables say that calling it gives."""
        if name in self.types:
            return name
        call = self.call(name) if _is_class(name) else None
        return call.returns if call is not None and isinstance(call.returns, str) else None

    def kind(self, name: str) -> str | None:
        return self.kinds.get(name)

    def standing(self, name: str) -> str:
        """``modelled``, ``inert``, ``standard`` (of Python, no reach) or ``unknown``, by its top-level module."""
        known = self._standing_known.get(name)
        if known is None:
            known = self._standing_known[name] = self._find_standing(name)
        return known

    def _find_standing(self, name: str) -> str:
        top = name.lstrip(".").partition(".")[0]
        library = self.modules.get(top)
        if library is None:
            full = next((m for m in self.modules if name == m or name.startswith(m + ".")), None)
            library = self.modules.get(full) if full else None
        if library is not None:
            return "inert" if library.inert else "modelled"
        return "standard" if top in sys.stdlib_module_names else "unknown"


def _steps(calls: Mapping[str, Call]) -> dict[str, str]:
    """Method names that settle a message, and how: they tell an order even where the receiver is still symbolic.

    Only names that mean the same wherever a table has them: ``commit`` settles a message here and a row there.
    """
    meanings: dict[str, set[str]] = defaultdict(set)
    for name, call in calls.items():
        does = {effect.does for effect in call.effects} or {""}
        meanings[name.rpartition(".")[2]].update(does)
    return {
        name: next(iter(does))
        for name, does in meanings.items()
        if len(does) == 1 and does <= {"acknowledge", "reject", "wait", "subscribe"}
    } | {
        # Whoever iterates over something unknown takes messages from it, unless it is told to be a query.
        name: "subscribe"
        for name, does in meanings.items()
        if does == {"subscribe", "execute"}
    }


_LOOP = "asyncio.Loop"
REACHES = {"request": "request", "publish": "publish", "store": "store", "execute": "store"}


def _capabilities(
    calls: Mapping[str, Call], types: Mapping[str, Type], attributes: Mapping[str, Slot]
) -> dict[str, tuple[str, ...]]:
    """Types whose objects reach out, by a method of theirs or of what such a method gives, and what that could be.

    A client of which no table says what its methods do may do anything. An event loop reaches out only by an address
    that it is given; who has the loop has no more than who imports asyncio.
    """
    direct: dict[str, set[str]] = defaultdict(set)
    described: set[str] = set()
    leads: dict[str, set[str]] = defaultdict(set)
    for name, call in calls.items():
        owner, _, method = name.rpartition(".")
        if owner in types:
            if call.effects:
                described.add(owner)
            direct[owner].update(REACHES[effect.does] for effect in call.effects if effect.does in REACHES)
            given = call.returns.type if isinstance(call.returns, New) else call.returns
            if isinstance(given, str) and method != "__init__":
                leads[owner].add(given)
    for name, slot in attributes.items():
        if isinstance(slot, New):
            leads[name.rpartition(".")[0]].add(slot.type)
    for name, type_ in types.items():
        if type_.extends:
            leads[name].add(type_.extends)
    changed = True
    while changed:
        changed = False
        for owner, given_types in leads.items():
            found = set().union(*(direct.get(one, ()) for one in given_types)) - direct[owner]
            direct[owner] |= found
            changed = changed or bool(found)
    whole = tuple(dict.fromkeys(REACHES.values()))
    return {
        name: tuple(one for one in whole if one in direct[name]) or whole
        for name, type_ in types.items()
        if name != _LOOP and (direct[name] or (type_.client and name not in described))
    }


def _described(library: InHouseLibrary, call: LibraryCall) -> Call:
    """A call that ``quanta.yaml`` describes, in the vocabulary of the tables."""
    slots: dict[str, Slot] = {_SLOTS.get(name, name): _argument(where) for name, where in call.arguments.items()}
    for name, value in call.facts.items():
        slots["synchronous" if name == "synchronous" else f"fact:{name}"] = Fixed(value)
    mechanism = "database" if call.does in ("store", "connect") else library.mechanism
    if call.does == "store" and "url" in slots:
        slots["datastore"] = slots.pop("url")
    return Call(
        returns=call.returns or None,
        effects=(Effect(call.does, mechanism, slots),) if call.does not in ("", "nothing") else (),
        roots=(slots["callback"],) if "callback" in slots else (),
    )


_SLOTS = {"target": "url"}


def _argument(where: str) -> Arg:
    position, _, name = where.rpartition(":")
    return Arg(int(position) if position else None, name)


def _is_class(name: str) -> bool:
    """Whether a dotted name is a class by how classes are written."""
    return name.rpartition(".")[2][:1].isupper()
