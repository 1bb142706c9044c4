"""What the peers do to the databases: the same rows by the same tables as the reference system, one commit a step.

There is no outbox and no inbox: a step commits, and then the peer sends.
"""

from __future__ import annotations

import os

from sqlalchemy import exists, select

from sysops_squad.billing.messages import InvoiceIssued as IssuedMessage
from sysops_squad.billing.models import Account
from sysops_squad.billing.models import Invoice as IssuedInvoice
from sysops_squad.billing.payment_job import current_month
from sysops_squad.customer.messages import InvoiceIssued, Notification
from sysops_squad.customer.models import Customer, Invoice, Mail
from sysops_squad.plumbing.database import Sessions, open_database, open_sessions

PREFETCH = 16
"""As many as the reference system takes."""

URL = os.environ.get("CUSTOMER_MESSAGING_URL", "amqp://guest:guest@127.0.0.1:5672/")
QUEUE_ARGUMENTS = {"x-queue-type": "quorum"}
INVOICES, NOTIFICATIONS = "invoice-issued", "notification"
INTERVAL = float(os.environ.get("BILLING_PAYMENT_INTERVAL_SECONDS", "1"))


def billing() -> Sessions:
    return open_sessions(open_database(os.environ["BILLING_DB_URL"]))


def customer() -> Sessions:
    return open_sessions(open_database(os.environ["CUSTOMER_DB_URL"]))


def due(sessions: Sessions) -> list[str]:
    """The customers without an invoice of this month."""
    month = current_month()
    has_invoice = exists().where(IssuedInvoice.customer_id == Account.customer_id, IssuedInvoice.month == month)
    with sessions() as session:
        return [*session.scalars(select(Account.customer_id).where(~has_invoice))]


def issue(sessions: Sessions, customer_id: str) -> IssuedMessage:
    """Commit an invoice, and return what is to be told of it."""
    with sessions() as session, session.begin():
        account = session.get_one(Account, customer_id)
        invoice = IssuedInvoice(
            customer_id=customer_id,
            month=current_month(),
            amount_cents=account.monthly_price_cents,
            currency=account.currency,
        )
        session.add(invoice)
        session.flush()
        return IssuedMessage(
            invoice_id=invoice.id,
            customer_id=customer_id,
            month=invoice.month,
            amount_cents=invoice.amount_cents,
            currency=invoice.currency,
            issued_at=invoice.issued_at,
        )


def keep(sessions: Sessions, body: bytes | str) -> Notification:
    """Commit a received invoice, unless it is there already, and return what the customer is to be told."""
    issued = InvoiceIssued.model_validate_json(body)
    with sessions() as session, session.begin():
        if session.get(Invoice, issued.invoice_id) is None:
            session.add(
                Invoice(
                    id=issued.invoice_id,
                    customer_id=issued.customer_id,
                    month=issued.month,
                    amount_cents=issued.amount_cents,
                    currency=issued.currency,
                    issued_at=issued.issued_at,
                )
            )
    return Notification(
        customer_id=issued.customer_id,
        subject=f"Your invoice for {issued.month}",
        text=f"Your invoice for {issued.month} over {issued.amount_cents / 100:.2f} {issued.currency} is ready.",
    )


def spool(sessions: Sessions, body: bytes | str) -> None:
    """Commit a mail."""
    notification = Notification.model_validate_json(body)
    with sessions() as session, session.begin():
        addressee = session.get_one(Customer, notification.customer_id)
        session.add(
            Mail(
                customer_id=addressee.id,
                recipient=addressee.email,
                subject=notification.subject,
                text=notification.text,
            )
        )
