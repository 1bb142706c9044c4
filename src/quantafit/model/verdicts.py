"""Judgements: what a fitness function says of each subject, with findings and their evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from quantafit.model.architecture import Architecture, Mode, Origin
from quantafit.model.coupling import CouplingMap, Coverage
from quantafit.model.experiments import Experiments
from quantafit.model.places import Evidence, EvidenceKind, Place


class Verdict(StrEnum):
    """What a fitness function says of one subject. A pass needs one evidence kind that can prove it."""

    PASS = "pass"
    FAIL = "fail"
    WAIVED = "waived"
    NOT_EVALUATED = "not_evaluated"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: an interaction, a quantum, an ordered pair of quanta, a table, or the declaration itself.

    ``kind`` is ``interaction``, ``quantum``, ``edge``, ``table`` or ``declaration``; ``name`` is unique in its kind
    (``invoice-issued``, ``customer``, ``customer → billing``); ``adr`` the sentence it is declared with.
    """

    kind: str
    name: str
    place: Place | None = None
    adr: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Evidence against a fitness function.

    ``path`` leads from the quantum's own line to the library call (or is one place); ``ways_out`` are concrete next
    steps for this finding, beyond the rule's general ones. ``fingerprint`` names rule, subject and symbol, and holds no
    line numbers.
    """

    rule: str
    subject: Subject
    message: str
    place: Place
    kind: EvidenceKind = EvidenceKind.SOURCE
    path: tuple[Evidence, ...] = ()
    ways_out: tuple[str, ...] = ()
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict of one fitness function on one subject.

    ``by_kind`` holds the verdict that each evidence kind gives alone. ``reason`` says why it was not evaluated, or what
    a pass rests on. ``enforced`` is False where a failure only warns.
    """

    rule: str
    subject: Subject
    verdict: Verdict
    by_kind: Mapping[EvidenceKind, Verdict] = field(default_factory=lambda: MappingProxyType({}))
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    adr: str | None = None
    sentence: str = ""
    origin: Origin = Origin.DERIVED
    mode: Mode = Mode.ENFORCE

    @property
    def stops_the_gate(self) -> bool:
        """True where this judgement alone makes the gate fail."""
        blocking = (Verdict.FAIL, Verdict.NOT_EVALUATED, Verdict.ERROR)
        return self.mode is Mode.ENFORCE and self.verdict in blocking


@dataclass(frozen=True, slots=True)
class RuleCard:
    """A fitness function's own explanation, as it travels to reports and ``quantafit explain``.

    Each text is Markdown in the reader's words; ``broken`` and ``kept`` are small examples that the tests run.
    ``proves`` are the evidence kinds that can prove it; ``refutes`` those that can only refute it.
    """

    name: str
    title: str
    what: str
    why: str
    broken: str
    kept: str
    repair: tuple[str, ...]
    limits: str
    proves: tuple[EvidenceKind, ...]
    refutes: tuple[EvidenceKind, ...] = ()
    origin: Origin = Origin.DERIVED
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The whole outcome of one run: what was declared, observed and judged. Reports see this and nothing else.

    ``excerpts`` maps ``path:line`` to the source lines around it as ``(line number, text)`` pairs, for the places that
    findings and paths name.
    """

    architecture: Architecture
    coupling: CouplingMap
    judgements: tuple[Judgement, ...]
    cards: Mapping[str, RuleCard]
    excerpts: Mapping[str, tuple[tuple[int, str], ...]] = field(default_factory=lambda: MappingProxyType({}))
    without_subject: tuple[str, ...] = ()
    """Fitness functions that found nothing to judge in this architecture."""
    left_to_experiments: tuple[str, ...] = ()
    """Fitness functions with declared drills, in a run without their records: they are no part of it."""
    experiments: Experiments | None = None
    """The records that were judged; None in a run that is not about experiments."""

    @property
    def coverage(self) -> Coverage:
        return self.coupling.coverage

    @property
    def passed(self) -> bool:
        """Whether the gate is passed: no enforced judgement fails, lacks a proof or ended in an error."""
        return not any(judgement.stops_the_gate for judgement in self.judgements)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for judgement in self.judgements for finding in judgement.findings)
