"""The program of one quantum: which file a name imported from a file means, and whose file that is."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from quantafit.evidence.source.extract import ModuleFacts, UnreadableError, extract
from quantafit.evidence.source.values import Foreign, Lib, Module, Value
from quantafit.model import ExaminationError, Place

Parts = tuple[str, ...]
_QUOTED = re.compile(rb"""["']([\w./-]+)["']""")


class Sources:
    """Every Python file under the root, its facts read on demand and once, and an index of module names.

    ``native`` are the modules that are not Python: Cython, and machine code.
    """

    def __init__(self, paths: Iterable[str], read: Callable[[str], bytes], native: Iterable[Parts] = ()) -> None:
        self.paths = tuple(sorted(paths))
        self.native = frozenset(native)
        self.read = read
        self.errors: dict[str, ExaminationError] = {}
        self.asked: set[str] = set()
        """The files that were asked for; whoever wants to know empties it first."""
        self._facts: dict[str, ModuleFacts | None] = {}
        self._modules: dict[str, list[tuple[Parts, str]]] = defaultdict(list)
        self.packages: set[Parts] = set()
        folders: set[Parts] = set()
        for path in self.paths:
            parts = tuple(path.removesuffix(".py").split("/"))
            folders.update(parts[:end] for end in range(1, len(parts)))
            if path.endswith(".pyi"):
                continue  # what is imported is the module, or the library, that a stub describes
            if parts[-1] == "__init__":
                parts = parts[:-1]
                self.packages.add(parts)
            if parts:
                self._modules[parts[-1]].append((parts, path))
        for folder in folders - self.packages:
            self._modules[folder[-1]].append((folder, "/".join(folder) + "/"))

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a file, or None where it cannot be read (then ``errors`` says why)."""
        self.asked.add(path)
        if path not in self._facts:
            self._facts[path] = self._extract(path)
        return self._facts[path]

    def forget(self, paths: Iterable[str]) -> None:
        """Let go of the facts of files; they are read again where somebody asks for them after all."""
        for path in paths:
            self._facts.pop(path, None)

    def text(self, path: str) -> bytes:
        """The bytes of a file; nothing where it cannot be read, which ``facts`` reports."""
        self.asked.add(path)
        try:
            return self.read(path)
        except OSError:
            return b""

    def _extract(self, path: str) -> ModuleFacts | None:
        try:
            return extract(self.read(path), path)
        except UnreadableError as error:
            message = f"cannot be parsed as Python: {error.message}"
            self.errors[path] = ExaminationError(None, message, Place(path, error.line, error.column))
        except OSError as error:
            self.errors[path] = ExaminationError(None, f"cannot be read: {error.strerror or error}", Place(path, 1))
        return None

    def named(self, name: str) -> list[tuple[Parts, str]]:
        """The files and folders whose last name this is, each with all its names."""
        return self._modules.get(name, [])

    def candidates(self, dotted: Parts) -> list[tuple[Parts, str]]:
        """The files and folders that ``dotted`` may mean, each with the import root that it would need."""
        size = len(dotted)
        return [
            (parts[:-size], path)
            for parts, path in self._modules.get(dotted[-1], ())
            if len(parts) >= size and parts[-size:] == dotted
        ]

    def dotted(self, path: str) -> str:
        """A file's module name: from the outermost package it stands in, else its own name."""
        parts = path.removesuffix(".py").split("/")
        if parts[-1] == "__init__":
            parts.pop()
        start = len(parts) - 1
        while start > 0 and tuple(parts[:start]) in self.packages:
            start -= 1
        return ".".join(parts[start:])

    def is_native(self, module: str, name: str) -> bool:
        """Whether a name of a package or folder is a module that is not Python."""
        if module.endswith(".py") and not module.endswith("__init__.py"):
            return False
        folder = module.removesuffix("__init__.py").rstrip("/")
        return (*(folder.split("/") if folder else ()), name) in self.native

    def child(self, module: str, name: str) -> str | None:
        """The submodule of a package or folder, if there is one."""
        folder = module.removesuffix("__init__.py").rstrip("/")
        if module.endswith(".py") and not module.endswith("__init__.py"):
            return None
        base = tuple(folder.split("/")) if folder else ()
        for parts, path in self._modules.get(name, ()):
            if parts == (*base, name):
                return path
        return None


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose code a path is, seen from one quantum: its own, shared, or another quantum's (``foreign``)."""

    quantum: str
    own: frozenset[str]
    foreign: Mapping[str, str]
    shared: frozenset[str] = frozenset()

    def is_own(self, path: str) -> bool:
        return path in self.own

    def owner(self, path: str) -> str | None:
        """The other quantum that a path belongs to, or None for own and shared code."""
        return None if path in self.own else self.foreign.get(path)


class Program:
    """Name resolution for one quantum. Files of other quanta are never entered: they resolve to Foreign values."""

    def __init__(self, sources: Sources, ownership: Ownership, known_modules: frozenset[str]) -> None:
        self.sources = sources
        self.ownership = ownership
        self.known = known_modules
        self._resolved: dict[tuple[str, Parts], str | None] = {}
        self.settings_modules: dict[tuple[str, ...], tuple[str, ...]] = {}
        """The modules that a framework reads its settings from, by the names that the program gives them."""
        self._added: frozenset[str] | None = None

    def value(self, path: str) -> Value:
        """A module of the tree as a value."""
        folder = path if path.endswith("/") else None
        owner = self.ownership.owner(path) if folder is None else None
        if owner is not None:
            return Foreign(owner, path)
        return Module(path)

    def absolute(self, dotted: str, importer: str) -> str | None:
        """The path that an absolute import means, or None where it is not in the tree (then it is a library)."""
        parts = tuple(dotted.split("."))
        key = (importer.rpartition("/")[0], parts)
        if key not in self._resolved:
            self._resolved[key] = self._find(parts, importer) or self._copied(parts, importer)
        found = self._resolved[key]
        # No module means itself by its own name: celery.py imports the library.
        return None if found == importer and len(parts) == 1 else found

    def placed(self, name: str) -> str | None:
        """The shared code that a deployment copies to where a module of this name is missing; None: it is not told."""
        found = [path for _, path in self.sources.named(name) if path in self._shared]
        files = [path for path in found if not path.endswith("/")] or found
        return files[0] if len(files) == 1 else None

    def _copied(self, dotted: Parts, importer: str) -> str | None:
        """Shared code that is imported as a module of a package of the quantum's own, in which it does not lie.

        What lies in a shared package is found below the name that the package was copied to.
        """
        if len(dotted) < 2:
            return None
        package = self.absolute(".".join(dotted[:-1]), importer)
        if package is None or not package.endswith(("/", "/__init__.py")):
            return None
        if self._holds_own(package):
            return self.placed(dotted[-1])
        return self.sources.child(package, dotted[-1]) if package in self._shared else None

    def beside(self, importer: str, package: str, name: str) -> str | None:
        """The module that ``from package import name`` gives in the file of that package itself, if there is one.

        Only what lies in the package tells that it is meant and no library of its name.
        """
        parts = tuple(importer.split("/")[:-1])
        if parts[-1:] != (package,) or not self._is_package(parts[:-1], importer) or self._is_known(package):
            return None
        return self.sources.child(importer, name)

    def _is_package(self, root: Parts, path: str) -> bool:
        """Whether a file is that of a package, or of one in a package, that is imported from a folder that is none."""
        return path.endswith("/__init__.py") and root not in self.sources.packages

    def _is_known(self, top: str) -> bool:
        return top in sys.stdlib_module_names or top in self.known

    def _holds_own(self, package: str) -> bool:
        folder = package.removesuffix("__init__.py")
        return any(path.startswith(folder) for path in self.ownership.own)

    def _find(self, dotted: Parts, importer: str) -> str | None:
        here = tuple(importer.split("/")[:-1])
        best: tuple[tuple[int, bool, int, int, bool, str], str] | None = None
        candidates = list(self.sources.candidates(dotted))
        for root, path in candidates:
            if path == importer and (len(dotted) == 1 or not self._is_package(root, path)):
                continue  # no module means itself by a name: ``kafka.py`` that imports kafka means the library
            if path.endswith("/") and self._holds_its_package(path, dotted, candidates):
                continue
            rank = self._rank(root, path, dotted[0], here)
            if rank is not None and (best is None or rank < best[0]):
                best = (rank, path)
        if best is not None and self.ownership.owner(best[1]) is not None:
            # It is deployed elsewhere: a module of the quantum's own is meant, whatever folder is on the path here;
            # not the folder around both, which is called like the file in it.
            own = [
                (len(root), path)
                for root, path in candidates
                if path in self._own and path != importer and not (path[-1] == "/" and best[1].startswith(path))
            ]
            return min(own)[1] if own else best[1]
        return best[1] if best else None

    def _holds_its_package(self, folder: str, dotted: Parts, candidates: Iterable[tuple[Parts, str]]) -> bool:
        """Whether a folder is that of a project, with the package of its name in it: ``shared/shared/__init__.py``.

        A package that is found anywhere on the path stands before a folder that is none (PEP 420).
        """
        inside = f"{folder}{dotted[-1]}/__init__.py"
        return any(path == inside for _, path in candidates) and inside in self._deployed

    def _rank(self, root: Parts, path: str, top: str, here: Parts) -> tuple[int, bool, int, int, bool, str] | None:
        """How near a candidate is; None where Python could not mean it.

        A package stands before a file beside it. What is imported by another name than its package gives it is rather
        the module beside the importer than one in a package of shared code.
        """
        ancestor = here[: len(root)] == root
        folder = path.endswith("/")
        inside_package = root in self.sources.packages
        known = self._is_known(top)
        if inside_package and (known or not (ancestor or self._on_the_path(root, path))):
            return None
        if known and (not ancestor or folder or root != here):
            return None
        if folder and root == () and len(root) + 1 == len(path.rstrip("/").split("/")) and not ancestor:
            return None
        beside = 2 if inside_package else 0
        in_shared_package = inside_package and path in self.ownership.shared
        nearness = beside if ancestor else max(self._apart(path), 2 if in_shared_package else 0)
        return (nearness, not ancestor, int(folder), -len(root), not path.endswith("/__init__.py"), path)

    def _apart(self, path: str) -> int:
        """How far code is that is not around the importer: the quantum's or shared, nobody's, another quantum's."""
        if self.ownership.owner(path) is not None:
            return 4  # it is deployed elsewhere
        return 1 if path in self._deployed else 3

    @cached_property
    def _deployed(self) -> frozenset[str]:
        """The files that are said to be deployed with the quantum, and the folders that they stand in."""
        return _with_folders(self.ownership.own | self.ownership.shared)

    @cached_property
    def _own(self) -> frozenset[str]:
        return _with_folders(self.ownership.own)

    @cached_property
    def _shared(self) -> frozenset[str]:
        """The shared files, and the folders that they stand in."""
        return _with_folders(self.ownership.shared)

    def _on_the_path(self, root: Parts, path: str) -> bool:
        """Whether modules inside a package are imported without its name: shared code, or what ``sys.path`` is given.

        Deployments put shared code on the path in many ways, code of the quantum itself only where it says so.
        """
        if path in self.ownership.shared:
            return True
        if self._added is None:
            texts = map(self.sources.text, sorted(self.ownership.own))
            quoted = (match for text in texts if b"sys.path" in text for match in _QUOTED.findall(text))
            self._added = frozenset(part for text in quoted for part in text.decode("utf-8", "replace").split("/"))
        return root[-1] in self._added

    def relative(self, level: int, dotted: str, importer: str) -> str | None:
        """The path that a relative import means."""
        folder = importer.split("/")[:-1]
        base = folder[: len(folder) - (level - 1)] if level > 1 else folder
        parts = (*base, *(dotted.split(".") if dotted else []))
        if not parts:
            return None
        for candidate, path in self.sources.named(parts[-1]):
            if candidate == parts:
                return path
        return self.placed(parts[-1]) if dotted and importer in self.ownership.own else None

    def imported(self, dotted: str, importer: str, level: int = 0) -> Value:
        """What ``import dotted`` gives: a module of the tree, another quantum's, or a library's name."""
        path = self.relative(level, dotted, importer) if level else self.absolute(dotted, importer)
        return Lib("." * level + dotted) if path is None else self.value(path)


def _with_folders(files: frozenset[str]) -> frozenset[str]:
    """Files, and the folders that they stand in."""
    return files | {path[:end] for path in files for end, sign in enumerate(path, 1) if sign == "/"}
