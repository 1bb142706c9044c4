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
