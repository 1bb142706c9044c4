"""Lock files, and projects that state what they require and install: versions that code runs with, and commands.

Read are poetry.lock, uv.lock, pdm.lock, pylock.toml and Pipfile.lock; pyproject.toml (``[project]``, dependency groups,
Poetry, PDM), Pipfile, setup.cfg, setup.py and Conda's environment files. Lock files are written by tools, always in one
form, and are searched, not parsed: they are long. Sources: PEP 621, 735 and 751; Poetry documentation, "Dependency
specification"; setuptools documentation, "Entry Points".
"""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from packaging.utils import canonicalize_name

from quantafit.documents import Mapping as MappingNode
from quantafit.evidence.configuration.journal import Journal, Positions
from quantafit.evidence.configuration.nodes import get, items, place, text
from quantafit.evidence.configuration.paths import folder_of, under
from quantafit.evidence.configuration.requirements import decoded, is_requirements, pin
from quantafit.evidence.configuration.requirements import read as read_requirements
from quantafit.model import ConsoleScript, Pin, Place

_ENDINGS = (".lock", ".toml", ".txt", ".in", ".pip", ".cfg", ".yaml", ".yml", "pipfile", "setup.py")
_Reader = Callable[[str, Journal], tuple[Pin, ...]]

_PACKAGE = re.compile(
    r'^\[\[packages?\]\]\s*\nname = "(?P<name>[^"\n]+)"\n(?P<line>version = "(?P<version>[^"\n]+)")', re.M
)
_MEMBER = re.compile(r'^source = \{ (?:editable|virtual|directory) = "(?P<path>[^"\n]*)" \}', re.M)
_PIPENV = re.compile(r'"(?P<name>[\w.-]+)":\s*\{[^{}]*?(?P<line>"version":\s*"(?P<version>==[^"\n]+)")')
_CONDA = re.compile(r"(?:[\w-]+::)?(?P<name>[\w.-]+)\s*(?P<operator>[=<>!~]=?)?\s*(?P<version>[^\s=]*)")
_TEMPLATE = re.compile(r"\{[{%]")
_CARET = re.compile(r"\s*(?P<operator>\^|~(?!=))?\s*(?P<version>[^\s,|]+)\s*")


def reader(path: str) -> _Reader | None:
    """Who reads a file that says which versions are installed; None for any other file."""
    name = path.rpartition("/")[2].lower()
    if not name.endswith(_ENDINGS):
        return None
    if name in ("poetry.lock", "uv.lock", "pdm.lock") or re.fullmatch(r"pylock(\.[^.]+)?\.toml", name):
        return _lock
    if re.fullmatch(r"(conda[-_.]?)?env(ironment)?([-_.][\w-]+)?\.ya?ml", name):
        return _conda
    named: dict[str, _Reader] = {
        "pipfile.lock": _pipenv_lock,
        "pyproject.toml": _pyproject,
        "pipfile": _pipfile,
        "setup.cfg": _setup_cfg,
        "setup.py": _setup_py,
    }
    return named.get(name) or (read_requirements if is_requirements(path) else None)


# Commands -----------------------------------------------------------------------------------------------------------


def scripts(path: str, journal: Journal) -> Iterator[ConsoleScript]:
    """The commands that a project installs: ``[project.scripts]``, Poetry's, and setuptools' ``console_scripts``."""
    name = path.rpartition("/")[2].lower()
    if name not in ("pyproject.toml", "setup.cfg", "setup.py") or b"scripts" not in journal.glance(path):
        return
    written = decoded(path, journal)
    found = {"pyproject.toml": _toml_scripts, "setup.cfg": _cfg_scripts, "setup.py": _py_scripts}[name](written)
    lines = written.split("\n")
    for command, target in found:
        module = target.partition(":")[0].partition("[")[0].strip()
        at = next((number for number, line in enumerate(lines, 1) if command in line and module in line), 1)
        if command and module:
            yield ConsoleScript(command, module, Place(path, at))


def _toml_scripts(written: str) -> Iterator[tuple[str, str]]:
    try:
        root = tomllib.loads(written)
    except (tomllib.TOMLDecodeError, RecursionError):
        return  # whoever reads the requirements reports it
    project, poetry = _table(root, "project"), _table(_table(root, "tool"), "poetry")
    for table in (_table(project, "scripts"), _table(project, "gui-scripts"), _table(poetry, "scripts")):
        for name, target in table.items():
            if isinstance(target, Mapping):  # Poetry: {reference = "module:function", type = "console"}
                target = target.get("reference", target.get("callable"))
            if isinstance(target, str):
                yield name, target


