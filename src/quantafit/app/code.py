"""A digest of the code of a system: a record of an experiment counts for as long as it is the same."""

from __future__ import annotations

from hashlib import sha256

from quantafit.model import Architecture
from quantafit.workspace import Workspace

COMPILED = "__pycache__"


def code_digest(architecture: Architecture, workspace: Workspace) -> str:
    """A digest of the code of all quanta and of what they share: names and contents, nothing compiled."""
    patterns = [*architecture.shared_code, *(path for quantum in architecture.quanta for path in quantum.source)]
    digest = sha256()
    for path in sorted(set(workspace.select(patterns))):
        if COMPILED in path.split("/"):
            continue
        try:
            content = workspace.digest(path)
        except OSError as error:
            content = f"unreadable: {error.strerror}"
        digest.update(f"{path}\0{content}\n".encode())
    return digest.hexdigest()[:32]
