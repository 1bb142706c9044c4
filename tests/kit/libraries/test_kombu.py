"""kombu: what its defaults mean, and how producers and consumers of either side are found."""

from __future__ import annotations

import pytest
from source_trees import Seen, see

RECEIVES = """
    from kombu import Connection, Consumer, Exchange, Queue

    queue = Queue("billing.jobs", Exchange("jobs", type="topic"), routing_key="job.*")

    def work(body, message):
        print(body)
        message.ack()

    def main():
        with Connection("amqp://broker") as connection:
            with Consumer(connection.channel(), queues=[queue], callbacks=[work]):
                connection.drain_events()
    """


def joined(sends: str, receives: str = RECEIVES) -> Seen:
    return see({"customer/app.py": sends, "billing/worker.py": receives})


def facts(seen: Seen) -> tuple[object, ...]:
    """Durable, persistent, confirmed and the acknowledgement of the only crossing."""
    (crossing,) = seen.crossings()
    delivery = crossing.delivery
    return (
        crossing.durable,
        delivery["persist"].value,
        delivery["confirm"].value,
        crossing.acknowledgement.value if crossing.acknowledgement else None,
    )


SENDING = {
    "producer of a connection": """
        from kombu import Connection

        def go():
            with Connection("amqp://broker") as connection:
                producer = connection.Producer()
                producer.publish({}, exchange="jobs", routing_key="job.card")  # SITE
        """,
    "producer with an exchange of its own": """
        from kombu import Connection, Exchange, Producer

        jobs = Exchange("jobs", type="topic")

        def go():
            channel = Connection("amqp://broker").channel()
            Producer(channel, exchange=jobs, routing_key="job.card").publish({})  # SITE
        """,
    "exchange given to publish": """
        from kombu import Connection, Exchange

        jobs = Exchange("jobs", "topic")

        def go():
            Connection("amqp://broker").Producer().publish({}, "job.card", exchange=jobs, declare=[jobs])  # SITE
        """,
    "pool of producers": """
        from kombu import Connection
        from kombu.pools import producers

        def go():
            with producers[Connection("amqp://broker")].acquire(block=True) as producer:
                producer.publish({}, exchange="jobs", routing_key="job.card")  # SITE
        """,
    "ensured": """
        from kombu import Connection

        def go():
            connection = Connection("amqp://broker")
            producer = connection.Producer()
            connection.ensure(producer, producer.publish)({}, exchange="jobs", routing_key="job.card")  # SITE
        """,
}


@pytest.mark.parametrize("name", SENDING)
def test_a_publish_is_durable_persistent_and_unconfirmed_by_default(name: str) -> None:
    """Each way to publish is found at its line, with kombu's defaults."""
    seen = joined(SENDING[name])
    assert seen.sites("billing", mechanism="amqp") == seen.marked()
    assert facts(seen) == (True, True, False, "after")
    assert seen.unresolved() == []


MIXIN = """
    from kombu import Connection, Exchange, Queue
    from kombu.mixins import ConsumerProducerMixin

    class Worker(ConsumerProducerMixin):
        def __init__(self, connection):
            self.connection = connection

        def get_consumers(self, Consumer, channel):
            queue = Queue("billing.jobs", Exchange("jobs", "topic"), "job.card")
            return [Consumer(queues=[queue], on_message=self.work)]

        def work(self, message):
            self.producer.publish({}, exchange="done", routing_key="card")  # PRODUCER
            message.ack()

    Worker(Connection("amqp://broker")).run()
    """


def test_a_mixin_consumes_what_its_hook_returns() -> None:
    """The framework calls ``get_consumers``, with a ``Consumer`` of its own."""
    seen = joined(SENDING["ensured"], MIXIN)
    assert seen.sites("billing", mechanism="amqp") == seen.marked()
    assert facts(seen) == (True, True, False, "after")


def test_a_mixin_publishes_through_its_own_producer() -> None:
    """``self.producer`` is the framework's."""
    receives = RECEIVES.replace(
        'Exchange("jobs", type="topic"), routing_key="job.*"', 'Exchange("done"), routing_key="card"'
    )
    seen = see({"billing/worker.py": MIXIN, "customer/worker.py": receives})
    assert seen.sites("customer", source="billing") == seen.marked("PRODUCER")


def test_confirms_are_on_where_the_transport_option_says_so() -> None:
    """``confirm_publish`` is kombu's only way to hear of the broker."""
    seen = joined(
        SENDING["ensured"].replace('"amqp://broker"', '"amqp://broker", transport_options={"confirm_publish": True}')
    )
    assert facts(seen) == (True, True, True, "after")


