"""Variables in configuration values are replaced as Compose does it, and nothing is guessed."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantafit.workspace import interpolate

KNOWN = {"HOST": "billing", "EMPTY": "", "ODD": "${HOST}$$"}


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("http://billing:80", ("http://billing:80",)),
        ("", ("",)),
        ("$HOST", ("billing",)),
        ("${HOST}", ("billing",)),
        ("http://${HOST}:80/x", ("http://billing:80/x",)),
        ("$HOST.internal", ("billing.internal",)),
        ("${EMPTY}", ("",)),
        ("${EMPTY:-d}", ("d",)),
        ("${EMPTY-d}", ("",)),
        ("${HOST:-d}", ("billing",)),
        ("${NONE:-d}", ("d",)),
        ("${NONE-d}", ("d",)),
        ("${NONE-}", ("",)),
        ("${NONE:-${HOST}:${PORT:-80}}", ("billing:80",)),
        ("${NONE:-$HOST}", ("billing",)),
        ("${HOST:?is needed}", ("billing",)),
        ("${HOST:+yes}", ("yes",)),
        ("${EMPTY:+yes}", ("",)),
        ("${EMPTY+yes}", ("yes",)),
        ("${HOST:+at ${HOST}}", ("at billing",)),
        ("$$HOST", ("$HOST",)),
        ("$${HOST}", ("${HOST}",)),
        ("a$", ("a$",)),
        ("$1.50 ${", ("$1.50 ${",)),
        ("${HOST", ("${HOST",)),
        ("${1} ${a b} ${}", ("${1} ${a b} ${}",)),
        ("$ODD", ("${HOST}$$",)),
    ],
)
def test_a_known_value_is_one_text(value: str, parts: tuple[str | None, ...]) -> None:
    assert interpolate(value, KNOWN) == parts


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("$NONE", (None,)),
        ("http://${NONE}:${PORT:-80}/x", ("http://", None, ":80/x")),
        ("${NONE}${NONE}", (None, None)),
        ("${NONE:?is needed}", (None,)),
        ("${EMPTY:?is needed}", (None,)),
        ("${NONE?is needed}", (None,)),
        ("${NONE:+yes}", (None,)),
        ("${NONE:-http://${ALSO_NONE}/}", ("http://", None, "/")),
    ],
)
def test_what_is_unknown_stays_unknown(value: str, parts: tuple[str | None, ...]) -> None:
    assert interpolate(value, KNOWN) == parts


PIECES = st.sampled_from(["$", "{", "}", ":", "-", "?", "+", "A", "B", "${A", "${A:-", "$$", "}}", "x", " ", "\n", "é"])
VALUES = st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join))
ENVIRONMENTS = st.dictionaries(st.sampled_from(["A", "B", "AB"]), st.text(max_size=5))


@given(VALUES, ENVIRONMENTS)
def test_no_value_makes_it_fail_and_texts_are_joined(value: str, environment: dict[str, str]) -> None:
    parts = interpolate(value, environment)
    texts = [part is not None for part in parts]
    assert parts == ("",) or all(part != "" for part in parts)
    assert not any(a and b for a, b in itertools.pairwise(texts))


@given(st.text().filter(lambda text: "$" not in text), ENVIRONMENTS)
def test_a_value_without_a_dollar_sign_is_itself(value: str, environment: dict[str, str]) -> None:
    assert interpolate(value, environment) == (value,)


@given(st.text(), ENVIRONMENTS)
def test_doubled_dollar_signs_protect_any_text(value: str, environment: dict[str, str]) -> None:
    assert interpolate(value.replace("$", "$$"), environment) == (value,)


@pytest.mark.parametrize("value", ["${A:-" * 50_000, "${A:-" * 50_000 + "}" * 50_000, "${" * 100_000, "$" * 100_001])
def test_a_value_made_to_exhaust_stack_or_time_is_answered(value: str) -> None:
    assert interpolate(value, {})


def test_a_value_that_grows_beyond_all_use_is_unknown() -> None:
    assert interpolate("$A" * 100, {"A": "x" * 10_000}) == (None,)
    assert interpolate("x" * 100_000, {}) == ("x" * 100_000,)
