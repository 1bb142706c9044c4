"""Compose files: services, what they are built from, called, bound to and run.

Read: ``services`` with anchors, merge keys and ``extends``; all other keys of a service that say where its code comes
from, under which names it is reached and what it is given. Paths are relative to the compose file's folder; variables
in paths and names are replaced from the ``.env`` beside it, those in values stay as written.
Source: Compose specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from quantafit.documents import Mapping as MappingNode
from quantafit.documents import Node, Scalar, Sequence, kind_of
from quantafit.evidence.configuration.commands import Command
from quantafit.evidence.configuration.dockerfile import merged
from quantafit.evidence.configuration.journal import Journal
from quantafit.evidence.configuration.nodes import entries, get, items, place, text, text_items, texts
from quantafit.evidence.configuration.paths import folder_of, under
from quantafit.model import Binding, Place
from quantafit.workspace import interpolate

# compose.yaml, compose.prod.yml, docker-compose.yml, docker-compose-dev.yaml, local.compose.yaml, podman-compose.yml
_NAME = re.compile(r"(?:.*[._-])?compose(?:[._-].*)?\.ya?ml\Z")
_DEEPEST = 50
_BASE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")

Item = TypeVar("Item")


def is_compose_file(path: str) -> bool:
    """Whether a file is a compose file by its name."""
    return _NAME.match(path.rpartition("/")[2]) is not None


@dataclass(frozen=True, slots=True)
class Build:
    """What a service is built from. ``context`` and ``dockerfile`` are paths under the root; None: not in this tree."""

    place: Place
    context: str | None
    dockerfile: str | None
    target: str | None = None
    arguments: tuple[tuple[str, str], ...] = ()
    inline: tuple[str, int] | None = None
    """A Dockerfile written here, and the line it begins on."""


@dataclass(frozen=True, slots=True)
class EnvFile:
    """A reference to an environment file. ``path`` is under the root; None: it lies elsewhere."""

    path: str | None
    required: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Service:
    """One service as its file says it, before environment files and Dockerfiles are looked at."""

    name: str
    place: Place
    build: Build | None = None
    image: str | None = None
    names: tuple[str, ...] = ()
    command: Command | None = None
    entrypoint: Command | None = None
    environment: tuple[Binding, ...] = ()
    env_files: tuple[EnvFile, ...] = ()
    volumes: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    working_dir: str | None = None
    network_mode: str | None = None
    labels: tuple[tuple[str, str, Place], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    """Services with the further names that this one calls them by."""

    @property
    def is_fragment(self) -> bool:
        """Whether the service cannot run by what is said here alone."""
        return self.build is None and self.image is None


@dataclass(frozen=True, slots=True)
class Extends:
    """``extends`` of a service: the file (None: the same) and the service that it begins from."""

    file: str | None
    service: str


def is_compose(root: Node) -> bool:
    """Whether a document is a compose file by its content: services of which one at least has an image or a build."""
    return _has_service(get(root, "services"))


def _has_service(services: Node | None) -> bool:
    return any(get(entry.value, key) is not None for entry in entries(services) for key in ("image", "build"))


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


@dataclass(slots=True)
class ComposeFile:
    """One compose file, with ``variables`` for its paths and names."""

    path: str
    root: Node
    variables: Mapping[str, str]
    journal: Journal

    def services(self) -> dict[str, tuple[Service, Extends | None]]:
        """The services by name, each with what it extends."""
        services = self._services()
        if not isinstance(self.root, MappingNode):
            self._wrong(self.root, "a compose file wants a mapping")
        elif services is not None and not isinstance(services, MappingNode) and not _is_nothing(services):
            self._wrong(services, "services wants a mapping of names to services")
        return dict(self._each(services))

    def _services(self) -> Node | None:
        """Where the services stand: under their key, or at the top, as in the first version of the format."""
        services = get(self.root, "services")
        if services is None and get(self.root, "version") is None and _has_service(self.root):
            return self.root
        return services

    def project(self) -> str | None:
        """The project that the services belong to: its name, else the folder. None: a network of others' is theirs too.

        Source: Compose specification, "name" and "networks".
        """
        external = (get(entry.value, "external") for entry in entries(get(self.root, "networks")))
        if any(node is not None and text(node) != "false" for node in external):
            return None
        return self._known(text(get(self.root, "name"))) or folder_of(self.path)

    def referred(self) -> Iterator[str]:
        """Other compose files that this one includes or extends services of."""
        for item in items(get(self.root, "include")):
            written = texts(item) or texts(get(item, "path"))
            yield from (path for path in map(self._path, written) if path is not None)
        for entry in entries(self._services()):
            path = self._path(text(get(entry.value, "extends", "file")))
            if path is not None:
                yield path

    def _each(self, services: Node | None) -> Iterator[tuple[str, tuple[Service, Extends | None]]]:
        for entry in entries(services):
            where = place(self.path, entry)
            if isinstance(entry.value, MappingNode):
                yield entry.key, (self._service(entry.key, where, entry.value), self._extends(entry.value))
            else:
                self.journal.error(where, f"service {entry.key!r} wants a mapping")

    def _service(self, name: str, where: Place, node: MappingNode) -> Service:
        return Service(
            name=name,
            place=where,
            build=self._build(node.get("build")),
            image=text(node.get("image")),
            names=tuple(dict.fromkeys(self._names(node))),
            command=_command(node.get("command")),
            entrypoint=_command(node.get("entrypoint")),
            environment=tuple(self._environment(node.get("environment"))),
            env_files=tuple(self._env_files(node.get("env_file"))),
            volumes=tuple(self._volumes(node.get("volumes"))),
            depends_on=tuple(entry.key for entry in entries(node.get("depends_on"))) or texts(node.get("depends_on")),
            ports=tuple(_ports(node.get("ports"))),
            working_dir=text(node.get("working_dir")),
            network_mode=text(node.get("network_mode")),
            links=tuple(_links(node.get("links"))),
            labels=(*self._labels(node.get("labels")), *self._labels(get(node.get("deploy"), "labels"))),
        )

    def _build(self, node: Node | None) -> Build | None:
        if node is None or _is_nothing(node):
            return None
        where = place(self.path, node)
        if not isinstance(node, MappingNode):
            context = self._path(text(node))
            return Build(where, context, _beside(context, "Dockerfile"))
        context = self._path(text(node.get("context")) or ".")
        dockerfile = self._known(text(node.get("dockerfile")) or "Dockerfile")
        return Build(
            where,
            context,
            _beside(context, dockerfile),
            self._known(text(node.get("target"))),
            tuple((key, value) for key, raw in text_items(node.get("args")) if (value := self._known(raw)) is not None),
            _inline(node.get("dockerfile_inline")),
        )

    def _names(self, node: MappingNode) -> Iterator[str]:
        networks = [entry.value for entry in entries(node.get("networks"))]
        written = [
            text(node.get("container_name")),
            text(node.get("hostname")),
            *(n for network in networks for n in texts(get(network, "aliases"))),
            *(text(get(network, key)) for network in networks for key in ("ipv4_address", "ipv6_address")),
        ]
        for name in written:
            known = self._known(name)
            if known:
                yield known

    def _environment(self, node: Node | None) -> Iterator[Binding]:
        for entry in entries(node):
            if isinstance(entry.value, Scalar):
                yield Binding(entry.key, text(entry.value), place(self.path, entry))
            else:
                self._wrong(entry.value, f"the value of {entry.key} wants text, not {kind_of(entry.value)}")
        for item in items(node):
            name, equals, value = (text(item) or "").partition("=")
            if name:
                yield Binding(name, value if equals else None, place(self.path, item))
            else:
                self._wrong(item, "an item of environment wants NAME=value")
        if text(node) is not None and node is not None:
            self._wrong(node, "environment wants a mapping, or a list of NAME=value")

    def _env_files(self, node: Node | None) -> Iterator[EnvFile]:
        for item in items(node) if isinstance(node, Sequence) else (node,):
            written = text(item) or text(get(item, "path"))
            if item is not None and written is not None:
                required = text(get(item, "required")) != "false"
                yield EnvFile(self._path(written), required, place(self.path, item))

    def _labels(self, node: Node | None) -> Iterator[tuple[str, str, Place]]:
        """The labels of the container: what Traefik, for one, is configured by."""
        for entry in entries(node):
            value = self._known(text(entry.value))
            if value is not None:
                yield entry.key, value, place(self.path, entry)
        for item in items(node):
            key, _, value = (text(item) or "").partition("=")
            known = self._known(value)
            if known is not None:
                yield key, known, place(self.path, item)

    def _volumes(self, node: Node | None) -> Iterator[str]:
        """Bind mounts relative to the file become relative to the root, since files in other folders share them."""
        for item in items(node):
            written = text(item)
            source, target = text(get(item, "source")), text(get(item, "target"))
            if written is None:
                written = ":".join(filter(None, (source, target)))
            begin, colon, rest = written.partition(":")
            here = self._path(begin) if begin.startswith(".") else None
            yield f"./{here}{colon}{rest}" if here is not None else written

    def _extends(self, node: MappingNode) -> Extends | None:
        extends = node.get("extends")
        service = text(extends) or text(get(extends, "service"))
        if service is None:
            return None
        file = text(get(extends, "file"))
        return Extends(None if file is None else self._path(file) or file, service)

    def _known(self, value: str | None) -> str | None:
        """``value`` with its variables replaced; None where one is unknown."""
        if value is None:
            return None
        parts = interpolate(value, self.variables)
        return None if None in parts else "".join(part or "" for part in parts)

    def _path(self, value: str | None) -> str | None:
        known = self._known(value)
        return None if known is None else under(folder_of(self.path), known)

    def _wrong(self, node: Node, message: str) -> None:
        self.journal.error(place(self.path, node), message)


def over(base: Service, service: Service) -> Service:
    """``service`` on top of ``base``, as ``extends`` and override files put it."""
    return replace(
        service,
        build=service.build or base.build,
        image=service.image or base.image,
        names=_joined(base.names, service.names),
        command=base.command if service.command is None else service.command,
        entrypoint=base.entrypoint if service.entrypoint is None else service.entrypoint,
        environment=merged(base.environment, service.environment),
        env_files=_joined(base.env_files, service.env_files),
        volumes=_joined(base.volumes, service.volumes),
        depends_on=_joined(base.depends_on, service.depends_on),
        ports=_joined(base.ports, service.ports),
        working_dir=service.working_dir or base.working_dir,
        network_mode=service.network_mode or base.network_mode,
        labels=_joined(base.labels, service.labels),
        links=_joined(base.links, service.links),
    )


Files = Mapping[str, Mapping[str, tuple[Service, Extends | None]]]


def resolve(files: Files, journal: Journal) -> Iterator[Service]:
    """All services of all files, each complete.

    ``extends`` is followed; a service without image and build is put on its namesake in the default file of its folder.
    """
    for path, services in files.items():
        for name in services:
            service = _extended(files, path, name, journal)
            base = _base(files, path) if service.is_fragment else None
            if base is not None and name in files[base]:
                service = over(_extended(files, base, name, journal), service)
            yield service


def _extended(files: Files, path: str, name: str, journal: Journal) -> Service:
    """The service with everything that it extends, directly or not, put under it."""
    chain: list[Service] = []
    step: tuple[str, str] | None = (path, name)
    seen: set[tuple[str, str]] = set()
    while step is not None:
        seen.add(step)
        service, extends = files[step[0]][step[1]]
        chain.append(service)
        step = _next_step(files, step[0], service, extends, seen, journal)
    result = chain.pop()
    while chain:
        result = over(result, chain.pop())
    return result


def _next_step(
    files: Files, path: str, service: Service, extends: Extends | None, seen: set[tuple[str, str]], journal: Journal
) -> tuple[str, str] | None:
    if extends is None:
        return None
    target = (extends.file or path, extends.service)
    saying = f"service {service.name!r} extends {extends.service!r} of {target[0]}"
    if target[1] not in files.get(target[0], {}):
        journal.error(service.place, f"{saying}, which is not there")
    elif target in seen:
        journal.error(service.place, f"{saying}, which extends it in turn")
    elif len(seen) >= _DEEPEST:
        journal.error(service.place, f"{saying}, the last of {_DEEPEST} that extend each other")
    else:
        return target
    return None


def _base(files: Files, path: str) -> str | None:
    """The compose file that Compose reads by default in the folder of ``path``, if it is another one."""
    folder = folder_of(path)
    candidates = (under(folder, name) for name in _BASE_NAMES)
    found = next((one for one in candidates if one in files), None)
    return None if found == path else found


def _joined(first: tuple[Item, ...], second: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _beside(context: str | None, dockerfile: str | None) -> str | None:
    return None if context is None or dockerfile is None else under(context, dockerfile)


def _inline(node: Node | None) -> tuple[str, int] | None:
    # A block of several lines begins on the line after its indicator.
    written = text(node)
    return None if written is None or node is None else (written, node.line + ("\n" in written))


def _command(node: Node | None) -> Command | None:
    return texts(node) if isinstance(node, Sequence) else text(node)


def linked(services: Iterable[Service]) -> Iterator[Service]:
    """The services, each with the names that others call it by, as far as no service is really called so."""
    services = tuple(services)
    real = {(service.place.path, service.name) for service in services}
    called: dict[tuple[str, str], list[str]] = {}
    for service in services:
        for target, alias in service.links:
            if (service.place.path, alias) not in real:
                called.setdefault((service.place.path, target), []).append(alias)
    for service in services:
        more = called.get((service.place.path, service.name), ())
        yield replace(service, names=_joined(service.names, tuple(more))) if more else service


def _links(node: Node | None) -> Iterator[tuple[str, str]]:
    """``- billing:pay``: the service billing, called pay."""
    for item in items(node):
        service, colon, alias = (text(item) or "").partition(":")
        if colon and service and alias:
            yield service, alias


def _ports(node: Node | None) -> Iterator[str]:
    for item in items(node):
        short = text(item)
        yield (
            short
            if short is not None
            else ":".join(filter(None, (text(get(item, "published")), text(get(item, "target")))))
        )
