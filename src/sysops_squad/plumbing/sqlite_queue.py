"""The embedded transport: one SQLite file per queue, so that nothing has to be installed.

A message is leased to one consumer, which renews the lease while it works. A consumer that dies loses its lease and the
message is delivered again; after `max_attempts` deliveries it moves to the table `dead`. Order is kept, except that a
message under lease or waiting for its next attempt is overtaken.
"""

import asyncio
import hashlib
import logging
import sqlite3
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from sysops_squad.plumbing.failures import describe
from sysops_squad.plumbing.transport import (
    Handler,
    Message,
    RejectedError,
    TransportError,
    TransportUrlError,
    handle_when_available,
)

logger = logging.getLogger(__name__)

_BUSY_SECONDS = 30.0
_DAMAGED = "damaged:"
_SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS message (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        message_id TEXT NOT NULL UNIQUE,
        body BLOB NOT NULL,
        checksum BLOB NOT NULL,
        published_at REAL NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        ready_at REAL NOT NULL DEFAULT 0,
        lease TEXT
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS dead (
        position INTEGER PRIMARY KEY,
        message_id TEXT NOT NULL,
        body BLOB NOT NULL,
        published_at REAL NOT NULL,
        attempts INTEGER NOT NULL,
        reason TEXT NOT NULL,
        died_at REAL NOT NULL
    )
    """,
)


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient the queue is. Times in seconds; `max_attempts` counts deliveries."""

    lease: float = 30.0
    max_attempts: float = 5
    retry_delay: float = 0.5
    pause: float = 1.0
    poll: float = 0.05


@dataclass(frozen=True, slots=True)
class Claim:
    """A message under lease: the token proves that the lease is still ours."""

    position: int
    token: str
    message: Message


_Row = tuple[int, str, bytes, bytes, int, str]
"""Position, message id, body, checksum, attempts and lease of a message."""


class QueueFile:
    """One queue in one file. Methods block; each is one transaction, and any number of processes may call them.

    `clock` tells seconds since the epoch: leases must outlive processes and reboots, so it cannot be a monotonic one.
    """

    def __init__(self, path: Path, policy: Policy, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._policy = policy
        self._clock = clock
        self._guard = threading.Lock()
        self._connection = _connect(path)

    def put(self, message_id: str, body: bytes) -> None:
        """Store a message durably; one that is still waiting under the same id is not stored twice."""
        self.put_all([(message_id, body)])

    def put_all(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Store messages, each an id and a body, as `put` does; all in one transaction."""
        with self._transaction() as connection:
            connection.executemany(
                "INSERT INTO message (message_id, body, checksum, published_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (message_id) DO NOTHING",
                [(message_id, body, _checksum(message_id, body), self._clock()) for message_id, body in messages],
            )

    def claim(self) -> Claim | None:
        """Lease the oldest message that is ready, or tell that there is none; bury what cannot be delivered."""
        while self._any_ready():
            with self._transaction() as connection:
                row = self._lease_oldest(connection)
            if row is None:
                return None
            claim = self._deliverable(row)
            if claim is not None:
                return claim
        return None

    def done_and_claim(self, claim: Claim) -> tuple[bool, Claim | None]:
        """`done` and `claim` by one commit, for which a busy consumer would otherwise wait twice."""
        with self._transaction() as connection:
            removed = _remove(connection, claim)
            row = self._lease_oldest(connection)
        following = None if row is None else self._deliverable(row)
        return removed, following

    def renew(self, claim: Claim) -> bool:
        """Prolong a lease; false when it was lost to another consumer."""
        return self._update(claim, "ready_at = ?", (self._clock() + self._policy.lease,))

    def release(self, claim: Claim) -> bool:
        """Give a message back unhandled, as if it had not been delivered."""
        return self._update(claim, "ready_at = 0, lease = NULL, attempts = attempts - 1", ())

    def retry(self, claim: Claim) -> bool:
        """Give a message back after a failure, for a later attempt."""
        delay = self._policy.retry_delay * 2 ** (claim.message.attempt - 1)
        return self._update(claim, "ready_at = ?, lease = NULL", (self._clock() + delay,))

    def done(self, claim: Claim) -> bool:
        """Acknowledge: remove the message; false when the lease was lost, so that it will come again."""
        with self._transaction() as connection:
            return _remove(connection, claim)

    def bury(self, claim: Claim, reason: str) -> None:
        """Move a message to the dead letters, with the reason."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO dead SELECT position, message_id, body, published_at, attempts, ?, ? FROM message"
                " WHERE position = ? AND lease = ?",
                (reason, self._clock(), claim.position, claim.token),
            )
            connection.execute("DELETE FROM message WHERE position = ? AND lease = ?", (claim.position, claim.token))
        logger.error("message %s of %s is dead: %s", claim.message.id, self.path.stem, reason)

    def revive(self) -> int:
        """Put the dead letters back, under their old ids and with all attempts before them; returns how many.

        Damaged ones stay: a new checksum would make them look whole.
        """
        with self._transaction() as connection:
            whole = f"reason NOT LIKE '{_DAMAGED}%'"
            dead = connection.execute(
                f"SELECT message_id, body, published_at FROM dead WHERE {whole} ORDER BY position"
            ).fetchall()
            for message_id, body, published_at in dead:
                connection.execute(
                    "INSERT INTO message (message_id, body, checksum, published_at) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (message_id) DO NOTHING",
                    (message_id, body, _checksum(message_id, body), published_at),
                )
            connection.execute(f"DELETE FROM dead WHERE {whole}")
        return len(dead)

    def waiting(self) -> list[str]:
        """The ids of all messages that are not yet acknowledged, oldest first."""
        with self._guard:
            return [row[0] for row in self._connection.execute("SELECT message_id FROM message ORDER BY position")]

    def dead(self) -> list[tuple[str, str]]:
        """Id and reason of each dead letter, oldest first."""
        with self._guard:
            return list(self._connection.execute("SELECT message_id, reason FROM dead ORDER BY died_at, position"))

    def close(self) -> None:
        with self._guard:
            self._connection.close()

    def _any_ready(self) -> bool:
        # A read first: an idle consumer must not take the write lock at every poll.
        with self._guard:
            found = self._connection.execute("SELECT 1 FROM message WHERE ready_at <= ? LIMIT 1", (self._clock(),))
            return found.fetchone() is not None

    def _lease_oldest(self, connection: sqlite3.Connection) -> _Row | None:
        now = self._clock()
        row: _Row | None = connection.execute(
            "UPDATE message SET attempts = attempts + 1, lease = ?, ready_at = ?"
            " WHERE position = (SELECT position FROM message WHERE ready_at <= ? ORDER BY position LIMIT 1)"
            " RETURNING position, message_id, body, checksum, attempts, lease",
            (uuid.uuid4().hex, now + self._policy.lease, now),
        ).fetchone()
        return row

    def _deliverable(self, row: _Row) -> Claim | None:
        """The claim on a leased row; None when the message cannot be delivered, and is buried."""
        position, message_id, body, checksum, attempts, token = row
        claim = Claim(position, token, Message(message_id, self.path.stem, body, attempts))
        if checksum != _checksum(message_id, body):
            self.bury(claim, f"{_DAMAGED} the checksum does not fit the body")
        elif attempts > self._policy.max_attempts:
            self.bury(claim, f"its consumer died {self._policy.max_attempts:g} times")
        else:
            return claim
        return None

    def _update(self, claim: Claim, change: str, values: tuple[float, ...]) -> bool:
        with self._transaction() as connection:
            changed = connection.execute(
                f"UPDATE message SET {change} WHERE position = ? AND lease = ?",
                (*values, claim.position, claim.token),
            )
            return changed.rowcount == 1

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


_Waiting = tuple[str, bytes, "asyncio.Future[None]"]
"""Id and body of a message that is to be stored, and what its publisher waits for."""


class SqliteQueue:
    """The transport port over a folder of queue files."""

    def __init__(self, folder: Path, policy: Policy | None = None) -> None:
        self._folder = folder
        self._policy = policy or Policy()
        self._files: dict[str, QueueFile] = {}
        self._opening = threading.Lock()
        self._waiting: dict[str, list[_Waiting]] = {}
        self._writers: dict[str, asyncio.Task[None]] = {}

    @classmethod
    def from_url(cls, url: str) -> "SqliteQueue":
        """`sqlite:///relative/folder` or `sqlite:////absolute/folder`; the fields of `Policy` may follow as a query."""
        parts = urlsplit(url)
        folder = unquote(parts.path)[1:]
        if parts.netloc or not folder:
            raise TransportUrlError("the queue URL names no folder: write sqlite:///FOLDER")
        return cls(Path(folder), _policy_from_query(parts.query))

    async def publish(self, queue: str, message_id: str, body: bytes) -> None:
        confirmed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(queue, []).append((message_id, body, confirmed))
        if queue not in self._writers:
            self._writers[queue] = asyncio.create_task(self._write_waiting(queue))
        try:
            await confirmed
        except (sqlite3.Error, OSError) as error:
            raise TransportError(f"queue {queue!r} did not take message {message_id}: {error}") from error

    async def consume(self, queue: str, handler: Handler) -> None:
        file = await asyncio.to_thread(self.file, queue)
        claim: Claim | None = None
        while True:
            claim = claim or await asyncio.to_thread(file.claim)
            if claim is None:
                await asyncio.sleep(self._policy.poll)
            else:
                claim = await self._deliver(file, claim, handler)

    async def aclose(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()

    def file(self, queue: str) -> QueueFile:
        """The file behind a queue, created when it is not there."""
        with self._opening:
            if queue not in self._files:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._files[queue] = QueueFile(self._folder / f"{queue}.db", self._policy)
            return self._files[queue]

    async def _write_waiting(self, queue: str) -> None:
        """Commit all messages that wait for a queue together, until none waits: many then share one fsync."""
        try:
            while messages := self._waiting.pop(queue, None):
                try:
                    file = await asyncio.to_thread(self.file, queue)
                    await asyncio.to_thread(file.put_all, [(message_id, body) for message_id, body, _ in messages])
                except Exception as error:
                    _settle(messages, error)
                else:
                    _settle(messages, None)
        finally:
            del self._writers[queue]

    async def _deliver(self, file: QueueFile, claim: Claim, handler: Handler) -> Claim | None:
        """Handle a message; returns a claim on the next one, if there is one already."""
        following: Claim | None = None
        try:
            async with self._renewing(file, claim):
                await handle_when_available(handler, claim.message, self._policy.pause)
        except asyncio.CancelledError:
            file.release(claim)
            raise
        except RejectedError as error:
            await asyncio.to_thread(file.bury, claim, f"rejected: {error}")
        except Exception as error:
            await asyncio.to_thread(self._failed, file, claim, error)
        else:
            removed, following = await asyncio.to_thread(file.done_and_claim, claim)
            if not removed:
                logger.warning("lease of message %s was lost: it will be delivered again", claim.message.id)
        return following

    def _failed(self, file: QueueFile, claim: Claim, error: Exception) -> None:
        logger.warning("attempt %d on message %s failed: %s", claim.message.attempt, claim.message.id, describe(error))
        if claim.message.attempt >= self._policy.max_attempts:
            file.bury(claim, f"failed {claim.message.attempt} times, last {describe(error)}")
        else:
            file.retry(claim)

    @asynccontextmanager
    async def _renewing(self, file: QueueFile, claim: Claim) -> AsyncIterator[None]:
        renewal = asyncio.create_task(self._renew_until_cancelled(file, claim))
        try:
            yield
        finally:
            renewal.cancel()
            with suppress(asyncio.CancelledError):
                await renewal

    async def _renew_until_cancelled(self, file: QueueFile, claim: Claim) -> None:
        while True:
            await asyncio.sleep(self._policy.lease / 3)
            if not await asyncio.to_thread(file.renew, claim):
                return


def _settle(messages: Sequence[_Waiting], error: Exception | None) -> None:
    for _, _, confirmed in messages:
        if confirmed.done():  # its publisher was cancelled
            continue
        if error is None:
            confirmed.set_result(None)
        else:
            confirmed.set_exception(error)


def _remove(connection: sqlite3.Connection, claim: Claim) -> bool:
    removed = connection.execute("DELETE FROM message WHERE position = ? AND lease = ?", (claim.position, claim.token))
    return removed.rowcount == 1


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    _switch_to_wal(connection)
    # FULL fsyncs each commit: what publish() returned for survives a power cut too.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    for statement in _SCHEMA:
        connection.execute(statement)
    return connection


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # SQLite does not wait for the lock when two processes switch a new file at the same moment.
    give_up = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)


def _checksum(message_id: str, body: bytes) -> bytes:
    return hashlib.sha256(message_id.encode() + b"\0" + body).digest()


def _policy_from_query(query: str) -> Policy:
    given = {name: values[-1] for name, values in parse_qs(query).items()}
    known = [field.name for field in fields(Policy)]
    for name in given:
        if name not in known:
            raise TransportUrlError(f"the queue URL has the unknown option {name!r}: {', '.join(known)} are known")
    try:
        numbers = {name: float(value) for name, value in given.items()}
    except ValueError as error:
        raise TransportUrlError(f"the queue URL has an option that is no number: {error}") from error
    return replace(Policy(), **numbers)
