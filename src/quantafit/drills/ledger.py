"""The ledger: a file that says what has to be undone, written before it is done.

It is settled when the bench is left, however that happens: at the end, after an exception, after Ctrl-C or SIGTERM.
Where the drill itself is killed, its *guard* settles it: this module, run as a program of its own that only waits for
the drill's end. Where the guard is killed as well, the next drill does.

Only the standard library is imported, and nothing else of quantafit, so that the guard starts quickly.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

MARK = "QUANTAFIT_DRILL"
"""The environment variable that every process of a drill carries, with the drill's own mark as its value."""

COMMAND_SECONDS = 60.0
"""How long a command that undoes something may take."""


class Ledger:
    """What has to be undone. ``mark`` tells this drill's processes from all others."""

    def __init__(self, file: Path, mark: str) -> None:
        self.file, self.mark = file, mark
        self._write(owner=os.getpid(), started=started(os.getpid()), mark=mark)
        self._guard = subprocess.Popen(
            # Neither the user's site folder nor PYTHON* variables decide what the guard is.
            [sys.executable, "-I", "-S", __file__, str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C in the terminal is not for the guard
        )

    def process(self, pid: int) -> None:
        """A process, with the group it leads, has to be killed."""
        self._write(kill=pid, started=started(pid))

    def command(self, key: str, command: tuple[str, ...], folder: Path) -> None:
        """A command has to be run."""
        self._write(run=key, command=command, folder=str(folder))

    def folder(self, path: Path) -> None:
        """A folder has to be removed."""
        self._write(remove=str(path))

    def undone(self, key: str) -> None:
        """That command has to be run no more."""
        self._write(undone=key)

    def settle(self) -> list[str]:
        """Undo all that is left, and let the guard go. Returns what could not be undone, one sentence each."""
        try:
            return settle(self.file)
        finally:
            assert self._guard.stdin is not None
            with suppress(OSError):
                self._guard.stdin.close()
            self._guard.wait()

    def _write(self, **entry: Any) -> None:
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())


def settle_left_over(folder: Path) -> None:
    """Settle the ledgers in a folder whose drills and guards are dead."""
    for file in sorted(folder.glob("*.ledger")):
        entries = [*_entries(file)]
        owner = entries[0] if entries else {}
        if not entries or "owner" not in owner or not lives(owner["owner"], owner["started"]):
            settle(file)


def settle(file: Path) -> list[str]:
    """Undo what a ledger says, then remove it. Returns what could not be undone, one sentence each."""
    entries = [*_entries(file)]
    if not entries:
        file.unlink(missing_ok=True)
        return []
    for entry in entries:
        if "kill" in entry and lives(entry["kill"], entry["started"]):
            _kill_group(entry["kill"])
    _kill_marked(entries[0]["mark"])
    failures = [failure for entry in _left_to_run(entries) if (failure := _run(entry))]
    for entry in entries:
        if "remove" in entry:
            shutil.rmtree(entry["remove"], ignore_errors=True)
    file.unlink(missing_ok=True)
    return failures


def lives(pid: int, since: str) -> bool:
    """Whether that very process lives: a number may have been given to another one since."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return started(pid) == since


def started(pid: int) -> str:
    """When a process began, in the system's own measure; empty where it cannot be told, or the process has ended."""
    with suppress(OSError, IndexError):
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        state, *rest = text.rpartition(")")[2].split()
        return "" if state == "Z" else rest[18]
    with suppress(OSError, subprocess.SubprocessError):
        asked = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, timeout=5)
        return asked.stdout.strip()
    return ""


def _kill_group(pid: int) -> None:
    """SIGKILL also ends what is stopped by SIGSTOP."""
    with suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
    with suppress(OSError):
        os.kill(pid, signal.SIGKILL)


def _kill_marked(mark: str) -> None:
    """Kill what still carries the drill's mark: processes that have left their group, or were just being started.

    Such a process may be starting another one, so it is looked again until none is found.
    """
    for _ in range(20):
        found = [*_marked(mark)]
        for pid in found:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            return
        time.sleep(0.02)


def _marked(mark: str) -> Iterator[int]:
    wanted = f"{MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
            if state != "Z" and wanted in (folder / "environ").read_bytes().split(b"\0"):
                yield int(folder.name)


def _left_to_run(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The commands that are not undone, each once, the last noted first."""
    left: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if "run" in entry:
            left[entry["run"]] = entry
        elif "undone" in entry:
            left.pop(entry["undone"], None)
    return [*left.values()][::-1]


def _run(entry: dict[str, Any]) -> str:
    try:
        subprocess.run(
            entry["command"],
            cwd=entry["folder"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"{entry['run']}: {error}"
    return ""


def _entries(file: Path) -> Iterator[dict[str, Any]]:
    """The entries; one that is cut off was not written before the thing was done, and so was not done."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        with suppress(ValueError):
            yield json.loads(line)


def _guard(file: Path) -> None:
    while os.read(0, 1024):
        pass
    settle(file)


if __name__ == "__main__":
    _guard(Path(sys.argv[1]))
