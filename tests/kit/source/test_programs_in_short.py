"""Small programs around one call, in Python's own ways to call, wait, make and plug in: followed to their lines."""

from __future__ import annotations

import pytest
from quiet import at_run_time, quieted, replaceable
from source_trees import BILLING_CONSUMES_JOBS, Seen, see

Files = dict[str, str]
ONE = "customer/app.py"

# Calls that reach billing carry # SITE, those that reach sysops # SYSOPS, and those that nobody can tell # DOUBT.
SHORT: dict[str, Files] = {
    "partialmethod": {
        ONE: """
            import requests
            from functools import partialmethod
            class Api:
                def _call(self, method, path):
                    return requests.request(method, "http://billing" + path)  # SITE
                get = partialmethod(_call, "GET")
            def go():
                Api().get("/x")
            """,
    },
    "singledispatchmethod": {
        ONE: """
            import requests
            from functools import singledispatchmethod
            class Sender:
                @singledispatchmethod
                def send(self, what):
                    raise NotImplementedError
                @send.register
                def _(self, what: int):
                    requests.post("http://billing/int")  # SITE
                @send.register(str)
                def _text(self, what):
                    requests.post("http://billing/str")  # SITE
            """,
    },
    "alternative constructors": {
        ONE: """
            import requests
            class Api:
                def __init__(self, base):
                    self.base = base
                @classmethod
                def billing(cls):
                    return cls("http://billing")
                @classmethod
                def sysops(cls, port=80):
                    return cls(base=f"http://sysops:{port}")
                @staticmethod
                def of(name):
                    return Api("http://" + name)
                def get(self, path):
                    return requests.get(self.base + path)
            def go():
                Api.billing().get("/x")  # SITE
                Api.sysops().get("/x")  # SYSOPS
                Api.of("billing").get("/y")  # SITE
            """,
    },
    "comprehended clients": {
        ONE: """
            import httpx
            CLIENTS = {name: httpx.Client(base_url=f"http://{name}") for name in ("billing", "sysops")}
            def go():
                CLIENTS["billing"].get("/x")  # SITE # SYSOPS
            """,
    },
    "dynamic class": {
        ONE: """
            import requests
            class Base:
                url = None
                def send(self):
                    requests.post(self.url)
            Billing = type("Billing", (Base,), {"url": "http://billing/x"})
            def go():
                Billing().send()  # SITE
            """,
    },
    "setattr on a class": {
        ONE: """
            import requests
            class Api:
                pass
            def make(path):
                def call(self):
                    return requests.get("http://billing/" + path)  # SITE
                return call
            for name in ("cards", "limits"):
                setattr(Api, name, make(name))
            def go():
                Api().cards()
            """,
    },
    "dataclasses.replace": {
        ONE: """
            import requests
            from dataclasses import dataclass, replace
            @dataclass(frozen=True)
            class Api:
                base: str = "http://nowhere"
                def get(self):
                    return requests.get(self.base + "/x")
            api = Api()
            def go():
                replace(api, base="http://billing").get()  # SITE
            """,
    },
    "two withs": {
        ONE: """
            import requests
            def go():
                with requests.Session() as s, s.get("http://billing/x", stream=True) as r:  # SITE
                    print(r)
            """,
    },
    "super chain with star": {
        ONE: """
            import requests
            class A:
                def call(self, url, **kw):
                    return requests.post(url, **kw)
            class B(A):
                def call(self, *args, **kwargs):
                    return super().call(*args, **kwargs)
            class C(B):
                def call(self, path, **kwargs):
                    return super().call("http://billing" + path, **kwargs)  # SITE
            def go():
                C().call("/x", json={})
            """,
    },
    "dynamic path methods": {
        ONE: """
            import requests
            class Api:
                def __init__(self, base):
                    self.base = base
                def __getattr__(self, name):
                    def call(**params):
                        return requests.get(f"{self.base}/{name}", params=params)
                    return call
            def go():
                Api("http://billing").cards(id=1)  # SITE
            """,
    },
    "async iterator": {
        ONE: """
            import httpx
            class Pages:
                def __init__(self, url):
                    self.url = url
                    self.client = httpx.AsyncClient()
                def __aiter__(self):
                    return self
                async def __anext__(self):
                    return await self.client.get(self.url)
            async def go():
                async for page in Pages("http://billing/x"):  # SITE
                    print(page)
            """,
    },
    "iterator by next": {
        ONE: """
            import requests
            class Pages:
                def __init__(self, url):
                    self.url = url
                def __iter__(self):
                    return self
                def __next__(self):
                    return requests.get(self.url)
            def go():
                for page in Pages("http://billing/x"):  # SITE
                    print(page)
            """,
    },
    "run_coroutine_threadsafe": {
        ONE: """
            import asyncio
            import httpx
            async def tell(url):
                async with httpx.AsyncClient() as c:
                    await c.post(url)
            def go(loop):
                asyncio.run_coroutine_threadsafe(tell("http://billing/x"), loop).result()  # SITE
            """,
    },
    "asyncio.wait": {
        ONE: """
            import asyncio
            import httpx
            async def tell(url):
                async with httpx.AsyncClient() as c:
                    await c.post(url)
            async def go():
                await asyncio.wait([asyncio.create_task(tell(u)) for u in ["http://billing/x"]])  # SITE
            """,
    },
    "sync_to_async": {
        ONE: """
            import requests
            from asgiref.sync import sync_to_async
            async def go():
                await sync_to_async(requests.post)("http://billing/x")  # SITE
            """,
    },
    "async_to_sync": {
        ONE: """
            import httpx
            from asgiref.sync import async_to_sync
            async def tell(url):
                async with httpx.AsyncClient() as c:
                    await c.post(url)
            def go():
                async_to_sync(tell)("http://billing/x")  # SITE
            """,
    },
    "anyio to_thread": {
        ONE: """
            import anyio
            import requests
            async def go():
                await anyio.to_thread.run_sync(requests.post, "http://billing/x")  # SITE
            """,
    },
    "anyio task group": {
        ONE: """
            import anyio
            import httpx
            async def tell(url):
                async with httpx.AsyncClient() as c:
                    await c.post(url)
            async def go():
                async with anyio.create_task_group() as tg:
                    tg.start_soon(tell, "http://billing/x")  # SITE
            """,
    },
    "trio nursery": {
        ONE: """
            import trio
            import httpx
            async def tell(url):
                async with httpx.AsyncClient() as c:
                    await c.post(url)
            async def go():
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(tell, "http://billing/x")  # SITE
            """,
    },
    "starlette run_in_threadpool": {
        ONE: """
            import requests
            from fastapi.concurrency import run_in_threadpool
            async def go():
                await run_in_threadpool(requests.post, "http://billing/x")  # SITE
            """,
    },
    "tenacity object": {
        ONE: """
            import requests
            from tenacity import Retrying, stop_after_attempt
            def go():
                Retrying(stop=stop_after_attempt(3))(requests.post, "http://billing/x")  # SITE
            """,
    },
    "tenacity decorator": {
        ONE: """
            import requests
            from tenacity import retry
            @retry
            def call(url):
                return requests.post(url)
            def go():
                call("http://billing/x")  # SITE
            """,
    },
    "tenacity for attempt": {
        ONE: """
            import requests
            from tenacity import Retrying
            def go():
                for attempt in Retrying():
                    with attempt:
                        requests.post("http://billing/x")  # SITE
            """,
    },
    "backoff": {
        ONE: """
            import backoff
            import requests
            @backoff.on_exception(backoff.expo, OSError)
            def call(url):
                return requests.post(url)
            def go():
                call("http://billing/x")  # SITE
            """,
    },
    "schedule": {
        ONE: """
            import requests
            import schedule
            def ping(url):
                requests.get(url)
            schedule.every(5).minutes.do(ping, "http://billing/x")  # SITE
            """,
    },
    "gevent spawn": {
        ONE: """
            import gevent
            import requests
            def ping(url):
                requests.get(url)
            def go():
                gevent.joinall([gevent.spawn(ping, "http://billing/x")])  # SITE
            """,
    },
    "finalize": {
        ONE: """
            import weakref
            import requests
            class A: pass
            def go():
                a = A()
                weakref.finalize(a, requests.post, "http://billing/x")  # SITE
            """,
    },
    "module members": {
        ONE: """
            import sys
            import requests
            def tell_billing():
                requests.post("http://billing/x")  # SITE
            def go(name):
                getattr(sys.modules[__name__], "tell_" + name)()
            """,
    },
    "http logging": {
        ONE: """
            import logging
            import logging.handlers
            handler = logging.handlers.HTTPHandler("billing:80", "/log", method="POST")  # SITE
            logging.getLogger().addHandler(handler)
            """,
    },
    "build_opener": {
        ONE: """
            import urllib.request
            def go():
                opener = urllib.request.build_opener()
                opener.open("http://billing/x")  # SITE
            """,
    },
    "raw socket": {
        ONE: """
            import socket
            def go():
                s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                s.connect(("billing", 80))  # SITE
                s.sendall(b"x")
            """,
    },
    "open_connection": {
        ONE: """
            import asyncio
            async def go():
                reader, writer = await asyncio.open_connection("billing", 80)  # SITE
                writer.write(b"x")
            """,
    },
    "ftplib": {
        ONE: """
            import ftplib
            def go():
                ftp = ftplib.FTP("billing")  # SITE
                ftp.login()
            """,
    },
    "unbound method": {
        ONE: """
            import requests
            def go():
                s = requests.Session()
                requests.Session.post(s, "http://billing/x")  # SITE
            """,
    },
    "requests.api": {
        ONE: """
            import requests.api as api
            from requests.sessions import Session
            def go():
                api.post("http://billing/x")  # SITE
                Session().get("http://billing/y")  # SITE
            """,
    },
    "star import of a library": {
        ONE: """
            from requests import *
            def go():
                post("http://billing/x")  # SITE
            """,
    },
    "os.popen": {
        ONE: """
            import os
            def go():
                os.popen("curl http://billing/x").read()  # DOUBT
            """,
    },
    "create_subprocess_shell": {
        ONE: """
            import asyncio
            async def go():
                await asyncio.create_subprocess_shell("curl http://billing/x")  # DOUBT
            """,
    },
    "create_subprocess_exec": {
        ONE: """
            import asyncio
            async def go():
                await asyncio.create_subprocess_exec("curl", "http://billing/x")  # DOUBT
            """,
    },
    "entry points": {
        ONE: """
            from importlib.metadata import entry_points
            def go():
                for point in entry_points(group="shop.plugins"):
                    point.load()()  # DOUBT
            """,
    },
    "plugins of a package": {
        ONE: """
            import importlib
            import pkgutil
            import customer.plugins as plugins
            def go():
                for info in pkgutil.iter_modules(plugins.__path__):
                    importlib.import_module(f"customer.plugins.{info.name}").run()
            """,
        "customer/plugins/__init__.py": "",
        "customer/plugins/pay.py": """
            import requests
            def run():
                requests.post("http://billing/x")  # SITE
            """,
    },
    "plugins by url": {
        ONE: """
            import importlib
            def go(kind):
                importlib.import_module(f"customer.plugins.{kind}").run("http://billing/x")  # SITE
            """,
        "customer/plugins/__init__.py": "",
        "customer/plugins/pay.py": """
            import requests
            def run(url):
                requests.post(url)
            """,
    },
    "class in function": {
        ONE: """
            import requests
            def make(base):
                class Api:
                    def get(self, path):
                        return requests.get(base + path)
                return Api
            def go():
                make("http://billing")().get("/x")  # SITE
            """,
    },
    "returned tuple": {
        ONE: """
            import httpx
            def make():
                client = httpx.Client(base_url="http://billing")
                return client, {"a": 1}
            def go():
                client, options = make()
                client.get("/x")  # SITE
            """,
    },
    "nonlocal": {
        ONE: """
            import requests
            def outer():
                session = None
                def ensure():
                    nonlocal session
                    if session is None:
                        session = requests.Session()
                    return session
                def send():
                    ensure().post("http://billing/x")  # SITE
                return send
            outer()()
            """,
    },
    "chained builder": {
        ONE: """
            import requests
            class Builder:
                def __init__(self):
                    self._url = ""
                    self._body = None
                def to(self, url):
                    self._url = url
                    return self
                def with_body(self, body):
                    self._body = body
                    return self
                def send(self):
                    return requests.post(self._url, json=self._body)
            def go():
                Builder().to("http://billing/x").with_body({}).send()  # SITE
            """,
    },
    "dict of lambdas": {
        ONE: """
            import requests
            ACTIONS = {  # SITE # SYSOPS
                "pay": lambda body: requests.post("http://billing/pay", json=body),
                "tell": lambda body: requests.post("http://sysops/tell", json=body),
            }
            def go(name, body):
                return ACTIONS[name](body)
            """,
    },
    "hasattr dispatch": {
        ONE: """
            import requests
            class H:
                def on_paid(self, e):
                    requests.post("http://billing/paid")  # SITE
            def go(event):
                h = H()
                method = getattr(h, "on_" + event, None)
                if method:
                    method(event)
            """,
    },
    "typing.cast and assert": {
        ONE: """
            import requests
            from typing import cast, Any
            def go(x: Any):
                s = cast(requests.Session, x)
                s.post("http://billing/x")  # SITE
            """,
    },
    "isinstance narrowing": {
        ONE: """
            import requests
            def go(x):
                assert isinstance(x, requests.Session)
                x.post("http://billing/x")  # SITE
            """,
    },
    "union annotation": {
        ONE: """
            import requests
            import httpx
            def go(x: requests.Session | httpx.Client | None):
                x.post("http://billing/x")  # SITE
            """,
    },
    "generic repository": {
        ONE: """
            from typing import Generic, TypeVar
            import requests
            T = TypeVar("T")
            class Repo(Generic[T]):
                path = ""
                def all(self) -> list[T]:
                    return requests.get("http://billing/" + self.path).json()  # SITE
            class Cards(Repo[int]):
                path = "cards"
            def go():
                Cards().all()
            """,
    },
    "protocol client": {
        ONE: """
            from typing import Protocol
            import requests
            class Http(Protocol):
                def post(self, url: str, **kw): ...
            class Desk:
                def __init__(self, http: Http):
                    self.http = http
                def pay(self):
                    self.http.post("http://billing/pay")  # SITE
            Desk(requests.Session()).pay()
            """,
    },
    "log then call in finally": {
        ONE: """
            import requests
            def go():
                try:
                    work()
                finally:
                    requests.post("http://billing/done")  # SITE
            def work(): ...
            """,
    },
    "url from a list of tuples": {
        ONE: """
            import requests
            TARGETS = [("billing", 80), ("sysops", 81)]
            def go():
                for host, port in TARGETS:
                    requests.get(f"http://{host}:{port}/health")  # SITE # SYSOPS
            """,
    },
    "env with fallback chain": {
        ONE: """
            import os
            import requests
            HOST = os.getenv("PAY_HOST") or os.getenv("OLD_HOST") or "billing"
            def go():
                requests.get("http://" + HOST + "/x")  # SITE
            """,
    },
    "thread subclass with target url": {
        ONE: """
            import threading
            import requests
            class Ping(threading.Thread):
                def __init__(self, url):
                    threading.Thread.__init__(self)
                    self.url = url
                def run(self):
                    requests.get(self.url)
            Ping("http://billing/x").start()  # SITE
            """,
    },
    "process pool map": {
        ONE: """
            from concurrent.futures import ProcessPoolExecutor
            import requests
            def fetch(pair):
                name, url = pair
                return requests.get(url)
            def go():
                with ProcessPoolExecutor() as ex:
                    ex.map(fetch, [("a", "http://billing/x")])  # SITE
            """,
    },
    "submit in loop": {
        ONE: """
            from concurrent.futures import ThreadPoolExecutor
            import requests
            pool = ThreadPoolExecutor(4)
            def fetch(url, timeout=1):
                return requests.get(url, timeout=timeout)
            def go():
                return [pool.submit(fetch, u, timeout=3) for u in ("http://billing/a",)]  # SITE
            """,
    },
    "queue of callables": {
        ONE: """
            import queue
            import threading
            import requests
            jobs = queue.Queue()
            def worker():
                while True:
                    function, args = jobs.get()
                    function(*args)  # SITE
            threading.Thread(target=worker).start()
            def go():
                jobs.put((requests.post, ("http://billing/x",)))
            """,
    },
    "websocket and others by import alias": {
        ONE: """
            import importlib
            http = importlib.import_module("requests")
            def go():
                http.post("http://billing/x")  # SITE
            """,
    },
    "an attribute that subclasses set": {
        ONE: """
            import requests
            class Api:
                url = "http://billing"
                @property
                def cards(self):
                    return self.fetch("cards")
                def fetch(self, what):
                    return requests.get(f"{self.url}/{what}")  # SITE
            def go():
                return Api().cards
            """,
    },
}  # fmt: skip


