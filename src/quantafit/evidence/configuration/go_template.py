"""Go templates, as Helm charts have them: rendered as far as can be told, and no further.

What is not known (what the cluster says, what a function does that is not listed here) becomes :data:`UNKNOWN` in the
text, and a condition on it takes the branch that is written first. Nothing is executed but the functions below, and the
work, the depth and the length of what is rendered are bounded. Source: Go, "text/template"; Helm, "Template Function
List"; Sprig.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

UNKNOWN = "\ue000"
"""Stands in a rendered text for what could not be told."""


class Unknown:
    """A value that could not be told."""


NOT_TOLD = Unknown()


class TemplateError(ValueError):
    """A template that is broken, or that takes too much work to render."""


_INSIDE = re.compile(r"(?:\"(?:[^\"\\]|\\.)*+\"|`[^`]*+`|(?!-?\}\})[^\"`])*+", re.DOTALL)
_WORD = re.compile(
    r"""\s+|(?P<text>"(?:[^"\\]|\\.)*+")|(?P<raw>`[^`]*+`)|(?P<number>-?\d+(?:\.\d+)?\b)|(?P<name>[$.]?[\w.$-]*[\w]|\$|\.)"""
    r"""|(?P<mark>:=|=|[|(),])|(?P<other>.)""",
    re.DOTALL,
)
_MOST_STEPS = 200_000
_DEEPEST = 60
_LONGEST = 1_000_000


@dataclass(slots=True)
class Piece:
    """A part of a template: a text, an action, or a block with its two branches."""

    kind: str
    line: int
    words: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""
    body: list[Piece] = field(default_factory=list)
    otherwise: list[Piece] = field(default_factory=list)


def parse(source: str) -> tuple[list[Piece], dict[str, list[Piece]]]:
    """The pieces of a template, and the templates that it defines by name. Raises TemplateError where it is broken."""
    root: list[Piece] = []
    defined: dict[str, list[Piece]] = {}
    stack: list[tuple[Piece, list[Piece]]] = []
    current = root
    at, line, trim = 0, 1, False
    while (start := source.find("{{", at)) >= 0:
        inside, end = _inside(source, start + 2)
        before = source[at:start]
        _add_text(current, before, line, trim, inside.startswith("-"))
        line += before.count("\n")
        trim, at = source[end - 3] == "-", end
        current = _action(inside.removeprefix("-").strip(), line, current, root, stack, defined)
        line += source.count("\n", start, end)
    _add_text(current, source[at:], line, trim, False)
    if stack:
        raise TemplateError("a block is never ended")
    return root, defined


def _inside(source: str, start: int) -> tuple[str, int]:
    """What an action holds, and where it ends. Raises TemplateError where it never does."""
    comment = re.compile(r"-?\s*/\*").match(source, start)
    if comment is not None:
        close = source.find("*/", comment.end())
        end = source.find("}}", close) if close >= 0 else -1
        if end < 0:
            raise TemplateError("a comment is never ended")
        return f"{comment[0][:1].strip('/ ')}/*", end + 2
    found = _INSIDE.match(source, start)
    stop = found.end() if found is not None else start
    ended = stop + 1 if source.startswith("-", stop) else stop
    if not source.startswith("}}", ended):
        raise TemplateError("an action is never ended")
    return source[start:stop], ended + 2


def _add_text(current: list[Piece], text: str, line: int, trim_left: bool, trim_right: bool) -> None:
    if trim_left:
        kept = text.lstrip()
        line += text[: len(text) - len(kept)].count("\n")
        text = kept
    if trim_right:
        text = text.rstrip()
    if text:
        current.append(Piece("text", line, text=text))


def _action(
    inside: str,
    line: int,
    current: list[Piece],
    root: list[Piece],
    stack: list[tuple[Piece, list[Piece]]],
    defined: dict[str, list[Piece]],
) -> list[Piece]:
    """Add what an action says; the list that what follows belongs to."""
    if inside.startswith("/*"):
        return current
    words = _words(inside)
    first = words[0][1] if words else ""
    if first in ("if", "range", "with", "define", "block"):
        if len(stack) >= _DEEPEST:
            raise TemplateError("blocks are nested too deeply")
        made = Piece(first, line, words[1:])
        if first in ("define", "block"):
            defined[_unquoted(words[1]) if len(words) > 1 else ""] = made.body
        if first != "define":
            current.append(made)
        stack.append((made, current))
        return made.body
    if first == "end":
        if not stack:
            raise TemplateError("an end ends nothing")
        inner, outer = stack.pop()
        while inner.kind == "else if":
            inner, outer = stack.pop()
        return outer
    if first == "else":
        if not stack:
            raise TemplateError("an else stands in no block")
        if len(words) == 1:
            return stack[-1][0].otherwise
        chained = Piece("else if", line, words[2:], text=words[1][1])
        stack[-1][0].otherwise.append(chained)
        stack.append((chained, current))
        return chained.body
    current.append(Piece("action", line, words))
    return current


