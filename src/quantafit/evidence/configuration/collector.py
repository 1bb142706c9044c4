"""Finding the configuration files of a tree and putting together what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from quantafit.documents import Node
from quantafit.evidence.configuration import kubernetes, rabbitmq
from quantafit.evidence.configuration.compose import ComposeFile, Extends, Service, is_compose, is_compose_file, resolve
from quantafit.evidence.configuration.dockerfile import is_dockerfile
from quantafit.evidence.configuration.env_file import is_env_file, values
from quantafit.evidence.configuration.journal import Journal
from quantafit.evidence.configuration.paths import folder_of, is_test, under
from quantafit.evidence.configuration.units import Workshop, sharing_images
from quantafit.model import Configuration, Unit
from quantafit.workspace import Workspace

_SERVICES = re.compile(rb"^[\"']?services[\"']?\s*:", re.MULTILINE)


class Collector:
    """Collects the configuration evidence of one tree, once."""

    def __init__(self, workspace: Workspace) -> None:
        self._journal = Journal(workspace)
        self._workshop = Workshop(self._journal)
        self._files = tuple(path for path in workspace.files if not is_test(path))
        self._compose: dict[str, dict[str, tuple[Service, Extends | None]]] = {}
        self._referred: set[str] = set()
        self._manifests: list[kubernetes.Manifest] = []
        self._definitions: list[rabbitmq.Definitions] = []

    def collect(self) -> Configuration:
        for path in filter(is_env_file, self._files):
            self._workshop.bindings(path)
        for path in self._files:
            self._look_at(path)
        self._add_referred()
        units = tuple(self._units())
        return Configuration(
            units=units,
            env_files=MappingProxyType(dict(sorted(self._workshop.env_files.items()))),
            queues=tuple(queue for one in self._definitions for queue in one.queues()),
            exchanges=tuple(exchange for one in self._definitions for exchange in one.exchanges()),
            bindings=tuple(binding for one in self._definitions for binding in one.bindings()),
            policies=tuple(policy for one in self._definitions for policy in one.policies()),
            files=tuple(sorted(self._journal.files)),
            errors=tuple(sorted(set(self._journal.errors), key=lambda error: (error.place, error.message))),
        )

    def _look_at(self, path: str) -> None:
        if is_compose_file(path):
            self._add_compose(path)
        elif path.endswith((".yaml", ".yml")):
            self._look_at_yaml(path)
        elif path.endswith(".json"):
            self._look_at_json(path)

    def _look_at_yaml(self, path: str) -> None:
        data = self._journal.glance(path)
        if kubernetes.is_candidate(data):
            documents = self._parsed(path, data, must=not kubernetes.is_template(data))
            self._manifests += kubernetes.manifests(path, documents)
        elif _SERVICES.search(data):
            documents = self._parsed(path, data, must=False)
            if len(documents) == 1 and is_compose(documents[0]):
                self._take_compose(path, documents[0])

    def _look_at_json(self, path: str) -> None:
        data = self._journal.glance(path)
        if rabbitmq.is_candidate(path, data):
            for root in self._parsed(path, rabbitmq.spaced(data), must=True):
                if rabbitmq.is_definitions(root):
                    self._definitions.append(rabbitmq.Definitions(path, root, self._journal))

    def _parsed(self, path: str, data: bytes, *, must: bool) -> tuple[Node, ...]:
        """The documents of a file; where it need not be configuration, one that cannot be parsed is none."""
        if must:
            return self._journal.documents(path, data)
        trial = Journal(self._journal.workspace)
        documents = trial.documents(path, data)
        if documents:
            self._journal.files.add(path)
        return documents

    def _add_compose(self, path: str) -> None:
        data = self._journal.read(path)
        for root in self._journal.documents(path, data) if data is not None else ():
            self._take_compose(path, root)

    def _take_compose(self, path: str, root: Node) -> None:
        beside = under(folder_of(path), ".env")
        bindings = self._workshop.env_files.get(beside or "", ())
        file = ComposeFile(path, root, values(bindings), self._journal)
        self._compose[path] = {**self._compose.get(path, {}), **file.services()}
        self._referred |= set(file.referred())

    def _add_referred(self) -> None:
        """Files under any name are compose files when one of them says so."""
        while new := sorted(self._referred.intersection(self._files).difference(self._compose)):
            for path in new:
                self._compose[path] = {}
                self._add_compose(path)

    def _units(self) -> Iterator[Unit]:
        services = sharing_images(resolve(dict(sorted(self._compose.items())), self._journal))
        of_compose = [self._workshop.from_service(service) for service in services]
        yield from of_compose
        yield from kubernetes.units(self._manifests)
        yield from self._lone_dockerfiles({unit.dockerfile for unit in of_compose})

    def _lone_dockerfiles(self, referred: set[str | None]) -> Iterator[Unit]:
        for path in filter(is_dockerfile, self._files):
            unit = self._workshop.from_dockerfile(path) if path not in referred else None
            if unit is not None:
                yield unit
