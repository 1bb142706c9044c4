"""Whose a port of the machine itself is, by what the code calls the addresses at it.

``PAY_URL = "http://localhost:8003"`` and ``{"pay": "http://localhost:8003"}`` tell it as long as no other name at that
port means another quantum, anywhere in the system. It is a guess, and gives no pass.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from quantafit.coupling.resolve import Resolved
from quantafit.coupling.targets import Target, is_this_machine, named_in, parts
from quantafit.model import Clue, Step, TargetKind
from quantafit.model.observations import Observation

_KEY = re.compile(r"\['([^']*)'\]")


class ToldPorts:
    """The quanta that the names of addresses mean, by port."""

    def __init__(self, asked: Iterable[tuple[Observation, Resolved]], quanta: Iterable[str]) -> None:
        names = tuple(quanta)
        self._told: dict[str, dict[str, Clue]] = defaultdict(dict)
        for _, value in asked:
            port = _port(value)
            for clue in value.clues if port is not None else ():
                meant = _meant(clue, names)
                if meant is not None:
                    self._told[port or ""].setdefault(meant, clue)

    def guess(self, request: Observation, value: Resolved) -> Target | None:
        """Who is meant by an address of the machine itself."""
        told = self._told.get(_port(value) or "", {})
        if len(told) != 1 or request.quantum in told or value.text is None:
            return None
        ((quantum, clue),) = told.items()
        name = clue.says.partition(" = ")[0]
        why = f"{quantum} is only guessed from the name {name}; {parts(value.text)[0]} is the machine itself"
        seen = Clue(Step.VARIABLE_NAME, f"{quantum} is in the name {name}", clue.place)
        address = parts(value.text)[2]
        return Target(TargetKind.QUANTUM, quantum, address, "medium", (*value.clues, seen), why, guessed=True)


def _port(value: Resolved) -> str | None:
    """The port of an address of the machine itself."""
    if value.text is None or "://" not in value.text:
        return None
    host, port, _ = parts(value.text)
    return port if host is not None and is_this_machine(host) else None


def _meant(clue: Clue, quanta: tuple[str, ...]) -> str | None:
    """The quantum that the name of a constant means; of an entry, its key tells before the name of the mapping does."""
    if clue.step is not Step.CONSTANT:
        return None
    name = clue.says.partition(" = ")[0]
    for part in (*reversed(_KEY.findall(name)), _KEY.sub("", name).rpartition(".")[2]):
        found = named_in(part, quanta)
        if found is not None:
            return found
    return None
