"""The command line: what it prints, where, and how it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from quantafit.model import Crossing

Run = Callable[..., Any]
Sees = Callable[..., None]


def python(script: str, folder: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=folder, capture_output=True, encoding="utf-8", timeout=60, check=False, **options,
    )  # fmt: skip


# Exit codes ---------------------------------------------------------------------------------------------------------


def test_a_passed_gate_ends_with_0(quantafit: Run, shop: Path, sees: Sees) -> None:
    """Nothing between the quanta: nothing to object to."""
    ran = quantafit("check", "--config", shop)
    assert (ran.code, ran.err) == (0, "")
    assert re.match(r"GATE PASSED: \d+ passed\n", ran.out)


def test_a_failed_gate_ends_with_1_and_shows_the_code(quantafit: Run, shop: Path, sees: Sees, call: Crossing) -> None:
    """The line of the call, with its credentials masked."""
    sees(call)
    ran = quantafit("check", "--config", shop)
    assert ran.code == 1
    assert ran.out.startswith("GATE FAILED: 1 failed")
    assert '> 5 |     httpx.post("http://billing/cards", json=card, auth=(***))' in ran.out
    assert "s3cr3t" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "--config", "nowhere"], "there is no file nowhere"),
        (["check", "--config", "{shop}", "--root", "nowhere"], "the root nowhere is no folder"),
        (["check", "--config", "{shop}", "--format", "html"], "there is no format 'html'; known: github, json,"),
        (["check", "--config", "{shop}", "--format", "json:"], "the name of the file is missing"),
        (
            ["check", "--config", "{shop}", "--format", "json", "--format", "terminal"],
            "only one report can go to standard",
        ),
        (["check", "--config", "{shop}", "--format", "json:nowhere/x.json"], "nowhere/x.json cannot be written"),
        (["check", "--config", "{shop}", "--as-of", "tomorrow"], "'tomorrow' is no date; write it as YYYY-MM-DD"),
        (["check", "--nonsense"], "No such option"),
        (["observe", "--config", "{shop}", "--format", "junit"], "there is no format 'junit'; known: json, mermaid"),
        (["explain", "message/persistant"], "Did you mean 'message/persistent'?"),
        (["graph", "--config", "{shop}", "--modules", "custmer"], "there is no quantum 'custmer'; known: customer"),
        (["schema", "nonsense"], "'nonsense' is not one of"),
        (["frobnicate"], "No such command 'frobnicate'"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_wrong(
    quantafit: Run, shop: Path, sees: Sees, arguments: list[str], message: str
) -> None:
    """One message, no traceback, nothing on standard output."""
    ran = quantafit(*(argument.format(shop=shop) for argument in arguments))
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert "Traceback" not in ran.err


def test_a_wrong_declaration_ends_with_2_and_shows_every_problem(quantafit: Run, shop: Path) -> None:
    """Each with its line, a caret under the column, and what was meant."""
    text = (shop / "quanta.yaml").read_text(encoding="utf-8")
    wrong = text.replace("hosts: [billing]", "hots: [billing]").replace("shop/customer", "shop/custmer")
    (shop / "quanta.yaml").write_text(wrong, encoding="utf-8")
    ran = quantafit("check", "--config", shop)
    assert (ran.code, ran.out) == (2, "")
    first, second, last = ran.err.split("\n\n")
    message, *shown = first.splitlines()
    assert message.startswith("quanta.yaml:5:14: ")
    assert shown == ["  5 |     source: [shop/custmer]", "    |              ^", "  did you mean 'customer'? (in shop)"]
    message, *shown = second.splitlines()
    assert message.startswith("quanta.yaml:8:5: unknown key 'hots'")
    assert shown == ["  8 |     hots: [billing]", "    |     ^", "  did you mean 'hosts'?"]
    assert last == "2 problems in quanta.yaml; nothing was judged.\n"


def test_a_fault_of_quantafit_ends_with_3_without_a_traceback(
    quantafit: Run, shop: Path, sees: Sees, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two lines: what happened, and how to report it. The traceback is for whoever asks."""
    from quantafit.app import evaluation

    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError("password='s3cr3t'")

    monkeypatch.setattr(evaluation.couplings, "couple", fail)
    ran = quantafit("check", "--config", shop)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("quantafit: it failed itself, and judged nothing: ZeroDivisionError")
    assert "--traceback" in ran.err
    assert "s3cr3t" not in ran.err
    assert "Traceback" not in ran.err
    asked = quantafit("check", "--config", shop, "--traceback")
    assert asked.code == 3
    assert "Traceback (most recent call last)" in asked.err
    assert "s3cr3t" not in asked.err


