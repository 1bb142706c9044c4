"""Small questions to YAML nodes, answered without ever failing."""

from __future__ import annotations

from collections.abc import Iterator

from quantafit.documents import Entry, Mapping, Node, Scalar, Sequence
from quantafit.model import Place


def text(node: Node | None) -> str | None:
    """A scalar as written, without quotes; None for nothing, null, and what is no scalar."""
    return node.text if isinstance(node, Scalar) and node.value is not None else None


def texts(node: Node | None) -> tuple[str, ...]:
    """The scalars of a list, or the one scalar that stands for a list."""
    nodes = node.items if isinstance(node, Sequence) else (node,)
    return tuple(one for one in map(text, nodes) if one is not None)


def get(node: Node | None, *keys: str) -> Node | None:
    """What stands under ``keys``, one inside the other; None where there is nothing."""
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def entries(node: Node | None) -> tuple[Entry, ...]:
    """The entries of a mapping; none for anything else."""
    return node.entries if isinstance(node, Mapping) else ()


def items(node: Node | None) -> tuple[Node, ...]:
    """The items of a list; none for anything else."""
    return node.items if isinstance(node, Sequence) else ()


def text_items(node: Node | None) -> Iterator[tuple[str, str]]:
    """The (key, scalar) pairs of a mapping, and of a list of ``key=value``."""
    for entry in entries(node):
        value = text(entry.value)
        if value is not None:
            yield entry.key, value
    for item in texts(node) if isinstance(node, Sequence) else ():
        key, equals, value = item.partition("=")
        if equals:
            yield key, value


def place(path: str, node: Node | Entry) -> Place:
    return Place(path, node.line, node.column)
