"""Notebooks (``*.ipynb``), read lexically: what in them could reach out is unresolved, with its cell and its line.

People run the cells of a notebook by hand and in any order, so that nothing is followed through one. Each import of a
library that can reach out, or of another quantum's code, each call of Python's own that does, and each shell command is
listed. A notebook that cannot be read is an error. Source of the format: nbformat 4 and 3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from quantafit.evidence.source.extract import ClassFacts, FunctionFacts, ModuleFacts, UnreadableError, extract
from quantafit.evidence.source.libraries.vocabulary import Library
from quantafit.evidence.source.program import Program
from quantafit.evidence.source.tables import Tables
from quantafit.evidence.source.values import Foreign, Lib
from quantafit.model import ExaminationError, Place, Unresolved

SUFFIX = ".ipynb"
_REACHES = frozenset({"request", "publish", "subscribe", "store", "execute"})
_COULD_BE = ("request", "publish", "store")
_SHELL = re.compile(r"\s*(?:[\w, ]+=\s*)?(?:!|%%?(?:sx|system|bash|sh|script|sql)\b)!?\s*(?P<command>[\w.-]*)")
_MAGIC = re.compile(r"\s*(?:(?:[\w, ]+=\s*)?[%!]|\?|[\w.]+\?{1,2}\s*$)")
_TIMED = ("%%time", "%%timeit", "%%capture", "%%prun", "%%debug")
"""Cell magics that are followed by Python."""
_HARMLESS = frozenset(
    {
        "cat",
        "cd",
        "conda",
        "cp",
        "echo",
        "find",
        "grep",
        "head",
        "ls",
        "mkdir",
        "mv",
        "pip",
        "pip3",
        "pwd",
        "tail",
        "wc",
    }
)


class Tree(Protocol):
    """What is needed of a workspace."""

    def read(self, path: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with code: its number, counted from 1 over all cells, and where each of its lines stands in the file."""

    number: int
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in the notebooks of one quantum."""

    unresolved: tuple[Unresolved, ...] = ()
    errors: tuple[ExaminationError, ...] = ()


def look(paths: Iterable[str], tree: Tree, program: Program, tables: Tables) -> Seen:
    """What the notebooks of one quantum could reach, and those that cannot be read."""
    unresolved: list[Unresolved] = []
    errors: list[ExaminationError] = []
    quantum = program.ownership.quantum
    for path in sorted(paths):
        names: dict[str, str] = {}
        try:
            for cell in cells(tree.read(path)):
                unresolved.extend(_Reader(path, cell, names, program, tables).look())
        except UnreadableError as error:
            at = Place(path, error.line, error.column)
            errors.append(ExaminationError(quantum, f"cannot be read as a notebook: {error.message}", at))
        except OSError as error:
            errors.append(ExaminationError(quantum, f"cannot be read: {error.strerror or error}", Place(path, 1)))
    return Seen(tuple(unresolved), tuple(errors))


def cells(data: bytes) -> Iterator[Cell]:
    """The cells with Python code. Raises UnreadableError where the file is no notebook."""
    try:
        text = data.decode("utf-8-sig")
        book = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableError(error.msg, error.lineno, error.colno) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(str(error), 1, 1) from error
    if not isinstance(book, dict):
        raise UnreadableError("it holds no cells", 1, 1)
    found = book.get("cells", [cell for sheet in book.get("worksheets", ()) for cell in sheet.get("cells", ())])
    if not isinstance(found, list) or ("cells" not in book and "worksheets" not in book):
        raise UnreadableError("it holds no cells", 1, 1)
    if _language(book) not in ("", "python", "ipython"):
        return
    position = 0
    for number, cell in enumerate(found, 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", cell.get("input", ""))
        lines: list[tuple[int, str]] = []
        for piece in source if isinstance(source, list) else [source]:
            at = _find(text, str(piece), position)
            position = at if at >= 0 else position
            line = text.count("\n", 0, max(position, 0)) + 1
            lines.extend((line, one) for one in str(piece).splitlines() or [""])
        yield Cell(number, tuple(lines))


def _language(book: Mapping[str, Any]) -> str:
    metadata = book.get("metadata")
    described = metadata if isinstance(metadata, dict) else {}
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        value = described.get(key)
        if isinstance(value, dict) and isinstance(value.get(name), str):
            return str(value[name]).lower()
    return ""


def _find(text: str, piece: str, after: int) -> int:
    """Where a piece of a cell stands in the file, in either way JSON may write it; -1 where it was not found."""
    written = [json.dumps(piece, ensure_ascii=ascii)[1:-1] for ascii in (True, False)]
    found = [at for form in written if (at := text.find(form, after)) >= 0]
    return min(found, default=-1)


class _Reader:
    """Looks at the code of one cell; ``names`` is what the cells before it imported under which name."""

    def __init__(self, path: str, cell: Cell, names: dict[str, str], program: Program, tables: Tables) -> None:
        self.path, self.cell, self.names, self.program, self.tables = path, cell, names, program, tables

    def look(self) -> Iterator[Unresolved]:
        """Everything in the cell that could reach out. Raises UnreadableError where its code cannot be parsed."""
        texts = [text for _, text in self.cell.lines]
        try:
            facts = extract("\n".join(texts).encode(), self.path)
        except UnreadableError:  # not Python alone: magics and commands among it
            for line, text in self.cell.lines:
                shell = _SHELL.match(text)
                if shell and shell["command"] not in _HARMLESS:
                    yield self.doubt(line, text.strip()[:60], "it hands text to a shell or a database", _COULD_BE)
            first = next((text.split()[0] for text in texts if text.strip()), "")
            if first.startswith("%%") and first not in _TIMED:
                return  # the whole cell is in another language
            facts = self.without_magics(texts)
        yield from self.walk(facts.body)

    def without_magics(self, texts: list[str]) -> ModuleFacts:
        """The facts of the lines that are Python. Raises UnreadableError where one of them is broken."""
        code = [f"{_indent(text)}pass" if _MAGIC.match(text) else text for text in texts]
        try:
            return extract("\n".join(code).encode(), self.path)
        except UnreadableError as error:
            message = f"cell {self.cell.number}: {error.message}"
            raise UnreadableError(message, self.line(error.line), error.column) from error

    def line(self, inside: int) -> int:
        """The line in the file of a line in the cell."""
        lines = self.cell.lines
        return lines[min(inside, len(lines)) - 1][0] if lines else 1

    def doubt(self, line: int, what: str, why: str, could_be: tuple[str, ...]) -> Unresolved:
        said = f"{why} (cell {self.cell.number} of a notebook, which is not followed)"
        return Unresolved(self.program.ownership.quantum, what, said, Place(self.path, line), could_be)

    def walk(self, part: object) -> Iterator[Unresolved]:
        """All statements and expressions in a part of the facts."""
        if isinstance(part, FunctionFacts):
            yield from self.walk((part.decorators, part.body))
        elif isinstance(part, ClassFacts):
            yield from self.walk((part.bases, part.decorators, part.body))
        elif isinstance(part, tuple):
            if part and part[0] == "import":
                for dotted, alias in part[2]:
                    self.names[alias or dotted.partition(".")[0]] = dotted if alias else dotted.partition(".")[0]
                    yield from self.imported(part[1], dotted)
            elif part and part[0] == "from":
                _, line, level, module, pairs = part
                for name, alias in pairs:
                    self.names[alias or name] = f"{module}.{name}"
                yield from self.imported(line, module, level, [name for name, _ in pairs])
            elif part and part[0] == "call" and len(part) == 6:
                yield from self.called(part[1], part[3])
                yield from self.walk(part[3:])
            else:
                for child in part:
                    yield from self.walk(child)

    def imported(self, line: int, dotted: str, level: int = 0, names: Iterable[str] = ()) -> Iterator[Unresolved]:
        """An import of another quantum's code, or of a library that can reach out."""
        modules = [dotted, *(f"{dotted}.{name}".strip(".") for name in names)]
        for module in modules:
            value = self.program.imported(module, self.path, level) if module or level else None
            if isinstance(value, Foreign):
                why = f"it imports code of {value.quantum}"
                yield self.doubt(self.line(line), f"import {module}", why, ("import",))
                return
        value = self.program.imported(dotted, self.path, level) if dotted or level else None
        if isinstance(value, Lib) and not level and self.capable(dotted):
            yield self.doubt(self.line(line), f"import {dotted}", f"{dotted} can reach out", _COULD_BE)

    def capable(self, dotted: str) -> bool:
        """Whether a library that is not Python's own can reach out, as far as the tables know."""
        standing = self.tables.standing(dotted)
        library = self.tables.modules.get(dotted.partition(".")[0])
        if standing == "modelled" and library is not None and library.distribution != "python":
            return _reaches(library)
        return standing == "unknown"

    def called(self, line: int, callee: tuple[Any, ...]) -> Iterator[Unresolved]:
        """A call by its whole name of something of Python's own that reaches out."""
        parts: list[str] = []
        while callee[0] == "attr":
            parts.append(callee[2])
            callee = callee[1]
        if callee[0] != "name" or callee[1] not in self.names:
            return
        name = self.tables.canonical(".".join([self.names[callee[1]], *reversed(parts)]))
        call = self.tables.call(name)
        library = self.tables.modules.get(name.partition(".")[0])
        own = call is not None and library is not None and library.distribution == "python"
        if own and call is not None and any(effect.does in _REACHES for effect in call.effects):
            yield self.doubt(self.line(line), f"{name}(…)", "it can reach out", _COULD_BE)


def _reaches(library: Library) -> bool:
    clients = any(type_.client for type_ in library.types.values())
    return clients or any(effect.does in _REACHES for call in library.calls.values() for effect in call.effects)


def _indent(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]
