"""What users of running brokers may do to queues, by their permissions and by where exchanges lead.

A permission is three regular expressions, each looked for in the name of a queue or exchange; the default exchange
goes by the name ``amq.default``. Source: RabbitMQ documentation, "Access Control".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from quantafit.coupling.topology import Topology
from quantafit.model import BrokerState, PermissionState, QueueRight

_DEFAULT = "amq.default"


def rights(brokers: Iterable[BrokerState], users: frozenset[str]) -> Iterator[QueueRight]:
    """What these users may do to each queue of each broker that told its permissions."""
    for broker in brokers:
        topology = Topology(broker)
        for permission in broker.permissions or ():
            if permission.user in users:
                yield from _rights(broker, topology, permission)


def _rights(broker: BrokerState, topology: Topology, permission: PermissionState) -> Iterator[QueueRight]:
    def right(queue: str, act: str, how: str, exchange: str | None = None, also: Iterable[str] = ()) -> QueueRight:
        return QueueRight(broker.name, permission.user, queue, act, how, permission.place, exchange, frozenset(also))

    if permission.administrator:
        yield from (right(name, "change", "as an administrator of the broker") for name in topology.queues)
        return
    for exchange in topology.exchanges:
        if _matches(permission.write, exchange or _DEFAULT):
            fed = (topology.fed(exchange) or set()) & set(topology.queues)
            how = f"by the exchange {exchange}" if exchange else "by the default exchange, which leads to every queue"
            yield from (right(queue, "send", how, exchange, fed) for queue in sorted(fed))
    binds = any(_matches(permission.read, exchange or _DEFAULT) for exchange in topology.exchanges)
    for queue in topology.queues:
        if _matches(permission.read, queue):
            yield right(queue, "receive", f"by read {permission.read!r}")
        if _matches(permission.configure, queue):
            yield right(queue, "change", f"by configure {permission.configure!r}")
        if binds and _matches(permission.write, queue):
            yield right(queue, "bind", f"by write {permission.write!r}")


def _matches(pattern: str, name: str) -> bool:
    return bool(pattern) and re.search(pattern, name) is not None
