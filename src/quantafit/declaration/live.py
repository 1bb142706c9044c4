"""The running servers that a declaration names."""

from __future__ import annotations

from collections.abc import Iterable

from quantafit.declaration.problems import Problems, did_you_mean, shown
from quantafit.declaration.sections import Named, Section
from quantafit.documents import Scalar
from quantafit.model import BrokerServer, DatabaseServer, LiveServers, Quantum


def live_servers(section: Section | None, quanta: Iterable[Quantum], problems: Problems) -> LiveServers:
    """The section ``live``. A database must be a datastore of one quantum; what is wrong goes to ``problems``."""
    if section is None:
        return LiveServers()
    owners: dict[str, list[str]] = {}
    for quantum in quanta:
        for store in quantum.datastores:
            owners.setdefault(store.name, []).append(quantum.name)
    databases = [_database(entry, owners, problems) for entry in section.named("databases")]
    return LiveServers(
        tuple(_broker(entry, problems) for entry in section.named("brokers")),
        tuple(database for database in databases if database is not None),
    )


def _broker(entry: Named, problems: Problems) -> BrokerServer:
    section = entry.section
    management, definitions = (_variable(section.section(key)) for key in ("management", "definitions"))
    if management is None and definitions is None and section.text("virtual_host"):
        hint = "write management: {env: VARIABLE}, or definitions: {env: VARIABLE}"
        problems.add(section.node, f"nothing says how to ask the broker {shown(entry.name)}", hint)
    virtual_host = section.text("virtual_host") or "/"
    return BrokerServer(entry.name, management, definitions, virtual_host, entry.place)


def _database(entry: Named, owners: dict[str, list[str]], problems: Problems) -> DatabaseServer | None:
    node = Scalar(entry.name, entry.place.line, entry.place.column)
    found = owners.get(entry.name, [])
    if not found:
        hint = did_you_mean(entry.name, owners) or "declare it under the datastores of its quantum"
        problems.add(node, f"unknown datastore {shown(entry.name)}", hint)
        return None
    if len(found) > 1:
        hint = "give the datastores names of their own"
        problems.add(node, f"{shown(entry.name)} is a datastore of {' and of '.join(found)}", hint)
        return None
    variable = _variable(entry.section)
    return DatabaseServer(entry.name, found[0], variable, entry.place) if variable else None


def _variable(section: Section | None) -> str | None:
    return section.text("env") if section is not None else None
