"""What running databases said, in terms of quanta: who reaches whose database, what is published, what rests where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from quantafit.coupling.databases import Databases, identity, told
from quantafit.coupling.targets import Hosts
from quantafit.model import (
    Clue,
    Communication,
    Crossing,
    DataAtRest,
    DatabaseState,
    Evidence,
    EvidenceKind,
    LiveEvidence,
    PublicationUse,
    Role,
    Step,
    TargetKind,
    Unresolved,
)
from quantafit.model.live_database import LiveSubscription, RemoteServer

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORT = "5432"
_RESTING = frozenset({"table", "materialized view"})


@dataclass(frozen=True, slots=True)
class Joined:
    """What live databases add to the coupling map."""

    crossings: tuple[Crossing, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    publications: tuple[PublicationUse, ...] = ()
    data: tuple[DataAtRest, ...] = ()


def join(live: LiveEvidence | None, databases: Databases, hosts: Hosts) -> Joined:
    """The links between the databases of two quanta, publications, and classified tables and columns.

    A link whose other side cannot be told is unresolved.
    """
    if live is None:
        return Joined()
    links = _Links(live, databases, hosts)
    found = [one for state in live.databases for one in links.of(state)]
    return Joined(
        tuple(one for one in found if isinstance(one, Crossing)),
        tuple(one for one in found if isinstance(one, Unresolved)),
        tuple(
            PublicationUse(state.quantum, publication, EvidenceKind.RUNTIME)
            for state in live.databases
            for publication in state.publications
        ),
        tuple(one for state in live.databases for one in _at_rest(state)),
    )


class _Links:
    def __init__(self, live: LiveEvidence, databases: Databases, hosts: Hosts) -> None:
        self.live = live
        self.databases = databases
        self.hosts = hosts

    def of(self, state: DatabaseState) -> Iterator[Crossing | Unresolved]:
        for remote in state.remotes:
            yield from self._reached(state, remote)
        for subscription in state.subscriptions:
            yield from self._subscribed(state, subscription)

    def _reached(self, state: DatabaseState, remote: RemoteServer) -> Iterator[Crossing | Unresolved]:
        what = f"foreign server {remote.name} ({remote.wrapper})" if remote.wrapper != "dblink" else "dblink"
        address = _address(remote.host, remote.port, remote.database)
        owner = self._owner(state, remote.host, remote.port, remote.database)
        if owner is None:
            why = f"whose database {address} is could not be told"
            yield Unresolved(state.quantum, f"{what} in {state.name}", why, remote.place, ("request", "store"))
        elif owner != state.quantum:
            yield Crossing(
                source=state.quantum,
                target=owner,
                target_kind=TargetKind.QUANTUM,
                mechanism="database",
                communication=Communication.SYNCHRONOUS,
                address=address,
                evidence=(Evidence(EvidenceKind.RUNTIME, Role.CALL, remote.place, what),),
                tables=remote.tables,
                operation="read",
                resolution=(Clue(Step.DATASTORE, f"{what}: {address} is {owner}'s database", None),),
            )

    def _subscribed(self, state: DatabaseState, subscription: LiveSubscription) -> Iterator[Crossing | Unresolved]:
        owner, by = self._publisher(state, subscription)
        what = f"subscription {subscription.name}"
        if owner is None:
            yield Unresolved(state.quantum, f"{what} in {state.name}", by, subscription.place, ("store",))
        elif owner != state.quantum:
            for publication in subscription.publications:
                yield Crossing(
                    source=owner,
                    target=state.quantum,
                    target_kind=TargetKind.QUANTUM,
                    mechanism="logical-replication",
                    communication=Communication.ASYNCHRONOUS,
                    address=_address(subscription.host, subscription.port, subscription.database),
                    channel=publication,
                    evidence=(Evidence(EvidenceKind.RUNTIME, Role.CALL, subscription.place, what),),
                    tables=tuple(table.name for table in subscription.tables) or self._published(owner, publication),
                    operation="write",
                    resolution=(Clue(Step.DATASTORE, f"{what}: {by}", None),),
                )

    def _publisher(self, state: DatabaseState, subscription: LiveSubscription) -> tuple[str | None, str]:
        """Who feeds a subscription, and by what that is known; else why it is not."""
        if subscription.database or subscription.host:
            address = _address(subscription.host, subscription.port, subscription.database)
            owner = self._owner(state, subscription.host, subscription.port, subscription.database)
            if owner is not None:
                return owner, f"{address} is {owner}'s database"
        ends = {
            other.quantum: other.name
            for other in self.live.databases
            if other.name != state.name and any(slot.name == subscription.slot for slot in other.slots)
        }
        if len(ends) == 1:
            (owner, name), *_ = ends.items()
            return owner, f"its replication slot {subscription.slot} is one of {name}"
        right = next((one.why for one in state.unreadable if "subscription connects" in one.what), "")
        hint = f"; {right}, or ask the publisher's database too" if right else ""
        return None, f"which database publishes {' and '.join(subscription.publications)} could not be told{hint}"

    def _published(self, owner: str, publication: str) -> tuple[str, ...]:
        found = (
            one
            for state in self.live.databases
            for one in state.publications
            if (state.quantum, one.name) == (owner, publication)
        )
        return tuple(table.name for one in found for table in one.tables)

    def _owner(self, state: DatabaseState, host: str | None, port: str | None, database: str | None) -> str | None:
        """Whose database an address is, as the server of ``state`` understands it."""
        here = host is None or host.startswith("/") or (host in _LOOPBACK and state.host not in _LOOPBACK)
        for other in self.live.databases:
            same_server = other.instance == state.instance if here else _same_host(other, host or "", port)
            if same_server and other.server and other.database == database:
                return other.quantum
        if here:
            return None
        name = identity(f"postgresql://{_address(host, port, database)}")
        owner = self.databases.owner(name) if told(name) else None
        return owner or self.hosts.owner(host or "")


def _same_host(state: DatabaseState, host: str, port: str | None) -> bool:
    both_here = state.host in _LOOPBACK and host in _LOOPBACK
    return (state.host == host or both_here) and (state.port or _PORT) == (port or _PORT)


def _address(host: str | None, port: str | None, database: str | None) -> str:
    """Host, port and database, as far as they are given."""
    return f"{host or 'localhost'}{f':{port}' if port else ''}/{database or ''}"


def _at_rest(state: DatabaseState) -> Iterator[DataAtRest]:
    for table in state.tables:
        if table.kind not in _RESTING or table.part_of:
            continue
        if table.data_class is not None:
            yield DataAtRest(
                state.quantum, table.data_class, "table", table.name, table.place, kind=EvidenceKind.RUNTIME
            )
        for column in table.columns:
            if column.data_class is not None:
                where = f"{table.name}.{column.name}"
                yield DataAtRest(
                    state.quantum, column.data_class, "column", where, table.place, kind=EvidenceKind.RUNTIME
                )
