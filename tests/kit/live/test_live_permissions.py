"""What users of a running RabbitMQ may do: nothing with the queues of another quantum, but what is declared."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from live_shop import BILLING, Shop

from quantafit import app, report
from quantafit.model import EvidenceKind, Judgement, Verdict
from quantafit.report import observed, terminal
from quantafit.testing import examine

pytestmark = pytest.mark.rabbitmq

ROOT = Path(__file__).parents[3]
RULE = "quantum/undeclared-interaction"
NOTHING = "^$"
ALL = {"configure": ".*", "write": ".*", "read": ".*"}


@pytest.fixture
def users(shop: Shop) -> Shop:
    """A shop whose declaration says which user is whose: a name each, and permissions as a test gives them."""
    text = (shop.tree / "quanta.yaml").read_text()
    for quantum in ("customer", "billing"):
        text = text.replace(f"source: {quantum}}}", f"source: {quantum}, broker_users: {name(shop, quantum)}}}")
    (shop.tree / "quanta.yaml").write_text(text)
    channel = shop.channel()
    channel.exchange_declare("cards-in", exchange_type="direct", durable=True)
    channel.queue_bind("cards", "cards-in", routing_key="cards")
    permit(shop, "customer", write="^cards-in$")
    permit(shop, "billing", read="^cards$")
    return shop


def name(shop: Shop, quantum: str) -> str:
    return f"{shop.host}-{quantum}"


def permit(shop: Shop, quantum: str, tags: str = "", **rights: str) -> None:
    user = name(shop, quantum)
    shop.api("PUT", f"/api/users/{user}", {"password": "x", "tags": tags})
    body = {"configure": NOTHING, "write": NOTHING, "read": NOTHING, **rights}
    shop.api("PUT", f"/api/permissions/{shop.host}/{user}", body)


def of(shop: Shop, source: str = "customer", target: str = "billing") -> Judgement:
    return shop.judged(RULE, f"{source} → {target}")


def said(shop: Shop, source: str = "customer", target: str = "billing") -> set[str]:
    """What the findings of a pair say, without the names of this test's users; the running broker gave them all."""
    judgement = of(shop, source, target)
    assert {finding.kind for finding in judgement.findings} <= {EvidenceKind.RUNTIME}
    assert bool(judgement.findings) == (judgement.verdict is Verdict.FAIL)
    return {finding.message.replace(f"{shop.host}-", "") for finding in judgement.findings}


def test_users_who_may_do_what_is_declared_and_nothing_else_pass(users: Shop):
    evaluation = users.check()

    assert evaluation.passed, [(j.rule, j.reason) for j in evaluation.judgements if j.verdict != "pass"]
    assert f"rabbit allows {name(users, 'customer')} nothing else with the queues of billing" in of(users).reason


def may_receive(pattern: str) -> str:
    return f"customer's user customer may receive from cards, billing's queue at rabbit, by read {pattern!r}"


@pytest.mark.parametrize("pattern", [".", "cards", "^c"])
def test_a_sender_who_may_receive_is_found(users: Shop, pattern: str):
    permit(users, "customer", write="^cards-in$", read=pattern)

    assert said(users) == {may_receive(pattern)}


def test_patterns_are_looked_for_in_names_and_an_empty_one_allows_nothing(users: Shop):
    permit(users, "customer", write="^cards-in$", read="", configure="ards-xyz")

    assert said(users) == set()


def test_everybody_may_do_everything(users: Shop):
    for quantum in ("customer", "billing"):
        permit(users, quantum, **ALL)

    assert said(users) == {may_receive(".*")}
    assert said(users, "billing", "customer") == set()  # the customer receives nothing


def test_with_a_third_quantum_that_sends_and_receives_nothing_every_right_is_one_too_many(users: Shop):
    (users.tree / "third").mkdir()
    (users.tree / "third" / "a.py").write_text("")
    text = (users.tree / "quanta.yaml").read_text()
    own = f"  third: {{source: third, broker_users: {name(users, 'third')}}}\n"
    (users.tree / "quanta.yaml").write_text(text.replace("interactions:", f"{own}interactions:"))
    permit(users, "third", **ALL)

    assert said(users, "third") == {
        f"third's user third {what}"
        for what in (
            "may receive from cards, billing's queue at rabbit, by read '.*'",
            "may delete or declare cards, billing's queue at rabbit, by configure '.*'",
            "may bind to other exchanges cards, billing's queue at rabbit, by write '.*'",
            "may send to cards, billing's queue at rabbit, by the exchange cards-in",
            "may send to cards, billing's queue at rabbit, by the default exchange, which leads to every queue",
        )
    }

    permit(users, "third", write="^amq.default$")
    (message,) = said(users, "third")
    assert "by the default exchange" in message

    permit(users, "third", tags="administrator")
    (message,) = said(users, "third")
    assert "may delete or declare cards, billing's queue at rabbit, as an administrator of the broker" in message

    permit(users, "third")
    assert of(users, "third").verdict is Verdict.PASS


def test_one_user_of_two_quanta_is_found(users: Shop):
    text = (users.tree / "quanta.yaml").read_text()
    (users.tree / "quanta.yaml").write_text(text.replace(name(users, "billing"), name(users, "customer")))
    permit(users, "customer", write="^cards-in$", read="^cards$")

    assert said(users) == {may_receive("^cards$")}
    assert said(users, "billing", "customer") == {"billing and customer work at rabbit as one user, customer"}


