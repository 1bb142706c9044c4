"""The report that a developer reads: verdict first, then what is broken, why, and the ways out.

It is a plain sequence of lines, so that it reads the same in a terminal, a pipe and a CI log: no cursor movement, no
frames, colour only as an addition to words. Places (``path:line``) are never wrapped or cut, so that they stay
clickable.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from quantafit.model import Evaluation, Evidence, Examined, Finding, Judgement
from quantafit.report import _matrix as matrix
from quantafit.report import _wording as wording
from quantafit.report._matrix import Cell, State
from quantafit.report._redaction import redacted

STYLES = {
    State.ERROR: "bold red",
    State.FAIL: "bold red",
    State.WARN: "yellow",
    State.WAIVED: "cyan",
    State.PASS: "green",
    State.NOT_EVALUATED: "magenta",
    State.NOT_COLLECTED: "dim",
}
SIGNS = {State.NOT_EVALUATED: "?", State.NOT_COLLECTED: "-"}
LONGEST_LIST = 40
WIDTH_OF_CELLS = 50
ASCII = str.maketrans(
    {"→": "->", "·": "-", "…": "...", "–": "-", "—": "-", "’": "'", "“": '"', "”": '"', "×": "x", "≤": "<="}
)


def render(evaluation: Evaluation, *, width: int = 80, colour: bool = False, ascii_only: bool = False) -> str:
    """The whole report. ``width`` is in columns; ``ascii_only`` replaces every character outside ASCII."""
    evaluation = redacted(evaluation)
    return _to_text(_report(evaluation, width), width, colour, ascii_only)


def judgement_text(evaluation: Evaluation, judgement: Judgement, *, width: int = 80) -> str:
    """What the report says of one judgement, without colour: for a failed test."""
    evaluation, judgement = redacted(evaluation), redacted(judgement)
    return _to_text(_judgement(evaluation, judgement, width, general=True), width, False, False)


Line = Text | Table


def _to_text(lines: Iterable[Line], width: int, colour: bool, ascii_only: bool) -> str:
    output = StringIO()
    console = Console(
        file=output, width=width, force_terminal=colour, no_color=not colour, legacy_windows=False,
        color_system="standard" if colour else None, markup=False, highlight=False, emoji=False,
    )  # fmt: skip
    for line in lines:
        console.print(line, soft_wrap=isinstance(line, Text))
    text = "\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n"
    return text.translate(ASCII).encode("ascii", "backslashreplace").decode() if ascii_only else text


def _report(evaluation: Evaluation, width: int) -> Iterator[Line]:
    groups = wording.sort(evaluation)
    yield _verdict(evaluation)
    yield Text(f"{evaluation.architecture.system}, declared in {evaluation.architecture.path}")
    yield from _wrap(wording.blind_spots(evaluation), width, style="bold")
    yield from _matrix(evaluation, width)
    yield from _failures("Broken", groups.failed, evaluation, width)
    yield from _not_evaluated(groups.not_evaluated, width)
    yield from _failures("Warnings", groups.warned, evaluation, width)
    yield from _failures("Waived", groups.waived, evaluation, width, general=False)
    yield from _unresolved(evaluation, width)
    yield from _examined(evaluation, width)
    yield Text()
    yield _verdict(evaluation)


def _verdict(evaluation: Evaluation) -> Text:
    return Text(wording.verdict_line(evaluation), style="bold green" if evaluation.passed else "bold red")


def _title(text: str) -> Iterator[Text]:
    yield Text()
    yield Text(text, style="bold")
    yield Text("-" * len(text), style="dim")


# The matrix ---------------------------------------------------------------------------------------------------------


def _matrix(evaluation: Evaluation, width: int) -> Iterator[Line]:
    rows = matrix.rows(evaluation)
    if rows:
        yield from _title("Interactions and other subjects by kind of evidence")
        yield _table(rows, width)
        yield from _wrap(_legend(rows), width, style="dim")
    elsewhere = matrix.passed_elsewhere(evaluation)
    if elsewhere:
        counts = ", ".join(wording.plural(count, kind, _MANY.get(kind)) for kind, count in elsewhere.items())
        yield from _wrap(f"Passed and not shown: {counts}.", width)
    if evaluation.without_subject:
        names = ", ".join(evaluation.without_subject)
        yield from _wrap(f"Nothing to judge in this architecture: {names}.", width)


_MANY = {"quantum": "quanta"}


def _table(rows: Sequence[matrix.Row], width: int) -> Table:
    """The arrows stand in a last column of their own where they fit."""
    arrows = max(len(row.name) for row in rows) + max(len(row.arrow) for row in rows) + WIDTH_OF_CELLS <= width
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", collapse_padding=True)
    table.add_column("", overflow="fold")
    for name in ("verdict", *matrix.KINDS):
        table.add_column(str(name), no_wrap=True)
    table.add_column("", overflow="fold")
    for row in rows:
        cells = [_cell(row.verdict), *(_cell(cell) for _, cell in row.cells)]
        table.add_row(row.name, *cells, row.arrow if arrows else "")
    return table


def _cell(cell: Cell) -> Text:
    words = SIGNS.get(cell.state, wording.STATE_WORDS[cell.state])
    counts = f" {cell.agreeing}/{cell.judged}" if cell.agreeing else ""
    return Text(words + counts, style=STYLES[cell.state])


def _legend(rows: Sequence[matrix.Row]) -> str:
    shown = {cell.state for row in rows for cell in (row.verdict, *(cell for _, cell in row.cells))}
    signs = [f"{SIGNS[state]} {wording.STATE_WORDS[state]}" for state in SIGNS if state in shown]
    return "; ".join(["n/m: n of m fitness functions say so", *signs]) + "."


# Failures, warnings, waivers ----------------------------------------------------------------------------------------


def _failures(
    title: str, judgements: Sequence[Judgement], evaluation: Evaluation, width: int, *, general: bool = True
) -> Iterator[Line]:
    """Judgement after judgement; why a rule matters and its general ways out are said at its first failure only."""
    if not judgements:
        return
    yield from _title(title)
    explained: set[str] = set()
    for position, judgement in enumerate(judgements):
        if position:
            yield Text()
        yield from _judgement(evaluation, judgement, width, general=general and judgement.rule not in explained)
        explained.add(judgement.rule)


def _judgement(evaluation: Evaluation, judgement: Judgement, width: int, *, general: bool) -> Iterator[Line]:
    state = matrix.state_of(judgement)
    head = Text(wording.STATE_WORDS[state], style=STYLES[state])
    head.append(f"  {wording.heading(judgement)}", style="bold")
    subject = matrix.title(evaluation, judgement.subject)
    if len(head) + len(subject) + 2 <= width:
        yield head.append(f"  {subject}")
    else:
        yield head
        yield Text(f"  {subject}")
    if judgement.sentence:
        yield from _wrap(f"“{judgement.sentence}”", width, indent="  ", style="italic")
    if judgement.reason:
        yield from _wrap(judgement.reason, width, indent="  ")
    for finding in judgement.findings:
        yield from _finding(evaluation, finding, width)
    yield from _why(evaluation, judgement, width, general)


def _finding(evaluation: Evaluation, finding: Finding, width: int) -> Iterator[Line]:
    yield Text()
    yield from _wrap(f"Observed ({finding.kind}): {finding.message}", width, indent="  ")
    for hop in wording.hops(finding):
        yield from _hop(evaluation, hop, width)


def _hop(evaluation: Evaluation, hop: Evidence, width: int) -> Iterator[Line]:
    """One step of the path: the place alone on its line, what it shows, and the code around it."""
    place = Text("    ").append(str(hop.place), style="cyan")
    if hop.place.symbol:
        place.append(f"  {hop.place.symbol}")
    yield place.append(f"  [{hop.role}]", style="dim")
    if hop.note:
        yield from _wrap(hop.note, width, indent="      ", style="dim")
    for marked, line in wording.excerpt(evaluation, hop):
        yield Text(f"    {line}", style="" if marked else "dim")


def _why(evaluation: Evaluation, judgement: Judgement, width: int, general: bool) -> Iterator[Line]:
    card = evaluation.cards.get(judgement.rule)
    ways = wording.ways_out(evaluation, judgement, general=general)
    if general and card and card.why:
        yield Text()
        yield Text("  Why it matters", style="bold")
        yield from _wrap(card.why, width, indent="    ")
    if ways:
        yield Text()
        yield Text("  Ways out", style="bold")
        for way in ways:
            yield from _wrap(way, width, indent="    - ", hanging="      ")
    if not general and judgement.verdict.value == "fail":
        yield from _wrap(
            f"Why it matters, and the general ways out: as above for {judgement.rule}.", width, indent="  "
        )


# What was not seen, and what was ------------------------------------------------------------------------------------


def _not_evaluated(judgements: Sequence[Judgement], width: int) -> Iterator[Line]:
    if not judgements:
        return
    yield from _title("Not evaluated")
    for reason, group in wording.by_reason(judgements).items():
        stops = any(wording.blocks(judgement) for judgement in group)
        yield from _wrap(f"{reason}{' (stops the gate)' if stops else ''}", width, indent="? ", hanging="  ")
        for rule, names in _subjects_by_rule(group).items():
            yield from _wrap(f"{rule}: {', '.join(names)}", width, indent="    ", hanging="      ")
        yield from (Text(f"    {place}") for place in _places(group))


def _subjects_by_rule(judgements: Iterable[Judgement]) -> dict[str, list[str]]:
    rules: dict[str, list[str]] = {}
    for judgement in judgements:
        rules.setdefault(wording.heading(judgement), []).append(judgement.subject.name)
    return rules


def _places(judgements: Iterable[Judgement]) -> list[str]:
    return list(dict.fromkeys(str(finding.place) for judgement in judgements for finding in judgement.findings))


def _unresolved(evaluation: Evaluation, width: int) -> Iterator[Line]:
    unresolved = evaluation.coupling.unresolved
    if not unresolved:
        return
    yield from _title(f"Unresolved ({len(unresolved)})")
    for item in unresolved[:LONGEST_LIST]:
        yield Text(f"{item.place}  {item.what}  ({item.quantum})")
        could_be = f" Could be: {', '.join(item.could_be)}." if item.could_be else ""
        yield from _wrap(f"{item.why}{could_be}", width, indent="    ")
    if len(unresolved) > LONGEST_LIST:
        yield Text(f"... and {len(unresolved) - LONGEST_LIST} more; --format json lists all of them.")


def _examined(evaluation: Evaluation, width: int) -> Iterator[Line]:
    coverage = evaluation.coverage
    yield from _title("Examined")
    for quantum in evaluation.architecture.quanta:
        counts = coverage.examined.get(quantum.name, Examined())
        opaque = "no source declared: its code is not here"
        yield Text(f"{quantum.name}: {opaque if quantum.opaque else _counts(counts)}")
    yield Text(f"all files once: {_counts(coverage.total)}")
    yield Text(f"configuration: {wording.plural(len(coverage.configuration_files), 'file')}")
    kinds = ", ".join(coverage.kinds) or "none"
    missing = [kind for kind in matrix.KINDS if kind not in coverage.kinds]
    yield Text(f"evidence collected: {kinds}" + (f"; not collected: {', '.join(missing)}" if missing else ""))
    for error in coverage.errors:
        yield Text(f"{error.place}  could not be examined", style="bold red")
        yield from _wrap(error.message, width, indent="    ")
    for sentence in evaluation.coupling.import_witness:
        yield from _wrap(f"import-linter, the second witness: {sentence}", width, hanging="    ")


def _counts(examined: Examined) -> str:
    parts = (("file", examined.files), ("function", examined.functions), ("call", examined.calls))
    return ", ".join(wording.plural(count, noun) for noun, count in parts)


def _wrap(text: str, width: int, *, indent: str = "", hanging: str | None = None, style: str = "") -> Iterator[Text]:
    """Prose, wrapped at blanks only: a place or a name is never broken."""
    follow = hanging if hanging is not None else " " * len(indent)
    for position, paragraph in enumerate(_paragraphs(text)):
        first = follow if position else indent
        lines = textwrap.wrap(
            paragraph,
            width,
            initial_indent=first,
            subsequent_indent=follow,
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield from (Text(line, style=style) for line in lines)


def _paragraphs(text: str) -> list[str]:
    """A rule's text is Markdown, one sentence over several lines; blank lines and list items begin a new line here."""
    paragraphs: list[list[str]] = [[]]
    for line in textwrap.dedent(text).strip().splitlines():
        if not line.strip() or line.lstrip().startswith(("- ", "* ")):
            paragraphs.append([])
        paragraphs[-1].append(line.strip())
    return [" ".join(part).strip() for part in paragraphs if "".join(part)]
