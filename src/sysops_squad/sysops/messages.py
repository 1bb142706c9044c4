"""The messages that the sysops quantum sends and receives. A change here is a change of a message schema."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

TICKET_CREATED = "ticket-created"
TICKET_STATUS = "ticket-status"

SENDS = (TICKET_STATUS,)
RECEIVES = (TICKET_CREATED,)


class WireMessage(BaseModel):
    """Receivers ignore fields that they do not know, so that a sender can add one first."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class TicketCreated(WireMessage):
    """Received from the customer quantum."""

    message_schema: Literal["ticket-created/1"] = "ticket-created/1"
    ticket_id: str
    customer_id: str
    title: str
    description: str
    submitted_at: datetime


class TicketStatus(WireMessage):
    """Sent to the customer quantum after the change was saved."""

    message_schema: Literal["ticket-status/1"] = "ticket-status/1"
    ticket_id: str
    customer_id: str
    status: str
    revision: int
    note: str
    changed_at: datetime
