"""Ways that a message takes before anybody takes it: queues that only keep it, exchanges that a variable names."""

from __future__ import annotations

import pytest
from source_trees import BILLING_CONSUMES_JOBS, Seen, see

TAKES = """
    import os
    import pika

    def work(channel, method, properties, body):
        print(body)
        channel.basic_ack(method.delivery_tag)

    channel = pika.BlockingConnection().channel()
    channel.exchange_declare("sorted", "direct", durable=True)
    channel.queue_declare("jobs", durable=True)
    channel.queue_bind("jobs", "sorted", routing_key="jobs")
    channel.basic_consume("jobs", work)
    channel.start_consuming()
"""
WAITS = """
    import pika

    channel = pika.BlockingConnection().channel()
    channel.exchange_declare("incoming", "fanout", durable=True)
    channel.queue_declare("waiting", durable=DURABLE, arguments={ARGUMENTS})
    channel.queue_bind("waiting", "incoming")
    channel.basic_publish(SENT, b"x", properties=pika.BasicProperties(delivery_mode=2))  # SITE
"""
TO_SORTED = '"x-dead-letter-exchange": "sorted"'
TO_JOBS = '"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "jobs", "x-message-ttl": 1000'


def waits(arguments: str, sent: str = '"incoming", "jobs"', durable: bool = True, takes: str = TAKES) -> Seen:
    sender = WAITS.replace("ARGUMENTS", arguments).replace("SENT", sent).replace("DURABLE", str(durable))
    return see({"customer/app.py": sender, "billing/worker.py": takes})


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [(TO_SORTED, '"incoming", "jobs"'), (TO_JOBS, '"incoming", "any"'), (TO_JOBS, '"", "waiting"')],
)
def test_a_message_that_waits_in_a_queue_nobody_takes_from_goes_on_as_a_dead_letter(arguments: str, sent: str) -> None:
    seen = waits(arguments, sent)
    assert seen.sites("billing") == seen.marked("SITE")
    assert [one.durable for one in seen.crossings()] == [True]
    assert seen.unresolved() == []


def test_a_queue_on_the_way_that_does_not_last_loses_what_waits_in_it() -> None:
    assert [(one.target, one.durable) for one in waits(TO_SORTED, durable=False).crossings()] == [("billing", False)]


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        (TO_SORTED, '"incoming", "letters"'),
        ('"x-dead-letter-exchange": "others"', '"incoming", "jobs"'),
        ('"x-message-ttl": 1000', '"incoming", "jobs"'),
        ('"x-dead-letter-exchange": "incoming"', '"incoming", "jobs"'),
    ],
)
def test_a_dead_letter_that_goes_elsewhere_reaches_nobody(arguments: str, sent: str) -> None:
    seen = waits(arguments, sent)
    assert seen.sites("billing") == set()
    assert seen.sites(None) == seen.marked("SITE")


def test_what_somebody_takes_goes_no_further() -> None:
    both = TAKES.replace(
        '    channel.basic_consume("jobs", work)',
        '    channel.basic_consume("jobs", work)\n    channel.basic_consume("waiting", work)',
    )
    (crossing,) = waits(TO_SORTED, takes=both).crossings()
    assert [receiver.queue for receiver in crossing.receivers] == ["waiting"]


NAMED = """
    import os
    import pika

    channel = pika.BlockingConnection().channel()
    channel.exchange_declare(os.environ["EVENTS"], "topic", durable=True)
    channel.basic_publish(os.environ["EVENTS"], KEY, b"x")  # SITE
"""


def named(key: str, bound: str, variable: str = "EVENTS") -> Seen:
    takes = TAKES.replace('"sorted", "direct"', f'os.environ["{variable}"], "topic"')
    takes = takes.replace('"jobs", "sorted", routing_key="jobs"', f'"jobs", os.environ["{variable}"], {bound}')
    return see({"customer/app.py": NAMED.replace("KEY", key), "billing/worker.py": takes})


def test_an_exchange_that_a_variable_names_is_only_known_to_be_named_alike() -> None:
    seen = named('"job.made"', '"job.*"')
    assert seen.sites("billing") == seen.marked("SITE")
    assert [one.confidence for one in seen.crossings()] == ["medium"]
    assert len(seen.unresolved()) == 1


