"""Pictures of modules, drawn by pydeps."""

from quantafit.drawing.modules import draw

__all__ = ["draw"]
