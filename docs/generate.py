"""Write everything in this repository that is generated.

    python docs/generate.py            write it (make report)
    python docs/generate.py --check    only name what is out of date; exit code 1 if anything is

Generated are the report of the reference implementation, the references of the fitness functions, of the keys of
quanta.yaml and of the libraries that are modelled, what becomes of hidden calls, and the output that README.md shows.
"""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from quantafit import declaration, fitness
from quantafit.evidence.source.libraries.vocabulary import Library
from quantafit.evidence.source.tables import built_in

ROOT = Path(__file__).resolve().parents[1]
PATCH = "docs/first-finding.patch"
EXAMINED = ("quanta.yaml", "src/sysops_squad", "deploy", "docs")
BEGIN, END = "<!-- generated: the example's output -->\n```text\n", "```\n<!-- end -->"
CUT = "  […] why it matters, the ways out, what was examined"

Document = Callable[[], str]


def documents() -> dict[str, Document]:
    """Path relative to the root → what the file should hold."""
    return {
        "README.md": readme,
        "docs/hiding-patterns.md": hiding_patterns,
        "docs/libraries.md": libraries,
        "docs/quanta-yaml.md": keys,
        "docs/rules.md": fitness.reference,
        "reports/sysops-squad.md": report,
    }


def out_of_date() -> list[str]:
    """The generated files that do not hold what they should."""
    return [path for path, document in documents().items() if _read(path) != document()]


def write() -> None:
    for path, document in documents().items():
        text = document()
        (ROOT / path).parent.mkdir(exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8")


def _read(path: str) -> str:
    file = ROOT / path
    return file.read_text(encoding="utf-8") if file.is_file() else ""


# The report, and the output in the README ---------------------------------------------------------------------------


def report() -> str:
    """What `quantafit check --format markdown` prints for the reference implementation."""
    return _quantafit(ROOT, "--format", "markdown")


def readme() -> str:
    """README.md with the output of today in the place of what it shows."""
    before, begin, rest = _read("README.md").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"README.md has lost the marks around its example: {BEGIN!r} … {END!r}")
    return f"{before}{begin}{first_finding()}{end}{after}"


def first_finding() -> str:
    """What the gate prints for the reference implementation with the patch applied, cut after the path."""
    with tempfile.TemporaryDirectory(prefix="quantafit-") as folder:
        copy = Path(folder)
        for path in EXAMINED:
            _copy(ROOT / path, copy / path)
        subprocess.run(["git", "apply", str(ROOT / PATCH)], cwd=copy, check=True)
        lines = _quantafit(copy).splitlines()
    shown = lines[: lines.index("  Why it matters")]
    return "\n".join([*shown, CUT, "", lines[-1], ""])


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "secrets"))
    else:
        shutil.copy(source, target)


