"""Deployables to proposed quanta: what they are called, which units and network names are theirs, what they share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from quantafit.app.proposing.deployables import (
    NOISE,
    PLAIN_NAMES,
    ROLES,
    Deployable,
    Deployables,
    deployables,
    is_lone_dockerfile,
    joined_by_name,
    key,
    telling,
)
from quantafit.app.proposing.folders import NO_SERVICES, service_folders
from quantafit.app.proposing.grounds import Grounds
from quantafit.app.proposing.imported import Imports, occupied_folders, shared_paths, unowned_home
from quantafit.app.proposing.links import counted
from quantafit.app.proposing.words import can_be_path, can_be_text, listed, many
from quantafit.model import Configuration, Quantum, Unit
from quantafit.model.proposal import OpenQuestions, Proposed, Remark

_SEPARATED = re.compile(r"[-_. ]+")
_CLUSTER = re.compile(r"(?:\.[\w-]+)?\.svc(?:\.cluster\.local)?$")
_LONGEST_NAME = 100
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a proposal that configuration and folders show, before anything is observed."""

    quanta: tuple[Proposed[Quantum], ...]
    shared_code: tuple[Proposed[str], ...] = ()
    platform: tuple[Proposed[str], ...] = ()
    open: tuple[OpenQuestions, ...] = ()


def proposed_parts(configuration: Configuration, grounds: Grounds, imports: Imports, system: str) -> Parts:
    """The quanta, the code they share and the platform they stand on; no quanta where there is no code to be found."""
    units = tuple(unit for unit in configuration.units if can_be_text(unit.name))
    found = deployables(units, grounds)
    if not any(one.source for one in found.own):
        found = _by_folders(found, grounds)
    own, unclear = _settled(found, grounds)
    names = _Names(system, grounds)
    named = [(names.give(one), one) for one in own]
    uses = Counter(unit for _, one in named for unit in {unit.name for unit in one.units})
    taken = _Taken({name for name, _ in named}, frozenset(unit for unit, times in uses.items() if times > 1))
    quanta = tuple(_quantum(name, one, taken, grounds) for name, one in named)
    shared, unused = _shared(quanta, own, grounds, imports)
    platform = tuple(_platform(found.products, taken))
    return Parts(quanta, shared, platform, tuple(_left_over(unused, unclear, configuration)))


def _by_folders(found: Deployables, grounds: Grounds) -> Deployables:
    """Service folders stand for deployables where configuration knows of no code; units bear their names."""
    folders = [Deployable((), (folder,)) for folder in service_folders(grounds)]
    images = [one for one in found.own if all(unit.build is None for unit in one.units)]
    others = (one for one in found.own if one not in images)
    units = (unit for one in images for unit in one.units)
    return replace(found, own=(*joined_by_name(folders, units), *others))


def _settled(found: Deployables, grounds: Grounds) -> tuple[list[Deployable], tuple[Unit, ...]]:
    """The deployables; without lone Dockerfiles of which nothing is left, since all that they copy is others' code."""
    expanded = [_expanded(one, found.own, grounds) for one in found.own]
    empty = [one for one in expanded if one.units and one.folder is None and not one.source]
    idle = [one for one in empty if all(map(is_lone_dockerfile, one.units))]
    kept, others = _with_code_of_their_own([one for one in expanded if one not in idle], grounds)
    return kept, (*found.unclear, *(unit for one in (*idle, *others) for unit in one.units))


def _with_code_of_their_own(found: Sequence[Deployable], grounds: Grounds) -> tuple[list[Deployable], list[Deployable]]:
    """Where all code of one is in longer paths of another, both run that; the longest path decides whose a file is.

    And the lone Dockerfiles that copy nothing but what is the code of several others.
    """
    owners: dict[str, tuple[int, set[int]]] = {}
    for index, one in enumerate(found):
        for path in one.source:
            for file in grounds.code(path):
                length, known = owners.get(file, (0, set()))
                depth = path.count("/") + 1
                if depth >= length:
                    owners[file] = (depth, {index} | (known if depth == length else set()))
    having = {index for _, indices in owners.values() for index in indices}
    kept, idle = dict(enumerate(found)), list[Deployable]()
    for index, one in enumerate(found):
        if one.source and index not in having:
            others = {other for path in one.source for file in grounds.code(path) for other in owners[file][1]}
            if not one.units:
                del kept[index]
            elif len(others) == 1:
                other = others.pop()
                kept[other] = replace(kept[other], units=(*kept[other].units, *one.units))
                del kept[index]
            elif all(map(is_lone_dockerfile, one.units)):
                idle.append(kept.pop(index))
            else:
                kept[index] = replace(one, source=(), folder=one.source[0])
    return list(kept.values()), idle


