"""A running RabbitMQ as evidence: green where it is as the code says, red for the right reason where it is not."""

from __future__ import annotations

import json

import jsonschema
import pika
import pytest
from live_shop import DEAD, DEFINITIONS, Shop, at_runtime, judged

from quantafit import app, report
from quantafit.model import EvidenceKind
from quantafit.report import observed, render, terminal

pytestmark = pytest.mark.rabbitmq

PERSISTENT = pika.BasicProperties(delivery_mode=2)


def broken(shop: Shop, rule: str, *, told: str = "") -> str:
    """The message of the only finding of a rule, which the running broker gave; it tells so much in the end."""
    judgement = shop.eventually(
        rule, lambda one: one.verdict == "fail" and all(told in finding.message for finding in one.findings)
    )
    assert judgement.verdict == "fail", judgement.reason
    assert at_runtime(judgement) == "fail"
    (finding,) = judgement.findings
    assert finding.kind is EvidenceKind.RUNTIME
    return finding.message


def test_a_good_broker_passes_and_proves_what_it_can(shop: Shop):
    consumer = shop.channel()
    consumer.basic_consume("cards", lambda *_: None)
    publisher = shop.channel()
    publisher.confirm_delivery()
    publisher.basic_publish("", "cards", b"1234", PERSISTENT)

    evaluation = shop.check()

    assert evaluation.passed, [(j.rule, j.reason) for j in evaluation.judgements if j.verdict != "pass"]
    proved = {j.rule for j in evaluation.judgements if j.by_kind.get(EvidenceKind.RUNTIME) == "pass"}
    assert proved == {"message/durable", "message/dead-letter", "evidence/contradiction"}
    text = render("terminal", evaluation)
    assert "rabbit says: the classic queue cards is durable at rabbit:" in text or "pass 3/" in text


def test_a_queue_made_anew_as_transient_fails(shop: Shop):
    channel = shop.channel()
    channel.queue_delete("cards")
    channel.queue_declare("cards", durable=False, arguments=DEAD)

    assert "rabbit says: the queue cards is transient" in broken(shop, "message/durable")
    assert "of durable say" in broken(shop, "evidence/contradiction")


def test_a_queue_that_goes_with_its_last_consumer_fails(shop: Shop):
    channel = shop.channel()
    channel.queue_delete("cards")
    channel.queue_declare("cards", durable=True, auto_delete=True, arguments=DEAD)

    assert "auto-delete" in broken(shop, "message/durable")


def test_a_transient_message_fails_and_a_persistent_one_does_not(shop: Shop):
    channel = shop.channel()
    channel.confirm_delivery()
    channel.basic_publish("", "cards", b"1234", PERSISTENT)
    calm = shop.judged("message/persistent")
    assert (calm.verdict, at_runtime(calm)) == ("pass", "not_evaluated")

    channel.basic_publish("", "cards", b"5678", pika.BasicProperties(delivery_mode=1))

    judgement = shop.eventually("message/persistent", lambda j: j.verdict == "fail")
    assert judgement.verdict == "fail"
    assert "4 bytes of the messages in cards are transient" in judgement.findings[0].message


def test_an_empty_queue_proves_nothing_about_messages(shop: Shop):
    judgement = shop.judged("message/persistent")

    assert judgement.verdict == "pass"
    assert at_runtime(judgement) == "not_evaluated"


def test_a_consumer_that_acknowledges_on_delivery_fails(shop: Shop):
    shop.channel().basic_consume("cards", lambda *_: None, auto_ack=True)

    assert "a message is done when it is delivered" in broken(shop, "message/acknowledged-after-work")


def test_a_channel_without_confirms_is_a_doubt_where_it_may_feed_the_queue(shop: Shop):
    shop.channel().basic_publish("", "cards.dead", b"1", PERSISTENT)

    judgement = shop.eventually("message/confirmed", lambda j: j.verdict != "pass")

    assert judgement.verdict == "not_evaluated"
    assert "a channel of user guest publishes without confirms, it may be to cards" in judgement.reason


def test_a_dead_letter_queue_that_is_unbound_fails(shop: Shop):
    shop.channel().queue_unbind("cards.dead", "dead", routing_key="")

    assert "no queue is bound to the dead-letter exchange dead" in broken(shop, "message/dead-letter")


def test_a_dead_letter_exchange_that_is_gone_fails(shop: Shop):
    shop.channel().exchange_delete("dead")

    assert "the dead-letter exchange dead of cards does not exist" in broken(shop, "message/dead-letter")


def test_dead_letters_that_come_back_fail(shop: Shop):
    shop.channel().queue_bind("cards", "dead", routing_key="")

    assert "dead letters of cards come back to it" in broken(shop, "message/dead-letter")


def test_a_transient_dead_letter_queue_fails(shop: Shop):
    channel = shop.channel()
    channel.queue_delete("cards.dead")
    channel.queue_declare("cards.dead", durable=False)
    channel.queue_bind("cards.dead", "dead", routing_key="")

    assert "dead letters go to cards.dead, which is transient" in broken(shop, "message/dead-letter")


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"auto_delete": True}, "which is auto-delete"),
        ({"arguments": {"x-expires": 3_600_000}}, "which is deleted when nobody uses it for 3600000 ms"),
    ],
)
def test_a_dead_letter_queue_that_does_not_last_fails(shop: Shop, how: dict[str, object], told: str):
    channel = shop.channel()
    channel.queue_delete("cards.dead")
    channel.queue_declare("cards.dead", durable=True, **how)
    channel.queue_bind("cards.dead", "dead", routing_key="")

    assert f"dead letters go to cards.dead, {told}" in broken(shop, "message/dead-letter")


