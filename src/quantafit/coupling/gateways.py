"""What stands behind a gateway: from its host and a path to the upstream of the route that takes it.

An exact route wins, then the first pattern (a regular expression), then the longest prefix. Where it cannot be told
which route takes a path, all that may must lead to the same upstream, or none of them is believed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from quantafit.coupling.environment import Environment
from quantafit.coupling.resolve import HOLE
from quantafit.model import Clue, Route, Step, Unit

_LONGEST_PATH = 200
_MOST_REPEATED = 3
_COSTLY = re.compile(r"\)[*+{]|\\[1-9]")
_REPEATED = re.compile(r"[*+}]")
"""A pattern that repeats a group, refers to one or repeats often is not tried: it could take for ever."""

_RULED_BY_HOST = frozenset({"kubernetes", "traefik", "kong"})
"""Gateways that take a request only by a name that the route gives; nginx has a default server for all others."""


@dataclass(frozen=True, slots=True)
class Handed:
    """Where a gateway hands a request on, with the path it becomes; ``upstream`` is None where that is unknown."""

    upstream: str | None
    path: str
    clues: tuple[Clue, ...]
    why: str = ""


class Gateways:
    """The gateways of the system, by the names and published ports under which they are reached."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self._named: dict[str, list[tuple[Route, Unit | None]]] = defaultdict(list)
        self._published: dict[str, list[tuple[Route, Unit | None]]] = defaultdict(list)
        for route in environment.configuration.routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        for host in route.hosts:
            self._named[host.lower()].append((route, None))
        for unit in self._units(route):
            for name in dict.fromkeys((unit.name.lower(), *(host.lower() for host in unit.hosts))):
                self._named[name].append((route, unit))
            for port in filter(None, map(published, unit.ports)):
                self._published[port].append((route, unit))

    def _units(self, route: Route) -> list[Unit]:
        """The units that run a gateway with this route: those given its file, else those that run the software.

        A cluster's own routes are run by no unit: their file may lie among the code that is copied into one.
        """
        if route.gateway == "kubernetes":
            return []
        units = self.environment.configuration.units
        return [unit for unit in units if _has_file(unit, route.place.path)] or [
            unit for unit in units if route.gateway in (unit.image or "").rpartition("/")[2].lower()
        ]

    def route(self, host: str, port: str | None, path: str, whose: Callable[[str], str]) -> Handed | None:
        """Where what asks ``host`` for ``path`` is handed on; None where it is no gateway or answers by itself.

        ``port`` is given where the host is this machine: then the port that a gateway publishes tells. ``whose`` says
        of an upstream who it is, so that several that are one are known to be.
        """
        known = self._published.get(port, ()) if port is not None else self._named.get(host, ())
        known = [(route, unit) for route, unit in known if port is not None or _answers(route, host)]
        if not known:
            return None
        taken = _taking([route for route, _ in known], path)
        if not taken:
            return None
        units = {id(route): unit for route, unit in known}
        found = [(route, self._upstream(route, units.get(id(route)))) for route in taken]
        first, upstream = found[0]
        clue = Clue(Step.GATEWAY_ROUTE, f"{first.gateway} hands {first.prefix} on to {upstream}", first.place)
        if len({one and whose(one) for _, one in found}) > 1:
            said = ", ".join(sorted({f"{route.prefix} ({route.place})" for route, _ in found}))
            return Handed(None, path, (), f"several routes of the gateway could take it: {said}")
        if upstream is None:
            return Handed(None, path, (), f"where the gateway hands {first.prefix} on is not told ({first.place})")
        return Handed(upstream, _rewritten(first, path), (clue,)) if upstream else None

    def _upstream(self, route: Route, unit: Unit | None) -> str | None:
        """The upstream with the variables of the gateway's own unit put in; None where one of them is unknown."""
        if route.upstream is None or "$" not in route.upstream:
            return route.upstream
        bound = {one.name: one.value for one in unit.environment if one.value is not None} if unit is not None else {}
        text = self.environment.put_in(route.upstream, bound)
        return None if "***" in text or "$" in text else text


def published(port: str) -> str | None:
    """The port of this machine under which ``[address:]published:target[/protocol]`` is reached."""
    parts = port.split("/")[0].split(":")
    return parts[-2] if len(parts) >= 2 and parts[-2].isdigit() else None


def _has_file(unit: Unit, path: str) -> bool:
    """Whether a unit is given a configuration file: mounted into it, copied into its image, or its own labels."""
    if unit.place.path == path:
        return False
    mounted = (volume.partition(":")[0].removeprefix("./").rstrip("/") for volume in unit.volumes)
    given = [one for one in (*mounted, *(copied.rstrip("/") for copied in unit.copies)) if one not in ("", ".")]
    return any(path == one or path.startswith(f"{one}/") for one in given)


def _answers(route: Route, host: str) -> bool:
    """Whether a route takes what is asked of a host by this name."""
    return not route.hosts or host in route.hosts or route.gateway not in _RULED_BY_HOST


def _taking(routes: Iterable[Route], path: str) -> list[Route]:
    """The routes that may take a path; several where it cannot be told which of them does."""
    told, hole, _ = path.partition(HOLE)
    open_end = bool(hole)
    routes = list(routes)
    plain = [route for route in routes if not route.pattern]
    exact = [route for route in plain if route.exact and route.prefix == path]
    if exact:
        return exact
    sure = [route for route in plain if not route.exact and _begins(route, told, open_end)]
    longest = max((len(route.prefix) for route in sure), default=-1)
    chosen = [route for route in sure if len(route.prefix) == longest]
    may = [route for route in plain if open_end and _may_take(route, told, longest)]
    for route in routes:
        matches = _matches(route, told, open_end) if route.pattern else False
        if matches:
            return [*may, route]
        if matches is None:
            may.append(route)
    return [*chosen, *may]


def _begins(route: Route, told: str, open_end: bool) -> bool:
    if not route.whole or route.prefix.endswith("/"):
        return told.startswith(route.prefix) or (route.whole and not open_end and told == route.prefix.rstrip("/"))
    return told.startswith(f"{route.prefix}/") or (told == route.prefix and not open_end)


def _may_take(route: Route, told: str, longest: int) -> bool:
    """Whether a route takes some of the paths that begin as told, before a prefix of the length ``longest``."""
    return (len(route.prefix) > longest and route.prefix.startswith(told)) or (route.whole and told == route.prefix)


def _matches(route: Route, told: str, open_end: bool) -> bool | None:
    """Whether a pattern takes a path; None where it cannot be told, or where to try it could take for ever."""
    if not (told.startswith(route.prefix) or (open_end and route.prefix.startswith(told))):
        return False
    if open_end or len(told) > _LONGEST_PATH or _COSTLY.search(route.pattern):
        return None
    if len(_REPEATED.findall(route.pattern)) > _MOST_REPEATED:
        return None
    try:
        return re.search(route.pattern, told) is not None
    except (re.error, OverflowError, RecursionError):
        return None


def _rewritten(route: Route, path: str) -> str:
    if route.replacement is None or route.pattern:
        return path
    rest = path[len(route.prefix) :]
    joined = f"{route.replacement.rstrip('/')}/{rest.lstrip('/')}" if rest or route.replacement else "/"
    return joined if joined.startswith("/") else f"/{joined}"
