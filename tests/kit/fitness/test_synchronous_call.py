"""quantum/synchronous-call: no quantum waits for another one's answer."""

from __future__ import annotations

import pytest
from builders import (
    architecture,
    call,
    coverage,
    crossing,
    error,
    interaction,
    judged,
    judgements,
    observed,
    quantum,
    setting,
    unresolved,
)

from quantafit.errors import DeclarationError
from quantafit.fitness import evaluate
from quantafit.model import Communication, EvidenceKind, Mode, Place, Style, TargetKind, Verdict

RULE = "quantum/synchronous-call"
EDGE = "customer → billing"


def test_a_call_to_another_quantum_fails_with_its_place_and_ways_out() -> None:
    judgement = judged(RULE, EDGE, architecture(), observed(call()))
    assert judgement.verdict is Verdict.FAIL
    (finding,) = judgement.findings
    assert (finding.place.path, finding.place.line) == ("customer/cards.py", 7)
    assert finding.message == ("customer calls billing over http (http://billing:8000/cards) and waits for the answer")
    assert any("style: message" in way for way in finding.ways_out)
    assert "7" not in finding.fingerprint


def test_a_pair_stands_where_its_first_quantum_is_declared() -> None:
    assert judged(RULE, EDGE, architecture(), observed()).subject.place == Place("quanta.yaml", 3)


def test_a_message_is_no_call() -> None:
    judgement = judged(RULE, EDGE, architecture(), observed(crossing()))
    assert judgement.verdict is Verdict.PASS
    assert judgement.by_kind[EvidenceKind.SOURCE] is Verdict.PASS
    assert judgement.by_kind[EvidenceKind.RUNTIME] is Verdict.NOT_EVALUATED


def test_a_request_reply_over_a_queue_is_a_call() -> None:
    reply = crossing(communication=Communication.SYNCHRONOUS)
    assert judged(RULE, EDGE, architecture(), observed(reply)).verdict is Verdict.FAIL


@pytest.mark.parametrize("mechanism", ["import", "database"])
def test_imports_and_databases_belong_to_other_functions(mechanism: str) -> None:
    assert judged(RULE, EDGE, architecture(), observed(call(mechanism=mechanism))).verdict is Verdict.PASS


def test_a_call_to_an_external_system_concerns_no_pair() -> None:
    outside = call(target="api.stripe.com", target_kind=TargetKind.EXTERNAL)
    assert judged(RULE, EDGE, architecture(), observed(outside)).verdict is Verdict.PASS


def test_a_declared_call_is_permitted_in_its_direction_only() -> None:
    declared = architecture(interactions=(interaction(style=Style.CALL),))
    found = judgements(RULE, declared, observed(call(), call("billing", "customer")))
    assert found[EDGE].verdict is Verdict.PASS
    assert found["billing → customer"].verdict is Verdict.FAIL


def test_a_declared_message_does_not_permit_a_call() -> None:
    declared = architecture(interactions=(interaction(),))
    assert judged(RULE, EDGE, declared, observed(call())).verdict is Verdict.FAIL


def test_a_forbidden_quantum_makes_a_declared_call_a_finding() -> None:
    settings = (setting(RULE, options={"forbid": ["customer"]}),)
    declared = architecture(interactions=(interaction(style=Style.CALL),), settings=settings)
    assert judged(RULE, EDGE, declared, observed(call())).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"forbid": ["custmer"]}, "names no quantum: 'custmer'"),
        ({"forbidden": ["customer"]}, "has no option 'forbidden'"),
        ({"forbid": "customer"}, "must be a list of names"),
    ],
)
def test_wrong_options_are_errors_of_the_declaration_with_their_line(options: dict[str, object], message: str) -> None:
    declared = architecture(settings=(setting(RULE, options=options, place=Place("quanta.yaml", 40, 3)),))
    with pytest.raises(DeclarationError) as raised:
        evaluate(declared, observed())
    (problem,) = raised.value.problems
    assert message in problem.message
    assert (problem.line, problem.column) == (40, 3)


@pytest.mark.parametrize("could_be", [("request",), ("publish", "request"), ()])
def test_an_unresolved_fact_that_could_be_a_call_forbids_a_pass(could_be: tuple[str, ...]) -> None:
    judgement = judged(RULE, EDGE, architecture(), observed(unresolved=(unresolved("customer", *could_be),)))
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert "client.send at customer/cards.py:40" in judgement.reason


def test_an_unresolved_publish_is_no_call() -> None:
    seen = observed(unresolved=(unresolved("customer", "publish"),))
    assert judged(RULE, EDGE, architecture(), seen).verdict is Verdict.PASS


def test_a_call_whose_target_cannot_be_told_forbids_a_pass() -> None:
    judgement = judged(RULE, EDGE, architecture(), observed(call(target=None, address=None)))
    assert judgement.verdict is Verdict.NOT_EVALUATED


def test_a_guessed_target_elsewhere_forbids_a_pass() -> None:
    declared = architecture("customer", "billing", "sysops")
    found = judgements(RULE, declared, observed(call(target="sysops", confidence="low")))
    assert found["customer → sysops"].verdict is Verdict.FAIL
    assert found[EDGE].verdict is Verdict.NOT_EVALUATED


def test_a_quantum_with_a_file_that_cannot_be_parsed_is_an_error() -> None:
    seen = observed(coverage=coverage("customer", "billing", errors=(error("customer"),)))
    found = judgements(RULE, architecture(), seen)
    assert found[EDGE].verdict is Verdict.ERROR
    assert found["billing → customer"].verdict is Verdict.PASS


def test_a_call_is_a_finding_even_beside_a_broken_file() -> None:
    seen = observed(call(), coverage=coverage("customer", "billing", errors=(error("customer"),)))
    assert judged(RULE, EDGE, architecture(), seen).verdict is Verdict.FAIL


def test_a_quantum_of_which_no_file_was_read_is_an_error() -> None:
    seen = observed(coverage=coverage("billing"))
    assert judged(RULE, EDGE, architecture(), seen).verdict is Verdict.ERROR


def test_an_opaque_caller_is_listed_and_only_warns() -> None:
    declared = architecture("customer", quantum("billing", source=()))
    found = judgements(RULE, declared, observed(coverage=coverage("customer")))
    assert found[EDGE].verdict is Verdict.PASS
    assert "billing → customer" not in found
    assert found["billing"].verdict is Verdict.NOT_EVALUATED
    assert found["billing"].mode is Mode.WARN


def test_an_opaque_caller_stops_the_gate_where_the_declaration_enforces_the_rule() -> None:
    declared = architecture("customer", quantum("billing", source=()), settings=(setting(RULE, Mode.ENFORCE),))
    assert judged(RULE, "billing", declared, observed(coverage=coverage("customer"))).stops_the_gate


def test_a_call_observed_from_an_opaque_quantum_is_a_finding() -> None:
    declared = architecture("customer", quantum("billing", source=()))
    seen = observed(call("billing", "customer"), coverage=coverage("customer"))
    assert judged(RULE, "billing → customer", declared, seen).verdict is Verdict.FAIL
