"""Ways between quanta, and the quanta that act as one."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from quantafit.cli.commands import group
from quantafit.coupling.graph import effective_quanta, ways
from quantafit.model import (
    Communication,
    CouplingMap,
    Crossing,
    Evidence,
    EvidenceKind,
    Place,
    Role,
    TargetKind,
)


def crossing(
    source: str, target: str, *, waits: bool = False, mechanism: str = "amqp", operation: str = ""
) -> Crossing:
    communication = Communication.SYNCHRONOUS if waits else Communication.ASYNCHRONOUS
    evidence = Evidence(EvidenceKind.SOURCE, Role.CALL, Place(f"{source}.py", 1))
    tables = ("contract",) if mechanism == "database" else ()
    return Crossing(
        source, target, TargetKind.QUANTUM, mechanism, communication, evidence=(evidence,), tables=tables,
        operation=operation,  # type: ignore[arg-type]
    )  # fmt: skip


def test_every_way_is_found_and_the_shortest_comes_first() -> None:
    coupling = CouplingMap((crossing("a", "b"), crossing("b", "c"), crossing("a", "c"), crossing("c", "a")))
    found = [[step[0].target for step in way] for way in ways(coupling, "a", "c")]
    assert found == [["c"], ["b", "c"]]


def test_a_quantum_that_nothing_reaches_has_no_way() -> None:
    assert ways(CouplingMap((crossing("a", "b"),)), "a", "z") == ()


def test_quanta_that_only_send_messages_stay_apart() -> None:
    assert effective_quanta(CouplingMap((crossing("a", "b"),)), ["a", "b"]) == (("a",), ("b",))


def test_quanta_that_wait_for_each_other_act_as_one_also_by_way_of_a_third() -> None:
    coupling = CouplingMap((crossing("a", "b", waits=True, mechanism="http"), crossing("b", "c", waits=True)))
    assert effective_quanta(coupling, ["a", "b", "c", "d"]) == (("a", "b", "c"), ("d",))


@pytest.mark.parametrize(
    ("operations", "groups"),
    [
        (["read"], (("a", "b"),)),
        (["write"], (("a",), ("b",))),
        (["read", "write"], (("a",), ("b",))),
    ],
    ids=["one that reads the other's tables", "one that feeds a replica", "one that compares before it feeds"],
)
def test_a_shared_database_merges_quanta_but_a_fed_replica_does_not(
    operations: list[str], groups: tuple[tuple[str, ...], ...]
) -> None:
    seen = tuple(crossing("a", "b", waits=True, mechanism="database", operation=one) for one in operations)
    assert effective_quanta(CouplingMap(seen), ["a", "b"]) == groups


def test_the_command_shows_each_call_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "quanta.yaml").write_text(
        "schema: quanta/1\nsystem: s\nquanta:\n  a: {source: a}\n  b: {source: b, hosts: [b]}\n", encoding="utf-8"
    )
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "a" / "app.py").write_text('import requests\n\nrequests.get("http://b/x")\n', encoding="utf-8")
    done = CliRunner().invoke(group, ["why", "a", "b", "--config", str(tmp_path)])
    assert "1 way from a to b" in done.output
    assert "a/app.py:3" in done.output
    assert "act as one quantum: a, b" in done.output
