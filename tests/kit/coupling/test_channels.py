"""The channel join: from the publisher over exchanges and bindings to the queue and whoever consumes it."""

from __future__ import annotations

import re
from functools import cache

import pytest
from coupling_builders import coupled, only, reached, seen
from hypothesis import example, given
from hypothesis import strategies as st

from quantafit.coupling.resolve import HOLE
from quantafit.model import (
    Acknowledgement,
    Configuration,
    CouplingMap,
    ExchangeDefinition,
    Place,
    PolicyDefinition,
    QueueBinding,
    QueueDefinition,
)
from quantafit.model.observations import Observation
from quantafit.model.terms import Joined, Literal, OneOf, Term, Unknown

HERE = Place("definitions.json", 1)


def publish(
    key: object, exchange: object = "", quantum: str = "customer", line: int = 1, **more: object
) -> Observation:
    slots = {"delivery_mode": 2, "confirms": True, **more}
    return seen(quantum, "publish", line, exchange=exchange, routing_key=key, **slots)


def consume(queue: object, quantum: str = "billing", **more: object) -> Observation:
    return seen(quantum, "subscribe", 5, queue=queue, **{"auto_ack": False, **more})


def queue(name: object, quantum: str = "billing", line: int = 6, **more: object) -> Observation:
    slots = {"durable": True, "exclusive": False, "auto_delete": False, "passive": False, **more}
    return seen(quantum, "declare_queue", line, queue=name, **slots)


def exchange(name: str, kind: str = "direct", quantum: str = "billing") -> Observation:
    return seen(quantum, "declare_exchange", 7, exchange=name, type=kind, durable=True)


def bind(to: str, exchange_: str, key: object, quantum: str = "billing") -> Observation:
    return seen(quantum, "bind", 8, queue=to, exchange=exchange_, routing_key=key)


def targets(found: CouplingMap) -> set[str | None]:
    return {one.target for one in found.crossings}


# Exchanges ----------------------------------------------------------------------------------------------------------


def test_the_default_exchange_takes_a_message_to_the_queue_that_its_key_names() -> None:
    found = coupled([publish("jobs"), consume("jobs"), consume("other", "sysops")])
    assert reached(found) == {("customer", "billing", "jobs")}


def test_two_quanta_that_consume_one_queue_are_two_targets() -> None:
    assert targets(coupled([publish("jobs"), consume("jobs"), consume("jobs", "sysops")])) == {"billing", "sysops"}


def test_a_message_to_oneself_is_no_crossing() -> None:
    assert coupled([publish("jobs"), consume("jobs", "customer")]).crossings == ()


@pytest.mark.parametrize(
    ("kind", "pattern", "key", "arrives"),
    [
        ("direct", "a.b", "a.b", True),
        ("direct", "a.*", "a.b", False),
        ("direct", "#", "a.b", False),
        ("topic", "a.*", "a.b", True),
        ("topic", "a.*", "a.b.c", False),
        ("topic", "a.#", "a", True),
        ("topic", "a.#", "a.b.c", True),
        ("topic", "#", "", True),
        ("topic", "*", "", False),
        ("topic", "*.b", "a.b", True),
        ("topic", "#.b", "b", True),
        ("topic", "a.#.b", "a.b", True),
        ("topic", "a.#.b", "a.x.y.b", True),
        ("topic", "a.#.b", "a.x.y", False),
        ("topic", "a+b", "aab", False),
        ("fanout", "anything", "else", True),
        ("headers", "", "x", True),
    ],
)
def test_an_exchange_routes_by_its_type(kind: str, pattern: str, key: str, arrives: bool) -> None:
    found = coupled(
        [publish(key, "events"), exchange("events", kind), bind("jobs", "events", pattern), consume("jobs")]
    )
    assert ("billing" in targets(found)) == arrives


