"""Where the code of the quanta can be imported: for the tools beside quantafit, which know modules and not quanta.

import-linter and pydeps find packages by name on a path. They get an empty folder with links to the packages and
nothing else, so that no file of the system under examination can shadow a module that these tools need.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from quantafit.model import Architecture
from quantafit.workspace import Workspace

# What the tools import themselves: a package of one of these names would break them, or be mistaken for it.
TAKEN = frozenset(
    {*sys.stdlib_module_names, "click", "grimp", "importlinter", "pydeps", "rich", "stdlib_list", "typing_extensions"}
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The importable code of the quanta.

    ``modules`` maps a module name to its file, ``owners`` a module name to its quantum, ``roots`` the name of a
    top-level package to its folder. ``left_out`` says in sentences what no tool can find by name.
    """

    modules: Mapping[str, str]
    owners: Mapping[str, str]
    roots: Mapping[str, str]
    left_out: tuple[str, ...] = ()

    def packages(self) -> dict[str, list[str]]:
        """For each quantum the fewest packages and modules that are its own and nobody else's, with all below them."""
        quanta_below: dict[str, set[str]] = defaultdict(set)
        for name, quantum in self.owners.items():
            for package in _and_parents(name):
                quanta_below[package].add(quantum)
        packages: dict[str, list[str]] = defaultdict(list)
        for name, quantum in sorted(self.owners.items()):
            parents = [
                parent for parent in _and_parents(name) if parent in self.owners and len(quanta_below[parent]) == 1
            ]
            if parents and parents[-1] == name:
                packages[quantum].append(name)
        return dict(sorted(packages.items()))

    def covered(self) -> dict[str, str]:
        """Module name → file, for the modules that lie in :meth:`packages`."""
        packages = {package for names in self.packages().values() for package in names}
        return {name: path for name, path in self.modules.items() if packages & set(_and_parents(name))}


def _and_parents(name: str) -> Iterator[str]:
    """``a.b.c``, then ``a.b``, then ``a``."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def layout_of(architecture: Architecture, workspace: Workspace) -> Layout:
    """Which modules of the quanta can be imported, and under which names."""
    owned = _owned_files(architecture, workspace)
    named = {path: _module(path, workspace) for path in owned}
    loose = sum(root is None for root, _ in named.values())
    roots, left_out = _roots({(root, name.partition(".")[0]) for root, name in named.values() if root is not None})
    if loose:
        left_out = (f"{loose} files lie outside every package with an __init__.py.", *left_out)
    modules = {name: path for path, (_, name) in named.items() if name.partition(".")[0] in roots}
    return Layout(modules, {name: owned[path] for name, path in modules.items()}, roots, left_out)


def _roots(found: set[tuple[str, str]]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The top-level packages that a tool can find by name, and in sentences those that it cannot."""
    folders: dict[str, list[str]] = defaultdict(list)
    for folder, name in sorted(found):
        folders[name].append(folder)
    twice = [f"Several packages are named {name}: {', '.join(at)}." for name, at in folders.items() if len(at) > 1]
    taken = [f"The package {name} bears the name of an installed module." for name in folders if name in TAKEN]
    usable = {name: at[0] for name, at in folders.items() if len(at) == 1 and name not in TAKEN}
    return usable, (*twice, *taken)


def _owned_files(architecture: Architecture, workspace: Workspace) -> dict[str, str]:
    """The Python files of exactly one quantum. The longest path wins; a file that two quanta share belongs to none."""
    python = set(workspace.python_files())
    claims: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for quantum in architecture.quanta:
        for pattern in quantum.source:
            for path in workspace.select([pattern]):
                if path in python:
                    claims[path].append((len(pattern.rstrip("/")), quantum.name))
    owned = {}
    for path, claimed in sorted(claims.items()):
        longest = max(length for length, _ in claimed)
        owners = {name for length, name in claimed if length == longest}
        if len(owners) == 1:
            owned[path] = owners.pop()
    return owned


def _module(path: str, workspace: Workspace) -> tuple[str | None, str]:
    """The top-level package's folder and the module's full name; no folder where the file is in no package."""
    *folders, file = path.split("/")
    start = len(folders)
    while start and workspace.exists("/".join([*folders[:start], "__init__.py"])):
        start -= 1
    inside = folders[start:]
    if not inside or not file.endswith(".py"):
        return None, ""
    name = file.removesuffix(".py")
    parts = inside if name == "__init__" else [*inside, name]
    if not all(part.isidentifier() for part in parts):
        return None, ""
    return "/".join(folders[: start + 1]), ".".join(parts)


def link(layout: Layout, workspace: Workspace, folder: Path) -> None:
    """Fill an empty folder with links to the top-level packages."""
    for name, path in layout.roots.items():
        (folder / name).symlink_to((workspace.root / path).resolve(), target_is_directory=True)
