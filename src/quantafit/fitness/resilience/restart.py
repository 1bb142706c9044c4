"""resilience/restart: a unit that does not come back after it was killed, or does not go on with its work."""

from __future__ import annotations

from collections.abc import Iterator

from quantafit.fitness.drilled import Drilled, at, drove
from quantafit.fitness.experiments import (
    Trial,
    accepted,
    contradiction,
    experiment_rule,
    listed,
    ruling,
    starts_after_kill,
)
from quantafit.fitness.rule import Contradiction, Ruling
from quantafit.fitness.system import System
from quantafit.model import EvidenceKind, Experiment, Proof, RuleCard

COMES_BACK = Drilled(
    drill="comes-back",
    proves=Proof.RESTART,
    about={"quantum": "customer"},
    limits={"within": ("20s", 20.0)},
    steps=("kill: customer", "start: all", "drive: send"),
    digest="b39f3b76560f8f0ac8e1bffac11b3002",
)


def _example(sentence: str, seconds: float) -> str:
    """The unit is killed, and its start takes so many seconds."""
    back = round(0.2 + seconds, 1)
    return COMES_BACK.ran(
        sentence,
        [at(0.0, "kill", "customer"), at(0.1, "start", "customer", took=seconds), at(back, "drive", "send")],
        [drove(back, round(back + 0.3, 1), {"id": "a", "at": round(back + 0.1, 1)})],
    )


CARD = RuleCard(
    name="resilience/restart",
    title="A killed unit that does not come back, or does not go on",
    what=(
        "For every drill with `proves: restart`: every part of the quantum is killed, started again, works within the "
        "drill's `within`, does not end by itself afterwards, and what is asked of the quantum then has its effect."
    ),
    why=(
        "Machines restart units without asking. A lock, a lease or half a file that a killed process leaves behind "
        "shows only then, and stops the work of all that come after it."
    ),
    broken=_example("The unit waits for a lock that its dead predecessor holds", seconds=31.5),
    kept=_example("It is back in two seconds, and works", seconds=2.0),
    repair=(
        "Let nothing that a process leaves behind keep the next one from starting: locks that end with the process, "
        "leases with an end, files that are renamed when they are whole.",
        "Migrate and prepare in steps that can be done again.",
    ),
    limits="Proves a restart on the same machine with its data, not that the data survives the machine.",
    proves=(EvidenceKind.RUNTIME,),
)


def judge(trial: Trial, record: Experiment, _system: System) -> Ruling:
    """Look at each part's death, its return, and the work after it."""
    parts = record.parts_of(trial.quantum or "")
    found = [*_not_back(trial, record, parts), *_not_gone_on(trial, record, parts)]
    reason = f"{', '.join(parts)}: killed, back and at work"
    return ruling(trial, found, _not_exercised(trial, record, parts), reason)


def _not_back(trial: Trial, record: Experiment, parts: tuple[str, ...]) -> Iterator[Contradiction]:
    for part in parts:
        start = starts_after_kill(part, record)
        if start is None:
            continue
        if start.failed:
            yield contradiction(trial, f"{part} did not come back: {start.note}", CARD.repair, part)
        elif record.within is not None and start.took > record.within:
            message = f"{part} took {start.took:.1f} s to come back; at most {record.within:g} s are permitted"
            yield contradiction(trial, message, CARD.repair, f"{part} within")
        for happening in record.timeline:
            if happening.what == "ended" and part in happening.targets and happening.at >= start.at:
                yield contradiction(trial, f"{part} came back and {happening.note}", CARD.repair, f"{part} ended")


def _not_gone_on(trial: Trial, record: Experiment, parts: tuple[str, ...]) -> Iterator[Contradiction]:
    after = _last_start(record, parts)
    if after is None:
        return
    refused = [sent for drive in record.drives if drive.began >= after for sent in drive.sent if not sent.ok]
    if refused:
        why = f" ({refused[0].error})" if refused[0].error else ""
        yield contradiction(trial, f"{len(refused)} requests failed after the return{why}", CARD.repair, "refused")
    if record.counts and record.counts[-1].began >= after:
        effects = record.counted()
        lost = [id for id in accepted(record) if id not in effects]
        if lost:
            waited = record.counts[-1].waited
            message = f"{len(lost)} accepted had no effect within {waited:.1f} s of counting: {listed(lost)}"
            yield contradiction(trial, message, CARD.repair, "effects")


def _not_exercised(trial: Trial, record: Experiment, parts: tuple[str, ...]) -> Iterator[str]:
    if not parts:
        yield f"drill {trial.name}: no part belongs to {trial.quantum}"
    for part in parts:
        if starts_after_kill(part, record) is None:
            yield f"drill {trial.name}: {part} was not killed and started again"
    after = _last_start(record, parts)
    if after is not None and not any(drive.began >= after and drive.sent for drive in record.drives):
        yield f"drill {trial.name}: nothing was asked of {trial.quantum} after its return"


def _last_start(record: Experiment, parts: tuple[str, ...]) -> float | None:
    starts = [start.ended for part in parts if (start := starts_after_kill(part, record)) is not None]
    return max(starts, default=None)


RULE = experiment_rule(CARD, Proof.RESTART, judge, failed_counts=True)
