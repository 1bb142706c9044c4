"""The only reader of the tree under examination: which files there are, and their bytes.

Everything that looks at the system's files does so through a :class:`Workspace`, so that what was looked at is known,
the order is always the same, and tests can put a :class:`MemoryWorkspace` in its place.
"""

from quantafit.workspace.interpolation import interpolate
from quantafit.workspace.memory import MemoryWorkspace
from quantafit.workspace.tree import DIGEST_LENGTH, LIMIT, Reading, TooLargeError, Workspace, digest_of, reading_of

__all__ = [
    "DIGEST_LENGTH",
    "LIMIT",
    "MemoryWorkspace",
    "Reading",
    "TooLargeError",
    "Workspace",
    "digest_of",
    "interpolate",
    "reading_of",
]
