"""Time lines of experiments in words, for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Iterator

from quantafit.model import Experiment, Happening


def heading(record: Experiment) -> str:
    """What the experiment was about, when it was made, and with which seed."""
    about = record.interaction or record.quantum
    return f"{record.drill}: {record.proves} of {about}, {record.began_at}, {record.took:.1f} s, seed {record.seed}"


def time_line(record: Experiment) -> Iterator[str]:
    """One line a happening: when, what, to which parts, how long it took, what came of it; then what went wrong."""
    for happening in record.timeline:
        yield line(happening)
    if record.problem:
        yield f"not carried through: {record.problem}"


def line(happening: Happening) -> str:
    """``  1.2 s  kill       customer.notification  (0.1 s)  failed: …``."""
    took = f"({happening.took:.1f} s)" if happening.took >= 0.05 else ""
    note = f"failed: {happening.note}" if happening.failed else happening.note
    words = (f"{happening.at:6.1f} s  {happening.what:<9}", _targets(happening.targets), took, note)
    return "  ".join(word for word in words if word).rstrip()


def _targets(names: tuple[str, ...], shown: int = 4) -> str:
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest} more" if rest > 0 else "")
