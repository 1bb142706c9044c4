"""What the order of steps tells: whether a consumer acknowledges after its work, whether a publisher waits."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING

from quantafit.evidence.source.acts import EMPTY, Act, Event
from quantafit.evidence.source.values import (
    Attr,
    Bound,
    Const,
    Dict,
    Func,
    FunctionId,
    Instance,
    Invoke,
    Item,
    Made,
    Many,
    Member,
    Opaque,
    Param,
    Partial,
    Site,
    Text,
    Unknown,
    Value,
    children,
    options,
    parameters,
    substitute,
)

NOT_FOLLOWED = "an expression that is not followed"
"""Why a comparison and its like is unknown: it tells of what it compares and does not hand it on."""

if TYPE_CHECKING:
    from quantafit.evidence.source.machine import Machine
    from quantafit.evidence.source.state import Frame

_DEEPEST_HANDLER = 3
"""So many handlers may stand around one another."""

Acknowledged = tuple[str, Site]
"""``after`` the work, ``before`` it, ``unfinished`` where others still do it, ``untold`` where callers may still do it,
``failed`` where it may have failed; and where."""
_BADNESS = ("before", "unfinished", "untold", "failed", "after")
_LEAVING = ("returned", "untold")
"""Steps that end a function: its caller goes on with what it gives."""
_SETTLING = frozenset({"ack", "always", "subscribe"})
_SETTLING_METHODS = frozenset({"ack", "basic_ack", "commit", "delete_message", "nack", "reject", "xack"})
_NUMBERS = frozenset({"all", "any", "bool", "float", "hash", "id", "int", "isinstance", "len"})
"""Functions of Python that tell something of a message and do not hand it on."""


def judge(path: Sequence[Event]) -> Acknowledged | None:
    """The acknowledgement on one way through a handler: work that follows it makes it early.

    What a function gives its caller leaves it after everything that the function does.
    """
    acknowledged: Site | None = None
    verdict = "after"
    left = {event.kind for event in path}.intersection(_LEAVING)
    for event in path:
        if event.kind in ("ack", "always"):
            acknowledged = event.site
            if verdict == "unfinished":
                break
            if event.kind == "always":
                verdict = "failed"
        elif event.kind in ("work", "spawned", "yielded") and acknowledged is not None:
            return ("before", acknowledged)
        elif event.kind == "spawned":
            verdict = "unfinished"
        elif event.kind == "swallowed" and verdict == "after":
            verdict = "failed"
    if acknowledged is not None and left:
        verdict = "before" if "returned" in left else min(verdict, "untold", key=_BADNESS.index)
    return (verdict, acknowledged) if acknowledged is not None else None


def settles(trace: Sequence[Event]) -> bool:
    """Whether messages are taken or acknowledged on a way through a function."""
    return any(event.kind in _SETTLING for event in trace)


def leaving(value: Value, taken: Container[Site]) -> str | None:
    """The step that it is to give a value to one's caller: whether a message goes with it; None where none does.

    ``taken`` are the places where messages come from.
    """
    found = [_message_in(option, taken) for option in options(value)]
    return next((kind for kind in _LEAVING if kind in found), None)


def _message_in(value: Value, taken: Container[Site]) -> str | None:
    match value:
        case Opaque(what) if what.rpartition(".")[2] in _NUMBERS or what.rpartition(".")[2] in _SETTLING_METHODS:
            return None
        case Unknown(why):
            return None if why == NOT_FOLLOWED else "untold"
        case Made(_, _, site) if site is not None and site in taken:
            return "returned"
        case Dict() | Many() | Instance() | Made() | Text() | Partial() | Bound():
            found = [_message_in(child, taken) for child in children(value)]
            return next((kind for kind in _LEAVING if kind in found), None)
        case Opaque() | Item() | Attr() | Invoke() | Member():
            found = [_message_in(child, taken) for child in children(value)]
            return "returned" if "returned" in found else "untold"
    return None


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
    if len(act.path) > 1 and act.slot("at_once") is not None and act.acknowledged is None:
        # A helper has given the messages to this function, which has them worked on and acknowledged.
        site = act.path[0]
        passing = [way for way in (*frame.paths, tuple(frame.trace)) if any(step.site == site for step in way)]
        verdict = judge_all(_after(way, site, "work") for way in passing)
        return replace(act, acknowledged=verdict) if verdict is not None else act
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


def by_reader(machine: Machine, act: Act) -> Acknowledged | None:
    """How the function that takes messages has them acknowledged by the handlers that it is given and calls."""
    site = act.path[-1]
    reader = Func(FunctionId(site.path, site.symbol))
    return judge_all([_after(way, site, "subscribe") for way in _ways(machine, reader, _DEEPEST_HANDLER, _LEAVING)])


def _ways(machine: Machine, callback: Value, depth: int, leaving: Container[str] = ()) -> list[Sequence[Event]]:
    """Every way through a handler; the handlers that it was given and calls are put in at their places.

    ``leaving`` are the steps that count of those which end it: whoever calls a handler does nothing with what it gives.
    """
    found: list[Sequence[Event]] = []
    for function, given in handlers(machine, callback):
        summary = machine.summaries.get(function.id, EMPTY)
        inner: dict[Site, tuple[Event, ...]] = {}
        for act in summary.acts if depth else ():
            if act.does == "latent" and act.callee is not None:
                ways = _ways(machine, _called(machine, act.callee, given), depth - 1)
                if judge_all(ways) is not None:
                    inner[act.path[0]] = telling(ways)
        for path in (*summary.paths, summary.trace):
            done = [event for event in path if event.kind not in _LEAVING or event.kind in leaving]
            found.append([step for event in done for step in _put_in(event, inner)])
    return found


def _called(machine: Machine, callee: Value, given: Mapping[Param, Value]) -> Value:
    """What a handler calls: the library gives it the message, by which it may look up in a table who is to work."""
    rest = {param: machine.fallback(param) for param in parameters(callee) if param not in given}
    return substitute(callee, {**rest, **given}, machine.rebuild)


def _put_in(event: Event, inner: Mapping[Site, tuple[Event, ...]]) -> tuple[Event, ...]:
    return inner.get(event.site, (event,)) if event.kind in ("work", "spawned") else (event,)


def handlers(machine: Machine, callback: Value) -> Iterator[tuple[Func, dict[Param, Value]]]:
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

    None where one function takes them and another acknowledges: their order is then told by neither. A function that
    has others take them for it, and acknowledges itself, takes them.
    """
    made = {option.site for option in options(act.slot("consumer") or Const(None)) if isinstance(option, Made)}
    objects = made or {act.path[-1]}
    settled, taken = (_places(machine, does, objects) for does in ("acknowledge", "take"))
    taken |= {site for site, values in machine.loops.items() if _reads(machine, values, objects)}
    readers = {FunctionId(site.path, site.symbol) for site in taken}
    settlers = {FunctionId(site.path, site.symbol) for site in settled}
    if not settled or not readers or not all(_takes_by(machine, reader, settlers) for reader in readers):
        return None
    readers = settlers
    summaries = [machine.summaries.get(reader, EMPTY) for reader in readers]
    ways = [path for summary in summaries for path in (*summary.paths, summary.trace)]
    return judge_all([replace(e, kind="ack") if e.site in settled else e for e in path] for path in ways)


