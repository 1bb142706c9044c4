"""The decisions that a declaration lists, with what their files say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from quantafit.declaration.decisions import read_decision
from quantafit.declaration.paths import Paths
from quantafit.declaration.problems import Problems, shown
from quantafit.declaration.sections import Section
from quantafit.documents import Node, Scalar
from quantafit.model import Adr
from quantafit.workspace import Workspace

_LARGEST = 1_000_000


@dataclass(frozen=True)
class Decisions:
    """Reads the section ``adrs``; what is wrong is noted."""

    workspace: Workspace
    paths: Paths
    problems: Problems

    def read(self, sections: Iterable[Section]) -> Iterator[Adr]:
        seen: dict[str, Adr] = {}
        for section in sections:
            adr = self._decision(section)
            if adr.id in seen:
                hint = f"it first stands on line {seen[adr.id].place.line}"
                self.problems.add(section.node_of("id"), f"decision {shown(adr.id)} is declared twice", hint)
            elif adr.id:
                seen[adr.id] = adr
                yield adr

    def _decision(self, section: Section) -> Adr:
        name, file = section.text("id") or "", section.text("file")
        decision = read_decision(self._text(section.node_of("file"), file) if file else "")
        return Adr(
            id=name,
            title=section.text("title") or decision.title.removeprefix(name).lstrip(" :.–—-"),
            status=section.text("status") or "proposed",
            file=file,
            sentences=MappingProxyType(dict(decision.sentences)),
            place=section.place,
        )

    def _text(self, node: Node, path: str) -> str:
        """The text of a decision's file; empty, with a problem noted, where it cannot be read."""
        if isinstance(node, Scalar) and not self.workspace.exists(path):
            self.paths.check(node, "file")
            return ""
        try:
            data = self.workspace.read(path)
            if len(data) > _LARGEST:
                self.problems.add(node, f"{shown(path)} is too large to be a decision", "is it the right file?")
                return ""
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.problems.add(node, f"{shown(path)} is not UTF-8", "save it as UTF-8")
        except (OSError, ValueError):
            self.problems.add(node, f"{shown(path)} cannot be read", "it should be a Markdown file under the root")
        return ""
