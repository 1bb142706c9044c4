"""data/placement: denied data does not come to rest."""

from __future__ import annotations

from typing import Any

import pytest
from builders import (
    architecture,
    call,
    coverage,
    crossing,
    interaction,
    judgements,
    observed,
    place,
    quantum,
    seen,
    setting,
    unresolved,
)

from quantafit.errors import DeclarationError
from quantafit.fitness import evaluate
from quantafit.model import DataAtRest, Judgement, Mode, Placement, Quantum, Role, Verdict

RULE = "data/placement"
DENYING = quantum("customer", stores=Placement(deny=("pan", "survey"), adr="ADR-5#cards"))


def rests(surface: str = "column", data_class: str = "pan", line: int = 20, **changes: Any) -> DataAtRest:
    return DataAtRest("customer", data_class, surface, "cards.card_number", place(line=line), **changes)


def judged(*data: DataAtRest, denying: Quantum = DENYING, **changes: Any) -> Judgement:
    crossings = changes.pop("crossings", ())
    declared = architecture(denying, "billing", **changes.pop("declared", {}))
    return judgements(RULE, declared, observed(*crossings, data=data, **changes))["customer"]


@pytest.mark.parametrize("surface", ["column", "table", "sql", "document", "file", "log", "message"])
def test_denied_data_on_any_surface_fails_with_the_sentence_that_denies_it(surface: str) -> None:
    judgement = judged(rests(surface))
    assert judgement.verdict is Verdict.FAIL
    assert judgement.adr == "ADR-5#cards"
    assert judgement.findings[0].message == f"pan comes to rest in customer: {surface} cards.card_number"
    assert str(judgement.findings[0].place) == "customer/cards.py:20"


def test_what_is_not_denied_may_rest() -> None:
    assert judged(rests(data_class="card_last4")).verdict is Verdict.PASS


def test_what_rests_elsewhere_concerns_others() -> None:
    elsewhere = DataAtRest("billing", "pan", "column", "cards.card_number", place("billing"))
    assert judged(elsewhere).verdict is Verdict.PASS


def test_a_quantum_that_denies_nothing_is_no_subject() -> None:
    assert not judgements(RULE, architecture(), observed(data=(rests(),)))


class TestDataOnItsWayOut:
    def test_may_be_ciphertext_in_a_message(self) -> None:
        assert judged(rests("message", protected=True)).verdict is Verdict.PASS

    def test_may_be_ciphertext_in_the_row_that_is_the_sending(self) -> None:
        """An outbox: the line that writes the row is the line from which the message goes out."""
        entry = rests("column", line=7, protected=True)
        assert judged(entry, crossings=(crossing(line=7),)).verdict is Verdict.PASS

    def test_is_not_what_the_same_line_of_the_quantum_leads_to_beside_the_sending(self) -> None:
        """One handler saves a card and sends it: only the row that is sent is on its way out."""
        handler, outbox = seen(place(line=7)), seen(place(line=50), Role.VIA)
        sent = crossing(evidence=(handler, outbox))
        kept = rests("column", line=20, protected=True, path=(handler,))
        assert judged(kept, crossings=(sent,)).verdict is Verdict.FAIL
        row = rests("document", line=50, protected=True, path=(handler, outbox))
        assert judged(row, crossings=(sent,)).verdict is Verdict.PASS

    def test_is_not_what_rests_beside_a_message(self) -> None:
        entry = rests("column", line=20, protected=True)
        judgement = judged(entry, crossings=(crossing(line=7),))
        assert judgement.verdict is Verdict.FAIL
        assert "encrypted but not on its way out" in judgement.findings[0].message

    def test_is_not_what_a_call_carries(self) -> None:
        entry = rests("column", line=7, protected=True)
        assert judged(entry, crossings=(call(line=7),)).verdict is Verdict.FAIL

    @pytest.mark.parametrize(
        ("carries", "in_clear", "verdict"),
        [
            (("survey",), ["survey"], Verdict.PASS),
            ((), ["survey"], Verdict.FAIL),
            (("survey",), [], Verdict.FAIL),
        ],
    )
    def test_may_be_in_clear_only_where_that_is_said_and_an_interaction_carries_it(
        self, carries: tuple[str, ...], in_clear: list[str], verdict: Verdict
    ) -> None:
        declared = {
            "interactions": (interaction(carries=carries),),
            "settings": (setting(RULE, options={"in_clear": in_clear}),),
        }
        assert judged(rests("message", "survey"), declared=declared).verdict is verdict

    def test_in_clear_of_a_class_that_nobody_denies_is_an_error(self) -> None:
        declared = architecture(DENYING, settings=(setting(RULE, options={"in_clear": ["pam"]}),))
        with pytest.raises(DeclarationError, match="'pam', a class that no quantum denies"):
            evaluate(declared, observed())


def test_an_unresolved_store_forbids_a_pass() -> None:
    assert judged(unresolved=(unresolved("customer", "store"),)).verdict is Verdict.NOT_EVALUATED


def test_a_quantum_that_was_not_read_is_an_error() -> None:
    assert judged(coverage=coverage("billing")).verdict is Verdict.ERROR


def test_an_opaque_quantum_is_not_evaluated_and_warns() -> None:
    opaque = quantum("customer", source=(), stores=Placement(deny=("pan",)))
    judgement = judged(denying=opaque, coverage=coverage("billing"))
    assert (judgement.verdict, judgement.mode) == (Verdict.NOT_EVALUATED, Mode.WARN)
