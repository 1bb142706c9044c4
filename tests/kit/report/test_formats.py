"""Every format says the same thing of the same evaluation, each in its own way, always in the same bytes."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from quantafit import report
from quantafit.errors import UsageError
from quantafit.model import (
    Architecture,
    CouplingMap,
    Evaluation,
    EvidenceKind,
    Judgement,
    Mode,
    Place,
    Subject,
    Unresolved,
    Verdict,
)
from quantafit.report import terminal

Golden = Callable[[str, str], None]
SUFFIXES = {
    "terminal": "txt", "json": "json", "observed": "json", "markdown": "md",
    "mermaid": "mmd", "github": "txt", "junit": "xml",
}  # fmt: skip


def test_every_format_has_a_golden_file() -> None:
    """A new format is held against one as soon as it exists."""
    assert set(report.formats()) == set(SUFFIXES)


@pytest.mark.parametrize("name", sorted(SUFFIXES))
def test_a_failed_gate_reads_as_reviewed(name: str, evaluation: Evaluation, golden: Golden) -> None:
    """The whole text of each format, reviewed once."""
    golden(f"failed-{name}.{SUFFIXES[name]}", report.render(name, evaluation))


def test_a_passed_gate_reads_as_reviewed(passed_evaluation: Evaluation, golden: Golden) -> None:
    """Short: nothing to do, what was examined."""
    golden("passed-terminal.txt", report.render("terminal", passed_evaluation))


@pytest.mark.parametrize("name", sorted(SUFFIXES))
def test_no_format_shows_a_secret(name: str, evaluation: Evaluation) -> None:
    """The sample's code holds a password, a URL with credentials and a card number."""
    text = report.render(name, evaluation)
    for secret in ("s3cr3t", "hunter2", "4111"):
        assert secret not in text


@pytest.mark.parametrize("name", sorted(SUFFIXES))
def test_an_empty_evaluation_has_a_report(name: str) -> None:
    """No quanta, no judgements: still a document, ending in one newline."""
    text = report.render(name, Evaluation(Architecture("empty"), CouplingMap(), (), {}))
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_an_unknown_format_is_wrong_use(evaluation: Evaluation) -> None:
    """The message names what there is."""
    with pytest.raises(UsageError, match=r"no report format 'html'.*json.*terminal"):
        report.render("html", evaluation)


# Terminal -----------------------------------------------------------------------------------------------------------


def test_the_verdict_comes_first(evaluation: Evaluation, passed_evaluation: Evaluation) -> None:
    """One line, before anything else."""
    first = report.render("terminal", evaluation).splitlines()[0]
    assert first == "GATE FAILED: 1 failed, 2 not evaluated, 1 warning, 1 waived, 4 passed"
    assert report.render("terminal", passed_evaluation).startswith("GATE PASSED: 4 passed")


def test_what_could_not_be_seen_is_said_beside_the_verdict(evaluation: Evaluation) -> None:
    """A pass over half the code is not the same pass."""
    assert report.render("terminal", evaluation).splitlines()[2] == (
        "1 place could not be examined, 1 call is unresolved."
    )


def test_prose_fits_into_80_columns_and_places_are_never_cut(evaluation: Evaluation) -> None:
    """Only places and code may be wider, since a cut place can't be clicked and wrapped code can't be read."""
    text = report.render("terminal", evaluation, width=80)
    wide = [line for line in text.splitlines() if len(line) > 80]
    assert all(re.search(r"\.py:\d+|^ +>? *\d+ \|", line) for line in wide)
    assert "src/shop/messaging/amqp_adapter_with_a_very_long_module_name_for_this_test/publisher.py:88 " in text


def test_colour_only_adds_to_words(evaluation: Evaluation) -> None:
    """Without the escape sequences a coloured report is the plain one."""
    coloured = report.render("terminal", evaluation, colour=True)
    assert "\x1b[" in coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in plain.splitlines()] == report.render("terminal", evaluation).splitlines()


def test_a_report_for_an_ascii_terminal_is_ascii(evaluation: Evaluation) -> None:
    """Arrows and quotation marks have their usual stand-ins."""
    text = report.render("terminal", evaluation, ascii_only=True)
    assert text.isascii()
    assert "invoice-issued (billing -> customer)" in text
    row = next(line for line in text.splitlines() if line.startswith("customer -> billing"))
    above = next(line for line in text.splitlines() if line.startswith("ticket-created"))
    assert row.index("warn 1/1") == above.index("waived 1/2")


def test_no_cell_of_the_matrix_is_silent(evaluation: Evaluation) -> None:
    """A kind that was not collected, and a subject that nobody judged, are marked and the marks are explained."""
    text = report.render("terminal", evaluation)
    row = next(line for line in text.splitlines() if line.startswith("survey-submitted"))
    assert row.split() == ["survey-submitted", "?", "2/2", "?", "2/2", "?", "-"]
    assert "? not evaluated; - not collected." in text


