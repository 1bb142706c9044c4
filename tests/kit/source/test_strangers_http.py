"""Shapes that public systems take where one service asks another, each with a look-alike that leads nowhere."""

from __future__ import annotations

import pytest
from source_trees import BILLING_CONSUMES_JOBS, architecture, customer, see

from quantafit.model import Quantum

HANDED_ON = """
    import requests
    from functools import wraps
    {imports}

    def resilient(timeout=None):
        def decorator(func):
            {wrapping}

            @wraps(func)
            def wrapper(*args, **kwargs):
                return guarded(*args, **kwargs)

            return wrapper

        return decorator

    @resilient(timeout=10)
    def ask(number, url):
        return requests.get(url=url, params={{"n": number}})

    def go():
        return ask(number=1, url="http://billing/invoices")  # SITE
    """
WRAPPINGS = {
    "one decorator of a library": ("from tenacity import retry", "guarded = retry(reraise=True)(func)"),
    "a decorator of an unknown library": ("import mystery", "guarded = mystery.guard(limit=3)(func)"),
    "one decorator in another": (
        "from tenacity import retry\n    from circuitbreaker import circuit",
        "guarded = retry(reraise=True)(circuit(limit=3)(func))",
    ),
}


@pytest.mark.parametrize(("imports", "wrapping"), WRAPPINGS.values(), ids=WRAPPINGS.keys())
def test_a_decorator_that_nothing_is_known_of_hands_the_function_on(imports: str, wrapping: str) -> None:
    seen = customer(HANDED_ON.format(imports=imports, wrapping=wrapping))
    assert seen.sites() == seen.marked()


def test_what_is_no_function_is_not_handed_on() -> None:
    """A look-alike: the result of an unknown call with a text stays unknown."""
    seen = customer(
        """
        import requests
        import mystery

        def pick(url):
            return mystery.pick(first=True)(url)

        def go():
            return requests.get(pick("http://billing"))
        """
    )
    assert not seen.sites()
    assert seen.unresolved("request")


TURNS = {
    "in turn": "next(cycle(SERVERS))",
    "one by chance": "random.choice(SERVERS)",
    "some of them": "random.sample(SERVERS, 1)[0]",
    "the first few": "next(islice(SERVERS, 1))",
    "those of two lists": "next(iter(chain(SERVERS, [])))",
}


@pytest.mark.parametrize("turn", TURNS.values(), ids=TURNS.keys())
def test_a_server_that_is_picked_from_a_list_is_one_of_the_list(turn: str) -> None:
    seen = customer(
        f"""
        import random
        import requests
        from itertools import chain, cycle, islice

        SERVERS = ["http://billing/a", "http://sysops/b"]

        def go():
            return requests.get({turn})  # SITE
        """
    )
    assert seen.to() == {"billing", "sysops"}
    assert seen.sites() == seen.marked()


GATEWAY = """
    import requests
    from fastapi import FastAPI

    class Gateway(FastAPI):
        def route(self, method, path, base):
            def wrapper(func):
                async def inner(request):
                    return requests.request(method, base + str(request.url.path))  # SITE
                return inner
            return wrapper

        def get(self, **kwargs):
            return self.route(method="get", **kwargs)

    app = Gateway()
    """


def test_a_route_table_of_more_entries_than_a_union_has_is_followed() -> None:
    """What twenty callers give as ``**kwargs`` is one mapping with the entries of all."""
    routes = "\n".join(
        f"    @app.get(path='/{number}', base='http://{'billing' if number % 2 else 'sysops'}')\n"
        f"    async def route_{number}(request): pass\n"
        for number in range(24)
    )
    seen = customer(GATEWAY + "\n" + routes)
    assert seen.to() == {"billing", "sysops"}


def test_more_addresses_than_a_union_of_objects_has_are_followed() -> None:
    services = ", ".join(f"'s{number}': 'http://host-{number}.example.com'" for number in range(30))
    seen = customer(
        f"""
        import requests

        SERVICES = {{{services}, "billing": "http://billing"}}

        def go(name):
            return requests.get(SERVICES[name] + "/invoices")  # SITE
        """
    )
    assert "billing" in seen.to()


