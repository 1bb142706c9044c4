"""Claims about quanta and interactions. Each is answered from judgements that are there already; none judges anew.

A claim holds where the fitness functions behind it passed. It does not hold where one failed, where one could not be
evaluated, and where none judged the subject at all: a test that looks at nothing must not be green.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from quantafit.errors import UsageError

if TYPE_CHECKING:
    from quantafit.model import Crossing, Evaluation, Judgement, Quantum


# Who reads a failed test looks for the claim and the report's text, not for the frames in between.
__tracebackhide__ = True


class ArchitectureWarning(UserWarning):
    """A claim holds only because a waiver says so."""


def examine(
    config: str | Path = ".", root: str | Path | None = None, *, as_of: date | None = None, live: bool = False
) -> ArchitectureEvidence:
    """The evidence of a system on disk. ``config`` is a ``quanta.yaml`` or its folder; ``root`` the tree, by default
    the file's folder; ``as_of`` the day for which waivers are judged, without which none holds. With ``live``, the
    running servers that the declaration names are asked too.

    Raises DeclarationError where the declaration is wrong, UsageError where there is none.
    """
    from quantafit import app

    tree = Path(root) if root is not None else None
    return ArchitectureEvidence(app.check(Path(config), tree, as_of=as_of, live=live))


def examine_tree(files: Mapping[str, str | bytes], *, as_of: date | None = None) -> ArchitectureEvidence:
    """The evidence of a system that is only in memory: path → text, a ``quanta.yaml`` among them.

    Raises as :func:`examine` does.
    """
    from quantafit import app

    return ArchitectureEvidence(app.evaluate_tree(files, as_of=as_of))


class ArchitectureEvidence:
    """One evaluation, and the claims that can be made about it."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation

    def quantum(self, name: str) -> QuantumClaims:
        """Claims about one quantum. Raises UsageError where none of that name is declared."""
        known = {quantum.name: quantum for quantum in self.evaluation.architecture.quanta}
        if name not in known:
            raise _unknown("quantum", name, known)
        return QuantumClaims(self, known[name])

    def interaction(self, id: str) -> InteractionClaims:
        """Claims about one declared interaction. Raises UsageError where there is none of that id."""
        known = [interaction.id for interaction in self.evaluation.architecture.interactions]
        if id not in known:
            raise _unknown("interaction", id, known)
        return InteractionClaims(self, id)

    def has_only_declared_interactions(self) -> ArchitectureEvidence:
        """Nothing is observed between quanta that is not declared."""
        return self._holds("quantum/undeclared-interaction")

    def has_every_declared_interaction(self) -> ArchitectureEvidence:
        """Whatever is declared is seen in the evidence."""
        return self._holds("quantum/missing-interaction")

    def leaves_nothing_unresolved(self) -> ArchitectureEvidence:
        """Every call that may cross quanta is followed to its target."""
        return self._holds("quantum/unresolved")

    def cites_only_sentences_that_exist(self) -> ArchitectureEvidence:
        """Every reference to a decision leads to a sentence of it."""
        return self._holds("declaration/anchor")

    def passes_the_gate(self) -> ArchitectureEvidence:
        """What ``quantafit check`` asks: no enforced fitness function fails or lacks a proof."""
        self._assert_all([judgement for judgement in self.evaluation.judgements if judgement.stops_the_gate])
        return self

    def holds(self, rule: str, subject: str) -> ArchitectureEvidence:
        """Any fitness function, built in or added, passed for the subject of that name."""
        return self._holds(rule, subject)

    def _holds(self, rule: str, *subjects: str) -> ArchitectureEvidence:
        judged = [judgement for judgement in self.evaluation.judgements if judgement.rule == rule]
        for subject in subjects:
            if subject not in {judgement.subject.name for judgement in judged}:
                raise AssertionError(self._nothing_judged(rule, subject, judged))
        if not judged:
            raise AssertionError(f"not evaluated: {rule} judges nothing in this architecture")
        self._assert_all([judgement for judgement in judged if not subjects or judgement.subject.name in subjects])
        return self

    def _nothing_judged(self, rule: str, subject: str, judged: list[Judgement]) -> str:
        """Why a fitness function has no verdict: it is off, or it has no such subject, or the subject is opaque."""
        setting = self.evaluation.architecture.setting(rule)
        if setting is not None and setting.mode == "off":
            return f"not evaluated: {rule} is off in {self.evaluation.architecture.path}:{setting.place.line}"
        reasons = [f"{judgement.subject.name}: {judgement.reason}" for judgement in judged if _unproven(judgement)]
        hint = f" It was not evaluated for {'; '.join(reasons)}." if reasons else ""
        file = self.evaluation.architecture.path
        return f"not evaluated: {rule} does not judge {subject!r}; {file} does not ask for it.{hint}"

    def _assert_all(self, judgements: Iterable[Judgement]) -> None:
        """Raise AssertionError with what the report says of each judgement that is not passed."""
        from quantafit.report import terminal

        broken = []
        for judgement in judgements:
            if judgement.verdict == "waived":
                message = f"{judgement.rule} for {judgement.subject.name} is waived: {judgement.reason}"
                warnings.warn(ArchitectureWarning(message), stacklevel=4)
            elif judgement.verdict != "pass":
                broken.append(terminal.judgement_text(self.evaluation, judgement))
        if broken:
            raise AssertionError("\n" + "\n".join(broken))


