"""The parts of a running system, each with the same few things that can be done to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from quantafit.drills.ledger import MARK, Ledger
from quantafit.errors import DrillError
from quantafit.model import PartKind, Ready

STOP_SECONDS = 10.0
"""How long a process may take to end after SIGTERM before it is killed."""

COMMAND_SECONDS = 120.0
"""How long a command of others (``docker compose kill …``) may take."""

POLL = 0.05
"""Seconds between two looks at something that is waited for."""


class Part(Protocol):
    """One part of a running system. Every method raises DrillError where it cannot do what it is asked."""

    name: str
    quantum: str | None
    kind: PartKind

    def enter(self, ledger: Ledger, folder: Path) -> None:
        """Called once, when the bench is set up: begin as the drill will find it. Does not wait."""

    def start(self) -> None:
        """Bring it up; does not wait until it works."""

    def wait_until_ready(self, until: float) -> None:
        """Wait until it works, at most until that time of the monotonic clock."""

    def stop(self) -> None:
        """End it in good order."""

    def kill(self) -> None:
        """End it at once, without a chance to do anything about it."""

    def pause(self) -> None:
        """Let it stand still."""

    def resume(self) -> None:
        """Let it go on."""

    def ended(self) -> str:
        """How it ended by itself; empty where it did not, or where that cannot be seen."""

    def leave(self) -> None:
        """Called once, in the end: leave it as it was at the beginning."""


@dataclass
class ProcessPart:
    """A process that the drill runs itself, in a process group and session of its own.

    ``command`` stays in the foreground. Its output goes to a log file in the drill's folder. Standard input is a pipe
    that closes when the drill dies.
    """

    name: str
    command: Sequence[str]
    quantum: str | None = None
    kind: PartKind = PartKind.UNIT
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Ready = field(default_factory=Ready)
    folder: Path | None = None
    """Where it runs; by default the drill's folder."""
    stop_seconds: float = STOP_SECONDS

    def __post_init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._said = threading.Event()
        self._last: deque[str] = deque(maxlen=5)
        self._wanted = False

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def enter(self, ledger: Ledger, folder: Path) -> None:
        self._ledger, self._room = ledger, folder
        self.log = folder / "log" / f"{self.name}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.start()

    def start(self) -> None:
        if self.pid is not None:
            return
        self._said.clear()
        self._last.clear()
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **self.env, MARK: self._ledger.mark}
        try:
            self._process = subprocess.Popen(
                [*self.command],
                cwd=self.folder or self._room,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise DrillError(f"{self.name} cannot be started: {error.strerror}: {self.command[0]}") from error
        self._ledger.process(self._process.pid)
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        self._wanted = True

    def wait_until_ready(self, until: float) -> None:
        while not (self._said.is_set() if self.ready.line else is_ready(self.ready, self._room)):
            self._alive_or_raise()
            if time.monotonic() > until:
                raise DrillError(f"{self.name} does not work in time: {_waited_for(self.ready)}{self._words()}")
            time.sleep(POLL)
        self._alive_or_raise()

    def stop(self) -> None:
        self._wanted = False
        process = self._process
        if process is None or process.poll() is not None:
            return
        self._signal(signal.SIGCONT)
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(self.stop_seconds)
        self._end(process)  # also what it has left in its group

    def kill(self) -> None:
        self._wanted = False
        if self._process is not None and self._process.poll() is None:
            self._end(self._process)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)
        if self._reader is not None:
            self._reader.join(1)
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()

    def pause(self) -> None:
        self._alive_or_raise()
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def ended(self) -> str:
        if not self._wanted or self._process is None or self._process.poll() is None:
            return ""
        return f"ended with status {self._process.returncode}{self._words()}"

    def leave(self) -> None:
        self.stop()

    def _alive_or_raise(self) -> None:
        if self._process is None or self._process.poll() is not None:
            status = self._process.returncode if self._process else "none"
            raise DrillError(f"{self.name} ended with status {status}{self._words()}")

    def _signal(self, number: signal.Signals) -> None:
        """To the whole group: a part may consist of several processes."""
        if self._process is not None and self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _words(self) -> str:
        """What the process said last."""
        if self._reader is not None and self.pid is None:
            self._reader.join(1)
        return f"; its last line: {self._last[-1][:300]}" if self._last else "; it printed nothing"

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with self.log.open("ab") as log, process.stdout:
            for line in process.stdout:
                log.write(line)
                log.flush()
                text = line.decode("utf-8", "replace").strip()
                if text:
                    self._last.append(text)
                if self.ready.line and text == self.ready.line:
                    self._said.set()


