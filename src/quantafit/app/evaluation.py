"""From a declaration and a tree to an evaluation: the one run that ``check``, pytest and ``fitness/`` tests share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from quantafit import coupling as couplings
from quantafit import declaration, fitness
from quantafit.app import import_witness
from quantafit.app.code import code_digest
from quantafit.drills.records import parse_records, read_records
from quantafit.errors import UsageError
from quantafit.evidence import configuration, source
from quantafit.evidence.source import Memory
from quantafit.model import (
    Architecture,
    Configuration,
    CouplingMap,
    Evaluation,
    EvidenceKind,
    ExaminationError,
    Experiment,
    Experiments,
    Judgement,
    LiveEvidence,
    LiveServers,
    Place,
    Program,
    Verdict,
)
from quantafit.report import places_in
from quantafit.workspace import MemoryWorkspace, Workspace

Progress = Callable[[str], None]
"""Called with a few words whenever the next stage of a run begins."""

EXPERIMENTS = "experiments.json"
"""The file of records in a tree that is only in memory."""

CONTEXT = 1
"""Lines of code shown before and after the line that an excerpt is about."""


def check(
    config: Path,
    root: Path | None = None,
    *,
    as_of: date | None = None,
    live: bool = False,
    experiments: Sequence[Path] | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Hold the system under ``root`` against the declaration ``config`` and judge it by every fitness function.

    ``root`` is by default the folder of the declaration. ``as_of`` is the day for which waivers are judged; without
    one, none of them holds. With ``live``, the running servers that the declaration names are asked too.
    ``experiments`` are files with records of drills, to be judged too. Raises DeclarationError where the declaration is
    wrong, UsageError where there is none, where ``live`` finds no servers, or where a record cannot be read.
    """
    architecture, workspace = open_system(config, root)
    return judge(architecture, workspace, as_of=as_of, live=live, experiments=experiments, progress=progress)


def judge(
    architecture: Architecture,
    workspace: Workspace,
    *,
    as_of: date | None = None,
    live: bool = False,
    experiments: Sequence[Path] | None = None,
    progress: Progress | None = None,
    memory: Memory | None = None,
) -> Evaluation:
    """As :func:`check`, of a system that is open already; what ``memory`` knows is not looked for again."""
    records = None if experiments is None else tuple(chain.from_iterable(map(read_records, experiments)))
    servers = _servers(architecture, live)
    return _evaluate(architecture, workspace, as_of, progress or _silent, servers, memory, records)


def observe(
    config: Path, root: Path | None = None, *, live: bool = False, progress: Progress | None = None
) -> Evaluation:
    """What is observed between the quanta, without any judgement. Raises as :func:`check` does."""
    architecture, workspace = open_system(config, root)
    return watch(architecture, workspace, live=live, progress=progress)


def watch(
    architecture: Architecture,
    workspace: Workspace,
    *,
    live: bool = False,
    progress: Progress | None = None,
    memory: Memory | None = None,
) -> Evaluation:
    """As :func:`observe`, of a system that is open already; ``memory`` as for :func:`judge`."""
    coupling = _observe(architecture, workspace, progress or _silent, _servers(architecture, live), memory)
    return Evaluation(architecture, coupling, (), MappingProxyType({}))


def evaluate_tree(files: Mapping[str, str | bytes], *, as_of: date | None = None) -> Evaluation:
    """Judge a tree that is only in memory: path → text, with a ``quanta.yaml`` among them, and the records of
    ``experiments.json`` where it is there.

    For the examples of rules and for users' own tests. The second witness for imports needs a tree on disk and is not
    run. Raises UsageError where there is no ``quanta.yaml``, DeclarationError where it is wrong.
    """
    workspace = MemoryWorkspace(files)
    if declaration.FILE_NAME not in workspace.files:
        raise UsageError(f"there is no {declaration.FILE_NAME} in the tree")
    data = workspace.read(declaration.FILE_NAME)
    architecture = declaration.parse(data, workspace, known_rules=_known_rules())
    records = parse_records(files[EXPERIMENTS], EXPERIMENTS) if EXPERIMENTS in files else None
    return _evaluate(architecture, workspace, as_of, _silent, records=records)


def open_system(config: Path, root: Path | None) -> tuple[Architecture, Workspace]:
    """The declared architecture, and the tree it is held against. Raises DeclarationError, UsageError."""
    file = declaration.discover(config)
    workspace = Workspace(root if root is not None else file.parent)
    if not workspace.root.is_dir():
        raise UsageError(f"the root {workspace.root} is no folder")
    return declaration.load(file, workspace=workspace, known_rules=_known_rules()), workspace


def _known_rules() -> Mapping[str, tuple[str, ...]]:
    """The names of all fitness functions with the names of their options, so that a misspelt one is found at once."""
    return {name: tuple(card.options) for name, card in fitness.cards().items()}


