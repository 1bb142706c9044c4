"""Finding the configuration files of a tree and putting together what they say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import MappingProxyType

from quantafit.documents import Node
from quantafit.evidence.configuration import (
    asyncapi,
    cloudformation,
    gateways,
    helm,
    kubernetes,
    kubernetes_routes,
    kustomize,
    nginx,
    processes,
    projects,
    rabbitmq,
    sql_links,
    terraform,
)
from quantafit.evidence.configuration.compose import (
    ComposeFile,
    Extends,
    Service,
    is_compose,
    is_compose_file,
    linked,
    resolve,
)
from quantafit.evidence.configuration.dockerfile import is_dockerfile
from quantafit.evidence.configuration.env_file import is_env_file, values
from quantafit.evidence.configuration.journal import Journal
from quantafit.evidence.configuration.nodes import entries, get, text
from quantafit.evidence.configuration.paths import folder_of, is_test, under
from quantafit.evidence.configuration.requirements import installed
from quantafit.evidence.configuration.settings_file import bindings, is_settings_file
from quantafit.evidence.configuration.units import Workshop, sharing_images
from quantafit.model import (
    Binding,
    Configuration,
    ConsoleScript,
    DatabaseLink,
    DocumentedChannel,
    Pin,
    Publication,
    QueueBinding,
    Route,
    Unit,
)
from quantafit.workspace import Workspace

_SERVICES = re.compile(rb"^[\"']?services[\"']?\s*:", re.MULTILINE)


class Collector:
    """Collects the configuration evidence of one tree, once."""

    def __init__(self, workspace: Workspace) -> None:
        self._journal = Journal(workspace)
        self._workshop = Workshop(self._journal)
        self._files = tuple(path for path in workspace.files if not is_test(path))
        self._compose: dict[str, dict[str, tuple[Service, Extends | None]]] = {}
        self._referred: dict[str, str] = {}
        """Compose files that another one includes or extends, and which one that is."""
        self._projects: dict[str, str | None] = {}
        self._settings: dict[str, tuple[Binding, ...]] = {}
        self._manifests: list[kubernetes.Manifest] = []
        self._left_open: list[Unit] = []
        self._processes: list[Unit] = []
        self._links: list[DatabaseLink] = []
        self._published: list[Publication] = []
        self._documented: list[DocumentedChannel] = []
        self._terraform: list[tuple[str, str]] = []
        self._kustomizations: list[tuple[str, Node]] = []
        self._routes: list[Route] = []
        self._labelled: list[Route] = []
        self._definitions: list[rabbitmq.Definitions] = []
        self._subscribed: list[QueueBinding] = []
        self._pins: list[Pin] = []
        self._scripts: list[ConsoleScript] = []

    def collect(self) -> Configuration:
        for path in filter(is_env_file, self._files):
            self._workshop.bindings(path)
        known = frozenset(self._files)
        charts = [helm.Chart(folder, self._files, self._journal, known) for folder in helm.charts(self._files)]
        for path in self._files:
            if not any(chart.owns(path) for chart in charts):
                self._look_at(path)
        for chart in charts:
            for path, documents in chart.documents():
                self._take_manifests(path, documents)
            self._left_open += chart.left_open.values()
        self._add_referred()
        units = tuple(self._units())
        for path, dockerfile in self._workshop.dockerfiles.items():
            self._add_pins(path, installed(dockerfile, path))
        return Configuration(
            units=units,
            env_files=MappingProxyType(dict(sorted(self._workshop.env_files.items()))),
            settings=MappingProxyType(self._settings),
            routes=(*self._routes, *kubernetes_routes.routes(self._manifests), *self._labelled),
            links=sql_links.joined(self._links, self._published),
            publications=tuple(self._published),
            documented=tuple(self._documented),
            queues=tuple(queue for one in self._definitions for queue in one.queues()),
            exchanges=tuple(exchange for one in self._definitions for exchange in one.exchanges()),
            bindings=(
                *(binding for one in self._definitions for binding in one.bindings()),
                *self._subscribed,
                *terraform.subscriptions(self._terraform),
            ),
            policies=tuple(policy for one in self._definitions for policy in one.policies()),
            pins=tuple(self._pins),
            scripts=tuple(self._scripts),
            files=tuple(sorted(self._journal.files)),
            errors=tuple(sorted(set(self._journal.errors), key=lambda error: (error.place, error.message))),
        )

    def _look_at(self, path: str) -> None:
        if is_settings_file(path) and (entries_of := bindings(path, self._journal.glance(path))):
            self._settings[path] = entries_of
        reading = projects.reader(path)
        if reading is not None:
            self._add_pins(path, reading(path, self._journal))
            self._scripts += projects.scripts(path, self._journal)
        if is_compose_file(path):
            self._add_compose(path)
        elif kustomize.is_kustomization(path):
            for root in self._journal.documents(path, self._journal.glance(path)):
                self._kustomizations.append((path, root))
                self._manifests += kustomize.generated(path, root, self._workshop)
                self._manifests += kustomize.inline(path, root, self._journal)
        elif path.endswith((".yaml", ".yml")):
            self._look_at_yaml(path)
        elif path.endswith(".json"):
            self._look_at_json(path)
        elif processes.is_process_file(path):
            self._processes += processes.processes(path, self._journal.text(path) or "")
        elif path.endswith((".conf", ".ini", ".template", ".tpl")):
            self._look_at_conf(path)
        elif path.endswith(".tf"):
            self._terraform.append((path, self._journal.text(path) or ""))
        elif path.endswith((".sql", ".ddl", ".psql")) and sql_links.is_candidate(data := self._journal.glance(path)):
            self._links += sql_links.links(path, data.decode(errors="replace"))
            self._published += sql_links.publications(path, data.decode(errors="replace"))

    def _look_at_conf(self, path: str) -> None:
        if processes.may_be_supervisor(path, self._journal.glance(path)):
            self._processes += processes.processes(path, self._journal.text(path) or "")
        if nginx.is_candidate(path, self._journal.glance(path)):
            directives, errors = nginx.parse(self._journal.text(path) or "", path)
            self._journal.errors += errors
            self._routes += nginx.routes(directives)

    def _add_pins(self, path: str, pins: Iterable[Pin]) -> None:
        found = tuple(pins)
        self._journal.files |= {path} if found else set()
        self._pins.extend(found)

    def _look_at_yaml(self, path: str) -> None:
        data = self._journal.glance(path)
        if kubernetes.is_candidate(data):
            must = not kubernetes.is_template(data)
            self._take_manifests(path, self._journal.documents(path, data) if must else self._tried(path, data))
        elif _SERVICES.search(data):
            for root in filter(is_compose, self._tried(path, data)):
                self._journal.files.add(path)
                self._take_compose(path, root)
        if processes.is_candidate(data):
            self._take_specified(path, data)
        if asyncapi.is_candidate(data):
            self._documented += (one for root in self._tried(path, data) for one in asyncapi.channels(path, root))
        if cloudformation.is_candidate(data):
            self._take_template(path, data)
        if gateways.is_candidate(data):
            found = [route for root in self._tried(path, data) for route in gateways.routes(path, root)]
            self._routes += found
            self._journal.files |= {route.place.path for route in found}

    def _take_specified(self, path: str, data: bytes) -> None:
        found = [unit for root in self._tried(path, data) for unit in processes.specified(path, root)]
        self._processes += found
        self._journal.files |= {unit.place.path for unit in found}

    def _take_manifests(self, path: str, documents: Iterable[Node]) -> None:
        for manifest in kubernetes.manifests(path, documents):
            self._journal.files.add(path)
            self._manifests.append(manifest)
            if manifest.kind == "ConfigMap":
                self._look_inside(path, (entry.value for entry in entries(manifest.node.get("data"))))

    def _look_at_json(self, path: str) -> None:
        data = self._journal.glance(path)
        if processes.is_candidate(data):
            self._take_specified(path, data)
        if asyncapi.is_candidate(data):
            self._documented += (one for root in self._tried(path, data) for one in asyncapi.channels(path, root))
        if rabbitmq.is_candidate(path, data):
            self._add_definitions(path, rabbitmq.spaced(data))
        if cloudformation.is_candidate(data):
            self._take_template(path, rabbitmq.spaced(data))

    def _take_template(self, path: str, data: bytes) -> None:
        found = [binding for root in self._tried(path, data) for binding in cloudformation.bindings(path, root)]
        self._subscribed += found
        self._journal.files |= {binding.place.path for binding in found}

    def _look_inside(self, path: str, values: Iterable[Node | None]) -> None:
        """Definitions that stand in another file, as the text of one value."""
        for value in values:
            written = text(value) or ""
            data = rabbitmq.spaced(written.encode(errors="replace"))
            if value is not None and rabbitmq.is_candidate(path, data):
                # A block begins on the line after its indicator; empty lines before it keep the places right.
                self._add_definitions(path, b"\n" * (value.line if "\n" in written else value.line - 1) + data)

    def _add_definitions(self, path: str, data: bytes) -> None:
        for root in self._journal.documents(path, data):
            if rabbitmq.is_definitions(root):
                self._definitions.append(rabbitmq.Definitions(path, root, self._journal))

    def _tried(self, path: str, data: bytes) -> tuple[Node, ...]:
        """The documents of a file that need not be configuration: one that cannot be parsed has none."""
        return Journal(self._journal.workspace).documents(path, data)

    def _add_compose(self, path: str) -> None:
        data = self._journal.read(path)
        for root in self._journal.documents(path, data) if data is not None else ():
            self._take_compose(path, root)

    def _take_compose(self, path: str, root: Node) -> None:
        beside = under(folder_of(path), ".env")
        bindings = self._workshop.env_files.get(beside or "", ())
        file = ComposeFile(path, root, values(bindings), self._journal)
        self._compose[path] = {**self._compose.get(path, {}), **file.services()}
        self._projects[path] = file.project()
        for referred in file.referred():
            self._referred.setdefault(referred, path)
        self._look_inside(path, (get(entry.value, "content") for entry in entries(get(root, "configs"))))

    def _add_referred(self) -> None:
        """Files under any name are compose files when one of them says so."""
        files = self._journal.workspace.files
        while new := sorted(self._referred.keys() & set(files) - self._compose.keys()):
            for path in new:
                self._compose[path] = {}
                self._add_compose(path)

    def _units(self) -> Iterator[Unit]:
        services = tuple(linked(sharing_images(resolve(dict(sorted(self._compose.items())), self._journal))))
        for service in services:
            self._labelled += gateways.labelled(service.name, service.labels)
        of_compose = [
            replace(self._workshop.from_service(service), project=self._project(service.place.path))
            for service in services
        ]
        yield from of_compose
        yield from kubernetes.units(self._manifests)
        for path, root in self._kustomizations:
            yield from kustomize.patched(path, root, self._manifests, self._journal)
        yield from self._left_open
        yield from self._processes
        known = terraform.all_defaults(self._terraform)
        for path, source in self._terraform:
            yield from terraform.units(path, source, known.get(folder_of(path), {}))
        yield from self._lone_dockerfiles({unit.dockerfile for unit in of_compose})

    def _project(self, path: str) -> str | None:
        """The compose project of a file: that of the file which includes it, where one does."""
        seen: set[str] = set()
        while path in self._referred and path not in seen:
            seen.add(path)
            path = self._referred[path]
        return self._projects.get(path)

    def _lone_dockerfiles(self, referred: set[str | None]) -> Iterator[Unit]:
        for path in filter(is_dockerfile, self._files):
            unit = self._workshop.from_dockerfile(path) if path not in referred else None
            if unit is not None:
                yield unit
