"""quantafit init on the command line: what it writes, what it refuses, what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantafit.cli import main

FILES = {
    "compose.yaml": "services: {orders-service: {build: ./orders}, billing: {build: ./billing}, db: {image: mysql}}\n",
    "orders/Dockerfile": "FROM python\nCOPY . .\n",
    "orders/main.py": "import httpx\n\n\ndef place(order):\n    httpx.post('http://billing/invoices', json=order)\n",
    "billing/Dockerfile": "FROM python\nCOPY . .\n",
    "billing/main.py": "CURRENCY = 'EUR'\n",
}


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system without a declaration; its folder is where the command runs."""
    root = tmp_path / "bare-shop"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    monkeypatch.chdir(root)
    return root


def test_it_writes_a_declaration_that_check_accepts(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "quanta.yaml: 2 quanta, 1 interaction, 0 open questions.\nNext, run: quantafit check\n"
    assert "system: bare-shop\n" in (bare / "quanta.yaml").read_text(encoding="utf-8")
    assert main(["check"]) == 0
    assert capsys.readouterr().out.startswith("GATE PASSED")


def test_it_counts_what_is_open_and_says_where_to_look(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (bare / "billing/main.py").write_text("import acme\n\nacme.Bus().send('x')\n", encoding="utf-8")
    assert main(["init"]) == 0
    told = capsys.readouterr().err
    text = (bare / "quanta.yaml").read_text(encoding="utf-8")
    asked = text.count("# QUESTION:")
    assert asked > 0
    assert f"{asked} open question" in told
    assert 'Look for "QUESTION:" in it, then run: quantafit check' in told
    assert main(["check"]) == 1


def test_it_never_overwrites_unless_forced(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (bare / "quanta.yaml").write_text("mine\n", encoding="utf-8")
    assert main(["init"]) == 2
    assert capsys.readouterr().err == (
        "quantafit: quanta.yaml is there already; --force overwrites it, --stdout only prints the proposal\n"
    )
    assert (bare / "quanta.yaml").read_text(encoding="utf-8") == "mine\n"
    assert main(["init", "--force"]) == 0
    assert (bare / "quanta.yaml").read_text(encoding="utf-8").startswith("# A first proposal")


@pytest.mark.parametrize("option", [["--stdout"], ["--output", "-"], ["-o", "-"]])
def test_it_prints_and_writes_nothing(bare: Path, capsys: pytest.CaptureFixture[str], option: list[str]) -> None:
    (bare / "quanta.yaml").write_text("mine\n", encoding="utf-8")
    assert main(["init", *option]) == 0
    told = capsys.readouterr()
    assert "schema: quanta/1\n" in told.out
    assert "Nothing was written" in told.err
    assert (bare / "quanta.yaml").read_text(encoding="utf-8") == "mine\n"


def test_another_file_and_another_root_are_named_in_the_next_command(
    bare: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bare.parent)
    assert main(["init", "--root", "bare-shop", "-o", "draft.yaml"]) == 0
    assert capsys.readouterr().err.endswith("run: quantafit check --config draft.yaml --root bare-shop\n")
    assert main(["check", "--config", "draft.yaml", "--root", "bare-shop"]) == 0


def test_twice_gives_the_same_bytes(bare: Path) -> None:
    assert main(["init"]) == 0
    first = (bare / "quanta.yaml").read_bytes()
    assert main(["init", "--force"]) == 0
    assert (bare / "quanta.yaml").read_bytes() == first


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--root", "gone"], "the root gone is no folder"),
        (["--root", "billing/Dockerfile"], "is no folder"),
        (["--stdout", "-o", "x.yaml"], "--stdout and --output exclude each other"),
        (["-o", "gone/quanta.yaml"], "cannot be written"),
    ],
)
def test_wrong_use_is_one_sentence(
    bare: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["init", *arguments]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert len(told.splitlines()) == 1


def test_a_folder_without_code_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 2
    assert "no Python code that is deployed was found" in capsys.readouterr().err
    assert not (tmp_path / "quanta.yaml").exists()
