"""Broken, huge and hostile declarations: a DeclarationError, soon, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantafit.declaration import parse
from quantafit.errors import DeclarationError
from quantafit.model import Architecture
from quantafit.workspace import MemoryWorkspace

HEAD = "schema: quanta/1\nsystem: s\n"

HOSTILE = {
    "alias bomb": HEAD
    + "x0: &x0 [a, a]\n"
    + "".join(f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 9)}]\n" for i in range(1, 30)),
    "deep": HEAD + "quanta: " + "{a: " * 200_000,
    "deep in a key": HEAD + "quanta: {" + "[" * 1000 + "]" * 1000 + ": 1}",
    "an object": HEAD + "quanta: !!python/object/apply:os.system [true]\n",
    "many unknown keys": HEAD + "".join(f"zz{i}: 1\n" for i in range(20_000)),
    "many wrong quanta": HEAD + "quanta:\n" + "".join(f"  zz{i}: 1\n" for i in range(20_000)),
    "many unknown ends": HEAD
    + "quanta:\n"
    + "".join(f"  zz{i}:\n" for i in range(10_000))
    + "interactions:\n"
    + "".join(f"- {{from: zy{i}, to: za{i}, style: call}}\n" for i in range(3_000)),
    "a long name": HEAD + "quanta: {a: {source: " + "x/" * 500_000 + "}}\n",
    "stars": HEAD + "quanta: {a: {source: '" + "*a" * 2_000 + "'}}\n",
    "too many values": HEAD + "shared_code:\n" + "- a\n" * 300_000,
    "too many bytes": HEAD + "#" * 6_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_declaration_is_refused(name: str, read: Callable[..., Architecture]) -> None:
    """With at most a hundred problems, each short."""
    data = HOSTILE[name].encode()
    with pytest.raises(DeclarationError) as caught:
        read(data)
    assert 1 <= len(caught.value.problems) <= 101
    assert all(len(str(problem)) < 400 for problem in caught.value.problems)


def test_a_list_of_problems_that_is_cut_says_so(complaint: Callable[..., str]) -> None:
    """Nobody shall think that a hundred were all."""
    said = complaint(HOSTILE["many unknown keys"])
    assert said.endswith("… and more\n    it is shown when these are mended")


KEYS = [
    "schema",
    "system",
    "quanta",
    "source",
    "interactions",
    "from",
    "to",
    "style",
    "delivery",
    "adrs",
    "id",
    "file",
    "rules",
    "waivers",
]
VALUES_OF_KEYS = [
    "quanta/1",
    "a",
    "b",
    "src",
    "message",
    "at_least_once",
    "docs/ADR-1.md",
    "a/b",
    "x\x00y",
    "../x",
    "*",
]
WORDS = st.sampled_from(KEYS + VALUES_OF_KEYS)
VALUES = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(
    data=st.binary(max_size=100)
    | st.text(max_size=100).map(str.encode)
    | VALUES.map(lambda value: json.dumps({"schema": "quanta/1", "system": "s", "quanta": value}).encode())
    | st.dictionaries(WORDS, VALUES).map(
        lambda value: json.dumps({"schema": "quanta/1", "system": "s", "quanta": {"a": {}}} | value).encode()
    )
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_file_gives_an_architecture_or_a_declaration_error(data: bytes) -> None:
    """Whatever it holds; and every problem has a place."""
    try:
        architecture = parse(data, MemoryWorkspace({"src/a.py": "", "docs/ADR-1.md": "# A"}))
    except DeclarationError as error:
        places = [(problem.line, problem.column) for problem in error.problems]
        if not places or min(min(place) for place in places) < 1:
            pytest.fail(f"a problem without a place: {error.problems}")
    else:
        assert architecture.quanta