def test_ctrl_c_ends_with_130_and_one_line(tmp_path: Path) -> None:
    """A person who interrupts wants no traceback."""
    ran = python(
        """
        import os, signal, sys
        from quantafit.cli import commands, main
        commands.outputs = lambda *a: os.kill(os.getpid(), signal.SIGINT)
        sys.exit(main(["check"]))
        """,
        tmp_path,
    )
    assert (ran.returncode, ran.stderr.strip()) == (130, "quantafit: interrupted")


def test_a_reader_that_leaves_early_does_not_change_the_verdict(tmp_path: Path) -> None:
    """``quantafit explain | head -1`` is no error, and Python does not complain at exit."""
    read, written = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from quantafit.cli import main; sys.exit(main(['explain']))"],
        cwd=tmp_path, stdout=written, stderr=subprocess.PIPE, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    os.close(written)
    assert (done.returncode, done.stderr) == (0, "")


# Output -------------------------------------------------------------------------------------------------------------


def test_formats_can_be_repeated_each_into_its_file(quantafit: Run, shop: Path, sees: Sees, call: Crossing) -> None:
    """One run, as many reports as wanted; the one without a file goes to standard output."""
    sees(call)
    ran = quantafit(
        "check", "--config", shop, "--format", "terminal", "--format", f"json:{shop}/report.json",
        "--format", f"junit:{shop}/report.xml", "--format", f"markdown:{shop}/report.md",
    )  # fmt: skip
    assert ran.out.startswith("GATE FAILED")
    assert json.loads((shop / "report.json").read_text(encoding="utf-8"))["gate"] == "failed"
    assert (shop / "report.xml").read_text(encoding="utf-8").startswith("<?xml")
    assert (shop / "report.md").read_text(encoding="utf-8").startswith("# shop: architecture report")


def test_the_same_input_gives_the_same_bytes(quantafit: Run, shop: Path, sees: Sees, call: Crossing) -> None:
    """Wherever the tree lies: no clock, no machine's path."""
    sees(call)
    elsewhere = shop.parent / f"{shop.name}-copy"
    shop.rename(elsewhere)
    moved = [
        quantafit("check", "--config", elsewhere, "--format", name).out for name in ("json", "markdown", "terminal")
    ]
    elsewhere.rename(shop)
    here = [quantafit("check", "--config", shop, "--format", name).out for name in ("json", "markdown", "terminal")]
    assert here == moved


