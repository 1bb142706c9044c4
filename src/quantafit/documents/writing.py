"""Texts as YAML scalars: plain where every reader takes them for text, else in double quotes."""

from __future__ import annotations

import re

# Nothing that could end or change the meaning of a plain scalar, in a flow collection either.
_PLAIN = re.compile(r"[A-Za-z_](?:[\w./@+-]| (?=[\w./@+-]))*\Z", re.ASCII)
# Words that YAML 1.1, which other tools read, takes for booleans and nulls.
_WORDS = frozenset({"false", "n", "no", "null", "off", "on", "true", "y", "yes"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


def scalar(text: str) -> str:
    """A text as a scalar on one line, for YAML 1.1 and 1.2, in block and in flow collections, as key and as value."""
    if _PLAIN.match(text) and text.lower() not in _WORDS:
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def comment(text: str) -> str:
    """A text as it may stand behind ``#``: on one line, without characters that end a line or do not print."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
