"""Evidence from source code: read as text, never imported, never executed.

``collect`` goes through three stages: :mod:`.extract` (bytes to facts, file by file), :mod:`.program` (whose file a
name means), :mod:`.machine` (values and effects solved together, once per quantum), and hands on symbolic observations.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Mapping
from typing import Protocol

from quantafit.evidence.source import notebooks
from quantafit.evidence.source.classify import Classifier
from quantafit.evidence.source.machine import Machine
from quantafit.evidence.source.observe import Observer
from quantafit.evidence.source.program import Ownership, Program, Sources
from quantafit.evidence.source.tables import Tables, built_in
from quantafit.model import Architecture, ExaminationError, Examined, Place, Quantum
from quantafit.model.observations import SourceEvidence

_FRAMES = 60_000
"""Python frames that a chain of calls may need: a few dozen for each function in it."""


class Tree(Protocol):
    """What is needed of a workspace."""

    def read(self, path: str) -> bytes: ...
    def python_files(self) -> tuple[str, ...]: ...
    def select(self, patterns: Iterable[str]) -> tuple[str, ...]: ...


def collect(workspace: Tree, architecture: Architecture) -> SourceEvidence:
    """Everything that the source code of the declared quanta shows, still symbolic.

    What cannot be read or parsed is an ExaminationError in the result, never an exception.
    """
    limit = sys.getrecursionlimit()
    collecting = gc.isenabled()
    sys.setrecursionlimit(max(limit, _FRAMES))
    gc.disable()  # values and facts hold no cycles: a quarter of the time would go into looking for some
    try:
        return _collect(workspace, architecture)
    finally:
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()


def _collect(workspace: Tree, architecture: Architecture) -> SourceEvidence:
    sources = Sources(workspace.python_files(), workspace.read)
    tables = Tables(built_in(), architecture.libraries)
    classifier = Classifier(architecture.data_classes)
    owned = owned_files(workspace, architecture)
    books = _owned(workspace, architecture, _notebooks(workspace, architecture))
    shared = set(workspace.select(architecture.shared_code)) & set(sources.paths)
    observations, imports, unresolved, data, serves = [], [], [], [], []
    dormant: set[tuple[str, Place]] = set()
    errors: dict[tuple[str | None, str], ExaminationError] = {}
    examined: dict[str, Examined] = {}
    for quantum in architecture.quanta:
        if quantum.opaque:
            continue
        own = frozenset(owned[quantum.name])
        one_code_base = {other.name for other in architecture.quanta if _runs_from(quantum, other)}
        foreign = {
            path: other
            for path, other in _foreign(quantum.name, owned, own, shared).items()
            if other not in one_code_base
        }
        program = Program(sources, Ownership(quantum.name, own, foreign, frozenset(shared)), frozenset(tables.modules))
        machine = Machine(program, tables)
        machine.run(sorted(own))
        observer = Observer(machine, classifier)
        seen = observer.observe()
        observations.extend(seen)
        dormant |= observer.dormant(seen)
        imports.extend(observer.imports())
        unresolved.extend(observer.unresolved())
        data.extend(observer.data())
        serves.extend(observer.serves())
        looked = notebooks.look(books[quantum.name], workspace, program, tables)
        unresolved.extend(looked.unresolved)
        errors.update({(error.quantum, error.place.path): error for error in looked.errors})
        entered = [path for path in machine.modules_run if not path.startswith("<")]
        for path in entered:
            if path in sources.errors:
                error = sources.errors[path]
                errors[(quantum.name, path)] = ExaminationError(quantum.name, error.message, error.place)
        facts = [found for path in entered if (found := sources.facts(path)) is not None]
        examined[quantum.name] = Examined(len(facts), sum(f.functions for f in facts), sum(f.calls for f in facts))
    return SourceEvidence(
        tuple(observations),
        tuple(imports),
        tuple(unresolved),
        tuple(data),
        tuple(serves),
        tuple(errors.values()),
        examined,
        frozenset(dormant),
    )


def owned_files(workspace: Tree, architecture: Architecture) -> dict[str, set[str]]:
    """Which Python files belong to which quantum: the longest declared path wins, equal paths belong to both."""
    python = {path for path in workspace.python_files() if not is_test(path)}
    named = {path for quantum in architecture.quanta for path in quantum.source}
    return _owned(workspace, architecture, python | (named & set(workspace.python_files())))


def _notebooks(workspace: Tree, architecture: Architecture) -> set[str]:
    sources = [pattern for quantum in architecture.quanta for pattern in quantum.source]
    return {path for path in workspace.select(sources) if path.endswith(notebooks.SUFFIX) and not is_test(path)}


def _owned(workspace: Tree, architecture: Architecture, files: set[str]) -> dict[str, set[str]]:
    claims: dict[str, list[tuple[int, str]]] = {}
    for quantum in architecture.quanta:
        for pattern in quantum.source:
            length = len(pattern.strip("/").split("/"))
            for path in workspace.select([pattern]):
                if path in files:
                    claims.setdefault(path, []).append((length, quantum.name))
    owned: dict[str, set[str]] = {quantum.name: set() for quantum in architecture.quanta}
    for path, claimants in claims.items():
        longest = max(length for length, _ in claimants)
        for length, name in claimants:
            if length == longest:
                owned[name].add(path)
    for pattern in architecture.shared_code:
        for path in workspace.select([pattern]):
            length = len(pattern.strip("/").split("/"))
            if path in claims and max(claim for claim, _ in claims[path]) < length:
                for own in owned.values():
                    own.discard(path)
    return owned


def is_test(path: str) -> bool:
    """Whether a file is a test by the names that test runners look for: tests are no evidence of what runs."""
    *folders, name = path.split("/")
    return (
        name == "conftest.py"
        or name.startswith("test_")
        or name.endswith("_test.py")
        or any(folder in ("tests", "test", "__tests__") for folder in folders)
    )


def _foreign(name: str, owned: Mapping[str, set[str]], own: frozenset[str], shared: set[str]) -> dict[str, str]:
    """The files that belong to other quanta; code nested inside another quantum's folder is one code base with it."""
    folders = {path.rpartition("/")[0] for path in own}
    foreign: dict[str, str] = {}
    for other, files in owned.items():
        if other == name:
            continue
        nested = _nested(folders, files) or _nested({path.rpartition("/")[0] for path in files}, set(own))
        for path in files:
            if path not in own and path not in shared and not nested:
                foreign[path] = other
    return foreign


def _runs_from(one: Quantum, other: Quantum) -> bool:
    """Whether a quantum is a script in the folder of another: then it runs that folder's code."""
    scripts = all(path.endswith(".py") for path in one.source)
    return scripts and any(
        all(path.startswith(folder.strip("/") + "/") for path in one.source) for folder in other.source
    )


def _nested(folders: set[str], files: set[str]) -> bool:
    """Whether files lie in one of the folders' own code base (an application that is deployed twice)."""
    return (
        bool(folders) and bool(files) and any(path.rpartition("/")[0] in folders and len(folders) > 1 for path in files)
    )
