"""The transport port: what both adapters promise, and what each promises alone."""

import asyncio
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pika
import pytest
from squad_support import Bench, consume_until, drain, run

from sysops_squad.plumbing.amqp import AmqpTransport
from sysops_squad.plumbing.sqlite_queue import Policy, QueueFile, SqliteQueue
from sysops_squad.plumbing.transport import (
    Message,
    RejectedError,
    TransportError,
    TransportUrlError,
    UnavailableError,
    open_transport,
)

pytestmark = pytest.mark.xdist_group("running")  # see tests/conftest.py

REPOSITORY = Path(__file__).parents[2]


def test_a_message_arrives_with_its_id_and_body(bench: Bench, queue: str) -> None:
    async def story() -> list[Message]:
        transport = bench.open()
        await transport.publish(queue, "m1", b'{"a": 1}')
        got = await _take(bench, queue, 1)
        await transport.aclose()
        return got

    (message,) = run(story())
    assert (message.id, message.queue, message.body, message.attempt) == ("m1", queue, b'{"a": 1}', 1)


def test_a_backlog_arrives_whole_and_in_order(bench: Bench, queue: str) -> None:
    async def story() -> list[Message]:
        transport = bench.open()
        for number in range(40):
            await transport.publish(queue, f"m{number}", b"x")
        await transport.aclose()
        return await _take(bench, queue, 40)

    assert [message.id for message in run(story())] == [f"m{number}" for number in range(40)]


def test_messages_that_are_published_together_keep_their_order(bench: Bench, queue: str) -> None:
    async def story() -> list[Message]:
        transport = bench.open()
        await asyncio.gather(*(transport.publish(queue, f"m{number}", b"x") for number in range(40)))
        await transport.aclose()
        return await _take(bench, queue, 40)

    assert [message.id for message in run(story())] == [f"m{number}" for number in range(40)]


def test_a_handler_that_fails_gets_the_message_again(bench: Bench, queue: str) -> None:
    attempts: list[int] = []

    async def fail_twice(message: Message) -> None:
        attempts.append(message.attempt)
        if len(attempts) < 3:
            raise ValueError("not yet")

    async def story() -> None:
        transport = bench.open()
        await transport.publish(queue, "m1", b"x")
        await consume_until(transport, queue, fail_twice, lambda: len(attempts) == 3)
        await transport.aclose()

    run(story())
    assert attempts == [1, 2, 3]
    assert bench.dead_letters(queue, seconds=0.3) == []


def test_poison_goes_to_the_dead_letters_and_does_not_block_those_behind_it(bench: Bench, queue: str) -> None:
    handled: list[str] = []

    async def choke(message: Message) -> None:
        if message.id == "poison":
            raise ValueError("never")
        handled.append(message.id)

    async def story() -> None:
        transport = bench.open()
        for message_id in ("before", "poison", "after"):
            await transport.publish(queue, message_id, b"x")
        await consume_until(transport, queue, choke, lambda: len(handled) == 2)
        dead: list[str] = []
        task = asyncio.create_task(transport.consume(queue, choke))
        while not dead:
            dead += await asyncio.to_thread(bench.dead_letters, queue)
        task.cancel()
        await transport.aclose()
        assert dead == ["poison"]

    run(story())
    assert sorted(handled) == ["after", "before"]


def test_the_next_message_is_not_taken_before_the_last_is_acknowledged(tmp_path: Path) -> None:
    file = QueueFile(tmp_path / "q.db", Policy())
    file.put_all([("m1", b"x"), ("m2", b"x")])
    first = file.claim()
    assert first is not None
    removed, second = file.done_and_claim(first)
    assert removed
    assert second is not None
    assert second.message.id == "m2"
    assert file.waiting() == ["m2"]
    assert file.done_and_claim(second) == (True, None)
    assert file.done_and_claim(second) == (False, None)


