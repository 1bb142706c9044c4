"""The declaration of the reference system says what the decisions say."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantafit.declaration import load
from quantafit.model import Architecture, Delivery, Style

REPOSITORY = Path(__file__).parents[3]
EVERY_POINT = Delivery(True, True, True, True, True, True)


@pytest.fixture(scope="module")
def architecture() -> Architecture:
    """The repository's own ``quanta.yaml``."""
    return load(REPOSITORY / "quanta.yaml")


def test_there_are_four_quanta_and_shared_plumbing(architecture: Architecture) -> None:
    """All of them with code; the launcher belongs to none."""
    assert [quantum.name for quantum in architecture.quanta] == ["customer", "sysops", "billing", "reporting"]
    assert not any(quantum.opaque for quantum in architecture.quanta)
    assert architecture.shared_code == ("src/sysops_squad/plumbing",)
    paths = {path for quantum in architecture.quanta for path in quantum.source}
    assert "src/sysops_squad/launcher" not in paths


def test_there_are_the_six_interactions_and_no_other(architecture: Architecture) -> None:
    """Five of ADR-5, and the news of a ticket's status."""
    assert {interaction.id: interaction.arrow for interaction in architecture.interactions} == {
        "support-contracts": "sysops → customer",
        "billing-info": "customer → billing",
        "ticket-created": "customer → sysops",
        "survey-submitted": "customer → reporting",
        "invoice-issued": "billing → customer",
        "ticket-status": "sysops → customer",
    }


def test_messages_promise_every_point_of_delivery(architecture: Architecture) -> None:
    """The only other link is the replica of the support contracts."""
    for interaction in architecture.interactions:
        if interaction.style is Style.MESSAGE:
            assert interaction.delivery == EVERY_POINT
            assert interaction.channel == interaction.id
        else:
            assert interaction.replication.table == "support_contract"
            assert interaction.replication.max_staleness == 3600


def test_everything_names_a_sentence_that_is_there(architecture: Architecture) -> None:
    """An anchor with text under it, for every interaction, rule and placement."""
    references = [
        *(interaction.adr for interaction in architecture.interactions),
        *(setting.adr for setting in architecture.settings),
        *(quantum.stores.adr for quantum in architecture.quanta),
    ]
    assert [reference for reference in references if not architecture.sentence(reference)] == []


def test_card_data_and_surveys_have_no_place_in_the_customer_quantum(architecture: Architecture) -> None:
    """The last four digits do; the verification code has none anywhere."""
    customer = architecture.quantum("customer").stores
    assert {"pan", "card_code", "card_expiry", "survey_answer"} <= set(customer.deny)
    assert "card_last4" in customer.allow
    assert all("card_code" in quantum.stores.deny for quantum in architecture.quanta)


def test_only_the_embedded_queue_is_described(architecture: Architecture) -> None:
    """Everything else is seen through; and what is described is in the code, with these parameters."""
    names = [call.name for library in architecture.libraries for call in library.calls]
    assert {name.rpartition(".")[0] for name in names} == {"sysops_squad.plumbing.sqlite_queue.SqliteQueue"}
    source = (REPOSITORY / "src/sysops_squad/plumbing/sqlite_queue.py").read_text(encoding="utf-8")
    assert "class SqliteQueue" in source
    for library in architecture.libraries:
        for call in library.calls:
            signature = source.partition(f"def {call.name.rpartition('.')[2]}(self, ")[2].partition(")")[0]
            parameters = {part.partition(":")[0].strip() for part in signature.split(",")}
            assert set(call.arguments.values()) <= parameters
