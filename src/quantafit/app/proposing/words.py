"""What can be written into a declaration, and how things are counted and listed in remarks."""

from __future__ import annotations

import re
from collections.abc import Iterable

# What the declaration takes for a path; text in it must be printable, as YAML has it.
_PATH = re.compile(r"[^/\\~\s]([^\\]*[^\\\s])?")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SHOWN = 5


def can_be_text(text: str) -> bool:
    """Whether a declaration can hold a text as a name: it is not blank, and every character can be printed."""
    return bool(text.strip()) and text.isprintable() and _UNPRINTABLE.search(text) is None


def can_be_path(path: str) -> bool:
    """Whether a declaration can hold a path as it is."""
    return can_be_text(path) and _PATH.fullmatch(path) is not None


def many(count: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def listed(names: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``; of very many the first few, and how many more there are."""
    found = list(names)
    if len(found) > _SHOWN:
        return f"{', '.join(found[:_SHOWN])} and {len(found) - _SHOWN} more"
    return " and ".join(filter(None, (", ".join(found[:-1]), *found[-1:])))
