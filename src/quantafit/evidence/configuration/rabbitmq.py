"""RabbitMQ definitions: the queues, exchanges, bindings and policies that a broker is started with.

Read: JSON files as ``rabbitmqctl export_definitions`` writes them. What a definition leaves out counts as the broker
counts it: not durable, priority 0. Source: RabbitMQ documentation, "Schema Definition Export and Import".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from quantafit.documents import Mapping as MappingNode
from quantafit.documents import Node, Scalar, Sequence, plain
from quantafit.evidence.configuration.journal import Journal
from quantafit.evidence.configuration.nodes import get, place, text
from quantafit.model import ExchangeDefinition, Place, PolicyDefinition, QueueBinding, QueueDefinition

_LISTS = ("queues", "exchanges", "bindings")
_MARKS = ("rabbit_version", "rabbitmq_version", "rabbitmq_definition_format", "vhosts")
_NAME = re.compile(r"definitions|rabbit", re.IGNORECASE)


def is_candidate(path: str, data: bytes) -> bool:
    """Whether a JSON file may hold definitions: a search in its bytes, without parsing."""
    lists = sum(f'"{key}"'.encode() in data for key in _LISTS)
    marks = sum(f'"{key}"'.encode() in data for key in _MARKS)
    return bool(lists) and (lists + marks > 1 or _NAME.search(path) is not None)


def is_definitions(root: Node) -> bool:
    """Whether a document holds definitions. ``bindings`` alone is used by other formats too."""
    lists = sum(isinstance(get(root, key), Sequence) for key in _LISTS)
    marks = sum(get(root, key) is not None for key in _MARKS)
    return lists > 1 or (lists == 1 and (marks > 0 or isinstance(get(root, "queues"), Sequence)))


def spaced(data: bytes) -> bytes:
    """JSON with blanks for tabs: JSON may be indented with them, YAML must not, and places stay as they are."""
    return data.replace(b"\t", b" ")


@dataclass(frozen=True, slots=True)
class Definitions:
    """One definitions file."""

    path: str
    root: Node
    journal: Journal

    def queues(self) -> Iterator[QueueDefinition]:
        for node in self._objects("queues", "name"):
            yield QueueDefinition(
                name=_required(node, "name"),
                durable=self._flag(node, "durable"),
                place=self._place(node, "name"),
                auto_delete=self._flag(node, "auto_delete"),
                arguments=_arguments(node.get("arguments")),
            )

    def exchanges(self) -> Iterator[ExchangeDefinition]:
        for node in self._objects("exchanges", "name"):
            kind = text(node.get("type")) or "direct"
            yield ExchangeDefinition(
                _required(node, "name"), kind, self._flag(node, "durable"), self._place(node, "name")
            )

    def bindings(self) -> Iterator[QueueBinding]:
        for node in self._objects("bindings", "destination"):
            yield QueueBinding(
                source=text(node.get("source")) or "",
                destination=_required(node, "destination"),
                destination_type=text(node.get("destination_type")) or "queue",
                routing_key=text(node.get("routing_key")) or "",
                place=self._place(node, "destination"),
            )

    def policies(self) -> Iterator[PolicyDefinition]:
        for node in self._objects("policies", "name", "pattern"):
            yield self._policy(node, node)
        for node in self._objects("parameters", "name"):  # where an export keeps operator policies
            value = node.get("value")
            if text(node.get("component")) == "operator_policy" and isinstance(value, MappingNode):
                yield self._policy(node, value, operator=True)

    def _policy(self, node: MappingNode, value: MappingNode, *, operator: bool = False) -> PolicyDefinition:
        priority = get(value, "priority")
        rank = priority.value if isinstance(priority, Scalar) else None
        return PolicyDefinition(
            name=_required(node, "name"),
            pattern=_required(value, "pattern"),
            apply_to=text(value.get("apply-to")) or "all",
            priority=rank if isinstance(rank, int) else 0,
            definition=_arguments(value.get("definition")),
            place=self._place(node, "name"),
            operator=operator,
        )

    def _objects(self, key: str, *required: str) -> Iterator[MappingNode]:
        found = get(self.root, key)
        if found is not None and not isinstance(found, Sequence):
            self.journal.error(place(self.path, found), f"{key} wants a list")
        for node in found.items if isinstance(found, Sequence) else ():
            missing = [name for name in required if text(get(node, name)) is None]
            if isinstance(node, MappingNode) and not missing:
                yield node
            else:
                self.journal.error(place(self.path, node), f"an item of {key} wants {' and '.join(missing)}")

    def _flag(self, node: MappingNode, key: str) -> bool:
        value = node.get(key)
        if value is None:
            return False
        if isinstance(value, Scalar) and isinstance(value.value, bool):
            return value.value
        self.journal.error(place(self.path, value), f"{key} wants true or false")
        return False

    def _place(self, node: MappingNode, key: str) -> Place:
        """Where the name stands: in a file with one object a line, as in one with one value a line."""
        entry = node.entry(key)
        return place(self.path, entry if entry is not None else node)


def _required(node: MappingNode, key: str) -> str:
    return text(node.get(key)) or ""


def _arguments(node: Node | None) -> Mapping[str, Any]:
    value = plain(node) if isinstance(node, MappingNode) else {}
    return MappingProxyType(value)
