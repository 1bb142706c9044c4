"""What one quantum needed is let go before the next is examined, and says nothing about the next."""

from __future__ import annotations

import gc
import weakref
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from source_trees import architecture, see

from quantafit.evidence.source import program
from quantafit.evidence.source.extract import ModuleFacts, extract
from quantafit.evidence.source.machine import Machine
from quantafit.evidence.source.values import Const, Lib, Node, choice, made_within
from quantafit.model import Quantum

TREE = {
    "customer/app.py": """
        import os
        import requests
        import plumbing

        HOSTS = ["http://billing/", "http://analytics/"]

        def go(n):
            plumbing.ask(HOSTS[n])
        """,
    "billing/app.py": """
        import requests
        import plumbing

        HOSTS = ["http://analytics/", "http://billing/"]

        def go(n):
            plumbing.ask(HOSTS[n])
        """,
    "analytics/app.py": "",
    "shared/plumbing.py": "import requests\n\ndef ask(host):\n    requests.get(host)\n",
}
NAMES = ("customer", "billing", "analytics")
DECLARED = architecture([Quantum(name, (name,)) for name in NAMES])


@contextmanager
def uncollected() -> Iterator[None]:
    """As in use: circles are not looked for."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def values() -> int:
    return sum(len(cls.interned) for cls in Node.__subclasses__())


def test_no_value_outlives_the_quantum_that_it_was_made_for() -> None:
    see(TREE, DECLARED)
    before = values()
    assert see(TREE, DECLARED).sites("analytics")
    assert values() == before


def test_a_value_that_was_there_before_is_the_same_afterwards() -> None:
    one = Const("kept before")
    with made_within():
        assert Const("kept before") is one
        both = choice([Lib("made.meanwhile"), one])
        assert both is choice([one, Lib("made.meanwhile")])
    assert Const("kept before") is one
    again = choice([one, Lib("made.meanwhile")])
    assert again is not both
    assert again is choice([Lib("made.meanwhile"), one])


def test_values_are_let_go_where_an_examination_fails() -> None:
    before = values()
    with pytest.raises(ZeroDivisionError), made_within():
        Const(f"made before it failed, {1 / 0}")
    assert values() == before


def test_the_machine_of_a_quantum_goes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    machines = []
    once = Machine.whole_round

    def seen(self: Machine, paths: list[str]) -> None:
        machines.append(weakref.ref(self))
        once(self, paths)

    monkeypatch.setattr(Machine, "whole_round", seen)
    with uncollected():
        see(TREE, DECLARED)
        assert len(machines) == 3
        assert [machine() for machine in machines] == [None, None, None]


def test_every_file_is_read_once_and_shared_code_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[str] = Counter()

    def counted(data: bytes, path: str) -> ModuleFacts:
        read[path] += 1
        return extract(data, path)

    monkeypatch.setattr(program, "extract", counted)
    see(TREE, DECLARED)
    assert read == dict.fromkeys(TREE, 1)


def test_a_folder_of_two_quanta_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[str] = Counter()

    def counted(data: bytes, path: str) -> ModuleFacts:
        read[path] += 1
        return extract(data, path)

    monkeypatch.setattr(program, "extract", counted)
    both = architecture([Quantum("api", ("app",)), Quantum("worker", ("app",))])
    see({"app/web.py": "import app.core\n", "app/core.py": "import requests\nrequests.get('http://elsewhere')\n"}, both)
    assert read == {"app/web.py": 1, "app/core.py": 1}


@pytest.mark.parametrize("alone", ["customer", "billing"])
def test_a_quantum_shows_the_same_whatever_was_examined_before(alone: str) -> None:
    together = [one for one in see(TREE, DECLARED).evidence.observations if one.quantum == alone]
    declared = architecture([Quantum(name, (name,) if name == alone else ()) for name in NAMES])
    assert list(see(TREE, declared).evidence.observations) == together
