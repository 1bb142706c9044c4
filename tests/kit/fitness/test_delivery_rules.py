"""message/durable, persistent, confirmed, acknowledged-after-work: four points of one delivery, four functions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from builders import (
    DEMANDED,
    architecture,
    coverage,
    crossing,
    delivered,
    fact,
    interaction,
    judgements,
    observed,
    place,
    quantum,
    receiver,
    seen,
    unresolved,
)

from quantafit.model import (
    Acknowledgement,
    Crossing,
    Delivery,
    EvidenceKind,
    Fact,
    Judgement,
    Mode,
    Role,
    Style,
    Verdict,
)

NAME = "customer-billing"
SENDING = {"message/persistent": "persist", "message/confirmed": "confirm"}
RECEIVING = {"message/durable": "store", "message/acknowledged-after-work": "acknowledge"}
RULES = {**SENDING, **RECEIVING}


def judged(rule: str, *crossings: Crossing, **changes: Any) -> Judgement:
    declared = architecture(interactions=(interaction(channel="cards", delivery=DEMANDED, adr="ADR-5#cards"),))
    return judgements(rule, declared, observed(*crossings, **changes))[NAME]


def otherwise(rule: str, value: Any, good: Crossing | None = None, **changes: Any) -> Crossing:
    """A good crossing whose one fact has this value."""
    good = good or delivered()
    bad = fact(value, place(line=9), "as written")
    if rule in SENDING:
        return replace(good, delivery={**good.delivery, SENDING[rule]: bad}, **changes)
    taking = good.receivers[0]
    return replace(good, receivers=(replace(taking, facts={**taking.facts, RECEIVING[rule]: bad}),), **changes)


@pytest.mark.parametrize("rule", RULES)
def test_a_point_that_is_seen_everywhere_passes_with_its_ground(rule: str) -> None:
    judgement = judged(rule, delivered())
    assert judgement.verdict is Verdict.PASS
    assert judgement.reason.startswith("seen at ")
    assert judgement.adr == "ADR-5#cards"


@pytest.mark.parametrize("rule", RULES)
def test_a_point_that_is_seen_to_be_otherwise_fails_where_it_is_written(rule: str) -> None:
    judgement = judged(rule, otherwise(rule, False))
    assert judgement.verdict is Verdict.FAIL
    (finding,) = judgement.findings
    assert str(finding.place) == "customer/cards.py:9"
    assert "(as written)" in finding.message
    assert finding.path[-1].place.line == 9


@pytest.mark.parametrize("rule", RULES)
def test_the_other_three_functions_stay_silent(rule: str) -> None:
    bad = otherwise(rule, False)
    failed = [name for name in RULES if judged(name, bad).verdict is Verdict.FAIL]
    assert failed == [rule]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("value", ["unknown", None])
def test_a_point_that_cannot_be_told_or_has_no_meaning_never_passes(rule: str, value: Any) -> None:
    assert judged(rule, otherwise(rule, value)).verdict is Verdict.NOT_EVALUATED


@pytest.mark.parametrize("rule", RULES)
def test_nothing_observed_of_the_point_never_passes(rule: str) -> None:
    assert judged(rule, crossing()).verdict is Verdict.NOT_EVALUATED


@pytest.mark.parametrize("rule", RULES)
def test_one_sender_of_which_nothing_is_known_never_passes_beside_a_good_one(rule: str) -> None:
    judgement = judged(rule, delivered(), crossing(line=8))
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert judgement.reason == "nothing tells it for customer/cards.py:8"


@pytest.mark.parametrize("rule", RULES)
def test_an_interaction_that_was_not_observed_is_not_evaluated(rule: str) -> None:
    judgement = judged(rule)
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert "quantum/missing-interaction" in judgement.reason


@pytest.mark.parametrize("rule", RULES)
def test_every_alternative_must_show_it(rule: str) -> None:
    good = delivered(alternative="sqlite-queue")
    bad = otherwise(rule, False, alternative="rabbitmq")
    (finding,) = judged(rule, good, bad).findings
    assert "[rabbitmq]" in finding.message
    assert judged(rule, good, otherwise(rule, "unknown", alternative="rabbitmq")).verdict is Verdict.NOT_EVALUATED


@pytest.mark.parametrize("rule", RULES)
def test_an_alternative_for_which_it_has_no_meaning_says_nothing(rule: str) -> None:
    none = otherwise(rule, None, alternative="direct")
    assert judged(rule, delivered(alternative="rabbitmq"), none).verdict is Verdict.PASS


@pytest.mark.parametrize("rule", RECEIVING)
def test_every_receiver_must_show_it(rule: str) -> None:
    second = receiver(facts={RECEIVING[rule]: fact(False, place("billing", 50))})
    judgement = judged(rule, delivered(receivers=(receiver(), second)))
    assert judgement.verdict is Verdict.FAIL
    assert str(judgement.findings[0].place) == "billing/cards.py:50"


@pytest.mark.parametrize("rule", RECEIVING)
def test_a_receiver_in_another_quantum_is_not_this_interactions(rule: str) -> None:
    other = receiver("reporting", facts={RECEIVING[rule]: fact(False)})
    assert judged(rule, delivered(receivers=(receiver(), other))).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("acknowledgement", "verdict"),
    [
        (Acknowledgement.AFTER, Verdict.PASS),
        (Acknowledgement.BEFORE, Verdict.FAIL),
        (Acknowledgement.AUTO, Verdict.FAIL),
        (Acknowledgement.UNKNOWN, Verdict.NOT_EVALUATED),
        (None, Verdict.NOT_EVALUATED),
    ],
)
def test_a_receiver_without_the_fact_is_judged_by_its_acknowledgement(
    acknowledgement: Acknowledgement | None, verdict: Verdict
) -> None:
    sent = delivered(receivers=(receiver(facts={}, acknowledgement=acknowledgement),))
    assert judged("message/acknowledged-after-work", sent).verdict is verdict


@pytest.mark.parametrize(
    ("durable", "verdict"),
    [(True, Verdict.PASS), (False, Verdict.FAIL), ("unknown", Verdict.NOT_EVALUATED), (None, Verdict.NOT_EVALUATED)],
)
def test_a_receiver_without_the_fact_is_judged_by_its_queue(durable: Any, verdict: Verdict) -> None:
    sent = delivered(receivers=(receiver(facts={}, durable=durable),))
    assert judged("message/durable", sent).verdict is verdict


@pytest.mark.parametrize("rule", RULES)
def test_a_guessed_target_never_passes(rule: str) -> None:
    assert judged(rule, delivered(confidence="low")).verdict is Verdict.NOT_EVALUATED


@pytest.mark.parametrize("rule", RULES)
def test_an_unresolved_publish_may_be_a_second_sender(rule: str) -> None:
    hidden = (unresolved("customer", "publish"),)
    assert judged(rule, delivered(), unresolved=hidden).verdict is Verdict.NOT_EVALUATED


@pytest.mark.parametrize("rule", RECEIVING)
def test_an_unresolved_consumer_may_be_a_second_receiver(rule: str) -> None:
    hidden = (unresolved("billing", "subscribe"),)
    assert judged(rule, delivered(), unresolved=hidden).verdict is Verdict.NOT_EVALUATED


@pytest.mark.parametrize("rule", RULES)
def test_a_channel_that_cannot_be_told_may_be_a_second_sender(rule: str) -> None:
    assert judged(rule, delivered(), crossing(channel=None, line=8)).verdict is Verdict.NOT_EVALUATED


@pytest.mark.parametrize("rule", RULES)
def test_a_message_on_another_channel_is_another_interactions(rule: str) -> None:
    other = otherwise(rule, False, channel="invoices")
    other = replace(other, receivers=())
    assert judged(rule, delivered(), other).verdict is Verdict.PASS


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("delivery", [Delivery(), Delivery(False, False, False, False)])
def test_what_is_not_demanded_has_no_subject(rule: str, delivery: Delivery) -> None:
    declared = architecture(interactions=(interaction(delivery=delivery),))
    assert not judgements(rule, declared, observed(otherwise(rule, False)))


@pytest.mark.parametrize("rule", RULES)
def test_only_messages_have_a_delivery(rule: str) -> None:
    declared = architecture(interactions=(interaction(style=Style.CALL, delivery=DEMANDED),))
    assert not judgements(rule, declared, observed())


def test_durability_is_proved_by_each_kind_of_evidence_that_shows_it() -> None:
    at = seen(place(file="definitions.json"), Role.DECLARE, EvidenceKind.CONFIGURATION)
    taking = receiver(facts={"store": Fact(True, "durable in the definitions", (at,))})
    judgement = judged("message/durable", delivered(receivers=(taking,)))
    assert judgement.verdict is Verdict.PASS
    assert judgement.by_kind[EvidenceKind.CONFIGURATION] is Verdict.PASS
    assert judgement.by_kind[EvidenceKind.SOURCE] is Verdict.NOT_EVALUATED


def test_a_fact_without_any_evidence_proves_nothing() -> None:
    bare = crossing(evidence=(), delivery={"persist": Fact(True, "it is said")})
    assert judged("message/persistent", bare).verdict is Verdict.NOT_EVALUATED


class TestAReceiverWhoseCodeIsNotHere:
    declared = architecture(
        "customer",
        quantum("billing", source=()),
        interactions=(interaction(channel="cards", delivery=DEMANDED),),
    )

    def judged(self, rule: str, sent: Crossing) -> Judgement:
        return judgements(rule, self.declared, observed(sent, coverage=coverage("customer")))[NAME]

    @pytest.mark.parametrize("rule", SENDING)
    def test_does_not_hide_what_the_sender_does(self, rule: str) -> None:
        sent = delivered(target=None, receivers=())
        assert self.judged(rule, sent).verdict is Verdict.PASS
        assert self.judged(rule, otherwise(rule, False, sent)).verdict is Verdict.FAIL

    def test_leaves_its_acknowledgement_unseen_and_warns(self) -> None:
        judgement = self.judged("message/acknowledged-after-work", delivered(target=None, receivers=()))
        assert (judgement.verdict, judgement.mode) == (Verdict.NOT_EVALUATED, Mode.WARN)

    def test_lets_the_sender_show_that_the_queue_is_durable(self) -> None:
        sent = delivered(target=None, receivers=(), delivery={"store": fact(True)})
        assert self.judged("message/durable", sent).verdict is Verdict.PASS
