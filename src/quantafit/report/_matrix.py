"""The matrix of a report: interaction × evidence kind, without a silent cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from quantafit.model import Evaluation, EvidenceKind, Judgement, Mode, Subject, Verdict

KINDS = (EvidenceKind.SOURCE, EvidenceKind.CONFIGURATION, EvidenceKind.RUNTIME)


class State(StrEnum):
    """What a cell says. ``warn`` is a failure that does not stop the gate."""

    ERROR = "error"
    FAIL = "fail"
    WARN = "warn"
    WAIVED = "waived"
    PASS = "pass"
    NOT_EVALUATED = "not_evaluated"
    NOT_COLLECTED = "not_collected"


_LOUDEST_FIRST = (State.ERROR, State.FAIL, State.NOT_EVALUATED, State.WARN, State.WAIVED, State.PASS)
_BY_KIND_FIRST = (State.ERROR, State.FAIL, State.WARN, State.WAIVED, State.PASS)


@dataclass(frozen=True, slots=True)
class Cell:
    """``agreeing`` of ``judged`` fitness functions say ``state``."""

    state: State
    agreeing: int
    judged: int


@dataclass(frozen=True, slots=True)
class Row:
    """One subject: the verdict over all evidence, and what each kind of evidence says alone."""

    subject: Subject
    name: str
    arrow: str
    verdict: Cell
    cells: tuple[tuple[EvidenceKind, Cell], ...]


def rows(evaluation: Evaluation) -> tuple[Row, ...]:
    """One row for every declared interaction, judged or not, then every other subject that is not simply passed."""
    judged = _by_subject(evaluation)
    declared = {
        ("interaction", i.id): Subject("interaction", i.id, i.place) for i in evaluation.architecture.interactions
    }
    others = {
        key: judgements[0].subject
        for key, judgements in judged.items()
        if key not in declared and any(judgement.verdict is not Verdict.PASS for judgement in judgements)
    }
    return tuple(_row(evaluation, subject, judged.get(key, [])) for key, subject in {**declared, **others}.items())


def passed_elsewhere(evaluation: Evaluation) -> dict[str, int]:
    """How many subjects of each kind have no row because everything about them is passed."""
    shown = {(row.subject.kind, row.subject.name) for row in rows(evaluation)}
    return dict(sorted(Counter(kind for kind, name in _by_subject(evaluation) if (kind, name) not in shown).items()))


def _by_subject(evaluation: Evaluation) -> dict[tuple[str, str], list[Judgement]]:
    judged: dict[tuple[str, str], list[Judgement]] = {}
    for judgement in evaluation.judgements:
        judged.setdefault((judgement.subject.kind, judgement.subject.name), []).append(judgement)
    return judged


def state_of(judgement: Judgement, verdict: Verdict | None = None) -> State:
    """The judgement's verdict, or one of its verdicts by kind; a failure that only warns is a state of its own."""
    state = State((verdict or judgement.verdict).value)
    return State.WARN if state is State.FAIL and judgement.mode is not Mode.ENFORCE else state


def _row(evaluation: Evaluation, subject: Subject, judgements: list[Judgement]) -> Row:
    verdict = _cell((state_of(judgement) for judgement in judgements), len(judgements), _LOUDEST_FIRST)
    cells = tuple((kind, _kind_cell(evaluation, judgements, kind)) for kind in KINDS)
    return Row(subject, name(subject), arrow(evaluation, subject), verdict, cells)


def _kind_cell(evaluation: Evaluation, judgements: list[Judgement], kind: EvidenceKind) -> Cell:
    said = [state_of(judgement, judgement.by_kind[kind]) for judgement in judgements if kind in judgement.by_kind]
    if kind not in evaluation.coverage.kinds and set(said) <= {State.NOT_EVALUATED}:
        return Cell(State.NOT_COLLECTED, 0, len(judgements))
    return _cell(said, len(judgements), _BY_KIND_FIRST)


def _cell(states: Iterable[State], judged: int, order: tuple[State, ...]) -> Cell:
    counted = list(states)
    for state in order:
        if state in counted:
            return Cell(state, counted.count(state), judged)
    return Cell(State.NOT_EVALUATED, counted.count(State.NOT_EVALUATED), judged)


def title(evaluation: Evaluation, subject: Subject) -> str:
    """The subject as a reader knows it: an interaction with its quanta, anything else by its kind and name."""
    between = arrow(evaluation, subject)
    return f"{name(subject)} ({between})" if between else name(subject)


def name(subject: Subject) -> str:
    """``invoice-issued``, ``customer → billing``, ``quantum customer``: the kind where the name alone does not tell."""
    return f"{subject.kind} {subject.name}" if subject.kind in ("quantum", "table") else subject.name


def arrow(evaluation: Evaluation, subject: Subject) -> str:
    """``billing → customer`` for a declared interaction, else empty."""
    declared = evaluation.architecture.interactions if subject.kind == "interaction" else ()
    return next((interaction.arrow for interaction in declared if interaction.id == subject.name), "")
