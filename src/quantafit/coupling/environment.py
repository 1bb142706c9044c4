"""Deployment units and what they bind: whose unit it is, and which values a variable may have in a quantum."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from quantafit.model import Architecture, Binding, Configuration, Evidence, EvidenceKind, Place, Quantum, Role, Unit
from quantafit.workspace.interpolation import interpolate


@dataclass(frozen=True, slots=True)
class Bound:
    """A value that a variable has in a deployment, and where it is bound. An unknown password in it is left out."""

    value: str
    evidence: Evidence


class Environment:
    """The deployments of the system, as its configuration describes them."""

    def __init__(self, architecture: Architecture, configuration: Configuration) -> None:
        self.architecture = architecture
        self.configuration = configuration
        self._defaults = {
            binding.name: binding.value
            for path, bindings in configuration.env_files.items()
            for binding in bindings
            if binding.value is not None and path.rpartition("/")[2] == ".env"
        }
        self.quantum_of: dict[str, str] = {}
        for unit in configuration.units:
            owner = self._owner(unit)
            if owner is not None:
                self.quantum_of.setdefault(unit.name, owner)

    def _owner(self, unit: Unit) -> str | None:
        """By declaration, else by what it runs or is built from, else by equal name."""
        for quantum in self.architecture.quanta:
            if unit.name in quantum.units:
                return quantum.name
        by_code = [quantum.name for quantum in self.architecture.quanta if _runs(unit, quantum)]
        if len(set(by_code)) == 1:
            return by_code[0]
        names = {_folded(name) for name in (unit.name, *unit.hosts)}
        for quantum in self.architecture.quanta:
            known = {_folded(quantum.name), *(_folded(host) for host in quantum.hosts)}
            if names & known:
                return quantum.name
        return None

    def units(self, quantum: str) -> Iterator[Unit]:
        return (unit for unit in self.configuration.units if self.quantum_of.get(unit.name) == quantum)

    def values(self, quantum: str, name: str) -> tuple[Bound, ...]:
        """The values of a variable in a quantum's units, and in files that bind it for whoever starts the quantum.

        Files that disagree stay alternatives.
        """
        found: dict[str, Bound] = {}
        own = [binding for unit in self.units(quantum) for binding in unit.environment if binding.name == name]
        loose = [
            binding
            for path, bindings in self.configuration.env_files.items()
            for binding in bindings
            if binding.name == name and not _only_a_model(path)
        ]
        for binding in (*own, *loose):
            value = self.interpolated(binding)
            if value is not None:
                evidence = Evidence(EvidenceKind.CONFIGURATION, Role.CONFIGURATION, binding.place, name)
                found.setdefault(value, Bound(value, evidence))
        for unit, option in self._options(quantum, name):
            evidence = Evidence(EvidenceKind.CONFIGURATION, Role.CONFIGURATION, unit.place, f"option for {name}")
            for value in self._inside(quantum, option):
                found.setdefault(value, Bound(value, evidence))
        return tuple(found.values())

    def left_open(self, quantum: str, name: str) -> Place | None:
        """Where a unit of a quantum is given a file of variables that is not in this tree and that may bind this one.

        What a unit binds in the compose file itself beats its files. Source: Compose specification, "env_file".
        """
        for unit in self.units(quantum):
            bound = (binding for binding in unit.environment if binding.name == name)
            if unit.absent and not any(binding.place.path.endswith((".yaml", ".yml")) for binding in bound):
                return unit.absent[0]
        return None

    def _options(self, quantum: str, name: str) -> Iterator[tuple[Unit, str]]:
        """Command options that mean the variable: ``locust --host URL`` is LOCUST_HOST."""
        program, _, option = name.lower().partition("_")
        pattern = re.compile(rf"\b{re.escape(program)}\b.*?--{re.escape(option.replace('_', '-'))}[ =]\"?([^\s\"]+)")
        for unit in self.units(quantum) if option else ():
            match = pattern.search(unit.command or "")
            if match is not None:
                yield unit, match[1]

    def _inside(self, quantum: str, text: str) -> Iterator[str]:
        """A command's text with the unit's own variables put in."""
        variables = {
            binding.name: binding.value
            for unit in self.units(quantum)
            for binding in unit.environment
            if binding.value is not None
        }
        yield "".join("***" if part is None else part for part in interpolate(text.replace("$$", "$"), variables))

    def interpolated(self, binding: Binding) -> str | None:
        """The value as it will be, with ``***`` for what only the deployment knows (a password, usually)."""
        if binding.value is None:
            return None
        parts = interpolate(binding.value, self._defaults)
        return "".join("***" if part is None else part for part in parts)


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


def _folded(name: str) -> str:
    return name.lower().replace("_", "-")


def _only_a_model(path: str) -> bool:
    """Whether a file of variables is for people to copy, and deployed nowhere."""
    name = path.rpartition("/")[2].lower()
    return any(word in name for word in ("example", "sample", "template", "dist"))
