"""Errors as the reader of a terminal needs them: what, where, the line itself, what was meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from quantafit.errors import DeclarationError, Problem
from quantafit.report import redact

LONGEST_LINE = 400


def declaration_text(error: DeclarationError, config: Path, root: Path | None) -> str:
    """All problems, each with its line and a caret under the column; then how many there are."""
    files = {problem.path: _lines(_file(problem.path, config, root)) for problem in error.problems}
    lines = [line for problem in error.problems for line in (*_problem(problem, files[problem.path]), "")]
    count = len(error.problems)
    file = error.problems[0].path if error.problems else config
    return "\n".join([*lines, f"{count} {'problem' if count == 1 else 'problems'} in {file}; nothing was judged.", ""])


def _problem(problem: Problem, file: Sequence[str]) -> Iterator[str]:
    yield f"{problem.path}:{problem.line}:{problem.column}: {redact(problem.message)}"
    line = file[problem.line - 1].replace("\t", " ") if 0 < problem.line <= len(file) else None
    # A line so long that it fills the screen shows nothing.
    if line is not None and len(line) <= LONGEST_LINE:
        number = str(problem.line)
        yield f"  {number} | {redact(line)}"
        yield f"  {' ' * len(number)} | {_indent(line, problem.column)}^"
    if problem.hint:
        yield f"  {redact(problem.hint)}"


def _file(path: str, config: Path, root: Path | None) -> Path:
    """The file that a problem names: the declaration itself, or another one under the root."""
    declaration = config / path if config.is_dir() else config
    return declaration if declaration.name == Path(path).name else (root or declaration.parent) / path


def _lines(file: Path) -> Sequence[str]:
    try:
        return file.read_text(encoding="utf-8-sig", errors="replace").split("\n")
    except OSError:
        return ()


def _indent(line: str, column: int) -> str:
    """Blanks as wide as the text before the column; characters of East Asian scripts are two wide."""
    before = line[: max(0, column - 1)].ljust(column - 1)
    return "".join("  " if unicodedata.east_asian_width(character) in "WF" else " " for character in before)
