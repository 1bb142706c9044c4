"""The RabbitMQ transport: quorum queues, publisher confirms, acknowledgement after the work, dead letters watched.

Each queue has a direct exchange of its own name. Nothing is sent through the default exchange: the right to write that
one is the right to write every queue, while one exchange a queue lets the broker hold each quantum to its own.
"""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit

import aio_pika
from aio_pika import DeliveryMode, ExchangeType
from aio_pika.abc import (
    AbstractIncomingMessage,
    AbstractRobustChannel,
    AbstractRobustConnection,
)
from aio_pika.exceptions import (
    AMQPConnectionError,
    AMQPError,
    AuthenticationError,
    ChannelInvalidStateError,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
    ProbableAuthenticationError,
    PublishError,
)
from aiormq.exceptions import ChannelAccessRefused

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

DEAD_LETTER_EXCHANGE = "dead-letter"
DELIVERY_LIMIT = 5

NO_LIMIT = 1_000_000
"""Deliveries of a dead letter: looking at one is a delivery too, and by default RabbitMQ 4 drops what had twenty."""

_REFUSED = (AuthenticationError, ProbableAuthenticationError, ChannelAccessRefused, ChannelPreconditionFailed)
"""What the broker says when it is there and does not let us: trying again would not help."""

_LOST = (AMQPError, ChannelInvalidStateError, ConnectionError, OSError, RuntimeError)
"""What aio-pika raises while a connection is away: all of it is worth another try."""


