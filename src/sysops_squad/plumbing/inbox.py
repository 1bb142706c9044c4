"""The inbox: a message that comes twice has its effect once, because its id is written with the effect."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from sysops_squad.plumbing.clock import Instant, now
from sysops_squad.plumbing.database import PlumbingBase, Sessions
from sysops_squad.plumbing.failures import unusable
from sysops_squad.plumbing.transport import Message, RejectedError, UnavailableError

logger = logging.getLogger(__name__)


class InboxMessage(PlumbingBase):
    """The id of a message that has had its effect."""

    __tablename__ = "inbox"

    queue: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(Instant)


class Inbox:
    """Applies effects of messages, each in one transaction with the message's id."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def apply(self, message: Message, effect: Callable[[Session], None]) -> bool:
        """Apply the effect and commit; false, without the effect, when the message was here before.

        Raises `UnavailableError` while the database cannot be used.
        """
        if not message.id:
            raise RejectedError("it has no message id, so a second delivery could not be told from the first")
        try:
            with self._sessions() as session, session.begin():
                if not _first_time(session, message):
                    logger.info("message %s of %s came again: no second effect", message.id, message.queue)
                    session.rollback()
                    return False
                effect(session)
                return True
        except (OperationalError, InterfaceError) as error:
            raise UnavailableError(unusable(error)) from error


def _first_time(session: Session, message: Message) -> bool:
    """Write the message's id, the first thing in its transaction, so that nothing else is lost when it is there."""
    row = {"queue": message.queue, "message_id": message.id, "received_at": now()}
    try:
        session.execute(insert(InboxMessage), row)
    except IntegrityError:
        return False
    return True
