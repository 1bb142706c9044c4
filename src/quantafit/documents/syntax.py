"""A YAML parser's complaint, said so that the person who edits the file knows what to do."""

from __future__ import annotations

from typing import NamedTuple

import yaml

from quantafit.documents.decoding import position
from quantafit.errors import Problem


class _Words(NamedTuple):
    """What is wrong and how to mend it. ``where_it_began``: the useful place is where the unclosed thing starts."""

    message: str
    hint: str = ""
    where_it_began: bool = False


class Bracket(NamedTuple):
    """Where a ``[`` or ``{`` stands."""

    is_list: bool
    line: int
    column: int


_INDENTATION = _Words("this line does not fit the indentation of the lines above", "align it with its siblings")
_LIST = _Words(
    "the list that starts here with '[' is not closed or lacks a ','", "close it with ']'", where_it_began=True
)
_MAPPING = _Words(
    "the mapping that starts here with '{' is not closed or lacks a ','", "close it with '}'", where_it_began=True
)
_QUOTE = _Words("the quote that starts here is never closed", "close it", where_it_began=True)

# A part of the parser's own text → our words. The parsers in C and in Python differ in wording; both are listed.
_TABLE = {
    "mapping values are not allowed": _Words(
        "a second ':' on this line", "put the value into quotes, or on a line of its own"
    ),
    "could not find expected ':'": _Words(
        "this line has no ':'", "write 'key: value', or indent it if it belongs to the line above", where_it_began=True
    ),
    "sequence entries are not allowed": _Words(
        "a list cannot start on the line of its key", "put '- ' on the next line, indented"
    ),
    "unexpected end of stream": _QUOTE,
    "unexpected document separator": _QUOTE,
    "',' or ']'": _LIST,
    "',' or '}'": _MAPPING,
    "did not find expected key": _INDENTATION,
    "expected <block end>": _INDENTATION,
    "did not find expected '-'": _Words("this line does not fit the list above it", "start it with '- ', or indent it"),
    "node content": _Words("a value is missing here, or there is a bracket too many"),
    "unknown escape": _Words(
        "an unknown escape in a double-quoted text", r"write \\ for a backslash, or use single quotes"
    ),
    "Unicode character escape code": _Words("an escape that is not a character"),
    "tag handle": _Words("a tag whose prefix is not declared", "remove the '!', or put the value into quotes"),
    "<document start>": _Words("text after the end of the document"),
    "incompatible YAML": _Words("an unknown version of YAML", "remove the %YAML line"),
}


def explain(error: yaml.YAMLError, text: str, path: str, bracket: Bracket | None = None) -> Problem:
    """The parser's error as one problem with its place, given the innermost ``[`` or ``{`` that is still open."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem(path, 1, 1, "this is not YAML")
    words, mark = _words(error, text), error.problem_mark or error.context_mark
    if bracket is not None and mark is not None and not text[mark.index :].strip():
        words = _LIST if bracket.is_list else _MAPPING
        return Problem(path, bracket.line, bracket.column, words.message, words.hint)
    if words.where_it_began:
        mark = error.context_mark or mark
    return Problem(path, *_place(mark, text), words.message, words.hint)


def _place(mark: yaml.Mark | None, text: str) -> tuple[int, int]:
    """Line and column from 1. At the end of a file without a last line break, libyaml counts a line too many."""
    if mark is None:
        return 1, 1
    if mark.index >= len(text):
        return position(text, len(text))
    return mark.line + 1, mark.column + 1


def _words(error: yaml.MarkedYAMLError, text: str) -> _Words:
    said = error.problem or "this is not YAML"
    if "cannot start any token" in said:
        return _bad_start(error.problem_mark, text)
    return next((words for part, words in _TABLE.items() if part in said), _Words(said))


def _bad_start(mark: yaml.Mark | None, text: str) -> _Words:
    character = text[mark.index] if mark is not None and mark.index < len(text) else ""
    if character == "\t":
        return _Words("a tab where YAML wants spaces", "indent with spaces")
    return _Words(f"a value cannot start with {character!r}", "put the value into quotes")
