"""Helm charts: the manifests that their templates render to, with the chart's own values.

Each chart is rendered with its ``values.yaml``, and once more with each further file of values beside it
(``values-production.yaml``), which stay alternatives. A release is taken to be called like its chart. A template that
cannot be rendered gives the names of the variables in it, without values: what they hold is not told.
Source: Helm documentation, "Charts", "Built-in Objects", "Subcharts and Global Values".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

from quantafit.documents import DocumentError, Entry, Node, Scalar, Sequence, load_all_yaml, plain
from quantafit.documents import Mapping as MappingNode
from quantafit.evidence.configuration.go_template import NOT_TOLD, Piece, Printed, Renderer, TemplateError, parse
from quantafit.evidence.configuration.journal import Journal
from quantafit.evidence.configuration.paths import folder_of
from quantafit.model import Binding, Place, Unit

_OVERLAY = re.compile(r"values[._-][\w.-]+\.ya?ml|[\w-]+[._-]values\.ya?ml")
_MOST_OVERLAYS = 8
_VARIABLE = re.compile(r"^\s*-\s*name:\s*[\"']?([A-Z][A-Z0-9_]*)[\"']?\s*$", re.MULTILINE)


def charts(files: Iterable[str]) -> tuple[str, ...]:
    """The folders that are charts."""
    return tuple(sorted(folder_of(path) for path in files if path.rpartition("/")[2] in ("Chart.yaml", "Chart.yml")))


@dataclass(slots=True)
class Chart:
    """One chart, whose templates are rendered with what ``parent`` gives it."""

    folder: str
    files: tuple[str, ...]
    journal: Journal
    known: frozenset[str] = frozenset()
    left_open: dict[str, Unit] = field(default_factory=dict)

    def owns(self, path: str) -> bool:
        """Whether a file is one of its templates."""
        return path.startswith(f"{self._prefix}templates/")

    @property
    def _prefix(self) -> str:
        return "" if self.folder == "." else f"{self.folder}/"

    def documents(self) -> Iterator[tuple[str, tuple[Node, ...]]]:
        """The rendered documents of each template, by its path, once for each file of values that changes them."""
        defined: dict[str, list[Piece]] = {}
        templates: dict[str, list[Piece]] = {}
        for path in self._templates():
            try:
                templates[path], more = parse(self.journal.text(path) or "")
            except (TemplateError, RecursionError):
                self._leave_open(path)
            else:
                defined.update(more)
        seen: set[tuple[str, str]] = set()
        for values in self._all_values():
            for path, pieces in templates.items():
                if not path.endswith((".yaml", ".yml")):
                    continue
                rendered = self._rendered(path, pieces, defined, values)
                text = "".join(part.text for part in rendered) if rendered is not None else ""
                if rendered is not None and (path, text) not in seen:
                    seen.add((path, text))
                    yield path, self._parsed(path, text, rendered)

    def _templates(self) -> Iterator[str]:
        """Its own templates, and what the library charts beside it and below it define."""
        for path in self.files:
            helper = path.rpartition("/")[2].startswith("_") and path.endswith((".tpl", ".yaml"))
            below = helper and "/templates/" in f"/{path}" and path.startswith(f"{self._prefix}charts/")
            if below or (self.owns(path) and path.endswith((".yaml", ".yml", ".tpl"))):
                yield path

    def _rendered(
        self, path: str, pieces: list[Piece], defined: Mapping[str, list[Piece]], values: Mapping[str, Any]
    ) -> list[Printed] | None:
        about = self._about()
        release = {"Name": self._release(), "Namespace": "default", "Service": "Helm", "IsInstall": True, "Revision": 1}
        told = {"Values": values, "Chart": about, "Release": release, "Template": {"Name": path}}
        root = {**told, **dict.fromkeys(("Capabilities", "Files", "Subcharts"), NOT_TOLD)}
        try:
            return Renderer(defined, root).render(pieces)
        except (TemplateError, RecursionError):
            self._leave_open(path)
            return None

    def _parsed(self, path: str, text: str, rendered: list[Printed]) -> tuple[Node, ...]:
        try:
            documents = load_all_yaml(text.encode(errors="replace"), path)
        except DocumentError:
            self._leave_open(path)
            return ()
        lines = _Lines(rendered)
        return tuple(_moved(one, lines) for one in documents)

    def _leave_open(self, path: str) -> None:
        """A unit that is given the variables of a template which could not be rendered, all of them without values."""
        text = self.journal.text(path) or ""
        names = [(found[1], text.count("\n", 0, found.start(1)) + 1) for found in _VARIABLE.finditer(text)]
        if names:
            bindings = tuple(Binding(name, None, Place(path, line)) for name, line in names)
            self.left_open[path] = Unit(self._release(), Place(path, 1), environment=bindings)

    def _about(self) -> dict[str, Any]:
        written = self._plain(f"{self._prefix}Chart.yaml") or self._plain(f"{self._prefix}Chart.yml")
        name = written.get("name") if isinstance(written.get("name"), str) else self.folder.rpartition("/")[2]
        return {"Name": name, "Version": written.get("version"), "AppVersion": written.get("appVersion")}

    def _release(self) -> str:
        """The release is called like the outermost chart."""
        outer = self._outer()
        return str((Chart(outer[0], self.files, self.journal, self.known) if outer else self)._about()["Name"])

    def _outer(self) -> tuple[str, str] | None:
        """The chart that this one is a part of, and the name under which it gives it values."""
        folder, found, name = self.folder.rpartition("/charts/")
        if not found and self.folder.startswith("charts/"):
            folder, name = ".", self.folder.removeprefix("charts/")
        is_chart = f"{folder}/Chart.yaml" in self.known or (folder == "." and "Chart.yaml" in self.known)
        return (folder, name) if name and "/" not in name and is_chart else None

    def _all_values(self) -> Iterator[dict[str, Any]]:
        own = self._plain(f"{self._prefix}values.yaml") or self._plain(f"{self._prefix}values.yml")
        outer = self._outer()
        if outer is not None:
            for values in Chart(outer[0], self.files, self.journal, self.known)._all_values():
                given = values.get(outer[1])
                merged = _over(own, given if isinstance(given, dict) else {})
                yield {**merged, "global": values.get("global", merged.get("global", {}))}
            return
        yield {"global": {}, **own}
        overlays = [path for path in self.files if folder_of(path) == self.folder
                    and _OVERLAY.fullmatch(path.rpartition("/")[2])]  # fmt: skip
        for path in sorted(overlays)[:_MOST_OVERLAYS]:
            yield {"global": {}, **_over(own, self._plain(path))}

    def _plain(self, path: str) -> dict[str, Any]:
        if path not in self.known:
            return {}
        documents = self.journal.documents(path, self.journal.glance(path))
        value = plain(documents[0]) if documents else {}
        return value if isinstance(value, dict) else {}


def _over(base: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Values on top of others: mappings are merged, everything else is replaced."""
    result = dict(base)
    for key, value in other.items():
        known = result.get(key)
        result[key] = _over(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return result


class _Lines:
    """The line of the template that each line of what was rendered comes from."""

    def __init__(self, rendered: list[Printed]) -> None:
        self._parts = rendered
        self._ends = list(accumulate(part.text.count("\n") for part in rendered))

    def of(self, line: int) -> int:
        index = min(bisect_left(self._ends, line - 1), len(self._parts) - 1)
        part = self._parts[index]
        before = self._ends[index - 1] if index else 0
        # What is written keeps its own lines; what an action prints stands at the action.
        return part.line + (line - 1 - before if part.written else 0)


def _moved(node: Node, lines: _Lines) -> Node:
    """A node with every place moved to the line of the template."""
    match node:
        case MappingNode(entries, line):
            moved = tuple(
                Entry(entry.key, lines.of(entry.line), entry.column, _moved(entry.value, lines)) for entry in entries
            )
            return replace(node, entries=moved, line=lines.of(line))
        case Sequence(items, line):
            return replace(node, items=tuple(_moved(item, lines) for item in items), line=lines.of(line))
        case Scalar(_, line):
            return replace(node, line=lines.of(line))
