"""Further ways to hide a request: those that are found at their line, and those that must at least not be silent."""

from __future__ import annotations

import pytest
from source_trees import BILLING_CONSUMES_JOBS, Seen, customer, see

FOUND = {
    "a client as a class attribute": """
        import httpx
        class A:
            client = httpx.Client(base_url='http://billing')
            def go(self):
                self.client.get('/x')  # SITE
        """,
    "clients in a mapping": """
        import httpx
        clients = {'b': httpx.Client(base_url='http://billing')}
        def go():
            clients['b'].get('/x')  # SITE
        """,
    "a comprehension": """
        import requests
        URLS=['http://billing/x']
        def go():
            return [requests.get(u) for u in URLS]  # SITE
        """,
    "map over URLs": """
        import requests
        URLS=['http://billing/x']
        def go():
            return list(map(requests.get, URLS))  # SITE
        """,
    "a field of a named tuple": """
        import requests
        from typing import NamedTuple
        class D(NamedTuple):
            client: object
        d = D(requests.Session())
        def go():
            d.client.post('http://billing/x')  # SITE
        """,
    "a registry filled by subclasses": """
        import requests
        class Base:
            kinds = {}
            def __init_subclass__(cls, **kw):
                Base.kinds[cls.name] = cls
        class Pay(Base):
            name='pay'
            def run(self):
                requests.post('http://billing/x')  # SITE
        def go(n):
            Base.kinds[n]().run()
        """,
    "a cached property": """
        import requests
        from functools import cached_property
        class D:
            @cached_property
            def client(self):
                return requests.Session()
            def go(self):
                self.client.post('http://billing/x')  # SITE
        """,
    "single dispatch": """
        import requests
        from functools import singledispatch
        @singledispatch
        def send(x):
            pass
        @send.register
        def _(x: int):
            requests.post('http://billing/x')  # SITE
        def go(x):
            send(x)
        """,
    "yield from": """
        import requests
        def inner():
            yield requests.get('http://billing/x')  # SITE
        def go():
            yield from inner()
        """,
    "a default of a lambda": """
        import requests
        s = requests.Session()
        send = lambda u, s=s: s.post(u)
        def go():
            send('http://billing/x')  # SITE
        """,
    "globals()": """
        import requests
        def go():
            globals()['requests'].post('http://billing/x')  # SITE
        """,
    "a subclass of Thread": """
        import requests, threading
        class T(threading.Thread):
            def run(self):
                requests.post('http://billing/x')  # SITE
        """,
    "a future": """
        import requests
        from concurrent.futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor()
        def call(u):
            return requests.post(u)
        def go():
            f = pool.submit(call, 'http://billing/x')  # SITE
            f.result()
        """,
    "a scheduled job": """
        import requests
        from apscheduler.schedulers.background import BackgroundScheduler
        sch = BackgroundScheduler()
        sch.add_job(requests.post, 'interval', args=['http://billing/x'])  # SITE
        """,
    "a class in a class": """
        import requests
        class A:
            class B:
                def go(self):
                    requests.post('http://billing/x')  # SITE
            def run(self):
                A.B().go()
        """,
    "a class method that makes the object": """
        import requests
        class S:
            def __init__(self):
                self.client = requests.Session()
            @classmethod
            def get(cls):
                return cls()
        def go():
            S.get().client.post('http://billing/x')  # SITE
        """,
    "a property that is set": """
        import requests
        class S:
            @property
            def c(self):
                return self._c
            @c.setter
            def c(self, v):
                self._c = v
        s = S()
        s.c = requests.Session()
        def go():
            s.c.post('http://billing/x')  # SITE
        """,
    "a mixin": """
        import requests
        class Http:
            def call(self, p):
                return requests.get(self.base + p)
        class B(Http):
            base = 'http://billing'
            def go(self):
                self.call('/x')  # SITE
        """,
    "an abstract base class": """
        import requests
        from abc import ABC, abstractmethod
        class P(ABC):
            @abstractmethod
            def send(self, u): ...
        class R(P):
            def send(self, u):
                requests.post(u)
        class D:
            def __init__(self, p: P):
                self.p = p
            def go(self):
                self.p.send('http://billing/x')  # SITE
        """,
    "one of two libraries": """
        try:
            import httpx as http
        except ImportError:
            import requests as http
        def go():
            http.post('http://billing/x')  # SITE
        """,
    "a socket": """
        import socket
        def go():
            socket.create_connection(('billing', 80))  # SITE
        """,
    "a list that a decorator fills": """
        import requests
        STEPS = []
        def step(f):
            STEPS.append(f)
            return f
        @step
        def a(x):
            requests.post('http://billing/x')  # SITE
        def go():
            for s in STEPS:
                s(1)
        """,
    "an object that is called": """
        import requests
        class Send:
            def __init__(self, base):
                self.base = base
            def __call__(self, p):
                requests.post(self.base + p)
        send = Send('http://billing')
        def go():
            send('/x')  # SITE
        """,
    "getattr with a default": """
        import requests
        def go():
            getattr(requests, 'post', None)('http://billing/x')  # SITE
        """,
    "a loop over modules": """
        import requests, httpx
        def go():
            for lib in (requests, httpx):
                lib.get('http://billing/x')  # SITE
        """,
    "a loop over an enumeration": """
        import requests
        from enum import StrEnum
        class U(StrEnum):
            B = 'http://billing/x'
        def go():
            for u in U:
                requests.get(u)  # SITE
        """,
    "a __getattr__ that hands on": """
        import requests
        class Requests:
            def __getattr__(self, name):
                return getattr(requests, name)
        r = Requests()
        def go():
            r.post('http://billing/x')  # SITE
        """,
}

