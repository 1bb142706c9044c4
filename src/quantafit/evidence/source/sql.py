"""What an SQL text reads, writes and defines: tables and columns, as far as they are written in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_NAME = r'(?:[A-Za-z_][\w$]*|"[^"]+"|`[^`]+`|\[[^\]]+\])'
_TABLE = rf"({_NAME}(?:\s*\.\s*{_NAME})*)"
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.S)
_TEXT = re.compile(r"'(?:[^']|'')*'")
_INSERT = re.compile(rf"\b(?:insert(?:\s+or\s+\w+)?|replace)\s+into\s+{_TABLE}\s*(?:\(([^()]*)\))?", re.I)
_UPDATE = re.compile(rf"\bupdate\s+(?:only\s+)?{_TABLE}\s+(?:as\s+\w+\s+)?set\s+(.*?)(?:\bwhere\b|\breturning\b|;|$)", re.I | re.S)
_DELETE = re.compile(rf"\bdelete\s+from\s+(?:only\s+)?{_TABLE}", re.I)
_COPY = re.compile(rf"\bcopy\s+{_TABLE}\s*(?:\(([^()]*)\))?\s*(from|to)\b", re.I)
_CREATE = re.compile(rf"\bcreate\s+(?:\w+\s+)*?table\s+(?:if\s+not\s+exists\s+)?{_TABLE}\s*\(", re.I)
_ALTER = re.compile(rf"\balter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?{_TABLE}\s+add\s+(?:column\s+)?(?:if\s+not\s+exists\s+)?({_NAME})", re.I)
_TRUNCATE = re.compile(rf"\btruncate\s+(?:table\s+)?{_TABLE}", re.I)
_READ = re.compile(rf"\b(?:from|join)\s+(?:only\s+)?{_TABLE}", re.I)
_NOT_COLUMNS = {"primary", "unique", "foreign", "check", "constraint", "key", "index", "exclude", "like"}


@dataclass(frozen=True, slots=True)
class SqlUse:
    """One table in a statement: what is done with it, and the columns that the text names."""

    operation: Literal["insert", "update", "delete", "read", "define"]
    table: str
    columns: tuple[str, ...] = ()


def read_sql(text: str) -> tuple[SqlUse, ...]:
    """The table uses of a text of one or more statements, in its order. A text that is no SQL gives none."""
    plain = _TEXT.sub("''", _COMMENT.sub(" ", text))
    found: list[tuple[int, SqlUse]] = []
    for match in _INSERT.finditer(plain):
        found.append((match.start(), SqlUse("insert", _plain(match[1]), _names(match[2] or ""))))
    for match in _UPDATE.finditer(plain):
        columns = tuple(_plain(part.split("=")[0]) for part in _split(match[2]) if "=" in part)
        found.append((match.start(), SqlUse("update", _plain(match[1]), columns)))
    for match in _COPY.finditer(plain):
        operation: Literal["insert", "read"] = "insert" if match[3].lower() == "from" else "read"
        found.append((match.start(), SqlUse(operation, _plain(match[1]), _names(match[2] or ""))))
    for match in _CREATE.finditer(plain):
        found.append((match.start(), SqlUse("define", _plain(match[1]), _defined(plain, match.end()))))
    for match in _ALTER.finditer(plain):
        found.append((match.start(), SqlUse("define", _plain(match[1]), (_plain(match[2]),))))
    for pattern in (_DELETE, _TRUNCATE):
        for match in pattern.finditer(plain):
            found.append((match.start(), SqlUse("delete", _plain(match[1]))))
    written = {match.start(1) for match in _DELETE.finditer(plain)} | {match.start(1) for match in _COPY.finditer(plain)}
    for match in _READ.finditer(plain):
        if match.start(1) not in written:
            found.append((match.start(), SqlUse("read", _plain(match[1]))))
    return tuple(use for _, use in sorted(found, key=lambda pair: pair[0]))


def _plain(name: str) -> str:
    return ".".join(part.strip().strip('"`[]') for part in name.strip().split(".")).lower()


def _names(text: str) -> tuple[str, ...]:
    return tuple(_plain(part) for part in text.split(",") if part.strip())


def _split(text: str) -> list[str]:
    """Split at the commas that stand in no bracket."""
    parts, level, last = [], 0, 0
    for index, character in enumerate(text):
        level += (character == "(") - (character == ")")
        if character == "," and level == 0:
            parts.append(text[last:index])
            last = index + 1
    parts.append(text[last:])
    return parts


def _defined(text: str, start: int) -> tuple[str, ...]:
    """The columns of a ``CREATE TABLE`` whose bracket opens just before ``start``."""
    level = 1
    for index in range(start, len(text)):
        level += (text[index] == "(") - (text[index] == ")")
        if level == 0:
            break
    else:
        index = len(text)
    words = [part.split() for part in _split(text[start:index])]
    return tuple(_plain(word[0]) for word in words if word and word[0].lower() not in _NOT_COLUMNS)
