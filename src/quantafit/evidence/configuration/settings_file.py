"""Files of settings that a program loads itself: YAML, JSON, TOML and INI, as keys one inside the other.

Read are small files whose names say what they are: by a word (``config.yaml``), or by a kind that is for settings alone
(``shop.conf``, ``shop.ini``, ``shop.toml``). A value that its format makes at run time (``%(name)s``) stays open.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from quantafit.documents import DocumentError, Mapping, Node, Scalar, Sequence, load_all_yaml
from quantafit.model import Binding, Place

_NAME = re.compile(
    r"(?:^|[._-])(?:app|application|conf|config|configuration|constants|default|defaults|dev|development|env|environment"
    r"|endpoints|local|options|parameters|params|prod|production|properties|secrets|service|services|settings|staging"
    r"|urls)(?:[._-].*)?\.(?P<kind>cfg|conf|ini|json|toml|ya?ml)$",
    re.IGNORECASE,
)
_FOR_SETTINGS_ALONE = (".cfg", ".conf", ".ini", ".toml")
_NOT_OURS = frozenset({"pyproject.toml", "setup.cfg", "tox.ini", "package.json", "tsconfig.json", "pytest.ini"})
_LARGEST = 65_536
_MOST = 1_000
_DEEPEST = 12
_SECTION = re.compile(r"\[([^\]]+)\]\s*(?:[#;].*)?")
_ENTRY = re.compile(r"([^\s=:#;\[][^=:]*)[=:](.*)")


def is_settings_file(path: str) -> bool:
    """Whether a file holds settings, by its name."""
    name = path.rpartition("/")[2].lower()
    named = name.endswith(_FOR_SETTINGS_ALONE) or _NAME.search(name) is not None
    return named and name not in _NOT_OURS and not name.endswith("-lock.json")


def bindings(path: str, data: bytes) -> tuple[Binding, ...]:
    """The entries of a file; none where it is too large, or is not what its name says. Never raises."""
    if len(data) > _LARGEST:
        return ()
    kind = path.rpartition(".")[2].lower()
    try:
        if kind in ("cfg", "conf", "ini"):
            found = _ini(path, data.decode("utf-8-sig"))
        elif kind == "toml":
            found = _toml(path, data.decode("utf-8-sig"))
        else:
            documents = load_all_yaml(data.replace(b"\t", b" ") if kind == "json" else data, path)
            found = (one for root in documents[:1] for one in _entries(path, root, "", 0))
        return tuple(one for one, _ in zip(found, range(_MOST), strict=False))
    except (DocumentError, ValueError, RecursionError):
        return ()


def _entries(path: str, node: Node | None, key: str, depth: int) -> Iterator[Binding]:
    if depth > _DEEPEST or node is None:
        return
    if isinstance(node, Mapping):
        for entry in node.entries:
            yield from _entries(path, entry.value, f"{key}.{entry.key}" if key else entry.key, depth + 1)
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from _entries(path, item, f"{key}.{index}", depth + 1)
    elif isinstance(node, Scalar) and node.value is not None and key:
        yield Binding(key, node.text, Place(path, node.line, node.column))


def _ini(path: str, text: str) -> Iterator[Binding]:
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        headed = _SECTION.fullmatch(line.strip())
        entry = _ENTRY.fullmatch(line.rstrip()) if not headed else None
        if headed:
            section = headed[1]
        elif entry:
            name, value = entry[1].strip().lower(), entry[2].strip()
            place = Place(path, number, line.find(entry[1]) + 1)
            yield Binding(f"{section}.{name}", None if "%(" in value else value.replace("$", "$$"), place)


def _toml(path: str, text: str) -> Iterator[Binding]:
    lines = text.splitlines()

    def entries(value: object, key: str, depth: int) -> Iterator[Binding]:
        if isinstance(value, dict) and depth <= _DEEPEST:
            for name, inner in value.items():
                yield from entries(inner, f"{key}.{name}" if key else name, depth + 1)
        elif isinstance(value, list) and depth <= _DEEPEST:
            for index, inner in enumerate(value):
                yield from entries(inner, f"{key}.{index}", depth + 1)
        elif isinstance(value, str):
            yield Binding(key, value.replace("$", "$$"), Place(path, _line(lines, key, value)))

    return entries(tomllib.loads(text), "", 0)


def _line(lines: list[str], key: str, value: str) -> int:
    """The line of an entry, as far as it can be found again: the one that has both its name and its value."""
    name = key.rpartition(".")[2]
    return next((number for number, line in enumerate(lines, 1) if name in line and value in line), 1)
