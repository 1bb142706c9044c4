"""The little language in which the keys of ``quanta.yaml`` are written down.

One tree of shapes (:mod:`quantafit.declaration.keys`) is the only list of keys. The loader checks a file against it
(:mod:`quantafit.declaration.checking`) and the JSON Schema is printed from it
(:mod:`quantafit.declaration.json_schema`), so the two cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

NOT_BLANK = r"\S"


@dataclass(frozen=True, slots=True)
class Text:
    """Text that matches ``pattern`` somewhere (a regular expression of the common subset of Python and ECMA-262).

    ``wants`` says in words what the pattern means.
    """

    wants: str = "text"
    pattern: str = NOT_BLANK


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list without repetition, unless ``repeats``. ``single``: one item may stand without its list."""

    item: Shape
    single: bool = False
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping whose keys are names that the user chooses. ``named`` says what they name."""

    value: Shape
    named: str
    key: Text = Text()
    at_least_one: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a record, with the sentence that an editor shows for it."""

    key: str
    shape: Shape
    description: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys only.

    ``short`` is another way to write it, ``nullable`` allows to write nothing, ``at_least_one`` refuses an empty one.
    """

    fields: tuple[Field, ...]
    short: Text | Choice | None = None
    nullable: bool = False
    at_least_one: bool = False

    def field(self, key: str) -> Field | None:
        return next((field for field in self.fields if field.key == key), None)


Shape: TypeAlias = Text | Flag | Choice | ListOf | MapOf | Record
