"""What observation leaves open: everything that a person has to look at before the declaration is true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from quantafit.app.proposing.links import counted
from quantafit.app.proposing.words import listed, many
from quantafit.model import CouplingMap, DatastoreUse, ImportEdge, TargetKind, Unresolved
from quantafit.model.proposal import OpenQuestions, Remark

_MOST = 30
"""Reasons that are written out; `quantafit observe` lists every call."""


def open_questions(coupling: CouplingMap) -> tuple[OpenQuestions, ...]:
    """The open questions of a coupling map, by sort; sorts without any are left out."""
    sorts = (
        OpenQuestions(
            "Calls that could not be followed: each fails the gate until its target can be told. Bind what is unknown "
            "in\na compose or env file, give the target `hosts`, or describe a library of your own under `libraries`",
            tuple(_unresolved(coupling)),
        ),
        OpenQuestions(
            "Code of one quantum that another one imports: is it shared_code, a library, or are they one quantum?",
            tuple(_imports(coupling)),
        ),
        OpenQuestions(
            "Databases that are not one quantum's own: whose are they, and how do the others get what they need?",
            tuple(_databases(coupling)),
        ),
        OpenQuestions(
            "Messages that nobody here consumes: is the consumer outside (`external`), not Python, or gone?",
            tuple(_unconsumed(coupling)),
        ),
        OpenQuestions(
            "Consumers that nobody here feeds: who publishes to them?",
            tuple(_unfed(coupling)),
        ),
        OpenQuestions(
            "Files that could not be read: what depends on them is in error until they can be",
            tuple(Remark(f"{error.place}: {error.message}", question=True) for error in coupling.coverage.errors),
        ),
    )
    return tuple(sort for sort in sorts if sort.remarks)


def _unresolved(coupling: CouplingMap) -> Iterator[Remark]:
    """One question for each reason: what mends one call that fails for it often mends all of them."""
    found: dict[str, list[Unresolved]] = defaultdict(list)
    for fact in coupling.unresolved:
        found[fact.why].append(fact)
    reasons = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    for why, facts in reasons[:_MOST]:
        calls = listed(dict.fromkeys(fact.what for fact in facts))
        quanta = listed(dict.fromkeys(fact.quantum for fact in facts))
        places = dict.fromkeys(str(fact.place) if fact.place.path else "an unknown place" for fact in facts)
        yield Remark(f"{quanta}: {calls}: {why}\n  {counted(list(places))}", question=True)
    if len(reasons) > _MOST:
        rest = many(sum(len(facts) for _, facts in reasons[_MOST:]), "call")
        yield Remark(f"{rest} more, for other reasons: `quantafit observe` lists them", question=True)


def _imports(coupling: CouplingMap) -> Iterator[Remark]:
    found: dict[tuple[str, str], list[ImportEdge]] = defaultdict(list)
    for edge in coupling.imports:
        if not edge.type_checking_only:
            found[edge.source, edge.target].append(edge)
    for (source, target), edges in found.items():
        modules = listed(dict.fromkeys(edge.module for edge in edges))
        places = list(dict.fromkeys(str(edge.place) for edge in edges))
        yield Remark(f"{source} imports {modules} of {target}: {counted(places)}", question=True)


def _databases(coupling: CouplingMap) -> Iterator[Remark]:
    found: dict[tuple[str, str], dict[str, tuple[str, ...]]] = defaultdict(dict)
    for crossing in coupling.crossings:
        if crossing.mechanism == "database" and crossing.target_kind is TargetKind.QUANTUM:
            found[crossing.source, str(crossing.target)].setdefault(str(crossing.site), crossing.tables)
    for (source, target), sites in found.items():
        tables = dict.fromkeys(table for touched in sites.values() for table in touched)
        about = f" ({listed(tables)})" if tables else ""
        yield Remark(f"{source} uses {target}'s database{about}: {counted(list(sites))}", question=True)
    yield from _common_databases(coupling.datastores)


def _common_databases(uses: Iterable[DatastoreUse]) -> Iterator[Remark]:
    users: dict[str, dict[str, str]] = defaultdict(dict)
    for use in uses:
        users[use.identity].setdefault(use.quantum, str(use.place))
    for identity, found in users.items():
        if len(found) > 1:
            places = listed(f"{quantum} ({place})" for quantum, place in found.items())
            yield Remark(f"{identity} is used by {places}", question=True)


def _unconsumed(coupling: CouplingMap) -> Iterator[Remark]:
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for crossing in coupling.crossings:
        if crossing.target_kind is TargetKind.UNROUTED and crossing.channel and crossing.evidence:
            found[crossing.source, crossing.mechanism, crossing.channel].append(str(crossing.site))
    for (source, mechanism, channel), places in found.items():
        where = counted(list(dict.fromkeys(places)))
        yield Remark(f"{source} publishes to {channel!r} ({mechanism}): {where}", question=True)


def _unfed(coupling: CouplingMap) -> Iterator[Remark]:
    for receiver in coupling.consumers:
        at = f": {receiver.evidence[0].place}" if receiver.evidence else ""
        yield Remark(f"{receiver.quantum} consumes {receiver.queue!r}{at}", question=True)
