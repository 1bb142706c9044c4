"""Architecture decision records in Markdown: their title, and the sentence behind each anchor."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|$)(.*)")
_CLOSING_MARKS = re.compile(r"[ \t]+#+[ \t]*\Z")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*\Z")
_ITEM = re.compile(r"\s*(?:[-*+]|[0-9]{1,9}[.)])[ \t]+")
_QUOTE = re.compile(r"\A {0,3}>[ \t]?")
_ANCHOR = re.compile(r"<a\s+(?:id|name)\s*=\s*[\"']?([^\"'\s>]+)[\"']?\s*/?>(?:\s*</a\s*>)?|\{#([^}\s]+)\}")
_LINK = re.compile(r"!?\[([^\]\[]*)\]\([^()\s]*\)")
_NOT_IN_A_SLUG = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a decision's file says. ``sentences`` maps every anchor to the first paragraph under it, on one line."""

    title: str
    sentences: Mapping[str, str]


def read_decision(text: str) -> Decision:
    """The title (first heading) and the anchors of a Markdown file.

    Anchors are the slugs of headings as GitHub makes them, ``<a id="x"></a>`` and ``{#x}``. An anchor's sentence is the
    paragraph, list item or quotation that it stands in or before, or the first one under its heading. Code blocks hold
    neither.
    """
    reader = _Reader()
    for line in text.splitlines():
        reader.take(line)
    reader.end_paragraph()
    return Decision(reader.title, reader.sentences)


@dataclass(slots=True)
class _Reader:
    title: str = ""
    sentences: dict[str, str] = field(default_factory=dict)
    _slugs: Counter[str] = field(default_factory=Counter)
    _waiting: list[tuple[str, int]] = field(default_factory=list)
    _paragraph: list[str] = field(default_factory=list)
    _fence: str = ""

    def take(self, line: str) -> None:
        fence = _FENCE.match(line)
        heading = None if self._fence else _HEADING.match(line)
        if fence or self._fence:
            self._code(line, fence)
        elif heading:
            self.end_paragraph()
            self._heading(_CLOSING_MARKS.sub("", heading[2]).strip(), len(heading[1]))
        elif self._paragraph and _UNDERLINE.match(line):
            text = " ".join(self._paragraph)
            self._paragraph.clear()
            self._heading(text, 1 if line.lstrip().startswith("=") else 2)
        else:
            self._prose(line)

    def _code(self, line: str, fence: re.Match[str] | None) -> None:
        if not self._fence and fence:
            self.end_paragraph()
            self._fence = fence[1]
        elif fence and line.strip().startswith(self._fence) and not line.strip().strip(self._fence[0]):
            self._fence = ""

    def _heading(self, text: str, level: int) -> None:
        # A section ends where one of its own rank begins; its anchor does not borrow the next one's sentence.
        self._waiting = [(anchor, rank) for anchor, rank in self._waiting if rank < level]
        text = self._without_anchors(text)
        self.title = self.title or _plain(text)
        slug = _NOT_IN_A_SLUG.sub("", _plain(text).lower()).replace(" ", "-")
        repeated = self._slugs[slug]
        self._slugs[slug] += 1
        self._await(f"{slug}-{repeated}" if repeated else slug, level)

    def _prose(self, line: str) -> None:
        line = _QUOTE.sub("", line)
        item = _ITEM.match(line)
        if item or not line.strip():
            self.end_paragraph()
        text = line[item.end() :] if item else line
        if _ANCHOR.match(text.lstrip()):
            self.end_paragraph()
        text = self._without_anchors(text).strip()
        if text:
            self._paragraph.append(text)

    def _without_anchors(self, text: str) -> str:
        for match in _ANCHOR.finditer(text):
            self._await(match[1] or match[2])
        return _ANCHOR.sub("", text).strip()

    def _await(self, anchor: str, rank: int = 0) -> None:
        if anchor and anchor not in self.sentences:
            self.sentences[anchor] = ""
            self._waiting.append((anchor, rank))

    def end_paragraph(self) -> None:
        if self._paragraph:
            sentence = _plain(" ".join(self._paragraph))
            for anchor, _ in self._waiting:
                self.sentences[anchor] = sentence
            self._waiting.clear()
            self._paragraph.clear()


def _plain(text: str) -> str:
    """Text on one line, links as their words."""
    return " ".join(_LINK.sub(r"\1", text).split())
