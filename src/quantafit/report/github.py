"""Annotations for a GitHub workflow: one command a line, shown beside the code of a change."""

from __future__ import annotations

from collections.abc import Iterator

from quantafit.model import Evaluation, Judgement, Place
from quantafit.report import _matrix as matrix
from quantafit.report import _wording as wording
from quantafit.report._redaction import redacted


def render(evaluation: Evaluation) -> str:
    """Errors for what stops the gate, warnings for the rest that is not passed, then the verdict as a notice."""
    return "".join(f"{line}\n" for line in _lines(redacted(evaluation)))


def _lines(evaluation: Evaluation) -> Iterator[str]:
    groups = wording.sort(evaluation)
    for judgement in (*groups.failed, *groups.in_error, *groups.not_evaluated, *groups.warned):
        level = "error" if judgement.stops_the_gate else "warning"
        title = f"{wording.heading(judgement)}: {matrix.title(evaluation, judgement.subject)}"
        for place, message in _places(evaluation, judgement):
            at = f"file={_property(place.path)},line={place.line},col={place.column}," if place.line else ""
            yield f"::{level} {at}title={_property(title)}::{_message(message)}"
    for error in evaluation.coverage.errors:
        at = f"file={_property(error.place.path)},line={error.place.line},title=could not be examined"
        yield f"::error {at}::{_message(error.message)}"
    yield f"::notice title=quantafit::{_message(wording.verdict_line(evaluation))}"


def _places(evaluation: Evaluation, judgement: Judgement) -> Iterator[tuple[Place, str]]:
    """Each finding at its own place; a judgement without findings at the line that declares its subject."""
    for finding in judgement.findings:
        yield finding.place, finding.message
    if not judgement.findings:
        declared = judgement.subject.place or Place(evaluation.architecture.path, 1)
        yield declared, judgement.reason or "Not evaluated, without a reason."


def _message(text: str) -> str:
    """Escaped as the workflow commands of GitHub want it: a raw line end would end the command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
