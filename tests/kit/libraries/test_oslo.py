"""OpenStack's message bus: topics by registered options, calls that wait and casts that do not, and look-alikes."""

from __future__ import annotations

import pytest
from source_trees import Seen, see

CONFIG = """
    from oslo_config import cfg

    CONF = cfg.CONF
    GROUP = cfg.OptGroup(name="billing", title="Billing")
    CONF.register_opts([cfg.StrOpt("topic", default="invoices"), cfg.HostAddressOpt("host", default="::")], group=GROUP)
    CONF.register_opt(cfg.StrOpt("tickets-topic", default="tickets"))
"""
RPC = """
    import oslo_messaging as messaging
    from shared.config import CONF

    class Client:
        def __init__(self, topic):
            self._client = messaging.get_rpc_client(messaging.get_rpc_transport(CONF), messaging.Target(topic=topic))

        def ask(self, method, **arguments):
            return self._client.prepare(timeout=3).call({}, method, **arguments)

        def tell(self, method, server=None, **arguments):
            return self._client.prepare(server=server, fanout=True).cast({}, method, **arguments)
"""
CUSTOMER = """
    from shared.config import CONF
    from shared.rpc import Client

    def pay():
        return Client(CONF.billing.topic).ask("pay", total=3)  # ASKS

    def close():
        Client(CONF.tickets_topic).tell("close", number=1)  # TELLS
"""
SERVER = """
    import oslo_messaging as messaging
    from shared.config import CONF

    class Endpoint:
        def pay(self, context, total):
            return total

    def main():
        target = messaging.Target(topic={topic}, server="one")
        server = messaging.get_rpc_server(messaging.get_rpc_transport(CONF), target, [Endpoint()])
        server.start()
"""


def tree(customer: str = CUSTOMER, config: str = CONFIG, billing: str = "CONF.billing.topic") -> Seen:
    files = {"shared/config.py": config, "shared/rpc.py": RPC, "customer/app.py": customer}
    files |= {"billing/server.py": SERVER.replace("{topic}", billing)}
    return see(files | {"sysops/server.py": SERVER.replace("{topic}", "CONF['tickets_topic']")})


def test_a_call_waits_for_whoever_serves_the_topic_and_a_cast_does_not() -> None:
    seen = tree()
    assert seen.sites("billing", mechanism="amqp") == seen.marked("ASKS")
    assert seen.sites("sysops", mechanism="amqp") == seen.marked("TELLS")
    assert {one.target: one.communication.value for one in seen.crossings()} == {
        "billing": "synchronous",
        "sysops": "asynchronous",
    }
    assert not seen.unresolved()


def test_queues_of_topics_do_not_survive_a_restart_and_calls_are_acknowledged_first() -> None:
    received = [one for crossing in tree().crossings() for one in crossing.receivers]
    assert {str(one.durable) for one in received} == {"False"}
    assert {str(one.acknowledgement) for one in received} == {"before"}


@pytest.mark.parametrize(
    "config",
    [CONFIG.replace('"topic", default="invoices"', '"topic"'), CONFIG.replace("register_opts", "import_group")],
)
def test_a_topic_that_no_option_gives_is_unresolved(config: str) -> None:
    seen = tree(config=config, billing="'invoices'")
    assert not seen.sites("billing")
    assert seen.marked("ASKS") <= {f"{one.place.path}:{one.place.line}" for one in seen.unresolved()}


def test_a_topic_that_nobody_serves_reaches_nobody() -> None:
    seen = tree(billing="'other'")
    assert not seen.sites("billing")
    assert seen.sites(None) == seen.marked("ASKS")


def test_options_and_clients_that_are_only_made_say_nothing() -> None:
    made = "from shared.config import CONF\nfrom shared.rpc import Client\n\nCLIENT = Client(CONF.billing.topic)\n"
    assert tree(customer=made).silent()


def test_notifications_go_to_whoever_listens_to_their_topic() -> None:
    seen = tree(
        customer="""
        import oslo_messaging
        from shared.config import CONF
        notifier = oslo_messaging.Notifier(oslo_messaging.get_notification_transport(CONF), "shop", topics=["sold"])
        def sell():
            notifier.info({}, "item.sold", {"number": 1})  # SITE
        """,
    )
    heard = """
        import oslo_messaging
        from shared.config import CONF
        class Endpoint:
            def info(self, context, publisher, event, payload, metadata): ...
        def main():
            transport = oslo_messaging.get_notification_transport(CONF)
            targets = [oslo_messaging.Target(topic="sold")]
            oslo_messaging.get_notification_listener(transport, targets, [Endpoint()]).start()
        """
    assert not seen.sites("billing")
    seen = see({**seen.files, "billing/listener.py": heard})
    assert seen.sites("billing") == seen.marked()
