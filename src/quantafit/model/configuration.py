"""Configuration evidence: deployment units, what they are bound to, and broker definitions, as read from files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from quantafit.model.coupling import ExaminationError
from quantafit.model.places import Place


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
    its Dockerfile copies; ``command`` the command line as written (compose, else the Dockerfile's), and ``working_dir``
    the folder in the container that it runs in. ``absent`` is where it is given files of variables that are not in this
    tree: they may bind whatever nothing else binds.
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
class PolicyDefinition:
    """A policy in a broker definitions file: ``pattern`` is a regular expression over names."""

    name: str
    pattern: str
    apply_to: str
    priority: int
    definition: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, slots=True)
class Configuration:
    """All configuration evidence under the root. ``env_files`` maps a path to the bindings in that file."""

    units: tuple[Unit, ...] = ()
    env_files: Mapping[str, tuple[Binding, ...]] = field(default_factory=lambda: MappingProxyType({}))
    queues: tuple[QueueDefinition, ...] = ()
    exchanges: tuple[ExchangeDefinition, ...] = ()
    bindings: tuple[QueueBinding, ...] = ()
    policies: tuple[PolicyDefinition, ...] = ()
    files: tuple[str, ...] = ()
    errors: tuple[ExaminationError, ...] = ()
