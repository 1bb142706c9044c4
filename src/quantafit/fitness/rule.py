"""What a fitness function is made of: a card that explains it, a selection of subjects, a judge.

A rule module holds one constant ``RULE``. ``select`` says *which things* are judged, ``judge`` says *what must hold* of
each and answers with a :class:`Ruling`; the verdict is made from the ruling and the coverage in one place
(:mod:`quantafit.fitness.verdict`), so no rule can pass what nobody looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from quantafit.fitness.system import System
from quantafit.model import Evidence, EvidenceKind, Origin, Place, RuleCard, Subject

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Case(Generic[T]):
    """One subject of one rule: how it is named in reports, and ``about``, the value that the judge looks at.

    ``labels`` are what waivers match on (``from``, ``to``, ``quantum``, ``interaction``). ``fallback_adr`` is the
    sentence to cite where neither the subject nor the rule's setting names one. ``origin`` overrides the card's for
    this subject. A case with an ``unseen`` reason is about a quantum whose code is not here: it is never judged, it is
    listed as not evaluated, and stops the gate only where ``quanta.yaml`` says ``mode: enforce`` for the rule.
    """

    subject: Subject
    about: T
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    fallback_adr: str | None = None
    origin: Origin | None = None
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Evidence against a rule, as its judge states it; the framework turns it into a ``Finding``.

    ``detail`` goes into the fingerprint beside path and symbol; it must not hold line numbers.
    """

    message: str
    place: Place
    kind: EvidenceKind = EvidenceKind.SOURCE
    path: tuple[Evidence, ...] = ()
    ways_out: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why one kind of evidence, which this run was to collect, does not tell: there is no pass, whatever others say.

    ``error`` is True where it could not be collected (a server did not answer), False where it was and says nothing.
    """

    kind: EvidenceKind
    why: str
    error: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a judge says of one subject.

    * ``against``: contradictions that were seen. They hold whatever else could not be examined.
    * ``missing``: contradictions that consist in something *not* being there. They hold only where ``needs`` was
      examined and nothing is in doubt.
    * ``doubts``: why the opposite cannot be excluded; with any, there is no pass.
    * ``needs``: the quanta whose examination the answer rests on.
    * ``error``: what the judge needed and could not be read, where that is not the code of a quantum.
    * ``obstacles``: what keeps one kind of evidence alone from telling; the other kinds keep their verdicts.
    * ``shown_by``: the evidence kinds that show the claim; None: absence shows it, in everything that was examined.
    * ``reason``: what a pass rests on.
    """

    against: tuple[Contradiction, ...] = ()
    missing: tuple[Contradiction, ...] = ()
    doubts: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    error: str = ""
    obstacles: tuple[Obstacle, ...] = ()
    shown_by: frozenset[EvidenceKind] | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NoOptions:
    """The options of a rule that has none."""


def _no_problems(_options: Any, _system: System) -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class Rule(Generic[T]):
    """A fitness function.

    ``options`` is a frozen dataclass whose fields are ``tuple[str, ...]`` with defaults; the card's ``options`` explain
    each field. ``check_options`` yields what is wrong with options for this system, one sentence each. A rule with
    ``last`` judges the declaration after all others and sees in ``System.waivings`` what the waivers did. A rule
    ``by_experiment`` judges records of experiments: it is part of a run that has some, and of no other. ``alone`` takes
    the place of a rule that also judges records, in a run that judges nothing else.
    """

    card: RuleCard
    select: Callable[[System], Iterable[Case[T]]]
    judge: Callable[[T, System, Any], Ruling]
    options: type = NoOptions
    check_options: Callable[[Any, System], Iterable[str]] = _no_problems
    last: bool = False
    by_experiment: bool = False
    alone: Rule[Any] | None = None

    @property
    def name(self) -> str:
        return self.card.name
