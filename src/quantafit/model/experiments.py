"""Records of experiments: what a drill did, what was sent, and what had an effect. Evidence of kind ``runtime``.

All times are in seconds since the experiment began, unless a name says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from quantafit.model.architecture import Architecture
from quantafit.model.drills import Drill, PartKind, Proof

DEAD_LETTERS = "dead-letters"
"""The probe of this name tells what lies in a dead-letter queue: there the poison is waited for, and nothing else."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the time line: what was done (or happened) to which parts, and how long it took.

    ``line`` is the step's line in the declaration, 0 where a program made the step. Where it ``failed``, ``note`` says
    why.
    """

    at: float
    what: str
    targets: tuple[str, ...] = ()
    took: float = 0.0
    note: str = ""
    line: int = 0
    failed: bool = False

    @property
    def ended(self) -> float:
        """When it was done. Rounded, so that the sum is never later than the beginning of what came next."""
        return round(self.at + self.took, 4)


@dataclass(frozen=True, slots=True)
class Sent:
    """One item of a workload: a message that was sent, a request that was made.

    ``at`` is when it was sent, ``took`` how long the system took to accept or answer it. With ``ok`` the system took it
    on; without, it said that it did not, and promised nothing. ``poison`` marks a message that cannot be handled.
    """

    id: str
    at: float
    took: float = 0.0
    ok: bool = True
    operation: str = ""
    error: str = ""
    poison: bool = False


@dataclass(frozen=True, slots=True)
class Drive:
    """One run of a workload. ``away`` are the parts that were away from its beginning to its end, and how;
    ``disturbed`` those that were away at some time of it.
    """

    workload: str
    began: float
    ended: float
    sent: tuple[Sent, ...] = ()
    away: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    disturbed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """How often one item had an effect, and when the first was seen, or happened where the probe knows."""

    id: str
    times: int
    first: float


@dataclass(frozen=True, slots=True)
class Count:
    """What a probe found in the end. ``waited`` is how long effects were given to arrive; ``settled`` how long it was
    looked on after all had arrived.
    """

    probe: str
    began: float
    ended: float
    effects: tuple[Effect, ...] = ()
    waited: float = 0.0
    settled: float = 0.0


@dataclass(frozen=True, slots=True)
class Exercised:
    """A part that the experiment knew, whether it did anything to it or not."""

    name: str
    quantum: str | None = None
    kind: PartKind = PartKind.UNIT


@dataclass(frozen=True, slots=True)
class Experiment:
    """The record of one drill.

    ``began_at`` is a UTC time (ISO 8601). ``declaration`` and ``code`` are the digests of what was declared and of the
    code at that time. ``problem`` says why it could not be carried through; empty: it was.
    """

    drill: str
    proves: Proof
    quantum: str | None = None
    interaction: str | None = None
    began_at: str = ""
    took: float = 0.0
    seed: int = 0
    declaration: str = ""
    code: str = ""
    within: float | None = None
    slower_at_most: float | None = None
    embedded_broker: bool = False
    parts: tuple[Exercised, ...] = ()
    timeline: tuple[Happening, ...] = ()
    drives: tuple[Drive, ...] = ()
    counts: tuple[Count, ...] = ()
    problem: str = ""

    def parts_of(self, quantum: str) -> tuple[str, ...]:
        """The names of a quantum's parts."""
        return tuple(part.name for part in self.parts if part.quantum == quantum)

    def counted(self, probe: str | None = None) -> Mapping[str, Effect]:
        """The effects by id as last counted, by that probe or by the last of all; empty where nothing was counted."""
        return self._last([count for count in self.counts if probe in (None, count.probe)])

    def counted_elsewhere(self, probe: str) -> Mapping[str, Effect]:
        """The effects by id as last counted by any other probe."""
        return self._last([count for count in self.counts if count.probe != probe])

    def _last(self, counts: list[Count]) -> Mapping[str, Effect]:
        return {effect.id: effect for effect in counts[-1].effects} if counts else {}


@dataclass(frozen=True, slots=True)
class Experiments:
    """The records that a run judges, and the digest of the code as it is in that run."""

    records: tuple[Experiment, ...] = ()
    code: str = ""


def digest_of(architecture: Architecture, drill: str, subject: str | None) -> str:
    """A digest of what the record of a drill depends on in a declaration: the quanta, the interaction it is about, the
    parts, and the drill itself. Comments, order of keys and lines do not change it.
    """
    drills = architecture.drills
    found: list[Drill] = [known for known in drills.experiments if known.name == drill]
    about = [i for i in architecture.interactions if i.id == subject]
    rest = (drills.parts, drills.workloads, drills.probes, drills.prepare, drills.embedded_broker)
    plain = _plain([architecture.system, [(q.name, q.source) for q in architecture.quanta], about, found, rest])
    return sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    """A frozen value as lists, mappings and texts, without its places."""
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name not in ("place", "because")}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, StrEnum) else value
