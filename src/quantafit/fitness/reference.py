"""The rule reference: every card as one Markdown page, in the order of the names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from quantafit.fitness.catalogue import cards
from quantafit.model import EvidenceKind, Origin, RuleCard

_ORIGINS = {
    Origin.ADR: "`adr`: the decision says so",
    Origin.DERIVED: "`derived`: needed for the decision to hold",
    Origin.RECOMMENDED: "`recommended`: good practice, so it only warns unless `quanta.yaml` enforces it",
}

_HEAD = """# Fitness functions

Generated from the rules' own files. Each function says what it looks at, why, what breaks it and what keeps it, how to
repair a divergence, and what it cannot see. `quantafit explain NAME` prints one of them.
"""


def reference(of: Mapping[str, RuleCard] | None = None) -> str:
    """The Markdown of the rule reference; by default of every installed fitness function."""
    chosen = cards() if of is None else of
    named = [chosen[name] for name in sorted(chosen)]
    return "\n".join([_HEAD, *_contents(named), "", *(section(card) for card in named)])


def section(card: RuleCard) -> str:
    """One card as Markdown, from its heading on."""
    parts = [
        f"## {card.name}",
        f"**{card.title}**",
        card.what,
        f"**Why.** {card.why}",
        _evidence(card),
        f"**Broken**\n\n{card.broken.strip()}",
        f"**Kept**\n\n{card.kept.strip()}",
        "**Repair**\n\n" + "\n".join(f"- {step}" for step in card.repair),
        *_options(card),
        f"**Limits.** {card.limits}",
    ]
    return "\n\n".join(parts) + "\n"


def _contents(named: Iterable[RuleCard]) -> list[str]:
    rows = [f"| [`{card.name}`](#{_anchor(card.name)}) | {card.title} | {card.origin.value} |" for card in named]
    return ["| function | looks at | origin |", "| --- | --- | --- |", *rows]


def _anchor(name: str) -> str:
    return name.replace("/", "")


def _evidence(card: RuleCard) -> str:
    refutes = f" Can only be refuted by: {_kinds(card.refutes)}." if card.refutes else ""
    return f"**Evidence.** Proved by: {_kinds(card.proves)}.{refutes} Origin {_ORIGINS[card.origin]}."


def _kinds(kinds: Iterable[EvidenceKind]) -> str:
    return ", ".join(kind.value for kind in kinds)


def _options(card: RuleCard) -> list[str]:
    if not card.options:
        return []
    return ["**Options**\n\n" + "\n".join(f"- `{name}`: {text}" for name, text in card.options.items())]
