"""Clients that are met more rarely: every one is found at its line, with the quantum it asks."""

from __future__ import annotations

import pytest
from source_trees import see

ASKING = {
    "pycurl": """
        import pycurl

        def go():
            curl = pycurl.Curl()
            curl.setopt(pycurl.URL, "http://billing/x")  # SITE
            curl.setopt(curl.TIMEOUT, 3)
            curl.perform()
        """,
    "treq": """
        import treq

        async def go():
            await treq.get("http://billing/a")  # SITE
            await treq.request("POST", "http://billing/a")  # SITE
        """,
    "asks": """
        import asks

        class Api:
            def __init__(self):
                self.session = asks.Session("http://billing")

            async def charge(self):
                await self.session.post("/charge")  # SITE

        async def go():
            await asks.get("http://billing/b")  # SITE
        """,
    "httpcore": """
        import httpcore

        def go():
            httpcore.request("GET", "http://billing/c")  # SITE
            with httpcore.ConnectionPool() as pool:
                pool.request("GET", "http://billing/d")  # SITE
        """,
    "primp": """
        import primp

        def go():
            primp.Client(impersonate="x").get("http://billing/c")  # SITE
        """,
    "uplink": """
        import os

        from uplink import Consumer, get, json, post

        class Billing(Consumer):
            @get("users/{user}")
            def user(self, user): ...

            @json
            @post("users")
            def add(self): ...

        def go():
            Billing(base_url=os.environ.get("BILLING", "http://billing/")).user("x")  # SITE
        """,
    "server-sent events": """
        import httpx
        from httpx_sse import connect_sse

        def go():
            with httpx.Client() as client, connect_sse(client, "GET", "http://billing/sse") as source:  # SITE
                print(source)
        """,
    "a session of Google's": """
        import google.auth
        from google.auth.transport.requests import AuthorizedSession

        credentials, _ = google.auth.default()
        session = AuthorizedSession(credentials)

        def go():
            session.get("http://billing/x")  # SITE
        """,
    "JSON-RPC": """
        import jsonrpclib

        def go():
            jsonrpclib.ServerProxy("http://billing/rpc").cards.charge(1)  # SITE
        """,
    "Connect and Twirp, generated elsewhere": """
        from gen.billing_connect import BillingClient
        from gen.billing_twirp import BillingClient as Twirp

        async def go():
            async with BillingClient("http://billing:8080") as client:
                await client.charge(1)  # SITE
            Twirp("http://billing:8080").charge(1)  # SITE
        """,
    "betterproto, generated elsewhere": """
        from grpclib.client import Channel
        from lib.billing import BillingStub

        async def go():
            await BillingStub(Channel(host="billing", port=50051)).charge(1)  # SITE
        """,
    "OpenAPI, generated elsewhere": """
        import billing_client
        from billing_client.api.cards_api import CardsApi

        def go():
            configuration = billing_client.Configuration(host="http://billing:8080")
            with billing_client.ApiClient(configuration) as client:
                CardsApi(client).add_card({"n": 1})  # SITE
        """,
    "an authenticated OpenAPI client, generated elsewhere": """
        from billing_client import AuthenticatedClient
        from billing_client.api.cards import add_card

        client = AuthenticatedClient(base_url="http://billing:8080", token="x")

        async def go():
            await add_card.asyncio(client=client, body={"n": 1})  # SITE
        """,
    "a raw connection": """
        import asyncio
        import telnetlib

        async def go():
            reader, writer = await asyncio.open_connection("billing", 80)  # SITE
            telnetlib.Telnet("billing", 23)  # SITE
        """,
    "SageMaker, Lambda": """
        import boto3

        client = boto3.client("lambda")

        def go():
            client.invoke(FunctionName="billing")  # SITE
            client.invoke_with_response_stream(FunctionName="billing")  # SITE
            boto3.client("sagemaker-runtime").invoke_endpoint(EndpointName="billing")  # SITE
        """,
}


@pytest.mark.parametrize("name", ASKING)
def test_a_client_asks_at_its_line(name: str) -> None:
    seen = see({"customer/app.py": ASKING[name]})
    assert seen.sites("billing") == seen.marked()
    assert {one.communication.value for one in seen.crossings()} == {"synchronous"}
    assert seen.unresolved() == []


def test_a_generated_connect_client_in_the_tree_is_read() -> None:
    seen = see(
        {
            "customer/gen/billing_connect.py": """
                from connectrpc.client import ConnectClient
                from connectrpc.method import MethodInfo

                class BillingClient(ConnectClient):
                    async def charge(self, request, *, headers=None):
                        return await self.execute_unary(request=request, method=MethodInfo(name="Charge"))
                """,
            "customer/app.py": """
                from gen.billing_connect import BillingClient

                async def go():
                    await BillingClient("http://billing:8080").charge(1)  # SITE
                """,
        }
    )
    assert seen.sites("billing") == seen.marked()
    assert seen.unresolved() == []


REACHING_COMMANDS = ["asyncio.create_subprocess_exec('curl', url)", "asyncio.create_subprocess_shell('curl ' + url)",
                     "subprocess.getoutput('curl http://x')", "os.popen('curl http://x')"]  # fmt: skip


@pytest.mark.parametrize("call", REACHING_COMMANDS)
def test_a_command_that_reaches_out_is_never_silent(call: str) -> None:
    seen = see({"customer/app.py": f"import asyncio, os, subprocess\nasync def go(url):\n    {call}\n"})
    assert [one.place.line for one in seen.unresolved("request")] == [3]


