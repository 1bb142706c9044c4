"""The relay: carries messages from the outbox to the transport."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from sysops_squad.plumbing.clock import now
from sysops_squad.plumbing.database import Sessions, fold_log
from sysops_squad.plumbing.failures import describe, unusable
from sysops_squad.plumbing.outbox import ExpiredMessage, OutboxMessage
from sysops_squad.plumbing.transport import Transport, TransportError

logger = logging.getLogger(__name__)


class Relay:
    """Sends outbox rows in order, queue by queue, and deletes each when the transport has confirmed it.

    The confirms of a batch are waited for together, and what is confirmed is deleted in one transaction. A crash
    between confirm and delete sends messages again; the receiver's inbox absorbs that. A message that fails may be
    overtaken by those of its batch.
    """

    def __init__(
        self, sessions: Sessions, transport: Transport, *, poll: float = 0.05, pause: float = 1.0, batch: int = 100
    ) -> None:
        self._sessions = sessions
        self._transport = transport
        self._poll = poll
        self._pause = pause
        self._batch = batch
        self._stuck: set[str] = set()
        self._unfolded = False
        self._next_tending = 0.0

    async def run(self) -> None:
        """Relay until cancelled; a database that cannot be used is waited for."""
        while True:
            try:
                await self._tend_at_times()
                sent = await self.send_waiting()
            except (OperationalError, InterfaceError) as error:
                logger.warning("%s", unusable(error))
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
        self._unfolded = self._unfolded or sent > 0
        return sent

    def expire(self) -> int:
        """Move messages that were too old to send where operators see them and can resend them; returns how many."""
        with self._sessions() as session, session.begin():
            rows = session.scalars(select(OutboxMessage).where(OutboxMessage.expires_at < now())).all()
            for row in rows:
                _expire(session, row)
        return len(rows)

    async def _tend_at_times(self) -> None:
        # Not at each look: messages live for hours, and to fold the log holds up all who write.
        if time.monotonic() < self._next_tending:
            return
        self._next_tending = time.monotonic() + self._pause
        await asyncio.to_thread(self.expire)
        if self._unfolded:
            await asyncio.to_thread(self._fold_log)
            self._unfolded = False

    async def _send_batch(self, queue: str) -> int:
        rows = await asyncio.to_thread(self._waiting, queue)
        # The first goes alone: where the queue is away, only one message is tried, and the others keep their order.
        sent = await self._send(rows[:1])
        if sent and len(rows) > 1:
            sent += await self._send(rows[1:])
        if sent < len(rows):
            self._stuck.add(queue)
        return sent

    async def _send(self, rows: Sequence[OutboxMessage]) -> int:
        failures = await asyncio.gather(*(self._publish(row) for row in rows))
        failed = {row.message_id: failure for row, failure in zip(rows, failures, strict=True) if failure is not None}
        confirmed = [row.message_id for row in rows if row.message_id not in failed]
        await asyncio.to_thread(self._settle, confirmed, failed)
        return len(confirmed)

    async def _publish(self, row: OutboxMessage) -> str | None:
        """Why the transport did not confirm the message; None when it did."""
        try:
            await self._transport.publish(row.queue, row.message_id, row.body)
        except TransportError as error:
            logger.warning("message %s waits for %s: %s", row.message_id, row.queue, error)
            return describe(error)
        return None

    def _queues(self) -> list[str]:
        with self._sessions() as session:
            return list(session.scalars(select(OutboxMessage.queue).distinct().order_by(OutboxMessage.queue)))

    def _waiting(self, queue: str) -> list[OutboxMessage]:
        oldest = select(OutboxMessage).where(OutboxMessage.queue == queue).order_by(OutboxMessage.position)
        with self._sessions() as session:
            return list(session.scalars(oldest.limit(self._batch)))

    def _settle(self, confirmed: Sequence[str], failed: Mapping[str, str]) -> None:
        with self._sessions() as session, session.begin():
            # By id: SQLite gives the position of a deleted last row to the next one.
            session.execute(delete(OutboxMessage).where(OutboxMessage.message_id.in_(confirmed)))
            for message_id, failure in failed.items():
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
