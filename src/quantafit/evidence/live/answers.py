"""Reading what a server sent as JSON: what is asked for is there and of the right kind, or the answer is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from quantafit.evidence.live.asking import NotAnsweredError

T = TypeVar("T", bool, int, str)

LONGEST_NAME = 255
"""Characters: AMQP names are short strings."""


def objects(answer: Any, what: str) -> Iterator[Mapping[str, Any]]:
    """The objects of a list. Raises NotAnsweredError where it is none."""
    if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
        raise NotAnsweredError(f"the answer about {what} is no list of objects")
    yield from answer


def required(item: Mapping[str, Any], key: str, kind: type[T], what: str) -> T:
    """A value that must be there. Raises NotAnsweredError where it is not, or is of another kind."""
    value = item.get(key)
    if type(value) is not kind:
        raise NotAnsweredError(f"the answer about {what} has no {key} that can be used")
    if isinstance(value, str) and len(value) > LONGEST_NAME * 4:
        raise NotAnsweredError(f"the answer about {what} has a {key} that is far too long")
    return value


def mapping(item: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A mapping that may be left out; RabbitMQ writes an empty one as ``[]`` in places."""
    value = item.get(key)
    return MappingProxyType(value if isinstance(value, dict) else {})


def number(item: Mapping[str, Any], key: str) -> int | None:
    """A number that may be left out: statistics come later than what they are about."""
    value = item.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
