"""A small shop on disk, and an engine that sees in it what a test says: these tests are about the command line."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from quantafit.model import (
    Architecture,
    Communication,
    Configuration,
    CouplingMap,
    Coverage,
    Crossing,
    Evidence,
    EvidenceKind,
    Examined,
    Place,
    Role,
    TargetKind,
)

QUANTA = """\
schema: quanta/1
system: shop
quanta:
  customer:
    source: [shop/customer]
  billing:
    source: [shop/billing]
    hosts: [billing]
"""

CARDS = """\
import httpx


def add_card(card):
    httpx.post("http://billing/cards", json=card, auth=("shop", "s3cr3t"))
"""

CALL = Crossing(
    "customer",
    "billing",
    TargetKind.QUANTUM,
    "http",
    Communication.SYNCHRONOUS,
    address="http://billing/cards",
    evidence=(
        Evidence(EvidenceKind.SOURCE, Role.CALL, Place("shop/customer/cards.py", 5, 5, "add_card"), "httpx.post(…)"),
    ),
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The folder of a system of two quanta."""
    files = {
        "quanta.yaml": QUANTA,
        "shop/__init__.py": "",
        "shop/customer/__init__.py": "",
        "shop/customer/cards.py": CARDS,
        "shop/billing/__init__.py": "",
        "shop/billing/money.py": "CURRENCY = 'EUR'\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def sees(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``sees(crossing…)``: the engine finds these, having read all the code."""
    from quantafit.app import evaluation

    def put(*crossings: Crossing) -> None:
        def couple(
            architecture: Architecture, configured: Configuration, seen: object, live: object = None
        ) -> CouplingMap:
            examined = {quantum.name: Examined(2, 1, 1) for quantum in architecture.quanta if quantum.source}
            coverage = Coverage(examined, Examined(5, 1, 1), (EvidenceKind.SOURCE,))
            return CouplingMap(crossings, coverage=coverage)

        monkeypatch.setattr(evaluation, "source", SimpleNamespace(collect=lambda *examined: None))
        monkeypatch.setattr(evaluation, "started_programs", lambda *known: {})
        monkeypatch.setattr(evaluation, "couplings", SimpleNamespace(couple=couple))

    put()
    return put


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


class _Stream(io.TextIOWrapper):
    """Standard output or error as a pipe or a terminal with an encoding."""

    def __init__(self, encoding: str, terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True)
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode("utf-8")  # type: ignore[attr-defined]


@pytest.fixture
def quantafit(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """``quantafit("check", …)`` runs the command in this process."""
    from quantafit.cli import main

    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    def run(*arguments: object, encoding: str = "utf-8", terminal: bool = False) -> Ran:
        out, err = _Stream(encoding, terminal), _Stream(encoding, False)
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", out)
            patched.setattr(sys, "stderr", err)
            code = main([str(argument) for argument in arguments])
        return Ran(code, out.text(), err.text())

    return run


@pytest.fixture
def call() -> Crossing:
    """customer calls billing over HTTP and waits."""
    return CALL
