"""declaration/anchor: every reference leads to a sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from builders import architecture, coverage, error, interaction, judgements, observed, quantum, setting

from quantafit.model import Adr, EvidenceKind, Judgement, Mode, Placement, Verdict

RULE = "declaration/anchor"
ADR = Adr("ADR-5", file="docs/adr/ADR-5.md", sentences={"invoices": "Invoices are never missed.", "empty": " "})
NAME = "interaction customer-billing"


def judged(reference: str | None, adr: Adr | None = ADR, **changes: Any) -> Judgement:
    declared = architecture(interactions=(interaction(adr=reference),), adrs=(adr,) if adr else ())
    return judgements(RULE, declared, observed(**changes))[NAME]


def test_a_reference_to_a_sentence_passes_on_the_document_and_cites_it() -> None:
    judgement = judged("ADR-5#invoices")
    assert judgement.verdict is Verdict.PASS
    assert judgement.by_kind == {EvidenceKind.DOCUMENT: Verdict.PASS}
    assert judgement.sentence == "Invoices are never missed."


@pytest.mark.parametrize(
    ("reference", "message", "repair"),
    [
        ("ADR-5#invoice", "has no sentence 'invoice'", "Did you mean ADR-5#invoices?"),
        ("ADR-6#invoices", "no decision 'ADR-6'", "Did you mean ADR-5?"),
        ("ADR-5#empty", "no sentence stands under 'empty'", "Write the sentence"),
    ],
)
def test_a_reference_that_leads_nowhere_fails_and_says_what_was_meant(
    reference: str, message: str, repair: str
) -> None:
    judgement = judged(reference)
    assert judgement.verdict is Verdict.FAIL
    assert judgement.stops_the_gate
    assert message in judgement.findings[0].message
    assert repair in judgement.findings[0].ways_out[0]


@pytest.mark.parametrize("reference", [None, "ADR-5"])
def test_no_sentence_or_a_whole_decision_only_warns(reference: str | None) -> None:
    judgement = judged(reference)
    assert (judgement.verdict, judgement.mode) == (Verdict.FAIL, Mode.WARN)


def test_where_no_decision_is_declared_none_is_asked_for() -> None:
    declared = architecture(interactions=(interaction(),), settings=(setting("quantum/import", Mode.WARN),))
    assert not judgements(RULE, declared, observed())


def test_a_decision_without_a_file_was_not_read() -> None:
    judgement = judged("ADR-5#invoices", replace(ADR, file=None, sentences={}))
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert "ADR-5 has no `file`" in judgement.reason


def test_a_decision_that_cannot_be_read_is_an_error() -> None:
    covered = coverage("customer", "billing", errors=(error(None, "docs/adr/ADR-5.md"),))
    assert judged("ADR-5#invoices", coverage=covered).verdict is Verdict.ERROR


def test_every_entry_that_names_a_sentence_is_a_subject() -> None:
    declared = architecture(
        quantum("customer", adr="ADR-5#invoices", stores=Placement(deny=("pan",), adr="ADR-5#invoices")),
        adrs=(ADR,),
        settings=(setting("quantum/import", adr="ADR-5#invoices"),),
    )
    found = judgements(RULE, declared, observed())
    assert set(found) == {"quantum customer", "stores of customer", "rule quantum/import"}
