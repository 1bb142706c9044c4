"""The second witness for imports: import-linter, run on import contracts generated from the quanta.

quantafit finds imports between quanta with its own engine, which also sees ``importlib``, namespace folders and
scripts. Two engines that agree are better evidence than one, so import-linter looks at the same code where it can: at
packages with an ``__init__.py``. Every quantum gets one *forbidden* import contract, against the modules of all others.

import-linter runs in a process of its own, in an empty folder that holds nothing but links to the packages. So nothing
of the system under examination is imported or executed, and no file of it can shadow a module that import-linter needs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from quantafit.app.layout import Layout, layout_of, link
from quantafit.model import Architecture, CouplingMap
from quantafit.workspace import Workspace

SECONDS = 60
CONFIGURATION = "import-contracts.ini"
_BROKEN = re.compile(r"^\W+(?P<importer>[\w.]+) -> (?P<imported>[\w.]+) \(l\.(?P<line>\d+)", re.MULTILINE)
_COMMAND = "from importlinter.cli import lint_imports_command as main; main()"


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """A module imports one of another quantum."""

    importer: str
    quantum: str
    line: int = 0


Testimony = Callable[[CouplingMap], CouplingMap]
"""Adds to a coupling map what import-linter has to say of its imports."""


@contextmanager
def witness(architecture: Architecture, workspace: Workspace) -> Iterator[Testimony]:
    """Run import-linter beside whatever is done meanwhile. What the system looks like is never a reason to raise."""
    layout = layout_of(architecture, workspace)
    reason = _reason_not_to_run(layout, workspace)
    if reason:
        yield lambda coupling: replace(coupling, import_witness_scope=f"import-linter was not run: {reason}")
        return
    with ThreadPoolExecutor(max_workers=1) as pool:
        answer = pool.submit(_run, layout, workspace)
        yield lambda coupling: _testify(coupling, layout, answer.result())


def _reason_not_to_run(layout: Layout, workspace: Workspace) -> str:
    if len(layout.packages()) < 2:
        why = "fewer than two quanta have their code in packages with an __init__.py."
        return " ".join((why, *layout.left_out))
    if not workspace.root.is_dir():
        return "the tree is not on disk."
    return ""


def _testify(coupling: CouplingMap, layout: Layout, seen: frozenset[Import] | str) -> CouplingMap:
    if isinstance(seen, str):
        return replace(coupling, import_witness_scope=f"import-linter was run and failed: {seen}")
    scope = f"import-linter looked at {len(layout.covered())} modules of {len(layout.packages())} quanta."
    return replace(
        coupling,
        import_witness=tuple(_disagreements(coupling, layout, seen)),
        import_witness_scope=" ".join((scope, *layout.left_out)),
    )


# The run ------------------------------------------------------------------------------------------------------------


def import_contracts(layout: Layout) -> str:
    """The configuration of import-linter: one forbidden import contract for every quantum."""
    lines = [
        "[importlinter]",
        "root_packages =",
        *_indented(sorted(layout.roots)),
        "exclude_type_checking_imports = True",
    ]
    packages = layout.packages()
    for number, quantum in enumerate(packages):
        foreign = sorted(name for other, names in packages.items() if other != quantum for name in names)
        lines += [f"[importlinter:contract:{number}]", f"name = quantum {number}", "type = forbidden"]
        lines += ["source_modules =", *_indented(packages[quantum]), "forbidden_modules =", *_indented(foreign)]
        lines += ["allow_indirect_imports = True"]
    return "\n".join(lines) + "\n"


def _indented(names: Iterable[str]) -> Iterator[str]:
    return (f"    {name}" for name in names)


def _run(layout: Layout, workspace: Workspace) -> frozenset[Import] | str:
    """What import-linter sees, or why it gave no answer."""
    with tempfile.TemporaryDirectory(prefix="quantafit-") as folder:
        link(layout, workspace, Path(folder))
        (Path(folder) / CONFIGURATION).write_text(import_contracts(layout), encoding="utf-8")
        try:
            code, text = _lint(folder)
        except (OSError, subprocess.SubprocessError) as error:
            return f"{type(error).__name__}."
    found = frozenset(_imports(text, layout))
    if code and not found:
        # The folder's name is another one every time; a report must not be.
        last_line = text.strip().rpartition("\n")[2].replace(f"{folder}{os.sep}", "")
        return last_line or f"exit code {code}."
    return found


def _lint(folder: str) -> tuple[int, str]:
    """The exit code and the output of import-linter's command, run in ``folder``."""
    command = [sys.executable, "-P", "-c", _COMMAND, "--config", CONFIGURATION, "--no-cache", "--no-logo"]
    # A wide terminal, since import-linter wraps what it prints.
    environment = {**os.environ, "COLUMNS": "10000", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False
    )
    return done.returncode, done.stdout + done.stderr


def _imports(text: str, layout: Layout) -> Iterator[Import]:
    for match in _BROKEN.finditer(text):
        if match["importer"] in layout.owners and match["imported"] in layout.owners:
            yield Import(match["importer"], layout.owners[match["imported"]], int(match["line"]))


# The comparison -----------------------------------------------------------------------------------------------------


def _disagreements(coupling: CouplingMap, layout: Layout, seen: frozenset[Import]) -> Iterator[str]:
    """One sentence for every import between quanta that only one of the two engines sees."""
    names = {path: name for name, path in layout.covered().items()}
    edges = [edge for edge in coupling.imports if edge.place.path in names and not edge.type_checking_only]
    ours = {(names[edge.place.path], edge.target) for edge in edges}
    theirs = {(item.importer, item.quantum) for item in seen}
    for item in sorted(seen):
        if (item.importer, item.quantum) not in ours:
            place = f"{layout.modules.get(item.importer, item.importer)}:{item.line}"
            yield f"import-linter sees {item.importer} import quantum {item.quantum} ({place}); quantafit does not."
    for edge in edges:
        if edge.how == "import" and (names[edge.place.path], edge.target) not in theirs:
            seen_by_us = f"{names[edge.place.path]} import quantum {edge.target} ({edge.place})"
            yield f"quantafit sees {seen_by_us}; import-linter does not."