def _servers(architecture: Architecture, live: bool) -> LiveServers | None:
    """The servers to ask, None where none is to be asked. Raises UsageError where there are none and some should."""
    if not live:
        return None
    if not architecture.live:
        hint = "write live: {brokers: {NAME: {management: {env: VARIABLE}}}}"
        raise UsageError(f"{architecture.path} names no running servers that could be asked; {hint}")
    return architecture.live


def _evaluate(
    architecture: Architecture,
    workspace: Workspace,
    as_of: date | None,
    progress: Progress,
    servers: LiveServers | None = None,
    memory: Memory | None = None,
    records: tuple[Experiment, ...] | None = None,
) -> Evaluation:
    coupling = _observe(architecture, workspace, progress, servers, memory)
    experiments = None
    if records is not None:
        experiments = Experiments(records, code_digest(architecture, workspace))
        coupling = _with_runtime(coupling)
    progress("judging")
    judged = fitness.evaluate(architecture, coupling, as_of=as_of, experiments=experiments)
    excerpts = _excerpts(judged.judgements, workspace)
    return Evaluation(
        architecture,
        coupling,
        judged.judgements,
        judged.cards,
        excerpts,
        judged.without_subject,
        judged.left_to_experiments,
        experiments,
    )


def _with_runtime(coupling: CouplingMap) -> CouplingMap:
    kinds = tuple(dict.fromkeys((*coupling.coverage.kinds, EvidenceKind.RUNTIME)))
    return replace(coupling, coverage=replace(coupling.coverage, kinds=kinds))


def _ask(servers: LiveServers, architecture: Architecture) -> LiveEvidence:
    from quantafit.evidence import live  # only who asks running servers needs what asks them
    from quantafit.evidence.source.classify import Classifier

    return live.collect(servers, os.environ, Classifier(architecture.data_classes).table)


def _observe(
    architecture: Architecture,
    workspace: Workspace,
    progress: Progress,
    servers: LiveServers | None,
    memory: Memory | None = None,
) -> CouplingMap:
    with import_witness.witness(architecture, workspace) as testify:
        progress("reading configuration")
        configured = configuration.collect(workspace)
        progress("reading source code")
        seen = source.collect(workspace, architecture, memory, started_programs(architecture, workspace, configured))
        if servers is not None:
            progress("asking the running servers")
        said = _ask(servers, architecture) if servers is not None else None
        progress("resolving targets")
        coupling = couplings.couple(architecture, configured, seen, said)
        progress("asking the second witness")
        return _with_unlisted(testify(coupling), architecture, workspace)


def started_programs(
    architecture: Architecture, workspace: Workspace, configured: Configuration
) -> Mapping[str, tuple[Program, ...]]:
    """By quantum, the files in shared code or in nobody's that its deployment units start."""
    files = [path for path in workspace.python_files() if not source.is_test(path)]
    return couplings.programs(architecture, configured, files, source.owned_files(workspace, architecture))


def _with_unlisted(coupling: CouplingMap, architecture: Architecture, workspace: Workspace) -> CouplingMap:
    """With what the tree does not list: folders and names that could not be read, and links out of the root.

    A folder that cannot be read could hide something of any quantum; a link belongs to the quantum it stands in.
    """
    shared = [(None, architecture.shared_code)]
    own = [(quantum.name, quantum.source) for quantum in architecture.quanta if not quantum.opaque]
    links = (
        ExaminationError(name, "link leads out of the root; what it leads to was not read", Place(link, 1))
        for name, patterns in (*own, *shared)
        for link in workspace.outside(patterns)
    )
    coverage = replace(coupling.coverage, errors=(*coupling.coverage.errors, *workspace.errors, *links))
    return replace(coupling, coverage=coverage)


def _excerpts(judgements: tuple[Judgement, ...], workspace: Workspace) -> Mapping[str, tuple[tuple[int, str], ...]]:
    """The code around every place that a finding, its path, or a reason names."""
    places = dict.fromkeys(place for judgement in judgements for place in _places(judgement))
    found = {f"{path}:{line}": workspace.excerpt(path, line, CONTEXT) for path, line in places}
    return MappingProxyType({place: lines for place, lines in found.items() if lines})


def _places(judgement: Judgement) -> Iterator[tuple[str, int]]:
    for finding in judgement.findings:
        places = (finding.place, *(hop.place for hop in finding.path))
        yield from ((place.path, place.line) for place in places if place.line)
    for named in places_in(judgement.reason) if judgement.verdict is not Verdict.PASS else ():
        path, _, line = named.rpartition(":")
        yield path, int(line)


def _silent(_stage: str) -> None:
    """No progress is shown."""
