"""What the functions about delivery share: one point of the way a message goes, judged over every crossing of it.

A point holds only if every matching crossing, in every alternative, and every receiver shows it. ``unknown`` is a
doubt, what was seen to be otherwise a contradiction, and what has no meaning for a mechanism says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from quantafit.fitness import live
from quantafit.fitness.cases import doubts, interaction_case, waiver_way_out
from quantafit.fitness.matching import crossings_of, open_crossings_of, sent_without_receiver
from quantafit.fitness.rule import Case, Contradiction, NoOptions, Obstacle, Rule, Ruling
from quantafit.fitness.system import System, site
from quantafit.model import (
    Acknowledgement,
    Crossing,
    Delivery,
    Evidence,
    EvidenceKind,
    Fact,
    Interaction,
    Receiver,
    RuleCard,
    Style,
)


@dataclass(frozen=True, slots=True)
class Point:
    """One point of delivery.

    ``demand`` reads from a declared delivery whether it is demanded; ``fact`` is its key in what was observed;
    ``receiving`` is true where the receiver's side decides, and ``receiver`` reads it from a receiver without that
    fact. ``otherwise`` says what is wrong where it does not hold, ``ways_out`` what to change.
    """

    demand: Callable[[Delivery], bool | None]
    fact: str
    otherwise: str
    ways_out: tuple[str, ...]
    receiving: bool = False
    receiver: Callable[[Receiver], bool | str | None] = lambda _receiver: None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A fact about one crossing, and the evidence that leads to it. ``fact`` is None where nothing was observed.

    ``queues`` are those that it is about, where it is a fact about queues.
    """

    crossing: Crossing
    fact: Fact | None
    path: tuple[Evidence, ...]
    queues: frozenset[str] = frozenset()


def delivery_rule(card: RuleCard, point: Point) -> Rule[Interaction]:
    """The fitness function that judges one point of delivery."""

    def select(system: System) -> Iterator[Case[Interaction]]:
        for interaction in system.architecture.interactions:
            if interaction.style is Style.MESSAGE and point.demand(interaction.delivery):
                yield replace(interaction_case(interaction), unseen=_unseen(point, interaction, system))

    def judge(interaction: Interaction, system: System, _options: NoOptions) -> Ruling:
        return _judge(point, interaction, system)

    return Rule(card, select, judge)


def acknowledged_after_work(receiver: Receiver) -> bool | str | None:
    """What a receiver's acknowledgement says of the work: done before it, or not."""
    match receiver.acknowledgement:
        case None:
            return None
        case Acknowledgement.UNKNOWN:
            return "unknown"
        case acknowledgement:
            return acknowledgement is Acknowledgement.AFTER


def _unseen(point: Point, interaction: Interaction, system: System) -> str:
    opaque = system.opaque_names
    if interaction.source in opaque and not crossings_of(interaction, system):
        return f"{interaction.source} is declared without source: what it sends cannot be seen"
    if point.receiving and interaction.target in opaque and not _told(point, interaction, system):
        return f"{interaction.target} is declared without source: how it receives cannot be seen"
    return ""


def _told(point: Point, interaction: Interaction, system: System) -> bool:
    sent = _sent(interaction, system)
    read = (sighting for crossing in sent for sighting in _sightings(point, interaction, crossing))
    running = (sighting for crossing in sent for sighting in _running(point, interaction, crossing, system))
    sightings = (*read, *running)
    return any(sighting.fact is not None and sighting.fact.value in (True, False) for sighting in sightings)


def _sent(interaction: Interaction, system: System) -> tuple[Crossing, ...]:
    """The crossings that are the interaction; the sending end alone where the receiver's code is not here."""
    crossings = crossings_of(interaction, system)
    if interaction.target not in system.opaque_names:
        return crossings
    ends = (c for c in system.unrouted(interaction.source) if sent_without_receiver(c, interaction))
    return (*crossings, *ends)


def _judge(point: Point, interaction: Interaction, system: System) -> Ruling:
    crossings = _sent(interaction, system)
    running = [sighting for crossing in crossings for sighting in _running(point, interaction, crossing, system)]
    proved = frozenset(name for one in running if one.fact and one.fact.value is True for name in one.queues)
    seen = [sighting for crossing in crossings for sighting in _sightings(point, interaction, crossing)]
    # Of a queue that is declared nowhere here, the broker that has it tells.
    read = [sighting for sighting in seen if not _settled(sighting, proved)]
    sightings = [*read, *running]
    holding = [sighting for sighting in sightings if sighting.fact and sighting.fact.value is True]
    unclear = [*_unclear(read), *_unmatched(crossings, interaction, system)]
    if crossings and not holding and not unclear:
        unclear.append(f"it has no meaning over {', '.join(sorted({c.mechanism for c in crossings}))}")
    return Ruling(
        tuple(_findings(point, interaction, sightings)),
        doubts=(*unclear, *_hidden(point, interaction, system)),
        obstacles=(*_doubted(running), *live.obstacles(crossings, interaction, system)),
        needs=_needs(point, interaction, system),
        shown_by=frozenset(kind for sighting in holding for kind in _kinds(sighting)),
        reason="; ".join(dict.fromkeys(_ground(sighting) for sighting in holding)),
    )


