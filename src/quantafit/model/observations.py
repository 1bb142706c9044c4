"""Symbolic observations: what source evidence hands to :mod:`quantafit.coupling`, before anything is resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from quantafit.model.coupling import DataAtRest, ExaminationError, Examined, Fact, ImportEdge, Serve, Unresolved
from quantafit.model.places import Evidence, Place
from quantafit.model.terms import Term

WHOEVER_ASKED = "(whoever asked)"
"""The channel of an answer to a request that the asker waits for: it is part of that request."""


@dataclass(frozen=True, slots=True)
class Observation:
    """Something a quantum does, with its symbolic slots.

    ``does`` is ``request``, ``publish``, ``subscribe``, ``declare_queue``, ``declare_exchange``, ``bind``, ``confirm``,
    ``store``, ``read``, ``define``, ``connect`` or ``listen``. ``slots`` depend on it: ``url``, ``exchange``,
    ``routing_key``, ``queue``, ``table``, ``datastore``, ``port``… ``facts`` are what the library call itself fixes
    (``persist``, ``confirm``, ``acknowledge``…).
    ``path`` begins with the call in the quantum's own code. ``connection`` identifies the channel object, so that
    confirms switched on for it count for what is published on it. ``library`` is the dotted name of the library call.
    ``acknowledged`` says whether a consumer acknowledges ``after`` or ``before`` its work, and where. ``awaits`` are
    the subscriptions, by the first and the last place of each path, whose messages end a waiting that follows a
    publish. For ``store``, ``read`` and ``define`` ``columns`` are the columns that are named.
    """

    quantum: str
    does: str
    mechanism: str
    library: str
    path: tuple[Evidence, ...]
    slots: Mapping[str, Term] = field(default_factory=lambda: MappingProxyType({}))
    facts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))
    synchronous: bool = False
    connection: str = ""
    handler: Place | None = None
    acknowledged: tuple[str, Place] | None = None
    columns: tuple[str, ...] = ()
    awaits: tuple[tuple[Place, Place], ...] = ()

    @property
    def site(self) -> Place:
        return self.path[0].place


@dataclass(frozen=True, slots=True)
class SourceEvidence:
    """All that the source code shows, per quantum, still symbolic."""

    observations: tuple[Observation, ...] = ()
    imports: tuple[ImportEdge, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    data: tuple[DataAtRest, ...] = ()
    serves: tuple[Serve, ...] = ()
    errors: tuple[ExaminationError, ...] = ()
    examined: Mapping[str, Examined] = field(default_factory=lambda: MappingProxyType({}))
    dormant: frozenset[tuple[str, Place]] = frozenset()
    """By quantum, the sites in functions that no code names."""
    other_code: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=lambda: MappingProxyType({}))
    """By quantum, how many files there are in each language that is not read."""
