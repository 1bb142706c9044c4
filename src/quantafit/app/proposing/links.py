"""The coupling map to proposed interactions, each with the lines that show it, and to what is left to ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from quantafit.app.proposing.words import can_be_text, listed, many
from quantafit.model import (
    Communication,
    CouplingMap,
    Crossing,
    Delivery,
    Evidence,
    Interaction,
    Role,
    Style,
    TargetKind,
)
from quantafit.model.proposal import Proposed, Remark

_SITES = 3
_PLACES = 4
_NOT_LINKS = frozenset({"database", "import"})
# Where the declaration's words for delivery stand among the observed facts. Fitness functions judge the first four.
_POINTS = {
    "durable": "store",
    "persistent": "persist",
    "confirmed": "confirm",
    "acknowledged_after_work": "acknowledge",
    "dead_letter": "dead_letter",
    "idempotent_receiver": "idempotent",
}
_NEEDED = {"persistent": "durable", "dead_letter": "acknowledged_after_work"}
Link = tuple[str, str, Style, str | None]


def interactions(coupling: CouplingMap, quanta: Iterable[str]) -> tuple[Proposed[Interaction], ...]:
    """One interaction for each pair, style and channel, in the order of the quanta."""
    order = {name: index for index, name in enumerate(quanta)}
    found: dict[Link, list[Crossing]] = defaultdict(list)
    for crossing in coupling.crossings:
        link = _link(crossing)
        if link is not None and link[0] in order and link[1] in order:
            found[link].append(crossing)
    links = sorted(found, key=lambda link: (order[link[0]], order[link[1]], link[2], link[3] or ""))
    ids = _Ids()
    return tuple(_interaction(link, ids.give(link), found[link], _sendings(link, coupling)) for link in links)


def _sendings(link: Link, coupling: CouplingMap) -> list[Crossing]:
    """Everything that the declared delivery of a message will be held against, whatever name its channel has here.

    A publisher may know an exchange where the declaration names the receiver's queue.
    """
    source, target, style, channel = link
    if style is not Style.MESSAGE:
        return []
    between = (c for c in coupling.crossings if (c.source, c.target) == (source, target))
    sent = (c for c in between if c.mechanism not in _NOT_LINKS and (c.channel is not None or c.receivers))
    return [c for c in sent if channel is None or channel in (c.channel, *(r.queue for r in c.receivers))]


def _link(crossing: Crossing) -> Link | None:
    """What a crossing would be declared as; None where a declaration does not make it right (a foreign database)."""
    if crossing.target_kind is not TargetKind.QUANTUM or crossing.target in (None, crossing.source):
        return None
    if crossing.mechanism in _NOT_LINKS or not crossing.evidence:
        return None
    if crossing.communication is Communication.SYNCHRONOUS:
        return crossing.source, str(crossing.target), Style.CALL, None
    channel = crossing.channel if crossing.channel and can_be_text(crossing.channel) else None
    queues = {receiver.queue for receiver in crossing.receivers}
    if len(queues) == 1 and channel == "/".join([str(*queues)] * 2):
        (channel,) = queues  # an exchange of its own for each queue, with the queue's name: one name says it all
    return crossing.source, str(crossing.target), Style.MESSAGE, channel


@dataclass(slots=True)
class _Ids:
    """Gives every interaction a name of its own: what the declaration gives by itself, where that is free."""

    given: set[str] = field(default_factory=set)

    def give(self, link: Link) -> str:
        source, target, style, channel = link
        candidates = [channel or f"{source}-to-{target}", f"{source}-to-{target}-{channel or style}"]
        name = next((name for name in candidates if name not in self.given), candidates[-1])
        number = 2
        while name in self.given:
            name, number = f"{candidates[-1]}-{number}", number + 1
        self.given.add(name)
        return name


def _interaction(
    link: Link, name: str, crossings: Sequence[Crossing], sendings: Sequence[Crossing]
) -> Proposed[Interaction]:
    source, target, style, channel = link
    delivery = _delivery(sendings)
    interaction = Interaction(name, source, target, style, channel, delivery=delivery)
    remarks = [*_shown(crossings), *(_lacking(crossings) if style is Style.MESSAGE else ())]
    if style is Style.MESSAGE and channel is None:
        remarks.append(Remark("its channel cannot be told or written: this stands for any message", question=True))
    elif channel is not None and channel.endswith("/?"):
        remarks.append(Remark("the routing key cannot be told: which messages are these?", question=True))
    return Proposed(interaction, tuple(remarks))


# Evidence -----------------------------------------------------------------------------------------------------------


def _shown(crossings: Sequence[Crossing]) -> Iterator[Remark]:
    """Each site with the way from it to the library call, and how its target was told."""
    by_site: dict[tuple[str, int], Crossing] = {}
    for crossing in crossings:
        by_site.setdefault((crossing.site.path, crossing.site.line), crossing)
    for crossing in list(by_site.values())[:_SITES]:
        yield Remark("\n  ".join(_site(crossing)))
    if len(by_site) > _SITES:
        yield Remark(f"and {len(by_site) - _SITES} more places")
    guesses = [str(crossing.site) for crossing in by_site.values() if crossing.guessed]
    if guesses:
        target = crossings[0].target
        yield Remark(
            f"that {counted(guesses)} leads to {target} is a guess from the name of an environment variable; if it is "
            f"so, list the variable under env of {target}",
            question=True,
        )


def _site(crossing: Crossing) -> Iterator[str]:
    """The quantum's own line and the library call that it leads to; then the target, and what told it."""
    first, *further = crossing.path or crossing.evidence[:1]
    call = next((hop for hop in reversed(further) if hop.note.endswith("(…)")), None)
    yield _place(first) + (f" → {_place(call)}" if call else "")
    consumers = dict.fromkeys(str(item.place) for item in crossing.evidence if item.role is Role.CONSUMER)
    if consumers:
        yield f"{crossing.channel!r}, consumed at {listed(consumers)}"
    else:
        yield f"{crossing.address or f'an address of {crossing.target}'}, told by {_told_by(crossing)}"


