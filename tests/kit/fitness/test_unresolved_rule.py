"""quantum/unresolved: every call that may leave a quantum was followed."""

from __future__ import annotations

from builders import architecture, coverage, error, judged, observed, quantum, unresolved

from quantafit.model import Mode, Verdict

RULE = "quantum/unresolved"


def test_each_unresolved_fact_is_a_finding_with_what_it_could_be() -> None:
    judgement = judged(RULE, "customer", architecture(), observed(unresolved=(unresolved("customer", "request"),)))
    assert judgement.verdict is Verdict.FAIL
    (finding,) = judgement.findings
    assert finding.message == "client.send cannot be followed: its target is read from a file; it could be: request"
    assert str(finding.place) == "customer/cards.py:40"


def test_it_concerns_its_own_quantum_only() -> None:
    seen = observed(unresolved=(unresolved("billing"),))
    assert judged(RULE, "customer", architecture(), seen).verdict is Verdict.PASS


def test_a_quantum_that_was_not_read_is_an_error() -> None:
    seen = observed(coverage=coverage("billing"))
    assert judged(RULE, "customer", architecture(), seen).verdict is Verdict.ERROR


def test_an_error_that_belongs_to_no_quantum_could_hide_something_of_any() -> None:
    seen = observed(coverage=coverage("customer", "billing", errors=(error(None, "compose.yaml"),)))
    judgement = judged(RULE, "customer", architecture(), seen)
    assert judgement.verdict is Verdict.ERROR
    assert judgement.reason == "compose.yaml:1: cannot be parsed"


def test_an_opaque_quantum_is_not_evaluated_and_warns() -> None:
    declared = architecture("customer", quantum("billing", source=()))
    judgement = judged(RULE, "billing", declared, observed(coverage=coverage("customer")))
    assert (judgement.verdict, judgement.mode) == (Verdict.NOT_EVALUATED, Mode.WARN)
