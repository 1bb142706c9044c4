"""The examples in the rules' cards, run through the whole tool: what is shown as broken fails, what is kept passes."""

from __future__ import annotations

from datetime import date

import pytest

from quantafit.app import evaluate_tree
from quantafit.fitness import cards, example_files
from quantafit.model import Evaluation, EvidenceKind, RuleCard, Verdict

# What only running servers can prove is run with servers: tests/kit/live_postgresql.
CARDS = [pytest.param(card, id=name) for name, card in cards().items() if set(card.proves) != {EvidenceKind.RUNTIME}]


def run(example: str) -> Evaluation:
    return evaluate_tree(example_files(example), as_of=date(2030, 1, 1))


def told(evaluation: Evaluation) -> str:
    """Everything that is not a pass, for the reader of a failed test."""
    others = (j for j in evaluation.judgements if j.verdict is not Verdict.PASS)
    lines = [f"{j.verdict} {j.rule} {j.subject.name}: {j.reason or [f.message for f in j.findings]}" for j in others]
    return "\n".join(["", *lines])


@pytest.mark.parametrize("card", CARDS)
def test_what_is_shown_as_broken_fails_by_this_function_and_by_no_other(card: RuleCard) -> None:
    evaluation = run(card.broken)
    failed = {judgement.rule for judgement in evaluation.judgements if judgement.verdict is Verdict.FAIL}
    assert failed == {card.name}, told(evaluation)
    assert not evaluation.passed


@pytest.mark.parametrize("card", CARDS)
def test_what_is_shown_as_kept_passes_this_function_and_the_whole_gate(card: RuleCard) -> None:
    evaluation = run(card.kept)
    own = [judgement for judgement in evaluation.judgements if judgement.rule == card.name]
    assert own
    assert all(judgement.verdict is Verdict.PASS for judgement in own), told(evaluation)
    assert evaluation.passed, told(evaluation)
