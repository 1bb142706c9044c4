"""From a checked document to the declared architecture. Problems are gathered; what is broken is left out."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from quantafit.declaration.adrs import Decisions
from quantafit.declaration.data_classes import BUILT_IN
from quantafit.declaration.drills import DrillReader
from quantafit.declaration.interactions import Interactions
from quantafit.declaration.live import live_servers
from quantafit.declaration.names import Names, Rules
from quantafit.declaration.paths import Paths
from quantafit.declaration.problems import Problems, shown
from quantafit.declaration.sections import Named, Section
from quantafit.declaration.settings import Settings
from quantafit.documents import Scalar
from quantafit.model import (
    Architecture,
    DataClass,
    DataStore,
    InHouseLibrary,
    Interaction,
    LibraryCall,
    Placement,
    Quantum,
)
from quantafit.workspace import Workspace


class Builder:
    """Builds one architecture. ``root`` is the whole file, checked against its shape."""

    def __init__(self, root: Section, workspace: Workspace, problems: Problems, rules: Rules | None) -> None:
        self._root = root
        self._problems = problems
        self._paths = Paths(workspace, problems)
        self._adrs = tuple(Decisions(workspace, self._paths, problems).read(root.sections("adrs")))
        self._data_classes = tuple(self._classes())
        self._names = Names(
            problems,
            quanta=[entry.name for entry in root.named("quanta")],
            data_classes=self._data_classes,
            adrs={adr.id: adr for adr in self._adrs},
            rules=rules,
        )

    def build(self) -> Architecture:
        """The architecture, as far as it is right; what is wrong has been noted."""
        root = self._root
        self._check_paths(root, "shared_code", "shared_code path")
        quanta = tuple(self._quantum(entry) for entry in root.named("quanta"))
        self._unique(quanta)
        self._check_outside(quanta)
        interactions = tuple(Interactions(quanta, self._names, self._problems).read(root.sections("interactions")))
        settings = Settings(self._names, self._problems)
        return Architecture(
            system=root.text("system") or "",
            quanta=quanta,
            shared_code=root.texts("shared_code"),
            interactions=interactions,
            adrs=self._adrs,
            data_classes=self._data_classes,
            platform=root.texts("platform"),
            external=root.texts("external"),
            libraries=tuple(self._library(entry) for entry in root.named("libraries")),
            settings=tuple(settings.rules(root.named("rules"))),
            waivers=tuple(settings.waivers(root.sections("waivers"), self._interaction_ids(interactions))),
            live=live_servers(root.section("live"), quanta, self._problems),
            path=root.path,
            drills=DrillReader(self._names, self._problems, interactions).read(root.section("drills")),
        )

    def _interaction_ids(self, interactions: tuple[Interaction, ...]) -> list[str]:
        """The ids of all interactions, also of those that are left out for a fault of their own."""
        written = (section.text("id") for section in self._root.sections("interactions"))
        return [*(interaction.id for interaction in interactions), *(name for name in written if name)]

    def _classes(self) -> Iterator[DataClass]:
        """The built-in classes, with the names that the file adds to them, then the file's own."""
        written = {entry.name: entry for entry in self._root.named("data_classes")}
        for known in BUILT_IN:
            added = written.pop(known.name, None)
            yield known if added is None else DataClass(known.name, _merged(known.names, _names_of(added)), added.place)
        for entry in written.values():
            yield DataClass(entry.name, _names_of(entry), entry.place)

    def _quantum(self, entry: Named) -> Quantum:
        section = entry.section
        self._check_paths(section, "source", f"source of {entry.name}:")
        self._check_adr(section)
        return Quantum(
            name=entry.name,
            source=section.texts("source"),
            hosts=section.texts("hosts"),
            env=section.texts("env"),
            units=section.texts("units"),
            packages=section.texts("packages"),
            database_roles=section.texts("database_roles"),
            migration_roles=section.texts("migration_roles"),
            broker_users=section.texts("broker_users"),
            datastores=tuple(_datastore(store) for store in section.named("datastores")),
            stores=self._placement(section.section("stores"), entry),
            characteristics=section.texts("characteristics"),
            adr=section.text("adr"),
            because=section.text("because") or "",
            place=entry.place,
        )

    def _placement(self, section: Section | None, quantum: Named) -> Placement:
        if section is None:
            return Placement(place=quantum.place)
        self._check_adr(section)
        for item in section.items("allow"):
            self._names.data_class(item, str(item.value))
        for item in section.items("deny"):
            self._names.recognisable(item, str(item.value))
        allowed = {item.value: item for item in section.items("allow")}
        for item in section.items("deny"):
            if item.value in allowed:
                hint = f"it is allowed on line {allowed[item.value].line}; keep one"
                self._problems.add(item, f"{quantum.name} both allows and denies {shown(str(item.value))}", hint)
        return Placement(
            allow=section.texts("allow"),
            deny=section.texts("deny"),
            adr=section.text("adr"),
            because=section.text("because") or "",
            place=section.place,
        )

    def _unique(self, quanta: tuple[Quantum, ...]) -> None:
        """A network name or a deployment unit belongs to one quantum; else what leads to it could not be resolved."""
        for key, kind in (("hosts", "host"), ("units", "unit")):
            owners: dict[str, str] = {}
            for entry in self._root.named("quanta"):
                for item in entry.section.items(key):
                    owner = owners.setdefault(str(item.value), entry.name)
                    if owner != entry.name:
                        message = f"{kind} {shown(str(item.value))} belongs to quantum {shown(owner)} already"
                        self._problems.add(item, message, "name it in one of them")

    def _check_outside(self, quanta: tuple[Quantum, ...]) -> None:
        """What is a quantum is neither platform nor external, and nothing is both."""
        inside = {name: quantum.name for quantum in quanta for name in (quantum.name, *quantum.hosts)}
        platform = self._root.texts("platform")
        for key in ("platform", "external"):
            for item in self._root.items(key):
                name = str(item.value)
                if name in inside:
                    message = f"{shown(name)} is {key}, and also the quantum {shown(inside[name])}"
                    self._problems.add(item, message, "keep one of them")
                elif key == "external" and name in platform:
                    self._problems.add(item, f"{shown(name)} is both platform and external", "keep one of them")

    def _library(self, entry: Named) -> InHouseLibrary:
        section = entry.section
        return InHouseLibrary(
            name=entry.name,
            mechanism=section.text("mechanism") or "",
            calls=tuple(_library_call(call) for call in section.named("calls")),
            because=section.text("because") or "",
            place=entry.place,
        )

    def _check_paths(self, section: Section, key: str, where: str) -> None:
        for item in section.items(key):
            self._paths.check(item, where)

    def _check_adr(self, section: Section) -> None:
        reference = section.text("adr")
        if reference:
            self._names.adr(section.node_of("adr"), reference)


def _merged(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _names_of(entry: Named) -> tuple[str, ...]:
    return entry.section.texts("names")


def _datastore(entry: Named) -> DataStore:
    section = entry.section
    return DataStore(entry.name, section.texts("env"), section.texts("hosts"), section.text("database"), entry.place)


def _library_call(entry: Named) -> LibraryCall:
    section = entry.section
    arguments, facts = section.section("arguments"), section.section("facts")
    return LibraryCall(
        name=entry.name,
        does=section.text("does") or "",
        arguments=MappingProxyType(
            {e.key: str(arguments.text(e.key)) for e in arguments.node.entries} if arguments else {}
        ),
        facts=MappingProxyType(
            {e.key: e.value.value for e in facts.node.entries if isinstance(e.value, Scalar)} if facts else {}
        ),
        place=entry.place,
        returns=section.text("returns") or "",
    )
