"""message/idempotent-receiver: a second copy of a message that has a second effect."""

from __future__ import annotations

from collections.abc import Iterator

from quantafit.fitness.drilled import Drilled, at, counted, drove
from quantafit.fitness.experiments import Trial, contradiction, experiment_rule, listed, ruling, uncounted
from quantafit.fitness.rule import Ruling
from quantafit.fitness.system import System
from quantafit.model import EvidenceKind, Experiment, Proof, RuleCard, Sent

TWICE = Drilled(
    drill="twice",
    proves=Proof.IDEMPOTENT_RECEIVER,
    about={"interaction": "invoices"},
    steps=("drive: send", "count: seen", "drive: send", "count: seen"),
    digest="d12b6152493bad3fa9f000508890bce5",
)


def _example(sentence: str, times: int) -> str:
    """An invoice is sent, and once more behind its effect; both together had an effect so many times."""
    return TWICE.ran(
        sentence,
        [
            at(0.0, "drive", "send"),
            at(0.1, "count", "seen", took=1.0),
            at(1.2, "drive", "send"),
            at(1.3, "count", "seen", took=2.0),
        ],
        [
            drove(0.0, 0.1, {"id": "i1", "at": 0.0}),
            drove(1.2, 1.3, {"id": "i1", "at": 1.21}, {"id": "i2", "at": 1.25}),
        ],
        counted(1.3, 2.0, i1=(times, 0.6), i2=(1, 1.9)),
    )


CARD = RuleCard(
    name="message/idempotent-receiver",
    title="A second copy of a message that has a second effect",
    what=(
        "For every drill with `proves: idempotent-receiver`: a message that is delivered again after it has had its "
        "effect has no second one, as seen once a message sent behind the copy has had its own."
    ),
    why=(
        "At least once means: sometimes twice. A receiver that dies between its effect and its acknowledgement, a "
        "confirm that gets lost: the message comes again, and with it the second invoice."
    ),
    broken=_example("The copy of an invoice was booked again", times=2),
    kept=_example("The copy was recognised", times=1),
    repair=(
        "Keep the ids of handled messages in the transaction of their effects (an inbox), and skip what is there.",
        "Or let the effect be the same however often it is applied: a key that is unique, an upsert.",
        "Where a second effect does no harm, write `idempotent_receiver: false` under its `delivery`, and why.",
    ),
    limits=(
        "Proves copies with one id, one after the other. Two receivers that handle both copies at the same moment are "
        "another experiment."
    ),
    proves=(EvidenceKind.RUNTIME,),
)


def judge(trial: Trial, record: Experiment, _system: System) -> Ruling:
    """Look at the effects of what was sent more than once."""
    copies = _copies(record)
    effects = record.counted()
    twice = [id for id in copies if id in effects and effects[id].times > 1]
    counted = uncounted(record)
    found = []
    if twice and not counted:
        shown = listed(f"{id} ({effects[id].times} times)" for id in twice)
        message = f"{len(twice)} of {len(copies)} that were sent again had more than one effect: {shown}"
        found.append(contradiction(trial, message, CARD.repair[:2], "twice"))
    unsure = [*filter(None, (counted,)), *_not_exercised(trial, record, copies)]
    return ruling(trial, found, unsure, f"{len(copies)} were sent again, each had one effect")


def _copies(record: Experiment) -> dict[str, list[Sent]]:
    """What was accepted more than once, by id, in the order of sending."""
    found: dict[str, list[Sent]] = {}
    for drive in record.drives:
        for sent in drive.sent:
            if sent.ok and not sent.poison:
                found.setdefault(sent.id, []).append(sent)
    return {id: sents for id, sents in found.items() if len(sents) > 1}


def _not_exercised(trial: Trial, record: Experiment, copies: dict[str, list[Sent]]) -> Iterator[str]:
    if not copies:
        yield f"drill {trial.name}: nothing was sent twice"
        return
    effects = record.counted()
    without = [id for id in copies if id not in effects]
    if without:
        yield f"drill {trial.name}: {listed(without)} had no effect at all"
    early = [id for id, sents in copies.items() if id in effects and effects[id].first > sents[-1].at]
    if early:
        yield f"drill {trial.name}: {listed(early)} was sent again too early, before it had its effect"
    sent_in_order = [sent for drive in record.drives for sent in drive.sent if sent.ok]
    last = max(index for index, sent in enumerate(sent_in_order) if sent.id in copies)
    behind = [sent.id for sent in sent_in_order[last + 1 :]]
    if not any(id in effects and id not in copies for id in behind):
        yield f"drill {trial.name}: nothing shows that the copies were handled: send another message behind them"


RULE = experiment_rule(CARD, Proof.IDEMPOTENT_RECEIVER, judge)
