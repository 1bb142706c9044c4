"""From a ruling and the coverage to a verdict: the one place that decides what may pass.

A pass needs one evidence kind that can prove the rule and that really looked at something. What was not read, could
not be read, or stays in doubt is ``not_evaluated`` or ``error``, never a pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from quantafit.fitness.rule import Ruling
from quantafit.fitness.system import System
from quantafit.model import Coverage, EvidenceKind, ExaminationError, RuleCard, Verdict


@dataclass(frozen=True, slots=True)
class Examination:
    """How well the needed quanta were examined: ``error`` and ``gap`` are sentences, empty where all is well."""

    error: str = ""
    gap: str = ""

    @property
    def complete(self) -> bool:
        return not (self.error or self.gap)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict, the verdict that each evidence kind gives alone, and the reason."""

    verdict: Verdict
    by_kind: Mapping[EvidenceKind, Verdict]
    reason: str


def decide(card: RuleCard, ruling: Ruling, system: System) -> Outcome:
    """The verdict on a ruling, given what was examined."""
    examination = examine(ruling.needs, system)
    if ruling.error:
        examination = replace(examination, error=_several(filter(None, (ruling.error, examination.error))))
    proofs = _proofs(card, ruling, examination, system.coupling.coverage)
    verdict = _overall(ruling, examination, proofs)
    told = (*(c.kind for c in ruling.against), *(obstacle.kind for obstacle in ruling.obstacles))
    kinds = dict.fromkeys((*card.proves, *card.refutes, *told))
    by_kind = {kind: _alone(kind, card, ruling, examination, proofs, system.coupling.coverage) for kind in kinds}
    return Outcome(verdict, MappingProxyType(by_kind), _reason(card, ruling, examination, proofs, verdict))


def unseen(card: RuleCard, reason: str) -> Outcome:
    """The outcome for a subject whose code is not here."""
    kinds = dict.fromkeys((*card.proves, *card.refutes), Verdict.NOT_EVALUATED)
    return Outcome(Verdict.NOT_EVALUATED, MappingProxyType(kinds), reason)


def examine(needs: Iterable[str], system: System) -> Examination:
    """Whether the quanta that an answer rests on were read, all of them and without an error."""
    needed = tuple(dict.fromkeys(needs))
    if not needed:
        return Examination()
    found = _errors(needed, system)
    explained = {error.quantum for error in found}
    errors = [f"{error.place}: {error.message}" for error in found]
    unread = [_unread_why(name, system) for name in needed if name not in explained and _unread(name, system)]
    gaps = [f"the code of {name} is not here" for name in needed if name in system.opaque_names]
    if EvidenceKind.SOURCE not in collected(system.coupling.coverage):
        gaps, unread = [*gaps, "source code was not examined in this run"], []
    return Examination(_several([*errors, *unread]), _several(gaps))


def collected(coverage: Coverage) -> frozenset[EvidenceKind]:
    """The evidence kinds of this run. The declaration is always read, so document evidence always is."""
    return frozenset((*coverage.kinds, EvidenceKind.DOCUMENT))


def _errors(needed: tuple[str, ...], system: System) -> list[ExaminationError]:
    """Errors in the needed quanta, and errors that belong to no quantum: those could hide something of any of them."""
    decisions = {adr.file for adr in system.architecture.adrs}
    errors = system.coupling.coverage.errors
    found = [e for e in errors if e.quantum in needed or (e.quantum is None and e.place.path not in decisions)]
    return sorted(found, key=lambda e: (e.place, e.message))


def _unread(name: str, system: System) -> bool:
    examined = system.coupling.coverage.examined.get(name)
    return name not in system.opaque_names and (examined is None or examined.files <= 0)


def _unread_why(name: str, system: System) -> str:
    """That no file of a quantum was examined; where it is written in other languages, what to do about it."""
    others = system.coupling.coverage.other_code.get(name)
    if not others:
        return f"no file of {name} was examined"
    written = ", ".join(language for language, _ in others)
    return f"no file of {name} was examined: it is written in {written}; declare it without source, then it is opaque"


def _proofs(card: RuleCard, ruling: Ruling, examination: Examination, coverage: Coverage) -> frozenset[EvidenceKind]:
    if ruling.shown_by is not None:
        return ruling.shown_by & frozenset(card.proves) & collected(coverage)
    looked = set()
    if ruling.needs and examination.complete:
        looked.add(EvidenceKind.SOURCE)
    if coverage.configuration_files:
        looked.add(EvidenceKind.CONFIGURATION)
    return frozenset(looked) & frozenset(card.proves) & collected(coverage)


def _overall(ruling: Ruling, examination: Examination, proofs: frozenset[EvidenceKind]) -> Verdict:
    if ruling.against:
        return Verdict.FAIL
    if examination.error or any(obstacle.error for obstacle in ruling.obstacles):
        return Verdict.ERROR
    if examination.gap or ruling.doubts or ruling.obstacles:
        return Verdict.NOT_EVALUATED
    if ruling.missing:
        return Verdict.FAIL
    return Verdict.PASS if proofs else Verdict.NOT_EVALUATED


def _alone(
    kind: EvidenceKind,
    card: RuleCard,
    ruling: Ruling,
    examination: Examination,
    proofs: frozenset[EvidenceKind],
    coverage: Coverage,
) -> Verdict:
    if any(contradiction.kind is kind for contradiction in ruling.against):
        return Verdict.FAIL
    if kind not in collected(coverage):
        return Verdict.NOT_EVALUATED
    obstacles = [obstacle for obstacle in ruling.obstacles if obstacle.kind is kind]
    if obstacles:
        return Verdict.ERROR if any(obstacle.error for obstacle in obstacles) else Verdict.NOT_EVALUATED
    if examination.error:
        return Verdict.ERROR if kind in card.proves else Verdict.NOT_EVALUATED
    if examination.gap or ruling.doubts:
        return Verdict.NOT_EVALUATED
    if any(contradiction.kind is kind for contradiction in ruling.missing):
        return Verdict.FAIL
    return Verdict.PASS if kind in proofs else Verdict.NOT_EVALUATED


def _reason(
    card: RuleCard, ruling: Ruling, examination: Examination, proofs: frozenset[EvidenceKind], verdict: Verdict
) -> str:
    stuck = dict.fromkeys(obstacle.why for obstacle in sorted(ruling.obstacles, key=lambda one: not one.error))
    if verdict is Verdict.ERROR:
        return _several(filter(None, (examination.error, *stuck)))
    if verdict is Verdict.FAIL:
        return ""
    if verdict is Verdict.PASS:
        return ruling.reason
    obstacles = [text for text in (examination.gap, *dict.fromkeys(ruling.doubts), *stuck) if text]
    return _several(obstacles) or f"nothing was collected that can prove it: {_kinds(card)} evidence is needed"


def _kinds(card: RuleCard) -> str:
    return " or ".join(kind.value for kind in card.proves)


def _several(texts: Iterable[str], shown: int = 3) -> str:
    """The first few sentences, and how many more there are: a report line must stay readable."""
    listed = list(texts)
    rest = len(listed) - shown
    return "; ".join(listed[:shown]) + (f"; and {rest} more" if rest > 0 else "")
