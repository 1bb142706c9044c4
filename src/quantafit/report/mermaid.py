"""A picture as Mermaid text: the quanta, the declared interactions with their verdicts, and what nobody declared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from quantafit.model import Communication, Crossing, Evaluation, Interaction, Quantum, TargetKind
from quantafit.report import _matrix as matrix
from quantafit.report._matrix import State
from quantafit.report._redaction import redacted

COLOURS = {State.FAIL: "#c0392b", State.ERROR: "#c0392b", State.WARN: "#b7791f", State.NOT_EVALUATED: "#7d5ba6"}
UNDECLARED = "#c0392b"


@dataclass(frozen=True, slots=True)
class Link:
    """One arrow. ``stroke`` is empty where the arrow has the picture's usual colour."""

    source: str
    arrow: str
    target: str
    label: str
    stroke: str = ""


def render(evaluation: Evaluation) -> str:
    """The picture: dotted is declared and not seen in the evidence; red and thick is seen and not declared."""
    return picture(redacted(evaluation))


def picture(evaluation: Evaluation) -> str:
    """The picture of an evaluation that is redacted already."""
    nodes = {quantum.name: f"q{index}" for index, quantum in enumerate(evaluation.architecture.quanta)}
    links = [*_declared(evaluation), *_undeclared(evaluation)]
    lines = ["flowchart LR"]
    lines += [f"    {nodes[quantum.name]}{_shape(quantum)}" for quantum in evaluation.architecture.quanta]
    lines += [f"    {nodes[link.source]} {link.arrow}|{_quote(link.label)}| {nodes[link.target]}" for link in links]
    lines += [
        f"    linkStyle {index} stroke:{link.stroke},color:{link.stroke}"
        for index, link in enumerate(links)
        if link.stroke
    ]
    return "\n".join(lines) + "\n"


def _shape(quantum: Quantum) -> str:
    """A quantum whose code is not here has round ends."""
    return f"([{_quote(quantum.name)}])" if quantum.opaque else f"[{_quote(quantum.name)}]"


def _declared(evaluation: Evaluation) -> Iterator[Link]:
    states = {
        row.subject.name: row.verdict.state for row in matrix.rows(evaluation) if row.subject.kind == "interaction"
    }
    for interaction in evaluation.architecture.interactions:
        seen = any(_realises(crossing, interaction) for crossing in evaluation.coupling.crossings)
        stroke = COLOURS.get(states[interaction.id], "") if evaluation.judgements else ""
        yield Link(interaction.source, "-->" if seen else "-.->", interaction.target, interaction.id, stroke)


def _undeclared(evaluation: Evaluation) -> Iterator[Link]:
    """One thick red arrow for each pair of quanta and mechanism that no declared interaction speaks of."""
    interactions = evaluation.architecture.interactions
    links = {
        Link(crossing.source, "==>", crossing.target or "", _undeclared_label(crossing), UNDECLARED): None
        for crossing in evaluation.coupling.crossings
        if crossing.target_kind is TargetKind.QUANTUM
        and crossing.source != crossing.target
        and not any(_realises(crossing, interaction) for interaction in interactions)
    }
    names = {quantum.name for quantum in evaluation.architecture.quanta}
    yield from (link for link in links if link.source in names and link.target in names)


def _undeclared_label(crossing: Crossing) -> str:
    waits = "synchronous " if crossing.communication is Communication.SYNCHRONOUS else ""
    return f"not declared: {waits}{crossing.mechanism}"


def _realises(crossing: Crossing, interaction: Interaction) -> bool:
    """Same ends, and the same channel where both name one; a call never realises a message."""
    same_ends = (crossing.source, crossing.target) == (interaction.source, interaction.target)
    waits = crossing.communication is Communication.SYNCHRONOUS and crossing.mechanism != "database"
    if not same_ends or (waits and interaction.style != "call"):
        return False
    return not interaction.channel or not crossing.channel or interaction.channel == crossing.channel


def _quote(text: str) -> str:
    return '"' + text.replace("&", "&amp;").replace('"', "&quot;").replace("\n", " ") + '"'
