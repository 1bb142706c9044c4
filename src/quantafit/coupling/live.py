"""What a running broker makes of its queues: facts about delivery, from the states that it told.

A fact is True where the broker's answer proves it, False where it refutes it, ``unknown`` where it leaves a doubt that
nobody may pass over, and None where it says nothing: an empty queue has no message that is not persistent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from quantafit.coupling.settings import effective, governing, setting, word
from quantafit.coupling.topology import Topology
from quantafit.model import (
    BrokerState,
    Evidence,
    EvidenceKind,
    Fact,
    LiveQueue,
    Place,
    QueueState,
    QueueStatement,
    Role,
)

Settings = Mapping[str, tuple[str, Evidence]]


def queues(brokers: Iterable[BrokerState]) -> Iterator[LiveQueue]:
    """Every queue of every broker, with what it shows of delivery."""
    for broker in brokers:
        topology = Topology(broker)
        for queue in broker.queues:
            facts = _Seen(broker, topology, queue, settings(queue, broker)).facts()
            yield LiveQueue(broker.name, queue.name, queue.place, facts)


def statements(brokers: Iterable[BrokerState]) -> Iterator[QueueStatement]:
    """What every broker says of every queue."""
    for broker in brokers:
        for queue in broker.queues:
            yield QueueStatement(queue.name, _declared(queue), settings(queue, broker), complete=True)


def settings(queue: QueueState, broker: BrokerState) -> Settings:
    """All that holds for a queue: its properties, and its arguments and policy together, each with who says so."""
    own = _declared(queue)
    properties = {"durable": queue.durable, "auto-delete": queue.auto_delete, "exclusive": queue.exclusive}
    found = {name: (word(value), own) for name, value in properties.items()} | {"type": (queue.type, own)}
    arguments = {setting(name): value for name, value in queue.arguments.items() if name != "x-queue-type"}
    computed, names = governing(broker.policies, queue.name, queue.type)
    policy = computed if queue.policy is None else queue.policy
    by_policy = _evidence(queue.place, Role.CONFIGURATION, names or "a policy")
    for name, value in effective(arguments, policy).items():
        is_own = name in arguments and arguments[name] == value
        found[name] = (word(value), own if is_own else by_policy)
    return found


@dataclass(frozen=True, slots=True)
class _Seen:
    """One queue of a broker, while it is judged what the broker shows of it."""

    broker: BrokerState
    topology: Topology
    queue: QueueState
    settings: Settings

    def facts(self) -> Mapping[str, Fact]:
        """What the broker shows of the points of delivery. An export shows only what is defined."""
        found = {"store": self._store(), "dead_letter": self._dead_letter()}
        if self.broker.running:
            found |= {"persist": self._persist(), "confirm": self._confirm(), "acknowledge": self._acknowledge()}
        return found

    def _store(self) -> Fact:
        name = self.queue.name
        if not self.queue.durable:
            return self._says(False, f"the queue {name} is transient")
        if self.queue.exclusive or self.queue.auto_delete:
            return self._says(False, f"the queue {name} is {'exclusive' if self.queue.exclusive else 'auto-delete'}")
        if "expires" in self.settings:
            unused, by = self.settings["expires"]
            return self._says(False, f"the queue {name} is deleted when nobody uses it for {unused} ms ({by.note})", by)
        return self._says(True, f"the {self.queue.type} queue {name} is durable")

    def _persist(self) -> Fact:
        if self.queue.transient_bytes:
            waiting = f"{self.queue.transient_bytes} bytes of the messages in {self.queue.name}"
            return self._says(False, f"{waiting} are transient")
        return Fact(None, "no message that waits in the queue is transient; what passed through it is not seen")

    def _acknowledge(self) -> Fact:
        consumers = [consumer for consumer in self.broker.consumers if consumer.queue == self.queue.name]
        users = sorted({consumer.user for consumer in consumers if not consumer.acknowledges})
        if users:
            by = _evidence(self.queue.place, Role.CONSUMER, "ack_required=false")
            who = f"a consumer of {self.queue.name} (user {', '.join(users)})"
            return self._says(False, f"for {who} a message is done when it is delivered", by)
        return Fact(None, "consumers acknowledge by themselves; whether after the work, the broker cannot tell")

    def _confirm(self) -> Fact:
        """Only a channel whose exchange leads to one queue alone is sure to have published to it."""
        doubt = ""
        for publisher in self.broker.publishers:
            if publisher.confirms:
                continue
            fed = self.topology.fed(publisher.exchange)
            who = f"a channel of user {publisher.user} publishes without confirms"
            if fed == {self.queue.name}:
                by = _evidence(publisher.place, Role.CALL, "confirm=false")
                return self._says(False, f"{who} to {self.queue.name}", by)
            if fed is None or self.queue.name in fed:
                doubt = f"{who}, it may be to {self.queue.name}"
        return self._says(None, doubt) if doubt else Fact(None, "no channel that publishes without confirms is seen")

    def _dead_letter(self) -> Fact:
        name = self.queue.name
        if "dead-letter-exchange" not in self.settings:
            return self._says(False, f"the queue {name} has no dead-letter exchange")
        exchange, by = self.settings["dead-letter-exchange"]
        if exchange not in self.topology.exchanges:
            return self._says(False, f"the dead-letter exchange {exchange} of {name} does not exist", by)
        own_key = self.settings.get("dead-letter-routing-key")
        reached: set[str] = set()
        for key in [own_key[0]] if own_key is not None else self.topology.keys(name):
            found, sure = self.topology.routed(exchange, key)
            shown = f"the dead-letter exchange {exchange or '(default)'} for {key!r}"
            if not found:
                return self._says(False, f"no queue is bound to {shown}, so dead letters of {name} are lost", by)
            if not sure:
                return self._says(None, f"dead letters of {name} go to {shown}, which routes in its own way", by)
            reached |= found
        return self._graveyard(sorted(reached), by)

    def _graveyard(self, names: list[str], by: Evidence) -> Fact:
        if self.queue.name in names:
            return self._says(False, f"dead letters of {self.queue.name} come back to it", by)
        for name in names:
            brief = self._brief(self.topology.queues[name])
            if brief:
                return self._says(False, f"dead letters go to {name}, which is {brief}", by)
        watched = any(consumer.queue in names for consumer in self.broker.consumers)
        consumed = f", which {'is consumed' if watched else 'nobody consumes'}" if self.broker.running else ""
        return self._says(True, f"dead letters go to {', '.join(names)}{consumed}", by)

    def _brief(self, queue: QueueState) -> str:
        """Why a queue does not last; empty where it does."""
        if not queue.durable:
            return "transient"
        if queue.exclusive or queue.auto_delete:
            return "exclusive" if queue.exclusive else "auto-delete"
        unused = settings(queue, self.broker).get("expires")
        return f"deleted when nobody uses it for {unused[0]} ms" if unused else ""

    def _says(self, value: bool | None, reason: str, by: Evidence | None = None) -> Fact:
        """What the broker says; a value of None is a doubt."""
        who = self.broker.name if self.broker.running else f"the export of {self.broker.name}"
        return Fact("unknown" if value is None else value, f"{who} says: {reason}", (by or _declared(self.queue),))


def _declared(queue: QueueState) -> Evidence:
    return _evidence(queue.place, Role.DECLARE, f"queue {queue.name}")


def _evidence(place: Place, role: Role, note: str) -> Evidence:
    return Evidence(EvidenceKind.RUNTIME, role, place, note)