@pytest.mark.parametrize(
    ("key", "bound", "variable"), [('"job.made"', '"letter.*"', "EVENTS"), ('"job.made"', '"job.*"', "LETTERS")]
)
def test_another_key_or_another_variable_is_another_channel(key: str, bound: str, variable: str) -> None:
    seen = named(key, bound, variable)
    assert seen.sites("billing") == set()


def test_keys_that_variables_hold_are_told_apart_by_their_variables() -> None:
    key = 'os.environ["MADE"]'
    assert named(key, key).sites("billing") != set()
    takes = TAKES.replace('"sorted", "direct"', 'os.environ["EVENTS"], "topic"').replace(
        'channel.queue_bind("jobs", "sorted", routing_key="jobs")',
        'channel.queue_bind("jobs", os.environ["EVENTS"], os.environ["SENT"])\n'
        '    channel.queue_declare("made", durable=True)\n'
        '    channel.queue_bind("made", os.environ["EVENTS"], os.environ["MADE"])\n'
        '    channel.basic_consume("made", work)',
    )
    seen = see({"customer/app.py": NAMED.replace("KEY", key), "billing/worker.py": takes})
    assert [receiver.queue for one in seen.crossings() for receiver in one.receivers] == ["made"]


AIO_BIND = """
    import os
    import aio_pika

    async def main():
        connection = await aio_pika.connect_robust("amqp://mq")
        channel = await connection.channel()
        queue = await channel.declare_queue("jobs", durable=True)
        await queue.bind(os.environ["EVENTS"], routing_key="job.made")
        await queue.consume(print)
"""


def test_aio_pika_binds_to_an_exchange_by_its_name() -> None:
    seen = see({"customer/app.py": NAMED.replace("KEY", '"job.made"'), "billing/worker.py": AIO_BIND})
    assert seen.sites("billing") == seen.marked("SITE")


SENDS = """
    from kafka import KafkaProducer

    KafkaProducer().send("jobs", b"x")  # SITE
"""
ASSIGNS = {
    "kafka-python": """
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(enable_auto_commit=False)
    consumer.assign([TopicPartition(TOPIC, 0)])
    for message in consumer:
        print(message)
""",
    "aiokafka": """
    from aiokafka import AIOKafkaConsumer
    from aiokafka.structs import TopicPartition

    HANDLERS = {TOPIC: print}

    class Taker:
        def __init__(self, handlers):
            self.handlers = handlers

        async def take(self, topic):
            consumer = AIOKafkaConsumer()
            consumer.assign([TopicPartition(topic, 0)])
            async for message in consumer:
                self.handlers[topic](message)

        def all(self):
            return [self.take(topic) for topic in self.handlers]

    Taker(HANDLERS).all()
""",
    "confluent-kafka": """
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer({"group.id": "billing"})
    consumer.assign([TopicPartition(TOPIC, 0, 12)])
    while True:
        print(consumer.poll(1.0))
""",
}


@pytest.mark.parametrize("library", ASSIGNS)
def test_partitions_that_a_program_assigns_itself_are_taken_from(library: str) -> None:
    seen = see({"customer/app.py": SENDS, "billing/worker.py": ASSIGNS[library].replace("TOPIC", '"jobs"')})
    assert seen.sites("billing") == seen.marked("SITE")
    assert seen.unresolved() == []


@pytest.mark.parametrize("library", ASSIGNS)
def test_partitions_of_another_topic_are_not(library: str) -> None:
    seen = see({"customer/app.py": SENDS, "billing/worker.py": ASSIGNS[library].replace("TOPIC", '"letters"')})
    assert seen.sites("billing") == set()
    assert seen.unresolved() == []


def test_partitions_that_a_rebalance_hands_over_are_no_further_subscription() -> None:
    takes = """
    from confluent_kafka import Consumer

    def given(consumer, partitions):
        consumer.assign(partitions)

    consumer = Consumer({"group.id": "billing"})
    consumer.subscribe(["letters"], on_assign=given)
    while True:
        print(consumer.poll(1.0))
"""
    seen = see({"customer/app.py": SENDS, "billing/worker.py": takes})
    assert seen.sites("billing") == set()
    assert seen.unresolved() == []


