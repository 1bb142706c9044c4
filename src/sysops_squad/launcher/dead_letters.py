"""Looking at dead letters and putting them back, on either transport. Bodies are never shown: they are others' data."""

import asyncio
import sqlite3
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import AMQPError, ChannelNotFoundEntity

from sysops_squad.plumbing.amqp import AmqpTransport
from sysops_squad.plumbing.sqlite_queue import SqliteQueue

CONNECT_SECONDS = 10
MOST = 1_000
"""So many dead letters of one queue are looked at; requeue them and look again for the others."""


class DeadLetterError(Exception):
    """The dead letters cannot be looked at; the text says why, without credentials."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, and why."""

    queue: str
    message_id: str
    why: str


class Graveyard(Protocol):
    """The dead letters of one transport."""

    def letters(self, queue: str) -> list[DeadLetter]:
        """Those of a queue, oldest first, at most `MOST`. Raises `DeadLetterError`."""

    def requeue(self, queue: str) -> int:
        """Put those of a queue back, under their old ids, for their receiver to try again; returns how many."""


def open_graveyard(url: str, folder: Path) -> Graveyard:
    """The dead letters behind a transport's URL. Paths in it are relative to `folder`."""
    if urlsplit(url).scheme == "sqlite":
        return _SqliteGraveyard(folder / urlsplit(url).path[1:])
    return _RabbitmqGraveyard(url)


@dataclass(frozen=True, slots=True)
class _SqliteGraveyard:
    folder: Path

    def letters(self, queue: str) -> list[DeadLetter]:
        return [DeadLetter(queue, message_id, reason) for message_id, reason in self._of(queue)]

    def requeue(self, queue: str) -> int:
        if not self._of(queue):
            return 0
        transport = SqliteQueue(self.folder)
        try:
            return transport.file(queue).revive()
        finally:
            asyncio.run(transport.aclose())

    def _of(self, queue: str) -> list[tuple[str, str]]:
        path = self.folder / f"{queue}.db"
        if not path.exists():  # nobody has sent or received yet
            return []
        try:
            connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
            try:
                wanted = "SELECT message_id, reason FROM dead ORDER BY died_at, position LIMIT ?"
                return list(connection.execute(wanted, (MOST,)))
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise DeadLetterError(f"the queue file {path} cannot be read: {error}") from error


@dataclass(frozen=True, slots=True)
class _RabbitmqGraveyard:
    url: str

    def letters(self, queue: str) -> list[DeadLetter]:
        return asyncio.run(self._each(queue, requeue=False))

    def requeue(self, queue: str) -> int:
        return len(asyncio.run(self._each(queue, requeue=True)))

    async def _each(self, queue: str, *, requeue: bool) -> list[DeadLetter]:
        AmqpTransport.from_url(self.url)  # refuses a URL that would not verify the broker
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                connection = await aio_pika.connect(self.url)
        except (AMQPError, OSError, TimeoutError) as error:
            place = urlsplit(self.url).hostname
            raise DeadLetterError(f"the broker at {place} does not let us in: {type(error).__name__}") from error
        async with aclosing(_Closing(connection)):
            channel = await connection.channel()
            try:
                graveyard = await channel.get_queue(f"{queue}.dead")
                taken: list[AbstractIncomingMessage] = []
                while len(taken) < MOST and (delivery := await graveyard.get(fail=False, no_ack=False)) is not None:
                    taken.append(delivery)
                if requeue:
                    for delivery in taken:
                        # Its own dead-letter exchange is the queue that it came from.
                        await delivery.reject(requeue=False)
                # What is only looked at is given back by the end of the connection.
                return [DeadLetter(queue, one.message_id or "(no id)", _why(one)) for one in taken]
            except ChannelNotFoundEntity as error:
                raise DeadLetterError(f"the broker has no queue {queue}.dead: import its definitions") from error
            except AMQPError as error:
                raise DeadLetterError(f"the dead letters of {queue} cannot be read: {error}") from error


@dataclass(frozen=True, slots=True)
class _Closing:
    connection: aio_pika.abc.AbstractConnection

    async def aclose(self) -> None:
        await self.connection.close()


def _why(delivery: AbstractIncomingMessage) -> str:
    deaths = delivery.headers.get("x-death")
    latest = deaths[0] if isinstance(deaths, list) and deaths else {}
    reason = latest.get("reason") if isinstance(latest, dict) else None
    texts = {"rejected": "rejected by its receiver", "delivery_limit": "failed at every attempt"}
    return texts.get(str(reason), str(reason or "unknown"))
