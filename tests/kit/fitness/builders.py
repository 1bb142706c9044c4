"""Small builders of declared and observed values: each names only what a test is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quantafit.fitness import Evaluated, evaluate
from quantafit.model import (
    Acknowledgement,
    Architecture,
    Communication,
    CouplingMap,
    Coverage,
    Crossing,
    Delivery,
    Evidence,
    EvidenceKind,
    ExaminationError,
    Examined,
    Fact,
    Interaction,
    Judgement,
    Mode,
    Place,
    Quantum,
    Receiver,
    Role,
    RuleSetting,
    Style,
    TargetKind,
    Unresolved,
    Verdict,
)

DEMANDED = Delivery(durable=True, persistent=True, confirmed=True, acknowledged_after_work=True)


def place(quantum: str = "customer", line: int = 7, file: str = "cards.py") -> Place:
    return Place(f"{quantum}/{file}", line, 5, "add_card")


def seen(at: Place, role: Role = Role.CALL, kind: EvidenceKind = EvidenceKind.SOURCE, note: str = "") -> Evidence:
    return Evidence(kind, role, at, note)


def crossing(source: str = "customer", target: str | None = "billing", **changes: Any) -> Crossing:
    """A crossing at one line of the source quantum; a message on ``cards`` unless changed."""
    line = changes.pop("line", 7)
    values: dict[str, Any] = {
        "target_kind": TargetKind.QUANTUM if target else TargetKind.UNROUTED,
        "mechanism": "amqp",
        "communication": Communication.ASYNCHRONOUS,
        "channel": "cards",
        "evidence": (seen(place(source, line)),),
    }
    return Crossing(source, target, **(values | changes))


def call(source: str = "customer", target: str | None = "billing", **changes: Any) -> Crossing:
    """An HTTP request whose answer is waited for."""
    values: dict[str, Any] = {
        "mechanism": "http",
        "communication": Communication.SYNCHRONOUS,
        "channel": None,
        "address": "http://billing:8000/cards",
    }
    return crossing(source, target, **(values | changes))


def fact(value: Any, at: Place | None = None, reason: str = "seen") -> Fact:
    return Fact(value, reason, (seen(at or place(line=9), Role.DECLARE),))


def receiver(quantum: str = "billing", **changes: Any) -> Receiver:
    """A good receiver: its queue is durable and it acknowledges after the work."""
    values: dict[str, Any] = {
        "queue": "cards",
        "durable": True,
        "acknowledgement": Acknowledgement.AFTER,
        "facts": {"store": fact(True), "acknowledge": fact(True, place(quantum, 30))},
        "evidence": (seen(place(quantum, 23), Role.CONSUMER),),
    }
    return Receiver(quantum, **(values | changes))


def delivered(source: str = "customer", target: str | None = "billing", **changes: Any) -> Crossing:
    """A message that is durable, persistent, confirmed and acknowledged after the work."""
    values: dict[str, Any] = {
        "delivery": {"persist": fact(True), "confirm": fact(True)},
        "receivers": (receiver(target or "billing"),),
        "durable": True,
        "acknowledgement": Acknowledgement.AFTER,
    }
    return crossing(source, target, **(values | changes))


def quantum(name: str, **changes: Any) -> Quantum:
    values: dict[str, Any] = {"source": (name,), "place": Place("quanta.yaml", 3)}
    return Quantum(name, **(values | changes))


def interaction(source: str = "customer", target: str = "billing", **changes: Any) -> Interaction:
    values: dict[str, Any] = {"style": Style.MESSAGE, "place": Place("quanta.yaml", 12)}
    values |= changes
    return Interaction(values.pop("id", f"{source}-{target}"), source, target, **values)


def architecture(*quanta: Quantum | str, **changes: Any) -> Architecture:
    """Quanta by value or by name; customer and billing where none is given."""
    chosen = quanta or ("customer", "billing")
    built = tuple(quantum(q) if isinstance(q, str) else q for q in chosen)
    return Architecture("shop", built, **changes)


def setting(rule: str, mode: Mode | None = None, **changes: Any) -> RuleSetting:
    return RuleSetting(rule, mode, **changes)


def unresolved(quantum: str = "customer", *could_be: str) -> Unresolved:
    return Unresolved(quantum, "client.send", "its target is read from a file", place(quantum, 40), could_be)


def error(quantum: str | None = "customer", path: str = "customer/broken.py") -> ExaminationError:
    return ExaminationError(quantum, "cannot be parsed", Place(path, 1))


def coverage(*names: str, errors: Sequence[ExaminationError] = (), files: int = 3, **changes: Any) -> Coverage:
    """Source of the named quanta was examined."""
    values: dict[str, Any] = {"kinds": (EvidenceKind.SOURCE, EvidenceKind.CONFIGURATION), "errors": tuple(errors)}
    return Coverage({name: Examined(files, 10, 100) for name in names}, **(values | changes))


def observed(*crossings: Crossing, **changes: Any) -> CouplingMap:
    """Crossings in a system whose quanta were all examined, unless ``coverage`` says otherwise."""
    values: dict[str, Any] = {"coverage": coverage("customer", "billing", "sysops", "reporting")}
    return CouplingMap(tuple(crossings), **(values | changes))


def judgements(rule: str, declared: Architecture, seen: CouplingMap, **changes: Any) -> dict[str, Judgement]:
    """What one rule says, by the subject's name."""
    evaluated = evaluate(declared, seen, **changes)
    return {j.subject.name: j for j in evaluated.judgements if j.rule == rule}


def judged(rule: str, subject: str, declared: Architecture, seen: CouplingMap, **changes: Any) -> Judgement:
    return judgements(rule, declared, seen, **changes)[subject]


def verdicts(evaluated: Evaluated) -> dict[tuple[str, str, str], Verdict]:
    return {(j.rule, j.subject.kind, j.subject.name): j.verdict for j in evaluated.judgements}
