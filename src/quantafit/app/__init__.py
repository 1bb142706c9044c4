"""The use cases, and the only place where the rooms of quantafit are joined.

declaration → workspace → evidence → coupling → fitness → evaluation. Everything from the coupling map on is pure; the
tree is read here and below, and what day it is comes from the caller.
"""

from quantafit.app.drawing import draw_modules
from quantafit.app.evaluation import Progress, check, evaluate_tree, observe
from quantafit.app.ways import Ways, why

__all__ = ["Progress", "Ways", "check", "draw_modules", "evaluate_tree", "observe", "why"]
