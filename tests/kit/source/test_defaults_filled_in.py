"""An argument that is filled in where it was not given: by what, each caller decides, and none of them by None."""

from __future__ import annotations

import pytest
from source_trees import BILLING_CONSUMES_JOBS, Seen, see

PERSISTENT = "pika.BasicProperties(delivery_mode=2)"
WRAPPERS = {
    "or": f"""
    def publish(channel, body, properties=None):
        channel.basic_publish("", "jobs", body, properties or {PERSISTENT})
    """,
    "where it is none": f"""
    def publish(channel, body, properties=None):
        if properties is None:
            properties = {PERSISTENT}
        channel.basic_publish("", "jobs", body, properties)
    """,
    "where it is nothing, with its type": f"""
    def publish(channel, body, properties: pika.BasicProperties = None):
        if not properties:
            properties = {PERSISTENT}
        channel.basic_publish("", "jobs", body, properties)
    """,
    "one or the other": f"""
    def publish(channel, body, properties=None):
        chosen = properties if properties else {PERSISTENT}
        channel.basic_publish("", "jobs", body, chosen)
    """,
    "through another wrapper": f"""
    def publish(channel, body, properties=None):
        send(channel, body, properties)

    def send(channel, body, properties=None):
        channel.basic_publish("", "jobs", body, properties or {PERSISTENT})
    """,
}


def _seen(wrapper: str, call: str) -> Seen:
    go = f"\n    def go(given):\n        publish(pika.BlockingConnection().channel(), b'', {call})\n"
    return see({"customer/app.py": f"\n    import pika\n{wrapper}{go}", "billing/app.py": BILLING_CONSUMES_JOBS})


def _durable(seen: Seen) -> set[object]:
    return {one.durable for one in seen.crossings() if one.target == "billing"}


@pytest.mark.parametrize("name", WRAPPERS)
@pytest.mark.parametrize("call", ["", "None", f"properties={PERSISTENT}"])
def test_what_is_not_given_is_what_stands_for_it(name: str, call: str) -> None:
    assert _durable(_seen(WRAPPERS[name], call)) == {True}


@pytest.mark.parametrize("name", WRAPPERS)
def test_what_is_given_counts(name: str) -> None:
    """The twin: a caller gives properties of its own, which are not written to disk."""
    assert False in _durable(_seen(WRAPPERS[name], "pika.BasicProperties(delivery_mode=1)"))


@pytest.mark.parametrize("name", WRAPPERS)
@pytest.mark.parametrize("call", ["given", "given.properties"])
def test_what_nobody_here_knows_may_be_anything(name: str, call: str) -> None:
    """Beside the persistent message stands another, of which nothing is known: that is no durable delivery."""
    assert True not in _durable(_seen(WRAPPERS[name], call))


MAYBE = """
    def publish(channel, body, persist=False):
        properties = None
        if persist:
            properties = pika.BasicProperties(delivery_mode=2)
        channel.basic_publish("", "jobs", body, properties)
"""


def test_what_is_set_only_sometimes_may_be_missing() -> None:
    """A look-alike: there the name may well be None when the message is sent."""
    assert _durable(_seen(MAYBE, "True")) == {False}


DURABLE = """
    import json
    import pika

    def work(channel, method, properties, body):
        channel.basic_ack(method.delivery_tag)

    def main(given):
        channel = pika.BlockingConnection().channel()
        durable = True if given else DURABLE
        channel.queue_declare("jobs", durable=durable)
        channel.basic_consume("jobs", work)
        channel.start_consuming()
"""


@pytest.mark.parametrize(("durable", "expected"), [("True", True), ("json.loads(given)", "unknown"), ("False", False)])
def test_a_switch_of_which_a_part_is_not_known_is_not_known(durable: str, expected: object) -> None:
    sends = f"import pika\npika.BlockingConnection().channel().basic_publish('', 'jobs', b'', {PERSISTENT})\n"
    seen = see({"customer/app.py": sends, "billing/app.py": DURABLE.replace("DURABLE", durable)})
    assert _durable(seen) == {expected}
