"""Everything in a declaration that has a name, so that what refers to it can be checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from quantafit.declaration.problems import Problems, did_you_mean, shown
from quantafit.documents import Node
from quantafit.model import Adr, DataClass

Rules = Collection[str] | Mapping[str, Collection[str]]
"""The names of all fitness functions; a mapping also gives the names of each one's options."""


class Names:
    """What is declared under which name. Each method notes a problem at the node that refers to something unknown."""

    def __init__(
        self,
        problems: Problems,
        *,
        quanta: Collection[str],
        data_classes: Iterable[DataClass],
        adrs: Mapping[str, Adr],
        rules: Rules | None,
    ) -> None:
        self._problems = problems
        self._quanta = dict.fromkeys(quanta)
        self._data_classes = {known.name: known for known in data_classes}
        self._adrs = adrs
        self._rules = rules

    def quantum(self, node: Node, name: str) -> bool:
        """Whether a quantum of that name is declared."""
        return self._known(node, "quantum", name, self._quanta)

    def interaction(self, node: Node, name: str, known: Collection[str]) -> bool:
        """Whether ``name`` is the id of one of the interactions."""
        return self._known(node, "interaction", name, known)

    def data_class(self, node: Node, name: str) -> bool:
        """Whether a class of data of that name is built in or declared."""
        meant = next((known.name for known in self._data_classes.values() if name in known.names), None)
        if meant is None or name in self._data_classes:
            return self._known(node, "data class", name, self._data_classes, "declare it under data_classes")
        self._problems.add(node, f"unknown data class {shown(name)}", f"it is a name of the class {shown(meant)}")
        return False

    def recognisable(self, node: Node, name: str) -> bool:
        """Whether the class of data is known, and there are names to recognise it by in code."""
        if not self.data_class(node, name) or self._data_classes[name].names:
            return name in self._data_classes
        hint = f"write data_classes.{name}.names: the names of columns, fields and keys that hold it"
        self._problems.add(node, f"{shown(name)} is denied, but nothing says how to recognise it", hint)
        return False

    def rule(self, node: Node, name: str) -> bool:
        """Whether there is a fitness function of that name; where the names were not given, any will do."""
        return self._rules is None or self._known(node, "fitness function", name, self._rules)

    def option(self, node: Node, rule: str, name: str) -> bool:
        """Whether the fitness function has that option; where the options were not given, any will do."""
        if not isinstance(self._rules, Mapping) or rule not in self._rules:
            return True
        options = self._rules[rule]
        if name in options:
            return True
        hint = did_you_mean(name, options) if options else "it has none"
        self._problems.add(node, f"{rule} has no option {shown(name)}", hint)
        return False

    def adr(self, node: Node, reference: str) -> bool:
        """Whether the decision is declared and, where its file is given, the anchor is in it."""
        name, _, anchor = reference.partition("#")
        if not self._known(node, "decision", name, self._adrs, "declare it under adrs, with its file"):
            return False
        adr = self._adrs[name]
        if not anchor or adr.file is None or anchor in adr.sentences:
            return True
        hint = did_you_mean(anchor, adr.sentences)
        self._problems.add(node, f"{adr.file} has no anchor {shown(anchor)}", hint)
        return False

    def _known(self, node: Node, kind: str, name: str, known: Collection[str], otherwise: str = "") -> bool:
        if name in known:
            return True
        hint = did_you_mean(name, known) or otherwise
        self._problems.add(node, f"unknown {kind} {shown(name)}", hint if known else otherwise)
        return False
