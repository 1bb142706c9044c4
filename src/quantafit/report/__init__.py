"""Reports: pure functions from an evaluation to text, one format a file.

A format is a module of this package whose name does not begin with an underscore; its ``render(evaluation)`` gives the
text. Nothing is registered anywhere. Formats are imported when they are asked for, since some are slow to load.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import Any

from quantafit.errors import UsageError
from quantafit.model import Evaluation
from quantafit.report._redaction import redact

__all__ = ["formats", "places_in", "redact", "render", "schema"]

_PLACE = re.compile(r"[^\s()\[\]'\",;]+\.\w+:\d+")


def formats() -> tuple[str, ...]:
    """The names of all formats, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


def render(name: str, evaluation: Evaluation, **options: Any) -> str:
    """The report in the format of that name, ending in one newline.

    ``options`` are those of the format's own ``render``; only ``terminal`` has some. Raises UsageError where there is
    no such format.
    """
    if name not in formats():
        raise UsageError(f"There is no report format '{name}'. Known: {', '.join(formats())}.")
    module = importlib.import_module(f"{__name__}.{name}")
    text: str = module.render(evaluation, **options)
    return text


def places_in(sentence: str) -> tuple[str, ...]:
    """The places (``path:line``) that a sentence names, each once: a reason names what stands in the way."""
    return tuple(dict.fromkeys(_PLACE.findall(sentence)))


def schema(name: str) -> str:
    """The JSON Schema of the ``json`` or the ``observed`` format, as text. Raises UsageError for any other name."""
    from importlib.resources import files

    if name not in ("json", "observed"):
        raise UsageError(f"The format '{name}' has no JSON Schema; json and observed have one.")
    return (files(__name__) / "_schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