NEVER_SILENT = {
    "operator.methodcaller": """
        import requests, operator
        def go():
            operator.methodcaller('post', 'http://billing/x')(requests.Session())  # SITE
        """,
    "operator.attrgetter": """
        import requests, operator
        def go():
            operator.attrgetter('post')(requests)('http://billing/x')  # SITE
        """,
    "a context variable": """
        import requests
        from contextvars import ContextVar
        var = ContextVar('c')
        def start():
            var.set(requests.Session())
        def go():
            var.get().post('http://billing/x')  # SITE
        """,
    "a simple namespace": """
        import requests
        from types import SimpleNamespace
        ns = SimpleNamespace(client=requests.Session())
        def go():
            ns.client.post('http://billing/x')  # SITE
        """,
    "a factory for a field's default": """
        import requests
        from dataclasses import dataclass, field
        @dataclass
        class D:
            client: object = field(default_factory=requests.Session)
            def go(self):
                self.client.post('http://billing/x')  # SITE
        D().go()
        """,
    "an asynchronous generator": """
        import httpx
        async def pages(c):
            yield await c.get('http://billing/x')
        async def go():
            async with httpx.AsyncClient() as c:
                async for p in pages(c):  # SITE
                    print(p)
        """,
    "an exit stack": """
        import requests
        from contextlib import ExitStack
        def go():
            with ExitStack() as st:
                s = st.enter_context(requests.Session())
                s.post('http://billing/x')  # SITE
        """,
    "sys.modules": """
        import sys, requests
        def go():
            sys.modules['requests'].post('http://billing/x')  # SITE
        """,
    "the __dict__ of a module": """
        import requests
        def go():
            requests.__dict__['post']('http://billing/x')  # SITE
        """,
    "vars of a module": """
        import requests
        def go():
            vars(requests)['post']('http://billing/x')  # SITE
        """,
    "eval of a text": """
        import requests
        def go():
            eval('requests.post')('http://billing/x')  # SITE
        """,
    "a background task": """
        import requests
        from fastapi import BackgroundTasks, FastAPI
        app = FastAPI()
        @app.post('/x')
        def go(tasks: BackgroundTasks):
            tasks.add_task(requests.post, 'http://billing/x')  # SITE
        """,
    "a background task, by the module it is in": """
        import requests
        from fastapi import FastAPI
        from fastapi.background import BackgroundTasks
        app = FastAPI()
        @app.post('/x')
        def go(tasks: BackgroundTasks):
            tasks.add_task(requests.post, 'http://billing/x')  # SITE
        """,
    "the background task of a response": """
        import requests
        from starlette.background import BackgroundTask
        from starlette.responses import JSONResponse
        def go(request):
            return JSONResponse({}, background=BackgroundTask(requests.post, 'http://billing/x'))  # SITE
        """,
    "a function called at exit": """
        import requests, atexit
        atexit.register(requests.post, 'http://billing/x')  # SITE
        """,
    "an unbound method": """
        import requests
        def go():
            requests.Session.post(requests.Session(), 'http://billing/x')  # SITE
        """,
    "callables in a queue": """
        import requests, queue, threading
        q = queue.Queue()
        def worker():
            while True:
                fn, args = q.get()
                fn(*args)
        def go():
            q.put((requests.post, ('http://billing/x',)))
        """,
    "a singleton made in __new__": """
        import requests
        class S:
            _i = None
            def __new__(cls):
                if cls._i is None:
                    cls._i = super().__new__(cls)
                    cls._i.client = requests.Session()
                return cls._i
            def go(self):
                self.client.post('http://billing/x')  # SITE
        """,
    "a copy of the environment": """
        import os, requests
        env = dict(os.environ)
        def go():
            requests.get(env['BILLING_URL'])  # SITE
        """,
    "a configuration file": """
        import configparser, requests
        cfg = configparser.ConfigParser()
        cfg.read('x.ini')
        def go():
            requests.get(cfg['billing']['url'])
        """,
    "a JSON file": """
        import json, requests
        cfg = json.load(open('x.json'))
        def go():
            requests.get(cfg['url'])
        """,
    "an argument of the command line": """
        import argparse, requests
        p = argparse.ArgumentParser()
        p.add_argument('--url', default='http://billing/x')
        def go():
            a = p.parse_args()
            requests.get(a.url)
        """,
    "curl as a process": """
        import subprocess
        def go():
            subprocess.run(['curl', 'http://billing/x'])
        """,
    "a URL object": """
        import httpx
        def go():
            httpx.get(httpx.URL('http://billing').join('/x'))  # SITE
        """,
    "a yarl URL": """
        import aiohttp, yarl
        async def go():
            async with aiohttp.ClientSession() as s:
                await s.get(yarl.URL('http://billing') / 'x')  # SITE
        """,
    "a string template": """
        import requests
        from string import Template
        def go():
            requests.get(Template('http://$h/x').substitute(h='billing'))  # SITE
        """,
    "a joined path": """
        import requests, posixpath
        def go():
            requests.get(posixpath.join('http://billing', 'x'))  # SITE
        """,
    "a class made by type()": """
        import requests
        S = type('S', (requests.Session,), {})
        def go():
            S().post('http://billing/x')  # SITE
        """,
    "a nonlocal name": """
        import requests
        def make():
            s = None
            def start():
                nonlocal s
                s = requests.Session()
            def go():
                s.post('http://billing/x')  # SITE
            return start, go
        """,
    "curl in a shell": """
        import os
        def go(x):
            os.system(f'curl http://billing/{x}')
        """,
}


