"""Drills: the experiments that ``quanta.yaml`` declares are made, and their records judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from quantafit import fitness
from quantafit.app.code import code_digest
from quantafit.app.evaluation import open_system
from quantafit.drills import Source, Stage, Tell
from quantafit.errors import UsageError
from quantafit.model import (
    Architecture,
    CouplingMap,
    Coverage,
    Drill,
    Evaluation,
    EvidenceKind,
    Experiment,
    Experiments,
    digest_of,
)
from quantafit.store import folder_for
from quantafit.workspace import Workspace

if TYPE_CHECKING:
    from quantafit.drills import Bench


@dataclass(frozen=True)
class Stand:
    """The declared system, ready to be drilled: a bench that has been entered, and what makes records of it."""

    architecture: Architecture
    workspace: Workspace
    stage: Stage

    @property
    def bench(self) -> Bench:
        return self.stage.bench

    def drill(self, name: str) -> Experiment:
        """Make one declared experiment. Raises UsageError where none of that name is declared."""
        return self.stamped(self.stage.perform(_named(self.architecture, name)))

    def stamped(self, record: Experiment) -> Experiment:
        """The record with the digests of what is declared, and of the code, as they are at this moment."""
        declared = digest_of(self.architecture, record.drill, record.interaction)
        return replace(record, declaration=declared, code=code_digest(self.architecture, self.workspace))

    def judge(self, *records: Experiment, as_of: date | None = None, only: Collection[str] = ()) -> Evaluation:
        """Judge records by the functions that only an experiment can prove, and by nothing else.

        A drill without a record is not evaluated, unless others are named in ``only``.
        """
        drills = self.architecture.drills
        kept = tuple(drill for drill in drills.experiments if not only or drill.name in only)
        architecture = replace(self.architecture, drills=replace(drills, experiments=kept))
        return judge_records(architecture, self.workspace, records, as_of=as_of)


def stand(
    config: Path,
    root: Path | None = None,
    *,
    folder: Path | None = None,
    seed: int | None = None,
    tell: Tell | None = None,
    sources: Mapping[str, Source] | None = None,
) -> Stand:
    """The system that a declaration describes, to be drilled; its bench is to be used in a ``with`` statement.

    ``sources`` put callables in the place of declared workloads and probes. Raises DeclarationError where the
    declaration is wrong, UsageError where there is none, or where it declares no drills.
    """
    architecture, workspace = open_system(config, root)
    if not architecture.drills.experiments:
        hint = "write drills: {parts: …, experiments: …}; docs/drills.md shows how"
        raise UsageError(f"{architecture.path} declares no drills; {hint}")
    ledgers = folder_for(workspace.root) / "drills"
    stage = Stage(
        architecture.drills, workspace.root, folder, seed=seed, ledgers_in=ledgers, tell=tell, sources=sources
    )
    return Stand(architecture, workspace, stage)


def drill(
    standing: Stand,
    names: Collection[str] = (),
    *,
    begin: Callable[[Drill], None] = lambda _drill: None,
    done: Callable[[Experiment], None] = lambda _record: None,
) -> tuple[Experiment, ...]:
    """Make the experiments of these names, by default all, one after the other in the order of the declaration.

    ``begin`` and ``done`` are called before and after each. Raises UsageError for an unknown name, DrillError where the
    system does not come up, KeyboardInterrupt where it is stopped: then what was made has been given to ``done``.
    """
    wanted = [_named(standing.architecture, name) for name in names]
    chosen = [d for d in standing.architecture.drills.experiments if not wanted or d in wanted]
    records = []
    with standing.bench:
        for declared in chosen:
            begin(declared)
            records.append(standing.drill(declared.name))
            done(records[-1])
    return tuple(records)


def judge_records(
    architecture: Architecture,
    workspace: Workspace,
    records: Iterable[Experiment],
    *,
    as_of: date | None = None,
) -> Evaluation:
    """Judge records by the functions that only an experiment can prove. Drills without a record are not evaluated."""
    experiments = Experiments(tuple(records), code_digest(architecture, workspace))
    coupling = CouplingMap(coverage=Coverage(kinds=(EvidenceKind.RUNTIME,)))
    judged = fitness.evaluate(architecture, coupling, as_of=as_of, experiments=experiments, only_experiments=True)
    return Evaluation(
        architecture, coupling, judged.judgements, judged.cards, MappingProxyType({}), experiments=experiments
    )


def _named(architecture: Architecture, name: str) -> Drill:
    known = {declared.name: declared for declared in architecture.drills.experiments}
    if name not in known:
        raise UsageError(f"there is no drill {name!r}; known: {', '.join(known)}")
    return known[name]