class QuantumClaims:
    """Claims about one quantum. Each returns the claims again, so that they can be chained."""

    def __init__(self, evidence: ArchitectureEvidence, quantum: Quantum) -> None:
        self._evidence = evidence
        self._quantum = quantum

    def makes_no_synchronous_call_to(self, *others: str) -> QuantumClaims:
        """No work of the quantum waits for one of the others, not even where ``quanta.yaml`` permits the call."""
        self._edges("quantum/synchronous-call", others)
        for call in self._calls(others):
            raise AssertionError(
                f"{call.source} calls {call.target} over {call.mechanism} at {call.site} and waits for the answer; "
                "quanta.yaml permits the call, the claim does not"
            )
        return self

    def makes_no_synchronous_call(self) -> QuantumClaims:
        """No work of the quantum waits for any other quantum."""
        return self.makes_no_synchronous_call_to(*self._others())

    def imports_nothing_from(self, *others: str) -> QuantumClaims:
        """No module of the quantum imports one of the others'."""
        return self._edges("quantum/import", others)

    def imports_no_other_quantum(self) -> QuantumClaims:
        """No module of the quantum imports one of any other quantum."""
        return self.imports_nothing_from(*self._others())

    def uses_no_datastore_of(self, *others: str) -> QuantumClaims:
        """The quantum opens no database of the others, beyond a declared replication."""
        return self._edges("quantum/shared-datastore", others)

    def has_its_own_datastore(self) -> QuantumClaims:
        """The quantum opens no other quantum's database, and no other opens its own, beyond declared replications."""
        self.uses_no_datastore_of(*self._others())
        for other in self._others():
            self._evidence.quantum(other).uses_no_datastore_of(self._quantum.name)
        return self

    def does_only_what_is_declared(self) -> QuantumClaims:
        """Every interaction that begins in the quantum is declared."""
        return self._edges("quantum/undeclared-interaction", self._others())

    def leaves_nothing_unresolved(self) -> QuantumClaims:
        """Every call of the quantum that may cross quanta is followed to its target."""
        self._evidence.holds("quantum/unresolved", self._quantum.name)
        return self

    def stores_no(self, *data_classes: str) -> QuantumClaims:
        """None of these classes of data comes to rest in the quantum. Each must be denied there in ``quanta.yaml``."""
        silent = [name for name in data_classes if name not in self._quantum.stores.deny]
        if silent or not data_classes:
            what = ", ".join(silent) or "nothing"
            raise AssertionError(
                f"not evaluated: {what} is not under stores.deny of quantum {self._quantum.name} "
                f"({self._quantum.place}), so nobody looked for it"
            )
        self._evidence.holds("data/placement", self._quantum.name)
        return self

    def _edges(self, rule: str, others: Iterable[str]) -> QuantumClaims:
        named = tuple(others)
        if not named:
            raise UsageError("name at least one other quantum")
        for other in named:
            self._evidence.quantum(other)
            self._evidence.holds(rule, f"{self._quantum.name} → {other}")
        return self

    def _calls(self, others: Iterable[str]) -> list[Crossing]:
        targets = set(others)
        return [
            crossing
            for crossing in self._evidence.evaluation.coupling.crossings
            if crossing.source == self._quantum.name
            and crossing.target in targets
            and crossing.communication == "synchronous"
            and crossing.mechanism not in ("import", "database")
        ]

    def _others(self) -> list[str]:
        quanta = self._evidence.evaluation.architecture.quanta
        return [quantum.name for quantum in quanta if quantum.name != self._quantum.name]


class InteractionClaims:
    """Claims about one declared interaction. Each returns the claims again, so that they can be chained."""

    def __init__(self, evidence: ArchitectureEvidence, id: str) -> None:
        self._evidence = evidence
        self._id = id

    def is_implemented(self) -> InteractionClaims:
        """The evidence shows it: its quantum sends, and the other receives."""
        return self._holds("quantum/missing-interaction")

    def is_durable(self) -> InteractionClaims:
        """Every queue it travels through survives a restart of the broker."""
        return self._holds("message/durable")

    def is_persistent(self) -> InteractionClaims:
        """Every message survives a restart of the broker."""
        return self._holds("message/persistent")

    def is_confirmed(self) -> InteractionClaims:
        """The sender learns from the broker that it has the message."""
        return self._holds("message/confirmed")

    def is_acknowledged_after_work(self) -> InteractionClaims:
        """The receiver acknowledges when its work is done, not before."""
        return self._holds("message/acknowledged-after-work")

    def is_read_only_replica(self) -> InteractionClaims:
        """Only the quantum that feeds the replica writes it."""
        return self._holds("replica/read-only")

    def holds(self, rule: str) -> InteractionClaims:
        """Any fitness function that judges interactions passed for this one."""
        return self._holds(rule)

    def _holds(self, rule: str) -> InteractionClaims:
        self._evidence.holds(rule, self._id)
        return self


def _unproven(judgement: Judgement) -> bool:
    return judgement.verdict in ("not_evaluated", "error")


def _unknown(kind: str, name: str, known: Iterable[str]) -> UsageError:
    return UsageError(f"there is no {kind} {name!r}; known: {', '.join(known) or 'none'}")
