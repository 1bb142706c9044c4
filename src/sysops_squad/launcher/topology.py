"""What the broker holds, as its definitions: exported from the code, never written by hand.

The shape of a queue is what `plumbing.amqp.declare` declares, told by running it over a recorder; which queues there
are, and who may do what with them, is what each quantum's `messages` says that it sends and receives.
"""

import asyncio
import importlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from aio_pika import ExchangeType
from aio_pika.abc import AbstractRobustChannel

from sysops_squad.plumbing import amqp

QUANTA = ("customer", "sysops", "billing", "reporting")
OPERATOR = "operator"
"""The user who looks at dead letters and requeues them: may read those, and nothing else."""

_NOTHING = "^$"


class TopologyError(Exception):
    """The quanta do not fit together: a queue without a receiver or sender, or with two receivers."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The queues that a quantum sends to and receives from."""

    quantum: str
    sends: tuple[str, ...]
    receives: tuple[str, ...]


def ends() -> tuple[Ends, ...]:
    """What each quantum says of itself. Raises `TopologyError` where that does not fit together."""
    modules = {name: importlib.import_module(f"sysops_squad.{name}.messages") for name in QUANTA}
    found = tuple(Ends(name, module.SENDS, module.RECEIVES) for name, module in modules.items())
    sent = [queue for one in found for queue in one.sends]
    received = [queue for one in found for queue in one.receives]
    for queue in {*sent, *received}:
        if sent.count(queue) != 1 or received.count(queue) != 1:
            raise TopologyError(
                f"the queue {queue!r} has {sent.count(queue)} senders and {received.count(queue)} receivers:"
                " see SENDS and RECEIVES in the messages of each quantum"
            )
    return found


def queues() -> tuple[str, ...]:
    """All queues, by name."""
    return tuple(sorted(queue for one in ends() for queue in one.receives))


def definitions() -> dict[str, Any]:
    """The definitions of the broker. `NAME_PASSWORD_HASH` stands where `deploy/rabbitmq/start.sh` puts a hash."""
    recorder = _Recorder()
    for queue in queues():
        asyncio.run(amqp.declare(cast(AbstractRobustChannel, recorder), queue))
    return {
        "vhosts": [{"name": "/"}],
        "users": [_user(name) for name in (*QUANTA, OPERATOR)],
        "permissions": [
            *(_permission(one.quantum, write=one.sends, read=one.receives) for one in ends()),
            _permission(OPERATOR, write=(), read=[f"{queue}.dead" for queue in queues()]),
        ],
        "exchanges": list(recorder.exchanges.values()),
        "queues": list(recorder.queues.values()),
        "bindings": recorder.bindings,
    }


def definitions_text() -> str:
    """The text of `deploy/rabbitmq/definitions.json`."""
    return json.dumps(definitions(), indent=2) + "\n"


def _user(name: str) -> dict[str, Any]:
    hashing = "rabbit_password_hashing_sha256"
    return {"name": name, "password_hash": f"{name.upper()}_PASSWORD_HASH", "hashing_algorithm": hashing, "tags": []}


def _permission(user: str, *, write: Iterable[str], read: Iterable[str]) -> dict[str, str]:
    """Writing is to exchanges, reading from queues; nobody configures, since the definitions do."""
    return {"user": user, "vhost": "/", "configure": _NOTHING, "write": _one_of(write), "read": _one_of(read)}


def _one_of(names: Iterable[str]) -> str:
    escaped = "|".join(re.escape(name).replace(r"\-", "-") for name in names)
    return f"^({escaped})$" if escaped else _NOTHING


@dataclass
class _Recorder:
    """Stands in for a channel, and keeps what is declared in the broker's own format."""

    exchanges: dict[str, dict[str, Any]] = field(default_factory=dict)
    queues: dict[str, dict[str, Any]] = field(default_factory=dict)
    bindings: list[dict[str, Any]] = field(default_factory=list)

    async def declare_exchange(self, name: str, kind: ExchangeType, *, durable: bool) -> str:
        more = {"auto_delete": False, "internal": False, "arguments": {}}
        self.exchanges[name] = {"name": name, "vhost": "/", "type": kind.value, "durable": durable, **more}
        return name

    async def declare_queue(self, name: str, *, durable: bool, arguments: dict[str, Any]) -> "_RecordedQueue":
        more = {"auto_delete": False, "arguments": arguments}
        self.queues[name] = {"name": name, "vhost": "/", "durable": durable, **more}
        return _RecordedQueue(name, self.bindings)


@dataclass
class _RecordedQueue:
    name: str
    bindings: list[dict[str, Any]]

    async def bind(self, exchange: str, *, routing_key: str) -> None:
        where = {"destination": self.name, "destination_type": "queue", "routing_key": routing_key, "arguments": {}}
        self.bindings.append({"source": exchange, "vhost": "/", **where})
