"""HTTP clients beyond requests and httpx, and the frameworks whose routes call them."""

from __future__ import annotations

import pytest
from source_trees import customer, see

REACHING = {
    "aiohttp session": """
        import aiohttp

        async def go():
            async with aiohttp.ClientSession() as session:
                async with session.post("http://billing/invoices", json={}) as answer:  # SITE
                    return await answer.json()
        """,
    "aiohttp session with a base URL": """
        from aiohttp import ClientSession

        async def go():
            session = ClientSession("http://billing")
            return await session.get("/invoices")  # SITE
        """,
    "aiohttp request": """
        import aiohttp

        async def go():
            async with aiohttp.request("GET", "http://billing/invoices") as answer:  # SITE
                return await answer.text()
        """,
    "urllib3 pool manager": """
        import urllib3

        def go():
            return urllib3.PoolManager().request("GET", "http://billing/invoices")  # SITE
        """,
    "urllib3 pool of one host": """
        from urllib3 import HTTPConnectionPool

        pool = HTTPConnectionPool("billing", port=80)

        def go():
            return pool.request("GET", "/invoices")  # SITE
        """,
    "urllib3 module": """
        import urllib3

        def go():
            return urllib3.request("POST", "http://billing/invoices")  # SITE
        """,
    "requests by another name": """
        import niquests

        def go():
            return niquests.Session().post("http://billing/invoices", json={})  # SITE
        """,
    "session with a base URL": """
        from requests_toolbelt.sessions import BaseUrlSession

        session = BaseUrlSession(base_url="http://billing")

        def go():
            return session.get("/invoices")  # SITE
        """,
    "session that gives futures": """
        from requests_futures.sessions import FuturesSession

        def go():
            return FuturesSession().get("http://billing/invoices").result()  # SITE
        """,
    "tornado": """
        from tornado.httpclient import AsyncHTTPClient, HTTPRequest

        async def go():
            await AsyncHTTPClient().fetch("http://billing/a")  # SITE
            await AsyncHTTPClient().fetch(HTTPRequest("http://billing/b", method="POST"))  # SITE
        """,
    "tornado, with an address of the deployment's": """
        from os import environ
        from tornado.httpclient import HTTPClient, HTTPRequest

        PAY = environ.get("PAY", "http://billing/pay")

        def fetch(what):
            return HTTPClient().fetch(what)

        def go(number):
            HTTPClient().fetch(PAY)  # SITE
            HTTPClient().fetch(f"{PAY}/{number}")  # SITE
            fetch("%s/%s" % (PAY, number))  # SITE
            fetch(HTTPRequest(PAY, "POST"))  # SITE
        """,
    "httplib2": """
        import httplib2

        def go():
            return httplib2.Http().request("http://billing/invoices", "GET")  # SITE
        """,
    "dapr": """
        from dapr.clients import DaprClient

        def go():
            with DaprClient() as client:
                return client.invoke_method("billing", "invoices", data="")  # SITE
        """,
    "in a route of Sanic": """
        from sanic import Sanic, json
        import httpx

        app = Sanic("desk")

        @app.post("/cards")
        async def cards(request):
            async with httpx.AsyncClient() as client:
                await client.post("http://billing/cards", json=request.json)  # SITE
            return json({})
        """,
    "in a route of Flask": """
        from flask import Blueprint, jsonify, request
        import requests

        desk = Blueprint("desk", __name__)

        @desk.route("/cards", methods=["POST"])
        def cards():
            body = request.get_json()
            return jsonify(requests.post("http://billing/cards", json=body).json())  # SITE
        """,
    "in a view of Django": """
        from django.http import JsonResponse
        from django.urls import path
        import requests

        def cards(request):
            return JsonResponse(requests.get("http://billing/cards").json())  # SITE

        urlpatterns = [path("cards/", cards)]
        """,
    "in a handler of aiohttp": """
        from aiohttp import ClientSession, web

        async def cards(request):
            async with ClientSession() as session:
                await session.get("http://billing/cards")  # SITE
            return web.json_response({})

        app = web.Application()
        app.router.add_get("/cards", cards)
        """,
}


@pytest.mark.parametrize("name", REACHING)
def test_a_request_is_found_at_its_line_and_nothing_else_is_said(name: str) -> None:
    """Each case reaches billing at the marked line, waits for it, and leaves nothing open."""
    seen = customer(REACHING[name])
    assert seen.sites("billing") == seen.marked()
    assert {one.communication.value for one in seen.crossings()} == {"synchronous"}
    assert {one.mechanism for one in seen.crossings()} == {"http"}
    assert seen.unresolved() == []


def test_a_web_socket_is_a_mechanism_of_its_own() -> None:
    """``ws_connect`` needs both sides at the same time, as a request does."""
    seen = customer("""
        import aiohttp

        async def go():
            async with aiohttp.ClientSession() as session:
                await session.ws_connect("ws://billing/feed")  # SITE
        """)
    assert seen.sites("billing", mechanism="websocket") == seen.marked()


SILENT = {
    "a response": """
        from flask import Flask, request

        app = Flask(__name__)

        @app.get("/cards")
        def cards():
            return request.get_json().get("card_number")
        """,
    "a class of the same name": """
        class ClientSession:
            def post(self, url):
                return url

        def go():
            return ClientSession().post("http://billing/invoices")
        """,
    "a pool of something else": """
        class PoolManager:
            def request(self, method, url):
                return method + url

        def go():
            return PoolManager().request("GET", "http://billing/invoices")
        """,
}


@pytest.mark.parametrize("name", SILENT)
def test_a_look_alike_stays_silent(name: str) -> None:
    """What only has the names of a client says nothing."""
    assert customer(SILENT[name]).silent()


def test_a_session_with_an_unknown_address_is_unresolved() -> None:
    """A target made at run time is never silent."""
    seen = customer("""
        import aiohttp

        async def go(where):
            async with aiohttp.ClientSession() as session:
                await session.get(where())
        """)
    assert seen.unresolved("request")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (
            "from flask import Flask\napp = Flask(__name__)\n\n@app.get('/cards')\ndef cards():\n    return ''\n",
            "/cards",
        ),
        ("import bottle\n\n@bottle.route('/b')\ndef b():\n    return ''\n", "/b"),
        (
            "from aiohttp import web\nroutes = web.RouteTableDef()\n\n@routes.get('/x')\nasync def x(r):\n    pass\n",
            "/x",
        ),
    ],
)
def test_what_is_served_is_known(text: str, path: str) -> None:
    """Routes are what other quanta may ask for."""
    assert [serve.name for serve in customer(text).map.serves] == [path]


def test_what_the_program_keeps_in_flasks_configuration_is_found_again() -> None:
    """``app.config`` is a mapping of the program's own, set in one place and read in another."""
    seen = see(
        {
            "customer/app.py": """
            import os
            import requests
            from flask import Flask, current_app

            def create_app():
                app = Flask(__name__)
                app.config["CARDS"] = f"http://{os.environ.get('BILLING_HOST', 'billing')}/cards"
                app.config.update(TICKETS="http://sysops/tickets")

                @app.route("/cards")
                def cards():
                    return requests.get(f"{app.config['CARDS']}/1").text  # SITE

                @app.route("/tickets")
                def tickets():
                    return requests.get(current_app.config.get("TICKETS")).text
                return app
            """
        }
    )
    assert seen.sites("billing") == seen.marked()
    assert seen.sites("sysops") == {"customer/app.py:16"}
