"""nameko: remote calls wait and go to a service by its name; events are durable by default."""

from __future__ import annotations

import pytest
from source_trees import QUANTA, Quantum, Seen, architecture, see

BILLING = """
    from nameko.events import BROADCAST, event_handler
    from nameko.rpc import rpc

    class BillingService:
        name = "invoices"

        @rpc
        def invoice(self, number):
            return number

        @event_handler("accounts", "card_added")
        def card_added(self, payload):
            print(payload)
    """


def seen(sends: str, billing: str = BILLING) -> Seen:
    quanta = tuple(Quantum(one.name, one.source) for one in QUANTA)
    return see({"customer/service.py": sends, "billing/service.py": billing}, architecture(quanta))


ASKING = {
    "proxy on the class": """
        from nameko.rpc import rpc, RpcProxy

        class Accounts:
            name = "accounts"
            invoices = RpcProxy("invoices")

            @rpc
            def show(self, number):
                return self.invoices.invoice(number)  # SITE
        """,
    "answer asked for later": """
        from nameko.rpc import RpcProxy

        class Accounts:
            name = "accounts"
            invoices = RpcProxy("invoices")

            def show(self, number):
                return self.invoices.invoice.call_async(number).result()  # SITE
        """,
    "cluster proxy outside a service": """
        from nameko.standalone.rpc import ClusterRpcProxy

        def show(number):
            with ClusterRpcProxy({"AMQP_URI": "amqp://broker"}) as cluster:
                return cluster.invoices.invoice(number)  # SITE
        """,
    "cluster proxy by item": """
        from nameko.standalone.rpc import ClusterRpcProxy

        def show(number):
            with ClusterRpcProxy({}) as cluster:
                return cluster["invoices"].invoice(number)  # SITE
        """,
    "service proxy outside a service": """
        from nameko.standalone.rpc import ServiceRpcProxy

        def show(number):
            with ServiceRpcProxy("invoices", {}) as invoices:
                return invoices.invoice(number)  # SITE
        """,
}


@pytest.mark.parametrize("name", ASKING)
def test_a_remote_call_waits_for_whoever_has_the_service(name: str) -> None:
    """The service's name, not the quantum's, says who answers."""
    found = seen(ASKING[name])
    assert found.sites("billing", mechanism="nameko-rpc") == found.marked()
    assert {one.communication.value for one in found.crossings()} == {"synchronous"}
    assert found.unresolved() == []


DISPATCHING = {
    "dispatcher on the class": """
        from nameko.events import EventDispatcher

        class Accounts:
            name = "accounts"
            dispatch = EventDispatcher()

            def add(self, card):
                self.dispatch("card_added", {"card": card})  # SITE
        """,
    "dispatcher outside a service": """
        from nameko.standalone.events import event_dispatcher

        dispatch = event_dispatcher({"AMQP_URI": "amqp://broker"})

        def add(card):
            dispatch("accounts", "card_added", {"card": card})  # SITE
        """,
}


@pytest.mark.parametrize("name", DISPATCHING)
def test_an_event_is_durable_persistent_confirmed_and_acknowledged_after(name: str) -> None:
    """These are the defaults of nameko; source service and event type name the channel."""
    found = seen(DISPATCHING[name])
    assert found.sites("billing", mechanism="nameko-event") == found.marked()
    (crossing,) = found.crossings()
    assert crossing.acknowledgement is not None
    assert (crossing.durable, crossing.communication.value, crossing.acknowledgement.value) == (
        True,
        "asynchronous",
        "after",
    )


def test_a_broadcast_survives_no_restart() -> None:
    """A broadcast's queue is exclusive."""
    billing = BILLING.replace(
        '"card_added")\n        def', '"card_added", handler_type=BROADCAST, reliable_delivery=False)\n        def'
    )
    (crossing,) = seen(DISPATCHING["dispatcher on the class"], billing).crossings()
    assert crossing.durable is False


def test_messaging_speaks_plain_amqp() -> None:
    """``Publisher`` and ``consume`` take kombu's exchanges and queues."""
    found = seen(
        """
        from kombu import Exchange
        from nameko.messaging import Publisher

        class Accounts:
            name = "accounts"
            publish = Publisher(exchange=Exchange("cards", type="direct"))

            def add(self, card):
                self.publish({"card": card}, routing_key="added")  # SITE
        """,
        """
        from kombu import Exchange, Queue
        from nameko.messaging import consume

        class Billing:
            name = "billing"

            @consume(Queue("billing.cards", Exchange("cards", type="direct"), routing_key="added"))
            def added(self, payload):
                print(payload)
        """,
    )
    assert found.sites("billing", mechanism="amqp") == found.marked()
    (crossing,) = found.crossings()
    assert crossing.durable is True


def test_another_event_reaches_nobody() -> None:
    """Events join by source service and type."""
    assert seen(DISPATCHING["dispatcher on the class"].replace('"accounts"', '"others"')).to() == set()


def test_classes_of_the_same_names_stay_silent() -> None:
    """A proxy of one's own asks nobody."""
    found = seen("""
        class RpcProxy:
            def __init__(self, name):
                self.name = name

            def invoice(self, number):
                return number

        class Accounts:
            invoices = RpcProxy("invoices")

            def show(self, number):
                return self.invoices.invoice(number)
        """)
    assert found.silent()
