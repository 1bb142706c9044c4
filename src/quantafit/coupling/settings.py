"""The settings of a queue, under one name and in one spelling wherever they were written: arguments and policies.

RabbitMQ's rules: of the policies that match a queue the one with the highest priority holds alone, and so it is with
operator policies; of a queue's arguments and its policy the argument holds, except for limits, of which the smaller one
does. Source: RabbitMQ documentation, "Policies" and "Operator Policies".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from quantafit.model import PolicyDefinition

SMALLER_HOLDS = frozenset({"delivery-limit", "expires", "max-length", "max-length-bytes", "message-ttl"})
"""The settings of which the smaller one holds where a queue's arguments and its policy both have one."""

_APPLIES = {"queues": "", "all": "", "classic_queues": "classic", "quorum_queues": "quorum", "streams": "stream"}
"""What a policy is applied to, and the only type of queue that this means (empty: any)."""


def setting(argument: str) -> str:
    """The name of a setting by the name of its argument: ``x-message-ttl`` is ``message-ttl`` in a policy."""
    name = argument.removeprefix("x-")
    return "type" if name == "queue-type" else name


def word(value: object) -> str:
    """A value as it can be compared wherever it was written: ``true`` and ``True`` are one."""
    return str(value).lower() if isinstance(value, bool) or value in ("True", "False") else str(value)


def effective(arguments: Mapping[str, Any], policy: Mapping[str, Any]) -> dict[str, Any]:
    """What holds of a queue's arguments and its policy, both by the names of the settings."""
    found = {**policy, **arguments}
    for name in SMALLER_HOLDS & set(policy) & set(arguments):
        values = [value for value in (policy[name], arguments[name]) if _is_number(value)]
        found[name] = min(values) if values else arguments[name]
    return found


def governing(policies: Iterable[PolicyDefinition], queue: str, kind: str) -> tuple[dict[str, Any], str]:
    """What policies set on a queue of a type, operator policies among them, and which policies these are."""
    found: dict[str, Any] = {}
    names: list[str] = []
    matching = [one for one in policies if _matches(one, queue, kind)]
    for operator in (False, True):
        group = sorted((one for one in matching if one.operator is operator), key=lambda one: (-one.priority, one.name))
        names += [f"{'operator ' if operator else ''}policy {one.name}" for one in group[:1]]
        for name, value in group[0].definition.items() if group else ():
            both = _is_number(value) and _is_number(found.get(name))
            found[name] = min(found[name], value) if both else value
    return found, " and ".join(names)


def _matches(policy: PolicyDefinition, queue: str, kind: str) -> bool:
    if policy.apply_to not in _APPLIES or _APPLIES[policy.apply_to] not in ("", kind):
        return False
    try:
        return re.search(policy.pattern, queue) is not None
    except re.error:
        return False


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
