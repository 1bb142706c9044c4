"""Shared classes and functions that a framework calls, or whoever is given them; modules that texts alone name."""

from __future__ import annotations

import pytest
from source_trees import customer, see

# What the customer does, and the shared class: its request to billing counts where the customer has to do with it.
CALLED = {
    "a handler of the log": (
        "import logging\nfrom shared.net import Own\n\nlogging.getLogger().addHandler(Own())\n",
        """
        import logging, requests

        class Own(logging.Handler):
            def emit(self, record):
                requests.post("http://billing/x")  # SITE
        """,
    ),
    "an authentication of requests": (
        "import requests\nfrom shared.net import Own\n\nrequests.get('http://sysops', auth=Own())\n",
        """
        import requests

        class Own(requests.auth.AuthBase):
            def __call__(self, request):
                requests.post("http://billing/x")  # SITE
                return request
        """,
    ),
    "an authentication of httpx": (
        "import httpx\nfrom shared.net import Own\n\nhttpx.get('http://sysops', auth=Own())\n",
        """
        import httpx

        class Own(httpx.Auth):
            def auth_flow(self, request):
                answer = yield httpx.Request("POST", "http://billing/token")  # SITE
                yield request
        """,
    ),
    "an adapter of requests": (
        "import requests\nfrom shared.net import Own\n\nrequests.Session().mount('http://', Own())\n",
        """
        import requests

        class Own(requests.adapters.HTTPAdapter):
            def send(self, request, **options):
                requests.post("http://billing/x")  # SITE
                return super().send(request, **options)
        """,
    ),
    "a middleware of an application": (
        "from fastapi import FastAPI\nfrom shared.net import Own\n\nFastAPI().add_middleware(Own)\n",
        """
        import httpx
        from starlette.middleware.base import BaseHTTPMiddleware

        class Own(BaseHTTPMiddleware):
            async def dispatch(self, request, call_next):
                httpx.get("http://billing/x")  # SITE
                return await call_next(request)
        """,
    ),
    "a guard that is an object": (
        "from fastapi import Depends, FastAPI\nfrom shared.net import Own\n\napp = FastAPI()\n\n"
        "@app.get('/x', dependencies=[Depends(Own('http://billing'))])\ndef view():\n    pass\n",
        """
        import requests

        class Own:
            def __init__(self, base):
                self.base = base

            def __call__(self, token: str):
                requests.get(self.base + "/x")  # SITE
        """,
    ),
    "a permission of a view": (
        "from rest_framework.views import APIView\nfrom shared.net import Own\n\n"
        "class Cards(APIView):\n    permission_classes = [Own]\n",
        """
        import requests
        from rest_framework.permissions import BasePermission

        class Own(BasePermission):
            def has_permission(self, request, view):
                return requests.get("http://billing/x").ok  # SITE
        """,
    ),
    "a base class of tasks": (
        "from celery import shared_task\nfrom shared.net import Own\n\n@shared_task(base=Own)\ndef go():\n    pass\n",
        """
        import requests
        from celery import Task

        class Own(Task):
            def on_failure(self, *args):
                requests.post("http://billing/x")  # SITE
        """,
    ),
    "an encoder": (
        "import json\nfrom shared.net import Own\n\ndef go(x):\n    return json.dumps(x, cls=Own)\n",
        """
        import json, requests

        class Own(json.JSONEncoder):
            def default(self, thing):
                return requests.get("http://billing/x").text  # SITE
        """,
    ),
    "an object with an end": (
        "from shared.net import Own\n\ndef go():\n    Own()\n",
        """
        import requests

        class Own:
            def __del__(self):
                requests.post("http://billing/x")  # SITE
        """,
    ),
    "a decorator around what nobody here calls": (
        "from shared.net import timed\n\n@timed('http://billing')\ndef go():  # SITE\n    pass\n",
        """
        import requests

        def timed(base):
            def decorate(function):
                def inner(*args):
                    requests.post(base + "/x")
                    return function(*args)
                return inner
            return decorate
        """,
    ),
}


@pytest.mark.parametrize("name", CALLED)
def test_what_a_framework_calls_of_shared_code_counts_for_the_quantum(name: str) -> None:
    text, net = CALLED[name]
    seen = customer(text, shared__net=net)
    assert len(seen.sites()) == 1
    assert {site.partition(":")[0] for site in seen.sites()} == {place.partition(":")[0] for place in seen.marked()}


@pytest.mark.parametrize("name", CALLED)
def test_a_shared_class_that_the_quantum_has_nothing_to_do_with_does_not_count(name: str) -> None:
    assert customer("import shared.net\n", shared__net=CALLED[name][1]).silent()


