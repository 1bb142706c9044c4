"""Deployment units and what they bind: whose unit it is, and which values a variable may have in a quantum."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from quantafit.model import (
    Architecture,
    Binding,
    Configuration,
    Evidence,
    EvidenceKind,
    Pin,
    Place,
    Quantum,
    Role,
    Unit,
)
from quantafit.workspace.interpolation import interpolate

UNTOLD = "***"
"""Stands in a value for what only the deployment knows."""
_WORD = re.compile(r"argv\[(\d+)\] of (.+)")
_APART = 1_000
"""Farther than any folder around a source."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A value that a variable has in a deployment, and where it is bound. An unknown password in it is left out.

    None: it is given a value there, and which one only the deployment knows.
    """

    value: str | None
    evidence: Evidence


class Environment:
    """The deployments of the system, as its configuration describes them."""

    def __init__(self, architecture: Architecture, configuration: Configuration) -> None:
        self.architecture = architecture
        self.configuration = configuration
        self._defaults: dict[str, str] = {}
        for path, bindings in configuration.env_files.items():
            for binding in bindings if path.rpartition("/")[2] == ".env" else ():
                if binding.value is not None:  # a file may name what stands above in it
                    self._defaults[binding.name] = self.put_in(binding.value, {})
        self._owners = {unit: owner for unit in configuration.units if (owner := self._owner(unit)) is not None}
        self._owners_by_name: dict[str, set[str]] = defaultdict(set)
        for unit, owner in self._owners.items():
            self._owners_by_name[unit.name].add(owner)
        self._units: dict[str, list[Unit]] = defaultdict(list)
        for unit in configuration.units:
            quantum = self.quantum_of(unit)
            if quantum is not None:
                self._units[quantum].append(unit)
        self._loose: dict[str, list[Binding]] = defaultdict(list)
        for path, bindings in configuration.env_files.items():
            for binding in bindings if not _only_a_model(path) else ():
                self._loose[binding.name].append(binding)
        self._values: dict[tuple[str, str], tuple[Bound, ...]] = {}
        self._in_projects: dict[str, dict[str, list[Unit]]] = defaultdict(lambda: defaultdict(list))
        for unit in configuration.units:
            for host in dict.fromkeys((unit.name.lower(), *map(str.lower, unit.hosts))) if unit.project else ():
                self._in_projects[host][unit.project or ""].append(unit)

    def quantum_of(self, unit: Unit) -> str | None:
        """Whose unit it is: by what is said of it, or else as all other units are that have its name."""
        if unit in self._owners:
            return self._owners[unit]
        namesakes = self._owners_by_name.get(unit.name, set())
        return next(iter(namesakes)) if len(namesakes) == 1 else None

    def _owner(self, unit: Unit) -> str | None:
        """By declaration, else by what it runs or is built from, else by equal name.

        A declared name that units of several compose projects have means the one that runs the quantum's code.
        """
        by_code = {quantum.name for quantum in self.architecture.quanta if _runs(unit, quantum)}
        for quantum in self.architecture.quanta:
            if unit.name in quantum.units and not (by_code and quantum.name not in by_code and self._is_again(unit)):
                return quantum.name
        if len(by_code) == 1:
            return by_code.pop()
        names = {_folded(name) for name in (unit.name, *unit.hosts)}
        for quantum in self.architecture.quanta:
            known = {_folded(quantum.name), *(_folded(host) for host in quantum.hosts)}
            if names & known:
                return quantum.name
        return None

    def _is_again(self, unit: Unit) -> bool:
        """Whether a unit of another compose project has the name too."""
        others = (one for one in self.configuration.units if one.name == unit.name)
        return unit.project is not None and any(one.project not in (None, unit.project) for one in others)

    def units(self, quantum: str) -> list[Unit]:
        """The deployment units of a quantum."""
        return self._units.get(quantum, [])

    def beside(self, quantum: str, host: str) -> dict[str, list[Unit]]:
        """The units that have a name in the compose projects that a quantum runs in, by project.

        None, where the name is one project's alone, or where the quantum also runs in none: there a name is what it is
        anywhere.
        """
        known = self._in_projects.get(host.lower(), {})
        own = {unit.project for unit in self.units(quantum)}
        if len(known) < 2 or None in own:
            return {}
        return {project: units for project, units in known.items() if project in own}

    def projects_with(self, quantum: str, host: str) -> set[str]:
        """The compose projects of a quantum, where it runs in nothing else and a unit of each has the name."""
        known = self._in_projects.get(host.lower(), {})
        own = {unit.project for unit in self.units(quantum)}
        projects = {project for project in own if project is not None and project in known}
        return projects if len(projects) == len(own) else set()

    def values(self, quantum: str, name: str) -> tuple[Bound, ...]:
        """The values of a variable in a quantum's units, and in files that bind it for whoever starts the quantum.

        Files that disagree stay alternatives. A file among the code of some quanta is for these only. Where all of them
        leave the value to the deployment, it is one of None.
        """
        key = (quantum, name)
        if key not in self._values:
            self._values[key] = self._find_values(quantum, name)
        return self._values[key]

    def _find_values(self, quantum: str, name: str) -> tuple[Bound, ...]:
        if "#" in name:
            return tuple(self._entries(quantum, *name.split("#", 1)))
        found: dict[str, Bound] = {}
        left_open: list[Bound] = []
        own = [binding for unit in self.units(quantum) for binding in unit.environment if binding.name == name]
        loose = (one for one in self._loose.get(name, ()) if self._meant_for(one.place.path, quantum))
        for binding in (*own, *loose):
            value = self.interpolated(binding)
            known = None if value == UNTOLD else value
            bound = Bound(known, Evidence(EvidenceKind.CONFIGURATION, Role.CONFIGURATION, binding.place, name))
            if value is None or known is None:
                left_open.append(bound)
            else:
                found.setdefault(value, bound)
        word = _WORD.fullmatch(name)
        for unit, option in self._words(quantum, word[2], int(word[1])) if word else self._options(quantum, name):
            evidence = Evidence(EvidenceKind.CONFIGURATION, Role.CONFIGURATION, unit.place, f"option for {name}")
            for value in self._inside(quantum, option):
                found.setdefault(value, Bound(value, evidence))
        return tuple(found.values()) or tuple(left_open[:1]) or tuple(self._given(quantum, name))

    def _given(self, quantum: str, name: str) -> Iterator[Bound]:
        """What the platform by itself gives a variable in the units of a quantum."""
        given = {one.value: one for unit in self.units(quantum) for one in unit.given if one.name == name}
        for value, one in given.items():
            yield Bound(value, Evidence(EvidenceKind.CONFIGURATION, Role.CONFIGURATION, one.place, name))

    def owner_of(self, path: str) -> str | None:
        """The quantum in whose code a file lies: the longest of their paths counts; None where it is in nobody's."""
        holding = [
            (len(source), one.name)
            for one in self.architecture.quanta
            for source in one.source
            if _holds(source, path) and source.strip("./")
        ]
        return max(holding)[1] if holding else None

    def _entries(self, quantum: str, path: str, key: str) -> Iterator[Bound]:
        """The entries under a key of the files that a path may mean: the quantum's own, else those of all."""
        sources = [source for one in self.architecture.quanta if one.name == quantum for source in one.source]
        for end in _ends(path):
            files = [file for file in self.configuration.settings if file == end or file.endswith(f"/{end}")]
            own = [file for file in files if any(_holds(source, file) for source in sources)]
            files = own or [file for file in files if self._meant_for(file, quantum)]
            if files:
                break
        for file in files if end == path or len(files) == 1 else ():
            for binding in self.configuration.settings[file]:
                if binding.name == key:
                    evidence = Evidence(EvidenceKind.CONFIGURATION, Role.CONFIGURATION, binding.place, key)
                    yield Bound(self.interpolated(binding), evidence)

    def left_open(self, quantum: str, name: str) -> Place | None:
        """Where a unit of a quantum is given a file of variables that is not in this tree and that may bind this one.

        What a unit binds in the compose file itself beats its files. Source: Compose specification, "env_file".
        """
        for unit in self.units(quantum):
            bound = (binding for binding in unit.environment if binding.name == name)
            if unit.absent and not any(binding.place.path.endswith((".yaml", ".yml")) for binding in bound):
                return unit.absent[0]
        return None

    def modelled(self, quantum: str, name: str) -> tuple[Bound, ...]:
        """The values that files for people to copy (``.env.example``) give a variable: likely, no more than that."""
        found: dict[str, Bound] = {}
        for path, bindings in self.configuration.env_files.items():
            for binding in bindings if _only_a_model(path) and self._meant_for(path, quantum) else ():
                value = self.interpolated(binding) if binding.name == name else None
                if value:
                    evidence = Evidence(EvidenceKind.CONFIGURATION, Role.CONFIGURATION, binding.place, name)
                    found.setdefault(value, Bound(value, evidence))
        return tuple(found.values())

    def _meant_for(self, path: str, quantum: str) -> bool:
        """Whether a file of variables is for a quantum: it lies with its code, or with no quantum's.

        One that lies with no code is for those whose units read it, if any do.
        """
        folder = path.rpartition("/")[0]
        if not folder:
            return True
        inside: set[str] = set()
        around: list[tuple[int, str]] = []
        for one in self.architecture.quanta:
            for source in map(_folder, one.source):
                if f"{folder}/".startswith(f"{source}/"):
                    around.append((len(source), one.name))
                elif source.startswith(f"{folder}/"):
                    inside.add(one.name)
        nearest = max((size for size, _ in around), default=0)
        with_code = inside | {name for size, name in around if size == nearest}
        meant = with_code or {
            owner
            for owner, units in self._units.items()
            if any(binding.place.path == path for unit in units for binding in unit.environment)
        }
        return not meant or quantum in meant

    def _options(self, quantum: str, name: str) -> Iterator[tuple[Unit, str]]:
        """What commands give an option, or one that means the variable: ``locust --host URL`` is LOCUST_HOST."""
        if name.startswith("-"):
            pattern = re.compile(rf"(?:^|\s){re.escape(name)}[ =][\"']?([^\s\"']+)")
        else:
            program, _, option = name.lower().partition("_")
            if not option:
                return
            flag = f"--{re.escape(option.replace('_', '-'))}"
            pattern = re.compile(rf"\b{re.escape(program)}\b.*?{flag}[ =][\"']?([^\s\"']+)")
        for unit in self.units(quantum):
            for match in pattern.finditer(unit.command or ""):
                yield unit, match[1]

    def _words(self, quantum: str, path: str, index: int) -> Iterator[tuple[Unit, str]]:
        """The words with which units start a file: ``python jobs/main.py orders``, ``python -m jobs.main orders``."""
        file = path.rpartition("/")[2]
        module = path.removesuffix(".py").removesuffix("/__main__").replace("/", ".")
        for unit in self.units(quantum):
            for line in (unit.command or "").splitlines():
                words = split_words(line)
                for at, word in enumerate(words):
                    by_module = at > 0 and words[at - 1] == "-m" and f".{module}".endswith(f".{word}")
                    if (by_module or word.rpartition("/")[2] == file) and at + index < len(words):
                        yield unit, words[at + index]

    def commands(self, quantum: str) -> Iterator[tuple[Unit, str]]:
        """Each line of what a quantum's units run, with their variables put in."""
        for unit in self.units(quantum):
            for line in (unit.command or "").splitlines():
                yield from ((unit, text) for text in self._inside(quantum, line))

    def _inside(self, quantum: str, text: str) -> Iterator[str]:
        """A command's text with the unit's own variables put in."""
        variables = {
            binding.name: binding.value
            for unit in self.units(quantum)
            for binding in unit.environment
            if binding.value is not None
        }
        yield "".join(UNTOLD if part is None else part for part in interpolate(text.replace("$$", "$"), variables))

    def pins(self, quantum: str, distribution: str) -> tuple[Pin, ...]:
        """What says which versions of a distribution a quantum runs with.

        Files that its units install from decide, else those nearest to its source: inside it, else in the folders
        around it. Among equally near ones a lock file, or a file with an exact pin, stands before those with ranges.
        """
        said = [pin for pin in self.configuration.pins if pin.distribution == distribution]
        if not said:
            return ()
        units = list(self.units(quantum))
        patterns = [pattern for unit in units for pattern in (*unit.copies, unit.dockerfile) if pattern]
        found = [pin for pin in said if any(fnmatchcase(pin.file, pattern) for pattern in patterns)]
        if not found:
            sources = next(one.source for one in self.architecture.quanta if one.name == quantum)
            far = {pin: min((_distance(f, s) for f in pin.folders for s in sources), default=_APART) for pin in said}
            nearest = min(far.values())
            found = [pin for pin in said if far[pin] == nearest < _APART]
        exact = {pin.file for pin in found if pin.exact}
        return tuple(pin for pin in found if pin.file in exact or not exact)

    def interpolated(self, binding: Binding) -> str | None:
        """The value as it will be, with ``***`` for what only the deployment knows (a password, usually)."""
        if binding.value is None:
            return self._defaults.get(binding.name)
        return self.put_in(binding.value, {})

    def put_in(self, text: str, variables: Mapping[str, str]) -> str:
        """A text as it will be with variables put in, with ``***`` for what only the deployment knows."""
        parts = interpolate(text, {**self._defaults, **variables} if variables else self._defaults)
        return "".join(UNTOLD if part is None else part for part in parts)


