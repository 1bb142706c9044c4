"""The bench and the run: real processes, taken away and brought back, counted and recorded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from small_system import consumer, effects, send

from quantafit.drills import Bench, CallablePart, CommandPart, ProcessPart, Run
from quantafit.errors import DrillError, UsageError
from quantafit.model import Experiment, Ready

IDS = [f"n{number}" for number in range(20)]
READY = Ready(line="ready")


def part(folder: Path, how: str = "after") -> ProcessPart:
    return ProcessPart("notification", consumer(folder, how), quantum="customer", ready=READY)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def loss_of(folder: Path, how: str = "after", ids: Sequence[str] = IDS) -> Experiment:
    with Bench([part(folder, how)], seed=1) as bench:
        with Run(bench, "loss", "loss", interaction="invoices") as run:
            run.stop("notification")
            run.drive("invoices", lambda: send(folder, *ids))
            run.start()
            if how == "before":
                run.wait(0.4)
            run.kill("notification")
            run.start("notification")
            run.count("mails", lambda: effects(folder), seconds=10 if how == "after" else 4, settle=0.3)
        return run.experiment


def test_what_waits_while_its_consumer_is_away_is_counted_when_it_is_back(tmp_path: Path) -> None:
    experiment = loss_of(tmp_path)
    assert experiment.problem == ""
    assert {effect.id: effect.times for effect in experiment.counts[0].effects} == dict.fromkeys(IDS, 1)
    (drive,) = experiment.drives
    assert dict(drive.away) == {"notification": "stopped"}
    assert [sent.id for sent in drive.sent] == IDS
    assert [line.what for line in experiment.timeline] == ["stop", "drive", "start", "kill", "start", "count"]
    assert experiment.seed == 1


def test_what_is_forgotten_before_its_work_is_missing_in_the_count(tmp_path: Path) -> None:
    ids = IDS[:6]  # each takes 0.3 s, so that one is being worked on when the consumer is killed
    experiment = loss_of(tmp_path, "before", ids)
    arrived = {effect.id for effect in experiment.counts[0].effects}
    assert len(arrived) < len(ids)
    assert experiment.timeline[-1].note == f"{len(arrived)} of {len(ids)} arrived"


def test_a_workload_runs_while_parts_are_killed_and_nothing_was_away_all_the_time(tmp_path: Path) -> None:
    def slowly() -> object:
        for id in IDS:
            time.sleep(0.02)
            yield from send(tmp_path, id)

    with Bench([part(tmp_path)]) as bench:
        with Run(bench, "loss", "loss", interaction="invoices") as run:
            with run.driving("invoices", slowly):  # type: ignore[arg-type]
                run.kill("notification")
                run.start("notification")
            run.count("mails", lambda: effects(tmp_path), seconds=10, settle=0.2)
    (drive,) = run.experiment.drives
    assert not drive.away
    assert drive.disturbed == ("notification",)
    assert [line.what for line in run.experiment.timeline] == ["kill", "start", "drive", "count"]


def test_a_paused_part_does_nothing_until_it_is_started_again(tmp_path: Path) -> None:
    with Bench([part(tmp_path)]) as bench:
        with Run(bench, "loss", "loss", interaction="invoices") as run:
            run.pause("notification")
            run.drive("invoices", lambda: send(tmp_path, "a"))
            run.wait(0.3)
            assert [*effects(tmp_path)] == []
            run.start()
            run.count("mails", lambda: effects(tmp_path), seconds=5, settle=0)
    assert run.experiment.counts[0].effects[0].times == 1


def test_nothing_in_the_time_line_ends_after_what_was_done_next_began(tmp_path: Path) -> None:
    with Bench([part(tmp_path)]) as bench, Run(bench, "x", "loss") as run:
        for number in range(60):
            run.wait(number / 7e4)
    lines = run.experiment.timeline
    assert [line for line, after in pairwise(lines) if line.ended > after.at] == []
    assert any(line.took for line in lines)


def test_nothing_is_left_behind_after_an_exception_in_the_middle(tmp_path: Path) -> None:
    consumer_part = part(tmp_path)
    with pytest.raises(ZeroDivisionError), Bench([consumer_part]) as bench, Run(bench, "x", "loss") as run:
        pid, folder = consumer_part.pid, bench.folder
        run.pause("notification")
        raise ZeroDivisionError("in the middle")
    assert pid is not None
    assert not lives(pid)
    assert not folder.exists()
    assert run.experiment.problem == "in the middle"


def test_an_experiment_ends_with_all_parts_back(tmp_path: Path) -> None:
    with Bench([part(tmp_path)]) as bench:
        with pytest.raises(DrillError, match="no part is named"), Run(bench, "one", "loss") as run:
            run.kill("notification")
            run.stop()
        assert not bench.away
        assert run.experiment.timeline[-1].note == "so that all is as at the beginning"
        with Run(bench, "two", "loss") as second:
            second.drive("invoices", lambda: send(tmp_path, "b"))
            second.count("mails", lambda: effects(tmp_path), settle=0)
        assert second.experiment.problem == ""


def test_a_part_that_ends_by_itself_is_in_the_time_line(tmp_path: Path) -> None:
    program = "import time; print('ready', flush=True); time.sleep(0.5); raise SystemExit(7)"
    dying = ProcessPart("dying", [sys.executable, "-c", program], ready=READY)
    with Bench([dying]) as bench:
        with Run(bench, "x", "loss") as run:
            run.wait(1.0)
            assert run._timeline[-1].what == "ended"
            assert "status 7" in run._timeline[-1].note


def test_a_part_that_does_not_come_up_is_named_with_its_last_words(tmp_path: Path) -> None:
    broken = ProcessPart(
        "billing.api", [sys.executable, "-c", "print('no key file'); raise SystemExit(1)"], ready=READY
    )
    with pytest.raises(DrillError, match=r"billing\.api ended with status 1; its last line: no key file"):
        Bench([broken]).__enter__()


def test_a_part_that_never_says_that_it_works_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    silent = ProcessPart("silent", [sys.executable, "-c", "import time; time.sleep(60)"], ready=READY)
    started = time.monotonic()
    with pytest.raises(DrillError, match="silent does not work in time: it did not print 'ready'"):
        Bench([silent], starting=0.5).__enter__()
    assert time.monotonic() - started < 10
    assert silent.pid is None


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("print('hello')", "printed a line that is no JSON: 'hello"),
        ("print('[1]')", "a JSON object is wanted"),
        ("print('{\"ok\": true}')", "it has no id"),
        ('print(\'{"id": "a", "when": 3}\')', "unknown key 'when'"),
        ('print(\'{"id": "a", "took": "3"}\')', "took cannot be '3'"),
        ("import sys; print('no broker', file=sys.stderr); sys.exit(4)", "ended with status 4: no broker"),
        ("import time; time.sleep(60)", "did not end in time"),
    ],
)
def test_a_workload_that_goes_wrong_says_how(tmp_path: Path, program: str, said: str) -> None:
    with Bench([]) as bench:
        with pytest.raises(DrillError, match="workload sends") as caught, Run(bench, "x", "loss") as run:
            run.drive("sends", [sys.executable, "-c", program], seconds=1.5)
    assert said in str(caught.value)
    assert said in run.experiment.problem


def test_a_workload_is_an_argument_list_that_no_shell_reads(tmp_path: Path) -> None:
    program = "import json, sys; print(json.dumps({'id': sys.argv[1]}))"
    with Bench([]) as bench, Run(bench, "x", "loss") as run:
        drive = run.drive("sends", [sys.executable, "-c", program, "$(touch owned); a b"])
    assert drive.sent[0].id == "$(touch owned); a b"
    assert not Path("owned").exists()


def test_parts_of_others_are_stopped_and_started_by_their_commands(tmp_path: Path) -> None:
    def touch(name: str) -> list[str]:
        return [sys.executable, "-c", f"open(r'{tmp_path}/{name}', 'a').write('x')"]

    broker = CommandPart("broker", {"kill": touch("killed"), "start": touch("started")}, folder=tmp_path)
    with Bench([broker]) as bench, Run(bench, "x", "loss") as run:
        run.kill("broker")
        run.start("broker")
    assert (tmp_path / "killed").read_text() == "x"
    assert (tmp_path / "started").read_text() == "x"


def test_a_part_of_others_that_cannot_be_brought_back_is_never_taken_away(tmp_path: Path) -> None:
    broker = CommandPart("broker", {"kill": ["false"]}, folder=tmp_path)
    with Bench([broker]) as bench:
        with pytest.raises(DrillError, match="no command to start it"), Run(bench, "x", "loss") as run:
            run.kill("broker")
    assert run.experiment.timeline[0].failed


def test_python_code_takes_parts_away_and_brings_them_back(tmp_path: Path) -> None:
    calls: list[str] = []
    broker = CallablePart("broker", lambda: calls.append("start"), lambda: calls.append("stop"))
    with Bench([broker]) as bench, Run(bench, "x", "loss") as run:
        run.stop("broker")
    assert calls == ["stop", "start"]


def test_an_unknown_part_is_an_error_that_names_the_known_ones(tmp_path: Path) -> None:
    with Bench([CallablePart("broker", lambda: None, lambda: None)]) as bench:
        with pytest.raises(UsageError, match="no part 'brokr'; known: broker"), Run(bench, "x", "loss") as run:
            run.stop("brokr")
        with pytest.raises(UsageError, match="has no proxy"), Run(bench, "y", "loss") as run:
            run.slow("broker", seconds=1)


DRILL = """
import sys, time
from pathlib import Path
from quantafit.drills import Bench, CommandPart, ProcessPart, Run
from quantafit.model import Ready

