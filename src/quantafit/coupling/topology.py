"""Which queues a message reaches on a running broker: exchanges, bindings, alternate exchanges.

RabbitMQ's rules: a direct exchange compares keys, a topic exchange matches ``*`` and ``#``, a fanout takes all;
what an exchange cannot route goes to its alternate exchange; a dead letter keeps its routing keys unless the queue sets
one. Source: RabbitMQ documentation, "AMQP 0-9-1 Model", "Alternate Exchanges", "Dead Letter Exchanges".
"""

from __future__ import annotations

from quantafit.coupling.channels import topic_takes
from quantafit.model import BrokerState

_WILD = frozenset({"*", "#"})


class Topology:
    """One broker's queues and exchanges by name, and the ways between them."""

    def __init__(self, broker: BrokerState) -> None:
        self.queues = {queue.name: queue for queue in broker.queues}
        self.exchanges = {exchange.name: exchange for exchange in broker.exchanges}
        self._bindings = broker.bindings

    def fed(self, exchange: str | None) -> set[str] | None:
        """The queues that an exchange may feed; None: any."""
        if exchange is None:
            return None
        if exchange == "":
            return set(self.queues)
        found: set[str] = set()
        open_, seen = [exchange], {exchange}
        while open_:
            name = open_.pop()
            leaving = [binding for binding in self._bindings if binding.source == name]
            found |= {binding.destination for binding in leaving if not binding.to_exchange}
            further = {binding.destination for binding in leaving if binding.to_exchange}
            state = self.exchanges.get(name)
            if state is not None and state.alternate:
                further.add(state.alternate)
            open_ += further - seen
            seen |= further
        return found

    def keys(self, queue: str) -> list[str]:
        """The routing keys that a queue's messages carry: those of its bindings, else its name."""
        bound = {b.routing_key for b in self._bindings if b.source and not b.to_exchange and b.destination == queue}
        return sorted(bound) or [queue]

    def routed(self, exchange: str, key: str, seen: frozenset[str] = frozenset()) -> tuple[set[str], bool]:
        """The queues that a message with a key reaches by an exchange, and whether that is sure."""
        if exchange == "":
            return {key} & set(self.queues), True
        state, seen = self.exchanges.get(exchange), seen | {exchange}
        if state is None:
            return set(), True
        found: set[str] = set()
        sure = True
        for binding in self._bindings:
            takes = binding.source == exchange and _takes(state.type, binding.routing_key, key)
            if takes is False:
                continue
            sure = sure and takes is True
            if not binding.to_exchange:
                found |= {binding.destination} & set(self.queues)
            elif binding.destination not in seen:
                further, certain = self.routed(binding.destination, key, seen)
                found, sure = found | further, sure and certain
        if not found and state.alternate and state.alternate not in seen:
            return self.routed(state.alternate, key, seen)
        return found, sure


def _takes(kind: str, pattern: str, key: str) -> bool | None:
    """Whether a binding takes a message; None where that cannot be told: a key with wildcards stands for many keys."""
    if kind == "fanout":
        return True
    if kind not in ("direct", "topic") or _WILD & set(key.split(".")):
        return None
    return topic_takes(pattern, key) if kind == "topic" else pattern == key
