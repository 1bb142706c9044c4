"""The declared architecture and the coupling map, indexed for the questions that rules ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import permutations
from typing import TypeVar

from quantafit.model import (
    Architecture,
    CouplingMap,
    Crossing,
    DatastoreUse,
    Experiments,
    ImportEdge,
    LiveFailure,
    LiveQueue,
    Mode,
    Place,
    Quantum,
    QueueStatement,
    Receiver,
    TableUse,
    TargetKind,
    Unresolved,
    Waiver,
)

Pair = tuple[str, str]
V = TypeVar("V")
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Waiving:
    """What one waiver did in this run: how many judgements it matched, and why it did not hold (empty: it held)."""

    waiver: Waiver
    matched: int = 0
    void: str = ""


@dataclass(frozen=True)
class System:
    """What is declared and what was observed, in an order that does not depend on how it was collected.

    ``as_of`` is the day for which dates are judged; None: no day was given, and nothing that needs one holds.
    ``waivings`` is filled for the rules that judge last. ``known_rules`` are the names of all fitness functions.
    ``experiments`` are the records of a run that judges experiments, None in a run that does not.
    """

    architecture: Architecture
    coupling: CouplingMap
    as_of: date | None = None
    waivings: tuple[Waiving, ...] = ()
    known_rules: tuple[str, ...] = field(default=())
    experiments: Experiments | None = None

    @cached_property
    def quanta(self) -> Mapping[str, Quantum]:
        """The declared quanta by name, in the order of the declaration."""
        return {quantum.name: quantum for quantum in self.architecture.quanta}

    @cached_property
    def opaque_names(self) -> frozenset[str]:
        return frozenset(quantum.name for quantum in self.opaque)

    @cached_property
    def with_code(self) -> tuple[Quantum, ...]:
        return tuple(quantum for quantum in self.architecture.quanta if not quantum.opaque)

    @cached_property
    def opaque(self) -> tuple[Quantum, ...]:
        return tuple(quantum for quantum in self.architecture.quanta if quantum.opaque)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """All ordered pairs of quanta whose first has code here, in the order of the declaration."""
        return tuple(pair for pair in permutations(self.quanta, 2) if pair[0] not in self.opaque_names)

    @cached_property
    def crossings(self) -> tuple[Crossing, ...]:
        return tuple(sorted(self.coupling.crossings, key=_crossing_order))

    @cached_property
    def _crossings_by_pair(self) -> Mapping[Pair, Sequence[Crossing]]:
        between = (c for c in self.crossings if c.target_kind is TargetKind.QUANTUM and c.target != c.source)
        return group(between, lambda c: (c.source, c.target or ""))

    def between(self, source: str, target: str) -> Sequence[Crossing]:
        """Everything observed from one quantum to another."""
        return self._crossings_by_pair.get((source, target), ())

    @cached_property
    def _crossings_by_source(self) -> Mapping[str, Sequence[Crossing]]:
        return group(self.crossings, lambda c: c.source)

    def leaving(self, source: str) -> Sequence[Crossing]:
        """Everything observed that leaves a quantum, wherever it goes."""
        return self._crossings_by_source.get(source, ())

    def unrouted(self, source: str) -> Sequence[Crossing]:
        """What leaves a quantum for a receiver that is not known here."""
        return tuple(c for c in self.leaving(source) if c.target_kind is TargetKind.UNROUTED)

    @cached_property
    def _unresolved(self) -> Mapping[str, Sequence[Unresolved]]:
        facts = sorted(self.coupling.unresolved, key=lambda u: (u.place, u.what, u.why, u.could_be))
        return group(facts, lambda u: u.quantum)

    def unresolved(self, quantum: str) -> Sequence[Unresolved]:
        return self._unresolved.get(quantum, ())

    @cached_property
    def imports(self) -> Mapping[Pair, Sequence[ImportEdge]]:
        edges = sorted(self.coupling.imports, key=lambda e: (e.place, e.module, e.how, e.type_checking_only, e.path))
        return group(edges, lambda e: (e.source, e.target))

    @cached_property
    def tables(self) -> Sequence[TableUse]:
        return tuple(sorted(self.coupling.tables, key=_table_order))

    @cached_property
    def _tables_by_quantum(self) -> Mapping[str, Sequence[TableUse]]:
        return group(self.tables, lambda use: use.quantum)

    def tables_of(self, quantum: str) -> Sequence[TableUse]:
        """The tables that a quantum uses, in whosever database."""
        return self._tables_by_quantum.get(quantum, ())

    @cached_property
    def _datastores_by_quantum(self) -> Mapping[str, Sequence[DatastoreUse]]:
        return group(sorted(self.coupling.datastores, key=_datastore_order), lambda use: use.quantum)

    def datastores_of(self, quantum: str) -> Sequence[DatastoreUse]:
        """The databases that a quantum opens or is given, whosever they are."""
        return self._datastores_by_quantum.get(quantum, ())

    @cached_property
    def _live_queues_by_name(self) -> Mapping[str, Sequence[LiveQueue]]:
        return group(self.coupling.live_queues, lambda queue: queue.queue)

    def live_queues(self, name: str) -> Sequence[LiveQueue]:
        """The queues of that name on the running brokers that were asked."""
        return self._live_queues_by_name.get(name, ())

    @cached_property
    def asked_brokers(self) -> tuple[str, ...]:
        """The running brokers that answered."""
        return tuple(broker.name for broker in self.coupling.live.brokers) if self.coupling.live else ()

    @cached_property
    def silent_brokers(self) -> tuple[LiveFailure, ...]:
        """The running brokers that were asked and did not answer."""
        return self.coupling.live.failed("broker") if self.coupling.live else ()

    @cached_property
    def _statements_by_queue(self) -> Mapping[str, Sequence[QueueStatement]]:
        return group(self.coupling.queue_statements, lambda statement: statement.queue)

    def statements(self, queue: str) -> Sequence[QueueStatement]:
        """What code, definitions and running brokers say of a queue."""
        return self._statements_by_queue.get(queue, ())

    def mode_of(self, rule: str) -> Mode | None:
        """The mode that ``quanta.yaml`` sets for a rule; None where it says nothing."""
        setting = self.architecture.setting(rule)
        return setting.mode if setting else None


def group(values: Iterable[V], key: Callable[[V], K]) -> Mapping[K, Sequence[V]]:
    """Values by key, each list in the order of the input."""
    groups: dict[K, list[V]] = defaultdict(list)
    for value in values:
        groups[key(value)].append(value)
    return dict(groups)


def _crossing_order(crossing: Crossing) -> tuple[object, ...]:
    delivery = sorted((key, str(fact.value), fact.reason) for key, fact in crossing.delivery.items())
    return (
        crossing.source,
        crossing.target or "",
        site(crossing),
        crossing.mechanism,
        crossing.communication,
        crossing.channel or "",
        crossing.address or "",
        crossing.alternative or "",
        crossing.operation,
        crossing.tables,
        delivery,
        crossing.evidence,
        [_receiver_order(receiver) for receiver in crossing.receivers],
        crossing.confidence,
    )


def _receiver_order(receiver: Receiver) -> tuple[object, ...]:
    acknowledgement = receiver.acknowledgement or ""
    return (receiver.quantum or "", receiver.queue or "", str(receiver.durable), acknowledgement, receiver.evidence)


def _table_order(use: TableUse) -> tuple[object, ...]:
    owner, datastore = use.owner or "", use.datastore or ""
    return (use.quantum, use.place, use.table, use.operation, owner, datastore, use.columns, use.path)


def _datastore_order(use: DatastoreUse) -> tuple[object, ...]:
    return (use.quantum, use.place, use.identity, use.owner or "", use.kind, use.unit or "")


UNKNOWN_PLACE = Place("?", 1)


def site(crossing: Crossing) -> Place:
    """Where a crossing stands. One without evidence has no place, and proves nothing."""
    return crossing.evidence[0].place if crossing.evidence else UNKNOWN_PLACE
