"""Helpers of the tests of the reference implementation."""

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import pika
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc.jwk import KeySet, OKPKey

from squad_servers import DEPLOY, QUANTA, rabbitmq_hash
from sysops_squad.plumbing.amqp import AmqpTransport
from sysops_squad.plumbing.sqlite_queue import SqliteQueue
from sysops_squad.plumbing.tokens import CUSTOMERS, STAFF, Caller, Role, TokenIssuer, TokenVerifier, TrustedIssuer
from sysops_squad.plumbing.transport import Handler, Message, Transport, TransportError, open_transport

PASSWORD = uuid.uuid4().hex
"""Of every role and user that tests make."""

DEFINITIONS = DEPLOY / "rabbitmq/definitions.json"

CARD_NUMBER = "5555555555554444"
"""The second test number that the card schemes publish; no bank has issued it."""


PASSWORD = "a long and boring one"
"""Of the customers of the tests."""


def signing_keys() -> KeySet:
    """A fresh key that signs tokens."""
    key = OKPKey.generate_key("Ed25519", private=True)
    key.ensure_kid()
    return KeySet([key])


@dataclass(frozen=True)
class Issuers:
    """Who makes tokens in a test: the customer quantum, and the staff's issuer."""

    customer_keys: KeySet = field(default_factory=signing_keys)
    staff_keys: KeySet = field(default_factory=signing_keys)

    @property
    def customers(self) -> TokenIssuer:
        return TokenIssuer(CUSTOMERS, self.customer_keys)

    @property
    def staff(self) -> TokenIssuer:
        return TokenIssuer(STAFF, self.staff_keys)

    def verifier(self, audience: str) -> TokenVerifier:
        """What the API of a quantum has: only customer trusts the customers' issuer."""
        trusted = {STAFF: TrustedIssuer(self.staff_keys, frozenset({Role.EXPERT, Role.ADMINISTRATOR}))}
        if audience == "customer":
            trusted[CUSTOMERS] = TrustedIssuer(self.customer_keys, frozenset({Role.CUSTOMER}))
        return TokenVerifier(audience, trusted)

    def staff_client(self, app: FastAPI, audience: str, role: Role = Role.ADMINISTRATOR) -> TestClient:
        """A client that calls as one of the staff."""
        token = self.staff.issue(Caller("grace", role), audience, timedelta(hours=1))
        return TestClient(app, headers=bearer(token), raise_server_exceptions=False)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@dataclass
class RecordingTransport:
    """A transport in memory: keeps what is published, and refuses what a test wants it to refuse."""

    published: list[Message] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    async def publish(self, queue: str, message_id: str, body: bytes) -> None:
        if queue in self.refused:
            raise TransportError(f"{queue} is away")
        self.published.append(Message(message_id, queue, body))

    async def consume(self, queue: str, handler: Handler) -> None:
        for message in [message for message in self.published if message.queue == queue]:
            await handler(message)

    async def aclose(self) -> None: ...


class Bench:
    """A real transport, and a look behind it at its dead letters."""

    def __init__(self, url: str) -> None:
        self.url = url

    def open(self) -> Transport:
        if self.url.startswith("sqlite"):
            return open_transport(self.url)
        return AmqpTransport(self.url, retry_delay=0.02, pause=0.02)

    def dead_letters(self, queue: str, seconds: float = 2.0) -> list[str]:
        """Drain and return the ids of the dead letters, oldest first; waits for the first one, at most `seconds`."""
        if self.url.startswith("sqlite"):
            return [message_id for message_id, _ in SqliteQueue.from_url(self.url).file(queue).dead()]
        return [properties.message_id for properties, _ in drain(self.url, f"{queue}.dead", seconds)]


class Rabbitmqctl(Protocol):
    """Runs one command of the server, with text on its standard input if any is `given`."""

    def __call__(self, *arguments: str, given: str = "") -> None: ...


class Broker:
    """A virtual host that has imported our definitions, under user names of its own."""

    def __init__(self, rabbitmqctl: Rabbitmqctl, place: str) -> None:
        self._place = place
        self._call = rabbitmqctl
        self._name = f"sysops-squad-{uuid.uuid4().hex[:8]}"

    def url(self, user: str) -> str:
        return f"amqp://{self._name}-{user}:{PASSWORD}@{self._place}/{self._name}"

    def set_up(self) -> None:
        self._call("add_vhost", self._name)
        self._call("import_definitions", given=json.dumps(self._definitions()))

    def tear_down(self) -> None:
        self._call("delete_vhost", self._name)
        for user in (*QUANTA, "operator"):
            self._call("delete_user", f"{self._name}-{user}")

    def _definitions(self) -> dict[str, Any]:
        definitions: dict[str, Any] = json.loads(DEFINITIONS.read_text())
        for kind in ("permissions", "exchanges", "queues", "bindings"):
            for entry in definitions[kind]:
                entry["vhost"] = self._name
        for entry in definitions["permissions"]:
            entry["user"] = f"{self._name}-{entry['user']}"
        for entry in definitions["users"]:
            assert entry["password_hash"] == f"{entry['name'].upper()}_PASSWORD_HASH"
            entry.update(name=f"{self._name}-{entry['name']}", password_hash=rabbitmq_hash(PASSWORD))
        return {**definitions, "vhosts": []}


def drain(url: str, queue: str, seconds: float = 2.0) -> list[tuple[pika.BasicProperties, bytes]]:
    """Take all messages from a RabbitMQ queue; waits a little, because the counts of quorum queues lag."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    found: list[tuple[pika.BasicProperties, bytes]] = []
    give_up = time.monotonic() + seconds
    while not found and time.monotonic() < give_up:
        method, properties, body = channel.basic_get(queue, auto_ack=True)
        while method is not None:
            found.append((properties, body))
            method, properties, body = channel.basic_get(queue, auto_ack=True)
        time.sleep(0.1)
    connection.close()
    return found


async def consume_until(
    transport: Transport, queue: str, handler: Handler, done: Callable[[], bool], seconds: float = 15.0
) -> None:
    """Consume in the background until `done`, or fail."""
    task = asyncio.create_task(transport.consume(queue, handler))
    try:
        give_up = time.monotonic() + seconds
        while not done():
            if task.done():
                await task
            assert time.monotonic() < give_up, f"{queue}: waited {seconds:g} s in vain"
            await asyncio.sleep(0.02)
    finally:
        # What is done is acknowledged before the consumer is stopped.
        await asyncio.sleep(0.1)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def wait_until(condition: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    """Wait for a condition, or fail naming what was waited for."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"waited {seconds:g} s in vain for {what}"
        time.sleep(0.05)


def run(work: Awaitable[Any]) -> Any:
    """Run a coroutine to its end, within a time that no test needs."""

    async def bounded() -> Any:
        async with asyncio.timeout(60):
            return await work

    return asyncio.run(bounded())


def files_with(folder: Path, text: str) -> list[Path]:
    """The files under a folder that hold the text, wherever in them."""
    return [path for path in folder.rglob("*") if text.encode() in _content(path)]


def _content(path: Path) -> bytes:
    # SQLite removes the files beside a database when the last connection is closed.
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return b""
