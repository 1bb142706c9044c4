"""RabbitMQ as a deployment has it: definitions from the code, least privilege, dead letters that are seen, TLS."""

import asyncio
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pika
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from squad_support import DEFINITIONS, QUANTA, Bench, Broker, consume_until, run, wait_until

from private_servers import MissingServerError, free_port, private_rabbitmq
from sysops_squad.billing import messages as billing_messages
from sysops_squad.launcher.topology import TopologyError, definitions_text, ends, queues
from sysops_squad.plumbing.amqp import AmqpTransport
from sysops_squad.plumbing.sqlite_queue import Policy, QueueFile
from sysops_squad.plumbing.transport import Message, RejectedError, TransportError, open_transport

SQUAD = [sys.executable, "-m", "sysops_squad"]


# What the broker holds


def test_the_definitions_are_those_that_the_code_declares() -> None:
    assert DEFINITIONS.read_text() == definitions_text(), "run: python -m sysops_squad definitions " + str(DEFINITIONS)


def test_every_queue_has_one_sender_and_one_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(queues()) == 6
    monkeypatch.setattr(billing_messages, "RECEIVES", ())
    with pytest.raises(TopologyError, match="'billing-info' has 1 senders and 0 receivers"):
        ends()


@pytest.mark.rabbitmq
def test_each_quantum_sends_and_receives_what_it_says_and_nothing_else(broker: Broker) -> None:
    for one in ends():
        for queue in queues():
            assert _may(broker.url(one.quantum), "basic_publish", queue, queue, b"{}") is (queue in one.sends)
    for one in ends():
        for queue in queues():
            assert _may(broker.url(one.quantum), "basic_get", queue, auto_ack=True) is (queue in one.receives)
            assert not _may(broker.url(one.quantum), "basic_get", f"{queue}.dead")


@pytest.mark.rabbitmq
@pytest.mark.parametrize("user", [*QUANTA, "operator"])
def test_nobody_reaches_all_queues_by_the_default_exchange_or_changes_the_topology(broker: Broker, user: str) -> None:
    url = broker.url(user)
    assert not _may(url, "basic_publish", "", "invoice-issued", b"{}")
    assert not _may(url, "basic_publish", "dead-letter", "invoice-issued", b"{}")
    assert not _may(url, "queue_declare", "of-my-own", durable=True)
    assert not _may(url, "queue_delete", "invoice-issued")
    assert not _may(url, "queue_bind", "invoice-issued", "ticket-status", "x")


@pytest.mark.rabbitmq
def test_a_unit_whose_queue_is_missing_says_what_to_do(rabbitmq_url: str, queue: str) -> None:
    async def ignore(message: Message) -> None: ...

    async def story() -> None:
        transport = open_transport(f"{rabbitmq_url}?declare=no")
        for use in (transport.publish(queue, "m1", b"x"), transport.consume(queue, ignore)):
            with pytest.raises(TransportError, match=f"has no '{queue}'.*import the definitions"):
                await use
        await transport.aclose()

    run(story())


# Dead letters


