"""Servers of a test's own: a RabbitMQ node with its management API, a PostgreSQL cluster fit for logical replication.

Tests that change a server's settings, stop it, or kill it can't use one that others share. These listen on the loopback
interface, on ports that were free, keep their log in the given folder and their data in one of their own, and are gone
at the end, also when they were killed in between. Both refuse to run as root, so as root they run as the users that
their packages make; these can't walk down to pytest's folders, which every pytest that starts closes to others again.

Raises:
    MissingServerError: the programs are not installed on this machine.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

START_SECONDS = 240
"""How long a server may take to answer; on a busy machine RabbitMQ takes a minute or two."""


class MissingServerError(Exception):
    """A server's programs are not installed."""


def free_port() -> int:
    """A port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class PrivateServer:
    """One server process that can be stopped, killed and started again on the same data and port."""

    name: str
    port: int
    command: list[str]
    user: str
    environment: dict[str, str]
    log: Path
    answers: Callable[[], bool]
    stops_by: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it, and return once it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*_as(self.user), *self.command],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise RuntimeError(f"{self.name} does not start:\n{self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Let it end in good order."""
        self._end(self.stops_by)

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL to all of its processes."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)
        with suppress(ProcessLookupError):  # what outlived its parent, such as Erlang's helpers
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process = None


@dataclass
class PrivatePostgresql:
    """A cluster with `wal_level=logical`; `postgres` with `password` administrates it, `folder` is the server's own."""

    server: PrivateServer
    password: str
    folder: Path

    def url(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """A SQLAlchemy URL of a database on it."""
        return f"postgresql+psycopg://{user}:{password or self.password}@127.0.0.1:{self.server.port}/{database}"


@dataclass
class PrivateRabbitmq:
    """A node with the management plugin; `guest` with password `guest` is its administrator."""

    server: PrivateServer
    management_port: int
    node: dict[str, str]

    def url(self, virtual_host: str = "%2f", user: str = "guest", password: str = "guest") -> str:
        """An AMQP URL of a virtual host on it."""
        return f"amqp://{user}:{password}@127.0.0.1:{self.server.port}/{virtual_host}"

    def management_url(self) -> str:
        """The base of its HTTP API, without user and password."""
        return f"http://127.0.0.1:{self.management_port}"

    def ctl(self, *arguments: str, given: str = "") -> str:
        """Run rabbitmqctl on this node, with text on its standard input if any is `given`."""
        done = subprocess.run(
            [*_as("rabbitmq"), _program("rabbitmqctl"), "-q", *arguments],
            env={**os.environ, **self.node},
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode:
            raise RuntimeError(f"rabbitmqctl {arguments[0]}: {done.stderr}")
        return done.stdout


@contextmanager
def private_postgresql(folder: Path, **settings: str) -> Iterator[PrivatePostgresql]:
    """A cluster of its own under `folder`, with `settings` as in postgresql.conf."""
    data, password = _private_folder("postgres"), os.urandom(8).hex()
    secret = data / ".password"
    secret.write_text(password)
    secret.chmod(0o600)
    if _is_root():
        shutil.chown(secret, "postgres")
    cluster = data / "cluster"
    subprocess.run(
        [
            *_as("postgres"),
            _postgresql_program("initdb"),
            f"--pgdata={cluster}",
            "--username=postgres",
            "--auth=scram-sha-256",
            f"--pwfile={secret}",
        ],
        check=True,
        capture_output=True,
        cwd=data,
    )
    port = free_port()
    settings = {
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "wal_level": "logical",
        "max_connections": "200",
        # A subscription that was just made waits this long before it copies its tables; five seconds by default.
        "wal_retrieve_retry_interval": "100ms",
        **settings,
    }
    command = [_postgresql_program("postgres"), "-D", str(cluster)]
    command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    ready = [_postgresql_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    server = PrivateServer(
        "PostgreSQL",
        port,
        command,
        "postgres",
        {},
        folder / "postgresql.log",
        lambda: not subprocess.call(ready),
        stops_by=signal.SIGINT,  # in good order, without waiting for clients to go
    )
    try:
        server.start()
        yield PrivatePostgresql(server, password, data)
    finally:
        server.kill()
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def private_rabbitmq(folder: Path, configuration: str = "") -> Iterator[PrivateRabbitmq]:
    """A node of its own under `folder`, with `configuration` as in rabbitmq.conf."""
    base = _private_folder("rabbitmq")
    port, management, distribution = free_port(), free_port(), free_port()
    (base / "rabbitmq.conf").write_text(
        f"listeners.tcp.1 = 127.0.0.1:{port}\nmanagement.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management}\n"
        # Connections are counted every half second, so that tests see a consumer soon after it came.
        f"collect_statistics_interval = 500\n{configuration}"
    )
    (base / "enabled_plugins").write_text("[rabbitmq_management].\n")
    for path in base.iterdir():
        path.chmod(0o644)
    node = {
        "RABBITMQ_NODENAME": f"quantafit-{port}@localhost",
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_CONFIG_FILE": str(base / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(base / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(base),
        "RABBITMQ_LOG_BASE": str(base),
        "RABBITMQ_LOGS": "-",  # to its output, which is shown where it does not start
        "RABBITMQ_PID_FILE": str(base / "pid"),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        # Where the cookie is that rabbitmqctl shows the node.
        "HOME": pwd.getpwnam("rabbitmq").pw_dir if _is_root() else str(Path.home()),
    }
    server = PrivateServer(
        "RabbitMQ",
        port,
        [_program("rabbitmq-server")],
        "rabbitmq",
        node,
        folder / "rabbitmq.log",
        lambda: _listens(port) and _listens(management),
    )
    try:
        server.start()
        yield PrivateRabbitmq(server, management, node)
    finally:
        server.kill()
        shutil.rmtree(base, ignore_errors=True)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _is_root() -> bool:
    return os.geteuid() == 0


def _as(user: str) -> list[str]:
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if _is_root() else []


def _private_folder(user: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="quantafit-"))
    folder.chmod(0o755)
    if _is_root():
        shutil.chown(folder, user, user)
    return folder


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
    if found is None:
        raise MissingServerError(f"{name} is not installed")
    return found


def _postgresql_program(name: str) -> str:
    """Debian keeps PostgreSQL's programs away from the path."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parent.parent.name)
    )
    return str(versions[-1]) if versions else _program(name)
