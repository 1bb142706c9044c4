"""Sentences and orders that several formats share, so that they never say two different things."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from quantafit.model import (
    Communication,
    Crossing,
    Evaluation,
    Evidence,
    Finding,
    Judgement,
    Mode,
    Place,
    Role,
    TargetKind,
)
from quantafit.report._matrix import State, state_of

STATE_WORDS = {
    State.ERROR: "ERROR",
    State.FAIL: "FAIL",
    State.WARN: "warn",
    State.WAIVED: "waived",
    State.PASS: "pass",
    State.NOT_EVALUATED: "not evaluated",
    State.NOT_COLLECTED: "not collected",
}


@dataclass(frozen=True, slots=True)
class Sorted:
    """The judgements of an evaluation by what a reader has to do about them, each group in the order of judging."""

    failed: tuple[Judgement, ...]
    in_error: tuple[Judgement, ...]
    not_evaluated: tuple[Judgement, ...]
    warned: tuple[Judgement, ...]
    waived: tuple[Judgement, ...]
    passed: tuple[Judgement, ...]


def sort(evaluation: Evaluation) -> Sorted:
    """Every judgement in exactly one group; those of functions that are off are left out."""
    judgements = [judgement for judgement in evaluation.judgements if judgement.mode is not Mode.OFF]

    def those(*states: State) -> tuple[Judgement, ...]:
        return tuple(judgement for judgement in judgements if state_of(judgement) in states)

    return Sorted(
        failed=those(State.FAIL),
        in_error=those(State.ERROR),
        not_evaluated=those(State.NOT_EVALUATED),
        warned=those(State.WARN),
        waived=those(State.WAIVED),
        passed=those(State.PASS),
    )


def plural(count: int, noun: str, many: str | None = None) -> str:
    """``1 file``, ``2 files``, ``2 queries`` (with ``many`` given)."""
    return f"{count} {noun if count == 1 else many or noun + 's'}"


def verdict_line(evaluation: Evaluation) -> str:
    """The outcome in one line: the gate first, then how many judgements there are of each sort."""
    groups = sort(evaluation)
    counts = {
        "failed": len(groups.failed),
        "in error": len(groups.in_error),
        "not evaluated": len(groups.not_evaluated),
        "warning" if len(groups.warned) == 1 else "warnings": len(groups.warned),
        "waived": len(groups.waived),
        "passed": len(groups.passed),
    }
    said = ", ".join(f"{count} {words}" for words, count in counts.items() if count) or "nothing was judged"
    return f"{'GATE PASSED' if evaluation.passed else 'GATE FAILED'}: {said}"


def explanation(evaluation: Evaluation) -> str:
    """What must be known to read the verdict; empty where it speaks for itself."""
    sentences = [blind_spots(evaluation)]
    if not evaluation.passed and not sort(evaluation).failed:
        sentences.insert(0, "Nothing failed, but what is enforced and not proved does not pass.")
    return " ".join(filter(None, sentences))


def blind_spots(evaluation: Evaluation) -> str:
    """``1 place could not be examined, 2 calls are unresolved.``; empty where everything was seen."""
    errors, unresolved = len(evaluation.coverage.errors), len(evaluation.coupling.unresolved)
    parts = [f"{plural(errors, 'place')} could not be examined"] if errors else []
    parts += [f"{plural(unresolved, 'call')} {'is' if unresolved == 1 else 'are'} unresolved"] if unresolved else []
    return ", ".join(parts) + "." if parts else ""


def heading(judgement: Judgement) -> str:
    """``ADR-5 · message/persistent``: the decision, then the fitness function that guards it."""
    adr = (judgement.adr or judgement.subject.adr or "").partition("#")[0]
    return f"{adr} · {judgement.rule}" if adr else judgement.rule


def hops(finding: Finding) -> tuple[Evidence, ...]:
    """The way from the quantum's own line to the library call; the finding's own place where there is no path."""
    return finding.path or (Evidence(finding.kind, Role.CALL, finding.place),)


def excerpt(evaluation: Evaluation, hop: Evidence) -> tuple[tuple[bool, str], ...]:
    """The code around a place, numbered and without shared indentation; True marks the place's own line."""
    lines = evaluation.excerpts.get(str(hop.place), ())
    codes = textwrap.dedent("\n".join(code.rstrip().expandtabs(4) for _, code in lines)).split("\n")
    digits = max((len(str(number)) for number, _ in lines), default=0)
    marked = [number == hop.place.line for number, _ in lines]
    numbered = [f"{number:>{digits}} | {code}".rstrip() for (number, _), code in zip(lines, codes, strict=False)]
    return tuple((mark, f"{'>' if mark else ' '} {line}") for mark, line in zip(marked, numbered, strict=True))


