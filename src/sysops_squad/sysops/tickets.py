"""Tickets in work: taken in, assigned to an expert, closed. Each change is saved first, then told to the customer."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysops_squad.plumbing.clock import now
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.failures import ConflictError, NotFoundError
from sysops_squad.plumbing.outbox import Outbox
from sysops_squad.sysops.messages import TICKET_STATUS, TicketCreated, TicketStatus
from sysops_squad.sysops.models import Ticket


class TicketDesk:
    """Works on tickets."""

    def __init__(self, sessions: Sessions, outbox: Outbox) -> None:
        self._sessions = sessions
        self._outbox = outbox

    def all(self) -> list[Ticket]:
        with self._sessions() as session:
            return [*session.scalars(select(Ticket).order_by(Ticket.submitted_at))]

    def assign(self, ticket_id: str, expert: str) -> Ticket:
        """Give a ticket to an expert; a closed one is not opened again."""
        with self._sessions() as session, session.begin():
            ticket = _open_ticket(session, ticket_id)
            ticket.expert = expert
            self._change(session, ticket, "assigned", f"{expert} takes care of it.")
        return ticket

    def close(self, ticket_id: str, resolution: str) -> Ticket:
        """Close a ticket with its resolution."""
        with self._sessions() as session, session.begin():
            ticket = _open_ticket(session, ticket_id)
            self._change(session, ticket, "closed", resolution)
        return ticket

    def _change(self, session: Session, ticket: Ticket, status: str, note: str) -> None:
        ticket.status = status
        ticket.revision += 1
        ticket.changed_at = now()
        self._outbox.add(session, TICKET_STATUS, _status(ticket, note))


def take_in(session: Session, created: TicketCreated) -> None:
    """Keep a ticket that a customer has submitted."""
    session.add(
        Ticket(
            id=created.ticket_id,
            customer_id=created.customer_id,
            title=created.title,
            description=created.description,
            submitted_at=created.submitted_at,
        )
    )


def _open_ticket(session: Session, ticket_id: str) -> Ticket:
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFoundError(f"there is no ticket {ticket_id}")
    if ticket.status == "closed":
        raise ConflictError(f"ticket {ticket_id} is closed")
    return ticket


def _status(ticket: Ticket, note: str) -> TicketStatus:
    return TicketStatus(
        ticket_id=ticket.id,
        customer_id=ticket.customer_id,
        status=ticket.status,
        revision=ticket.revision,
        note=note,
        changed_at=ticket.changed_at,
    )
