"""Databases that are one quantum's alone, by everything that was observed: proposed as its own."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from quantafit.app.proposing.words import can_be_text
from quantafit.model import CouplingMap, DataStore, Quantum
from quantafit.model.proposal import Proposed, Remark

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1", "host.docker.internal"})


def with_datastores(quanta: tuple[Proposed[Quantum], ...], coupling: CouplingMap) -> tuple[Proposed[Quantum], ...]:
    """The quanta, each with the database servers that it alone uses.

    A server that several quanta use is nobody's here, nor is a database without a network name: which one that is
    depends on the machine.
    """
    users: dict[str, set[str]] = defaultdict(set)
    databases: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for use in coupling.datastores:
        host, database = _parts(use.identity)
        if host is not None:
            users[host].add(use.quantum)
            databases[use.quantum, host].setdefault(database, str(use.place))
    alone = {host for host, of_host in users.items() if len(of_host) == 1}
    return tuple(
        _with(one, {h: d for (q, h), d in databases.items() if q == one.value.name and h in alone}) for one in quanta
    )


def _with(one: Proposed[Quantum], hosts: dict[str, dict[str, str]]) -> Proposed[Quantum]:
    stores = []
    for host, found in sorted(hosts.items()):
        names = [name for name in found if can_be_text(name)]
        stores.append(DataStore(host, hosts=(host,), database=names[0] if len(found) == len(names) == 1 else None))
    if not stores:
        return one
    places = ", ".join(dict.fromkeys(place for found in hosts.values() for place in found.values()))
    remark = Remark(f"datastores: nobody else is given these servers ({places})")
    return Proposed(replace(one.value, datastores=tuple(stores)), (*one.remarks, remark))


def _parts(identity: str) -> tuple[str | None, str]:
    """Host and database of an identity ``host:port/name``; no host where it names no server."""
    server, slash, database = identity.partition("/")
    host = server.partition(":")[0].lower()
    named = bool(slash) and can_be_text(identity) and " " not in identity and not set("*…?") & set(identity)
    return (host if named and host and host not in _THIS_MACHINE and "." not in host else None), database
