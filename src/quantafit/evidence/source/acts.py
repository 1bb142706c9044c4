"""Acts and summaries: what a function does, in order, with its arguments still symbolic."""

from __future__ import annotations

from dataclasses import dataclass

from quantafit.evidence.source.values import (
    NOTHING,
    Attr,
    Choice,
    Const,
    Func,
    Opaque,
    Site,
    Text,
    Unknown,
    Value,
    closed,
)

LONGEST_PATH = 512
"""Through so many calls an act rises at most; what lies deeper is counted with the rest."""
MOST_ACTS = 128
MOST_WAITING = 100
"""So many acts a function, and so many of them that wait; the rest is counted and reported as unresolved."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a function does through a library, or a call of something still symbolic (``does="latent"``).

    ``path`` leads from the frame the act has risen to down to the library call. ``slots`` are its arguments by meaning;
    for a latent act ``callee`` is what is called.
    """

    does: str
    mechanism: str
    library: str
    slots: tuple[tuple[str, Value], ...]
    path: tuple[Site, ...]
    callee: Value | None = None
    args: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()
    synchronous: bool = False
    acknowledged: tuple[str, Site] | None = None

    def slot(self, name: str) -> Value | None:
        return next((value for key, value in self.slots if key == name), None)


@dataclass(frozen=True, slots=True)
class Event:
    """A step that matters for order.

    ``work``, ``spawned`` (work that somebody else will do), ``ack``, ``always`` (an acknowledgement in a ``finally``),
    ``swallowed`` (work that may have failed unnoticed), ``reject``, ``wait`` or ``subscribe``. What leaves a function
    is ``yielded``, ``returned``, or ``untold`` where it may be a message that is returned.
    """

    kind: str
    site: Site


OF_ITS_OWN = frozenset({"yielded", "returned", "untold"})
"""Steps that matter in the function that takes them alone: its callers see what it gives them."""


@dataclass(frozen=True, slots=True)
class Write:
    """An attribute set on an object that is still symbolic."""

    base: Value
    name: str
    value: Value
    site: Site


@dataclass(frozen=True, slots=True)
class Summary:
    """What a function returns and does. ``yields`` is what iterating its result gives, for generators."""

    returns: Value = NOTHING
    yields: Value | None = None
    acts: tuple[Act, ...] = ()
    trace: tuple[Event, ...] = ()
    """The order of what matters on the way to the end; ``paths`` are the other ways out (early returns, handlers)."""
    paths: tuple[tuple[Event, ...], ...] = ()
    writes: tuple[Write, ...] = ()


EMPTY = Summary()

_ESSENTIAL: dict[str, tuple[str, ...]] = {
    "request": ("url", "host", "location"),
    "publish": ("exchange", "routing_key", "channel"),
    "subscribe": ("queue", "channel", "callback", "handler"),
    "declare_queue": ("queue", "durable"),
    "declare_exchange": ("exchange",),
    "bind": ("queue", "exchange", "routing_key"),
}


def essential(act: Act) -> tuple[str, ...]:
    """The slots that say where an act goes; none for acts whose site does not matter."""
    return {"store": ("object",), "execute": ("statement",)}.get(act.does) or (
        _ESSENTIAL[act.does] if act.does in ("request", "publish", "subscribe") else ()
    )


def settled(act: Act) -> bool:
    """Whether the target and the channel of an act are known without asking a caller."""
    if act.does == "latent":
        return False
    names = _ESSENTIAL.get(act.does)
    for name, value in act.slots:
        if (names is not None and name not in names) or name == "datastore":
            continue
        if act.does == "request" and name in _ESSENTIAL["request"]:
            if not host_closed(value):
                return False
        elif not closed(value):
            return False
    return True


def host_closed(value: Value) -> bool:
    """Whether the part of a URL that names the host is free of parameters: only the left-most part decides."""
    if isinstance(value, Choice):
        return all(host_closed(option) for option in value.options)
    if not isinstance(value, Text):
        return closed(value)
    seen = ""
    for part in value.parts:
        if isinstance(part, Const):
            seen += str(part.value)
            after_scheme = seen.partition("://")[2] if "://" in seen else ""
            if "/" in after_scheme or (seen.startswith("/") and "://" not in seen):
                return True
        elif not closed(part):
            return bool(seen.partition("://")[2])  # a whole host name stands before it
        elif not seen:
            return True  # a variable that holds the whole base of the URL
        else:
            seen += "?"
    return True


def opaque(what: str, *operands: Value) -> Value:
    """The result of something not followed; plain constants are dropped from the operands, they trace nothing."""
    kept = tuple(operand for operand in operands if not isinstance(operand, Const | Unknown | Func))
    return Opaque(what, kept) if kept else Unknown(f"the result of {what}", _origin(what, operands[:1]))


def origin(value: Value) -> str:
    """The library's function that something not followed comes from, by however many steps; "" where none is known."""
    match value:
        case Unknown():
            return value.library
        case Opaque(what, operands):
            return _origin(what, operands[:1])
    return ""


def _origin(what: str, first: tuple[Value, ...]) -> str:
    if "." in what[1:] and " " not in what:
        return what  # the dotted name of a library's function
    return origin(first[0]) if first else ""


def slot_of(base: Value, name: str) -> Value:
    """A slot of an object that is still symbolic."""
    return Attr(base, "@" + name)
