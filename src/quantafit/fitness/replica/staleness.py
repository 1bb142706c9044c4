"""replica/staleness: a change that reaches a replica too late, or never."""

from __future__ import annotations

from collections.abc import Iterator

from quantafit.fitness.drilled import Drilled, at, counted, drove
from quantafit.fitness.experiments import Trial, accepted, contradiction, experiment_rule, ruling, uncounted
from quantafit.fitness.rule import Contradiction, Ruling
from quantafit.fitness.system import System
from quantafit.model import EvidenceKind, Experiment, Proof, RuleCard

ARRIVE = Drilled(
    drill="prices-arrive",
    proves=Proof.STALENESS,
    about={"interaction": "prices"},
    limits={"within": ("5s", 5.0)},
    steps=("drive: send", "count: seen"),
    digest="f6e62ea8935774b9ca2245b2304dce85",
    interaction="style: replication, id: prices, replication: {table: price}",
)


def _example(sentence: str, **arrived: tuple[int, float]) -> str:
    """One price is inserted, one updated, one deleted; of these changes, so many have ``arrived``."""
    changes = {"insert": 0.0, "update": 0.3, "delete": 0.6}
    return ARRIVE.ran(
        sentence,
        [at(0.0, "drive", "send", took=1.0), at(1.0, "count", "seen", took=20.0)],
        [drove(0.0, 1.0, *({"id": name, "at": made, "operation": name} for name, made in changes.items()))],
        counted(1.0, 20.0, **arrived),
    )


CARD = RuleCard(
    name="replica/staleness",
    title="A change that reaches the replica too late, or never",
    what=(
        "For every drill with `proves: staleness`: what is inserted, updated and deleted at the origin is seen in the "
        "replica within the interaction's `max_staleness`, or within the drill's `within` where that is less."
    ),
    why=(
        "A replica that lags shows customers what is no longer offered. Deletes are forgotten most often: a job that "
        "copies what has changed never sees what is gone."
    ),
    broken=_example("What is deleted at the origin stays in the replica", insert=(1, 1.5), update=(1, 1.6)),
    kept=_example("All three kinds of change arrive", insert=(1, 1.5), update=(1, 1.6), delete=(1, 2.2)),
    repair=(
        "Compare the keys of both sides, so that deletes arrive too; or capture changes from the log.",
        "Let the job run more often than `max_staleness`, and mark its progress in the transaction of the rows.",
    ),
    limits=(
        "Proves these changes at this size. How late a change was seen includes the pause between two questions to the "
        "probe."
    ),
    proves=(EvidenceKind.RUNTIME,),
)

OPERATIONS = ("insert", "update", "delete")


def judge(trial: Trial, record: Experiment, system: System) -> Ruling:
    """Compare when each change was made with when it was seen."""
    interaction = next(i for i in system.architecture.interactions if i.id == trial.interaction)
    limits = [limit for limit in (record.within, interaction.replication.max_staleness) if limit is not None]
    if not limits:
        return ruling(
            trial, (), (f"drill {trial.name}: neither max_staleness nor within says how late is too late",), ""
        )
    limit = min(limits)
    ids, effects = accepted(record), record.counted()
    operations = {sent.operation for sent in ids.values()}
    unsure = [
        *filter(None, (uncounted(record),)),
        *(f"drill {trial.name}: no {name} was made" for name in OPERATIONS if name not in operations),
        *_too_early_to_tell(trial, record, limit),
    ]
    late = max((effects[id].first - sent.at for id, sent in ids.items() if id in effects), default=0.0)
    reason = f"{len(ids)} changes arrived, the last after {late:.1f} s of {limit:g} s"
    return ruling(trial, _late(trial, record, limit), unsure, reason)


def _late(trial: Trial, record: Experiment, limit: float) -> Iterator[Contradiction]:
    effects = record.counted()
    for id, sent in accepted(record).items():
        what = f"{sent.operation} {id}"
        if id in effects and effects[id].first - sent.at > limit:
            message = f"{what} arrived after {effects[id].first - sent.at:.1f} s; at most {limit:g} s are permitted"
            yield contradiction(trial, message, CARD.repair, sent.operation)
        elif id not in effects and record.counts and record.counts[-1].ended - sent.at > limit:
            waited = record.counts[-1].ended - sent.at
            message = f"{what} had not arrived after {waited:.1f} s; at most {limit:g} s are permitted"
            yield contradiction(trial, message, CARD.repair, sent.operation)


def _too_early_to_tell(trial: Trial, record: Experiment, limit: float) -> Iterator[str]:
    effects = record.counted()
    for id, sent in accepted(record).items():
        if id not in effects and record.counts:
            waited = record.counts[-1].ended - sent.at
            if waited <= limit:
                yield f"drill {trial.name}: {sent.operation} {id} had not arrived after {waited:.1f} s of {limit:g} s"


RULE = experiment_rule(CARD, Proof.STALENESS, judge)
