"""YAML with positions, read safely: the only importer of ``yaml``.

Every node knows the line and column where it starts, so that a message about a value can point at it. Nothing that a
file can hold does harm: no tag builds an object, and size, depth, number of nodes and the expansion of aliases are
bounded (:mod:`quantafit.documents.reader`). What cannot be read ends in :class:`DocumentError`, never in anything else.

Plain scalars are read by the **YAML 1.2 core schema**: ``no``, ``on``, ``2027-01-31``, ``12:30`` and ``1_000`` are
text. See :mod:`quantafit.documents.scalars`.
"""

from quantafit.documents.errors import DocumentError
from quantafit.documents.nodes import Entry, Mapping, Node, Scalar, ScalarValue, Sequence, kind_of, plain
from quantafit.documents.reader import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NODES,
    MAX_STRICT_NODES,
    examine_yaml,
    load_all_yaml,
    load_yaml,
)
from quantafit.documents.writing import comment, scalar

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_NODES",
    "MAX_STRICT_NODES",
    "DocumentError",
    "Entry",
    "Mapping",
    "Node",
    "Scalar",
    "ScalarValue",
    "Sequence",
    "comment",
    "examine_yaml",
    "kind_of",
    "load_all_yaml",
    "load_yaml",
    "plain",
    "scalar",
]
