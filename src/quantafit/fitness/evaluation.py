"""Select, judge, decide, waive: the run of all fitness functions over one system. Pure: one input, one result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from quantafit.fitness import catalogue, waivers
from quantafit.fitness.rule import Case, Contradiction, Rule, Ruling
from quantafit.fitness.settings import mode_of, options_of, origin_of
from quantafit.fitness.system import System
from quantafit.fitness.verdict import Outcome, decide, unseen
from quantafit.fitness.waivers import Judged
from quantafit.model import Architecture, CouplingMap, Experiments, Finding, Judgement, Mode, RuleCard, Verdict


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What the fitness functions said. ``without_subject`` names those that found nothing to judge,
    ``left_to_experiments`` those with declared drills that a run with their records judges.
    """

    judgements: tuple[Judgement, ...]
    cards: Mapping[str, RuleCard]
    without_subject: tuple[str, ...] = ()
    left_to_experiments: tuple[str, ...] = ()


def evaluate(
    architecture: Architecture,
    coupling: CouplingMap,
    *,
    as_of: date | None = None,
    rules: Iterable[Rule[Any]] | None = None,
    experiments: Experiments | None = None,
    only_experiments: bool = False,
) -> Evaluated:
    """Judge a system by every fitness function that is not off.

    ``as_of`` is the day for which waivers are judged; without one, none of them holds. ``rules`` defaults to all that
    are installed. ``experiments`` are the records to judge; without, what only an experiment proves is not part of the
    run. With ``only_experiments`` nothing else is. Judgements come by rule name, then in the order of the declaration.
    Raises DeclarationError where ``rules`` or ``waivers`` of the declaration name what does not exist, UsageError where
    an installed rule is broken.
    """
    used = catalogue.rules() if rules is None else catalogue.catalogue(rules)
    system = System(
        architecture, coupling, as_of, known_rules=tuple(rule.name for rule in used), experiments=experiments
    )
    options = options_of(used, system)
    on = [rule for rule in used if system.mode_of(rule.name) is not Mode.OFF]
    proofs = {drill.proves for drill in architecture.drills.experiments}
    left = [rule.name for rule in on if rule.by_experiment and rule.name.partition("/")[2] in proofs]
    if only_experiments:
        on = [rule.alone or rule for rule in on if rule.by_experiment or rule.alone is not None]
    active = [rule for rule in on if experiments is not None or not rule.by_experiment]
    first, waivings = waivers.apply(_judge_all((rule for rule in active if not rule.last), system, options), system)
    after = replace(system, waivings=waivings)
    judged = (*first, *_judge_all((rule for rule in active if rule.last), after, options))
    judgements = tuple(sorted((result.judgement for result in judged), key=lambda judgement: judgement.rule))
    subjects = {judgement.rule for judgement in judgements}
    return Evaluated(
        judgements,
        MappingProxyType({rule.name: rule.card for rule in used}),
        tuple(rule.name for rule in active if rule.name not in subjects and not (rule.by_experiment and not left)),
        tuple(left) if experiments is None else (),
    )


def _judge_all(rules: Iterable[Rule[Any]], system: System, options: Mapping[str, Any]) -> Iterator[Judged]:
    for rule in rules:
        for case in rule.select(system):
            yield Judged(_judge(rule, case, system, options[rule.name]), case)


def _judge(rule: Rule[Any], case: Case[Any], system: System, options: Any) -> Judgement:
    if case.unseen:
        return _judgement(rule, case, system, unseen(rule.card, case.unseen), ())
    ruling = rule.judge(case.about, system, options)
    outcome = decide(rule.card, ruling, system)
    return _judgement(rule, case, system, outcome, _findings(rule, case, ruling, outcome))


def _judgement(
    rule: Rule[Any], case: Case[Any], system: System, outcome: Outcome, findings: tuple[Finding, ...]
) -> Judgement:
    setting = system.architecture.setting(rule.name)
    adr = case.subject.adr or (setting.adr if setting else None) or case.fallback_adr
    return Judgement(
        rule.name,
        case.subject,
        outcome.verdict,
        outcome.by_kind,
        findings,
        outcome.reason,
        adr,
        system.architecture.sentence(adr),
        origin_of(rule, case, system),
        mode_of(rule, case, system),
    )


def _findings(rule: Rule[Any], case: Case[Any], ruling: Ruling, outcome: Outcome) -> tuple[Finding, ...]:
    if outcome.verdict is not Verdict.FAIL:
        return ()
    contradictions = sorted(ruling.against or ruling.missing, key=lambda c: (c.place, c.message, c.path, c.detail))
    fingerprints = _numbered(_fingerprint(rule, case, contradiction) for contradiction in contradictions)
    return tuple(
        Finding(rule.name, case.subject, c.message, c.place, c.kind, c.path, c.ways_out, fingerprint)
        for c, fingerprint in zip(contradictions, fingerprints, strict=True)
    )


def _fingerprint(rule: Rule[Any], case: Case[Any], contradiction: Contradiction) -> str:
    place = contradiction.place
    parts = (rule.name, case.subject.name, place.path, place.symbol, contradiction.detail)
    return " | ".join(part for part in parts if part)


def _numbered(fingerprints: Iterable[str]) -> list[str]:
    """Equal fingerprints are told apart by their order in the file, so that a baseline counts each of them."""
    seen: Counter[str] = Counter()
    numbered = []
    for fingerprint in fingerprints:
        seen[fingerprint] += 1
        numbered.append(fingerprint if seen[fingerprint] == 1 else f"{fingerprint} | {seen[fingerprint]}")
    return numbered
