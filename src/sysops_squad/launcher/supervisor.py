"""Starting, watching and stopping processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import httpx

from sysops_squad.launcher.units import Unit, address_of, environment_of
from sysops_squad.plumbing.processes import READY, WATCH_STDIN

STOP_SECONDS = 10.0

Report = Callable[[str, str], None]
"""Called with a unit's name and a line that tells of a problem."""


class StartError(Exception):
    """A process ended, or said nothing for too long, before it worked."""


class Process:
    """One running process. Its output goes to a log file; problems are also reported."""

    def __init__(self, unit: Unit, system: Mapping[str, str], folder: Path, report: Report) -> None:
        self.unit = unit
        self.address = address_of(unit, system)
        self.log = folder / "log" / f"{unit.name}.log"
        self.ready = threading.Event()
        self._report = report
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._popen = subprocess.Popen(
            [sys.executable, "-m", unit.module],
            cwd=folder,
            env={**environment_of(unit, system), WATCH_STDIN: "1"},
            # We keep the other end: when we die, however we die, the process reads the end of it and stops.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def status(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._popen.poll()

    def works(self) -> bool:
        """Whether the process has come up."""
        if self.address is None:
            return self.ready.is_set()
        try:
            return httpx.get(f"{self.address}/health", timeout=2, trust_env=False).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def last_words(self) -> str:
        """The last line of the log, and where the rest is."""
        self._reader.join(timeout=1)
        lines = self.log.read_text().strip().splitlines() or [""]
        return f": {lines[-1].strip()} (see {self.log})"

    def terminate(self) -> None:
        if self.status is None:
            self._popen.terminate()

    def kill(self) -> None:
        """SIGKILL, at once."""
        self._popen.kill()
        self.wait(STOP_SECONDS)

    def wait(self, seconds: float) -> None:
        """Wait for the end; kill the process and what it may have started when it takes longer."""
        try:
            self._popen.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            self._report(self.unit.name, f"did not stop within {STOP_SECONDS:g} s and was killed")
            os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()
        self._reader.join(timeout=5)

    def _read(self) -> None:
        assert self._popen.stdout is not None
        with self.log.open("a") as log:
            for line in self._popen.stdout:
                log.write(line)
                log.flush()
                if line.strip() == READY:
                    self.ready.set()
                elif f"{self.unit.name} WARNING" in line or f"{self.unit.name} ERROR" in line:
                    self._report(self.unit.name, line.strip())


class Supervisor:
    """All processes of the system on one machine. Nothing is restarted behind the user's back."""

    def __init__(self, system: Mapping[str, str], folder: Path, report: Report) -> None:
        self._system = system
        self._folder = folder
        self._report = report
        self.processes: dict[str, Process] = {}

    def start(self, unit: Unit) -> Process:
        """Start one process, without waiting for it to work."""
        process = Process(unit, self._system, self._folder, self._report)
        self.processes[unit.name] = process
        return process

    def start_all(self, units: Sequence[Unit], timeout: float = 60.0) -> None:
        """Start all and wait until all work; `StartError` names the first that does not, everything is stopped then."""
        try:
            for unit in units:
                self.start(unit)
            self.wait_until_working(timeout)
        except BaseException:
            self.stop()
            raise

    def wait_until_working(self, timeout: float = 60.0) -> None:
        """Wait for all processes to come up."""
        give_up = time.monotonic() + timeout
        for process in self.processes.values():
            while not process.works():
                if process.status is not None:
                    raise StartError(f"{process.unit.name} ended with status {process.status}{process.last_words()}")
                if time.monotonic() > give_up:
                    raise StartError(f"{process.unit.name} did not come up within {timeout:g} s{process.last_words()}")
                time.sleep(0.05)

    def ended(self) -> list[Process]:
        """The processes that do not run any more."""
        return [process for process in self.processes.values() if process.status is not None]

    def stop(self) -> None:
        """Stop all, politely first."""
        give_up = time.monotonic() + STOP_SECONDS
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(give_up - time.monotonic())

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
