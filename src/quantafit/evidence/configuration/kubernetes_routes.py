"""Routes into and inside a Kubernetes cluster: Ingress, HTTPRoute, Traefik's IngressRoute, Istio's VirtualService.

Source: Kubernetes API, "Ingress"; Gateway API, "HTTPRoute"; ingress-nginx, "Rewrite"; Istio, "VirtualService".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from quantafit.documents import Node
from quantafit.evidence.configuration.gateways import ruled
from quantafit.evidence.configuration.kubernetes import Manifest, plain_value
from quantafit.evidence.configuration.nginx import beginning
from quantafit.evidence.configuration.nodes import get, items, place, text, texts
from quantafit.model import Place, Route

_REWRITE = "nginx.ingress.kubernetes.io/rewrite-target"


def routes(objects: Iterable[Manifest]) -> Iterator[Route]:
    """The routes that the objects of a cluster describe."""
    for one in objects:
        if one.kind == "Ingress":
            yield from _ingress(one)
        elif one.kind in ("HTTPRoute", "GRPCRoute"):
            yield from _http_route(one)
        elif one.kind == "IngressRoute":
            yield from _ingress_route(one)
        elif one.kind == "VirtualService":
            yield from _virtual_service(one)


def _route(
    prefix: str,
    upstream: str | None,
    where: Place,
    hosts: Iterable[str | None],
    kind: str,
    replacement: str | None = None,
) -> Route:
    """``kind``: ``Exact``, ``Prefix``, ``Regex``; upstream None where it is a template still."""
    regular = kind == "Regex"
    return Route(
        gateway="kubernetes",
        prefix=beginning(f"^{prefix.lstrip('^')}") if regular else prefix,
        upstream=plain_value(upstream),
        place=where,
        hosts=tuple(host.lower() for host in hosts if host and plain_value(host) and "*" not in host),
        replacement=replacement,
        exact=kind == "Exact",
        whole=kind == "Prefix",
        pattern=f"^{prefix.lstrip('^')}" if regular else "",
    )


def _inside(name: str | None, namespace: str | None) -> str | None:
    return f"{name}.{namespace}.svc" if name and namespace else name


def _ingress(one: Manifest) -> Iterator[Route]:
    annotations = get(one.node, "metadata", "annotations")
    rewrite = text(get(annotations, _REWRITE))
    for rule in items(get(one.node, "spec", "rules")):
        hosts = (text(get(rule, "host")),)
        for path in items(get(rule, "http", "paths")):
            written, kind = text(get(path, "path")) or "/", text(get(path, "pathType"))
            regular = re.search(r"[()*+\[\]$]", written) is not None
            name = text(get(path, "backend", "service", "name")) or text(get(path, "backend", "serviceName"))
            how = "Exact" if kind == "Exact" else "Regex" if regular else "Prefix"
            replacement = rewrite if rewrite is not None and "$" not in rewrite else None
            where = place(one.path, path)
            yield _route(written, _inside(name, one.namespace_written), where, hosts, how, replacement)
    default = get(one.node, "spec", "defaultBackend") or get(one.node, "spec", "backend")
    name = text(get(default, "service", "name")) or text(get(default, "serviceName"))
    hosts_of_rules = [text(get(rule, "host")) for rule in items(get(one.node, "spec", "rules"))]
    if name is not None and default is not None:
        upstream = _inside(name, one.namespace_written)
        yield _route("/", upstream, place(one.path, default), hosts_of_rules, "Prefix")


def _http_route(one: Manifest) -> Iterator[Route]:
    hosts = texts(get(one.node, "spec", "hostnames"))
    for rule in items(get(one.node, "spec", "rules")):
        replaced = next(
            (
                text(get(each, "urlRewrite", "path", "replacePrefixMatch"))
                for each in items(get(rule, "filters"))
                if text(get(each, "type")) == "URLRewrite"
            ),
            None,
        )
        matches = items(get(rule, "matches"))
        paths = [(text(get(m, "path", "value")) or "/", text(get(m, "path", "type"))) for m in matches] or [("/", None)]
        for backend in items(get(rule, "backendRefs")):
            namespace = text(get(backend, "namespace")) or one.namespace_written
            upstream = _inside(text(get(backend, "name")), namespace)
            for path, kind in paths:
                how = {"Exact": "Exact", "RegularExpression": "Regex"}.get(kind or "", "Prefix")
                yield _route(path, upstream, place(one.path, rule), hosts, how, replaced)


def _ingress_route(one: Manifest) -> Iterator[Route]:
    for route in items(get(one.node, "spec", "routes")):
        for service in items(get(route, "services")):
            namespace = text(get(service, "namespace")) or one.namespace_written
            upstream = plain_value(_inside(text(get(service, "name")), namespace))
            yield from ruled(plain_value(text(get(route, "match"))), upstream, place(one.path, route))


def _virtual_service(one: Manifest) -> Iterator[Route]:
    hosts = texts(get(one.node, "spec", "hosts"))
    for rule in items(get(one.node, "spec", "http")):
        uris: list[Node | None] = [get(match, "uri") for match in items(get(rule, "match"))] or [None]
        rewrite = text(get(rule, "rewrite", "uri"))
        for destination in items(get(rule, "route")):
            upstream = text(get(destination, "destination", "host"))
            for uri in uris:
                exact, pattern = text(get(uri, "exact")), text(get(uri, "regex"))
                path = exact or pattern or text(get(uri, "prefix")) or "/"
                how = "Exact" if exact else "Regex" if pattern else "Written"
                yield _route(path, upstream, place(one.path, rule), hosts, how, rewrite)
