"""The functions that judge experiments, over values: kept, broken, and what proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from builders import architecture, interaction

from quantafit.fitness import evaluate
from quantafit.model import (
    Architecture,
    Count,
    CouplingMap,
    Coverage,
    Delivery,
    Drill,
    Drills,
    Drive,
    Effect,
    EvidenceKind,
    Exercised,
    Experiment,
    Experiments,
    Happening,
    Judgement,
    Mode,
    PartKind,
    Place,
    Proof,
    Replication,
    RuleSetting,
    Sent,
    Style,
    Verdict,
    digest_of,
)

CODE = "the code"
PARTS = (
    Exercised("customer.api", "customer"),
    Exercised("billing.job", "billing"),
    Exercised("rabbit", None, PartKind.BROKER),
)
RULES = {
    Proof.ISOLATION: "resilience/isolation",
    Proof.LATENCY: "resilience/latency",
    Proof.LOSS: "resilience/loss",
    Proof.RESTART: "resilience/restart",
    Proof.STALENESS: "replica/staleness",
    Proof.IDEMPOTENT_RECEIVER: "message/idempotent-receiver",
}


def declared(proof: Proof, **changes: Any) -> Architecture:
    """customer and billing, one interaction of each style, and one drill."""
    of_quantum = proof in (Proof.ISOLATION, Proof.LATENCY, Proof.RESTART)
    about = {"quantum": "customer"} if of_quantum else {"interaction": "link"}
    replication = Replication("price", "etl", 10.0)
    style = Style.REPLICATION if proof is Proof.STALENESS else Style.MESSAGE
    link = interaction("billing", "customer", id="link", style=style, replication=replication)
    drill = Drill("drill", proof, place=Place("quanta.yaml", 40), **about)
    return architecture(interactions=(link,), drills=Drills(experiments=(drill,)), **changes)


def recorded(system: Architecture, **changes: Any) -> Experiment:
    """A record of the drill, of this declaration and this code."""
    (drill,) = system.drills.experiments
    digest = digest_of(system, drill.name, drill.interaction)
    return replace(
        Experiment("drill", drill.proves, drill.quantum, drill.interaction, declaration=digest, code=CODE, parts=PARTS),
        **changes,
    )


def judge(system: Architecture, *records: Experiment, code: str = CODE) -> Judgement:
    coupling = CouplingMap(coverage=Coverage(kinds=(EvidenceKind.RUNTIME,)))
    judged = evaluate(system, coupling, experiments=Experiments(records, code), only_experiments=True)
    (judgement,) = [j for j in judged.judgements if j.rule == RULES[system.drills.experiments[0].proves]]
    return judgement


def did(at: float, what: str, *targets: str, **changes: Any) -> Happening:
    return Happening(at, what, targets, **changes)


def sent(*ids: str, at: float = 1.0, **changes: Any) -> tuple[Sent, ...]:
    return tuple(Sent(id, at, **changes) for id in ids)


def counted(*effects: Effect, began: float = 10.0, ended: float = 40.0) -> Count:
    return Count("seen", began, ended, effects, ended - began, 1.0)


def once(*ids: str, first: float = 12.0) -> tuple[Effect, ...]:
    return tuple(Effect(id, 1, first) for id in ids)


# What a record has to be ----------------------------------------------------------------------------------------------


def loss(**changes: Any) -> dict[str, Any]:
    """Two messages sent while the receiver was away; then the broker was killed, all came back, both had one effect."""
    values: dict[str, Any] = {
        "timeline": (
            did(0.0, "kill", "customer.api"),
            did(1.0, "drive", "send"),
            did(3.0, "kill", "rabbit"),
            did(4.0, "start", "customer.api", "rabbit"),
        ),
        "drives": (Drive("send", 1.0, 2.0, sent("a", "b"), {"customer.api": "killed"}, ("customer.api",)),),
        "counts": (counted(*once("a", "b")),),
    }
    return values | changes


def test_a_run_without_records_neither_passes_nor_fails_what_only_an_experiment_proves() -> None:
    judged = evaluate(declared(Proof.LOSS), CouplingMap())
    assert not any(judgement.rule in RULES.values() for judgement in judged.judgements)
    assert not set(judged.without_subject) & set(RULES.values())
    assert judged.left_to_experiments == ("resilience/loss",)


def test_without_drills_nothing_is_said_of_experiments() -> None:
    assert evaluate(architecture(), CouplingMap()).left_to_experiments == ()


def test_a_declared_drill_without_its_record_stops_the_run_that_is_about_experiments() -> None:
    judgement = judge(declared(Proof.LOSS))
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert judgement.stops_the_gate
    assert "drill drill is not in the record" in judgement.reason


@pytest.mark.parametrize(
    ("changes", "code", "why"),
    [
        ({"declaration": "another"}, CODE, "of another declaration"),
        ({"declaration": ""}, CODE, "of another declaration"),
        ({}, "newer code", "the code has changed since"),
        ({"problem": "rabbit does not come up"}, CODE, "was not carried through: rabbit does not come up"),
        ({"interaction": "other"}, CODE, "about something else"),
    ],
)
def test_a_record_of_something_else_proves_nothing(changes: dict[str, Any], code: str, why: str) -> None:
    system = declared(Proof.LOSS)
    judgement = judge(system, recorded(system, **loss(**changes)), code=code)
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert why in judgement.reason


def test_the_last_record_of_a_drill_counts() -> None:
    system = declared(Proof.LOSS)
    broken = recorded(system, **loss(counts=(counted(*once("a")),)))
    kept = recorded(system, **loss())
    assert judge(system, broken, kept).verdict is Verdict.PASS
    assert judge(system, kept, broken).verdict is Verdict.FAIL


def test_a_rule_that_is_turned_off_judges_no_record() -> None:
    system = replace(declared(Proof.LOSS), settings=(RuleSetting("resilience/loss", Mode.OFF, because="so"),))
    judged = evaluate(system, CouplingMap(), experiments=Experiments(()), only_experiments=True)
    assert not [j for j in judged.judgements if j.rule == "resilience/loss"]


# Loss -----------------------------------------------------------------------------------------------------------------


def test_each_accepted_message_had_one_effect() -> None:
    system = declared(Proof.LOSS)
    judgement = judge(system, recorded(system, **loss()))
    assert judgement.verdict is Verdict.PASS
    assert judgement.by_kind == {EvidenceKind.RUNTIME: Verdict.PASS}
    assert "2 accepted, each had one effect" in judgement.reason


def test_a_lost_message_is_named_with_the_time_line() -> None:
    system = declared(Proof.LOSS)
    judgement = judge(system, recorded(system, **loss(counts=(counted(*once("a")),))))
    (finding,) = judgement.findings
    assert judgement.verdict is Verdict.FAIL
    assert "1 of 2 accepted had no effect within 30.0 s: b" in finding.message
    assert [hop.note for hop in finding.path][2] == "3.0 s  kill rabbit"
    assert finding.path[0].place == Place("quanta.yaml", 40, 1, "kill")


def test_a_second_effect_is_a_finding() -> None:
    system = declared(Proof.LOSS)
    judgement = judge(system, recorded(system, **loss(counts=(counted(*once("a"), Effect("b", 3, 12.0)),))))
    assert "1 of 2 had more than one effect: b (3 times)" in judgement.findings[0].message


def test_what_was_refused_was_not_promised() -> None:
    system = declared(Proof.LOSS)
    items = (*sent("a"), *sent("b", ok=False, error="503"))
    drive = Drive("send", 1.0, 2.0, items, {"customer.api": "killed"}, ("customer.api",))
    assert (
        judge(system, recorded(system, **loss(drives=(drive,), counts=(counted(*once("a")),)))).verdict is Verdict.PASS
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"drives": (Drive("send", 1.0, 2.0, sent("a", "b")),)}, "no part of customer was away"),
        ({"drives": (Drive("send", 1.0, 2.0, (), {}, ("customer.api",)),)}, "nothing was sent and accepted"),
        (
            {"timeline": (did(0.0, "kill", "customer.api"), did(4.0, "start", "customer.api"))},
            "rabbit was not restarted",
        ),
        ({"timeline": (did(0.0, "kill", "rabbit"), did(0.5, "start", "rabbit"))}, "rabbit was not restarted"),
        ({"counts": ()}, "nothing was counted"),
        ({"counts": (counted(*once("a", "b"), began=1.5),)}, "sent after the last count began"),
        ({"parts": PARTS[:2]}, "no part is a broker"),
        ({"parts": PARTS[:2], "embedded_broker": True}, "no unit of billing was restarted"),
    ],
)
def test_an_experiment_that_did_not_exercise_loss_does_not_prove_it(changes: dict[str, Any], why: str) -> None:
    system = declared(Proof.LOSS)
    judgement = judge(system, recorded(system, **loss(**changes)))
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert why in judgement.reason


# Isolation and latency ------------------------------------------------------------------------------------------------


def alone(took: float = 0.02, how: str = "killed", before: float = 0.02, **changes: Any) -> dict[str, Any]:
    """One operation with all parts, and one with billing hindered."""
    item = {"operation": "order"}
    hindered = {"billing.job": how}
    values: dict[str, Any] = {
        "drives": (
            Drive("use", 0.0, 1.0, sent("a", took=before, **item)),
            Drive("use", 2.0, 3.0, sent("b", took=took, **item), hindered, ("billing.job",)),
        ),
        "slower_at_most": 3.0,
    }
    return values | changes


def refused() -> tuple[Drive, ...]:
    first, second = alone()["drives"]
    return (first, replace(second, sent=sent("b", ok=False, error="status 503", operation="order")))


@pytest.mark.parametrize(("proof", "how"), [(Proof.ISOLATION, "killed"), (Proof.LATENCY, "slow")])
def test_operations_that_are_as_quick_without_the_others_pass(proof: Proof, how: str) -> None:
    system = declared(proof)
    assert judge(system, recorded(system, **alone(how=how))).verdict is Verdict.PASS


@pytest.mark.parametrize(("proof", "how"), [(Proof.ISOLATION, "killed"), (Proof.LATENCY, "paused")])
def test_operations_that_get_slow_without_the_others_fail(proof: Proof, how: str) -> None:
    system = declared(proof)
    judgement = judge(system, recorded(system, **alone(took=0.2, how=how)))
    assert judgement.verdict is Verdict.FAIL
    assert "order is 10.0 times as slow" in judgement.findings[0].message


def test_an_operation_that_fails_without_the_others_is_named_with_its_error() -> None:
    system = declared(Proof.ISOLATION)
    judgement = judge(system, recorded(system, **alone(drives=refused())))
    assert "order failed 1 of 1 times with billing away (status 503)" in judgement.findings[0].message


def test_a_limit_in_seconds_holds_for_each_answer() -> None:
    system = declared(Proof.ISOLATION)
    judgement = judge(system, recorded(system, **alone(took=2.5, within=2.0, slower_at_most=None)))
    assert "order took 2.50 s" in judgement.findings[0].message


def test_times_that_no_clock_tells_apart_are_no_finding() -> None:
    """A look-alike: nine times as slow, and still under a hundredth of a second."""
    system = declared(Proof.ISOLATION)
    assert judge(system, recorded(system, **alone(before=0.001, took=0.009))).verdict is Verdict.PASS


def only_own_part_away() -> dict[str, Any]:
    first, second = alone()["drives"]
    return {"drives": (first, replace(second, disturbed=("billing.job", "customer.api")))}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"drives": alone()["drives"][:1]}, "nothing was driven while all parts of billing were away"),
        ({"drives": alone(how="slow")["drives"]}, "nothing was driven while all parts of billing were away"),
        ({"drives": alone()["drives"][1:]}, "nothing to compare order with"),
        ({"parts": PARTS[:1]}, "nothing says how billing runs"),
        ({"drives": alone(took=0.0, before=0.0)["drives"]}, "does not tell how long"),
        (only_own_part_away(), "nothing was driven while all parts of billing were away"),
    ],
)
def test_an_experiment_that_did_not_isolate_proves_nothing(changes: dict[str, Any], why: str) -> None:
    system = declared(Proof.ISOLATION)
    judgement = judge(system, recorded(system, **alone(**changes)))
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert why in judgement.reason


def test_latency_without_a_limit_proves_nothing() -> None:
    system = declared(Proof.LATENCY)
    judgement = judge(system, recorded(system, **alone(how="slow", slower_at_most=None)))
    assert "sets no limit" in judgement.reason


# Restart --------------------------------------------------------------------------------------------------------------


def back(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "timeline": (did(0.0, "kill", "customer.api"), did(1.0, "start", "customer.api", took=2.0)),
        "drives": (Drive("use", 3.5, 4.0, sent("a", at=3.6)),),
        "within": 5.0,
    }
    return values | changes


KILLED = did(0.0, "kill", "customer.api")
START = did(1.0, "start", "customer.api", took=2.0)
BROKEN_RESTARTS: list[tuple[dict[str, Any], str]] = [
    (
        {"timeline": (KILLED, replace(START, failed=True, note="the port is taken")), "problem": "the port is taken"},
        "customer.api did not come back: the port is taken",
    ),
    ({"timeline": (KILLED, replace(START, took=9.0))}, "took 9.0 s to come back; at most 5 s"),
    (
        {"timeline": (KILLED, START, did(4.0, "ended", "customer.api", note="ended with status 1"))},
        "came back and ended with status 1",
    ),
    (
        {"drives": (Drive("use", 3.5, 4.0, sent("a", ok=False, error="500")),)},
        "1 requests failed after the return (500)",
    ),
    ({"counts": (counted(),)}, "1 accepted had no effect"),
]


def test_a_unit_that_is_back_and_at_work_passes() -> None:
    system = declared(Proof.RESTART)
    assert judge(system, recorded(system, **back())).verdict is Verdict.PASS


@pytest.mark.parametrize(("changes", "said"), BROKEN_RESTARTS)
def test_a_unit_that_does_not_go_on_is_a_finding(changes: dict[str, Any], said: str) -> None:
    system = declared(Proof.RESTART)
    judgement = judge(system, recorded(system, **back(**changes)))
    assert judgement.verdict is Verdict.FAIL
    assert said in judgement.findings[0].message


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"timeline": (did(0.0, "stop", "customer.api"), START)}, "customer.api was not killed and started again"),
        ({"drives": (Drive("use", 0.2, 0.5, sent("a")),)}, "nothing was asked of customer after its return"),
        ({"parts": PARTS[1:]}, "no part belongs to customer"),
    ],
)
def test_a_restart_that_was_not_made_proves_nothing(changes: dict[str, Any], why: str) -> None:
    system = declared(Proof.RESTART)
    judgement = judge(system, recorded(system, **back(**changes)))
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert why in judgement.reason


# Staleness ------------------------------------------------------------------------------------------------------------


def changed(*effects: Effect, **changes: Any) -> dict[str, Any]:
    items = tuple(Sent(name, 1.0, operation=name) for name in ("insert", "update", "delete"))
    values: dict[str, Any] = {
        "drives": (Drive("change", 0.0, 2.0, items),),
        "counts": (counted(*effects, began=2.0, ended=30.0),),
    }
    return values | changes


ALL_THREE = once("insert", "update", "delete", first=4.0)


def test_changes_that_arrive_in_time_pass() -> None:
    system = declared(Proof.STALENESS)
    judgement = judge(system, recorded(system, **changed(*ALL_THREE)))
    assert judgement.verdict is Verdict.PASS
    assert "3 changes arrived, the last after 3.0 s of 10 s" in judgement.reason


@pytest.mark.parametrize(
    ("effects", "within", "said"),
    [
        (ALL_THREE[:2], None, "delete delete had not arrived after 29.0 s; at most 10 s"),
        ((*ALL_THREE[:2], Effect("delete", 1, 15.0)), None, "arrived after 14.0 s; at most 10 s"),
        (ALL_THREE, 2.0, "arrived after 3.0 s; at most 2 s"),
    ],
)
def test_a_change_that_is_late_or_never_comes_fails(
    effects: tuple[Effect, ...], within: float | None, said: str
) -> None:
    system = declared(Proof.STALENESS)
    judgement = judge(system, recorded(system, **changed(*effects, within=within)))
    assert judgement.verdict is Verdict.FAIL
    assert said in judgement.findings[0].message


def test_who_has_not_waited_long_enough_cannot_tell() -> None:
    system = declared(Proof.STALENESS)
    early = (counted(*ALL_THREE[:2], began=2.0, ended=8.0),)
    judgement = judge(system, recorded(system, **changed(counts=early)))
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert "had not arrived after 7.0 s of 10 s" in judgement.reason


def test_without_a_delete_nothing_is_proved() -> None:
    system = declared(Proof.STALENESS)
    drives = (Drive("change", 0.0, 2.0, changed()["drives"][0].sent[:2]),)
    judgement = judge(system, recorded(system, **changed(*ALL_THREE, drives=drives)))
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert "no delete was made" in judgement.reason


# Copies ---------------------------------------------------------------------------------------------------------------


def copied(times: int = 1, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "drives": (
            Drive("send", 0.0, 1.0, sent("a", at=0.5)),
            Drive("again", 5.0, 6.0, (*sent("a", at=5.1), *sent("behind", at=5.2))),
        ),
        "counts": (counted(Effect("a", times, 2.0), *once("behind")),),
    }
    return values | changes


def test_a_copy_without_a_second_effect_passes() -> None:
    system = declared(Proof.IDEMPOTENT_RECEIVER)
    assert judge(system, recorded(system, **copied())).verdict is Verdict.PASS


def test_a_copy_with_a_second_effect_fails() -> None:
    system = declared(Proof.IDEMPOTENT_RECEIVER)
    judgement = judge(system, recorded(system, **copied(times=2)))
    assert "1 of 1 that were sent again had more than one effect: a (2 times)" in judgement.findings[0].message


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"drives": copied()["drives"][:1]}, "nothing was sent twice"),
        ({"counts": (counted(Effect("a", 1, 5.5), *once("behind")),)}, "too early, before it had its effect"),
        ({"counts": (counted(Effect("a", 1, 2.0)),)}, "nothing shows that the copies were handled"),
        ({"counts": (counted(*once("behind")),)}, "had no effect at all"),
    ],
)
def test_a_copy_that_may_never_have_been_handled_proves_nothing(changes: dict[str, Any], why: str) -> None:
    system = declared(Proof.IDEMPOTENT_RECEIVER)
    judgement = judge(system, recorded(system, **copied(**changes)))
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert why in judgement.reason


KEPT: list[tuple[Proof, Callable[[], dict[str, Any]]]] = [
    (Proof.LOSS, loss),
    (Proof.ISOLATION, alone),
    (Proof.RESTART, back),
    (Proof.STALENESS, lambda: changed(*ALL_THREE)),
    (Proof.IDEMPOTENT_RECEIVER, copied),
]


@pytest.mark.parametrize(("proof", "kept"), KEPT)
def test_an_empty_record_passes_nothing(proof: Proof, kept: Callable[[], dict[str, Any]]) -> None:
    """What makes a record pass is what was done in it: without that it proves nothing."""
    system = declared(proof)
    assert judge(system, recorded(system, **kept())).verdict is Verdict.PASS
    assert judge(system, recorded(system)).verdict is Verdict.NOT_EVALUATED


# Dead letters: one kind of evidence more ------------------------------------------------------------------------------


def poisoned(
    aside: tuple[str, ...] = ("bad",), arrived: tuple[str, ...] = ("a", "b"), **changes: Any
) -> dict[str, Any]:
    """One message that cannot be handled, between two that can."""
    items = (*sent("a"), *sent("bad", poison=True), *sent("b"))
    values: dict[str, Any] = {
        "drives": (Drive("send", 0.0, 2.0, items),),
        "counts": (Count("dead-letters", 3.0, 5.0, once(*aside)), counted(*once(*arrived))),
    }
    return values | changes


def dead_letters(*records: Experiment, only_experiments: bool = True) -> Judgement:
    system = declared(Proof.DEAD_LETTER)
    (link,) = system.interactions
    system = replace(system, interactions=(replace(link, delivery=Delivery(dead_letter=True)),))
    stamped = [replace(one, declaration=digest_of(system, "drill", "link")) for one in records]
    coupling = CouplingMap(coverage=Coverage(kinds=(EvidenceKind.RUNTIME,)))
    experiments = Experiments(tuple(stamped), CODE)
    judged = evaluate(system, coupling, experiments=experiments, only_experiments=only_experiments)
    (judgement,) = [j for j in judged.judgements if j.rule == "message/dead-letter"]
    return judgement


def test_poison_that_is_set_aside_while_the_others_arrive_passes() -> None:
    judgement = dead_letters(recorded(declared(Proof.DEAD_LETTER), **poisoned()))
    assert judgement.verdict is Verdict.PASS
    assert "bad was set aside, and the 2 others arrived" in judgement.reason


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (poisoned(aside=()), "bad cannot be handled, and was not set aside"),
        (poisoned(arrived=("a",)), "1 of 2 had no effect, with poison among them: b"),
    ],
)
def test_poison_that_stays_or_blocks_is_a_finding(changes: dict[str, Any], said: str) -> None:
    judgement = dead_letters(recorded(declared(Proof.DEAD_LETTER), **changes))
    assert judgement.verdict is Verdict.FAIL
    assert said in judgement.findings[0].message


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"drives": (Drive("send", 0.0, 2.0, sent("a", "b")),)}, "nothing was sent that cannot be handled"),
        ({"drives": (Drive("send", 0.0, 2.0, sent("bad", poison=True)),)}, "nothing was sent behind"),
        ({"counts": poisoned()["counts"][1:]}, "has to count dead-letters"),
    ],
)
def test_without_poison_or_its_count_nothing_is_proved(changes: dict[str, Any], why: str) -> None:
    judgement = dead_letters(recorded(declared(Proof.DEAD_LETTER), **poisoned(**changes)))
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert why in judgement.reason


def test_in_a_run_with_other_evidence_the_record_is_one_kind_more() -> None:
    record = recorded(declared(Proof.DEAD_LETTER), **poisoned(aside=()))
    assert dead_letters(record, only_experiments=False).by_kind[EvidenceKind.RUNTIME] is Verdict.FAIL
    assert "is not in the record" in dead_letters(only_experiments=False).reason
