"""Servers that do not tell what they are asked: an error with its reason, never a pass, a hang, or a password."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from live_shop import Shop

from quantafit.cli import main
from quantafit.evidence import live
from quantafit.evidence.live import asking, management
from quantafit.model import BrokerServer, LiveServers
from quantafit.report import formats, render

SERVERS = LiveServers((BrokerServer("rabbit", "MANAGEMENT"),))
PASSWORD = "h%40nter2secret"


def no_class(_table: str, columns: Sequence[str]) -> tuple[None, tuple[None, ...]]:
    """Nothing is classified."""
    return None, tuple(None for _ in columns)


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server at whose address something else than RabbitMQ answers; its URL, with a user and a password."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=speak, args=(connection,), daemon=True).start()

        def speak(connection: socket.socket) -> None:
            with connection:
                try:
                    answer(connection)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://me:{PASSWORD}@127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


def says(body: bytes, status: str = "200 OK") -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode() + body)

    return answer


def why(url: str) -> str:
    """Why the server at a URL did not answer, in a sentence without the password."""
    said = live.collect(SERVERS, {"MANAGEMENT": url}, no_class)
    assert said.brokers == ()
    (failure,) = said.failures
    assert not any(secret in repr(said) for secret in (PASSWORD, "h@nter2secret"))
    return failure.why


def test_an_address_where_nothing_listens():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    assert "cannot be reached: Connection refused" in why(f"http://me:{PASSWORD}@127.0.0.1:{port}")


@pytest.mark.parametrize(
    "url",
    [
        f"amqp://me:{PASSWORD}@rabbit:5672/",
        f"http://me:{PASSWORD}@rabbit:port/",
        f"http://me:{PASSWORD}@[rabbit",
        f"me:{PASSWORD}@rabbit",
    ],
)
def test_a_value_that_is_no_such_url_is_not_repeated(url: str):
    assert "MANAGEMENT is no URL such as" in why(url)


def test_a_url_without_a_user():
    assert "has no user, or no password" in why("http://rabbit:15672")


@pytest.mark.parametrize(
    "body",
    [b"<html>hello</html>", b"", b"null", b'"rabbit"', b"[" * 100_000, b"\xff\xfe", b"{}", b"[]", b'{"tags": 7}'],
    ids=["html", "empty", "null", "text", "deep", "binary", "object", "list", "number"],
)
def test_answers_that_are_not_those_of_rabbitmq(body: bytes):
    with server(says(body)) as url:
        assert why(url)


def test_a_server_that_speaks_another_language():
    with server(lambda connection: connection.sendall(b"AMQP\x00\x00\x09\x01")) as url:
        said = why(url)  # which of the two it is depends on who closes the connection first
    assert "this is not RabbitMQ's management API" in said or "cannot be reached" in said


def test_an_answer_that_is_too_large(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(management, "LARGEST", 1 << 20)
    with server(says(b"[" + b" " * (2 << 20) + b"]")) as url:
        assert "is larger than 1 MB" in why(url)


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Service Unavailable"])
def test_a_server_in_trouble(status: str):
    with server(says(b"{}", status)) as url:
        assert "answers with HTTP status 50" in why(url)


def test_a_redirect_is_not_followed():
    with server(says(b"", "302 Found\r\nLocation: http://127.0.0.1:1/")) as url:
        assert "this is not RabbitMQ's management API" in why(url)


def test_a_server_that_is_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(management, "PATIENCE", 0.3)
    with server(lambda connection: time.sleep(30)) as url:
        began = time.monotonic()
        assert "did not answer within" in why(url)
        assert time.monotonic() - began < 10


def test_a_server_that_sends_a_byte_at_a_time_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b" ")
            time.sleep(0.1)

    monkeypatch.setattr(live, "TOGETHER", 1.0)
    with server(drip) as url:
        began = time.monotonic()
        assert "did not answer within 1 seconds" in why(url)
        assert time.monotonic() - began < 10


def talking(**answers: object) -> Callable[[socket.socket], None]:
    """A server that answers as RabbitMQ does, but for what is given."""
    usual: dict[str, object] = {
        "whoami": {"name": "me", "tags": ["monitoring"]},
        "overview": {"rabbitmq_version": "3.13.7", "rates_mode": "basic"},
        "vhosts": [{"name": "/"}],
    } | answers

    def answer(connection: socket.socket) -> None:
        path = connection.recv(65536).split(b" ")[1].decode()
        said = usual.get(path.split("/")[2].partition("?")[0], [])
        if isinstance(said, Exception):
            return  # it hangs up
        body = json.dumps(said).encode()
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    return answer


def test_a_server_that_talks_like_rabbitmq_is_believed():
    with server(talking()) as url:
        (state,) = live.collect(SERVERS, {"MANAGEMENT": url}, no_class).brokers

    assert (state.version, state.queues) == ("3.13.7", ())


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"overview": {"rabbitmq_version": "3.6.5"}}, "is RabbitMQ 3.6.5; from 3.8 on"),
        ({"overview": []}, "does not say what version it is"),
        ({"overview": {"rabbitmq_version": "new"}}, "is RabbitMQ new"),
        ({"vhosts": [{"name": "other"}]}, "has no virtual host /"),
        ({"queues": [{"durable": True}]}, "has no name that can be used"),
        ({"queues": [{"name": "q", "durable": "yes"}]}, "has no durable that can be used"),
        ({"queues": [{"name": "q" * 100_000}]}, "far too long"),
        ({"queues": {"name": "q"}}, "is no list of objects"),
        ({"bindings": [7]}, "is no list of objects"),
        ({"consumers": [{"queue": {"name": "q"}}]}, "has no ack_required that can be used"),
        ({"policies": [{"name": "p", "pattern": "("}]}, "the pattern of policy p cannot be read"),
        ({"exchanges": OSError()}, "closes the connection"),
    ],
)
def test_half_an_answer_is_none(answers: dict[str, object], reason: str):
    with server(talking(**answers)) as url:
        assert reason in why(url)


def test_a_password_in_a_message_is_taken_out():
    environment = {"X": f"http://me:{PASSWORD}@rabbit"}

    for text in (
        f"no {PASSWORD}",
        "no h@nter2secret",
        f"at http://me:{PASSWORD}@rabbit",
        "password=abc",
        "pwd = 'a b'",
    ):
        said = asking.without_credentials(text, environment)
        assert not any(secret in said for secret in (PASSWORD, "h@nter2secret", "abc", "a b"))


def test_exports_that_cannot_be_read(tmp_path):
    servers = LiveServers((BrokerServer("rabbit", None, "EXPORT"),))
    wrong = {
        "no JSON": b"{",
        "is no export": b"{}",
        "no virtual host /": b'{"queues": [], "vhosts": [{"name": "other"}]}',
        "answer about queues": b'{"queues": [7]}',
    }

    for reason, text in wrong.items():
        (tmp_path / "export.json").write_bytes(text)
        (failure,) = live.collect(servers, {"EXPORT": str(tmp_path / "export.json")}, no_class).failures
        assert reason in failure.why
    (failure,) = live.collect(servers, {"EXPORT": str(tmp_path / "missing.json")}, no_class).failures
    assert "No such file" in failure.why


# The whole gate -----------------------------------------------------------------------------------------------------


@pytest.mark.rabbitmq
@pytest.mark.parametrize(
    ("user", "tags", "permitted", "reason"),
    [
        (None, "", False, "wrong user or password"),
        ("watcher", "", False, "who has no tag for it"),
        ("watcher", "management", True, "its own connections only"),
        ("watcher", "monitoring", False, "does not show this virtual host"),
    ],
)
def test_users_who_may_not_see_all_fail_the_gate(shop: Shop, user: str | None, tags: str, permitted: bool, reason: str):
    if user is not None:
        shop.api("PUT", f"/api/users/{user}", {"password": PASSWORD, "tags": tags})
    if permitted:
        nothing = {"configure": "^$", "write": "^$", "read": "^$"}
        shop.api("PUT", f"/api/permissions/{shop.host}/{user}", nothing)
    shop.ask_as(user or "nobody", PASSWORD.replace("%", "%25"))

    evaluation = shop.check()

    assert not evaluation.passed
    concerned = [j for j in evaluation.judgements if j.rule.startswith("message/")]
    assert {j.verdict for j in concerned} == {"error"}
    assert all(reason in j.reason for j in concerned)
    assert all(PASSWORD not in render(name, evaluation) for name in formats())


@pytest.mark.rabbitmq
def test_a_user_who_only_monitors_sees_enough(shop: Shop):
    shop.api("PUT", "/api/users/monitor", {"password": PASSWORD, "tags": "monitoring"})
    nothing = {"configure": "^$", "write": "^$", "read": "^$"}
    shop.api("PUT", f"/api/permissions/{shop.host}/monitor", nothing)
    shop.ask_as("monitor", PASSWORD.replace("%", "%25"))

    assert shop.check().passed


@pytest.mark.rabbitmq
def test_a_broker_that_dies_during_the_check_fails_the_gate(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []
    get = management.Management.get

    def until_it_dies(api: management.Management, path: str) -> object:
        asked.append(path)
        if len(asked) == 6:
            shop.rabbitmq.server.kill()
        return get(api, path)

    monkeypatch.setattr(management.Management, "get", until_it_dies)
    try:
        evaluation = shop.check()
    finally:
        shop.rabbitmq.server.start()

    assert len(asked) == 6
    assert not evaluation.passed
    assert "cannot be reached" in next(j.reason for j in evaluation.judgements if j.rule == "message/durable")


@pytest.mark.rabbitmq
def test_the_command_says_what_is_wrong_and_ends_with_1(shop: Shop, capfd: pytest.CaptureFixture[str]):
    shop.ask_at(f"http://me:{PASSWORD}@127.0.0.1:1")

    code = main(["check", "--live", "--config", str(shop.tree)])

    said = "".join(capfd.readouterr())
    assert code == 1
    assert said.startswith("GATE FAILED")
    assert "Connection refused" in said
    assert "Traceback" not in said
    assert PASSWORD not in said
