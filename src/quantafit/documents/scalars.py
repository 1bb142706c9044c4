"""What a plain scalar means: the core schema of YAML 1.2.2, section 10.3.2.

YAML 1.1 reads ``no`` and ``on`` as booleans, ``2027-01-31`` as a date, ``12:30`` as 750 and ``1_000`` as 1000. None of
these surprises happens here: all of them are text. Only ``null`` (also ``~`` and nothing), ``true`` and ``false``,
decimal, ``0o17`` and ``0xff`` integers, decimal fractions, ``.inf`` and ``.nan`` are something else than text.
"""

from __future__ import annotations

import re

from quantafit.documents.nodes import ScalarValue

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NUMBER_START = frozenset("+-.0123456789")
_DECIMAL = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+\Z")
_FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_INFINITY = re.compile(r"[-+]?\.(inf|Inf|INF)\Z")
_NAN = frozenset({".nan", ".NaN", ".NAN"})
# A number that no one counts with is an identifier, or an attempt to make the conversion slow: it stays text.
_LONGEST_NUMBER = 64


def resolve(text: str) -> ScalarValue:
    """The value of a plain (unquoted) scalar."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text[0] not in _NUMBER_START or len(text) > _LONGEST_NUMBER:
        return text
    return _number(text)


def _number(text: str) -> ScalarValue:
    if _DECIMAL.match(text):
        return int(text)
    if _OCTAL.match(text):
        return int(text[2:], 8)
    if _HEXADECIMAL.match(text):
        return int(text[2:], 16)
    if _FRACTION.match(text):
        return float(text)
    if _INFINITY.match(text):
        return float(text.replace(".", ""))
    return float("nan") if text in _NAN else text