def test_messages_that_cannot_be_stored_together_are_all_refused(tmp_path: Path) -> None:
    (tmp_path / "queues").write_text("a file stands where the folder should be")
    transport = SqliteQueue(tmp_path / "queues")

    async def story() -> list[BaseException | None]:
        together = (transport.publish("q", f"m{number}", b"x") for number in range(3))
        return await asyncio.gather(*together, return_exceptions=True)

    refused = run(story())
    assert [type(error) for error in refused] == [TransportError] * 3
    assert "did not take message m2" in str(refused[2])


def test_a_rejected_message_is_dead_at_once(bench: Bench, queue: str) -> None:
    attempts: list[int] = []

    async def reject(message: Message) -> None:
        attempts.append(message.attempt)
        raise RejectedError("it makes no sense")

    async def story() -> None:
        transport = bench.open()
        await transport.publish(queue, "m1", b"x")
        await consume_until(transport, queue, reject, lambda: len(attempts) == 1)
        await transport.aclose()

    run(story())
    assert bench.dead_letters(queue) == ["m1"]
    assert attempts == [1]


def test_a_receiver_that_is_unavailable_costs_no_attempt(bench: Bench, queue: str) -> None:
    calls: list[int] = []

    async def back_after_ten_calls(message: Message) -> None:
        calls.append(message.attempt)
        if len(calls) <= 10:
            raise UnavailableError("the database is away")

    async def story() -> None:
        transport = bench.open()
        await transport.publish(queue, "m1", b"x")
        await consume_until(transport, queue, back_after_ten_calls, lambda: len(calls) == 11)
        await transport.aclose()

    run(story())
    assert set(calls) == {1}
    assert bench.dead_letters(queue, seconds=0.3) == []


def test_a_message_is_acknowledged_only_after_its_handler_has_returned(bench: Bench, queue: str) -> None:
    started = asyncio.Event()

    async def never_done(_message: Message) -> None:
        started.set()
        await asyncio.Event().wait()

    async def story() -> list[Message]:
        transport = bench.open()
        await transport.publish(queue, "m1", b"x")
        await consume_until(transport, queue, never_done, started.is_set)
        await transport.aclose()
        return await _take(bench, queue, 1)

    assert [message.id for message in run(story())] == ["m1"]


def test_an_acknowledged_message_never_returns(bench: Bench, queue: str) -> None:
    async def story() -> list[Message]:
        transport = bench.open()
        await transport.publish(queue, "m1", b"x")
        await _take(bench, queue, 1)
        await transport.publish(queue, "m2", b"x")
        await transport.aclose()
        return await _take(bench, queue, 1)

    assert [message.id for message in run(story())] == ["m2"]


def test_two_consumers_share_the_work(bench: Bench, queue: str) -> None:
    handled: dict[str, list[str]] = {"a": [], "b": []}

    async def work(name: str, done: asyncio.Event) -> None:
        async def handle(message: Message) -> None:
            await asyncio.sleep(0.01)
            handled[name].append(message.id)
            if sum(map(len, handled.values())) == 40:
                done.set()

        transport = bench.open()
        await consume_until(transport, queue, handle, done.is_set)
        await transport.aclose()

    async def story() -> None:
        transport = bench.open()
        for number in range(40):
            await transport.publish(queue, f"m{number}", b"x")
        await transport.aclose()
        done = asyncio.Event()
        await asyncio.gather(work("a", done), work("b", done))

    run(story())
    assert sorted(handled["a"] + handled["b"]) == sorted(f"m{number}" for number in range(40))
    assert handled["a"]
    assert handled["b"]


