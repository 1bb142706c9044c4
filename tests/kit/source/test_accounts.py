"""Running again only what asked for something that changed finds what a second round over everything finds."""

from __future__ import annotations

import pytest
from source_trees import see
from test_program_shapes import CASES
from test_programs_in_short import SHORT
from test_programs_of_developers import ROUTED

from quantafit.evidence.source import machine, state

Tree = dict[str, str]
TREES: dict[str, Tree] = {
    f"{name} ({kind})": tree
    for kind, programs in (("shape", CASES), ("short", SHORT), ("routed", ROUTED))
    for name, tree in programs.items()
}


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
def test_a_second_round_over_everything_finds_nothing_new(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    proved = see(tree)
    monkeypatch.setattr(machine, "PROVED", 0)
    once = see(tree)
    assert once.evidence.observations == proved.evidence.observations
    assert once.evidence.unresolved == proved.evidence.unresolved
    assert once.evidence.imports == proved.evidence.imports


@pytest.mark.parametrize("tree", list(TREES.values())[::4], ids=list(TREES)[::4])
def test_what_is_remembered_of_answers_changes_none(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    remembered = see(tree)
    monkeypatch.setattr(state, "MOST_ANSWERS", 1)
    assert see(tree).evidence == remembered.evidence


LATE_BASE = {
    "customer/a.py": """
        import b
        import requests

        Base = requests.Session
        """,
    "customer/b.py": """
        import a

        class Client(a.Base):
            pass

        def go():
            return Client().get("http://billing/cards")
        """,
    "billing/app.py": "",
}


def test_a_class_whose_library_is_known_late_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a circle of imports the class is met before what it extends."""
    monkeypatch.setattr(machine, "PROVED", 0)
    assert see(LATE_BASE).sites("billing") == {"customer/b.py:7"}
