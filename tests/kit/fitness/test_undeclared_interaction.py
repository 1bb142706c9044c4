"""quantum/undeclared-interaction: what is observed is declared."""

from __future__ import annotations

import pytest
from builders import (
    architecture,
    call,
    coverage,
    crossing,
    interaction,
    judged,
    judgements,
    observed,
    place,
    quantum,
    receiver,
    setting,
    unresolved,
)

from quantafit.model import Communication, ImportEdge, Mode, Style, TargetKind, Verdict

RULE = "quantum/undeclared-interaction"
EDGE = "customer → billing"


def test_an_undeclared_message_fails_and_the_way_out_can_be_pasted() -> None:
    judgement = judged(RULE, EDGE, architecture(), observed(crossing()))
    assert judgement.verdict is Verdict.FAIL
    (finding,) = judgement.findings
    assert str(finding.place) == "customer/cards.py:7"
    assert "`from: customer, to: billing, style: message, channel: cards`" in finding.ways_out[0]


@pytest.mark.parametrize("channel", [None, "cards"])
def test_a_declared_message_passes(channel: str | None) -> None:
    declared = architecture(interactions=(interaction(channel=channel),))
    assert judged(RULE, EDGE, declared, observed(crossing())).verdict is Verdict.PASS


def test_a_declared_channel_may_be_the_receivers_queue() -> None:
    """A publisher may know an exchange only; the queue is what the two quanta agree on."""
    declared = architecture(interactions=(interaction(channel="cards"),))
    seen = observed(crossing(channel="payments", receivers=(receiver(),)))
    assert judged(RULE, EDGE, declared, seen).verdict is Verdict.PASS


def test_a_message_on_another_channel_fails() -> None:
    declared = architecture(interactions=(interaction(channel="invoices"),))
    assert judged(RULE, EDGE, declared, observed(crossing())).verdict is Verdict.FAIL


def test_a_message_in_the_other_direction_fails() -> None:
    declared = architecture(interactions=(interaction("billing", "customer"),))
    assert judged(RULE, EDGE, declared, observed(crossing())).verdict is Verdict.FAIL


def test_a_declared_call_does_not_declare_a_message() -> None:
    declared = architecture(interactions=(interaction(style=Style.CALL),))
    assert judged(RULE, EDGE, declared, observed(crossing())).verdict is Verdict.FAIL


def test_a_channel_that_cannot_be_told_forbids_a_pass() -> None:
    declared = architecture(interactions=(interaction(channel="cards"),))
    assert judged(RULE, EDGE, declared, observed(crossing(channel=None))).verdict is Verdict.NOT_EVALUATED


@pytest.mark.parametrize(
    ("owner", "crossed"),
    [
        ("quantum/synchronous-call", call()),
        ("quantum/synchronous-call", crossing(communication=Communication.SYNCHRONOUS)),
        ("quantum/import", crossing(mechanism="import")),
        ("quantum/shared-datastore", crossing(mechanism="database", channel=None)),
    ],
)
def test_one_fact_is_reported_once_and_here_where_its_own_function_is_off(owner: str, crossed: object) -> None:
    seen = observed(crossed)  # type: ignore[arg-type]
    silent = judged(RULE, EDGE, architecture(), seen)
    assert silent.verdict is Verdict.PASS
    assert silent.reason == f"nothing observed from customer to billing but what {owner} judges"
    assert judged(owner, EDGE, architecture(), seen).verdict is Verdict.FAIL
    off = architecture(settings=(setting(owner, Mode.OFF),))
    assert judged(RULE, EDGE, off, seen).verdict is Verdict.FAIL


def test_an_import_is_reported_here_where_its_own_function_is_off() -> None:
    edge = ImportEdge("customer", "billing", "billing.cards", "import", place())
    off = architecture(settings=(setting("quantum/import", Mode.OFF),))
    assert judged(RULE, EDGE, off, observed(imports=(edge,))).verdict is Verdict.FAIL


def test_a_link_to_an_external_system_needs_no_declaration() -> None:
    seen = observed(crossing(target="mail.example.org", target_kind=TargetKind.EXTERNAL))
    assert judged(RULE, EDGE, architecture(), seen).verdict is Verdict.PASS


@pytest.mark.parametrize("could_be", [("publish",), ()])
def test_an_unresolved_publish_forbids_a_pass(could_be: tuple[str, ...]) -> None:
    seen = observed(unresolved=(unresolved("customer", *could_be),))
    assert judged(RULE, EDGE, architecture(), seen).verdict is Verdict.NOT_EVALUATED


class TestAMessageThatNobodyHereConsumes:
    unheard = crossing(target=None, confidence="low")

    def test_is_judged_as_a_subject_of_its_own_and_keeps_no_pair_from_passing(self) -> None:
        assert judged(RULE, EDGE, architecture(), observed(self.unheard)).verdict is Verdict.PASS

    def test_reaches_nobody_where_all_code_is_here(self) -> None:
        judgement = judged(RULE, "customer", architecture(), observed(self.unheard))
        assert judgement.verdict is Verdict.PASS
        assert judgement.reason == "no quantum consumes 'cards'"

    def test_is_a_finding_where_a_quantum_without_source_may_consume_it(self) -> None:
        declared = architecture("customer", quantum("billing", source=()))
        (finding,) = judged(RULE, "customer", declared, observed(self.unheard)).findings
        assert "billing may" in finding.message

    @pytest.mark.parametrize("channel", [None, "cards"])
    def test_is_declared_by_an_interaction_on_its_channel_or_on_any(self, channel: str | None) -> None:
        interactions = (interaction(channel=channel),)
        declared = architecture("customer", quantum("billing", source=()), interactions=interactions)
        found = judgements(RULE, declared, observed(self.unheard))
        assert all(judgement.verdict is not Verdict.FAIL for judgement in found.values())

    def test_is_external_where_the_declaration_lists_its_channel(self) -> None:
        declared = architecture("customer", quantum("billing", source=()), external=("cards",))
        seen = observed(self.unheard, coverage=coverage("customer"))
        assert "customer" not in judgements(RULE, declared, seen)

    def test_is_not_evaluated_where_a_consumer_elsewhere_is_unresolved(self) -> None:
        seen = observed(self.unheard, unresolved=(unresolved("billing", "subscribe"),))
        assert judged(RULE, "customer", architecture(), seen).verdict is Verdict.NOT_EVALUATED

    def test_is_not_evaluated_where_its_channel_cannot_be_told(self) -> None:
        seen = observed(crossing(target=None, channel=None))
        assert judged(RULE, "customer", architecture(), seen).verdict is Verdict.NOT_EVALUATED
