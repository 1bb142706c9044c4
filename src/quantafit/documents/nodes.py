"""The shape of a YAML document: frozen nodes with the place where each starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

ScalarValue: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value. ``line`` and ``column`` count from 1; ``text`` is the value as written, without quotes.

    Two scalars are equal when value and place are: ``text`` is there for readers that want ``1.10`` and not ``1.1``.
    """

    value: ScalarValue
    line: int
    column: int
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping, with the key's place and its value."""

    key: str
    line: int
    column: int
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order of the file. Keys are text and unique."""

    entries: tuple[Entry, ...]
    line: int
    column: int

    def entry(self, key: str) -> Entry | None:
        """The entry of that key; None where the mapping has no such key."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def get(self, key: str) -> Node | None:
        """The value of that key; None where the mapping has no such key."""
        entry = self.entry(key)
        return None if entry is None else entry.value


Node: TypeAlias = Scalar | Sequence | Mapping


def plain(node: Node) -> Any:
    """The node as ``dict``, ``list`` and plain values, without places."""
    if isinstance(node, Mapping):
        return {entry.key: plain(entry.value) for entry in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value


def kind_of(node: Node) -> str:
    """What a node is, in words for a message: ``a mapping``, ``a list``, ``text``, ``nothing``…"""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    if node.value is None:
        return "nothing"
    if isinstance(node.value, bool):
        return "true or false"
    return "text" if isinstance(node.value, str) else "a number"
