"""Evidence from source code: read as text, never imported, never executed.

``collect`` goes through three stages: :mod:`.extract` (bytes to facts, file by file), :mod:`.program` (whose file a
name means), :mod:`.machine` (values and effects solved together, once per quantum), and hands on symbolic observations.
"""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol

from quantafit.evidence.source import notebooks, other_code, started
from quantafit.evidence.source.classify import Classifier
from quantafit.evidence.source.machine import Machine
from quantafit.evidence.source.observe import Observer
from quantafit.evidence.source.program import Ownership, Sources
from quantafit.evidence.source.program import Program as Names
from quantafit.evidence.source.tables import Tables, built_in
from quantafit.evidence.source.values import made_within
from quantafit.model import Architecture, ExaminationError, Examined, Program, Quantum
from quantafit.model.observations import SourceEvidence

Programs = Mapping[str, Sequence[Program]]
"""By quantum, the files outside of every quantum's source that its units start."""
_NONE: Programs = MappingProxyType({})
_FRAMES = 60_000
"""Python frames that a chain of calls may need: a few dozen for each function in it."""


class Tree(Protocol):
    """What is needed of a workspace."""

    def read(self, path: str) -> bytes: ...
    def python_files(self) -> tuple[str, ...]: ...
    def select(self, patterns: Iterable[str]) -> tuple[str, ...]: ...


class Memory(Protocol):
    """What earlier runs found in each quantum: good for as long as nothing that it rests on has changed."""

    def recall(self, quantum: str, programs: Sequence[Program] = ()) -> SourceEvidence | None:
        """What is known of a quantum and still holds."""

    def keep(
        self, quantum: str, evidence: SourceEvidence, files: Iterable[str], programs: Sequence[Program] = ()
    ) -> None:
        """Keep what a quantum showed; it rests on the content of ``files``, and on what its units start."""


def collect(
    workspace: Tree, architecture: Architecture, memory: Memory | None = None, programs: Programs = _NONE
) -> SourceEvidence:
    """Everything that the source code of the declared quanta shows, still symbolic.

    What cannot be read or parsed is an ExaminationError in the result, never an exception. A quantum that ``memory``
    knows is not examined again. What ``programs`` says that a quantum starts is run for it as its own code is.
    """
    limit = sys.getrecursionlimit()
    collecting = gc.isenabled()
    sys.setrecursionlimit(max(limit, _FRAMES))
    gc.disable()  # values and facts hold no cycles: a quarter of the time would go into looking for some
    try:
        return _collect(workspace, architecture, memory, programs)
    finally:
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()


def _collect(workspace: Tree, architecture: Architecture, memory: Memory | None, programs: Programs) -> SourceEvidence:
    examination: _Examination | None = None
    found = []
    for quantum in architecture.quanta:
        if quantum.opaque:
            continue
        starting = tuple(programs.get(quantum.name, ()))
        known = memory.recall(quantum.name, starting) if memory is not None else None
        if known is None:
            examination = examination or _Examination(workspace, architecture)
            with made_within():
                known = examination.of(quantum, starting)
            examination.let_go(quantum.name)
            if memory is not None:
                memory.keep(quantum.name, known, examination.read(), starting)
        found.append(known)
    return _together(found)


