"""Logical replication as a publisher sets it up, in SQL files or in a running database."""

from __future__ import annotations

from dataclasses import dataclass

from quantafit.model.places import EvidenceKind, Place

OPERATIONS = ("insert", "update", "delete", "truncate")
"""What a publication can hand on."""


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A table as a publication hands it on. ``columns`` are those that it hands on, as far as they are known.

    ``limited``: the publication names its columns itself; without that, every column flows, future ones too.
    """

    name: str
    columns: tuple[str, ...] = ()
    limited: bool = False
    row_filter: str | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication: ``schemas`` are those of which all tables are published, ``operations`` some of ``OPERATIONS``."""

    name: str
    place: Place
    all_tables: bool = False
    schemas: tuple[str, ...] = ()
    operations: tuple[str, ...] = OPERATIONS
    tables: tuple[PublishedTable, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicationUse:
    """A publication with the quantum whose database it publishes, and the kind of evidence that shows it."""

    quantum: str
    publication: Publication
    kind: EvidenceKind
