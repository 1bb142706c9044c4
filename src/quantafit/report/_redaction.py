"""What no output may show: passwords, tokens, credentials in connection strings, digits that look like a card number.

A report quotes the code and the configuration of the system it judges, so it would publish every secret that stands
there in the clear. :func:`redact` takes them out of one text, :func:`redacted` out of every text of a value. Control
characters go too: they would let the text of a file drive the reader's terminal, or show code in another order.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

from quantafit.model import Evaluation, Place, RuleCard

MASK = "***"
CARD_LENGTHS = range(13, 20)

_SECRET_WORD = (
    r"(?:pass(?:word|wd|phrase)|pwd|secret|credential|token|api[_-]?key"
    r"|(?:access|account|private|shared|signing|encryption|auth)[_-]?(?:access[_-]?)?key)"
)
_SECRET_NAME = rf"{_SECRET_WORD}\w*"
_QUOTED = r"[rbuf]{0,2}(?P<quote>\"\"\"|'''|[\"'])(?P<literal>.*?)(?:(?P=quote)|$)"

_USERINFO = re.compile(r"://[^\s\"'<>]*@")
_LITERAL = re.compile(
    rf"(?P<before>{_SECRET_NAME}[\"']?\]?\s*(?::[^=\"',()]*=|[:=,(]|=>)\s*){_QUOTED}", re.IGNORECASE | re.MULTILINE
)
_ASSIGNED = re.compile(rf"(?P<before>{_SECRET_NAME}\s*=\s*)(?P<value>[^\s\"',;&)]+)", re.IGNORECASE)
_YAML_LINE = re.compile(
    rf"(?P<before>^\s*(?:-\s+)?[\w.-]*?{_SECRET_NAME}\s*:\s+)(?P<value>[^\"'\s].*)$", re.IGNORECASE | re.MULTILINE
)
_POSITIONAL = re.compile(r"(?P<before>(?:Credentials|BasicAuth|\bauth\s*=\s*)\()(?=[^)]*[\"'])[^)]*", re.MULTILINE)
_HEADER = re.compile(r"(?P<before>\b(?:Bearer|Basic)\s+)[A-Za-z0-9+/=._~-]{6,}")
_KEY_MATERIAL = re.compile(
    r"\bAKIA[0-9A-Z]{16}\b|\beyJ[\w-]{8,}\.[\w.-]+|^[ \t]*[A-Za-z0-9+/]{40,}={0,2}[ \t]*$", re.MULTILINE
)
_DIGITS = re.compile(r"\d+(?:[ ._-]\d+)*")
_WORTH_A_LOOK = re.compile(
    rf"://|{_SECRET_WORD}|Credentials|Auth|auth|Bearer|Basic|AKIA|eyJ|[A-Za-z0-9+/]{{40}}|(?:\d[ ._-]?){{13}}",
    re.IGNORECASE,
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_REFERENCE = re.compile(r"\$\{?\w+(?::?[-?][^}]*)?\}?$|None$|null$|\*\*\*", re.IGNORECASE)


@lru_cache(maxsize=8192)
def redact(text: str, *, python: bool = False) -> str:
    """The text without secrets. Applying it twice changes nothing more.

    ``python`` says that the text is Python code, where only a literal can be a secret: ``password=settings.password``
    stays readable. Anywhere else a value given to a secret's name is taken out, quoted or not.
    """
    text = _visible(text)
    if not _WORTH_A_LOOK.search(text):
        return text
    text = _USERINFO.sub(f"://{MASK}@", text)
    text = _LITERAL.sub(_mask_literal, text)
    if not python:
        text = _ASSIGNED.sub(_mask_value, text)
        text = _YAML_LINE.sub(_mask_value, text)
    text = _POSITIONAL.sub(rf"\g<before>{MASK}", text)
    text = _HEADER.sub(rf"\g<before>{MASK}", text)
    text = _KEY_MATERIAL.sub(MASK, text)
    return _DIGITS.sub(_mask_cards, text)


def _visible(text: str) -> str:
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def _mask_literal(match: re.Match[str]) -> str:
    if not match["literal"] or _REFERENCE.match(match["literal"]):
        return match[0]
    return f"{match['before']}{match['quote']}{MASK}{match['quote']}"


def _mask_value(match: re.Match[str]) -> str:
    return match[0] if _REFERENCE.match(match["value"]) else match["before"] + MASK


def _mask_cards(match: re.Match[str]) -> str:
    """Mask every group of digits that alone, or joined with its neighbours, looks like a card number."""
    parts = re.split(r"([ ._-])", match[0])
    groups = parts[::2]
    for first in range(len(groups)):
        joined = ""
        for last in range(first, len(groups)):
            joined += groups[last]
            if len(joined) > CARD_LENGTHS[-1]:
                break
            if looks_like_a_card(joined):
                for index in range(first, last + 1):
                    parts[2 * index] = MASK
    return "".join(parts)


def looks_like_a_card(digits: str) -> bool:
    """Whether the digits have the length of a card number (13 to 19, ISO/IEC 7812) and pass the Luhn check."""
    if len(digits) not in CARD_LENGTHS:
        return False
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


Value = TypeVar("Value")


def redacted(value: Value) -> Value:
    """The same value with every text in it redacted, however deep.

    Two things stay as they are: paths, which must stay clickable, and the cards of the rules, which hold no text of the
    system under examination. Code excerpts of Python files are read as Python.
    """
    result: Value = _redacted(value)
    return result


def _redacted(value: Any) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Evaluation):
        return dataclasses.replace(_fields(value), excerpts=_excerpts(value))
    if isinstance(value, RuleCard):
        return value
    if dataclasses.is_dataclass(value):
        return _fields(value)
    if isinstance(value, Mapping):
        return MappingProxyType({key: _redacted(item) for key, item in value.items()})
    if isinstance(value, (tuple, list)):
        return tuple(_redacted(item) for item in value)
    return value


def _fields(value: Any) -> Any:
    """The dataclass with its fields redacted; the very same object where there was nothing to take out."""
    if isinstance(value, Place):
        return dataclasses.replace(value, path=_visible(value.path), symbol=_redacted(value.symbol))
    changes = {}
    for field in dataclasses.fields(value):
        before = getattr(value, field.name)
        if field.name != "excerpts" and (after := _redacted(before)) != before:
            changes[field.name] = after
    return dataclasses.replace(value, **changes) if changes else value


def _excerpts(evaluation: Evaluation) -> Mapping[str, tuple[tuple[int, str], ...]]:
    return MappingProxyType(
        {
            place: tuple(
                (number, redact(line, python=place.rpartition(":")[0].endswith((".py", ".pyi"))))
                for number, line in lines
            )
            for place, lines in evaluation.excerpts.items()
        }
    )
