"""Shapes of programs through which calls, clients and names are followed: to the right line and the right target."""

from __future__ import annotations

import pytest
from source_trees import BILLING_CONSUMES_JOBS, see

ONE = "customer/app.py"
SHARED = {"shared/__init__.py": ""}

# Every case reaches billing at the lines that carry # SITE, and sysops at those that carry # SYSOPS.
CASES: dict[str, dict[str, str]] = {
    "a wrapper two deep": SHARED
    | {
        "shared/http.py": """
            import requests

            def send(url, body):
                return requests.post(url, json=body)

            def call(host, path):
                return send(f"http://{host}/{path}", {})
            """,
        ONE: """
            from shared.http import call

            def one():
                call("billing", "invoices")  # SITE

            def two():
                call("sysops", "tickets")  # SYSOPS
            """,
    },
    "two objects of one client class": SHARED
    | {
        "shared/api.py": """
            import httpx

            class Api:
                def __init__(self, base):
                    self.client = httpx.Client(base_url=base)

                def fetch(self, path):
                    return self.client.get(path)
            """,
        ONE: """
            from shared.api import Api

            billing = Api("http://billing")
            sysops = Api("http://sysops")

            def one():
                return billing.fetch("/invoices")  # SITE

            def two():
                return sysops.fetch("/tickets")  # SYSOPS
            """,
    },
    "two objects on self": SHARED
    | {
        "shared/api.py": """
            import requests

            class Api:
                def __init__(self, base):
                    self.base = base

                def fetch(self, path):
                    return requests.get(self.base + path)
            """,
        ONE: """
            from shared.api import Api

            class Desk:
                def __init__(self):
                    self.billing = Api("http://billing")
                    self.sysops = Api("http://sysops")

                def one(self):
                    return self.billing.fetch("/invoices")  # SITE

                def two(self):
                    return self.sysops.fetch("/tickets")  # SYSOPS
            """,
    },
    "a hierarchy of publishers": SHARED
    | {
        "shared/publishing.py": """
            import pika

            class Publisher:
                queue = ""

                def publish(self, body):
                    channel = pika.BlockingConnection().channel()
                    channel.basic_publish("", self.queue, body)
            """,
        ONE: """
            from shared.publishing import Publisher

            class Jobs(Publisher):
                queue = "jobs"

            class Other(Publisher):
                queue = "nobody"

            def one():
                Jobs().publish(b"x")  # SITE

            def two():
                Other().publish(b"x")
            """,
    },
    "a template method that is overridden": SHARED
    | {
        "shared/job.py": """
            class Job:
                def run(self):
                    self.before()
                    self.work()

                def before(self):
                    pass

                def work(self):
                    raise NotImplementedError
            """,
        ONE: """
            import requests
            from shared.job import Job

            class Pay(Job):
                def work(self):
                    requests.post("http://billing/pay")  # SITE

            def main():
                Pay().run()
            """,
    },
    "a registry that a decorator fills": {
        ONE: """
            import requests

            HANDLERS = {}

            def handles(name):
                def register(function):
                    HANDLERS[name] = function
                    return function
                return register

            @handles("pay")
            def pay(payload):
                requests.post("http://billing/pay", json=payload)  # SITE

            def dispatch(name, payload):
                HANDLERS[name](payload)
            """,
    },
    "a registry of clients by enum": {
        ONE: """
            from enum import Enum

            import requests

            class Target(Enum):
                BILLING = "billing"
                SYSOPS = "sysops"

            URLS = {Target.BILLING: "http://billing", Target.SYSOPS: "http://sysops"}

            def one():
                requests.get(URLS[Target.BILLING] + "/x")  # SITE

            def two():
                requests.get(f"http://{Target.SYSOPS.value}/x")  # SYSOPS
            """,
    },
    "a context manager class": {
        ONE: """
            import requests

            class Opened:
                def __enter__(self):
                    self.session = requests.Session()
                    return self.session

                def __exit__(self, *error):
                    self.session.close()

            def go():
                with Opened() as session:
                    session.post("http://billing/x")  # SITE
            """,
    },
    "a context manager from a generator": {
        ONE: """
            from contextlib import contextmanager

            import requests

            @contextmanager
            def opened(base):
                session = requests.Session()
                try:
                    yield session
                finally:
                    session.close()

            def go():
                with opened("x") as session:
                    session.post("http://billing/x")  # SITE
            """,
    },
    "an asynchronous context manager from a generator": {
        ONE: """
            from contextlib import asynccontextmanager

            import httpx

            @asynccontextmanager
            async def opened(base):
                async with httpx.AsyncClient(base_url=base) as client:
                    yield client

            async def one():
                async with opened("http://billing") as client:
                    await client.get("/x")  # SITE

            async def two():
                async with opened("http://sysops") as client:
                    await client.get("/x")  # SYSOPS
            """,
    },
    "fields of a dataclass": {
        ONE: """
            from dataclasses import dataclass

            import requests

            @dataclass
            class Endpoint:
                host: str
                path: str = "/x"

                def call(self):
                    return requests.get(f"http://{self.host}{self.path}")

            def one():
                Endpoint("billing").call()  # SITE

            def two():
                Endpoint(host="sysops", path="/y").call()  # SYSOPS
            """,
    },
    "a global that is set under __main__": {
        ONE: """
            import requests

            base = None

            def go():
                requests.get(base + "/x")  # SITE

            if __name__ == "__main__":
                base = "http://billing"
                go()
            """,
    },
    "a global that a function sets": {
        ONE: """
            import requests

            client = None

            def connect():
                global client
                client = requests.Session()

            def go():
                client.post("http://billing/x")  # SITE
            """,
    },
    "a thread": {
        ONE: """
            import threading

            import requests

            def send(url):
                requests.post(url)

            def go():
                threading.Thread(target=send, args=("http://billing/x",)).start()  # SITE
            """,
    },
    "an executor": {
        ONE: """
            from concurrent.futures import ThreadPoolExecutor

            import requests

            def go():
                with ThreadPoolExecutor() as pool:
                    pool.submit(requests.post, "http://billing/x")  # SITE
            """,
    },
    "a mapped executor": {
        ONE: """
            from concurrent.futures import ThreadPoolExecutor

            import requests

            def send(url):
                requests.post(url)

            def go():
                with ThreadPoolExecutor() as pool:
                    pool.map(send, ["http://billing/x"])  # SITE
            """,
    },
    "a task of the event loop": {
        ONE: """
            import asyncio

            import httpx

            async def send(client, url):
                await client.post(url)

            async def go():
                async with httpx.AsyncClient() as client:
                    task = asyncio.create_task(send(client, "http://billing/x"))  # SITE
                    await task
            """,
    },
    "gathered tasks": {
        ONE: """
            import asyncio

            import httpx

            async def go():
                async with httpx.AsyncClient() as client:
                    await asyncio.gather(
                        client.post("http://billing/x"),
                        client.get("http://billing/y"),
                    )
            """,
    },
    "a thread beside the event loop": {
        ONE: """
            import asyncio

            import requests

            async def go():
                await asyncio.to_thread(requests.post, "http://billing/x", json={})  # SITE
            """,
    },
    "run_in_executor": {
        ONE: """
            import asyncio

            import requests

            async def go():
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(None, requests.post, "http://billing/x")  # SITE
            """,
    },
    "a closure over the client": {
        ONE: """
            import requests

            def make(session, base):
                def send(path):
                    return session.post(base + path)
                return send

            def go():
                send = make(requests.Session(), "http://billing")
                send("/x")  # SITE
            """,
    },
    "a lambda": {
        ONE: """
            import requests

            send = lambda path: requests.post("http://billing/" + path)  # SITE

            def go():
                send("x")
            """,
    },
    "state of the FastAPI application": {
        ONE: """
            import httpx
            from fastapi import FastAPI, Request

            app = FastAPI()

            @app.on_event("startup")
            async def start():
                app.state.client = httpx.AsyncClient(base_url="http://billing")

            @app.get("/x")
            async def show(request: Request):
                return await request.app.state.client.get("/x")  # SITE
            """,
    },
    "an annotated FastAPI dependency": {
        ONE: """
            from typing import Annotated

            import httpx
            from fastapi import Depends, FastAPI

            app = FastAPI()

            class Billing:
                def __init__(self):
                    self.client = httpx.AsyncClient(base_url="http://billing")

                async def fetch(self):
                    return await self.client.get("/x")  # SITE

            @app.get("/x")
            async def show(billing: Annotated[Billing, Depends()]):
                return await billing.fetch()
            """,
    },
    "a nested FastAPI dependency": {
        ONE: """
            import httpx
            from fastapi import APIRouter, Depends

            router = APIRouter()

            def base():
                return "http://billing"

            def client(url: str = Depends(base)):
                return httpx.Client(base_url=url)

            @router.get("/x")
            def show(http: httpx.Client = Depends(client)):
                return http.get("/x")  # SITE
            """,
    },
    "a generator of URLs": {
        ONE: """
            import requests

            def urls():
                yield "http://billing/a"

            def go():
                for url in urls():
                    requests.get(url)  # SITE
            """,
    },
    "a partial with the base": {
        ONE: """
            from functools import partial

            import requests

            def call(base, path):
                return requests.get(base + path)

            billing = partial(call, "http://billing")

            def go():
                billing("/x")  # SITE
            """,
    },
    "a percent template": {
        ONE: """
            import requests

            def go(path):
                requests.get("http://%s/%s" % ("billing", path))  # SITE
            """,
    },
    "a percent template by names": {
        ONE: """
            import requests

            def go(path):
                requests.get("http://%(host)s/%(path)s" % {"host": "billing", "path": path})  # SITE
            """,
    },
    "format with positions and names": {
        ONE: """
            import requests

            TEMPLATE = "{scheme}://{0}/x"

            def go():
                requests.get(TEMPLATE.format("billing", scheme="http"))  # SITE
            """,
    },
    "format of a mapping": {
        ONE: """
            import requests

            PARTS = {"host": "billing"}

            def go():
                requests.get("http://{host}/x".format(**PARTS))  # SITE
            """,
    },
    "urljoin": {
        ONE: """
            from urllib.parse import urljoin

            import requests

            def go(path):
                requests.get(urljoin("http://billing/", path))  # SITE
            """,
    },
    "join of parts": {
        ONE: """
            import requests

            def go(path):
                requests.get("/".join(["http://billing", "api", path]))  # SITE
            """,
    },
    "text that grows": {
        ONE: """
            import requests

            def go(query):
                url = "http://billing"
                url += "/search"
                if query:
                    url += "?q=" + query
                requests.get(url)  # SITE
            """,
    },
    "replaced text": {
        ONE: """
            import requests

            def go(key):
                requests.get("http://billing/{id}".replace("{id}", key))  # SITE
            """,
    },
    "a default from the environment": {
        ONE: """
            import os

            import requests

            BASE = os.getenv("BASE", "http://billing")
            OTHER = os.environ.get("OTHER", default="http://sysops")

            def one():
                requests.get(f"{BASE}/x")  # SITE

            def two():
                requests.get(OTHER + "/x")  # SYSOPS
            """,
    },
    "a value from compose": {
        ONE: """
            import os

            import requests

            def one():
                requests.get(os.environ["FIRST"] + "/x")  # SITE

            def two():
                requests.get(os.environ["SECOND"] + "/x")  # SYSOPS
            """,
        "compose.yaml": """
            services:
              customer:
                build: customer
                environment:
                  FIRST: http://billing:8000
                  SECOND: http://${WHO:-sysops}:8000
              billing:
                build: billing
              sysops:
                build: sysops
            """,
    },
    "a settings class": {
        ONE: """
            import requests
            from pydantic import Field
            from pydantic_settings import BaseSettings, SettingsConfigDict

            class Settings(BaseSettings):
                model_config = SettingsConfigDict(env_prefix="APP_")
                billing_url: str = "http://billing"
                other: str = Field(default="http://sysops", validation_alias="OTHER_URL")

            settings = Settings()

            def one():
                requests.get(settings.billing_url + "/x")  # SITE

            def two():
                requests.get(settings.other + "/x")  # SYSOPS
            """,
    },
    "a settings class filled by compose": {
        ONE: """
            from functools import lru_cache

            import requests
            from pydantic_settings import BaseSettings

            class Settings(BaseSettings):
                first: str
                second: str

            @lru_cache
            def settings():
                return Settings()

            def one():
                requests.get(settings().first)  # SITE

            def two():
                requests.get(settings().second)  # SYSOPS
            """,
        "compose.yaml": """
            services:
              customer:
                build: ./customer
                environment:
                  - FIRST=http://billing:8000/x
                  - SECOND=http://sysops:8000/x
            """,
    },
    "recursion": {
        ONE: """
            import requests

            def fetch(base, page):
                answer = requests.get(f"{base}/pages/{page}")
                if answer:
                    return fetch(base, page + 1)

            def go():
                fetch("http://billing", 0)  # SITE
            """,
    },
    "mutual recursion": {
        ONE: """
            import requests

            def even(base, n):
                return odd(base, n - 1) if n else None

            def odd(base, n):
                requests.get(base)
                return even(base, n - 1)

            def go():
                even("http://billing/x", 10)  # SITE
            """,
    },
    "super().__init__ of a library's class": {
        ONE: """
            import httpx

            class Billing(httpx.Client):
                def __init__(self, timeout):
                    super().__init__(base_url="http://billing", timeout=timeout)

                def invoices(self):
                    return self.get("/invoices")  # SITE
            """,
    },
    "super().__init__ with the argument of a subclass": {
        ONE: """
            import httpx

            class Api(httpx.Client):
                def __init__(self, host):
                    super().__init__(base_url=f"http://{host}")

            class Billing(Api):
                def __init__(self):
                    super().__init__("billing")

            class Sysops(Api):
                def __init__(self):
                    super().__init__("sysops")

            def one():
                Billing().get("/x")  # SITE

            def two():
                Sysops().get("/x")  # SYSOPS
            """,
    },
    "a monkeypatched method of a class": {
        ONE: """
            import requests

            class Desk:
                def notify(self):
                    pass

            def reach(self):
                requests.post("http://billing/x")  # SITE

            Desk.notify = reach

            def go():
                Desk().notify()
            """,
    },
    "a property": {
        ONE: """
            import requests

            class Desk:
                @property
                def session(self):
                    return requests.Session()

                @property
                def base(self):
                    return "http://billing"

                def go(self):
                    self.session.get(self.base + "/x")  # SITE
            """,
    },
    "a class method and a static method": {
        ONE: """
            import requests

            class Api:
                base = "http://billing"

                @classmethod
                def fetch(cls):
                    requests.get(cls.base + "/x")  # SITE

                @staticmethod
                def other(host):
                    requests.get(f"http://{host}/x")

            def go():
                Api.fetch()
                Api.other("sysops")  # SYSOPS
            """,
    },
    "unpacking": {
        ONE: """
            import requests

            def go():
                (first, second), *rest = ("http://billing", "http://sysops"), 1
                requests.get(first)  # SITE
                requests.get(second)  # SYSOPS
            """,
    },
    "a walrus and a conditional expression": {
        ONE: """
            import requests

            def go(secure):
                if (session := requests.Session()):
                    session.get("https://billing/x" if secure else "http://billing/x")  # SITE
            """,
    },
    "match": {
        ONE: """
            import requests

            def go(command):
                match command:
                    case {"kind": "pay", "id": key}:
                        requests.post(f"http://billing/{key}")  # SITE
                    case _:
                        requests.post("http://sysops/x")  # SYSOPS
            """,
    },
    "star arguments and keyword arguments": {
        ONE: """
            import requests

            def call(*args, **kwargs):
                return requests.post(*args, **kwargs)

            def one():
                call("http://billing/x", json={})  # SITE

            def two():
                call(url="http://sysops/x")  # SYSOPS
            """,
    },
    "keyword arguments from a mapping": {
        ONE: """
            import requests

            OPTIONS = {"url": "http://billing/x", "timeout": 3}

            def go():
                requests.post(**OPTIONS)  # SITE
            """,
    },
    "a decorator with arguments that calls on": {
        ONE: """
            from functools import wraps

            import requests

            def retried(times):
                def decorate(function):
                    @wraps(function)
                    def inner(*args, **kwargs):
                        for _ in range(times):
                            return function(*args, **kwargs)
                    return inner
                return decorate

            @retried(3)
            def fetch(base):
                return requests.get(base + "/x")

            def go():
                fetch("http://billing")  # SITE
            """,
    },
    "a class as a decorator": {
        ONE: """
            import requests

            class Logged:
                def __init__(self, function):
                    self.function = function

                def __call__(self, *args):
                    return self.function(*args)

            @Logged
            def fetch(base):
                return requests.get(base + "/x")

            def go():
                fetch("http://billing")  # SITE
            """,
    },
    "a function defined twice": {
        ONE: """
            import sys

            import requests

            if sys.platform == "linux":
                def fetch():
                    requests.get("http://billing/x")  # SITE
            else:
                def fetch():
                    requests.get("http://sysops/x")  # SYSOPS
            """,
    },
    "a relative import of a package": {
        "customer/__init__.py": "",
        "customer/net/__init__.py": "from .client import fetch\n",
        "customer/net/client.py": """
            import requests

            def fetch():
                requests.get("http://billing/x")  # SITE
            """,
        ONE: """
            from . import net

            def go():
                net.fetch()
            """,
    },
    "an import cycle": {
        "customer/__init__.py": "",
        "customer/one.py": """
            from customer import two

            BASE = "http://billing"

            def go():
                two.fetch()
            """,
        "customer/two.py": """
            import requests

            from customer import one

            def fetch():
                requests.get(one.BASE + "/x")  # SITE
            """,
    },
    "a script without an ending": {
        "customer/run": """#!/usr/bin/env python3
import requests

requests.get("http://billing/x")  # SITE
""",
    },
    "code of the module itself": {
        ONE: """
            import requests

            for host in ("billing",):
                requests.get(f"http://{host}/x")  # SITE
            """,
    },
    "a prepared request": {
        ONE: """
            import requests

            def go():
                request = requests.Request("POST", "http://billing/x").prepare()
                requests.Session().send(request)  # SITE
            """,
    },
    "a built request": {
        ONE: """
            import httpx

            def go():
                with httpx.Client(base_url="http://billing") as client:
                    request = client.build_request("POST", "/x")
                    client.send(request)  # SITE
            """,
    },
    "a streamed answer": {
        ONE: """
            import httpx

            def go():
                with httpx.stream("GET", "http://billing/x") as answer:  # SITE
                    answer.read()
            """,
    },
    "urllib": {
        ONE: """
            from urllib.request import Request, urlopen

            def go():
                urlopen(Request("http://billing/x"))  # SITE
            """,
    },
    "http.client": {
        ONE: """
            import http.client

            def go():
                connection = http.client.HTTPConnection("billing", 8000)
                connection.request("GET", "/x")  # SITE
            """,
    },
}


