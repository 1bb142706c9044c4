"""What the documents say is what the programs do."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GENERATED = ("README.md", "docs/hiding-patterns.md", "docs/libraries.md", "docs/quanta-yaml.md", "docs/rules.md")
REPORT = "reports/sysops-squad.md"  # held to the gate by tests/twins/test_reports_are_current.py
PAGES = (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(#[^)\s]+)?\)")


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    """The program behind `make report`."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", GENERATED)
def test_what_is_generated_is_up_to_date(generate: ModuleType, path: str) -> None:
    """Otherwise `make report` writes it again; the difference is to be reviewed like code."""
    assert (ROOT / path).read_text(encoding="utf-8") == generate.documents()[path]()


def test_no_generated_file_is_forgotten(generate: ModuleType) -> None:
    assert set(generate.documents()) == {*GENERATED, REPORT}


def test_the_readme_shows_a_failure_in_80_columns(generate: ModuleType) -> None:
    """One thing is broken, everything else holds, and the call is shown from its own line to the library."""
    shown = README.partition(generate.BEGIN)[2].partition(generate.END)[0]
    lines = shown.splitlines()
    assert lines[0].startswith("GATE FAILED: 1 failed, ")
    assert "not evaluated" not in lines[0]
    assert "quantum/synchronous-call  customer → billing" in shown
    assert shown.index("customer/cards.py:") < shown.index("plumbing/calls.py:")
    assert max(map(len, lines)) <= 80


def test_the_twelve_lines_of_the_readme_stand_in_the_declaration() -> None:
    """In the same order, with nothing invented."""
    shown = _first_block("yaml").splitlines()
    assert len(shown) == 12
    declared = iter((ROOT / "quanta.yaml").read_text(encoding="utf-8").splitlines())
    assert [line for line in shown if line not in declared] == []


def test_the_small_declaration_of_the_readme_is_a_whole_one() -> None:
    from quantafit.testing import examine_tree

    small = re.findall(r"```yaml\n(schema:.*?)```", README, re.DOTALL)
    assert len(small) == 1
    code = {f"services/{quantum}/{quantum}.py": "" for quantum in ("customer", "billing")}
    evidence = examine_tree({"quanta.yaml": small[0], **code})
    assert [quantum.name for quantum in evidence.evaluation.architecture.quanta] == ["customer", "billing"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        file = page.parent / target
        assert file.exists(), target
        if anchor and file.suffix == ".md":
            assert anchor[1:] in _anchors(file.read_text(encoding="utf-8")), f"{target}{anchor}"


def test_every_command_and_format_of_the_readme_exists() -> None:
    """And none is left out."""
    from quantafit import report
    from quantafit.cli.commands import group

    table = set(re.findall(r"^\| `quantafit (\w+)", README, re.MULTILINE))
    assert table == set(group.commands)
    formats = re.search(r"can be repeated: (.*?)\. `--root", README, re.DOTALL)
    assert formats is not None
    assert set(re.findall(r"`(\w+)`", formats[1])) == set(report.formats())


def test_every_dependency_has_its_reason() -> None:
    """docs/decisions names what the kit, the reference implementation and the tests need, and nothing else."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(requirement for extra in extras for requirement in extra)]
    names = {re.split(r"[\[<>=]", requirement)[0] for requirement in wanted} - {"quantafit"}
    record = (ROOT / "docs/decisions/0004-dependencies.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| ([\w.-]+) \|", record, re.MULTILINE)) - {"package", "---"} == names


def test_the_kit_imports_what_it_depends_on_and_nothing_else() -> None:
    """A package that only the developer's environment has would break everybody else's."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[\[<>=]", requirement)[0].lower() for requirement in project["dependencies"]}
    run_as_commands = {"import-linter"}
    on_request = {"pytest", "psycopg"}  # extras: the plugin's host, and what asks running databases
    assert {name.lower() for name in _imported_distributions()} == declared - run_as_commands | on_request


def _imported_distributions() -> set[str]:
    """The installed packages that any module of the kit imports, at its top or within."""
    trees = (ast.parse(path.read_bytes()) for path in (ROOT / "src/quantafit").rglob("*.py"))
    names = {name.partition(".")[0] for tree in trees for node in ast.walk(tree) for name in _names(node)}
    installed = packages_distributions()
    return {installed[name][0] for name in names - {"quantafit"} - sys.stdlib_module_names}


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


def _first_block(language: str) -> str:
    return README.partition(f"```{language}\n")[2].partition("```")[0]


def _anchors(text: str) -> set[str]:
    """The anchors of a page: those written as <a id>, and its headings as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    named = (re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings)
    return {*re.findall(r'<a id="([^"]+)">', text), *named}
