"""A progress bar for a person who waits: on standard error, only in a terminal, only when it takes over a second."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from quantafit.cli.output import is_terminal

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 1.0
"""Seconds before the bar appears."""

STAGES = 5


@contextmanager
def progress_bar(*, wanted: bool = True) -> Iterator[Callable[[str], None]]:
    """Gives the function that is called at the beginning of each stage."""
    if not (wanted and is_terminal(sys.stderr)):
        yield _nothing
        return
    bar = _Bar()
    timer = threading.Timer(PATIENCE, bar.show)
    timer.daemon = True
    timer.start()
    try:
        yield bar.stage
    finally:
        timer.cancel()
        bar.hide()


class _Bar:
    """Counts stages from the start; becomes visible when told to, which may be in another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done = -1
        self._words = ""
        self._shown: Progress | None = None
        self._over = False

    def stage(self, words: str) -> None:
        with self._lock:
            self._done += 1
            self._words = words
            if self._shown:
                self._shown.update(self._shown.task_ids[0], completed=self._done, description=words)

    def show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with self._lock:
            if self._over:
                return
            self._shown = Progress(*columns, console=Console(stderr=True), transient=True)
            self._shown.add_task(self._words, total=STAGES, completed=max(self._done, 0))
            self._shown.start()

    def hide(self) -> None:
        with self._lock:
            self._over = True
            if self._shown:
                self._shown.stop()


def _nothing(_words: str) -> None:
    """Nobody is watching."""
