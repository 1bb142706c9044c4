"""Sockets without a broker between them (ZeroMQ): one end binds an address, the other connects to it.

Which end binds says nothing about which one sends. A bound address names an interface of the binding machine, so that
its port alone tells; ``ipc`` is a path of one machine, ``inproc`` a name within one process. Source: ZeroMQ reference,
zmq_tcp(7), zmq_ipc(7), zmq_inproc(7).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from quantafit.coupling.channels import Broker
from quantafit.coupling.resolve import HOLE
from quantafit.coupling.targets import Hosts, is_private, is_this_machine
from quantafit.model.observations import Observation

MECHANISM = "zmq"
_ADDRESS = re.compile(r"(\w+)://(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _End:
    quantum: str
    binds: bool
    scheme: str
    host: str
    port: str


def takers(publish: Observation, address: str, broker: Broker, hosts: Hosts) -> Iterator[tuple[Observation, bool]]:
    """Who takes what one end sends, and whether the two are sure to meet."""
    for sender in _ends(publish, address, broker):
        for (mechanism, name), consumers in broker.consumers.items():
            for consumer in consumers if mechanism == MECHANISM else ():
                met = {_meet(sender, end, hosts) for end in _ends(consumer, name, broker)} - {False}
                if met:
                    yield consumer, True in met


def _ends(observation: Observation, address: str, broker: Broker) -> Iterator[_End]:
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return
    host, _, port = found[2].rpartition(":") if found[1] not in ("ipc", "inproc") else (found[2], "", "")
    for how in broker.texts(observation, "attached"):
        yield _End(observation.quantum, how == "bind", found[1], host.lower(), port)


def _meet(one: _End, other: _End, hosts: Hosts) -> bool | None:
    """Whether two ends meet; None where they may."""
    if one.scheme != other.scheme or one.binds == other.binds:
        return False
    if one.scheme in ("ipc", "inproc"):
        known = HOLE not in one.host + other.host
        near = one.scheme == "ipc" or one.quantum == other.quantum
        return near and (one.host == other.host if known else None)
    binder, caller = (one, other) if one.binds else (other, one)
    if HOLE in binder.port + caller.port:
        return None
    return binder.port == caller.port and _leads_to(caller, binder.quantum, hosts)


def _leads_to(caller: _End, quantum: str, hosts: Hosts) -> bool | None:
    """Whether the host that an end connects to is the other's."""
    if HOLE in caller.host or not caller.host:
        return None
    owner = hosts.owner(caller.host)
    if owner is not None:
        return owner == quantum
    if is_this_machine(caller.host):
        return True if quantum == caller.quantum or not hosts.alone(caller.quantum) else None
    return None if is_private(caller.host) or "." not in caller.host else False
