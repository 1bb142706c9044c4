"""What is nested too deeply is cut to something unknown, and what is left is still of the kind that it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantafit.evidence.source import values
from quantafit.evidence.source.values import (
    Attr,
    Bound,
    Const,
    Func,
    FunctionId,
    Invoke,
    Many,
    Node,
    Param,
    Partial,
    Site,
    Value,
    bounded,
)

OUTER, INNER = FunctionId("app.py", "outer"), FunctionId("app.py", "outer.<locals>.inner")
SITE = Site("app.py", 1, 1, "outer")


def captured(held: Value) -> Func:
    return Func(INNER, ((Param(OUTER, "x"), held),))


DEEP = st.recursive(
    st.sampled_from([Const(1), Param(OUTER, "x"), Func(OUTER)]),
    lambda inner: st.one_of(
        inner.map(captured),
        st.builds(lambda held, receiver: Bound(captured(held), receiver), inner, inner),
        st.builds(lambda one, other: Many((one, other), True, None), inner, inner),
        st.builds(lambda held, arg: Partial(captured(held), (arg,), ()), inner, inner),
        st.builds(lambda base, arg: Invoke(Attr(base, "call"), (arg,), (), SITE), inner, inner),
    ),
    max_leaves=60,
)


def parts(value: object) -> list[object]:
    found, stack = [], [value]
    while stack:
        top = stack.pop()
        if isinstance(top, tuple):
            stack.extend(top)
        elif isinstance(top, Node):
            found.append(top)
            stack.extend(getattr(top, name) for name in type(top).__match_args__)
    return found


@pytest.mark.parametrize("limit", [2, 3, 5])
@given(value=DEEP)
def test_a_cut_value_is_no_deeper_and_its_functions_are_functions(limit: int, value: Value) -> None:
    cut = values._pruned(value, limit)
    for part in parts(cut):
        if isinstance(part, Bound):
            assert isinstance(part.function, Func)
        if isinstance(part, Func):
            assert all(isinstance(param, Param) for param, _ in part.captured)
    assert cut is value or value.height > limit


def test_a_method_that_captures_something_very_deep_is_unknown_or_a_method() -> None:
    value: Value = Const(1)
    for _ in range(2 * values.DEEPEST):
        value = Bound(captured(value), value)
    assert all(isinstance(part.function, Func) for part in parts(bounded(value)) if isinstance(part, Bound))
