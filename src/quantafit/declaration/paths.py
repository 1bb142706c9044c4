"""Paths in a declaration: relative to the root, inside it, and there."""

from __future__ import annotations

from quantafit.declaration.problems import Problems, did_you_mean, shown
from quantafit.documents import Scalar
from quantafit.workspace import Workspace


class Paths:
    """Judges paths against the tree under examination."""

    def __init__(self, workspace: Workspace, problems: Problems) -> None:
        self._workspace = workspace
        self._problems = problems

    def check(self, node: Scalar, where: str) -> None:
        """Note a problem where a path leads out of the root or names nothing under it."""
        path = str(node.value)
        if _leaves(path):
            hint = "paths are relative to the root; choose another root with --root"
            self._problems.add(node, f"{where} {shown(path)} leads out of the root", hint)
        elif not self._workspace.select([path]):
            self._problems.add(node, f"{where} {shown(path)} matches no file under the root", self._nearby(path))

    def _nearby(self, path: str) -> str:
        """What stands where the path stops to exist."""
        folder = ""
        for part in (part for part in path.split("/") if part not in ("", ".")):
            inside = self._children(folder)
            if part not in inside:
                hint = did_you_mean(part, inside) if not set(part) & {"*", "?"} else ""
                return f"{hint} (in {folder or 'the root'})" if hint else ""
            folder = f"{folder}/{part}" if folder else part
        return ""

    def _children(self, folder: str) -> list[str]:
        prefix = f"{folder}/" if folder else ""
        below = self._workspace.select([folder]) if folder else self._workspace.files
        return list(dict.fromkeys(file.removeprefix(prefix).partition("/")[0] for file in below))


def _leaves(path: str) -> bool:
    depth = 0
    for part in path.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if depth < 0:
            return True
    return False
