"""Processes that no container file starts: Procfile, supervisord, systemd, and the specifications of platforms.

Read: a Procfile's commands; ``[program:…]`` of supervisord; ``[Service]`` of a systemd unit; App Engine's ``app.yaml``,
DigitalOcean's ``app.yaml``, Render's ``render.yaml``, Fly's ``fly.toml``, an ECS task definition, a Serverless file.
Each process is a unit that is built from the folder of its file, or from the folder that the file names.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from quantafit.documents import Node
from quantafit.evidence.configuration.dockerfile import merged
from quantafit.evidence.configuration.nodes import entries, get, items, place, text, texts
from quantafit.evidence.configuration.paths import folder_of, under
from quantafit.model import Binding, Place, Unit

_SECTION = re.compile(r"\s*\[([^\]]+)\]\s*")
_SETTING = re.compile(r"\s*([\w.-]+)\s*=\s*(.*)")
_PROCESS = re.compile(r"([A-Za-z0-9_-]+):\s*(.+)")
_PAIR = re.compile(r"""([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*+"|'[^']*+'|[^,\s]*)""")
_MARKS = re.compile(rb"^(?:env_variables|services|provider|containerDefinitions)\b|\"containerDefinitions\"",
                    re.MULTILINE)  # fmt: skip


def is_process_file(path: str) -> bool:
    """Whether a file lists processes by its name."""
    name = path.rpartition("/")[2]
    return (
        name in ("Procfile", "fly.toml") or name.startswith(("Procfile.", "supervisord")) or name.endswith(".service")
    )


def may_be_supervisor(path: str, data: bytes) -> bool:
    """Whether a file under any name is supervisord's: by a search in its bytes."""
    return path.endswith((".conf", ".ini")) and b"[program:" in data


def processes(path: str, content: str) -> tuple[Unit, ...]:
    """The processes of a file that is no YAML. Never raises."""
    name = path.rpartition("/")[2]
    if name.startswith("Procfile"):
        return tuple(_procfile(path, content))
    if name == "fly.toml":
        return tuple(_fly(path, content))
    return tuple(_sections(path, content))


def _unit(path: str, name: str, line: int, command: str | None, bound: Iterable[Binding], folder: str | None) -> Unit:
    """A process; its name has the file in it, since it is no name of a host."""
    return Unit(
        name=f"{path}:{name}",
        place=Place(path, line),
        build=folder_of(path) if folder is None else folder,
        command=command,
        environment=merged(tuple(bound)),
        working_dir=folder,
    )


def _procfile(path: str, content: str) -> Iterator[Unit]:
    for number, line in enumerate(content.splitlines(), 1):
        found = _PROCESS.fullmatch(line.strip())
        if found is not None:
            before = re.match(r"(?:env\s+)?((?:[A-Za-z_]\w*=\S*\s+)*)", found[2])
            bound = _pairs(path, number, before[1]) if before else ()
            yield _unit(path, found[1], number, found[2], bound, None)


@dataclass(slots=True)
class _Section:
    name: str
    line: int
    settings: list[tuple[str, str, int]]

    def last(self, key: str) -> str | None:
        return next((value for name, value, _ in reversed(self.settings) if name.lower() == key), None)


def _sections(path: str, content: str) -> Iterator[Unit]:
    sections: list[_Section] = []
    for number, line in enumerate(content.splitlines(), 1):
        headed, setting = _SECTION.fullmatch(line), _SETTING.fullmatch(line)
        if headed:
            sections.append(_Section(headed[1], number, []))
        elif setting and sections and not line.lstrip().startswith(("#", ";")):
            sections[-1].settings.append((setting[1], setting[2], number))
        elif sections and sections[-1].settings and line[:1].isspace() and line.strip():
            name, value, at = sections[-1].settings[-1]
            sections[-1].settings[-1] = (name, f"{value} {line.strip()}", at)  # a continued value
    for section in sections:
        if section.name == "Service" or section.name.startswith("program:"):
            bound = [
                pair
                for name, value, number in section.settings
                if name.lower() == "environment"
                for pair in _pairs(path, number, value)
            ]
            command = section.last("command") or section.last("execstart")
            name = section.name.partition(":")[2] or path.rpartition("/")[2].removesuffix(".service")
            yield _unit(path, name, section.line, command, bound, None)


def _pairs(path: str, line: int, written: str) -> Iterator[Binding]:
    """``A=b,C="d"`` and ``"A=b" "C=d"``; a value that the tool makes at run time (``%(ENV_X)s``) is left open."""
    if re.match(r"\s*[\"'][A-Za-z_]\w*=", written):
        try:
            words = shlex.split(written)
        except ValueError:
            return
    else:
        words = [f"{found[1]}={found[2].strip(chr(34) + chr(39))}" for found in _PAIR.finditer(written)]
    for word in words:
        name, equals, value = word.partition("=")
        if equals:
            yield Binding(name, None if "%(" in value else value.replace("$", "$$"), Place(path, line))


def _fly(path: str, content: str) -> Iterator[Unit]:
    try:
        root = tomllib.loads(content)
    except (ValueError, RecursionError):
        return
    given = root.get("env")
    variables = given if isinstance(given, dict) else {}
    bound = [Binding(name, str(value).replace("$", "$$"), Place(path, 1)) for name, value in variables.items()]
    yield _unit(path, str(root.get("app", "app")), 1, None, bound, None)


# Specifications of platforms ------------------------------------------------------------------------------------------


def is_candidate(data: bytes) -> bool:
    """Whether a YAML or JSON file may be a platform's specification: a search in its bytes."""
    return _MARKS.search(data) is not None


def specified(path: str, root: Node) -> Iterator[Unit]:
    """The units in a platform's specification; none where the document is something else."""
    if get(root, "env_variables") is not None and get(root, "runtime") is not None:
        variables = _mapped(path, get(root, "env_variables"))
        name = text(get(root, "service")) or "default"
        yield _platform(path, name, root, text(get(root, "entrypoint")), variables, None)
    for service in items(get(root, "services")):
        given = get(service, "envVars") or get(service, "envs")
        folder = text(get(service, "rootDir")) or text(get(service, "source_dir"))
        called = text(get(service, "name"))
        command = text(get(service, "startCommand")) or text(get(service, "run_command"))
        if called is not None and (given is not None or folder is not None or command is not None):
            yield _platform(path, called, service, command, _listed(path, given), folder)
    for container in items(get(root, "containerDefinitions")):
        called = text(get(container, "name"))
        if called is not None:
            bound = [
                *_listed(path, get(container, "environment")),
                *_listed(path, get(container, "secrets"), open_=True),
            ]
            command = " ".join(texts(get(container, "command"))) or None
            yield _platform(path, called, container, command, bound, None)
    if get(root, "provider") is not None and get(root, "functions") is not None:
        for entry in entries(get(root, "functions")):
            common = _mapped(path, get(root, "provider", "environment"))
            bound = [*common, *_mapped(path, get(entry.value, "environment"))]
            yield _platform(path, entry.key, entry.value, None, bound, None)


def _platform(
    path: str, name: str, node: Node, command: str | None, bound: Iterable[Binding], folder: str | None
) -> Unit:
    where = place(path, node)
    built = under(folder_of(path), folder.lstrip("/") or ".") if folder is not None else folder_of(path)
    return Unit(name=f"{path}:{name}", place=where, build=built, command=command, environment=merged(tuple(bound)))


def _mapped(path: str, node: Node | None) -> Iterator[Binding]:
    for entry in entries(node):
        yield Binding(entry.key, _known(text(entry.value)), place(path, entry))


def _listed(path: str, node: Node | None, *, open_: bool = False) -> Iterator[Binding]:
    for item in items(node):
        name = text(get(item, "key")) or text(get(item, "name"))
        if name is not None:
            yield Binding(name, None if open_ else _known(text(get(item, "value"))), place(path, item))


def _known(value: str | None) -> str | None:
    """A value as written; None where the platform puts something in (``${self:…}``, ``${db.URL}``)."""
    return None if value is None or "${" in value else value.replace("$", "$$")
