"""Drills as they are declared: the parts of a system that runs, and what is done to them and with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from quantafit.model.places import Place

NOWHERE = Place("quanta.yaml", 1)

Command = tuple[str, ...]
"""A program and its arguments, each with ``{placeholders}``; no shell ever reads it."""


class PartKind(StrEnum):
    """What a part is: a deployment unit, a message broker, or a database server."""

    UNIT = "unit"
    BROKER = "broker"
    DATABASE = "database"


class Proof(StrEnum):
    """What a drill is made to prove; each word is the name of the fitness function that judges its record."""

    ISOLATION = "isolation"
    LATENCY = "latency"
    LOSS = "loss"
    RESTART = "restart"
    STALENESS = "staleness"
    IDEMPOTENT_RECEIVER = "idempotent-receiver"
    DEAD_LETTER = "dead-letter"


class Act(StrEnum):
    """What a step does: to parts, or with the system."""

    STOP = "stop"
    KILL = "kill"
    PAUSE = "pause"
    SLOW = "slow"
    PARTITION = "partition"
    START = "start"
    DRIVE = "drive"
    WAIT = "wait"
    COUNT = "count"


TAKING = frozenset({Act.STOP, Act.KILL, Act.PAUSE, Act.SLOW, Act.PARTITION})
"""The acts that take something away from a part; ``start`` brings all of it back."""


@dataclass(frozen=True, slots=True)
class Ready:
    """How it shows that a part works: a port that accepts, a URL that answers, a line that it prints, a command that
    ends well. Each may hold placeholders. Without any of them a part counts as ready once it runs.
    """

    port: str = ""
    url: str = ""
    line: str = ""
    command: Command = ()


@dataclass(frozen=True, slots=True)
class Proxy:
    """A TCP port on the loopback interface (``listen``) behind which the drill passes all bytes on (``to``,
    ``host:port``), late or not at all.
    """

    listen: str
    to: str


@dataclass(frozen=True, slots=True)
class DrillPart:
    """One part of the running system. ``quantum`` is None where it belongs to none.

    A part with ``run`` is a process of the drill. One without is run by others, and ``commands`` (by act) say how to
    stop, kill, pause and start it. ``starting`` is how long it may take to be ready, in seconds.
    """

    name: str
    quantum: str | None = None
    kind: PartKind = PartKind.UNIT
    run: Command = ()
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    commands: Mapping[str, Command] = field(default_factory=lambda: MappingProxyType({}))
    ready: Ready = Ready()
    proxy: Proxy | None = None
    starting: float = 30.0
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class DrillStep:
    """One step. ``targets`` are parts (for ``start`` without any: all), or the one workload or probe.

    ``seconds`` is how long to wait, how much to slow down, or how long effects may take to arrive; None: the usual
    time. ``settle`` is how long a complete count is watched for second effects. ``meanwhile`` are the steps done while
    a workload runs.
    """

    act: Act
    targets: tuple[str, ...] = ()
    seconds: float | None = None
    settle: float | None = None
    meanwhile: tuple[DrillStep, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Drill:
    """One experiment, declared. It is about one ``interaction`` or one ``quantum``.

    ``within`` is a limit in seconds for what it proves (an answer, a start, an arrival), ``slower_at_most`` the ratio
    between the times with and without the others.
    """

    name: str
    proves: Proof
    quantum: str | None = None
    interaction: str | None = None
    steps: tuple[DrillStep, ...] = ()
    within: float | None = None
    slower_at_most: float | None = None
    adr: str | None = None
    because: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Drills:
    """All that ``quanta.yaml`` says under ``drills``.

    ``prepare`` runs once before the first part starts, ``clean_up`` after the last has ended. ``embedded_broker`` says
    that the queues are files of the units: there is no broker that could be restarted by itself.
    """

    parts: tuple[DrillPart, ...] = ()
    workloads: Mapping[str, Command] = field(default_factory=lambda: MappingProxyType({}))
    probes: Mapping[str, Command] = field(default_factory=lambda: MappingProxyType({}))
    experiments: tuple[Drill, ...] = ()
    prepare: Command = ()
    clean_up: Command = ()
    embedded_broker: bool = False
