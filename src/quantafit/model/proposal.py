"""A proposed declaration: what ``quantafit init`` would write into a first ``quanta.yaml``, and why.

A proposal declares nothing and proves nothing. Each of its lines carries the evidence that it was read from, and each
doubt is a question for the person who will own the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from quantafit.model.architecture import Architecture, Interaction, Quantum

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said beside a line of the file: what it was read from or, with ``question``, what a person has to decide.

    ``text`` may have several lines.
    """

    text: str
    question: bool = False


@dataclass(frozen=True, slots=True)
class Proposed(Generic[T]):
    """One proposed part of the declaration, with what is said beside it."""

    value: T
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """Questions of one sort that belong to no line of the file. ``about`` is what they have in common."""

    about: str
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A first ``quanta.yaml``. The quanta stand in the order of the configuration that they were read from."""

    system: str
    quanta: tuple[Proposed[Quantum], ...]
    shared_code: tuple[Proposed[str], ...] = ()
    interactions: tuple[Proposed[Interaction], ...] = ()
    platform: tuple[Proposed[str], ...] = ()
    external: tuple[Proposed[str], ...] = ()
    open: tuple[OpenQuestions, ...] = ()

    @property
    def architecture(self) -> Architecture:
        """What the proposal would declare."""
        return Architecture(
            system=self.system,
            quanta=tuple(one.value for one in self.quanta),
            shared_code=tuple(one.value for one in self.shared_code),
            interactions=tuple(one.value for one in self.interactions),
            platform=tuple(one.value for one in self.platform),
            external=tuple(one.value for one in self.external),
        )

    @property
    def questions(self) -> int:
        """How many questions are open."""
        return sum(remark.question for remark in self._remarks())

    def _remarks(self) -> Iterator[Remark]:
        for quantum in self.quanta:
            yield from quantum.remarks
        for interaction in self.interactions:
            yield from interaction.remarks
        for name in (*self.shared_code, *self.platform, *self.external):
            yield from name.remarks
        for group in self.open:
            yield from group.remarks
