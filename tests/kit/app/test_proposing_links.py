"""What a coupling map shows: proposed interactions with their evidence, databases, external systems, open questions."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from quantafit.app.proposing.datastores import with_datastores
from quantafit.app.proposing.links import external, interactions
from quantafit.app.proposing.questions import open_questions
from quantafit.model import (
    Clue,
    Communication,
    CouplingMap,
    Coverage,
    Crossing,
    DataStore,
    DatastoreUse,
    Delivery,
    Evidence,
    EvidenceKind,
    ExaminationError,
    Fact,
    ImportEdge,
    Place,
    Quantum,
    Receiver,
    Role,
    Step,
    Style,
    TargetKind,
    Ternary,
    Unresolved,
)
from quantafit.model.proposal import Proposed

NAMES = ("orders", "billing", "mail")


def at(path: str, line: int = 1, role: Role = Role.CALL, note: str = "", symbol: str = "") -> Evidence:
    return Evidence(EvidenceKind.SOURCE, role, Place(path, line, 1, symbol), note)


def call(source: str, target: str | None, *evidence: Evidence, **more: object) -> Crossing:
    values: dict[str, object] = {
        "target_kind": TargetKind.QUANTUM,
        "mechanism": "http",
        "resolution": (Clue(Step.LITERAL, "the address is in the call"),),
    }
    values |= {"communication": Communication.SYNCHRONOUS, "evidence": evidence or (at(f"{source}.py"),), **more}
    return Crossing(source=source, target=target, **values)  # type: ignore[arg-type]


def message(source: str, target: str | None, channel: str | None, line: int = 1, **facts: Ternary) -> Crossing:
    delivery = MappingProxyType({name: Fact(value, f"{name} is {value}") for name, value in facts.items()})
    evidence = (at(f"{source}.py", line), at(f"{target}.py", 9, Role.CONSUMER))
    kind = TargetKind.QUANTUM if target else TargetKind.UNROUTED
    more = {"mechanism": "amqp", "communication": Communication.ASYNCHRONOUS, "target_kind": kind}
    return call(source, target, *evidence[: 2 if target else 1], channel=channel, delivery=delivery, **more)


def proposed(*crossings: Crossing) -> list[tuple[str, str, str, Style, str | None]]:
    found = (one.value for one in interactions(CouplingMap(crossings), NAMES))
    return [(one.id, one.source, one.target, one.style, one.channel) for one in found]


def remarks(*crossings: Crossing) -> list[str]:
    return [remark.text for one in interactions(CouplingMap(crossings), NAMES) for remark in one.remarks]


def asked(coupling: CouplingMap) -> list[str]:
    return [remark.text for group in open_questions(coupling) for remark in group.remarks]


# Interactions -------------------------------------------------------------------------------------------------------


def test_all_calls_of_a_pair_are_one_interaction() -> None:
    calls = (call("orders", "billing", at("a.py", 1)), call("orders", "billing", at("a.py", 2)))
    assert proposed(*calls) == [("orders-to-billing", "orders", "billing", Style.CALL, None)]


def test_messages_are_one_interaction_a_channel_and_receiver_each_with_a_name_of_its_own() -> None:
    found = proposed(
        message("orders", "billing", "placed"),
        message("orders", "billing", "placed", 2),
        message("orders", "mail", "placed"),
        message("orders", "mail", None),
        call("orders", "mail"),
    )
    assert found == [
        ("placed", "orders", "billing", Style.MESSAGE, "placed"),
        ("orders-to-mail", "orders", "mail", Style.CALL, None),
        ("orders-to-mail-message", "orders", "mail", Style.MESSAGE, None),
        ("orders-to-mail-placed", "orders", "mail", Style.MESSAGE, "placed"),
    ]


def test_what_a_declaration_does_not_make_right_is_no_interaction() -> None:
    assert not proposed(
        call("orders", "billing", mechanism="database"),
        call("orders", "billing", mechanism="import"),
        call("orders", "orders"),
        call("orders", "api.example", target_kind=TargetKind.EXTERNAL),
        message("orders", None, "placed"),
    )


def test_a_reply_that_is_waited_for_makes_a_message_a_call() -> None:
    waiting = message("orders", "billing", "rpc")
    assert proposed(call("orders", "billing", *waiting.evidence, channel="rpc", mechanism="amqp"))[0][3:] == (
        Style.CALL,
        None,
    )


def test_a_remark_shows_the_site_the_library_call_and_what_told_the_target() -> None:
    site = at("orders/shop.py", 3, symbol="place")
    hops = (at("orders/http.py", 7, Role.VIA, "httpx.post(…)", "Client.send"), at("orders/conf.py", 2, Role.VIA, "URL"))
    bound = Evidence(EvidenceKind.CONFIGURATION, Role.CONFIGURATION, Place("compose.yaml", 5), "URL")
    told = Clue(Step.ENVIRONMENT, "URL=http://billing", Place("compose.yaml", 5))
    crossing = call("orders", "billing", site, *hops, bound, address="http://billing/pay", resolution=(told,))
    assert remarks(crossing) == [
        "orders/shop.py:3 place → orders/http.py:7 Client.send: httpx.post(…)\n"
        "  http://billing/pay, told by URL=http://billing (compose.yaml:5)"
    ]


def test_of_many_sites_the_first_are_shown() -> None:
    found = remarks(*(call("orders", "billing", at("a.py", line)) for line in range(1, 8)))
    assert found[-1] == "and 4 more places"
    assert len(found) == 4


def test_a_target_that_is_guessed_from_a_name_is_a_question() -> None:
    crossing = call("orders", "billing", resolution=(Clue(Step.VARIABLE_NAME, "BILLING_URL"),))
    (one,) = interactions(CouplingMap((crossing,)), NAMES)
    question = one.remarks[-1]
    assert question.question
    assert "is a guess" in question.text


def test_delivery_holds_only_what_every_sending_shows() -> None:
    kept = {"store": True, "persist": True, "confirm": True, "acknowledge": True}
    (one,) = interactions(
        CouplingMap(
            (message("orders", "mail", "placed", 1, **kept), message("orders", "mail", "placed", 2, store=True))
        ),
        NAMES,
    )
    assert one.value.delivery == Delivery(durable=True)
    (alone,) = interactions(CouplingMap((message("orders", "mail", "placed", 1, **kept),)), NAMES)
    assert alone.value.delivery == Delivery(True, True, True, True)


def test_a_sending_that_knows_the_queue_by_another_name_counts() -> None:
    """The declared channel would be held against it, since it ends in the same queue."""
    by_exchange = replace(
        message("orders", "mail", "shop/placed", 2, store=False), receivers=(Receiver("mail", "placed", False, None),)
    )
    found = interactions(CouplingMap((message("orders", "mail", "placed", 1, store=True), by_exchange)), NAMES)
    assert [(one.value.channel, one.value.delivery) for one in found] == [
        ("placed", Delivery()),
        ("shop/placed", Delivery()),
    ]


def test_what_cannot_be_told_of_delivery_is_not_declared_and_said() -> None:
    crossing = message("orders", "mail", "placed", store="unknown", persist=True, acknowledge=False)
    (one,) = interactions(CouplingMap((crossing,)), NAMES)
    assert one.value.delivery == Delivery()  # persistent in a queue that may not be durable promises nothing
    told = [remark.text for remark in one.remarks[1:]]
    assert told == ["not durable: store is unknown", "not acknowledged_after_work: acknowledge is False"]


def test_a_channel_that_yaml_cannot_hold_is_left_out_and_asked_about() -> None:
    (one,) = interactions(CouplingMap((message("orders", "mail", "pla\x00ced"),)), NAMES)
    assert one.value.channel is None
    assert one.remarks[-1].question


def test_a_routing_key_that_cannot_be_told_is_asked_about() -> None:
    (one,) = interactions(CouplingMap((message("orders", "mail", "shop/?"),)), NAMES)
    assert one.value.channel == "shop/?"
    assert one.remarks[-1].text == "the routing key cannot be told: which messages are these?"
    (known,) = interactions(CouplingMap((message("orders", "mail", "shop/placed"),)), NAMES)
    assert not any(remark.question for remark in known.remarks)


# Databases ----------------------------------------------------------------------------------------------------------


def datastores(
    *uses: tuple[str, str], servers: tuple[str, ...] = ("db", "other-db")
) -> dict[str, tuple[DataStore, ...]]:
    found = tuple(
        DatastoreUse(quantum, identity, None, Place("compose.yaml", 1), EvidenceKind.CONFIGURATION)
        for quantum, identity in uses
    )
    quanta = tuple(Proposed(Quantum(name)) for name in NAMES)
    done = with_datastores(quanta, CouplingMap(datastores=found), servers)
    return {one.value.name: one.value.datastores for one in done if one.value.datastores}


def test_a_server_that_one_quantum_alone_uses_is_proposed_as_its_own() -> None:
    assert datastores(("orders", "db:5432/orders"), ("billing", "other-db/billing")) == {
        "orders": (DataStore("db", hosts=("db",), database="orders"),),
        "billing": (DataStore("other-db", hosts=("other-db",), database="billing"),),
    }


def test_a_server_that_several_use_is_nobodys_even_with_a_database_for_each() -> None:
    assert datastores(("orders", "db/orders"), ("billing", "db/billing")) == {}


def test_a_database_on_no_known_server_is_nobodys() -> None:
    assert datastores(("orders", "orders/shop.db"), ("orders", "ORDERS_DB"), ("mail", "localhost/mail")) == {}


def test_several_databases_of_one_quantum_on_a_server_are_not_one_database() -> None:
    assert datastores(("orders", "db/orders"), ("orders", "db/archive")) == {
        "orders": (DataStore("db", hosts=("db",)),)
    }


# Outside and open ---------------------------------------------------------------------------------------------------


def test_hosts_outside_are_listed_with_who_calls_them() -> None:
    outside = TargetKind.EXTERNAL
    crossings = (
        call("orders", "api.example", at("a.py", 4), target_kind=outside),
        call("mail", "api.example", at("m.py", 2), target_kind=outside),
        call("mail", "billing", at("m.py", 3), target_kind=outside),
    )
    (one,) = external(CouplingMap(crossings), NAMES)
    assert one.value == "api.example"
    assert one.remarks[0].text == "called by orders at a.py:4 and mail at m.py:2"


def test_every_sort_of_doubt_is_a_question() -> None:
    coupling = CouplingMap(
        crossings=(
            message("orders", None, "gone"),
            call("orders", "mail", at("o.py", 8), mechanism="database", tables=("letters",)),
        ),
        unresolved=(
            Unresolved("orders", "acme.send(…)", "nothing is known of the library acme", Place("o.py", 3)),
            Unresolved("orders", "acme.send(…)", "nothing is known of the library acme", Place("o.py", 5)),
        ),
        imports=(
            ImportEdge("mail", "orders", "orders.models", "import", Place("m.py", 1)),
            ImportEdge("mail", "orders", "orders.types", "import", Place("m.py", 2), type_checking_only=True),
        ),
        datastores=tuple(
            DatastoreUse(name, "db/shop", None, Place(f"{name}.py", 1), EvidenceKind.SOURCE) for name in NAMES[:2]
        ),
        consumers=(Receiver("mail", "lonely", None, None, evidence=(at("m.py", 7),)),),
        coverage=Coverage(errors=(ExaminationError("mail", "cannot be parsed", Place("m2.py", 4)),)),
    )
    assert asked(coupling) == [
        "orders: acme.send(…): nothing is known of the library acme\n  o.py:3, o.py:5",
        "mail imports orders.models of orders: m.py:1",
        "orders uses mail's database (letters): o.py:8",
        "db/shop is used by orders (orders.py:1) and billing (billing.py:1)",
        "orders publishes to 'gone' (amqp): orders.py:1",
        "mail consumes 'lonely': m.py:7",
        "m2.py:4: cannot be parsed",
    ]
    assert all(remark.question for group in open_questions(coupling) for remark in group.remarks)


def test_nothing_in_doubt_leaves_nothing_to_ask() -> None:
    assert open_questions(CouplingMap((call("orders", "billing"),))) == ()


def test_calls_that_fail_for_one_reason_are_one_question() -> None:
    why = "nothing is known of the library acme"
    facts = [Unresolved(name, f"acme.{name}(…)", why, Place(f"{name}.py", n)) for name in NAMES for n in (1, 2)]
    assert asked(CouplingMap(unresolved=tuple(facts))) == [
        f"orders, billing and mail: acme.orders(…), acme.billing(…) and acme.mail(…): {why}\n"
        "  orders.py:1, orders.py:2, billing.py:1, billing.py:2 and 2 more places"
    ]


def test_very_many_reasons_are_counted_not_listed() -> None:
    facts = tuple(Unresolved("orders", "acme.f(…)", f"reason {n:02}", Place("o.py", n)) for n in range(1, 100))
    found = asked(CouplingMap(unresolved=facts))
    assert len(found) == 31
    assert found[-1] == "69 calls more, for other reasons: `quantafit observe` lists them"