def test_users_of_nobody_known_are_shown_and_not_judged(users: Shop):
    permit(users, "operator", **ALL)

    assert users.check().passed
    evaluation = app.observe(users.tree, live=True)
    document = json.loads(observed.render(evaluation))
    jsonschema.validate(document, json.loads(report.schema("observed")))
    (broker,) = document["live"]["brokers"]
    found = {one["user"]: (one["write"], one["administrator"]) for one in broker["permissions"]}
    assert found[name(users, "operator")] == (".*", False)
    assert found["guest"] == (".*", True)
    assert "user guest: configure '.*', write '.*', read '.*', an administrator" in " ".join(
        terminal.render_observed(evaluation).split()
    )


def test_a_watcher_who_is_not_told_of_permissions_proves_nothing(users: Shop):
    users.api("PUT", f"/api/users/{name(users, 'watcher')}", {"password": "x", "tags": "monitoring"})
    permit_nothing = {"configure": NOTHING, "write": NOTHING, "read": NOTHING}
    users.api("PUT", f"/api/permissions/{users.host}/{name(users, 'watcher')}", permit_nothing)
    users.ask_as(name(users, "watcher"), "x")

    judgement = of(users)

    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert "rabbit did not tell the permissions of users: only an administrator is told" in judgement.reason

    export = users.tree.parent / f"{users.host}.export"
    export.write_text(json.dumps(users.api("GET", "/api/definitions")))
    users.monkeypatch.setenv("SHOP_EXPORT", str(export))
    assert of(users).verdict is Verdict.PASS
    permit(users, "customer", read=".*")
    export.write_text(json.dumps(users.api("GET", "/api/definitions")))
    assert said(users) == {may_receive(".*")}


def test_a_user_whom_the_broker_does_not_know_proves_nothing(users: Shop):
    users.api("DELETE", f"/api/users/{name(users, 'customer')}")

    judgement = of(users)

    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert f"rabbit knows no permissions of {name(users, 'customer')}" in judgement.reason


def test_a_broker_without_the_other_s_queues_proves_nothing(users: Shop):
    users.channel().queue_delete("cards")

    judgement = of(users)

    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert "rabbit has none of the queues that billing receives from" in judgement.reason


def test_a_broker_that_does_not_answer_is_an_error(users: Shop):
    users.ask_at("http://guest:guest@127.0.0.1:1")

    assert of(users).verdict is Verdict.ERROR


def test_an_export_tells_of_permissions_too_and_one_without_them_proves_nothing(users: Shop):
    permit(users, "customer", write="^cards-in$", read=".*")
    definitions = users.api("GET", "/api/definitions")
    export = users.tree.parent / f"{users.host}.export"
    users.monkeypatch.delenv("SHOP_MANAGEMENT")
    users.monkeypatch.setenv("SHOP_EXPORT", str(export))

    export.write_text(json.dumps(definitions))
    assert said(users) == {may_receive(".*")}

    export.write_text(json.dumps({key: value for key, value in definitions.items() if key != "permissions"}))
    assert of(users).verdict is Verdict.NOT_EVALUATED


def test_an_exchange_that_also_leads_to_a_queue_of_one_s_own_is_let_be(users: Shop):
    """Permissions cannot part what one exchange leads to."""
    text = (users.tree / "quanta.yaml").read_text()
    (users.tree / "third").mkdir()
    (users.tree / "third" / "a.py").write_text(BILLING.replace("cards", "bills"))
    own = f"  third: {{source: third, broker_users: {name(users, 'third')}}}\n"
    text = text.replace("interactions:", f"{own}interactions:")
    (users.tree / "quanta.yaml").write_text(
        text.replace("live:", "  - {from: billing, to: third, style: message, channel: bills}\nlive:")
    )
    channel = users.channel()
    channel.queue_declare("bills", durable=True)
    permit(users, "third", read="^bills$")
    permit(users, "customer", write="^(cards-in|bills-in)$")
    channel.exchange_declare("bills-in", exchange_type="topic", durable=True)
    channel.queue_bind("bills", "bills-in", routing_key="#")
    assert said(users, "customer", "third") == {
        "customer's user customer may send to bills, third's queue at rabbit, by the exchange bills-in"
    }

    channel.queue_bind("cards", "bills-in", routing_key="#")
    assert said(users, "customer", "third") == set()


def test_the_users_of_the_reference_implementation_may_do_nothing_too_many(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    definitions = json.loads((ROOT / "deploy/rabbitmq/definitions.json").read_text())
    for user in definitions["users"]:
        del user["password_hash"]
        user["password"] = "x"
    shop.api("POST", "/api/definitions", definitions)
    monkeypatch.setenv("RABBITMQ_MANAGEMENT_URL", shop.rabbitmq.management_url().replace("://", "://guest:guest@"))
    try:
        evaluation = examine(ROOT, live=True).evaluation
        judgements = [j for j in evaluation.judgements if j.rule == RULE and "rabbitmq allows" in j.reason]
        assert len(judgements) > 5
        assert {j.verdict for j in judgements} == {Verdict.PASS}
        assert not [f for f in evaluation.findings if f.rule == RULE]

        shop.api("PUT", "/api/permissions/%2F/billing", ALL)
        found = [f.message for f in examine(ROOT, live=True).evaluation.findings if f.rule == RULE]
        assert "billing's user billing may receive from invoice-issued" in " ".join(found)
        assert "billing's user billing may send to ticket-created" in " ".join(found)
    finally:
        for user in definitions["users"]:
            shop.api("DELETE", f"/api/users/{user['name']}")
