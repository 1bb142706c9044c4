"""Finding, reading and judging a declaration."""

from __future__ import annotations

from pathlib import Path

from quantafit.declaration.building import Builder
from quantafit.declaration.checking import check
from quantafit.declaration.keys import ROOT, SCHEMA
from quantafit.declaration.names import Rules
from quantafit.declaration.problems import Problems, shown
from quantafit.declaration.sections import Section
from quantafit.documents import MAX_BYTES, DocumentError, Mapping, Node, Scalar, examine_yaml
from quantafit.errors import DeclarationError, UsageError
from quantafit.model import Architecture
from quantafit.workspace import Workspace

FILE_NAME = "quanta.yaml"
_SMALLEST = f"a whole file is: schema: {SCHEMA}, system: NAME, quanta: {{NAME: {{source: PATH}}}}"


def discover(start: Path = Path()) -> Path:
    """The declaration that is meant by a path: the file itself, or ``quanta.yaml`` in that folder.

    Raises UsageError where there is none.
    """
    if start.is_file():
        return start
    if not start.is_dir():
        raise UsageError(f"there is no file {start}")
    found = start / FILE_NAME
    if found.is_file():
        return found
    other = next((name for name in ("quanta.yml", "quanta.json") if (start / name).is_file()), None)
    hint = f"{other} is there: rename it" if other else "name the declaration with --config, or write one"
    raise UsageError(f"there is no {FILE_NAME} in {start.resolve()}; {hint}")


def load(
    path: Path, root: Path | None = None, *, workspace: Workspace | None = None, known_rules: Rules | None = None
) -> Architecture:
    """The architecture that the file at ``path`` declares.

    Its paths are relative to ``root``, by default the file's folder; ``workspace`` is the tree under that root where it
    has been opened already. ``known_rules`` are the names of all fitness functions, a mapping gives each one's
    options too; without them, names of rules are not checked.

    Raises DeclarationError with everything that is wrong, each with line, column and a hint; UsageError where the file
    or the root is not there.
    """
    root = workspace.root if workspace is not None else root or path.parent
    if workspace is None and not root.is_dir():
        raise UsageError(f"the root {root} is no folder")
    return parse(_read(path), workspace or Workspace(root), path=_shown_path(path, root), known_rules=known_rules)


def parse(
    data: bytes, workspace: Workspace, *, path: str = FILE_NAME, known_rules: Rules | None = None
) -> Architecture:
    """The architecture that ``data`` declares, held against the tree in ``workspace``.

    ``path`` stands in places and messages. Raises DeclarationError with everything that is wrong.
    """
    problems = Problems(path)
    root = Section(_checked(data, problems), path)
    architecture = Builder(root, workspace, problems, known_rules).build()
    problems.raise_any()
    return architecture


def _checked(data: bytes, problems: Problems) -> Mapping:
    """The document as far as its shape is right. Raises DeclarationError where there is nothing to go on with."""
    node = _document(data, problems)
    if isinstance(node, Scalar) and node.value is None:
        problems.add(node, "the declaration is empty", _SMALLEST)
    elif isinstance(node, Mapping) and _refuse_other_version(node, problems):
        checked = check(ROOT, node, "", problems)
        if isinstance(checked, Mapping):
            return checked
    elif not isinstance(node, Mapping):
        check(ROOT, node, "", problems)
    problems.raise_any()
    raise AssertionError("a document without a mapping has a problem")  # pragma: no cover


def _document(data: bytes, problems: Problems) -> Node:
    try:
        node, found = examine_yaml(data, problems.path)
    except DocumentError as error:
        raise DeclarationError(error.problems) from error
    for problem in found:
        problems.take(problem)
    return node


def _refuse_other_version(node: Mapping, problems: Problems) -> bool:
    """Whether the file is of the version that is read here. Another one's keys would all look wrong."""
    version = node.get("schema")
    if not isinstance(version, Scalar) or not isinstance(version.value, str) or version.value == SCHEMA:
        return True
    problems.add(version, f"unknown schema {shown(version.value)}", f"this version of quantafit reads {SCHEMA}")
    return False


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error


def _shown_path(path: Path, root: Path) -> str:
    """The path as it stands in places: relative to the root where it is inside, else as given."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.as_posix()
