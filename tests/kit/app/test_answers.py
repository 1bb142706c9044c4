"""An answer is remembered for as long as nothing that it rests on has changed, and not a moment longer."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantafit.app import Answer, Question, answer, answers, evaluation
from quantafit.model import Evaluation
from quantafit.report import observed

QUANTA = """\
schema: quanta/1
system: shop
quanta:
  customer: {source: [customer]}
  billing: {source: [billing], hosts: [billing]}
"""
CALL = 'import httpx\n\n\ndef add(card):\n    httpx.post("http://billing/cards", json=card)\n'
NO_CALL = 'import httpx\n\n\ndef add(card):\n    print("http://billing/cards", json=card)    #\n'
FILES = {
    "quanta.yaml": QUANTA,
    "customer/cards.py": CALL,
    "customer/names.py": "BILLING = 'billing'\n",
    "billing/api.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
    "compose.yaml": "services:\n  billing:\n    build: billing\n",
    "README.md": "A shop.\n",
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop whose files count as written long before the first run: what is known of them is believed."""
    monkeypatch.setattr(answers, "GRAIN", 0)
    make(tmp_path / "shop", FILES)
    return tmp_path / "shop"


def make(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def seen(evaluation_: Evaluation) -> Answer:
    return Answer((observed.render(evaluation_),), 0)


def ask(root: Path, *, remember: bool = True, judged: bool = False, day: date | None = None) -> str:
    return answer(Question(root, None, judged, day, ("test",), remember), seen, lambda _: None).texts[0]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was really worked out, run by run."""
    made: list[str] = []
    work = evaluation.open_system

    def counted(config: Path, root: Path | None) -> object:
        made.append(str(config))
        return work(config, root)

    monkeypatch.setattr(evaluation, "open_system", counted)
    return made


def test_the_second_time_nothing_is_worked_out(shop: Path, runs: list[str]) -> None:
    assert ask(shop) == ask(shop) == ask(shop, remember=False)
    assert len(runs) == 2  # the first time, and when nothing was to be remembered


def _edit(path: str, text: str) -> Callable[[Path], object]:
    return lambda root: (root / path).write_text(text, encoding="utf-8")


def _same_size_and_time(root: Path) -> None:
    file = root / "customer/cards.py"
    before = file.stat()
    assert len(NO_CALL) == len(CALL)
    file.write_text(NO_CALL, encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "another body": _edit("customer/cards.py", "x = 1\n"),
    "the same size and the same time": _same_size_and_time,
    "another host": _edit("customer/cards.py", CALL.replace("//billing", "//other")),
    "another declaration": _edit("quanta.yaml", QUANTA.replace("hosts: [billing]", "hosts: [other]")),
    "configuration": _edit("compose.yaml", "services:\n  ledger:\n    build: billing\n"),
    "a new file": _edit("customer/more.py", CALL),
    "a file gone": lambda root: (root / "customer/cards.py").unlink(),
    "a file renamed": lambda root: (root / "customer/cards.py").rename(root / "customer/card.py"),
    "a file moved": lambda root: (root / "customer/cards.py").rename(root / "billing/cards.py"),
    "a broken file": _edit("customer/cards.py", "def ("),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_never_missed(shop: Path, runs: list[str], change: Callable[[Path], object]) -> None:
    ask(shop)
    change(shop)
    assert ask(shop) == ask(shop, remember=False)
    assert len(runs) == 3


def test_a_change_within_the_clocks_grain_is_not_missed(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "GRAIN", 2_000_000_000)
    ask(shop)
    held = answers.Answers(shop)
    file = shop / "customer/cards.py"
    before = file.stat()
    file.write_text(NO_CALL, encoding="utf-8")
    real = os.stat

    def coarse(path: object, *args: object, **named: object) -> os.stat_result:
        """A clock that did not move between the two writes."""
        about = real(path, *args, **named)  # type: ignore[arg-type]
        return before if str(path) == str(file) else about

    monkeypatch.setattr(answers.os, "stat", coarse)
    question = Question(shop, None, False, None, ("test",))
    assert held.find(question.words(), None) is None


def test_files_that_only_look_new_are_read_again_and_believed(shop: Path, runs: list[str]) -> None:
    first = ask(shop)
    for path in FILES:
        os.utime(shop / path)
    assert ask(shop) == first
    assert len(runs) == 1


def test_what_was_not_read_may_change(shop: Path, runs: list[str]) -> None:
    ask(shop)
    _edit("README.md", "Another shop.\n")(shop)
    ask(shop)
    assert len(runs) == 1


def test_a_tree_with_links_that_lead_out_is_not_remembered(shop: Path, runs: list[str], tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (shop / "customer/link").symlink_to(tmp_path / "outside")
    assert ask(shop) == ask(shop)
    assert len(runs) == 2


def test_a_file_that_cannot_be_read_is_not_remembered(
    shop: Path, runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop / "customer/secret.py").write_text(CALL)
    (shop / "customer/secret.py").chmod(0)
    if os.access(shop / "customer/secret.py", os.R_OK):  # whoever may read everything
        from quantafit.workspace import Workspace

        read = Workspace.read

        def refusing(self: Workspace, path: str) -> bytes:
            if path.endswith("secret.py"):
                self.readings[path] = None
                raise PermissionError(13, "Permission denied")
            return read(self, path)

        monkeypatch.setattr(Workspace, "read", refusing)
    assert ask(shop) == ask(shop)
    assert len(runs) == 2


def test_a_day_matters_only_where_a_waiver_does(shop: Path, runs: list[str]) -> None:
    ask(shop, judged=True, day=date(2026, 1, 1))
    ask(shop, judged=True, day=date(2026, 1, 2))
    assert len(runs) == 1
    waiver = (
        "waivers:\n  - rule: quantum/synchronous-call\n    match: {from: customer}\n    owner: shop\n"
        "    reason: until the queue is there\n    expires: 2026-01-01\n"
    )
    _edit("quanta.yaml", QUANTA + waiver)(shop)
    ask(shop, judged=True, day=date(2026, 1, 1))
    ask(shop, judged=True, day=date(2026, 1, 1))
    assert len(runs) == 2
    ask(shop, judged=True, day=date(2026, 1, 2))
    assert len(runs) == 3


@pytest.mark.parametrize("path", ["quanta.yaml", "tests/test_shop.py"])
def test_what_is_written_to_during_the_run_is_not_remembered(
    shop: Path, runs: list[str], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Neither file is read through the workspace: what it says afterwards is not what the run saw."""
    make(shop, {"tests/test_shop.py": ""})
    work = evaluation.watch

    def meanwhile(*given: object, **named: object) -> Evaluation:
        found = work(*given, **named)  # type: ignore[arg-type]
        _edit(
            path, QUANTA.replace("hosts: [billing]", "hosts: [other]") if path == "quanta.yaml" else "import billing\n"
        )(shop)
        return found

    with monkeypatch.context() as during:
        during.setattr(evaluation, "watch", meanwhile)
        ask(shop)
    assert ask(shop) == ask(shop, remember=False)
    assert len(runs) == 3


def test_another_question_has_another_answer(shop: Path, runs: list[str]) -> None:
    ask(shop)
    ask(shop, judged=True)
    assert len(runs) == 2


def test_another_version_of_quantafit_answers_anew(
    shop: Path, runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(shop)
    monkeypatch.setattr(answers, "surroundings", lambda: ["another"])
    ask(shop)
    assert len(runs) == 2


def test_an_error_is_not_remembered(shop: Path, runs: list[str]) -> None:
    from quantafit.errors import DeclarationError

    _edit("quanta.yaml", QUANTA.replace("schema", "shema"))(shop)
    for _ in range(2):
        with pytest.raises(DeclarationError):
            ask(shop)
    assert len(runs) == 2


def test_runs_at_once_agree(shop: Path) -> None:
    run = "from quantafit.cli import main; main()"
    command = [sys.executable, "-c", run, "observe", "--config", str(shop), "--format", "json"]
    for _ in range(2):
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
        said = {process.communicate()[0] for process in running}
        assert len(said) == 1
        assert b'"billing"' in said.pop()


BODIES = (
    CALL,
    NO_CALL,
    "from customer.names import BILLING\n",
    'import requests\nrequests.get("http://billing/x")\n',
    "",
)
PATHS = ("customer/cards.py", "customer/more.py", "customer/deep/inner.py", "billing/more.py")
Edits = list[tuple[str, str | None]]
EDITS = st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from((*BODIES, None))), max_size=5)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EDITS, min_size=1, max_size=4))
def test_after_any_edits_the_answer_is_the_one_of_a_cold_run(
    tmp_path: Path, rounds: list[list[tuple[str, str | None]]]
) -> None:
    root = tmp_path / str(time.monotonic_ns())
    make(root, FILES)
    for edits in rounds:
        for path, text in edits:
            if text is None:
                with contextlib.suppress(FileNotFoundError):
                    (root / path).unlink()
            else:
                make(root, {path: text})
        with contextlib.redirect_stderr(io.StringIO()):
            assert ask(root) == ask(root) == ask(root, remember=False)
    shutil.rmtree(root)
