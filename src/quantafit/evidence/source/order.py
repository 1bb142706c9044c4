"""What the order of steps tells: whether a consumer acknowledges after its work, whether a publisher waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING

from quantafit.evidence.source.acts import EMPTY, Act, Event
from quantafit.evidence.source.values import (
    Bound,
    Const,
    Func,
    FunctionId,
    Made,
    Param,
    Partial,
    Site,
    Value,
    options,
    parameters,
    substitute,
)

if TYPE_CHECKING:
    from quantafit.evidence.source.machine import Machine
    from quantafit.evidence.source.state import Frame

_DEEPEST_HANDLER = 3
"""So many handlers may stand around one another."""

Acknowledged = tuple[str, Site]
"""``after`` the work, ``before`` it, ``unfinished`` where others still do it, ``failed`` where it may have failed; and
where."""
_BADNESS = ("before", "unfinished", "failed", "after")


def judge(path: Sequence[Event]) -> Acknowledged | None:
    """The acknowledgement on one way through a handler: work that follows it makes it early."""
    acknowledged: Site | None = None
    verdict = "after"
    for event in path:
        if event.kind in ("ack", "always"):
            acknowledged = event.site
            if verdict == "unfinished":
                break
            if event.kind == "always":
                verdict = "failed"
        elif event.kind in ("work", "spawned") and acknowledged is not None:
            return ("before", acknowledged)
        elif event.kind == "spawned":
            verdict = "unfinished"
        elif event.kind == "swallowed" and verdict == "after":
            verdict = "failed"
    return (verdict, acknowledged) if acknowledged is not None else None


def judge_all(paths: Iterable[Sequence[Event]]) -> Acknowledged | None:
    """The worst of all ways through a handler."""
    found = [verdict for verdict in map(judge, paths) if verdict is not None]
    return min(found, key=lambda verdict: _BADNESS.index(verdict[0]), default=None)


def telling(paths: Iterable[Sequence[Event]]) -> tuple[Event, ...]:
    """The way through a function that says most to its callers: one that acknowledges badly, else one that does."""

    def rank(path: Sequence[Event]) -> tuple[bool, bool, int]:
        verdict = judge(path)
        return (verdict is not None and verdict[0] != "after", verdict is not None, len(path))

    return max((tuple(path) for path in paths), key=rank, default=())


def with_order(frame: Frame, act: Act) -> Act:
    """An act that starts in this frame, with what the frame's order says of it."""
    if len(act.path) != 1 or act.does not in ("subscribe", "publish", "latent"):
        return act
    if act.does == "latent":
        # What is called is not known yet; should it turn out to ask for a reply, somebody waits for it here.
        later = _after(frame.trace, act.path[0], "work")
        waits = act.slot("then:waits") is None and any(event.kind in ("wait", "subscribe") for event in later)
        return replace(act, slots=(*act.slots, ("then:waits", Const(True)))) if waits else act
    if act.does == "publish":
        replied = act.slot("reply_to")
        waits = replied is not None and not (isinstance(replied, Const) and replied.value is None)
        later = _after(frame.trace, act.path[0], "work")
        if waits and any(event.kind in ("wait", "subscribe") for event in later):
            return replace(act, synchronous=True)
        return act
    if act.slot("callback") is not None or act.acknowledged is not None:
        return act
    ways = [_after(path, act.path[0], "subscribe") for path in (*frame.paths, tuple(frame.trace))]
    verdict = judge_all(ways)
    return replace(act, acknowledged=verdict) if verdict is not None else act


def _after(path: Sequence[Event], site: Site, kind: str) -> Sequence[Event]:
    """The steps after one; all steps where it cannot be found among them."""
    for index, event in enumerate(path):
        if event.kind == kind and event.site == site:
            return path[index + 1 :]
    return path if kind == "work" else ()


def by_callback(machine: Machine, callback: Value) -> Acknowledged | None:
    """How a handler acknowledges, from its own summary."""
    return judge_all(_ways(machine, callback, _DEEPEST_HANDLER))


def _ways(machine: Machine, callback: Value, depth: int) -> list[Sequence[Event]]:
    """Every way through a handler; the handlers that it was given and calls are put in at their places."""
    found: list[Sequence[Event]] = []
    for function, given in _handlers(machine, callback):
        summary = machine.summaries.get(function.id, EMPTY)
        inner: dict[Site, tuple[Event, ...]] = {}
        for act in summary.acts if depth else ():
            if act.does == "latent" and act.callee is not None:
                ways = _ways(machine, substitute(act.callee, given, machine.rebuild), depth - 1)
                if judge_all(ways) is not None:
                    inner[act.path[0]] = telling(ways)
        for path in (*summary.paths, summary.trace):
            found.append([step for event in path for step in _put_in(event, inner)])
    return found


def _put_in(event: Event, inner: Mapping[Site, tuple[Event, ...]]) -> tuple[Event, ...]:
    return inner.get(event.site, (event,)) if event.kind == "work" else (event,)


def _handlers(machine: Machine, callback: Value) -> Iterator[tuple[Func, dict[Param, Value]]]:
    """The functions that a callback can be, each with the arguments that it comes with."""
    for option in options(callback):
        target: Value = option
        positional: tuple[Value, ...] = ()
        keywords: dict[str, Value] = {}
        while isinstance(target, Partial):
            positional, keywords = (*target.args, *positional), {**dict(target.keywords), **keywords}
            target = target.callee
        if isinstance(target, Bound):
            positional, target = (target.receiver, *positional), target.function
        if isinstance(target, Func):
            info = machine.functions.get(target.id)
            names = info.names if info is not None else ()
            given = {**dict(zip(names, positional, strict=False)), **keywords}
            yield target, {Param(target.id, name): value for name, value in given.items()}


def by_consumer(machine: Machine, act: Act) -> Acknowledged | None:
    """How the messages of a consumer object are acknowledged, where another function than the subscribing one reads.

    None where one function takes them and another acknowledges: their order is then told by neither.
    """
    made = {option.site for option in options(act.slot("consumer") or Const(None)) if isinstance(option, Made)}
    objects = made or {act.path[-1]}
    settled = {site for one in objects if one for site in machine.consumed.get(("acknowledge", one), ())}
    taken = {site for one in objects if one for site in machine.consumed.get(("take", one), ())}
    taken |= {site for site, values in machine.loops.items() if _reads(machine, values, objects)}
    readers = {FunctionId(site.path, site.symbol) for site in taken}
    if not settled or readers != {FunctionId(site.path, site.symbol) for site in settled}:
        return None
    summaries = [machine.summaries.get(reader, EMPTY) for reader in readers]
    ways = [path for summary in summaries for path in (*summary.paths, summary.trace)]
    return judge_all([replace(e, kind="ack") if e.site in settled else e for e in path] for path in ways)


def _reads(machine: Machine, values: Iterable[Value], objects: Set[Site | None]) -> bool:
    """Whether a loop goes over one of the objects."""
    for value in values:
        given = {param: machine.fallback(param) for param in parameters(value)}
        for option in options(substitute(value, given, machine.rebuild)):
            if isinstance(option, Made) and option.site in objects:
                return True
    return False


def handler_site(machine: Machine, callback: Value | None) -> Site | None:
    """Where the function that handles messages stands."""
    for function, _ in _handlers(machine, callback) if callback is not None else ():
        if function.id in machine.functions:
            facts = machine.functions[function.id].facts
            return Site(function.id.path, facts.line, facts.column, function.id.name)
    return None
