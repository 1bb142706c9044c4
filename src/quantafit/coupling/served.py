"""Whose answer it is where no host tells: by the name of what is asked for, by its path, by the name of the caller.

A service's name is sure where calls go by it. A path, or a gRPC service, that one quantum alone serves, the class of
another quantum that the address is asked of, and the name of a class that makes the call, are guesses: they are shown,
and give no pass.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from quantafit.coupling.environment import Environment
from quantafit.coupling.resolve import HOLE, Resolved, resolve
from quantafit.coupling.targets import Target, is_this_machine, parts, path_of
from quantafit.model import Clue, Evidence, Serve, Step, TargetKind
from quantafit.model.observations import Observation
from quantafit.model.terms import Literal

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_CLIENTS = frozenset({"adapter", "api", "client", "connector", "gateway", "proxy", "sdk", "service"})
_PARAMETER = re.compile(r"\{[^/]*\}|<[^/]*>|:\w+|\*\*?")
_UNKNOWN = ""


class Served:
    """What each quantum answers: names of services, and paths as templates."""

    def __init__(self, serves: Iterable[Serve], environment: Environment) -> None:
        self._environment = environment
        self._names = [quantum.name for quantum in environment.architecture.quanta]
        self._by_name: dict[tuple[str, str], Serve] = {}
        self._by_service: dict[str, list[Serve]] = defaultdict(list)
        self._by_path: dict[int, list[tuple[tuple[str, ...], Serve]]] = defaultdict(list)
        for serve in serves:
            self._by_name[(serve.protocol, serve.name)] = serve
            if serve.protocol == "grpc":
                self._by_service[_service(serve.name)].append(serve)
            elif serve.protocol == "http":
                template = _segments(_PARAMETER.sub(HOLE, serve.name))
                self._by_path[len(template)].append((template, serve))

    def by_name(self, request: Observation, value: Resolved) -> Target | None:
        """The quantum that serves the name that a request asks for, where requests go by name and not by address."""
        if "service" not in request.slots or "url" in request.slots or value.text is None:
            return None
        serve = self._by_name.get((request.mechanism, value.text))
        if serve is None:
            return None
        clue = Clue(Step.PROTOCOL_IDENTITY, f"{serve.quantum} serves {serve.name}", serve.place)
        return Target(TargetKind.QUANTUM, serve.quantum, None, "high", (*value.clues, clue))

    def guess(self, request: Observation, value: Resolved) -> Target | None:
        """The quantum that a request without a known host may be for."""
        guesses = (self._by_served_service, self._by_class, self._by_caller)
        return self.by_path(request, value) or next((found for guess in guesses if (found := guess(request))), None)

    def _by_class(self, request: Observation) -> Target | None:
        """By the class of another quantum's code that its address is asked of: ``client_of(TicketService)``."""
        named = request.slots.get("class_of")
        if not isinstance(named, Literal) or not isinstance(named.value, str):
            return None
        quantum, _, cls = named.value.partition(":")
        why = f"{quantum} is only guessed from {cls}, of which the address is asked; where it calls could not be told"
        clue = Clue(Step.IDENTIFIER_NAME, f"{cls} is {quantum}'s", request.site)
        return Target(TargetKind.QUANTUM, quantum, None, "medium", (clue,), why, guessed=True)

    def _by_served_service(self, request: Observation) -> Target | None:
        """By the service whose stub makes the call, where one quantum alone serves it."""
        asked = request.slots.get("asks_for")
        values = resolve(asked, request.quantum, self._environment) if asked is not None else ()
        names = {_service(value.text) for value in values if value.text}
        serving = [serve for name in names for serve in self._by_service.get(name, ())]
        quanta = {serve.quantum for serve in serving}
        if len(names) != 1 or len(quanta) != 1 or request.quantum in quanta:
            return None
        serve = serving[0]
        why = f"{serve.quantum} is only guessed from the service {serve.name}; the host could not be told"
        clue = Clue(Step.SERVED_PATH, f"{serve.quantum} alone serves {serve.name}", serve.place)
        return Target(TargetKind.QUANTUM, serve.quantum, None, "medium", (clue,), why, guessed=True)

    def by_path(self, request: Observation, value: Resolved) -> Target | None:
        """The one quantum that serves the path of a request whose host does not tell."""
        if request.mechanism != "http" or value.text is None:
            return None
        host = parts(value.text)[0] if "://" in value.text else None
        if not value.text.startswith((HOLE, "/")) and not (host and is_this_machine(host)):
            return None
        path = value.text if value.text.startswith("/") else path_of(value.text.removeprefix(HOLE))
        asked = _segments(path.partition("?")[0])
        if not any(len(segment) > 2 for segment in asked):
            return None  # a path like any other
        serving = [serve for template, serve in self._by_path.get(len(asked), ()) if _fits(template, asked)]
        # A gateway has the paths that it hands on: who else has one is meant, as nobody calls himself from outside.
        others = [serve for serve in serving if serve.quantum != request.quantum]
        if len({serve.quantum for serve in others}) != 1:
            return None
        serve = others[0]
        itself = len(others) < len(serving)
        said = f"{'beside ' + request.quantum + ' itself, ' if itself else ''}{serve.quantum} alone serves {serve.name}"
        why_not = f"{host} is the machine itself" if host else value.why or "the host could not be told"
        why = f"{serve.quantum} is only guessed from the path {serve.name}; {why_not}"
        clue = Clue(Step.SERVED_PATH, said, serve.place)
        address = parts(value.text)[2] if host else None
        clues = (*value.clues, clue)
        return Target(
            TargetKind.QUANTUM, serve.quantum, address, "low" if itself else "medium", clues, why, guessed=True
        )

    def _by_caller(self, request: Observation) -> Target | None:
        """By a class that is named as the client of a quantum: ``TicketClient``."""
        for hop in request.path:
            name = self._client_of(hop)
            if name is not None and name[0] != request.quantum:
                quantum, cls = name
                why = f"{quantum} is only guessed from the name of {cls}; where it calls could not be told"
                clue = Clue(Step.IDENTIFIER_NAME, f"{quantum} is in the name of {cls}", hop.place)
                return Target(TargetKind.QUANTUM, quantum, None, "low", (clue,), why, guessed=True)
        return None

    def _client_of(self, hop: Evidence) -> tuple[str, str] | None:
        for cls in hop.place.symbol.split("."):
            words = [word.lower() for word in _WORDS.findall(cls)]
            if not cls[:1].isupper() or len(words) < 2 or words[-1] not in _CLIENTS:
                continue
            for quantum in self._names:
                if [word.lower() for word in _WORDS.findall(quantum)] == [w for w in words if w not in _CLIENTS]:
                    return quantum, cls
        return None


def _service(name: str) -> str:
    """The bare name of a service: ``Invoices`` of ``/shop.v1.Invoices/Get``."""
    return name.strip("/").partition("/")[0].rpartition(".")[2]


def _segments(path: str) -> tuple[str, ...]:
    """The parts of a path; one of which anything is unknown is empty."""
    return tuple(_UNKNOWN if HOLE in part else part for part in path.strip("/").split("/"))


def _fits(template: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    """Whether a path may be served by a template: every part that both know is the same, and one of them is."""
    known = [(one, other) for one, other in zip(template, asked, strict=True) if _UNKNOWN not in (one, other)]
    return bool(known) and all(one == other for one, other in known)
