"""From a declaration and a tree to an evaluation: the one run that ``check``, pytest and ``fitness/`` tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

from quantafit import coupling as couplings
from quantafit import declaration, fitness
from quantafit.app import import_witness
from quantafit.errors import UsageError
from quantafit.evidence import configuration, source
from quantafit.model import Architecture, CouplingMap, Evaluation, ExaminationError, Judgement, Place, Verdict
from quantafit.report import places_in
from quantafit.workspace import MemoryWorkspace, Workspace

Progress = Callable[[str], None]
"""Called with a few words whenever the next stage of a run begins."""

CONTEXT = 1
"""Lines of code shown before and after the line that an excerpt is about."""


def check(
    config: Path, root: Path | None = None, *, as_of: date | None = None, progress: Progress | None = None
) -> Evaluation:
    """Hold the system under ``root`` against the declaration ``config`` and judge it by every fitness function.

    ``root`` is by default the folder of the declaration. ``as_of`` is the day for which waivers are judged; without
    one, none of them holds. Raises DeclarationError where the declaration is wrong, UsageError where there is none.
    """
    architecture, workspace = open_system(config, root)
    return judge(architecture, workspace, as_of=as_of, progress=progress)


def judge(
    architecture: Architecture, workspace: Workspace, *, as_of: date | None = None, progress: Progress | None = None
) -> Evaluation:
    """As :func:`check`, of a system that is open already."""
    return _evaluate(architecture, workspace, as_of, progress or _silent)


def observe(config: Path, root: Path | None = None, *, progress: Progress | None = None) -> Evaluation:
    """What is observed between the quanta, without any judgement. Raises as :func:`check` does."""
    architecture, workspace = open_system(config, root)
    return watch(architecture, workspace, progress=progress)


def watch(architecture: Architecture, workspace: Workspace, *, progress: Progress | None = None) -> Evaluation:
    """As :func:`observe`, of a system that is open already."""
    coupling = _observe(architecture, workspace, progress or _silent)
    return Evaluation(architecture, coupling, (), MappingProxyType({}))


def evaluate_tree(files: Mapping[str, str | bytes], *, as_of: date | None = None) -> Evaluation:
    """Judge a tree that is only in memory: path → text, with a ``quanta.yaml`` among them.

    For the examples of rules and for users' own tests. The second witness for imports needs a tree on disk and is not
    run. Raises UsageError where there is no ``quanta.yaml``, DeclarationError where it is wrong.
    """
    workspace = MemoryWorkspace(files)
    if declaration.FILE_NAME not in workspace.files:
        raise UsageError(f"there is no {declaration.FILE_NAME} in the tree")
    data = workspace.read(declaration.FILE_NAME)
    architecture = declaration.parse(data, workspace, known_rules=_known_rules())
    return _evaluate(architecture, workspace, as_of, _silent)


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


def _evaluate(architecture: Architecture, workspace: Workspace, as_of: date | None, progress: Progress) -> Evaluation:
    coupling = _observe(architecture, workspace, progress)
    progress("judging")
    judged = fitness.evaluate(architecture, coupling, as_of=as_of)
    excerpts = _excerpts(judged.judgements, workspace)
    return Evaluation(architecture, coupling, judged.judgements, judged.cards, excerpts, judged.without_subject)


def _observe(architecture: Architecture, workspace: Workspace, progress: Progress) -> CouplingMap:
    with import_witness.witness(architecture, workspace) as testify:
        progress("reading configuration")
        configured = configuration.collect(workspace)
        progress("reading source code")
        seen = source.collect(workspace, architecture)
        progress("resolving targets")
        coupling = couplings.couple(architecture, configured, seen)
        progress("asking the second witness")
        return _with_unlisted(testify(coupling), architecture, workspace)


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
        yield from ((place.path, place.line) for place in (finding.place, *(hop.place for hop in finding.path)))
    for named in places_in(judgement.reason) if judgement.verdict is not Verdict.PASS else ():
        path, _, line = named.rpartition(":")
        yield path, int(line)


def _silent(_stage: str) -> None:
    """No progress is shown."""
