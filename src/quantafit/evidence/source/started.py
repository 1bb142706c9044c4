"""What a program in other code does for the quantum whose unit starts it.

A file that several quanta start may do for each of them something else: which, it often decides by a variable or an
argument, and every way through it is read. So what it does alike for all who start it is in doubt, unless a name in it
has a value that only this quantum's units give it, or it is done by way of the quantum's own code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from quantafit.evidence.source.program import Sources
from quantafit.model import DataAtRest, ImportEdge, Place, Program, Unresolved
from quantafit.model.observations import Observation
from quantafit.model.terms import Joined, OneOf, Term, Unknown, Variable

_TELLING = {
    "request": ("url", "host", "service", "location"),
    "publish": ("channel", "exchange", "routing_key"),
    "subscribe": ("queue", "channel"),
    "store": ("table",),
    "read": ("table",),
    "define": ("table",),
    "connect": ("datastore",),
}
"""The slots that say with whom something is done."""
_COULD_BE = {"request": "request", "publish": "publish", "subscribe": "publish"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a quantum shows, with what is in doubt taken out of it and said to be so."""

    seen: tuple[Observation, ...]
    imports: tuple[ImportEdge, ...]
    data: tuple[DataAtRest, ...]
    unresolved: tuple[Unresolved, ...]


@dataclass(frozen=True, slots=True)
class Doubts:
    """What may be doubted of what a quantum shows. ``unsure`` are the files that are only run because of a program that
    others start too; ``own`` are the quantum's.
    """

    quantum: str
    programs: Sequence[Program]
    unsure: Mapping[str, Program]
    own: Set[str]

    def judged(
        self, sources: Sources, seen: Iterable[Observation], imports: Iterable[ImportEdge], data: Iterable[DataAtRest]
    ) -> Shown:
        """What holds of all that was seen."""
        unresolved = dict.fromkeys(_untold(self.quantum, self.programs))
        kept: list[Observation] = []
        doubted: set[Place] = set()
        for one in seen:
            program = self.unsure.get(one.site.path)
            if program is None or _is_certain(one, program, self.own):
                kept.append(one)
                continue
            why = _why(program)
            could_be = _COULD_BE.get(one.does, "store")
            unresolved[Unresolved(self.quantum, one.library, why, one.site, (could_be,))] = None
            if one.does == "subscribe":  # whoever publishes may be heard here
                open_ = {name: Unknown(why) for name in _TELLING["subscribe"] if name in one.slots}
                kept.append(replace(one, slots={**one.slots, **open_}))
            else:
                doubted.add(one.site)
        held: list[ImportEdge] = []
        for edge in imports:
            program = self.unsure.get(edge.place.path)
            if program is None or (edge.place.path == program.path and _is_at_top(sources, edge.place)):
                held.append(edge)
            else:
                what = f"import of {edge.module}"
                unresolved[Unresolved(self.quantum, what, _why(program), edge.place, ("import",))] = None
        rests = tuple(one for one in data if (one.path[0].place if one.path else one.place) not in doubted)
        return Shown(tuple(kept), tuple(held), rests, tuple(unresolved))


def _is_certain(one: Observation, program: Program, own: Set[str]) -> bool:
    if one.does not in _TELLING or any(step.place.path in own for step in one.path):
        return True
    slots = (one.slots.get(name) for name in _TELLING[one.does])
    return any(term is not None and _is_told_apart(term, program.apart) for term in slots)


def _is_told_apart(term: Term, apart: Set[str]) -> bool:
    """Whether a value is another one for each quantum that starts the program."""
    match term:
        case Variable():
            return term.name in apart
        case Joined():
            return any(_is_told_apart(part, apart) for part in term.parts)
        case OneOf():
            return all(_is_told_apart(option, apart) for option in term.options)
        case _:
            return False


def _is_at_top(sources: Sources, place: Place) -> bool:
    """Whether a statement stands below nothing: whoever starts the file runs it."""
    facts = sources.facts(place.path)
    return facts is not None and any(statement[1] == place.line for statement in facts.body)


def _why(program: Program) -> str:
    others = " and ".join(program.also) if len(program.also) < 3 else f"{len(program.also)} others"
    return (
        f"the unit {program.unit} starts {program.path} as {others} do, and whether it does this for each could not be "
        "told; add code that only this quantum starts to its source in quanta.yaml"
    )


def _untold(quantum: str, programs: Iterable[Program]) -> Iterator[Unresolved]:
    for program in programs:
        if program.path is None:
            why = (
                f"the unit {program.unit} starts a file that may be {' or '.join(program.candidates[:3])}, which is "
                "run for no quantum; add the file to the quantum's source in quanta.yaml"
            )
            yield Unresolved(quantum, program.word, why, program.place, ("request", "publish", "store", "import"))
