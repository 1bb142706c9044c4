"""Holding a document against its shape."""

from __future__ import annotations

import re
from functools import lru_cache

from quantafit.declaration.problems import Problems, did_you_mean, nearest, shown
from quantafit.declaration.shapes import Choice, Flag, ListOf, MapOf, Record, Shape, Text
from quantafit.documents import Mapping, Node, Scalar, Sequence, kind_of
from quantafit.documents.nodes import Entry

_MAPPING_WORDS = "a mapping"
_MISSPELT = 20  # unknown keys that are tried for a required one that is missing


def check(shape: Shape, node: Node, where: str, problems: Problems) -> Node | None:
    """The part of ``node`` that has the right shape; None where nothing of it has. What is wrong goes to ``problems``.

    The answer is uniform: a lone item where a list may have one item has become a list, a mapping that may be left
    empty is one. So whoever goes on with it need not know which way it was written.
    """
    if isinstance(shape, Record):
        return _record(shape, node, where, problems)
    if isinstance(shape, MapOf):
        return _map(shape, node, where, problems)
    if isinstance(shape, ListOf):
        return _list(shape, node, where, problems)
    return _scalar(shape, node, where, problems)


def _record(shape: Record, node: Node, where: str, problems: Problems) -> Node | None:
    if isinstance(node, Scalar) and node.value is None and shape.nullable:
        return Mapping((), node.line, node.column)
    if shape.short is not None and isinstance(node, Scalar):
        return _scalar(shape.short, node, where, problems)
    if not isinstance(node, Mapping):
        wants = f"{_wants(shape.short)}, or {_MAPPING_WORDS}" if shape.short else _MAPPING_WORDS
        _wrong_kind(node, where, wants, problems)
        return None
    if shape.at_least_one and not node.entries:
        problems.add(node, f"{where} is empty", f"write at least one of {_keys(shape)}")
    _missing(shape, node, where, problems)
    kept = [_entry(shape, entry, where, problems) for entry in node.entries]
    return Mapping(tuple(entry for entry in kept if entry is not None), node.line, node.column)


def _entry(shape: Record, entry: Entry, where: str, problems: Problems) -> Entry | None:
    field = shape.field(entry.key)
    if field is None:
        problems.add(
            entry, f"unknown key {shown(entry.key)}{_inside(where)}", did_you_mean(entry.key, _all_keys(shape))
        )
        return None
    value = check(field.shape, entry.value, f"{where}.{entry.key}" if where else entry.key, problems)
    return None if value is None else Entry(entry.key, entry.line, entry.column, value)


def _missing(shape: Record, node: Mapping, where: str, problems: Problems) -> None:
    """Note required keys that are not there, unless a misspelt one stands for them."""
    written = [entry.key for entry in node.entries]
    missing = [field for field in shape.fields if field.required and field.key not in written]
    unknown = [key for key in written if shape.field(key) is None] if missing else []
    meant = {nearest(key, _all_keys(shape)) for key in unknown[:_MISSPELT]}
    for field in missing:
        if field.key not in meant:
            problems.add(node, f"key {shown(field.key)} is missing{_inside(where)}", field.description)


def _map(shape: MapOf, node: Node, where: str, problems: Problems) -> Node | None:
    if not isinstance(node, Mapping):
        _wrong_kind(node, where, _MAPPING_WORDS, problems)
        return None
    if shape.at_least_one and not node.entries:
        problems.add(node, f"{where} is empty", f"name at least one {shape.named}")
    kept = [_named(shape, entry, where, problems) for entry in node.entries]
    return Mapping(tuple(kept), node.line, node.column)


def _named(shape: MapOf, entry: Entry, where: str, problems: Problems) -> Entry:
    """The entry; one whose value is of no use keeps its name, so that references to it are not called unknown."""
    if not _pattern(shape.key.pattern).search(entry.key):
        problems.add(entry, f"{shown(entry.key)} cannot name a {shape.named}", f"it should be {_wants(shape.key)}")
    value = check(shape.value, entry.value, f"{where}.{_brief(entry.key)}", problems)
    fallback = Mapping((), entry.line, entry.column)
    return Entry(entry.key, entry.line, entry.column, fallback if value is None else value)


def _list(shape: ListOf, node: Node, where: str, problems: Problems) -> Node | None:
    if shape.single and isinstance(node, Scalar) and node.value is not None:
        node = Sequence((node,), node.line, node.column)
    if not isinstance(node, Sequence):
        wants = f"{_wants(shape.item)}, or a list" if shape.single else "a list"
        _wrong_kind(node, where, wants, problems)
        return None
    kept = [check(shape.item, item, where, problems) for item in node.items]
    items = tuple(item for item in kept if item is not None)
    if not shape.repeats:
        _repeated(items, where, problems)
    return Sequence(items, node.line, node.column)


def _repeated(items: tuple[Node, ...], where: str, problems: Problems) -> None:
    seen: dict[str, int] = {}
    for item in items:
        if isinstance(item, Scalar):
            if item.text in seen:
                hint = f"it first stands on line {seen[item.text]}"
                problems.add(item, f"{shown(item.text)} stands twice{_inside(where)}", hint)
            seen.setdefault(item.text, item.line)


def _scalar(shape: Text | Flag | Choice, node: Node, where: str, problems: Problems) -> Node | None:
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(shape, Flag):
        if isinstance(value, bool):
            return node
        hint = "write true or false" if isinstance(value, str) else ""
        _wrong_kind(node, where, "true or false", problems, hint)
    elif not isinstance(value, str):
        numeric = isinstance(node, Scalar) and value is not None and isinstance(shape, Text)
        hint = f"put it into quotes: '{node.text}'" if isinstance(node, Scalar) and numeric else ""
        _wrong_kind(node, where, _wants(shape), problems, hint)
    elif isinstance(shape, Choice) and value not in shape.values:
        problems.add(node, f"{where} cannot be {shown(value)}", did_you_mean(value, shape.values))
    elif isinstance(shape, Text) and not _pattern(shape.pattern).search(value):
        problems.add(node, f"{where} cannot be {shown(value)}", f"it should be {_wants(shape)}")
    else:
        return node
    return None


def _wrong_kind(node: Node, where: str, wants: str, problems: Problems, hint: str = "") -> None:
    if isinstance(node, Scalar) and node.value is None:
        hint = hint or "write it, or remove the key"
    problems.add(node, f"{where or 'the file'} wants {wants}, not {kind_of(node)}", hint)


def _wants(shape: Shape) -> str:
    if isinstance(shape, Text):
        return shape.wants
    if isinstance(shape, Choice):
        return f"one of {', '.join(shape.values)}" if len(shape.values) > 1 else shape.values[0]
    return "true or false" if isinstance(shape, Flag) else _MAPPING_WORDS


def _inside(where: str) -> str:
    return f" in {where}" if where else ""


def _brief(name: str) -> str:
    return shown(name)[1:-1]


def _all_keys(shape: Record) -> list[str]:
    return [field.key for field in shape.fields]


def _keys(shape: Record) -> str:
    return ", ".join(_all_keys(shape))


@lru_cache(maxsize=64)
def _pattern(pattern: str) -> re.Pattern[str]:
    # "$" means the very end in ECMA-262; in Python it would let a line break through.
    return re.compile(f"{pattern.removesuffix('$')}\\Z" if pattern.endswith("$") else pattern)
