"""The report that a developer reads: verdict first, then what is broken, why, and the ways out.

It is a plain sequence of lines, so that it reads the same in a terminal, a pipe and a CI log: no cursor movement, no
frames, colour only as an addition to words. Places (``path:line``) are never wrapped or cut, so that they stay
clickable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rich.table import Table
from rich.text import Text

from quantafit.model import (
    CouplingMap,
    Crossing,
    Evaluation,
    Evidence,
    Examined,
    Fact,
    Finding,
    Judgement,
    RuleCard,
    Verdict,
)
from quantafit.report import _experiments as experiments
from quantafit.report import _matrix as matrix
from quantafit.report import _wording as wording
from quantafit.report import places_in
from quantafit.report._matrix import Cell, State
from quantafit.report._redaction import redacted
from quantafit.report._terminal_text import Line, markdown, title, to_ascii, to_text, wrap

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


def render(evaluation: Evaluation, *, width: int = 80, colour: bool = False, ascii_only: bool = False) -> str:
    """The whole report. ``width`` is in columns; ``ascii_only`` replaces every character outside ASCII."""
    evaluation = redacted(evaluation)
    return to_text(
        _report(evaluation, width, to_ascii if ascii_only else str), width=width, colour=colour, ascii_only=ascii_only
    )


def judgement_text(evaluation: Evaluation, judgement: Judgement, *, width: int = 80) -> str:
    """What the report says of one judgement, without colour: for a failed test."""
    evaluation, judgement = redacted(evaluation), redacted(judgement)
    return to_text(_judgement(evaluation, judgement, width, general=True), width=width, colour=False, ascii_only=False)


def _report(evaluation: Evaluation, width: int, spelled: Callable[[str], str]) -> Iterator[Line]:
    groups = wording.sort(evaluation)
    yield _verdict(evaluation)
    yield Text(f"{evaluation.architecture.system}, declared in {evaluation.architecture.path}")
    yield from wrap(wording.explanation(evaluation), width, style="bold")
    yield from _matrix(evaluation, width, spelled)
    yield from _failures("Broken", groups.failed, evaluation, width)
    yield from _unproven("In error", groups.in_error, evaluation, width)
    yield from _unproven("Not evaluated", groups.not_evaluated, evaluation, width)
    yield from _failures("Warnings", groups.warned, evaluation, width)
    yield from _failures("Waived", groups.waived, evaluation, width, general=False)
    yield from _unresolved(evaluation, width)
    yield from _experiments(evaluation, width)
    yield from _examined(evaluation, width)
    yield Text()
    yield _verdict(evaluation)


def render_drills(evaluation: Evaluation, *, width: int = 80, colour: bool = False, ascii_only: bool = False) -> str:
    """What drills showed: the verdict of each, and its time line."""
    return to_text(_drilled(redacted(evaluation), width), width=width, colour=colour, ascii_only=ascii_only)


def _drilled(evaluation: Evaluation, width: int) -> Iterator[Line]:
    groups = wording.sort(evaluation)
    yield _verdict(evaluation)
    yield from _failures("Broken", groups.failed, evaluation, width)
    yield from _unproven("Not evaluated", (*groups.in_error, *groups.not_evaluated), evaluation, width)
    yield from _failures("Warnings", groups.warned, evaluation, width)
    yield from _failures("Waived", groups.waived, evaluation, width, general=False)
    if groups.passed:
        yield from title("Kept")
        for judgement in groups.passed:
            yield Text(f"{wording.heading(judgement)}  {judgement.subject.name}", style="green")
            yield from wrap(judgement.reason, width, indent="    ")
    yield from _experiments(evaluation, width)
    yield Text()
    yield _verdict(evaluation)


def _experiments(evaluation: Evaluation, width: int) -> Iterator[Line]:
    """What was done in each experiment, and when."""
    if evaluation.experiments is None:
        return
    yield from title("Experiments")
    if not evaluation.experiments.records:
        yield Text("The record holds none.")
    for record in evaluation.experiments.records:
        yield from wrap(experiments.heading(record), width, style="bold")
        for told in experiments.time_line(record):
            yield from wrap(told, width, indent="  ", hanging="              ")


def _verdict(evaluation: Evaluation) -> Text:
    return Text(wording.verdict_line(evaluation), style="bold green" if evaluation.passed else "bold red")


# The matrix ---------------------------------------------------------------------------------------------------------


def _matrix(evaluation: Evaluation, width: int, spelled: Callable[[str], str]) -> Iterator[Line]:
    rows = matrix.rows(evaluation)
    if rows:
        yield from title("Interactions and other subjects by kind of evidence")
        yield _table(rows, width, spelled)
        yield from wrap(_legend(rows), width, style="dim")
    elsewhere = matrix.passed_elsewhere(evaluation)
    if elsewhere:
        counts = ", ".join(wording.plural(count, kind, _MANY.get(kind)) for kind, count in elsewhere.items())
        yield from wrap(f"Passed and not shown: {counts}.", width)
    if evaluation.without_subject:
        names = ", ".join(evaluation.without_subject)
        yield from wrap(f"Nothing to judge in this architecture: {names}.", width)
    if evaluation.left_to_experiments:
        names = ", ".join(evaluation.left_to_experiments)
        yield from wrap(f"Proved by experiment only, not in this run: {names} (quantafit drill).", width)


_MANY = {"quantum": "quanta"}


def _table(rows: Sequence[matrix.Row], width: int, spelled: Callable[[str], str]) -> Table:
    """The arrows stand in a last column of their own where they fit."""
    arrows = max(len(row.name) for row in rows) + max(len(row.arrow) for row in rows) + WIDTH_OF_CELLS <= width
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", collapse_padding=True)
    table.add_column("", overflow="fold")
    for name in ("verdict", *matrix.KINDS):
        table.add_column(str(name), no_wrap=True)
    table.add_column("", overflow="fold")
    for row in rows:
        cells = [_cell(row.verdict), *(_cell(cell) for _, cell in row.cells)]
        table.add_row(spelled(row.name), *cells, spelled(row.arrow) if arrows else "")
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
    name: str, judgements: Sequence[Judgement], evaluation: Evaluation, width: int, *, general: bool = True
) -> Iterator[Line]:
    """Judgement after judgement; why a rule matters and its general ways out are said at its first failure only."""
    if not judgements:
        return
    yield from title(name)
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
        yield from wrap(f"“{judgement.sentence}”", width, indent="  ", style="italic")
    if judgement.reason:
        yield from wrap(judgement.reason, width, indent="  ")
    for finding in judgement.findings:
        yield from _finding(evaluation, finding, width)
    yield from _why(evaluation, judgement, width, general)


def _finding(evaluation: Evaluation, finding: Finding, width: int) -> Iterator[Line]:
    yield Text()
    yield from wrap(f"Observed ({finding.kind}): {finding.message}", width, indent="  ")
    for hop in wording.hops(finding):
        yield from _hop(evaluation, hop, width)


def _hop(evaluation: Evaluation, hop: Evidence, width: int) -> Iterator[Line]:
    """One step of the path: the place alone on its line, what it shows, and the code around it."""
    place = Text("    ").append(str(hop.place), style="cyan")
    if hop.place.symbol:
        place.append(f"  {hop.place.symbol}")
    yield place.append(f"  [{hop.role}]", style="dim")
    if hop.note:
        yield from wrap(hop.note, width, indent="      ", style="dim")
    for marked, line in wording.excerpt(evaluation, hop):
        yield Text(f"    {line}", style="" if marked else "dim")


def _why(evaluation: Evaluation, judgement: Judgement, width: int, general: bool) -> Iterator[Line]:
    if matrix.state_of(judgement) in (State.NOT_EVALUATED, State.ERROR):
        yield from wrap(f"Nothing proves it kept, so it is not passed: {judgement.rule}.", width, indent="  ")
        return
    card = evaluation.cards.get(judgement.rule)
    if general and card and card.why:
        yield Text()
        yield Text("  Why it matters", style="bold")
        yield from wrap(card.why, width, indent="    ")
    ways = wording.ways_out(evaluation, judgement, general=general)
    if ways:
        yield Text()
        yield Text("  Ways out", style="bold")
        for way in ways:
            yield from wrap(way, width, indent="    - ", hanging="      ")
    if not general and judgement.verdict is Verdict.FAIL:
        yield from wrap(f"Why it matters: as above for {judgement.rule}.", width, indent="  ")


# What was not seen, and what was ------------------------------------------------------------------------------------


def _unproven(name: str, judgements: Sequence[Judgement], evaluation: Evaluation, width: int) -> Iterator[Line]:
    if not judgements:
        return
    yield from title(name)
    for reason, group in wording.by_reason(judgements).items():
        stops = any(judgement.stops_the_gate for judgement in group)
        yield from wrap(f"{reason}{' (stops the gate)' if stops else ''}", width, indent="- ", hanging="  ")
        for rule, names in _subjects_by_rule(group).items():
            yield from wrap(f"{rule}: {', '.join(names)}", width, indent="    ", hanging="      ")
        for place in places_in(reason):
            yield from _named_place(evaluation, place)


def _subjects_by_rule(judgements: Iterable[Judgement]) -> dict[str, list[str]]:
    rules: dict[str, list[str]] = {}
    for judgement in judgements:
        rules.setdefault(wording.heading(judgement), []).append(judgement.subject.name)
    return rules


def _named_place(evaluation: Evaluation, place: str) -> Iterator[Line]:
    """A place that a reason names, with its line of code."""
    line = int(place.rpartition(":")[2])
    code = dict(evaluation.excerpts.get(place, ())).get(line, "").strip()
    if code:
        yield Text(f"    {place}", style="cyan")
        yield Text(f"    > {line} | {code}")


def _unresolved(evaluation: Evaluation, width: int) -> Iterator[Line]:
    unresolved = evaluation.coupling.unresolved
    if not unresolved:
        return
    yield from title(f"Unresolved ({len(unresolved)})")
    for item in unresolved[:LONGEST_LIST]:
        yield Text(f"{item.place}  {item.what}  ({item.quantum})")
        could_be = f" Could be: {', '.join(item.could_be)}." if item.could_be else ""
        yield from wrap(f"{item.why}{could_be}", width, indent="    ")
    if len(unresolved) > LONGEST_LIST:
        yield Text(f"... and {len(unresolved) - LONGEST_LIST} more; --format json lists all of them.")


def _examined(evaluation: Evaluation, width: int) -> Iterator[Line]:
    coverage = evaluation.coverage
    yield from title("Examined")
    for quantum in evaluation.architecture.quanta:
        counts = coverage.examined.get(quantum.name, Examined())
        opaque = "no source declared: its code is not here"
        yield Text(f"{quantum.name}: {opaque if quantum.opaque else _counts(counts)}")
        if quantum.name in coverage.other_code:
            yield from wrap(wording.not_read(coverage.other_code[quantum.name]), width, indent="    ")
    yield Text(f"in all: {_counts(coverage.total)}")
    yield Text(f"configuration: {wording.plural(len(coverage.configuration_files), 'file')}")
    kinds = ", ".join(coverage.kinds) or "none"
    missing = [kind for kind in matrix.KINDS if kind not in coverage.kinds]
    yield Text(f"evidence collected: {kinds}" + (f"; not collected: {', '.join(missing)}" if missing else ""))
    for error in coverage.errors:
        yield Text(f"{error.place}  could not be examined", style="bold red")
        yield from wrap(error.message, width, indent="    ")
    yield from _witness(evaluation, width)


def _witness(evaluation: Evaluation, width: int) -> Iterator[Line]:
    """What import-linter looked at, then every import on which the two engines disagree."""
    coupling = evaluation.coupling
    if coupling.import_witness_scope:
        agrees = (
            ""
            if coupling.import_witness or "looked at" not in coupling.import_witness_scope
            else " It agrees on every import between quanta."
        )
        yield from wrap(f"second witness: {coupling.import_witness_scope}{agrees}", width, hanging="    ")
    for sentence in coupling.import_witness:
        yield from wrap(f"second witness disagrees: {sentence}", width, hanging="    ")


def _counts(examined: Examined) -> str:
    parts = (("file", examined.files), ("function", examined.functions), ("call", examined.calls))
    return ", ".join(wording.plural(count, noun) for noun, count in parts)


# What was observed, without judgement -------------------------------------------------------------------------------


def render_observed(evaluation: Evaluation, *, width: int = 80, colour: bool = False, ascii_only: bool = False) -> str:
    """What the quanta do to each other: every site once, then what stayed unresolved and what was examined."""
    evaluation = redacted(evaluation)
    return to_text(_observed(evaluation, width), width=width, colour=colour, ascii_only=ascii_only)


def render_ways(
    evaluation: Evaluation,
    ends: tuple[str, str],
    ways: Sequence[Sequence[Sequence[Crossing]]],
    together: Sequence[str],
    *,
    width: int = 80,
    colour: bool = False,
    ascii_only: bool = False,
) -> str:
    """Every way from one quantum to another, shortest first, and whether the two really act as one."""
    safe = redacted(replace(evaluation, coupling=CouplingMap(tuple(c for way in ways for step in way for c in step))))
    crossings = iter(safe.coupling.crossings)
    lines = _ways(ends, [[[next(crossings) for _ in step] for step in way] for way in ways], together, width)
    return to_text(lines, width=width, colour=colour, ascii_only=ascii_only)


def _ways(
    ends: tuple[str, str], ways: Sequence[Sequence[Sequence[Crossing]]], together: Sequence[str], width: int
) -> Iterator[Line]:
    source, target = ends
    yield Text(f"{wording.plural(len(ways), 'way')} from {source} to {target}", style="bold")
    for way in ways:
        yield from title(" → ".join([way[0][0].source, *(step[0].target or "?" for step in way)]))
        for step in way:
            for crossing in step:
                yield from _crossing(crossing, width)
    if target in together:
        others = ", ".join(together)
        yield from wrap(f"They act as one quantum: {others} wait for each other or share a database.", width)
    elif ways:
        yield from wrap(f"Neither waits for the other: {source} and {target} stay quanta of their own.", width)


def _observed(evaluation: Evaluation, width: int) -> Iterator[Line]:
    crossings = evaluation.coupling.crossings
    system = f"{evaluation.architecture.system}, declared in {evaluation.architecture.path}"
    yield Text(f"{wording.plural(len(crossings), 'interaction')} observed in {system}", style="bold")
    yield from wrap(wording.blind_spots(evaluation), width, style="bold")
    groups: dict[tuple[str, str], list[Crossing]] = {}
    for crossing in crossings:
        groups.setdefault((crossing.source, crossing.target or f"({crossing.target_kind})"), []).append(crossing)
    for (source, target), group in groups.items():
        yield from title(f"{source} → {target}")
        for crossing in group:
            yield from _crossing(crossing, width)
    yield from _import_edges(evaluation)
    yield from _unmet(evaluation, width)
    yield from _running(evaluation, width)
    yield from _unresolved(evaluation, width)
    yield from _examined(evaluation, width)


def _running(evaluation: Evaluation, width: int) -> Iterator[Line]:
    """What the running servers said, and which of them did not answer."""
    live = evaluation.coupling.live
    if live is None:
        return
    yield from title("Running servers")
    for failure in live.failures:
        yield from wrap(f"{failure.kind} {failure.server} did not answer: {failure.why}", width, hanging="    ")
    for broker in live.brokers:
        for one in broker.permissions or ():
            rights = ", ".join(f"{name} {getattr(one, name)!r}" for name in ("configure", "write", "read"))
            administrates = ", an administrator" if one.administrator else ""
            yield from wrap(f"{one.place}: {rights}{administrates}", width, hanging="    ")
    for queue in evaluation.coupling.live_queues:
        yield Text(str(queue.place), style="cyan")
        for name, fact in queue.facts.items():
            yield from _fact(name, fact, width)


def _unmet(evaluation: Evaluation, width: int) -> Iterator[Line]:
    """Messages without a consumer, and consumers without a message."""
    unmet = wording.unmet(evaluation)
    if unmet:
        yield from title("Sent and not consumed, consumed and not sent")
    for place, words in unmet:
        yield from wrap(f"{place}  {words}", width, hanging="    ")


def _crossing(crossing: Crossing, width: int) -> Iterator[Line]:
    what = wording.about(crossing)
    head = f"{crossing.communication} {crossing.mechanism}" + (f"  {what}" if what else "")
    yield Text(head + (f"  [{crossing.alternative}]" if crossing.alternative else ""))
    known = {"durable": crossing.durable, "acknowledgement": crossing.acknowledgement}
    said = ", ".join(f"{name}: {_plain(value)}" for name, value in known.items() if value is not None)
    yield from wrap(said, width, indent="    ")
    told = wording.resolution(crossing)
    if told:
        yield from wrap(f"target by {wording.steps(crossing)}: {told}", width, indent="    ", hanging="      ")
    for hop in crossing.evidence:
        place = Text("    ").append(str(hop.place), style="cyan")
        yield place.append(f"  {hop.place.symbol}" if hop.place.symbol else "").append(f"  [{hop.role}]", style="dim")
    for name, fact in crossing.delivery.items():
        yield from _fact(name, fact, width)


def _fact(name: str, fact: Fact, width: int) -> Iterator[Line]:
    """A delivery fact, why it is believed, and the lines that it rests on."""
    if fact.value is None:
        return
    reason = f" ({fact.reason})" if fact.reason else ""
    yield from wrap(f"{name}: {_plain(fact.value)}{reason}", width, indent="    ", hanging="      ")
    places = dict.fromkeys(str(item.place) for item in fact.evidence)
    yield from (Text(f"      {place}", style="dim") for place in places)


def _plain(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _import_edges(evaluation: Evaluation) -> Iterator[Line]:
    imports = evaluation.coupling.imports
    if imports:
        yield from title("Imports between quanta")
    for edge in imports:
        for_types = ", for type checkers only" if edge.type_checking_only else ""
        yield Text(f"{edge.place}  {edge.source} → {edge.target}: {edge.module} ({edge.how}{for_types})")


# What a fitness function is -----------------------------------------------------------------------------------------


def render_card(card: RuleCard, *, width: int = 80, colour: bool = False, ascii_only: bool = False) -> str:
    """The explanation of one fitness function."""
    return to_text(_card(card, width), width=width, colour=colour, ascii_only=ascii_only)


def render_cards(
    cards: Mapping[str, RuleCard], *, width: int = 80, colour: bool = False, ascii_only: bool = False
) -> str:
    """Every fitness function in two lines: its name and what it finds."""
    lines = (line for card in cards.values() for line in _short_card(card, width))
    return to_text(lines, width=width, colour=colour, ascii_only=ascii_only)


def _short_card(card: RuleCard, width: int) -> Iterator[Line]:
    yield Text(card.name, style="bold")
    yield from wrap(card.title, width, indent="    ")


def _card(card: RuleCard, width: int) -> Iterator[Line]:
    yield Text(card.name, style="bold")
    yield from wrap(card.title, width)
    yield Text()
    proves = " or ".join(card.proves) or "nothing"
    refutes = f"; {', '.join(card.refutes)} can only refute it" if card.refutes else ""
    yield from wrap(f"Origin: {card.origin}. Proved by evidence from {proves}{refutes}.", width, style="dim")
    options = "\n".join(f"- {name}: {text}" for name, text in card.options.items())
    repair = "\n".join(f"- {way}" for way in card.repair)
    for name, text in (
        ("What it judges", card.what), ("Why it matters", card.why), ("Broken", card.broken), ("Kept", card.kept),
        ("Ways out", repair), ("Options", options), ("Limits", card.limits),
    ):  # fmt: skip
        if text:
            yield from title(name)
            yield from markdown(text, width)