@pytest.mark.parametrize("exchange", ['"jobs"', 'Exchange("jobs", "topic")', 'os.environ.get("NAME", "jobs")'])
def test_an_exchange_may_be_given_by_name_or_as_an_object_through_a_helper(exchange: str) -> None:
    """The helper's parameter is either; the site is the line that names it."""
    seen = joined(f"""
        import os
        from kombu import Connection, Exchange

        producer = Connection("amqp://broker").Producer()

        def send(exchange):
            producer.publish({{}}, exchange=exchange, routing_key="job.card")

        def go():
            send({exchange})  # SITE
        """)
    assert seen.sites("billing") == seen.marked()


def test_a_transient_exchange_makes_messages_transient() -> None:
    """The delivery mode of an exchange counts where the call gives none."""
    seen = joined("""
        from kombu import Connection, Exchange, Producer

        jobs = Exchange("jobs", type="topic", delivery_mode=1)

        def go():
            Producer(Connection("amqp://broker").channel(), jobs).publish({}, routing_key="job.card")
        """)
    assert facts(seen)[:2] == (False, False)


def test_a_queue_that_is_not_durable_is_told() -> None:
    """``durable=False`` at the queue is worse than a persistent message."""
    seen = joined(SENDING["ensured"], RECEIVES.replace('routing_key="job.*"', 'routing_key="job.*", durable=False'))
    assert facts(seen)[:2] == (False, True)


def test_no_ack_of_a_queue_is_an_acknowledgement_on_delivery() -> None:
    """A queue with ``no_ack`` needs no ``ack()`` and gives no guarantee."""
    seen = joined(SENDING["ensured"], RECEIVES.replace('routing_key="job.*"', 'routing_key="job.*", no_ack=True'))
    assert facts(seen)[3] == "auto"


def test_an_early_ack_is_before_the_work() -> None:
    """The order of steps in the callback decides."""
    early = """
    import requests
    from kombu import Connection, Exchange, Queue

    def work(body, message):
        message.ack()
        requests.post("http://sysops/jobs", json=body)

    def main():
        with Connection("amqp://broker") as connection:
            with connection.Consumer(Queue("q", Exchange("jobs", "topic"), "job.#"), callbacks=[work]):
                connection.drain_events()
    """
    assert facts(joined(SENDING["ensured"], early))[3] == "before"


def test_a_simple_queue_is_exchange_queue_and_binding_of_one_name() -> None:
    """Both sides name one queue and nothing else."""
    seen = joined(
        """
        from kombu import Connection

        def go():
            with Connection("amqp://broker") as connection:
                connection.SimpleQueue("jobs").put({"card": 1})  # SITE
        """,
        """
        from kombu import Connection

        def main():
            queue = Connection("amqp://broker").SimpleQueue("jobs")
            message = queue.get(block=True)
            print(message.payload)
            message.ack()
        """,
    )
    assert seen.sites("billing", mechanism="amqp") == seen.marked()
    assert facts(seen) == (True, True, False, "after")


def test_a_publish_to_another_exchange_reaches_nobody() -> None:
    """Equal routing keys do not join two exchanges."""
    seen = joined(SENDING["ensured"].replace('exchange="jobs"', 'exchange="letters"'))
    assert seen.to() == set()
    assert [one.channel for one in seen.crossings()] == ["letters/job.card"]


def test_classes_of_the_same_names_stay_silent() -> None:
    """Only kombu's own producer publishes."""
    seen = joined("""
        class Producer:
            def publish(self, body, exchange="", routing_key=""):
                return body

        def go():
            Producer().publish({}, exchange="jobs", routing_key="job.card")
        """)
    assert seen.silent()


IMPORTS = """
    import os
    from settings_of_the_shop import address_of_the_broker
    """
SENDS_BY_ADDRESS = """
    import os
    from kombu import Connection
    from settings_of_the_shop import address_of_the_broker

    def go():
        with {given} as connection:
            connection.Producer().publish({{}}, exchange="jobs", routing_key="job.card")
    """


@pytest.mark.parametrize(
    ("address", "durable"),
    [
        ('os.environ["BROKER"]', "unknown"),
        ("address_of_the_broker()", "unknown"),
        ("f\"amqp://{os.environ['BROKER_USER']}@mq//\"", True),
        ('os.getenv("BROKER", "amqp://mq")', True),
        ("", True),
    ],
)
def test_an_address_that_could_be_any_brokers_proves_nothing_durable(address: str, durable: object) -> None:
    given = f"Connection({address})"
    seen = joined(
        SENDS_BY_ADDRESS.format(given=given), IMPORTS + RECEIVES.replace('Connection("amqp://broker")', given)
    )
    (crossing,) = seen.crossings(mechanism="amqp")
    assert crossing.durable == durable