BETWEEN = {
    "a mixin": (
        "from shared.net import Both\n\ndef go():\n    Both().send('http://billing/x')\n",
        """
        import requests

        class Root:
            def send(self, url):
                pass

        class Http(Root):
            def send(self, url):
                requests.post(url)
                super().send(url)

        class Logged(Root):
            def send(self, url):
                print(url)
                super().send(url)

        class Both(Logged, Http):
            pass
        """,
    ),
    "a class that a decorator extends": (
        "from shared.net import go\n\ngo()\n",
        """
        import requests

        def at(base):
            def decorate(cls):
                class Extended(cls):
                    base_url = base
                return Extended
            return decorate

        @at("http://billing")
        class Api:
            base_url = None

            def pay(self):
                requests.post("http://billing/x")

        def go():
            Api().pay()
        """,
    ),
    "a metaclass that answers to any name": (
        "from shared.net import go\n\ngo()\n",
        """
        import requests

        class Meta(type):
            def __getattr__(cls, name):
                return lambda: requests.get("http://billing/" + name)

        class Api(metaclass=Meta):
            pass

        def go():
            Api.cards()
        """,
    ),
    "a dependency that is its own factory": (
        "from typing import Annotated\nfrom fastapi import Depends, FastAPI\nfrom shared.net import Pager\n\n"
        "app = FastAPI()\n\n@app.get('/x')\ndef view(pager: Annotated[Pager, Depends()]):\n    return pager.fetch()\n",
        """
        import requests

        class Pager:
            def __init__(self, page: int = 1):
                self.page = page

            def fetch(self):
                return requests.get("http://billing/x")
        """,
    ),
}


@pytest.mark.parametrize("name", BETWEEN)
def test_what_stands_between_the_call_and_the_method_is_seen_through(name: str) -> None:
    text, net = BETWEEN[name]
    assert customer(text, shared__net=net).to() == {"billing"}
    assert customer("import shared.net\n", shared__net=net).silent()


UNUSED = """
    import requests

    class Client(requests.Session):
        def cards(self):
            return self.get("http://billing/cards")

        def bills(self):
            return self.get("http://sysops/bills")

    class Plain:
        def bills(self):
            return requests.get("http://sysops/bills")
    """


def test_methods_of_a_shared_client_that_nobody_calls_do_not_count() -> None:
    text = "from shared.net import Client, Plain\n\nPlain()\nClient().cards()  # SITE\n"
    seen = customer(text, shared__net=UNUSED)
    assert seen.to() == {"billing"}


TEXTS = ('MIDDLEWARE = ["shared.net.Own"]\n', 'from celery import Celery\n\nCelery(include=["shared.net"])\nOwn = 1\n')


@pytest.mark.parametrize("text", TEXTS)
def test_a_shared_module_that_a_text_alone_names_is_read(text: str) -> None:
    net = """
        import requests

        class Own:
            def __init__(self, get_response):
                self.get_response = get_response

            def __call__(self, request):
                requests.get("http://billing/x")  # SITE
                return self.get_response(request)
        """
    seen = customer(text, shared__net=net)
    assert seen.sites() == seen.marked()
    assert customer(text.replace("shared.net", "shared.nothing"), shared__net=net).silent()


HANDED = {
    "a partial of a publish": (
        """
        import functools
        import pika

        connection = pika.BlockingConnection()
        channel = connection.channel()

        def go():
            connection.add_callback_threadsafe(functools.partial(channel.basic_publish, "", "jobs", b"x"))  # SITE
        """
    ),
    "a proxy for what a function gives": (
        """
        import httpx
        from flask import g
        from werkzeug.local import LocalProxy

        def get_client():
            if "client" not in g:
                g.client = httpx.Client(base_url="http://billing")
            return g.client

        client = LocalProxy(get_client)

        def go():
            client.get("/x")  # SITE
        """
    ),
    "a client that an application keeps": (
        """
        import aiohttp
        from aiohttp import web

        async def start(app):
            app["client"] = aiohttp.ClientSession("http://billing")

        async def view(request):
            await request.app["client"].get("/x")  # SITE

        app = web.Application()
        app.on_startup.append(start)
        app.router.add_get("/x", view)
        """
    ),
    "a connection that is told line by line": (
        """
        import http.client

        def go():
            connection = http.client.HTTPConnection("billing", 8000)
            connection.putrequest("GET", "/x")  # SITE
            connection.endheaders()
        """
    ),
}


@pytest.mark.parametrize("name", HANDED)
def test_what_is_handed_over_ready_to_be_called_is_found(name: str) -> None:
    seen = customer(HANDED[name])
    assert seen.sites() == seen.marked()


def test_a_router_of_a_module_that_is_missing_is_unresolved() -> None:
    text = "from fastapi import FastAPI\nfrom customer import missing\n\n"
    text += "FastAPI().include_router(missing.router)  # SITE\n"
    seen = see({"customer/__init__.py": "", "customer/app.py": text})
    assert {str(one.place) for one in seen.unresolved("request")} == seen.marked()