def _expanded(one: Deployable, others: Sequence[Deployable], grounds: Grounds) -> Deployable:
    """The root as source means what directly lies in it: everything below would have no longest path of its own."""
    if "." not in one.source:
        return one
    elsewhere = {path for other in others if other is not one for path in (*other.source, *other.shared)}
    children = dict.fromkeys(path.partition("/")[0] for path in grounds.python)
    kept = tuple(child for child in children if child not in elsewhere)
    return replace(one, source=(*(path for path in one.source if path != "."), *kept))


# Names --------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Names:
    """Gives every deployable a name of its own."""

    system: str
    grounds: Grounds
    given: set[str] = field(default_factory=set)

    def give(self, one: Deployable) -> str:
        """The first candidate that nobody has yet; a number behind it where all are taken."""
        candidates = list(dict.fromkeys(filter(_can_name, self._candidates(one)))) or ["quantum"]
        name = next((name for name in candidates if name not in self.given), None)
        number = 2
        while name is None:
            numbered = f"{candidates[0]}-{number}"
            name = numbered if numbered not in self.given else None
            number += 1
        self.given.add(name)
        return name

    def _candidates(self, one: Deployable) -> Iterator[str]:
        """By what is deployed, by the folder where a unit is only called ``app``, then by whatever name there is."""
        deployed = [unit for unit in one.units if not is_lone_dockerfile(unit) and unit.name not in one.guessed]
        names = list(dict.fromkeys(clean(unit.name) for unit in deployed))
        deployed_as = names if len(names) == 1 else [clean(name) for name in [common_name(names)] if name]
        yield from (name for name in deployed_as if name not in PLAIN_NAMES)
        yield from self._by_folder(one)
        yield from (clean(unit.name) for unit in one.units)
        yield from (unit.name for unit in one.units)
        yield self.system

    def _by_folder(self, one: Deployable) -> Iterator[str]:
        folder = one.source[0] if one.source else one.folder
        if folder is None:
            return
        if folder.rpartition("/")[2] in PLAIN_NAMES:
            inside = {path.removeprefix(f"{folder}/").partition("/")[0] for path in self.grounds.code(folder)}
            packages = [name for name in sorted(inside) if not name.endswith(".py") and name not in NO_SERVICES]
            if len(packages) == 1 and packages[0] not in PLAIN_NAMES:
                yield clean(packages[0])
        if telling(folder):
            yield clean(telling(folder))
        elif one.units and "/" not in folder and folder != ".":
            yield folder


def clean(name: str) -> str:
    """A unit's name as that of a quantum: without words that say how it is deployed (``orders-service``)."""
    plain = name.strip().strip("-_. ")
    while True:
        head, separator, last = _last_word(plain)
        if not (head and separator and last.lower() in NOISE):
            return plain[:_LONGEST_NAME].strip() or name[:_LONGEST_NAME]
        plain = head


def _last_word(name: str) -> tuple[str, str, str]:
    matches = list(_SEPARATED.finditer(name))
    if not matches:
        return "", "", name
    last = matches[-1]
    return name[: last.start()], last.group(), name[last.end() :]


def common_name(names: Sequence[str]) -> str:
    """What several units are called together: ``orders-api`` and ``orders-mail`` are ``orders``; empty for no name."""
    if not names:
        return ""
    parts = [_SEPARATED.split(name) for name in names]
    same = sum(1 for _ in takewhile(lambda level: len(set(level)) == 1, zip(*parts, strict=False)))
    words = list(_SEPARATED.finditer(names[0]))
    whole = names[0][: words[same - 1].start()] if 0 < same <= len(words) else names[0] if same else ""
    return _without_role(whole)


