"""Settings of fitness functions, and exemptions from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from quantafit.declaration.names import Names
from quantafit.declaration.problems import Problems, shown
from quantafit.declaration.sections import Named, Section
from quantafit.documents import Node, Scalar
from quantafit.model import Mode, RuleSetting, Waiver


@dataclass(frozen=True)
class Settings:
    """Reads what the declaration says about fitness functions; what is wrong is noted."""

    names: Names
    problems: Problems

    def rules(self, entries: Iterable[Named]) -> Iterator[RuleSetting]:
        """The section ``rules``."""
        for entry in entries:
            yield self._rule(entry)

    def _rule(self, entry: Named) -> RuleSetting:
        short = entry.value.value if isinstance(entry.value, Scalar) else None
        section = entry.section
        self.names.rule(_at(entry), entry.name)
        reference = section.text("adr")
        if reference:
            self.names.adr(section.node_of("adr"), reference)
        mode = str(short) if short else section.text("mode")
        if mode == Mode.OFF and not section.text("because"):
            hint = "write it as a mapping: {mode: off, because: …}"
            self.problems.add(entry.value, f"{entry.name} is turned off without a reason", hint)
        options = {option.name: tuple(_texts(option.value)) for option in section.named("options")}
        for option in section.named("options"):
            self.names.option(_at(option), entry.name, option.name)
        return RuleSetting(
            rule=entry.name,
            mode=Mode(mode) if mode else None,
            adr=section.text("adr"),
            because=section.text("because") or "",
            options=MappingProxyType(options),
            place=entry.place,
        )

    def waivers(self, sections: Iterable[Section], interactions: Collection[str]) -> Iterator[Waiver]:
        """The section ``waivers``; ``interactions`` are the ids that may be referred to."""
        for section in sections:
            match = section.section("match")
            found = {entry.key: str(match.text(entry.key)) for entry in match.node.entries} if match else {}
            self._check_waiver(section, match, interactions)
            yield Waiver(
                rule=section.text("rule") or "",
                owner=section.text("owner") or "",
                reason=section.text("reason") or "",
                expires=section.text("expires") or "",
                match=MappingProxyType(found),
                place=section.place,
            )

    def _check_waiver(self, section: Section, match: Section | None, ids: Collection[str]) -> None:
        rule, expires = section.text("rule"), section.text("expires")
        if rule:
            self.names.rule(section.node_of("rule"), rule)
        if expires and not _is_date(expires):
            self.problems.add(section.node_of("expires"), f"{shown(expires)} is no day of the calendar")
        for key in ("from", "to", "quantum"):
            name = match.text(key) if match else None
            if match and name:
                self.names.quantum(match.node_of(key), name)
        interaction = match.text("interaction") if match else None
        if match and interaction:
            self.names.interaction(match.node_of("interaction"), interaction, ids)


def _at(entry: Named) -> Scalar:
    """The place of a name, as a node."""
    return Scalar(entry.name, entry.place.line, entry.place.column)


def _texts(node: Node) -> Iterator[str]:
    for item in getattr(node, "items", ()):
        yield str(item.value)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