def _words(inside: str) -> list[tuple[str, str]]:
    return [(kind, found[0]) for found in _WORD.finditer(inside) if (kind := found.lastgroup) is not None]


def _unquoted(word: tuple[str, str]) -> str:
    kind, text = word
    if kind == "text":
        try:
            return str(json.loads(text))
        except ValueError:
            return text[1:-1]
    return text[1:-1] if kind == "raw" else text


@dataclass(frozen=True, slots=True)
class Printed:
    """A part of what is rendered, with the line of the template that it begins on; ``written`` there as it is."""

    text: str
    line: int
    written: bool


@dataclass(slots=True)
class Renderer:
    """Renders templates that share their definitions, with bounded work."""

    defined: Mapping[str, list[Piece]]
    root: Any
    steps: int = 0
    length: int = 0
    depth: int = 0

    def render(self, pieces: list[Piece]) -> list[Printed]:
        """The rendered text in parts, in order. Raises TemplateError."""
        out: list[Printed] = []
        self._render(pieces, self.root, {"$": self.root}, out)
        return out

    def _render(self, pieces: list[Piece], dot: Any, scope: dict[str, Any], out: list[Printed]) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise TemplateError("templates include each other too deeply")
        for piece in pieces:
            self._count()
            if piece.kind == "text":
                self._put(out, Printed(piece.text, piece.line, True))
            elif piece.kind == "action":
                value = self._statement(piece.words, dot, scope)
                if value is not None:
                    self._put(out, Printed(to_text(value), piece.line, False))
            else:
                self._block(piece, dot, scope, out)
        self.depth -= 1

    def _put(self, out: list[Printed], part: Printed) -> None:
        self.length += len(part.text)
        if self.length > _LONGEST:
            raise TemplateError("what is rendered grows too long")
        out.append(part)

    def _count(self) -> None:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise TemplateError("rendering takes too much work")

    def _block(self, piece: Piece, dot: Any, scope: dict[str, Any], out: list[Printed]) -> None:
        kind = piece.text if piece.kind == "else if" else piece.kind
        if kind == "block":
            comma = piece.words[1:]
            self._render(piece.body, self._pipeline(comma, dot, scope) if comma else None, dict(scope), out)
            return
        names, words = _declared(piece.words)
        value = self._pipeline(words, dot, scope)
        inner = dict(scope)
        if kind == "range":
            items = list(_each(value))[:1000]
            for key, item in items:
                inner.update(zip(names, (key, item) if len(names) > 1 else (item,), strict=False))
                self._render(piece.body, item, inner, out)
            if items:
                return
        elif truth(value):
            inner.update((name, value) for name in names)
            self._render(piece.body, value if kind == "with" else dot, inner, out)
            return
        self._render(piece.otherwise, dot, dict(scope), out)

    def _statement(self, words: list[tuple[str, str]], dot: Any, scope: dict[str, Any]) -> Any:
        """The value of an action; None where it only declares a variable."""
        names, rest = _declared(words)
        value = self._pipeline(rest, dot, scope)
        if names:
            scope.update((name, value) for name in names)
            return None
        return "" if value is None else value

    def _pipeline(self, words: list[tuple[str, str]], dot: Any, scope: dict[str, Any]) -> Any:
        value: Any = None
        for index, command in enumerate(_split(words)):
            value = self._command(command, dot, scope, [value] if index else [])
        return value

    def _command(self, words: list[tuple[str, str]], dot: Any, scope: dict[str, Any], piped: list[Any]) -> Any:
        self._count()
        if not words:
            return None
        kind, first = words[0]
        if kind == "name" and first[0] not in ".$" and first not in ("true", "false", "nil"):
            args = [*self._operands(words[1:], dot, scope), *piped]
            return self._call(first, args, scope)
        values = list(self._operands(words, dot, scope))
        return values[0] if values else None

    def _operands(self, words: list[tuple[str, str]], dot: Any, scope: dict[str, Any]) -> Iterator[Any]:
        at = 0
        while at < len(words):
            kind, text = words[at]
            at += 1
            if (kind, text) == ("mark", "("):
                close = _closing(words, at)
                value = self._pipeline(words[at:close], dot, scope)
                at = close + 1
                if (
                    at < len(words)
                    and words[at][0] == "name"
                    and words[at][1].startswith(".")
                    and len(words[at][1]) > 1
                ):
                    value = _field(value, words[at][1][1:].split("."))
                    at += 1
                yield value
            elif kind in ("text", "raw"):
                yield _unquoted((kind, text))
            elif kind == "number":
                yield float(text) if "." in text else int(text[:18])
            elif kind == "name":
                yield self._named(text, dot, scope)
            else:
                yield NOT_TOLD

    def _named(self, name: str, dot: Any, scope: dict[str, Any]) -> Any:
        if name in ("true", "false", "nil"):
            return {"true": True, "false": False, "nil": None}[name]
        if name.startswith("$"):
            variable, _, rest = name.partition(".")
            return _field(scope.get(variable, NOT_TOLD), rest.split(".") if rest else [])
        if name.startswith("."):
            return _field(dot, name[1:].split(".") if len(name) > 1 else [])
        return self._call(name, [], scope)

    def _call(self, name: str, args: list[Any], scope: dict[str, Any]) -> Any:
        if name in ("include", "template") and args:
            pieces = self.defined.get(args[0]) if isinstance(args[0], str) else None
            if pieces is None:
                return NOT_TOLD
            out: list[Printed] = []
            dot = args[1] if len(args) > 1 else None
            self._render(pieces, dot, {"$": dot}, out)
            return "".join(part.text for part in out)
        if name == "tpl" and len(args) == 2 and isinstance(args[0], str):
            pieces, _ = parse(args[0])
            out = []
            self._render(pieces, args[1], {"$": args[1]}, out)
            return "".join(part.text for part in out)
        function = FUNCTIONS.get(name)
        if function is None or (any(arg is NOT_TOLD for arg in args) and name not in _CHOOSING):
            return NOT_TOLD
        try:
            return function(*args)
        except (TypeError, ValueError, IndexError, AttributeError, KeyError, OverflowError):
            return NOT_TOLD