@pytest.mark.rabbitmq
def test_the_operator_sees_dead_letters_and_puts_them_back(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    sender, receiver = (AmqpTransport.from_url(f"{broker.url(who)}?declare=no") for who in ("billing", "customer"))
    receiver._watch = 0.2
    attempts: list[int] = []

    async def reject(message: Message) -> None:
        attempts.append(message.attempt)
        raise RejectedError("it makes no sense")

    async def die() -> None:
        await sender.publish("invoice-issued", "lost-invoice", b'{"secret": "body"}')
        await consume_until(
            receiver, "invoice-issued", reject, lambda: "dead letters of invoice-issued: 1" in caplog.text
        )

    caplog.set_level(logging.WARNING)
    operator = broker.url("operator")

    async def take() -> list[Message]:
        got: list[Message] = []

        async def keep(message: Message) -> None:
            got.append(message)

        await consume_until(receiver, "invoice-issued", keep, lambda: bool(got))
        return got

    async def story() -> list[Message]:
        await die()
        for _ in range(3):  # looking does not take away
            listed = await asyncio.to_thread(_dead_letters, operator)
            assert listed.returncode == 1
            assert "lost-invoice" in listed.stdout
            assert "rejected by its receiver" in listed.stdout
            assert "secret" not in listed.stdout + listed.stderr
        requeued = await asyncio.to_thread(_dead_letters, operator, "--requeue", "invoice-issued")
        assert "1 put back into invoice-issued" in requeued.stdout
        got = await take()
        await sender.aclose()
        await receiver.aclose()
        return got

    (message,) = run(story())
    assert (message.id, message.body, message.attempt) == ("lost-invoice", b'{"secret": "body"}', 1)
    wait_until(lambda: _dead_letters(operator).returncode == 0, "the end of all dead letters")


def test_embedded_dead_letters_are_seen_and_put_back(tmp_path: Path) -> None:
    (tmp_path / "queues").mkdir()
    file = QueueFile(tmp_path / "queues/invoice-issued.db", Policy())
    for message_id in ("m1", "m2"):
        file.put(message_id, b"x")
        claim = file.claim()
        assert claim is not None
        file.bury(claim, "rejected: it makes no sense")
    file.put("m3", b"pay 100")
    file._connection.execute("UPDATE message SET body = ?", (b"pay 900",))
    assert file.claim() is None

    listed = _squad("dead-letters", "--data", str(tmp_path))
    assert (listed.returncode, listed.stdout.count("invoice-issued")) == (1, 3)
    requeued = _squad("dead-letters", "--data", str(tmp_path), "--requeue", "invoice-issued")
    assert "2 put back into invoice-issued" in requeued.stdout
    assert file.waiting() == ["m1", "m2"]
    assert [message_id for message_id, _ in file.dead()] == ["m3"], "a damaged message must stay dead"
    file.close()


def test_dead_letters_of_a_broker_that_is_away_are_an_error_without_its_password() -> None:
    done = _dead_letters("amqp://operator:sesame@127.0.0.1:1/")
    assert done.returncode == 1
    assert "Error: the broker at 127.0.0.1 does not let us in" in done.stderr
    assert "sesame" not in done.stderr
    assert "Traceback" not in done.stderr


def test_requeueing_into_a_queue_that_does_not_exist_is_refused() -> None:
    done = _squad("dead-letters", "--requeue", "invoices")
    assert done.returncode == 2
    assert "there is no queue 'invoices'" in done.stderr


# TLS


@pytest.fixture(scope="module")
def tls_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The place of a node that speaks TLS only there, and the folder with `ca.pem` and `other-ca.pem`."""
    # Not in pytest's folders, which the user of the broker cannot read.
    folder, port = Path(tempfile.mkdtemp(prefix="quantafit-")), free_port()
    folder.chmod(0o755)
    _certificates(folder)
    configuration = "".join(
        f"{line}\n"
        for line in (
            f"listeners.ssl.1 = 127.0.0.1:{port}",
            f"ssl_options.cacertfile = {folder}/ca.pem",
            f"ssl_options.certfile = {folder}/broker.pem",
            f"ssl_options.keyfile = {folder}/broker.key",
            "ssl_options.verify = verify_none",
        )
    )
    try:
        with private_rabbitmq(tmp_path_factory.mktemp("tls"), configuration):
            yield str(port), folder
    except MissingServerError as error:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(error))
    finally:
        shutil.rmtree(folder)


@pytest.mark.rabbitmq
def test_a_broker_is_reached_by_tls_with_the_ca_that_the_url_names(tls_broker: tuple[str, Path], queue: str) -> None:
    place, folder = tls_broker
    bench = Bench(f"amqps://guest:guest@localhost:{place}/?cafile={folder}/ca.pem")
    got: list[str] = []

    async def keep(message: Message) -> None:
        got.append(message.id)

    async def story() -> None:
        transport = open_transport(bench.url)
        await transport.publish(queue, "m1", b"x")
        await consume_until(transport, queue, keep, lambda: bool(got))
        await transport.aclose()

    run(story())
    assert got == ["m1"]


@pytest.mark.rabbitmq
@pytest.mark.parametrize(
    ("host", "ca", "why"),
    [
        ("localhost", "other-ca.pem", "certificate is not trusted"),
        ("localhost", None, "certificate is not trusted"),
        ("127.0.0.1", "ca.pem", "certificate is not trusted"),
    ],
)
def test_a_broker_that_cannot_be_verified_gets_nothing(
    tls_broker: tuple[str, Path], queue: str, host: str, ca: str | None, why: str
) -> None:
    place, folder = tls_broker
    transport = open_transport(
        f"amqps://guest:guest@{host}:{place}/" + (f"?cafile={folder}/{ca}" if ca is not None else "")
    )

    async def ignore(message: Message) -> None: ...

    async def story() -> None:
        for use in (transport.publish(queue, "m1", b"x"), transport.consume(queue, ignore)):
            with pytest.raises(TransportError, match=why) as caught:
                await use
            assert "guest" not in str(caught.value)

    run(story())


def _may(url: str, method: str, *arguments: object, **options: object) -> bool:
    """Whether the broker lets a user do it."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        getattr(channel, method)(*arguments, **options)
    except pika.exceptions.ChannelClosedByBroker as error:
        if error.reply_code != 403:
            raise
        return False
    else:
        return True
    finally:
        connection.close()


def _squad(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*SQUAD, *arguments], capture_output=True, text=True, timeout=120)


def _dead_letters(url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return _squad("dead-letters", "--messaging", url, *arguments)


def _certificates(folder: Path) -> None:
    """Two CAs, and a certificate of the first for `localhost`, by that name only."""
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("ca", "other-ca", "broker")}
    for name in ("ca", "other-ca"):
        _write(folder / f"{name}.pem", _certificate(name, name, keys))
    _write(folder / "broker.pem", _certificate("broker", "ca", keys))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    text = keys["broker"].private_bytes(encoding, form, serialization.NoEncryption())
    (folder / "broker.key").write_bytes(text)
    (folder / "broker.key").chmod(0o644)  # the broker runs as another user; the key is worth nothing


def _write(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _certificate(name: str, issuer: str, keys: dict[str, ec.EllipticCurvePrivateKey]) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    is_ca, now = name == issuer, datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(keys[name].public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(keys[name].public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[issuer].public_key()), critical=False)
    )
    if not is_ca:
        names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(keys[issuer], hashes.SHA256())