def seen_in(files: Files) -> Seen:
    return see(files | {"billing/worker.py": BILLING_CONSUMES_JOBS, "sysops/app.py": ""})


@pytest.mark.parametrize("name", SHORT)
def test_a_program_is_followed_to_its_lines(name: str) -> None:
    seen = seen_in(SHORT[name])
    assert seen.evidence.errors == ()
    told = [f"{one.place} {one.what} {one.why}" for one in seen.unresolved()]
    assert seen.sites("billing") == seen.marked("SITE"), told
    assert seen.sites("sysops") == seen.marked("SYSOPS"), told
    assert {str(one.place) for one in seen.unresolved()} == seen.marked("DOUBT")


@pytest.mark.parametrize("name", [name for name, files in SHORT.items() if at_run_time(files) != files])
def test_the_same_program_with_addresses_made_at_run_time_is_unresolved(name: str) -> None:
    seen = seen_in(at_run_time(SHORT[name]))
    assert seen.evidence.errors == ()
    assert seen.unresolved()


@pytest.mark.parametrize("name", [name for name, files in SHORT.items() if replaceable(files)])
def test_the_same_program_around_what_reaches_nothing_is_silent(name: str) -> None:
    seen = see(quieted(SHORT[name]))
    assert seen.evidence.errors == ()
    assert seen.silent(), [f"{one.place} {one.what} {one.why}" for one in seen.unresolved()]
