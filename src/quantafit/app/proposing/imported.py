"""Which files of the tree other files import, roughly: enough to propose which folders are shared code.

Import statements are found as text and their names looked up from the importing file's folder upwards. The engine that
gives evidence (``quantafit.evidence.source``) does this exactly; it needs to know the shared code beforehand.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+(\([^()]*\)|[^\n#;]+)|import[ \t]+([\w., \t]+))", re.MULTILINE
)
_NAME = re.compile(rb"[A-Za-z_][\w.]*")


class Imports:
    """The files that each file imports, read when asked for."""

    def __init__(self, python: Sequence[str], read: Callable[[str], bytes]) -> None:
        self._read = read
        self._modules: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for path in python:
            module = path.removesuffix(".py").removesuffix("/__init__")
            self._modules[module.rpartition("/")[2]].append((module, path))
        self._packages = {path.rpartition("/")[0] for path in python if path.endswith("__init__.py")}
        self._known: dict[str, frozenset[str]] = {}

    def reached(self, start: Iterable[str], within: frozenset[str]) -> frozenset[str]:
        """The files of ``within`` that ``start`` imports, directly or through each other."""
        pending, found = list(start), set[str]()
        while pending:
            for path in self._imported(pending.pop()):
                if path in within and path not in found:
                    found.add(path)
                    pending.append(path)
        return frozenset(found)

    def _imported(self, path: str) -> frozenset[str]:
        if path not in self._known:
            self._known[path] = frozenset(self._find(path))
        return self._known[path]

    def _find(self, path: str) -> Iterator[str]:
        try:
            data = self._read(path)
        except OSError:
            return
        here = path.split("/")[:-1]
        for module, level in _names(data):
            parts = module.split(".") if module else []
            if level:
                yield from self._under("/".join([*here[: len(here) - level + 1], *parts]))
            elif parts:
                yield from self._nearest("/".join(parts), here)

    def _nearest(self, module: str, here: Sequence[str]) -> Iterator[str]:
        """The module seen from the nearest folder above, else the only one of that name in a folder that is no package.

        ``import redis`` does not mean a module ``redis`` of a package: that is not imported by its own name alone.
        """
        found = [one for one in self._modules.get(module.rpartition("/")[2], ()) if _ends_in(one[0], module)]
        for depth in range(len(here), -1, -1):
            folder = "/".join(here[:depth])
            wanted = f"{folder}/{module}" if folder else module
            exact = [path for name, path in found if name == wanted]
            if exact and (depth == len(here) or folder not in self._packages):
                yield from exact
                return
        roots = [(name.removesuffix(module).rstrip("/"), path) for name, path in found]
        elsewhere = [path for root, path in roots if root not in self._packages]
        if len(elsewhere) == 1:
            yield elsewhere[0]

    def _under(self, module: str) -> Iterator[str]:
        yield from (path for name, path in self._modules.get(module.rpartition("/")[2], ()) if name == module)


def _names(data: bytes) -> Iterator[tuple[str, int]]:
    """The modules that a file's import statements may name, each with the number of its leading dots."""
    for match in _IMPORT.finditer(data):
        dots, module, imported, plain = match.groups()
        if plain is not None:
            yield from ((name.decode(), 0) for name in _NAME.findall(plain))
            continue
        level, base = len(dots), module.decode()
        if base:
            yield base, level
        for name in _NAME.findall(imported):
            yield (f"{base}.{name.decode()}" if base else name.decode()), level


def _ends_in(path: str, end: str) -> bool:
    return path == end or path.endswith(f"/{end}")


def shared_paths(users: Mapping[str, frozenset[str]], owned: frozenset[str]) -> tuple[str, ...]:
    """The largest folders without any owned file that hold what at least two quanta reach.

    ``users`` maps a quantum to the files that it reaches outside of all quanta.
    """
    count: dict[str, int] = defaultdict(int)
    for files in users.values():
        for path in files:
            count[path] += 1
    occupied = occupied_folders(owned)
    found = {unowned_home(path, occupied) for path, times in count.items() if times > 1}
    return tuple(sorted(found))


def unowned_home(path: str, occupied: set[str]) -> str:
    """The largest folder above a file in which nothing is owned; the file itself where there is none."""
    return next((folder for folder in _folders(path) if folder not in occupied), path)


def _folders(path: str) -> Iterator[str]:
    """The folders above a file, the outermost first."""
    parts = path.split("/")[:-1]
    for depth in range(1, len(parts) + 1):
        yield "/".join(parts[:depth])


def occupied_folders(owned: Iterable[str]) -> set[str]:
    """All folders that an owned file stands in, at any depth."""
    return {folder for path in owned for folder in _folders(path)}