@pytest.mark.parametrize("name", CASES)
def test_a_program_of_this_shape_is_followed_to_its_lines(name: str) -> None:
    seen = see(CASES[name] | {"billing/worker.py": BILLING_CONSUMES_JOBS, "sysops/app.py": ""})
    assert seen.evidence.errors == ()
    if name == "gathered tasks":  # two calls in one statement are told by their statement
        assert seen.sites("billing") == {"customer/app.py:7"}
        return
    assert seen.sites("billing") == seen.marked("SITE"), [f"{one.place} {one.why}" for one in seen.unresolved()]
    assert seen.sites("sysops") == seen.marked("SYSOPS")


@pytest.mark.parametrize("name", CASES)
def test_a_program_of_this_shape_reaches_nothing_else(name: str) -> None:
    seen = see(CASES[name] | {"billing/worker.py": BILLING_CONSUMES_JOBS, "sysops/app.py": ""})
    others = [one for one in seen.crossings() if one.target not in ("billing", "sysops")]
    assert [one.channel for one in others] == (["nobody"] if "hierarchy" in name else [])


def chain(length: int) -> str:
    """A wrapper chain: each function hands the URL to the next."""
    functions = [f"def f{n}(url):\n    return f{n + 1}(url)\n" for n in range(length)]
    return "import requests\n" + "".join(functions) + f"def f{length}(url):\n    return requests.get(url)\n"