folder = Path(sys.argv[1])
child = "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'],"
child += " start_new_session=True); print(p.pid, flush=True); time.sleep(300)"
part = ProcessPart("unit", [sys.executable, "-c", child])
back = CommandPart("broker", {"kill": ["true"], "start": ["touch", str(folder / "started-again")]}, folder=folder)
with Bench([part, back], ledgers_in=folder / "ledgers") as bench:
    with Run(bench, "x", "loss") as run:
        while not (words := part.log.read_text().split() if part.log.exists() else []):
            time.sleep(0.05)
        run.kill("broker")
        run.pause("unit")
        print(part.pid, words[0], bench.folder, flush=True)
        time.sleep(300)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_behind_whatever_ends_the_drill(tmp_path: Path, number: signal.Signals) -> None:
    """Also a paused process, a grandchild in a session of its own, and the part that others run."""
    drill = subprocess.Popen([sys.executable, "-c", DRILL, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert drill.stdout is not None
    unit, grandchild, folder = drill.stdout.readline().split()
    assert lives(int(unit))
    assert lives(int(grandchild))
    drill.send_signal(number)
    drill.wait(30)
    give_up = time.monotonic() + 20
    while lives(int(unit)) or lives(int(grandchild)) or Path(folder).exists() or [*(tmp_path / "ledgers").iterdir()]:
        assert time.monotonic() < give_up
        time.sleep(0.05)
    assert (tmp_path / "started-again").exists()


def test_what_a_dead_drill_and_its_dead_guard_left_is_undone_by_the_next_one(tmp_path: Path) -> None:
    drill = subprocess.Popen([sys.executable, "-c", DRILL, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert drill.stdout is not None
    unit, grandchild, _ = drill.stdout.readline().split()
    children = Path(f"/proc/{drill.pid}/task/{drill.pid}/children").read_text().split()
    (guard,) = [pid for pid in children if b"ledger" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(int(guard), signal.SIGKILL)
    drill.kill()
    drill.wait(10)
    assert lives(int(unit))
    with Bench([], ledgers_in=tmp_path / "ledgers"):
        pass
    assert not lives(int(unit))
    assert not lives(int(grandchild))
    assert (tmp_path / "started-again").exists()
