"""What the functions that judge experiments share: which record is judged, whether it still counts, and how its time
line becomes the path of a finding.

A record proves what it exercised. Each judge looks in the record itself for what was done, and when: a drill that says
it proves loss and never took the receiver away proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from quantafit.fitness.cases import waiver_way_out
from quantafit.fitness.rule import Case, Contradiction, NoOptions, Obstacle, Rule, Ruling
from quantafit.fitness.system import System
from quantafit.model import (
    NOWHERE,
    Drill,
    Evidence,
    EvidenceKind,
    Experiment,
    Happening,
    Interaction,
    PartKind,
    Place,
    Proof,
    Role,
    RuleCard,
    Sent,
    Subject,
    digest_of,
)

LONGEST_LIST = 5
GONE = ("stopped", "killed", "partitioned")
"""States in which a part does nothing for others."""
HINDERED = ("slow", "paused", *GONE)


@dataclass(frozen=True)
class Trial:
    """One experiment on trial: the declared drill (None: a program made it) and its record (None: there is none)."""

    name: str
    proves: Proof
    quantum: str | None
    interaction: str | None
    place: Place
    drill: Drill | None = None
    record: Experiment | None = None


Judge = Callable[[Trial, Experiment, System], Ruling]


def experiment_rule(card: RuleCard, proof: Proof, judge: Judge, *, failed_counts: bool = False) -> Rule[Trial]:
    """The fitness function that judges the records of drills made for that proof.

    With ``failed_counts`` the judge also sees records of experiments that could not be carried through.
    """

    def select(system: System) -> Iterator[Case[Trial]]:
        for trial in trials(proof, system):
            yield _case(trial, system)

    def rule(trial: Trial, system: System, _options: NoOptions) -> Ruling:
        record = trial.record
        why = _no_use(trial, system)
        if record is None or why:
            return Ruling(doubts=(why,), shown_by=frozenset())
        ruling = judge(trial, record, system) if failed_counts or not record.problem else Ruling()
        if record.problem and not ruling.against:
            return Ruling(doubts=(f"{trial.name} was not carried through: {record.problem}",), shown_by=frozenset())
        return ruling

    return Rule(card, select, rule, by_experiment=True)


def also_by_experiment(rule: Rule[Interaction], proof: Proof, judge: Judge) -> Rule[Interaction]:
    """The rule, with the records of drills as one more kind of evidence.

    A drill that is declared and says nothing keeps the rule from passing, in a run that is about experiments.
    """
    alone = experiment_rule(rule.card, proof, judge)

    def judge_both(interaction: Interaction, system: System, options: Any) -> Ruling:
        ruling = rule.judge(interaction, system, options)
        for trial in trials(proof, system) if system.experiments is not None else ():
            if trial.interaction == interaction.id:
                ruling = _joined(ruling, alone.judge(trial, system, NoOptions()))
        return ruling

    return replace(rule, judge=judge_both, alone=alone)


def _joined(one: Ruling, experiment: Ruling) -> Ruling:
    stuck = tuple(Obstacle(EvidenceKind.RUNTIME, doubt) for doubt in experiment.doubts)
    shown_by = one.shown_by if one.shown_by is None else one.shown_by | (experiment.shown_by or frozenset())
    return replace(
        one,
        against=(*one.against, *experiment.against),
        obstacles=(*one.obstacles, *stuck),
        shown_by=shown_by,
        reason="; ".join(filter(None, (one.reason, experiment.reason))),
    )


def trials(proof: Proof, system: System) -> Iterator[Trial]:
    """The declared drills of a proof, each with its last record; then the records that no drill declares."""
    records = system.experiments.records if system.experiments is not None else ()
    last = {record.drill: record for record in records if record.proves is proof}
    for drill in system.architecture.drills.experiments:
        if drill.proves is proof:
            record = last.pop(drill.name, None)
            yield Trial(drill.name, proof, drill.quantum, drill.interaction, drill.place, drill, record)
    for record in last.values():
        place = Place(system.architecture.path, 1)
        yield Trial(record.drill, proof, record.quantum, record.interaction, place, None, record)


def proved(trial: Trial, reason: str) -> Ruling:
    """What the record shows, and what that rests on."""
    record = trial.record
    seed = f", seed {record.seed}" if record is not None else ""
    began = record.began_at if record is not None else ""
    return Ruling(shown_by=frozenset({EvidenceKind.RUNTIME}), reason=f"{reason} (drill {trial.name}, {began}{seed})")


def ruling(trial: Trial, against: Iterable[Contradiction], doubts: Iterable[str], reason: str) -> Ruling:
    """Contradictions first; what was not exercised keeps the rest from being a pass."""
    found, unsure = tuple(against), tuple(doubts)
    if found:
        return Ruling(against=found, shown_by=frozenset({EvidenceKind.RUNTIME}))
    if unsure:
        return Ruling(doubts=unsure, shown_by=frozenset())
    return proved(trial, reason)


def contradiction(trial: Trial, message: str, ways_out: tuple[str, ...], detail: str = "") -> Contradiction:
    """Evidence against a rule, with the time line as its path."""
    match = {"interaction": trial.interaction} if trial.interaction else {"quantum": trial.quantum or ""}
    path = _path(trial)
    return Contradiction(
        f"drill {trial.name}: {message}",
        path[0].place if path else trial.place,
        EvidenceKind.RUNTIME,
        path,
        (*ways_out, waiver_way_out(**match)),
        " ".join(filter(None, (trial.name, detail))),
    )


def listed(ids: Iterable[str]) -> str:
    """The first few, and how many more."""
    names = list(ids)
    rest = len(names) - LONGEST_LIST
    return ", ".join(names[:LONGEST_LIST]) + (f" and {rest} more" if rest > 0 else "")


def accepted(record: Experiment) -> dict[str, Sent]:
    """What the system took on, by id, as it was first sent; poison aside."""
    found: dict[str, Sent] = {}
    for drive in record.drives:
        for sent in drive.sent:
            if sent.ok and not sent.poison:
                found.setdefault(sent.id, sent)
    return found


def uncounted(record: Experiment) -> str:
    """Why the last count says nothing of what was sent; empty where it does."""
    if not record.counts:
        return "nothing was counted"
    if any(drive.ended > record.counts[-1].began for drive in record.drives):
        return "something was sent after the last count began"
    return ""


def restarted(part: str, after: float, before: float, record: Experiment) -> bool:
    """Whether a part was stopped or killed, and started again, between two times."""
    taken = [h for h in _done(record, part, "stop", "kill") if after <= h.at <= before]
    return any(h.at >= taken[0].at and h.at <= before and not h.failed for h in _done(record, part, "start") if taken)


def starts_after_kill(part: str, record: Experiment) -> Happening | None:
    """The last start of a part that had been killed."""
    killed = _done(record, part, "kill")
    starts = [start for start in _done(record, part, "start") if killed and start.at >= killed[0].at]
    return starts[-1] if starts else None


def brokers(record: Experiment) -> tuple[str, ...]:
    return tuple(part.name for part in record.parts if part.kind is PartKind.BROKER)


def _done(record: Experiment, part: str, *what: str) -> list[Happening]:
    return [h for h in record.timeline if h.what in what and part in h.targets]


def _case(trial: Trial, system: System) -> Case[Trial]:
    adr = trial.drill.adr if trial.drill is not None else None
    if trial.interaction is not None:
        declared = next((i for i in system.architecture.interactions if i.id == trial.interaction), None)
        labels = {"interaction": trial.interaction}
        if declared is not None:
            labels |= {"from": declared.source, "to": declared.target}
        subject = Subject("interaction", trial.interaction, trial.place, adr or (declared.adr if declared else None))
    else:
        quantum = system.quanta.get(trial.quantum or "")
        labels = {"quantum": trial.quantum or ""}
        subject = Subject("quantum", trial.quantum or "", trial.place, adr or (quantum.adr if quantum else None))
    return Case(subject, trial, MappingProxyType(labels))


def _no_use(trial: Trial, system: System) -> str:
    """Why the record says nothing about the system as it is declared and written; empty where it does."""
    record, experiments = trial.record, system.experiments
    if record is None or experiments is None:
        return f"drill {trial.name} is not in the record: quantafit drill {trial.name} makes the experiment"
    again = "make the experiment again"
    if (record.quantum, record.interaction) != (trial.quantum, trial.interaction):
        return f"the record of {trial.name} is about something else than the declared drill; {again}"
    known = trial.quantum in system.quanta
    if trial.interaction is not None:
        known = any(interaction.id == trial.interaction for interaction in system.architecture.interactions)
    if not known:
        return f"the record of {trial.name} is about {trial.interaction or trial.quantum}, which is not declared"
    if record.declaration != digest_of(system.architecture, trial.name, trial.interaction):
        return f"the record of {trial.name} is of another declaration; {again}"
    if record.code != experiments.code:
        return f"the code has changed since the record of {trial.name} was made; {again}"
    return ""


def _path(trial: Trial) -> tuple[Evidence, ...]:
    """The time line: each step at its place in the declaration."""
    if trial.record is None:
        return ()
    steps = []
    for happening in trial.record.timeline:
        line = happening.line or trial.place.line
        place = Place(trial.place.path or NOWHERE.path, line, 1, happening.what)
        what = " ".join(filter(None, (happening.what, ", ".join(happening.targets))))
        note = f"{happening.at:.1f} s  {what}" + (f": {happening.note}" if happening.note else "")
        steps.append(Evidence(EvidenceKind.RUNTIME, Role.STEP, place, note))
    return tuple(steps)
