"""The outbox: a message is written in the transaction of the change that it tells of, and sent later by the relay."""

import uuid
from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlalchemy import LargeBinary, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from sysops_squad.plumbing.clock import Instant, now
from sysops_squad.plumbing.database import PlumbingBase


class OutboxMessage(PlumbingBase):
    """A message on its way out; the row is deleted once the transport has confirmed it."""

    __tablename__ = "outbox"

    position: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    queue: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    transit_only: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]


class ExpiredMessage(PlumbingBase):
    """A message that could not be sent in time. The body is gone where it may not rest here."""

    __tablename__ = "outbox_expired"

    message_id: Mapped[str] = mapped_column(primary_key=True)
    queue: Mapped[str]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expired_at: Mapped[datetime] = mapped_column(Instant)
    last_error: Mapped[str | None]


class Outbox:
    """Writes messages beside the business rows.

    `max_age` bounds how long a message may wait for the transport. `transit_only` says that its content may not rest in
    this database: when such a message expires, only the fact is kept, never the content.
    """

    def __init__(self, max_age: timedelta) -> None:
        self._max_age = max_age

    def add(self, session: Session, queue: str, message: BaseModel, *, transit_only: bool = False) -> str:
        """Add a message to the running transaction; returns its id."""
        message_id = str(uuid.uuid4())
        created_at = now()
        session.add(
            OutboxMessage(
                message_id=message_id,
                queue=queue,
                body=message.model_dump_json().encode(),
                transit_only=transit_only,
                created_at=created_at,
                expires_at=created_at + self._max_age,
            )
        )
        return message_id

    def resend_expired(self, session: Session) -> int:
        """Put back, under their old ids, the expired messages that still have their content; returns how many."""
        rows = session.scalars(select(ExpiredMessage).where(ExpiredMessage.body.is_not(None))).all()
        for row in rows:
            session.add(
                OutboxMessage(
                    message_id=row.message_id,
                    queue=row.queue,
                    body=row.body,
                    transit_only=False,
                    created_at=row.created_at,
                    expires_at=now() + self._max_age,
                )
            )
            session.delete(row)
        return len(rows)


class OutboxState(BaseModel):
    """What an operator asks first: how many messages wait, since when, and how many were never sent."""

    waiting: int
    oldest_age_seconds: float
    expired: int


def outbox_state(session: Session) -> OutboxState:
    """Count what waits and what has expired."""
    waiting, oldest = session.execute(select(func.count(), func.min(OutboxMessage.created_at))).one()
    expired = session.scalar(select(func.count()).select_from(ExpiredMessage)) or 0
    age = (now() - oldest).total_seconds() if oldest else 0.0
    return OutboxState(waiting=waiting, oldest_age_seconds=age, expired=expired)
