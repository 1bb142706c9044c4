"""The bench: the parts of a system, running, with a way to take each away and to bring it back."""

from __future__ import annotations

import random
import shutil
import signal
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType

from quantafit.drills import ledger as ledgers
from quantafit.drills.ledger import Ledger
from quantafit.drills.parts import Part, run_command
from quantafit.drills.proxy import Proxy
from quantafit.errors import DrillError, UsageError
from quantafit.model import Command

STARTING_SECONDS = 60.0
"""How long all parts together may take to come up, where nothing else is said."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Bench:
    """A running system to experiment with; use it in a ``with`` statement.

    ``proxies`` stand in front of parts, by the part's name. ``folder`` is where processes run; by default a new one,
    removed in the end as is one that is not to be kept. ``ledgers_in`` is where it is noted what has to be undone; what
    an earlier drill left there is undone first. ``seed`` decides everything that is random. ``working_folder`` is where
    commands, workloads and probes are run.

    In the end all is as it was: also after an exception, Ctrl-C and SIGTERM, and when the drill itself is killed.
    """

    def __init__(
        self,
        parts: Iterable[Part],
        *,
        proxies: Mapping[str, Proxy] | None = None,
        folder: Path | None = None,
        keep: bool = True,
        ledgers_in: Path | None = None,
        prepare: Command = (),
        clean_up: Command = (),
        working_folder: Path | None = None,
        starting: float = STARTING_SECONDS,
        embedded_broker: bool = False,
        seed: int | None = None,
    ) -> None:
        self.parts: dict[str, Part] = {}
        for part in parts:
            if part.name in self.parts:
                raise UsageError(f"two parts are named {part.name!r}")
            self.parts[part.name] = part
        self.proxies = dict(proxies or {})
        self.seed = random.SystemRandom().randrange(2**32) if seed is None else seed
        self.embedded_broker = embedded_broker
        self.away: dict[str, str] = {}
        """What is not as it should be, by part: stopped, killed, paused, slow or partitioned."""
        self._folder, self._own_folder = folder, folder is None or not keep
        self._ledgers_in = ledgers_in
        self._prepare, self._clean_up = prepare, clean_up
        self.working_folder = working_folder or Path.cwd()
        self._starting = starting
        self.problems: list[str] = []
        """What could not be undone in the end."""

    @property
    def folder(self) -> Path:
        """Where the processes run."""
        assert self._folder is not None, "the bench is used in a with statement"
        return self._folder

    @property
    def mark(self) -> str:
        return self._ledger.mark

    def __enter__(self) -> Bench:
        self._stop = _Stop()
        self._stop.__enter__()
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="quantafit-drill-"))
        ledgers_in = self._ledgers_in or self._folder
        ledgers_in.mkdir(parents=True, exist_ok=True, mode=0o700)
        ledgers.settle_left_over(ledgers_in)
        mark = uuid.uuid4().hex
        self._ledger = Ledger(ledgers_in / f"{mark}.ledger", mark)
        try:
            if self._own_folder:
                self._ledger.folder(self._folder)
            if self._clean_up:
                self._ledger.command("clean up", self._clean_up, self.working_folder)
            if self._prepare:
                run_command([*self._prepare], self.working_folder, "prepare")
            for proxy in self.proxies.values():
                proxy.start()
            for part in self.parts.values():
                part.enter(self._ledger, self._folder)
            self._wait(self.parts.values(), self._starting)
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def part(self, name: str) -> Part:
        """The part of that name. Raises UsageError where there is none."""
        if name not in self.parts:
            raise UsageError(f"there is no part {name!r}; known: {', '.join(self.parts) or 'none'}")
        return self.parts[name]

    def proxy(self, name: str) -> Proxy:
        """The proxy in front of a part. Raises UsageError where there is none."""
        if name not in self.proxies:
            raise UsageError(f"{name} has no proxy in front of it, so it can be neither slowed down nor cut off")
        return self.proxies[name]

    def of_quantum(self, quantum: str) -> tuple[str, ...]:
        """The names of a quantum's parts."""
        return tuple(name for name, part in self.parts.items() if part.quantum == quantum)

    def bring_back(self, names: Iterable[str], seconds: float | None = None) -> None:
        """Bring parts back that are away, and wait until they work. Raises DrillError where one does not."""
        wanted = [name for name in names if name in self.away or self.parts[name].ended()]
        for name in wanted:
            how = self.away.get(name)
            if how == "paused":
                self.parts[name].resume()
            elif how in ("slow", "partitioned"):
                self.proxy(name).heal()
            else:
                self.parts[name].start()
        self._wait((self.parts[name] for name in wanted), self._starting if seconds is None else seconds)
        for name in wanted:
            self.away.pop(name, None)

    def ended(self) -> Mapping[str, str]:
        """The parts that ended by themselves, and how."""
        return {name: how for name, part in self.parts.items() if (how := part.ended())}

    def _wait(self, parts: Iterable[Part], seconds: float) -> None:
        until = time.monotonic() + seconds
        for part in parts:
            try:
                part.wait_until_ready(until)
            except DrillError as error:
                error.part = part.name
                raise

    def _leave(self) -> None:
        with self._stop.held_back():
            try:
                for name, how in list(self.away.items()):
                    if how in ("slow", "partitioned") and name in self.proxies:
                        self.proxies[name].heal()
                self._leave_parts()
                for proxy in self.proxies.values():
                    proxy.close()
            finally:
                self.problems += self._ledger.settle()
                if self._own_folder:
                    shutil.rmtree(self.folder, ignore_errors=True)
        self._stop.__exit__(None, None, None)

    def _leave_parts(self) -> None:
        """All at once: each may take some time to end."""

        def leave(part: Part) -> None:
            try:
                part.leave()
            except DrillError as error:
                self.problems.append(str(error))

        if self.parts:
            with ThreadPoolExecutor(len(self.parts)) as pool:
                list(pool.map(leave, self.parts.values()))


class _Stop:
    """SIGINT, SIGTERM and SIGHUP as KeyboardInterrupt, so that each ends the drill in good order."""

    def __init__(self) -> None:
        self._before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}
        self._held = False

    def __enter__(self) -> _Stop:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._stop) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        if not self._held:
            raise KeyboardInterrupt(signal.Signals(number).name)

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Cleaning up is not interrupted; it has time limits of its own."""
        self._held = True
        yield