@dataclass
class CommandPart:
    """A part that others run: containers, pods, services. It runs at the beginning, and it does so in the end.

    ``commands`` by act: ``stop``, ``kill``, ``pause``, ``resume``, ``start``. ``folder`` is where they are run.
    """

    name: str
    commands: Mapping[str, Sequence[str]]
    quantum: str | None = None
    kind: PartKind = PartKind.UNIT
    ready: Ready = field(default_factory=Ready)
    folder: Path = Path()

    def enter(self, ledger: Ledger, folder: Path) -> None:
        self._ledger = ledger

    def start(self) -> None:
        self._do("start")
        self._ledger.undone(f"start {self.name}")

    def wait_until_ready(self, until: float) -> None:
        while not is_ready(self.ready, self.folder):
            if time.monotonic() > until:
                raise DrillError(f"{self.name} does not work in time: {_waited_for(self.ready)}")
            time.sleep(POLL)

    def stop(self) -> None:
        self._take_away("stop", "start")

    def kill(self) -> None:
        self._take_away("kill", "start")

    def pause(self) -> None:
        self._take_away("pause", "resume")

    def resume(self) -> None:
        self._do("resume")
        self._ledger.undone(f"resume {self.name}")

    def ended(self) -> str:
        return ""

    def leave(self) -> None:
        """The ledger knows what is left to do."""

    def _take_away(self, act: str, back: str) -> None:
        if back not in self.commands:
            raise DrillError(f"{self.name} has no command to {back} it, so the drill does not {act} it")
        self._ledger.command(f"{back} {self.name}", tuple(self.commands[back]), self.folder)
        self._do(act)

    def _do(self, act: str) -> None:
        if act not in self.commands:
            raise DrillError(f"{self.name} has no command to {act} it")
        run_command([*self.commands[act]], self.folder, f"{act} {self.name}")


@dataclass
class CallablePart:
    """A part that Python code of the user's own takes away and brings back. ``start`` is called in the end where it was
    taken away; that is not done where the drill itself is killed.
    """

    name: str
    start_it: Callable[[], object]
    stop_it: Callable[[], object]
    kill_it: Callable[[], object] | None = None
    quantum: str | None = None
    kind: PartKind = PartKind.UNIT
    works: Callable[[], bool] = lambda: True
    _away: bool = field(default=False, init=False)

    def enter(self, ledger: Ledger, folder: Path) -> None:
        """It runs already."""

    def start(self) -> None:
        if self._away:
            self.start_it()
            self._away = False

    def wait_until_ready(self, until: float) -> None:
        while not self.works():
            if time.monotonic() > until:
                raise DrillError(f"{self.name} does not work in time")
            time.sleep(POLL)

    def stop(self) -> None:
        self._away = True
        self.stop_it()

    def kill(self) -> None:
        if self.kill_it is None:
            raise DrillError(f"nothing says how to kill {self.name}")
        self._away = True
        self.kill_it()

    def pause(self) -> None:
        raise DrillError(f"nothing says how to pause {self.name}")

    def resume(self) -> None:
        """It was never paused."""

    def ended(self) -> str:
        return ""

    def leave(self) -> None:
        self.start()


def run_command(command: list[str], folder: Path, what: str, seconds: float = COMMAND_SECONDS) -> None:
    """Run a command of others to its end. Raises DrillError where it fails or takes too long."""
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except OSError as error:
        raise DrillError(f"{what}: {command[0]} cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise DrillError(f"{what}: {command[0]} did not end within {seconds:g} s") from error
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
        raise DrillError(
            f"{what}: {command[0]} ended with status {done.returncode}" + (f": {said[-1][:300]}" if said else "")
        )


def is_ready(ready: Ready, folder: Path) -> bool:
    """Whether a part shows, by a port, an answer or a command, that it works."""
    if ready.port and not _accepts(ready.port):
        return False
    if ready.url and not _answers(ready.url):
        return False
    if ready.command:
        try:
            run_command([*ready.command], folder, "ready", 10)
        except DrillError:
            return False
    return True


def _accepts(port: str) -> bool:
    host, _, number = port.rpartition(":")
    with suppress(OSError), socket.create_connection((host or "127.0.0.1", int(number)), timeout=1):
        return True
    return False


def _answers(url: str) -> bool:
    # Without a proxy of the environment: a drill is about what runs here.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return 200 <= int(answer.status) < 300
    except (OSError, ValueError):
        return False


def _waited_for(ready: Ready) -> str:
    if ready.line:
        return f"it did not print {ready.line!r}"
    if ready.url:
        return f"{ready.url} does not answer"
    if ready.port:
        return f"nothing accepts at {ready.port}"
    return "its command for being ready fails"