def _sightings(point: Point, interaction: Interaction, crossing: Crossing) -> Iterator[Sighting]:
    own = crossing.delivery.get(point.fact)
    receivers = [r for r in crossing.receivers if r.quantum in (interaction.target, None)] if point.receiving else []
    if own is not None or not receivers:
        yield Sighting(crossing, own, crossing.path, frozenset(r.queue for r in receivers if r.queue))
    for receiver in receivers:
        queues = frozenset({receiver.queue} if receiver.queue else ())
        yield Sighting(crossing, _received(point, receiver), receiver.evidence or crossing.path, queues)


def _running(point: Point, interaction: Interaction, crossing: Crossing, system: System) -> Iterator[Sighting]:
    """What the running brokers show of the queues of a crossing."""
    for queue in live.queues_of(crossing, interaction):
        for fact in live.facts(queue, point.fact, system):
            yield Sighting(crossing, fact, crossing.path, frozenset({queue}))


def _settled(sighting: Sighting, proved: frozenset[str]) -> bool:
    """Whether the broker has told what could not be read of the queues."""
    unread = sighting.fact is None or sighting.fact.value == "unknown"
    return unread and not sighting.crossing.guessed and bool(sighting.queues) and sighting.queues <= proved


def _doubted(running: Iterable[Sighting]) -> Iterator[Obstacle]:
    for sighting in running:
        if sighting.fact is not None and sighting.fact.value == "unknown":
            yield Obstacle(EvidenceKind.RUNTIME, sighting.fact.reason)


def _received(point: Point, receiver: Receiver) -> Fact | None:
    if point.fact in receiver.facts:
        return receiver.facts[point.fact]
    match point.receiver(receiver):
        case True:
            return Fact(True, "", receiver.evidence)
        case False:
            return Fact(False, "", receiver.evidence)
        case "unknown":
            return Fact("unknown", "it cannot be told", receiver.evidence)
        case _:
            return None


def _unclear(sightings: Iterable[Sighting]) -> Iterator[str]:
    for sighting in sightings:
        where = f"{site(sighting.crossing)}{_alternative(sighting.crossing)}"
        if sighting.fact is None:
            yield f"nothing tells it for {where}"
        elif sighting.fact.value == "unknown":
            yield f"{sighting.fact.reason or 'it cannot be told'} ({where})"
        elif sighting.crossing.guessed:
            yield f"the target of {where} is a guess"


def _unmatched(crossings: tuple[Crossing, ...], interaction: Interaction, system: System) -> Iterator[str]:
    if not crossings:
        yield "the interaction was not observed (see quantum/missing-interaction)"
    for crossing in open_crossings_of(interaction, system):
        yield f"{site(crossing)} may be it, but its channel cannot be told"


def _hidden(point: Point, interaction: Interaction, system: System) -> Iterator[str]:
    yield from doubts(system, interaction.source, "publish")
    if point.receiving:
        yield from doubts(system, interaction.target, "subscribe", "consume")


def _needs(point: Point, interaction: Interaction, system: System) -> tuple[str, ...]:
    """Both ends where the receiver decides; an opaque end was judged by what the other end and configuration show."""
    ends = (interaction.source, interaction.target) if point.receiving else (interaction.source,)
    opaque = system.opaque_names
    return tuple(end for end in ends if end not in opaque)


def _findings(point: Point, interaction: Interaction, sightings: list[Sighting]) -> Iterator[Contradiction]:
    found: dict[tuple[object, ...], Contradiction] = {}
    for sighting in sightings:
        if sighting.fact is not None and sighting.fact.value is False:
            finding = _finding(point, interaction, sighting, sighting.fact)
            found.setdefault((finding.place, finding.message), finding)
    yield from found.values()


def _finding(point: Point, interaction: Interaction, sighting: Sighting, fact: Fact) -> Contradiction:
    crossing = sighting.crossing
    on = f" on {crossing.channel!r}" if crossing.channel else ""
    reason = f" ({fact.reason})" if fact.reason else ""
    evidence = fact.evidence or crossing.evidence
    path = (*sighting.path, *(item for item in fact.evidence if item not in sighting.path))
    return Contradiction(
        f"{interaction.arrow}{on}{_alternative(crossing)}: {point.otherwise}{reason}",
        evidence[0].place if evidence else interaction.place,
        evidence[0].kind if evidence else EvidenceKind.SOURCE,
        path,
        (*point.ways_out, waiver_way_out(interaction=interaction.id)),
        " ".join(filter(None, (point.fact, crossing.alternative))),
    )


def _alternative(crossing: Crossing) -> str:
    return f" [{crossing.alternative}]" if crossing.alternative else ""


def _kinds(sighting: Sighting) -> frozenset[EvidenceKind]:
    evidence = (sighting.fact.evidence if sighting.fact else ()) or sighting.crossing.evidence
    return frozenset(item.kind for item in evidence)


def _ground(sighting: Sighting) -> str:
    fact = sighting.fact
    at = f" at {fact.evidence[0].place}" if fact and fact.evidence else f" at {site(sighting.crossing)}"
    return f"{(fact.reason if fact else '') or 'seen'}{at}{_alternative(sighting.crossing)}"
