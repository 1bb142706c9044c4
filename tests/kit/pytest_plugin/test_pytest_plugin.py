"""``pytest quanta.yaml`` and the fixtures for architects' own tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Project = Callable[..., Path]


def outcomes(result: pytest.RunResult) -> dict[str, int]:
    """The counts that pytest prints."""
    return {name: count for name, count in result.parseoutcomes().items() if name != "warnings"}


def test_every_judgement_is_a_test(pytester: pytest.Pytester, project: Project) -> None:
    """Named by fitness function and subject, without blanks."""
    project()
    result = pytester.runpytest_inprocess("quanta.yaml", "-v")
    result.stdout.fnmatch_lines(
        [
            "quanta.yaml::data/placement?customer? PASSED*",
            "quanta.yaml::message/durable?cards? PASSED*",
            "quanta.yaml::quantum/synchronous-call?customer->billing? PASSED*",
        ]
    )
    assert set(outcomes(result)) == {"passed"}
    assert result.ret == 0


def test_a_failed_judgement_fails_its_test_with_the_reports_own_text(
    pytester: pytest.Pytester, project: Project
) -> None:
    """No traceback: what is broken, the code, why it matters, the ways out. The other tests pass."""
    project(calls=True)
    result = pytester.runpytest_inprocess("quanta.yaml")
    result.stdout.fnmatch_lines(
        [
            "*FAIL  quantum/synchronous-call  customer → billing*",
            "*customer/cards.py:1  add_card*",
            "*> 1 | publish()*",
            "*Why it matters*",
            "*Ways out*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")
    assert outcomes(result)["failed"] == 1
    assert result.ret == 1


def test_one_test_can_be_chosen(pytester: pytest.Pytester, project: Project) -> None:
    """By its id, and by -k."""
    project(calls=True)
    chosen = pytester.runpytest_inprocess("quanta.yaml::message/durable[cards]")
    assert outcomes(chosen) == {"passed": 1}
    assert outcomes(pytester.runpytest_inprocess("quanta.yaml", "-k", "durable"))["passed"] == 1


def test_a_declaration_is_not_collected_for_lying_about(pytester: pytest.Pytester, project: Project) -> None:
    """Only the one that is named on the command line: a tree of test data must stay test data."""
    project(calls=True)
    pytester.makepyfile("def test_nothing(): pass")
    assert outcomes(pytester.runpytest_inprocess()) == {"passed": 1}


def test_a_wrong_declaration_is_a_collection_error_with_all_its_problems(
    pytester: pytest.Pytester, project: Project
) -> None:
    """And no traceback."""
    project(more="nonsense: 1\nadrs: 7\n")
    result = pytester.runpytest_inprocess("quanta.yaml")
    result.stdout.fnmatch_lines(["*quanta.yaml:18:*nonsense*", "*quanta.yaml:19:*adrs*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    assert outcomes(result) == {"errors": 1}


def test_a_waiver_is_an_expected_failure_and_a_warning_warns(pytester: pytest.Pytester, project: Project) -> None:
    """Neither stops the gate, and neither looks like a pass."""
    project(
        calls=True,
        more="""
waivers:
  - {rule: quantum/synchronous-call, owner: us, reason: phase 1, expires: 2030-01-31, match: {from: customer}}
""",
    )
    waived = pytester.runpytest_inprocess("quanta.yaml", "--quanta-as-of", "2029-01-01", "-rx")
    waived.stdout.fnmatch_lines(["XFAIL quanta.yaml::quantum/synchronous-call?customer->billing?*phase 1*"])
    assert waived.ret == 0
    expired = pytester.runpytest_inprocess("quanta.yaml", "--quanta-as-of", "2031-01-01")
    assert outcomes(expired)["failed"] >= 1


def test_a_failure_that_only_warns_is_warned_of(pytester: pytest.Pytester, project: Project) -> None:
    """The test passes, the text of the report is in pytest's summary of warnings."""
    project(calls=True, more="rules:\n  quantum/synchronous-call: {mode: warn}\n")
    result = pytester.runpytest_inprocess("quanta.yaml")
    result.stdout.fnmatch_lines(["*ArchitectureWarning: warn  quantum/synchronous-call  customer → billing*"])
    assert result.ret == 0