def test_colour_is_for_terminals_that_want_it(
    quantafit: Run, shop: Path, sees: Sees, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for pipes, not with NO_COLOR, not with --no-color, not on a dumb terminal."""
    assert "\x1b[" in quantafit("check", "--config", shop, terminal=True).out
    assert "\x1b[" not in quantafit("check", "--config", shop).out
    assert "\x1b[" not in quantafit("check", "--config", shop, "--no-color", terminal=True).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in quantafit("check", "--config", shop, terminal=True).out
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b[" not in quantafit("check", "--config", shop, terminal=True).out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in quantafit("check", "--config", shop).out


def test_a_terminal_without_unicode_gets_ascii_and_a_document_stays_utf_8(
    quantafit: Run, shop: Path, sees: Sees, call: Crossing
) -> None:
    """A report must never die of an arrow."""
    sees(call)
    text = quantafit("check", "--config", shop, encoding="ascii")
    assert text.code == 1
    assert text.out.isascii()
    assert "customer -> billing" in text.out
    document = quantafit("check", "--config", shop, "--format", "json", encoding="ascii")
    assert "customer → billing" in document.out


def test_no_progress_bar_where_nobody_watches(quantafit: Run, shop: Path, sees: Sees) -> None:
    """Standard error of a CI log stays empty."""
    assert quantafit("check", "--config", shop).err == ""


# Commands -----------------------------------------------------------------------------------------------------------


def test_observe_prints_the_observed_document(quantafit: Run, shop: Path, sees: Sees, call: Crossing) -> None:
    """Public shape, held against the shipped schema; observing judges nothing, so it ends with 0."""
    sees(call)
    ran = quantafit("observe", "--config", shop, "--format", "json")
    document = json.loads(ran.out)
    jsonschema.validate(document, json.loads(quantafit("schema", "observed").out))
    assert ran.code == 0
    assert [(record["source"], record["target"]) for record in document["interactions"]] == [("customer", "billing")]


def test_observe_reads_well_in_a_terminal(quantafit: Run, shop: Path, sees: Sees, call: Crossing) -> None:
    """Every site, with its place alone on a line."""
    sees(call)
    out = quantafit("observe", "--config", shop).out
    assert out.startswith("1 interaction observed in shop, declared in quanta.yaml\n")
    assert "synchronous http  http://billing/cards\n" in out
    assert "\n    shop/customer/cards.py:5  add_card  [call]\n" in out


def test_explain_tells_one_rule_or_lists_all(quantafit: Run) -> None:
    """From the rule's own file."""
    one = quantafit("explain", "message/persistent")
    assert one.code == 0
    assert one.out.startswith("message/persistent\n")
    for heading in ("What it judges", "Why it matters", "Broken", "Kept", "Ways out", "Limits"):
        assert f"\n{heading}\n---" in one.out
    assert "message/persistent\n    " in quantafit("explain").out


def test_schema_prints_json_schemas(quantafit: Run) -> None:
    """Of quanta.yaml by default, and of both documents."""
    titles = [json.loads(quantafit("schema", *which).out) for which in ([], ["report"], ["observed"])]
    for schema in titles:
        jsonschema.validators.validator_for(schema).check_schema(schema)
    assert [schema["title"] for schema in titles[1:]] == ["quantafit/report/1", "quantafit/observed/1"]


def test_graph_draws_what_is_declared_and_what_is_not(quantafit: Run, shop: Path, sees: Sees, call: Crossing) -> None:
    """As Mermaid text; the verdict does not matter for its exit code."""
    sees(call)
    ran = quantafit("graph", "--config", shop)
    assert ran.code == 0
    assert 'q0 ==>|"not declared: synchronous http"| q1' in ran.out


def test_graph_draws_the_modules_of_a_quantum(quantafit: Run, shop: Path) -> None:
    """By pydeps, of that quantum only."""
    (shop / "shop/customer/api.py").write_text("from shop.customer import cards\n", encoding="utf-8")
    ran = quantafit("graph", "--config", shop, "--modules", "customer")
    assert ran.code == 0, ran.err
    assert "shop_customer_cards -> shop_customer_api" in ran.out
    assert "billing" not in ran.out


def test_help_is_quick(tmp_path: Path) -> None:
    """It imports nothing that only a report or an analysis needs."""
    ran = python(
        """
        import sys
        from quantafit.cli import main
        main(["--help"])
        heavy = {"networkx", "rich", "yaml", "importlinter", "grimp", "sqlalchemy", "pytest", "quantafit.model"}
        sys.exit(", ".join(sorted(heavy & set(sys.modules))) or 0)
        """,
        tmp_path,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Commands:" in ran.stdout
