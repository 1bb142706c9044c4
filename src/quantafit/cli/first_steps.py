"""What ``quantafit init`` says when it is done: what was found, what is open, and what to do next."""

from __future__ import annotations

import shlex
from pathlib import Path

from quantafit.declaration import FILE_NAME, MARK
from quantafit.model.proposal import Proposal


def summary(proposal: Proposal, file: Path | None) -> str:
    """``quanta.yaml: 5 quanta (1 without Python code), 4 interactions, 12 open questions.``"""
    opaque = sum(one.value.opaque for one in proposal.quanta)
    without = f" ({opaque} without Python code here)" if opaque else ""
    counts = (
        f"{_many(len(proposal.quanta), 'quantum', 'quanta')}{without}",
        _many(len(proposal.interactions), "interaction", "interactions"),
        _many(proposal.questions, "open question", "open questions"),
    )
    return f"{file or 'proposal'}: {', '.join(counts)}."


def next_step(proposal: Proposal, file: Path | None, root: Path) -> str:
    """The next command, as it is to be typed."""
    if file is None:
        return f"Nothing was written. Save it as {FILE_NAME} in the root, then run: quantafit check"
    options = [] if file == Path(FILE_NAME) else ["--config", shlex.quote(str(file))]
    if file.parent != root:
        options += ["--root", shlex.quote(str(root))]
    look = f'Look for "{MARK}" in it, then run' if proposal.questions else "Next, run"
    return f"{look}: {' '.join(['quantafit check', *options])}"


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"
