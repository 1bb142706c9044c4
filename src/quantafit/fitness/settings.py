"""The rules' settings in ``quanta.yaml``: names, modes and options, and everything that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from quantafit.errors import DeclarationError, Problem
from quantafit.fitness.catalogue import did_you_mean
from quantafit.fitness.rule import Case, Rule
from quantafit.fitness.system import System
from quantafit.model import Mode, Origin, Place, RuleSetting, Waiver


def options_of(rules: Iterable[Rule[Any]], system: System) -> Mapping[str, Any]:
    """Each rule's typed options. Raises DeclarationError with all that is wrong in ``rules`` and ``waivers``."""
    known = {rule.name: rule for rule in rules}
    problems = [*_unknown_names(known, system)]
    options = {}
    for name, rule in known.items():
        setting = system.architecture.setting(name)
        wrong = [*_wrong_options(rule, setting)] if setting else []
        if not wrong:
            options[name] = _parse(rule, setting)
            wrong = [*rule.check_options(options[name], system)]
        problems += [_problem(text, setting.place) for text in wrong if setting]
    if problems:
        raise DeclarationError(problems)
    return options


def mode_of(rule: Rule[Any], case: Case[Any], system: System) -> Mode:
    """What a failure does to the gate: as set, else by the origin; unseen code and good practice only warn."""
    explicit = system.mode_of(rule.name)
    if explicit is not None:
        return explicit
    if case.unseen or origin_of(rule, case, system) is Origin.RECOMMENDED:
        return Mode.WARN
    return Mode.ENFORCE


def origin_of(rule: Rule[Any], case: Case[Any], system: System) -> Origin:
    """Why the rule holds of this subject: the decision says so where the rule's setting names its sentence."""
    if case.origin is not None:
        return case.origin
    setting = system.architecture.setting(rule.name)
    return Origin.ADR if setting and setting.adr else rule.card.origin


def _unknown_names(known: Mapping[str, Rule[Any]], system: System) -> Iterator[Problem]:
    written: tuple[RuleSetting | Waiver, ...] = (*system.architecture.settings, *system.architecture.waivers)
    for entry in written:
        if entry.rule not in known:
            yield _problem(f"there is no fitness function {entry.rule!r}", entry.place, did_you_mean(entry.rule, known))


def _wrong_options(rule: Rule[Any], setting: RuleSetting) -> Iterator[str]:
    names = [field.name for field in fields(rule.options)]
    for key, value in setting.options.items():
        if key not in names:
            suggestion = did_you_mean(key, names) if names else " It has none."
            yield f"{rule.name} has no option {key!r}.{suggestion}"
        elif not _is_names(value):
            yield f"option {key!r} of {rule.name} must be a list of names, not {value!r}"


def _is_names(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _parse(rule: Rule[Any], setting: RuleSetting | None) -> Any:
    given = setting.options if setting else {}
    return rule.options(**{key: tuple(value) for key, value in given.items()})


def _problem(message: str, place: Place, hint: str = "") -> Problem:
    return Problem(place.path, place.line, place.column, message, hint.strip())
