"""Where things stand: places in files, and evidence, which is a fact with its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EvidenceKind(StrEnum):
    """What an observation was read from. Never called a "check": the word is *evidence*."""

    SOURCE = "source"
    CONFIGURATION = "configuration"
    RUNTIME = "runtime"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file. ``path`` is relative to the root, with ``/``; ``line`` and ``column`` count from 1.

    Line 0 says that the place is in no file: ``path`` then names a thing of a running server
    (``rabbitmq:/billing-info``).

    ``symbol`` is the name of the function or section the place stands in, empty where there is none.
    """

    path: str
    line: int
    column: int = 1
    symbol: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


class Role(StrEnum):
    """The part a place plays in an observed interaction (the ``role`` of the observed document)."""

    CALL = "call"
    VIA = "via"
    CONSUMER = "consumer"
    HANDLER = "handler"
    DECLARE = "declare"
    BIND = "bind"
    ACKNOWLEDGE = "acknowledge"
    CONFIGURATION = "configuration"
    DEFAULT = "default"
    STEP = "step"


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """One observed fact: what kind it was read from, the part it plays, and where it stands.

    ``note`` says in a few words what the place shows (``httpx.post(...)``, ``durable=False``).
    """

    kind: EvidenceKind
    role: Role
    place: Place
    note: str = ""