CLAIMS = """
import pytest

def test_kept(quanta, interaction, architecture_evidence):
    quanta("billing").makes_no_synchronous_call_to("customer").imports_nothing_from("customer")
    quanta("customer").stores_no("pan").has_its_own_datastore().leaves_nothing_unresolved()
    interaction("cards").is_durable().is_implemented()
    architecture_evidence.has_every_declared_interaction().leaves_nothing_unresolved()

def test_broken(quanta):
    quanta("customer").makes_no_synchronous_call()

def test_nothing_is_asked_of_it(interaction):
    interaction("cards").is_persistent()

def test_nobody_looked(quanta):
    quanta("customer").stores_no("card_code")

def test_misspelt(quanta):
    quanta("custmer").imports_no_other_quantum()

def test_the_gate(architecture_evidence):
    architecture_evidence.passes_the_gate()
"""


def test_claims_are_answered_from_the_same_evaluation(pytester: pytest.Pytester, project: Project) -> None:
    """Kept claims pass; broken, unasked and misspelt ones fail, each with its reason."""
    project(calls=True)
    pytester.makepyfile(test_claims=CLAIMS)
    result = pytester.runpytest_inprocess("test_claims.py")
    result.stdout.fnmatch_lines(
        [
            "*FAIL  quantum/synchronous-call  customer → billing*",
            "*not evaluated: message/persistent does not judge 'cards'; quanta.yaml does not ask for it*",
            "*not evaluated: card_code is not under stores.deny of quantum customer (quanta.yaml:*",
            "*there is no quantum 'custmer'; known: customer, billing*",
        ]
    )
    assert outcomes(result) == {"passed": 1, "failed": 5}


def test_one_session_makes_one_evaluation(pytester: pytest.Pytester, project: Project) -> None:
    """The file's own tests and the fixtures share it."""
    project()
    pytester.makepyfile(
        """
        def test_it(quanta, pytestconfig):
            import conftest
            quanta("customer").makes_no_synchronous_call()
            assert len(conftest.RUNS) == 1
        """
    )
    result = pytester.runpytest_inprocess("quanta.yaml", "test_one_session_makes_one_evaluation.py")
    assert "failed" not in outcomes(result)
    assert result.ret == 0


def test_a_permitted_call_is_still_a_call(pytester: pytest.Pytester, project: Project) -> None:
    """The gate passes what quanta.yaml permits; the claim that there is no call does not hold."""
    root = project(calls=True)
    text = (root / "quanta.yaml").read_text(encoding="utf-8")
    (root / "quanta.yaml").write_text(text + "  - {from: customer, to: billing, style: call}\n", encoding="utf-8")
    pytester.makepyfile('def test_it(quanta):\n    quanta("customer").makes_no_synchronous_call_to("billing")')
    result = pytester.runpytest_inprocess("test_a_permitted_call_is_still_a_call.py")
    result.stdout.fnmatch_lines(["*customer calls billing over http at customer/cards.py:1 and waits*"])
    assert outcomes(result) == {"failed": 1}


def test_a_queue_that_is_not_durable_fails_its_claim(pytester: pytest.Pytester, project: Project) -> None:
    """With the report's own text."""
    project(durable=False)
    pytester.makepyfile('def test_it(interaction):\n    interaction("cards").is_durable()')
    result = pytester.runpytest_inprocess("test_a_queue_that_is_not_durable_fails_its_claim.py")
    result.stdout.fnmatch_lines(["*FAIL  message/durable  cards (customer → billing)*"])
    assert outcomes(result) == {"failed": 1}


def test_the_plugin_costs_nothing_until_it_is_used(pytester: pytest.Pytester) -> None:
    """A project without a quanta.yaml does not even load quantafit's model."""
    pytester.makepyfile(
        """
        import sys

        def test_it():
            loaded = [name for name in sys.modules if name.startswith("quantafit.")]
            assert loaded == ["quantafit.pytest_plugin"]
            assert not {"rich", "networkx", "yaml"} & set(sys.modules)
        """
    )
    alone = ("-p", "no:hypothesispytest", "-p", "no:schemathesis")
    assert outcomes(pytester.runpytest_subprocess(*alone)) == {"passed": 1}