def ways_out(evaluation: Evaluation, judgement: Judgement, *, general: bool = True) -> tuple[str, ...]:
    """What to do about a failure: in code, in the decision, or for a limited time.

    What a finding says itself is more concrete than what its rule says of all findings, and stands in its place.
    """
    steps = [way for finding in judgement.findings for way in finding.ways_out]
    if general:
        card = evaluation.cards.get(judgement.rule)
        steps = steps or list(card.repair if card else ())
        steps += _supersede(evaluation, judgement)
        if not any("waiver" in step for step in steps):
            steps.append(_waive(judgement))
    return tuple(dict.fromkeys(steps))


def _supersede(evaluation: Evaluation, judgement: Judgement) -> list[str]:
    adr = (judgement.adr or judgement.subject.adr or "").partition("#")[0]
    place = judgement.subject.place
    where = f"{evaluation.architecture.path}:{place.line}" if place else evaluation.architecture.path
    return [f"Change the decision: write one that supersedes {adr}, then change {where}."] if adr else []


def _waive(judgement: Judgement) -> str:
    return f"Allow it for a limited time: a waiver for {judgement.rule} with owner, reason and expires."


def about(crossing: Crossing) -> str:
    """What a crossing is about: its channel or address, and for a database what it does to which tables."""
    tables = f"{crossing.operation} {', '.join(crossing.tables)}".strip()
    return ": ".join(filter(None, (crossing.channel or crossing.address, tables)))


def resolution(crossing: Crossing) -> str:
    """How the target was come by, each fact with its place: ``A=http://b (compose.yaml:3) → b is …``."""
    return " → ".join(f"{one.says} ({one.place})" if one.place else one.says for one in crossing.resolution)


def steps(crossing: Crossing) -> str:
    """The names of the steps that told the target, each once."""
    return ", ".join(dict.fromkeys(clue.step for clue in crossing.resolution))


def unmet(evaluation: Evaluation) -> tuple[tuple[Place, str], ...]:
    """Messages that nobody here takes, and consumers that nobody here feeds: where, and in what words."""
    coupling = evaluation.coupling
    sent = (
        (one.site, f"{one.source} publishes to {one.channel}: nobody here consumes it")
        for one in coupling.crossings
        if one.target_kind is TargetKind.UNROUTED
        and one.communication is Communication.ASYNCHRONOUS
        and one.channel is not None
    )
    taken = (
        (one.evidence[0].place, f"{one.quantum} consumes {one.queue}: nobody here publishes to it")
        for one in coupling.consumers
        if one.evidence
    )
    return (*dict.fromkeys(sent), *dict.fromkeys(taken))


def by_reason(judgements: Iterable[Judgement]) -> dict[str, list[Judgement]]:
    """Judgements that share a reason, together."""
    groups: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        groups.setdefault(judgement.reason or "No reason was given.", []).append(judgement)
    return groups


def not_read(languages: Iterable[tuple[str, int]]) -> str:
    """``not read: 3 files of Go, 1 file of Ruby``, of code beside the Python."""
    return "not read: " + ", ".join(f"{plural(count, 'file')} of {language}" for language, count in languages)
