"""One experiment on a bench: does, drives, waits, counts, and keeps the record."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType

from quantafit.drills.bench import Bench
from quantafit.drills.workloads import Source, Surroundings, items
from quantafit.errors import DrillError
from quantafit.model import DEAD_LETTERS, Count, Drive, Effect, Exercised, Experiment, Happening, Proof, Sent

Tell = Callable[[Happening], None]
"""Called with each line of the time line when it is done."""

DRIVE_SECONDS = 120.0
"""How long a workload may take, where nothing else is said."""
ARRIVAL_SECONDS = 30.0
"""How long effects may take to arrive, where nothing else is said."""
SETTLE_SECONDS = 1.0
"""How long a complete count is watched for second effects, where nothing else is said."""
POLL_SECONDS = 0.2
"""Seconds between two questions to a probe."""

_WORKLOAD_KEYS = ("id", "ok", "took", "operation", "error", "poison", "at")
_PROBE_KEYS = ("id", "times", "at")


class Run:
    """One experiment on a bench; use it in a ``with`` statement. It proves something of an interaction or a quantum.

    Every method takes its turn in the time line and raises DrillError where it fails.

    Parts are named; :meth:`of` gives the names of a quantum's. ``random`` is seeded by the bench's seed and the name of
    the experiment. ``tell`` is called with each line of the time line. After the ``with`` block ``experiment`` is the
    record, also where the block was left by an exception: then its ``problem`` says why.
    """

    experiment: Experiment

    def __init__(
        self,
        bench: Bench,
        name: str,
        proves: Proof | str,
        *,
        quantum: str | None = None,
        interaction: str | None = None,
        within: float | None = None,
        slower_at_most: float | None = None,
        tell: Tell | None = None,
    ) -> None:
        self.bench = bench
        self.name = name
        self.random = random.Random(f"{bench.seed} {name}")
        self._head = (Proof(proves), quantum, interaction, within, slower_at_most)
        self._tell = tell or (lambda _happening: None)
        self._timeline: list[Happening] = []
        self._drives: list[Drive] = []
        self._counts: list[Count] = []
        self._driving: list[_Driving] = []
        self._accepted: dict[str, Sent] = {}
        self._first_seen: dict[str, dict[str, float]] = {}
        self._known_ends: set[str] = set()
        self._line = 0

    # What is done to parts ----------------------------------------------------------------------------------------

    def of(self, *quanta: str) -> tuple[str, ...]:
        """The names of all parts of these quanta."""
        return tuple(name for quantum in quanta for name in self.bench.of_quantum(quantum))

    def stop(self, *parts: str) -> None:
        """End them in good order."""
        self._take_away("stop", "stopped", parts, lambda name: self.bench.part(name).stop())

    def kill(self, *parts: str) -> None:
        """End them at once (SIGKILL)."""
        self._take_away("kill", "killed", parts, lambda name: self.bench.part(name).kill())

    def pause(self, *parts: str) -> None:
        """Let them stand still (SIGSTOP)."""
        self._take_away("pause", "paused", parts, lambda name: self.bench.part(name).pause())

    def slow(self, *parts: str, seconds: float) -> None:
        """Let all data from and to them be that much later, by the proxy in front of them."""
        note = f"by {seconds:g} s"
        self._take_away("slow", "slow", parts, lambda name: self.bench.proxy(name).slow(seconds), note)

    def partition(self, *parts: str) -> None:
        """Let no data get to them or from them, by the proxy in front of them."""
        self._take_away("partition", "partitioned", parts, lambda name: self.bench.proxy(name).partition())

    def start(self, *parts: str, seconds: float | None = None) -> None:
        """Bring parts back, whatever was done to them or to itself, and wait until they work; without names, all.

        What is there already is left alone, and not in the record.
        """
        for name in parts:
            self.bench.part(name)
        missing = {*self.bench.away, *self.bench.ended()}
        names = tuple(name for name in parts or self.bench.parts if name in missing)
        with self._happening("start", names):
            self.bench.bring_back(names, seconds)
            self._known_ends -= set(names)

    # What is done with the system ---------------------------------------------------------------------------------

    def drive(self, name: str, source: Source, *, seconds: float | None = None) -> Drive:
        """Run a workload to its end. ``source`` is a command or a callable; see quantafit.drills.workloads."""
        with self.driving(name, source, seconds=seconds):
            pass
        return self._drives[-1]

    @contextmanager
    def driving(self, name: str, source: Source, *, seconds: float | None = None) -> Iterator[None]:
        """Run a workload while the block is executed; the end of the block waits for the workload's end."""
        limit = DRIVE_SECONDS if seconds is None else seconds
        around = Surroundings(self.bench.working_folder, self.bench.mark, time.monotonic() + limit)
        driving = _Driving(name, lambda: items(f"workload {name}", source, _WORKLOAD_KEYS, around), self._now)
        driving.away = dict(self.bench.away)
        driving.disturbed = set(self.bench.away)
        self._driving.append(driving)
        driving.start()
        try:
            yield
        except BaseException:
            around.abandon()
            raise
        finally:
            driving.wait(limit if not around.abandoned else 0)
            self._driving.remove(driving)
            drive = driving.result(self._now())
            self._drives.append(drive)
            self._accepted |= {sent.id: sent for sent in drive.sent if sent.ok}
            refused = sum(not sent.ok for sent in drive.sent)
            note = f"{len(drive.sent)} sent" + (f", {refused} refused" if refused else "")
            self._say("drive", (name,), drive.began, drive.ended - drive.began, note)
            self._watch()
        if driving.problem is not None:
            raise driving.problem

    def wait(self, seconds: float) -> None:
        """Do nothing for a while."""
        with self._happening("wait", ()):
            time.sleep(seconds)

    def count(
        self,
        name: str,
        source: Source,
        *,
        seconds: float | None = None,
        settle: float | None = None,
        every: float = POLL_SECONDS,
    ) -> Mapping[str, Effect]:
        """Ask a probe again and again until every accepted item has had its effect, or ``seconds`` are over; then look
        on for ``settle`` seconds, for second effects. The last answer counts. Returns the effects by id.

        Items that are marked as poison are not waited for, except where nothing else was accepted.
        """
        limit = ARRIVAL_SECONDS if seconds is None else seconds
        calm = SETTLE_SECONDS if settle is None else settle
        began = time.monotonic()
        first = self._first_seen.setdefault(name, {})
        settled_since: float | None = None
        waited_for = self._waited_for(name)
        while True:
            times = self._ask(name, source, began + limit + calm, first)
            moment = time.monotonic()
            complete = waited_for <= times.keys()
            settled_since = (settled_since or moment) if complete else None
            # The last question is asked when the time is over, so that nobody misses by being asked too early.
            if (settled_since is not None and moment - settled_since >= calm) or moment - began >= limit + calm:
                break
            time.sleep(every)
        effects = tuple(Effect(id, times[id], round(first[id], 4)) for id in sorted(times))
        settled = moment - settled_since if settled_since is not None else 0.0
        found = Count(name, self._at(began), self._now(), effects, round(moment - began, 3), round(settled, 3))
        self._counts.append(found)
        missing = len(waited_for - times.keys())
        note = f"{len(waited_for) - missing} of {len(waited_for)} arrived"
        doubled = sum(effect.times > 1 for effect in effects if effect.id in self._accepted)
        self._say(
            "count", (name,), found.began, found.ended - found.began, note + (f", {doubled} twice" if doubled else "")
        )
        self._watch()
        return {effect.id: effect for effect in effects}

    def _waited_for(self, name: str) -> frozenset[str]:
        sound = frozenset(id for id, sent in self._accepted.items() if not sent.poison)
        poison = frozenset(self._accepted) - sound
        return poison if name == DEAD_LETTERS else sound

    def _ask(self, name: str, source: Source, until: float, first: dict[str, float]) -> Counter[str]:
        times: Counter[str] = Counter()
        around = Surroundings(self.bench.working_folder, self.bench.mark, until + 10)
        for item in items(f"probe {name}", source, _PROBE_KEYS, around):
            seen = self._now()
            at = self._since_epoch(item["at"]) if "at" in item else seen
            times[item["id"]] += item.get("times", 1)
            first.setdefault(item["id"], at)
        return +times

    # The record ---------------------------------------------------------------------------------------------------

    def __enter__(self) -> Run:
        self._began = time.monotonic()
        self._began_epoch = time.time()
        self._known_ends = set(self.bench.ended())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        problem = "" if error is None else str(error) or type(error).__name__
        stopped = isinstance(error, KeyboardInterrupt)
        problem = f"interrupted ({problem})" if stopped else self._brought_back(problem)
        proves, quantum, interaction, within, slower_at_most = self._head
        self.experiment = Experiment(
            drill=self.name,
            proves=proves,
            quantum=quantum,
            interaction=interaction,
            began_at=datetime.fromtimestamp(self._began_epoch, UTC).isoformat(timespec="seconds"),
            took=self._now(),
            seed=self.bench.seed,
            within=within,
            slower_at_most=slower_at_most,
            embedded_broker=self.bench.embedded_broker,
            parts=tuple(Exercised(part.name, part.quantum, part.kind) for part in self.bench.parts.values()),
            timeline=tuple(self._timeline),
            drives=tuple(self._drives),
            counts=tuple(self._counts),
            problem=problem,
        )

    def _brought_back(self, problem: str) -> str:
        """The next experiment begins with all parts; one that does not come back is this one's problem."""
        names = tuple(dict.fromkeys((*self.bench.away, *self.bench.ended())))
        if not names:
            return problem
        try:
            with self._happening("start", names, "so that all is as at the beginning"):
                self.bench.bring_back(names)
        except DrillError as error:
            return problem or str(error)
        return problem

    def at_line(self, line: int) -> None:
        """The next steps stand on that line of a declaration."""
        self._line = line

    def _take_away(
        self, act: str, state: str, names: tuple[str, ...], do: Callable[[str], None], note: str = ""
    ) -> None:
        if not names:
            raise DrillError(f"{act}: no part is named")
        for name in names:
            self.bench.part(name)
        with self._happening(act, names, note):
            for name in names:
                do(name)
                self.bench.away[name] = state
                for driving in self._driving:
                    driving.disturbed.add(name)

    @contextmanager
    def _happening(self, what: str, targets: tuple[str, ...], note: str = "") -> Iterator[None]:
        began = self._now()
        for driving in self._driving:
            # What is brought back, or taken away anew, in the middle was not away from beginning to end.
            driving.away = {name: how for name, how in driving.away.items() if name not in targets}
        try:
            yield
        except BaseException as error:
            why = str(error) or type(error).__name__
            part = error.part if isinstance(error, DrillError) else ""
            self._say(what, (part,) if part else targets, began, self._now() - began, why, failed=True)
            raise
        self._say(what, targets, began, self._now() - began, note)
        self._watch()

    def _watch(self) -> None:
        """Note the parts that have ended by themselves."""
        for name, how in self.bench.ended().items():
            if name not in self._known_ends:
                self._known_ends.add(name)
                self._say("ended", (name,), self._now(), 0.0, how)

    def _say(
        self, what: str, targets: tuple[str, ...], at: float, took: float, note: str, *, failed: bool = False
    ) -> None:
        happening = Happening(at, what, targets, round(took, 4), note, self._line, failed)
        self._timeline.append(happening)
        self._tell(happening)

    def _now(self) -> float:
        return self._at(time.monotonic())

    def _at(self, moment: float) -> float:
        return round(moment - self._began, 4)

    def _since_epoch(self, seconds: float) -> float:
        return seconds - self._began_epoch


