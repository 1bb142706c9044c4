"""Functions of one name in one place: overloads, and definitions on both branches of a condition."""

from __future__ import annotations

import pytest
from source_trees import customer

ONE_NAME = {
    "overloads around a closure": """
        from typing import overload

        import requests

        @overload
        def once(key: int): ...
        @overload
        def once(key: str): ...
        def once(key):
            @overload
            def wrap(function: int): ...
            @overload
            def wrap(function: str): ...
            def wrap(function):
                def wrapped(url):
                    return function(url)
                return wrapped
            return wrap

        @once("x")
        def fetch(url):
            return requests.get(url)

        @once("y")
        def other(url):
            return url

        def go():
            other("http://orders/here")
            fetch("http://billing/cards")  # SITE
        """,
    "closures on two branches": """
        import sys

        import requests

        if sys.platform == "win32":
            def through(function):
                def inner(url):
                    return function(url, timeout=1)
                return inner
        else:
            def through(function):
                def inner(url):
                    return function(url)
                return inner

        def go():
            through(requests.get)("http://billing/cards")  # SITE
        """,
    "two functions of one name within functions": """
        import requests

        def first():
            def send(path):
                requests.get("http://billing/" + path)  # SITE
            send("cards")

        def second():
            def send(path):
                return path
            send("invoices")
        """,
}


@pytest.mark.parametrize("code", ONE_NAME.values(), ids=ONE_NAME)
def test_what_is_defined_inside_sees_the_function_around_it(code: str) -> None:
    seen = customer(code)
    assert seen.sites("billing") == seen.marked()
    assert not seen.evidence.unresolved


def test_a_task_has_the_name_that_the_code_gives_it() -> None:
    seen = customer(
        """
            from celery import Celery

            app = Celery("customer", broker="amqp://broker")

            if app.conf.fast:
                @app.task
                def charge(): ...
            else:
                @app.task
                def charge(): ...

            def go():
                charge.delay()
        """
    )
    names = [str(one.slots) for one in seen.evidence.observations if one.does == "publish"]
    assert names
    assert not any("@" in name for name in names)
