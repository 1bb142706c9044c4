"""Gateways that are configured in YAML or by labels: Kong, Traefik, Envoy.

Read: Kong's declarative file (``services``, ``routes``, ``upstreams``), Traefik's dynamic file and container labels
(routers, services, ``stripPrefix`` and ``replacePathRegex`` middlewares), Envoy's static resources. A condition beyond
host and path narrows a route in a way that is not told here: the route is taken to be one of several.
Source: Kong Gateway documentation, "Declarative configuration"; Traefik documentation, "Routers"; Envoy API v3.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from quantafit.documents import Mapping as MappingNode
from quantafit.documents import Node
from quantafit.evidence.configuration.nginx import beginning
from quantafit.evidence.configuration.nodes import entries, get, items, place, text, texts
from quantafit.model import Place, Route

_MARKS = re.compile(rb"^_format_version\s*:|^\s*routers\s*:|^\s*-?\s*virtual_hosts\s*:", re.MULTILINE)
_MATCHER = re.compile(r"\b(Host|Path|PathPrefix|PathRegexp)\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_QUOTED = re.compile(r"`([^`]*)`|\"([^\"]*)\"|'([^']*)'")
_LABEL = re.compile(r"traefik\.http\.(routers|services|middlewares)\.([^.=]+)\.(.+)", re.IGNORECASE)
_DEEPEST = 40


def is_candidate(data: bytes) -> bool:
    """Whether a YAML file may configure a gateway: a search in its bytes, without parsing."""
    return _MARKS.search(data) is not None


def routes(path: str, root: Node) -> Iterator[Route]:
    """The routes in a document, whichever of the gateways it is for."""
    if get(root, "_format_version") is not None:
        yield from _kong(path, root)
    elif get(root, "http", "routers") is not None:
        yield from _traefik(path, root)
    else:
        yield from _envoy(path, root)


def host_of(address: str | None) -> str | None:
    """``host:port`` of a URL or of what stands for one."""
    return None if not address else (address.partition("://")[2] or address).partition("/")[0] or None


# Kong -----------------------------------------------------------------------------------------------------------------


def _kong(path: str, root: Node) -> Iterator[Route]:
    balanced = {
        name: [text(get(target, "target")) for target in items(get(upstream, "targets"))]
        for upstream in items(get(root, "upstreams"))
        if (name := text(get(upstream, "name"))) is not None
    }
    named = {text(get(service, "name")): service for service in items(get(root, "services"))}
    for service in items(get(root, "services")):
        for route in items(get(service, "routes")):
            yield from _kong_route(path, route, service, balanced)
    for route in items(get(root, "routes")):
        name = text(get(route, "service", "name")) or text(get(route, "service"))
        yield from _kong_route(path, route, named.get(name), balanced)


def _kong_route(
    path: str, route: Node, service: Node | None, balanced: Mapping[str, list[str | None]]
) -> Iterator[Route]:
    url = text(get(service, "url"))
    host = host_of(url) or text(get(service, "host"))
    base = "/" + ((url or "").partition("://")[2].partition("/")[2] or (text(get(service, "path")) or "").lstrip("/"))
    strip = text(get(route, "strip_path")) != "false"
    hosts = tuple(texts(get(route, "hosts")))
    for prefix in texts(get(route, "paths")) or ("/",):
        regular = prefix.startswith("~")
        replacement = base if strip else None if base == "/" else base.rstrip("/") + prefix
        for upstream in balanced.get((host or "").partition(":")[0]) or [host]:
            yield Route(
                gateway="kong",
                prefix=beginning("^" + prefix[1:].lstrip("^")) if regular else prefix,
                upstream=upstream,
                place=place(path, route),
                hosts=hosts,
                replacement=None if regular else replacement,
                pattern=f"^{prefix[1:].lstrip('^')}" if regular else "",
            )


# Traefik --------------------------------------------------------------------------------------------------------------


def _traefik(path: str, root: Node) -> Iterator[Route]:
    services = {entry.key: _servers(entry.value) for entry in entries(get(root, "http", "services"))}
    stripped = {
        entry.key: texts(get(entry.value, "stripPrefix", "prefixes"))
        for entry in entries(get(root, "http", "middlewares"))
    }
    for entry in entries(get(root, "http", "routers")):
        name = (text(get(entry.value, "service")) or "").partition("@")[0]
        middlewares = [one.partition("@")[0] for one in texts(get(entry.value, "middlewares"))]
        removed = {prefix for one in middlewares for prefix in stripped.get(one, ())}
        for upstream in services.get(name) or [None]:
            rule = text(get(entry.value, "rule"))
            yield from ruled(rule, upstream, place(path, entry), removed)


def _servers(service: Node | None) -> list[str | None]:
    found = [host_of(text(get(one, "url"))) for one in items(get(service, "loadBalancer", "servers"))]
    return list(dict.fromkeys(found))


def ruled(rule: str | None, upstream: str | None, where: Place, removed: Iterable[str] = ()) -> Iterator[Route]:
    """The routes of one of Traefik's rules: ``Host(`shop.example`) && PathPrefix(`/cards`)``."""
    hosts: list[str] = []
    paths: list[tuple[str, str]] = []
    for matcher in _MATCHER.finditer(rule or ""):
        values = ["".join(filter(None, found.groups())) for found in _QUOTED.finditer(matcher[2])]
        if matcher[1] == "Host":
            hosts += [value.lower() for value in values if "$" not in value and "{" not in value]
        else:
            paths += [(matcher[1], value) for value in values]
    removed = set(removed)
    for kind, path in paths or [("PathPrefix", "/")]:
        regular = kind == "PathRegexp" or "{" in path
        pattern = path if kind == "PathRegexp" else re.sub(r"\{[^}]*\}", "[^/]+", f"^{path}")
        yield Route(
            gateway="traefik",
            prefix=beginning(pattern) if regular else path,
            upstream=upstream,
            place=where,
            hosts=tuple(dict.fromkeys(hosts)),
            replacement="/" if path in removed and not regular else None,
            exact=kind == "Path" and not regular,
            pattern=pattern if regular else "",
        )


