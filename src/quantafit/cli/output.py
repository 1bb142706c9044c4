"""Where reports go, and how the terminal at hand wants them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypedDict

from quantafit.errors import UsageError

NARROWEST, WIDEST, USUAL = 60, 110, 80


@dataclass(frozen=True, slots=True)
class Output:
    """One ``--format FORMAT[:FILE]``. Without a file, or with ``-``, it goes to standard output."""

    format: str
    file: Path | None = None


def outputs(written: Sequence[str], known: Sequence[str], default: str = "terminal") -> tuple[Output, ...]:
    """What the options ask for. Raises UsageError for an unknown format, or two reports for standard output."""
    asked = tuple(_output(option, known) for option in written or [default])
    if sum(output.file is None for output in asked) > 1:
        raise UsageError("only one report can go to standard output; give the others a file: --format FORMAT:FILE")
    return asked


def _output(option: str, known: Sequence[str]) -> Output:
    name, colon, file = option.partition(":")
    if name not in known:
        raise UsageError(f"there is no format {name!r}; known: {', '.join(known)}")
    if colon and not file:
        raise UsageError(f"--format {option}: the name of the file is missing")
    return Output(name, Path(file) if file not in ("", "-") else None)


def write(output: Output, text: str) -> None:
    """Write a report. Raises UsageError where its file cannot be written; a reader that left early is no error."""
    if output.file is None:
        say(text)
        return
    try:
        output.file.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise UsageError(f"{output.file} cannot be written: {error.strerror}") from error


def say(text: str) -> None:
    """Print to standard output as UTF-8, whatever the terminal's encoding: documents must not depend on it."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _leave_the_pipe_alone()


def _leave_the_pipe_alone() -> None:
    """``| head`` is no failure: the verdict still counts, and Python must not complain when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class TerminalOptions(TypedDict):
    """How the terminal report is to be rendered."""

    width: int
    colour: bool
    ascii_only: bool


def terminal_options(*, colour: bool, output: Output) -> TerminalOptions:
    """How the terminal report is to be rendered: width in columns, colour, ASCII only.

    A file or a pipe gets 80 columns without colour, so that it is the same everywhere. ``NO_COLOR`` and ``FORCE_COLOR``
    are the usual environment variables (no-color.org, force-color.org).
    """
    to_terminal = output.file is None and is_terminal(sys.stdout)
    return {
        "width": _width() if to_terminal else USUAL,
        "colour": colour and _wants_colour(to_terminal),
        "ascii_only": output.file is None and not _speaks_unicode(sys.stdout),
    }


def _width() -> int:
    return min(max(shutil.get_terminal_size((USUAL, 24)).columns, NARROWEST), WIDEST)


def _wants_colour(to_terminal: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return to_terminal and os.environ.get("TERM") != "dumb"


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at the stream."""
    try:
        return stream.isatty()
    except ValueError:  # the stream is closed
        return False


def _speaks_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "ascii").lower().replace("-", "").replace("_", "") in ("utf8", "utf16", "utf32")
