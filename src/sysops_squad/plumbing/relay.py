"""The relay: carries messages from the outbox to the transport."""

import asyncio
import logging

from sqlalchemy import delete, select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from sysops_squad.plumbing.clock import now
from sysops_squad.plumbing.database import Sessions, fold_log
from sysops_squad.plumbing.failures import describe
from sysops_squad.plumbing.outbox import ExpiredMessage, OutboxMessage
from sysops_squad.plumbing.transport import Transport, TransportError

logger = logging.getLogger(__name__)


class Relay:
    """Sends outbox rows in order, queue by queue, and deletes each when the transport has confirmed it.

    A crash between confirm and delete sends a message again; the receiver's inbox absorbs that.
    """

    def __init__(
        self, sessions: Sessions, transport: Transport, *, poll: float = 0.1, pause: float = 1.0, batch: int = 100
    ) -> None:
        self._sessions = sessions
        self._transport = transport
        self._poll = poll
        self._pause = pause
        self._batch = batch
        self._stuck: set[str] = set()

    async def run(self) -> None:
        """Relay until cancelled; a database that cannot be used is waited for."""
        while True:
            try:
                await asyncio.to_thread(self.expire)
                sent = await self.send_waiting()
            except (OperationalError, InterfaceError) as error:
                logger.warning("the database cannot be used: %s", describe(error))
                await asyncio.sleep(self._pause)
            else:
                if not sent:
                    await asyncio.sleep(self._pause if self._stuck else self._poll)

    async def send_waiting(self) -> int:
        """Send one batch of each queue; returns how many messages were confirmed."""
        self._stuck.clear()
        sent = 0
        for queue in await asyncio.to_thread(self._queues):
            sent += await self._send_batch(queue)
        if sent:
            await asyncio.to_thread(self._fold_log)
        return sent

    def expire(self) -> int:
        """Move messages that were too old to send where operators see them and can resend them; returns how many."""
        with self._sessions() as session, session.begin():
            rows = session.scalars(select(OutboxMessage).where(OutboxMessage.expires_at < now())).all()
            for row in rows:
                _expire(session, row)
        return len(rows)

    async def _send_batch(self, queue: str) -> int:
        rows = await asyncio.to_thread(self._waiting, queue)
        for sent, row in enumerate(rows):
            if not await self._send(row):
                # Later messages of the same queue wait, so that order is kept; other queues go on.
                self._stuck.add(queue)
                return sent
        return len(rows)

    async def _send(self, row: OutboxMessage) -> bool:
        try:
            await self._transport.publish(row.queue, row.message_id, row.body)
        except TransportError as error:
            logger.warning("message %s waits for %s: %s", row.message_id, row.queue, error)
            await asyncio.to_thread(self._note_failure, row.message_id, describe(error))
            return False
        await asyncio.to_thread(self._purge, row.message_id)
        return True

    def _queues(self) -> list[str]:
        with self._sessions() as session:
            return list(session.scalars(select(OutboxMessage.queue).distinct().order_by(OutboxMessage.queue)))

    def _waiting(self, queue: str) -> list[OutboxMessage]:
        oldest = select(OutboxMessage).where(OutboxMessage.queue == queue).order_by(OutboxMessage.position)
        with self._sessions() as session:
            return list(session.scalars(oldest.limit(self._batch)))

    def _purge(self, message_id: str) -> None:
        # By id: SQLite gives the position of a deleted last row to the next one.
        with self._sessions() as session, session.begin():
            session.execute(delete(OutboxMessage).where(OutboxMessage.message_id == message_id))

    def _note_failure(self, message_id: str, failure: str) -> None:
        with self._sessions() as session, session.begin():
            session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.message_id == message_id)
                .values(attempts=OutboxMessage.attempts + 1, last_error=failure)
            )

    def _fold_log(self) -> None:
        with self._sessions() as session:
            fold_log(session.get_bind().engine)


def _expire(session: Session, row: OutboxMessage) -> None:
    logger.error("message %s for %s has expired after %d attempts", row.message_id, row.queue, row.attempts)
    session.add(
        ExpiredMessage(
            message_id=row.message_id,
            queue=row.queue,
            body=None if row.transit_only else row.body,
            created_at=row.created_at,
            expired_at=now(),
            last_error=row.last_error,
        )
    )
    session.delete(row)
