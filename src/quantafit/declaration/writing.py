"""A proposed declaration as the text of ``quanta.yaml``: its evidence and its open questions stand in comments."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from quantafit.declaration.interactions import POINTS
from quantafit.declaration.keys import AT_LEAST_ONCE, SCHEMA
from quantafit.documents import comment, scalar
from quantafit.model import DataStore, Delivery, Interaction, Quantum, Style
from quantafit.model.proposal import Proposal, Proposed, Remark

MARK = "QUESTION:"
"""Begins every question in a proposal."""

_WIDTH = 120

_HEAD = """\
A first proposal by `quantafit init`: read it, correct it, keep what is true. It then belongs to you.
Comments say what each line was read from. "QUESTION:" marks what only you can decide. `quantafit schema` prints the
schema of this file for your editor.
"""
_INTERACTIONS = """\
Every link that was observed. What is deleted here and still done by the code is a finding of `quantafit check`.
style: call means that the caller waits for the answer: keep those that may. delivery holds the points that the code
keeps today; `at_least_once` asks for all of them. `quantafit why FROM TO` shows each step of the way."""
_NO_INTERACTIONS = "No link between two quanta was observed."
_OPEN = "Open questions ---------------------------------------------------------------------------------------"


def write(proposal: Proposal) -> str:
    """The proposal as a declaration that :func:`quantafit.declaration.parse` accepts. The same proposal, the same text.

    Names and paths must be printable (``str.isprintable``), as the declaration wants them.
    """
    lines = [*_comment(_HEAD), f"schema: {SCHEMA}", f"system: {scalar(proposal.system)}", "", "quanta:"]
    for number, quantum in enumerate(proposal.quanta):
        lines += [*([""] if number else []), *_quantum(quantum)]
    lines += [*_names("shared_code", "Code that several quanta use.", proposal.shared_code), ""]
    lines += _interactions(proposal.interactions)
    lines += _names("platform", "What all stand on and nobody here writes.", proposal.platform)
    lines += _names("external", "Systems outside that are called.", proposal.external)
    if proposal.open:
        lines += ["", *_comment(_OPEN)]
    for group in proposal.open:
        lines += ["", *_comment(group.about), *_remarks(group.remarks)]
    return "\n".join(lines) + "\n"


def _quantum(proposed: Proposed[Quantum]) -> Iterator[str]:
    quantum = proposed.value
    yield from _remarks(proposed.remarks, 2)
    body = list(_quantum_body(quantum))
    yield f"  {scalar(quantum.name)}:{'' if body else ' {}'}"
    yield from (f"    {line}" for line in body)


def _quantum_body(quantum: Quantum) -> Iterator[str]:
    for key, values in (("source", quantum.source), ("hosts", quantum.hosts), ("units", quantum.units)):
        yield from _values(key, values)
    if quantum.datastores:
        yield "datastores:"
        yield from (f"  {scalar(store.name)}: {_datastore(store)}" for store in quantum.datastores)


def _datastore(store: DataStore) -> str:
    parts = [f"hosts: {_flow(store.hosts)}"] if store.hosts else []
    parts += [f"database: {scalar(store.database)}"] if store.database else []
    return f"{{{', '.join(parts)}}}"


def _values(key: str, values: Sequence[str]) -> Iterator[str]:
    """A key with one value, with a list on its line, or with one value a line where that would be too long."""
    flow = f"{key}: {_flow(values)}" if values else ""
    if len(flow) <= _WIDTH - 4:
        yield from filter(None, [flow])
        return
    yield f"{key}:"
    yield from (f"  - {scalar(value)}" for value in values)


def _flow(values: Sequence[str]) -> str:
    return scalar(values[0]) if len(values) == 1 else f"[{', '.join(map(scalar, values))}]"


def _names(key: str, meaning: str, names: Sequence[Proposed[str]]) -> Iterator[str]:
    if not names:
        return
    yield from ("", *_comment(meaning), f"{key}:")
    for one in names:
        line = f"  - {scalar(one.value)}"
        beside = " ".join(f"# {comment(remark.text)}" for remark in one.remarks if not remark.question)
        if any(remark.question for remark in one.remarks) or len(line) + len(beside) + 2 > _WIDTH:
            yield from (*_remarks(one.remarks, 2), line)
        else:
            yield f"{line}  {beside}" if beside else line


def _interactions(interactions: Sequence[Proposed[Interaction]]) -> Iterator[str]:
    if not interactions:
        yield from (*_comment(_NO_INTERACTIONS), "interactions: []")
        return
    yield from (*_comment(_INTERACTIONS), "interactions:")
    for number, one in enumerate(interactions):
        yield from ([""] if number else [])
        yield from _remarks(one.remarks, 2)
        first, *rest = _interaction(one.value)
        yield f"  - {first}"
        yield from (f"    {line}" for line in rest)


def _interaction(interaction: Interaction) -> Iterator[str]:
    usual = interaction.channel or f"{interaction.source}-to-{interaction.target}"
    if interaction.id != usual:
        yield f"id: {scalar(interaction.id)}"
    yield f"from: {scalar(interaction.source)}"
    yield f"to: {scalar(interaction.target)}"
    yield f"style: {interaction.style}"
    if interaction.style is Style.MESSAGE and interaction.channel:
        yield f"channel: {scalar(interaction.channel)}"
    yield from _delivery(interaction.delivery)


def _delivery(delivery: Delivery) -> Iterator[str]:
    kept = [point for point in POINTS if getattr(delivery, point)]
    if len(kept) == len(POINTS):
        yield f"delivery: {AT_LEAST_ONCE}"
    elif kept:
        yield f"delivery: {{{', '.join(f'{point}: true' for point in kept)}}}"


def _remarks(remarks: Iterable[Remark], indent: int = 0) -> Iterator[str]:
    for remark in remarks:
        yield from _comment(f"{MARK} {remark.text}" if remark.question else remark.text, indent)


def _comment(text: str, indent: int = 0) -> Iterator[str]:
    """A text as comment lines; its own lines stay lines, and what continues one is indented."""
    before = f"{' ' * indent}# "
    for line in text.rstrip("\n").split("\n"):
        plain = comment(line)
        inner = " " * (len(plain) - len(plain.lstrip()))
        yield from textwrap.wrap(
            plain.strip(),
            _WIDTH,
            initial_indent=before + inner,
            subsequent_indent=f"{before}{inner}  ",
            break_long_words=False,
            break_on_hyphens=False,
        ) or [before.rstrip()]
