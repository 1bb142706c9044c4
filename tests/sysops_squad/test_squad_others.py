"""Sysops, billing and reporting: their APIs, their receivers, and the message schemas that they agree on."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from fastapi.testclient import TestClient
from joserfc.jwk import OKPKey
from sqlalchemy import inspect, select, text
from squad_support import CARD_NUMBER, Issuers, RecordingTransport, files_with, run

import sysops_squad.billing.messages as billing_messages
import sysops_squad.billing.models as billing_models
import sysops_squad.customer.messages as customer_messages
import sysops_squad.reporting.messages as reporting_messages
import sysops_squad.reporting.models as reporting_models
import sysops_squad.sysops.messages as sysops_messages
import sysops_squad.sysops.models as sysops_models
from sysops_squad.billing import api as billing_api
from sysops_squad.billing.intake import BillingIntake
from sysops_squad.billing.messages import BillingInfo, Plan, SealedCard
from sysops_squad.billing.payment_job import PaymentJob
from sysops_squad.billing.unsealing import CardOpener
from sysops_squad.customer.sealing import CardSealer
from sysops_squad.plumbing.clock import now
from sysops_squad.plumbing.database import PlumbingBase, Sessions, newest_version
from sysops_squad.plumbing.inbox import Inbox
from sysops_squad.plumbing.key_files import KeyFileError
from sysops_squad.plumbing.outbox import Outbox, OutboxMessage
from sysops_squad.plumbing.relay import Relay
from sysops_squad.plumbing.transport import Message, RejectedError
from sysops_squad.reporting import api as reporting_api
from sysops_squad.reporting.intake import SurveyIntake
from sysops_squad.reporting.messages import SurveySubmitted
from sysops_squad.sysops import api as sysops_api
from sysops_squad.sysops.inbox import TicketIntake
from sysops_squad.sysops.messages import TicketCreated

SOURCE = Path(billing_api.__file__).parents[1]
TERMS = {"name": "Gold", "description": "all devices", "monthly_price_cents": 2999, "currency": "EUR"}


@pytest.mark.parametrize(
    ("fixture", "models"),
    [
        ("sysops_sessions", sysops_models),
        ("billing_sessions", billing_models),
        ("reporting_sessions", reporting_models),
    ],
)
def test_migrations_make_the_tables_of_the_models(request: pytest.FixtureRequest, fixture: str, models: Any) -> None:
    with request.getfixturevalue(fixture)() as session:
        inspector = inspect(session.connection())
        found = {
            name: {column["name"] for column in inspector.get_columns(name)} for name in inspector.get_table_names()
        }
    for table in models.Base.metadata.sorted_tables:
        assert found.pop(table.name) == {column.name for column in table.columns}
    plumbing = {table.name: {column.name for column in table.columns} for table in PlumbingBase.metadata.sorted_tables}
    found.pop("alembic_version")
    assert all(plumbing[name] == columns for name, columns in found.items())


@pytest.mark.parametrize("quantum", ["customer", "sysops", "billing", "reporting"])
def test_file_names_of_migrations_tell_their_newest_version(quantum: str) -> None:
    scripts = ScriptDirectory(f"{SOURCE}/{quantum}/migrations")
    assert [newest_version(Path(scripts.dir))] == scripts.get_heads()


@pytest.mark.parametrize(
    ("sender", "receiver", "name"),
    [
        (customer_messages, billing_messages, "BillingInfo"),
        (customer_messages, sysops_messages, "TicketCreated"),
        (customer_messages, reporting_messages, "SurveySubmitted"),
        (billing_messages, customer_messages, "InvoiceIssued"),
        (sysops_messages, customer_messages, "TicketStatus"),
    ],
)
def test_both_ends_of_a_queue_have_the_same_message_schema(sender: Any, receiver: Any, name: str) -> None:
    assert _shape(getattr(sender, name)) == _shape(getattr(receiver, name))


# Sysops


@pytest.fixture
def sysops(sysops_sessions: Sessions, outbox: Outbox, issuers: Issuers) -> TestClient:
    app = sysops_api.create_app(sysops_sessions, outbox, issuers.verifier("sysops"))
    return issuers.staff_client(app, "sysops")


@pytest.fixture
def ticket(sysops_sessions: Sessions) -> str:
    created = TicketCreated(ticket_id="t1", customer_id="c1", title="Fire", description="!", submitted_at=now())
    run(TicketIntake(Inbox(sysops_sessions)).take_ticket(_message("ticket-created", created)))
    return "t1"


def test_support_contracts_are_offered_changed_and_withdrawn(sysops: TestClient) -> None:
    assert sysops.put("/support-contracts/gold", json=TERMS).json() == {"code": "gold", **TERMS}
    assert sysops.put("/support-contracts/gold", json={**TERMS, "monthly_price_cents": 1}).status_code == 200
    assert [offer["monthly_price_cents"] for offer in sysops.get("/support-contracts").json()] == [1]
    assert sysops.delete("/support-contracts/gold").status_code == 204
    assert sysops.get("/support-contracts").json() == []
    assert sysops.delete("/support-contracts/gold").status_code == 404


@pytest.mark.parametrize("change", [{"monthly_price_cents": -1}, {"currency": "euro"}, {"name": ""}, {"colour": "red"}])
def test_terms_that_make_no_sense_are_refused(sysops: TestClient, change: dict[str, Any]) -> None:
    assert sysops.put("/support-contracts/gold", json={**TERMS, **change}).status_code == 422


def test_a_ticket_is_taken_in_once(sysops: TestClient, sysops_sessions: Sessions, ticket: str) -> None:
    created = TicketCreated(ticket_id=ticket, customer_id="c1", title="Fire", description="!", submitted_at=now())
    run(TicketIntake(Inbox(sysops_sessions)).take_ticket(_message("ticket-created", created)))
    assert [shown["status"] for shown in sysops.get("/tickets").json()] == ["open"]


def test_each_change_of_a_ticket_is_announced_with_a_growing_revision(
    sysops: TestClient, sysops_sessions: Sessions, ticket: str
) -> None:
    assert sysops.post(f"/tickets/{ticket}/assign", json={"expert": "Grace"}).json()["expert"] == "Grace"
    assert sysops.post(f"/tickets/{ticket}/close", json={"resolution": "Out."}).json()["status"] == "closed"
    news = _outgoing(sysops_sessions)
    assert [(queue, body["status"], body["revision"]) for queue, body in news] == [
        ("ticket-status", "assigned", 1),
        ("ticket-status", "closed", 2),
    ]


def test_a_closed_ticket_stays_closed(sysops: TestClient, sysops_sessions: Sessions, ticket: str) -> None:
    sysops.post(f"/tickets/{ticket}/close", json={"resolution": "Out."})
    assert sysops.post(f"/tickets/{ticket}/assign", json={"expert": "Grace"}).status_code == 409
    assert len(_outgoing(sysops_sessions)) == 1


def test_an_unknown_ticket_is_not_found(sysops: TestClient) -> None:
    assert sysops.post("/tickets/t0/assign", json={"expert": "Grace"}).status_code == 404


# Billing


@pytest.fixture
def billing(billing_sessions: Sessions, outbox: Outbox, issuers: Issuers) -> TestClient:
    app = billing_api.create_app(billing_sessions, outbox, issuers.verifier("billing"))
    return issuers.staff_client(app, "billing")


@pytest.fixture
def intake(billing_sessions: Sessions, opener: CardOpener) -> BillingIntake:
    return BillingIntake(Inbox(billing_sessions), opener)


@pytest.fixture
def payer(intake: BillingIntake, sealer: CardSealer) -> str:
    run(intake.take_billing_info(_message("billing-info", _plan_info("c1", "gold", 2999), "plan")))
    run(intake.take_billing_info(_message("billing-info", _card_info("c1", sealer), "card")))
    return "c1"


def test_an_account_shows_plan_and_last_four_digits(billing: TestClient, payer: str) -> None:
    assert billing.get(f"/accounts/{payer}").json() == {
        "customer_id": "c1",
        "plan_code": "gold",
        "monthly_price_cents": 2999,
        "currency": "EUR",
        "card_last_four": "4444",
    }
    assert billing.get("/accounts/nobody").status_code == 404


def test_a_card_rests_sealed_in_billing_too(payer: str, billing_sessions: Sessions, tmp_path: Path) -> None:
    with billing_sessions() as session:
        sealed = session.scalar(select(billing_models.Account.sealed_card))
    assert sealed is not None
    assert sealed.count(".") == 4
    assert files_with(tmp_path, CARD_NUMBER) == []


def test_of_two_plans_the_later_choice_wins_whichever_comes_last(billing: TestClient, intake: BillingIntake) -> None:
    newer, older = _plan_info("c1", "gold", 2999), _plan_info("c1", "iron", 99)
    assert older.plan is not None
    older = older.model_copy(update={"plan": older.plan.model_copy(update={"chosen_at": now() - timedelta(minutes=1)})})
    run(intake.take_billing_info(_message("billing-info", newer, "newer")))
    run(intake.take_billing_info(_message("billing-info", older, "older")))
    assert billing.get("/accounts/c1").json()["plan_code"] == "gold"


def test_a_card_that_cannot_be_opened_is_rejected(intake: BillingIntake, sealer: CardSealer) -> None:
    stranger = OKPKey.generate_key("X25519", private=True)
    stranger.ensure_kid()
    good = _card_info("c1", sealer)
    assert good.card is not None
    changed = good.card.jwe[:-4] + ("AAAA" if good.card.jwe[-4:] != "AAAA" else "BBBB")
    for jwe in (changed, "nonsense", CardSealer(stranger).seal("c1", {"number": CARD_NUMBER})):
        info = good.model_copy(update={"card": good.card.model_copy(update={"jwe": jwe})})
        with pytest.raises(RejectedError, match="cannot be opened"):
            run(intake.take_billing_info(_message("billing-info", info)))


def test_each_side_refuses_a_key_file_that_is_not_meant_for_it(tmp_path: Path, billing_key: OKPKey) -> None:
    private = json.dumps(billing_key.as_dict(private=True))
    public_set = json.dumps({"keys": [billing_key.as_dict(private=False)]})
    key_file = tmp_path / "key.json"
    key_file.touch(0o600)
    for content, part in ((private, "private key, which"), ("{}", "no public key"), ("nonsense", "no public key")):
        key_file.write_text(content)
        with pytest.raises(KeyFileError, match=part):
            CardSealer.from_file(key_file)
    for content, part in (
        (public_set, "only such"),
        ("{}", "no set of"),
        ('{"keys": []}', "no set of"),
        ("[", "no set"),
    ):
        key_file.write_text(content)
        with pytest.raises(KeyFileError, match=part):
            CardOpener.from_file(key_file)


def test_a_card_moved_to_another_customer_is_rejected(intake: BillingIntake, sealer: CardSealer) -> None:
    moved = _card_info("c1", sealer).model_copy(update={"customer_id": "c2"})
    with pytest.raises(RejectedError, match="another customer"):
        run(intake.take_billing_info(_message("billing-info", moved)))


def test_the_payment_job_issues_one_invoice_a_customer_and_month(
    billing: TestClient, payer: str, billing_sessions: Sessions
) -> None:
    first = billing.post("/payment-runs", json={"month": "2026-11"})
    assert first.status_code == 201
    assert first.json() == {"month": "2026-11", "issued": 1, "already_issued": 0}
    assert billing.post("/payment-runs", json={"month": "2026-11"}).json()["issued"] == 0
    assert billing.post("/payment-runs", json={"month": "2026-12"}).json()["issued"] == 1
    sent = _outgoing(billing_sessions)
    assert [(queue, body["month"], body["amount_cents"]) for queue, body in sent] == [
        ("invoice-issued", "2026-11", 2999),
        ("invoice-issued", "2026-12", 2999),
    ]


def test_a_customer_without_card_or_plan_gets_no_invoice(
    billing: TestClient, intake: BillingIntake, sealer: CardSealer
) -> None:
    run(intake.take_billing_info(_message("billing-info", _plan_info("plan only", "gold", 1), "m1")))
    run(intake.take_billing_info(_message("billing-info", _card_info("card only", sealer), "m2")))
    assert billing.post("/payment-runs", json={"month": "2026-11"}).json()["issued"] == 0


def test_a_run_that_lost_a_race_issues_nothing_twice(
    payer: str, billing_sessions: Sessions, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = PaymentJob(billing_sessions, outbox)
    assert job.run_once("2026-11").issued == 1
    monkeypatch.setattr(PaymentJob, "_due", lambda _job, _month: [payer])
    assert job.run_once("2026-11").issued == 0
    assert len(_outgoing(billing_sessions)) == 1


def test_the_payment_job_waits_for_a_database_that_is_away(billing_sessions: Sessions, outbox: Outbox) -> None:
    job = PaymentJob(billing_sessions, outbox)
    payer = billing_models.Account(
        customer_id="c1", plan_code="gold", monthly_price_cents=999, currency="EUR", sealed_card="sealed"
    )
    with billing_sessions() as session, session.begin():
        session.add(payer)
    with billing_sessions() as session, session.begin():
        session.execute(text("ALTER TABLE account RENAME TO moved"))

    async def story() -> None:
        working = asyncio.create_task(job.run(interval=0.01))
        await asyncio.sleep(0.1)
        assert not working.done()
        with billing_sessions() as session, session.begin():
            session.execute(text("ALTER TABLE moved RENAME TO account"))
        while not _issued(billing_sessions):
            await asyncio.sleep(0.01)
        working.cancel()

    run(story())


def _issued(sessions: Sessions) -> int:
    with sessions() as session:
        return len(session.scalars(select(billing_models.Invoice)).all())


@pytest.mark.parametrize("month", ["2026-13", "11-2026", "", "now", "20٢٦-11"])
def test_a_month_that_is_none_is_refused(billing: TestClient, month: str) -> None:
    assert billing.post("/payment-runs", json={"month": month}).status_code == 422


# Reporting


def test_surveys_are_kept_once_and_summed_up(reporting_sessions: Sessions, issuers: Issuers) -> None:
    app = reporting_api.create_app(reporting_sessions, issuers.verifier("reporting"))
    api = issuers.staff_client(app, "reporting")
    assert api.get("/satisfaction").json() == {"surveys": 0, "mean_rating": None}
    intake = SurveyIntake(Inbox(reporting_sessions))
    for survey, rating in (("s1", 5), ("s2", 2), ("s1", 5)):
        answer = SurveySubmitted(
            survey_id=survey, customer_id="c", ticket_id=f"t-{survey}", rating=rating, comment="", submitted_at=now()
        )
        run(intake.take_survey(_message("survey-submitted", answer, survey)))
    assert api.get("/satisfaction").json() == {"surveys": 2, "mean_rating": 3.5}
    assert [survey["rating"] for survey in api.get("/surveys", params={"ticket_id": "t-s2"}).json()] == [2]
    assert api.get("/health").json() == {"status": "up"}


def test_the_relay_of_billing_sends_what_the_job_has_written(
    billing: TestClient, payer: str, billing_sessions: Sessions
) -> None:
    billing.post("/payment-runs", json={"month": "2026-11"})
    transport = RecordingTransport()
    assert run(Relay(billing_sessions, transport).send_waiting()) == 1
    assert customer_messages.InvoiceIssued.model_validate_json(transport.published[0].body).customer_id == payer


def _plan_info(customer: str, code: str, price: int) -> BillingInfo:
    plan = Plan(code=code, monthly_price_cents=price, currency="EUR", chosen_at=now())
    return BillingInfo(customer_id=customer, plan=plan)


def _card_info(customer: str, sealer: CardSealer) -> BillingInfo:
    sealed = sealer.seal(customer, {"number": CARD_NUMBER, "expiry": "2099-12", "holder": "Ada"})
    return BillingInfo(customer_id=customer, card=SealedCard(jwe=sealed, last_four="4444", added_at=now()))


def _message(queue: str, body: Any, message_id: str = "m1") -> Message:
    return Message(message_id, queue, body.model_dump_json().encode())


def _outgoing(sessions: Sessions) -> list[tuple[str, dict[str, Any]]]:
    with sessions() as session:
        rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.position))
        return [(row.queue, json.loads(row.body)) for row in rows]


def _shape(message: Any) -> Any:
    """The JSON schema without the texts for readers."""

    def strip(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: strip(value) for key, value in part.items() if key != "description"}
        return [strip(item) for item in part] if isinstance(part, list) else part

    return strip(message.model_json_schema())
