"""Errors as the reader of a terminal needs them: what, where, the line itself, what was meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from quantafit.errors import DeclarationError, Problem
from quantafit.report import redact

LONGEST_LINE = 400


def declaration_text(error: DeclarationError, config: Path, root: Path | None) -> str:
    """All problems, each with its line and a caret under the column; then how many there are."""
    lines = [line for problem in error.problems for line in (*_problem(problem, config, root), "")]
    count = len(error.problems)
    file = error.problems[0].path if error.problems else config
    return "\n".join([*lines, f"{count} {'problem' if count == 1 else 'problems'} in {file}; nothing was judged.", ""])


def _problem(problem: Problem, config: Path, root: Path | None) -> Iterator[str]:
    yield f"{problem.path}:{problem.line}:{problem.column}: {redact(problem.message)}"
    line = _line(problem, config, root)
    if line is not None:
        number = str(problem.line)
        yield f"  {number} | {line}"
        yield f"  {' ' * len(number)} | {_indent(line, problem.column)}^"
    if problem.hint:
        yield f"  {redact(problem.hint)}"


def _line(problem: Problem, config: Path, root: Path | None) -> str | None:
    """The line that the problem is about, where its file can be found; never one so long that it fills the screen."""
    file = config if config.is_file() else config / problem.path
    if file.name != Path(problem.path).name:
        file = (root or file.parent) / problem.path
    lines = _lines(file)
    if not 0 < problem.line <= len(lines):
        return None
    line = lines[problem.line - 1].replace("\t", " ")
    return redact(line) if len(line) <= LONGEST_LINE else None


@lru_cache(maxsize=8)
def _lines(file: Path) -> tuple[str, ...]:
    try:
        return tuple(file.read_text(encoding="utf-8-sig", errors="replace").split("\n"))
    except OSError:
        return ()


def _indent(line: str, column: int) -> str:
    """Blanks as wide as the text before the column; characters of East Asian scripts are two wide."""
    before = line[: max(0, column - 1)].ljust(column - 1)
    return "".join("  " if unicodedata.east_asian_width(character) in "WF" else " " for character in before)
