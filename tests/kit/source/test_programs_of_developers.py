"""Programs as developers write them, two or three files each: every call is followed to its own line."""

from __future__ import annotations

import pytest
from quiet import at_run_time, quieted
from source_trees import BILLING_CONSUMES_JOBS, Seen, see

Files = dict[str, str]

# Calls that reach billing carry # SITE, those that reach sysops # SYSOPS, and those that nobody can tell # DOUBT.
ROUTED: dict[str, Files] = {
    # Registries and tables ----------------------------------------------------------------------------------------
    "a table of plug-in classes": {
        "customer/senders.py": """
            import requests

            class EmailSender:
                def send(self, to):
                    requests.post("http://billing/email", json={"to": to})  # SITE

            class SmsSender:
                def send(self, to):
                    requests.post("http://sysops/sms", json={"to": to})  # SYSOPS
            """,
        "customer/app.py": """
            from customer.senders import EmailSender, SmsSender

            SENDERS = {"email": EmailSender, "sms": SmsSender}

            def notify(kind, to):
                SENDERS[kind]().send(to)
            """,
    },
    "a metaclass that registers": {
        "customer/registry.py": """
            class Registry(type):
                commands = {}

                def __new__(mcs, name, bases, namespace):
                    cls = super().__new__(mcs, name, bases, namespace)
                    Registry.commands[name.lower()] = cls
                    return cls
            """,
        "customer/commands.py": """
            import requests
            from customer.registry import Registry

            class Command(metaclass=Registry):
                url = ""

                def execute(self):
                    requests.post(self.url)  # SITE

            class Pay(Command):
                url = "http://billing/pay"
            """,
        "customer/app.py": """
            from customer import commands
            from customer.registry import Registry

            def run(name):
                Registry.commands[name]().execute()
            """,
    },
    "__init_subclass__ with an argument": {
        "customer/base.py": """
            class Handler:
                handlers = {}

                def __init_subclass__(cls, event=None, **kwargs):
                    super().__init_subclass__(**kwargs)
                    cls.handlers[event] = cls

                @classmethod
                def dispatch(cls, event, payload):
                    return cls.handlers[event]().handle(payload)
            """,
        "customer/app.py": """
            import httpx
            from customer.base import Handler

            class Paid(Handler, event="paid"):
                def handle(self, payload):
                    httpx.post("http://billing/paid", json=payload)  # SITE

            def on_event(event, payload):
                Handler.dispatch(event, payload)
            """,
    },
    "an enumeration whose members hold functions": {
        "customer/app.py": """
            from enum import Enum
            from functools import partial

            import requests

            def to_billing(body):
                requests.post("http://billing/x", json=body)  # SITE

            class Target(Enum):
                BILLING = partial(to_billing)

                def __call__(self, body):
                    return self.value(body)

            def go(body):
                Target.BILLING(body)
            """,
    },
    "queue names in an enumeration": {
        "shared/__init__.py": "",
        "shared/names.py": """
            from enum import Enum

            class QueueName(str, Enum):
                JOBS = "jobs"
                OTHER = "other"
            """,
        "customer/app.py": """
            import pika
            from shared.names import QueueName

            def go():
                channel = pika.BlockingConnection().channel()
                channel.basic_publish(exchange="", routing_key=QueueName.JOBS.value, body=b"x")  # SITE
            """,
    },
    "an enumeration with a method": {
        "customer/app.py": """
            from enum import Enum

            import requests

            class Service(Enum):
                BILLING = "billing"
                SYSOPS = "sysops"

                def url(self, path):
                    return f"http://{self.value}/{path}"

            def pay():
                requests.post(Service.BILLING.url("pay"))  # SITE
            """,
    },
    "a registry of functions by decorator in another module": {
        "customer/registry.py": """
            _handlers = {}

            def register(name):
                def decorator(func):
                    _handlers.setdefault(name, []).append(func)
                    return func
                return decorator

            def fire(name, *args):
                for handler in _handlers.get(name, []):
                    handler(*args)
            """,
        "customer/handlers.py": """
            import requests
            from customer.registry import register

            @register("paid")
            def tell_billing(amount):
                requests.post("http://billing/paid", json={"amount": amount})  # SITE
            """,
        "customer/app.py": """
            from customer import handlers
            from customer.registry import fire

            def go():
                fire("paid", 1)
            """,
    },
    "a table of routes": {
        "customer/app.py": """
            from flask import Flask

            from customer import views

            ROUTES = [("/pay", views.pay, ["POST"]), ("/tell", views.tell, ["POST"])]

            app = Flask(__name__)
            for rule, view, methods in ROUTES:
                app.add_url_rule(rule, view_func=view, methods=methods)
            """,
        "customer/views.py": """
            import requests

            def pay():
                requests.post("http://billing/pay")  # SITE
                return ""

            def tell():
                requests.post("http://sysops/tell")  # SYSOPS
                return ""
            """,
    },
    "a table of URLs by service": {
        "customer/config.py": """
            SERVICES = {
                "billing": {"host": "billing", "port": 8000},
                "sysops": {"host": "sysops", "port": 8001},
            }
            """,
        "customer/app.py": """
            import requests
            from customer.config import SERVICES

            def base(name):
                service = SERVICES[name]
                return "http://{}:{}".format(service["host"], service["port"])

            def go():
                requests.get(base("billing") + "/x")  # SITE
                requests.get(f"{base('sysops')}/x")  # SYSOPS
            """,
    },
    "strategies chosen by type": {
        "customer/app.py": """
            import requests

            class Card: ...
            class Iban: ...

            class CardStrategy:
                def pay(self): requests.post("http://billing/card")  # SITE

            class IbanStrategy:
                def pay(self): requests.post("http://billing/iban")  # SITE

            STRATEGIES = {Card: CardStrategy(), Iban: IbanStrategy()}

            def pay(method):
                STRATEGIES[type(method)].pay()
            """,
    },
    "a class that is found by its name": {
        "customer/app.py": """
            import requests

            class PayCommand:
                def run(self):
                    requests.post("http://billing/pay")  # SITE

            def go(name):
                cls = globals()[name.title() + "Command"]
                cls().run()
            """,
    },
    # Calls of calls -------------------------------------------------------------------------------------------------
    "methodcaller over clients": {
        "customer/app.py": """
            from operator import methodcaller

            import requests

            ping = methodcaller("get", "http://billing/ping")

            def go():
                ping(requests.Session())  # SITE
            """,
    },
    "map of a method": {
        "customer/app.py": """
            import requests

            URLS = ["http://billing/a", "http://billing/b"]

            def go():
                for answer in map(requests.post, URLS):  # SITE
                    print(answer)
            """,
    },
    "starmap": {
        "customer/app.py": """
            from itertools import starmap

            import requests

            CALLS = [("POST", "http://billing/a")]

            def go():
                return list(starmap(requests.request, CALLS))  # SITE
            """,
    },
    "an executor's map of a method": {
        "customer/app.py": """
            from concurrent.futures import ThreadPoolExecutor

            import requests

            class Client:
                def __init__(self, base):
                    self.base = base

                def fetch(self, path):
                    return requests.get(self.base + path).json()

            def go():
                client = Client("http://billing")
                with ThreadPoolExecutor(max_workers=4) as pool:
                    return list(pool.map(client.fetch, ["/a", "/b"]))  # SITE
            """,
    },
    "futures as they complete": {
        "customer/app.py": """
            from concurrent.futures import ThreadPoolExecutor, as_completed

            import requests

            def fetch(url):
                return requests.get(url)

            def go():
                with ThreadPoolExecutor() as pool:
                    futures = {pool.submit(fetch, url): url for url in ("http://billing/a", "http://billing/b")}  # SITE
                    for future in as_completed(futures):
                        print(future.result())
            """,
    },
    "gather of a comprehension": {
        "customer/app.py": """
            import asyncio

            import httpx

            async def fetch(client, path):
                return await client.get(f"http://billing/{path}")  # SITE

            async def go():
                async with httpx.AsyncClient() as client:
                    return await asyncio.gather(*[fetch(client, path) for path in ("a", "b")])
            """,
    },
    "a task group": {
        "customer/app.py": """
            import asyncio

            import httpx

            async def tell(url):
                async with httpx.AsyncClient() as client:
                    await client.post(url)

            async def go():
                async with asyncio.TaskGroup() as group:
                    group.create_task(tell("http://billing/x"))  # SITE
                    group.create_task(tell("http://sysops/x"))  # SYSOPS
            """,
    },
    "a pool of processes": {
        "customer/app.py": """
            from multiprocessing import Pool

            import requests

            def fetch(url):
                return requests.get(url).text

            if __name__ == "__main__":
                with Pool(4) as pool:
                    pool.map(fetch, ["http://billing/a"])  # SITE
            """,
    },
    "a timer": {
        "customer/app.py": """
            import threading

            import requests

            def ping(url):
                requests.get(url)

            def go():
                threading.Timer(5, ping, args=["http://billing/x"]).start()  # SITE
            """,
    },
    "a timer with keyword arguments": {
        "customer/app.py": """
            from threading import Timer

            import requests

            def ping(url, times=1):
                requests.get(url)

            Timer(interval=5, function=ping, kwargs={"url": "http://billing/x"}).start()  # SITE
            """,
    },
    "a worker thread with a queue": {
        "customer/app.py": """
            import queue
            import threading

            import requests

            class Sender(threading.Thread):
                def __init__(self, base):
                    super().__init__(daemon=True)
                    self.base = base
                    self.todo = queue.Queue()

                def run(self):
                    while True:
                        body = self.todo.get()
                        requests.post(self.base + "/x", json=body)

            sender = Sender("http://billing")
            sender.start()  # SITE

            def go(body):
                sender.todo.put(body)
            """,
    },
    "a queue that carries URLs": {
        "customer/app.py": """
            import asyncio

            import httpx

            async def worker(todo):
                async with httpx.AsyncClient() as client:
                    while True:
                        url = await todo.get()
                        await client.post(url)

            async def main():
                todo = asyncio.Queue()
                asyncio.create_task(worker(todo))  # SITE
                await todo.put("http://billing/x")
            """,
    },
    "a decorator that retries": {
        "shared/__init__.py": "",
        "shared/retrying.py": """
            import time
            from functools import wraps

            def retry(times=3):
                def decorate(function):
                    @wraps(function)
                    def wrapper(*args, **kwargs):
                        for attempt in range(times):
                            try:
                                return function(*args, **kwargs)
                            except OSError:
                                time.sleep(attempt)
                    return wrapper
                return decorate
            """,
        "customer/app.py": """
            import requests
            from shared.retrying import retry

            @retry(times=5)
            def call(path):
                return requests.get("http://billing" + path)  # SITE

            def go():
                call("/x")
            """,
    },
    "a decorator class": {
        "customer/app.py": """
            import requests

            class Announced:
                def __init__(self, function):
                    self.function = function

                def __call__(self, *args, **kwargs):
                    requests.post("http://sysops/announce", json={"name": self.function.__name__})  # SYSOPS
                    return self.function(*args, **kwargs)

            @Announced
            def pay():
                requests.post("http://billing/pay")  # SITE

            def go():
                pay()
            """,
    },
    "a decorator class with arguments": {
        "customer/app.py": """
            import requests

            class announced:
                def __init__(self, url):
                    self.url = url

                def __call__(self, function):
                    def wrapper(*args):
                        requests.post(self.url)  # SITE
                        return function(*args)
                    return wrapper

            @announced("http://billing/x")
            def pay():
                return 1
            """,
    },
    "a class decorator that adds a client": {
        "customer/app.py": """
            import httpx

            def with_client(base):
                def decorate(cls):
                    cls.client = httpx.Client(base_url=base)
                    return cls
                return decorate

            @with_client("http://billing")
            class Desk:
                def pay(self):
                    self.client.post("/pay")  # SITE

            def go():
                Desk().pay()
            """,
    },
    "a class decorator that registers": {
        "customer/app.py": """
            import requests

            PLUGINS = []

            def plugin(cls):
                PLUGINS.append(cls())
                return cls

            @plugin
            class Pay:
                def run(self, body):
                    requests.post("http://billing/pay", json=body)  # SITE

            def go(body):
                for one in PLUGINS:
                    one.run(body)
            """,
    },
    "functions composed": {
        "customer/app.py": """
            from functools import reduce

            import requests

            def compose(*functions):
                return lambda value: reduce(lambda got, function: function(got), functions, value)

            def store(body):
                requests.post("http://billing/x", json=body)  # SITE
                return body

            pipeline = compose(str.strip, store)

            def go(body):
                pipeline(body)
            """,
    },
    "a pipeline of steps": {
        "customer/app.py": """
            import requests

            class Pipeline:
                def __init__(self):
                    self.steps = []

                def then(self, step):
                    self.steps.append(step)
                    return self

                def run(self, value):
                    for step in self.steps:
                        value = step(value)
                    return value

            def clean(body):
                return body

            def send(body):
                requests.post("http://billing/x", json=body)  # SITE

            def go(body):
                Pipeline().then(clean).then(send).run(body)
            """,
    },
    "a callback in a keyword": {
        "shared/__init__.py": "",
        "shared/runner.py": """
            def run(job, on_done=None, on_error=None):
                try:
                    job()
                except ValueError as error:
                    if on_error:
                        on_error(error)
                else:
                    if on_done:
                        on_done()
            """,
        "customer/app.py": """
            import requests
            from shared.runner import run

            def tell():
                requests.post("http://billing/done")  # SITE

            def go():
                run(lambda: None, on_done=tell)
            """,
    },
    "an observer": {
        "customer/app.py": """
            import requests

            class Subject:
                def __init__(self):
                    self._observers = set()

                def attach(self, observer):
                    self._observers.add(observer)

                def notify(self, event):
                    for observer in self._observers:
                        observer.update(event)

            class BillingObserver:
                def update(self, event):
                    requests.post("http://billing/events", json=event)  # SITE

            subject = Subject()
            subject.attach(BillingObserver())

            def go():
                subject.notify({})
            """,
    },
    "a message bus with commands by type": {
        "customer/bus.py": """
            class MessageBus:
                def __init__(self, handlers):
                    self.handlers = handlers

                def handle(self, message):
                    for handler in self.handlers[type(message)]:
                        handler(message)
            """,
        "customer/handlers.py": """
            def charge(command, http):
                http.post("http://billing/charge", json={"amount": command.amount})  # SITE
            """,
        "customer/app.py": """
            from dataclasses import dataclass

            import requests

            from customer import handlers
            from customer.bus import MessageBus

            @dataclass
            class Charge:
                amount: int

            def bootstrap(http=requests.Session()):
                return MessageBus({Charge: [lambda command: handlers.charge(command, http)]})

            bus = bootstrap()

            def go():
                bus.handle(Charge(1))
            """,
    },
    "handlers injected by inspection of their parameters": {
        "customer/bootstrap.py": """
            import inspect

            def inject(handler, dependencies):
                wanted = inspect.signature(handler).parameters
                given = {name: value for name, value in dependencies.items() if name in wanted}
                return lambda message: handler(message, **given)
            """,
        "customer/app.py": """
            import requests

            from customer.bootstrap import inject

            def charge(message, http):
                http.post("http://billing/charge")  # SITE

            handle = inject(charge, {"http": requests.Session(), "clock": None})

            def go():
                handle({})
            """,
    },
    # Objects ----------------------------------------------------------------------------------------------------------
    "a hierarchy of clients": {
        "shared/__init__.py": "",
        "shared/clients.py": """
            import httpx

            class BaseClient:
                base_url = None
                timeout = 5

                def __init__(self):
                    self._client = httpx.Client(base_url=self.base_url, timeout=self.timeout)

                def _request(self, method, path, **kwargs):
                    response = self._client.request(method, path, **kwargs)
                    response.raise_for_status()
                    return response.json()

                def get(self, path, **kwargs):
                    return self._request("GET", path, **kwargs)

            class JsonClient(BaseClient):
                def post(self, path, body):
                    return self._request("POST", path, json=body)
            """,
        "customer/app.py": """
            from shared.clients import JsonClient

            class Billing(JsonClient):
                base_url = "http://billing"

                def pay(self):
                    return self.post("/pay", {})  # SITE

            class Sysops(JsonClient):
                base_url = "http://sysops"

                def tickets(self):
                    return self.get("/tickets")  # SYSOPS

            def go():
                Billing().pay()
                Sysops().tickets()
            """,
    },
    "an abstract publisher with a template method": {
        "shared/__init__.py": "",
        "shared/publishers.py": """
            from abc import ABC, abstractmethod

            import pika

            class Publisher(ABC):
                def __init__(self, channel=None):
                    self.channel = channel or pika.BlockingConnection().channel()

                @property
                @abstractmethod
                def queue(self): ...

                @abstractmethod
                def encode(self, event): ...

                def publish(self, event):
                    self.channel.basic_publish(exchange="", routing_key=self.queue, body=self.encode(event))
            """,
        "customer/app.py": """
            import json

            from shared.publishers import Publisher

            class JobPublisher(Publisher):
                queue = "jobs"

                def encode(self, event):
                    return json.dumps(event)

            def go():
                JobPublisher().publish({})  # SITE
            """,
    },
    "a property of a subclass names the queue": {
        "shared/__init__.py": "",
        "shared/publishers.py": """
            import pika

            class Publisher:
                @property
                def queue(self):
                    raise NotImplementedError

                def publish(self, body):
                    pika.BlockingConnection().channel().basic_publish("", self.queue, body)
            """,
        "customer/app.py": """
            from shared.publishers import Publisher

            class Jobs(Publisher):
                @property
                def queue(self):
                    return "jobs"

            def go():
                Jobs().publish(b"x")  # SITE
            """,
    },
    "super with more arguments": {
        "shared/__init__.py": "",
        "shared/api.py": """
            import requests

            class Api:
                def __init__(self, host, port=80, *, scheme="http"):
                    self.root = f"{scheme}://{host}:{port}"

                def call(self, path):
                    return requests.get(self.root + path)
            """,
        "customer/app.py": """
            from shared.api import Api

            class Billing(Api):
                def __init__(self, **options):
                    super().__init__("billing", 8000, **options)

                def cards(self):
                    return self.call("/cards")  # SITE

            def go():
                Billing(scheme="https").cards()
            """,
    },
    "a descriptor": {
        "customer/app.py": """
            import requests

            class Remote:
                def __init__(self, url):
                    self.url = url

                def __get__(self, instance, owner):
                    return requests.get(self.url).json()

            class Card:
                limit = Remote("http://billing/limit")

            def go():
                return Card().limit  # SITE
            """,
    },
    "a descriptor that gives a client": {
        "customer/app.py": """
            import httpx

            class Lazy:
                def __set_name__(self, owner, name):
                    self.name = name

                def __get__(self, instance, owner):
                    return httpx.Client(base_url="http://billing")

            class Desk:
                client = Lazy()

                def pay(self):
                    self.client.post("/pay")  # SITE

            def go():
                Desk().pay()
            """,
    },
    "a property that makes a client once": {
        "customer/app.py": """
            import httpx

            class Desk:
                def __init__(self):
                    self._client = None

                @property
                def client(self):
                    if self._client is None:
                        self._client = httpx.Client(base_url="http://billing")
                    return self._client

                def pay(self):
                    return self.client.post("/pay")  # SITE
            """,
    },
    "a proxy that hands on": {
        "shared/__init__.py": "",
        "shared/proxy.py": """
            class Logged:
                def __init__(self, wrapped):
                    self._wrapped = wrapped

                def __getattr__(self, name):
                    print(name)
                    return getattr(self._wrapped, name)
            """,
        "customer/app.py": """
            import requests
            from shared.proxy import Logged

            http = Logged(requests.Session())

            def go():
                http.post("http://billing/x")  # SITE
            """,
    },
    "a proxy whose names are paths": {
        "customer/app.py": """
            import requests

            class Path:
                def __init__(self, url):
                    self.url = url

                def __getattr__(self, name):
                    return Path(self.url + "/" + name)

                def __call__(self):
                    return requests.get(self.url)

            api = Path("http://billing")

            def go():
                api.cards.all()  # SITE
            """,
    },
    "a singleton by __new__": {
        "customer/clients.py": """
            import requests

            class Http:
                _instance = None

                def __new__(cls):
                    if cls._instance is None:
                        cls._instance = super().__new__(cls)
                        cls._instance.session = requests.Session()
                    return cls._instance
            """,
        "customer/app.py": """
            from customer.clients import Http

            def go():
                Http().session.post("http://billing/x")  # SITE
            """,
    },
    "a singleton by a class method": {
        "customer/clients.py": """
            import pika

            class Broker:
                __instance = None

                @classmethod
                def instance(cls):
                    if cls.__instance is None:
                        cls.__instance = cls()
                    return cls.__instance

                def __init__(self):
                    self.channel = pika.BlockingConnection().channel()

                def send(self, queue, body):
                    self.channel.basic_publish("", queue, body)
            """,
        "customer/app.py": """
            from customer.clients import Broker

            def go():
                Broker.instance().send("jobs", b"x")  # SITE
            """,
    },
    "a cached factory": {
        "customer/clients.py": """
            from functools import lru_cache

            import httpx

            @lru_cache(maxsize=None)
            def client(host: str) -> httpx.Client:
                return httpx.Client(base_url=f"http://{host}")
            """,
        "customer/app.py": """
            from customer.clients import client

            def go():
                client("billing").get("/x")  # SITE
                client("sysops").get("/x")  # SYSOPS
            """,
    },
    "a named tuple of settings": {
        "customer/app.py": """
            from collections import namedtuple

            import requests

            Endpoint = namedtuple("Endpoint", "host path")
            BILLING = Endpoint(host="billing", path="/cards")

            def go():
                requests.get(f"http://{BILLING.host}{BILLING.path}")  # SITE
            """,
    },
    "a typed dictionary": {
        "customer/app.py": """
            from typing import TypedDict

            import requests

            class Call(TypedDict):
                url: str
                body: dict

            def make(path) -> Call:
                return {"url": f"http://billing/{path}", "body": {}}

            def go():
                call = make("x")
                requests.post(call["url"], json=call["body"])  # SITE
            """,
    },
    "a class of attrs": {
        "customer/app.py": """
            import attr
            import requests

            @attr.s(auto_attribs=True)
            class Api:
                base: str
                session: requests.Session = attr.Factory(requests.Session)

                def get(self, path):
                    return self.session.get(self.base + path)

            def go():
                Api("http://billing").get("/x")  # SITE
            """,
    },
    "a class of attrs, newer": {
        "customer/app.py": """
            import httpx
            from attrs import define, field

            @define
            class Api:
                client: httpx.Client = field(factory=lambda: httpx.Client(base_url="http://billing"))

                def cards(self):
                    return self.client.get("/cards")  # SITE

            def go():
                Api().cards()
            """,
    },
    "a pydantic model with a URL": {
        "customer/app.py": """
            import httpx
            from pydantic import BaseModel, HttpUrl

            class Endpoint(BaseModel):
                url: HttpUrl = "http://billing/cards"
                timeout: int = 5

                def call(self):
                    return httpx.get(str(self.url), timeout=self.timeout)  # SITE

            def go():
                Endpoint().call()
            """,
    },
    "a dataclass with a default factory": {
        "customer/app.py": """
            from dataclasses import dataclass, field

            import requests

            @dataclass
            class Desk:
                base: str = "http://billing"
                session: requests.Session = field(default_factory=requests.Session)

                def pay(self):
                    self.session.post(f"{self.base}/pay")

            def go():
                Desk().pay()  # SITE
            """,
    },
    "a dataclass with __post_init__": {
        "customer/app.py": """
            from dataclasses import dataclass

            import httpx

            @dataclass
            class Client:
                host: str

                def __post_init__(self):
                    self.http = httpx.Client(base_url="http://" + self.host)

                def get(self, path):
                    return self.http.get(path)

            def go():
                Client("billing").get("/x")  # SITE
                Client(host="sysops").get("/x")  # SYSOPS
            """,
    },
    "slots and class-level annotations": {
        "customer/app.py": """
            import requests

            class Desk:
                __slots__ = ("_http",)
                _http: requests.Session

                def __init__(self, http=None):
                    self._http = http if http is not None else requests.Session()

                def pay(self):
                    self._http.post("http://billing/pay")  # SITE
            """,
    },
    "a mixin over several files": {
        "customer/mixins.py": """
            import requests

            class HttpMixin:
                service = None

                def url(self, path):
                    return f"http://{self.service}/{path}"

                def fetch(self, path):
                    return requests.get(self.url(path))
            """,
        "customer/base.py": """
            class Desk:
                def open(self):
                    return self.fetch("open")  # SITE
            """,
        "customer/app.py": """
            from customer.base import Desk
            from customer.mixins import HttpMixin

            class BillingDesk(HttpMixin, Desk):
                service = "billing"

            def go():
                BillingDesk().open()
            """,
    },
    "an object with an iterator": {
        "customer/app.py": """
            import requests

            class Pages:
                def __init__(self, url):
                    self.url = url

                def __iter__(self):
                    page = 1
                    while True:
                        answer = requests.get(self.url, params={"page": page}).json()
                        if not answer:
                            return
                        yield from answer
                        page += 1

            def go():
                for row in Pages("http://billing/rows"):  # SITE
                    print(row)
            """,
    },
    "an operator": {
        "customer/app.py": """
            import requests

            class Url:
                def __init__(self, text):
                    self.text = text

                def __truediv__(self, part):
                    return Url(f"{self.text}/{part}")

                def get(self):
                    return requests.get(self.text)

            def go():
                (Url("http://billing") / "cards").get()  # SITE
            """,
    },
    "an object that is indexed": {
        "customer/app.py": """
            import requests

            class Cards:
                def __getitem__(self, key):
                    return requests.get(f"http://billing/cards/{key}").json()  # SITE

            def go():
                return Cards()["x"]
            """,
    },
    # Context managers -------------------------------------------------------------------------------------------
    "an exit stack": {
        "customer/app.py": """
            from contextlib import ExitStack

            import requests

            def go():
                with ExitStack() as stack:
                    session = stack.enter_context(requests.Session())
                    session.post("http://billing/x")  # SITE
            """,
    },
    "an asynchronous exit stack on self": {
        "customer/app.py": """
            from contextlib import AsyncExitStack

            import httpx

            class Desk:
                async def __aenter__(self):
                    self.stack = AsyncExitStack()
                    self.client = await self.stack.enter_async_context(httpx.AsyncClient(base_url="http://billing"))
                    return self

                async def __aexit__(self, *error):
                    await self.stack.aclose()

                async def pay(self):
                    await self.client.post("/pay")  # SITE

            async def go():
                async with Desk() as desk:
                    await desk.pay()
            """,
    },
    "a context manager around another": {
        "customer/clients.py": """
            from contextlib import contextmanager

            import pika

            @contextmanager
            def connected():
                connection = pika.BlockingConnection()
                yield connection
                connection.close()

            @contextmanager
            def channel():
                with connected() as connection:
                    yield connection.channel()
            """,
        "customer/app.py": """
            from customer.clients import channel

            def go():
                with channel() as opened:
                    opened.basic_publish("", "jobs", b"x")  # SITE
            """,
    },
    "a context manager that tells at its end": {
        "customer/app.py": """
            import requests

            class Told:
                def __init__(self, name):
                    self.name = name

                def __enter__(self):
                    return self

                def __exit__(self, *error):
                    requests.post("http://billing/told", json={"name": self.name})  # SITE

            def go():
                with Told("x"):
                    pass
            """,
    },
    "a context manager used as a decorator": {
        "customer/app.py": """
            from contextlib import ContextDecorator

            import requests

            class told(ContextDecorator):
                def __enter__(self):
                    requests.post("http://billing/begin")  # SITE

                def __exit__(self, *error):
                    return False

            @told()
            def go():
                return 1
            """,
    },
    "a unit of work": {
        "customer/uow.py": """
            import pika

            class UnitOfWork:
                def __enter__(self):
                    self.channel = pika.BlockingConnection().channel()
                    self.events = []
                    return self

                def __exit__(self, kind, *rest):
                    if kind is None:
                        for event in self.events:
                            self.channel.basic_publish("", "jobs", event)  # SITE
            """,
        "customer/app.py": """
            from customer.uow import UnitOfWork

            def go():
                with UnitOfWork() as uow:
                    uow.events.append(b"x")
            """,
    },
}