class _Examination:
    """One run over the code of a tree, quantum by quantum; the facts of a file serve all that lead to it."""

    def __init__(self, workspace: Tree, architecture: Architecture) -> None:
        self.workspace = workspace
        self.architecture = architecture
        patterns = [*architecture.shared_code, *(path for quantum in architecture.quanta for path in quantum.source)]
        everything = {path for path in workspace.select(patterns) if not is_test(path)}
        native = filter(other_code.is_native, everything)
        self.sources = Sources(workspace.python_files(), workspace.read, map(other_code.module_of, native))
        self.tables = Tables(built_in(), architecture.libraries)
        self.classifier = Classifier(architecture.data_classes)
        self.owned = owned_files(workspace, architecture)
        self.held = _owned(workspace, architecture, everything)
        self.shared = set(workspace.select(architecture.shared_code)) & set(self.sources.paths)
        self.books: set[str] = set()
        self.awaited = Counter(path for files in self.owned.values() for path in files - self.shared)
        """How many quanta that are still to be examined own a file."""

    def let_go(self, quantum: str) -> None:
        """A quantum has been examined: the facts of the code that is its alone are not needed any more."""
        own = self.owned[quantum] - self.shared
        self.awaited.subtract(own)
        self.sources.forget(path for path in own if not self.awaited[path])

    def read(self) -> set[str]:
        """The files that the last quantum was read from."""
        return self.sources.asked | self.books

    def of(self, quantum: Quantum, programs: Sequence[Program] = ()) -> SourceEvidence:
        """Everything that the code of one quantum shows, with the programs in other code that its units start."""
        name, sources, tables = quantum.name, self.sources, self.tables
        sources.asked = set()
        own = frozenset(self.owned[name])
        one_code_base = {other.name for other in self.architecture.quanta if _runs_from(quantum, other)}
        foreign = {
            path: other
            for path, other in _foreign(name, self.owned, own, self.shared).items()
            if other not in one_code_base
        }
        running = own | {program.path for program in programs if program.path is not None}
        ownership = Ownership(name, running, foreign, frozenset(self.shared))
        program = Names(sources, ownership, frozenset(tables.modules))
        machine = Machine(program, tables)
        machine.run(sorted(running))
        observer = Observer(machine, self.classifier)
        unsure: dict[str, Program] = {}
        for one in programs:
            if one.path is not None and one.also:
                without = Names(sources, replace(ownership, own=running - {one.path}), frozenset(tables.modules))
                before = Machine(without, tables)
                before.run(sorted(running - {one.path}))
                unsure |= dict.fromkeys(set(machine.modules_run).difference(before.modules_run, own), one)
        doubts = started.Doubts(name, programs, unsure, own)
        shown = doubts.judged(sources, observer.observe(), observer.imports(), observer.data())
        seen, imports, data, serves = shown.seen, shown.imports, shown.data, tuple(observer.serves())
        self.books = {path for path in self.held[name] if path.endswith(notebooks.SUFFIX)}
        looked = notebooks.look(self.books, self.workspace, program, tables)
        unread = (*looked.unresolved, *other_code.cython(name, self.held[name]))
        unresolved = (*observer.unresolved(), *shown.unresolved, *unread)
        errors = {error.place.path: error for error in looked.errors}
        entered = [path for path in machine.modules_run if not path.startswith("<")]
        for path in entered:
            if path in sources.errors:
                error = sources.errors[path]
                errors[path] = ExaminationError(name, error.message, error.place)
        facts = [found for path in entered if (found := sources.facts(path)) is not None]
        languages = other_code.languages(self.held[name])
        return SourceEvidence(
            seen,
            imports,
            unresolved,
            data,
            serves,
            tuple(errors.values()),
            {name: Examined(len(facts), sum(f.functions for f in facts), sum(f.calls for f in facts))},
            frozenset(observer.dormant(seen)),
            {name: languages} if languages else {},
        )


def _together(parts: Sequence[SourceEvidence]) -> SourceEvidence:
    """What several quanta show, as one."""
    return SourceEvidence(
        tuple(one for part in parts for one in part.observations),
        tuple(one for part in parts for one in part.imports),
        tuple(one for part in parts for one in part.unresolved),
        tuple(one for part in parts for one in part.data),
        tuple(one for part in parts for one in part.serves),
        tuple(one for part in parts for one in part.errors),
        {name: examined for part in parts for name, examined in part.examined.items()},
        frozenset().union(*(part.dormant for part in parts)),
        {name: languages for part in parts for name, languages in part.other_code.items()},
    )


def owned_files(workspace: Tree, architecture: Architecture) -> dict[str, set[str]]:
    """Which Python files belong to which quantum: the longest declared path wins, equal paths belong to both."""
    python = {path for path in workspace.python_files() if not is_test(path)}
    named = {path for quantum in architecture.quanta for path in quantum.source}
    return _owned(workspace, architecture, python | (named & set(workspace.python_files())))


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
