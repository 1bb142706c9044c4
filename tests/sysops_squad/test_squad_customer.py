"""The customer quantum: its API, what it keeps, what it sends, and how it takes the news of other quanta."""

import asyncio
import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, inspect, select
from squad_support import CARD_NUMBER, PASSWORD, Issuers, RecordingTransport, bearer, files_with, run

from sysops_squad.billing.unsealing import CardOpener, CardUnreadableError
from sysops_squad.customer.api import create_app
from sysops_squad.customer.attempts import AttemptLimits
from sysops_squad.customer.inbox import CustomerInbox
from sysops_squad.customer.messages import InvoiceIssued, TicketStatus
from sysops_squad.customer.models import Base, Card, Invoice, Mail, SupportContract
from sysops_squad.customer.notification import Notifier
from sysops_squad.customer.requests import passes_luhn
from sysops_squad.customer.sealing import CardSealer
from sysops_squad.plumbing.clock import now
from sysops_squad.plumbing.database import PlumbingBase, Sessions
from sysops_squad.plumbing.inbox import Inbox
from sysops_squad.plumbing.outbox import ExpiredMessage, Outbox, OutboxMessage
from sysops_squad.plumbing.processes import CardFreeFormatter
from sysops_squad.plumbing.relay import Relay
from sysops_squad.plumbing.transport import Message

CARD = {"number": CARD_NUMBER, "expiry_month": 12, "expiry_year": 2099, "holder": "Ada Lovelace"}


@pytest.fixture
def app(customer_sessions: Sessions, outbox: Outbox, sealer: CardSealer, issuers: Issuers) -> FastAPI:
    tokens = issuers.verifier("customer")
    return create_app(customer_sessions, outbox, sealer, tokens, issuers.customers, AttemptLimits())


@pytest.fixture
def api(app: FastAPI) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def customer(api: TestClient) -> str:
    """Ada, who is registered and signed in: from here on the API is called by her."""
    return _signed_in(api, "ada@example.org")


@pytest.fixture
def ticket(api: TestClient, customer: str) -> str:
    answer = api.post(f"/customers/{customer}/tickets", json={"title": "Fire", "description": "It smokes."})
    assert answer.status_code == 201
    return str(answer.json()["id"])


@pytest.fixture
def inbox(customer_sessions: Sessions, outbox: Outbox) -> CustomerInbox:
    return CustomerInbox(Inbox(customer_sessions), outbox)


def test_migrations_make_exactly_the_tables_of_the_models(customer_sessions: Sessions) -> None:
    with customer_sessions() as session:
        inspector = inspect(session.connection())
        found = {
            table: {column["name"] for column in inspector.get_columns(table)} for table in inspector.get_table_names()
        }
    found.pop("alembic_version")
    tables = [*Base.metadata.sorted_tables, *PlumbingBase.metadata.sorted_tables]
    assert found == {table.name: {column.name for column in table.columns} for table in tables}


def test_a_registered_customer_can_be_shown(api: TestClient, customer: str) -> None:
    shown = api.get(f"/customers/{customer}").json()
    assert (shown["name"], shown["email"], shown["support_contract"]) == ("Ada", "ada@example.org", None)


def test_an_email_address_registers_once(api: TestClient, customer: str) -> None:
    answer = api.post("/customers", json={"name": "Eve", "email": "ada@example.org", "password": PASSWORD})
    assert answer.status_code == 409
    assert "registered already" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["", "/card", "/tickets", "/invoices"])
def test_an_unknown_customer_is_not_found(api: TestClient, customer: str, path: str) -> None:
    answer = api.get(f"/customers/nobody{path}")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "there is no customer nobody"


@pytest.mark.parametrize("email", ["", "ada", "ada@", "a b@example.org"])
def test_an_email_address_that_is_none_is_refused(api: TestClient, email: str) -> None:
    answer = api.post("/customers", json={"name": "Ada", "email": email, "password": PASSWORD})
    assert answer.status_code == 422
    assert [problem["loc"] for problem in answer.json()["detail"]] == [["body", "email"]]


