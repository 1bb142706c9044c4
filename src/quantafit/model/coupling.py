"""The coupling map: everything observed between the quanta, lifted from evidence.

A crossing is one site in one quantum and one target. From here on everything is a pure function over frozen values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from quantafit.model.live import LiveEvidence, QueueRight
from quantafit.model.places import Evidence, EvidenceKind, Place, Role
from quantafit.model.replication import PublicationUse

Ternary = bool | None | Literal["unknown"]
"""True or False: seen to be so. ``"unknown"``: cannot be told. None: has no meaning here."""


class Communication(StrEnum):
    """Synchronous: the caller's pending work needs an answer made by the other quantum."""

    SYNCHRONOUS = "synchronous"
    ASYNCHRONOUS = "asynchronous"


class TargetKind(StrEnum):
    """What the target of a crossing is. ``unrouted``: nobody here receives it, or it cannot be told who does."""

    QUANTUM = "quantum"
    EXTERNAL = "external"
    PLATFORM = "platform"
    UNROUTED = "unrouted"


class Acknowledgement(StrEnum):
    """When a consumer acknowledges: after the work, before it, or automatically on delivery."""

    AFTER = "after"
    BEFORE = "before"
    AUTO = "auto"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fact:
    """A delivery fact, why it is believed, and the evidence it rests on."""

    value: Ternary
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


class Step(StrEnum):
    """How one fact of a resolution was come by, from the surest to the weakest.

    Most are ways to the target of a call; ``channel`` and ``datastore`` are the joins over a queue and over
    a database, ``unknown`` says that nothing told.
    """

    DECLARATION = "declaration"
    """``quanta.yaml`` names the host or the variable."""
    LITERAL = "literal"
    """The address is written in the call."""
    CLIENT_BASE = "client-base"
    """It is the base address that the client was made with."""
    CONSTANT = "constant"
    """It is a constant of a module or a class."""
    SETTINGS_DEFAULT = "settings-default"
    """It is the default of a variable that is bound nowhere."""
    ENVIRONMENT = "environment"
    """It is what configuration binds the variable to."""
    HOSTNAME = "hostname"
    """A deployment unit is reached under this name or published port, or a quantum serves at the port."""
    GATEWAY_ROUTE = "gateway-route"
    """A gateway hands on what begins with this path."""
    VARIABLE_NAME = "variable-name"
    """The words in the variable's name: a guess that gives no pass."""
    PROTOCOL_IDENTITY = "protocol-identity"
    """The service or task that is asked for is served by one quantum."""
    SERVED_PATH = "served-path"
    """The path, or gRPC service, that is asked for is served by one quantum alone: a guess that gives no pass."""
    IDENTIFIER_NAME = "identifier-name"
    """The name of a class or a function: the weakest guess, which gives no pass."""
    CHANNEL = "channel"
    DATASTORE = "datastore"
    UNKNOWN = "unknown"


GUESSES = frozenset({Step.VARIABLE_NAME, Step.SERVED_PATH, Step.IDENTIFIER_NAME})
"""The steps by which a target is only guessed."""