ROWS = ("result.scalars().all()", "list(result.scalars().all())", "result.scalars().unique().all()", "result.scalars()")


@pytest.mark.parametrize("rows", ROWS)
def test_the_rows_of_a_result_are_followed_to_the_relay(rows: str) -> None:
    seen = see(
        {
            "customer/app.py": f"""
                from kafka import KafkaProducer
                from sqlalchemy import select
                from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
                from sqlalchemy.orm import DeclarativeBase, Mapped

                class Base(DeclarativeBase):
                    pass

                class Outbox(Base):
                    __tablename__ = "outbox"
                    topic: Mapped[str]

                sessions = async_sessionmaker(create_async_engine("postgresql://db/orders"), class_=AsyncSession)
                producer = KafkaProducer()

                async def place(db: AsyncSession):
                    db.add(Outbox(topic="jobs"))  # SITE

                async def relay():
                    async with sessions() as db:
                        result = await db.execute(select(Outbox).where(Outbox.topic != "").limit(50))
                        for event in {rows}:
                            await publish(event.topic)

                async def publish(topic):
                    await producer.send_and_wait(topic, value=b"")
                """,
            "billing/worker.py": """
                from kafka import KafkaConsumer

                for message in KafkaConsumer("jobs", group_id="billing"):
                    print(message)
                """,
        }
    )
    assert seen.sites() == seen.marked()


def test_a_publish_behind_a_decorated_method_is_found_where_its_channel_is_named() -> None:
    """The channel is made late, so the publish waits; the decorator hands on what it does not know."""
    seen = see(
        {
            "customer/app.py": """
                import functools
                import pika

                def measured(func):
                    @functools.wraps(func)
                    def wrapper(self, *args, **kwargs):
                        return func(self, *args, **kwargs)

                    return wrapper

                class Client:
                    def __init__(self, config):
                        self.connection = None
                        self.channel = None
                        self.connect()

                    def connect(self):
                        self.connection = pika.BlockingConnection(pika.ConnectionParameters("broker"))
                        self.channel = self.connection.channel()

                    @measured
                    def publish(self, exchange, routing_key, message):
                        self.channel.basic_publish(exchange=exchange, routing_key=routing_key, body=message)

                    def created(self, data):
                        return self.publish(exchange="", routing_key="jobs", message=data)  # SITE

                    def updated(self, data):
                        return self.publish("", "jobs", data)  # SITE

                    def other(self, data):
                        return self.publish("", "elsewhere", data)
                """,
            "billing/worker.py": BILLING_CONSUMES_JOBS,
        }
    )
    assert seen.sites() == seen.marked()


ASKS = """
    import os
    import requests

    BASE = f"http://{os.getenv('BILLING_HOST', 'localhost')}:{os.getenv('BILLING_PORT', 8082)}/invoices"

    def go():
        return requests.get(BASE)  # SITE
    """


@pytest.mark.parametrize("address", ["172.20.5.5", "172.20.5.6"])
def test_a_service_is_reached_by_its_fixed_address(address: str) -> None:
    seen = see(
        {
            "customer/app.py": ASKS,
            "docker-compose.yml": f"""
                services:
                  billing:
                    build: ./billing
                    networks: {{back: {{ipv4_address: 172.20.5.5}}}}
                  customer:
                    build: ./customer
                    environment: {{BILLING_HOST: {address}, BILLING_PORT: 80}}
                    networks: {{back: {{ipv4_address: 172.20.5.4}}}}
                networks:
                  back: {{ipam: {{config: [{{subnet: 172.20.5.0/24}}]}}}}
                """,
        }
    )
    assert seen.to() == ({"billing"} if address == "172.20.5.5" else set())