def test_an_unknown_key_on_an_exchange_may_reach_every_queue_that_is_bound() -> None:
    found = coupled(
        [
            publish(Unknown("made at run time"), "events"),
            exchange("events", "topic"),
            bind("jobs", "events", "a.*"),
            consume("jobs"),
        ]
    )
    assert "billing" in targets(found) or found.unresolved


def test_an_exchange_of_unknown_type_may_match_patterns() -> None:
    assert "billing" in targets(coupled([publish("a.b", "events"), bind("jobs", "events", "a.*"), consume("jobs")]))


def test_an_unknown_exchange_is_unresolved() -> None:
    assert coupled([publish("jobs", Unknown("made at run time")), consume("jobs")]).unresolved


def test_an_unknown_key_on_the_default_exchange_is_unresolved() -> None:
    found = coupled([publish(Unknown("made at run time")), consume("jobs")])
    assert [one.could_be for one in found.unresolved] == [("publish",)]


def test_several_keys_are_several_channels() -> None:
    found = coupled([publish(OneOf((Literal("jobs"), Literal("mail")))), consume("jobs"), consume("mail", "sysops")])
    assert targets(found) == {"billing", "sysops"}


def test_a_publish_that_nobody_receives_is_unrouted() -> None:
    crossing = only(coupled([publish("jobs")]))
    assert (crossing.target, crossing.target_kind.value, crossing.durable) == (None, "unrouted", "unknown")


def test_a_consumer_that_nobody_feeds_is_shown() -> None:
    found = coupled([consume("jobs")])
    assert [(one.quantum, one.queue) for one in found.consumers] == [("billing", "jobs")]


def test_a_consumer_whose_queue_is_unknown_makes_a_publish_without_receiver_unresolved() -> None:
    found = coupled([publish("jobs"), consume(Unknown("made at run time"))])
    assert found.unresolved


def test_bindings_and_exchanges_may_stand_in_definitions() -> None:
    configuration = Configuration(
        queues=(QueueDefinition("jobs", True, HERE),),
        exchanges=(ExchangeDefinition("events", "topic", True, HERE),),
        bindings=(QueueBinding("events", "jobs", "queue", "invoice.#", HERE),),
        files=("definitions.json",),
    )
    found = coupled([publish("invoice.issued", "events"), consume("jobs")], configuration=configuration)
    assert only(found).target == "billing"
    assert only(found).durable is True


# Patterns against a plain reading of the rule -----------------------------------------------------------------------


def takes(pattern: list[str], words: list[str]) -> bool:
    """AMQP 0-9-1, 3.1.3.3: ``*`` stands for one word, ``#`` for any number of them."""

    @cache
    def from_(i: int, j: int) -> bool:
        if i == len(pattern):
            return j == len(words)
        if pattern[i] == "#":
            return from_(i + 1, j) or (j < len(words) and from_(i, j + 1))
        return j < len(words) and pattern[i] in ("*", words[j]) and from_(i + 1, j + 1)

    return from_(0, 0)


@given(
    st.lists(st.sampled_from(["a", "b", "*", "#", "a+"]), min_size=1, max_size=5),
    st.lists(st.sampled_from(["a", "b", "aa"]), min_size=1, max_size=5),
)
@example(["#", "#"], ["a"])
@example(["#", "a", "#"], ["a"])
@example(["*", "#"], ["a"])
@example(["#", "*"], ["a"])
@example(["a", "#", "#", "b"], ["a", "b"])
def test_topic_patterns_match_as_the_rule_says(pattern: list[str], words: list[str]) -> None:
    found = coupled(
        [
            publish(".".join(words), "events"),
            exchange("events", "topic"),
            bind("jobs", "events", ".".join(pattern)),
            consume("jobs"),
        ]
    )
    assert ("billing" in targets(found)) == takes(pattern, words)


@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from(["topic", "direct", "fanout", "odd"]))
def test_no_pattern_makes_the_join_fail(pattern: str, key: str, kind: str) -> None:
    coupled([publish(key, "events"), exchange("events", kind), bind("jobs", "events", pattern), consume("jobs")])


