"""nginx: which locations of which server hand requests on, and where to.

Read: ``upstream``, ``server``, ``server_name``, ``location`` in all forms, ``set``, ``proxy_pass``, ``grpc_pass`` and
``uwsgi_pass``, also in templates whose ``${VARIABLES}`` the container's start puts in. An included file is read for
itself. Source: nginx documentation, "ngx_http_core_module", "ngx_http_proxy_module", "ngx_http_upstream_module".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from quantafit.evidence.configuration.journal import Positions
from quantafit.model import ExaminationError, Place, Route

_NAME = re.compile(r"(?:^|/)(?:nginx[^/]*|default|[\w.-]+)\.conf(?:\.template|\.tpl)?$|(?:^|/)nginx[^/]*\.template$")
_MARK = re.compile(rb"\b(?:proxy_pass|grpc_pass|uwsgi_pass)\s")
_TOKEN = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*)|(?P<end>[;{}])|"(?P<double>(?:[^"\\]|\\.)*+)"|'(?P<single>(?:[^'\\]|\\.)*+)'"""
    r"""|(?P<word>(?:[^\s;{}"'\\$]|\\.|\$\{[^}\s]*\}|\$)+)|(?P<other>.)""",
    re.DOTALL,
)
_PASSES = frozenset({"proxy_pass", "grpc_pass", "uwsgi_pass"})
_SPECIAL = re.compile(r"[\\.*+?()\[\]{}|^$]")
_DEEPEST = 32


def is_candidate(path: str, data: bytes) -> bool:
    """Whether a file may configure nginx as a gateway: by its name, and a search in its bytes."""
    return _NAME.search(path) is not None and _MARK.search(data) is not None


@dataclass(slots=True)
class Directive:
    """``name arguments;`` or ``name arguments { … }``."""

    words: list[str]
    place: Place
    block: list[Directive] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.words[0] if self.words else ""


def parse(text: str, path: str) -> tuple[list[Directive], tuple[ExaminationError, ...]]:
    """The directives in a text, and an error with its place where it is broken. Never raises."""
    positions = Positions(path, text)
    root: list[Directive] = []
    stack = [root]
    words: list[str] = []
    start = 0
    for token in _TOKEN.finditer(text):
        if token["skip"]:
            continue
        end = token["end"]
        if end is None:
            start = start if words else token.start()
            words.append(next(one for one in (token["double"], token["single"], token["word"], token["other"])
                              if one is not None))  # fmt: skip
            continue
        if end == "}":
            if len(stack) == 1:
                return root, (_error(positions, token.start(), "this } closes nothing"),)
            stack.pop()
        elif words:
            made = Directive(words, positions.at(start))
            stack[-1].append(made)
            if end == "{":
                if len(stack) > _DEEPEST:
                    return root, (_error(positions, token.start(), "blocks are nested too deeply to be read"),)
                stack.append(made.block)
        elif end == "{":
            stack.append([])
        words = []
    if len(stack) > 1:
        return root, (_error(positions, len(text), "a { is never closed"),)
    return root, ()


def _error(positions: Positions, offset: int, message: str) -> ExaminationError:
    return ExaminationError(None, message, positions.at(offset))


def routes(directives: list[Directive]) -> Iterator[Route]:
    """A route for each location that hands requests on, and for each that answers by itself."""
    upstreams = {one.words[1]: one for one in _all(directives) if one.name == "upstream" and len(one.words) > 1}
    servers = [one for one in _all(directives) if one.name == "server" and one.block]
    for server in servers:
        names = tuple(
            name for one in server.block if one.name == "server_name" for name in one.words[1:] if _host(name)
        )
        yield from _Server(names, upstreams, _variables(server.block)).locations(server.block)
    if not servers:  # a file that is included in a server
        yield from _Server((), upstreams, _variables(directives)).locations(directives)


def _all(directives: list[Directive]) -> Iterator[Directive]:
    for one in directives:
        yield one
        if one.name in ("http", "stream"):
            yield from _all(one.block)


def _host(name: str) -> bool:
    return re.fullmatch(r"[\w-]+(?:\.[\w-]+)*", name) is not None and name != "_"


def _variables(block: list[Directive]) -> dict[str, str]:
    return {one.words[1].lstrip("$"): one.words[2] for one in block if one.name == "set" and len(one.words) == 3}


@dataclass(frozen=True, slots=True)
class _Server:
    names: tuple[str, ...]
    upstreams: dict[str, Directive]
    variables: dict[str, str]

    def locations(self, block: list[Directive]) -> Iterator[Route]:
        for one in block:
            if one.name == "location" and len(one.words) > 1:
                yield from self._location(one)
                yield from self.locations(one.block)

    def _location(self, location: Directive) -> Iterator[Route]:
        modifier, path = (location.words[1], location.words[2]) if len(location.words) > 2 else ("", location.words[1])
        if modifier == "" and path[:1] in ("=", "~", "^") and len(path) > 1:
            modifier = re.match(r"=|\^~|~\*?|", path)[0]  # type: ignore[index]  # the empty alternative always matches
            path = path[len(modifier) :]
        regular = modifier in ("~", "~*")
        passing = next((inner for inner in location.block if inner.name in _PASSES and len(inner.words) > 1), None)
        place = passing.place if passing is not None else location.place
        upstreams, replacement = self._target(passing, location) if passing is not None else ([""], None)
        for upstream in upstreams:
            yield Route(
                gateway="nginx",
                prefix=beginning(path) if modifier == "~" else "" if regular else path,
                upstream=upstream,
                place=place,
                hosts=self.names,
                replacement=None if regular else replacement,
                exact=modifier == "=",
                pattern=(f"(?i){path}" if modifier == "~*" else path) if regular else "",
            )

    def _target(self, passing: Directive, location: Directive) -> tuple[list[str | None], str | None]:
        """The hosts that a location hands on to, and what its path becomes there."""
        variables = {**self.variables, **_variables(location.block)}
        target = re.sub(r"\$(\w+)", lambda found: variables.get(found[1], found[0]), passing.words[1])
        target = target.partition("://")[2] or target
        host, slash, rest = target.partition("/")
        replacement = f"/{rest}" if slash and "$" not in rest else None
        upstream = self.upstreams.get(host.partition(":")[0])
        if upstream is not None:
            servers = [one.words[1] for one in upstream.block if one.name == "server" and len(one.words) > 1]
            return [None if server.startswith("unix:") else server for server in servers] or [None], replacement
        # A name of nginx's own ($host) is decided at run time; ${NAME} is put in when the container starts.
        unknown = re.search(r"\$(?!\{)", host) is not None or not host
        return [None if unknown else host], replacement


def beginning(pattern: str) -> str:
    """What every path that a regular expression takes begins with, as far as it is written plainly."""
    if not pattern.startswith("^") or "|" in re.sub(r"\([^()]*\)", "", pattern):
        return ""
    plain = pattern[1:].replace(r"\/", "/").replace(r"\-", "-")
    special = _SPECIAL.search(plain)
    if special is None:
        return plain
    repeated = special[0] in "*?{"  # the character before it need not be there
    return plain[: special.start() - 1 if repeated and special.start() else special.start()]
