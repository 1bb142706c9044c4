"""The modules of one quantum as a picture."""

from __future__ import annotations

import tempfile
from pathlib import Path

from quantafit import drawing
from quantafit.app.evaluation import open_system
from quantafit.app.layout import Layout, layout_of, link
from quantafit.errors import UsageError
from quantafit.model import Architecture


def draw_modules(config: Path, root: Path | None, quantum: str, format: str = "dot") -> str:
    """The modules of a quantum and the imports among them, as ``dot`` or ``svg`` text.

    Raises UsageError where there is no such quantum, where its code is in no package, or where a tool is missing.
    """
    architecture, workspace = open_system(config, root)
    layout = layout_of(architecture, workspace)
    package, modules = _package(architecture, layout, quantum)
    with tempfile.TemporaryDirectory(prefix="quantafit-") as folder:
        link(layout, workspace, Path(folder))
        return drawing.draw(Path(folder), package, modules, format)


def _package(architecture: Architecture, layout: Layout, quantum: str) -> tuple[str, list[str]]:
    """The top-level package that holds most of the quantum, and what of it belongs to the quantum."""
    names = [known.name for known in architecture.quanta]
    if quantum not in names:
        raise UsageError(f"there is no quantum {quantum!r}; known: {', '.join(names)}")
    modules = layout.packages().get(quantum, [])
    if not modules:
        why = " ".join(layout.left_out) or "It has no source here."
        raise UsageError(f"the code of {quantum} is in no package that pydeps can find. {why}")
    roots = [module.partition(".")[0] for module in modules]
    package = max(sorted(set(roots)), key=roots.count)
    return package, [module for module in modules if module.partition(".")[0] == package]
