"""``libraries:`` in quanta.yaml says what the built-in tables can say, of code in the tree and of code outside it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from source_trees import Seen, architecture, see

from quantafit.model import InHouseLibrary, LibraryCall


def described(calls: Mapping[str, Mapping[str, object]], files: Mapping[str, str], mechanism: str = "bus") -> Seen:
    """A system with one library described: ``does``, ``returns`` and ``facts`` apart, all else are arguments."""
    made = []
    for name, call in calls.items():
        arguments = {key: str(value) for key, value in call.items() if key not in ("does", "returns", "facts")}
        facts = call.get("facts", {})
        assert isinstance(facts, dict)
        does, returns = str(call.get("does", "")), str(call.get("returns", ""))
        made.append(LibraryCall(name, does, arguments, facts, returns=returns))
    library = InHouseLibrary("bus", mechanism, tuple(made), "it is ours")
    return see(files, architecture(libraries=(library,)))


OUTSIDE = {
    "customer/app.py": """
        import acme

        class Orders:
            def __init__(self, bus: acme.Bus):
                self.bus = bus

            def place(self):
                self.bus.send("jobs", {"n": 1})  # SITE

        def go():
            Orders(acme.open("tcp://bus")).place()
        """,
    "billing/worker.py": """
        from acme import Bus

        def work(message):
            print(message)

        def main():
            Bus("tcp://bus").listen("jobs", work)
        """,
}
SENDS = {"does": "publish", "channel": "0:topic", "message": "1:body", "facts": {"durable": True, "persistent": True}}
TAKES = {"does": "subscribe", "channel": "0:topic", "callback": "1:handler", "facts": {"acknowledged": "after"}}
BUS = {"acme.open": {"returns": "acme.Bus"}, "acme.Bus.send": SENDS, "acme.Bus.listen": TAKES}


def test_a_library_outside_the_tree_is_described_by_its_methods() -> None:
    seen = described(BUS, OUTSIDE)
    (crossing,) = seen.crossings()
    assert (crossing.target, str(crossing.site)) == ("billing", *seen.marked())
    assert (crossing.durable, crossing.acknowledgement, crossing.mechanism) == (True, "after", "bus")
    assert seen.unresolved() == []


def test_what_is_not_described_of_it_stays_unresolved() -> None:
    files = OUTSIDE | {"customer/app.py": "import acme\ndef go():\n    acme.Bus().flush()\n    acme.reset()\n"}
    assert [one.place.line for one in described(BUS, files).unresolved()] == [3, 4]


def test_nothing_is_nothing() -> None:
    files = OUTSIDE | {"customer/app.py": "import acme\ndef go():\n    acme.Bus().flush()\n    acme.reset()\n"}
    more = {"acme.Bus.flush": {"does": "nothing"}, "acme.reset": {"does": "nothing"}}
    assert described(BUS | more, files).unresolved() == []


@pytest.mark.parametrize("outside", [True, False])
def test_a_request_goes_to_its_target(outside: bool) -> None:
    files = {
        "customer/app.py": """
            from shared_rpc import ask

            def go():
                ask("http://billing/x")  # SITE
            """
    }
    if not outside:
        files["shared/shared_rpc.py"] = "def ask(address):\n    raise NotImplementedError\n"
    seen = described({"shared_rpc.ask": {"does": "request", "target": "0:address"}}, files)
    assert seen.sites("billing", mechanism="bus") == seen.marked()


def test_a_publish_that_waits_is_synchronous() -> None:
    waits = SENDS | {"facts": {"synchronous": True}}
    (crossing,) = described(BUS | {"acme.Bus.send": waits}, OUTSIDE).crossings()
    assert crossing.communication == "synchronous"


def test_exchanges_queues_and_bindings_can_be_described() -> None:
    files = {
        "customer/app.py": """
            from acme import Broker

            def go():
                Broker().send("events", "card.added", b"x", 2)  # SITE
            """,
        "billing/worker.py": """
            from acme import Broker

            def work(message, broker: Broker):
                print(message)
                broker.done(message)

            def main():
                broker = Broker()
                broker.exchange("events", "topic")
                broker.queue("cards", True)
                broker.route("cards", "events", "card.*")
                broker.take("cards", work, False)
            """,
    }
    calls = {
        "acme.Broker.send": {"does": "publish", "exchange": "0:e", "routing_key": "1:k", "delivery_mode": "3:m"},
        "acme.Broker.exchange": {"does": "declare_exchange", "exchange": "0:name", "type": "1:kind"},
        "acme.Broker.queue": {"does": "declare_queue", "queue": "0:name", "durable": "1:keeps"},
        "acme.Broker.route": {"does": "bind", "queue": "0:q", "exchange": "1:e", "routing_key": "2:k"},
        "acme.Broker.take": {"does": "subscribe", "queue": "0:q", "callback": "1:f", "auto_ack": "2:auto"},
        "acme.Broker.done": {"does": "acknowledge"},
    }
    seen = described(calls, files, "amqp")
    (crossing,) = seen.crossings()
    assert (crossing.target, str(crossing.site)) == ("billing", *seen.marked())
    assert (crossing.durable, crossing.acknowledgement) == (True, "after")


def test_a_store_can_be_described() -> None:
    files = {
        "customer/app.py": """
            from acme import Shelf

            def go():
                Shelf("postgresql://db/customer").put("cards", {"number": "x"})
            """
    }
    calls = {
        "acme.Shelf.put": {"does": "store", "table": "0:table", "columns": "1:row"},
        "acme.Shelf": {"does": "connect", "target": "0:url", "returns": "acme.Shelf"},
    }
    seen = described(calls, files)
    assert [(use.table, use.operation, use.columns) for use in seen.tables()] == [("cards", "write", ("number",))]
    assert [use.identity for use in seen.map.datastores] == ["db/customer"]