def labelled(service: str, labels: Iterable[tuple[str, str, Place]]) -> Iterator[Route]:
    """The routes that the labels of a container give Traefik; they lead to the container itself."""
    known: dict[tuple[str, str], dict[str, tuple[str, Place]]] = defaultdict(dict)
    for key, value, where in labels:
        found = _LABEL.fullmatch(key)
        if found is not None:
            known[found[1].lower(), found[2]][found[3].lower()] = (value, where)
    for (kind, _), settings in known.items():
        if kind != "routers" or "rule" not in settings:
            continue
        rule, where = settings["rule"]
        other = settings.get("service", ("", where))[0].partition("@")[0]
        mine = not other or ("services", other) in known or other == service
        middlewares = [one.strip().partition("@")[0] for one in settings.get("middlewares", ("", where))[0].split(",")]
        removed = {
            prefix.strip()
            for one in middlewares
            for prefix in known["middlewares", one].get("stripprefix.prefixes", ("", where))[0].split(",")
        } if middlewares != [""] else set()  # fmt: skip
        yield from ruled(rule, service if mine else None, where, removed)


# Envoy ----------------------------------------------------------------------------------------------------------------


def _envoy(path: str, root: Node) -> Iterator[Route]:
    clusters = {
        name: [
            text(get(one, "endpoint", "address", "socket_address", "address"))
            for group in items(get(cluster, "load_assignment", "endpoints"))
            for one in items(get(group, "lb_endpoints"))
        ]
        for node in _holding(root, "clusters", 0)
        for cluster in items(node.get("clusters"))
        if (name := text(get(cluster, "name"))) is not None
    }
    for node in _holding(root, "virtual_hosts", 0):
        for virtual in items(node.get("virtual_hosts")):
            hosts = tuple(host.partition(":")[0] for host in texts(get(virtual, "domains")) if "*" not in host)
            for route in items(get(virtual, "routes")):
                yield from _envoy_route(path, route, hosts, clusters)


def _envoy_route(
    path: str, route: Node, hosts: tuple[str, ...], clusters: Mapping[str, list[str | None]]
) -> Iterator[Route]:
    match, action = get(route, "match"), get(route, "route")
    exact, pattern = text(get(match, "path")), text(get(match, "safe_regex", "regex")) or ""
    prefix = exact or text(get(match, "prefix")) or text(get(match, "path_separated_prefix"))
    if prefix is None and not pattern:
        return
    cluster = text(get(action, "cluster"))
    for upstream in (clusters.get(cluster or "") or [None]) if action is not None else [""]:
        yield Route(
            gateway="envoy",
            prefix=prefix if prefix is not None else beginning(f"^{pattern}"),
            upstream=upstream,
            place=place(path, route),
            hosts=hosts,
            replacement=text(get(action, "prefix_rewrite")),
            exact=exact is not None,
            pattern=f"^(?:{pattern})$" if pattern and prefix is None else "",
        )


def _holding(node: Node | None, key: str, depth: int) -> Iterator[MappingNode]:
    """The mappings that have a key, however deep."""
    if depth > _DEEPEST:
        return
    if isinstance(node, MappingNode):
        if node.get(key) is not None:
            yield node
        for entry in node.entries:
            yield from _holding(entry.value, key, depth + 1)
    for item in items(node):
        yield from _holding(item, key, depth + 1)
