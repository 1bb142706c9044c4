"""The messages that the customer quantum sends and receives. A change here is a change of a message schema."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

BILLING_INFO = "billing-info"
TICKET_CREATED = "ticket-created"
SURVEY_SUBMITTED = "survey-submitted"
INVOICE_ISSUED = "invoice-issued"
TICKET_STATUS = "ticket-status"
NOTIFICATION = "notification"

SENDS = (BILLING_INFO, TICKET_CREATED, SURVEY_SUBMITTED, NOTIFICATION)
RECEIVES = (INVOICE_ISSUED, TICKET_STATUS, NOTIFICATION)


class WireMessage(BaseModel):
    """Receivers ignore fields that they do not know, so that a sender can add one first."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class Plan(WireMessage):
    """What the customer has chosen to pay for."""

    code: str
    monthly_price_cents: int
    currency: str
    chosen_at: datetime


class SealedCard(WireMessage):
    """A card, readable by billing only: a compact JWE to billing's public key."""

    jwe: str
    last_four: str
    added_at: datetime


class BillingInfo(WireMessage):
    """Sent to billing when the customer chooses a support contract or adds a card."""

    message_schema: Literal["billing-info/1"] = "billing-info/1"
    customer_id: str
    plan: Plan | None = None
    card: SealedCard | None = None


class TicketCreated(WireMessage):
    """Sent to sysops after the ticket was saved."""

    message_schema: Literal["ticket-created/1"] = "ticket-created/1"
    ticket_id: str
    customer_id: str
    title: str
    description: str
    submitted_at: datetime


class SurveySubmitted(WireMessage):
    """Sent to reporting; nothing of it stays here."""

    message_schema: Literal["survey-submitted/1"] = "survey-submitted/1"
    survey_id: str
    customer_id: str
    ticket_id: str
    rating: int
    comment: str
    submitted_at: datetime


class InvoiceIssued(WireMessage):
    """Received from billing."""

    message_schema: Literal["invoice-issued/1"] = "invoice-issued/1"
    invoice_id: str
    customer_id: str
    month: str
    amount_cents: int
    currency: str
    issued_at: datetime


class TicketStatus(WireMessage):
    """Received from sysops. `revision` grows with each change of a ticket."""

    message_schema: Literal["ticket-status/1"] = "ticket-status/1"
    ticket_id: str
    customer_id: str
    status: str
    revision: int
    note: str
    changed_at: datetime


class Notification(WireMessage):
    """The second hop inside the quantum: what the customer is to be told by mail."""

    message_schema: Literal["notification/1"] = "notification/1"
    customer_id: str
    subject: str
    text: str