def seen_in(files: Files) -> Seen:
    return see(files | {"billing/worker.py": BILLING_CONSUMES_JOBS, "sysops/app.py": ""})


@pytest.mark.parametrize("name", ROUTED)
def test_a_program_is_followed_to_its_lines(name: str) -> None:
    seen = seen_in(ROUTED[name])
    assert seen.evidence.errors == ()
    told = [f"{one.place} {one.what} {one.why}" for one in seen.unresolved()]
    assert seen.sites("billing") == seen.marked("SITE"), told
    assert seen.sites("sysops") == seen.marked("SYSOPS"), told
    assert {str(one.place) for one in seen.unresolved()} == seen.marked("DOUBT")


@pytest.mark.parametrize("name", ROUTED)
def test_the_same_program_around_what_reaches_nothing_is_silent(name: str) -> None:
    seen = see(quieted(ROUTED[name]))
    assert seen.evidence.errors == ()
    assert seen.silent(), [f"{one.place} {one.what} {one.why}" for one in seen.unresolved()]


@pytest.mark.parametrize("name", [name for name, files in ROUTED.items() if at_run_time(files) != files])
def test_the_same_program_with_addresses_made_at_run_time_is_unresolved(name: str) -> None:
    seen = see(at_run_time(ROUTED[name]) | {"billing/worker.py": BILLING_CONSUMES_JOBS, "sysops/app.py": ""})
    assert seen.evidence.errors == ()
    assert seen.unresolved()
