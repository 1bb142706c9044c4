"""Calls on what nobody here made: told where the call itself says enough, and silent where it says nothing."""

from __future__ import annotations

import pytest
from source_trees import customer

READS = {
    "a cursor that is given": """
        def go(cursor):
            cursor.execute("SELECT pan FROM billing.cards")  # SITE
        """,
    "a connection of a pool that is given": """
        async def go(pool):
            async with pool.acquire() as connection:
                return await connection.fetchrow("SELECT pan FROM billing.cards")  # SITE
        """,
    "a connection on self": """
        class Repository:
            def __init__(self, connection):
                self.connection = connection

            def cards(self):
                return self.connection.cursor().execute("SELECT pan FROM billing.cards")  # SITE
        """,
}


@pytest.mark.parametrize("name", READS)
def test_a_statement_given_to_something_unknown_uses_its_tables(name: str) -> None:
    seen = customer(READS[name])
    assert {(str(use.place), use.table) for use in seen.tables("read")} == {
        (place, "billing.cards") for place in seen.marked()
    }


DOUBTED = {
    "a path given to a client that is given": """
        import requests

        def go(client):
            client.get("/cards")  # SITE
        """,
    "a path with a part that is given": """
        import httpx

        def go(client, id):
            client.put(f"/cards/{id}")  # SITE
        """,
    "an address given to something unknown": """
        def go(client):
            client.load("http://billing/cards")  # SITE
        """,
    "a name of the module that something unseen sets": """
        session = None

        def go():
            session.post("http://billing/cards")  # SITE
        """,
    "an attribute that something unseen sets": """
        class Charges:
            session = None

            def go(self):
                self.session.post("http://billing/cards")  # SITE
        """,
}


@pytest.mark.parametrize("name", DOUBTED)
def test_a_path_given_to_something_unknown_is_unresolved(name: str) -> None:
    seen = customer(DOUBTED[name])
    assert {str(one.place) for one in seen.unresolved("request")} == seen.marked()


SILENT = {
    "a key given to a cache": """
        import requests

        def go(cache, key):
            cache.get("cards")
            cache.get(key)
            cache.delete(f"card:{key}")
        """,
    "work given to an executor": """
        def go(executor, job):
            executor.execute(job)
            executor.execute("select")
        """,
    "an address that is logged": """
        import logging
        import os

        import requests

        class Adapter(logging.LoggerAdapter[logging.Logger]):
            def process(self, message, more):
                return message, more

        log = logging.getLogger(__name__)
        of_the_service = Adapter(log, {"service": "customer"})

        def go():
            log.info("%s", os.environ["BILLING_HOST"])
            log.info("http://billing/ is meant")
            of_the_service.warning("%s is away", os.environ["BILLING_HOST"])
        """,
    "a path given to something where no client is imported": """
        def go(files):
            files.get("/etc/hosts")
        """,
}


@pytest.mark.parametrize("name", SILENT)
def test_what_says_nothing_is_silent(name: str) -> None:
    seen = customer(SILENT[name])
    assert seen.silent(), [f"{one.place} {one.what} {one.why}" for one in seen.unresolved()]


SILENT_ON_NOTHING = {
    "a cache that is switched off": """
        cache = None

        def go():
            return cache.get("cards")
        """,
    "a client that a caller may leave out": """
        import requests

        def go(client=None):
            if client is not None:
                return client.post("http://billing/cards")

        go()
        """,
}


@pytest.mark.parametrize("name", SILENT_ON_NOTHING)
def test_what_is_none_on_purpose_is_in_no_doubt(name: str) -> None:
    assert not customer(SILENT_ON_NOTHING[name]).unresolved("request")


INHERITED = {
    "a method of its base": """
        from mystery import Flow

        class Orders(Flow):
            def begin(self):
                self.send_on({"a": 1}, task="cards.check")  # SITE
        """,
    "a method of what its base holds": """
        from mystery import Flow

        class Orders(Flow):
            def begin(self):
                self.client.send_on({"a": 1})  # SITE
        """,
    "an object that is made elsewhere": """
        from mystery import Flow

        class Orders(Flow):
            pass

        orders = Orders  # an alias

        def go(orders: Orders):
            orders.start()  # SITE
        """,
}


@pytest.mark.parametrize("name", INHERITED)
def test_what_a_class_has_of_an_unknown_library_is_open_where_it_is_called(name: str) -> None:
    seen = customer(INHERITED[name])
    assert {f"{one.place.path}:{one.place.line}" for one in seen.unresolved()} == seen.marked()


def test_what_a_class_has_of_its_own_or_of_a_mixin_is_not_the_unknown_librarys() -> None:
    seen = customer(
        """
        import requests
        from mystery import Flow

        class Asks:
            def ask(self):
                return requests.get("http://billing")

        class Orders(Flow):
            def begin(self):
                self.names = []
                self.names.append(self.title.upper())
                return self.ask()  # SITE

        class Real(Orders, Asks):
            pass

        def go(real: Real):
            real.begin()
        """
    )
    assert seen.to() == {"billing"}
    assert not seen.unresolved()
