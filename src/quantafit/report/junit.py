"""JUnit XML: one test case for each fitness function and subject, for the test pages of CI servers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from quantafit.model import Evaluation, Judgement, Mode, Verdict
from quantafit.report import _matrix as matrix
from quantafit.report import _wording as wording
from quantafit.report._matrix import State
from quantafit.report._redaction import redacted


def render(evaluation: Evaluation) -> str:
    """The document. Only what stops the gate is a failure or an error; waived and warning cases count as skipped."""
    evaluation = redacted(evaluation)
    judgements = [judgement for judgement in evaluation.judgements if judgement.mode is not Mode.OFF]
    root = _counted(Element("testsuites", name=f"quantafit: {_clean(evaluation.architecture.system)}"), judgements)
    for rule, group in groupby(
        sorted(judgements, key=lambda judgement: judgement.rule), key=lambda judgement: judgement.rule
    ):
        cases = list(group)
        suite = _counted(SubElement(root, "testsuite", name=rule), cases)
        for judgement in cases:
            _case(suite, evaluation, judgement)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _counted(element: Element, judgements: Iterable[Judgement]) -> Element:
    outcomes = [_outcome(judgement) for judgement in judgements]
    element.set("tests", str(len(outcomes)))
    for attribute, outcome in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(outcomes.count(outcome)))
    return element


def _case(suite: Element, evaluation: Evaluation, judgement: Judgement) -> None:
    case = SubElement(suite, "testcase", classname=judgement.rule, name=_clean(matrix.name(judgement.subject)))
    outcome = _outcome(judgement)
    if outcome:
        messages = [finding.message for finding in judgement.findings] or [judgement.reason]
        SubElement(case, outcome, message=_clean(messages[0])).text = _clean(_body(evaluation, judgement))


def _body(evaluation: Evaluation, judgement: Judgement) -> str:
    lines = [
        f"{wording.heading(judgement)}: {matrix.title(evaluation, judgement.subject)}",
        judgement.sentence,
        judgement.reason,
    ]
    for finding in judgement.findings:
        lines += [finding.message, *(f"  {hop.place} {hop.place.symbol}" for hop in wording.hops(finding))]
    lines += [f"- {way}" for way in wording.ways_out(evaluation, judgement)]
    return "\n".join(line for line in lines if line)


def _outcome(judgement: Judgement) -> str:
    if judgement.stops_the_gate:
        return "failure" if judgement.verdict is Verdict.FAIL else "error"
    return "" if matrix.state_of(judgement) is State.PASS else "skipped"


def _clean(text: str) -> str:
    """Only what XML 1.0 allows: a surrogate or a control character would make the whole document unreadable."""
    return "".join(c for c in text if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff")
