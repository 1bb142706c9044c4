"""evidence/contradiction, message/dead-letter and the runtime kind of the delivery functions, over values."""

from __future__ import annotations

from typing import Any

from builders import architecture, coverage, delivered, fact, interaction, judged, observed, place, receiver, seen

from quantafit.fitness import evaluate
from quantafit.model import (
    BrokerState,
    CouplingMap,
    Delivery,
    Evidence,
    EvidenceKind,
    Fact,
    Judgement,
    LiveEvidence,
    LiveFailure,
    LiveQueue,
    Place,
    QueueStatement,
    Role,
)

RULE = "evidence/contradiction"
AT = {
    EvidenceKind.SOURCE: place("billing", 30),
    EvidenceKind.CONFIGURATION: Place("definitions.json", 5),
    EvidenceKind.RUNTIME: Place("rabbit:/cards", 0),
}
SOURCE, CONFIGURATION, RUNTIME = AT
DEMANDS = Delivery(durable=True, dead_letter=True)
DECLARED = architecture(interactions=(interaction(channel="cards", delivery=DEMANDS),))
ASKED = LiveEvidence((BrokerState("rabbit", "/", "3.13.7", Place("rabbit:/", 0)),))
SILENT = LiveEvidence(failures=(LiveFailure("broker", "rabbit", "it is down", Place("quanta.yaml", 9)),))


def says(kind: EvidenceKind, at: Place | None = None, **settings: str) -> QueueStatement:
    """What one kind says of the queue of cards; code says what it says, the others say all."""
    evidence = Evidence(kind, Role.DECLARE, at or AT[kind], "queue cards")
    named = {name.replace("_", "-"): (value, evidence) for name, value in settings.items()}
    return QueueStatement("cards", evidence, named, complete=kind is not SOURCE)


def observed_with(*statements: QueueStatement, **changes: Any) -> CouplingMap:
    good = receiver(facts={**receiver().facts, "dead_letter": fact(True)})
    return observed(delivered(receivers=(good,)), queue_statements=statements, **changes)


def judge(*statements: QueueStatement, rule: str = RULE, **changes: Any) -> Judgement:
    return judged(rule, "customer-billing", DECLARED, observed_with(*statements, **changes))


def on_broker(**facts: Fact) -> dict[str, Any]:
    return {"live": ASKED, "live_queues": (LiveQueue("rabbit", "cards", AT[RUNTIME], facts),)}


def runtime(value: Any, reason: str = "rabbit says so") -> Fact:
    return Fact(value, reason, (seen(AT[RUNTIME], Role.DECLARE, RUNTIME),))


def test_kinds_that_agree_pass_together():
    judgement = judge(says(SOURCE, durable="true"), says(CONFIGURATION, durable="true"))

    assert judgement.verdict == "pass"
    assert judgement.reason == "the code and the definitions say the same of cards"


def test_kinds_that_differ_fail_with_all_places():
    judgement = judge(
        says(SOURCE, durable="true"), says(CONFIGURATION, durable="true"), says(RUNTIME, durable="false"),
        **on_broker(),
    )  # fmt: skip

    (finding,) = judgement.findings
    assert judgement.verdict == "fail"
    assert finding.kind is RUNTIME
    assert finding.place == AT[RUNTIME]
    assert [hop.place for hop in finding.path] == list(AT.values())
    assert "the code: true (billing/cards.py:30); the definitions: true (definitions.json:5)" in finding.message


def test_one_kind_alone_has_nothing_to_differ_from():
    evaluated = evaluate(DECLARED, observed_with(says(SOURCE, durable="true")))

    assert RULE in evaluated.without_subject


def test_of_several_files_of_definitions_one_has_to_agree():
    other = Place("staging.json", 5)
    files = says(CONFIGURATION, max_length="5"), says(CONFIGURATION, other, max_length="9")

    assert judge(says(SOURCE, max_length="9"), *files).verdict == "pass"
    assert judge(says(SOURCE, max_length="7"), *files).verdict == "fail"


def test_what_a_complete_statement_leaves_out_is_not_set():
    assert judge(says(SOURCE, message_ttl="60"), says(CONFIGURATION)).verdict == "fail"
    assert judge(says(SOURCE), says(CONFIGURATION, message_ttl="60")).verdict == "pass"
    assert judge(says(CONFIGURATION), says(RUNTIME, message_ttl="60"), **on_broker()).verdict == "fail"
    assert judge(says(CONFIGURATION), says(RUNTIME, overflow="drop-head"), **on_broker()).verdict == "pass"
    assert judge(says(CONFIGURATION), says(RUNTIME, ha_mode="all"), **on_broker()).verdict == "pass"


def test_a_queue_that_only_the_definitions_have_is_missing_on_the_broker():
    judgement = judge(says(SOURCE), says(CONFIGURATION), live=ASKED)

    assert judgement.verdict == "fail"
    assert "rabbit has not" in judgement.findings[0].message


def test_a_server_that_does_not_answer_is_a_subject_of_its_own():
    judgement = judged(RULE, "live broker rabbit", DECLARED, observed_with(live=SILENT))

    assert judgement.verdict == "error"
    assert judgement.stops_the_gate
    assert judgement.reason == "broker rabbit: it is down"


def test_a_silent_broker_is_an_error_of_each_function_about_delivery_and_leaves_the_other_kinds_theirs():
    for rule in ("message/durable", "message/dead-letter"):
        judgement = judge(rule=rule, live=SILENT)

        assert judgement.verdict == "error"
        assert judgement.by_kind[RUNTIME] == "not_evaluated"  # as it was not to be collected
        assert judgement.by_kind[SOURCE] == "pass"
        assert judgement.reason == "broker rabbit: it is down"


def test_a_queue_that_the_broker_has_not_is_a_doubt():
    judgement = judge(rule="message/durable", live=ASKED)

    assert judgement.verdict == "not_evaluated"
    assert "rabbit has no queue cards" in judgement.reason


def test_the_broker_refutes_what_the_code_shows():
    judgement = judge(rule="message/durable", **on_broker(store=runtime(False)))

    assert judgement.verdict == "fail"
    assert judgement.findings[0].kind is RUNTIME
    assert judgement.by_kind[SOURCE] == "pass"


def test_a_doubt_of_the_broker_stands_in_the_way():
    judgement = judge(rule="message/dead-letter", **on_broker(dead_letter=runtime("unknown", "routed by headers")))

    assert judgement.verdict == "not_evaluated"
    assert "routed by headers" in judgement.reason


def test_what_the_broker_cannot_tell_changes_nothing():
    assert judge(rule="message/durable", **on_broker(store=runtime(None))).verdict == "pass"


def open_queue(**changes: Any) -> CouplingMap:
    """A queue that no code declares."""
    untold = receiver(facts={**receiver().facts, "store": Fact("unknown", "no declaration of the queue was found")})
    return observed(delivered(receivers=(untold,)), **changes)


def test_the_broker_proves_what_the_code_leaves_open():
    def verdict(seen: CouplingMap) -> str:
        return judged("message/durable", "customer-billing", DECLARED, seen).verdict

    told = on_broker(store=runtime(True))
    assert verdict(open_queue()) == "not_evaluated"
    assert verdict(open_queue(**told)) == "not_evaluated"  # this kind was not to be collected
    assert verdict(open_queue(**told, coverage=coverage("customer", "billing", kinds=tuple(AT)))) == "pass"