def _quantafit(root: Path, *options: str) -> str:
    """The output of `quantafit check`, in a pipe: 80 columns, no colour."""
    command = [sys.executable, "-c", "import sys; from quantafit.cli import main; sys.exit(main())", "check"]
    done = subprocess.run([*command, *options], cwd=root, capture_output=True, encoding="utf-8", check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    return done.stdout


# The keys of quanta.yaml --------------------------------------------------------------------------------------------

_HEAD = """# The keys of quanta.yaml

Generated from the JSON Schema, which `quantafit schema` prints and editors complete from. Every key may be left out
unless it is called required. Keys in CAPITALS are names that you choose. What a name refers to (a quantum, a decision,
a path, a rule) must exist: a reference to nothing is an error, with its line and column.
"""


def keys() -> str:
    """The reference of the keys: one table, every key by its full path."""
    rows = "".join(f"| `{path}` | {kind} | {text} |\n" for path, kind, text in _rows(declaration.schema(), ""))
    return f"{_HEAD}\n| key | value | meaning |\n| --- | --- | --- |\n{rows}"


def _rows(schema: dict[str, Any], prefix: str) -> Iterator[tuple[str, str, str]]:
    for key, value in schema.get("properties", {}).items():
        required = " Required." if key in schema.get("required", ()) else ""
        yield f"{prefix}{key}", _kind(value), _cell(f"{value['description']}{required}")
        for inner, below in _below(value, f"{prefix}{key}"):
            yield from _rows(inner, below)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _below(schema: dict[str, Any], path: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The records inside a value, each with the path of its keys."""
    for choice in schema.get("anyOf", [schema]):
        if "properties" in choice:
            yield choice, f"{path}."
        elif isinstance(choice.get("additionalProperties"), dict):
            yield from _below(choice["additionalProperties"], f"{path}.NAME")
        elif "items" in choice:
            yield from _below(choice["items"], f"{path}[]")


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(choice) for choice in schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "items" in schema:
        return f"list of {_plural(_kind(schema['items']))}"
    return {"string": "text", "boolean": "true or false"}.get(str(schema.get("type")), "mapping")


def _plural(kind: str) -> str:
    return {"text": "texts", "mapping": "mappings"}.get(kind, kind)


# The libraries ------------------------------------------------------------------------------------------------------

_LIBRARIES = """# The libraries that are modelled

Generated from the tables under `src/quantafit/evidence/source/libraries`. A call into a library that is listed nowhere
on this page, and that might leave the quantum, is *unresolved*: it is reported and fails the gate.
"""


def libraries() -> str:
    """The modelled libraries with what their calls do, and the names of those that reach nothing."""
    modelled: dict[str, set[str]] = {}
    inert: set[str] = set()
    for library in built_in():
        if library.inert:
            inert.update(library.modules)
        else:
            modelled.setdefault(", ".join(library.modules), set()).update(_done_by(library))
    rows = "".join(f"| {modules} | {', '.join(sorted(done)) or '–'} |\n" for modules, done in sorted(modelled.items()))
    table = f"\n| imported as | its calls |\n| --- | --- |\n{rows}"
    return f"{_LIBRARIES}{table}\n## Inert: they reach nothing and store nothing\n\n{', '.join(sorted(inert))}\n"


def _done_by(library: Library) -> set[str]:
    return {effect.does.replace("_", " ") for call in library.calls.values() for effect in call.effects}


# The ways to hide a call ----------------------------------------------------------------------------------------------

PATTERNS = "tests/kit/source/hiding_patterns.py"
_HIDDEN = f"""# Ways to hide a call

Generated by running quantafit over the small programs of [the tests](../{PATTERNS}): each way in
which code commonly hides what it calls, around one request, one publish by each of two libraries, and one store.
*Found* is told at the very line that makes the call, or that calls the wrapper which does; *unresolved* is listed at
that line, and fails the gate. No cell may be silent. Each program's look-alike, the same shape around a call that
reaches nothing, must be.
"""


def hiding_patterns() -> str:
    """What becomes of each way to hide a call, with each kind of call."""
    sys.path.insert(0, str((ROOT / PATTERNS).parent))
    patterns = importlib.import_module("hiding_patterns")
    sys.path.pop(0)
    calls = [f"{reach.could_be}: {reach.library}" for reach in patterns.REACHES]
    rows = {name: [patterns.outcome(name, reach) for reach in patterns.REACHES] for name in patterns.PATTERNS}
    table = [["hidden by", *calls], ["---"] * (len(calls) + 1), *([_cell(name), *row] for name, row in rows.items())]
    found = [sum(row[index] == "found" for row in rows.values()) for index in range(len(calls))]
    table.append(["**found**", *(f"**{count} of {len(rows)}**" for count in found)])
    return f"{_HIDDEN}\n" + "".join(f"| {' | '.join(row)} |\n" for row in table)


def main() -> None:
    if sys.argv[1:] == ["--check"]:
        stale = out_of_date()
        sys.exit(f"out of date: {', '.join(stale)}; write them again by: make report" if stale else 0)
    if sys.argv[1:]:
        sys.exit(__doc__)
    write()


if __name__ == "__main__":
    main()
