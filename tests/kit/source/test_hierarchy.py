"""Which classes extend which, kept as classes are met in any order and met again with others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quantafit.evidence.source.hierarchy import Hierarchy
from quantafit.evidence.source.values import ClassId

IDS = [ClassId("app.py", f"C{number}") for number in range(7)]
MEETINGS = st.lists(
    st.tuples(st.sampled_from(IDS), st.lists(st.sampled_from(IDS), max_size=3, unique=True)), max_size=14
)


def reached(bases: dict[ClassId, list[ClassId]], id: ClassId) -> list[ClassId]:
    """A class and those it extends, level by level, by looking at all that is known."""
    found: list[ClassId] = []
    queue = [id]
    while queue:
        top = queue.pop(0)
        if top in bases and top not in found:
            found.append(top)
            queue.extend(bases[top])
    return found


@given(MEETINGS)
def test_it_always_knows_what_looking_at_everything_would_find(meetings: list[tuple[ClassId, list[ClassId]]]) -> None:
    hierarchy = Hierarchy()
    bases: dict[ClassId, list[ClassId]] = {}
    for id, extended in meetings:
        before = {one: (hierarchy.lineage(one), set(hierarchy.descendants(one))) for one in IDS}
        bases[id] = extended
        heirs, ancestors = hierarchy.meet(id, extended)
        assert heirs[0] == id
        for one in IDS:
            assert list(hierarchy.lineage(one)) == reached(bases, one)
            extending = {other for other in bases if other != one and one in reached(bases, other)}
            assert set(hierarchy.descendants(one)) == extending
            assert one in heirs or hierarchy.lineage(one) == before[one][0]
            assert (one in heirs) == (one == id or id in reached(bases, one))
            assert (one in ancestors) == (extending != before[one][1])