class _Driving:
    """A workload in a thread of its own."""

    def __init__(self, name: str, run: Callable[[], Iterator[Mapping[str, object]]], now: Callable[[], float]) -> None:
        self.name = name
        self.away: dict[str, str] = {}
        self.disturbed: set[str] = set()
        self.problem: DrillError | None = None
        self._run, self._now = run, now
        self._sent: list[Sent] = []
        self._began_epoch = 0.0
        self._thread = threading.Thread(target=self._drive, name=f"workload-{name}", daemon=True)

    def start(self) -> None:
        self._began = self._now()
        self._offset = time.time() - self._began
        self._thread.start()

    def wait(self, seconds: float) -> None:
        self._thread.join(seconds + 5)
        if self._thread.is_alive() and self.problem is None:
            self.problem = DrillError(f"workload {self.name} did not end in time")

    def result(self, now: float) -> Drive:
        away = MappingProxyType(dict(sorted(self.away.items())))
        return Drive(self.name, self._began, now, tuple(self._sent), away, tuple(sorted(self.disturbed)))

    def _drive(self) -> None:
        try:
            for item in self._run():
                self._sent.append(self._read(item))
        except DrillError as error:
            self.problem = error

    def _read(self, item: Mapping[str, object]) -> Sent:
        took = float(item.get("took", 0.0))  # type: ignore[arg-type]
        at = float(item["at"]) - self._offset if "at" in item else self._now() - took  # type: ignore[arg-type]
        return Sent(
            id=str(item["id"]),
            at=round(at, 4),
            took=round(took, 5),
            ok=bool(item.get("ok", True)),
            operation=str(item.get("operation", "")),
            error=str(item.get("error", "")),
            poison=bool(item.get("poison", False)),
        )
