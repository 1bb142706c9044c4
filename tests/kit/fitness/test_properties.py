"""What holds for every rule and every system: more doubt and less examination never make a pass, order is nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TypeVar

from builders import (
    DEMANDED,
    architecture,
    call,
    crossing,
    delivered,
    error,
    fact,
    interaction,
    observed,
    place,
    quantum,
    receiver,
    setting,
    verdicts,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from quantafit.fitness import evaluate
from quantafit.model import (
    Architecture,
    CouplingMap,
    Coverage,
    Crossing,
    DataAtRest,
    DatastoreUse,
    EvidenceKind,
    Examined,
    ImportEdge,
    Mode,
    Placement,
    Replication,
    Style,
    TableUse,
    Unresolved,
    Verdict,
)

T = TypeVar("T")
NAMES = ("customer", "billing", "sysops")
names = st.sampled_from(NAMES)
targets = st.sampled_from((*NAMES, None))
ternary = st.sampled_from((True, False, None, "unknown"))
lines = st.integers(1, 30)


@st.composite
def crossings(draw: st.DrawFn) -> Crossing:
    source, target, line = draw(names), draw(targets), draw(lines)
    confidence = draw(st.sampled_from(("high", "low")))
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return call(source, target, line=line, confidence=confidence)
    if kind == 1:
        tables = draw(st.sampled_from(((), ("contract",), ("contract", "cards"))))
        operation = draw(st.sampled_from(("read", "write")))
        return crossing(
            source, target, line=line, mechanism="database", channel=None, operation=operation, tables=tables
        )
    channel = draw(st.sampled_from(("cards", "invoices", None)))
    delivery = {key: fact(draw(ternary)) for key in ("persist", "confirm") if draw(st.booleans())}
    facts = {key: fact(draw(ternary)) for key in ("store", "acknowledge") if draw(st.booleans())}
    receivers = (receiver(target, facts=facts, durable=draw(ternary)),) if target and draw(st.booleans()) else ()
    return delivered(
        source, target, line=line, channel=channel, confidence=confidence, delivery=delivery, receivers=receivers
    )


@st.composite
def unresolved_facts(draw: st.DrawFn) -> Unresolved:
    kinds = st.sampled_from(("request", "publish", "store", "import", "subscribe"))
    return Unresolved(draw(names), "send", "unknown", place(line=draw(lines)), tuple(draw(st.sets(kinds))))


@st.composite
def table_uses(draw: st.DrawFn) -> TableUse:
    operation = draw(st.sampled_from(("read", "write", "define")))
    return TableUse(
        draw(names), draw(st.sampled_from(("contract", "cards"))), operation, place(line=draw(lines)), draw(targets)
    )


@st.composite
def couplings(draw: st.DrawFn) -> CouplingMap:
    imports = st.builds(
        ImportEdge, names, names, st.just("m"), st.just("import"), st.just(place()), type_checking_only=st.booleans()
    )
    databases = st.builds(
        DatastoreUse,
        names,
        st.sampled_from(("a/b", "")),
        targets,
        st.just(place()),
        st.sampled_from(list(EvidenceKind)),
    )
    data = st.builds(
        DataAtRest,
        names,
        st.just("pan"),
        st.sampled_from(("column", "message")),
        st.just("x"),
        st.just(place()),
        st.booleans(),
    )
    few = {"max_size": 2}
    return observed(
        *draw(st.lists(crossings(), max_size=4)),
        unresolved=tuple(draw(st.lists(unresolved_facts(), **few))),
        imports=tuple(draw(st.lists(imports, **few))),
        tables=tuple(draw(st.lists(table_uses(), **few))),
        datastores=tuple(draw(st.lists(databases, **few))),
        data=tuple(draw(st.lists(data, **few))),
        consumers=(receiver(),) if draw(st.booleans()) else (),
    )


@st.composite
def architectures(draw: st.DrawFn) -> Architecture:
    opaque = draw(st.sets(names, max_size=1))
    quanta = [
        quantum(name, source=() if name in opaque else (name,), stores=Placement(deny=("pan",))) for name in NAMES
    ]
    interactions = (
        interaction(channel=draw(st.sampled_from(("cards", None))), delivery=DEMANDED),
        interaction("sysops", "customer", style=Style.REPLICATION, replication=Replication("contract", "etl")),
        interaction("sysops", "billing", style=Style.CALL),
    )
    chosen = tuple(i for i in interactions if draw(st.booleans()))
    return architecture(*quanta, interactions=chosen)


def passes(declared: Architecture, coupling: CouplingMap) -> set[tuple[str, str, str]]:
    return {key for key, verdict in verdicts(evaluate(declared, coupling)).items() if verdict is Verdict.PASS}


@settings(max_examples=60, deadline=None)
@given(architectures(), couplings(), unresolved_facts())
def test_an_unresolved_fact_more_never_makes_a_pass(
    declared: Architecture, coupling: CouplingMap, fact_more: Unresolved
) -> None:
    more = replace(coupling, unresolved=(*coupling.unresolved, fact_more))
    assert passes(declared, more) <= passes(declared, coupling)


@settings(max_examples=60, deadline=None)
@given(architectures(), couplings(), names)
def test_less_examination_never_makes_a_pass(declared: Architecture, coupling: CouplingMap, name: str) -> None:
    full = passes(declared, coupling)
    covered = coupling.coverage
    unread = {key: value for key, value in covered.examined.items() if key != name}
    for less in (
        replace(covered, examined=unread),
        replace(covered, examined={**covered.examined, name: Examined()}),
        replace(covered, errors=(error(name),)),
        replace(covered, errors=(error(None, "compose.yaml"),)),
        replace(covered, kinds=(EvidenceKind.CONFIGURATION,)),
    ):
        assert passes(declared, replace(coupling, coverage=less)) <= full


@settings(max_examples=60, deadline=None)
@given(architectures(), couplings())
def test_where_nothing_was_examined_nothing_that_is_shown_by_absence_passes(
    declared: Architecture, coupling: CouplingMap
) -> None:
    nothing = replace(coupling, coverage=Coverage(kinds=(EvidenceKind.SOURCE,)))
    absent = {"quantum", "edge"}
    assert not [key for key in passes(declared, nothing) if key[1] in absent]


@settings(max_examples=60, deadline=None)
@given(architectures(), couplings(), crossings())
def test_a_crossing_more_never_turns_a_failed_pair_into_a_pass(
    declared: Architecture, coupling: CouplingMap, one_more: Crossing
) -> None:
    before = verdicts(evaluate(declared, coupling))
    after = passes(declared, replace(coupling, crossings=(*coupling.crossings, one_more)))
    assert not [key for key in after if key[1] == "edge" and before.get(key) is Verdict.FAIL]


@settings(max_examples=60, deadline=None)
@given(architectures(), couplings(), st.data())
def test_evidence_less_never_makes_a_demanded_delivery_of_one_crossing_pass(
    declared: Architecture, coupling: CouplingMap, data: st.DataObject
) -> None:
    """A fact that is taken away leaves a gap; it does not leave a promise."""
    if not coupling.crossings:
        return
    index = data.draw(st.integers(0, len(coupling.crossings) - 1))
    bare = [replace(c, delivery={}) if i == index else c for i, c in enumerate(coupling.crossings)]
    after = passes(declared, replace(coupling, crossings=tuple(bare)))
    before = passes(declared, coupling)
    assert not [key for key in after - before if key[0] in ("message/persistent", "message/confirmed")]


@settings(max_examples=60, deadline=None)
@given(architectures(), couplings(), st.randoms(use_true_random=False))
def test_the_order_of_what_was_collected_is_nothing(
    declared: Architecture, coupling: CouplingMap, chance: random.Random
) -> None:
    mixed = replace(
        coupling,
        crossings=_shuffled(chance, coupling.crossings),
        unresolved=_shuffled(chance, coupling.unresolved),
        imports=_shuffled(chance, coupling.imports),
        tables=_shuffled(chance, coupling.tables),
        datastores=_shuffled(chance, coupling.datastores),
        data=_shuffled(chance, coupling.data),
    )
    assert evaluate(declared, mixed).judgements == evaluate(declared, coupling).judgements


def _shuffled(chance: random.Random, values: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(chance.sample(values, len(values)))


@settings(max_examples=30, deadline=None)
@given(architectures(), couplings())
def test_a_rule_that_is_off_changes_no_other_subjects_failure(declared: Architecture, coupling: CouplingMap) -> None:
    """Turning one function off must not make a gate greener than that function alone."""
    off = replace(declared, settings=(setting("quantum/synchronous-call", Mode.OFF),))
    before = {k for k, v in verdicts(evaluate(declared, coupling)).items() if v is Verdict.FAIL}
    after = {k for k, v in verdicts(evaluate(off, coupling)).items() if v is Verdict.FAIL}
    assert {key for key in before if key[0] != "quantum/synchronous-call"} <= after
