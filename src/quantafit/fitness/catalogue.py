"""All fitness functions: found by walking this package, and by the entry points of other packages.

There is no list to edit. A module under ``quantafit/fitness/FAMILY/`` that holds a constant ``RULE`` is a rule; another
package adds its own by an entry point of the group ``quantafit.rules`` that names a ``Rule`` or a module with ``RULE``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

from quantafit.errors import UsageError
from quantafit.fitness.rule import Rule
from quantafit.model import RuleCard

GROUP = "quantafit.rules"


@cache
def rules() -> tuple[Rule[Any], ...]:
    """Every fitness function, ordered by name. Raises UsageError where a package adds something that is none."""
    return catalogue((*_built_in(), *_added(entry_points(group=GROUP))))


def catalogue(found: Iterable[Rule[Any]]) -> tuple[Rule[Any], ...]:
    """The rules ordered by name. Raises UsageError where two bear one name."""
    named: dict[str, Rule[Any]] = {}
    for rule in found:
        if named.setdefault(rule.name, rule) is not rule:
            raise UsageError(f"Two fitness functions are named {rule.name!r}; a name is given once.")
    return tuple(named[name] for name in sorted(named))


def cards() -> Mapping[str, RuleCard]:
    """The explanation of every fitness function, by name."""
    return {rule.name: rule.card for rule in rules()}


def explain(name: str) -> RuleCard:
    """The explanation of one fitness function. Raises UsageError with a suggestion where there is none of that name."""
    known = cards()
    if name in known:
        return known[name]
    raise UsageError(f"There is no fitness function {name!r}.{did_you_mean(name, known)}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest known name, else all of them; begins with a blank, for use after a sentence."""
    names = sorted(known)
    by_last_word = [candidate for candidate in names if candidate.partition("/")[2] == name]
    near = by_last_word or get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f" Did you mean {near[0]!r}?"
    return f" Known: {', '.join(names)}." if names else ""


def _built_in() -> Iterator[Rule[Any]]:
    package = import_module("quantafit.fitness")
    for module in walk_packages(package.__path__, prefix="quantafit.fitness."):
        if not module.ispkg and module.name.count(".") == 3:
            yield from _rule_in(import_module(module.name))


def _rule_in(module: ModuleType) -> Iterator[Rule[Any]]:
    rule = getattr(module, "RULE", None)
    if isinstance(rule, Rule):
        yield rule


def _added(points: Iterable[EntryPoint]) -> Iterator[Rule[Any]]:
    for point in points:
        yield load(point)


def load(point: EntryPoint) -> Rule[Any]:
    """The rule behind an entry point. Raises UsageError that names the package and keeps the original exception."""
    origin = point.dist.name if point.dist else point.value
    try:
        loaded = point.load()
    except Exception as problem:
        raise UsageError(f"The fitness function {point.name!r} of {origin} cannot be loaded: {problem}") from problem
    rule = loaded if isinstance(loaded, Rule) else getattr(loaded, "RULE", None)
    if not isinstance(rule, Rule):
        raise UsageError(f"The entry point {point.name!r} of {origin} names no Rule, and no module with a RULE.")
    return rule
