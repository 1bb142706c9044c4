"""A client, channel or connection in hands that nobody knows: told where it is handed over, whatever it is for."""

from __future__ import annotations

import pytest
from source_trees import customer

LOADED = """
    import os
    from importlib import import_module

    def load():
        return getattr(import_module(os.environ["PLUGIN"]), os.environ["NAME"])
"""

HANDED = {
    "a stub of a module that nobody gives": """
        import grpc

        def go(module, name):
            stub = getattr(module, name)(grpc.insecure_channel("billing:50051"))  # SITE
            stub.Charge(object())
        """,
    "a stub of a module from the environment": """
        import os
        from importlib import import_module
        import grpc

        module = import_module(os.environ["STUBS"])
        stub = getattr(module, os.environ["STUB"])(grpc.insecure_channel("billing:50051"))  # SITE

        def go():
            stub.Charge(object())
        """,
    "a session given to a parameter": """
        import requests

        def go(factory):
            factory.build(requests.Session())  # SITE
        """,
    "a session given to a function that is a parameter": """
        import requests

        def go(make):
            make(requests.Session())  # SITE
        """,
    "a session given by name": """
        import requests

        def go(make):
            make(client=requests.Session())  # SITE
        """,
    "a session in a list of arguments": """
        import requests

        def go(make):
            clients = [requests.Session()]
            make(*clients)  # SITE
        """,
    "a session that the caller gives": """
        import requests

        def hand(factory, session):
            factory.build(session)  # SITE

        def go(factory):
            hand(factory, requests.Session())
        """,
    "a session that the caller of the caller gives": """
        import requests

        class Handing:
            def __init__(self, factory):
                self.factory = factory

            def hand(self, session):
                self.factory.build(session)  # SITE

        def pass_on(handing, session):
            handing.hand(session)

        def go(factory):
            pass_on(Handing(factory), requests.Session())
        """,
    "a method of a session": """
        import requests

        def go(scheduler):
            scheduler.every(5, requests.Session().post)  # SITE
        """,
    "a method of a session, with its first argument": """
        from functools import partial
        import requests

        def go(scheduler):
            scheduler.every(5, partial(requests.Session().post, "http://billing/"))  # SITE
        """,
    "a session of a class that extends the client": """
        import requests

        class Api(requests.Session):
            pass

        def go(make):
            make(Api())  # SITE
        """,
    "a session on self": """
        import requests

        class Gateway:
            def __init__(self, factory):
                self.session = requests.Session()
                self.api = factory(self.session)  # SITE
        """,
}


@pytest.mark.parametrize("name", HANDED)
def test_a_client_given_to_something_unknown_is_unresolved(name: str) -> None:
    seen = customer(HANDED[name])
    assert {str(one.place) for one in seen.unresolved("request")} >= seen.marked(), seen.unresolved()
    assert {str(one.place) for one in seen.unresolved()} <= seen.marked() | {
        str(one.place) for one in seen.unresolved("import")
    }


OTHER_REACHES = {
    "publish": """
        import pika

        def go(make):
            make(pika.BlockingConnection().channel())  # SITE
        """,
    "store": """
        from sqlalchemy import create_engine

        def go(make):
            make(create_engine("sqlite:///x.db"))  # SITE
        """,
    "store, by a method that nobody here has, of what a caller gives": """
        import sqlite3

        def hand(factory, connection):
            factory.build(connection)  # SITE

        def go(factory):
            hand(factory, sqlite3.connect("x.db"))
        """,
}


@pytest.mark.parametrize("reach", OTHER_REACHES)
def test_it_says_what_could_be_done_with_it(reach: str) -> None:
    seen = customer(OTHER_REACHES[reach])
    could_be = (reach.partition(",")[0],)
    assert [(str(one.place), one.could_be) for one in seen.unresolved()] == [(*seen.marked(), could_be)]


SILENT = {
    "it is logged": """
        import logging
        import requests

        log = logging.getLogger(__name__)

        def go():
            session = requests.Session()
            log.info("made %s", session)
            log.getChild("x").log(10, "made", session)
            logging.debug(session)
            print(session, repr(session), id(session))
        """,
    "it is logged by a logger that is given": """
        import requests

        def go(log):
            log.info("made %s", requests.Session())
        """,
    "it is compared": """
        import requests

        def go(other):
            session = requests.Session()
            return session is other or session == other or isinstance(session, requests.Session)
        """,
    "it is kept in containers": """
        import requests

        KNOWN = []
        BY_NAME = {}

        def go(given, name):
            session = requests.Session()
            KNOWN.append(session)
            BY_NAME[name] = session
            BY_NAME.setdefault(name, session)
            given.append(session)
            given.add(session)
            return {name: session}, [session], (session,)
        """,
    "it is put into a queue, a variable, a stack of contexts": """
        import contextlib
        import contextvars
        import queue
        import requests
        import threading

        WAITING = queue.Queue()
        CURRENT = contextvars.ContextVar("session")
        LOCAL = threading.local()

        def go():
            with contextlib.ExitStack() as stack:
                session = stack.enter_context(requests.Session())
                WAITING.put(session)
                CURRENT.set(session)
                LOCAL.session = session
        """,
    "it is closed": """
        import atexit
        import requests

        session = requests.Session()
        atexit.register(session.close)

        def go():
            session.close()
        """,
    "it is handed to a framework": """
        import requests
        from fastapi import FastAPI
        from opentelemetry.instrumentation.requests import RequestsInstrumentor

        app = FastAPI()
        session = requests.Session()
        app.state.session = session
        app.dependency_overrides[object] = lambda: session
        RequestsInstrumentor().instrument(session=session)
        """,
    "it is handed to the program's own code": """
        import requests

        class Api:
            def __init__(self, session):
                self.session = session

        def go():
            return Api(requests.Session())
        """,
    "a hook that is not there": """
        import requests

        def go(hook=None):
            session = requests.Session()
            if hook:
                hook(session)

        go()
        """,
    "other things are handed to something unknown": """
        import requests

        def go(make, name):
            make(name, 5, [name], {"a": name}, requests.Session)
        """,
}


@pytest.mark.parametrize("name", SILENT)
def test_what_only_keeps_shows_or_closes_it_is_silent(name: str) -> None:
    seen = customer(SILENT[name])
    assert seen.silent(), [f"{one.place} {one.what} {one.why}" for one in seen.unresolved()]