def _without_role(name: str) -> str:
    plain = name
    while plain:
        head, _, last = _last_word(plain)
        if last.lower() not in ROLES:
            return plain
        plain = head
    return ""


def _can_name(name: str) -> bool:
    return can_be_text(name) and len(name) <= _LONGEST_NAME and any(map(str.isalnum, name))


# Quanta -------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Taken:
    """The names that are somebody's already: each belongs to one quantum, or to the platform."""

    quanta: set[str]
    several: frozenset[str] = frozenset()
    """Names that units of several quanta have: whose such a unit is, its code tells."""
    units: dict[str, str] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)

    def unit(self, name: str, quantum: str) -> bool:
        """Whether a unit's name is that quantum's to declare."""
        return name not in self.several and self.units.setdefault(name, quantum) == quantum

    def host(self, name: str, quantum: str) -> bool:
        free = name not in self.hosts and (name == quantum or name not in self.quanta)
        self.hosts.add(name)
        return free


def _quantum(name: str, one: Deployable, taken: _Taken, grounds: Grounds) -> Proposed[Quantum]:
    source = tuple(dict.fromkeys(path for path in one.source if can_be_path(path) and grounds.code(path)))
    units = _own_units(name, one, source, taken)
    mine = {name, *(unit.name for unit in one.units)}
    hosts = (_short(host) for unit in one.units for host in unit.hosts)
    hosts = (host for host in dict.fromkeys(hosts) if host and host not in mine and can_be_text(host))
    declared_hosts = tuple(host for host in hosts if taken.host(host, name))
    quantum = Quantum(name, source, declared_hosts, units=() if units == (name,) else units)
    return Proposed(quantum, tuple(_remarks(name, one, source, units, grounds)))


def _own_units(name: str, one: Deployable, source: tuple[str, ...], taken: _Taken) -> tuple[str, ...]:
    """The units to declare. A lone Dockerfile in the quantum's source is known for the quantum's without that."""
    declared = (unit.name for unit in one.units if not (is_lone_dockerfile(unit) and unit.build in source))
    return tuple(unit for unit in dict.fromkeys(declared) if taken.unit(unit, name))


def _short(host: str) -> str:
    plain = _CLUSTER.sub("", host)
    return "" if "." in plain else plain


def _remarks(
    name: str, one: Deployable, source: tuple[str, ...], units: tuple[str, ...], grounds: Grounds
) -> Iterator[Remark]:
    if not one.units:
        yield Remark(f"{one.source[0]}: a folder of Python code that looks like a service of its own")
        yield Remark(
            "no compose file, manifest or Dockerfile says that it is deployed; is it a quantum?", question=True
        )
    places = Counter(unit.name for unit in one.units)
    distinct = list({unit.name: unit for unit in reversed(one.units)}.values())[::-1]
    for unit in distinct[:_SHOWN]:
        again = f" (and {many(places[unit.name] - 1, 'more place')})" if places[unit.name] > 1 else ""
        yield Remark(f"{unit.place} {unit.name}{_from(unit)}{again}")
    if len(distinct) > _SHOWN:
        yield Remark(f"and {many(len(distinct) - _SHOWN, 'more unit')} of the same code")
    deployed = [unit for unit in one.units if not is_lone_dockerfile(unit) and unit.name not in one.guessed]
    different = {key(unit.name): unit.name for unit in reversed(deployed)}
    if source and len(different) > 1 and not common_name(list(different.values())):
        names = listed(reversed(different.values()))
        yield Remark(f"{names} run the same code: taken for one quantum; are they?", question=True)
    if one.guessed:
        yield Remark(
            f"{listed(one.guessed)}: that this code is what runs there is told by names alone; is it so?", question=True
        )
    unclaimed = [unit.name for unit in one.units if unit.name not in (*units, name) and unit.build not in source]
    if unclaimed:
        yield Remark(
            f"{listed(dict.fromkeys(unclaimed))} is a unit's name more than once; which is meant?", question=True
        )
    if one.source and not source:
        text = f"its code is in {listed(one.source)}, a path that cannot be written here; how is it to be named?"
        yield Remark(text, question=True)
    if not one.source:
        yield _opaque(one, grounds)


