"""Variables in configuration values, as Compose interpolates them.

=================  =============================================================
``$A`` ``${A}``    the value of A
``${A:-d}``        the value of A, or ``d`` where A is unset or empty
``${A-d}``         the value of A, or ``d`` where A is unset
``${A:?e}``        the value of A; unknown where A is unset or empty (``e`` is the message)
``${A?e}``         the value of A; unknown where A is unset
``${A:+x}``        ``x`` where A is set and not empty, nothing where it is empty
``${A+x}``         ``x`` where A is set
``$$``             a dollar sign
=================  =============================================================

``d`` and ``x`` may hold variables themselves. Anything else with a dollar sign stands for itself.
Source: Compose specification, "Interpolation".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

LONGEST = 65_536
"""How long a value may become. A few variables that repeat each other could otherwise fill any memory."""

# Deeper nesting than this is not written by people; it stays unresolved, and no input can exhaust the stack.
_DEEPEST = 16

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r":?[-?+]")
_BRACE = re.compile(r"\$\$|\$\{|\}")

Part = str | None


def interpolate(value: str, environment: Mapping[str, str]) -> tuple[Part, ...]:
    """The parts of ``value`` with its variables replaced from ``environment``. Never raises.

    Text is a string, joined with its neighbours and never empty; None stands for one variable that is not in
    ``environment`` and has no default. A value that is wholly known is one string, and the empty one is ``("",)``.
    Replaced values are taken as they are: a dollar sign in them means nothing. A value that grows beyond
    :data:`LONGEST` characters is ``(None,)``.
    """
    room = max(LONGEST, len(value))
    joined: list[Part] = []
    texts: list[str] = []
    for part in _parts(value, environment, 0):
        room -= len(part or "")
        if room < 0:
            return (None,)
        if part is None:
            joined += [*_text(texts), None]
            texts.clear()
        else:
            texts.append(part)
    return (*joined, *_text(texts)) or ("",)


def _text(texts: list[str]) -> Iterator[str]:
    text = "".join(texts)
    if text:
        yield text


def _parts(value: str, environment: Mapping[str, str], depth: int) -> Iterator[Part]:
    closings = _closings(value)
    at = 0
    while (dollar := value.find("$", at)) >= 0:
        yield value[at:dollar]
        after = dollar + 1
        if value.startswith("$", after):
            yield "$"
            at = after + 1
        elif name := _NAME.match(value, after):
            yield environment.get(name[0])
            at = name.end()
        elif dollar in closings:
            yield from _braced(value[after + 1 : closings[dollar]], environment, depth)
            at = closings[dollar] + 1
        else:
            yield "$"
            at = after
    yield value[at:]


def _closings(value: str) -> dict[int, int]:
    """For each ``${`` that is closed, where its brace closes. One pass, whatever the nesting."""
    closings: dict[int, int] = {}
    opened: list[int] = []
    for token in _BRACE.finditer(value):
        if token[0] == "${":
            opened.append(token.start())
        elif token[0] == "}" and opened:
            closings[opened.pop()] = token.start()
    return closings


def _braced(inside: str, environment: Mapping[str, str], depth: int) -> Iterator[Part]:
    name = _NAME.match(inside)
    if name is None:
        yield f"${{{inside}}}"
        return
    rest = inside[name.end() :]
    operator = _OPERATOR.match(rest)
    if rest and operator is None:
        yield f"${{{inside}}}"
    elif depth >= _DEEPEST:
        yield None
    else:
        yield from _chosen(environment.get(name[0]), rest, operator[0] if operator else "", environment, depth)


def _chosen(
    current: str | None, rest: str, operator: str, environment: Mapping[str, str], depth: int
) -> Iterator[Part]:
    """What a variable whose value is ``current`` becomes under ``operator``; ``rest`` begins with the operator."""
    word = rest[len(operator) :]
    counts = current is not None and not (operator.startswith(":") and not current)
    if operator.endswith("+"):
        if counts:
            yield from _parts(word, environment, depth + 1)
        elif current is None:
            yield None
    elif counts:
        yield current
    elif operator.endswith("-"):
        yield from _parts(word, environment, depth + 1)
    else:
        yield None
