"""Kubernetes manifests: workloads, what they are given and run, and the names under which services reach them.

Read: documents with ``apiVersion`` and ``kind``, several in a file and inside lists. Helm templates are no manifests
before they are rendered: they are passed over. A value of a Secret is kept only where it is an address.
Source: Kubernetes API reference; "DNS for Services and Pods"; "Define Dependent Environment Variables".
"""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, takewhile

from quantafit.documents import Mapping as MappingNode
from quantafit.documents import Node, Sequence
from quantafit.evidence.configuration.commands import command_line
from quantafit.evidence.configuration.dockerfile import merged
from quantafit.evidence.configuration.go_template import UNKNOWN
from quantafit.evidence.configuration.nodes import entries, get, items, place, text, text_items, texts
from quantafit.evidence.configuration.paths import folder_of
from quantafit.model import Binding, Place, Unit

_POD_TEMPLATES = {
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "Deployment": ("spec", "template", "spec"),
    "DeploymentConfig": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "Pod": ("spec",),
    "ReplicaSet": ("spec", "template", "spec"),
    "ReplicationController": ("spec", "template", "spec"),
    "Rollout": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
}
_NO_ADDRESS = "ExternalName"
_ROUTES = ("Ingress", "HTTPRoute", "GRPCRoute", "IngressRoute", "VirtualService")
_KINDS = "|".join([*_POD_TEMPLATES, *_ROUTES, "Service", "ConfigMap", "Secret", r"\w*List"])
_API_VERSION = re.compile(rb"^[ \t]*(?:-[ \t]+)?apiVersion:", re.MULTILINE)
_KIND = re.compile(rf"^[ \t]*(?:-[ \t]+)?kind:[ \t]*[\"']?(?:{_KINDS})\b".encode(), re.MULTILINE)
_TEMPLATE = b"{{"
_LONGEST = 8_192
_VARIABLE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_]*)\)|\$")


def is_candidate(data: bytes) -> bool:
    """Whether a file may hold a manifest of a kind that is read here: a search in its bytes, without parsing."""
    return _API_VERSION.search(data) is not None and _KIND.search(data) is not None


def is_template(data: bytes) -> bool:
    """Whether a file has template expressions, so that it need not be YAML before it is rendered."""
    return _TEMPLATE in data


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object of the Kubernetes API, with the file it stands in."""

    path: str
    kind: str
    api_version: str
    node: MappingNode

    @property
    def name(self) -> str:
        return text(get(self.node, "metadata", "name")) or ""

    @property
    def namespace(self) -> str:
        return self.namespace_written or "default"

    @property
    def namespace_written(self) -> str | None:
        """The namespace where the manifest names one; else it is that of whoever applies it."""
        return text(get(self.node, "metadata", "namespace"))

    @property
    def place(self) -> Place:
        name = get(self.node, "metadata", "name")
        return place(self.path, name if name is not None else self.node)


def manifests(path: str, documents: Iterable[Node]) -> Iterator[Manifest]:
    """The objects in the documents of one file, those inside lists included."""
    pending = list(documents)[::-1]
    while pending:
        node = pending.pop()
        kind, api_version = text(get(node, "kind")), text(get(node, "apiVersion"))
        if kind is None or api_version is None or not isinstance(node, MappingNode):
            continue
        if kind.endswith("List") and isinstance(node.get("items"), Sequence):
            pending += items(node.get("items"))[::-1]
        elif plain_value(text(get(node, "metadata", "name"))) is not None:
            yield Manifest(path, kind, api_version, node)


def units(objects: Iterable[Manifest]) -> Iterator[Unit]:
    """A deployment unit for each workload, with the environment that config maps of the same tree give it."""
    objects = tuple(objects)
    cluster = _Cluster(objects)
    for workload in objects:
        template = pod_template(workload)
        if template is not None and workload.name:
            yield cluster.unit(workload, template)


def pod_template(manifest: Manifest) -> Node | None:
    """What a workload's pods are made from; None where it is no workload."""
    if manifest.kind == "Service" and manifest.api_version.startswith("serving.knative.dev/"):
        return get(manifest.node, "spec", "template", "spec")
    keys = _POD_TEMPLATES.get(manifest.kind)
    return get(manifest.node, *keys) if keys else None


