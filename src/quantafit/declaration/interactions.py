"""The interactions of a declaration: ends, delivery, replication, and what cannot be meant together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from quantafit.declaration.names import Names
from quantafit.declaration.problems import Problems, did_you_mean, shown
from quantafit.declaration.sections import Section
from quantafit.model import Delivery, Interaction, Quantum, Replication, Style

POINTS = ("durable", "persistent", "confirmed", "acknowledged_after_work", "dead_letter", "idempotent_receiver")
"""The points of delivery, in the order in which they are written."""
_ALL = Delivery(**dict.fromkeys(POINTS, True))
# (this point, which needs that point, and why)
_NEEDS = (
    ("persistent", "durable", "a message does not survive a restart in a queue that does not"),
    ("dead_letter", "acknowledged_after_work", "a message that is acknowledged before the work cannot be set aside"),
)
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smhd])")


@dataclass(frozen=True)
class Interactions:
    """Reads the list of interactions. Problems are noted; an interaction without both ends is left out."""

    quanta: tuple[Quantum, ...]
    names: Names
    problems: Problems

    def read(self, sections: Iterable[Section]) -> Iterator[Interaction]:
        ids: dict[str, int] = {}
        links: dict[tuple[object, ...], str] = {}
        for section in sections:
            interaction = self._interaction(section)
            if interaction is not None:
                self._check_unique(section, interaction, ids, links)
                yield interaction

    def _check_unique(
        self, section: Section, new: Interaction, ids: dict[str, int], links: dict[tuple[object, ...], str]
    ) -> None:
        link = (new.source, new.target, new.style, new.channel, new.replication.table)
        if new.id in ids:
            hint = (
                "give each an id of its own" if section.text("id") is None else f"it first stands on line {ids[new.id]}"
            )
            self.problems.add(section.node_of("id"), f"interaction {shown(new.id)} is declared twice", hint)
        elif link in links:
            hint = "make them one, or name their channels"
            self.problems.add(section.node, f"{shown(new.id)} is the same link as {shown(links[link])}", hint)
        ids.setdefault(new.id, new.place.line)
        links.setdefault(link, new.id)

    def _interaction(self, section: Section) -> Interaction | None:
        source, target, style = self._end(section, "from"), self._end(section, "to"), section.text("style")
        self._check_references(section)
        if source is not None and source == target:
            hint = "an interaction links two quanta; what stays inside one is not declared"
            self.problems.add(section.node_of("to"), f"from and to are both {shown(source)}", hint)
        if source is None or target is None or style is None:
            return None
        self._check_style(section, Style(style))
        channel = section.text("channel")
        return Interaction(
            id=section.text("id") or channel or f"{source}-to-{target}",
            source=source,
            target=target,
            style=Style(style),
            channel=channel,
            carries=section.texts("carries"),
            delivery=self._delivery(section),
            replication=self._replication(section.section("replication")),
            adr=section.text("adr"),
            because=section.text("because") or "",
            place=section.place,
        )

    def _check_references(self, section: Section) -> None:
        reference = section.text("adr")
        if reference:
            self.names.adr(section.node_of("adr"), reference)
        for item in section.items("carries"):
            self.names.data_class(item, str(item.value))

    def _end(self, section: Section, key: str) -> str | None:
        """The quantum at one end; a name that is not declared is noted, and still the end of this interaction."""
        long = section.section(key)
        holder, name_key = (long, "quantum") if long is not None else (section, key)
        name = holder.text(name_key)
        if name is None:
            return None
        known = self.names.quantum(holder.node_of(name_key), name)
        unit = long.text("unit") if long is not None else None
        if known and long is not None and unit is not None:
            self._check_unit(long, name, unit)
        return name

    def _check_unit(self, end: Section, name: str, unit: str) -> None:
        units = next((quantum.units for quantum in self.quanta if quantum.name == name), ())
        if unit not in units:
            hint = did_you_mean(unit, units) or f"list it under quanta.{name}.units"
            self.problems.add(end.node_of("unit"), f"quantum {shown(name)} has no unit {shown(unit)}", hint)

    def _check_style(self, section: Section, style: Style) -> None:
        for key, only in (("channel", Style.MESSAGE), ("delivery", Style.MESSAGE), ("replication", Style.REPLICATION)):
            if section.node.get(key) is not None and style is not only:
                message = f"{key} makes no sense with style: {style}"
                self.problems.add(section.node_of(key), message, f"it belongs to style: {only}")

    def _delivery(self, section: Section) -> Delivery:
        if section.text("delivery"):
            return _ALL
        written = section.section("delivery")
        if written is None:
            return Delivery()
        points = {point: flag for point in POINTS if (flag := written.flag(point)) is not None}
        self._check_deviations(section, written, points)
        self._check_contradictions(written, points)
        return _without_pointless(replace(_ALL if written.text("guarantee") else Delivery(), **points), points)

    def _check_deviations(self, section: Section, written: Section, points: dict[str, bool]) -> None:
        """Whoever promises at least once and takes a part of it back says why."""
        deviating = [point for point, kept in points.items() if not kept]
        if written.text("guarantee") and deviating and not section.text("because"):
            message = f"{deviating[0]}: false deviates from at_least_once"
            self.problems.add(written.node_of(deviating[0]), message, "say why in because, or remove the line")

    def _check_contradictions(self, written: Section, points: dict[str, bool]) -> None:
        for point, needed, why in _NEEDS:
            if points.get(point) is True and points.get(needed) is False:
                self.problems.add(written.node_of(point), f"{point}: true contradicts {needed}: false", why)

    def _replication(self, section: Section | None) -> Replication:
        if section is None:
            return Replication()
        lag = section.text("max_staleness")
        seconds = _seconds(lag) if lag else None
        if lag and not seconds:
            self.problems.add(section.node_of("max_staleness"), f"{shown(lag)} is no time at all", "write 15m, 1h …")
        mechanism, rows = section.text("mechanism"), section.text("rows")
        return Replication(section.text("table"), mechanism, seconds, section.texts("columns"), rows)


def _without_pointless(delivery: Delivery, written: dict[str, bool]) -> Delivery:
    """The delivery without demands that a written deviation has made pointless, unless they are written themselves."""
    for point, needed, _ in _NEEDS:
        if written.get(needed) is False and point not in written:
            delivery = replace(delivery, **{point: None})
    return delivery


def _seconds(duration: str) -> float:
    return sum(float(number) * _SECONDS[unit] for number, unit in _DURATION_PART.findall(duration))