def seen_in(text: str) -> Seen:
    return see({"customer/app.py": text, "billing/worker.py": BILLING_CONSUMES_JOBS, "sysops/app.py": ""})


@pytest.mark.parametrize("name", FOUND)
def test_the_request_is_found_at_its_line(name: str) -> None:
    seen = seen_in(FOUND[name])
    assert seen.sites("billing") == seen.marked()


@pytest.mark.parametrize("name", NEVER_SILENT)
def test_the_request_is_found_or_unresolved(name: str) -> None:
    seen = seen_in(NEVER_SILENT[name])
    assert seen.sites("billing") or seen.unresolved("request")


LED_BY_A_NAME = {
    "a method under another name": """
        import urllib.request
        class Api:
            def really(self):
                urllib.request.urlopen('http://billing/x')  # SITE
            go = really
        def run(api):
            api.go()
        run(Api())
        """,
    "a proxy that answers to any name": """
        import xmlrpc.client
        def ask(proxy):
            return proxy.whatever(7)  # SITE
        ask(xmlrpc.client.ServerProxy('http://billing:8000'))
        """,
    "a class that answers to any name": """
        import urllib.request
        class Any:
            def __getattr__(self, name):
                return lambda: urllib.request.urlopen('http://billing/x')  # SITE
        def run(one):
            one.whatever()
        run(Any())
        """,
    "a field that holds a function": """
        import urllib.request
        def fetch():
            urllib.request.urlopen('http://billing/x')  # SITE
        class Job:
            def __init__(self, step):
                self.step = step
        def run(job):
            job.step()
        run(Job(fetch))
        """,
}


@pytest.mark.parametrize("name", LED_BY_A_NAME)
def test_a_call_that_waits_is_kept_whatever_name_leads_to_it(name: str) -> None:
    seen = customer(LED_BY_A_NAME[name])
    assert seen.sites("billing") == seen.marked() or seen.unresolved("request")