def test_a_kind_that_was_not_collected_is_not_called_not_evaluated(evaluation: Evaluation) -> None:
    """A fitness function says of every kind what it says alone; that nobody collected the kind is the reason."""
    judgement = evaluation.judgements[0]
    by_kind = {**judgement.by_kind, EvidenceKind.RUNTIME: Verdict.NOT_EVALUATED}
    judged = dataclasses.replace(judgement, by_kind=by_kind)
    text = report.render("json", dataclasses.replace(evaluation, judgements=(judged,)))
    assert json.loads(text)["matrix"][0]["kinds"]["runtime"]["state"] == "not_collected"


def test_an_interaction_that_nothing_judges_has_a_row_all_the_same(evaluation: Evaluation) -> None:
    """Otherwise a misspelt selection would look like a pass."""
    text = report.render("terminal", dataclasses.replace(evaluation, judgements=()))
    assert re.search(r"^invoice-issued +\? +\? +\? +-$", text, re.MULTILINE)


def test_a_gate_that_fails_only_for_want_of_proof_says_so(evaluation: Evaluation) -> None:
    """The reader must not look for a finding that isn't there."""
    unproven = tuple(judgement for judgement in evaluation.judgements if judgement.verdict is not Verdict.FAIL)
    text = report.render("terminal", dataclasses.replace(evaluation, judgements=unproven))
    assert text.startswith("GATE FAILED: 2 not evaluated, 1 waived, 4 passed\n")
    assert "Nothing failed, but what is enforced and not proved does not pass." in text


def test_what_ended_in_an_error_is_grouped_by_its_cause(evaluation: Evaluation) -> None:
    """One file that cannot be parsed is one entry, however many functions needed it."""
    kept = next(judgement for judgement in evaluation.judgements if judgement.verdict is Verdict.PASS)
    broken = dataclasses.replace(kept, verdict=Verdict.ERROR, by_kind={}, reason="a.py:1: cannot be parsed")
    other = dataclasses.replace(broken, rule="quantum/unresolved")
    text = report.render("terminal", dataclasses.replace(evaluation, judgements=(broken, other)))
    assert text.startswith("GATE FAILED: 2 in error\nshop")
    assert text.count("a.py:1: cannot be parsed (stops the gate)") == 1


def test_why_and_general_ways_out_are_said_once_for_each_rule(evaluation: Evaluation) -> None:
    """The second failure of the same rule refers to the first; its own ways out are still there."""
    failure = next(judgement for judgement in evaluation.judgements if judgement.verdict is Verdict.FAIL)
    text = report.render("terminal", dataclasses.replace(evaluation, judgements=(failure, failure)))
    assert text.count("Why it matters\n") == 1
    assert "as above for message/persistent" in text
    assert text.count("Give basic_publish the properties") == 2


def test_a_long_list_of_unresolved_calls_says_how_many_are_left_out(evaluation: Evaluation) -> None:
    """Nothing disappears without being counted."""
    many = tuple(Unresolved("customer", "httpx.get", "Unknown.", Place("a.py", line)) for line in range(1, 101))
    text = report.render("terminal", dataclasses.replace(evaluation, coupling=CouplingMap(unresolved=many)))
    assert "Unresolved (100)" in text
    assert "... and 60 more" in text


def test_a_function_that_is_off_is_not_counted(evaluation: Evaluation) -> None:
    """It was not judged."""
    off = Judgement("data/placement", Subject("quantum", "customer"), Verdict.FAIL, mode=Mode.OFF)
    text = report.render("terminal", dataclasses.replace(evaluation, judgements=(*evaluation.judgements, off)))
    assert text.startswith("GATE FAILED: 1 failed, 2 not evaluated, 1 warning, 1 waived, 4 passed")


def test_one_judgement_can_be_shown_alone(evaluation: Evaluation) -> None:
    """What a failed test prints is the report's own text, complete in itself."""
    failure = next(judgement for judgement in evaluation.judgements if judgement.verdict is Verdict.FAIL)
    text = terminal.judgement_text(evaluation, failure)
    assert text.startswith("FAIL  ADR-5 · message/persistent  invoice-issued (billing → customer)\n")
    assert "> 41 | self.transport.publish" in text
    assert text.rstrip("\n") in report.render("terminal", evaluation)


# Documents ----------------------------------------------------------------------------------------------------------


