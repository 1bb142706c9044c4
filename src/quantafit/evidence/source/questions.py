"""Questions that the machine answers once: what was asked for each answer, and which of them are open.

An answer is good for as long as nothing changes in what was asked for it (an :class:`Account`). A question that leads
back to itself is cut short there: what it adds to itself is nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from quantafit.evidence.source.acts import Act
from quantafit.evidence.source.values import FunctionId, Site

Key = tuple[object, object]
"""A place that values are kept in: what kind or whose it is, and which one."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A call that could reach out and could not be followed."""

    what: str
    why: str
    site: Site
    could_be: tuple[str, ...]


@dataclass(slots=True)
class Account:
    """What running something asked for, and what it found.

    ``reads`` are the places that it asked: when one of them changes, it has to be run again, and its account is made
    anew. ``records`` are acts whose site is settled, ``doubts`` calls that could not be followed, ``called`` the
    functions it called.

    While it is being made, ``outer`` is the one that it was begun within, and it is ``outdated`` once a place has
    changed that had been asked before: only then is what was found out of date. ``unwatched`` says that so many were
    being made within it that it was not told of every change.
    """

    outer: Account | None = None
    outdated: bool = False
    unwatched: bool = False
    reads: set[Key] = field(default_factory=set)
    records: dict[Act, None] = field(default_factory=dict)
    doubts: dict[Doubt, None] = field(default_factory=dict)
    called: set[FunctionId] = field(default_factory=set)

    def add(self, other: Account) -> None:
        """Take over another account: what was found on the way to an answer belongs to whoever asks for it."""
        self.reads |= other.reads
        self.records.update(other.records)
        self.doubts.update(other.doubts)
        self.called |= other.called
        other.outer = None
        self.outdated |= other.outdated
        self.unwatched |= other.unwatched


T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


@dataclass(slots=True)
class Answer(Generic[T]):
    """What was found once, and the account of finding it: good for as long as nothing changes in what was asked for it.

    ``asked`` is how many news there were when it was last known to be good.
    """

    value: T
    account: Account
    asked: int


@dataclass(slots=True)
class Passing(Answer[T]):
    """An answer that was cut short, at ``cuts``: it holds for as long as these questions are open."""

    cuts: frozenset[Hashable]


BOUND = "a bound"
"""What a question is cut short at that has led too far, rather than back to an open one: no answer to it passes."""


GIVEN, FALLBACK, FIELD, RESULT, MADE = "given", "fallback", "field", "result", "made"
"""What callers give for a parameter; what it may be; what an attribute holds; what a call gives; what a call does."""
LOOKED_UP = frozenset({GIVEN, FALLBACK, FIELD})


@dataclass(slots=True)
class Questions:
    """What is being answered, one question within the other, while one function is run (or while all is concluded).

    ``open`` are the questions: parameters that callers give, attributes of objects, what a call gives (and its place,
    with how often that is open), the place of a call that had waited and is being made. ``cuts`` are those that the
    present one was cut short at, since it led back to them; a function that is being run while it is called is one too.
    What was found holds until they are answered, and ``passing`` has it meanwhile: objects that hold each other would
    be gone through by every path otherwise. ``resting`` says what passes, by the question that it was cut short at.
    """

    open: set[Hashable] = field(default_factory=set)
    within: int = 0
    """How many open questions are of parameters and attributes."""
    cuts: set[Hashable] = field(default_factory=set)
    passing: dict[tuple[str, Hashable], Passing[Any]] = field(default_factory=dict)
    resting: dict[Hashable, list[tuple[str, Hashable]]] = field(default_factory=lambda: defaultdict(list))
    lookups: int = 0
    resolving: Counter[Site] = field(default_factory=Counter)
    """How often each place of a call is being resolved, one time within the other."""
    resolved: int = 0
    """How many calls were resolved within the outermost one."""

    def close(self, question: Hashable) -> None:
        """A question is answered: what was cut short at it on the way may lack a part, and is forgotten."""
        self.open.discard(question)
        self.cuts.discard(question)
        for key in self.resting.pop(question, ()):
            self.passing.pop(key, None)
