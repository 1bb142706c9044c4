"""The process that receives invoices and ticket statuses, and passes the news on to notification."""

import asyncio
from contextlib import aclosing

from sqlalchemy.orm import Session

from sysops_squad.customer.bootstrap import open_customer_sessions, outbox_for
from sysops_squad.customer.invoices import record_invoice
from sysops_squad.customer.messages import (
    INVOICE_ISSUED,
    NOTIFICATION,
    TICKET_STATUS,
    InvoiceIssued,
    Notification,
    TicketStatus,
)
from sysops_squad.customer.settings import CustomerSettings
from sysops_squad.customer.tickets import change_status
from sysops_squad.plumbing.inbox import Inbox
from sysops_squad.plumbing.outbox import Outbox
from sysops_squad.plumbing.processes import run_worker
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.plumbing.transport import Message, Transport, open_transport


class CustomerInbox:
    """Saves what other quanta tell about a customer, then lets the customer know.

    The notification is written to the outbox in the same transaction, so the second hop loses nothing either.
    """

    def __init__(self, inbox: Inbox, outbox: Outbox) -> None:
        self._inbox = inbox
        self._outbox = outbox

    async def take_invoice(self, message: Message) -> None:
        issued = InvoiceIssued.model_validate_json(message.body)

        def keep(session: Session) -> None:
            record_invoice(session, issued)
            self._outbox.add(session, NOTIFICATION, _invoice_news(issued))

        await asyncio.to_thread(self._inbox.apply, message, keep)

    async def take_ticket_status(self, message: Message) -> None:
        news = TicketStatus.model_validate_json(message.body)

        def keep(session: Session) -> None:
            if change_status(session, news):
                self._outbox.add(session, NOTIFICATION, _ticket_news(news))

        await asyncio.to_thread(self._inbox.apply, message, keep)


def _invoice_news(issued: InvoiceIssued) -> Notification:
    amount = f"{issued.amount_cents / 100:.2f} {issued.currency}"
    return Notification(
        customer_id=issued.customer_id,
        subject=f"Your invoice for {issued.month}",
        text=f"Your invoice for {issued.month} over {amount} is ready.",
    )


def _ticket_news(news: TicketStatus) -> Notification:
    return Notification(
        customer_id=news.customer_id,
        subject=f"Your ticket is {news.status}",
        text=f"Ticket {news.ticket_id} is now {news.status}. {news.note}".strip(),
    )


async def receive(transport: Transport, inbox: CustomerInbox) -> None:
    """Consume both queues until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(transport.consume(INVOICE_ISSUED, inbox.take_invoice))
        tasks.create_task(transport.consume(TICKET_STATUS, inbox.take_ticket_status))


def main() -> None:
    settings = load_settings(CustomerSettings)
    sessions = open_customer_sessions(settings)
    inbox = CustomerInbox(Inbox(sessions), outbox_for(settings))

    async def work() -> None:
        async with aclosing(open_transport(settings.messaging_url)) as transport:
            await receive(transport, inbox)

    run_worker("customer.inbox", work)


if __name__ == "__main__":
    main()
