"""Answers: what a command said, remembered for as long as nothing that it looked at has changed.

An answer rests on every file that was read, on the names of all files under the root, on ``quanta.yaml``, on the code
of quantafit and of the libraries it runs with, and on the day where a date matters. All of that is looked at before an
answer is given again:

- A file whose size, times and inode are as they were has not changed, unless it was written to around the time of the
  run that read it: within a clock's grain a file may change and keep its times. Such a file is read again, as is every
  file that looks different; then its content decides.
- A file that is new, gone or renamed changes the names, and the answer is worked out anew.
- A tree with links that lead out of it, or with parts that could not be read, is not remembered at all.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantafit.app.stamps import Stamps
from quantafit.app.surroundings import surroundings
from quantafit.store import Store, folder_for
from quantafit.workspace import Reading, Workspace, digest_of, reading_of

if TYPE_CHECKING:
    from quantafit.app.evaluation import Progress
    from quantafit.model import Evaluation

FILE_NAME = "quanta.yaml"

GRAIN = 2_000_000_000
"""Nanoseconds within which two changes of a file may carry one time: the coarsest clock of a file system in use."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command prints, report by report, and its exit code."""

    texts: tuple[str, ...]
    code: int


@dataclass(frozen=True, slots=True)
class Basis:
    """What an answer rests on.

    ``declared`` is ``quanta.yaml`` as it was before the run; ``day`` is None where the answer is the same on every day.
    """

    workspace: Workspace
    declaration: Path
    declared: Reading | None
    day: date | None


@dataclass(frozen=True, slots=True)
class Question:
    """What a command asks of a tree.

    ``judged`` asks for the verdicts, else it is only what was observed. ``details`` are all other things that decide
    what the answer looks like. Without ``remember`` nothing is looked up or kept.
    """

    config: Path
    root: Path | None
    judged: bool
    day: date | None
    details: tuple[object, ...]
    remember: bool = True
    live: bool = False
    """Whether the running servers are asked; what they say tomorrow is not known, so nothing is remembered of it."""
    experiments: tuple[Path, ...] | None = None
    """Files with records of experiments to judge too; None where the run is not about experiments."""

    @property
    def declaration(self) -> Path:
        return self.config / FILE_NAME if self.config.is_dir() else self.config

    @property
    def tree(self) -> Path:
        return self.root if self.root is not None else self.declaration.parent

    def words(self) -> Mapping[str, Any]:
        """The question without its day, as text and numbers."""
        return {
            "config": str(self.config),
            "root": str(self.root),
            "here": os.getcwd(),  # noqa: PTH109
            "judged": self.judged,
            "details": self.details,
        }


class Answers:
    """The remembered answers about one tree."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = Store(folder_for(root))

    def find(self, question: Mapping[str, Any], day: date | None) -> Answer | None:
        """The answer to a question, if it still holds."""
        key = _key(question)
        entry = self.store.get(key)
        if entry is None:
            return None
        head, _, body = entry.partition(b"\n")
        held = json.loads(head)
        if held["day"] is not None and held["day"] != (day.isoformat() if day else ""):
            return None
        since = time.time_ns() - GRAIN
        workspace = Workspace(self.root)
        if workspace.unfollowed or workspace.errors or _digest("\n".join(workspace.files)) != held["names"]:
            return None
        known = Stamps.loaded(body)
        stamps = known.compared(str(self.root), workspace.files, since)
        if stamps is None:
            return None
        if stamps is not known:
            self.store.put(key, head + b"\n" + stamps.dumped())
        return Answer(tuple(held["texts"]), held["code"])

    def keep(self, question: Mapping[str, Any], answer: Answer, basis: Basis, began: int) -> None:
        """Remember an answer. ``began`` is when its run began, in nanoseconds of the clock that files are dated by."""
        workspace = basis.workspace
        readings = dict(workspace.readings)
        if workspace.unfollowed or workspace.errors or None in readings.values():
            return
        for path in workspace.python_files():  # the second witness reads these by itself
            if path not in readings:
                readings[path] = _untouched(reading_of(self.root / path), began)
        now = reading_of(basis.declaration)  # it was read some time in between: both times it must have said the same
        readings[os.path.abspath(basis.declaration)] = now if now == basis.declared else None  # noqa: PTH100
        if None in readings.values():
            return
        held = {
            "texts": answer.texts,
            "code": answer.code,
            "day": basis.day.isoformat() if basis.day else None,
            "names": _digest("\n".join(workspace.files)),
        }
        read = {path: reading for path, reading in readings.items() if reading is not None}
        stamps = Stamps.of(read, workspace.files, began - GRAIN)
        self.store.put(_key(question), json.dumps(held).encode() + b"\n" + stamps.dumped())


def answer(question: Question, render: Callable[[Evaluation], Answer], progress: Progress) -> Answer:
    """The answer to a question: as remembered where it still holds, else worked out and, where it may be, remembered.

    ``render`` makes the answer out of an evaluation. Raises as :func:`quantafit.app.check` does.
    """
    remember = question.remember and not question.live and question.experiments is None
    answers = Answers(question.tree) if remember and question.tree.is_dir() else None
    asked = question.words()
    known = answers.find(asked, question.day) if answers is not None else None
    if known is not None:
        return known
    began, declared = time.time_ns(), reading_of(question.declaration)
    from quantafit.app import evaluation  # loads all that works an answer out
    from quantafit.app.memory import QuantumMemory

    architecture, workspace = evaluation.open_system(question.config, question.root)
    memory = QuantumMemory(workspace, architecture) if answers is not None else None
    if question.judged:
        evaluated = evaluation.judge(
            architecture,
            workspace,
            as_of=question.day,
            live=question.live,
            experiments=question.experiments,
            progress=progress,
            memory=memory,
        )
    else:
        evaluated = evaluation.watch(architecture, workspace, live=question.live, progress=progress, memory=memory)
    worked_out = render(evaluated)
    if answers is not None:
        day = question.day if architecture.waivers else None
        answers.keep(asked, worked_out, Basis(workspace, question.declaration, declared, day), began)
    return worked_out


def _untouched(reading: Reading | None, began: int) -> Reading | None:
    """A reading made after the run, if the file cannot have been written to since the run began."""
    if reading is None or max(reading.modified, reading.changed) >= began - GRAIN:
        return None
    return reading


def _key(question: Mapping[str, Any]) -> str:
    return json.dumps({**question, "with": surroundings()}, sort_keys=True, default=str)


def _digest(text: str) -> str:
    return digest_of(text.encode(errors="surrogateescape"))