def test_two_compose_files_may_call_their_units_alike() -> None:
    """Each service has a file of its own, and in both it is ``api``; its other names tell them apart."""
    asks = "import requests\n\ndef go():\n    return requests.get('http://{}-api:7000/x')\n"
    compose = "services: {{api: {{build: ., container_name: {}-api}}}}\n"
    seen = see(
        {
            "customer/app.py": asks.format("billing"),
            "customer/docker-compose.yml": compose.format("customer"),
            "billing/app.py": asks.format("customer"),
            "billing/docker-compose.yml": compose.format("billing"),
        }
    )
    assert seen.to("customer") == {"billing"}
    assert seen.to("billing") == {"customer"}


SERVICE = """
    import os
    import requests

    def go():
        return requests.get(os.environ["NEXT_URL"])
    """


@pytest.mark.parametrize("source", ["{0}", "services/{0}/app"])
def test_a_file_of_variables_beside_another_quantums_code_is_not_for_this_one(source: str) -> None:
    """Every service has an ``.env`` with the same names in it."""
    following = {"customer": "billing", "billing": "sysops", "sysops": "customer"}
    files = {f"{source.format(name)}/main.py": SERVICE for name in following}
    root = source.removesuffix("/app")
    files |= {f"{root.format(name)}/.env.local": f"NEXT_URL=http://{after}\n" for name, after in following.items()}
    declared = architecture([Quantum(name, (source.format(name),)) for name in following])
    seen = see(files, declared)
    assert {name: seen.to(name) for name in following} == {name: {after} for name, after in following.items()}


def test_a_file_of_variables_that_one_unit_reads_is_not_for_the_others() -> None:
    seen = see(
        {
            "customer/main.py": SERVICE,
            "billing/main.py": SERVICE,
            "deploy/one.env": "NEXT_URL=http://billing\n",
            "deploy/two.env": "NEXT_URL=http://sysops\n",
            "docker-compose.yml": """
                services:
                  customer: {build: ./customer, env_file: [deploy/one.env]}
                  billing: {build: ./billing, env_file: [deploy/two.env]}
                """,
        }
    )
    assert (seen.to("customer"), seen.to("billing")) == ({"billing"}, {"sysops"})


def test_a_file_of_variables_above_all_is_for_all() -> None:
    seen = see({"customer/main.py": SERVICE, "billing/main.py": SERVICE, ".env": "NEXT_URL=http://sysops\n"})
    assert (seen.to("customer"), seen.to("billing")) == ({"sysops"}, {"sysops"})


@pytest.mark.parametrize(
    ("line", "stub"),
    [
        ("from billing.app import bill_pb2_grpc", "bill_pb2_grpc.BillStub"),
        ("from billing.app.bill_pb2_grpc import BillStub", "BillStub"),
        ("import billing.app.bill_pb2_grpc as stubs", "stubs.BillStub"),
    ],
)
def test_a_stub_from_another_quantums_folder_is_a_client_all_the_same(line: str, stub: str) -> None:
    """The code that is generated belongs to who serves; who calls imports it from there."""
    generated = """
        class BillStub:
            def __init__(self, channel):
                self.Pay = channel.unary_unary("/bill.Bill/Pay")
        """
    seen = see(
        {
            "customer/app.py": f"""
                import grpc
                {line}

                def go():
                    with grpc.insecure_channel("billing:50051") as channel:
                        return {stub}(channel).Pay(1)  # SITE
                """,
            "billing/app/__init__.py": "",
            "billing/app/bill_pb2_grpc.py": generated,
        }
    )
    assert seen.sites(mechanism="grpc") == seen.marked()
    assert {one.target for one in seen.map.imports} == {"billing"}


def test_what_is_not_generated_stays_the_other_quantums() -> None:
    seen = see(
        {
            "customer/app.py": "from billing.rates import RateStub\n\ndef go():\n    return RateStub(1).pay(2)\n",
            "billing/rates.py": "class RateStub:\n    def pay(self, x):\n        return x\n",
        }
    )
    assert {one.mechanism for one in seen.crossings()} <= {"import"}


