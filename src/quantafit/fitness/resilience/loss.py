"""resilience/loss: a message that was accepted and never had its effect, or had it twice."""

from __future__ import annotations

from collections.abc import Iterator

from quantafit.fitness.drilled import Drilled, at, counted, drove
from quantafit.fitness.experiments import (
    Trial,
    accepted,
    brokers,
    contradiction,
    experiment_rule,
    listed,
    restarted,
    ruling,
    uncounted,
)
from quantafit.fitness.rule import Contradiction, Ruling
from quantafit.fitness.system import System
from quantafit.model import EvidenceKind, Experiment, Proof, RuleCard

SURVIVE = Drilled(
    drill="invoices-survive",
    proves=Proof.LOSS,
    about={"interaction": "invoices"},
    steps=("kill: customer", "drive: send", "kill: broker", "start: all", "count: seen"),
    digest="184a08fc261b38cd630e50e3794cd2e6",
)


def _example(sentence: str, **effects: tuple[int, float]) -> str:
    """Two invoices are sent while the customers' side is away, and the broker is killed; these had their effects."""
    return SURVIVE.ran(
        sentence,
        [
            at(0.0, "kill", "customer"),
            at(0.1, "drive", "send", took=0.9),
            at(1.0, "kill", "broker"),
            at(1.1, "start", "customer", "broker", took=5.0),
            at(6.2, "count", "seen", took=30.0),
        ],
        [drove(0.1, 1.0, {"id": "i1", "at": 0.4}, {"id": "i2", "at": 0.8}, customer="killed")],
        counted(6.2, 30.0, **effects),
    )


CARD = RuleCard(
    name="resilience/loss",
    title="A message that was accepted and is lost, or has its effect twice",
    what=(
        "For every drill with `proves: loss`: what the sender's side accepted while a part of the receiving quantum "
        "was away, and the broker was restarted in between, has its effect in the end, and has it once."
    ),
    why=(
        "Durable queues, persistent messages, confirms, acknowledgements and inboxes are each right in the code and "
        "still lose messages together. Only the count tells: so many sent, so many effects."
    ),
    broken=_example("The broker was restarted, and one of two invoices is gone", i1=(1, 7.0)),
    kept=_example("Both arrived, each once", i1=(1, 7.0), i2=(1, 7.1)),
    repair=(
        "Lost: let the sender keep the message in an outbox until the broker has confirmed it, let queue and message "
        "survive a restart, and acknowledge after the effect is committed.",
        "Twice: let the receiver keep the message's id in the transaction of its effect (an inbox).",
        "Look into the dead-letter queue: a message that lies there is not lost, and has had no effect.",
    ),
    limits=(
        "Proves what the drill exercised: these messages, this order of deaths. A power cut and a full disk are not "
        "among them. With `broker: embedded` killed units of both quanta stand for the restart of the broker."
    ),
    proves=(EvidenceKind.RUNTIME,),
)


def judge(trial: Trial, record: Experiment, system: System) -> Ruling:
    """Compare what was accepted with its effects, by id."""
    ids, effects = accepted(record), record.counted()
    lost = [id for id in ids if id not in effects]
    twice = [id for id in ids if id in effects and effects[id].times > 1]
    unsure = [*_not_exercised(trial, record, system)]
    counted = uncounted(record)
    found = [] if counted else [*_found(trial, record, lost, twice)]
    reason = f"{len(ids)} accepted, each had one effect"
    return ruling(trial, found, [*filter(None, (counted,)), *unsure], reason)


def _found(trial: Trial, record: Experiment, lost: list[str], twice: list[str]) -> Iterator[Contradiction]:
    count = record.counts[-1]
    total = len(accepted(record))
    if lost:
        message = f"{len(lost)} of {total} accepted had no effect within {count.waited:.1f} s: {listed(lost)}"
        yield contradiction(trial, message, CARD.repair[:1] + CARD.repair[2:], "lost")
    if twice:
        times = record.counted()
        shown = listed(f"{id} ({times[id].times} times)" for id in twice)
        yield contradiction(
            trial, f"{len(twice)} of {total} had more than one effect: {shown}", CARD.repair[1:2], "twice"
        )


def _not_exercised(trial: Trial, record: Experiment, system: System) -> Iterator[str]:
    interaction = next(i for i in system.architecture.interactions if i.id == trial.interaction)
    own = record.parts_of(interaction.target)
    if not accepted(record):
        yield f"drill {trial.name}: nothing was sent and accepted"
    elif not any(set(own) & set(drive.disturbed) for drive in record.drives if any(sent.ok for sent in drive.sent)):
        yield f"drill {trial.name}: no part of {interaction.target} was away while something was sent"
    else:
        yield from _broker_not_restarted(trial, record, (interaction.source, interaction.target))


def _broker_not_restarted(trial: Trial, record: Experiment, ends: tuple[str, str]) -> Iterator[str]:
    began = min(drive.began for drive in record.drives)
    until = record.counts[-1].ended if record.counts else 0.0
    known = brokers(record)
    for broker in known:
        if not restarted(broker, began, until, record):
            yield f"drill {trial.name}: the broker {broker} was not restarted between sending and counting"
    if not known and not record.embedded_broker:
        yield f"drill {trial.name}: no part is a broker; where the queues are files of units, write broker: embedded"
    elif not known:
        for quantum in ends:
            if not any(restarted(part, 0.0, until, record) for part in record.parts_of(quantum)):
                yield f"drill {trial.name}: the queues are files of units, and no unit of {quantum} was restarted"


RULE = experiment_rule(CARD, Proof.LOSS, judge)
