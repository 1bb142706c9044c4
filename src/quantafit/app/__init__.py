"""The use cases, and the only place where the rooms of quantafit are joined.

declaration → workspace → evidence → coupling → fitness → evaluation. Everything from the coupling map on is pure; the
tree is read here and below, and what day it is comes from the caller.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quantafit.app.answers import Answer, Question, answer
    from quantafit.app.drawing import draw_modules
    from quantafit.app.drilling import Stand, drill, stand
    from quantafit.app.evaluation import Progress, check, evaluate_tree, observe
    from quantafit.app.proposing import propose
    from quantafit.app.ways import Ways, ways_in, why

__all__ = [
    "Answer",
    "Progress",
    "Question",
    "Stand",
    "Ways",
    "answer",
    "check",
    "draw_modules",
    "drill",
    "evaluate_tree",
    "observe",
    "propose",
    "stand",
    "ways_in",
    "why",
]

_STANDS_IN = {
    **dict.fromkeys(("Answer", "Question", "answer"), "answers"),
    **dict.fromkeys(("Progress", "check", "evaluate_tree", "observe"), "evaluation"),
    **dict.fromkeys(("Ways", "ways_in", "why"), "ways"),
    **dict.fromkeys(("Stand", "drill", "stand"), "drilling"),
    "draw_modules": "drawing",
    "propose": "proposing",
}


def __getattr__(name: str) -> Any:
    """What is asked for, from the module it stands in: a remembered answer needs none of what works one out."""
    module = _STANDS_IN.get(name)
    if module is None:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)
