"""Symbolic terms to texts: configuration is put in per quantum, and what is left unknown says why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from quantafit.coupling.environment import Environment
from quantafit.model import Evidence, EvidenceKind, Role
from quantafit.model.terms import Joined, Literal, OneOf, Term, Unknown, Variable

_MOST = 64
HOLE = "\0"
"""Stands in a resolved text for a part that could not be told."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """One value that a term may have. ``text`` is None where nothing of it is known; ``why`` says why.

    ``step`` names what decided it: ``literal``, ``configuration``, ``default``, ``variable``; ``variable`` is the
    name of the environment variable that its beginning comes from, if any.
    """

    text: str | None
    step: str = "literal"
    why: str = ""
    variable: str | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def whole(self) -> bool:
        return self.text is not None and HOLE not in self.text


def resolve(term: Term, quantum: str, environment: Environment) -> tuple[Resolved, ...]:
    """Every value that a term may have in a quantum, bounded."""
    found: dict[tuple[str | None, str | None, str], Resolved] = {}
    for value in _values(term, quantum, environment):
        found.setdefault((value.text, value.variable, value.step), value)
        if len(found) >= _MOST:
            break
    return tuple(found.values())


def _values(term: Term, quantum: str, environment: Environment) -> Iterator[Resolved]:
    match term:
        case Literal(value):
            yield Resolved(None if value is None else _text(value))
        case OneOf(options):
            for option in options:
                yield from _values(option, quantum, environment)
        case Variable():
            yield from _variable(term, quantum, environment)
        case Joined(parts):
            choices = [resolve(part, quantum, environment) for part in parts]
            for index, combination in enumerate(product(*choices)):
                if index >= _MOST:
                    return
                yield _joined(combination)
        case Unknown(why):
            yield Resolved(None, "unknown", why)


def _variable(term: Variable, quantum: str, environment: Environment) -> Iterator[Resolved]:
    code = (term.evidence,) if term.evidence is not None else ()
    bound = environment.values(quantum, term.name)
    for value in bound:
        yield Resolved(value.value, "configuration", variable=term.name, evidence=(*code, value.evidence))
    left_open = environment.left_open(quantum, term.name)
    known = bool(bound)
    for default in resolve(term.default, quantum, environment) if term.default is not None and not bound else ():
        if default.text is None:
            continue
        known = True
        evidence = (*code, *default.evidence, *_default(term))
        yield Resolved(default.text, "default", variable=term.name, evidence=evidence)
    if left_open is not None:
        why = f"{term.name} may be bound in a file that is not in this tree ({left_open})"
        yield Resolved(None, "variable", why, term.name, code)
    elif not known:
        yield Resolved(None, "variable", f"the environment variable {term.name} is bound nowhere", term.name, code)


def _default(term: Variable) -> tuple[Evidence, ...]:
    if term.evidence is None:
        return ()
    return (Evidence(EvidenceKind.SOURCE, Role.DEFAULT, term.evidence.place, f"default of {term.name}"),)


def _joined(parts: tuple[Resolved, ...]) -> Resolved:
    text = "".join(HOLE if part.text is None else part.text for part in parts)
    evidence = tuple(dict.fromkeys(item for part in parts for item in part.evidence))
    steps = [part.step for part in parts if part.step != "literal"]
    variable = next((part.variable for part in parts if part.variable), None)
    why = next((part.why for part in parts if part.why), "")
    return Resolved(text, steps[0] if steps else "literal", why, variable, evidence)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
