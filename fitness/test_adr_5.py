"""ADR-5, "A customer quantum of its own", sentence by sentence: each test's docstring is what the decision says.

Most sentences are held against the code and the deployment. Two of them only the running system can show.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from running_system import RunningSystem

from quantafit.testing import ArchitectureEvidence, InteractionClaims, QuantumClaims

DECISION = Path(__file__).resolve().parents[1] / "docs" / "adr" / "ADR-5.md"
OTHERS = ("sysops", "billing", "reporting")
CARD = {"number": "4111 1111 1111 1111", "expiry_month": 12, "expiry_year": 2099, "holder": "Ada Lovelace"}

Quanta = Callable[[str], QuantumClaims]
Interaction = Callable[[str], InteractionClaims]


# Context --------------------------------------------------------------------------------------------------------------


def test_customers_are_served_whatever_happens_to_the_others(running_system: RunningSystem) -> None:
    """What customers use must stay available and quick, whatever happens to the parts of the system that they do not
    see.
    """
    system = running_system
    _offer_a_support_contract(system, "gold")
    system.take_away(*OTHERS)

    customer = system.ask_at_once("customer", "POST", "/customers", name="Ada", email="ada@example.org")["id"]
    home = f"/customers/{customer}"
    system.ask_at_once("customer", "PUT", f"{home}/support-contract", code="gold")
    system.ask_at_once("customer", "PUT", f"{home}/card", **CARD)
    ticket = system.ask_at_once("customer", "POST", f"{home}/tickets", title="Printer", description="on fire")["id"]
    system.ask_at_once("customer", "POST", f"{home}/surveys", ticket_id=ticket, rating=5, comment="")
    assert system.ask_at_once("customer", "GET", f"{home}/tickets/{ticket}")["status"] == "submitted"
    assert system.ask_at_once("customer", "GET", f"{home}/invoices") == []

    system.bring_back(*OTHERS)
    system.in_the_end("the ticket in sysops", lambda: system.ask("sysops", "GET", "/tickets"))
    system.in_the_end("the survey in reporting", lambda: system.ask("reporting", "GET", "/surveys"))
    system.in_the_end("plan and card in billing", lambda: _pays(system, customer))


# Decision -------------------------------------------------------------------------------------------------------------


def test_the_customer_quantum_is_separate(quanta: Quanta) -> None:
    """What customers use becomes an architecture quantum of its own, with its own code, its own deployment and its own
    database.
    """
    quanta("customer").imports_no_other_quantum().has_its_own_datastore()
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


def test_support_contracts_are_a_copy_that_is_only_read(interaction: Interaction) -> None:
    """Nothing has to happen at once when these change, so the customer quantum reads a copy, filled by table
    replication or by a periodic ETL job.
    """
    interaction("support-contracts").is_implemented().is_read_only_replica()


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


def test_a_ticket_is_sent_on_as_a_message(interaction: Interaction, quanta: Quanta) -> None:
    """A customer who submits a ticket does not wait for anyone: the ticket is sent on as a message, and the customer
    goes on.
    """
    interaction("ticket-created").is_implemented()
    quanta("customer").makes_no_synchronous_call_to("sysops")


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


def test_no_invoice_is_missed_while_notification_is_down(
    running_system: RunningSystem, interaction: Interaction
) -> None:
    """If notification is down, no invoice is missed: its customer receives it in the end."""
    interaction("invoice-issued").is_acknowledged_after_work()
    system = running_system
    customer = _a_customer_who_pays(system)
    home = f"/customers/{customer}"
    system.take_away("customer.notification")

    month = f"{datetime.now(UTC):%Y-%m}"
    for _ in range(2):
        system.ask("billing", "POST", "/payment-runs", month=month)
    system.in_the_end("the invoice", lambda: system.ask("customer", "GET", f"{home}/invoices"))
    assert _invoice_mails(system, home) == []

    system.bring_back("customer.notification")
    system.in_the_end("the mail about the invoice", lambda: _invoice_mails(system, home))
    assert len(system.ask("customer", "GET", f"{home}/invoices")) == 1
    assert len(_invoice_mails(system, home)) == 1


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


# Steps of the running system ------------------------------------------------------------------------------------------


def _offer_a_support_contract(system: RunningSystem, code: str) -> None:
    system.ask("sysops", "PUT", f"/support-contracts/{code}", name="Gold", monthly_price_cents=1999)
    system.in_the_end(
        "the support contract in the replica", lambda: system.ask("customer", "GET", "/support-contracts")
    )


def _a_customer_who_pays(system: RunningSystem) -> str:
    """A customer whose support contract and card billing has."""
    _offer_a_support_contract(system, "gold")
    customer = str(system.ask("customer", "POST", "/customers", name="Grace", email="grace@example.org")["id"])
    system.ask("customer", "PUT", f"/customers/{customer}/support-contract", code="gold")
    system.ask("customer", "PUT", f"/customers/{customer}/card", **CARD)
    system.in_the_end("plan and card in billing", lambda: _pays(system, customer))
    return customer


def _pays(system: RunningSystem, customer: str) -> bool:
    account = system.ask_if_there("billing", f"/accounts/{customer}")
    return bool(account and account["plan_code"] and account["card_last_four"])


def _invoice_mails(system: RunningSystem, home: str) -> list[Any]:
    return [mail for mail in system.ask("customer", "GET", f"{home}/mails") if "invoice" in mail["subject"]]
