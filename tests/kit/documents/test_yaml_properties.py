"""For any input: nodes or DocumentError, and nothing else."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from quantafit.documents import DocumentError, load_all_yaml, load_yaml, plain
from quantafit.documents import reader as reader_module
from quantafit.errors import Problem

TEXT = st.text(st.characters(codec="utf-8"))
# Mostly YAML: indicators and words, so that the parser gets past the first character.
STRUCTURE = ["a", "b", "1", ": ", ":", "- ", "\n", "\n  ", "[", "]", "{", "}", ", ", "? ", "---\n", "...\n", "# c\n"]
TRICKS = [
    "&x ",
    "*x",
    "<<: ",
    "!t ",
    "!!str ",
    "'",
    '"',
    "|\n",
    ">\n",
    "\t",
    "\\",
    "%YAML 1.2\n",
    "\ufeff",
    "\u2028",
    "~",
]
TOKENS = st.lists(st.sampled_from(STRUCTURE + TRICKS), max_size=40).map("".join)
PRINTABLE = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="\u2028\u2029\ufeff")
WORDS = st.text(PRINTABLE)
SCALARS = st.none() | st.booleans() | st.integers(-(10**18), 10**18) | WORDS
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


@given(data=st.binary(max_size=200) | (TEXT | TOKENS).map(str.encode))
@example(data=b'"\\UFFFFFFFF"')
@example(data=b'"\\ud800"')
@example(data=b"\xef\xbb\xbf\xef\xbb\xbf")
@pytest.mark.parametrize("parser", [getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_give_nodes_or_a_document_error(
    data: bytes, parser: type[yaml.SafeLoader], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never a parser's own exception, never RecursionError; and every problem has a place inside the file."""
    monkeypatch.setattr(reader_module, "_LOADER", parser)
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    lines = 1 + sum(text.count(mark) for mark in "\n\r\x85\u2028\u2029")
    for problem in problems(data):
        assert 1 <= problem.line <= lines
        assert problem.column >= 1


def problems(data: bytes) -> list[Problem]:
    """What the three ways to read a file have to say about it; anything but DocumentError is not caught."""
    found: list[Problem] = []
    for read in (load_yaml, partial(load_yaml, strict=False), load_all_yaml):
        try:
            read(data, "a.yaml")
        except DocumentError as error:
            found += error.problems or pytest.fail("an error without a problem")
    return found


@given(data=DATA)
@settings(max_examples=200, deadline=None)
def test_plain_data_written_as_json_comes_back_as_it_was(data: Any) -> None:
    """JSON is YAML; reading it strictly loses nothing."""
    assert plain(load_yaml(json.dumps(data, ensure_ascii=False).encode(), "a.yaml")) == data


@given(data=DATA)
@settings(max_examples=200, deadline=None)
def test_strict_and_lenient_reading_agree_on_plain_data(data: Any) -> None:
    """Leniency only adds what strictness refuses; it never changes a value."""
    written = yaml.safe_dump(data, allow_unicode=True, default_flow_style=False, width=10_000).encode()
    try:
        read = load_yaml(written, "a.yaml")
    except DocumentError:
        return  # PyYAML leaves words such as `1e5` plain: text in YAML 1.1, a number as a key in the core schema
    assert read == load_yaml(written, "a.yaml", strict=False)
