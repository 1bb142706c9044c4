"""The report of the reference implementation is kept in the repository: a review sees what a change does to it."""

from __future__ import annotations

import os
import subprocess
from difflib import unified_diff
from pathlib import Path

import pytest
from twinning import CHECK, ROOT, Files, write

REPORT = ROOT / "reports" / "sysops-squad.md"
AGAIN = f"quantafit check --format markdown:{REPORT.relative_to(ROOT)}"


@pytest.fixture(scope="module")
def fresh() -> str:
    """What the gate reports now."""
    return _report(ROOT, hash_seed=0)


def test_the_report_is_what_the_gate_says_now(fresh: str) -> None:
    kept = REPORT.read_text(encoding="utf-8")
    if kept != fresh:
        changes = "".join(list(unified_diff(kept.splitlines(True), fresh.splitlines(True), "kept", "now", n=0))[:20])
        pytest.fail(
            f"{REPORT.relative_to(ROOT)} is out of date. Write it again by `{AGAIN}`.\n{changes}", pytrace=False
        )


def test_the_report_is_the_same_in_another_place_and_with_another_order_of_sets(
    fresh: str, reference: Files, tmp_path: Path
) -> None:
    """Else it would change without a reason, and nobody would look at it."""
    write(reference, tmp_path)
    assert _report(tmp_path, hash_seed=1) == fresh


def test_the_report_draws_every_interaction() -> None:
    picture = REPORT.read_text(encoding="utf-8").partition("```mermaid\n")[2].partition("```")[0]
    for interaction in ("support-contracts", "billing-info", "ticket-created", "survey-submitted", "invoice-issued"):
        assert f'-->|"{interaction}"|' in picture


def _report(root: Path, hash_seed: int) -> str:
    run = subprocess.run(
        [*CHECK, "--format", "markdown"],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert run.returncode in (0, 1), run.stderr
    return run.stdout
