"""Every fitness function can fail, for the right reason and in the right place, and lets look-alikes pass.

Each rule has a file in a folder here, named as the rule's own under ``src/quantafit/fitness``: ``TWINS`` are changes of
the reference implementation that break it, ``LOOK_ALIKES`` are changes that do not. There is no list to edit.
"""

from __future__ import annotations

import runpy
import subprocess
from datetime import date
from pathlib import Path

import pytest
from twinning import CHECK, Fails, Files, LookAlike, apply, expected, write

from quantafit import fitness
from quantafit.errors import UsageError
from quantafit.model import Evaluation, EvidenceKind, Verdict
from quantafit.report import render
from quantafit.testing import examine_tree

HERE = Path(__file__).parent
DAY = date(2026, 1, 1)
"""The day for which waivers are judged; any, so that the outcome does not depend on today."""


def rule_of(path: Path) -> str:
    """``quantum/import_.py`` → ``quantum/import``."""
    return f"{path.parent.name}/{path.stem.rstrip('_').replace('_', '-')}"


FILES = {rule_of(path): runpy.run_path(str(path)) for path in sorted(HERE.glob("*/*.py"))}
TWINS = {f"{rule}: {twin.what}": (rule, twin) for rule, file in FILES.items() for twin in file["TWINS"]}
LOOK_ALIKES = {f"{rule}: {one.what}": one for rule, file in FILES.items() for one in file.get("LOOK_ALIKES", ())}


def judge(files: Files) -> Evaluation:
    """What ``quantafit check`` says of a tree."""
    return examine_tree(files, as_of=DAY).evaluation


def findings(evaluation: Evaluation) -> list[str]:
    """All findings, one line each; the same finding of two sites on one line is one."""
    return sorted({f"{found.rule} | {found.subject.name} | {found.place}" for found in evaluation.findings})


def hops(evaluation: Evaluation, fails: Fails) -> set[str]:
    """The places that the paths of a judgement's findings lead through."""
    found = [one for one in evaluation.findings if (one.rule, one.subject.name) == (fails.rule, fails.subject)]
    return {str(hop.place) for one in found for hop in one.path}


def unproven(evaluation: Evaluation) -> list[str]:
    """All judgements that neither passed nor failed."""
    settled = (Verdict.PASS, Verdict.FAIL)
    return sorted(f"{j.rule} | {j.subject.name}" for j in evaluation.judgements if j.verdict not in settled)


def stopping(evaluation: Evaluation) -> list[str]:
    """What makes the gate fail; a waived finding does not."""
    return sorted(f"{j.rule} | {j.subject.name} | {j.verdict}" for j in evaluation.judgements if j.stops_the_gate)


def failed(evaluation: Evaluation) -> set[tuple[str, str]]:
    return {(j.rule, j.subject.name) for j in evaluation.judgements if j.verdict is Verdict.FAIL}


def test_the_reference_implementation_is_green(reference: Files) -> None:
    """Else a twin would prove nothing."""
    evaluation = judge(reference)
    assert findings(evaluation) + unproven(evaluation) == [], render("terminal", evaluation)


@pytest.mark.parametrize("name", TWINS, ids=str)
def test_a_broken_twin_fails_by_its_rule_and_by_no_other(name: str, reference: Files) -> None:
    """The findings are the expected ones, in the expected lines, and lead through the code that hides the call."""
    rule, twin = TWINS[name]
    files = apply(reference, twin.patches)
    evaluation = judge(files)
    report = render("terminal", evaluation)
    assert findings(evaluation) == sorted(set(expected(twin, files))), report
    for fails in twin.fails:
        assert fails.hidden_in(files) <= hops(evaluation, fails), report
    assert failed(evaluation) == {(fails.rule, fails.subject) for fails in twin.fails}, report
    assert unproven(evaluation) == sorted(f"{lost.rule} | {lost.subject}" for lost in twin.unproven), report
    assert not evaluation.passed
    assert rule in {fails.rule for fails in twin.fails}, "a twin has to break the rule whose file it stands in"


@pytest.mark.parametrize("name", LOOK_ALIKES, ids=str)
def test_a_look_alike_stays_green(name: str, reference: Files) -> None:
    """A gate that cries wolf is switched off."""
    one: LookAlike = LOOK_ALIKES[name]
    evaluation = judge(apply(reference, one.patches))
    assert stopping(evaluation) == [], render("terminal", evaluation)


def test_every_fitness_function_has_a_broken_twin() -> None:
    """A function that has never failed proves nothing. What only running parts prove is broken there."""
    running = {rule.name for rule in fitness.rules() if rule.by_experiment}  # test_drill_twins.py breaks these
    broken_here = [rule for rule, card in fitness.cards().items() if set(card.proves) != {EvidenceKind.RUNTIME}]
    without = [rule for rule in broken_here if rule not in running and not FILES.get(rule, {}).get("TWINS")]
    assert not without, f"no broken twin for {', '.join(without)}: add tests/twins/FAMILY/NAME.py"


def test_every_file_of_twins_belongs_to_a_fitness_function() -> None:
    """A misspelt file name would leave the rule without a twin."""
    assert set(FILES) <= set(fitness.cards())


def test_a_patch_that_no_longer_fits_fails_loudly(reference: Files) -> None:
    """When the reference implementation changes, its twins must change with it, not turn into nothing."""
    with pytest.raises(UsageError, match="fits 0 places"):
        apply(reference, (("src/sysops_squad/customer/cards.py", "a text that is not there", ""),))


def test_the_gate_fails_on_disk_as_it_does_in_memory(reference: Files, tmp_path: Path) -> None:
    """The command itself, with the second witness for imports, on one twin of an import and one of a call."""
    files = apply(
        reference,
        (
            *TWINS["quantum/import: the customer quantum imports a module of billing"][1].patches,
            *TWINS["quantum/synchronous-call: the customer quantum reads sysops' tickets over HTTP"][1].patches,
        ),
    )
    write(files, tmp_path)
    run = subprocess.run([*CHECK, "--no-color"], cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=120)
    assert run.returncode == 1, run.stderr
    assert "GATE FAILED: 2 failed" in run.stdout
    assert "customer → billing" in run.stdout
    assert "It agrees on every import" in run.stdout
    assert "Traceback" not in run.stderr
