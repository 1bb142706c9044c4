"""Symbolic terms: what source evidence knows of a value before configuration is substituted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from quantafit.model.places import Evidence


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the code: text, a number, a boolean or None.

    ``origin`` is the constant that holds it, where it has a name; it says nothing of what the value is.
    """

    value: str | int | float | bool | bytes | None
    origin: Evidence | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Joined:
    """Text put together from parts, left to right."""

    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable, with the value that holds where it is not bound."""

    name: str
    default: Term | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several values; which one is decided when the program runs, or by configuration."""

    options: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class ByVersion:
    """What a library gives to an omitted argument, where that has changed: the value from each version on.

    ``since`` has the versions with their values, oldest first; the first is ``"0"``. Which one holds is decided by the
    lock and requirement files of the code.
    """

    distribution: str
    since: tuple[tuple[str, str | int | float | bool | None], ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that could not be followed; ``why`` says what stood in the way."""

    why: str


Term: TypeAlias = Literal | Joined | Variable | OneOf | ByVersion | Unknown
