"""The whole way, with nothing put in anything's place: code and configuration in, verdict and documents out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quantafit.testing import examine_tree

Run = Callable[..., Any]

FILES = {
    "quanta.yaml": """\
schema: quanta/1
system: shop
quanta:
  customer: {source: customer}
  billing: {source: billing, hosts: billing}
shared_code: [common]
""",
    "common/__init__.py": "",
    "common/web.py": """\
import httpx


def post(path, body):
    return httpx.post("http://billing:8000" + path, json=body)
""",
    "customer/__init__.py": "",
    "customer/cards.py": """\
from common.web import post


def add_card(last_four):
    post("/cards", {"last_four": last_four})
""",
    "billing/__init__.py": "",
    "billing/cards.py": "def take_card(last_four):\n    return last_four\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A customer that posts to billing by way of a shared helper."""
    root = tmp_path / "system"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def test_the_report_leads_from_the_quantums_own_line_to_the_library_call(quantafit: Run, tree: Path) -> None:
    """Both lines with their code, in this order."""
    ran = quantafit("check", "--config", tree)
    assert ran.code == 1, ran.err
    own, library = ran.out.index("> 5 | "), ran.out.index("> 5 | ", ran.out.index("> 5 | ") + 1)
    assert "customer/cards.py:5  add_card  [call]" in ran.out[:own]
    assert "common/web.py:5  post  [via]" in ran.out[own:library]
    assert 'post("/cards", {"last_four": last_four})' in ran.out
    assert "Why it matters" in ran.out[library:]


def test_a_declaration_outside_the_tree_is_held_against_it(quantafit: Run, tree: Path, tmp_path: Path) -> None:
    """``--root`` says where the tree is; names of quanta and their sources are a whole declaration."""
    config = tmp_path / "elsewhere" / "quanta.yaml"
    config.parent.mkdir()
    config.write_text(FILES["quanta.yaml"], encoding="utf-8")
    ran = quantafit("observe", "--config", config, "--root", tree, "--format", "json")
    assert ran.code == 0, ran.err
    (record,) = json.loads(ran.out)["interactions"]
    assert {key: record[key] for key in ("source", "target", "target_kind", "mechanism", "communication")} == {
        "source": "customer", "target": "billing", "target_kind": "quantum", "mechanism": "http",
        "communication": "synchronous",
    }  # fmt: skip
    places = [(item["role"], item["path"], item["line"]) for item in record["evidence"]]
    assert places[:2] == [("call", "customer/cards.py", 5), ("via", "common/web.py", 5)]


def test_the_order_in_which_python_hashes_changes_nothing(tree: Path) -> None:
    """Two processes with different seeds print the same bytes."""
    script = "import sys; from quantafit.cli import main; sys.exit(main(['check', '--format', 'json']))"
    outputs = [
        subprocess.run(
            [sys.executable, "-c", script], cwd=tree, capture_output=True, timeout=60, check=False,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert outputs[0] == outputs[1]
    assert json.loads(outputs[0])["gate"] == "failed"


def test_a_tree_in_memory_is_judged_like_one_on_disk() -> None:
    """For rules' examples and for users' own tests."""
    evidence = examine_tree(FILES)
    evidence.quantum("billing").makes_no_synchronous_call_to("customer")
    with pytest.raises(AssertionError, match=r"customer/cards\.py:5"):
        evidence.quantum("customer").makes_no_synchronous_call_to("billing")


def test_code_that_cannot_be_parsed_never_passes(quantafit: Run, tree: Path) -> None:
    """It could hide anything: what needed it ends in an error, named with its line."""
    (tree / "billing/cards.py").write_text("def take_card(:\n", encoding="utf-8")
    (tree / "customer/cards.py").write_text("", encoding="utf-8")
    ran = quantafit("check", "--config", tree)
    assert ran.code == 1
    assert "1 place could not be examined." in " ".join(ran.out.split())
    assert "billing/cards.py:1" in ran.out


def test_a_name_that_cannot_be_read_lets_no_rule_pass(quantafit: Run, tree: Path) -> None:
    """What stands under it could be a call of any quantum."""
    try:
        Path(os.fsdecode(os.fsencode(tree) + b"/customer/caf\xe9.py")).write_text("import billing\n", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    report = json.loads(quantafit("check", "--config", tree, "--format", "json").out)
    assert "pass" not in {judgement["verdict"] for judgement in report["judgements"]}
    assert "name is not valid Unicode" in json.dumps(report)


@pytest.mark.parametrize("target", ["outside", "nowhere"])
def test_a_link_out_of_the_root_lets_no_rule_of_its_quantum_pass(quantafit: Run, tree: Path, target: str) -> None:
    """Code that stands elsewhere is not examined; a link that leads nowhere hides nothing."""
    (tree.parent / "outside").mkdir()
    (tree / "billing" / "more").symlink_to(tree.parent / target)
    report = json.loads(quantafit("check", "--config", tree, "--format", "json").out)
    own = ("billing", "billing → customer")
    verdicts = {judgement["verdict"] for judgement in report["judgements"] if judgement["subject"]["name"] in own}
    assert verdicts == ({"error"} if target == "outside" else {"pass"})
