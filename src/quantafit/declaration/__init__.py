"""``quanta.yaml``: the declared architecture, read strictly.

:func:`load` gives the :class:`~quantafit.model.Architecture` or raises
:class:`~quantafit.errors.DeclarationError` with everything that is wrong at once. :func:`schema` prints the JSON Schema
from the same table of keys (:mod:`quantafit.declaration.keys`). :func:`write` gives the text of a proposed declaration.
"""

from quantafit.declaration.data_classes import BUILT_IN
from quantafit.declaration.decisions import Decision, read_decision
from quantafit.declaration.json_schema import schema
from quantafit.declaration.keys import SCHEMA
from quantafit.declaration.loading import FILE_NAME, discover, load, parse
from quantafit.declaration.names import Rules
from quantafit.declaration.writing import MARK, write

__all__ = [
    "BUILT_IN",
    "FILE_NAME",
    "MARK",
    "SCHEMA",
    "Decision",
    "Rules",
    "discover",
    "load",
    "parse",
    "read_decision",
    "schema",
    "write",
]
