"""The evaluation as one JSON document, ``quantafit/report/1``: for programs. Its JSON Schema is shipped beside it."""

from __future__ import annotations

import json
from typing import Any

from quantafit.model import Evaluation, Evidence, Experiment, Experiments, Finding, Judgement, Place
from quantafit.report import _matrix as matrix
from quantafit.report import _wording as wording
from quantafit.report._redaction import redacted

SCHEMA = "quantafit/report/1"


def render(evaluation: Evaluation) -> str:
    """The document, indented, keys in a fixed order."""
    return json.dumps(document(redacted(evaluation)), indent=2, ensure_ascii=False) + "\n"


def document(evaluation: Evaluation) -> dict[str, Any]:
    """The document as plain values. Nothing in it is redacted here."""
    coupling, coverage = evaluation.coupling, evaluation.coverage
    return {
        "schema": SCHEMA,
        "system": evaluation.architecture.system,
        "declaration": evaluation.architecture.path,
        "gate": "passed" if evaluation.passed else "failed",
        "counts": _counts(evaluation),
        "matrix": [_row(row) for row in matrix.rows(evaluation)],
        "judgements": [_judgement(evaluation, judgement) for judgement in evaluation.judgements],
        "without_subject": list(evaluation.without_subject),
        "left_to_experiments": list(evaluation.left_to_experiments),
        "experiments": [_experiment(record) for record in (evaluation.experiments or Experiments()).records],
        "unresolved": [
            {
                "quantum": item.quantum,
                "what": item.what,
                "why": item.why,
                "could_be": list(item.could_be),
                **_place(item.place),
            }
            for item in coupling.unresolved
        ],
        "examined": {
            "total": _examined(coverage.total),
            "quanta": {name: _examined(counts) for name, counts in sorted(coverage.examined.items())},
            "configuration_files": list(coverage.configuration_files),
            "kinds": [str(kind) for kind in coverage.kinds],
            "not_read": {name: dict(others) for name, others in sorted(coverage.other_code.items())},
        },
        "errors": [
            {"quantum": error.quantum, "message": error.message, **_place(error.place)} for error in coverage.errors
        ],
        "import_witness": {
            "scope": coupling.import_witness_scope,
            "disagreements": list(coupling.import_witness),
        },
    }


def _experiment(record: Experiment) -> dict[str, Any]:
    """An experiment without the single items; these are in its record."""
    return {
        "drill": record.drill,
        "proves": str(record.proves),
        "quantum": record.quantum,
        "interaction": record.interaction,
        "began_at": record.began_at,
        "took": record.took,
        "seed": record.seed,
        "problem": record.problem,
        "timeline": [
            {"at": h.at, "what": h.what, "targets": [*h.targets], "took": h.took, "failed": h.failed, "note": h.note}
            for h in record.timeline
        ],
    }


def _counts(evaluation: Evaluation) -> dict[str, int]:
    groups = wording.sort(evaluation)
    return {
        "failed": len(groups.failed),
        "in_error": len(groups.in_error),
        "not_evaluated": len(groups.not_evaluated),
        "warned": len(groups.warned),
        "waived": len(groups.waived),
        "passed": len(groups.passed),
    }


def _row(row: matrix.Row) -> dict[str, Any]:
    return {
        "subject": {"kind": row.subject.kind, "name": row.subject.name},
        "between": row.arrow or None,
        "verdict": _cell(row.verdict),
        "kinds": {str(kind): _cell(cell) for kind, cell in row.cells},
    }


def _cell(cell: matrix.Cell) -> dict[str, Any]:
    return {"state": str(cell.state), "agreeing": cell.agreeing, "judged": cell.judged}


def _judgement(evaluation: Evaluation, judgement: Judgement) -> dict[str, Any]:
    subject = judgement.subject
    return {
        "rule": judgement.rule,
        "subject": {
            "kind": subject.kind,
            "name": subject.name,
            "place": _place(subject.place) if subject.place else None,
        },
        "verdict": str(judgement.verdict),
        "by_kind": {str(kind): str(verdict) for kind, verdict in judgement.by_kind.items()},
        "mode": str(judgement.mode),
        "stops_the_gate": judgement.stops_the_gate,
        "origin": str(judgement.origin),
        "adr": judgement.adr or subject.adr,
        "sentence": judgement.sentence,
        "reason": judgement.reason,
        "findings": [_finding(evaluation, judgement, finding) for finding in judgement.findings],
    }


def _finding(evaluation: Evaluation, judgement: Judgement, finding: Finding) -> dict[str, Any]:
    return {
        "message": finding.message,
        "kind": str(finding.kind),
        "fingerprint": finding.fingerprint,
        **_place(finding.place),
        "path_to_call": [_hop(evaluation, hop) for hop in wording.hops(finding)],
        "ways_out": list(finding.ways_out or wording.ways_out(evaluation, judgement)),
    }


def _hop(evaluation: Evaluation, hop: Evidence) -> dict[str, Any]:
    lines = evaluation.excerpts.get(str(hop.place), ())
    return {
        "kind": str(hop.kind),
        "role": str(hop.role),
        **_place(hop.place),
        "note": hop.note,
        "excerpt": [{"line": number, "text": text} for number, text in lines],
    }


def _place(place: Place) -> dict[str, Any]:
    return {"path": place.path, "line": place.line, "column": place.column, "symbol": place.symbol}


def _examined(counts: Any) -> dict[str, int]:
    return {"files": counts.files, "functions": counts.functions, "calls": counts.calls}
