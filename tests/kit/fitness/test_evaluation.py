"""The run of all rules: modes, origins, order, fingerprints, and what may never pass."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import pytest
from builders import (
    DEMANDED,
    architecture,
    call,
    coverage,
    crossing,
    delivered,
    error,
    interaction,
    judged,
    judgements,
    observed,
    quantum,
    setting,
)

from quantafit.errors import DeclarationError, UsageError
from quantafit.fitness import Case, Contradiction, NoOptions, Rule, Ruling, System, cards, evaluate, explain, rules
from quantafit.fitness.catalogue import catalogue, load
from quantafit.model import Adr, EvidenceKind, Mode, Origin, RuleCard, Style, Subject, Verdict

CALL = "quantum/synchronous-call"
EDGE = "customer → billing"


def rule(ruling: Ruling, name: str = "test/rule", **card: Any) -> Rule[str]:
    """A rule with one subject and one answer."""
    values: dict[str, Any] = {"proves": (EvidenceKind.SOURCE,), "repair": ("mend it",)}
    made = RuleCard(name, "title", "what", "why", "broken", "kept", limits="limits", **(values | card))

    def judge(_about: str, _system: System, _options: NoOptions) -> Ruling:
        return ruling

    return Rule(made, lambda _system: [Case(Subject("declaration", "it"), "it")], judge)


def outcome(ruling: Ruling, **changes: Any) -> Any:
    (judgement,) = evaluate(architecture(), observed(**changes), rules=[rule(ruling)]).judgements
    return judgement


class TestAPass:
    def test_needs_a_quantum_that_was_examined(self) -> None:
        assert outcome(Ruling(needs=("customer",))).verdict is Verdict.PASS
        assert outcome(Ruling(needs=("customer",)), coverage=coverage("billing")).verdict is Verdict.ERROR
        assert outcome(Ruling(needs=("customer",)), coverage=coverage("customer", files=0)).verdict is Verdict.ERROR

    def test_is_an_error_with_one_reason_for_one_cause(self) -> None:
        covered = coverage("billing", errors=(error("customer"),))
        assert outcome(Ruling(needs=("customer",)), coverage=covered).reason == "customer/broken.py:1: cannot be parsed"

    def test_is_never_given_for_having_needed_nothing(self) -> None:
        judgement = outcome(Ruling())
        assert judgement.verdict is Verdict.NOT_EVALUATED
        assert judgement.reason == "nothing was collected that can prove it: source evidence is needed"

    def test_needs_source_evidence_in_this_run(self) -> None:
        covered = coverage("customer", kinds=(EvidenceKind.CONFIGURATION,))
        judgement = outcome(Ruling(needs=("customer",)), coverage=covered)
        assert judgement.verdict is Verdict.NOT_EVALUATED
        assert judgement.reason == "source code was not examined in this run"

    def test_cannot_rest_on_a_kind_that_only_refutes(self) -> None:
        shown = Ruling(shown_by=frozenset({EvidenceKind.CONFIGURATION}))
        assert outcome(shown).verdict is Verdict.NOT_EVALUATED

    def test_is_not_given_where_something_is_in_doubt(self) -> None:
        judgement = outcome(Ruling(needs=("customer",), doubts=("a", "b", "a", "c", "d")))
        assert judgement.verdict is Verdict.NOT_EVALUATED
        assert judgement.reason == "a; b; c; and 1 more"


class TestWhatIsMissing:
    missing = Ruling(missing=(Contradiction("gone", crossing().site),), needs=("customer",))

    def test_fails_where_everything_was_examined(self) -> None:
        assert outcome(self.missing).verdict is Verdict.FAIL

    def test_is_an_error_where_it_may_be_in_what_was_not_read(self) -> None:
        judgement = outcome(self.missing, coverage=coverage("billing"))
        assert judgement.verdict is Verdict.ERROR
        assert judgement.findings == ()


class TestModes:
    def test_a_derived_rule_is_enforced_and_a_decided_one_is_too(self) -> None:
        plain = judged(CALL, EDGE, architecture(), observed(call()))
        assert (plain.mode, plain.origin) == (Mode.ENFORCE, Origin.DERIVED)
        decided = architecture(settings=(setting(CALL, adr="ADR-5#calls"),))
        assert judged(CALL, EDGE, decided, observed(call())).origin is Origin.ADR

    def test_a_recommended_rule_warns(self) -> None:
        found = evaluate(architecture(), observed(), rules=[rule(Ruling(), origin=Origin.RECOMMENDED)])
        assert found.judgements[0].mode is Mode.WARN

    def test_a_rule_can_be_set_to_warn(self) -> None:
        declared = architecture(settings=(setting(CALL, Mode.WARN),))
        judgement = judged(CALL, EDGE, declared, observed(call()))
        assert judgement.verdict is Verdict.FAIL
        assert not judgement.stops_the_gate

    def test_a_rule_that_is_off_judges_nothing_and_is_not_listed_as_without_subject(self) -> None:
        found = evaluate(architecture(settings=(setting(CALL, Mode.OFF),)), observed(call()))
        assert CALL not in {judgement.rule for judgement in found.judgements}
        assert CALL not in found.without_subject

    def test_a_rule_without_subjects_is_listed(self) -> None:
        found = evaluate(architecture(), observed())
        assert {"message/durable", "data/placement", "replica/read-only"} <= set(found.without_subject)
        assert CALL not in found.without_subject

    def test_a_setting_of_an_unknown_rule_is_an_error_of_the_declaration(self) -> None:
        with pytest.raises(DeclarationError, match="Did you mean 'quantum/import'"):
            evaluate(architecture(settings=(setting("quantum/imports"),)), observed())

    def test_all_wrong_settings_are_reported_at_once(self) -> None:
        settings = (setting("a/b"), setting("quantum/import", options={"x": ["y"]}))
        with pytest.raises(DeclarationError) as raised:
            evaluate(architecture(settings=settings), observed())
        assert len(raised.value.problems) == 2


class TestTheSentence:
    adrs = (Adr("ADR-5", sentences={"calls": "Nobody waits.", "quantum": "Customer is a quantum.", "cards": "Cards."}),)

    def test_is_the_settings_for_a_pair(self) -> None:
        declared = architecture(adrs=self.adrs, settings=(setting(CALL, adr="ADR-5#calls"),))
        judgement = judged(CALL, EDGE, declared, observed())
        assert (judgement.adr, judgement.sentence) == ("ADR-5#calls", "Nobody waits.")

    def test_is_else_the_quantums(self) -> None:
        declared = architecture(quantum("customer", adr="ADR-5#quantum"), "billing", adrs=self.adrs)
        assert judged(CALL, EDGE, declared, observed()).sentence == "Customer is a quantum."

    def test_is_the_interactions_before_the_settings(self) -> None:
        interactions = (interaction(channel="cards", delivery=DEMANDED, adr="ADR-5#cards"),)
        settings = (setting("message/durable", adr="ADR-5#calls"),)
        declared = architecture(adrs=self.adrs, interactions=interactions, settings=settings)
        assert judged("message/durable", "customer-billing", declared, observed(delivered())).sentence == "Cards."


class TestFingerprints:
    def test_hold_no_line_numbers(self) -> None:
        moved = [judged(CALL, EDGE, architecture(), observed(call(line=line))).findings[0] for line in (7, 123)]
        assert moved[0].fingerprint == moved[1].fingerprint
        assert moved[0].fingerprint == f"{CALL} | {EDGE} | customer/cards.py | add_card | http"

    def test_tell_two_findings_of_one_symbol_apart(self) -> None:
        findings = judged(CALL, EDGE, architecture(), observed(call(line=7), call(line=8))).findings
        assert len({finding.fingerprint for finding in findings}) == 2


class TestTheCatalogue:
    def test_explains_by_name(self) -> None:
        assert explain(CALL).name == CALL

    @pytest.mark.parametrize("name", ["quantum/synchronus-call", "synchronous-call"])
    def test_suggests_what_was_meant(self, name: str) -> None:
        with pytest.raises(UsageError, match="Did you mean 'quantum/synchronous-call'"):
            explain(name)

    def test_lists_what_there_is_where_nothing_is_near(self) -> None:
        with pytest.raises(UsageError, match="Known: data/placement, "):
            explain("zzz")

    def test_holds_the_functions_of_this_release(self) -> None:
        assert set(cards()) >= {
            "data/placement",
            "declaration/anchor",
            "declaration/waiver",
            "message/acknowledged-after-work",
            "message/confirmed",
            "message/durable",
            "message/persistent",
            "quantum/import",
            "quantum/missing-interaction",
            "quantum/shared-datastore",
            "quantum/synchronous-call",
            "quantum/undeclared-interaction",
            "quantum/unresolved",
            "replica/read-only",
        }

    def test_refuses_two_rules_of_one_name(self) -> None:
        with pytest.raises(UsageError, match="Two fitness functions are named 'test/rule'"):
            catalogue([rule(Ruling()), rule(Ruling())])

    def test_loads_a_rule_or_a_module_of_another_package(self) -> None:
        module = "quantafit.fitness.quantum.synchronous_call"
        for value in (module, f"{module}:RULE"):
            assert load(EntryPoint("mine", value, "quantafit.rules")).name == CALL

    @pytest.mark.parametrize("value", ["quantafit.fitness.rule", "quantafit.nothing", "quantafit.fitness:nothing"])
    def test_names_the_package_whose_rule_cannot_be_loaded(self, value: str) -> None:
        with pytest.raises(UsageError, match="'mine'"):
            load(EntryPoint("mine", value, "quantafit.rules"))

    def test_finds_no_rule_twice(self) -> None:
        assert len({found.name for found in rules()}) == len(rules())


def test_a_declared_value_never_proves_itself() -> None:
    """With everything declared and nothing observed, no function about interactions passes."""
    interactions = (
        interaction(channel="cards", delivery=DEMANDED),
        interaction("billing", "customer", style=Style.CALL),
    )
    found = evaluate(architecture(interactions=interactions), observed())
    about = [j for j in found.judgements if j.subject.kind == "interaction"]
    assert len(about) == 6
    assert not [judgement for judgement in about if judgement.verdict is Verdict.PASS]


def test_judgements_come_by_name_then_in_the_order_of_the_declaration() -> None:
    found = evaluate(architecture("customer", "billing", "sysops"), observed())
    assert [j.rule for j in found.judgements] == sorted(j.rule for j in found.judgements)
    assert list(judgements("quantum/unresolved", architecture("b", "a"), observed())) == ["b", "a"]
