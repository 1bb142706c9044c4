"""The workspace: the tree under examination."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from quantafit.model import ExaminationError
from quantafit.workspace.patterns import below, matching, normalise
from quantafit.workspace.scan import Scan, scan

LIMIT = 16 * 1024 * 1024
"""Bytes of the largest file that is read by default. Source and configuration written by people stay far below."""

# "#!/usr/bin/env -S python3 -u", "#!/opt/app/.venv/bin/python3.12"
_SHEBANG = re.compile(rb"#!.*\bpython[0-9.]*(?:\s|\Z)")
_SHEBANG_LENGTH = 200
_LINE_END = re.compile("\r\n|\r|\n")


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
        return self._scan.errors

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
        if path not in self._known:
            self._refuse_outside(path)
        with open(os.path.join(self.root, path), "rb", buffering=0) as file:  # noqa: PTH118, PTH123 -- the hot path
            size = os.fstat(file.fileno()).st_size
            if size > self.limit:
                raise TooLargeError(f"{path} has {size:,} bytes; files over {self.limit:,} bytes are not read")
            return file.read()

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
            lines = _LINE_END.split(self.read(path).decode("utf-8-sig", errors="replace"))
        except OSError:
            return ()
        if not 1 <= line <= len(lines):
            return ()
        first = max(1, line - context)
        return tuple(enumerate(lines[first - 1 : line + context], start=first))

    def python_files(self) -> tuple[str, ...]:
        """``*.py`` and ``*.pyw`` files, and scripts without an extension that name Python in their first line."""
        return self._python_files

    @cached_property
    def _python_files(self) -> tuple[str, ...]:
        return tuple(path for path in self.files if path.endswith((".py", ".pyw")) or self._is_script(path))

    def _is_script(self, path: str) -> bool:
        if "." in path.rpartition("/")[2]:
            return False
        try:
            head = self._head(path, _SHEBANG_LENGTH)
        except OSError:
            return False
        return _SHEBANG.match(head.partition(b"\n")[0]) is not None

    def _head(self, path: str, length: int) -> bytes:
        with open(os.path.join(self.root, path), "rb", buffering=0) as file:  # noqa: PTH118, PTH123 -- the hot path
            return file.read(length)

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
