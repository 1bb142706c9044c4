"""The section ``drills``: how the system runs, and the experiments that are made with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

from quantafit.declaration.names import Names
from quantafit.declaration.problems import Problems, did_you_mean, shown
from quantafit.declaration.sections import Named, Section
from quantafit.documents import Node, Scalar, Sequence
from quantafit.model import (
    Act,
    Command,
    Drill,
    DrillPart,
    Drills,
    DrillStep,
    Interaction,
    PartKind,
    Proof,
    Proxy,
    Ready,
    Style,
)

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|[smh])")
_HOLE = re.compile(r"\{([^{}]*)\}")
_PORT = re.compile(r"^port:[A-Za-z0-9_.-]+$")
_EVERYWHERE = ("root", "folder", "python", "port:NAME")
_OF_A_QUANTUM = (Proof.ISOLATION, Proof.LATENCY, Proof.RESTART)
_ALL, _OTHERS = "all", "others"
_TO_PARTS = (Act.STOP, Act.KILL, Act.PAUSE, Act.SLOW, Act.PARTITION, Act.START)
_BACK = {Act.STOP: "start", Act.KILL: "start", Act.PAUSE: "resume"}


@dataclass
class DrillReader:
    """Reads the section; what is wrong is noted."""

    names: Names
    problems: Problems
    interactions: tuple[Interaction, ...]

    def read(self, section: Section | None) -> Drills:
        """The drills; none where there is no such section."""
        if section is None:
            return Drills()
        self._commands = self._acts(section.section("commands"), ("part", *_EVERYWHERE))
        self._parts = {entry.name: self._part(entry) for entry in section.named("parts")}
        self._workloads = self._sources(section, "workloads")
        self._probes = self._sources(section, "probes")
        for name in self._workloads.keys() & self._probes.keys():
            node = next(entry for entry in section.named("probes") if entry.name == name)
            self.problems.add(_at(node), f"{shown(name)} is a workload and a probe", "give each a name of its own")
        return Drills(
            parts=tuple(self._parts.values()),
            workloads=MappingProxyType(self._workloads),
            probes=MappingProxyType(self._probes),
            experiments=tuple(self._experiment(entry) for entry in section.named("experiments")),
            prepare=self._command(section, "prepare", _EVERYWHERE),
            clean_up=self._command(section, "clean_up", _EVERYWHERE),
            embedded_broker=section.text("broker") == "embedded",
        )

    # Parts --------------------------------------------------------------------------------------------------------

    def _part(self, entry: Named) -> DrillPart:
        section, known = entry.section, ("part", *_EVERYWHERE)
        quantum = section.text("quantum")
        if quantum:
            self.names.quantum(section.node_of("quantum"), quantum)
        run = self._command(section, "run", known)
        own = self._acts(section.section("commands"), known)
        if run and own:
            hint = "keep run where the drill runs the process, commands where others do"
            self.problems.add(section.node_of("commands"), f"part {shown(entry.name)} has run and commands", hint)
        if not run and not own and not self._commands and section.node.get("proxy") is None:
            hint = "write run, or commands, or drills.commands for all parts"
            self.problems.add(_at(entry), f"nothing says how part {shown(entry.name)} is taken away", hint)
        ready = section.section("ready")
        if not run and ready is not None and ready.text("line"):
            hint = "name a port, a url or a command"
            self.problems.add(ready.node_of("line"), "only a process of the drill shows by a line that it works", hint)
        starting = section.text("starting")
        return DrillPart(
            name=entry.name,
            quantum=quantum,
            kind=PartKind(section.text("kind") or PartKind.UNIT),
            run=run,
            env=MappingProxyType(self._environment(section.section("env"), known)),
            commands=MappingProxyType({} if run else {**self._commands, **own}),
            ready=self._ready(ready, known),
            proxy=self._proxy(section.section("proxy"), known),
            starting=_seconds(starting) if starting else 30.0,
            place=entry.place,
        )

    def _environment(self, section: Section | None, known: tuple[str, ...]) -> dict[str, str]:
        keys = [entry.key for entry in section.node.entries] if section is not None else []
        return {key: self._filled(section, key, known) for key in keys if section is not None}

    def _ready(self, section: Section | None, known: tuple[str, ...]) -> Ready:
        if section is None:
            return Ready()
        return Ready(
            port=self._filled(section, "port", known),
            url=self._filled(section, "url", known),
            line=section.text("line") or "",
            command=self._command(section, "command", known),
        )

    def _proxy(self, section: Section | None, known: tuple[str, ...]) -> Proxy | None:
        if section is None:
            return None
        for key, wants, pattern in (
            ("listen", "a port", r"^([0-9]{1,5}|\{port:[^{}]+\})$"),
            ("to", "HOST:PORT", r":([0-9]{1,5}|\{port:[^{}]+\})$"),
        ):
            text = section.text(key)
            if text is not None and not re.search(pattern, text):
                self.problems.add(section.node_of(key), f"{key} cannot be {shown(text)}", f"it should be {wants}")
        return Proxy(self._filled(section, "listen", known), self._filled(section, "to", known))

    def _acts(self, section: Section | None, known: tuple[str, ...]) -> dict[str, Command]:
        if section is None:
            return {}
        return {entry.key: self._command(section, entry.key, known) for entry in section.node.entries}

    def _sources(self, section: Section, key: str) -> dict[str, Command]:
        found = {}
        for entry in section.named(key):
            found[entry.name] = self._checked(entry.value, ("seed", *_EVERYWHERE))
            if not found[entry.name]:
                self.problems.add(_at(entry), f"the command of {shown(entry.name)} is empty")
        return found

    def _command(self, section: Section, key: str, known: tuple[str, ...]) -> Command:
        node = section.node.get(key)
        command = self._checked(node, known) if node is not None else ()
        if node is not None and not command:
            self.problems.add(node, f"the command of {key} is empty", "write the program and its arguments as a list")
        return command

    def _checked(self, node: Node, known: tuple[str, ...]) -> Command:
        """The arguments of a command, their placeholders looked at."""
        items = [item for item in node.items if isinstance(item, Scalar)] if isinstance(node, Sequence) else []
        for item in items:
            self._check_holes(item, str(item.value), known)
        return tuple(str(item.value) for item in items)

    def _filled(self, section: Section, key: str, known: tuple[str, ...]) -> str:
        text = section.text(key) or ""
        self._check_holes(section.node_of(key), text, known)
        return text

    def _check_holes(self, node: Node, text: str, known: tuple[str, ...]) -> None:
        for hole in _HOLE.finditer(text):
            if re.match(r"^[a-z]+(:.*)?$", hole[1]) and hole[1] not in known and not _PORT.match(hole[1]):
                hint = did_you_mean(hole[1], known)
                self.problems.add(node, f"unknown placeholder {shown(hole[0])}", hint)

    # Experiments --------------------------------------------------------------------------------------------------

    def _experiment(self, entry: Named) -> Drill:
        section = entry.section
        proves = section.text("proves")
        quantum, interaction = section.text("quantum"), section.text("interaction")
        reference = section.text("adr")
        if reference:
            self.names.adr(section.node_of("adr"), reference)
        self._check_subject(entry, Proof(proves) if proves else None, quantum, interaction)
        within, ratio = section.text("within"), section.text("slower_at_most")
        drill = Drill(
            name=entry.name,
            proves=Proof(proves or Proof.LOSS),
            quantum=quantum,
            interaction=interaction,
            within=_seconds(within) if within else None,
            slower_at_most=float(ratio.removesuffix("x")) if ratio else None,
            adr=reference,
            because=section.text("because") or "",
            place=entry.place,
        )
        steps = tuple(step for written in section.sections("steps") if (step := self._step(written, drill)) is not None)
        if not steps and section.node.get("steps") is not None:
            self.problems.add(section.node_of("steps"), f"experiment {shown(entry.name)} has no steps")
        return replace(drill, steps=steps)

    def _check_subject(self, entry: Named, proves: Proof | None, quantum: str | None, interaction: str | None) -> None:
        section = entry.section
        if quantum:
            self.names.quantum(section.node_of("quantum"), quantum)
        ids = {known.id: known for known in self.interactions}
        if interaction:
            self.names.interaction(section.node_of("interaction"), interaction, ids)
        if proves is None:
            return
        wanted, other = ("quantum", "interaction") if proves in _OF_A_QUANTUM else ("interaction", "quantum")
        if section.text(wanted) is None:
            self.problems.add(_at(entry), f"{proves} is proved of one {wanted}: key {shown(wanted)} is missing")
        if section.text(other) is not None:
            self.problems.add(section.node_of(other), f"{proves} is proved of one {wanted}, not of one {other}")
        style = Style.REPLICATION if proves is Proof.STALENESS else Style.MESSAGE
        if interaction in ids and wanted == "interaction" and ids[interaction].style is not style:
            message = f"{proves} is proved of an interaction with style: {style}"
            self.problems.add(section.node_of("interaction"), message, f"{interaction} has {ids[interaction].style}")

    def _step(self, section: Section, drill: Drill) -> DrillStep | None:
        written = [entry.key for entry in section.node.entries]
        acts = [Act(key) for key in written if key in [*Act]]
        if len(acts) != 1:
            hint = f"one of {', '.join(Act)}"
            self.problems.add(section.node, f"a step does one thing, not {len(acts)}", hint)
            return None
        (act,) = acts
        self._check_step_keys(section, act)
        meanwhile = tuple(
            step for inner in section.sections("meanwhile") if (step := self._step(inner, drill)) is not None
        )
        duration = section.text({Act.WAIT: "wait", Act.SLOW: "by"}.get(act, "within"))
        settle = section.text("settle")
        return DrillStep(
            act=act,
            targets=self._targets(section, act, drill),
            seconds=_seconds(duration) if duration else None,
            settle=_seconds(settle) if settle else None,
            meanwhile=meanwhile,
            place=section.place,
        )

    def _check_step_keys(self, section: Section, act: Act) -> None:
        belongs = {
            "by": (Act.SLOW,),
            "within": (Act.DRIVE, Act.START, Act.COUNT),
            "settle": (Act.COUNT,),
            "meanwhile": (Act.DRIVE,),
        }
        for key, where in belongs.items():
            if section.node.get(key) is not None and act not in where:
                self.problems.add(section.node_of(key), f"{key} makes no sense with {act}", f"it belongs to {where[0]}")
        if act is Act.SLOW and section.text("by") is None:
            self.problems.add(section.node, "by how much? key 'by' is missing", "write by: 200ms")

    def _targets(self, section: Section, act: Act, drill: Drill) -> tuple[str, ...]:
        if act in _TO_PARTS:
            found: dict[str, None] = {}
            for item in section.items(act):
                for part in self._parts_named(item, str(item.value), drill):
                    found[part.name] = None
                    self._check_can(item, act, part)
            return tuple(found)
        name = section.text(act)
        if act is Act.WAIT or name is None:
            return ()
        kind, known = ("workload", self._workloads) if act is Act.DRIVE else ("probe", self._probes)
        if name not in known:
            hint = did_you_mean(name, known) or f"write it under drills.{kind}s"
            self.problems.add(section.node_of(act), f"unknown {kind} {shown(name)}", hint)
        return (name,)

    def _parts_named(self, node: Scalar, name: str, drill: Drill) -> Iterator[DrillPart]:
        """The parts that a target means: one, all of a quantum, all, or all of the other quanta."""
        if name in self._parts:
            yield self._parts[name]
        elif name == _ALL:
            yield from self._parts.values()
        elif name == _OTHERS and drill.quantum is not None:
            yield from (part for part in self._parts.values() if part.quantum not in (None, drill.quantum))
        else:
            of_quantum = [part for part in self._parts.values() if part.quantum == name]
            if not of_quantum:
                words = [*self._parts, *dict.fromkeys(p.quantum for p in self._parts.values() if p.quantum), _ALL]
                hint = did_you_mean(name, words)
                if name == _OTHERS:
                    hint = "others are the parts of all quanta but the drill's own: it needs a quantum"
                self.problems.add(node, f"unknown part {shown(name)}", hint)
            yield from of_quantum

    def _check_can(self, node: Scalar, act: Act, part: DrillPart) -> None:
        if act in (Act.SLOW, Act.PARTITION):
            if part.proxy is None:
                message = f"{part.name} has no proxy, so the drill cannot {act} it"
                self.problems.add(node, message, f"write drills.parts.{part.name}.proxy")
        elif not part.run and act in _BACK:
            missing = [needed for needed in (str(act), _BACK[act]) if needed not in part.commands]
            if missing:
                message = f"nothing says how to {missing[0]} {part.name}"
                self.problems.add(node, message, f"write drills.parts.{part.name}.commands.{missing[0]}")


def _seconds(duration: str) -> float:
    return round(sum(float(number) * _SECONDS[unit] for number, unit in _DURATION_PART.findall(duration)), 3)


def _at(entry: Named) -> Scalar:
    """The place of a name, as a node."""
    return Scalar(entry.name, entry.place.line, entry.place.column)
