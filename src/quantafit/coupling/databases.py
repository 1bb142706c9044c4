"""Whose database it is: table uses and connections, with the quantum that owns the store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import unquote, urlsplit

from quantafit.coupling.environment import Bound, Environment
from quantafit.coupling.resolve import HOLE, Resolved, resolve
from quantafit.model import (
    Architecture,
    Clue,
    Communication,
    Crossing,
    DatastoreUse,
    Evidence,
    EvidenceKind,
    Place,
    Step,
    TableUse,
    TargetKind,
)
from quantafit.model.observations import Observation
from quantafit.model.terms import Term, Unknown

_SCHEMES = ("postgres", "postgresql", "mysql", "mariadb", "sqlite", "oracle", "mssql", "mongodb", "cockroachdb")
UNREADABLE = "a database whose URL cannot be read"
UNKNOWN = "***"
"""Stands in a value for what only the deployment knows; a database that it is part of the name of is like no other."""
_KEYWORD = re.compile(r"(?i)\b(host|port|dbname)\s*=\s*('[^']*'|[^\s;]+)")
"""What says which database it is in an address of keywords, as libpq writes it: ``host=db dbname=billing``."""
_USER = re.compile(r"(?i)\buser\s*=\s*('[^']*'|[^\s;]+)")
_MEMORY = ("sqlite://", "sqlite:///:memory:", ":memory:")


@dataclass(frozen=True, slots=True)
class Store:
    """A database that a value leads to: what identifies it, and whose it is (None: cannot be told)."""

    identity: str
    owner: str | None
    variable: str | None
    evidence: tuple[Evidence, ...] = ()
    role: str | None = None


class Databases:
    """The databases of the system and their owners."""

    def __init__(self, architecture: Architecture, environment: Environment) -> None:
        self.architecture = architecture
        self.environment = environment
        self.by_variable: dict[str, str] = {}
        self.by_place: dict[str, str] = {}
        self.by_identity: dict[str, str] = {}
        for quantum in architecture.quanta:
            for store in quantum.datastores:
                for host in store.hosts:
                    self.by_place[host.lower()] = quantum.name
                for index, name in enumerate(store.env):
                    # The first name is the owner's own; further ones are names under which others are given access.
                    self.by_variable.setdefault(name, quantum.name)
                    for user, bound in self._everywhere(name) if index == 0 else ():
                        if bound.value is not None and told(identity(bound.value)):
                            for named in self.seen_from(user, identity(bound.value)):
                                self.by_identity.setdefault(named, quantum.name)
        self._by_first_user()

    def _everywhere(self, name: str) -> Iterable[tuple[str, Bound]]:
        for quantum in self.architecture.quanta:
            yield from ((quantum.name, bound) for bound in self.environment.values(quantum.name, name))

    def seen_from(self, quantum: str, name: str) -> tuple[str, ...]:
        """What an identity tells, seen from a quantum: each compose project may have a server of that name of its own.

        A declared host is one server, whoever asks for it.
        """
        host = name.partition("/")[0].partition(":")[0]
        projects = self.environment.beside(quantum, host) if host.lower() not in self.by_place else {}
        return tuple(f"{host}[{one.replace('/', '.')}]{name[len(host) :]}" for one in projects) or (name,)

    def _by_first_user(self) -> None:
        """A database that the units of only one quantum are given is that quantum's."""
        users: dict[str, set[str]] = {}
        for unit in self.environment.configuration.units:
            quantum = self.environment.quantum_of(unit)
            for binding in unit.environment:
                value = self.environment.interpolated(binding)
                if quantum is not None and value is not None and is_database(value) and told(identity(value)):
                    for named in self.seen_from(quantum, identity(value)):
                        users.setdefault(named, set()).add(quantum)
        for name, quanta in users.items():
            if len(quanta) == 1:
                self.by_identity.setdefault(name, next(iter(quanta)))

    def stores(self, term: Term, quantum: str) -> tuple[Store, ...]:
        """The databases that a term may lead to, seen from a quantum."""
        found: dict[tuple[str, str | None], Store] = {}
        for value in resolve(term, quantum, self.environment):
            for store in self._stores(value, quantum):
                found.setdefault((store.identity, store.owner), store)
        return tuple(found.values())

    def _stores(self, value: Resolved, quantum: str) -> Iterator[Store]:
        if value.text is not None:
            value = replace(value, text=_whole(value.text))
        if value.text is not None and not value.text.startswith(HOLE) and not value.modelled:
            if value.text in _MEMORY:
                return
            name, role = identity(value.text), role_of(value.text)
            if not told(name):
                owner = self.by_place.get(name.partition("/")[0].partition(":")[0])
                owner = owner or (self.by_variable.get(value.variable) if value.variable else None)
                yield Store(alone(name, value.variable, quantum), owner, value.variable, value.evidence, role)
                return
            for named in self.seen_from(quantum, name):
                yield Store(named, self.owner(named, value.variable), value.variable, value.evidence, role)
        elif value.variable is not None:
            owner = self.by_variable.get(value.variable)
            bound = self.environment.values(quantum, value.variable)
            left_open = bool(bound) and all(one.value is None for one in bound)
            name = alone(UNKNOWN, value.variable, quantum) if left_open else value.variable
            yield Store(name, owner, value.variable, value.evidence)

    def of_host(self, host: str) -> str | None:
        """Whose databases a server holds; None where it holds those of several, or of nobody that is known."""
        owners = {owner for name, owner in self.by_identity.items() if name.partition("/")[0].partition(":")[0] == host}
        return self.by_place.get(host.lower()) or (owners.pop() if len(owners) == 1 else None)

    def owner(self, name: str, variable: str | None = None) -> str | None:
        """Whose database an identity is: by declared host, by who is given it, by the variable's declared owner."""
        host = name.partition("/")[0].partition(":")[0]
        return (
            self.by_place.get(host)
            or self.by_identity.get(name)
            or (self.by_variable.get(variable) if variable is not None else None)
        )


