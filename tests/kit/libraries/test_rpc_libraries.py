"""Remote procedure calls: each waits for its answer, and the host that a client was made with says whose."""

from __future__ import annotations

import pytest
from source_trees import customer, see

STUB = """
    import grpc

    class InvoicesStub(object):
        def __init__(self, channel):
            self.Get = channel.unary_unary("/shop.Invoices/Get", request_serializer=None)

    class InvoicesServicer(object):
        def Get(self, request, context):
            raise NotImplementedError("Method not implemented!")
    """

CALLS = {
    "grpc: a stub whose module is made at build time": (
        "grpc",
        """
        import grpc
        from . import invoices_pb2, invoices_pb2_grpc

        def go():
            with grpc.insecure_channel("billing:50051") as channel:
                stub = invoices_pb2_grpc.InvoicesStub(channel)
                return stub.Get(invoices_pb2.Number(value=1))  # SITE
        """,
    ),
    "grpc: the generated module taken from its package": (
        "grpc",
        """
        import grpc
        from shop.protos import invoices_pb2, invoices_pb2_grpc

        def go():
            stub = invoices_pb2_grpc.InvoicesStub(grpc.insecure_channel("billing:50051"))
            return stub.Get(invoices_pb2.Number(value=1))  # SITE
        """,
    ),
    "grpc: a stub of which only the class is told": (
        "grpc",
        """
        import grpc
        from shop.protos.invoices_pb2_grpc import InvoicesStub

        class Client:
            def __init__(self, stub: InvoicesStub):
                self._stub = stub

            def get(self):
                return self._stub.Get(1)  # SITE

        def go():
            return Client(InvoicesStub(grpc.insecure_channel("billing:50051"))).get()
        """,
    ),
    "grpc: an asynchronous channel and a future": (
        "grpc",
        """
        import grpc
        from protos.invoices_pb2_grpc import InvoicesStub

        class Client:
            def __init__(self):
                self.stub = InvoicesStub(grpc.aio.secure_channel("billing:50051", None))

            async def get(self, number):
                return self.stub.Get.future(number)  # SITE
        """,
    ),
    "grpc: a stub held by the module": (
        "grpc",
        """
        import os
        import grpc
        import invoices_pb2_grpc

        stub = None

        def go():
            return stub.Get(1)  # SITE

        if __name__ == "__main__":
            stub = invoices_pb2_grpc.InvoicesStub(grpc.insecure_channel(os.environ.get("TARGET", "billing:1")))
        """,
    ),
    "grpclib": (
        "grpc",
        """
        from grpclib.client import Channel
        from .invoices_grpc import InvoicesStub

        async def go():
            return await InvoicesStub(Channel("billing", 50051)).Get(1)  # SITE
        """,
    ),
    "XML-RPC": (
        "xmlrpc",
        """
        import xmlrpc.client

        def go():
            proxy = xmlrpc.client.ServerProxy("http://billing:8000")
            return proxy.invoice(7)  # SITE
        """,
    ),
    "XML-RPC with a nested name": (
        "xmlrpc",
        """
        from xmlrpc.client import ServerProxy

        def go():
            return ServerProxy("http://billing:8000").invoices.get(7)  # SITE
        """,
    ),
    "zeep": (
        "soap",
        """
        import zeep

        client = zeep.Client("http://billing/invoices?wsdl")

        def go():
            return client.service.Invoice(7)  # SITE
        """,
    ),
    "Pyro": (
        "pyro",
        """
        import Pyro5.api

        def go():
            return Pyro5.api.Proxy("PYRO://billing").invoice(7)  # SITE
        """,
    ),
    "rpyc": (
        "rpyc",
        """
        import rpyc

        def go():
            return rpyc.connect("billing", 18861).root.invoice(7)  # SITE
        """,
    ),
    "gql": (
        "http",
        """
        from gql import Client, gql
        from gql.transport.requests import RequestsHTTPTransport

        client = Client(transport=RequestsHTTPTransport(url="http://billing/graphql"))

        def go():
            return client.execute(gql("{ invoices { id } }"))  # SITE
        """,
    ),
    "websockets": (
        "websocket",
        """
        import websockets

        async def go():
            async with websockets.connect("ws://billing/feed") as socket:  # SITE
                return await socket.recv()
        """,
    ),
    "socket.io": (
        "websocket",
        """
        import socketio

        sio = socketio.Client()

        @sio.on("invoice")
        def invoice(data):
            print(data)

        def go():
            sio.connect("http://billing:5000")  # SITE
        """,
    ),
    "a health check": (
        "grpc",
        """
        import grpc
        from grpc_health.v1 import health_pb2, health_pb2_grpc

        def go():
            stub = health_pb2_grpc.HealthStub(grpc.insecure_channel("billing:50051"))
            return stub.Check(health_pb2.HealthCheckRequest())  # SITE
        """,
    ),
    "a gRPC proxy of nameko": (
        "grpc",
        """
        from nameko_grpc.dependency_provider import GrpcProxy

        class Accounts:
            name = "accounts"
            invoices = GrpcProxy("billing:50051", None)

            def show(self):
                return self.invoices.get_invoice(7)  # SITE
        """,
    ),
    "thriftpy2": (
        "thrift",
        """
        from thriftpy2.rpc import make_client

        def go(service):
            client = make_client(service, "billing", 6000)  # SITE
            return client.invoice(7)  # SITE
        """,
    ),
    "mcp: streams of a session": (
        "http",
        """
        from mcp import ClientSession
        from mcp.client.streamable_http import streamablehttp_client

        async def go():
            async with streamablehttp_client("http://billing:8000/mcp") as (read, write, _):  # SITE
                async with ClientSession(read, write) as session:
                    await session.initialize()
                    return await session.call_tool("invoices", {})
        """,
    ),
    "mcp: a client of fastmcp": (
        "http",
        """
        from fastmcp import Client

        async def go():
            async with Client("http://billing:8000/mcp") as client:
                return await client.call_tool("invoices", {"number": 7})  # SITE
        """,
    ),
    "mcp: what a server offers": (
        "http",
        """
        import requests
        from mcp.server.fastmcp import FastMCP

        server = FastMCP("invoices")

        @server.tool()
        def one(number):
            return requests.get(f"http://billing/invoices/{number}")  # SITE

        def all():
            return requests.get("http://billing/invoices")  # SITE

        server.tool("all")(all)
        """,
    ),
    "soap: a client of spyne": (
        "soap",
        """
        from spyne.client.http import HttpClient

        def go():
            return HttpClient("http://billing", None).service.invoice(7)  # SITE
        """,
    ),
    "a user of locust": (
        "http",
        """
        from locust import HttpUser, task

        class Visitor(HttpUser):
            host = "http://billing"

            @task(3)
            def look(self):
                self.client.get("/invoices")  # SITE
        """,
    ),
    "functions of a task set": (
        "http",
        """
        from locust import FastHttpUser, TaskSet

        def look(user):
            user.client.get("/invoices")  # SITE

        def unused(user):
            user.client.post("/never")

        class Behaviour(TaskSet):
            tasks = {look: 1}

        class Visitor(FastHttpUser):
            tasks = [Behaviour]
        """,
    ),
}