def _declared(words: list[tuple[str, str]]) -> tuple[list[str], list[tuple[str, str]]]:
    """``$a, $b := pipeline``: the names, and the pipeline."""
    at = next((index for index, word in enumerate(words) if word in (("mark", ":="), ("mark", "="))), None)
    if at is None:
        return [], words
    return [text for kind, text in words[:at] if kind == "name"], words[at + 1 :]


def _split(words: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    command: list[tuple[str, str]] = []
    level = 0
    for word in words:
        level += (word == ("mark", "(")) - (word == ("mark", ")"))
        if word == ("mark", "|") and level == 0:
            yield command
            command = []
        else:
            command.append(word)
    yield command


def _closing(words: list[tuple[str, str]], at: int) -> int:
    level = 1
    for index in range(at, len(words)):
        level += (words[index] == ("mark", "(")) - (words[index] == ("mark", ")"))
        if level == 0:
            return index
    raise TemplateError("a ( is never closed")


def _field(value: Any, names: list[str]) -> Any:
    for name in names:
        if isinstance(value, Unknown):
            return value
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _each(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        yield from sorted(value.items(), key=lambda item: str(item[0]))
    elif isinstance(value, list):
        yield from enumerate(value)
    elif isinstance(value, Unknown):
        yield NOT_TOLD, NOT_TOLD


def truth(value: Any) -> bool:
    """Whether a condition holds; one that could not be told does."""
    return isinstance(value, Unknown) or bool(value)


def to_text(value: Any) -> str:
    """A value as a template prints it."""
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dict | list):
        return UNKNOWN  # Go's own notation of a map is of no use in YAML
    return "" if value is None else str(value)


def _quote(*values: Any) -> str:
    return " ".join(json.dumps(to_text(value), ensure_ascii=False) for value in values)


def _to_yaml(value: Any) -> str:
    """JSON is YAML, one entry a line so that ``nindent`` finds what it expects."""
    if isinstance(value, dict) and value:
        return "\n".join(f"{json.dumps(str(key))}: {_json(inner)}" for key, inner in value.items())
    if isinstance(value, list) and value:
        return "\n".join(f"- {_json(inner)}" for inner in value)
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=to_text)


