"""A message that waits in a table: the line that writes the row is the publisher."""

from __future__ import annotations

import pytest
from source_trees import BILLING_CONSUMES_JOBS, see

MODELS = """
    from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

    class Base(DeclarativeBase):
        pass

    class Message(Base):
        __tablename__ = "outbox"
        id: Mapped[int] = mapped_column(primary_key=True)
        queue: Mapped[str]
        body: Mapped[str]

    outbox = Table("outbox", MetaData(), Column("id", Integer), Column("queue", String), Column("body", String))
    engine = create_engine("sqlite:///customer.db")
    sessions = sessionmaker(engine)
"""

WRITERS = {
    "a mapped row": """
        from shared.models import Message, sessions

        def go():
            with sessions() as session:
                session.add(Message(queue="jobs", body="x"))  # SITE
        """,
    "a mapped row made before": """
        from shared.models import Message, sessions

        def go():
            message = Message(queue="jobs", body="x")
            with sessions() as session:
                session.add_all([message])  # SITE
        """,
    "a mapped row filled by attributes": """
        from shared.models import Message, sessions

        def go():
            message = Message()
            message.queue = "jobs"  # SITE
            message.body = "x"
            with sessions() as session:
                session.add(message)
        """,
    "insert().values()": """
        from sqlalchemy import insert
        from shared.models import Message, sessions

        def go():
            with sessions() as session:
                session.execute(insert(Message).values(queue="jobs", body="x"))  # SITE
        """,
    "insert() of a table with values beside it": """
        from shared.models import engine, outbox

        def go():
            with engine.begin() as connection:
                connection.execute(outbox.insert(), {"queue": "jobs", "body": "x"})  # SITE
        """,
    "insert() with several rows": """
        from sqlalchemy import insert
        from shared.models import engine, outbox

        def go():
            with engine.begin() as connection:
                connection.execute(insert(outbox), [{"queue": "jobs", "body": "x"}])  # SITE
        """,
    "SQL with named values": """
        from sqlalchemy import text
        from shared.models import engine

        def go():
            with engine.begin() as connection:
                connection.execute(  # SITE
                    text("INSERT INTO outbox (queue, body) VALUES (:queue, :body)"), {"queue": "jobs", "body": "x"}
                )
        """,
    "SQL with positional values": """
        import sqlite3

        def go():
            connection = sqlite3.connect("customer.db")
            connection.execute("INSERT INTO outbox (queue, body) VALUES (?, ?)", ("jobs", "x"))  # SITE
        """,
    "SQL with the values in it": """
        import sqlite3

        def go():
            connection = sqlite3.connect("customer.db")
            connection.execute("INSERT INTO outbox (queue, body) VALUES ('jobs', ?)", ("x",))  # SITE
        """,
    "a helper that others call": """
        from shared.models import Message, sessions

        def enqueue(session, queue, body):
            session.add(Message(queue=queue, body=body))

        def go():
            with sessions() as session:
                enqueue(session, "jobs", "x")  # SITE
        """,
    "a class that others are given": """
        from shared.models import Message, sessions

        class Outbox:
            def __init__(self, factory):
                self.factory = factory

            def put(self, queue, body):
                with self.factory() as session:
                    session.add(Message(queue=queue, body=body))

        class Desk:
            def __init__(self, outbox: Outbox):
                self.outbox = outbox

            def go(self):
                self.outbox.put("jobs", "x")  # SITE

        def main():
            Desk(Outbox(sessions)).go()
        """,
}

READERS = {
    "a mapped relay": """
        import pika
        from sqlalchemy import select
        from shared.models import Message, sessions

        def relay():
            channel = pika.BlockingConnection().channel()
            with sessions() as session:
                for message in session.scalars(select(Message).order_by(Message.id)):
                    channel.basic_publish("", message.queue, message.body)
        """,
    "a relay with query()": """
        import pika
        from shared.models import Message, sessions

        def relay():
            channel = pika.BlockingConnection().channel()
            with sessions() as session:
                for message in session.query(Message).filter(Message.id > 0).limit(10).all():
                    channel.basic_publish(exchange="", routing_key=message.queue, body=message.body)
        """,
    "a relay over SQL": """
        import pika
        from sqlalchemy import text
        from shared.models import engine

        def relay():
            channel = pika.BlockingConnection().channel()
            with engine.connect() as connection:
                for row in connection.execute(text("SELECT id, queue, body FROM outbox ORDER BY id")):
                    channel.basic_publish("", row.queue, row.body)
        """,
    "a relay over rows that are unpacked": """
        import sqlite3

        import pika

        def relay():
            channel = pika.BlockingConnection().channel()
            connection = sqlite3.connect("customer.db")
            for key, queue, body in connection.execute("SELECT id, queue, body FROM outbox").fetchall():
                channel.basic_publish("", queue, body)
        """,
}


def outbox(writer: str, reader: str) -> dict[str, str]:
    return {
        "shared/models.py": MODELS,
        "customer/writer.py": WRITERS[writer],
        "customer/relay.py": READERS[reader],
        "billing/worker.py": BILLING_CONSUMES_JOBS,
    }


@pytest.mark.parametrize("writer", WRITERS)
def test_the_line_that_writes_the_row_is_the_publisher(writer: str) -> None:
    seen = see(outbox(writer, "a mapped relay"))
    assert seen.sites("billing", mechanism="amqp") == seen.marked(), [f"{u.place} {u.why}" for u in seen.unresolved()]


@pytest.mark.parametrize("reader", READERS)
def test_the_relay_is_seen_through_however_it_reads(reader: str) -> None:
    seen = see(outbox("a mapped row", reader))
    assert seen.sites("billing", mechanism="amqp") == seen.marked(), [f"{u.place} {u.why}" for u in seen.unresolved()]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("writer", WRITERS)
def test_no_pair_of_writer_and_reader_is_silent(writer: str, reader: str) -> None:
    seen = see(outbox(writer, reader))
    assert seen.sites("billing", mechanism="amqp") or seen.unresolved("publish")


def test_the_way_leads_from_the_writer_through_the_relay_to_the_library() -> None:
    seen = see(outbox("a mapped row", "a mapped relay"))
    crossing = next(one for one in seen.crossings(mechanism="amqp") if one.target == "billing")
    assert [str(step.place) for step in crossing.path] == ["customer/writer.py:5", "customer/relay.py:9"]


def test_two_queues_in_one_outbox_are_two_channels() -> None:
    files = outbox("a mapped row", "a mapped relay")
    files["customer/other.py"] = WRITERS["a mapped row"].replace("jobs", "tickets").replace("SITE", "OTHER")
    files["sysops/worker.py"] = BILLING_CONSUMES_JOBS.replace('"jobs"', '"tickets"')
    seen = see(files)
    assert seen.sites("billing", mechanism="amqp") == seen.marked()
    assert seen.sites("sysops", mechanism="amqp") == seen.marked("OTHER")


def test_a_relay_whose_rows_nobody_writes_is_unresolved() -> None:
    files = outbox("a mapped row", "a mapped relay")
    del files["customer/writer.py"]
    assert see(files).unresolved("publish")
