"""What proposals are made from: the names of the files in the tree, and the images that Dockerfiles begin from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from quantafit.evidence.source import is_test
from quantafit.model import Unit
from quantafit.workspace import Workspace
from quantafit.workspace.patterns import matching

# What a folder is written in, by the file that its build tool reads.
LANGUAGES = MappingProxyType(
    {
        "package.json": "JavaScript",
        "go.mod": "Go",
        "pom.xml": "Java",
        "build.gradle": "Java",
        "build.gradle.kts": "Kotlin",
        "Cargo.toml": "Rust",
        "composer.json": "PHP",
        "Gemfile": "Ruby",
        "mix.exs": "Elixir",
        "build.sbt": "Scala",
        "pubspec.yaml": "Dart",
        "CMakeLists.txt": "C++",
    }
)
_PROJECTS = (".csproj", ".fsproj", ".vbproj", ".sln")
_FROM = re.compile(r"^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Grounds:
    """The sorted paths of all ``files`` and of the ``python`` files among them: no tests, and nothing hidden.

    ``bases`` maps a Dockerfile to the image that its last stage begins from.
    """

    files: Sequence[str]
    python: Sequence[str]
    bases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def code(self, path: str) -> Sequence[str]:
        """The Python files that a path, a folder or a glob names."""
        return matching(path, self.python)

    def language(self, folder: str) -> tuple[str, str] | None:
        """The language of a folder that is not written in Python, and the file that says so."""
        depth = 0 if folder == "." else folder.count("/") + 1
        for path in matching(folder, self.files):
            name = path.rpartition("/")[2]
            found = LANGUAGES.get(name) or ("C#" if name.endswith(_PROJECTS) else None)
            if found and path.count("/") <= depth + 1:
                return found, path
        return None


def grounds_of(workspace: Workspace, units: Iterable[Unit]) -> Grounds:
    """What there is to go by in a tree. A Dockerfile that cannot be read begins from nothing."""
    python = tuple(path for path in workspace.python_files() if not is_test(path) and "/." not in f"/{path}")
    dockerfiles = sorted({unit.dockerfile for unit in units if unit.dockerfile})
    bases = {path: base for path in dockerfiles if (base := _base(path, workspace))}
    return Grounds(workspace.files, python, MappingProxyType(bases))


def _base(path: str, workspace: Workspace) -> str | None:
    try:
        found = _FROM.findall(workspace.read(path).decode("utf-8", "replace"))
    except OSError:
        return None
    return found[-1] if found else None