def test_choosing_a_support_contract_tells_billing_its_price(
    api: TestClient, customer: str, customer_sessions: Sessions
) -> None:
    _offer(customer_sessions, "gold")
    assert [offer["code"] for offer in api.get("/support-contracts").json()] == ["gold"]
    chosen = api.put(f"/customers/{customer}/support-contract", json={"code": "gold"})
    assert chosen.json()["support_contract"] == "gold"
    ((queue, body),) = _outgoing(customer_sessions)
    assert queue == "billing-info"
    assert (body["customer_id"], body["plan"]["code"], body["plan"]["monthly_price_cents"]) == (customer, "gold", 999)
    assert body["card"] is None


def test_a_support_contract_that_is_not_on_offer_cannot_be_chosen(api: TestClient, customer: str) -> None:
    assert api.put(f"/customers/{customer}/support-contract", json={"code": "iron"}).status_code == 404


def test_of_a_card_only_the_last_four_digits_stay(
    api: TestClient, customer: str, customer_sessions: Sessions, tmp_path: Path
) -> None:
    answer = api.put(f"/customers/{customer}/card", json=CARD)
    assert answer.status_code == 202
    assert answer.json()["last_four"] == CARD_NUMBER[-4:]
    assert api.get(f"/customers/{customer}/card").json() == answer.json()
    with customer_sessions() as session:
        (card,) = session.scalars(select(Card))
    assert {column: getattr(card, column) for column in ("customer_id", "last_four")} == {
        "customer_id": customer,
        "last_four": CARD_NUMBER[-4:],
    }
    assert files_with(tmp_path, CARD_NUMBER) == []
    assert files_with(tmp_path, "Lovelace") == []


def test_a_sealed_card_opens_for_billing_and_for_its_customer_only(
    api: TestClient, customer: str, customer_sessions: Sessions, opener: CardOpener
) -> None:
    api.put(f"/customers/{customer}/card", json={**CARD, "number": "5555 5555-5555 4444"})
    ((queue, body),) = _outgoing(customer_sessions)
    assert queue == "billing-info"
    opened = opener.open(customer, body["card"]["jwe"])
    assert opened.number.get_secret_value() == CARD_NUMBER
    assert (opened.expiry, opened.holder.get_secret_value()) == ("2099-12", "Ada Lovelace")
    with pytest.raises(CardUnreadableError, match="another customer"):
        opener.open("somebody else", body["card"]["jwe"])


def test_a_new_card_replaces_the_old_one(api: TestClient, customer: str) -> None:
    api.put(f"/customers/{customer}/card", json=CARD)
    api.put(f"/customers/{customer}/card", json={**CARD, "number": "4111111111111111"})
    assert api.get(f"/customers/{customer}/card").json()["last_four"] == "1111"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"number": "5555555555554445"}, "check digit"),
        ({"number": "55555555555544445555x"}, "12 to 19 digits"),
        ({"number": 5555555555554444}, "string"),
        ({"number": None, "holder": CARD_NUMBER}, "string"),
        ({"expiry_year": 2001}, "expired"),
        ({"expiry_month": 13}, "less than or equal to 12"),
        ({"cvc": "987", "note": CARD_NUMBER}, "not permitted"),
        ({CARD_NUMBER: 1}, "not permitted"),
    ],
)
def test_a_wrong_card_is_refused_without_repeating_it(
    api: TestClient, customer: str, customer_sessions: Sessions, change: dict[str, Any], part: str
) -> None:
    answer = api.put(f"/customers/{customer}/card", json={**CARD, **change})
    assert answer.status_code == 422
    assert part in answer.text
    for secret in (CARD_NUMBER, "5555555555554445", "987", "Lovelace"):
        assert secret not in answer.text
    assert _outgoing(customer_sessions) == []


def test_a_card_number_in_the_address_is_not_repeated(api: TestClient, customer: str) -> None:
    answer = api.get(f"/customers/{CARD_NUMBER}")
    assert answer.status_code == 404
    assert CARD_NUMBER not in answer.text