def split_words(line: str) -> list[str]:
    """The words of a command line, as a shell would take it apart."""
    try:
        return shlex.split(line)
    except ValueError:  # a quote that is not closed
        return line.split()


def _ends(path: str) -> Iterator[str]:
    """A path, and of one that begins at the root of a machine its ends: where the tree lies there is told nowhere."""
    yield path
    if path.startswith("/") or path[1:2] == ":":
        for at, sign in enumerate(path):
            if sign == "/" and at + 1 < len(path):
                yield path[at + 1 :]


def _folder(source: str) -> str:
    """A declared source without its pattern: ``src/billing/**/*.py`` lies in ``src/billing``."""
    plain = source.strip("/").removeprefix("./")
    pattern = re.search(r"[*?\[]", plain)
    return plain if pattern is None else plain[: pattern.start()].rpartition("/")[0]


def _runs(unit: Unit, quantum: Quantum) -> bool:
    """Whether a unit is built from, copies or starts something inside a quantum's source."""
    for source in quantum.source:
        path = source.strip("/").removeprefix("./")
        if not path:
            continue
        built = [place.strip("/").removeprefix("./") for place in (unit.build, *unit.copies) if place]
        if any(place == path or place.startswith(path + "/") for place in built if place not in ("", ".")):
            return True
        if any(path.startswith(place + "/") for place in built if place not in ("", ".") and "/" in place):
            return True
        dotted = path.removesuffix(".py").replace("/", ".")
        suffixes = [dotted.split(".", skip)[-1] for skip in range(dotted.count(".") + 1)]
        for word in (unit.command or "").replace('"', " ").replace(":", " ").split():
            if any("." in suffix and (word == suffix or word.startswith(suffix + ".")) for suffix in suffixes):
                return True
            if "/" in word and (word.strip("/").startswith(path + "/") or word.strip("/") == path):
                return True
    return False


def _holds(source: str, path: str) -> bool:
    """Whether a path lies in one of a quantum's folders."""
    plain = source.strip("/").removeprefix("./")
    return plain in ("", ".") or path == plain or path.startswith(f"{plain}/")


def _distance(folder: str, source: str) -> int:
    """How many folders a source lies below a folder; 0 where the folder lies inside the source."""
    around, inside = (
        [part for part in path.strip("/").split("/") if part not in ("", ".")] for path in (folder, source)
    )
    if around[: len(inside)] == inside:
        return 0
    return len(inside) - len(around) if inside[: len(around)] == around else _APART


def _folded(name: str) -> str:
    return name.lower().replace("_", "-")


def _only_a_model(path: str) -> bool:
    """Whether a file of variables is for people to copy, and deployed nowhere."""
    name = path.rpartition("/")[2].lower()
    return any(word in name for word in ("example", "sample", "template", "dist"))
