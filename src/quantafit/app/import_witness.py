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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from quantafit.app.layout import Layout, layout_of, link
from quantafit.model import Architecture, CouplingMap
from quantafit.workspace import Workspace

SECONDS = 60
_BROKEN = re.compile(r"^\W+(?P<importer>[\w.]+) -> (?P<imported>[\w.]+) \(l\.(?P<line>\d+)", re.MULTILINE)
_COMMAND = "from importlinter.cli import lint_imports_command as main; main()"


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """A module imports one of another quantum."""

    importer: str
    quantum: str
    line: int = 0


def testify(coupling: CouplingMap, architecture: Architecture, workspace: Workspace) -> CouplingMap:
    """The coupling map with what import-linter has to say of its imports. Never raises for the system's sake."""
    layout = layout_of(architecture, workspace)
    reason = _reason_not_to_run(layout, workspace)
    if reason:
        return replace(coupling, import_witness_scope=f"import-linter was not run: {reason}")
    seen = _run(layout, workspace)
    if isinstance(seen, str):
        return replace(coupling, import_witness_scope=f"import-linter was run and failed: {seen}")
    quanta = len(set(layout.owners.values()))
    scope = f"import-linter looked at {len(layout.modules)} modules of {quanta} quanta."
    return replace(
        coupling,
        import_witness=tuple(_disagreements(coupling, layout, seen)),
        import_witness_scope=" ".join((scope, *layout.left_out)),
    )


def _reason_not_to_run(layout: Layout, workspace: Workspace) -> str:
    if len(set(layout.owners.values())) < 2:
        why = "fewer than two quanta have their code in packages with an __init__.py."
        return " ".join((why, *layout.left_out))
    if not workspace.root.is_dir():
        return "the tree is not on disk."
    return ""


# The run ------------------------------------------------------------------------------------------------------------


def contracts(layout: Layout) -> str:
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
        (Path(folder) / "import-contracts.ini").write_text(contracts(layout), encoding="utf-8")
        command = [sys.executable, "-P", "-c", _COMMAND, "--config", "import-contracts.ini", "--no-cache", "--no-logo"]
        # A wide terminal, since import-linter wraps what it prints.
        environment = {**os.environ, "COLUMNS": "10000", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=environment,
                capture_output=True,
                encoding="utf-8",
                timeout=SECONDS,
                check=False,
            )
        except (OSError, subprocess.SubprocessError) as error:
            return f"{type(error).__name__}."
    found = frozenset(
        Import(match["importer"], layout.owners[match["imported"]], int(match["line"]))
        for match in _BROKEN.finditer(done.stdout)
        if match["importer"] in layout.owners and match["imported"] in layout.owners
    )
    if done.returncode and not found:
        return (done.stdout + done.stderr).strip().rpartition("\n")[2] or f"exit code {done.returncode}."
    return found


# The comparison -----------------------------------------------------------------------------------------------------


def _disagreements(coupling: CouplingMap, layout: Layout, seen: frozenset[Import]) -> Iterator[str]:
    """One sentence for every import between quanta that only one of the two engines sees."""
    names = {path: name for name, path in layout.modules.items()}
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
