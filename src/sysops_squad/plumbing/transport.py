"""The transport port: how a message leaves one quantum and reaches another."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a receiver gets it. `attempt` counts deliveries, the first is 1."""

    id: str
    queue: str
    body: bytes
    attempt: int = 1


Handler = Callable[[Message], Awaitable[None]]
"""Handles one message; returns only when its effect is committed."""


class TransportError(Exception):
    """The transport could not take the message."""


class TransportUrlError(ValueError):
    """The URL of a transport makes no sense; the text says what would."""


class RejectedError(Exception):
    """The message can never be handled, however often it is tried: it goes to the dead letters at once."""


class UnavailableError(Exception):
    """The receiver cannot work now, whatever the message: this is no failed attempt, and the queue waits for it."""


class Transport(Protocol):
    """Point-to-point queues with delivery at least once.

    A message may come twice and out of order after a failure; receivers put an inbox behind it.
    """

    async def publish(self, queue: str, message_id: str, body: bytes) -> None:
        """Hand a message over; returns when the queue holds it durably, raises `TransportError` otherwise."""

    async def consume(self, queue: str, handler: Handler) -> None:
        """Feed a queue to a handler until cancelled; a message is acknowledged after its handler has returned.

        Raises `TransportError` when the queue cannot be used and waiting would not change that.
        """

    async def aclose(self) -> None:
        """Release connections and files."""


async def handle_when_available(handler: Handler, message: Message, pause: float) -> None:
    """Handle a message; while the receiver is unavailable, try again every `pause` seconds."""
    while True:
        try:
            await handler(message)
            return
        except UnavailableError as error:
            logger.warning("message %s of %s waits: %s", message.id, message.queue, error)
            await asyncio.sleep(pause)


def open_transport(url: str) -> Transport:
    """Choose the adapter by the scheme of the URL: `sqlite:///folder` or `amqp[s]://user:password@host/`.

    Nothing is connected or written yet. Raises `TransportUrlError`.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        from sysops_squad.plumbing.sqlite_queue import SqliteQueue

        return SqliteQueue.from_url(url)
    if scheme in {"amqp", "amqps"}:
        # aio-pika takes a noticeable time to import, and the embedded queue does without it.
        from sysops_squad.plumbing.amqp import AmqpTransport

        return AmqpTransport.from_url(url)
    raise TransportUrlError(f"no transport for the scheme {scheme!r}: use sqlite:///FOLDER, amqp:// or amqps://")
