"""Whose address it is: from a host name, a port or a variable's name to a quantum, the platform or outside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from quantafit.coupling.environment import Environment
from quantafit.coupling.resolve import HOLE, Resolved
from quantafit.model import Architecture, TargetKind

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1", "[::1]", "host.docker.internal"})
_CLUSTER = re.compile(r"(?:\.[\w-]+)?\.svc(?:\.cluster\.local)?$|\.service\.consul$|\.internal$|\.local$")
_TOKENS = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Target:
    """What an address leads to, how sure that is, and which step told."""

    kind: TargetKind
    name: str | None
    address: str | None
    confidence: Literal["high", "medium", "low"]
    step: str
    why: str = ""


class Hosts:
    """Every host name of the system, and whose it is."""

    def __init__(self, architecture: Architecture, environment: Environment) -> None:
        self.architecture = architecture
        self.environment = environment
        self.quantum: dict[str, str] = {}
        self.ports: dict[str, str] = {}
        for quantum in architecture.quanta:
            for host in quantum.hosts:
                self.quantum[host.lower()] = quantum.name
        for unit in environment.configuration.units:
            owner = environment.quantum_of.get(unit.name)
            if owner is None:
                continue
            for host in (unit.name, *unit.hosts):
                self.quantum.setdefault(host.lower(), owner)
            for port in unit.ports:
                published = port.split("/")[0].split(":")
                if len(published) >= 2 and published[-2].isdigit():
                    self.ports.setdefault(published[-2], owner)
        for quantum in architecture.quanta:
            for name in (quantum.name.lower(), quantum.name.lower().replace("_", "-")):
                self.quantum.setdefault(name, quantum.name)
        self.platform = {name.lower() for name in architecture.platform}
        self.external = {name.lower() for name in architecture.external}

    def of(self, value: Resolved) -> Target:
        """The target of one resolved URL or host."""
        if value.text is None or value.text.startswith(HOLE):
            return self._by_variable(value)
        host, port, address = parts(value.text)
        if host is None:
            return self._by_variable(value)
        return self._by_host(host, port, address, value)

    def _by_host(self, host: str, port: str | None, address: str, value: Resolved) -> Target:
        owner = self.owner(host)
        if owner is not None:
            return Target(TargetKind.QUANTUM, owner, address, "high", f"host by {value.step}")
        if host in _LOOPBACK:
            return self._on_this_machine(port, address, value)
        if self._listed(host, self.platform):
            return Target(TargetKind.PLATFORM, host, address, "high", "platform")
        if self._listed(host, self.external) or "." in host:
            return Target(TargetKind.EXTERNAL, host, address, "high", "outside")
        by_name = self._by_variable(value)
        if by_name.name is not None:
            return by_name
        why = f"no quantum, unit or platform part is called {host}"
        return Target(TargetKind.UNROUTED, None, address, "low", "unknown", why)

    def _on_this_machine(self, port: str | None, address: str, value: Resolved) -> Target:
        by_name = self._by_variable(value)
        if port is not None and port in self.ports:
            return Target(TargetKind.QUANTUM, self.ports[port], address, "medium", "published port")
        if by_name.name is not None:
            return Target(by_name.kind, by_name.name, address, by_name.confidence, by_name.step)
        return Target(TargetKind.UNROUTED, None, address, "low", "unknown", "an address of the machine itself")

    def _by_variable(self, value: Resolved) -> Target:
        """By the name of the environment variable: declared names are sure, words in a name are a guess."""
        name = value.variable
        if name is not None:
            for quantum in self.architecture.quanta:
                if name in quantum.env:
                    return Target(TargetKind.QUANTUM, quantum.name, None, "high", "declared variable")
            words = _TOKENS.findall(name.lower())
            named = [q.name for q in self.architecture.quanta if _inside(_TOKENS.findall(q.name.lower()), words)]
            if named:
                longest = max(named, key=len)
                return Target(TargetKind.QUANTUM, longest, None, "medium", "variable's name")
        return Target(TargetKind.UNROUTED, None, None, "low", "unknown", value.why or "the address is made at run time")

    def owner(self, host: str) -> str | None:
        """The quantum that a host name belongs to, also under its cluster-wide names."""
        plain = host.lower()
        for name in (plain, _CLUSTER.sub("", plain), plain.split(".")[0] if _CLUSTER.search(plain) else plain):
            if name in self.quantum:
                return self.quantum[name]
        return None

    def _listed(self, host: str, names: set[str]) -> bool:
        return any(host == name or host.endswith("." + name) for name in names)


def parts(text: str) -> tuple[str | None, str | None, str]:
    """Host, port and address without credentials of a URL, ``host:port`` or bare host."""
    scheme_part, found, rest = text.partition("://")
    authority = rest.partition("/")[0]
    if found and HOLE in authority and authority.partition(HOLE)[0].strip("@:"):
        # What follows a whole host name is taken for a path: "http://billing" + path.
        text = f"{scheme_part}://{authority.partition(HOLE)[0]}/…"
    plain = text.replace(HOLE, "…")
    try:
        split = urlsplit(plain if "://" in plain else f"//{plain}")
        host, port = split.hostname, split.port
    except ValueError:
        match = re.match(r"(?:\w[\w+.-]*://)?(?:[^@/]*@)?([\w.-]+)", plain)
        return (match[1].lower() if match else None), None, "an address that is no URL"
    if not host or "…" in host:
        return None, None, plain if "@" not in plain else plain.rpartition("@")[2]
    scheme = f"{split.scheme}://" if split.scheme else ""
    place = f"{host}:{port}" if port else host
    return host.lower(), str(port) if port else None, f"{scheme}{place}{split.path}"


def _inside(words: list[str], others: list[str]) -> bool:
    """Whether words stand in others, one after the other."""
    size = len(words)
    return bool(words) and any(others[at : at + size] == words for at in range(len(others) - size + 1))
