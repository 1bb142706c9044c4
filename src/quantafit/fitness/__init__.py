"""Fitness functions: one rule a file, pure functions over frozen values.

``evaluate`` judges a system, ``explain`` looks one rule's card up, ``reference`` renders all cards as Markdown.
"""

from quantafit.fitness.catalogue import cards, explain, rules
from quantafit.fitness.evaluation import Evaluated, evaluate
from quantafit.fitness.examples import example_files
from quantafit.fitness.reference import reference
from quantafit.fitness.rule import Case, Contradiction, NoOptions, Rule, Ruling
from quantafit.fitness.system import System

__all__ = [
    "Case",
    "Contradiction",
    "Evaluated",
    "NoOptions",
    "Rule",
    "Ruling",
    "System",
    "cards",
    "evaluate",
    "example_files",
    "explain",
    "reference",
    "rules",
]
