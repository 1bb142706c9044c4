"""What a broken twin is: the reference implementation with a few lines changed, and what the gate must say of it.

A twin names every finding that it must cause, by rule, subject and the text of the line where the finding stands; the
line's number is looked up in the patched tree. A look-alike is a change that must not cause any.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from quantafit.testing import patched
from quantafit.testing.twins import Patch

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("quanta.yaml", "pyproject.toml", "docs/adr/", "deploy/", "src/sysops_squad/")
"""What a twin is a copy of; everything else in the repository is not the reference implementation."""

CHECK = (sys.executable, "-c", "import sys; from quantafit.cli import main; sys.exit(main())", "check")
"""``quantafit check``, as the interpreter that runs the tests has it."""

CUSTOMER = "src/sysops_squad/customer"
SYSOPS = "src/sysops_squad/sysops"
BILLING = "src/sysops_squad/billing"
REPORTING = "src/sysops_squad/reporting"
PLUMBING = "src/sysops_squad/plumbing"

MESSAGES = ("billing-info", "ticket-created", "survey-submitted", "invoice-issued", "ticket-status")
"""The interactions that share the transport's adapters: what breaks an adapter breaks each of them."""

Files = Mapping[str, str | bytes]


@dataclass(frozen=True, slots=True)
class Fails:
    """One finding that a twin must cause.

    ``text`` is a piece of the line in ``path`` where it stands; no other line of the patched file holds it.
    ``through`` are such pieces, as (path, text), of lines that the finding's path has to lead through.
    """

    rule: str
    subject: str
    path: str
    text: str
    through: tuple[tuple[str, str], ...] = ()

    def place(self, files: Files) -> str:
        """``path:line`` of the finding."""
        return line_of(files, self.path, self.text)

    def hidden_in(self, files: Files) -> set[str]:
        """``path:line`` of each line that the path has to lead through."""
        return {line_of(files, path, text) for path, text in self.through}


@dataclass(frozen=True, slots=True)
class Unproven:
    """A judgement that loses its proof by a twin, and ``why`` it has to."""

    rule: str
    subject: str
    why: str


@dataclass(frozen=True, slots=True)
class Twin:
    """A broken twin. ``what`` is a sentence about what its code or its deployment does."""

    what: str
    patches: tuple[Patch, ...]
    fails: tuple[Fails, ...]
    unproven: tuple[Unproven, ...] = ()


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A change that resembles a broken twin, and breaks nothing."""

    what: str
    patches: tuple[Patch, ...]


def line_of(files: Files, path: str, text: str) -> str:
    """``path:line`` of the one line that holds the text; ``A … B`` is the one with B behind the first with A."""
    content = files[path]
    lines = (content.decode() if isinstance(content, bytes) else content).splitlines()
    behind, _, text = text.rpartition(" … ")
    start = next(number for number, line in enumerate(lines) if behind in line)
    found = [number for number, line in enumerate(lines, start=1) if text in line and number > start]
    assert len(found) == 1, f"{text!r} must stand on one line of the patched {path}; it stands on {found or 'none'}"
    return f"{path}:{found[0]}"


def replace(path: str, old: str, new: str) -> Patch:
    """Put another text in the place of one that stands once in the file."""
    return (path, old, new)


def after(path: str, text: str, addition: str) -> Patch:
    """Add something behind a text that stands once in the file."""
    return (path, text, text + addition)


def before(path: str, text: str, addition: str) -> Patch:
    """Add something in front of a text that stands once in the file."""
    return (path, text, addition + text)


def new_file(path: str, text: str) -> Patch:
    """Add a file."""
    return (path, "", text.lstrip("\n"))


def for_each(subjects: Iterable[str], rule: str, path: str, text: str) -> tuple[Fails, ...]:
    """One line that breaks a rule for several subjects."""
    return tuple(Fails(rule, subject, path, text) for subject in subjects)


def without_delivery(interaction: str) -> tuple[Unproven, ...]:
    """What cannot be said of an interaction that is not observed: how it is delivered."""
    rules = ("acknowledged-after-work", "confirmed", "dead-letter", "durable", "persistent")
    return tuple(Unproven(f"message/{rule}", interaction, "nothing was observed to be judged") for rule in rules)


def apply(reference: Files, patches: Iterable[Patch]) -> dict[str, str | bytes]:
    """The patched tree. Raises UsageError where a patch does not fit in one place."""
    return patched(dict(reference), patches)


def expected(twin: Twin, files: Files) -> Iterator[str]:
    """The findings of a twin, as :func:`test_broken_twins.findings` writes them."""
    for fails in twin.fails:
        yield f"{fails.rule} | {fails.subject} | {fails.place(files)}"


def write(files: Files, folder: Path) -> None:
    """Put a tree on disk."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
