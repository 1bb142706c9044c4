"""The RabbitMQ transport: quorum queues, publisher confirms, acknowledgement after the work."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aio_pika
from aio_pika import DeliveryMode, ExchangeType
from aio_pika.abc import (
    AbstractIncomingMessage,
    AbstractRobustChannel,
    AbstractRobustConnection,
    AbstractRobustQueue,
)
from aio_pika.exceptions import (
    AMQPError,
    AuthenticationError,
    ChannelInvalidStateError,
    ChannelPreconditionFailed,
    ProbableAuthenticationError,
    PublishError,
)
from aiormq.exceptions import ChannelAccessRefused

from sysops_squad.plumbing.failures import describe
from sysops_squad.plumbing.transport import Handler, Message, RejectedError, TransportError, handle_when_available

logger = logging.getLogger(__name__)

DEAD_LETTER_EXCHANGE = "dead-letter"
DELIVERY_LIMIT = 5

_REFUSED = (AuthenticationError, ProbableAuthenticationError, ChannelAccessRefused, ChannelPreconditionFailed)
"""What the broker says when it is there and does not let us: trying again would not help."""

_LOST = (AMQPError, ChannelInvalidStateError, ConnectionError, OSError, RuntimeError)
"""What aio-pika raises while a connection is away: all of it is worth another try."""


class AmqpTransport:
    """The transport port over RabbitMQ.

    Times in seconds: `patience` bounds how long a publish is tried while the broker is away, `retry_delay` lies between
    tries, and `pause` between looks at a receiver that is unavailable.
    """

    def __init__(
        self, url: str, *, patience: float = 30.0, prefetch: int = 16, retry_delay: float = 0.2, pause: float = 1.0
    ) -> None:
        self._url = url
        self._patience = patience
        self._prefetch = prefetch
        self._retry_delay = retry_delay
        self._pause = pause
        self._connection: AbstractRobustConnection | None = None
        self._publisher: AbstractRobustChannel | None = None
        self._declared: set[str] = set()
        self._connecting = asyncio.Lock()

    async def publish(self, queue: str, message_id: str, body: bytes) -> None:
        message = aio_pika.Message(
            body,
            message_id=message_id,
            delivery_mode=DeliveryMode.PERSISTENT,
            content_type="application/json",
        )
        try:
            async with asyncio.timeout(self._patience):
                await self._until_confirmed(queue, message)
        except TimeoutError as error:
            raise TransportError(f"{queue!r} did not confirm message {message_id} in {self._patience:g} s") from error

    async def consume(self, queue: str, handler: Handler) -> None:
        while True:
            try:
                await self._consume_connected(queue, handler)
            except _REFUSED as error:
                raise _refusal(queue, error) from error
            except _LOST as error:
                logger.warning("consumer of %s lost its broker: %s", queue, describe(error))
            await asyncio.sleep(self._retry_delay)

    async def aclose(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def _until_confirmed(self, queue: str, message: aio_pika.Message) -> None:
        while True:
            try:
                channel = await self._publishing_channel(queue)
                await channel.default_exchange.publish(message, routing_key=queue, mandatory=True)
                return
            except PublishError:
                # Returned or refused: the queue was deleted behind our back, so declare it again.
                self._declared.discard(queue)
            except _REFUSED as error:
                raise _refusal(queue, error) from error
            except _LOST as error:
                logger.warning("no confirm from %s yet: %s", queue, describe(error))
            await asyncio.sleep(self._retry_delay)

    async def _consume_connected(self, queue: str, handler: Handler) -> None:
        async with self._consuming_channel() as channel:
            declared = await declare(channel, queue)
            async with declared.iterator() as deliveries:
                async for delivery in deliveries:
                    await self._deliver(queue, delivery, handler)

    async def _deliver(self, queue: str, delivery: AbstractIncomingMessage, handler: Handler) -> None:
        message = Message(delivery.message_id or "", queue, delivery.body, _attempt(delivery))
        try:
            await handle_when_available(handler, message, self._pause)
        except RejectedError as error:
            logger.error("message %s of %s is dead: %s", message.id, queue, error)
            await delivery.reject(requeue=False)
        except Exception as error:
            logger.warning("attempt %d on message %s failed: %s", message.attempt, message.id, describe(error))
            await asyncio.sleep(self._retry_delay * message.attempt)
            # The broker counts the deliveries and moves the message to the dead letters at the limit.
            await delivery.nack(requeue=True)
        else:
            await delivery.ack()

    async def _publishing_channel(self, queue: str) -> AbstractRobustChannel:
        connection = await self._connected()
        async with self._connecting:
            if self._publisher is None or self._publisher.is_closed:
                self._publisher = await _open_channel(connection)
                self._declared.clear()
            if queue not in self._declared:
                await declare(self._publisher, queue)
                self._declared.add(queue)
            return self._publisher

    @asynccontextmanager
    async def _consuming_channel(self) -> AsyncIterator[AbstractRobustChannel]:
        channel = await _open_channel(await self._connected())
        try:
            await channel.set_qos(prefetch_count=self._prefetch)
            yield channel
        finally:
            await _quietly(channel.close)

    async def _connected(self) -> AbstractRobustConnection:
        async with self._connecting:
            if self._connection is None:
                self._connection = await aio_pika.connect_robust(self._url, reconnect_interval=1)
            return self._connection


async def declare(channel: AbstractRobustChannel, queue: str) -> AbstractRobustQueue:
    """Declare a queue and where its dead letters go, as in `deploy/rabbitmq/definitions.json`."""
    dead_letters = await channel.declare_exchange(DEAD_LETTER_EXCHANGE, ExchangeType.DIRECT, durable=True)
    graveyard = await channel.declare_queue(f"{queue}.dead", durable=True, arguments={"x-queue-type": "quorum"})
    await graveyard.bind(dead_letters, routing_key=queue)
    return await channel.declare_queue(
        queue,
        durable=True,
        arguments={
            "x-queue-type": "quorum",
            "x-dead-letter-exchange": DEAD_LETTER_EXCHANGE,
            "x-dead-letter-routing-key": queue,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
            "x-delivery-limit": DELIVERY_LIMIT,
        },
    )


async def _open_channel(connection: AbstractRobustConnection) -> AbstractRobustChannel:
    # on_return_raises: without it a message that no queue takes counts as published.
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    assert isinstance(channel, AbstractRobustChannel)
    return channel


def _refusal(queue: str, error: Exception) -> TransportError:
    return TransportError(f"RabbitMQ refuses the use of {queue!r}: {error}")


def _attempt(delivery: AbstractIncomingMessage) -> int:
    count = delivery.headers.get("x-delivery-count", 0)
    return 1 + (count if isinstance(count, int) else 0)


async def _quietly(close: Callable[[], Awaitable[None]]) -> None:
    try:
        await close()
    except _LOST as error:
        logger.debug("closing a lost channel: %s", describe(error))