LOAD = """
    services:
      customer:
        build: customer
        command: locust --host "http://billing"
    """


@pytest.mark.parametrize("name", CALLS)
def test_a_remote_call_is_found_where_it_is_made(name: str) -> None:
    """The host of the channel, proxy or user is the target; nothing is left open."""
    mechanism, text = CALLS[name]
    seen = see(
        {
            "customer/app.py": text,
            "billing/app.py": "",
            "compose.yaml": 'services:\n  customer:\n    build: customer\n    command: locust --host "http://billing"\n',
        }
    )
    assert seen.sites("billing", mechanism=mechanism) == seen.marked()
    assert {one.communication.value for one in seen.crossings()} == {"synchronous"}
    assert seen.unresolved() == []


IN_PLACE = {
    "a server within the program": ("from fastmcp import Client, FastMCP", "Client(FastMCP('x'))"),
    "a program that is started": ("from mcp.client.stdio import stdio_client", "stdio_client(None)"),
}


@pytest.mark.parametrize(("imports", "client"), IN_PLACE.values(), ids=IN_PLACE.keys())
def test_a_client_of_what_runs_on_the_same_machine_asks_no_quantum(imports: str, client: str) -> None:
    seen = customer(
        f"{imports}\n\nasync def go():\n    async with {client} as one:\n        await one.call_tool('x')\n"
    )
    assert not seen.sites()


def test_a_client_with_an_unknown_address_is_unresolved() -> None:
    seen = customer("from fastmcp import Client\n\nasync def go(url):\n    await Client(url).call_tool('x')  # SITE\n")
    assert [one.place.line for one in seen.unresolved("request")] == [4]


def test_a_generated_stub_in_the_tree_is_read() -> None:
    """Then its methods are known by its own code."""
    seen = see(
        {
            "customer/invoices_pb2_grpc.py": STUB,
            "customer/app.py": """
            import grpc
            import invoices_pb2_grpc

            def go():
                return invoices_pb2_grpc.InvoicesStub(grpc.insecure_channel("billing:50051")).Get(1)  # SITE
            """,
        }
    )
    assert seen.sites("billing", mechanism="grpc") == seen.marked()


LOOK_ALIKES = {
    "a stub of a test": "class InvoicesStub:\n    def Get(self, number):\n        return number\n\n"
    "def go():\n    InvoicesStub().Get('billing')\n",
    "a server": "import grpc\nfrom concurrent import futures\n\ndef main():\n"
    "    server = grpc.server(futures.ThreadPoolExecutor())\n    server.start()\n",
    "a proxy of one's own": "class ServerProxy:\n    def __getattr__(self, name):\n        return print\n\n"
    "def go():\n    ServerProxy().invoice('http://billing')\n",
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a_look_alike_stays_silent(name: str) -> None:
    """Names that clients share with other things say nothing."""
    assert customer(LOOK_ALIKES[name]).silent()