def _told_by(crossing: Crossing) -> str:
    """The facts that told the target, each with its place."""
    told = [f"{clue.says}{f' ({clue.place})' if clue.place else ''}" for clue in crossing.resolution]
    return "; ".join(told[:_SITES]) or "the call"


def _place(hop: Evidence) -> str:
    symbol = f" {hop.place.symbol.replace('.<locals>', '')}" if hop.place.symbol else ""
    return f"{hop.place}{symbol}{f': {hop.note}' if hop.note else ''}"


# Delivery -----------------------------------------------------------------------------------------------------------


def _delivery(crossings: Sequence[Crossing]) -> Delivery:
    """The points that every one of some sendings shows to hold, and no other."""
    kept = {point for point, fact in _POINTS.items() if crossings and all(_holds(one, fact) for one in crossings)}
    kept -= {point for point, needed in _NEEDED.items() if needed not in kept}
    return Delivery(**dict.fromkeys(kept, True))


def _holds(crossing: Crossing, name: str) -> bool:
    fact = crossing.delivery.get(name)
    return fact is not None and fact.value is True


def _lacking(crossings: Sequence[Crossing]) -> Iterator[Remark]:
    """What was seen to be otherwise, or could not be told: the declaration is silent about it."""
    for point, name in list(_POINTS.items())[:4]:
        facts = (crossing.delivery.get(name) for crossing in crossings)
        reasons = dict.fromkeys(
            f"{fact.reason}{f' ({fact.evidence[0].place})' if fact.evidence else ''}"
            for fact in facts
            if fact is not None and fact.value is not True and fact.reason
        )
        if reasons:
            yield Remark(f"not {point}: {listed(reasons)}")


# Outside ------------------------------------------------------------------------------------------------------------


def external(coupling: CouplingMap, taken: Iterable[str]) -> tuple[Proposed[str], ...]:
    """The hosts outside that are called, with the lines that call them."""
    inside = set(taken)
    places: dict[str, dict[str, None]] = defaultdict(dict)
    for crossing in coupling.crossings:
        name = crossing.target
        if crossing.target_kind is TargetKind.EXTERNAL and name and name not in inside and can_be_text(name):
            places[name][f"{crossing.source} at {crossing.site}"] = None
    return tuple(Proposed(name, (Remark(f"called by {listed(found)}"),)) for name, found in sorted(places.items()))


def counted(places: Sequence[str]) -> str:
    """The first places, and how many more there are."""
    rest = len(places) - _PLACES
    return ", ".join(places[:_PLACES]) + (f" and {many(rest, 'more place')}" if rest > 0 else "")
