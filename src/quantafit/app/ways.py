"""Why two quanta depend on each other: every way between them, and whether they act as one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from quantafit.app.evaluation import Progress, observe
from quantafit.coupling.graph import Step, effective_quanta, ways
from quantafit.errors import UsageError
from quantafit.model import Evaluation


@dataclass(frozen=True, slots=True)
class Ways:
    """Every way from one quantum to another, shortest first, and the quanta that really are one."""

    evaluation: Evaluation
    source: str
    target: str
    ways: tuple[tuple[Step, ...], ...]
    together: tuple[str, ...]
    """The quanta that wait for each other or share a database with the first one, itself included."""


def why(config: Path, root: Path | None, source: str, target: str, *, progress: Progress | None = None) -> Ways:
    """Every observed way from ``source`` to ``target``. Raises UsageError where one of them is no declared quantum."""
    return ways_in(observe(config, root, progress=progress), source, target)


def ways_in(evaluation: Evaluation, source: str, target: str) -> Ways:
    """As :func:`why`, in what was observed already."""
    declared = [quantum.name for quantum in evaluation.architecture.quanta]
    for name in (source, target):
        if name not in declared:
            raise UsageError(f"{name} is no quantum of {evaluation.architecture.path}; there are {', '.join(declared)}")
    groups = effective_quanta(evaluation.coupling, declared)
    together = next(group for group in groups if source in group)
    return Ways(evaluation, source, target, ways(evaluation.coupling, source, target), together)