@dataclass(frozen=True, slots=True)
class Clue:
    """One fact on the way from what the code names to what it leads to, and where it stands (None: in no file)."""

    step: Step
    says: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who consumes a published message, and how well: the channel's store and the acknowledgement, judged per receiver.

    ``facts`` has the keys ``store``, ``acknowledge``, ``dead_letter``, ``idempotent``.
    """

    quantum: str | None
    queue: str | None
    durable: Ternary
    acknowledgement: Acknowledgement | None
    facts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Crossing:
    """One observed interaction: one site and one target.

    ``address`` is a URL without credentials; ``channel`` a queue, topic, subject or task; ``tables`` the tables a
    database crossing touches, with ``operation`` ``read`` or ``write``. ``alternative`` names the adapter or
    configuration this crossing holds for, where there are several (``rabbitmq``, ``sqlite-queue``). ``delivery`` has
    the keys ``store``,
    ``persist``, ``confirm``, ``acknowledge``, ``dead_letter``, ``idempotent``, ``outbox``. ``evidence`` begins with the
    call, then ``via`` in the order from the quantum's own line to the library call, then the receiving side.
    ``resolution`` leads from what the code names to the target, one fact after the other.
    """

    source: str
    target: str | None
    target_kind: TargetKind
    mechanism: str
    communication: Communication
    address: str | None = None
    channel: str | None = None
    confidence: Literal["high", "medium", "low"] = "high"
    durable: Ternary = None
    acknowledgement: Acknowledgement | None = None
    delivery: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))
    receivers: tuple[Receiver, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    alternative: str | None = None
    tables: tuple[str, ...] = ()
    operation: Literal["", "read", "write"] = ""
    resolution: tuple[Clue, ...] = ()
    data_classes: tuple[str, ...] = ()
    dormant: bool = False
    """It stands in a function that no code names. It is judged all the same, and listed apart."""

    @property
    def site(self) -> Place:
        """The first line of the call in the quantum's own code."""
        return self.evidence[0].place

    @property
    def guessed(self) -> bool:
        """Whether the target is only a guess: it is shown, it can speak against a rule, and it proves nothing."""
        low = self.confidence == "low" and self.target_kind is not TargetKind.UNROUTED
        return low or any(clue.step in GUESSES for clue in self.resolution)

    @property
    def path(self) -> tuple[Evidence, ...]:
        """From the quantum's own line to the library call."""
        return tuple(e for e in self.evidence if e.role in (Role.CALL, Role.VIA))

    @property
    def kinds(self) -> frozenset[EvidenceKind]:
        return frozenset(e.kind for e in self.evidence)


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A call that may cross quanta and whose target or receiver stays unknown. Counted, listed, judged, never passed.

    ``could_be`` holds what it could turn out to be: ``request``, ``publish``, ``store``, ``import``.
    """

    quantum: str
    what: str
    why: str
    place: Place
    could_be: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportEdge:
    """A module of ``source`` imports a module that belongs to ``target``.

    ``how`` is ``import``, ``importlib``, ``string``…
    """

    source: str
    target: str
    module: str
    how: str
    place: Place
    type_checking_only: bool = False
    path: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class TableUse:
    """A quantum reads, writes or defines a table. ``owner`` is whose database it is; None: cannot be told."""

    quantum: str
    table: str
    operation: Literal["read", "write", "define"]
    place: Place
    owner: str | None
    datastore: str | None = None
    columns: tuple[str, ...] = ()
    path: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class DatastoreUse:
    """A deployment of a quantum is given, or its code opens, a database. ``identity`` is host and database name."""

    quantum: str
    identity: str
    owner: str | None
    place: Place
    kind: EvidenceKind
    unit: str | None = None
    role: str | None = None
    """The database role that it is opened with, where that can be told."""


@dataclass(frozen=True, slots=True)
class DataAtRest:
    """Classified data comes to rest in a quantum.

    ``surface`` is ``column``, ``table``, ``sql``, ``document``, ``message``, ``file``, ``log``; ``where`` names the
    column, key or field. ``protected`` is True where the data is ciphertext for another quantum.
    """

    quantum: str
    data_class: str
    surface: str
    where: str
    place: Place
    protected: bool = False
    path: tuple[Evidence, ...] = ()
    kind: EvidenceKind = EvidenceKind.SOURCE


@dataclass(frozen=True, slots=True)
class Serve:
    """A quantum answers here: an HTTP route, an RPC method."""

    quantum: str
    protocol: str
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Documented:
    """What a document says a quantum does on a channel (None: it cannot be told whose document it is)."""

    quantum: str | None
    channel: str
    action: str
    place: Place


@dataclass(frozen=True, slots=True)
class ExaminationError:
    """Something of the system that could not be read or parsed: an error of its own, never "nothing found"."""

    quantum: str | None
    message: str
    place: Place


@dataclass(frozen=True, slots=True)
class Examined:
    """How much was looked at in one quantum (shared code counts once per quantum that uses it)."""

    files: int = 0
    functions: int = 0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was examined, and what could not be. ``kinds`` are the evidence kinds collected in this run."""

    examined: Mapping[str, Examined] = field(default_factory=lambda: MappingProxyType({}))
    total: Examined = Examined()
    kinds: tuple[EvidenceKind, ...] = ()
    configuration_files: tuple[str, ...] = ()
    errors: tuple[ExaminationError, ...] = ()
    other_code: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=lambda: MappingProxyType({}))
    """By quantum, how many files there are in each language that is not read."""


@dataclass(frozen=True, slots=True)
class QueueStatement:
    """What one place says of a queue: code that declares it, a file of definitions, a running broker.

    ``settings`` maps ``durable``, ``type``, ``message-ttl``… to a value as text, and to the evidence that sets it: a
    policy may. A ``complete`` statement has them all, so what is not in it is not set.
    """

    queue: str
    evidence: Evidence
    settings: Mapping[str, tuple[str, Evidence]]
    complete: bool = False


@dataclass(frozen=True, slots=True)
class LiveQueue:
    """A queue of a running broker, and what that shows of delivery.

    ``facts`` has the keys ``store``, ``persist``, ``confirm``, ``acknowledge``, ``dead_letter``, as far as the broker
    could tell. True proves, False refutes, ``"unknown"`` is a doubt that nobody may pass over, None tells nothing.
    """

    broker: str
    queue: str
    place: Place
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class CouplingMap:
    """Everything observed. The input of every fitness function, beside the declared architecture."""

    crossings: tuple[Crossing, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    imports: tuple[ImportEdge, ...] = ()
    tables: tuple[TableUse, ...] = ()
    datastores: tuple[DatastoreUse, ...] = ()
    data: tuple[DataAtRest, ...] = ()
    serves: tuple[Serve, ...] = ()
    consumers: tuple[Receiver, ...] = ()
    """Consumers that nobody here feeds."""
    documented: tuple[Documented, ...] = ()
    """What AsyncAPI documents say of channels: for the reader, never a proof."""
    publications: tuple[PublicationUse, ...] = ()
    """What databases hand on by logical replication."""
    import_witness: tuple[str, ...] = ()
    """Disagreements of the second witness (import-linter) with our own import edges, one sentence each."""
    coverage: Coverage = Coverage()
    live: LiveEvidence | None = None
    """What the running servers said; None: they were not asked."""
    live_queues: tuple[LiveQueue, ...] = ()
    queue_rights: tuple[QueueRight, ...] = ()
    """What the declared `broker_users` may do to the queues of running brokers."""
    queue_statements: tuple[QueueStatement, ...] = ()
    """What each place says of each queue, so that rules can tell whether all say the same."""
    import_witness_scope: str = ""
    """What the second witness looked at, or why it was not run, in one sentence."""