def _indent(count: int, text: Any) -> str:
    if not 0 <= count <= 200:
        raise ValueError(count)
    return "\n".join(" " * count + line for line in to_text(text).split("\n"))


def _printf(template: str, *args: Any) -> str:
    left = list(args)
    parts = re.split(r"(%[-+# 0]*\d*(?:\.\d+)?[a-zA-Z]|%%)", template)
    for index, part in enumerate(parts):
        if part == "%%":
            parts[index] = "%"
        elif part.startswith("%") and index % 2:
            value = left.pop(0)
            parts[index] = _quote(value) if part[-1] == "q" else to_text(value)
    return "".join(parts)


def _default(fallback: Any, value: Any = None) -> Any:
    return value if truth(value) else fallback


def _equal(first: Any, *others: Any) -> bool:
    return any(first == other for other in others)


def _and(*values: Any) -> Any:
    return next((value for value in values if not truth(value)), values[-1])


def _or(*values: Any) -> Any:
    return next((value for value in values if truth(value)), values[-1])


def _not(value: Any) -> Any:
    return value if isinstance(value, Unknown) else not truth(value)


def _get(mapping: Any, key: Any) -> Any:
    return mapping.get(key)


def _dict(*pairs: Any) -> dict[Any, Any]:
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else value[key]
    return value


_CHOOSING = frozenset({"default", "and", "or", "not", "coalesce", "quote", "squote", "printf", "print", "list", "dict",
                       "toString", "trunc", "trimSuffix", "indent", "nindent"})  # fmt: skip
"""Functions whose result may be known, in part at least, where an argument is not."""

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "default": _default,
    "quote": _quote,
    "squote": lambda *values: " ".join("'" + to_text(value).replace("'", "''") + "'" for value in values),
    "toString": to_text,
    "print": lambda *values: "".join(map(to_text, values)),
    "printf": _printf,
    "upper": lambda text: to_text(text).upper(),
    "lower": lambda text: to_text(text).lower(),
    "trim": lambda text: to_text(text).strip(),
    "trunc": lambda count, text: to_text(text)[:count] if count >= 0 else to_text(text)[count:],
    "trimSuffix": lambda suffix, text: to_text(text).removesuffix(suffix),
    "trimPrefix": lambda prefix, text: to_text(text).removeprefix(prefix),
    "trimAll": lambda cut, text: to_text(text).strip(cut),
    "replace": lambda old, new, text: to_text(text).replace(old, new) if old else to_text(text),
    "contains": lambda part, text: part in to_text(text),
    "hasPrefix": lambda prefix, text: to_text(text).startswith(prefix),
    "hasSuffix": lambda suffix, text: to_text(text).endswith(suffix),
    "indent": _indent,
    "nindent": lambda count, text: "\n" + _indent(count, text),
    "toYaml": _to_yaml,
    "toJson": _json,
    "eq": _equal,
    "ne": lambda first, other: first != other,
    "lt": lambda first, other: first < other,
    "gt": lambda first, other: first > other,
    "le": lambda first, other: first <= other,
    "ge": lambda first, other: first >= other,
    "and": _and,
    "or": _or,
    "not": _not,
    "empty": lambda value: not truth(value),
    "coalesce": lambda *values: next((value for value in values if truth(value)), None),
    "ternary": lambda yes, no, test: yes if truth(test) else no,
    "required": lambda message, value: value,
    "int": lambda value: int(float(to_text(value)[:18])),
    "int64": lambda value: int(float(to_text(value)[:18])),
    "len": len,
    "list": lambda *values: list(values),
    "dict": _dict,
    "get": _get,
    "index": _index,
    "hasKey": lambda mapping, key: key in mapping,
    "kindIs": lambda kind, value: kind == _kind(value),
    "join": lambda separator, values: separator.join(map(to_text, values)),
    "fail": lambda message: NOT_TOLD,
}


def _kind(value: Any) -> str:
    kinds = {bool: "bool", str: "string", int: "int64", float: "float64", list: "slice", dict: "map"}
    return kinds.get(type(value), "invalid")
