"""The proxy in front of a port: at once, late, and not at all."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from quantafit.drills import Proxy
from quantafit.errors import DrillError


class Echo(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        for line in self.rfile:
            self.wfile.write(line)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


@pytest.fixture
def echo() -> Iterator[int]:
    with Server(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def proxy(echo: int) -> Iterator[Proxy]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    proxy = Proxy(port, "127.0.0.1", echo)
    proxy.start()
    yield proxy
    proxy.close()


def ask(connection: socket.socket, text: bytes, seconds: float = 5) -> tuple[bytes, float]:
    connection.settimeout(seconds)
    started = time.monotonic()
    connection.sendall(text + b"\n")
    return connection.recv(100).strip(), time.monotonic() - started


def test_bytes_go_through_both_ways(proxy: Proxy) -> None:
    with socket.create_connection(("127.0.0.1", proxy.listen)) as connection:
        assert ask(connection, b"hello")[0] == b"hello"


def test_a_slow_proxy_delays_a_question_and_its_answer(proxy: Proxy) -> None:
    proxy.slow(0.2)
    with socket.create_connection(("127.0.0.1", proxy.listen)) as connection:
        answer, took = ask(connection, b"hello")
    assert answer == b"hello"
    assert took >= 0.4


def test_a_partition_holds_everything_back_until_it_ends(proxy: Proxy) -> None:
    with socket.create_connection(("127.0.0.1", proxy.listen)) as connection:
        assert ask(connection, b"before")[0] == b"before"
        proxy.partition()
        with pytest.raises(TimeoutError):
            ask(connection, b"during", 0.3)
        proxy.heal()
        connection.settimeout(5)
        assert connection.recv(100).strip() == b"during"


def test_a_connection_that_is_begun_in_a_partition_gets_through_after_it(proxy: Proxy) -> None:
    proxy.partition()
    with socket.create_connection(("127.0.0.1", proxy.listen)) as connection:
        with pytest.raises(TimeoutError):
            ask(connection, b"hello", 0.3)
        proxy.heal()
        connection.settimeout(5)
        assert connection.recv(100).strip() == b"hello"


def test_a_closed_proxy_leaves_no_port_and_no_connection(proxy: Proxy) -> None:
    with socket.create_connection(("127.0.0.1", proxy.listen)) as connection:
        assert ask(connection, b"hello")[0] == b"hello"
        proxy.close()
        connection.settimeout(5)
        assert connection.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", proxy.listen), timeout=1)


def test_a_server_that_is_away_is_refused(echo: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = probe.getsockname()[1]
        proxy = Proxy(nobody, "127.0.0.1", 1)
        with pytest.raises(DrillError, match="cannot listen"):
            proxy.start()
