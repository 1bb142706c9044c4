"""A checked mapping, read without looking at its nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from quantafit.documents import Mapping, Node, Scalar, Sequence
from quantafit.model import Place


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping whose shape has been checked: what is there has the right kind, what is wrong is not there."""

    node: Mapping
    path: str

    @property
    def place(self) -> Place:
        return self.place_of(self.node)

    def place_of(self, node: Node) -> Place:
        return Place(self.path, node.line, node.column)

    def node_of(self, key: str) -> Node:
        """The node to point at for a key: its value, else the mapping itself."""
        return self.node.get(key) or self.node

    def text(self, key: str) -> str | None:
        found = self.node.get(key)
        return found.value if isinstance(found, Scalar) and isinstance(found.value, str) else None

    def flag(self, key: str) -> bool | None:
        found = self.node.get(key)
        return found.value if isinstance(found, Scalar) and isinstance(found.value, bool) else None

    def items(self, key: str) -> tuple[Scalar, ...]:
        """The texts of a list, with their places."""
        found = self.node.get(key)
        return tuple(i for i in found.items if isinstance(i, Scalar)) if isinstance(found, Sequence) else ()

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(str(item.value) for item in self.items(key))

    def section(self, key: str) -> Section | None:
        found = self.node.get(key)
        return Section(found, self.path) if isinstance(found, Mapping) else None

    def sections(self, key: str) -> Iterator[Section]:
        """The mappings of a list."""
        found = self.node.get(key)
        for item in found.items if isinstance(found, Sequence) else ():
            if isinstance(item, Mapping):
                yield Section(item, self.path)

    def named(self, key: str) -> Iterator[Named]:
        """The entries of a mapping whose keys are names."""
        found = self.node.get(key)
        for entry in found.entries if isinstance(found, Mapping) else ():
            yield Named(entry.key, Place(self.path, entry.line, entry.column), entry.value, self.path)


@dataclass(frozen=True, slots=True)
class Named:
    """A name that the user chose, its place, and what stands behind it."""

    name: str
    place: Place
    value: Node
    path: str

    @property
    def section(self) -> Section:
        """What stands behind the name as a section; empty where it is a short form."""
        node = self.value if isinstance(self.value, Mapping) else Mapping((), self.place.line, self.place.column)
        return Section(node, self.path)