def closed(schema: Any) -> Any:
    """The schema with no other fields allowed anywhere: what is printed and what is described must be the same."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: closed(value) for key, value in schema.items()}
    return {**strict, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else strict


@pytest.mark.parametrize("name", ["json", "observed"])
def test_a_document_has_the_fields_of_its_schema_and_no_others(name: str, evaluation: Evaluation) -> None:
    """The shipped schema is the whole truth about the shape."""
    schema = json.loads(report.schema(name))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(report.render(name, evaluation)), closed(schema))


@pytest.mark.parametrize("name", ["json", "observed"])
def test_a_schema_refuses_a_document_without_one_of_its_fields(name: str, evaluation: Evaluation) -> None:
    """Fields are required: a reader may rely on them."""
    document = json.loads(report.render(name, evaluation))
    for field in document:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(
                {key: value for key, value in document.items() if key != field}, json.loads(report.schema(name))
            )


def test_only_documents_have_a_schema() -> None:
    """Asking for another is wrong use."""
    with pytest.raises(UsageError, match="'terminal' has no JSON Schema"):
        report.schema("terminal")


def test_a_delivery_fact_names_its_evidence_by_position(evaluation: Evaluation) -> None:
    """The position counts in the record's own evidence, which holds everything that a fact rests on."""
    record = json.loads(report.render("observed", evaluation))["interactions"][0]
    declared = record["delivery"]["store"]["evidence"]
    assert [record["evidence"][position]["path"] for position in declared] == ["src/shop/customer/intake.py"]
    assert [record["evidence"][position]["role"] for position in declared] == ["declare"]


def test_the_call_is_the_first_evidence_and_the_way_to_the_library_follows(evaluation: Evaluation) -> None:
    """Readers take the first place for the site."""
    record = json.loads(report.render("observed", evaluation))["interactions"][0]
    assert [item["role"] for item in record["evidence"][:4]] == ["call", "via", "via", "consumer"]


def test_an_import_between_quanta_is_a_record(evaluation: Evaluation) -> None:
    """An import is a synchronous coupling in the same process; one for type checkers only is none."""
    edge = evaluation.coupling.imports[0]
    hints = dataclasses.replace(edge, type_checking_only=True)
    for edges, expected in (((edge,), 1), ((hints,), 0)):
        coupling = dataclasses.replace(evaluation.coupling, imports=edges)
        records = json.loads(report.render("observed", dataclasses.replace(evaluation, coupling=coupling)))[
            "interactions"
        ]
        assert [record["mechanism"] for record in records].count("import") == expected


def test_junit_counts_what_stops_the_gate(evaluation: Evaluation) -> None:
    """A failure is a failure, a missing proof an error; warnings and waivers are skipped, not failed."""
    root = ElementTree.fromstring(report.render("junit", evaluation))
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "9", "failures": "1", "errors": "2", "skipped": "2",
    }  # fmt: skip


def test_an_annotation_stays_on_one_line(evaluation: Evaluation) -> None:
    """A line end in a message would end the command, and could begin another one."""
    failure = next(judgement for judgement in evaluation.judgements if judgement.findings)
    finding = dataclasses.replace(failure.findings[0], message="first\n::error::second")
    judged = dataclasses.replace(failure, findings=(finding,))
    lines = report.render("github", dataclasses.replace(evaluation, judgements=(judged,))).splitlines()
    assert lines[0].endswith("::first%0A::error::second")


def test_markup_in_the_system_under_examination_stays_text(evaluation: Evaluation) -> None:
    """A reason is data, not Markdown."""
    judgement = Judgement("x/y", Subject("quantum", "customer"), Verdict.NOT_EVALUATED, reason="<img src=x> | `a`")
    text = report.render("markdown", dataclasses.replace(evaluation, judgements=(judgement,)))
    assert "\\<img src=x\\> \\| \\`a\\`" in text


def test_kinds_are_judged_alone_in_the_matrix(evaluation: Evaluation) -> None:
    """Configuration passes what source fails: both are shown."""
    row = json.loads(report.render("json", evaluation))["matrix"][0]
    assert row["kinds"][EvidenceKind.SOURCE]["state"] == "fail"
    assert row["kinds"][EvidenceKind.CONFIGURATION]["state"] == "pass"


def test_what_was_observed_reads_as_reviewed(evaluation: Evaluation, golden: Golden) -> None:
    """Every site with its path and its delivery facts, without a verdict."""
    golden("observed-terminal.txt", terminal.render_observed(evaluation))


def test_an_explanation_reads_as_reviewed(evaluation: Evaluation, golden: Golden) -> None:
    """One fitness function, in 80 columns; and all of them in a list."""
    golden("card-terminal.txt", terminal.render_card(evaluation.cards["message/persistent"]))
    golden("cards-terminal.txt", terminal.render_cards(evaluation.cards))


def test_a_picture_without_judgements_shows_no_verdicts(evaluation: Evaluation) -> None:
    """Only what nobody declared has a colour."""
    text = report.render("mermaid", dataclasses.replace(evaluation, judgements=()))
    assert [line.strip() for line in text.splitlines() if "linkStyle" in line] == [
        "linkStyle 3 stroke:#c0392b,color:#c0392b"
    ]
