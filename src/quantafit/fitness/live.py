"""What running brokers say of a declared interaction's queues, for the rules that judge delivery.

A broker judges the queues that it has. One that did not answer is an error for every interaction that may go through
it; a queue that no broker has is a doubt; and where no broker was asked at all, there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quantafit.fitness.rule import Obstacle
from quantafit.fitness.system import System
from quantafit.model import Crossing, EvidenceKind, Fact, Interaction, TargetKind

MECHANISMS = frozenset({"amqp"})
"""The mechanisms whose channels are queues that a broker has under the same names."""

_BY_AMQP = MECHANISMS | {"celery", "nameko-event", "nameko-rpc"}
"""The mechanisms that may go through such a broker, by names of their own."""


def queues_of(crossing: Crossing, interaction: Interaction) -> tuple[str, ...]:
    """The queues that a crossing goes through to the interaction's receiver; its channel where no receiver is known."""
    if crossing.mechanism not in MECHANISMS:
        return ()
    names = [receiver.queue for receiver in crossing.receivers if receiver.quantum in (interaction.target, None)]
    if not names and crossing.target_kind is TargetKind.UNROUTED and crossing.channel:
        names = [crossing.channel]
    return tuple(dict.fromkeys(name for name in names if name))


def facts(queue: str, point: str, system: System) -> Iterator[Fact]:
    """What the running brokers show of one point of delivery (``store``, ``persist``…) on a queue."""
    for live in system.live_queues(queue):
        fact = live.facts.get(point)
        if fact is not None:
            yield fact


def obstacles(crossings: Iterable[Crossing], interaction: Interaction, system: System) -> Iterator[Obstacle]:
    """The brokers that did not answer, and the queues that no broker has."""
    seen = list(crossings)
    if seen and not any(crossing.mechanism in _BY_AMQP for crossing in seen):
        return
    for failure in system.silent_brokers:
        yield Obstacle(EvidenceKind.RUNTIME, f"broker {failure.server}: {failure.why}", error=True)
    if not system.asked_brokers or system.silent_brokers:
        return
    for name in dict.fromkeys(name for crossing in seen for name in queues_of(crossing, interaction)):
        if not system.live_queues(name):
            asked = " and ".join(system.asked_brokers)
            yield Obstacle(EvidenceKind.RUNTIME, f"{asked} has no queue {name}: is the system running there?")
