"""quantum/import: no quantum imports another one's code."""

from __future__ import annotations

import pytest
from builders import architecture, judged, judgements, observed, place, setting, unresolved

from quantafit.model import ImportEdge, Mode, Origin, Verdict

RULE = "quantum/import"
EDGE = "customer → billing"


def edge(source: str = "customer", target: str = "billing", how: str = "import", **changes: bool) -> ImportEdge:
    return ImportEdge(source, target, f"{target}.cards", how, place(source), **changes)


@pytest.mark.parametrize("how", ["import", "importlib", "string"])
def test_an_import_of_another_quantum_fails(how: str) -> None:
    judgement = judged(RULE, EDGE, architecture(), observed(imports=(edge(how=how),)))
    assert judgement.verdict is Verdict.FAIL
    assert str(judgement.findings[0].place) == "customer/cards.py:7"
    assert ("by importlib" in judgement.findings[0].message) is (how == "importlib")


def test_without_an_import_it_passes() -> None:
    assert judged(RULE, EDGE, architecture(), observed()).verdict is Verdict.PASS


def test_an_import_in_the_other_direction_concerns_the_other_pair() -> None:
    found = judgements(RULE, architecture(), observed(imports=(edge("billing", "customer"),)))
    assert found[EDGE].verdict is Verdict.PASS
    assert found["billing → customer"].verdict is Verdict.FAIL


def test_an_import_for_type_checking_is_a_subject_of_its_own_and_only_warns() -> None:
    found = judgements(RULE, architecture(), observed(imports=(edge(type_checking_only=True),)))
    assert found[EDGE].verdict is Verdict.PASS
    types = found[f"{EDGE} (type checking)"]
    assert (types.verdict, types.mode, types.origin) == (Verdict.FAIL, Mode.WARN, Origin.RECOMMENDED)
    assert not types.stops_the_gate


def test_an_import_for_type_checking_is_enforced_where_the_declaration_says_so() -> None:
    declared = architecture(settings=(setting(RULE, Mode.ENFORCE),))
    seen = observed(imports=(edge(type_checking_only=True),))
    assert judged(RULE, f"{EDGE} (type checking)", declared, seen).stops_the_gate


def test_a_module_named_by_an_unknown_value_forbids_a_pass() -> None:
    seen = observed(unresolved=(unresolved("customer", "import"),))
    assert judged(RULE, EDGE, architecture(), seen).verdict is Verdict.NOT_EVALUATED


def test_each_disagreement_of_the_second_witness_is_a_finding() -> None:
    seen = observed(import_witness=("b saw nothing", "a imports b"))
    judgement = judged(RULE, "second witness of imports", architecture(), seen)
    assert judgement.verdict is Verdict.FAIL
    assert [finding.message.rpartition(": ")[2] for finding in judgement.findings] == ["a imports b", "b saw nothing"]
