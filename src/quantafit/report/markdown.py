"""The report as a Markdown page: reviewed like code, so without a clock, a machine's path or an unstable order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quantafit.model import Crossing, Evaluation, Evidence, Examined, Fact, Finding, Judgement, TargetKind
from quantafit.report import _experiments as experiments
from quantafit.report import _matrix as matrix
from quantafit.report import _wording as wording
from quantafit.report import mermaid
from quantafit.report._matrix import Cell, State
from quantafit.report._redaction import redacted

SIGNS = {State.NOT_EVALUATED: "?", State.NOT_COLLECTED: "–"}


def render(evaluation: Evaluation) -> str:
    """The whole page."""
    return "\n".join(_page(redacted(evaluation))).rstrip("\n") + "\n"


def _page(evaluation: Evaluation) -> Iterator[str]:
    groups = wording.sort(evaluation)
    yield f"# {_inline(evaluation.architecture.system)}: architecture report"
    yield ""
    yield f"**{wording.verdict_line(evaluation)}.** Declared in `{evaluation.architecture.path}`."
    if explanation := wording.explanation(evaluation):
        yield f"**{explanation}**"
    yield ""
    yield from _picture(evaluation)
    yield from _matrix(evaluation)
    yield from _failures("Broken", groups.failed, evaluation)
    yield from _unproven("In error", groups.in_error)
    yield from _unproven("Not evaluated", groups.not_evaluated)
    yield from _failures("Warnings", groups.warned, evaluation)
    yield from _failures("Waived", groups.waived, evaluation)
    yield from _passed(groups.passed)
    yield from _observed(evaluation)
    yield from _unmet(evaluation)
    yield from _unresolved(evaluation)
    yield from _experiments(evaluation)
    yield from _examined(evaluation)


def render_drills(evaluation: Evaluation) -> str:
    """What drills showed: the verdict of each, and its time line."""
    return "\n".join(_drilled(redacted(evaluation))).rstrip("\n") + "\n"


def _drilled(evaluation: Evaluation) -> Iterator[str]:
    groups = wording.sort(evaluation)
    yield f"# {_inline(evaluation.architecture.system)}: drills"
    yield ""
    yield f"**{wording.verdict_line(evaluation)}.** Declared in `{evaluation.architecture.path}`."
    yield ""
    yield from _failures("Broken", groups.failed, evaluation)
    yield from _unproven("Not evaluated", (*groups.in_error, *groups.not_evaluated))
    yield from _failures("Warnings", groups.warned, evaluation)
    yield from _failures("Waived", groups.waived, evaluation)
    yield from _passed(groups.passed)
    yield from _experiments(evaluation)


def _experiments(evaluation: Evaluation) -> Iterator[str]:
    """What was done in each experiment, and when."""
    if evaluation.experiments is None:
        return
    yield "## Experiments"
    yield ""
    for record in evaluation.experiments.records:
        yield f"### {_inline(record.drill)}"
        yield ""
        yield f"{_inline(experiments.heading(record))}"
        yield ""
        told = [_one_line(line) for line in experiments.time_line(record)]
        fence = "`" * max(3, _longest_ticks("\n".join(told)) + 1)
        yield fence + "text"
        yield from told
        yield fence
        yield ""


def _picture(evaluation: Evaluation) -> Iterator[str]:
    yield "## Quanta and interactions"
    yield ""
    yield "```mermaid"
    yield mermaid.picture(evaluation).rstrip("\n")
    yield "```"
    yield ""
    yield "Dotted: declared and not seen. Thick and red: seen and not declared. Round: its code is not here."
    yield ""


def _matrix(evaluation: Evaluation) -> Iterator[str]:
    yield "## What each kind of evidence says"
    yield ""
    yield "| subject | between | verdict | " + " | ".join(matrix.KINDS) + " |"
    yield "| --- " * (3 + len(matrix.KINDS)) + "|"
    for row in matrix.rows(evaluation):
        cells = [_inline(row.name), row.arrow, _cell(row.verdict), *(_cell(cell) for _, cell in row.cells)]
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""
    yield "n/m: n of m fitness functions say so; ? not evaluated; – not collected."
    yield ""
    if evaluation.without_subject:
        yield (
            "Nothing to judge in this architecture: "
            + ", ".join(f"`{name}`" for name in evaluation.without_subject)
            + "."
        )
        yield ""
    if evaluation.left_to_experiments:
        names = ", ".join(f"`{name}`" for name in evaluation.left_to_experiments)
        yield f"Proved by experiment only, not in this run: {names} (`quantafit drill`)."
        yield ""


def _cell(cell: Cell) -> str:
    words = SIGNS.get(cell.state, wording.STATE_WORDS[cell.state])
    loud = f"**{words}**" if cell.state in (State.FAIL, State.ERROR) else words
    return f"{loud} {cell.agreeing}/{cell.judged}" if cell.agreeing else loud


def _failures(title: str, judgements: Iterable[Judgement], evaluation: Evaluation) -> Iterator[str]:
    for position, judgement in enumerate(judgements):
        if not position:
            yield f"## {title}"
            yield ""
        yield from _failure(evaluation, judgement)


def _failure(evaluation: Evaluation, judgement: Judgement) -> Iterator[str]:
    yield f"### {wording.heading(judgement)}: {_inline(matrix.title(evaluation, judgement.subject))}"
    yield ""
    if judgement.sentence:
        yield f"> {_inline(judgement.sentence)}"
        yield ""
    if judgement.reason:
        yield _inline(judgement.reason)
        yield ""
    for finding in judgement.findings:
        yield from _finding(evaluation, finding)
    card = evaluation.cards.get(judgement.rule)
    if card and judgement.findings:
        yield f"**Why it matters.** {' '.join(card.why.split())}"
        yield ""
    if judgement.findings:
        yield "**Ways out**"
        yield ""
        yield from (f"- {_one_line(way)}" for way in wording.ways_out(evaluation, judgement))
        yield ""


def _finding(evaluation: Evaluation, finding: Finding) -> Iterator[str]:
    yield f"Observed ({finding.kind}): {_inline(finding.message)}"
    yield ""
    for position, hop in enumerate(wording.hops(finding), start=1):
        yield from _hop(evaluation, hop, position)
    yield ""


def _hop(evaluation: Evaluation, hop: Evidence, position: int) -> Iterator[str]:
    symbol = f" in `{hop.place.symbol}`" if hop.place.symbol else ""
    note = f": {_inline(hop.note)}" if hop.note else ""
    yield f"{position}. `{hop.place}`{symbol} ({hop.role}){note}"
    lines = wording.excerpt(evaluation, hop)
    if lines:
        fence = "`" * max(3, 1 + max(_longest_ticks(text) for _, text in lines))
        yield ""
        yield f"   {fence}text"
        yield from (f"   {text}" for _, text in lines)
        yield f"   {fence}"
        yield ""


def _longest_ticks(text: str) -> int:
    longest = 0
    while "`" * (longest + 1) in text:
        longest += 1
    return longest


def _unproven(title: str, judgements: Iterable[Judgement]) -> Iterator[str]:
    groups = wording.by_reason(judgements)
    if groups:
        yield f"## {title}"
        yield ""
    for reason, group in groups.items():
        stops = " (stops the gate)" if any(judgement.stops_the_gate for judgement in group) else ""
        yield f"- {_inline(reason)}{stops}"
        yield from (f"  - `{judgement.rule}`: {_inline(matrix.name(judgement.subject))}" for judgement in group)
    if groups:
        yield ""


def _passed(judgements: Iterable[Judgement]) -> Iterator[str]:
    rows = [_passed_row(judgement) for judgement in judgements]
    if rows:
        yield from ("## Passed", "", "| fitness function | subject | rests on |", "| --- | --- | --- |", *rows, "")


def _passed_row(judgement: Judgement) -> str:
    return f"| {wording.heading(judgement)} | {_inline(matrix.name(judgement.subject))} | {_inline(judgement.reason)} |"


def _observed(evaluation: Evaluation) -> Iterator[str]:
    """Every site between quanta with its path and its delivery facts, each with its line."""
    between = [crossing for crossing in evaluation.coupling.crossings if crossing.target_kind is TargetKind.QUANTUM]
    if between:
        yield from ("## Observed between quanta", "")
    pair = None
    for crossing in between:
        if pair != (crossing.source, crossing.target):
            pair = (crossing.source, crossing.target)
            yield from (f"### {_inline(crossing.source)} → {_inline(crossing.target or '')}", "")
        yield from _crossing(crossing)


def _crossing(crossing: Crossing) -> Iterator[str]:
    alternative = f", by {crossing.alternative}" if crossing.alternative else ""
    yield f"**{crossing.mechanism}** `{wording.about(crossing)}`, {crossing.communication}{alternative}"
    yield ""
    if told := wording.resolution(crossing):
        yield f"- target by {wording.steps(crossing)}: {_inline(told)}"
    for hop in crossing.evidence:
        symbol = f" in `{hop.place.symbol}`" if hop.place.symbol else ""
        yield f"- {hop.role} `{hop.place}`{symbol}"
    for name, fact in crossing.delivery.items():
        if fact.value is not None:
            places = ", ".join(dict.fromkeys(f"`{item.place}`" for item in fact.evidence))
            reason = f", {_inline(fact.reason)}" if fact.reason else ""
            yield f"- {name.replace('_', ' ')}: {_value(fact)}{reason}" + (f" ({places})" if places else "")
    yield ""


def _value(fact: Fact) -> str:
    if isinstance(fact.value, bool):
        return "yes" if fact.value else "**no**"
    return str(fact.value)


def _unmet(evaluation: Evaluation) -> Iterator[str]:
    unmet = wording.unmet(evaluation)
    if unmet:
        yield from ("## Sent and not consumed, consumed and not sent", "")
        yield from (f"- `{place}` {_inline(words)}" for place, words in unmet)
        yield ""


def _unresolved(evaluation: Evaluation) -> Iterator[str]:
    unresolved = evaluation.coupling.unresolved
    if unresolved:
        yield "## Unresolved"
        yield ""
        yield from (f"- `{item.place}` `{item.what}` in {item.quantum}: {_inline(item.why)}" for item in unresolved)
        yield ""


def _examined(evaluation: Evaluation) -> Iterator[str]:
    coverage = evaluation.coverage
    yield from ("## Examined", "", "| quantum | files | functions | calls |", "| --- | ---: | ---: | ---: |")
    for quantum in evaluation.architecture.quanta:
        counts = coverage.examined.get(quantum.name, Examined())
        yield f"| {_inline(quantum.name)} | {counts.files} | {counts.functions} | {counts.calls} |"
    yield f"| in all | {coverage.total.files} | {coverage.total.functions} | {coverage.total.calls} |"
    yield ""
    missing = [kind for kind in matrix.KINDS if kind not in coverage.kinds]
    yield f"Evidence collected: {', '.join(coverage.kinds) or 'none'}. Not collected: {', '.join(missing) or 'none'}."
    yield ""
    yield from (f"- configuration: `{path}`" for path in coverage.configuration_files)
    for name, others in sorted(coverage.other_code.items()):
        yield f"- {_inline(name)}: {wording.not_read(others)}"
    yield from (f"- could not be examined: `{error.place}`: {_inline(error.message)}" for error in coverage.errors)
    if evaluation.coupling.import_witness_scope:
        yield f"- second witness: {_inline(evaluation.coupling.import_witness_scope)}"
    yield from (f"- second witness disagrees: {_inline(text)}" for text in evaluation.coupling.import_witness)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _inline(text: str) -> str:
    """Text of the system under examination on one line, with nothing that Markdown would read as markup."""
    escaped = _one_line(text).replace("\\", "\\\\")
    for character in "`*_<>[]|":
        escaped = escaped.replace(character, "\\" + character)
    return escaped
