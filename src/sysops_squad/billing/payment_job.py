"""The payment job: one invoice a month for each customer with a plan and a card. It may run again at any time."""

import asyncio
import logging
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from sysops_squad.billing.bootstrap import open_billing_sessions, outbox_for
from sysops_squad.billing.messages import INVOICE_ISSUED, InvoiceIssued
from sysops_squad.billing.models import Account, Invoice
from sysops_squad.billing.settings import BillingSettings
from sysops_squad.plumbing.clock import now
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.failures import unusable
from sysops_squad.plumbing.outbox import Outbox
from sysops_squad.plumbing.processes import run_worker
from sysops_squad.plumbing.settings import load_settings

logger = logging.getLogger(__name__)

_PAUSE = 1.0
"""Seconds between two looks at a database that cannot be used."""


@dataclass(frozen=True, slots=True)
class PaymentRun:
    """What one run has done. `already_issued` counts invoices of earlier or simultaneous runs."""

    month: str
    issued: int
    already_issued: int


class PaymentJob:
    """Issues the invoices of a month (`YYYY-MM`)."""

    def __init__(self, sessions: Sessions, outbox: Outbox) -> None:
        self._sessions = sessions
        self._outbox = outbox

    def run_once(self, month: str) -> PaymentRun:
        """Issue what is missing, each invoice with its message in a transaction of its own."""
        issued = sum(self._issue(customer_id, month) for customer_id in self._due(month))
        return PaymentRun(month, issued, self._count(month) - issued)

    async def run(self, interval: float) -> None:
        """Run for the current month every `interval` seconds until cancelled; a database that is away is waited for."""
        while True:
            try:
                run = await asyncio.to_thread(self.run_once, current_month())
            except (OperationalError, InterfaceError) as error:
                logger.warning("%s", unusable(error))
                await asyncio.sleep(min(interval, _PAUSE))
                continue
            if run.issued:
                logger.info("%s", run)
            await asyncio.sleep(interval)

    def _due(self, month: str) -> list[str]:
        has_invoice = exists().where(Invoice.customer_id == Account.customer_id, Invoice.month == month)
        due = select(Account.customer_id).where(
            Account.monthly_price_cents.is_not(None), Account.sealed_card.is_not(None), ~has_invoice
        )
        with self._sessions() as session:
            return [*session.scalars(due)]

    def _count(self, month: str) -> int:
        with self._sessions() as session:
            return session.scalar(select(func.count()).select_from(Invoice).where(Invoice.month == month)) or 0

    def _issue(self, customer_id: str, month: str) -> bool:
        try:
            with self._sessions() as session, session.begin():
                invoice = _invoice(session.get_one(Account, customer_id), month)
                session.add(invoice)
                session.flush()
                self._outbox.add(session, INVOICE_ISSUED, _announcement(invoice))
        except IntegrityError:
            # A run at the same time was faster: its invoice counts.
            return False
        return True


def current_month() -> str:
    return f"{now():%Y-%m}"


def _invoice(account: Account, month: str) -> Invoice:
    return Invoice(
        customer_id=account.customer_id,
        month=month,
        amount_cents=account.monthly_price_cents,
        currency=account.currency,
    )


def _announcement(invoice: Invoice) -> InvoiceIssued:
    return InvoiceIssued(
        invoice_id=invoice.id,
        customer_id=invoice.customer_id,
        month=invoice.month,
        amount_cents=invoice.amount_cents,
        currency=invoice.currency,
        issued_at=invoice.issued_at,
    )


def main() -> None:
    settings = load_settings(BillingSettings)
    job = PaymentJob(open_billing_sessions(settings), outbox_for(settings))

    async def work() -> None:
        await job.run(settings.payment_interval_seconds)

    run_worker("billing.payment_job", work)


if __name__ == "__main__":
    main()