def test_a_dead_letter_queue_that_a_policy_lets_expire_fails(shop: Shop):
    shop.policy(pattern="^cards.dead$", expires=3_600_000)

    assert "cards.dead, which is deleted when nobody uses it" in broken(shop, "message/dead-letter")


def test_a_policy_that_lets_the_queue_expire_fails(shop: Shop):
    shop.policy(expires=3_600_000)

    assert "deleted when nobody uses it for 3600000 ms (policy house-rule)" in broken(shop, "message/durable")


def test_an_operator_policy_that_lets_the_queue_expire_fails(shop: Shop):
    shop.policy("operator-policies", expires=3_600_000)

    assert "(operator policy house-rule)" in broken(shop, "message/durable")


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_length", 1), ("message_ttl", 60_000), ("max_length_bytes", 100), ("overflow", "drop-head")],
)
def test_a_policy_that_sets_a_limit_of_which_definitions_say_nothing_fails(shop: Shop, name: str, value: object):
    shop.policy(**{name: value})

    judgement = shop.judged("evidence/contradiction")

    if name == "overflow":  # what is the default anyway is no limit
        assert judgement.verdict == "pass"
    else:
        message = broken(shop, "evidence/contradiction")
        assert f"of {name.replace('_', '-')} say the definitions: not set" in message
        assert f"the running broker: {value} by policy house-rule" in message


def test_a_policy_that_sends_dead_letters_elsewhere_fails(shop: Shop):
    channel = shop.channel()
    channel.queue_delete("cards")
    channel.queue_declare("cards", durable=True)  # without arguments the policy's word holds
    shop.policy(dead_letter_exchange="amq.topic")

    assert "no queue is bound to the dead-letter exchange amq.topic" in broken(shop, "message/dead-letter")
    # The management API may list the queue once more as it was before the policy.
    by_policy = "the running broker: amq.topic by policy house-rule"
    message = broken(shop, "evidence/contradiction", told=by_policy)
    assert "of dead-letter-exchange say the code: dead" in message
    assert by_policy in message


def test_a_policy_cannot_override_an_argument_and_is_not_blamed_for_it(shop: Shop):
    shop.policy(dead_letter_exchange="amq.topic")

    assert shop.judged("message/dead-letter").verdict == "pass"
    assert shop.judged("evidence/contradiction").verdict == "pass"


def test_definitions_that_say_otherwise_than_the_broker_fail_with_all_places(shop: Shop):
    cards = {**DEFINITIONS["queues"][0], "arguments": {**DEAD, "x-max-length": 1000}}
    shop.define({**DEFINITIONS, "queues": [cards, DEFINITIONS["queues"][1]]})

    judgement = shop.judged("evidence/contradiction")

    (finding,) = judgement.findings
    assert "of max-length say the definitions: 1000 (definitions.json:" in finding.message
    assert f"the running broker: not set (rabbit:{shop.host}/cards)" in finding.message
    assert {hop.place.path for hop in finding.path} == {"definitions.json", f"rabbit:{shop.host}/cards"}


def test_a_queue_that_only_the_definitions_have_fails(shop: Shop):
    shop.channel().queue_delete("cards")

    assert "rabbit has not" in broken(shop, "evidence/contradiction")
    judgement = shop.judged("message/durable")
    assert judgement.verdict == "not_evaluated"
    assert "rabbit has no queue cards" in judgement.reason


def test_the_broker_proves_what_the_code_leaves_open(shop: Shop):
    (shop.tree / "definitions.json").unlink()
    file = shop.tree / "billing" / "cards.py"
    file.write_text("".join(line for line in file.read_text().splitlines(True) if "_declare" not in line))

    assert judged(shop.check(live=False), "message/durable").verdict == "not_evaluated"
    judgement = shop.judged("message/durable")

    assert judgement.verdict == "pass"
    assert "rabbit says: the classic queue cards is durable" in judgement.reason


def test_an_export_of_definitions_judges_the_same_queues_offline(shop: Shop):
    shop.policy(expires=3_600_000)
    export = shop.tree.parent / f"{shop.host}.export"
    export.write_text(json.dumps(shop.api("GET", "/api/definitions")))
    shop.monkeypatch.delenv("SHOP_MANAGEMENT")
    shop.monkeypatch.setenv("SHOP_EXPORT", str(export))

    message = broken(shop, "message/durable")

    assert "the export of rabbit says: the queue cards is deleted when nobody uses it" in message
    assert shop.judged("message/dead-letter").verdict == "pass"
    assert at_runtime(shop.judged("message/acknowledged-after-work")) == "not_evaluated"


def test_the_same_broker_gives_the_same_bytes(shop: Shop):
    shop.channel().basic_consume("cards", lambda *_: None)

    assert render("json", shop.check()) == render("json", shop.check())


def test_what_was_said_is_observed_too(shop: Shop):
    evaluation = app.observe(shop.tree, live=True)

    document = json.loads(observed.render(evaluation))
    jsonschema.validate(document, json.loads(report.schema("observed")))
    queues = {queue["queue"]: queue["facts"] for queue in document["live"]["queues"]}
    assert queues["cards"]["store"]["value"] is True
    assert "dead letters go to cards.dead" in queues["cards"]["dead_letter"]["reason"]
    text = terminal.render_observed(evaluation)
    assert f"rabbit:{shop.host}/cards" in text
