"""Databases that reach into each other, as SQL sets it up: foreign tables and dblink wait, subscriptions do not."""

from __future__ import annotations

from quantafit.coupling.databases import Databases, identity, told
from quantafit.coupling.targets import Hosts
from quantafit.model import (
    Clue,
    Communication,
    Configuration,
    Crossing,
    DatabaseLink,
    Documented,
    Evidence,
    EvidenceKind,
    PublicationUse,
    Role,
    Step,
    TargetKind,
    Unresolved,
)


def join(configuration: Configuration, databases: Databases, hosts: Hosts) -> tuple[list[Crossing], list[Unresolved]]:
    """A crossing for each link between the databases of two quanta; whose database it is not told is unresolved.

    A file is the quantum's in whose code it lies, or whose database's unit it is mounted into. Links in other files are
    nobody's, and not judged.
    """
    crossings: list[Crossing] = []
    unresolved: list[Unresolved] = []
    for link in configuration.links:
        own = _owner_of_file(link.place.path, databases, hosts)
        if own is None:
            continue
        name = _identity(link)
        owner = databases.owner(name) if told(name) else None
        owner = owner or (hosts.owner(link.host) if link.host else None)
        if owner is None:
            why = f"whose database {name} is could not be told"
            unresolved.append(Unresolved(own, f"{link.kind} in SQL", why, link.place, ("request", "store")))
        elif owner != own:
            crossings += (_crossing(link, own, owner, name, channel) for channel in link.publications or (None,))
    return crossings, unresolved


def published(configuration: Configuration, databases: Databases, hosts: Hosts) -> tuple[PublicationUse, ...]:
    """The publications that SQL files make, each with the quantum in whose code, or into whose database, it lies."""
    owned = ((_owner_of_file(one.place.path, databases, hosts), one) for one in configuration.publications)
    return tuple(PublicationUse(owner, one, EvidenceKind.CONFIGURATION) for owner, one in owned if owner is not None)


def documented(configuration: Configuration, databases: Databases, hosts: Hosts) -> tuple[Documented, ...]:
    """What documents say, each with the quantum in whose code it lies."""
    return tuple(
        Documented(_owner_of_file(one.place.path, databases, hosts), one.channel, one.action, one.place)
        for one in configuration.documented
    )


def _crossing(link: DatabaseLink, own: str, owner: str, name: str, publication: str | None) -> Crossing:
    copied = link.kind == "subscription"
    said = f"{link.kind}: {name} is {owner}'s database"
    return Crossing(
        source=owner if copied else own,
        target=own if copied else owner,
        target_kind=TargetKind.QUANTUM,
        mechanism="logical-replication" if copied else "database",
        communication=Communication.ASYNCHRONOUS if copied else Communication.SYNCHRONOUS,
        address=name,
        channel=publication,
        evidence=(Evidence(EvidenceKind.CONFIGURATION, Role.CALL, link.place, link.kind),),
        tables=link.tables,
        operation="write" if copied else "read",
        resolution=(Clue(Step.DATASTORE, said, link.place),),
    )


def _identity(link: DatabaseLink) -> str:
    port = f":{link.port}" if link.port else ""
    return identity(f"postgresql://{link.host or 'localhost'}{port}/{link.database or ''}")


def _owner_of_file(path: str, databases: Databases, hosts: Hosts) -> str | None:
    environment = databases.environment
    found = environment.owner_of(path)
    if found is not None:
        return found
    for unit in environment.configuration.units:
        if any(
            volume.partition(":")[0].removeprefix("./").rstrip("/") in _and_folders(path) for volume in unit.volumes
        ):
            owner = databases.of_host(unit.name) or hosts.owner(unit.name)
            if owner is not None:
                return owner
    return None


def _and_folders(path: str) -> tuple[str, ...]:
    parts = path.split("/")
    return tuple("/".join(parts[:end]) for end in range(1, len(parts) + 1))