@pytest.mark.parametrize("length", [10, 60, 200])
def test_a_chain_of_wrappers_is_followed_to_its_first_caller(length: int) -> None:
    seen = see({"shared/net.py": chain(length), ONE: "from shared.net import f0\n\nf0('http://billing/x')  # SITE\n"})
    assert seen.sites("billing") == seen.marked()


def test_a_chain_of_wrappers_in_reverse_order_is_followed() -> None:
    functions = [f"def f{n}(url):\n    return f{n + 1}(url)\n" for n in reversed(range(200))]
    text = "import requests\ndef f200(url):\n    return requests.get(url)\n" + "".join(functions)
    seen = see({"shared/net.py": text, ONE: "from shared.net import f0\n\nf0('http://billing/x')  # SITE\n"})
    assert seen.sites("billing") == seen.marked()


def test_a_chain_of_objects_is_followed() -> None:
    classes = [
        f"class C{n}:\n    def __init__(self, url):\n        self.inner = C{n + 1}(url)\n"
        f"    def go(self):\n        return self.inner.go()\n"
        for n in range(8)
    ]
    last = "class C8:\n    def __init__(self, url):\n        self.url = url\n"
    last += "    def go(self):\n        requests.get(self.url)\n"
    seen = see(
        {"shared/net.py": "import requests\n" + "".join(classes) + last,
         ONE: "from shared.net import C0\n\nC0('http://billing/x').go()  # SITE\n"}
    )  # fmt: skip
    assert seen.sites("billing") == seen.marked() or seen.unresolved("request")


