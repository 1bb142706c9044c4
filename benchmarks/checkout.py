"""What quantafit costs on any checkout, beside import-linter, tach and semgrep.

    python benchmarks/checkout.py PATH [--runs N]

Nothing is downloaded, and PATH is not written to: its Python files are copied first. Where PATH has no quanta.yaml, its
largest package is declared as one quantum. Every tool that is installed runs N times in turn:

- cold, with nothing remembered: ``quantafit observe``, ``lint-imports`` with one forbidden import contract,
  ``tach check``, ``semgrep`` with one rule for calls;
- warm, when nothing has changed since: ``quantafit observe``, ``lint-imports``;
- with one file changed: ``quantafit observe``, ``lint-imports``.

Printed are CPU seconds (user and system, of all processes of a command), the resident peak of its largest process, and
the ratios within one call of this program. A tool that is not installed is left out, and named.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from measuring import LINT_IMPORTS, QUANTAFIT, Cost, measure, python, table

SEMGREP_RULE = """\
rules:
  - id: request
    languages: [python]
    severity: INFO
    message: a request
    patterns:
      - pattern-either:
          - pattern: requests.$VERB(...)
          - pattern: $CHANNEL.queue_declare(...)
"""


def largest_package(root: Path) -> Path:
    """The package with the most Python files, relative to ``root``; folders that are no packages count as such."""
    tops: dict[Path, int] = {}
    for file in root.rglob("*.py"):
        top = file.parent
        if (top / "__init__.py").exists():
            while top != root and (top.parent / "__init__.py").exists():
                top = top.parent
        tops[top] = tops.get(top, 0) + 1
    if not tops:
        raise SystemExit(f"there is no Python file under {root}")
    return max(sorted(tops), key=lambda top: tops[top]).relative_to(root)


def prepare(source: Path, root: Path) -> Path:
    """Copy a checkout's Python files and configuration, and declare what is to be looked at. Gives the package."""
    ignored = shutil.ignore_patterns(".git", "node_modules", "__pycache__", ".venv", "*.so", "*.png", "*.jpg")
    shutil.copytree(source, root, ignore=ignored, symlinks=True, dirs_exist_ok=True)
    package = largest_package(root)
    if not (root / "quanta.yaml").exists():
        text = f"schema: quanta/1\nsystem: checkout\nquanta:\n  whole:\n    source: ['{package.as_posix()}']\n"
        (root / "quanta.yaml").write_text(text, encoding="utf-8")
    folder, name = root / package.parent, package.name
    inner = sorted(
        path.stem for path in (root / package).iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    )
    two = [module for module in inner if not module.startswith("__")][:2]
    if len(two) == 2:
        (folder / "contracts.ini").write_text(
            f"[importlinter]\nroot_package = {name}\n\n[importlinter:contract:one]\nname = one\ntype = forbidden\n"
            f"source_modules = {name}.{two[0]}\nforbidden_modules = {name}.{two[1]}\n",
            encoding="utf-8",
        )
    (root / "tach.toml").write_text(
        f'source_roots = ["{package.parent.as_posix()}"]\n\n[[modules]]\npath = "{name}"\ndepends_on = []\n',
        encoding="utf-8",
    )
    (root / "semgrep.yml").write_text(SEMGREP_RULE, encoding="utf-8")
    return package


def commands(root: Path, package: Path) -> tuple[dict[str, list[str]], list[str]]:
    """The commands to measure by name, and the tools that are not here."""
    found = {"quantafit": python(QUANTAFIT, "observe", "--config", str(root), "--format", "json")}
    missing = []
    if (root / package.parent / "contracts.ini").exists():
        found["lint-imports"] = python(LINT_IMPORTS, "--config", "contracts.ini", "--no-logo")
    if shutil.which("tach"):
        found["tach"] = ["tach", "check"]
    else:
        missing.append("tach")
    if shutil.which("semgrep"):
        found["semgrep"] = ["semgrep", "--config", "semgrep.yml", "--metrics=off", "--quiet", str(package)]
    else:
        missing.append("semgrep")
    return found, missing


def compare(root: Path, package: Path, runs: int) -> tuple[dict[str, dict[str, list[Cost]]], list[str]]:
    """The costs by state of the tree (cold, warm, one file changed) and command, run in turn."""
    found, missing = commands(root, package)
    folders = {"lint-imports": root / package.parent}
    cache = root.parent / "cache"
    changed = sorted((root / package).rglob("*.py"))[0]

    def run(name: str, *arguments: str, kept: bool = False) -> Cost:
        return measure(
            [*found[name], *arguments], folders.get(name, root), done=range(3), cache=cache if kept else None
        )

    cold: Callable[[str], Cost] = lambda name: run(name, *(["--no-cache"] if name == "lint-imports" else []))  # noqa: E731
    costs: dict[str, dict[str, list[Cost]]] = {"cold": {}, "warm": {}, "one file changed": {}}
    for _ in range(runs):
        for name in found:
            costs["cold"].setdefault(name, []).append(cold(name))
        for name in [name for name in found if name in ("quantafit", "lint-imports")]:
            run(name, kept=True)
            costs["warm"].setdefault(name, []).append(run(name, kept=True))
            with changed.open("a", encoding="utf-8") as file:
                file.write("\nCHANGED = 1\n")
            costs["one file changed"].setdefault(name, []).append(run(name, kept=True))
    return costs, missing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--runs", type=int, default=3, help="rounds (default: 3)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quantafit-") as name:
        root = Path(name) / "tree"
        package = prepare(given.checkout.resolve(), root)
        files = len(list((root / package).rglob("*.py")))
        print(f"{package.as_posix()}: {files:,} Python files")
        costs, missing = compare(root, package, max(1, given.runs))
    for state, measured in costs.items():
        print(f"\n{state}\n{table(measured, 'quantafit')}")
    if missing:
        print(f"\nnot installed, left out: {', '.join(missing)}")


if __name__ == "__main__":
    main()
