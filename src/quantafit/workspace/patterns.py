"""The little language in which files are named: a file, a folder, or a glob.

============  =====================================================
``a/b.py``    that file
``a/b``       that file, or everything below that folder
``a/*``       everything directly in ``a``, and everything below that
``a/*.py``    the ``.py`` files directly in ``a``
``**/b.py``   ``b.py`` at any depth, the root included
``a/**/b``    ``a/b``, ``a/x/b``, ``a/x/y/b`` … and everything below them
``a?.py``     ``?`` is one character of a name
============  =====================================================

Case counts. ``[`` is an ordinary character, since folders are named so. A pattern never leaves the root.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache


def normalise(pattern: str) -> str | None:
    """``pattern`` as a relative path without ``.``, ``..`` or doubled slashes; ``""`` is the root itself.

    None where it is empty, absolute or leads out of the root: it can then name nothing.
    """
    if not pattern.strip() or pattern.startswith("/"):
        return None
    parts: list[str] = []
    for part in pattern.split("/"):
        if part == ".." and not parts:
            return None
        if part == "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def matching(pattern: str, files: Sequence[str]) -> Sequence[str]:
    """The files that ``pattern`` names. ``files`` must be sorted; so is the answer."""
    path = normalise(pattern)
    if path is None:
        return ()
    if "*" in path or "?" in path:
        expression = _expression(path)
        return [file for file in files if expression.match(file)]
    return [*_equal(path, files), *below(path, files)]


def below(folder: str, files: Sequence[str]) -> Sequence[str]:
    """The files below ``folder`` (normalised; ``""`` is the root), in the sorted ``files``."""
    if not folder:
        return files
    # "0" is the character after "/": the half-open range holds everything that begins with "folder/".
    return files[bisect_left(files, f"{folder}/") : bisect_left(files, f"{folder}0")]


def _equal(path: str, files: Sequence[str]) -> Sequence[str]:
    at = bisect_left(files, path)
    return files[at : at + 1] if at < len(files) and files[at] == path else ()


@lru_cache(maxsize=512)
def _expression(path: str) -> re.Pattern[str]:
    """A regular expression for a normalised glob. A matched folder stands for everything below it.

    Atomic groups keep it quick for any pattern: for a star that is not the last, the first place that fits is as good
    as any later one, so there is nothing to go back for.
    """
    runs: list[list[str]] = [[]]
    for segment in path.split("/"):
        if segment == "**":
            runs.append([])
        else:
            runs[-1].append(_segment(segment))
    first, *later = ("/".join(run) for run in runs)
    if not later:
        return re.compile(f"{first}(?:/.*)?\\Z", re.DOTALL)
    head = f"{first}/" if first else ""
    middle = "".join(f"(?>(?:[^/]+/)*?{run}/)" for run in later[:-1] if run)
    tail = f"(?:[^/]+/)*{later[-1]}(?:/.*)?" if later[-1] else ".+"
    return re.compile(f"{head}{middle}{tail}\\Z", re.DOTALL)


def _segment(segment: str) -> str:
    first, *rest = (re.escape(piece).replace(r"\?", "[^/]") for piece in re.sub(r"\*+", "*", segment).split("*"))
    if not rest:
        return first
    middle = "".join(f"(?>[^/]*?{piece})" for piece in rest[:-1])
    return f"{first}{middle}[^/]*{rest[-1]}"
