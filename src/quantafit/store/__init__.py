"""The store: what earlier runs worked out, kept in the user's cache folder.

A store can only ever be missing something. What it gives back is what was put in, byte for byte: an entry that is cut
off, overwritten, or written by another version does not match its digest and is not there. Writing is one rename, so
two runs at once never see half an entry; where writing fails (a full disk, a read-only folder) nothing is kept.

It never lies in the tree that is examined: what comes with a repository must not be able to answer for it.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path

VARIABLE = "QUANTAFIT_CACHE_DIR"
"""The environment variable that names another folder for all stores."""
MOST_ENTRIES = 256
"""So many entries are kept; the ones not used for longest go first."""
_MAGIC = b"quantafit store 1\n"
_DIGEST = 32


def folder_for(root: Path) -> Path:
    """Where the store of a tree lies: in the folder that the platform has for caches (XDG base directories)."""
    named = os.environ.get(VARIABLE)
    usual = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME")
    base = Path(named) if named else Path(usual or Path("~/.cache").expanduser()) / "quantafit"
    return base / blake2b(os.fsencode(root.resolve()), digest_size=8).hexdigest()


class Store:
    """Entries by key. No method raises for anything that the file system does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> bytes | None:
        """The entry under a key, or None where there is none that is whole."""
        path = self._path(key)
        try:
            with open(path, "rb") as file:  # noqa: PTH123 -- the way of a run that has nothing else to do
                data = file.read()
        except OSError:
            return None
        head, body = data[: len(_MAGIC) + _DIGEST], data[len(_MAGIC) + _DIGEST :]
        if head != _MAGIC + _digest(key, body):
            return None
        return body

    def put(self, key: str, body: bytes) -> None:
        """Keep an entry, in place of what was there."""
        import tempfile  # a run that only reads does without

        try:
            self._prepare()
            handle, name = tempfile.mkstemp(dir=self.folder, prefix="new-")
        except OSError:
            return
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_MAGIC + _digest(key, body) + body)
            os.replace(name, self._path(key))  # noqa: PTH105
            self._tidy()
        except OSError:
            Path(name).unlink(missing_ok=True)

    def _path(self, key: str) -> str:
        return f"{self.folder}{os.sep}{blake2b(key.encode(), digest_size=16).hexdigest()}"

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def _tidy(self) -> None:
        """Remove the oldest entries beyond the bound, and what crashed runs left behind."""
        entries = [entry for entry in os.scandir(self.folder) if entry.is_file()]
        entries.sort(key=lambda entry: entry.stat().st_mtime_ns)
        for entry in entries[: max(len(entries) - MOST_ENTRIES, 0)]:
            Path(entry.path).unlink(missing_ok=True)


def _digest(key: str, body: bytes) -> bytes:
    return blake2b(body, digest_size=_DIGEST, key=blake2b(key.encode(), digest_size=32).digest()).digest()
