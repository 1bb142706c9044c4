"""A workspace that is only in memory: for tests, the kit's own and the users'."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from quantafit.workspace.scan import Scan
from quantafit.workspace.tree import LIMIT, TooLargeError, Workspace


class MemoryWorkspace(Workspace):
    """A tree given as path → text or bytes.

    Text is dedented, loses one leading line end (so that it can begin on the line after the quotes) and becomes UTF-8;
    bytes are kept as they are. ``root`` is only a name here: nothing is read from disk.

    >>> MemoryWorkspace({"customer/api.py": "import billing"}).files
    ('customer/api.py',)
    """

    def __init__(self, files: Mapping[str, str | bytes], *, root: Path = Path("memory"), limit: int = LIMIT) -> None:
        super().__init__(root, limit=limit)
        self._contents = {path: _as_bytes(content) for path, content in sorted(files.items())}

    def read(self, path: str) -> bytes:
        """The bytes of ``path``. Raises FileNotFoundError where there is none, TooLargeError beyond the limit."""
        try:
            data = self._contents[path]
        except KeyError:
            raise FileNotFoundError(f"{path} is not a file in this tree") from None
        if len(data) > self.limit:
            raise TooLargeError(f"{path} has {len(data):,} bytes; files over {self.limit:,} bytes are not read")
        return data

    def _head(self, path: str, length: int) -> bytes:
        return self._contents[path][:length]

    def _list(self) -> Scan:
        return Scan(tuple(self._contents), (), ())


def _as_bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else dedent(content).removeprefix("\n").encode()