@pytest.mark.parametrize("size", [2, 30, 300])
def test_a_cycle_of_calls_is_followed(size: int) -> None:
    functions = [f"def f{n}(url):\n    f{(n + 1) % size}(url)\n" for n in range(1, size)]
    first = "def f0(url):\n    requests.get(url)\n    f1(url)\n"
    seen = see(
        {"shared/net.py": "import requests\n" + first + "".join(functions),
         ONE: "from shared.net import f1\n\nf1('http://billing/x')  # SITE\n"}
    )  # fmt: skip
    assert seen.sites("billing") == seen.marked()


def test_a_wrapper_with_many_callers_is_one_site_for_each_of_them() -> None:
    callers = "".join(f"def g{n}():\n    fetch('/x{n}')  # SITE\n" for n in range(17))
    seen = see(
        {"shared/net.py": "import requests\n\ndef fetch(path):\n    requests.get('http://billing' + path)\n",
         ONE: "from shared.net import fetch\n" + callers}
    )  # fmt: skip
    assert seen.sites("billing") == seen.marked()


def test_the_frames_below_the_site_are_shown_as_the_way_there() -> None:
    seen = see(CASES["a wrapper two deep"])
    crossing = next(one for one in seen.crossings() if one.target == "billing")
    assert [str(step.place) for step in crossing.path] == ["customer/app.py:4", "shared/http.py:7", "shared/http.py:4"]


