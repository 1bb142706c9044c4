"""ADR-5, "A customer quantum of its own", sentence by sentence: each test's docstring is what the decision says.

Most sentences are held against the code and the deployment. What only the running system can show is shown by drills:
the experiments that quanta.yaml declares.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quantafit.testing import ArchitectureEvidence, Drills, InteractionClaims, QuantumClaims

pytestmark = pytest.mark.xdist_group("running")  # see tests/conftest.py

DECISION = Path(__file__).resolve().parents[1] / "docs" / "adr" / "ADR-5.md"
OTHERS = ("sysops", "billing", "reporting")

Quanta = Callable[[str], QuantumClaims]
Interaction = Callable[[str], InteractionClaims]


# Context --------------------------------------------------------------------------------------------------------------


def test_customers_are_served_whatever_happens_to_the_others(drill: Drills) -> None:
    """What customers use must stay available and quick, whatever happens to the parts of the system that they do not
    see.
    """
    drill("customers-are-served")


# Decision -------------------------------------------------------------------------------------------------------------


def test_the_customer_quantum_is_separate(quanta: Quanta, drill: Drills) -> None:
    """What customers use becomes an architecture quantum of its own, with its own code, its own deployment and its own
    database.
    """
    quanta("customer").imports_no_other_quantum().has_its_own_datastore()
    drill("customer-comes-back")
    for other in OTHERS:
        quanta(other).imports_nothing_from("customer")


def test_there_are_five_ways_and_no_other(
    architecture_evidence: ArchitectureEvidence, quanta: Quanta, interaction: Interaction
) -> None:
    """It is linked with the rest of the system in five ways, and in no other."""
    for way in ("support-contracts", "billing-info", "ticket-created", "survey-submitted", "invoice-issued"):
        interaction(way).is_implemented()
    for quantum in ("customer", *OTHERS):
        quanta(quantum).does_only_what_is_declared().leaves_nothing_unresolved()


# Support contracts ----------------------------------------------------------------------------------------------------


def test_support_contracts_are_a_copy_that_is_only_read(interaction: Interaction, drill: Drills) -> None:
    """Nothing has to happen at once when these change, so the customer quantum reads a copy, filled by table
    replication or by a periodic ETL job.
    """
    interaction("support-contracts").is_implemented().is_read_only_replica()
    drill("contracts-stay-fresh")


# Billing info ---------------------------------------------------------------------------------------------------------


def test_billing_info_travels_as_a_message(interaction: Interaction, quanta: Quanta) -> None:
    """The card that a customer enters, and the support contract chosen, travel to billing as a message, securely."""
    interaction("billing-info").is_implemented().is_durable().is_persistent().is_confirmed()
    # Of what waits in the outbox or in a message, only ciphertext for billing is permitted.
    quanta("customer").stores_no("pan")


def test_no_card_data_rests_in_the_customer_quantum(quanta: Quanta) -> None:
    """No sensitive card data is stored in the customer quantum."""
    quanta("customer").stores_no("pan", "card_code", "card_expiry", "card_holder", "card_track")


def test_the_customer_quantum_waits_for_nobody(quanta: Quanta) -> None:
    """A synchronous call from the customer quantum to another one, by REST or any remote procedure call, would undo
    what the separation is for: the customer quantum would be as available and as quick as the part it waits for.
    """
    quanta("customer").makes_no_synchronous_call()


# Tickets --------------------------------------------------------------------------------------------------------------


def test_a_ticket_is_sent_on_as_a_message(interaction: Interaction, quanta: Quanta, drill: Drills) -> None:
    """A customer who submits a ticket does not wait for anyone: the ticket is sent on as a message, and the customer
    goes on.
    """
    interaction("ticket-created").is_implemented()
    quanta("customer").makes_no_synchronous_call_to("sysops")
    drill("no-ticket-is-missed")


# Surveys --------------------------------------------------------------------------------------------------------------


def test_surveys_are_pushed_to_reporting_and_not_kept(interaction: Interaction, quanta: Quanta) -> None:
    """They are pushed to reporting asynchronously and are not stored in the customer quantum."""
    interaction("survey-submitted").is_implemented()
    quanta("customer").makes_no_synchronous_call_to("reporting").stores_no("survey_answer")


# Invoices -------------------------------------------------------------------------------------------------------------


def test_invoices_go_through_a_persistent_queue(interaction: Interaction, quanta: Quanta) -> None:
    """Billing issues invoices through a persistent queue and does not wait until they are sent."""
    interaction("invoice-issued").is_implemented().is_durable().is_persistent().is_confirmed()
    quanta("billing").makes_no_synchronous_call_to("customer")


def test_no_invoice_is_missed_while_notification_is_down(drill: Drills, interaction: Interaction) -> None:
    """If notification is down, no invoice is missed: its customer receives it in the end."""
    interaction("invoice-issued").is_acknowledged_after_work()
    drill("no-invoice-is-missed")
    drill("an-invoice-twice")
    drill("an-invoice-that-is-none")


# How we read it -------------------------------------------------------------------------------------------------------


def test_invoices_come_from_billing(interaction: Interaction, quanta: Quanta) -> None:
    """The decision's picture draws the invoices' arrow from reporting, its text has billing send them: the text
    holds.
    """
    interaction("invoice-issued").is_implemented()
    quanta("reporting").does_only_what_is_declared()


def test_the_news_of_a_ticket_is_another_decision_s(interaction: Interaction) -> None:
    """The news of a ticket's status is not among the five ways; it is ADR-2's."""
    interaction("ticket-status").is_implemented()


# The decision and this file -------------------------------------------------------------------------------------------


def test_the_tests_are_sentences_of_the_decision_and_stand_in_its_order() -> None:
    text = _on_one_line(DECISION.read_text(encoding="utf-8").replace("[ADR-2](ADR-2.md)", "ADR-2"))
    places = {sentence: text.find(sentence) for sentence in _sentences()}
    assert [sentence for sentence, place in places.items() if place < 0] == []
    assert list(places.values()) == sorted(places.values())


def test_every_sentence_that_the_declaration_leans_on_is_a_test(architecture_evidence: ArchitectureEvidence) -> None:
    architecture_evidence.cites_only_sentences_that_exist()
    evaluation = architecture_evidence.evaluation
    decision = next(adr for adr in evaluation.architecture.adrs if adr.id == "ADR-5")
    cited = {judgement.subject.adr or "" for judgement in evaluation.judgements}
    anchors = {reference.removeprefix("ADR-5#") for reference in cited if reference.startswith("ADR-5#")}
    assert anchors
    for anchor in anchors:
        assert any(sentence in decision.sentences[anchor] for sentence in _sentences()), anchor


def _sentences() -> list[str]:
    """What the tests above say of the decision, in their order."""
    tests = [value for name, value in globals().items() if name.startswith("test_") and value.__doc__]
    return [_on_one_line(test.__doc__) for test in tests]


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
