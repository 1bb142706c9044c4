"""Records of experiments as a file: what is written is read again, and what was tampered with is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from quantafit.drills import read_records, records_text, schema
from quantafit.drills.records import parse_records
from quantafit.errors import UsageError
from quantafit.model import Count, Drive, Effect, Exercised, Experiment, Happening, PartKind, Proof, Sent

RECORD = Experiment(
    "twice",
    Proof.LOSS,
    interaction="invoices",
    seed=3,
    within=5.0,
    parts=(Exercised("broker", None, PartKind.BROKER), Exercised("job", "billing")),
    timeline=(Happening(0.1, "kill", ("job",), failed=True, note="it is no more"),),
    drives=(Drive("send", 0.0, 1.0, (Sent("a", 0.5, ok=False, error="503"),), away={"job": "killed"}),),
    counts=(Count("mails", 1.0, 2.0, (Effect("a", 2, 1.5),)),),
)


def document(**changes: Any) -> dict[str, Any]:
    """The record as JSON, with changes at its top."""
    (record,) = json.loads(records_text([RECORD]))["experiments"]
    return {"schema": "quantafit/experiments/1", "experiments": [record | changes]}


def test_what_is_written_is_read_again_and_fits_the_schema(tmp_path: Path) -> None:
    file = tmp_path / "records.json"
    file.write_text(records_text([RECORD]))
    assert read_records(file) == (RECORD,)
    jsonschema.validate(json.loads(file.read_text()), schema())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (document(drill=7), r"experiments\[0\].drill wants text, not '7'"),
        (document(proves="luck"), r"proves wants one of isolation, .*, not 'luck'"),
        (document(seed=True), "seed wants a whole number, not 'True'"),
        (document(seed=1.5), "seed wants a whole number, not '1.5'"),
        (document(within="5"), "within wants a number, not '5'"),
        (document(within=True), "within wants a number, not 'True'"),
        (document(embedded_broker=1), "embedded_broker wants true or false, not '1'"),
        (document(parts={}), "parts wants a list, not '{}'"),
        (document(parts=[7]), r"parts\[0\] wants an object, not '7'"),
        (document(drives=[{"workload": "send"}]), r"drives\[0\]: the key began is missing; records are made by"),
        (document(verdict="pass"), "unknown key 'verdict'; records are made by quantafit drill --record"),
        ({"schema": "quantafit/experiments/2", "experiments": []}, "its schema is not quantafit/experiments/1"),
        ({"schema": "quantafit/experiments/1", "experiments": {}}, "it must hold a list, experiments"),
        ({"schema": "quantafit/experiments/1", "experiments": [], "more": 1}, "and nothing else"),
        ([], "is no record of experiments"),
    ],
)
def test_a_record_that_is_none_is_refused_with_the_place(changed: object, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_records(json.dumps(changed), "records.json")


@pytest.mark.parametrize("text", ["{", "", "\x00", "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"records\.json is no JSON document"):
        parse_records(text, "records.json")


def test_a_file_that_cannot_be_read_or_is_far_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_records(tmp_path / "none.json")
    monkeypatch.setattr("quantafit.drills.records._LARGEST", 10)
    (tmp_path / "large.json").write_text(records_text([]))
    with pytest.raises(UsageError, match="is larger than 10 bytes"):
        read_records(tmp_path / "large.json")
