"""Paths that configuration files write, as paths under the root."""

from __future__ import annotations

from quantafit.workspace.patterns import normalise


def folder_of(path: str) -> str:
    """The folder of a file; ``.`` is the root."""
    return path.rpartition("/")[0] or "."


def under(folder: str, path: str) -> str | None:
    """``path``, written relative to ``folder``, as a path under the root (``.`` is the root itself).

    None where it is absolute, leads out of the root, or is not a path but an address.
    """
    if path.startswith(("/", "~", "git@")) or "://" in path:
        return None
    normal = normalise(f"{folder}/{path}")
    return None if normal is None else normal or "."


def is_test(path: str) -> bool:
    """Whether a file belongs to tests or to the editor's own container: neither says how the system is deployed."""
    return not _ELSEWHERE.isdisjoint(path.lower().split("/")[:-1])


_ELSEWHERE = frozenset({".devcontainer", "__tests__", "test", "testdata", "tests"})
