"""Each of the ways to hide a call, with each kind of call: a matrix in which no cell is silent."""

from __future__ import annotations

import pytest
from hiding_patterns import PATTERNS, REACHES, Reach, expected, look_alike, outcome

CELLS = [pytest.param(pattern, reach, id=f"{pattern} × {reach.name}") for pattern in PATTERNS for reach in REACHES]


@pytest.mark.parametrize(("pattern", "reach"), CELLS)
def test_a_hidden_call_is_found_at_its_line_or_unresolved_at_its_line(pattern: str, reach: Reach) -> None:
    assert outcome(pattern, reach) == expected(pattern, reach)


@pytest.mark.parametrize(("pattern", "reach"), CELLS)
def test_the_same_shape_around_a_call_that_reaches_nothing_is_silent(pattern: str, reach: Reach) -> None:
    seen = look_alike(pattern, reach)
    assert seen.evidence.errors == ()
    assert seen.silent(), [f"{one.place} {one.what} {one.why}" for one in seen.unresolved()]


def test_nine_of_ten_ways_are_found_for_each_kind_of_call() -> None:
    for reach in REACHES:
        assert sum(expected(pattern, reach) == "found" for pattern in PATTERNS) >= 0.9 * len(PATTERNS)
