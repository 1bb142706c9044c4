"""The constants of modules and classes that hold a text, so that a report can name the line that a value comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quantafit.evidence.source.extract import Expr, Stmt
from quantafit.evidence.source.machine import Machine
from quantafit.model import Evidence, EvidenceKind, Place, Role

_SHORTEST = 3
_DEEPEST = 3
"""So many mappings inside one another are looked at."""


class Constants:
    """The named texts of one quantum's program."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._known: dict[str, Evidence] | None = None

    def of(self, text: str) -> Evidence | None:
        """The constant that holds a text, or the address that a text begins with; None where none does.

        A text that is written out again beside a constant is taken for the constant: the value is the same.
        """
        if len(text) < _SHORTEST:
            return None
        known = self._all()
        if text in known:
            return known[text]
        begin, found, rest = text.partition("://")
        if not found:
            return None
        authority = f"{begin}://{rest.partition('/')[0]}"
        while "/" in rest:
            rest = rest.rpartition("/")[0]
            for candidate in (f"{begin}://{rest}/", f"{begin}://{rest}"):
                if candidate in known:
                    return known[candidate]
        return known.get(authority.partition("://")[2]) or known.get(authority.partition("://")[2].partition(":")[0])

    def _all(self) -> dict[str, Evidence]:
        if self._known is None:
            self._known = {}
            for text, evidence in self._find():
                self._known.setdefault(text, evidence)
        return self._known

    def _find(self) -> Iterator[tuple[str, Evidence]]:
        sources = self._machine.program.sources
        for path in sorted(self._machine.globals):
            facts = sources.facts(path) if path.endswith(".py") else None
            yield from _named(facts.body if facts is not None else (), path, "")
        for id, info in sorted(self._machine.classes.items(), key=lambda item: (item[0].path, item[0].name)):
            yield from _named(info.facts.body, id.path, id.name)


def _named(body: Iterable[Stmt], path: str, cls: str) -> Iterator[tuple[str, Evidence]]:
    """The texts that are assigned to names in a body, and those in mappings that are."""
    for statement in body:
        match statement:
            case ("set", line, targets, value):
                names = [target[1] for target in targets if target[0] == "name"]
            case ("annotate", line, ("name", name), _, value):
                names = [name]
            case _:
                continue
        for keys, text in _texts(value, _DEEPEST):
            for name in names if len(text) >= _SHORTEST else ():
                note = f"{cls}.{name}{keys} = {text}" if cls else f"{name}{keys} = {text}"
                yield text, Evidence(EvidenceKind.SOURCE, Role.VIA, Place(path, line, 1, cls), note)


def _texts(value: Expr | None, depth: int) -> Iterator[tuple[str, str]]:
    """A text, or the addresses in a mapping, each with the keys that lead to it."""
    match value:
        case ("const", str(text)):
            yield "", text
        case ("dict", pairs) if depth:
            for key, inner in pairs:
                if key is not None and key[0] == "const":
                    found = ((f"[{key[1]!r}]{keys}", text) for keys, text in _texts(inner, depth - 1))
                    yield from (one for one in found if "://" in one[1])