GUARDED = """
    import requests
    {setup}

    def ask(number, url):
        return requests.get(url, params={{"n": number}})

    def go():
        return {call}  # SITE
    """
GUARDS = {
    "a breaker's call": (
        "import pybreaker\n    guard = pybreaker.CircuitBreaker()",
        "guard.call(ask, 1, 'http://billing')",
    ),
    "a breaker with a state that is kept elsewhere": (
        "import cachier, pybreaker\n    guard = pybreaker.CircuitBreaker(state_storage=cachier.get('state'))",
        "guard.call(ask, 1, 'http://billing')",
    ),
    "a breaker around a function": (
        "import aiobreaker\n    guard = aiobreaker.CircuitBreaker()",
        "guard(ask)(1, 'http://billing')",
    ),
    "an unknown guard": ("import mystery\n    guard = mystery.Guard()", "guard.call(ask, 1, url='http://billing')"),
    "a retrier that is called": (
        "from tenacity import Retrying\n    retrier = Retrying()",
        "retrier(ask, 1, 'http://billing')",
    ),
    "a client's own call": (
        "import mystery\n    guard = mystery.Guard()",
        "guard.call(requests.get, 'http://billing')",
    ),
}


@pytest.mark.parametrize(("setup", "call"), GUARDS.values(), ids=GUARDS.keys())
def test_a_guard_calls_what_it_is_given_with_the_rest(setup: str, call: str) -> None:
    seen = customer(GUARDED.format(setup=setup, call=call))
    assert seen.sites() == seen.marked()


def test_a_breaker_says_nothing_of_what_it_calls() -> None:
    setup, call = GUARDS["a breaker's call"]
    assert customer(GUARDED.format(setup=setup, call=call)).unresolved() == []


def test_what_a_breaker_decorates_is_called() -> None:
    program = """
        import pybreaker, requests
        guard = pybreaker.CircuitBreaker()

        @guard
        def ask(url):
            return requests.get(url)

        def go():
            return ask("http://billing")  # SITE
    """
    seen = customer(program)
    assert seen.sites() == seen.marked()
    assert seen.unresolved() == []


def test_what_is_given_to_a_method_that_calls_nothing_keeps_its_own_arguments() -> None:
    """A look-alike: subscribing a function to a name is no call of it with that name."""
    seen = customer(
        GUARDED.format(setup="import mystery\n    bus = mystery.Bus()", call="bus.subscribe(ask, 'http://billing')")
    )
    assert not seen.sites()


BASES = {
    "an abstract class first": "ABC, requests.Session",
    "a generic class first": "Generic[T], requests.Session",
    "a class of the program first": "Named, requests.Session",
    "several first": "Named, ABC, httpx.Client",
    "the client first": "requests.Session, ABC",
}
CLIENT_OF_SEVERAL = """
    from abc import ABC
    from typing import Generic, TypeVar

    import httpx
    import mystery
    import requests

    T = TypeVar("T")

    class Named:
        def name(self):
            return "named"

    class Client(BASES):
        def invoices(self):
            return self.get("http://billing/invoices")  # SITE

    def go():
        return Client().invoices()
    """


@pytest.mark.parametrize("bases", BASES.values(), ids=BASES.keys())
def test_a_client_that_extends_more_than_a_client_asks_as_that_client_does(bases: str) -> None:
    seen = customer(CLIENT_OF_SEVERAL.replace("BASES", bases))
    assert seen.to() == {"billing"}
    assert seen.sites() == seen.marked()
    assert not seen.unresolved()


def test_a_client_that_extends_something_unknown_before_it_stays_open() -> None:
    assert customer(CLIENT_OF_SEVERAL.replace("BASES", "mystery.Mixin, requests.Session")).unresolved()


def test_what_extends_no_client_asks_nobody() -> None:
    text = CLIENT_OF_SEVERAL.replace("BASES", "Named, Generic[T], dict").replace("  # SITE", "")
    seen = customer(text)
    assert not seen.sites()
    assert not seen.unresolved("request")