PARTLY = """
    import pika
    import sys

    name = f"{sys.argv[1]}.ENDING"
    channel = pika.BlockingConnection().channel()
    channel.exchange_declare("notices", "direct", durable=True)
    channel.queue_declare(name, durable=True)
    channel.queue_bind(name, "notices", routing_key=sys.argv[2])
    channel.basic_publish("notices", sys.argv[2], b"x", properties=pika.BasicProperties(delivery_mode=2))  # SITE
"""


def partly(ending: str, durable: bool = True) -> Seen:
    takes = TAKES.replace('"jobs"', '"mail.welcome"').replace("durable=True)", f"durable={durable})")
    return see({"customer/app.py": PARTLY.replace("ENDING", ending), "billing/worker.py": takes})


@pytest.mark.parametrize("durable", [True, False])
def test_a_queue_of_which_a_part_of_the_name_is_known_may_be_one_that_fits(durable: bool) -> None:
    seen = partly("welcome", durable)
    assert seen.sites("billing") == seen.marked("SITE")
    assert [(one.durable, one.confidence) for one in seen.crossings()] == [(durable, "medium")]
    assert len(seen.unresolved()) == 1


def test_a_queue_whose_name_does_not_fit_is_another() -> None:
    assert partly("farewell").sites("billing") == set()


@pytest.mark.parametrize(("topic", "target"), [("jobs.", "billing"), ("letters.", None)])
def test_a_topic_of_which_a_part_is_known_may_be_one_that_fits_and_is_never_silent(
    topic: str, target: str | None
) -> None:
    sends = SENDS.replace('"jobs"', f'"{topic}" + input()')
    takes = ASSIGNS["kafka-python"].replace("TOPIC", '"jobs.made"')
    seen = see({"customer/app.py": sends, "billing/worker.py": takes})
    assert seen.sites(target) == seen.marked("SITE")
    assert len(seen.unresolved()) == 1


TIMER = """
    import pika

    def remind(channel, number, after):
        timer = f"timer.{number}.start"
        channel.queue_declare(timer, durable=DURABLE, arguments={"x-message-ttl": after, "x-expires": after, ARGUMENTS})
        channel.basic_publish("", SENT, b"x", properties=pika.BasicProperties(delivery_mode=2))

    remind(pika.BlockingConnection().channel(), input(), 5)  # SITE
"""


def _timer(sent: str, arguments: str, durable: bool = True) -> Seen:
    timer = TIMER.replace("SENT", sent).replace("ARGUMENTS", arguments).replace("DURABLE", str(durable))
    return see({"customer/app.py": timer, "billing/worker.py": TAKES})


@pytest.mark.parametrize("durable", [True, False])
def test_a_message_waits_in_a_queue_of_its_own_and_goes_on_from_there(durable: bool) -> None:
    """The queue is called after what is reminded of: as it is declared, so the message is sent."""
    seen = _timer("timer", TO_JOBS, durable)
    assert seen.sites("billing") == seen.marked("SITE")
    assert [(one.durable, one.confidence) for one in seen.crossings()] == [(durable, "medium")]
    assert ["written alike" in one.why for one in seen.unresolved()] == [True]


@pytest.mark.parametrize(
    ("sent", "arguments"), [("f'timer.{number}.end'", TO_JOBS), ("timer", TO_SORTED), ("timer", '"x-priority": 1')]
)
def test_a_message_in_another_queue_or_with_nowhere_to_go_stays_open(sent: str, arguments: str) -> None:
    seen = _timer(sent, arguments)
    assert seen.sites("billing") == set()
    assert seen.unresolved()


TWO_LINES = {
    "shared/bus.py": """
        import pika

        class Bus:
            def __init__(self):
                self.channel = pika.BlockingConnection().channel()

            def send(self, queue):
                self.channel.basic_publish("", queue, b"x")

        def serve(handler):
            handler(b"x")
    """,
    "customer/app.py": """
        from shared.bus import Bus, serve

        def make(bus):
            def handle(body):
                if body:
                    bus.send("jobs")  # SITE
                else:
                    bus.send("jobs")  # SITE
            return handle

        serve(make(Bus()))
    """,
    "billing/app.py": BILLING_CONSUMES_JOBS,
}


def test_two_lines_that_send_by_shared_code_are_two_wherever_they_are_called_from() -> None:
    seen = see(TWO_LINES)
    reached = {f"{one.place.path}:{one.place.line}" for crossing in seen.crossings() for one in crossing.evidence}
    assert seen.marked() <= reached
