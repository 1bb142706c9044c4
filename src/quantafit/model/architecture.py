"""The declared architecture: what ``quanta.yaml`` says, as frozen values.

Nothing here is evidence. A declared value may select what is judged and what is expected; it never proves itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from quantafit.model.drills import Drills
from quantafit.model.places import Place

NOWHERE = Place("quanta.yaml", 1)


class Style(StrEnum):
    """How two quanta interact."""

    MESSAGE = "message"
    REPLICATION = "replication"
    CALL = "call"
    FILE = "file"


class Mode(StrEnum):
    """What a failed fitness function does to the gate."""

    ENFORCE = "enforce"
    WARN = "warn"
    OFF = "off"


class Origin(StrEnum):
    """Why a rule holds: the decision says so, it follows from the decision, or it is good practice (warns)."""

    ADR = "adr"
    DERIVED = "derived"
    RECOMMENDED = "recommended"


@dataclass(frozen=True, slots=True)
class Adr:
    """An architecture decision record. ``anchors`` are the headings' anchors found in ``file`` (empty: not read).

    ``sentences`` maps an anchor to the sentence that stands under it, in the decision's own words.
    """

    id: str
    title: str = ""
    status: str = "proposed"
    file: str | None = None
    sentences: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class DataClass:
    """A class of data that must or must not rest somewhere, recognised by name.

    ``names`` are whole-token names that mean this class (``card_number``); ``context`` names a token that must be near
    for an ambiguous name. Built-in classes come from ``quantafit.declaration``; users add their own.
    """

    name: str
    names: tuple[str, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class DataStore:
    """A database of a quantum: the ``env`` names whose value is its URL, its ``hosts``, its database name."""

    name: str
    env: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    database: str | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Placement:
    """Which data classes may rest in a quantum (``allow``) and which must not (``deny``)."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    adr: str | None = None
    because: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Quantum:
    """An architecture quantum.

    ``source`` holds paths (files, folders or globs) relative to the root; without any, the quantum is *opaque*: its
    code is not here, and absence there is ``not_evaluated``. ``hosts`` are network names under which others reach it,
    ``env`` names of environment variables whose value is its address, ``units`` deployment units (compose services,
    Kubernetes workloads) that belong to it, ``packages`` import names of its generated clients. ``database_roles`` are
    roles under which it opens databases, on whosever server; ``migration_roles`` those that define its tables, and
    under which no unit of it works. ``broker_users`` are the users under which it works at message brokers.
    """

    name: str
    source: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    database_roles: tuple[str, ...] = ()
    migration_roles: tuple[str, ...] = ()
    broker_users: tuple[str, ...] = ()
    datastores: tuple[DataStore, ...] = ()
    stores: Placement = Placement()
    characteristics: tuple[str, ...] = ()
    adr: str | None = None
    because: str = ""
    place: Place = NOWHERE

    @property
    def opaque(self) -> bool:
        return not self.source


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a message interaction promises. ``None`` means that nothing is demanded of that point.

    ``delivery: at_least_once`` sets all of them to True; only deviations are written.
    """

    durable: bool | None = None
    persistent: bool | None = None
    confirmed: bool | None = None
    acknowledged_after_work: bool | None = None
    dead_letter: bool | None = None
    idempotent_receiver: bool | None = None


@dataclass(frozen=True, slots=True)
class Replication:
    """How a replica is fed: ``mechanism`` is ``native``, ``etl`` or ``cdc``; ``table`` the replica's table.

    ``max_staleness`` is a duration in seconds, or None; ``columns`` are those that are replicated (empty: not told);
    ``rows`` is ``all``, ``some`` or None.
    """

    table: str | None = None
    mechanism: str | None = None
    max_staleness: float | None = None
    columns: tuple[str, ...] = ()
    rows: str | None = None


@dataclass(frozen=True, slots=True)
class Interaction:
    """A declared link between two quanta. ``source`` and ``target`` are the names of the quanta ``from`` and ``to``."""

    id: str
    source: str
    target: str
    style: Style
    channel: str | None = None
    carries: tuple[str, ...] = ()
    delivery: Delivery = Delivery()
    replication: Replication = Replication()
    adr: str | None = None
    because: str = ""
    place: Place = NOWHERE

    @property
    def arrow(self) -> str:
        return f"{self.source} → {self.target}"


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """A fitness function's setting in ``quanta.yaml``: its ``mode``, the sentence it guards, its typed options."""

    rule: str
    mode: Mode | None = None
    adr: str | None = None
    because: str = ""
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Waiver:
    """A dated exemption. ``match`` maps ``from``, ``to``, ``quantum``, ``interaction``, ``path`` to a value.

    ``expires`` is an ISO date; the waiver holds up to and including that day.
    """

    rule: str
    owner: str
    reason: str
    expires: str
    match: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class LibraryCall:
    """One call of an in-house library, in the vocabulary of the built-in tables.

    ``name`` is the dotted name of a function or method; ``does`` a word for an effect (``publish``), ``nothing``, or
    empty; ``returns`` the class of what it gives, or empty; ``arguments`` maps the effect's slots (``channel``,
    ``target``, ``callback``…) to a parameter of the call, ``NAME`` or ``POSITION:NAME``; ``facts`` holds fixed facts
    (``durable: true``).
    """

    name: str
    does: str
    arguments: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    place: Place = NOWHERE
    returns: str = ""


@dataclass(frozen=True, slots=True)
class InHouseLibrary:
    """A library of the system's own that the engine cannot see through, described by its calls."""

    name: str
    mechanism: str
    calls: tuple[LibraryCall, ...] = ()
    because: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class BrokerServer:
    """A running message broker that may be asked, and the environment variables that lead to it.

    ``management`` names the one that holds the URL of its management API; ``definitions`` the one that holds the path
    of an export of its definitions, which is read where the first is not set.
    """

    name: str
    management: str | None = None
    definitions: str | None = None
    virtual_host: str = "/"
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """A running database that may be asked: a datastore of ``quantum``, whose URL the variable ``env`` holds."""

    name: str
    quantum: str
    env: str
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class LiveServers:
    """The running servers that ``quanta.yaml`` names under ``live:``."""

    brokers: tuple[BrokerServer, ...] = ()
    databases: tuple[DatabaseServer, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.brokers or self.databases)


@dataclass(frozen=True, slots=True)
class Architecture:
    """Everything that ``quanta.yaml`` declares. Quanta and interactions keep the file's order."""

    system: str
    quanta: tuple[Quantum, ...] = ()
    shared_code: tuple[str, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    adrs: tuple[Adr, ...] = ()
    data_classes: tuple[DataClass, ...] = ()
    platform: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    libraries: tuple[InHouseLibrary, ...] = ()
    settings: tuple[RuleSetting, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    live: LiveServers = LiveServers()
    path: str = "quanta.yaml"
    drills: Drills = field(default_factory=Drills)
    """How the system runs, and the experiments that are made with it. Selects what is judged; proves nothing."""

    def quantum(self, name: str) -> Quantum:
        """The quantum of that name. Raises KeyError where there is none."""
        for quantum in self.quanta:
            if quantum.name == name:
                return quantum
        raise KeyError(name)

    def setting(self, rule: str) -> RuleSetting | None:
        return next((setting for setting in self.settings if setting.rule == rule), None)

    def sentence(self, reference: str | None) -> str:
        """The decision's sentence behind ``ADR-5#invoices``; empty where there is none."""
        if not reference:
            return ""
        adr, _, anchor = reference.partition("#")
        for known in self.adrs:
            if known.id == adr:
                return known.sentences.get(anchor, "")
        return ""
