"""Every fitness function can fail, for the right reason and in the right place, and lets look-alikes pass.

Each rule has a file in a folder here, named as the rule's own under ``src/quantafit/fitness``: ``TWINS`` are changes of
the reference implementation that break it, ``LOOK_ALIKES`` are changes that do not. There is no list to edit.
"""

from __future__ import annotations

import runpy
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from quantafit import fitness
from quantafit.errors import UsageError
from quantafit.model import Evaluation, Verdict
from quantafit.report import render
from quantafit.testing import examine_tree
from twinning import Files, LookAlike, apply, expected, line_of

HERE = Path(__file__).parent
DAY = date(2026, 1, 1)
"""The day for which waivers are judged; any, so that the outcome does not depend on today."""


def rule_of(path: Path) -> str:
    """``quantum/import_.py`` → ``quantum/import``."""
    return f"{path.parent.name}/{path.stem.rstrip('_').replace('_', '-')}"


FILES = {rule_of(path): runpy.run_path(str(path)) for path in sorted(HERE.glob("*/*.py"))}
TWINS = {f"{rule}: {twin.what}": (rule, twin) for rule, file in FILES.items() for twin in file["TWINS"]}
HIDDEN = [name for name, (_, twin) in TWINS.items() if any(fails.through for fails in twin.fails)]
LOOK_ALIKES = {f"{rule}: {one.what}": one for rule, file in FILES.items() for one in file.get("LOOK_ALIKES", ())}


def judge(files: Files) -> Evaluation:
    """What ``quantafit check`` says of a tree."""
    return examine_tree(files, as_of=DAY).evaluation


def findings(evaluation: Evaluation) -> list[str]:
    """All findings, one line each; the same finding of two sites on one line is one."""
    return sorted({f"{found.rule} | {found.subject.name} | {found.place}" for found in evaluation.findings})


def unproven(evaluation: Evaluation) -> list[str]:
    """All judgements that neither passed nor failed."""
    settled = (Verdict.PASS, Verdict.FAIL)
    return sorted(f"{j.rule} | {j.subject.name}" for j in evaluation.judgements if j.verdict not in settled)


def failed(evaluation: Evaluation) -> set[tuple[str, str]]:
    return {(j.rule, j.subject.name) for j in evaluation.judgements if j.verdict is Verdict.FAIL}


def test_the_reference_implementation_is_green(reference: Files) -> None:
    """Else a twin would prove nothing."""
    evaluation = judge(reference)
    assert findings(evaluation) == []
    assert unproven(evaluation) == [], render("terminal", evaluation)
    assert evaluation.passed


@pytest.mark.parametrize("name", TWINS, ids=str)
def test_a_broken_twin_fails_by_its_rule_and_by_no_other(name: str, reference: Files) -> None:
    """The gate fails; the findings are the expected ones, in the expected lines; everything else stays proved."""
    rule, twin = TWINS[name]
    files = apply(reference, twin.patches)
    evaluation = judge(files)
    report = render("terminal", evaluation)
    assert findings(evaluation) == sorted(set(expected(twin, files))), report
    assert failed(evaluation) == {(fails.rule, fails.subject) for fails in twin.fails}, report
    assert unproven(evaluation) == sorted(f"{lost.rule} | {lost.subject}" for lost in twin.unproven), report
    assert not evaluation.passed
    assert rule in {fails.rule for fails in twin.fails}, "a twin has to break the rule whose file it stands in"


@pytest.mark.parametrize("name", HIDDEN, ids=str)
def test_the_path_of_a_finding_leads_through_the_code_that_hides_it(name: str, reference: Files) -> None:
    """From the quantum's own line to the call of the library."""
    _, twin = TWINS[name]
    files = apply(reference, twin.patches)
    found = judge(files).findings
    for fails in twin.fails:
        hops = {str(hop.place) for one in found if one.rule == fails.rule for hop in one.path}
        assert {line_of(files, path, text) for path, text in fails.through} <= hops


@pytest.mark.parametrize("name", LOOK_ALIKES, ids=str)
def test_a_look_alike_stays_green(name: str, reference: Files) -> None:
    """A gate that cries wolf is switched off."""
    one: LookAlike = LOOK_ALIKES[name]
    evaluation = judge(apply(reference, one.patches))
    assert evaluation.passed, render("terminal", evaluation)


def test_every_fitness_function_has_a_broken_twin() -> None:
    """A function that has never failed proves nothing."""
    without = [rule for rule in fitness.cards() if not FILES.get(rule, {}).get("TWINS")]
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
    _write(files, tmp_path)
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "from quantafit.cli import main; main()",
            "check",
            "--config",
            str(tmp_path),
            "--no-color",
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 1, run.stderr
    assert "GATE FAILED: 2 failed" in run.stdout
    assert "customer → billing" in run.stdout
    assert "It agrees on every import" in run.stdout
    assert "Traceback" not in run.stderr


def _write(files: Files, folder: Path) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
