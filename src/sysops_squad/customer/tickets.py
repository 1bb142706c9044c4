"""Tickets: saved first, then announced to sysops through the outbox."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysops_squad.customer.messages import TICKET_CREATED, TicketCreated, TicketStatus
from sysops_squad.customer.models import Ticket
from sysops_squad.customer.registration import customer_of
from sysops_squad.customer.requests import NewTicket
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.failures import NotFoundError
from sysops_squad.plumbing.outbox import Outbox


class TicketDesk:
    """Takes tickets and shows them."""

    def __init__(self, sessions: Sessions, outbox: Outbox) -> None:
        self._sessions = sessions
        self._outbox = outbox

    def submit(self, customer_id: str, new_ticket: NewTicket) -> Ticket:
        """Save the ticket; sysops hears of it in its own time."""
        with self._sessions() as session, session.begin():
            customer_of(session, customer_id)
            ticket = Ticket(customer_id=customer_id, title=new_ticket.title, description=new_ticket.description)
            session.add(ticket)
            session.flush()
            self._outbox.add(session, TICKET_CREATED, _created(ticket))
        return ticket

    def of(self, customer_id: str) -> list[Ticket]:
        with self._sessions() as session:
            customer_of(session, customer_id)
            own = select(Ticket).where(Ticket.customer_id == customer_id).order_by(Ticket.submitted_at)
            return [*session.scalars(own)]

    def find(self, customer_id: str, ticket_id: str) -> Ticket:
        with self._sessions() as session:
            return ticket_of(session, customer_id, ticket_id)


def ticket_of(session: Session, customer_id: str, ticket_id: str) -> Ticket:
    """The customer's ticket, or `NotFoundError`."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None or ticket.customer_id != customer_id:
        raise NotFoundError(f"customer {customer_id} has no ticket {ticket_id}")
    return ticket


def change_status(session: Session, news: TicketStatus) -> bool:
    """Apply a status told by sysops; false when a newer one came before it."""
    ticket = ticket_of(session, news.customer_id, news.ticket_id)
    if news.revision <= ticket.revision:
        return False
    ticket.status = news.status
    ticket.revision = news.revision
    ticket.changed_at = news.changed_at
    return True


def _created(ticket: Ticket) -> TicketCreated:
    return TicketCreated(
        ticket_id=ticket.id,
        customer_id=ticket.customer_id,
        title=ticket.title,
        description=ticket.description,
        submitted_at=ticket.submitted_at,
    )
