"""What the users of one quantum may do, at running brokers, to the queues that another one receives from.

Judged are the users that `broker_users` names. What is allowed and not declared is an interaction that nobody decided
on, waiting to be made.
"""

from __future__ import annotations

from collections.abc import Iterator

from quantafit.fitness import live
from quantafit.fitness.cases import edge_waiver
from quantafit.fitness.matching import crossings_of
from quantafit.fitness.rule import Contradiction, Obstacle
from quantafit.fitness.system import Pair, System
from quantafit.model import BrokerState, EvidenceKind, Interaction, Place, QueueRight, Style

_ACTS = {
    "send": "may send to",
    "receive": "may receive from",
    "bind": "may bind to other exchanges",
    "change": "may delete or declare",
}


def findings(pair: Pair, system: System) -> Iterator[Contradiction]:
    """What the first quantum's users may do to the second's queues beyond what is declared; users that are both's."""
    source, target = pair
    users = set(system.quanta[source].broker_users)
    received = _queues(system, target=target) - _queues(system, target=source)
    sent, own = _queues(system, source=source, target=target), _queues(system, source=source)
    for right in system.coupling.queue_rights:
        if right.user in users and right.queue in received and not _is_own(right, sent, own):
            message = (
                f"{source}'s user {right.user} {_ACTS[right.act]} {right.queue}, {target}'s queue at {right.broker}"
            )
            yield _finding(pair, f"{message}, {right.how}", right.place, f"{right.user} {right.act} {right.queue}")
    order = list(system.quanta)
    shared = users & set(system.quanta[target].broker_users) if order.index(source) > order.index(target) else set()
    for broker in _told(system):
        for permission in broker.permissions or ():
            if permission.user in shared:
                message = f"{source} and {target} work at {broker.name} as one user, {permission.user}"
                yield _finding(pair, message, permission.place, f"{permission.user} shared")


def obstacles(pair: Pair, system: System) -> Iterator[Obstacle]:
    """What keeps running brokers from telling what the first quantum's users may do to the second's queues."""
    users = system.quanta[pair[0]].broker_users
    received = _queues(system, target=pair[1])
    if not users or not received:
        return
    for failure in system.silent_brokers:
        yield Obstacle(EvidenceKind.RUNTIME, f"broker {failure.server}: {failure.why}", error=True)
    told = _told(system)
    for broker in told:
        if broker.permissions is None:
            why = "only an administrator is told, or who reads an export of definitions"
            yield _obstacle(f"{broker.name} did not tell the permissions of users: {why}")
    if not told or system.silent_brokers or any(broker.permissions is None for broker in told):
        return
    names = " and ".join(broker.name for broker in told)
    known = {permission.user for broker in told for permission in broker.permissions or ()}
    yield from (_obstacle(f"{names} knows no permissions of {user}") for user in users if user not in known)
    if not any(broker.queue(queue) for broker in told for queue in received):
        yield _obstacle(f"{names} has none of the queues that {pair[1]} receives from")


def reason(pair: Pair, system: System) -> str:
    """What a pass rests on at running brokers; empty where there was nothing to ask."""
    users, told = system.quanta[pair[0]].broker_users, _told(system)
    if not users or not told or not _queues(system, target=pair[1]):
        return ""
    names, whose = " and ".join(broker.name for broker in told), ", ".join(users)
    return f"{names} allows {whose} nothing else with the queues of {pair[1]}"


def _told(system: System) -> tuple[BrokerState, ...]:
    return system.coupling.live.brokers if system.coupling.live else ()


def _is_own(right: QueueRight, sent: frozenset[str], own: frozenset[str]) -> bool:
    """Whether a right is what the quantum needs: to send where it is declared to, and to declare that queue."""
    if right.act == "receive":
        return False
    if right.act == "send" and right.exchange and right.also & own:
        return True
    return right.queue in sent and right.how != "as an administrator of the broker"


def _queues(system: System, *, source: str | None = None, target: str | None = None) -> frozenset[str]:
    """The queues of the declared messages from one quantum, to another, or between both."""
    found: set[str] = set()
    for interaction in system.architecture.interactions:
        ends = source in (None, interaction.source) and target in (None, interaction.target)
        if ends and interaction.style is Style.MESSAGE:
            found |= _names(interaction, system)
    return frozenset(found)


def _names(interaction: Interaction, system: System) -> set[str]:
    crossed = {name for crossing in crossings_of(interaction, system) for name in live.queues_of(crossing, interaction)}
    return crossed or ({interaction.channel} if interaction.channel else set())


def _obstacle(why: str) -> Obstacle:
    return Obstacle(EvidenceKind.RUNTIME, why)


def _finding(pair: Pair, message: str, place: Place, detail: str) -> Contradiction:
    return Contradiction(
        message,
        place,
        EvidenceKind.RUNTIME,
        (),
        (
            f"Give {pair[0]} a user of its own that may write the exchanges of what it sends and read its own queues.",
            "Give each queue an exchange of its own, so that a permission can tell them apart.",
            edge_waiver(pair),
        ),
        detail,
    )
