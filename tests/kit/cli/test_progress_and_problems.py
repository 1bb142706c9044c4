"""The progress bar, and how errors point at a column."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import pytest

from quantafit.cli import progress
from quantafit.cli.problems import declaration_text
from quantafit.errors import DeclarationError, Problem


class Terminal(io.StringIO):
    """Standard error as a person sees it."""

    def isatty(self) -> bool:
        return True


def wait(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, *, patience: float) -> str:
    """What stands on standard error after work of some tenths of a second."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "PATIENCE", patience)
    monkeypatch.setenv("TERM", "xterm")
    with progress.progress_bar() as stage:
        stage("reading configuration")
        time.sleep(0.4)
        stage("reading source code")
        time.sleep(0.2)
    return stream.getvalue()


def test_a_bar_appears_when_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the stage, and takes itself away at the end."""
    shown = wait(monkeypatch, Terminal(), patience=0.05)
    assert "reading configuration" in shown
    assert "reading source code" in shown
    assert shown.endswith(("\x1b[2K", "\x1b[?25h", "\r"))


def test_no_bar_appears_for_quick_work_or_in_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing flickers, and a pipe stays clean."""
    assert wait(monkeypatch, Terminal(), patience=30) == ""
    assert wait(monkeypatch, io.StringIO(), patience=0.0) == ""


def shown(tmp_path: Path, line: str, column: int) -> list[str]:
    """The lines that point at a column."""
    file = tmp_path / "quanta.yaml"
    file.write_text(f"first\n{line}\n", encoding="utf-8")
    error = DeclarationError([Problem("quanta.yaml", 2, column, "wrong", "do it right")])
    return declaration_text(error, file, None).splitlines()


def test_the_caret_stands_under_the_column(tmp_path: Path) -> None:
    """Behind tabs and behind characters that are two columns wide, too."""
    assert shown(tmp_path, "  to: billng", 7)[1:4] == ["  2 |   to: billng", "    |       ^", "  do it right"]
    assert shown(tmp_path, "\tx: y", 2)[1:3] == ["  2 |  x: y", "    |  ^"]
    assert shown(tmp_path, "名前: y", 5)[1:3] == ["  2 | 名前: y", "    |       ^"]


def test_a_line_that_would_fill_the_screen_or_is_not_there_is_left_out(tmp_path: Path) -> None:
    """The message, the place and the hint remain."""
    assert shown(tmp_path, "x" * 5000, 7)[:2] == ["quanta.yaml:2:7: wrong", "  do it right"]
    error = DeclarationError([Problem("quanta.yaml", 99, 1, "wrong", "")])
    assert "quanta.yaml:99:1: wrong" in declaration_text(error, tmp_path / "quanta.yaml", None)
    gone = declaration_text(error, tmp_path / "gone" / "quanta.yaml", None)
    assert "quanta.yaml:99:1: wrong" in gone


def test_a_secret_on_the_line_is_not_repeated(tmp_path: Path) -> None:
    """Nor does a control character of the file reach the terminal."""
    assert "hunter2" not in "".join(shown(tmp_path, "  hosts: ['amqp://me:hunter2@mq']\x1b[31m", 3))
    assert "\x1b" not in "".join(shown(tmp_path, "a\x1b[31mb", 1))
