"""The messages that the billing quantum sends and receives. A change here is a change of a message schema."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

BILLING_INFO = "billing-info"
INVOICE_ISSUED = "invoice-issued"

SENDS = (INVOICE_ISSUED,)
RECEIVES = (BILLING_INFO,)


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
    """A card as a compact JWE to our public key."""

    jwe: str
    last_four: str
    added_at: datetime


class BillingInfo(WireMessage):
    """Received from the customer quantum."""

    message_schema: Literal["billing-info/1"] = "billing-info/1"
    customer_id: str
    plan: Plan | None = None
    card: SealedCard | None = None


class InvoiceIssued(WireMessage):
    """Sent to the customer quantum after the invoice was saved."""

    message_schema: Literal["invoice-issued/1"] = "invoice-issued/1"
    invoice_id: str
    customer_id: str
    month: str
    amount_cents: int
    currency: str
    issued_at: datetime
