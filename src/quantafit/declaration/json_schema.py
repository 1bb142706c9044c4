"""The JSON Schema of ``quanta.yaml``, printed from the same shapes that the loader checks."""

from __future__ import annotations

from typing import Any

from quantafit.declaration.keys import ROOT
from quantafit.declaration.shapes import Choice, Flag, ListOf, MapOf, Record, Shape, Text

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a declaration, with a description for every key, for editors to complete from.

    It knows shapes only. What refers to something else (quanta, decisions, paths, rules) is checked by the loader.
    """
    head = {"$schema": _DIALECT, "title": "quanta.yaml", "description": "The declared architecture of a system."}
    return head | _of(ROOT)


def _of(shape: Shape) -> dict[str, Any]:
    if isinstance(shape, Text):
        return {"type": "string", "pattern": shape.pattern}
    if isinstance(shape, Choice):
        return {"enum": list(shape.values)}
    if isinstance(shape, Flag):
        return {"type": "boolean"}
    if isinstance(shape, ListOf):
        return _list(shape)
    return _map(shape) if isinstance(shape, MapOf) else _record(shape)


def _list(shape: ListOf) -> dict[str, Any]:
    many: dict[str, Any] = {"type": "array", "items": _of(shape.item)}
    if isinstance(shape.item, Text | Choice) and not shape.repeats:
        many["uniqueItems"] = True
    return {"anyOf": [_of(shape.item), many]} if shape.single else many


def _map(shape: MapOf) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "object",
        "propertyNames": {"pattern": shape.key.pattern},
        "additionalProperties": _of(shape.value),
    }
    return found | ({"minProperties": 1} if shape.at_least_one else {})


def _record(shape: Record) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": ["object", "null"] if shape.nullable else "object",
        "properties": {field.key: {"description": field.description} | _of(field.shape) for field in shape.fields},
        "additionalProperties": False,
    }
    required = [field.key for field in shape.fields if field.required]
    if required:
        found["required"] = required
    if shape.at_least_one:
        found["minProperties"] = 1
    return {"anyOf": [_of(shape.short), found]} if shape.short else found
