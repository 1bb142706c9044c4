"""Finding the files under a root, by one pass of ``os.scandir``: no stat of its own for any regular file."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

# Version control, caches and installed packages: written by tools, never by the system's authors.
SKIPPED_NAMES = frozenset(
    {
        ".bzr",
        ".cache",
        ".direnv",
        ".eggs",
        ".git",
        ".hg",
        ".hypothesis",
        ".import_linter_cache",
        ".ipynb_checkpoints",
        ".jj",
        ".mypy_cache",
        ".nox",
        ".pyre",
        ".pytest_cache",
        ".pytype",
        ".ruff_cache",
        ".svn",
        ".terraform",
        ".tox",
        "__pycache__",
        "__pypackages__",
        "node_modules",
        "site-packages",
    }
)

# A folder that holds one of these is a virtual environment (venv, virtualenv, uv) or a conda environment.
ENVIRONMENT_MARKERS = frozenset({"conda-meta", "pyvenv.cfg"})

# Beside one of these, or beside a Python file, a virtual environment was made in the folder of a project
# (``python -m venv .``): no tool writes them there, and what is installed lies under a name that is skipped anyway.
PROJECT_MARKERS = frozenset({"Dockerfile", "Pipfile", "pyproject.toml", "requirements.txt", "setup.cfg"})


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass found: ``files`` sorted, ``unfollowed`` links sorted, ``errors`` (path, message) in that order."""

    files: tuple[str, ...]
    unfollowed: tuple[str, ...]
    errors: tuple[tuple[str, str], ...]


def scan(root: Path) -> Scan:
    """All files under ``root``, without caches and environments.

    A link is followed where it leads to a file or a folder inside the root. A linked folder is followed one link deep
    and never into itself; what lies deeper is found at its own place. Other links are ``unfollowed``.
    """
    return _Scanner(os.path.realpath(root)).run()


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to list. ``prefix`` is its path under the root with a closing slash; ``real`` where it really is."""

    prefix: str
    real: str
    linked: bool = False


@dataclass(slots=True)
class _Scanner:
    root: str
    files: list[str] = field(default_factory=list)
    unfollowed: list[str] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    pending: list[_Folder] = field(default_factory=list)

    def run(self) -> Scan:
        self.pending.append(_Folder("", self.root))
        while self.pending:
            self._list(self.pending.pop())
        return Scan(tuple(sorted(self.files)), tuple(sorted(self.unfollowed)), tuple(sorted(self.errors)))

    def _list(self, folder: _Folder) -> None:
        try:
            with os.scandir(folder.real) as entries:
                found = list(entries)
        except OSError as error:
            self._error(folder.prefix.rstrip("/") or ".", f"folder cannot be listed: {error.strerror}")
            return
        names = {entry.name for entry in found}
        if folder.prefix and _is_environment(names):
            return
        skipped = not names.isdisjoint(SKIPPED_NAMES)
        prefix, add = folder.prefix, self.files.append
        for entry in found:
            name = entry.name
            if skipped and name in SKIPPED_NAMES:
                continue
            if entry.is_file(follow_symlinks=False) and name.isascii():  # nearly all
                add(prefix + name)
            else:
                self._take(folder, entry)

    def _take(self, folder: _Folder, entry: os.DirEntry[str]) -> None:
        path = folder.prefix + entry.name
        if not _printable(entry.name):
            self._error(path.encode(errors="backslashreplace").decode(), "name is not valid Unicode; it was not read")
        elif entry.is_symlink():
            self._follow(folder, path, entry.path)
        elif entry.is_dir(follow_symlinks=False):
            self.pending.append(_Folder(f"{path}/", entry.path, folder.linked))
        elif entry.is_file(follow_symlinks=False):
            self.files.append(path)

    def _follow(self, folder: _Folder, path: str, link: str) -> None:
        real = os.path.realpath(link)
        inside = real.startswith(f"{self.root}{os.sep}")
        if inside and os.path.isfile(real):  # noqa: PTH113 -- strings are several times quicker than Path here
            self.files.append(path)
        elif inside and os.path.isdir(real) and not folder.linked and not _holds(real, folder.real):  # noqa: PTH112
            self.pending.append(_Folder(f"{path}/", real, linked=True))
        else:
            self.unfollowed.append(path)

    def _error(self, path: str, message: str) -> None:
        self.errors.append((path, message))


def _holds(outer: str, inner: str) -> bool:
    """Whether ``inner`` is ``outer`` or lies below it: following ``outer`` from there would never end."""
    return inner == outer or inner.startswith(f"{outer}{os.sep}")


def _is_environment(names: set[str]) -> bool:
    """Whether a folder with these names in it is an environment, and nothing else."""
    if ENVIRONMENT_MARKERS.isdisjoint(names):
        return False
    is_project = not PROJECT_MARKERS.isdisjoint(names) or any(name.endswith(".py") for name in names)
    return "conda-meta" in names or not is_project


def _printable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
