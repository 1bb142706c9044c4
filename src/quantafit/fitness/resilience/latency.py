"""resilience/latency: an operation of a quantum that gets slow because others are slow."""

from __future__ import annotations

from quantafit.fitness.drilled import Drilled, at, drove
from quantafit.fitness.experiments import Trial, experiment_rule
from quantafit.fitness.operations import compare
from quantafit.fitness.rule import Ruling
from quantafit.fitness.system import System
from quantafit.model import Drive, EvidenceKind, Experiment, Proof, RuleCard

SLOW = Drilled(
    drill="slow-billing",
    proves=Proof.LATENCY,
    about={"quantum": "customer"},
    limits={"slower_at_most": ("3x", 3.0)},
    steps=("drive: send", "{slow: billing, by: 1s}", "drive: send"),
    digest="c32f696d15e818c939b71fc5e836a32b",
    billing='{quantum: billing, proxy: {listen: "9001", to: "127.0.0.1:8001"}}',
)


def _example(sentence: str, took: float) -> str:
    """An order with billing as it is, and one with a slow billing, which took so many seconds."""
    return SLOW.ran(
        sentence,
        [at(0.0, "drive", "send"), at(1.0, "slow", "billing", note="by 1 s"), at(1.1, "drive", "send", took=0.5)],
        [
            drove(0.0, 0.1, {"id": "a", "at": 0.0, "operation": "order", "took": 0.02}),
            drove(1.1, 3.6, {"id": "b", "at": 1.2, "operation": "order", "took": took}, billing="slow"),
        ],
    )


CARD = RuleCard(
    name="resilience/latency",
    title="An operation that gets slow when another quantum is slow",
    what=(
        "For every drill with `proves: latency`: all operations of the quantum that its workload performs succeed "
        "while parts of every other quantum are slowed down or stand still, within the drill's `within`, and at most "
        "`slower_at_most` times as slow as with all parts at full speed."
    ),
    why=(
        "A partner that is away is refused at once; one that is slow keeps whoever waits for it. Responsiveness is "
        "lost there, long before availability is."
    ),
    broken=_example("An order waits for billing's answer", took=2.03),
    kept=_example("An order waits for nobody", took=0.019),
    repair=(
        "Let the operation end when its own quantum has done its part; send the rest as a message by an outbox.",
        "Where a call to the other quantum has to stay, give it a short time-out and an answer without it.",
    ),
    limits=(
        "Proves the operations of the workload, and the slowness that the drill made. Ratios compare medians, and a "
        "median under 10 ms counts as 10 ms."
    ),
    proves=(EvidenceKind.RUNTIME,),
)

SLOWED = ("slow", "paused")


def judge(trial: Trial, record: Experiment, system: System) -> Ruling:
    """Compare the operations with slow and with quick partners."""
    own = set(record.parts_of(trial.quantum or ""))
    others = [quantum for quantum in system.quanta if quantum != trial.quantum]

    def slowed(drive: Drive) -> bool:
        slow = {name for name, how in drive.away.items() if how in SLOWED}
        return bool(others) and all(slow & set(record.parts_of(q)) for q in others) and not own & set(drive.disturbed)

    unsure = []
    if not any(slowed(drive) for drive in record.drives):
        unsure.append(f"drill {trial.name}: nothing was driven while parts of {', '.join(others)} were slow")
    if record.within is None and record.slower_at_most is None:
        unsure.append(f"drill {trial.name} sets no limit: write within or slower_at_most")
    return compare(trial, record, slowed, f"{', '.join(others)} slow", unsure, CARD.repair)


RULE = experiment_rule(CARD, Proof.LATENCY, judge)
