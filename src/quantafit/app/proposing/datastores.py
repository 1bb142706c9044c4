"""Databases that are one quantum's alone, by everything that was observed: proposed as its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace

from quantafit.app.proposing.words import can_be_text
from quantafit.model import CouplingMap, DataStore, Quantum
from quantafit.model.proposal import Proposed, Remark


def with_datastores(
    quanta: tuple[Proposed[Quantum], ...], coupling: CouplingMap, servers: Collection[str]
) -> tuple[Proposed[Quantum], ...]:
    """The quanta, each with the database servers that it alone uses.

    ``servers`` are the network names of the platform. A server that several quanta use is nobody's here.
    """
    users: dict[str, set[str]] = defaultdict(set)
    databases: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for use in coupling.datastores:
        host, database = _parts(use.identity)
        if host in servers:
            users[host].add(use.quantum)
            databases[use.quantum, host].setdefault(database, str(use.place))
    alone = {host for host, of_host in users.items() if len(of_host) == 1}
    own = {place: found for place, found in databases.items() if place[1] in alone}
    return tuple(_with(one, {host: own[name, host] for name, host in own if name == one.value.name}) for one in quanta)


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


def _parts(identity: str) -> tuple[str, str]:
    """Host and database of an identity, which is ``host:port/name``."""
    server, _, database = identity.partition("/")
    return server.partition(":")[0].lower(), database
