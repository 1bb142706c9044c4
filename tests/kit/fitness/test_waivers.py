"""Waivers: what they cover, until when, and what happens to one that covers nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from builders import (
    architecture,
    call,
    coverage,
    error,
    interaction,
    judged,
    judgements,
    observed,
    place,
    seen,
    unresolved,
)

from quantafit.errors import DeclarationError
from quantafit.fitness import evaluate
from quantafit.model import EvidenceKind, Place, Style, Verdict, Waiver

RULE = "quantum/synchronous-call"
EDGE = "customer → billing"
TODAY = date(2030, 6, 1)


def waiver(expires: str = "2030-06-01", rule: str = RULE, **match: str) -> Waiver:
    terms = {key.rstrip("_"): value for key, value in (match or {"from_": "customer", "to": "billing"}).items()}
    return Waiver(rule, "customer-team", "until phase 2", expires, terms, Place("quanta.yaml", 50, 5))


def verdict(*waivers: Waiver, as_of: date | None = TODAY, crossings: tuple[Any, ...] = (call(),)) -> Verdict:
    declared = architecture(waivers=waivers)
    return judged(RULE, EDGE, declared, observed(*crossings), as_of=as_of).verdict


def own(*waivers: Waiver, as_of: date | None = TODAY, **changes: Any) -> Any:
    seen_now = changes.pop("observed", observed(call()))
    (judgement,) = judgements("declaration/waiver", architecture(waivers=waivers), seen_now, as_of=as_of).values()
    return judgement


@pytest.mark.parametrize(
    "match",
    [
        {"from_": "customer"},
        {"to": "billing"},
        {"quantum": "customer"},
        {"path": "customer/*.py"},
        {"from_": "customer", "path": "customer/cards.py"},
    ],
)
def test_a_waiver_that_matches_waives_and_keeps_the_finding(match: dict[str, str]) -> None:
    declared = architecture(waivers=(waiver(**match),))
    judgement = judged(RULE, EDGE, declared, observed(call()), as_of=TODAY)
    assert judgement.verdict is Verdict.WAIVED
    assert judgement.by_kind[EvidenceKind.SOURCE] is Verdict.WAIVED
    assert judgement.reason == "waived by customer-team until 2030-06-01: until phase 2"
    assert len(judgement.findings) == 1
    assert not judgement.stops_the_gate


@pytest.mark.parametrize(
    "match",
    [
        {"from_": "billing"},
        {"to": "customer"},
        {"quantum": "billing"},
        {"interaction": "cards"},
        {"path": "billing/*"},
        {"from_": "customer", "path": "billing/*"},
    ],
)
def test_a_waiver_that_does_not_match_waives_nothing_and_is_a_finding(match: dict[str, str]) -> None:
    assert verdict(waiver(**match)) is Verdict.FAIL
    judgement = own(waiver(**match))
    assert judgement.verdict is Verdict.FAIL
    assert judgement.findings[0].message == f"the waiver matches no finding of {RULE}"
    assert str(judgement.findings[0].place) == "quanta.yaml:50"


def test_a_waiver_of_another_rule_waives_nothing() -> None:
    assert verdict(waiver(rule="quantum/import")) is Verdict.FAIL


def test_a_waiver_holds_up_to_and_including_its_last_day() -> None:
    assert verdict(waiver(), as_of=date(2030, 6, 1)) is Verdict.WAIVED
    assert verdict(waiver(), as_of=date(2030, 6, 2)) is Verdict.FAIL


def test_an_expired_waiver_is_a_finding_of_its_own() -> None:
    judgement = own(waiver("2030-05-31"))
    assert [finding.message for finding in judgement.findings] == ["the waiver does not hold: it expired on 2030-05-31"]


def test_an_expiry_that_is_no_date_does_not_hold() -> None:
    assert verdict(waiver("next year")) is Verdict.FAIL
    assert "is no date" in own(waiver("next year")).findings[0].message


def test_without_a_day_no_waiver_holds_and_none_is_evaluated() -> None:
    assert verdict(waiver(), as_of=None) is Verdict.FAIL
    assert own(waiver(), as_of=None).verdict is Verdict.NOT_EVALUATED


def test_a_waiver_that_holds_and_is_needed_passes() -> None:
    assert own(waiver()).verdict is Verdict.PASS


def test_one_finding_that_no_waiver_covers_fails_the_subject() -> None:
    second = call(line=9, evidence=(seen(place(file="other.py")),))
    partly = (waiver(path="customer/cards.py"),)
    assert verdict(*partly, crossings=(call(), second)) is Verdict.FAIL
    both = (*partly, waiver(path="customer/other.py"))
    assert verdict(*both, crossings=(call(), second)) is Verdict.WAIVED


def test_a_subject_that_could_not_be_judged_can_be_waived_by_name() -> None:
    hidden = observed(unresolved=(unresolved("customer", "request"),))
    declared = architecture(waivers=(waiver(),))
    judgement = judged(RULE, EDGE, declared, hidden, as_of=TODAY)
    assert judgement.verdict is Verdict.WAIVED
    assert "unresolved in customer" in judgement.reason


def test_a_waiver_by_path_does_not_cover_what_could_not_be_judged() -> None:
    hidden = observed(unresolved=(unresolved("customer", "request"),))
    declared = architecture(waivers=(waiver(path="customer/*"),))
    assert judged(RULE, EDGE, declared, hidden, as_of=TODAY).verdict is Verdict.NOT_EVALUATED


def test_an_error_is_never_waived() -> None:
    broken = observed(coverage=coverage("customer", "billing", errors=(error(),)))
    declared = architecture(waivers=(waiver(),))
    assert judged(RULE, EDGE, declared, broken, as_of=TODAY).verdict is Verdict.ERROR


def test_a_pass_needs_no_waiver() -> None:
    assert own(waiver(), observed=observed()).verdict is Verdict.FAIL


def test_an_interaction_is_waived_by_its_id() -> None:
    waived = waiver(rule="quantum/missing-interaction", interaction="cards")
    declared = architecture(interactions=(interaction(id="cards", style=Style.MESSAGE),), waivers=(waived,))
    judgement = judged("quantum/missing-interaction", "cards", declared, observed(), as_of=TODAY)
    assert judgement.verdict is Verdict.WAIVED


def test_two_equal_waivers_are_two_subjects() -> None:
    found = judgements("declaration/waiver", architecture(waivers=(waiver(), waiver())), observed(), as_of=TODAY)
    assert len(found) == 2


def test_the_function_that_judges_waivers_cannot_be_waived() -> None:
    itself = waiver(rule="declaration/waiver", quantum="customer")
    assert own(itself).verdict is Verdict.FAIL


def test_a_waiver_of_an_unknown_rule_is_an_error_of_the_declaration() -> None:
    with pytest.raises(DeclarationError, match="Did you mean 'quantum/synchronous-call'"):
        evaluate(architecture(waivers=(waiver(rule="quantum/synchronous-cal"),)), observed())
