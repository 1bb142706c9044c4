"""Which classes of the program extend which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from quantafit.evidence.source.values import ClassId


class Hierarchy:
    """The classes met so far, each with those it extends and those that extend it, kept as classes are met.

    A class may be met before those it extends are, and again with others.
    """

    def __init__(self) -> None:
        self._bases: dict[ClassId, tuple[ClassId, ...]] = {}
        self._children: dict[ClassId, dict[ClassId, None]] = defaultdict(dict)
        self._lineages: dict[ClassId, tuple[ClassId, ...]] = {}
        self._descendants: dict[ClassId, dict[ClassId, None]] = defaultdict(dict)

    def lineage(self, id: ClassId) -> tuple[ClassId, ...]:
        """A class and those it extends, nearest first; nothing for one that was not met."""
        return self._lineages.get(id, ())

    def descendants(self, id: ClassId) -> list[ClassId]:
        """The classes that extend a class, by however many steps."""
        return [*self._descendants.get(id, ())]

    def meet(self, id: ClassId, bases: Iterable[ClassId]) -> tuple[list[ClassId], dict[ClassId, None]]:
        """Note what a class extends. Returns it with those that extend it, and the classes that get or lose heirs."""
        for base in self._bases.get(id, ()):
            self._children[base].pop(id, None)
        self._bases[id] = tuple(bases)
        for base in self._bases[id]:
            self._children[base][id] = None
        heirs = [*self._from(id)]
        ancestors: dict[ClassId, None] = {}
        for heir in heirs:
            before, after = self._lineages.get(heir, ()), self._find_lineage(heir)
            self._lineages[heir] = after
            for gone in set(before[1:]).difference(after):
                del self._descendants[gone][heir]
                ancestors[gone] = None
            for ancestor in after[1:]:
                if heir not in self._descendants[ancestor]:
                    self._descendants[ancestor][heir] = None
                    ancestors[ancestor] = None
        return heirs, ancestors

    def _from(self, id: ClassId) -> Iterator[ClassId]:
        """A class and all that extend it, also by classes that were met before it."""
        seen = {id}
        stack = [id]
        while stack:
            top = stack.pop()
            yield top
            for child in self._children.get(top, ()):
                if child not in seen:
                    seen.add(child)
                    stack.append(child)

    def _find_lineage(self, id: ClassId) -> tuple[ClassId, ...]:
        found: dict[ClassId, None] = {}
        level = [id]
        while level:
            known = [one for one in dict.fromkeys(level) if one not in found and one in self._bases]
            found.update(dict.fromkeys(known))
            level = [base for one in known for base in self._bases[one]]
        return tuple(found)
