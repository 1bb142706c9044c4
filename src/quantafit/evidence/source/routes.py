"""The paths that a program serves: each route's own, after what its router and those around it put before it.

A router is known by where it was made, and a module of Django's, whose list of routes others include, by its file. What
is put before a path and is not known leaves the whole path unknown: ``?``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TypeAlias

from quantafit.evidence.source.values import NONE, Const, Env, Made, Module, Site, Text, Value, options

Router: TypeAlias = Site | str
INCLUDE = "django.urls.Include"
_UNKNOWN = "?"
_MOST_AROUND = 8
"""So many routers lie inside one another."""
_MOST_PATHS = 16
"""So many paths lead to one route; past that, some of them are not told."""
_GROUP = re.compile(r"\(\?P<(\w+)>[^()]*\)")


class Routes:
    """What is served, and which router is a part of which."""

    def __init__(self) -> None:
        self._served: dict[tuple[str, str, Site], tuple[tuple[Router, str], ...]] = {}
        self._around: dict[Router, dict[Site, tuple[tuple[tuple[Router, str], ...], str, bool]]] = defaultdict(dict)

    def serve(self, mechanism: str, site: Site, slots: Mapping[str, Value]) -> None:
        """A route; ``on`` is its router. With ``view`` it may be one that hands on to the routes of another module."""
        name = _known(slots.get("name", NONE), _UNKNOWN)
        included = [one for one in options(slots.get("view", NONE)) if isinstance(one, Made) and one.type == INCLUDE]
        if included:
            for one in included:
                for inner in options(one.slot("of") or NONE):
                    self._put(inner, ((site.path, ""),), name, False, site)
            return
        on = ((site.path, ""),) if "view" in slots else _routers(slots.get("on", NONE))
        self._served[mechanism, _plain(name), site] = on
        if "items" in slots:
            self._served[mechanism, _plain(f"{name.rstrip('/')}/{{}}"), site] = on

    def mount(self, site: Site, slots: Mapping[str, Value]) -> None:
        """A router ``of`` becomes a part of the one ``on`` which it is put; with ``instead`` its own prefix goes."""
        prefix = _known(slots.get("prefix", NONE), _UNKNOWN)
        for inner in options(slots.get("of", NONE)):
            self._put(inner, _routers(slots.get("on", NONE)), prefix, "instead" in slots and prefix != "", site)

    def _put(self, inner: Value, on: tuple[tuple[Router, str], ...], prefix: str, instead: bool, site: Site) -> None:
        router = inner.path if isinstance(inner, Module) else inner.site if isinstance(inner, Made) else None
        if router is not None:
            self._around[router][site] = (on, prefix, instead)

    def __iter__(self) -> Iterator[tuple[str, str, Site]]:
        """Mechanism, whole path and place of each."""
        for (mechanism, name, site), on in self._served.items():
            found = (_joined(start, name) for router in on for start in self._before(router, _MOST_AROUND))
            paths = dict.fromkeys(islice(found, _MOST_PATHS)) if on else {name: None}
            for path in paths:
                yield mechanism, path, site

    def _before(self, router: tuple[Router, str], depth: int) -> Iterator[str]:
        """What stands before the paths of a router: once for each place at which it is put on another."""
        key, own = router
        around = self._around.get(key)
        if not around or not depth:
            yield own
            return
        for on, prefix, instead in around.values():
            inner = prefix if instead else _joined(prefix, own) if own else prefix
            starts = (start for outer in on for start in self._before(outer, depth - 1)) if on else iter(("",))
            yield from (_joined(start, inner) if inner else start for start in starts)


def _routers(value: Value) -> tuple[tuple[Router, str], ...]:
    made = (one for one in options(value) if isinstance(one, Made))
    return tuple((one.site, _known(one.slot("prefix") or NONE, _UNKNOWN)) for one in made if one.site is not None)


def _known(value: Value, otherwise: str) -> str:
    """A text as far as the code says it: a variable is what it is by default."""
    match value:
        case Const(None):
            return ""
        case Const(str(found)):
            return found
        case Env(_, default) if default is not None:
            return _known(default, otherwise)
        case Text(parts):
            known = [_known(part, _UNKNOWN) for part in parts]
            return otherwise if _UNKNOWN in known else "".join(known)
    return otherwise


def _joined(start: str, path: str) -> str:
    if _UNKNOWN in (start, path):
        return _UNKNOWN
    return f"{start.rstrip('/')}/{path.lstrip('/')}" if start and path else start or path


def _plain(path: str) -> str:
    """A path that is written as a regular expression, as a template."""
    if not path.startswith("^") and "(?P<" not in path:
        return path
    return _GROUP.sub(r"{\1}", path).removeprefix("^").removesuffix("$")
