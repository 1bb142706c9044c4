"""Symbolic terms to texts: configuration is put in per quantum, and what is left unknown says why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from quantafit.coupling import versions
from quantafit.coupling.environment import UNTOLD, Environment
from quantafit.model import Clue, Evidence, EvidenceKind, Role, Step
from quantafit.model.terms import ByVersion, Joined, Literal, OneOf, Term, Unknown, Variable

_MOST = 64
HOLE = "\0"
"""Stands in a resolved text for a part that could not be told."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """One value that a term may have. ``text`` is None where nothing of it is known; ``why`` says why.

    ``variable`` is the name of the environment variable that its beginning comes from, if any; ``clues`` say how the
    text was come by.
    """

    text: str | None
    why: str = ""
    variable: str | None = None
    evidence: tuple[Evidence, ...] = ()
    clues: tuple[Clue, ...] = ()
    modelled: bool = False
    """Only a file for people to copy says so: what rests on it stays unresolved."""

    @property
    def whole(self) -> bool:
        return self.text is not None and HOLE not in self.text


def resolve(term: Term, quantum: str, environment: Environment) -> tuple[Resolved, ...]:
    """Every value that a term may have in a quantum, bounded."""
    found: dict[tuple[str | None, str | None], Resolved] = {}
    for value in _values(term, quantum, environment):
        found.setdefault((value.text, value.variable), value)
        if len(found) >= _MOST:
            break
    return tuple(found.values())


def _values(term: Term, quantum: str, environment: Environment) -> Iterator[Resolved]:
    match term:
        case Literal(value, origin):
            yield _literal(value, origin)
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
        case ByVersion():
            given, evidence, why = versions.default(term, environment.pins(quantum, term.distribution))
            text = None if why or given is None else _text(given)
            yield Resolved(text, why, evidence=evidence)
        case Unknown(why):
            yield Resolved(None, why)


def _variable(term: Variable, quantum: str, environment: Environment) -> Iterator[Resolved]:
    code = (term.evidence,) if term.evidence is not None else ()
    bound = environment.values(quantum, term.name)
    for value in bound:
        bound_at, evidence = value.evidence.place, (*code, value.evidence)
        if value.value is None:
            why = f"{term.name} is given its value outside of this tree (named at {bound_at})"
            yield Resolved(None, why, term.name, evidence)
        else:
            clue = Clue(Step.ENVIRONMENT, f"{term.name}={value.value}", bound_at)
            # In a URL it is a password, most likely, which nobody asks for; in a name it is a part of it.
            told = value.value if "://" in value.value else value.value.replace(UNTOLD, HOLE)
            why = "" if told == value.value else f"a part of {term.name} is told outside of this tree ({bound_at})"
            yield Resolved(told, why, term.name, evidence, (clue,))
    left_open = environment.left_open(quantum, term.name)
    if left_open is not None:
        why = f"{term.name} may be bound in a file that is not in this tree ({left_open})"
        yield Resolved(None, why, term.name, code)
    if any(value.value is not None for value in bound):
        return
    known = bool(bound)
    for default in resolve(term.default, quantum, environment) if term.default is not None else ():
        if default.text is None:
            continue
        known = True
        evidence = (*code, *default.evidence, *_default(term))
        place = term.evidence.place if term.evidence is not None else None
        clue = Clue(Step.SETTINGS_DEFAULT, f"{term.name} is {default.text} by default", place)
        outer = any(one.step in (Step.ENVIRONMENT, Step.SETTINGS_DEFAULT) for one in default.clues)
        yield Resolved(default.text, "", term.name, evidence, default.clues if outer else (clue,))
    if known:
        return
    why = f"{_described(term.name)} is bound nowhere"
    if left_open is not None:
        why = f"{term.name} may be bound in a file that is not in this tree ({left_open})"
    models = environment.modelled(quantum, term.name)
    for value in models:
        clue = Clue(Step.ENVIRONMENT, f"{term.name}={value.value}, for people to copy", value.evidence.place)
        yield Resolved(value.value, why, term.name, (*code, value.evidence), (clue,), modelled=True)
    if not models and left_open is None:
        # A word of one program's command line is a name that nobody else means.
        yield Resolved(None, why, None if term.name.startswith("argv[") else term.name, code)


def _described(name: str) -> str:
    if "#" in name:
        path, _, key = name.partition("#")
        return f"the entry {key} of {path}"
    if name.startswith("argv["):
        return f"the word {name}"
    return f"the option {name} of the command line" if name.startswith("-") else f"the environment variable {name}"


def _default(term: Variable) -> tuple[Evidence, ...]:
    if term.evidence is None:
        return ()
    return (Evidence(EvidenceKind.SOURCE, Role.DEFAULT, term.evidence.place, f"default of {term.name}"),)


def _joined(parts: tuple[Resolved, ...]) -> Resolved:
    text = "".join(HOLE if part.text is None else part.text for part in parts)
    evidence = tuple(dict.fromkeys(item for part in parts for item in part.evidence))
    variable = next((part.variable for part in parts if part.variable), None)
    why = next((part.why for part in parts if part.why), "")
    clues = tuple(dict.fromkeys(clue for part in parts for clue in part.clues if clue.step is not Step.LITERAL))
    modelled = any(part.modelled for part in parts)
    return Resolved(text, why, variable, evidence, clues, modelled)


def _literal(value: object, origin: Evidence | None) -> Resolved:
    """A value in the code: of a constant that has a name, or written where it is used."""
    if value is None:
        return Resolved(None)
    text = _text(value)
    if origin is not None:
        return Resolved(text, clues=(Clue(Step.CONSTANT, origin.note, origin.place),))
    return Resolved(text)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
