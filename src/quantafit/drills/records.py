"""Records of experiments as one JSON document, ``quantafit/experiments/1``, and back."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args, get_origin, get_type_hints

from quantafit.errors import UsageError
from quantafit.model import Experiment

SCHEMA = "quantafit/experiments/1"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LARGEST = 200_000_000


def records_text(records: Iterable[Experiment]) -> str:
    """The document; keys in a fixed order, one experiment's items each on a line of its own."""
    document = {"schema": SCHEMA, "experiments": [_plain(record) for record in records]}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def read_records(path: Path) -> tuple[Experiment, ...]:
    """The records in a file. Raises UsageError where it cannot be read, or holds anything else, and says what."""
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} is larger than {_LARGEST} bytes; that is no record of experiments")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    return parse_records(data, str(path))


def parse_records(data: str | bytes, path: str) -> tuple[Experiment, ...]:
    """The records in a document; ``path`` stands in messages. Raises UsageError as :func:`read_records` does."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no JSON document: {str(error)[:200]}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UsageError(f"{path} is no record of experiments: its schema is not {SCHEMA}")
    if set(document) != {"schema", "experiments"} or not isinstance(document["experiments"], list):
        raise UsageError(f"{path}: beside schema it must hold a list, experiments, and nothing else")
    return tuple(
        _read(Experiment, record, f"{path}: experiments[{number}]")
        for number, record in enumerate(document["experiments"])
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of the document, made from the frozen values."""
    head = {"$schema": _DIALECT, "title": SCHEMA, "description": "Records of experiments, made by quantafit drill."}
    properties = {"schema": {"const": SCHEMA}, "experiments": {"type": "array", "items": _schema_of(Experiment)}}
    return head | {
        "type": "object",
        "properties": properties,
        "required": ["schema", "experiments"],
        "additionalProperties": False,
    }


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in sorted(value.items())}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, StrEnum) else value


def _read(kind: Any, value: Any, where: str) -> Any:
    """A value of that type. Raises UsageError where it is none: what was tampered with proves nothing."""
    origin = get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        inner = next(option for option in get_args(kind) if option is not type(None))
        return None if value is None else _read(inner, value, where)
    if is_dataclass(kind):
        return _read_dataclass(kind, value, where)
    if origin is tuple:
        _wants(isinstance(value, list), "a list", value, where)
        return tuple(_read(get_args(kind)[0], item, f"{where}[{number}]") for number, item in enumerate(value))
    if origin is Mapping or (isinstance(origin, type) and issubclass(origin, Mapping)):
        _wants(isinstance(value, dict), "an object", value, where)
        return MappingProxyType({key: _read(get_args(kind)[1], item, f"{where}.{key}") for key, item in value.items()})
    if issubclass(kind, StrEnum):
        _wants(value in [*kind], f"one of {', '.join(kind)}", value, where)
        return kind(value)
    if kind is float:
        _wants(isinstance(value, int | float) and not isinstance(value, bool), "a number", value, where)
        return float(value)
    _wants(isinstance(value, kind) and (kind is bool or not isinstance(value, bool)), _WORDS[kind], value, where)
    return value


def _read_dataclass(kind: Any, value: Any, where: str) -> Any:
    _wants(isinstance(value, dict), "an object", value, where)
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    unknown = next((key for key in value if key not in names), None)
    missing = next((name for name in _required(kind) if name not in value), None)
    if unknown is not None or missing is not None:
        wrong = f"the key {missing} is missing" if missing is not None else f"unknown key {unknown!r}"
        raise UsageError(f"{where}: {wrong}; records are made by quantafit drill --record")
    return kind(**{name: _read(hints[name], value[name], f"{where}.{name}") for name in names if name in value})


def _required(kind: Any) -> list[str]:
    return [field.name for field in fields(kind) if field.default is MISSING and field.default_factory is MISSING]


_WORDS: Mapping[Any, str] = {str: "text", int: "a whole number", bool: "true or false"}


def _wants(right: bool, what: str, value: Any, where: str) -> None:
    if not right:
        raise UsageError(f"{where} wants {what}, not {str(value)[:60]!r}")


def _schema_of(kind: Any) -> dict[str, Any]:
    origin = get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        inner = next(option for option in get_args(kind) if option is not type(None))
        return {"anyOf": [_schema_of(inner), {"type": "null"}]}
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        names = [field.name for field in fields(kind)]
        return {
            "type": "object",
            "description": " ".join((kind.__doc__ or "").split()),
            "properties": {name: _schema_of(hints[name]) for name in names},
            "required": _required(kind),
            "additionalProperties": False,
        }
    if origin is tuple:
        return {"type": "array", "items": _schema_of(get_args(kind)[0])}
    if origin is not None:
        return {"type": "object", "additionalProperties": _schema_of(get_args(kind)[1])}
    if issubclass(kind, StrEnum):
        return {"enum": [*kind]}
    return {"type": {str: "string", int: "integer", bool: "boolean", float: "number"}[kind]}
