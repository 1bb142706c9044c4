"""What all that ask a running server share: where it is, how long is waited, what may be said of a failure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import unquote, urlsplit

Environment = Mapping[str, str]
"""Environment variables, name → value."""

Classify = Callable[[str, Sequence[str]], tuple[str | None, tuple[str | None, ...]]]
"""Tells the data class that the name of a table means, and those of its columns; None for any other name."""

PATIENCE = 5.0
"""Seconds that a server may be silent: before it takes a connection, and between two parts of an answer."""

TOGETHER = 20.0
"""Seconds that all questions to one server may take together, whatever it sends in between."""

_USERINFO = re.compile(r"://[^\s\"'<>]*@")
_SECRET = re.compile(r"(?i)\b(password|passwd|pwd)\s*=\s*('[^']*'|\S+)")


class NotAnsweredError(Exception):
    """A server did not tell what it was asked; the text says why, in one sentence that people read."""


def variable(environment: Environment, name: str) -> str:
    """The value of an environment variable. Raises NotAnsweredError where it is not set, or empty."""
    value = environment.get(name, "").strip()
    if not value:
        raise NotAnsweredError(f"the environment variable {name} is not set; it should lead to the server")
    return value


def without_credentials(text: str, environment: Environment) -> str:
    """A sentence for people: on one line, without the password of any URL that a variable holds."""
    text = _SECRET.sub(r"\1=***", _USERINFO.sub("://***@", " ".join(text.split())))
    for secret in sorted(_passwords(environment), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _passwords(environment: Environment) -> set[str]:
    """The passwords of all URLs among the variables, as written and as meant.

    Very short ones are left: taking each letter of a test's password out of a sentence would leave nothing to read, and
    what stands before an @ is taken out anyway.
    """
    found: set[str] = set()
    for value in environment.values():
        if "://" not in value:
            continue
        try:
            password = urlsplit(value.strip()).password
        except ValueError:
            continue
        if password and len(password) > 2:
            found |= {password, unquote(password)}
    return found
