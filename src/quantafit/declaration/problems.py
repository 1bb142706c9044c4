"""Gathering what is wrong, with suggestions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from itertools import islice

from quantafit.documents import Node
from quantafit.documents.nodes import Entry
from quantafit.errors import DeclarationError, Problem

# Whoever has a hundred problems reads no further, and a hostile file may hold a hundred thousand.
_ENOUGH = 100
_LONGEST_WORD = 60
_LISTED = 16
_CREDENTIALS = re.compile(r"://[^\s\"'<>]*@")
_COMPARED = 1000  # comparing is slow; beyond this many names nobody waits for a suggestion


class Problems:
    """All that is wrong with one file, in the order it is found."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._found: list[Problem] = []

    def add(self, at: Node | Entry, message: str, hint: str = "") -> None:
        """Note a problem. Raises DeclarationError when there are more than anyone would read."""
        self.take(Problem(self.path, at.line, at.column, message, hint))

    def take(self, problem: Problem) -> None:
        self._found.append(problem)
        if len(self._found) >= _ENOUGH:
            last = max(self._found)
            more = Problem(self.path, last.line, last.column, "… and more", "it is shown when these are mended")
            raise DeclarationError([*self._found, more])

    def raise_any(self) -> None:
        """Raise DeclarationError with everything that was found, if anything was."""
        if self._found:
            raise DeclarationError(self._found)


def shown(word: str) -> str:
    """A word of the file as it may stand in a message: quoted, on one line, not endless, without credentials."""
    word = _CREDENTIALS.sub("://***@", word)
    return repr(word if len(word) <= _LONGEST_WORD else f"{word[: _LONGEST_WORD - 1]}…")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint: the known word that is nearest, else the known words if they are few, else nothing."""
    names = list(dict.fromkeys(islice(known, _COMPARED)))
    near = nearest(word, names)
    if near is not None:
        return f"did you mean {shown(near)}?"
    if 0 < len(names) <= _LISTED:
        return f"known: {', '.join(names)}"
    return ""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` is most likely a misspelling of."""
    folded = {_folded(name): name for name in known}
    close = difflib.get_close_matches(_folded(word[:_LONGEST_WORD]), list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def _folded(word: str) -> str:
    return word.casefold().replace("_", "-").replace(" ", "-")
