"""Waivers: dated exemptions with an owner and a reason. An expired one, or one without a day to judge it by, is void.

A waiver covers findings: a judgement is waived only where every finding of it is covered. A subject that could not be
judged can be waived as a whole, by a waiver that names it without a ``path``. An error is never waived.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any

from quantafit.fitness.rule import Case
from quantafit.fitness.system import System, Waiving
from quantafit.model import Finding, Judgement, Verdict, Waiver


@dataclass(frozen=True)
class Judged:
    """A judgement with the case it was made for."""

    judgement: Judgement
    case: Case[Any]


def void_because(waiver: Waiver, as_of: date | None) -> str:
    """Why a waiver does not hold on that day; empty where it holds."""
    try:
        last_day = date.fromisoformat(waiver.expires)
    except ValueError:
        return f"its expiry {waiver.expires!r} is no date (YYYY-MM-DD)"
    if as_of is None:
        return "no day was given to judge its expiry by"
    return f"it expired on {waiver.expires}" if as_of > last_day else ""


def apply(judged: Iterable[Judged], system: System) -> tuple[tuple[Judged, ...], tuple[Waiving, ...]]:
    """The judgements with the waivers applied, and what each waiver did."""
    results = tuple(judged)
    waivings = tuple(_waiving(waiver, results, system.as_of) for waiver in system.architecture.waivers)
    holding = tuple(waiving.waiver for waiving in waivings if not waiving.void)
    return tuple(_waived(result, holding) for result in results), waivings


def _waiving(waiver: Waiver, judged: Iterable[Judged], as_of: date | None) -> Waiving:
    matched = sum(1 for result in judged if _touches(waiver, result))
    return Waiving(waiver, matched, void_because(waiver, as_of))


def _touches(waiver: Waiver, judged: Judged) -> bool:
    findings = judged.judgement.findings
    if any(_covers(waiver, finding, judged.case) for finding in findings):
        return True
    return not findings and _covers_unjudged(waiver, judged)


def _waived(judged: Judged, waivers: tuple[Waiver, ...]) -> Judged:
    judgement = judged.judgement
    if judgement.verdict is Verdict.NOT_EVALUATED:
        covering = [waiver for waiver in waivers if _covers_unjudged(waiver, judged)]
        return replace(judged, judgement=_as_waived(judgement, covering)) if covering else judged
    if judgement.verdict is not Verdict.FAIL:
        return judged
    covered = [waiver for finding in judgement.findings if (waiver := _first(waivers, finding, judged.case))]
    count, total = len(covered), len(judgement.findings)
    if count == total:
        return replace(judged, judgement=_as_waived(judgement, covered))
    reason = f"{count} of {total} findings are waived" if count else judgement.reason
    return replace(judged, judgement=replace(judgement, reason=reason))


def _first(waivers: tuple[Waiver, ...], finding: Finding, case: Case[Any]) -> Waiver | None:
    return next((waiver for waiver in waivers if _covers(waiver, finding, case)), None)


def _covers(waiver: Waiver, finding: Finding, case: Case[Any]) -> bool:
    return waiver.rule == finding.rule and all(
        _path_matches(value, finding) if key == "path" else _label_matches(key, value, case)
        for key, value in waiver.match.items()
    )


def _covers_unjudged(waiver: Waiver, judged: Judged) -> bool:
    return (
        waiver.rule == judged.judgement.rule
        and judged.judgement.verdict is Verdict.NOT_EVALUATED
        and "path" not in waiver.match
        and all(_label_matches(key, value, judged.case) for key, value in waiver.match.items())
    )


def _path_matches(pattern: str, finding: Finding) -> bool:
    places = (finding.place, *(evidence.place for evidence in finding.path[:1]))
    return any(fnmatchcase(place.path, pattern) for place in places)


def _label_matches(key: str, value: str, case: Case[Any]) -> bool:
    if key == "quantum":
        return value in (case.labels.get("quantum"), case.labels.get("from"))
    return case.labels.get(key) == value


def _as_waived(judgement: Judgement, waivers: list[Waiver]) -> Judgement:
    terms = dict.fromkeys(f"{waiver.owner} until {waiver.expires}: {waiver.reason}" for waiver in waivers)
    stopped = (Verdict.FAIL, Verdict.NOT_EVALUATED) if judgement.verdict is Verdict.NOT_EVALUATED else (Verdict.FAIL,)
    by_kind = {k: Verdict.WAIVED if v in stopped else v for k, v in judgement.by_kind.items()}
    reason = "waived by " + "; ".join(terms)
    if judgement.reason:
        reason += f" ({judgement.reason})"
    return replace(judgement, verdict=Verdict.WAIVED, by_kind=MappingProxyType(by_kind), reason=reason)
