"""resilience/isolation: an operation of a quantum that fails, or gets slow, when the other quanta are away."""

from __future__ import annotations

from typing import Any

from quantafit.fitness.drilled import Drilled, at, drove
from quantafit.fitness.experiments import GONE, Trial, experiment_rule
from quantafit.fitness.operations import compare
from quantafit.fitness.rule import Ruling
from quantafit.fitness.system import System
from quantafit.model import Drive, EvidenceKind, Experiment, Proof, RuleCard

ALONE = Drilled(
    drill="alone",
    proves=Proof.ISOLATION,
    about={"quantum": "customer"},
    limits={"slower_at_most": ("3x", 3.0)},
    steps=("drive: send", "kill: others", "drive: send"),
    digest="dd477786ff98459dcdad461e5ae863d7",
)


def _example(sentence: str, **outcome: Any) -> str:
    """An order with billing, and one without, which went as ``outcome`` says."""
    return ALONE.ran(
        sentence,
        [at(0.0, "drive", "send"), at(1.0, "kill", "billing"), at(1.1, "drive", "send", took=0.5)],
        [
            drove(0.0, 0.1, {"id": "a", "at": 0.0, "operation": "order", "took": 0.02}),
            drove(1.1, 1.6, {"id": "b", "at": 1.2, "operation": "order", **outcome}, billing="killed"),
        ],
    )


CARD = RuleCard(
    name="resilience/isolation",
    title="An operation that needs another quantum to be there",
    what=(
        "For every drill with `proves: isolation`: all operations of the quantum that its workload performs succeed "
        "while every part of every other quantum is away, within the drill's `within`, and at most `slower_at_most` "
        "times as slow as with all parts."
    ),
    why=(
        "A quantum is as available and as quick as what it waits for. The code may show no call to another quantum, "
        "and still a start-up check, a shared lock or a time-out of a library lets its customers wait."
    ),
    broken=_example("Without billing, no customer can order", took=0.4, ok=False, error="503"),
    kept=_example("Customers order as if nothing had happened", took=0.021),
    repair=(
        "Let the operation end when its own quantum has done its part; send the rest as a message by an outbox.",
        "Read from a replica of the other quantum's data instead of asking for it.",
    ),
    limits=(
        "Proves the operations of the workload, not those that it leaves out. Ratios compare medians, and a median "
        "under 10 ms counts as 10 ms, because clocks and schedulers are no finer."
    ),
    proves=(EvidenceKind.RUNTIME,),
)


def judge(trial: Trial, record: Experiment, system: System) -> Ruling:
    """Compare the operations with and without the others."""
    own = record.parts_of(trial.quantum or "")
    others = [quantum for quantum in system.quanta if quantum != trial.quantum]
    unknown = [
        f"drill {trial.name}: nothing says how {q} runs, so it was there" for q in others if not record.parts_of(q)
    ]
    needed = {part for quantum in others for part in record.parts_of(quantum)}

    def alone(drive: Drive) -> bool:
        gone = {name for name, how in drive.away.items() if how in GONE}
        return bool(needed) and needed <= gone and not set(own) & set(drive.disturbed)

    if not any(alone(drive) for drive in record.drives):
        unknown.append(f"drill {trial.name}: nothing was driven while all parts of {', '.join(others)} were away")
    return compare(trial, record, alone, f"{', '.join(others)} away", unknown, CARD.repair)


RULE = experiment_rule(CARD, Proof.ISOLATION, judge)