REGISTERED = {
    "fastapi: a method": (
        "from fastapi import FastAPI",
        "class Server:\n    def __init__(self):\n        self.app = FastAPI()\n        self.app.post('/')(self.view)\n"
        "    def view(self, request):\n        return requests.get('http://billing/')  # SITE\nServer()\n",
    ),
    "fastapi: a function with a default": (
        "from fastapi import FastAPI",
        "def view(url='http://billing/'):\n    return requests.get(url)  # SITE\nFastAPI().get('/')(view)\n",
    ),
    "flask: a bound method": (
        "from flask import Flask",
        "class View:\n    def view(self):\n        return requests.get('http://billing/')  # SITE\n"
        "Flask('x').route('/')(View().view)\n",
    ),
}


@pytest.mark.parametrize(("imports", "text"), REGISTERED.values(), ids=REGISTERED.keys())
def test_a_decorator_that_is_called_as_a_function_leaves_nothing_open(imports: str, text: str) -> None:
    seen = customer(f"{imports}\nimport requests\n\n{text}")
    assert seen.sites() == seen.marked()
    assert not seen.unresolved()


def test_a_view_of_an_unknown_library_stays_open() -> None:
    seen = customer("import mystery\nfrom fastapi import FastAPI\n\nFastAPI().get('/')(mystery.view)  # SITE\n")
    assert {f"{one.place.path}:{one.place.line}" for one in seen.unresolved()} == seen.marked()


MISSING = {
    "a module of a package": "from pkg import tools\n\ndef go():\n    return tools.ask()  # SITE\n",
    "a module of a folder": "from box import tools\n\ndef go():\n    return tools.ask()  # SITE\n",
    "a name of a module of a package": "from pkg.tools import ask\n\ndef go():\n    return ask()  # SITE\n",
    "handed to a framework": (
        "from fastapi import FastAPI\nfrom pkg import tools\n\nFastAPI().get('/')(tools.ask)  # SITE\n"
    ),
}
PLACES = {"customer/pkg/__init__.py": "VERSION = 1\n", "customer/box/other.py": "", "billing/app.py": ""}


@pytest.mark.parametrize("text", MISSING.values(), ids=MISSING.keys())
def test_a_module_of_the_quantums_own_that_is_not_in_the_tree_is_open_where_it_is_called(text: str) -> None:
    seen = see({**PLACES, "customer/app.py": text})
    assert {f"{one.place.path}:{one.place.line}" for one in seen.unresolved()} == seen.marked()


@pytest.mark.parametrize("text", MISSING.values(), ids=MISSING.keys())
def test_shared_code_that_is_copied_to_where_it_is_imported_from_is_read(text: str) -> None:
    asks = "import requests\n\ndef ask():\n    return requests.get('http://billing')  # ASKS\n"
    files = {**PLACES, "customer/app.py": text, "shared/tools.py": asks}
    seen = see(files)
    assert seen.to() == {"billing"}
    assert seen.sites() == (seen.marked("ASKS") if "FastAPI" in text else seen.marked())
    assert not seen.unresolved()


COPIED = {
    "a module of a package that is copied": (
        "from pkg.common.clients.bills import ask\n\ndef go():\n    return ask()  # SITE\n",
        ("shared/common/__init__.py", "shared/common/clients/__init__.py", "shared/common/clients/bills.py"),
    ),
    "a module of a folder that is copied": (
        "from pkg.common.clients import bills\n\ndef go():\n    return bills.ask()  # SITE\n",
        ("shared/common/clients/bills.py",),
    ),
    "copied beside the code, imported relatively": (
        "from .common.clients import bills\n\ndef go():\n    return bills.ask()  # SITE\n",
        ("shared/common/__init__.py", "shared/common/clients/__init__.py", "shared/common/clients/bills.py"),
    ),
}


