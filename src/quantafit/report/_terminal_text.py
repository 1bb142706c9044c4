"""Lines of text for a terminal, a pipe or a CI log: wrapped prose, titles, and their way through rich to a string."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

Line = Text | Table

_ITEMS = ("- ", "* ")

_ASCII = str.maketrans(
    {"→": "->", "·": "-", "…": "...", "–": "-", "—": "-", "’": "'", "“": '"', "”": '"', "×": "x", "≤": "<="}
)


def to_text(lines: Iterable[Line], *, width: int, colour: bool, ascii_only: bool) -> str:
    """The lines as one string. Texts are never wrapped here, tables fit into ``width``; no blank ends a line."""
    output = StringIO()
    console = Console(
        file=output, width=width, force_terminal=colour, no_color=not colour, legacy_windows=False,
        color_system="standard" if colour else None, markup=False, highlight=False, emoji=False,
    )  # fmt: skip
    for line in lines:
        console.print(line, soft_wrap=isinstance(line, Text))
    text = "\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n"
    return to_ascii(text) if ascii_only else text


def to_ascii(text: str) -> str:
    """Arrows and quotation marks as one writes them on a typewriter, anything else as its escape sequence."""
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode()


def title(text: str) -> Iterator[Text]:
    """A blank line, the title, a line of hyphens."""
    yield Text()
    yield Text(text, style="bold")
    yield Text("-" * len(text), style="dim")


def wrap(text: str, width: int, *, indent: str = "", hanging: str | None = None, style: str = "") -> Iterator[Text]:
    """Prose, wrapped at blanks only: a place or a name is never broken. ``hanging`` indents all lines but the first."""
    follow = hanging if hanging is not None else " " * len(indent)
    for position, paragraph in enumerate(_paragraphs(text)):
        lines = textwrap.wrap(
            paragraph,
            width,
            initial_indent=follow if position else indent,
            subsequent_indent=f"{follow}  " if paragraph.startswith(_ITEMS) else follow,
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield from (Text(line, style=style) for line in lines)


def markdown(text: str, width: int, *, indent: str = "") -> Iterator[Text]:
    """A rule's Markdown: prose is wrapped, what stands in fences is left as it is."""
    for position, part in enumerate(textwrap.dedent(text).strip().split("```")):
        if position % 2:
            language, _, code = part.partition("\n")
            caption = language.partition(" ")[2]
            yield from ([Text(f"{indent}{caption}", style="cyan")] if caption else [])
            yield from (Text(f"{indent}  | {line}".rstrip()) for line in code.rstrip("\n").split("\n"))
        else:
            yield from wrap(part, width, indent=indent)


def _paragraphs(text: str) -> list[str]:
    """A rule's text is Markdown, one sentence over several lines; blank lines and list items begin a new line here."""
    paragraphs: list[list[str]] = [[]]
    for line in textwrap.dedent(text).strip().splitlines():
        if not line.strip() or line.lstrip().startswith(_ITEMS):
            paragraphs.append([])
        paragraphs[-1].append(line.strip())
    return [" ".join(part).strip() for part in paragraphs if "".join(part)]
