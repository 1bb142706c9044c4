"""What an answer rests on beside the tree: the code that works it out."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from quantafit.workspace import digest_of


def surroundings() -> Sequence[object]:
    """What runs: this Python, quantafit's own code file by file, and the folders that libraries are installed in."""
    own: list[tuple[str, int, int]] = []
    stack = [str(Path(__file__).parent.parent)]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    if entry.name != "__pycache__":
                        stack.append(entry.path)
                else:
                    about = entry.stat()
                    own.append((entry.path, about.st_size, about.st_mtime_ns))
    installed = [(path, Path(path).stat().st_mtime_ns) for path in sys.path if path and Path(path).is_dir()]
    return [sys.version, digest_of(repr(sorted(own)).encode(errors="surrogateescape")), installed]