def test_a_consumer_killed_at_work_loses_no_message(bench: Bench, queue: str) -> None:
    hang = textwrap.dedent(f"""
        import asyncio
        from sysops_squad.plumbing.transport import open_transport

        async def handle(message):
            print("working", flush=True)
            await asyncio.Event().wait()

        asyncio.run(open_transport({bench.url!r}).consume({queue!r}, handle))
    """)

    async def publish() -> None:
        transport = bench.open()
        await transport.publish(queue, "m1", b"x")
        await transport.aclose()

    run(publish())
    with subprocess.Popen([sys.executable, "-c", hang], stdout=subprocess.PIPE, text=True) as consumer:
        assert consumer.stdout is not None
        assert consumer.stdout.readline().strip() == "working"
        consumer.send_signal(signal.SIGKILL)
    (message,) = run(_take(bench, queue, 1))
    assert (message.id, message.attempt) == ("m1", 2)


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("kafka://broker", "no transport for the scheme 'kafka'"),
        ("sqlite://", "names no folder"),
        ("sqlite:///queues?leese=3", "unknown option 'leese'"),
        ("sqlite:///queues?lease=soon", "no number"),
        ("amqp://broker/?declare=maybe", "declare is yes or no"),
        ("amqps://broker/?no_verify_ssl=1", "always verified"),
    ],
)
def test_a_url_that_makes_no_sense_is_refused_with_the_reason(url: str, part: str) -> None:
    with pytest.raises(TransportUrlError, match=part):
        open_transport(url)


# The embedded queue


@pytest.fixture
def file(tmp_path: Path) -> Iterator[QueueFile]:
    file = QueueFile(tmp_path / "q.db", Policy(lease=0.3, max_attempts=3, retry_delay=0.01))
    yield file
    file.close()


def test_a_changed_body_is_not_delivered(file: QueueFile) -> None:
    file.put("m1", b"pay 100")
    file._connection.execute("UPDATE message SET body = ?", (b"pay 900",))
    assert file.claim() is None
    assert file.dead() == [("m1", "damaged: the checksum does not fit the body")]


def test_a_message_that_kills_its_consumers_is_buried(file: QueueFile) -> None:
    file.put("m1", b"x")
    for _ in range(3):
        assert file.claim() is not None
        time.sleep(0.35)
    assert file.claim() is None
    assert file.dead() == [("m1", "its consumer died 3 times")]


def test_a_lost_lease_cannot_acknowledge(file: QueueFile) -> None:
    file.put("m1", b"x")
    first = file.claim()
    assert first is not None
    time.sleep(0.35)
    second = file.claim()
    assert second is not None
    assert not file.done(first)
    assert not file.renew(first)
    assert file.done(second)


def test_the_same_id_waits_once(file: QueueFile) -> None:
    file.put("m1", b"x")
    file.put("m1", b"x")
    assert file.waiting() == ["m1"]


def test_a_slow_handler_keeps_its_lease(tmp_path: Path) -> None:
    taken: list[str] = []

    async def slow(message: Message) -> None:
        taken.append(message.id)
        await asyncio.sleep(1.0)

    async def story() -> None:
        queues = [SqliteQueue(tmp_path, Policy(lease=0.4, poll=0.02)) for _ in range(2)]
        await queues[0].publish("q", "m1", b"x")
        consumers = [asyncio.create_task(one.consume("q", slow)) for one in queues]
        await asyncio.sleep(1.5)
        assert queues[0].file("q").waiting() == []
        for consumer in consumers:
            consumer.cancel()

    run(story())
    assert taken == ["m1"]


def test_publishing_into_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "q.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(TransportError, match="did not take message m1"):
        run(SqliteQueue(tmp_path).publish("q", "m1", b"x"))


# RabbitMQ


@pytest.mark.rabbitmq
def test_messages_are_persistent_in_a_quorum_queue(rabbitmq_url: str, queue: str) -> None:
    async def story() -> None:
        transport = AmqpTransport(rabbitmq_url)
        await transport.publish(queue, "m1", b"{}")
        await transport.aclose()

    run(story())
    ((properties, body),) = drain(rabbitmq_url, queue)
    assert (properties.delivery_mode, properties.message_id, body) == (2, "m1", b"{}")


