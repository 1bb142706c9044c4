"""`quantafit drill` on a small system of real processes: kept, broken, and all that may go wrong under way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from declared_system import written

from quantafit.cli import main
from quantafit.drills import read_records
from quantafit.errors import UsageError
from quantafit.model import Experiment
from quantafit.testing import drills

RULE = "message/idempotent-receiver"


def drilled(root: Path, *arguments: str) -> tuple[int, list[Experiment]]:
    """The exit code, and the records."""
    record = root / "records.json"
    code = main(["drill", "--config", str(root), "--record", str(record), *arguments])
    return code, [*read_records(record)] if record.exists() else []


def judgement(out: str) -> Mapping[str, object]:
    """What a JSON report says of the drill's function."""
    (found,) = [one for one in json.loads(out)["judgements"] if one["rule"] == RULE]
    return found


def test_a_receiver_that_knows_what_it_has_handled_passes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, (record,) = drilled(written(tmp_path / "shop"))
    out = capfd.readouterr().out
    assert code == 0, out
    assert "GATE PASSED: 1 passed" in out
    assert "1 were sent again, each had one effect" in out
    assert [line.what for line in record.timeline] == ["drive", "count", "drive", "count"]
    assert record.problem == ""
    assert record.code
    assert record.declaration


def test_a_receiver_that_does_again_what_comes_again_fails(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, _ = drilled(written(tmp_path / "shop", "twice"))
    out = capfd.readouterr().out
    assert code == 1
    assert "sent again had more than one effect: a (2 times)" in " ".join(out.split())


def test_a_record_counts_with_all_other_evidence_while_the_code_stays_the_same(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = written(tmp_path / "shop")
    drilled(root)
    capfd.readouterr()
    check = ["check", "--config", str(root), "--experiments", str(root / "records.json"), "--format", "json"]
    main(check)
    assert judgement(capfd.readouterr().out)["verdict"] == "pass"

    (root / "shop/consumer.py").write_text((root / "shop/consumer.py").read_text() + "# another line\n")
    assert main(check) == 1
    told = judgement(capfd.readouterr().out)
    assert told["verdict"] == "not_evaluated"
    assert "code" in str(told["reason"])


def test_a_name_that_is_not_declared_is_wrong_use(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, records = drilled(written(tmp_path / "shop"), "thrice")
    assert (code, records) == (2, [])
    assert "there is no drill 'thrice'; known: twice" in capfd.readouterr().err


def test_a_declaration_without_drills_is_wrong_use(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "quanta.yaml").write_text("schema: quanta/1\nsystem: shop\nquanta: {customer: , billing: }\n")
    assert drilled(tmp_path) == (2, [])
    assert "declares no drills" in capfd.readouterr().err


def test_a_system_that_does_not_come_up_is_no_pass(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    root = written(tmp_path / "shop", replaced={"shop/consumer.py": "shop/no-such.py"})
    assert drilled(root) == (1, [])
    said = capfd.readouterr().err
    assert "notification ended with status 2" in said
    assert "Traceback" not in said


def test_a_workload_that_breaks_off_leaves_its_drill_without_a_verdict(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = written(tmp_path / "shop", replaced={'again: ["{python}", send.py': 'again: ["{python}", no-such.py'})
    code, (record,) = drilled(root, "--format", "json")
    assert code == 1
    assert "workload again ended with status 2" in record.problem
    told = judgement(capfd.readouterr().out)
    assert told["verdict"] in ("not_evaluated", "error")
    assert "workload again ended with status 2" in str(told["reason"])


STEPS = """\
        - {kill: notification}
        - drive: once
        - {start: all, within: 20s}
        - {count: effects, within: 10s, settle: 0s}
        - {slow: web, by: 10ms}
        - {partition: web}
        - {start: web}
        - {pause: notification}
        - drive: again
          meanwhile: [{wait: 10ms}, {stop: broker}]
        - {start: broker}
        - {start: notification}
        - {count: effects, within: 10s, settle: 300ms}
"""
MORE = """\
    broker: {kind: broker, commands: {stop: [touch, "{folder}/{part}.stopped"], start: [touch, "{folder}/{part}.back"]}}
    web:
      quantum: customer
      run: ["{python}", -m, http.server, --bind, 127.0.0.1, "{port:web}"]
      ready: {url: "http://127.0.0.1:{port:web}/"}
      proxy: {listen: "{port:front}", to: "127.0.0.1:{port:web}"}
  prepare: [mkdir, "{folder}/queue"]
  clean_up: [touch, "{root}/cleaned"]
  workloads:
"""


def test_all_steps_are_done_in_their_order_and_are_in_the_record(tmp_path: Path) -> None:
    one_by_one = """\
        - drive: once
        - {count: effects, within: 10s, settle: 0s}
        - drive: again
        - {count: effects, within: 10s, settle: 300ms}
"""
    root = written(tmp_path / "shop", replaced={one_by_one: STEPS, "  workloads:\n": MORE})
    code, (record,) = drilled(root, "--seed", "5")
    assert record.problem == ""
    assert [(line.what, *line.targets) for line in record.timeline] == [
        ("kill", "notification"),
        ("drive", "once"),
        ("start", "notification"),
        ("count", "effects"),
        ("slow", "web"),
        ("partition", "web"),
        ("start", "web"),
        ("pause", "notification"),
        ("wait",),
        ("stop", "broker"),
        ("drive", "again"),
        ("start", "broker"),
        ("start", "notification"),
        ("count", "effects"),
    ]
    assert dict(record.drives[0].away) == {"notification": "killed"}
    assert dict(record.drives[1].away) == {"notification": "paused"}
    assert record.drives[1].disturbed == ("broker", "notification")
    assert (root / "cleaned").exists()
    assert code == 0


# The same in users' own tests -----------------------------------------------------------------------------------------


def test_a_drill_that_holds_is_a_record_and_one_that_does_not_is_an_assertion(tmp_path: Path) -> None:
    with drills(written(tmp_path / "kept")) as drill:
        assert drill("twice") == drill.records[0]
        with pytest.raises(UsageError, match="there is no workload or probe 'effect'; known: once, again, effects"):
            drill.source("effect")
        with drill.run("own", "loss", interaction="invoices") as run:
            run.drive("once", drill.source("once"))
        with pytest.raises(AssertionError, match="not evaluated"):
            drill.holds(run.experiment)  # no such drill is declared, and nothing was taken away
    with drills(written(tmp_path / "broken", "twice")) as drill, pytest.raises(AssertionError) as told:
        drill("twice")
    assert "had more than one effect" in " ".join(str(told.value).split())
