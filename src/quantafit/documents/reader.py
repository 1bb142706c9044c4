"""From YAML text to nodes, without recursion and within bounds.

The parser's *events* are read one at a time and the tree is built on a stack of our own, so that nothing is composed
that the bounds do not allow: a bomb is refused at the event that goes over the limit, long before it is expanded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

import yaml

from quantafit.documents.decoding import MAX_BYTES, decode, is_printable
from quantafit.documents.errors import DocumentError
from quantafit.documents.nodes import Entry, Mapping, Node, Scalar, Sequence
from quantafit.documents.scalars import resolve
from quantafit.documents.syntax import Bracket, explain
from quantafit.errors import Problem

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "MAX_STRICT_NODES", "examine_yaml", "load_all_yaml", "load_yaml"]

MAX_DEPTH = 100
"""How deep lists and mappings may stand inside each other."""
MAX_NODES = 100_000
"""How many nodes a file may have, each alias counted with all that it repeats."""
MAX_STRICT_NODES = 50_000
"""The same for a strict document: people write it by hand."""
_MAX_PROBLEMS = 20
_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
# libyaml's parser where PyYAML was built with it, else the same parser in Python; both yield the same events.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(data: bytes, path: str, *, strict: bool = True) -> Node:
    """The one document in ``data``; an empty file is a null scalar. ``path`` is only used in messages.

    ``strict`` refuses anchors, aliases, merge keys, tags, duplicate keys, keys that are not text, and values with
    control characters. Otherwise aliases and merge keys are expanded within the bounds, tags are ignored (``!!str``
    still means text), the last of several equal keys holds and keys are taken as written.

    Raises DocumentError for anything that is not one YAML document within :data:`MAX_BYTES`, :data:`MAX_DEPTH` and
    :data:`MAX_NODES` (:data:`MAX_STRICT_NODES`), with line and column.
    """
    reader = _Reader(decode(data, path), path, strict=strict, single=True)
    documents = reader.read()
    if reader.problems:
        raise DocumentError(reader.problems)
    return documents[0] if documents else Scalar(None, 1, 1)


def examine_yaml(data: bytes, path: str) -> tuple[Node, tuple[Problem, ...]]:
    """The document, with what :func:`load_yaml` in its strict manner would refuse although it can be read.

    For readers that go on to check what the document says, and name everything that is wrong at once. Raises
    DocumentError where there is no document to speak of: broken syntax, a bound exceeded, bytes that are not text.
    """
    reader = _Reader(decode(data, path), path, strict=True, single=True)
    documents = reader.read()
    return (documents[0] if documents else Scalar(None, 1, 1)), tuple(sorted(reader.problems))


def load_all_yaml(data: bytes, path: str) -> tuple[Node, ...]:
    """All documents in ``data``, read as :func:`load_yaml` does without ``strict``. Raises DocumentError."""
    return _Reader(decode(data, path), path, strict=False, single=False).read()


@dataclass(frozen=True, slots=True)
class _Built:
    """A finished node with the number of nodes in it (aliases expanded) and the depth below it."""

    node: Node
    size: int = 1
    height: int = 0
    merge: bool = False


@dataclass(slots=True)
class _Open:
    """A list or mapping that has begun and not ended."""

    mapping: bool
    line: int
    column: int
    anchor: str | None
    bracket: Bracket | None = None
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    merged: list[Node] = field(default_factory=list)
    key: _Built | None = None
    size: int = 1
    height: int = 0


class _Reader:
    """Reads one file. Problems that do not hide others are gathered; a bound or a broken syntax ends the reading."""

    def __init__(self, text: str, path: str, *, strict: bool, single: bool) -> None:
        self._text = text
        self._path = path
        self._strict = strict
        self._single = single
        self.problems: list[Problem] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Built] = {}
        self._documents: list[Node] = []
        self._nodes = 0

    def read(self) -> tuple[Node, ...]:
        for event in self._events():
            self._take(event)
        return tuple(self._documents)

    def _events(self) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(self._text, Loader=_LOADER)
        except yaml.YAMLError as error:
            bracket = self._stack[-1].bracket if self._stack else None
            raise DocumentError([*self.problems, explain(error, self._text, self._path, bracket)]) from error
        except (ValueError, OverflowError) as error:  # the parser in Python, on an escape that is no character
            raise DocumentError([*self.problems, Problem(self._path, 1, 1, "this is not YAML")]) from error

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event)
        elif isinstance(event, yaml.ScalarEvent):
            self._close(self._scalar(event), event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            opened = self._stack.pop()
            self._close(self._collection(opened), opened.anchor)

    def _start_document(self, event: yaml.Event) -> None:
        self._anchors.clear()
        if self._single and self._documents:
            self._stop(event, "a second document begins here", "keep one document in the file")

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        self._check(event)
        if len(self._stack) >= MAX_DEPTH:
            self._stop(event, f"lists and mappings stand more than {MAX_DEPTH} deep inside each other")
        line, column = _place(event)
        self._stack.append(
            _Open(isinstance(event, yaml.MappingStartEvent), line, column, event.anchor, _bracket(event))
        )

    def _scalar(self, event: yaml.ScalarEvent) -> _Built:
        self._check(event)
        line, column = _place(event)
        is_plain = event.style in (None, "") and event.tag not in _TEXT_TAGS
        value = resolve(event.value) if is_plain else event.value
        if self._strict and not is_printable(event.value):
            self._note(event, "a control character in a value", "remove the escape")
        merge = is_plain and event.value == "<<"
        return _Built(Scalar(value, line, column, event.value), merge=merge)

    def _alias(self, event: yaml.AliasEvent) -> None:
        self._count(event, 1)
        if self._strict:
            self._note(event, f"alias *{_short(event.anchor)}", "write the value out: aliases are not read here")
        built = self._anchors.get(event.anchor or "")
        if built is None:
            self._stop(event, f"alias *{_short(event.anchor)} has no anchor before it, or stands inside it")
        self._count(event, built.size)
        if len(self._stack) + built.height > MAX_DEPTH:
            self._stop(event, f"lists and mappings stand more than {MAX_DEPTH} deep inside each other")
        self._close(_Built(built.node, built.size, built.height), None)

    def _check(self, event: yaml.NodeEvent) -> None:
        """Count the node, and refuse what a strict document must not have."""
        self._count(event, 1)
        if not self._strict:
            return
        if event.anchor is not None:
            self._note(event, f"anchor &{_short(event.anchor)}", "remove it: anchors are not read here")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._note(event, f"tag {_short(tag)}", "remove it: tags are not read here")

    def _close(self, built: _Built, anchor: str | None) -> None:
        """Hand a finished node to what it stands in."""
        if anchor is not None:
            self._anchors[anchor] = built
        if not self._stack:
            self._documents.append(built.node)
            return
        parent = self._stack[-1]
        parent.size += built.size
        parent.height = max(parent.height, built.height)
        if not parent.mapping:
            parent.items.append(built.node)
        elif parent.key is None:
            parent.key = built
        else:
            self._pair(parent, parent.key, built.node)
            parent.key = None

    def _pair(self, parent: _Open, key: _Built, value: Node) -> None:
        node = key.node
        if not isinstance(node, Scalar):
            self._stop_at(node, "a list or mapping as a key", "keys are text; is a template's {{ … }} not in quotes?")
        if key.merge:
            self._merge(parent, node, value)
            return
        if self._strict and not isinstance(node.value, str):
            self._note_at(node, f"key {_short(node.text)!r} is not text", "put it into quotes")
        if self._strict and node.text in parent.entries:
            first = parent.entries[node.text].line
            self._note_at(node, f"key {_short(node.text)!r} stands here twice", f"it first stands on line {first}")
            return
        parent.entries.pop(node.text, None)
        parent.entries[node.text] = Entry(node.text, node.line, node.column, value)

    def _merge(self, parent: _Open, key: Scalar, value: Node) -> None:
        if self._strict:
            self._note_at(key, "merge key '<<'", "write the keys out: merge keys are not read here")
        sources = value.items if isinstance(value, Sequence) else (value,)
        if not all(isinstance(source, Mapping) for source in sources):
            self._stop_at(key, "merge key '<<' wants a mapping, or a list of mappings")
        parent.merged.extend(sources)

    def _collection(self, opened: _Open) -> _Built:
        if opened.mapping:
            node: Node = Mapping(_with_merged(opened), opened.line, opened.column)
        else:
            node = Sequence(tuple(opened.items), opened.line, opened.column)
        return _Built(node, opened.size, opened.height + 1)

    def _count(self, event: yaml.Event, nodes: int) -> None:
        self._nodes += nodes
        most = MAX_STRICT_NODES if self._strict else MAX_NODES
        if self._nodes > most:
            self._stop(event, f"more than {most:,} values, aliases expanded", "is it the right file?")

    def _note(self, event: yaml.Event, message: str, hint: str) -> None:
        self._add(Problem(self._path, *_place(event), message, hint))

    def _note_at(self, node: Node, message: str, hint: str) -> None:
        self._add(Problem(self._path, node.line, node.column, message, hint))

    def _add(self, problem: Problem) -> None:
        self.problems.append(problem)
        if len(self.problems) >= _MAX_PROBLEMS:
            raise DocumentError(self.problems)

    def _stop(self, event: yaml.Event, message: str, hint: str = "") -> NoReturn:
        raise DocumentError([*self.problems, Problem(self._path, *_place(event), message, hint)])

    def _stop_at(self, node: Node, message: str, hint: str = "") -> NoReturn:
        raise DocumentError([*self.problems, Problem(self._path, node.line, node.column, message, hint)])


def _with_merged(opened: _Open) -> tuple[Entry, ...]:
    """The mapping's own entries, then those of ``<<`` that it does not have; an earlier source wins."""
    entries = dict(opened.entries)
    for source in opened.merged:
        if isinstance(source, Mapping):
            for entry in source.entries:
                entries.setdefault(entry.key, entry)
    return tuple(entries.values())


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _bracket(event: yaml.CollectionStartEvent) -> Bracket | None:
    mark = event.end_mark  # just behind the bracket; the start may be a tag or an anchor
    if not event.flow_style or mark is None:
        return None
    return Bracket(isinstance(event, yaml.SequenceStartEvent), mark.line + 1, mark.column)


def _short(text: str | None) -> str:
    text = text or ""
    return text if len(text) <= 40 else f"{text[:39]}…"