@pytest.mark.rabbitmq
def test_a_queue_that_was_deleted_is_declared_again_rather_than_losing_the_message(
    rabbitmq_url: str, queue: str
) -> None:
    async def story() -> None:
        transport = AmqpTransport(rabbitmq_url)
        await transport.publish(queue, "m1", b"x")
        channel = await (await transport._connected()).channel()
        await channel.queue_delete(queue)
        await transport.publish(queue, "m2", b"x")
        await transport.aclose()

    run(story())
    assert [properties.message_id for properties, _ in drain(rabbitmq_url, queue)] == ["m2"]


@pytest.mark.rabbitmq
def test_a_queue_declared_otherwise_is_an_error_for_both_sides_at_once(rabbitmq_url: str, queue: str) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(rabbitmq_url))
    connection.channel().queue_declare(queue, durable=False)
    connection.close()

    async def ignore(message: Message) -> None: ...

    async def story() -> None:
        transport = AmqpTransport(rabbitmq_url)
        with pytest.raises(TransportError, match=f"refuses the use of '{queue}'.*PRECONDITION_FAILED"):
            await transport.publish(queue, "m1", b"x")
        with pytest.raises(TransportError, match="PRECONDITION_FAILED"):
            await transport.consume(queue, ignore)
        await transport.aclose()

    began = time.monotonic()
    run(story())
    assert time.monotonic() - began < 20, "nobody waits for the next look at the dead letters"


@pytest.mark.rabbitmq
def test_a_wrong_password_is_an_error_that_does_not_repeat_it(rabbitmq_url: str, queue: str) -> None:
    transport = AmqpTransport(rabbitmq_url.replace("guest:guest", "guest:wrong-password"))
    with pytest.raises(TransportError, match="refuses the use of") as caught:
        run(transport.publish(queue, "m1", b"x"))
    assert "wrong-password" not in str(caught.value)


def test_a_broker_that_stays_away_is_an_error_after_the_patience() -> None:
    transport = AmqpTransport("amqp://guest:guest@127.0.0.1:1/", patience=0.5)
    with pytest.raises(TransportError, match=r"did not confirm message m1 in 0\.5 s"):
        run(transport.publish("q", "m1", b"x"))


@pytest.mark.rabbitmq
def test_a_broken_connection_loses_no_message_in_either_direction(rabbitmq_url: str, queue: str) -> None:
    got: set[str] = set()

    async def handle(message: Message) -> None:
        got.add(message.id)

    async def story() -> None:
        async with _breakable(rabbitmq_url) as (url, cut):
            publisher, consumer = AmqpTransport(url), AmqpTransport(url)
            consuming = asyncio.create_task(consume_until(consumer, queue, handle, lambda: len(got) == 60, seconds=40))
            for number in range(60):
                if number in (20, 40):
                    cut()
                await publisher.publish(queue, f"m{number}", b"x")
            await consuming
            await publisher.aclose()
            await consumer.aclose()

    run(story())
    assert got == {f"m{number}" for number in range(60)}


async def _take(bench: Bench, queue: str, count: int) -> list[Message]:
    got: list[Message] = []

    async def handle(message: Message) -> None:
        got.append(message)

    transport = bench.open()
    await consume_until(transport, queue, handle, lambda: len(got) >= count)
    await transport.aclose()
    return got


@asynccontextmanager
async def _breakable(url: str) -> Any:
    """A way to the broker that can be cut: everything on it breaks, and a new attempt gets through."""
    broker = urlsplit(url)
    open_streams: set[asyncio.StreamWriter] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_streams.add(writer)
        try:
            while data := await reader.read(65536):
                writer.write(data)
        except OSError:
            pass
        finally:
            writer.close()
            open_streams.discard(writer)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        broker_reader, broker_writer = await asyncio.open_connection(broker.hostname, broker.port)
        await asyncio.gather(pump(reader, broker_writer), pump(broker_reader, writer))

    def cut() -> None:
        for stream in list(open_streams):
            stream.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield url.replace(f"{broker.hostname}:{broker.port}", f"127.0.0.1:{port}"), cut
    server.close()
    cut()
