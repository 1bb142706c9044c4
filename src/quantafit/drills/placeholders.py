"""``{placeholders}`` in declared commands. Each argument is filled by itself: no value can become two arguments."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from quantafit.model import Command, DrillPart, Drills

_HOLE = re.compile(r"\{([a-z]+(?::[A-Za-z0-9_.-]+)?)\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in. The declaration was checked: every placeholder is known."""
    return _HOLE.sub(lambda hole: values[hole[1]], text)


def fill_all(command: Command, values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(fill(argument, values) for argument in command)


def ports_for(drills: Drills) -> Mapping[str, str]:
    """A free port for every ``{port:NAME}`` in the drills."""
    names = sorted({hole[1] for text in _texts(drills) for hole in _HOLE.finditer(text) if hole[1].startswith("port:")})
    # All are held open together, so that no port is given twice.
    holders = [socket.create_server(("127.0.0.1", 0)) for _ in names]
    try:
        return {name: str(holder.getsockname()[1]) for name, holder in zip(names, holders, strict=True)}
    finally:
        for holder in holders:
            holder.close()


def _texts(drills: Drills) -> Iterator[str]:
    for part in drills.parts:
        yield from _texts_of(part)
    for commands in (drills.workloads, drills.probes):
        yield from _flat(commands.values())
    yield from _flat((drills.prepare, drills.clean_up))


def _texts_of(part: DrillPart) -> Iterator[str]:
    yield from _flat((part.run, part.ready.command, *part.commands.values()))
    yield from part.env.values()
    yield from (part.ready.port, part.ready.url)
    if part.proxy is not None:
        yield from (part.proxy.listen, part.proxy.to)


def _flat(commands: Iterable[Any]) -> Iterator[str]:
    for command in commands:
        yield from command
