"""The notification process: the second hop, from the queue to the customer's mail."""

import asyncio
from contextlib import aclosing

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysops_squad.customer.bootstrap import open_customer_sessions
from sysops_squad.customer.messages import NOTIFICATION, Notification
from sysops_squad.customer.models import Customer, Mail
from sysops_squad.customer.settings import CustomerSettings
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.failures import NotFoundError
from sysops_squad.plumbing.inbox import Inbox
from sysops_squad.plumbing.processes import run_worker
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.plumbing.transport import Message, open_transport


class Notifier:
    """Puts mails into the spool, each once."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def notify(self, message: Message) -> None:
        notification = Notification.model_validate_json(message.body)

        def spool(session: Session) -> None:
            spool_mail(session, notification)

        await asyncio.to_thread(self._inbox.apply, message, spool)


class MailSpool:
    """Shows the mails of a customer."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def of(self, customer_id: str) -> list[Mail]:
        with self._sessions() as session:
            return [*session.scalars(select(Mail).where(Mail.customer_id == customer_id).order_by(Mail.spooled_at))]


def spool_mail(session: Session, notification: Notification) -> None:
    """Address a notification to its customer."""
    customer = session.get(Customer, notification.customer_id)
    if customer is None:
        raise NotFoundError(f"there is no customer {notification.customer_id} to notify")
    session.add(
        Mail(
            customer_id=customer.id,
            recipient=customer.email,
            subject=notification.subject,
            text=notification.text,
        )
    )


def main() -> None:
    settings = load_settings(CustomerSettings)
    notifier = Notifier(Inbox(open_customer_sessions(settings)))

    async def work() -> None:
        async with aclosing(open_transport(settings.messaging_url)) as transport:
            await transport.consume(NOTIFICATION, notifier.notify)

    run_worker("customer.notification", work)


if __name__ == "__main__":
    main()
