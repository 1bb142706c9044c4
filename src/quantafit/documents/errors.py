"""What is raised when a document cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from quantafit.errors import Problem, QuantafitError


class DocumentError(QuantafitError):
    """A YAML document is broken, hostile or too large. ``problems`` holds what is wrong, in the file's order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))