def taking(machine: Machine, act: Act) -> set[Site]:
    """Where the messages of a subscription are taken from its consumer object."""
    made = {option.site for option in options(act.slot("consumer") or Const(None)) if isinstance(option, Made)}
    objects: set[Site | None] = {*made} or {act.path[-1]}
    found = _places(machine, "take", objects)
    return found | {site for site, values in machine.loops.items() if _reads(machine, values, objects)}


def _places(machine: Machine, does: str, objects: Set[Site | None]) -> set[Site]:
    """Where messages of one of the objects are taken, or acknowledged."""
    found = {site for one in objects if one for site in machine.consumed.get((does, one), ())}
    of_callers = machine.consumed_of_callers.items()
    return found | {site for (what, site), values in of_callers if what == does and _reads(machine, values, objects)}


def _takes_by(machine: Machine, reader: FunctionId, settlers: Set[FunctionId]) -> bool:
    """Whether it is those who acknowledge that take messages: by themselves, or by a function that only they call."""
    callers = {caller for caller, account in machine.accounts.items() if reader in account.called}
    return reader in settlers or (bool(callers) and callers == settlers)


def _reads(machine: Machine, values: Iterable[Value], objects: Set[Site | None]) -> bool:
    """Whether a value, which a loop goes over or a method is called on, is one of the objects."""
    return any(not machine.made_outside(value).isdisjoint(objects) for value in values)


def handler_site(machine: Machine, callback: Value | None) -> Site | None:
    """Where the function that handles messages stands."""
    for function, _ in handlers(machine, callback) if callback is not None else ():
        if function.id in machine.functions:
            facts = machine.functions[function.id].facts
            return Site(function.id.path, facts.line, facts.column, function.id.name)
    return None
