"""The rules' explanations: complete, in the house's words, and the same in the reference."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from quantafit.fitness import Rule, cards, example_files, reference, rules
from quantafit.model import RuleCard

CARDS = [pytest.param(card, id=name) for name, card in cards().items()]
NEVER = re.compile(r"static check|exactly once|compliant|\bTODO\b", re.IGNORECASE)
BARE_CONTRACT = re.compile(r"(?<!support )(?<!import )(?<!message )(?<!support_)\bcontracts?\b(?!\.py)")


@pytest.mark.parametrize("card", CARDS)
def test_every_heading_is_filled(card: RuleCard) -> None:
    assert re.fullmatch(r"[a-z]+/[a-z]+(-[a-z]+)*", card.name)
    texts = (card.title, card.what, card.why, card.broken, card.kept, card.limits, *card.repair)
    assert all(text.strip() for text in texts)
    assert card.repair
    assert card.proves
    assert not set(card.proves) & set(card.refutes)


@pytest.mark.parametrize("card", CARDS)
def test_the_words_are_the_fields_own(card: RuleCard) -> None:
    prose = " ".join((card.title, card.what, card.why, card.limits, *card.repair, *card.options.values()))
    assert not NEVER.search(prose)
    assert not BARE_CONTRACT.search(prose)


@pytest.mark.parametrize("card", CARDS)
def test_the_examples_are_two_small_trees_with_a_declaration(card: RuleCard) -> None:
    broken, kept = example_files(card.broken), example_files(card.kept)
    assert "quanta.yaml" in broken
    assert "quanta.yaml" in kept
    assert broken != kept


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in rules()])
def test_every_option_is_explained(rule: Rule[object]) -> None:
    assert {field.name for field in fields(rule.options)} == set(rule.card.options)


def test_the_reference_explains_every_rule_under_its_name() -> None:
    text = reference()
    places = [text.index(f"\n## {name}\n") for name in sorted(cards())]
    assert places == sorted(places)
    for card in cards().values():
        assert card.what in text
        assert card.limits in text
        assert all(step in text for step in card.repair)
        assert all(f"`{name}`" in text for name in card.options)
    assert text.endswith("\n")


def test_the_contents_of_the_reference_lead_to_its_sections() -> None:
    assert "[`quantum/import`](#quantumimport)" in reference()


def test_an_example_with_a_fence_that_has_no_path_is_refused() -> None:
    with pytest.raises(ValueError, match="no path"):
        example_files("```yaml\na: 1\n```\n")


def test_an_example_with_two_files_of_one_path_is_refused() -> None:
    with pytest.raises(ValueError, match="one path"):
        example_files("```yaml a.yaml\na: 1\n```\n```yaml a.yaml\na: 2\n```\n")
