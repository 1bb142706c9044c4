"""Whose address it is: from a host name, a port or a variable's name to a quantum, the platform or outside."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from typing import Literal
from urllib.parse import urlsplit

from quantafit.coupling.environment import Environment
from quantafit.coupling.gateways import Gateways, published
from quantafit.coupling.resolve import HOLE, Resolved, resolve
from quantafit.model import NOWHERE, Architecture, Clue, EvidenceKind, Place, Quantum, Step, TargetKind, Unit
from quantafit.model.observations import Observation

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1", "[::1]"})
_AROUND = frozenset(
    {"host.docker.internal", "gateway.docker.internal", "kubernetes.docker.internal", "docker.for.mac.localhost",
     "docker.for.mac.host.internal", "docker.for.win.localhost", "docker.for.win.host.internal",
     "host.containers.internal", "host.minikube.internal", "host.lima.internal"}
)  # fmt: skip
"""What the machine is called inside a container that runs on it."""
_BRIDGE = re.compile(r"172\.(?:1[7-9]|2\d|3[01])\.0\.1\Z")
"""The machine's own address in one of the networks that Docker makes by itself (172.17.0.0/16 to 172.31.0.0/16).
Source: Docker documentation, "Networking overview", default address pools."""
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_CLUSTER = re.compile(
    r"(?:\.[\w-]+)?\.svc(?:\.cluster\.local)?\.?$|\.(?:service|query|virtual)(?:\.[\w-]+)?\.consul$"
    r"|\.internal$|\.local$"
)
_TOKENS = re.compile(r"[a-z0-9]+")
_MOST_GATEWAYS = 8
_COMMON = (
    "academy agency app arpa biz blog business cloud club com company design dev digital edu email example finance gov "
    "group info int internet invalid live media mil mobi name net network news online onion org page pro run shop site "
    "software solutions space store studio systems team tech test tools today tv travel website wiki work world xyz"
)
_TOP_LEVEL = frozenset(_COMMON.split())
"""Names that a host on the Internet may well end in. Source: IANA, "Root Zone Database", the common ones."""
_SERVICE_WORDS = frozenset(
    {"service", "services", "svc", "srv", "ms", "microservice", "api", "app", "server", "backend"}
)


_SERVED_BY_COMMAND = re.compile(
    r"(?:--port|-p)[= ]\"?(\d{2,5})\b"  # uvicorn, flask, fastapi
    r"|(?:--bind|-b)[= ]\"?[^\s\"]*?:(\d{2,5})\b"  # gunicorn, hypercorn
    r"|\brunserver\s+(?:\S*:)?(\d{2,5})\b"  # Django
)
"""The port in the command line of a server."""
_ASKING = re.compile(r"^\W*(?:\w+\s+)*?(?:pg_isready|psql|mysql\w*|redis-cli|curl|wget|nc|netcat|wait-for\S*|ssh)\b")
"""A line that asks another server, or waits for it."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an address leads to, how sure that is, which facts told, and for an unknown one why it is unknown.

    What is ``guessed`` is shown, and gives no pass.
    """

    kind: TargetKind
    name: str | None
    address: str | None
    confidence: Literal["high", "medium", "low"]
    clues: tuple[Clue, ...] = ()
    why: str = ""
    guessed: bool = False


class Hosts:
    """Every host name of the system, and whose it is."""

    def __init__(self, architecture: Architecture, environment: Environment) -> None:
        self.architecture = architecture
        self.environment = environment
        self.declared = {host.lower(): one.name for one in architecture.quanta for host in one.hosts}
        self.quantum: dict[str, tuple[str, Clue]] = {}
        self.ports: dict[str, tuple[str, Clue]] = {}
        self.publishers: dict[str, dict[str, None]] = defaultdict(dict)
        self.serving: dict[str, dict[str, Place]] = defaultdict(dict)
        for quantum in architecture.quanta:
            for host in quantum.hosts:
                clue = Clue(Step.DECLARATION, f"{host} is declared as a host of {quantum.name}", _declared_at(quantum))
                self.quantum[host.lower()] = (quantum.name, clue)
        for unit in environment.configuration.units:
            owner = environment.quantum_of(unit)
            if owner is None:
                continue
            for host in (unit.name, *unit.hosts):
                clue = Clue(Step.HOSTNAME, f"{host} is unit {unit.name} of {owner}", unit.place)
                self.quantum.setdefault(host.lower(), (owner, clue))
            for port in map(published, unit.ports):
                if port is not None:
                    clue = Clue(Step.HOSTNAME, f"port {port} is published by unit {unit.name} of {owner}", unit.place)
                    self.ports.setdefault(port, (owner, clue))
                    self.publishers[port][owner] = None
        for quantum in architecture.quanta:
            for name in (quantum.name.lower(), quantum.name.lower().replace("_", "-")):
                clue = Clue(Step.HOSTNAME, f"{name} is the name of a quantum", _declared_at(quantum))
                self.quantum.setdefault(name, (quantum.name, clue))
        self.platform = {name.lower() for name in architecture.platform}
        self.external = {name.lower() for name in architecture.external}
        self.gateways = Gateways(environment)

    def listen(self, observations: Iterable[Observation]) -> None:
        """Take in the ports at which one quantum alone serves, by its code or by the command lines of its units.

        A published port stands before them.
        """
        for seen in observations:
            slot = seen.slots.get("port" if seen.does == "listen" else "command")
            for value in resolve(slot, seen.quantum, self.environment) if slot is not None else ():
                told = value.text or ""
                served = _served(told) if seen.does != "listen" else (told.rpartition(":")[2],)
                for port in filter(str.isdigit, served):
                    self.serving[port].setdefault(seen.quantum, seen.site)
        for one in self.architecture.quanta:
            for unit, line in self.environment.commands(one.name):
                for port in _served(line):
                    self.serving[port].setdefault(one.name, unit.place)
        for port, quanta in self.serving.items():
            for quantum, place in quanta.items() if len(quanta) == 1 else ():
                clue = Clue(Step.HOSTNAME, f"port {port} is served by {quantum}", place)
                self.ports.setdefault(port, (quantum, clue))

    def of(self, value: Resolved, asker: str = "") -> Target:
        """The target of one resolved URL or host, seen from the quantum that asks."""
        if value.text is None or value.text.startswith(HOLE):
            return self._by_variable(value)
        host, port, address = parts(value.text)
        if host is None:
            return self._by_variable(value)
        clues = value.clues or (Clue(Step.LITERAL, address),)
        if host not in self.declared and not (host in _THIS_MACHINE and self._serves_itself(port, asker)):
            found = self._behind_gateway(host, port, path_of(value.text), address, clues)
            if found is not None:
                return found
        return self._by_host(host, port, address, value, clues, asker)

    def _behind_gateway(
        self, host: str, port: str | None, path: str, address: str, clues: tuple[Clue, ...], depth: int = 0
    ) -> Target | None:
        """Who answers behind a gateway; None where the host is none, or where the gateway answers by itself."""
        found = self.gateways.route(host, port if is_this_machine(host) else None, path, self._whose)
        if found is None:
            return None
        clues = (*clues, *found.clues)
        behind, behind_port, _ = parts(found.upstream) if found.upstream is not None else (None, None, "")
        itself = self._owner(host) if behind == host or behind in _THIS_MACHINE else None
        if itself is not None:
            return Target(TargetKind.QUANTUM, itself[0], address, "high", (*clues, itself[1]))
        if behind is None or depth >= _MOST_GATEWAYS:
            why = found.why or "the gateways hand this request on and on"
            return Target(TargetKind.UNROUTED, None, address, "low", clues, why)
        again = self._behind_gateway(behind, behind_port, found.path, address, clues, depth + 1)
        if again is not None:
            return again
        owned = self._owner(behind)
        if owned is not None:
            return Target(TargetKind.QUANTUM, owned[0], address, "high", (*clues, owned[1]))
        target = self._elsewhere(behind, address, clues)
        why = f"the gateway hands it on to {behind}, and no quantum, unit or platform part is called so"
        return target or Target(TargetKind.UNROUTED, None, address, "low", clues, why)

    def _by_host(
        self, host: str, port: str | None, address: str, value: Resolved, clues: tuple[Clue, ...], asker: str
    ) -> Target:
        owned = self._owner(host, asker)
        if owned is not None:
            return Target(TargetKind.QUANTUM, owned[0], address, "high", (*clues, owned[1]))
        if is_this_machine(host):
            return self._on_this_machine(host, port, address, value, clues, asker)
        found = self._elsewhere(host, address, clues)
        if found is not None:
            return found
        if is_private(host):
            return self._at_private_address(host, port, address, clues)
        by_name = self._by_variable(value)
        if by_name.name is not None:
            return by_name
        why = f"no quantum, unit or platform part is called {host}"
        return Target(TargetKind.UNROUTED, None, address, "low", clues, why)

    def _at_private_address(self, host: str, port: str | None, address: str, clues: tuple[Clue, ...]) -> Target:
        """Who may be at an address of one's own network that no unit has: the port may tell."""
        if port in self.ports:
            owner, clue = self.ports[port]
            why = f"{owner} is only guessed from the port: whose the address {host} is, is told nowhere"
            return Target(TargetKind.QUANTUM, owner, address, "medium", (*clues, clue), why, guessed=True)
        why = f"no quantum, unit or platform part has the address {host}"
        return Target(TargetKind.UNROUTED, None, address, "low", clues, why)

    def _elsewhere(self, host: str, address: str, clues: tuple[Clue, ...]) -> Target | None:
        """The platform, or outside: what is declared so, and what has the name of a host on the Internet.

        A private address says nothing: a quantum may have it as well as anything else.
        """
        for kind, names in ((TargetKind.PLATFORM, self.platform), (TargetKind.EXTERNAL, self.external)):
            if self._listed(host, names):
                return Target(kind, host, address, "high", (*clues, Clue(Step.DECLARATION, f"{host} is {kind}")))
        if "." in host and not is_private(host):
            outside = Clue(Step.HOSTNAME, f"{host} is nobody's here")
            return Target(TargetKind.EXTERNAL, host, address, "high", (*clues, outside))
        return None

    def _serves_itself(self, port: str | None, asker: str) -> bool:
        """Whether a quantum serves at a port in a container of its own, where nobody else is at that port."""
        own = asker in self.serving.get(port or "", ())
        return self._is_alone(asker) and (own or any(_inside_port(p) == port for p in self._ports_of(asker)))

    def _for_the_machine(self, value: Resolved, quantum: str) -> bool:
        """Whether a file of variables that no unit of the quantum is given binds the value: for who runs it without."""
        given = {binding.place.path for unit in self.environment.units(quantum) for binding in unit.environment}
        bound = [one.place.path for one in value.evidence if one.kind is EvidenceKind.CONFIGURATION]
        return any(path not in given for path in bound)

    def _ports_of(self, quantum: str) -> Iterator[str]:
        return (port for unit in self.environment.units(quantum) for port in unit.ports)

    def _is_alone(self, quantum: str) -> bool:
        """Whether each unit that a quantum runs as is a container of its own."""
        units = [unit for unit in self.environment.units(quantum) if unit.place.path != unit.dockerfile]
        return bool(units) and all(unit.alone for unit in units)

    def _on_this_machine(
        self, host: str, port: str | None, address: str, value: Resolved, clues: tuple[Clue, ...], asker: str
    ) -> Target:
        by_name = self._by_variable(value, "whose address is the machine itself")
        publishers = [*self.publishers.get(port or "", ())]
        other = next((one for one in publishers if one != asker), None)
        inside = host in _THIS_MACHINE and not self._for_the_machine(value, asker)
        if inside and by_name.name in (None, asker):
            if self._serves_itself(port, asker):
                clue = Clue(Step.HOSTNAME, f"port {port} is {asker}'s own in its container")
                return Target(TargetKind.QUANTUM, asker, address, "high", (*clues, clue))
            if other is not None and asker in self.serving.get(port or "", ()):
                why = f"{asker} serves at port {port} itself, and a unit of {other} publishes the same port"
                return Target(TargetKind.UNROUTED, None, address, "low", clues, why)
        if len(publishers) > 1:
            why = f"port {port} is published by units of {' and '.join(publishers)}"
            others = by_name.name or next(one for one in publishers if one != asker)
            return Target(TargetKind.QUANTUM, others, address, "low", clues, why, guessed=True)
        if port is not None and port in self.ports:
            owner, clue = self.ports[port]
            if inside and owner != asker and self._is_alone(asker):
                why = f"{owner} is only guessed from port {port}: in its container {asker} has {host} for itself"
                return Target(TargetKind.QUANTUM, owner, address, "low", (*clues, clue), why, guessed=True)
            return Target(TargetKind.QUANTUM, owner, address, "medium", (*clues, clue))
        if by_name.name is not None:
            return replace(by_name, address=address, clues=(*clues, *by_name.clues))
        why = "an address of the machine itself"
        return Target(TargetKind.UNROUTED, None, address, "low", clues, why)

    def _by_variable(self, value: Resolved, known: str = "which is bound nowhere") -> Target:
        """By the name of the environment variable: declared names are sure, words in a name are a guess."""
        name = value.variable
        if name is not None:
            for quantum in self.architecture.quanta:
                if name in quantum.env:
                    clue = Clue(
                        Step.DECLARATION, f"{name} is declared as the address of {quantum.name}", _declared_at(quantum)
                    )
                    return Target(TargetKind.QUANTUM, quantum.name, None, "high", (clue,))
            longest = named_in(name, [quantum.name for quantum in self.architecture.quanta])
            if longest is not None:
                clue = Clue(Step.VARIABLE_NAME, f"{longest} is in the name of {name}", self._read_at(value))
                why = f"{longest} is only guessed from the name of {name}, {known}"
                return Target(TargetKind.QUANTUM, longest, None, "medium", (clue,), why, guessed=True)
        why = value.why or "the address is made at run time"
        return Target(TargetKind.UNROUTED, None, None, "low", value.clues, why)

    def _read_at(self, value: Resolved) -> Place | None:
        return next((item.place for item in value.evidence), None)

    def alone(self, quantum: str) -> bool:
        """Whether ``localhost`` is nobody but the quantum itself, wherever it runs."""
        return self._is_alone(quantum)

    def owner(self, host: str) -> str | None:
        """The quantum that a host name belongs to, also under its cluster-wide names."""
        found = self._owner(host)
        return found[0] if found is not None else None

    def _owner(self, host: str, asker: str = "") -> tuple[str, Clue] | None:
        plain = host.lower()
        for name in _names(plain):
            beside = self.environment.beside(asker, name) if name not in self.declared else {}
            if beside:
                return self._owner_beside(name, asker, [unit for units in beside.values() for unit in units])
            if name in self.quantum:
                return self.quantum[name]
        return None

    def _owner_beside(self, name: str, asker: str, units: Iterable[Unit]) -> tuple[str, Clue] | None:
        """Whose a name is that several compose projects have, in those of the quantum that asks: another's first."""
        owned = [(owner, unit) for unit in units if (owner := self.environment.quantum_of(unit)) is not None]
        for owner, unit in sorted(owned, key=lambda one: (one[0] == asker, one[0])):
            clue = Clue(Step.HOSTNAME, f"{name} is unit {unit.name} of {owner} in project {unit.project}", unit.place)
            return owner, clue
        return None

    def _whose(self, upstream: str) -> str:
        """The quantum that an upstream belongs to, else its host."""
        host = parts(upstream)[0] or upstream
        return self.owner(host) or host

    def _listed(self, host: str, names: set[str]) -> bool:
        return any(host == name or host.endswith("." + name) for name in names)