# Durability and acknowledgement -------------------------------------------------------------------------------------

DURABLE = {
    "declared durable": ([queue("jobs")], True),
    "declared not durable": ([queue("jobs", durable=False)], False),
    "declared in two ways": ([queue("jobs"), queue("jobs", "customer", durable=False)], False),
    "exclusive": ([queue("jobs", exclusive=True)], False),
    "deleted with its last consumer": ([queue("jobs", auto_delete=True)], False),
    "declared nowhere": ([], "unknown"),
    "only asked for": ([queue("jobs", passive=True)], "unknown"),
    "durability made at run time": ([queue("jobs", durable=Unknown("made at run time"))], "unknown"),
}


def test_what_a_declaration_does_not_say_is_no_doubt_of_its_durability() -> None:
    plain = seen("billing", "declare_queue", 6, queue="jobs", durable=True)
    assert only(coupled([publish("jobs"), consume("jobs"), plain])).durable is True


@pytest.mark.parametrize("how", DURABLE)
def test_a_queue_is_as_durable_as_its_worst_declaration(how: str) -> None:
    declared, expected = DURABLE[how]
    assert only(coupled([publish("jobs"), consume("jobs"), *declared])).durable == expected


@pytest.mark.parametrize(
    ("mode", "kind", "expected"),
    [
        (2, None, True),
        (1, None, False),
        (None, None, False),
        (Unknown("made at run time"), None, "unknown"),
        (OneOf((Literal(1), Literal(2))), None, False),
        (1, "quorum", True),
        (1, "stream", True),
        (1, "classic", False),
    ],
)
def test_a_message_survives_a_restart_by_its_mode_or_by_its_queue(
    mode: object, kind: str | None, expected: object
) -> None:
    arguments = {"argument__x-queue-type": kind} if kind else {}
    found = coupled([publish("jobs", delivery_mode=mode), consume("jobs"), queue("jobs", **arguments)])
    assert only(found).durable == expected


def test_definitions_and_code_that_disagree_are_as_durable_as_the_worse() -> None:
    configuration = Configuration(queues=(QueueDefinition("jobs", False, HERE),), files=("definitions.json",))
    crossing = only(coupled([publish("jobs"), consume("jobs"), queue("jobs")], configuration=configuration))
    assert crossing.durable is False
    assert "definitions.json" in {str(step.place.path) for step in crossing.delivery["store"].evidence}


def test_the_worst_receiver_decides() -> None:
    found = coupled(
        [publish("x", "events"), exchange("events", "fanout"), bind("one", "events", ""), bind("two", "events", ""),
         queue("one"), queue("two", durable=False), consume("one"), consume("two")]
    )  # fmt: skip
    crossing = only(found)
    assert crossing.durable is False
    assert {receiver.queue: receiver.durable for receiver in crossing.receivers} == {"one": True, "two": False}


def test_automatic_acknowledgement_is_told() -> None:
    crossing = only(coupled([publish("jobs"), consume("jobs", auto_ack=True), queue("jobs")]))
    assert crossing.acknowledgement is Acknowledgement.AUTO
    assert crossing.delivery["acknowledge"].value is False


def test_an_acknowledgement_that_was_not_seen_is_unknown() -> None:
    crossing = only(coupled([publish("jobs"), consume("jobs"), queue("jobs")]))
    assert crossing.acknowledgement is Acknowledgement.UNKNOWN
    assert crossing.delivery["acknowledge"].value == "unknown"


CONFIRMS = {
    "a channel that waits": ({"confirms": True}, True),
    "a channel that does not": ({"confirms": False}, False),
    "a channel of which nothing is known": ({"confirms": Unknown("made at run time")}, "unknown"),
}


@pytest.mark.parametrize("how", CONFIRMS)
def test_confirms_are_a_fact_of_the_channel(how: str) -> None:
    slots, expected = CONFIRMS[how]
    crossing = only(coupled([publish("jobs", **slots), consume("jobs"), queue("jobs")]))
    assert crossing.delivery["confirm"].value == expected


