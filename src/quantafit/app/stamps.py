"""Stamps: how files looked when they were read, in columns, so that tens of thousands are compared at once."""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

from quantafit.workspace import DIGEST_LENGTH, LIMIT, Reading, reading_of

_COLUMNS = 4
_INODE = (1 << 63) - 1  # some file systems number files beyond what a signed number of 64 bits holds


@dataclass(frozen=True, slots=True)
class Stamps:
    """Files as they were when they were read.

    ``listed`` has a byte for each file of the tree, in the order of its listing: 1 where it was read. ``others`` are
    files that are not in the listing, below the root or by absolute paths. ``table`` has a row for each file that was
    read, those of the listing first: its size in bytes, its two times in nanoseconds and its inode, as numbers of 64
    bits. ``digests`` has those of the contents in the same order. ``since`` is in nanoseconds: a file that was last
    written to before it, and looks as it did, has not changed.
    """

    listed: bytes
    others: tuple[str, ...]
    table: bytes
    digests: bytes
    since: int

    @classmethod
    def of(cls, readings: Mapping[str, Reading], files: Sequence[str], since: int) -> Stamps:
        """The stamps of files that were read, in a tree with ``files``."""
        listed = bytes(path in readings for path in files)
        others = tuple(readings.keys() - frozenset(files))
        table, digests = array("q"), bytearray()
        for path in (*compress(files, listed), *others):
            table.extend(_row(readings[path]))
            digests += bytes.fromhex(readings[path].digest)
        return cls(listed, others, table.tobytes(), bytes(digests), since)

    @classmethod
    def loaded(cls, data: bytes) -> Stamps:
        """The inverse of :meth:`dumped`. Only for what a :class:`~quantafit.store.Store` gave back, whole as it is."""
        text, _, rest = data.partition(b"\n")
        head = json.loads(text)
        listed = rest[: head["listed"]]
        end = len(listed) + head["table"]
        return cls(listed, tuple(head["others"]), rest[len(listed) : end], rest[end:], head["since"])

    def dumped(self) -> bytes:
        """A line of JSON, and the columns."""
        head = {"since": self.since, "listed": len(self.listed), "table": len(self.table), "others": self.others}
        return b"".join((json.dumps(head).encode(), b"\n", self.listed, self.table, self.digests))

    def compared(self, root: str, files: Sequence[str], since: int) -> Stamps | None:
        """These stamps if each file under ``root`` still holds what it did, else None.

        ``files`` must be the same listing as before. What is given back are other stamps, from ``since`` on, where
        files had to be read to know: those that look different, and those that were written to so late that they may
        have changed and look as they did.
        """
        prefix = f"{root}{os.sep}"
        paths = [prefix + path for path in compress(files, self.listed)]
        paths += (os.path.join(root, path) for path in self.others)  # noqa: PTH118
        now = array("q")
        add, stat = now.extend, os.stat
        try:
            for path in paths:
                about = stat(path)
                add((about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino & _INODE))
        except OSError:
            return None
        if now.tobytes() == self.table and _latest(now) < self.since:
            return self
        return self._read_again(paths, now, since)

    def _read_again(self, paths: Sequence[str], now: array[int], since: int) -> Stamps | None:
        before = array("q", self.table)
        width = DIGEST_LENGTH // 2
        for number, path in enumerate(paths):
            row = slice(number * _COLUMNS, (number + 1) * _COLUMNS)
            size = now[row.start]
            if now[row] == before[row] and _latest(now[row]) < self.since:
                continue
            if size != before[row.start] or size > LIMIT:
                return None  # one that is too large to be read was not read then
            reading = reading_of(path, limit=size)
            digest = self.digests[number * width : (number + 1) * width]
            if reading is None or bytes.fromhex(reading.digest) != digest:
                return None
            now[row] = array("q", _row(reading))
        return Stamps(self.listed, self.others, now.tobytes(), self.digests, since)


def _row(reading: Reading) -> tuple[int, int, int, int]:
    return reading.size, reading.modified, reading.changed, reading.inode & _INODE


def _latest(rows: array[int]) -> int:
    """The latest time in some rows of a table."""
    return max(max(rows[1::_COLUMNS], default=0), max(rows[2::_COLUMNS], default=0))