@pytest.mark.parametrize("name", COPIED)
def test_what_lies_in_shared_code_is_found_below_the_name_that_it_was_copied_to(name: str) -> None:
    """``COPY ./common customer/common``: no file of the tree lies at ``customer/common``."""
    text, paths = COPIED[name]
    asks = "import requests\n\ndef ask():\n    return requests.get('http://billing')\n"
    files = {path: asks if path.endswith("bills.py") else "" for path in paths}
    app = "customer/pkg/app.py" if "relatively" in name else "customer/app.py"
    seen = see({"customer/pkg/__init__.py": "", "billing/app.py": "", app: text, **files})
    assert seen.to() == {"billing"}
    assert seen.sites() == seen.marked()
    assert not seen.unresolved()


def test_what_shared_code_does_not_hold_stays_open_below_the_name_that_it_was_copied_to() -> None:
    text = "from pkg.common.clients import gone\n\ndef go():\n    return gone.ask()  # SITE\n"
    seen = see({"customer/pkg/__init__.py": "", "customer/app.py": text, "shared/common/clients/other.py": ""})
    assert {f"{one.place.path}:{one.place.line}" for one in seen.unresolved()} == seen.marked()


def test_of_two_shared_modules_of_one_name_none_is_believed() -> None:
    asks = "import requests\n\ndef ask():\n    return requests.get('http://billing')\n"
    files = {"shared/a/tools.py": asks, "shared/b/tools.py": asks, "customer/app.py": MISSING["a module of a package"]}
    seen = see({**PLACES, **files})
    assert not seen.sites()
    assert seen.unresolved("request")


def test_names_that_a_package_gives_in_its_own_ways_are_no_missing_modules() -> None:
    package = "from math import *\n\ndef __getattr__(name):\n    return len\n"
    text = "from pkg import VERSION, sqrt, later\n\ndef go():\n    return VERSION, sqrt(1), later('x')\n"
    assert not see(
        {**PLACES, "customer/app.py": text, "customer/pkg/__init__.py": f"VERSION = 1\n{package}"}
    ).unresolved()


def test_a_module_beside_stands_before_code_that_is_nobodys() -> None:
    """An application that is started in its own folder, though it is a package: its modules name each other plainly."""
    asks = "import requests\n\ndef ask():\n    return requests.get('http://{}')\n"
    files = {
        "customer/app/__init__.py": "",
        "customer/app/tools.py": asks.format("billing"),
        "customer/app/main.py": "from tools import ask\n\ndef go():\n    return ask()\n",
        "templates/app/tools.py": asks.format("sysops"),
    }
    assert see(files).to() == {"billing"}
    assert see(files | {"shared/tools.py": asks.format("sysops")}).to() == {"sysops", "billing"}
    del files["customer/app/tools.py"]
    assert see(files).to() == {"sysops"}


PROJECT = {
    "shared/shared/__init__.py": "from .client import ask\n",
    "shared/shared/client.py": "import requests\n\ndef ask(path):\n    return requests.get('http://billing' + path)\n",
    "shared/pyproject.toml": "[project]\nname = 'shared'\n",
}


@pytest.mark.parametrize("text", [
    "from shared import ask\ndef f():\n    ask('/x')\n",
    "import shared\ndef f():\n    shared.ask('/x')\n",
    "from shared.client import ask\ndef f():\n    ask('/x')\n",
])  # fmt: skip
def test_a_package_in_a_project_folder_of_its_own_name_is_the_package(text: str) -> None:
    seen = see({**PROJECT, "customer/app.py": text})
    assert seen.to() == {"billing"}
    assert seen.unresolved() == []


def test_a_folder_stays_a_folder_where_the_package_of_its_name_is_not_deployed_with_the_quantum() -> None:
    files = {"other/other/__init__.py": "def ask():\n    return 'http://sysops'\n", "other/tools.py": ""}
    text = "import requests\nfrom other import ask\ndef f():\n    requests.get(ask())\n"
    assert see({**files, "customer/app.py": text}).to() == set()
