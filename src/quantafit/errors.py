"""Every error quantafit raises on purpose.

    QuantafitError
    ├── UsageError            the command was called wrongly                      exit code 2
    ├── DeclarationError      quanta.yaml is wrong; carries every Problem at once  exit code 2
    └── DrillError            a drill could not be carried through                 exit code 1

What cannot be read or parsed *in the system under examination* is never an exception: it is an
``ExaminationError`` in the coverage (``quantafit.model``), and a fitness function that needed it is not passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong in an input file: where, what, what was meant, how to mend it.

    ``line`` and ``column`` count from 1. ``hint`` may be empty.
    """

    path: str
    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.path}:{self.line}:{self.column}: {self.message}"
        return f"{text}\n    {self.hint}" if self.hint else text


class QuantafitError(Exception):
    """Base of every error that quantafit raises on purpose."""


class UsageError(QuantafitError):
    """The command, or a call of the Python API, makes no sense as given."""


class DeclarationError(QuantafitError):
    """``quanta.yaml`` is wrong. ``problems`` holds all that is wrong with it, in the file's order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class DrillError(QuantafitError):
    """A drill could not be carried through: a part does not start, a workload fails, a time limit is over.

    ``part`` names the part that it is about, where it is about one.
    """

    part: str = ""