class AmqpTransport:
    """The transport port over RabbitMQ.

    With `declares` it makes the queues that it uses; without, they must be there: the user of a quantum in
    `deploy/rabbitmq/definitions.json` may not make any. Times in seconds: `patience` bounds how long a publish is tried
    while the broker is away, `retry_delay` lies between tries, `pause` between looks at a receiver that is unavailable,
    and `watch` between looks at the dead letters of a queue that is consumed.
    """

    def __init__(
        self,
        url: str,
        *,
        declares: bool = True,
        patience: float = 30.0,
        prefetch: int = 16,
        retry_delay: float = 0.2,
        pause: float = 1.0,
        watch: float = 60.0,
    ) -> None:
        self._url = url
        self._declares = declares
        self._patience = patience
        self._prefetch = prefetch
        self._retry_delay = retry_delay
        self._pause = pause
        self._watch = watch
        self._connection: AbstractRobustConnection | None = None
        self._publisher: AbstractRobustChannel | None = None
        self._declared: set[str] = set()
        self._told: set[str] = set()
        self._connecting = asyncio.Lock()

    @classmethod
    def from_url(cls, url: str) -> "AmqpTransport":
        """`amqp://user:password@host/` or, verified against a CA, `amqps://…/?cafile=FILE`; `declare=no` may follow.

        Raises `TransportUrlError` where the URL would switch the verification off.
        """
        options = parse_qs(urlsplit(url).query)
        if {"no_verify_ssl", "verify_ssl"} & set(options):
            raise TransportUrlError("a broker's certificate is always verified: name its CA by cafile=FILE")
        wanted = options.get("declare", ["yes"])[-1]
        if wanted not in {"yes", "no"}:
            raise TransportUrlError("declare is yes or no: whether this process may make its queues")
        return cls(url, declares=wanted == "yes")

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
            except _LOST as error:
                if _is_final(error):
                    raise _refusal(queue, error) from error
                self._tell(f"the consumer of {queue} waits for the broker at {self._place}: {_cause(error)}")
            await asyncio.sleep(self._retry_delay)

    async def aclose(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def _until_confirmed(self, queue: str, message: aio_pika.Message) -> None:
        while True:
            try:
                channel = await self._publishing_channel(queue)
                exchange = await channel.get_exchange(queue, ensure=False)
                await exchange.publish(message, routing_key=queue, mandatory=True)
                self._told.clear()
                return
            except PublishError:
                # Returned or refused: the queue was deleted behind our back, so declare it again.
                self._declared.discard(queue)
            except _LOST as error:
                if _is_final(error) and not (self._declares and isinstance(error, ChannelNotFoundEntity)):
                    raise _refusal(queue, error) from error
                self._tell(f"messages for {queue} wait for the broker at {self._place}: {_cause(error)}")
            await asyncio.sleep(self._retry_delay)

    async def _consume_connected(self, queue: str, handler: Handler) -> None:
        async with self._consuming_channel() as channel, self._watching_dead_letters(queue):
            if self._declares:
                await declare(channel, queue)
            declared = await channel.get_queue(queue)
            self._told.clear()
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
                if self._declares:
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

    @asynccontextmanager
    async def _watching_dead_letters(self, queue: str) -> AsyncIterator[None]:
        task = asyncio.create_task(self._watch_dead_letters(queue))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _watch_dead_letters(self, queue: str) -> None:
        """Say in the log how many dead letters there are, whenever the number changes."""
        known = 0
        while True:
            with suppress(*_LOST):  # who consumes says what is lost
                count = await self.count_dead_letters(queue)
                if count != known:
                    logger.warning("dead letters of %s: %d; see `python -m sysops_squad dead-letters`", queue, count)
                known = count
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                return  # aiormq turns a cancellation into an error of the connection
            await asyncio.sleep(self._watch)

    async def count_dead_letters(self, queue: str) -> int:
        """How many dead letters a queue has. The count of a quorum queue lags by seconds."""
        channel = await _open_channel(await self._connected())
        try:
            graveyard = await channel.declare_queue(f"{queue}.dead", passive=True, robust=False)
            return graveyard.declaration_result.message_count or 0
        finally:
            await _quietly(channel.close)

    def _tell(self, trouble: str) -> None:
        """Say it once, not at every try; another trouble is said again."""
        if trouble not in self._told:
            self._told = {trouble}
            logger.warning("%s", trouble)

    @property
    def _place(self) -> str:
        """The broker, without user and password."""
        split = urlsplit(self._url)
        return f"{split.hostname}:{split.port or (5671 if split.scheme == 'amqps' else 5672)}"

    async def _connected(self) -> AbstractRobustConnection:
        async with self._connecting:
            if self._connection is None:
                self._connection = await aio_pika.connect_robust(self._url, reconnect_interval=1)
            return self._connection


async def declare(channel: AbstractRobustChannel, queue: str) -> None:
    """Declare a queue, its exchange, and where its dead letters go: the one place that says what the broker holds.

    `python -m sysops_squad definitions` exports the same to `deploy/rabbitmq/definitions.json`. A dead letter that is
    rejected goes back into its queue, so that whoever requeues it needs no right to write there.
    """
    dead_letters = await channel.declare_exchange(DEAD_LETTER_EXCHANGE, ExchangeType.DIRECT, durable=True)
    entrance = await channel.declare_exchange(queue, ExchangeType.DIRECT, durable=True)
    graveyard = await channel.declare_queue(
        f"{queue}.dead",
        durable=True,
        arguments={
            "x-queue-type": "quorum",
            "x-dead-letter-exchange": queue,
            "x-dead-letter-routing-key": queue,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
            "x-delivery-limit": NO_LIMIT,
        },
    )
    await graveyard.bind(dead_letters, routing_key=queue)
    declared = await channel.declare_queue(
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
    await declared.bind(entrance, routing_key=queue)


async def _open_channel(connection: AbstractRobustConnection) -> AbstractRobustChannel:
    # on_return_raises: without it a message that no queue takes counts as published.
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    assert isinstance(channel, AbstractRobustChannel)
    return channel


def _is_final(error: BaseException) -> bool:
    """Whether trying again would not help: we are not let in, do not trust this broker, or it lacks a queue."""
    return isinstance(error, (*_REFUSED, ChannelNotFoundEntity)) or _certificate_problem(error) is not None


def _cause(error: BaseException) -> str:
    """Why the broker is away: what the network says of it, which holds no credentials, else type and place."""
    if isinstance(error, (AMQPConnectionError, OSError)):
        return next((part for part in reversed(error.args) if isinstance(part, str)), type(error).__name__)
    return describe(error)


def _certificate_problem(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None:
        for cause in (error, *error.args):
            if isinstance(cause, ssl.SSLCertVerificationError):
                return cause
        error = error.__cause__
    return None


def _refusal(queue: str, error: BaseException) -> TransportError:
    problem = _certificate_problem(error)
    if problem is not None:
        return TransportError(f"RabbitMQ's certificate is not trusted: {problem.verify_message}; see cafile in the URL")
    if isinstance(error, ChannelNotFoundEntity):
        return TransportError(f"RabbitMQ has no {queue!r}, and this process may not make it: import the definitions")
    return TransportError(f"RabbitMQ refuses the use of {queue!r}: {error}")


def _attempt(delivery: AbstractIncomingMessage) -> int:
    count = delivery.headers.get("x-delivery-count", 0)
    return 1 + (count if isinstance(count, int) else 0)


async def _quietly(close: Callable[[], Awaitable[None]]) -> None:
    try:
        await close()
    except _LOST as error:
        logger.debug("closing a lost channel: %s", describe(error))
