"""What was observed, without any judgement: the document ``quantafit/observed/1``, public and versioned.

One record is one site in one quantum and one target. Its JSON Schema is shipped beside this file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from quantafit.model import (
    Clue,
    Communication,
    CouplingMap,
    Crossing,
    DataAtRest,
    Evaluation,
    Evidence,
    EvidenceKind,
    Examined,
    Fact,
    ImportEdge,
    LiveEvidence,
    PermissionState,
    Place,
    Receiver,
    Role,
    TargetKind,
)
from quantafit.report._redaction import redacted

SCHEMA = "quantafit/observed/1"


def render(evaluation: Evaluation) -> str:
    """The document of the evaluation's coupling map."""
    return render_observed(evaluation.coupling)


def render_observed(coupling: CouplingMap) -> str:
    """The document of a coupling map, indented, keys in a fixed order."""
    return json.dumps(document(redacted(coupling)), indent=1, ensure_ascii=False) + "\n"


def document(coupling: CouplingMap) -> dict[str, Any]:
    """The document as plain values. Nothing in it is redacted here.

    ``dormant`` lists, as ``interactions`` does, the calls in functions that no code names.
    """
    live = [crossing for crossing in coupling.crossings if not crossing.dormant]
    return {
        "schema": SCHEMA,
        "examined": _examined(coupling.coverage.total),
        "errors": [{"quantum": e.quantum, "message": e.message, **_where(e.place)} for e in coupling.coverage.errors],
        "interactions": [_interaction(crossing) for crossing in (*live, *_imports(coupling))],
        "dormant": [_interaction(crossing) for crossing in coupling.crossings if crossing.dormant],
        "unresolved": [
            {"quantum": u.quantum, "what": u.what, "why": u.why, **_where(u.place), "could_be": list(u.could_be)}
            for u in coupling.unresolved
        ],
        "consumers": [_consumer(consumer) for consumer in coupling.consumers],
        "documented": [
            {"quantum": one.quantum, "channel": one.channel, "action": one.action, **_where(one.place)}
            for one in coupling.documented
        ],
        "serves": [
            {"quantum": s.quantum, "protocol": s.protocol, "name": s.name, **_where(s.place)} for s in coupling.serves
        ],
        "stores": [
            {
                "quantum": use.quantum, "table": use.table, "operation": use.operation, "owner": use.owner,
                "datastore": use.datastore, "columns": list(use.columns), **_where(use.place),
            }
            for use in coupling.tables
        ],
        "data": [_data(data) for data in coupling.data],
        **({"live": _live(coupling, coupling.live)} if coupling.live is not None else {}),
    }  # fmt: skip


def _permissions(told: Iterable[PermissionState]) -> list[dict[str, Any]]:
    """What each user may do, whose quantum is known or not."""
    names = ("user", "configure", "write", "read", "administrator")
    return [{name: getattr(one, name) for name in names} for one in told]


def _live(coupling: CouplingMap, live: LiveEvidence) -> dict[str, Any]:
    """What the running servers said, where they were asked."""
    return {
        "brokers": [
            {
                "name": one.name,
                "virtual_host": one.virtual_host,
                "version": one.version,
                "running": one.running,
                **({"permissions": _permissions(one.permissions)} if one.permissions is not None else {}),
            }
            for one in live.brokers
        ],
        "databases": [{"name": one.name, "quantum": one.quantum, "version": one.version} for one in live.databases],
        "queues": [
            {"broker": one.broker, "queue": one.queue, "facts": _shown_facts(one.facts)} for one in coupling.live_queues
        ],
        "failures": [{"kind": one.kind, "server": one.server, "why": one.why} for one in live.failures],
    }


def _shown_facts(facts: Mapping[str, Fact]) -> dict[str, Any]:
    return {name: {"value": fact.value, "reason": fact.reason} for name, fact in facts.items()}


def _interaction(crossing: Crossing) -> dict[str, Any]:
    evidence = _all_evidence(crossing)
    return {
        "source": crossing.source,
        "target": crossing.target,
        "target_kind": str(crossing.target_kind),
        "mechanism": crossing.mechanism,
        "communication": str(crossing.communication),
        "address": crossing.address,
        "channel": crossing.channel,
        "confidence": crossing.confidence,
        "durable": crossing.durable,
        "acknowledgement": _text(crossing.acknowledgement),
        "delivery": _facts(crossing.delivery, evidence),
        "receivers": [_receiver(receiver) for receiver in crossing.receivers],
        "alternative": crossing.alternative,
        "tables": list(crossing.tables),
        "operation": crossing.operation or None,
        "resolution": [_clue(clue) for clue in crossing.resolution],
        "evidence": [_evidence(item) for item in evidence],
    }


def _clue(clue: Clue) -> dict[str, Any]:
    place = clue.place
    known = None if place is None else {"path": place.path, "line": place.line}
    return {"step": str(clue.step), "says": clue.says, **(known or {"path": None, "line": None})}


def _consumer(consumer: Receiver) -> dict[str, Any]:
    where = _where(consumer.evidence[0].place) if consumer.evidence else {"path": None, "line": None}
    return {"quantum": consumer.quantum, "queue": consumer.queue, **where}


def _all_evidence(crossing: Crossing) -> tuple[Evidence, ...]:
    """The crossing's evidence, then what only a delivery fact rests on, so that a fact can name it by position."""
    facts = (item for fact in crossing.delivery.values() for item in fact.evidence)
    return tuple(dict.fromkeys((*crossing.evidence, *facts)))


def _facts(facts: Mapping[str, Fact], evidence: tuple[Evidence, ...]) -> dict[str, Any]:
    return {
        name: {"value": fact.value, "reason": fact.reason, "evidence": [evidence.index(item) for item in fact.evidence]}
        for name, fact in facts.items()
    }


def _receiver(receiver: Receiver) -> dict[str, Any]:
    return {
        "quantum": receiver.quantum,
        "queue": receiver.queue,
        "durable": receiver.durable,
        "acknowledgement": _text(receiver.acknowledgement),
    }


def _imports(coupling: CouplingMap) -> list[Crossing]:
    """Import edges as records, unless the same site is a record already. For type checkers only is no coupling."""
    known = {(c.source, c.target, c.site) for c in coupling.crossings if c.mechanism == "import"}
    edges = (e for e in coupling.imports if not e.type_checking_only and (e.source, e.target, e.place) not in known)
    return [_import(edge) for edge in edges]


def _import(edge: ImportEdge) -> Crossing:
    site = Evidence(EvidenceKind.SOURCE, Role.CALL, edge.place, f"{edge.how} {edge.module}")
    path = edge.path if edge.path and edge.path[0].place == edge.place else (site, *edge.path)
    return Crossing(
        edge.source,
        edge.target,
        TargetKind.QUANTUM,
        "import",
        Communication.SYNCHRONOUS,
        channel=edge.module,
        evidence=path,
    )


def _data(data: DataAtRest) -> dict[str, Any]:
    return {
        "quantum": data.quantum,
        "class": data.data_class,
        "surface": data.surface,
        "where": data.where,
        "protected": data.protected,
        **_where(data.place),
    }


def _evidence(item: Evidence) -> dict[str, Any]:
    place = item.place
    return {
        "kind": str(item.kind),
        "role": str(item.role),
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "symbol": place.symbol,
        "note": item.note,
    }


def _where(place: Place) -> dict[str, Any]:
    return {"path": place.path, "line": place.line}


def _examined(counts: Examined) -> dict[str, int]:
    return {"files": counts.files, "functions": counts.functions, "calls": counts.calls}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