def _served(line: str) -> Iterator[str]:
    """The ports at which what a command line starts serves."""
    for match in () if _ASKING.search(line) else _SERVED_BY_COMMAND.finditer(line):
        yield next(filter(None, match.groups()))


def _inside_port(port: str) -> str:
    """The port in the container of ``[[address:]published:]target[/protocol]``."""
    return port.split("/")[0].rpartition(":")[2]


def is_this_machine(host: str) -> bool:
    """Whether a host is the machine that the caller runs on, seen from it or from a container on it."""
    return host in _THIS_MACHINE or host in _AROUND or _BRIDGE.match(host) is not None


def is_private(host: str) -> bool:
    """Whether a host is an address that only a network of one's own has (RFC 1918, RFC 4193)."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in _PRIVATE)


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
        match = re.match(r"[\w.-]+", plain.rpartition("://")[2].partition("/")[0].rpartition("@")[2])
        return (match[0].lower() if match else None), None, "an address that is no URL"
    if not host or "…" in host:
        return None, None, plain if "@" not in plain else plain.rpartition("@")[2]
    scheme = f"{split.scheme}://" if split.scheme else ""
    place = f"{host}:{port}" if port else host
    return host.lower(), str(port) if port else None, f"{scheme}{place}{split.path}"


def _names(host: str) -> tuple[str, ...]:
    """A host name, and the service that it means as a cluster or a registry spells it."""
    if not _CLUSTER.search(host):
        first, dot, rest = host.partition(".")
        # ``service.namespace``, as pods may write it: no domain of the Internet ends so.
        in_namespace = dot and "." not in rest and len(rest) > 2 and rest not in _TOP_LEVEL and not rest.isdigit()
        return (host, first) if in_namespace else (host,)
    service = _CLUSTER.sub("", host)
    return (host, service, service.split(".")[0], service.rpartition(".")[2])  # Consul writes ``tag.service``


def _declared_at(quantum: Quantum) -> Place | None:
    return quantum.place if quantum.place != NOWHERE else None


def path_of(text: str) -> str:
    """The path of a URL, without its query, with :data:`HOLE` for what could not be told."""
    rest = text.partition("://")[2] or text
    _, slash, path = rest.partition("/")
    return f"{slash}{path}".partition("?")[0].partition("#")[0] or ("/" if HOLE not in rest else HOLE)


def named_in(name: str, quanta: Iterable[str]) -> str | None:
    """The quantum that the words of a name mean, the longest of several; None where they mean none."""
    return max(_named_in(_TOKENS.findall(name.lower()), [*quanta]), key=len, default=None)


def _named_in(words: list[str], quanta: list[str]) -> list[str]:
    """The quanta whose names stand in a variable's name, else the only one that means the same.

    The same is meant without a plural's ``s``, and without the words that only say that something is a service:
    ``USERS_URL`` means ``user-service``.
    """
    exact = [name for name in quanta if _inside(_TOKENS.findall(name.lower()), words)]
    if exact:
        return exact
    alike = [name for name in quanta if _inside(_meant(_TOKENS.findall(name.lower())), _meant(words))]
    return alike if len(alike) == 1 else []


def _meant(words: list[str]) -> list[str]:
    return [word.removesuffix("s") if len(word) > 3 else word for word in words if word not in _SERVICE_WORDS]


def _inside(words: list[str], others: list[str]) -> bool:
    """Whether words stand in others, one after the other."""
    size = len(words)
    return bool(words) and any(others[at : at + size] == words for at in range(len(others) - size + 1))