LOOK_ALIKES = {
    "the platform's parts": """
        import boto3
        import consul
        import etcd3
        import hvac
        import pymemcache
        from minio import Minio

        def go():
            hvac.Client(url="http://vault:8200").secrets.kv.read_secret("x")
            consul.Consul(host="consul").kv.put("a", "b")
            etcd3.client(host="etcd").put("a", "b")
            pymemcache.Client("cache").set("a", 1)
            Minio("minio:9000").put_object("b", "o", None, 1)
            boto3.client("s3").put_object(Bucket="b", Key="k", Body=b"")
        """,
    "names like a client's": """
        class Curl:
            def setopt(self, name, value): ...

        class Session:
            def get(self, url): ...

        def go():
            Curl().setopt("URL", "http://billing/x")
            Session().get("http://billing/x")
        """,
    "commands that stay": """
        import asyncio
        import os

        async def go():
            await asyncio.create_subprocess_exec("ls", "-l")
            os.popen("date")
        """,
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a_look_alike_is_silent(name: str) -> None:
    assert see({"customer/app.py": LOOK_ALIKES[name]}).to() == set()
    assert see({"customer/app.py": LOOK_ALIKES[name]}).unresolved() == []


def test_a_generated_openapi_client_in_the_tree_is_read() -> None:
    """As openapi-python-client writes it: private fields given as public arguments, keywords as a mapping."""
    seen = see(
        {
            "customer/billing_client/client.py": """
                import httpx
                from attrs import define, field

                @define
                class Client:
                    raise_on_unexpected_status: bool = field(default=False, kw_only=True)
                    _base_url: str = field(alias="base_url")
                    _client: httpx.Client | None = field(default=None, init=False)

                    def get_httpx_client(self) -> httpx.Client:
                        if self._client is None:
                            self._client = httpx.Client(base_url=self._base_url)
                        return self._client

                @define
                class AuthenticatedClient:
                    token: str
                    _base_url: str = field(alias="base_url")

                    def get_httpx_client(self) -> httpx.Client:
                        return httpx.Client(base_url=self._base_url)
                """,
            "customer/billing_client/api/cards/add_card.py": """
                from billing_client.client import AuthenticatedClient, Client

                def _get_kwargs(*, body) -> dict:
                    kwargs = {"method": "post", "url": "/cards"}
                    kwargs["json"] = body
                    return kwargs

                def sync_detailed(*, client: AuthenticatedClient | Client, body):
                    return client.get_httpx_client().request(**_get_kwargs(body=body))  # SITE

                def sync(*, client: AuthenticatedClient | Client, body):
                    return sync_detailed(client=client, body=body).parsed
                """,
            "customer/app.py": """
                from billing_client.api.cards import add_card
                from billing_client.client import Client

                client = Client(base_url="http://billing:8080")

                def go():
                    add_card.sync(client=client, body={"n": 1})
                """,
        }
    )
    assert seen.sites("billing") == seen.marked()
    assert seen.unresolved() == []


def test_a_field_that_is_given_stands_before_its_default() -> None:
    seen = see(
        {
            "customer/app.py": """
                from dataclasses import dataclass, field

                import requests

                @dataclass
                class Api:
                    base: str = field(default="http://nobody")

                    def charge(self):
                        requests.post(self.base)

                def go():
                    Api(base="http://billing").charge()  # SITE
                """
        }
    )
    assert seen.sites("billing") == seen.marked()


VENDORS = {
    "Stripe": (
        """
        import stripe

        stripe.api_key = "k"

        def go(payload):
            stripe.Webhook.construct_event(payload, "", "")
            stripe.checkout.Session.retrieve("x")  # SITE
            stripe.PaymentIntent.create(amount=1)  # SITE
            stripe.StripeClient("k").v1.customers.list()  # SITE
        """,
        "api.stripe.com",
    ),
    "Stripe, at another address": (
        """
        import stripe

        stripe.api_base = "http://billing:12111"

        def go():
            stripe.Refund.create(charge="x")  # SITE
        """,
        "billing",
    ),
    "Twilio": (
        """
        from twilio.rest import Client

        client = Client("a", "b")

        def go():
            client.messages.create(body="x", to="1")  # SITE
            client.verify.v2.services("x").verifications.create(to="1")  # SITE
        """,
        "api.twilio.com",
    ),
    "SendGrid": (
        """
        from sendgrid import SendGridAPIClient
        from sendgrid.helpers.mail import Mail

        def go():
            SendGridAPIClient("k").send(Mail("a"))  # SITE
        """,
        "api.sendgrid.com",
    ),
    "OpenAI": (
        """
        from openai import OpenAI

        def go():
            answer = OpenAI().chat.completions.create(model="x")  # SITE
            return answer.choices[0].message.content
        """,
        "api.openai.com",
    ),
    "OpenAI's client for a model of one's own": (
        """
        from openai import AsyncOpenAI

        client = AsyncOpenAI(base_url="http://billing:8000/v1")

        async def go():
            await client.chat.completions.create(model="x")  # SITE
        """,
        "billing",
    ),
}


@pytest.mark.parametrize("name", VENDORS)
def test_what_a_vendors_client_asks_is_outside_unless_it_is_given_another_address(name: str) -> None:
    text, target = VENDORS[name]
    seen = see({"customer/app.py": text, "billing/app.py": ""})
    asked = [one for one in seen.map.crossings if one.source == "customer"]
    assert {one.target for one in asked} == {target}
    assert {f"{one.site.path}:{one.site.line}" for one in asked} == seen.marked()
    assert not seen.unresolved()
