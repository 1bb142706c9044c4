"""Invoices that billing has issued."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysops_squad.customer.messages import InvoiceIssued
from sysops_squad.customer.models import Invoice
from sysops_squad.customer.registration import customer_of
from sysops_squad.plumbing.database import Sessions


class InvoiceDesk:
    """Shows a customer's invoices."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def of(self, customer_id: str) -> list[Invoice]:
        with self._sessions() as session:
            customer_of(session, customer_id)
            own = select(Invoice).where(Invoice.customer_id == customer_id).order_by(Invoice.month)
            return [*session.scalars(own)]


def record_invoice(session: Session, issued: InvoiceIssued) -> None:
    """Keep an invoice for its customer."""
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
