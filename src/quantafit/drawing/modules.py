"""The module graph of a package, drawn by pydeps in a process of its own.

pydeps reads the code and follows its imports; it imports and runs nothing of it.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from quantafit.errors import UsageError

SECONDS = 120
# Once pydeps is loaded, installed packages are taken off its path: following their imports would take seconds, and none
# of them is drawn. The folder comes last, so that nothing in it shadows a module that pydeps needs.
_COMMAND = """
import sys
from pydeps.pydeps import pydeps
sys.path = [place for place in sys.path if "site-packages" not in place] + ["."]
pydeps()
"""


def draw(folder: Path, package: str, only: Sequence[str], format: str = "dot") -> str:
    """The modules of a top-level package that lies (or is linked) in ``folder``, with their imports.

    ``only`` are the packages and modules that are shown, each with all below it. ``format`` is ``dot``, or ``svg``,
    which needs Graphviz. Raises UsageError where a tool is missing or pydeps cannot draw.
    """
    _require(format)
    target = ["--show-dot", "--no-output"] if format == "dot" else ["-T", "svg", "-o", "modules.svg"]
    arguments = [package, "--noshow", "--no-config", "--max-bacon", "0", *target, "--only", *only]
    command = [sys.executable, "-P", "-c", _COMMAND, *arguments]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"pydeps took more than {SECONDS} seconds for {package}") from error
    drawn = done.stdout if format == "dot" else _read(folder / "modules.svg")
    if done.returncode or not drawn.strip():
        raise UsageError(f"pydeps cannot draw {package}: {_last_line(done.stderr) or 'it drew nothing'}")
    return drawn.strip() + "\n"


def _require(format: str) -> None:
    if importlib.util.find_spec("pydeps") is None:
        raise UsageError("drawing modules needs pydeps; install it with: pip install 'quantafit[drawing]'")
    if format == "svg" and shutil.which("dot") is None:
        raise UsageError("a picture in SVG needs Graphviz, whose program dot is not installed; --format dot does not")


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]