def test_confirms_are_switched_on_for_one_channel_object() -> None:
    def sent(connection: str) -> object:
        published = seen(
            "customer", "publish", 1, exchange="", routing_key="jobs", delivery_mode=2, connection=connection
        )
        on = seen("customer", "confirm", 2, connection="a.py:1:1")
        return only(coupled([published, on, consume("jobs"), queue("jobs")])).delivery["confirm"].value

    assert sent("a.py:1:1") is True
    assert sent("a.py:9:1") is False
    assert sent("a.py:1:1|a.py:9:1") is False
    assert sent("") == "unknown"


# Dead letters -------------------------------------------------------------------------------------------------------


def dead(*more: Observation, configuration: Configuration | None = None, **arguments: object) -> object:
    slots = {f"argument__{name.replace('_', '-')}": value for name, value in arguments.items()}
    found = coupled([publish("jobs"), consume("jobs"), queue("jobs", **slots), *more], configuration=configuration)
    return only(found).delivery["dead_letter"].value


def test_a_queue_without_a_dead_letter_exchange_drops_what_fails() -> None:
    assert dead() is False


def test_a_dead_letter_exchange_with_nothing_bound_drops_what_fails() -> None:
    assert dead(x_dead_letter_exchange="dead") is False
    assert dead(exchange("dead", "fanout"), x_dead_letter_exchange="dead") is False


def test_a_dead_letter_exchange_with_a_queue_bound_keeps_what_fails() -> None:
    kept = (exchange("dead", "fanout"), queue("graves"), bind("graves", "dead", ""))
    assert dead(*kept, x_dead_letter_exchange="dead") is True


def test_a_dead_letter_key_that_no_binding_takes_drops_what_fails() -> None:
    kept = (exchange("dead", "direct"), queue("graves"), bind("graves", "dead", "other"))
    assert dead(*kept, x_dead_letter_exchange="dead") is False
    assert dead(*kept, x_dead_letter_exchange="dead", x_dead_letter_routing_key="other") is True


def test_the_default_exchange_takes_dead_letters_to_a_queue_that_exists() -> None:
    assert dead(queue("graves"), x_dead_letter_exchange="", x_dead_letter_routing_key="graves") is True
    assert dead(x_dead_letter_exchange="", x_dead_letter_routing_key="graves") is False


def policy(pattern: str, priority: int = 0, apply_to: str = "queues", **definition: object) -> PolicyDefinition:
    plain = {name.replace("_", "-"): value for name, value in definition.items()}
    return PolicyDefinition(f"p{priority}", pattern, apply_to, priority, plain, HERE)


def test_a_policy_gives_queues_a_dead_letter_exchange() -> None:
    kept = (exchange("dead", "fanout"), queue("graves"), bind("graves", "dead", ""))
    configuration = Configuration(
        policies=(policy("^jobs$", dead_letter_exchange="dead"),), files=("definitions.json",)
    )
    assert dead(*kept, configuration=configuration) is True
    other = Configuration(policies=(policy("^other$", dead_letter_exchange="dead"),), files=("definitions.json",))
    assert dead(*kept, configuration=other) is False


def test_the_policy_of_the_highest_priority_is_the_one_that_holds() -> None:
    kept = (exchange("dead", "fanout"), queue("graves"), bind("graves", "dead", ""))
    both = (policy(".*", 1, dead_letter_exchange="dead"), policy("^jobs$", 9, max_length=10))
    assert dead(*kept, configuration=Configuration(policies=both, files=("definitions.json",))) is False


def test_a_policy_for_exchanges_is_none_for_queues() -> None:
    kept = (exchange("dead", "fanout"), queue("graves"), bind("graves", "dead", ""))
    one = (policy(".*", 1, "exchanges", dead_letter_exchange="dead"),)
    assert dead(*kept, configuration=Configuration(policies=one, files=("definitions.json",))) is False