class _Cluster:
    """What workloads refer to: config maps and secrets by kind and name, services by namespace."""

    def __init__(self, objects: Iterable[Manifest]) -> None:
        self._named: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
        self._addresses: dict[str, tuple[Binding, ...]] = {}
        self._services: dict[str, list[tuple[Manifest, frozenset[tuple[str, str]]]]] = defaultdict(list)
        for one in objects:
            if one.kind == "Service" and one.name:
                selector = frozenset(text_items(get(one.node, "spec", "selector")))
                self._services[one.namespace].append((one, selector))
            elif one.kind in ("ConfigMap", "Secret"):
                self._named[one.kind, one.name].append(one)

    def unit(self, workload: Manifest, template: Node) -> Unit:
        containers = [one for key in ("containers", "initContainers") for one in items(get(template, key))]
        first = containers[0] if containers else None
        return Unit(
            name=workload.name,
            place=workload.place,
            hosts=tuple(dict.fromkeys(self._hosts(workload))),
            command=command_line(texts(get(first, "command")) or None, texts(get(first, "args")) or None),
            image=text(get(first, "image")),
            # The first container is the workload itself; what its sidecars are given counts where it says nothing.
            environment=merged(*(self._environment(workload, one) for one in reversed(containers))),
            volumes=tuple(_volumes(workload, template, containers)),
            ports=tuple(port for one in containers for port in _ports(one)),
            working_dir=text(get(first, "workingDir")),
            # The containers of a pod share one network.
            alone=len(items(get(template, "containers"))) == 1 and text(get(template, "hostNetwork")) != "true",
            given=self._given(workload, template),
        )

    def _given(self, workload: Manifest, template: Node) -> tuple[Binding, ...]:
        """Where each service of the namespace is, as pods are told by variables (``PAY_SERVICE_HOST`` of ``pay``).

        A service without an address of its own has none. An address is one of the cluster's; its name stands for it.
        """
        if text(get(template, "enableServiceLinks")) == "false":
            return ()
        if workload.namespace not in self._addresses:
            services = (service for service, _ in self._services.get(workload.namespace, ()))
            self._addresses[workload.namespace] = tuple(one for service in services for one in _address(service))
        return self._addresses[workload.namespace]

    def _hosts(self, workload: Manifest) -> Iterator[str]:
        labels = frozenset(text_items(_labels(workload)))
        for service, selector in self._services.get(workload.namespace, ()):
            if service is workload or (selector and selector <= labels):
                yield from _service_names(service)

    def _environment(self, workload: Manifest, container: Node) -> tuple[Binding, ...]:
        bindings: dict[str, Binding] = {}
        for item in items(get(container, "envFrom")):
            prefix = text(get(item, "prefix")) or ""
            for binding in self._values(workload, item, "configMapRef", "secretRef"):
                bindings[prefix + binding.name] = replace(binding, name=prefix + binding.name)
        for item in items(get(container, "env")):
            name = text(get(item, "name"))
            if name is not None:
                bindings[name] = self._binding(workload, name, item, bindings)
        return tuple(bindings.values())

    def _binding(self, workload: Manifest, name: str, item: Node, known: Mapping[str, Binding]) -> Binding:
        source = get(item, "valueFrom")
        if source is None:
            value = plain_value(text(get(item, "value")) or "")
            return Binding(name, value and _expanded(value, known), place(workload.path, item))
        for kind in ("configMapKeyRef", "secretKeyRef"):
            key = text(get(source, kind, "key"))
            for binding in self._values(workload, source, kind):
                if binding.name == key:
                    return replace(binding, name=name)
        return Binding(name, None, place(workload.path, item))

    def _values(self, workload: Manifest, node: Node, *references: str) -> tuple[Binding, ...]:
        """What the config map or the secret that ``node`` refers to holds."""
        for reference in references:
            kind = "Secret" if reference.startswith("secret") else "ConfigMap"
            source = self._find(kind, text(get(node, reference, "name")), workload)
            if source is not None:
                return tuple(_secret_data(source) if kind == "Secret" else _config_data(source))
        return ()

    def _find(self, kind: str, name: str | None, near: Manifest) -> Manifest | None:
        """The object of that kind and name: in the same namespace rather than another, and in the nearest folder."""
        found = self._named.get((kind, name), ()) if name is not None else ()
        return max(found, key=lambda one: _nearness(one, near), default=None)


