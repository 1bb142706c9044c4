"""The workspace: the tree under examination."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from quantafit.workspace.patterns import below, matching, normalise
from quantafit.workspace.scan import Scan, scan

if TYPE_CHECKING:
    from quantafit.model import ExaminationError

LIMIT = 16 * 1024 * 1024
"""Bytes of the largest file that is read by default. Source and configuration written by people stay far below."""

DIGEST_LENGTH = 32
"""Characters of the digest of a file's content, written in hexadecimal digits."""

_PYTHON = (".py", ".pyw", ".pyi", ".wsgi")

# "#!/usr/bin/env -S python3 -u", "#!/opt/app/.venv/bin/python3.12", "#!/usr/bin/env -S uv run --script"
_SHEBANG = rb"#!.*\b(?:(?:python|pypy)[0-9.]*|uv run|pipx run)(?:\s|\Z)"
_SHEBANG_LENGTH = 200
_LINE_END = "\r\n|\r|\n"


class Reading(NamedTuple):
    """A file as it was when it was read: bytes, times in nanoseconds, inode, and a digest of its content."""

    size: int
    modified: int
    changed: int
    inode: int
    digest: str


def reading_of(path: str | Path, *, limit: int = LIMIT) -> Reading | None:
    """A file as it is now; None where it cannot be read or has more than ``limit`` bytes."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 -- the hot path
            about = os.fstat(file.fileno())
            return _reading(about, file.read()) if about.st_size <= limit else None
    except OSError:
        return None


def _reading(about: os.stat_result, data: bytes) -> Reading:
    return Reading(about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino, digest_of(data))


def digest_of(data: bytes) -> str:
    """A digest of some bytes, long enough that two are never equal by chance."""
    return blake2b(data, digest_size=DIGEST_LENGTH // 2).hexdigest()


class TooLargeError(OSError):
    """A file is larger than the workspace reads.

    It is an ``OSError``, so that whoever handles files that cannot be read handles this one too.
    """


class Workspace:
    """The files under ``root``. Paths are relative to it, with ``/``, and every answer is sorted.

    The tree is listed once, on first use. ``limit`` is the size in bytes of the largest file that :meth:`read` gives.
    """

    def __init__(self, root: Path, *, limit: int = LIMIT) -> None:
        self.root = root
        self.limit = limit
        self.readings: dict[str, Reading | None] = {}
        """Every file that was read, as it was then; None for one that could not be read."""
        self.unsteady: set[str] = set()
        """Files that were read more than once, and not with the same content each time."""

    @property
    def files(self) -> tuple[str, ...]:
        """All files under the root, except those of version control, caches and virtual environments."""
        return self._scan.files

    @property
    def unfollowed(self) -> tuple[str, ...]:
        """Links that were not followed: they lead out of the root, nowhere, or round in a circle."""
        return self._scan.unfollowed

    @property
    def errors(self) -> tuple[ExaminationError, ...]:
        """Folders that could not be listed and names that could not be read: what they hold was not examined."""
        if not self._scan.errors:
            return ()
        from quantafit.model import ExaminationError, Place  # a run that only looks for changes needs no model

        return tuple(ExaminationError(None, message, Place(path, 1)) for path, message in self._scan.errors)

    def outside(self, patterns: Iterable[str]) -> tuple[str, ...]:
        """The unfollowed links that any of ``patterns`` names and that lead to something outside the root."""
        chosen = {link for pattern in patterns for link in matching(pattern, self.unfollowed)}
        root = self.root.resolve()
        leading_out = ((link, (root / link).resolve()) for link in sorted(chosen))
        return tuple(link for link, real in leading_out if real.exists() and not real.is_relative_to(root))

    def read(self, path: str) -> bytes:
        """The bytes of ``path``.

        Raises OSError where it does not exist, cannot be read or lies outside the root; TooLargeError beyond the limit.
        """
        self.readings.setdefault(path, None)
        if path not in self._known:
            self._refuse_outside(path)
        with open(os.path.join(self.root, path), "rb", buffering=0) as file:  # noqa: PTH118, PTH123 -- the hot path
            about = os.fstat(file.fileno())
            if about.st_size > self.limit:
                self.readings[path] = _reading(about, b"")
                raise TooLargeError(f"{path} has {about.st_size:,} bytes; files over {self.limit:,} bytes are not read")
            data = file.read()
        before = self.readings[path]
        reading = self.readings[path] = _reading(about, data)
        if before is not None and before.digest != reading.digest:
            self.unsteady.add(path)
        return data

    def digest(self, path: str) -> str:
        """A digest of what ``path`` holds now: it is read for that. Raises as :meth:`read` does."""
        return digest_of(self.read(path))

    def select(self, patterns: Iterable[str]) -> tuple[str, ...]:
        """The files that any of ``patterns`` names: a file, a folder (everything below it), or a glob.

        The language is described in :mod:`quantafit.workspace.patterns`. A pattern that names nothing adds nothing.
        """
        return tuple(sorted({file for pattern in patterns for file in matching(pattern, self.files)}))

    def exists(self, path: str) -> bool:
        """Whether ``path`` is a file, or a folder with a file in or below it."""
        normal = normalise(path)
        return normal is not None and (normal in self._known or bool(below(normal, self.files)))

    def excerpt(self, path: str, line: int, context: int = 2) -> tuple[tuple[int, str], ...]:
        """The lines around ``line`` as ``(number, text)``, ``context`` lines on either side.

        Empty where the file cannot be read or has no such line: an excerpt is for the reader, never evidence.
        """
        try:
            lines = re.split(_LINE_END, self.read(path).decode("utf-8-sig", errors="replace"))
        except OSError:
            return ()
        if not 1 <= line <= len(lines):
            return ()
        first = max(1, line - context)
        return tuple(enumerate(lines[first - 1 : line + context], start=first))

    def python_files(self) -> tuple[str, ...]:
        """Modules, stubs (``*.pyi``), and scripts without an extension that name Python in their first line."""
        return self._python_files

    @cached_property
    def _python_files(self) -> tuple[str, ...]:
        return tuple(path for path in self.files if path.endswith(_PYTHON) or self._is_script(path))

    def _is_script(self, path: str) -> bool:
        if "." in path.rpartition("/")[2]:
            return False
        try:
            head = self._head(path, _SHEBANG_LENGTH)
        except OSError:
            return False
        return re.match(_SHEBANG, head.partition(b"\n")[0]) is not None

    def _head(self, path: str, length: int) -> bytes:
        with open(os.path.join(self.root, path), "rb", buffering=0) as file:  # noqa: PTH118, PTH123 -- the hot path
            about = os.fstat(file.fileno())
            data = file.read(length)
        if path not in self.readings:
            self.readings[path] = reading_of(os.path.join(self.root, path), limit=about.st_size)  # noqa: PTH118
        return data

    def _refuse_outside(self, path: str) -> None:
        """Raise OSError unless ``path`` is a regular file inside the root, links resolved."""
        root, real = os.path.realpath(self.root), os.path.realpath(os.path.join(self.root, path))  # noqa: PTH118
        if not real.startswith(f"{root}{os.sep}"):
            raise PermissionError(f"{path} lies outside {self.root} and is not read")
        if not Path(real).is_file():
            raise FileNotFoundError(f"{path} is not a file under {self.root}")

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.files)

    @cached_property
    def _scan(self) -> Scan:
        return self._list()

    def _list(self) -> Scan:
        return scan(self.root)