def test_a_program_started_in_a_package_finds_its_own_modules_before_those_of_others() -> None:
    """``uvicorn app:app`` in a folder with an ``__init__.py``: its ``config`` is the one beside it."""
    seen = see(
        {
            "customer/app/__init__.py": "",
            "customer/app/config.py": "URL = 'http://billing'\n",
            "customer/app/routes/__init__.py": "",
            "customer/app/routes/cards.py": """
                import requests
                from config import URL

                def go():
                    return requests.get(URL)  # SITE
                """,
            "billing/app/config.py": "URL = 'http://customer'\n",
        }
    )
    assert seen.sites() == seen.marked()
    assert not seen.map.imports


def test_a_module_that_only_another_quantum_has_is_still_its_own() -> None:
    """A look-alike: where no module of the quantum has the name, the import does lead out."""
    seen = see(
        {
            "customer/app/__init__.py": "",
            "customer/app/cards.py": "from rates import RATE\n",
            "billing/app/rates.py": "RATE = 2\n",
        }
    )
    assert {one.target for one in seen.map.imports} == {"billing"}


ITS_OWN_PACKAGE = {
    "customer/app/__init__.py": "from app import client\n\ndef go():\n    return client.ask()\n",
    "customer/app/client.py": "import requests\n\ndef ask():\n    return requests.get('http://billing/x')  # SITE\n",
    "billing/app/__init__.py": "import os\n",
    "billing/app/client.py": "def ask():\n    return 1\n",
}


def test_a_package_that_imports_from_itself_by_its_name_means_itself() -> None:
    seen = see(ITS_OWN_PACKAGE)
    assert not seen.map.imports
    assert seen.sites() == seen.marked()


def test_a_package_that_has_the_name_of_a_library_means_the_library() -> None:
    files = {
        "customer/redis/__init__.py": "from redis import Redis\n\n\nRedis('r').rpush('jobs', 'x')  # SITE\n",
        "billing/app.py": "import redis\nredis.Redis('r').blpop('jobs')\n",
    }
    seen = see(files)
    assert seen.sites() == seen.marked()


def test_a_package_within_a_package_does_not_mean_itself_by_its_short_name() -> None:
    files = {
        "customer/__init__.py": "",
        "customer/mails/__init__.py": "from mails import send\nsend('x')\n",
        "customer/mails/send.py": "",
    }
    assert [one.what for one in see(files).unresolved()] == ["mails.send(…)"]
