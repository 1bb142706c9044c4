"""Command lines as Docker, Compose and Kubernetes write them: a text for a shell, or a list of words."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

Command = str | tuple[str, ...]
"""The shell form as written, or the words of the exec form."""


def command_line(
    entrypoint: Command | None,
    command: Command | None,
    image_entrypoint: Command | None = None,
    image_command: Command | None = None,
) -> str | None:
    """What a container runs, as one line; None where nothing is said.

    ``entrypoint`` and ``command`` are those of the deployment (Kubernetes: ``command`` and ``args``). An entrypoint of
    the deployment sets the image's command aside; an image's entrypoint in shell form takes no arguments. Source:
    Dockerfile reference, "Understand how CMD and ENTRYPOINT interact".
    """
    if entrypoint is not None:
        parts = [entrypoint, command]
    elif isinstance(image_entrypoint, str):
        parts = [image_entrypoint]
    else:
        parts = [image_entrypoint, image_command if command is None else command]
    return " ".join(filter(None, map(_text, parts))) or None


def _text(command: Command | None) -> str:
    return words(command) if isinstance(command, tuple) else command or ""


def words(items: Sequence[str]) -> str:
    """Words as one line; only those with blanks in them are quoted, so that the line reads as it was written."""
    return " ".join(shlex.quote(item) if not item or any(map(str.isspace, item)) else item for item in items)


def script_lines(text: str) -> str:
    """The commands of a shell script, one to a line: continued lines are joined, comments and blank lines left out."""
    lines = (line.strip() for line in text.replace("\\\n", " ").split("\n"))
    return "\n".join(line for line in lines if line and not line.startswith("#"))
