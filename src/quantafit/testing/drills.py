"""Drills in users' own tests: the declared ones by name, and experiments of their own on the same bench.

>>> from quantafit.testing import drills
>>> with drills("quanta.yaml") as drill:                                                # doctest: +SKIP
...     drill("no-invoice-is-missed")
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from quantafit.drills import Run, Source
from quantafit.model import Experiment, Proof, Verdict

if TYPE_CHECKING:
    from quantafit.app import Stand
    from quantafit.drills import Bench

__tracebackhide__ = True


@contextmanager
def drills(
    config: str | Path = ".",
    root: str | Path | None = None,
    *,
    folder: Path | None = None,
    seed: int | None = None,
    sources: Mapping[str, Source] | None = None,
) -> Iterator[Drills]:
    """The system that ``quanta.yaml`` describes under ``drills``, running; in the end all is as it was.

    ``folder`` is where its processes keep what they write, by default a new one that is removed. ``sources`` put
    callables in the place of declared workloads and probes. Raises DeclarationError, UsageError, and DrillError where
    the system does not come up.
    """
    from quantafit import app

    standing = app.stand(
        Path(config), Path(root) if root is not None else None, folder=folder, seed=seed, sources=sources
    )
    with standing.bench:
        yield Drills(standing)


class Drills:
    """A running system, and the claims that an experiment on it can prove."""

    def __init__(self, standing: Stand) -> None:
        self._standing = standing
        self.records: list[Experiment] = []
        """What was recorded so far."""

    @property
    def bench(self) -> Bench:
        """The parts of the system."""
        return self._standing.bench

    def source(self, name: str) -> Source:
        """A declared workload or probe, ready to be driven or counted. Raises UsageError where there is none."""
        return self._standing.stage.source(name)

    def __call__(self, name: str) -> Experiment:
        """Make a declared experiment; its record. Raises AssertionError where its fitness function is not kept."""
        return self.holds(self._standing.drill(name))

    def run(self, name: str, proves: Proof | str, *, quantum: str | None = None, interaction: str | None = None,
            within: float | None = None, slower_at_most: float | None = None) -> Run:  # fmt: skip
        """An experiment of one's own, for a ``with`` statement; afterwards ``holds(run.experiment)`` judges it."""
        return Run(
            self.bench,
            name,
            proves,
            quantum=quantum,
            interaction=interaction,
            within=within,
            slower_at_most=slower_at_most,
        )

    def holds(self, record: Experiment) -> Experiment:
        """Judge a record, and give it back. Raises AssertionError where its fitness function is not kept, or says
        nothing.
        """
        from quantafit.report import terminal

        stamped = self._standing.stamped(record)
        self.records.append(stamped)
        evaluation = self._standing.judge(stamped, only=(stamped.drill,))
        told = [j for j in evaluation.judgements if j.rule.partition("/")[2] == stamped.proves]
        if not told:
            raise AssertionError(f"not evaluated: no fitness function judges what {stamped.drill} proves")
        if any(judgement.verdict is not Verdict.PASS for judgement in told):
            raise AssertionError("\n" + terminal.render_drills(evaluation))
        return stamped
