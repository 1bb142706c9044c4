"""From a checked document to the declared architecture. Problems are gathered; what is broken is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from types import MappingProxyType

from quantafit.declaration.data_classes import BUILT_IN
from quantafit.declaration.decisions import read_decision
from quantafit.declaration.interactions import Interactions
from quantafit.declaration.names import Names, Rules
from quantafit.declaration.paths import Paths
from quantafit.declaration.problems import Problems, shown
from quantafit.declaration.sections import Named, Section
from quantafit.documents import Node, Scalar
from quantafit.model import (
    Adr,
    Architecture,
    DataClass,
    DataStore,
    InHouseLibrary,
    Interaction,
    LibraryCall,
    Mode,
    Placement,
    Quantum,
    RuleSetting,
    Waiver,
)
from quantafit.workspace import Workspace

_LARGEST_DECISION = 1_000_000


class Builder:
    """Builds one architecture. ``root`` is the whole file, checked against its shape."""

    def __init__(self, root: Section, workspace: Workspace, problems: Problems, rules: Rules | None) -> None:
        self._root = root
        self._workspace = workspace
        self._problems = problems
        self._paths = Paths(workspace, problems)
        self._adrs = tuple(self._decisions())
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
        interactions = tuple(Interactions(quanta, self._names, self._problems).read(root.sections("interactions")))
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
            settings=tuple(self._setting(entry) for entry in root.named("rules")),
            waivers=tuple(self._waivers(interactions)),
            path=root.path,
        )

    def _decisions(self) -> Iterator[Adr]:
        seen: dict[str, Adr] = {}
        for section in self._root.sections("adrs"):
            adr = self._decision(section)
            if adr.id in seen:
                hint = f"it first stands on line {seen[adr.id].place.line}"
                self._problems.add(section.node_of("id"), f"decision {shown(adr.id)} is declared twice", hint)
            elif adr.id:
                seen[adr.id] = adr
                yield adr

    def _decision(self, section: Section) -> Adr:
        file = section.text("file")
        decision = read_decision(self._read(section.node_of("file"), file)) if file else read_decision("")
        name = section.text("id") or ""
        return Adr(
            id=name,
            title=section.text("title") or decision.title.removeprefix(name).lstrip(" :.–—-"),
            status=section.text("status") or "proposed",
            file=file,
            sentences=MappingProxyType(dict(decision.sentences)),
            place=section.place,
        )

    def _read(self, node: Node, path: str) -> str:
        """The text of a decision's file; empty, with a problem noted, where it cannot be read."""
        if isinstance(node, Scalar) and not self._workspace.exists(path):
            self._paths.check(node, "file")
            return ""
        try:
            data = self._workspace.read(path)
            if len(data) > _LARGEST_DECISION:
                self._problems.add(node, f"{shown(path)} is too large to be a decision", "is it the right file?")
                return ""
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            self._problems.add(node, f"{shown(path)} is not UTF-8", "save it as UTF-8")
        except (OSError, ValueError):
            self._problems.add(node, f"{shown(path)} cannot be read", "it should be a Markdown file under the root")
        return ""

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

    def _library(self, entry: Named) -> InHouseLibrary:
        section = entry.section
        return InHouseLibrary(
            name=entry.name,
            mechanism=section.text("mechanism") or "",
            calls=tuple(_library_call(call) for call in section.named("calls")),
            because=section.text("because") or "",
            place=entry.place,
        )

    def _setting(self, entry: Named) -> RuleSetting:
        short = entry.value.value if isinstance(entry.value, Scalar) else None
        section = entry.section
        self._names.rule(_at(entry), entry.name)
        self._check_adr(section)
        mode = str(short) if short else section.text("mode")
        if mode == Mode.OFF and not section.text("because"):
            hint = "write it as a mapping: {mode: off, because: …}"
            self._problems.add(entry.value, f"{entry.name} is turned off without a reason", hint)
        options = {option.name: tuple(_texts(option.value)) for option in section.named("options")}
        for option in section.named("options"):
            self._names.option(_at(option), entry.name, option.name)
        return RuleSetting(
            rule=entry.name,
            mode=Mode(mode) if mode else None,
            adr=section.text("adr"),
            because=section.text("because") or "",
            options=MappingProxyType(options),
            place=entry.place,
        )

    def _waivers(self, interactions: Iterable[Interaction]) -> Iterator[Waiver]:
        ids = [interaction.id for interaction in interactions]
        for section in self._root.sections("waivers"):
            match = section.section("match")
            found = {entry.key: str(match.text(entry.key)) for entry in match.node.entries} if match else {}
            self._check_waiver(section, match, ids)
            yield Waiver(
                rule=section.text("rule") or "",
                owner=section.text("owner") or "",
                reason=section.text("reason") or "",
                expires=section.text("expires") or "",
                match=MappingProxyType(found),
                place=section.place,
            )

    def _check_waiver(self, section: Section, match: Section | None, ids: list[str]) -> None:
        rule, expires = section.text("rule"), section.text("expires")
        if rule:
            self._names.rule(section.node_of("rule"), rule)
        if expires and not _is_date(expires):
            self._problems.add(section.node_of("expires"), f"{shown(expires)} is no day of the calendar")
        for key in ("from", "to", "quantum"):
            name = match.text(key) if match else None
            if match and name:
                self._names.quantum(match.node_of(key), name)
        interaction = match.text("interaction") if match else None
        if match and interaction:
            self._names.interaction(match.node_of("interaction"), interaction, ids)

    def _check_paths(self, section: Section, key: str, where: str) -> None:
        for item in section.items(key):
            self._paths.check(item, where)

    def _check_adr(self, section: Section) -> None:
        reference = section.text("adr")
        if reference:
            self._names.adr(section.node_of("adr"), reference)


def _at(entry: Named) -> Scalar:
    """The place of a name, as a node."""
    return Scalar(entry.name, entry.place.line, entry.place.column)


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
    )


def _texts(node: Node) -> Iterator[str]:
    for item in getattr(node, "items", ()):
        yield str(item.value)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
