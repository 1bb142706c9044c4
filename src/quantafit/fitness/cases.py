"""The selections that several rules share, and how their subjects are named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from quantafit.fitness.rule import Case
from quantafit.fitness.system import Pair, System, site
from quantafit.model import Crossing, EvidenceKind, Interaction, Quantum, Subject


def edge_case(pair: Pair, system: System) -> Case[Pair]:
    """An ordered pair of quanta; it stands where the first is declared, and cites what the two are declared with."""
    source, target = (system.quanta[name] for name in pair)
    subject = Subject("edge", f"{source.name} → {target.name}", source.place)
    return Case(subject, pair, {"from": source.name, "to": target.name}, source.adr or target.adr)


def quantum_case(quantum: Quantum, *, adr: str | None = None) -> Case[Quantum]:
    """A quantum, named by its declaration."""
    subject = Subject("quantum", quantum.name, quantum.place, adr)
    return Case(subject, quantum, {"quantum": quantum.name}, quantum.adr)


def interaction_case(interaction: Interaction) -> Case[Interaction]:
    """A declared interaction."""
    labels = {"interaction": interaction.id, "from": interaction.source, "to": interaction.target}
    return Case(Subject("interaction", interaction.id, interaction.place, interaction.adr), interaction, labels)


def unseen_case(quantum: Quantum, what: str, *, adr: str | None = None) -> Case[Any]:
    """An opaque quantum: listed as not evaluated, since its code is not here. ``what`` cannot be seen in it."""
    case = quantum_case(quantum, adr=adr)
    reason = f"{quantum.name} is declared without source: {what} cannot be seen"
    return Case(case.subject, quantum, case.labels, case.fallback_adr, unseen=reason)


def pair_cases(system: System, what: str, observed: Callable[[Pair], object]) -> Iterator[Case[Any]]:
    """Every ordered pair whose first quantum has code here; then every opaque quantum.

    Where something *is* observed from an opaque quantum (by configuration, say), that pair is judged as well.
    """
    for pair in system.pairs:
        yield edge_case(pair, system)
    for quantum in system.opaque if len(system.quanta) > 1 else ():
        for other in system.quanta:
            if other != quantum.name and observed((quantum.name, other)):
                yield edge_case((quantum.name, other), system)
        yield unseen_case(quantum, what)


def waiver_way_out(**match: str) -> str:
    """The last way out of any finding, with the match to write."""
    terms = ", ".join(f"{key}: {value}" for key, value in match.items())
    return f"Or keep it for a while: a waiver with `match: {{{terms}}}`, an owner, a reason and an expiry."


def edge_waiver(pair: Pair) -> str:
    return waiver_way_out(**{"from": pair[0], "to": pair[1]})


def doubts(system: System, quantum: str, *could_be: str) -> Iterable[str]:
    """The unresolved facts of a quantum that could turn out to be one of these; one that could be anything counts."""
    for fact in system.unresolved(quantum):
        if not fact.could_be or set(fact.could_be) & set(could_be):
            yield f"unresolved in {quantum}: {fact.what} at {fact.place} ({fact.why})"


def guesses(system: System, pair: Pair, relevant: Callable[[Crossing], bool]) -> Iterable[str]:
    """The crossings whose target was only guessed, and elsewhere: each of them could lead to this pair's second.

    One without any target is no guess; rules judge these by themselves.
    """
    source, target = pair
    for crossing in system.leaving(source):
        if crossing.guessed and crossing.target != target and relevant(crossing):
            guess = crossing.target or "a target outside"
            yield f"{source} → {guess} at {site(crossing)} is a guess; it could be {target}"


def kind_of(crossing: Crossing) -> EvidenceKind:
    """The evidence kind that shows a crossing: source where it is among them."""
    if not crossing.kinds or EvidenceKind.SOURCE in crossing.kinds:
        return EvidenceKind.SOURCE
    return min(crossing.kinds)