def _from(unit: Unit) -> str:
    if unit.build is not None:
        return f", built from {'the root' if unit.build == '.' else unit.build}"
    return f", image {unit.image.partition('@')[0]}" if unit.image else ""


def _opaque(one: Deployable, grounds: Grounds) -> Remark:
    """Why a quantum has no source here."""
    found = grounds.language(one.folder) if one.folder is not None else None
    if found is not None:
        return Remark(f"{found[0]} ({found[1]}): only Python is read, what it does is not evaluated")
    if one.folder is not None:
        return Remark(f"no Python code of its own was found in {one.folder}; what does it run?", question=True)
    return Remark("its code is not here: a quantum of yours, or a product that belongs to platform?", question=True)


# What no single quantum owns ----------------------------------------------------------------------------------------


def _shared(
    quanta: Sequence[Proposed[Quantum]], own: Sequence[Deployable], grounds: Grounds, imports: Imports
) -> tuple[tuple[Proposed[str], ...], tuple[str, ...]]:
    """The shared code, and the Python files that nobody uses."""
    files = {one.value.name: [path for place in one.value.source for path in grounds.code(place)] for one in quanta}
    owned = frozenset(path for found in files.values() for path in found)
    free = frozenset(grounds.python) - owned
    users = {name: imports.reached(found, free) for name, found in files.items()}
    copied = Counter(path for one in own for path in dict.fromkeys(one.shared))
    by_copy = {
        path: times for path, times in copied.items() if times > 1 and not owned.intersection(grounds.code(path))
    }
    paths = dict.fromkeys((*by_copy, *shared_paths(users, owned)))
    outermost = [path for path in paths if not any(path.startswith(f"{other}/") for other in paths)]
    shared = tuple(_shared_code(path, by_copy, users, grounds) for path in sorted(outermost) if can_be_path(path))
    used = {path for found in users.values() for path in found}
    used |= {path for one in shared for path in grounds.code(one.value)}
    occupied = occupied_folders({*owned, *used})
    unused = Counter(unowned_home(path, occupied) for path in sorted(free - used))
    return shared, tuple(
        path if path.endswith(".py") else f"{path} ({many(count, 'file')})" for path, count in unused.items()
    )


def _shared_code(
    path: str, by_copy: dict[str, int], users: dict[str, frozenset[str]], grounds: Grounds
) -> Proposed[str]:
    inside = set(grounds.code(path))
    importers = [name for name, reached in users.items() if reached & inside]
    reasons = [f"copied into {many(by_copy[path], 'image')}"] if path in by_copy else []
    reasons += [f"imported by {listed(importers)}"] if importers else []
    return Proposed(path, (Remark(" and ".join(reasons)),))


def _platform(products: Iterable[Unit], taken: _Taken) -> Iterator[Proposed[str]]:
    known: set[str] = set()
    for unit in products:
        for host in (unit.name, *map(_short, unit.hosts)):
            if host and host not in known and can_be_text(host) and taken.host(host, "") and host not in taken.units:
                known.add(host)
                yield Proposed(host, (Remark(f"{unit.place}{_from(unit)}"),))


def _left_over(
    unused: tuple[str, ...], unclear: Sequence[Unit], configuration: Configuration
) -> Iterator[OpenQuestions]:
    nameless = tuple(unit for unit in configuration.units if not can_be_text(unit.name))
    if nameless:
        yield OpenQuestions(
            "Deployment units whose names have characters that cannot be written here: what are they?",
            tuple(Remark(str(unit.place), question=True) for unit in nameless),
        )
    absent = dict.fromkeys(str(place) for unit in configuration.units for place in unit.absent)
    if absent:
        yield OpenQuestions(
            "Files of variables (env_file) that are not in this tree: what they may bind is in doubt. Can a copy be\n"
            "kept here, made from the example if there is one, that has the addresses and no secrets?",
            (Remark(counted(list(absent)), question=True),),
        )
    if unclear:
        yield OpenQuestions(
            "Dockerfiles that no deployment names and that copy no code of their own: what are they for?",
            tuple(Remark(str(unit.place), question=True) for unit in unclear),
        )
    if unused:
        yield OpenQuestions(
            "Python code that belongs to no quantum, and that none imports: it is not examined. Is any of it deployed?",
            tuple(Remark(path, question=True) for path in unused),
        )