def _cfg_scripts(written: str) -> Iterator[tuple[str, str]]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(written)
    except configparser.Error:
        return  # whoever reads the requirements reports it
    for kind in ("console_scripts", "gui_scripts"):
        yield from map(_entry, parser.get("options.entry_points", kind, fallback="").splitlines())


def _py_scripts(written: str) -> Iterator[tuple[str, str]]:
    """The texts of the form ``name = module:function`` in ``entry_points``, whatever their group; nothing is run."""
    try:
        tree = ast.parse(written)
    except (SyntaxError, ValueError, RecursionError):
        return  # the reader of source code reports it
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "entry_points":
            said = [inner.value for inner in ast.walk(node.value) if isinstance(inner, ast.Constant)]
            yield from (
                _entry(line) for one in said if isinstance(one, str) for line in one.splitlines() if ":" in line
            )


def _entry(line: str) -> tuple[str, str]:
    """``name = module:function``"""
    name, _, target = line.partition("=")
    return name.strip(), target.strip()


# Lock files ---------------------------------------------------------------------------------------------------------


def _lock(path: str, journal: Journal) -> tuple[Pin, ...]:
    written = decoded(path, journal)
    folder = folder_of(path)
    members = (under(folder, member["path"]) for member in _MEMBER.finditer(written))
    folders = tuple(dict.fromkeys([folder, *(member for member in members if member is not None)]))
    return tuple(_locked(path, written, _PACKAGE, "==", folders))


def _pipenv_lock(path: str, journal: Journal) -> tuple[Pin, ...]:
    return tuple(_locked(path, decoded(path, journal), _PIPENV, "", (folder_of(path),)))


def _locked(path: str, written: str, pattern: re.Pattern[str], prefix: str, folders: tuple[str, ...]) -> Iterator[Pin]:
    positions = Positions(path, written)
    for found in pattern.finditer(written):
        at = positions.at(found.start("line"))
        yield Pin(canonicalize_name(found["name"]), prefix + found["version"], True, at, path, folders)


# Projects -----------------------------------------------------------------------------------------------------------


class _Project:
    """One file that states requirements, on its way to pins."""

    def __init__(self, path: str, written: str) -> None:
        self.path = path
        self.lines = written.split("\n")
        self.pins: list[Pin] = []

    def require(self, requirement: object) -> None:
        """A requirement as PEP 508 writes it."""
        self._add(pin(requirement, Place(self.path, 1), self.path, ()) if isinstance(requirement, str) else None)

    def require_named(self, name: str, wanted: object) -> None:
        """``name = "^1.2"``, ``name = {version = "^1.2"}``, or several of these for several machines."""
        for one in wanted if isinstance(wanted, list) else [wanted]:
            version = one.get("version", "*") if isinstance(one, Mapping) else one
            for alternative in str(version).split("||"):
                readable = pin(name + _pep_440(alternative), Place(self.path, 1), self.path, ())
                self._add(readable or pin(name, Place(self.path, 1), self.path, ()))

    def _add(self, found: Pin | None) -> None:
        if found is not None:
            at, folders = self._at(found.distribution), (folder_of(self.path),)
            self.pins.append(replace(found, place=at, folders=folders))

    def _at(self, distribution: str) -> Place:
        """The first line that names a distribution, comments aside."""
        name = "[-_.]+".join(map(re.escape, distribution.split("-")))
        spelt = re.compile(rf"(?<![\w.-]){name}(?![\w-])", re.IGNORECASE)
        lines = enumerate(self.lines, 1)
        number = next((number for number, line in lines if spelt.search(line.partition("#")[0])), 1)
        return Place(self.path, number)


def _pep_440(wanted: str) -> str:
    """A version as Poetry and Pipenv write it (``^1.2``, ``~1.2``, ``1.2``, ``*``), as PEP 440 does."""
    parts = []
    for piece in wanted.split(","):
        found = _CARET.fullmatch(piece)
        if found is None or found["version"] == "*":
            continue
        version = found["version"]
        numbers = re.match(r"\d+(?:\.\d+)*", version)
        if found["operator"] and numbers:
            parts += [f">={version}", f"<{_next(numbers[0], found['operator'])}"]
        else:
            parts.append(version if version[0] in "=<>!~" else f"=={version}")
    return ",".join(parts)


