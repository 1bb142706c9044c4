"""Configuration evidence: deployment units, what they are bound to, and broker definitions, as read from files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from quantafit.model.coupling import ExaminationError
from quantafit.model.places import Place
from quantafit.model.policies import PolicyDefinition
from quantafit.model.replication import Publication


@dataclass(frozen=True, slots=True)
class Binding:
    """An environment variable with its value as written. ``value`` is None where only the name is given.

    ``${OTHER:-default}`` stays in the value as written; :mod:`quantafit.coupling` interpolates it.
    """

    name: str
    value: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Unit:
    """A deployment unit: a compose service, a Kubernetes workload.

    ``hosts`` are the network names it answers to (service name, container name, aliases, Kubernetes services);
    ``build`` the build context and ``dockerfile`` the Dockerfile, relative to the root; ``copies`` source paths that
    its Dockerfile copies; ``command`` the command line as written (compose, else the Dockerfile's), with the lines of
    the shell scripts that it runs below it, and ``working_dir`` the folder in the container that it runs in.
    ``absent`` is where it is given files of variables that are not in this tree: they may bind whatever nothing else
    binds. ``project`` is the compose project in whose network its names are known; None: they may be known anywhere.
    ``alone``: it is a container with a network of its own, in which ``localhost`` is nobody but itself.
    ``given`` are the variables that the platform itself gives it, where nothing else binds them: what Kubernetes says
    of the services of a namespace.
    """

    name: str
    place: Place
    hosts: tuple[str, ...] = ()
    build: str | None = None
    dockerfile: str | None = None
    copies: tuple[str, ...] = ()
    command: str | None = None
    image: str | None = None
    environment: tuple[Binding, ...] = ()
    volumes: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    working_dir: str | None = None
    absent: tuple[Place, ...] = ()
    project: str | None = None
    alone: bool = False
    given: tuple[Binding, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """A Python file in no quantum's source that a deployment unit of a quantum starts.

    ``path`` is None where which of ``candidates`` is meant could not be told. ``word`` is how the command line names
    it, ``unit`` and ``place`` the unit that does. ``also`` are the others that start the same file, and ``apart`` the
    variables, arguments and options that have values in this quantum's units which they have in none of theirs.
    """

    path: str | None
    word: str
    unit: str
    place: Place
    also: tuple[str, ...] = ()
    apart: frozenset[str] = frozenset()
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A route of a gateway: what asks ``gateway`` for a path that begins with ``prefix`` is handed on to ``upstream``.

    ``gateway`` is the software (``nginx``, ``kong``, ``traefik``, ``envoy``, ``kubernetes``), and ``place`` says by
    which file it is told so. ``hosts`` are the names that it answers to; empty: to any. ``upstream`` is a host name,
    with a port or without, with variables as written; None where the route is known and where it leads is not, and
    empty where the gateway answers by itself. What stands before the rest of the path becomes ``replacement`` (None:
    it stays). ``exact`` routes take that path alone, and ``whole`` ones end at a slash. ``pattern`` is the
    regular expression of a route that has one; then ``prefix`` is what every path that it takes begins with.
    """

    gateway: str
    prefix: str
    upstream: str | None
    place: Place
    hosts: tuple[str, ...] = ()
    replacement: str | None = None
    exact: bool = False
    whole: bool = False
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class QueueDefinition:
    """A queue in a broker definitions file, with its arguments as written."""

    name: str
    durable: bool
    place: Place
    auto_delete: bool = False
    arguments: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ExchangeDefinition:
    """An exchange in a broker definitions file."""

    name: str
    type: str
    durable: bool
    place: Place


@dataclass(frozen=True, slots=True)
class QueueBinding:
    """A binding in a broker definitions file: exchange → queue (or exchange) by routing key."""

    source: str
    destination: str
    destination_type: str
    routing_key: str
    place: Place


@dataclass(frozen=True, slots=True)
class DatabaseLink:
    """A database that another one reaches into, as SQL sets it up.

    ``kind`` is ``foreign-table`` (a server of a foreign data wrapper), ``dblink`` or ``subscription``; ``host`` and
    ``database`` are those of the other side (None: not told), without credentials. ``tables`` are the linked ones, as
    far as they are named; ``*`` stands for all, and for what cannot be told. ``publications`` are what a subscription
    names.
    """

    kind: str
    host: str | None
    port: str | None
    database: str | None
    place: Place
    tables: tuple[str, ...] = ()
    publications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentedChannel:
    """A channel in an AsyncAPI document: ``action`` is ``send`` or ``receive``. It says what is meant."""

    channel: str
    action: str
    place: Place


@dataclass(frozen=True, slots=True)
class Pin:
    """Which versions of a distribution a file admits for the code in ``folders`` (``.`` is the root).

    ``distribution`` is the normalised name, ``specifier`` as PEP 440 writes it, empty for any version; ``exact`` where
    it admits one version only, as every lock file does. ``place`` is the line that says so, ``file`` the file that is
    installed from, which may include the one of ``place``.
    """

    distribution: str
    specifier: str
    exact: bool
    place: Place
    file: str
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsoleScript:
    """A command that a project installs: ``name`` runs a function of ``module``. ``place`` is in the project's file."""

    name: str
    module: str
    place: Place


@dataclass(frozen=True, slots=True)
class Configuration:
    """All configuration evidence under the root.

    ``env_files`` maps a path to the bindings in that file, and ``settings`` does so for files that code may load: there
    the names are keys, one inside the other, joined by dots.
    """

    units: tuple[Unit, ...] = ()
    env_files: Mapping[str, tuple[Binding, ...]] = field(default_factory=lambda: MappingProxyType({}))
    settings: Mapping[str, tuple[Binding, ...]] = field(default_factory=lambda: MappingProxyType({}))
    routes: tuple[Route, ...] = ()
    queues: tuple[QueueDefinition, ...] = ()
    exchanges: tuple[ExchangeDefinition, ...] = ()
    bindings: tuple[QueueBinding, ...] = ()
    policies: tuple[PolicyDefinition, ...] = ()
    links: tuple[DatabaseLink, ...] = ()
    publications: tuple[Publication, ...] = ()
    documented: tuple[DocumentedChannel, ...] = ()
    pins: tuple[Pin, ...] = ()
    scripts: tuple[ConsoleScript, ...] = ()
    files: tuple[str, ...] = ()
    errors: tuple[ExaminationError, ...] = ()
