"""Policies of message brokers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quantafit.model.places import Place


@dataclass(frozen=True, slots=True)
class PolicyDefinition:
    """A policy of a message broker; ``pattern`` is a regular expression over names.

    An ``operator`` policy only sets limits, and of two limits the smaller one holds.
    """

    name: str
    pattern: str
    apply_to: str
    priority: int
    definition: Mapping[str, Any]
    place: Place
    operator: bool = False
