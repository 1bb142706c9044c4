"""Workloads, which send counted items, and probes, which tell what had an effect.

Each is a command that prints JSON lines, or a callable that yields mappings of the same keys:

- a workload: ``id``, and as it knows them ``ok`` (true), ``took`` (seconds), ``operation``, ``error``, ``poison``
  (false) and ``at`` (seconds since the epoch; by default when its line was read);
- a probe: ``id``, and as it knows them ``times`` (1) and ``at``. It tells all that is there each time it is asked; an
  id that it names twice had two effects.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quantafit.drills.ledger import MARK
from quantafit.errors import DrillError

Item = Mapping[str, Any]
Source = Sequence[str] | Callable[[], Iterable[Item | str]]
"""A command, or a callable; a callable may also yield bare ids."""

_WANTED: Mapping[str, type | tuple[type, ...]] = {
    "id": str,
    "ok": bool,
    "took": (int, float),
    "operation": str,
    "error": str,
    "poison": bool,
    "at": (int, float),
    "times": int,
}


@dataclass(slots=True)
class Surroundings:
    """In which folder, with which mark and until when (monotonic clock) a source may run."""

    folder: Path
    mark: str
    until: float
    abandoned: bool = False
    process: subprocess.Popen[bytes] | None = None

    def abandon(self) -> None:
        """Nobody wants to hear any more of it."""
        self.abandoned = True
        if self.process is not None:
            _kill(self.process)


def items(name: str, source: Source, keys: Sequence[str], around: Surroundings) -> Iterator[Item]:
    """What a source gives, item by item as it comes.

    Raises DrillError where it fails, takes too long, or says something that is no item.
    """
    given = source() if callable(source) else _lines(name, source, around)
    try:
        for number, item in enumerate(given, start=1):
            yield _item(name, number, item, keys)
            if around.abandoned:
                raise DrillError(f"{name} was abandoned")
            if time.monotonic() > around.until:
                raise DrillError(f"{name} did not end in time; it had given {number} items")
    except DrillError:
        raise
    except Exception as error:
        raise DrillError(f"{name} failed: {type(error).__name__}: {error}") from error


def _item(name: str, number: int, given: Item | str, keys: Sequence[str]) -> Item:
    item = {"id": given} if isinstance(given, str) else given
    where = f"{name}, item {number}"
    if not isinstance(item, Mapping):
        raise DrillError(f"{where}: a JSON object with an id is wanted, not {str(given)[:80]!r}")
    if not isinstance(item.get("id"), str) or not item["id"]:
        raise DrillError(f"{where}: it has no id; write {{'id': 'some text', …}}")
    for key, value in item.items():
        if key not in keys:
            raise DrillError(f"{where}: unknown key {key!r}; known: {', '.join(keys)}")
        wrong = isinstance(value, bool) and _WANTED[key] is not bool
        if wrong or not isinstance(value, _WANTED[key]):
            raise DrillError(f"{where}: {key} cannot be {value!r}")
        if key in ("took", "times") and float(str(value)) < 0:
            raise DrillError(f"{where}: {key} cannot be negative")
    return item


def _lines(name: str, command: Sequence[str], around: Surroundings) -> Iterator[Item | str]:
    """The JSON lines that a command prints. It is killed where it takes too long, or nobody listens any more."""
    try:
        process = subprocess.Popen(
            [*command],
            cwd=around.folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", MARK: around.mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise DrillError(f"{name} cannot be run: {error.strerror}: {command[0]}") from error
    around.process = process
    if around.abandoned:
        _kill(process)
    late = threading.Event()

    def end() -> None:
        late.set()
        _kill(process)

    timer = threading.Timer(max(around.until - time.monotonic(), 0), end)
    timer.daemon = True
    timer.start()
    complaints: deque[bytes] = deque(maxlen=5)
    reader = threading.Thread(target=_drain, args=(process, complaints), daemon=True)
    reader.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip():
                yield _parsed(name, line)
        status = process.wait()
        reader.join(1)
        if late.is_set():
            raise DrillError(f"{name} did not end in time and was killed")
        if status:
            said = complaints[-1].decode("utf-8", "replace").strip()[:300] if complaints else "it said nothing"
            raise DrillError(f"{name} ended with status {status}: {said}")
    finally:
        timer.cancel()
        _kill(process)


def _parsed(name: str, line: bytes) -> Item:
    try:
        item = json.loads(line)
    except ValueError:
        raise DrillError(f"{name} printed a line that is no JSON: {line[:80].decode('utf-8', 'replace')!r}") from None
    if not isinstance(item, dict):
        raise DrillError(f"{name} printed {line[:80].decode('utf-8', 'replace')!r}; a JSON object is wanted")
    return item


def _drain(process: subprocess.Popen[bytes], complaints: deque[bytes]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if line.strip():
            complaints.append(line)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
