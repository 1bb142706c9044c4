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


CLASSES = {
    "a class of a library that may not be installed": """
        import requests

        try:
            import httpx

            class Client(httpx.Client):
                def ask(self):
                    return self.get("http://billing/cards")  # SITE
        except ImportError:
            class Client:
                def ask(self):
                    return requests.get("http://billing/cards")  # SITE

        CLIENT = Client()
        CLIENT.ask()
        """,
    "a class on both branches, with other decorators and bases": """
        import sys
        from dataclasses import dataclass

        import requests

        if sys.version_info < (3, 12):
            class Client(requests.Session):
                def ask(self, path):
                    return self.get("http://billing" + path)  # SITE
        else:
            @dataclass
            class Client:
                timeout: int = 3

                def ask(self, path):
                    return requests.get("http://billing" + path, timeout=self.timeout)  # SITE

        def go():
            Client().ask("/cards")
        """,
    "a class inside of a class twice": """
        import requests

        class Api:
            class Address:
                host = "http://billing"

            def first(self):
                return requests.get(self.Address.host + "/cards")  # SITE

        class Api:
            class Address:
                host = "http://orders"

            def second(self):
                return requests.get("http://billing/cards")  # SITE
        """,
}


@pytest.mark.parametrize("code", CLASSES.values(), ids=CLASSES)
def test_each_of_two_classes_of_one_name_keeps_what_it_extends(code: str) -> None:
    seen = customer(code)
    assert seen.sites("billing") == seen.marked()
    assert not seen.evidence.unresolved


def test_two_classes_of_one_name_that_reach_nobody_stay_silent() -> None:
    seen = customer(
        """
        try:
            import orjson

            class Encoder:
                def get(self, value):
                    return orjson.dumps(value)
        except ImportError:
            import json

            class Encoder(json.JSONEncoder):
                def get(self, value):
                    return json.dumps(value)

        ENCODER = Encoder()
        ENCODER.get("http://billing/cards")
        """
    )
    assert seen.silent()


def test_the_table_of_a_class_that_is_defined_twice_has_the_name_that_the_code_gives_it() -> None:
    seen = customer(
        """
        from django.conf import settings
        from django.db import models

        if settings.WITH_HOLDER:
            class Card(models.Model):
                last_four = models.CharField()
                holder = models.CharField()
        else:
            class Card(models.Model):
                last_four = models.CharField()

        def go():
            Card.objects.create(last_four="0001")
        """
    )
    names = {use.table for use in seen.map.tables}
    assert names
    assert not any("@" in name for name in names)
