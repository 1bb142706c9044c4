"""Command lines as Docker, Compose and Kubernetes write them: a text for a shell, or a list of words."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

Command = str | tuple[str, ...]
"""The shell form as written, or the words of the exec form."""


def command_line(entrypoint: Command | None, command: Command | None) -> str | None:
    """What a container runs, as one line; None where nothing is said.

    A shell-form entrypoint takes no arguments (Dockerfile reference, "Understand how CMD and ENTRYPOINT interact").
    """
    if isinstance(entrypoint, str) and entrypoint:
        return entrypoint
    return " ".join(filter(None, (_text(entrypoint), _text(command)))) or None


def _text(command: Command | None) -> str:
    if command is None or isinstance(command, str):
        return command or ""
    return words(command)


def words(items: Sequence[str]) -> str:
    """Words as one line; only those with blanks in them are quoted, so that the line reads as it was written."""
    return " ".join(shlex.quote(item) if not item or any(map(str.isspace, item)) else item for item in items)
