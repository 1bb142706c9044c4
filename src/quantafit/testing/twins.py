"""Broken twins: the same system with one piece of text changed, to see that a fitness function can fail.

A function that has never failed proves nothing. A twin changes source or deployment, never what was observed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from quantafit.errors import UsageError
from quantafit.testing.claims import ArchitectureEvidence, examine_tree

Patch = tuple[str, str, str]
"""A path relative to the root, a piece of its text, and what stands there in the twin.

An empty piece of text stands for a file that is not there yet: the twin has it, with the new text.
"""


def twin(root: str | Path, *patches: Patch, as_of: date | None = None) -> ArchitectureEvidence:
    """The evidence of the system under ``root``, patched in memory; nothing on disk changes.

    ``root`` holds the ``quanta.yaml``. Each piece of text must stand in one place of its file, and in one only: a twin
    that changes nothing, or more than was meant, would prove nothing. Raises UsageError where it doesn't, or there is
    no patch; DeclarationError where the patched declaration is wrong.
    """
    if not patches:
        raise UsageError("a twin needs at least one patch: (path, old text, new text)")
    return examine_tree(patched(tree(root), patches), as_of=as_of)


def tree(root: str | Path) -> dict[str, str | bytes]:
    """All files under ``root`` that quantafit would look at, path → bytes. Files that cannot be read are left out."""
    from quantafit.workspace import Workspace

    workspace = Workspace(Path(root))
    files: dict[str, str | bytes] = {}
    for path in workspace.files:
        try:
            files[path] = workspace.read(path)
        except OSError:
            continue
    return files


def patched(files: dict[str, str | bytes], patches: Iterable[Patch]) -> dict[str, str | bytes]:
    """A copy of the files with the patches applied in order. Raises UsageError where a patch does not fit."""
    result = dict(files)
    for path, old, new in patches:
        if path not in result and old:
            raise UsageError(f"the twin's patch names {path}, which is not there")
        if path in result and not old:
            raise UsageError(f"the twin's patch would make {path}, which is there already")
        text = _text(result.get(path, ""))
        if old and text.count(old) != 1:
            raise UsageError(f"the twin's patch fits {text.count(old)} places in {path}; it must fit one: {old!r}")
        result[path] = (text.replace(old, new) if old else new).encode()
    return result


def _text(content: str | bytes) -> str:
    return content if isinstance(content, str) else content.decode("utf-8")