def told(name: str) -> bool:
    """Whether an identity says which database it is."""
    return UNKNOWN not in name and name != UNREADABLE


def alone(name: str, variable: str | None, quantum: str) -> str:
    """The identity of a database of which something is unknown: it is taken for no other."""
    return f"{name} of {variable or 'the code'} in {quantum}"


def is_database(value: str) -> bool:
    """Whether a value is the URL of a database."""
    scheme, found, _ = value.partition("://")
    return bool(found) and scheme.partition("+")[0].lower() in _SCHEMES


def _whole(text: str) -> str:
    """The address of a database that Django is given whole, where its settings have a host and a name."""
    inner = text.removeprefix("django://")
    return inner.removesuffix("/") if inner != text and "://" in inner else text


def identity(url: str) -> str:
    """What tells a database from others: host, port and name, or the file; never the credentials."""
    plain = url.replace(HOLE, "…")
    if "://" not in plain and _KEYWORD.search(plain):
        said = {key.lower(): value.strip("'") for key, value in _KEYWORD.findall(plain)}
        port = f":{said['port']}" if "port" in said else ""
        return f"{said.get('host', 'localhost')}{port}/{said.get('dbname', '')}"
    scheme = plain.partition("://")[0].partition("+")[0].lower()
    if scheme == "sqlite" or "://" not in plain:
        return plain.partition("://")[2].partition("?")[0].lstrip("/") or plain
    try:
        split = urlsplit(plain)
        port = f":{split.port}" if split.port else ""
    except ValueError:
        return UNREADABLE
    return f"{split.hostname or 'localhost'}{port}/{split.path.lstrip('/')}"


def role_of(url: str) -> str | None:
    """The database role that a URL names, None where it names none that can be told."""
    plain = url.replace(HOLE, UNKNOWN)
    if "://" not in plain:
        named = _USER.search(plain)
        role = named[1].strip("'") if named else None
    else:
        try:
            role = unquote(urlsplit(plain).username or "")
        except ValueError:
            role = None
    return role if role and UNKNOWN not in role and "$" not in role else None