def _address(service: Manifest) -> Iterator[Binding]:
    """The variables that tell pods where a service is. Source: Kubernetes, "Service", "Environment variables"."""
    spec = get(service.node, "spec")
    if service.api_version != "v1" or text(get(spec, "clusterIP")) == "None" or text(get(spec, "type")) == _NO_ADDRESS:
        return
    name = service.name.upper().replace("-", "_")
    yield Binding(f"{name}_SERVICE_HOST", service.name, service.place)
    for port in islice(items(get(spec, "ports")), 1):
        yield Binding(f"{name}_SERVICE_PORT", text(get(port, "port")), service.place)


def _nearness(one: Manifest, other: Manifest) -> tuple[bool, int]:
    """The same namespace, then the number of folders that the paths have in common."""
    pairs = zip(folder_of(one.path).split("/"), folder_of(other.path).split("/"), strict=False)
    return one.namespace == other.namespace, sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _labels(workload: Manifest) -> Node | None:
    if workload.kind == "Pod":
        return get(workload.node, "metadata", "labels")
    keys = _POD_TEMPLATES.get(workload.kind, ())
    return get(workload.node, *keys[:-1], "metadata", "labels")


def _service_names(service: Manifest) -> Iterator[str]:
    long = f"{service.name}.{service.namespace}"
    yield from (service.name, long, f"{long}.svc", f"{long}.svc.cluster.local")


def _config_data(source: Manifest) -> Iterator[Binding]:
    for entry in entries(source.node.get("data")):
        value = plain_value(text(entry.value))
        yield Binding(entry.key, value and value.replace("$", "$$"), place(source.path, entry))


def _secret_data(source: Manifest) -> Iterator[Binding]:
    """The names in a secret, with those values that are addresses. What else it holds is not looked at further."""
    for key, decode in (("data", _decoded), ("stringData", str)):
        for entry in entries(source.node.get(key)):
            value = decode(text(entry.value) or "")
            address = plain_value(value.replace("$", "$$")) if "://" in value else None
            yield Binding(entry.key, address, place(source.path, entry))


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except ValueError:
        return ""


def plain_value(value: str | None) -> str | None:
    """The value; None where the value is still a template: it is unknown before it is rendered."""
    return None if value is None or "{{" in value or UNKNOWN in value else value


def _expanded(value: str, known: Mapping[str, Binding]) -> str | None:
    """``$(NAME)`` replaced by variables that were set before; other dollar signs doubled, since here they are text.

    None where the value grows beyond what an address could be: variables that repeat each other could fill any memory.
    """

    def replaced(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "$$"
        binding = known.get(name)
        return binding.value if binding is not None and binding.value is not None else f"${{{name}}}"

    if "$(" not in value:
        return value.replace("$$", "$").replace("$", "$$")
    expanded = _VARIABLE.sub(replaced, value) if len(value) <= _LONGEST else None
    return expanded if expanded is not None and len(expanded) <= _LONGEST else None


def _ports(container: Node) -> Iterator[str]:
    for item in items(get(container, "ports")):
        port = text(get(item, "containerPort"))
        if port is not None:
            yield port


def _volumes(workload: Manifest, template: Node, containers: Iterable[Node]) -> Iterator[str]:
    """Mounts as ``source:path``. ``emptyDir`` stands for storage that ends with the pod."""
    sources = {text(get(one, "name")): _volume_source(one) for one in items(get(template, "volumes"))}
    for claim in items(get(workload.node, "spec", "volumeClaimTemplates")):
        sources[text(get(claim, "metadata", "name"))] = text(get(claim, "metadata", "name"))
    for container in containers:
        for mount in items(get(container, "volumeMounts")):
            source, path = sources.get(text(get(mount, "name"))), text(get(mount, "mountPath"))
            if source is not None and path is not None:
                yield f"{source}:{path}"


def _volume_source(volume: Node) -> str | None:
    if get(volume, "emptyDir") is not None:
        return "emptyDir"
    return text(get(volume, "persistentVolumeClaim", "claimName")) or text(get(volume, "hostPath", "path"))