def test_a_policy_with_a_broken_pattern_is_none() -> None:
    one = (policy("[", dead_letter_exchange="dead"),)
    assert dead(configuration=Configuration(policies=one, files=("definitions.json",))) is False


# Other mechanisms ---------------------------------------------------------------------------------------------------


def test_other_mechanisms_join_by_equal_names() -> None:
    sent = seen("customer", "publish", mechanism="kafka", channel="orders")
    taken = seen("billing", "subscribe", mechanism="kafka", channel="orders")
    elsewhere = seen("sysops", "subscribe", mechanism="nats", channel="orders")
    assert reached(coupled([sent, taken, elsewhere])) == {("customer", "billing", "orders")}


@given(st.permutations(range(6)))
def test_the_order_of_observations_does_not_matter(order: list[int]) -> None:
    found = [
        publish("a.b", "events"), exchange("events", "topic"), bind("jobs", "events", "a.*"), queue("jobs"),
        consume("jobs"), consume("jobs", "sysops"),
    ]  # fmt: skip
    assert coupled([found[index] for index in order]) == coupled(found)


def test_no_reason_shows_a_password() -> None:
    found = coupled([publish("jobs", connection="amqp://user:secret@mq/"), consume("jobs")])
    assert not re.search("secret", str(found))


MAY_CARRY = {
    ("create.account.*.vip", f"create.account.{HOLE}.vip"),
    ("create.account.*.vip", f"create.account.{HOLE}"),
    ("delete.account.emea.#", f"delete.account.{HOLE}"),
    ("#", f"a.{HOLE}"),
    ("a.#", f"a{HOLE}"),
    ("a.#.b", f"a.{HOLE}"),
    ("*.created", f"{HOLE}.created"),
    (f"{HOLE}.created", "order.created"),
    (f"{HOLE}.created", f"order.{HOLE}"),
    ("a.*", f"a.b{HOLE}"),
}
CANNOT_CARRY = {
    ("create.account.*.vip", f"block.agent.{HOLE}"),
    ("create.account.*.vip", f"create.account.{HOLE}.standard"),
    ("order.#", f"orders.{HOLE}"),
    ("*.created", f"x.{HOLE}.deleted"),
    ("#.x", f"{HOLE}.why"),
    (f"{HOLE}.created", "order.deleted"),
}


def carried(pattern: str, key: str, kind: str = "topic") -> set[str | None]:
    publish = seen("customer", "publish", exchange="events", routing_key=unknown_in(key))
    taking = (
        seen("billing", "declare_exchange", exchange="events", type=kind),
        seen("billing", "declare_queue", queue="jobs", durable=True),
        seen("billing", "bind", queue="jobs", exchange="events", routing_key=unknown_in(pattern)),
        seen("billing", "subscribe", queue="jobs"),
    )
    return {crossing.target for crossing in coupled((publish, *taking)).crossings}


def unknown_in(text: str) -> Term:
    parts = [
        Unknown("it is told at run time") if part == HOLE else Literal(part) for part in re.split(f"({HOLE})", text)
    ]
    return Joined(tuple(part for part in parts if part != Literal("")))


@pytest.mark.parametrize(("pattern", "key"), sorted(MAY_CARRY))
def test_what_is_known_of_a_key_fits_a_binding(pattern: str, key: str) -> None:
    assert carried(pattern, key) == {"billing"}


@pytest.mark.parametrize(("pattern", "key"), sorted(CANNOT_CARRY))
def test_what_is_known_of_a_key_does_not_fit_a_binding(pattern: str, key: str) -> None:
    assert carried(pattern, key) == {None}


def test_a_direct_exchange_has_no_wildcards_for_what_is_known_in_part() -> None:
    assert carried("a.b", f"a.{HOLE}", "direct") == {"billing"}
    assert carried("a.*", f"a.b{HOLE}", "direct") == {None}