@pytest.mark.parametrize("text", [CARD_NUMBER, "5555 5555 5555 4444", "5555-5555-5555-4444"])
def test_a_card_number_that_gets_into_a_log_line_is_masked(text: str) -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 0, "card %s of 2026-11-22 08:51", (text,), None)
    assert CardFreeFormatter("%(message)s").format(record) == "card [masked] of 2026-11-22 08:51"


def test_a_body_that_is_no_json_is_refused_without_repeating_it(api: TestClient, customer: str) -> None:
    answer = api.put(
        f"/customers/{customer}/card",
        content=f'{{"number": {CARD_NUMBER}',
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 422
    assert CARD_NUMBER not in answer.text


@pytest.mark.parametrize(("digits", "passes"), [("79927398713", True), ("79927398710", False), (CARD_NUMBER, True)])
def test_the_check_digit_is_that_of_the_standard(digits: str, passes: bool) -> None:
    assert passes_luhn(digits) is passes


def test_a_ticket_is_saved_and_its_message_waits_in_the_same_database(
    api: TestClient, customer: str, ticket: str, customer_sessions: Sessions
) -> None:
    assert [shown["status"] for shown in api.get(f"/customers/{customer}/tickets").json()] == ["submitted"]
    ((queue, body),) = _outgoing(customer_sessions)
    assert (queue, body["ticket_id"], body["title"]) == ("ticket-created", ticket, "Fire")


def test_a_ticket_is_shown_to_its_own_customer_only(api: TestClient, ticket: str) -> None:
    other = _signed_in(api, "eve@example.org")
    assert api.get(f"/customers/{other}/tickets/{ticket}").status_code == 404


def test_nothing_of_a_survey_stays_once_it_is_sent(
    api: TestClient, customer: str, ticket: str, customer_sessions: Sessions, tmp_path: Path
) -> None:
    answer = {"ticket_id": ticket, "rating": 4, "comment": "a comment like no other"}
    assert api.post(f"/customers/{customer}/surveys", json=answer).status_code == 202
    transport = RecordingTransport()

    async def relay_until_nothing_is_left() -> None:
        relaying = asyncio.create_task(Relay(customer_sessions, transport, pause=0.05).run())
        async with asyncio.timeout(20):
            while not transport.published or files_with(tmp_path, "a comment like no other"):
                await asyncio.sleep(0.02)
        relaying.cancel()

    run(relay_until_nothing_is_left())
    sent = [json.loads(message.body) for message in transport.published if message.queue == "survey-submitted"]
    assert [survey["comment"] for survey in sent] == ["a comment like no other"]


@pytest.mark.parametrize("change", [{"rating": 6}, {"rating": 0}, {"rating": True}, {"rating": "4"}, {"mood": "fine"}])
def test_a_survey_that_makes_no_sense_is_refused(
    api: TestClient, customer: str, ticket: str, change: dict[str, Any]
) -> None:
    answer = {"ticket_id": ticket, "rating": 4, **change}
    assert api.post(f"/customers/{customer}/surveys", json=answer).status_code == 422


def test_a_survey_is_about_a_ticket_of_the_customer(api: TestClient, customer: str) -> None:
    assert api.post(f"/customers/{customer}/surveys", json={"ticket_id": "x", "rating": 4}).status_code == 404


def test_an_invoice_is_kept_and_notified_once(
    api: TestClient, customer: str, inbox: CustomerInbox, customer_sessions: Sessions
) -> None:
    message = _invoice_message(customer, "2026-11")
    run(inbox.take_invoice(message))
    run(inbox.take_invoice(message))
    (invoice,) = api.get(f"/customers/{customer}/invoices").json()
    assert (invoice["month"], invoice["amount_cents"]) == ("2026-11", 999)
    ((queue, body),) = _outgoing(customer_sessions)
    assert (queue, body["customer_id"], body["subject"]) == ("notification", customer, "Your invoice for 2026-11")


def test_the_second_hop_spools_one_mail_however_often_it_comes(
    api: TestClient, customer: str, inbox: CustomerInbox, customer_sessions: Sessions
) -> None:
    run(inbox.take_invoice(_invoice_message(customer, "2026-11")))
    transport = RecordingTransport()
    run(Relay(customer_sessions, transport).send_waiting())
    notifier = Notifier(Inbox(customer_sessions))
    for _ in range(2):
        run(transport.consume("notification", notifier.notify))
    (mail,) = api.get(f"/customers/{customer}/mails").json()
    assert (mail["recipient"], mail["text"]) == ("ada@example.org", "Your invoice for 2026-11 over 9.99 EUR is ready.")


def test_a_status_that_was_overtaken_changes_nothing(
    api: TestClient, customer: str, ticket: str, inbox: CustomerInbox, customer_sessions: Sessions
) -> None:
    run(inbox.take_ticket_status(_status_message(customer, ticket, "closed", 2)))
    run(inbox.take_ticket_status(_status_message(customer, ticket, "assigned", 1)))
    assert api.get(f"/customers/{customer}/tickets/{ticket}").json()["status"] == "closed"
    assert [queue for queue, _ in _outgoing(customer_sessions)] == ["ticket-created", "notification"]


def test_administrators_see_what_waits(app: FastAPI, issuers: Issuers, ticket: str) -> None:
    assert issuers.staff_client(app, "customer").get("/outbox").json()["waiting"] == 1


def test_expired_card_messages_keep_no_content(
    customer_sessions: Sessions, sealer: CardSealer, issuers: Issuers
) -> None:
    tokens, too_late = issuers.verifier("customer"), Outbox(timedelta(seconds=-1))
    app = create_app(customer_sessions, too_late, sealer, tokens, issuers.customers, AttemptLimits())
    api = TestClient(app)
    customer = _signed_in(api, "ada@example.org")
    api.put(f"/customers/{customer}/card", json=CARD)
    Relay(customer_sessions, RecordingTransport()).expire()
    state = issuers.staff_client(app, "customer").get("/outbox").json()
    assert state == {"waiting": 0, "oldest_age_seconds": 0.0, "expired": 1}
    with customer_sessions() as session:
        assert list(session.scalars(select(ExpiredMessage.body))) == [None]


def test_an_invoice_for_the_same_month_under_another_message_is_not_kept_twice(
    customer: str, inbox: CustomerInbox, customer_sessions: Sessions
) -> None:
    run(inbox.take_invoice(_invoice_message(customer, "2026-11")))
    with pytest.raises(Exception, match="UNIQUE"):
        run(inbox.take_invoice(_invoice_message(customer, "2026-11", message_id="m2", invoice_id="i2")))
    with customer_sessions() as session:
        assert session.scalar(select(func.count()).select_from(Invoice)) == 1
        assert session.scalar(select(func.count()).select_from(Mail)) == 0


def _signed_in(api: TestClient, email: str) -> str:
    """Register and sign in; returns the customer's id."""
    answer = api.post("/customers", json={"name": "Ada", "email": email, "password": PASSWORD})
    assert answer.status_code == 201
    session = api.post("/sessions", json={"email": email, "password": PASSWORD})
    assert session.status_code == 201
    api.headers.update(bearer(session.json()["token"]))
    return str(answer.json()["id"])


def _offer(sessions: Sessions, code: str) -> None:
    with sessions() as session, session.begin():
        session.add(SupportContract(code=code, name=code, description="", monthly_price_cents=999, currency="EUR"))


def _outgoing(sessions: Sessions) -> list[tuple[str, dict[str, Any]]]:
    with sessions() as session:
        rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.position))
        return [(row.queue, json.loads(row.body)) for row in rows]


def _invoice_message(customer: str, month: str, message_id: str = "m1", invoice_id: str = "i1") -> Message:
    issued = InvoiceIssued(
        invoice_id=invoice_id, customer_id=customer, month=month, amount_cents=999, currency="EUR", issued_at=now()
    )
    return Message(message_id, "invoice-issued", issued.model_dump_json().encode())


def _status_message(customer: str, ticket: str, status: str, revision: int) -> Message:
    news = TicketStatus(
        ticket_id=ticket, customer_id=customer, status=status, revision=revision, note="", changed_at=now()
    )
    return Message(f"status {revision}", "ticket-status", news.model_dump_json().encode())