def _next(version: str, operator: str) -> str:
    """The first version that ``^version`` or ``~version`` no longer admits."""
    numbers = [int(number) for number in version.split(".")]
    if operator == "~":
        index = min(1, len(numbers) - 1)
    else:
        index = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
    return ".".join(map(str, [*numbers[:index], numbers[index] + 1]))


def _pyproject(path: str, journal: Journal) -> tuple[Pin, ...]:
    written, root = _toml(path, journal)
    found = _Project(path, written)
    project, tool = _table(root, "project"), _table(root, "tool")
    lists = [
        project.get("dependencies"),
        *_table(project, "optional-dependencies").values(),
        *_table(root, "dependency-groups").values(),
        *_table(_table(tool, "pdm"), "dev-dependencies").values(),
        _table(tool, "uv").get("dev-dependencies"),
    ]
    for requirements in lists:
        for requirement in requirements if isinstance(requirements, list) else ():
            found.require(requirement)
    poetry = _table(tool, "poetry")
    groups = [_table(group, "dependencies") for group in _table(poetry, "group").values() if isinstance(group, Mapping)]
    for table in (_table(poetry, "dependencies"), _table(poetry, "dev-dependencies"), *groups):
        for name, wanted in table.items():
            found.require_named(name, wanted)
    return tuple(found.pins)


def _pipfile(path: str, journal: Journal) -> tuple[Pin, ...]:
    written, root = _toml(path, journal)
    found = _Project(path, written)
    for section in ("packages", "dev-packages"):
        for name, wanted in _table(root, section).items():
            found.require_named(name, wanted)
    return tuple(found.pins)


def _setup_cfg(path: str, journal: Journal) -> tuple[Pin, ...]:
    written = decoded(path, journal)
    found = _Project(path, written)
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(written)
    except configparser.Error as error:
        if not _TEMPLATE.search(written):
            journal.error(Place(path, 1), f"is not what setuptools can read: {str(error).splitlines()[0]}")
        return ()
    lists = [parser.get("options", "install_requires", fallback="")]
    if parser.has_section("options.extras_require"):
        lists += [requirements for _, requirements in parser.items("options.extras_require")]
    for requirements in lists:
        for requirement in requirements.replace(";\n", "\n").splitlines():
            found.require(requirement.strip())
    return tuple(found.pins)


def _setup_py(path: str, journal: Journal) -> tuple[Pin, ...]:
    """The texts in the lists of ``install_requires`` and ``extras_require``; nothing is run."""
    written = decoded(path, journal)
    found = _Project(path, written)
    try:
        tree = ast.parse(written)
    except (SyntaxError, ValueError, RecursionError):
        return ()  # the reader of source code reports it
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in ("install_requires", "extras_require"):
            lists = [inner for inner in ast.walk(node.value) if isinstance(inner, ast.List | ast.Tuple)]
            for element in (element for one in lists for element in one.elts):
                found.require(element.value if isinstance(element, ast.Constant) else None)
    return tuple(found.pins)


def _conda(path: str, journal: Journal) -> tuple[Pin, ...]:
    pins: list[Pin] = []
    data = journal.glance(path)
    for root in journal.documents(path, data) if b"dependencies:" in data else ():
        for item in items(get(root, "dependencies")):
            if isinstance(item, MappingNode):
                wanted = [(one, text(one) or "") for one in items(item.get("pip"))]
            else:
                wanted = [(item, _from_conda(text(item) or ""))]
            for node, requirement in wanted:
                found = pin(requirement, place(path, node), path, (folder_of(path),))
                pins += [found] if found is not None else []
    return tuple(pins)


def _from_conda(wanted: str) -> str:
    """``name=1.2`` is any 1.2; ``name==1.2`` is that very one (Conda documentation, "Package match specifications")."""
    found = _CONDA.match(wanted)
    if found is None or not found["operator"]:
        return wanted
    version = found["version"]
    if found["operator"] == "=":
        return f"{found['name']}=={version.removesuffix('*').removesuffix('.')}.*"
    return wanted.partition("::")[2] or wanted


def _toml(path: str, journal: Journal) -> tuple[str, Mapping[str, Any]]:
    """The text and its root. A template of a project is none yet; any other file that is not TOML is an error."""
    written = decoded(path, journal)
    try:
        return written, tomllib.loads(written)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        if not _TEMPLATE.search(written):
            journal.error(Place(path, 1), f"is not TOML: {error}")
        return written, {}


def _table(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = parent.get(name)
    return found if isinstance(found, Mapping) else {}
