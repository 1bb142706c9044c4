"""Requests to crossings: every call that waits for an answer, with whoever answers it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from quantafit.coupling.environment import Environment
from quantafit.coupling.resolve import HOLE, Resolved, resolve
from quantafit.coupling.served import Served
from quantafit.coupling.targets import Hosts, Target, parts
from quantafit.coupling.told_ports import ToldPorts
from quantafit.model import Clue, Communication, Crossing, Serve, Step, TargetKind, Unresolved
from quantafit.model.observations import Observation

_REACHING_COMMANDS = ("curl", "wget", "http ", "https ", "grpcurl", "psql", "mysql", "redis-cli", "nc ", "ssh ")


def join(
    requests: Iterable[Observation], environment: Environment, hosts: Hosts, serves: Iterable[Serve] = ()
) -> tuple[list[Crossing], list[Unresolved]]:
    """Every request to another quantum, to the platform or outside; what leads nowhere that is known is unresolved."""
    crossings: list[Crossing] = []
    unresolved: list[Unresolved] = []
    served = Served(serves, environment)
    asked = [(request, _elsewhere(request, environment)) for request in requests]
    named = [quantum.name for quantum in environment.architecture.quanta]
    ports = ToldPorts(((request, value) for request, values in asked for value in values), named)
    for request, values in asked:
        targets: dict[tuple[TargetKind, str | None], tuple[Target, Resolved]] = {}
        for value in values:
            target = served.by_name(request, value) or hosts.of(value, request.quantum)
            if target.kind is TargetKind.UNROUTED:
                target = _guess(request, value, served, ports) or target
            known = targets.setdefault((target.kind, target.name), (target, value))
            if known[0].guessed and not target.guessed:  # one way to a target that is sure is enough
                targets[(target.kind, target.name)] = (target, value)
        for target, value in targets.values():
            if target.kind is TargetKind.QUANTUM and target.name == request.quantum:
                continue
            crossings.append(_crossing(request, target, value))
            if target.kind is TargetKind.UNROUTED:
                why = target.why or "the address is made at run time"
                unresolved.append(Unresolved(request.quantum, request.library, why, request.site, ("request",)))
            elif value.modelled:
                why = f"{target.name} is only told by a file for people to copy; {value.variable} is bound nowhere"
                unresolved.append(Unresolved(request.quantum, request.library, why, request.site, ("request",)))
            elif target.guessed:
                unresolved.append(Unresolved(request.quantum, request.library, target.why, request.site, ("request",)))
    return crossings, unresolved


def _guess(request: Observation, value: Resolved, served: Served, ports: ToldPorts) -> Target | None:
    """Who may be meant where no host tells: where a port's names and a path mean different quanta, nobody is."""
    told = ports.guess(request, value)
    by_path = served.by_path(request, value) if told is not None else None
    if told is None:
        return served.guess(request, value)
    return told if by_path is None or by_path.name == told.name else None


def _elsewhere(request: Observation, environment: Environment) -> tuple[Resolved, ...]:
    """What the call names as its target, but what lies within the process itself."""
    return tuple(one for one in _addresses(request, environment) if not (one.text or "").startswith("inproc:"))


def _addresses(request: Observation, environment: Environment) -> tuple[Resolved, ...]:
    """What the call names as its target."""
    if request.mechanism == "shell":
        return _commands(request, environment)
    location = request.slots.get("location")
    if location is not None:
        return tuple(_locations(resolve(location, request.quantum, environment)))
    term = request.slots.get("url") or request.slots.get("host") or request.slots.get("service")
    if term is None:
        return (Resolved(None, "the call names no address"),)
    values = [_with_base(value, request, environment) for value in resolve(term, request.quantum, environment)]
    known = [value for value in values if value.text]
    # Nobody is asked at an address that was made from None: where there is another, that is the one which is meant.
    known = [value for value in known if value.text and not value.text.startswith("None")] or known
    unknown = [value for value in values if not value.text and (value.why or value.variable)]
    return tuple(known + unknown) or (Resolved(None, "the address is not set"),)


def _locations(values: Iterable[Resolved]) -> Iterator[Resolved]:
    """What a reader is given that takes files and addresses alike: a file within the machine is no request."""
    for value in values:
        if value.text is None:
            if value.why or value.variable:
                yield value
        elif value.text.startswith(HOLE):
            yield Resolved(
                None, "whether it is a file or an address is told at run time", value.variable, value.evidence
            )
        elif "://" in value.text and not value.text.startswith(("file:", "memory:")):
            yield value


def _with_base(value: Resolved, request: Observation, environment: Environment) -> Resolved:
    """The address, with the base of the client that it begins with, where it was made with one."""
    base = request.slots.get("base")
    for one in resolve(base, request.quantum, environment) if base is not None and value.text else ():
        if one.text and value.text is not None and "://" in one.text and value.text.startswith(one.text):
            clue = Clue(Step.CLIENT_BASE, f"{parts(one.text)[2]} is the base address of the client")
            return replace(value, clues=(*value.clues, clue))
    return value


def _commands(request: Observation, environment: Environment) -> tuple[Resolved, ...]:
    """The command of a shell call, where it is one that reaches other hosts."""
    term = request.slots.get("command")
    values = resolve(term, request.quantum, environment) if term is not None else ()
    return tuple(one for value in values if (one := _command(value)) is not None)


def _command(value: Resolved) -> Resolved | None:
    """What is to be said of a command: that it reaches out, or that nobody can tell which one it is."""
    text = value.text or ""
    program = (text.split() or [""])[0]
    if any(word in text + " " for word in _REACHING_COMMANDS):
        return Resolved(None, f"a command reaches out: {program}")
    if HOLE in program.rpartition("/")[2] or (value.text is None and (value.why or value.variable)):
        return Resolved(None, "which command is run is told at run time")
    return None


def _crossing(request: Observation, target: Target, value: Resolved) -> Crossing:
    return Crossing(
        source=request.quantum,
        target=target.name,
        target_kind=target.kind,
        mechanism=request.mechanism,
        communication=Communication.SYNCHRONOUS,
        address=target.address,
        confidence=target.confidence,
        evidence=tuple(dict.fromkeys((*request.path, *value.evidence))),
        resolution=target.clues,
    )