def tables(observations: Iterable[Observation], databases: Databases) -> list[TableUse]:
    """Every table use with the owner of its database. Where the database cannot be told, neither can the owner."""
    own_only = _single(databases, observations := list(observations))
    found: list[TableUse] = []
    operations: dict[str, Literal["read", "write", "define"]] = {"store": "write", "read": "read", "define": "define"}
    for seen in observations:
        if seen.does not in operations:
            continue
        table = getattr(seen.slots.get("table"), "value", None)
        if not isinstance(table, str):
            continue
        stores = databases.stores(seen.slots.get("datastore", Unknown("")), seen.quantum)
        if not stores and own_only.get(seen.quantum):
            stores = (Store("", seen.quantum, None),)
        if seen.does == "define" and not stores:
            stores = (Store("", seen.quantum, None),)  # a quantum's own migrations define its own tables
        place = seen.path[-1].place
        for store in stores or (Store("", None, None),):
            path = (*seen.path, *store.evidence)
            known = store.identity or None
            use = TableUse(seen.quantum, table, operations[seen.does], place, store.owner, known, seen.columns, path)
            found.append(use)
    return found


def _single(databases: Databases, observations: Iterable[Observation]) -> Mapping[str, bool]:
    """The quanta that open their own databases only: there a session of unknown origin is the quantum's own."""
    result: dict[str, bool] = {}
    for seen in observations:
        if seen.does == "connect":
            stores = databases.stores(seen.slots.get("url", Unknown("")), seen.quantum)
            mine = bool(stores) and all(store.owner == seen.quantum for store in stores)
            result[seen.quantum] = result.get(seen.quantum, True) and mine
    return result


def uses(observations: Iterable[Observation], databases: Databases) -> list[DatastoreUse]:
    """Every database that a quantum's code opens, or that its units are given."""
    found: dict[tuple[str, str, EvidenceKind, Place], DatastoreUse] = {}
    for seen in observations:
        if seen.does != "connect":
            continue
        for store in databases.stores(seen.slots.get("url", Unknown("")), seen.quantum):
            use = DatastoreUse(
                seen.quantum, store.identity, store.owner, seen.site, EvidenceKind.SOURCE, role=store.role
            )
            found.setdefault((use.quantum, use.identity, use.kind, use.place), use)
    environment = databases.environment
    for unit in environment.configuration.units:
        quantum = environment.quantum_of(unit)
        for binding in unit.environment:
            value = environment.interpolated(binding)
            if quantum is None or value is None or not is_database(value):
                continue
            for name in databases.seen_from(quantum, identity(value)):
                owner = databases.owner(name, binding.name)
                known = name if told(name) else alone(name, binding.name, quantum)
                use = DatastoreUse(
                    quantum, known, owner, binding.place, EvidenceKind.CONFIGURATION, unit.name, role_of(value)
                )
                found.setdefault((use.quantum, use.identity, use.kind, use.place), use)
    return sorted(found.values(), key=lambda use: (use.quantum, use.place, use.identity))


def crossings(found: Iterable[TableUse]) -> list[Crossing]:
    """Reads and writes in another quantum's database: one for each site, owner and operation."""
    grouped: dict[tuple[str, str, Place, str], list[TableUse]] = {}
    for use in found:
        if use.owner is not None and use.owner != use.quantum and use.operation != "define":
            site = use.path[0].place if use.path else use.place
            grouped.setdefault((use.quantum, use.owner, site, use.operation), []).append(use)
    result = []
    for (source, owner, _, operation), group in grouped.items():
        evidence = dict.fromkeys(item for use in group for item in use.path)
        result.append(
            Crossing(
                source=source,
                target=owner,
                target_kind=TargetKind.QUANTUM,
                mechanism="database",
                communication=Communication.SYNCHRONOUS,
                address=group[0].datastore,
                evidence=tuple(evidence),
                tables=tuple(dict.fromkeys(use.table for use in group)),
                operation="write" if operation == "write" else "read",
                resolution=(_store_clue(group[0], owner, evidence),),
            )
        )
    return result


def _store_clue(use: TableUse, owner: str, evidence: Iterable[Evidence]) -> Clue:
    """By what a database is known to be another quantum's: by the line that gives its address, where there is one."""
    bound = next((item for item in evidence if item.kind is EvidenceKind.CONFIGURATION), None)
    return Clue(Step.DATASTORE, f"{use.datastore} is {owner}'s database", bound.place if bound else None)
