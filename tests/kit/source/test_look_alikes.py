"""What looks like a call to another quantum and is none: nothing is said of it."""

from __future__ import annotations

import pytest
from source_trees import customer, see

SILENT = {
    "post of a class of the user's own": """
        class Board:
            def post(self, text):
                print(text)

        def go():
            Board().post("http://billing/x")
        """,
    "a class named Session": """
        class Session:
            def post(self, url):
                return url

            def add(self, thing):
                self.things = [thing]

        def go():
            session = Session()
            session.post("http://billing/x")
            session.add("card")
        """,
    "a URL in a constant that nobody uses": """
        import requests

        BILLING = "http://billing/invoices"
        """,
    "a comment and a docstring": '''
        """Calls requests.post("http://billing/x")."""
        # requests.post("http://billing/x")
        def go():
            """requests.get("http://billing")"""
            return 1
        ''',
    "a URL that is printed": """
        import logging

        def go():
            print("http://billing/x")
            logging.info("see %s", "http://billing/x")
        """,
    "get of a mapping": """
        import requests

        CACHE = {"http://billing/x": 1}

        def go():
            return CACHE.get("http://billing/x")
        """,
    "a module of the user's own called requests": """
        from customer.requests import post

        def go():
            post("http://billing/x")
        """,
    "basic_publish of a class of the user's own": """
        class Recorder:
            def basic_publish(self, exchange, routing_key, body):
                self.seen = body

        def go():
            Recorder().basic_publish("", "jobs", b"x")
        """,
    "a client that is made and not used": """
        import httpx

        client = httpx.Client(base_url="http://billing")
        """,
    "an in-process queue": """
        import queue

        def go():
            q = queue.Queue()
            q.put("http://billing/x")
        """,
    "publish of a signal": """
        class Signal:
            def __init__(self):
                self.receivers = []

            def publish(self, value):
                for receiver in self.receivers:
                    receiver(value)

        changed = Signal()

        def go():
            changed.publish("jobs")
        """,
}


@pytest.mark.parametrize("name", SILENT)
def test_a_look_alike_is_silent(name: str) -> None:
    seen = customer(SILENT[name], customer__requests="def post(url):\n    return url\n", customer____init__="")
    assert seen.silent(), (seen.crossings(), seen.unresolved(), seen.map.tables)


TESTS = ("customer/tests/test_app.py", "customer/test_app.py", "customer/conftest.py", "customer/app_test.py")


@pytest.mark.parametrize("path", TESTS)
def test_the_tests_of_a_quantum_are_no_evidence(path: str) -> None:
    text = "import requests\n\n\ndef test_it():\n    requests.post('http://billing/x')\n"
    assert see({path: text, "customer/app.py": "", "billing/app.py": ""}).silent()


def test_a_module_that_is_only_named_like_a_test_is_evidence() -> None:
    text = "import requests\n\n\ndef go():\n    requests.post('http://billing/x')\n"
    seen = see({"customer/latest.py": text, "customer/testimonials.py": text, "billing/app.py": ""})
    assert seen.sites("billing") == {"customer/latest.py:5", "customer/testimonials.py:5"}


def test_an_unknown_library_is_unresolved() -> None:
    seen = customer("import mysteryclient\n\ndef go():\n    mysteryclient.connect('billing').call()\n")
    assert [one.what for one in seen.unresolved("request")]


def test_a_file_that_cannot_be_parsed_is_an_error_and_not_silence() -> None:
    seen = customer("import requests\ndef go(:\n    requests.post('http://billing')\n")
    assert [str(error.place) for error in seen.evidence.errors] == ["customer/app.py:2"]
    assert seen.evidence.errors[0].quantum == "customer"


def test_an_address_made_at_run_time_is_unresolved() -> None:
    seen = customer("import requests\n\ndef go(url):\n    requests.post(url)\n")
    assert [str(one.place) for one in seen.unresolved("request")] == ["customer/app.py:4"]


def test_a_routing_key_made_at_run_time_is_unresolved() -> None:
    seen = customer(
        "import pika\n\ndef go(key):\n    pika.BlockingConnection().channel().basic_publish('', key, b'')\n"
    )
    assert [str(one.place) for one in seen.unresolved("publish")] == ["customer/app.py:4"]


def test_a_table_named_at_run_time_is_unresolved() -> None:
    seen = customer(
        """
        from sqlalchemy import create_engine, text

        engine = create_engine("sqlite:///customer.db")

        def go(name):
            with engine.begin() as connection:
                connection.execute(text(f"INSERT INTO {name} (a) VALUES (1)"))
        """
    )
    assert seen.unresolved("store")


STATEMENTS_MADE_AT_RUN_TIME = {
    "a parameter": "def run(sql):\n    sqlite3.connect('c.db').execute(sql)\n",
    "a file": "def run():\n    sqlite3.connect('c.db').executescript(Path('x.sql').read_text())\n",
    "a name in it": "def run(name):\n    sqlite3.connect('c.db').execute('DELETE FROM ' + name)\n",
    "an attribute set by name": (
        "def run(session: Session, changes):\n    row = session.get(Card, 1)\n"
        "    for name, value in changes.items():\n        setattr(row, name, value)\n"
    ),
}


@pytest.mark.parametrize("name", STATEMENTS_MADE_AT_RUN_TIME)
def test_a_store_that_is_made_at_run_time_is_unresolved_or_found(name: str) -> None:
    head = (
        "import sqlite3\nfrom pathlib import Path\n\nfrom sqlalchemy.orm import DeclarativeBase, Mapped, Session\n\n\n"
        "class Base(DeclarativeBase):\n    pass\n\n\n"
        "class Card(Base):\n    __tablename__ = 'card'\n    number: Mapped[str]\n\n\n"
    )
    seen = customer(head + STATEMENTS_MADE_AT_RUN_TIME[name])
    assert seen.unresolved("store") or seen.tables("write")
