"""What a broker's answer makes of its queues: effective settings, and where dead letters go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from quantafit.coupling import live
from quantafit.coupling.settings import effective, governing
from quantafit.model import (
    BindingState,
    BrokerState,
    ConsumerState,
    ExchangeState,
    Fact,
    Place,
    PolicyDefinition,
    PublisherState,
    QueueState,
)

HERE = Place("rabbit:/", 0)


def queue(name: str = "jobs", arguments: Mapping[str, Any] | None = None, **changes: Any) -> QueueState:
    values: dict[str, Any] = {"durable": True, "auto_delete": False, "exclusive": False, "type": "classic"}
    named = {f"x-{key.replace('_', '-')}": value for key, value in (arguments or {}).items()}
    return QueueState(name, place=Place(f"rabbit:/{name}", 0), arguments=named, **(values | changes))


def policy(
    pattern: str, priority: int = 0, operator: bool = False, to: str = "queues", **sets: Any
) -> PolicyDefinition:
    plain = {name.replace("_", "-"): value for name, value in sets.items()}
    return PolicyDefinition(f"p{priority}", pattern, to, priority, plain, HERE, operator)


def exchange(name: str, kind: str, alternate: str | None = None) -> ExchangeState:
    return ExchangeState(name, kind, True, HERE, alternate)


def bound(source: str, destination: str, key: str = "", to_exchange: bool = False) -> BindingState:
    return BindingState(source, destination, key, HERE, to_exchange)


def facts(*queues: QueueState, name: str = "jobs", **state: Any) -> Mapping[str, Fact]:
    """The facts about one queue of a broker that has the default exchange."""
    state["exchanges"] = (exchange("", "direct"), *state.pop("exchanges", ()))
    broker = BrokerState("rabbit", "/", "3.13.7", HERE, queues=queues, **state)
    return next(found.facts for found in live.queues([broker]) if found.queue == name)


GRAVES = queue("graves")
DEAD = {"dead_letter_exchange": "dead"}


def dead(
    arguments: Mapping[str, Any] | None = None, *bindings: BindingState, kind: str = "direct", **state: Any
) -> Any:
    state.setdefault("exchanges", (exchange("dead", kind),))
    return facts(queue(arguments=arguments or DEAD), GRAVES, bindings=bindings, **state)["dead_letter"].value


def test_an_argument_stands_before_a_policy_and_of_two_limits_the_smaller_one_holds():
    held = effective({"message-ttl": 60, "overflow": "reject-publish"}, {"message-ttl": 10, "overflow": "drop-head"})

    assert held == {"message-ttl": 10, "overflow": "reject-publish"}
    assert effective({"max-length": 1}, {"max-length": 5}) == {"max-length": 1}


def test_of_policies_the_highest_priority_holds_alone_and_operators_only_make_limits_smaller():
    policies = [
        policy("^jobs$", 1, max_length=10, expires=5),
        policy("jobs", 9, max_length=8),
        policy("", 1, operator=True, max_length=3, message_ttl=7),
        policy("^other$", 99, max_length=1),
        policy("", 99, to="exchanges", max_length=1),
        policy("", 99, to="quorum_queues", max_length=1),
    ]

    assert governing(policies, "jobs", "classic") == (
        {"max-length": 3, "message-ttl": 7},
        "policy p9 and operator policy p1",
    )


def test_the_brokers_own_word_on_policies_is_taken_before_what_is_worked_out():
    policies = (policy("", 1, expires=5),)

    assert facts(queue(policy={}), policies=policies)["store"].value is True
    assert facts(queue(policy=None), policies=policies)["store"].value is False


@pytest.mark.parametrize(
    "changes", [{"durable": False}, {"auto_delete": True}, {"exclusive": True}, {"arguments": {"expires": 1000}}]
)
def test_a_queue_that_may_go_away_is_not_durable(changes: dict[str, Any]):
    assert facts(queue(**changes))["store"].value is False


def test_a_durable_queue_is():
    assert facts(queue())["store"].value is True


def test_transient_messages_refute_and_others_say_nothing():
    assert facts(queue(transient_bytes=4))["persist"].value is False
    assert facts(queue(transient_bytes=0))["persist"].value is None
    assert facts(queue(transient_bytes=None))["persist"].value is None


def test_consumers_refute_when_one_acknowledges_on_delivery():
    good, bad = (ConsumerState("jobs", acknowledges, 1, "u", HERE) for acknowledges in (True, False))

    assert facts(queue(), consumers=(good,))["acknowledge"].value is None
    assert facts(queue(), consumers=(good, bad))["acknowledge"].value is False
    assert facts(queue(), queue("other"), name="other", consumers=(bad,))["acknowledge"].value is None


def test_publishers_without_confirms_refute_only_where_they_must_have_fed_the_queue():
    def confirm(to: str | None, *bindings: BindingState, confirms: bool = False) -> Any:
        publisher = PublisherState(to, confirms, "u", HERE)
        exchanges = (exchange("in", "topic"), exchange("next", "fanout"))
        state = facts(queue(), GRAVES, publishers=(publisher,), bindings=bindings, exchanges=exchanges)
        return state["confirm"].value

    assert confirm("in", bound("in", "jobs", "a")) is False
    assert confirm("in", bound("in", "next", "", True), bound("next", "jobs")) is False
    assert confirm("in", bound("in", "jobs", "a"), bound("in", "graves", "b")) == "unknown"
    assert confirm("in", bound("in", "graves", "b")) is None
    assert confirm("") == "unknown"
    assert confirm(None) == "unknown"
    assert confirm(None, confirms=True) is None


def test_an_export_says_nothing_of_what_runs():
    assert set(facts(queue(), running=False)) == {"store", "dead_letter"}


def test_dead_letters_go_by_the_queues_own_key_else_by_those_of_its_bindings_else_by_its_name():
    assert dead({**DEAD, "dead_letter_routing_key": "k"}, bound("dead", "graves", "k")) is True
    assert dead(DEAD, bound("dead", "graves", "jobs")) is True
    assert dead(DEAD, bound("dead", "graves", "other")) is False
    in_ = exchange("in", "direct"), exchange("dead", "direct")
    assert dead(DEAD, bound("in", "jobs", "a"), bound("dead", "graves", "a"), exchanges=in_) is True
    assert dead(DEAD, bound("in", "jobs", "a"), bound("dead", "graves", "jobs"), exchanges=in_) is False


def test_dead_letters_by_each_type_of_exchange():
    assert dead(DEAD, bound("dead", "graves"), kind="fanout") is True
    assert dead(DEAD, bound("dead", "graves", "#"), kind="topic") is True
    assert dead(DEAD, bound("dead", "graves", "jobs.*"), kind="topic") is False
    assert dead(DEAD, bound("dead", "graves"), kind="headers") == "unknown"
    assert dead(DEAD, kind="headers") is False
    assert dead({"dead_letter_exchange": "", "dead_letter_routing_key": "graves"}) is True
    assert dead({"dead_letter_exchange": "", "dead_letter_routing_key": "nowhere"}) is False


def test_dead_letters_over_further_exchanges():
    chain = (exchange("dead", "direct", alternate="rest"), exchange("rest", "fanout"))
    assert dead(DEAD, bound("rest", "graves"), exchanges=chain) is True
    assert dead(DEAD, bound("dead", "rest", "jobs", True), bound("rest", "graves"), exchanges=chain) is True
    ring = (bound("dead", "rest", "jobs", True), bound("rest", "dead", "", True))
    assert dead(DEAD, *ring, exchanges=chain) is False


def test_dead_letters_that_are_lost():
    assert facts(queue())["dead_letter"].value is False
    assert dead(DEAD, exchanges=()) is False
    assert dead(DEAD, bound("dead", "gone", "jobs")) is False
    assert dead(DEAD, bound("dead", "jobs", "jobs")) is False
    transient = facts(
        queue(arguments=DEAD), queue("graves", durable=False), bindings=(bound("dead", "graves", "jobs"),),
        exchanges=(exchange("dead", "direct"),),
    )  # fmt: skip
    assert "graves, which is transient" in transient["dead_letter"].reason


def test_whether_anybody_takes_the_dead_letters_is_said():
    state = {"bindings": (bound("dead", "graves", "jobs"),), "exchanges": (exchange("dead", "direct"),)}
    taken = (ConsumerState("graves", True, 1, "u", HERE),)

    assert facts(queue(arguments=DEAD), GRAVES, **state)["dead_letter"].reason.endswith("which nobody consumes")
    assert facts(queue(arguments=DEAD), GRAVES, **state, consumers=taken)["dead_letter"].reason.endswith("is consumed")
