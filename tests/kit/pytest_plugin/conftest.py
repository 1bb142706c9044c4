"""A project with a quanta.yaml, tested by a pytest of its own whose engine sees what a test says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

# Loaded here, since pytester takes out of memory again whatever a run inside this process is the first to import.
from quantafit.app import evaluation

QUANTA = """
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
    stores: {deny: [pan]}
  billing:
    source: [billing]
    hosts: [billing]
interactions:
  - id: cards
    from: customer
    to: billing
    style: message
    channel: cards
    delivery: {durable: true}
"""

# Stands for the engine: what it sees is a value here, so that these tests are about the plugin.
ENGINE = """
from types import SimpleNamespace

import pytest
from quantafit.app import evaluation
from quantafit.model import *

CALL = Evidence(EvidenceKind.SOURCE, Role.CALL, Place("customer/cards.py", 1, 1, "add_card"))
RUNS = []

def couple(architecture, configured, seen, live=None):
    RUNS.append(architecture)
    examined = {quantum.name: Examined(1, 1, 1) for quantum in architecture.quanta}
    durable = {durable}
    message = Crossing(
        "customer", "billing", TargetKind.QUANTUM, "amqp", Communication.ASYNCHRONOUS, channel="cards",
        durable=durable, evidence=(CALL,), delivery={"store": Fact(durable, "seen", (CALL,))},
        receivers=(Receiver("billing", "cards", durable, None, {"store": Fact(durable, "seen", (CALL,))}),),
    )
    call = Crossing(
        "customer", "billing", TargetKind.QUANTUM, "http", Communication.SYNCHRONOUS, evidence=(CALL,)
    )
    coverage = Coverage(examined, Examined(2, 2, 2), (EvidenceKind.SOURCE,))
    return CouplingMap((message, call) if {calls} else (message,), coverage=coverage)

evaluation.source = SimpleNamespace(collect=lambda *examined: None)
evaluation.started_programs = lambda *known: {}
evaluation.couplings = SimpleNamespace(couple=couple)
"""

Project = Callable[..., Path]


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """``project(calls=True, durable=False)``: the folder of a project in which the engine sees that."""

    # What the project's conftest puts in their place is taken out again.
    for name in ("source", "started_programs", "couplings"):
        monkeypatch.setattr(evaluation, name, getattr(evaluation, name))

    def make(*, calls: bool = False, durable: bool = True, more: str = "") -> Path:
        engine = ENGINE.replace("{calls}", str(calls)).replace("{durable}", str(durable))
        pytester.makeconftest(engine)
        (pytester.path / "quanta.yaml").write_text(QUANTA + more, encoding="utf-8")
        for name in ("customer", "billing"):
            (pytester.path / name).mkdir()
            (pytester.path / name / "cards.py").write_text("publish()\n", encoding="utf-8")
        return pytester.path

    return make
