"""Programs in which a framework supplies the client, calls the code or holds the names: followed to their lines."""

from __future__ import annotations

import pytest
from quiet import at_run_time, quieted
from source_trees import BILLING_CONSUMES_JOBS, see

Files = dict[str, str]

# Calls that reach billing carry # SITE, those that reach sysops # SYSOPS, and those that nobody can tell # DOUBT.
HOOKED: dict[str, Files] = {
    # FastAPI and Starlette ------------------------------------------------------------------------------------------
    "a chain of FastAPI dependencies over files": {
        "customer/deps.py": """
            from typing import Annotated

            import httpx
            from fastapi import Depends

            class Settings:
                billing_url = "http://billing"

            def get_settings():
                return Settings()

            async def get_http(settings: Annotated[Settings, Depends(get_settings)]):
                async with httpx.AsyncClient(base_url=settings.billing_url) as client:
                    yield client

            Http = Annotated[httpx.AsyncClient, Depends(get_http)]
            """,
        "customer/service.py": """
            from customer.deps import Http

            class CardService:
                def __init__(self, http: Http):
                    self.http = http

                async def cards(self):
                    return await self.http.get("/cards")  # SITE
            """,
        "customer/app.py": """
            from typing import Annotated

            from fastapi import Depends, FastAPI

            from customer.service import CardService

            app = FastAPI()

            @app.get("/cards")
            async def cards(service: Annotated[CardService, Depends()]):
                return await service.cards()
            """,
    },
    "overridden FastAPI dependencies": {
        "customer/app.py": """
            import httpx
            from fastapi import Depends, FastAPI

            app = FastAPI()

            def get_client():
                raise NotImplementedError

            def real_client():
                return httpx.Client(base_url="http://billing")

            app.dependency_overrides[get_client] = real_client

            @app.get("/x")
            def show(client=Depends(get_client)):
                return client.get("/x")  # SITE
            """,
    },
    "a lifespan that keeps a client": {
        "customer/app.py": """
            from contextlib import asynccontextmanager

            import httpx
            from fastapi import FastAPI

            from customer.routes import router

            @asynccontextmanager
            async def lifespan(app: FastAPI):
                app.state.billing = httpx.AsyncClient(base_url="http://billing")
                yield
                await app.state.billing.aclose()

            app = FastAPI(lifespan=lifespan)
            app.include_router(router)
            """,
        "customer/routes.py": """
            from fastapi import APIRouter, Request

            router = APIRouter()

            @router.post("/pay")
            async def pay(request: Request):
                client = request.app.state.billing
                return await client.post("/pay")  # SITE
            """,
    },
    "a lifespan that yields its state": {
        "customer/app.py": """
            from contextlib import asynccontextmanager

            import httpx
            from starlette.applications import Starlette
            from starlette.routing import Route

            @asynccontextmanager
            async def lifespan(app):
                async with httpx.AsyncClient(base_url="http://billing") as client:
                    yield {"billing": client}

            async def pay(request):
                await request.state.billing.post("/pay")  # SITE

            app = Starlette(routes=[Route("/pay", pay, methods=["POST"])], lifespan=lifespan)
            """,
    },
    "Starlette middleware": {
        "customer/app.py": """
            import httpx
            from fastapi import FastAPI
            from starlette.middleware.base import BaseHTTPMiddleware

            class Auth(BaseHTTPMiddleware):
                def __init__(self, app, url):
                    super().__init__(app)
                    self.url = url

                async def dispatch(self, request, call_next):
                    async with httpx.AsyncClient() as client:
                        await client.post(self.url + "/check")  # SITE
                    return await call_next(request)

            app = FastAPI()
            app.add_middleware(Auth, url="http://billing")
            """,
    },
    "FastAPI middleware by decorator": {
        "customer/app.py": """
            import httpx
            from fastapi import FastAPI

            app = FastAPI()

            @app.middleware("http")
            async def audit(request, call_next):
                response = await call_next(request)
                httpx.post("http://sysops/audit")  # SYSOPS
                return response
            """,
    },
    "pure ASGI middleware": {
        "customer/app.py": """
            import httpx

            class Audit:
                def __init__(self, app):
                    self.app = app

                async def __call__(self, scope, receive, send):
                    async with httpx.AsyncClient() as client:
                        await client.post("http://sysops/audit")  # SYSOPS
                    await self.app(scope, receive, send)
            """,
    },
    "background tasks of FastAPI": {
        "customer/app.py": """
            import requests
            from fastapi import BackgroundTasks, FastAPI

            app = FastAPI()

            def tell(url, body):
                requests.post(url, json=body)

            @app.post("/pay")
            def pay(tasks: BackgroundTasks):
                tasks.add_task(tell, "http://billing/pay", body={})  # SITE
            """,
    },
    "dependencies of a router": {
        "customer/app.py": """
            import requests
            from fastapi import APIRouter, Depends, FastAPI, Header

            def check(token: str = Header()):
                requests.post("http://sysops/token", json={"token": token})  # SYSOPS

            router = APIRouter(dependencies=[Depends(check)])

            @router.get("/x")
            def show():
                return {}

            app = FastAPI()
            app.include_router(router)
            """,
    },
    "a callable object as a dependency": {
        "customer/app.py": """
            import requests
            from fastapi import Depends, FastAPI

            class Checker:
                def __init__(self, role):
                    self.role = role

                def __call__(self, token: str = ""):
                    requests.get("http://sysops/roles", params={"role": self.role})  # SYSOPS
                    return token

            app = FastAPI()

            @app.get("/x")
            def show(user=Depends(Checker("admin"))):
                return user
            """,
    },
    # Flask ----------------------------------------------------------------------------------------------------------
    "Flask's g": {
        "customer/app.py": """
            import requests
            from flask import Flask, g

            app = Flask(__name__)

            @app.before_request
            def connect():
                g.http = requests.Session()

            @app.post("/pay")
            def pay():
                g.http.post("http://billing/pay")  # SITE
                return ""
            """,
    },
    "Flask's configuration": {
        "customer/config.py": """
            class Config:
                BILLING_URL = "http://billing"
            """,
        "customer/app.py": """
            from flask import Flask

            from customer.config import Config
            from customer.views import desk

            def create_app():
                app = Flask(__name__)
                app.config.from_object(Config)
                app.register_blueprint(desk)
                return app
            """,
        "customer/views.py": """
            import requests
            from flask import Blueprint, current_app

            desk = Blueprint("desk", __name__)

            @desk.post("/pay")
            def pay():
                requests.post(current_app.config["BILLING_URL"] + "/pay")  # SITE
                return ""
            """,
    },
    "Flask extensions by init_app": {
        "customer/ext.py": """
            import pika

            class Rabbit:
                def __init__(self, app=None):
                    self.channel = None
                    if app is not None:
                        self.init_app(app)

                def init_app(self, app):
                    app.extensions["rabbit"] = self
                    self.channel = pika.BlockingConnection().channel()

                def publish(self, queue, body):
                    self.channel.basic_publish("", queue, body)

            rabbit = Rabbit()
            """,
        "customer/app.py": """
            from flask import Flask

            from customer.ext import rabbit

            def create_app():
                app = Flask(__name__)
                rabbit.init_app(app)
                return app

            app = create_app()

            @app.post("/x")
            def x():
                rabbit.publish("jobs", b"x")  # SITE
                return ""
            """,
    },
    "an attribute of the Flask application": {
        "customer/app.py": """
            import requests
            from flask import Flask, current_app

            app = Flask(__name__)
            app.http = requests.Session()

            @app.post("/x")
            def x():
                current_app.http.post("http://billing/x")  # SITE
                return ""
            """,
    },
    "Flask views as classes": {
        "customer/app.py": """
            import requests
            from flask import Flask
            from flask.views import MethodView

            class Cards(MethodView):
                init_every_request = False

                def __init__(self, base):
                    self.base = base

                def get(self, id):
                    return requests.get(f"{self.base}/cards/{id}").json()  # SITE

            app = Flask(__name__)
            app.add_url_rule("/cards/<id>", view_func=Cards.as_view("cards", "http://billing"))
            """,
    },
    "a Flask command": {
        "customer/app.py": """
            import click
            import requests
            from flask import Flask

            app = Flask(__name__)

            @app.cli.command("sync")
            @click.argument("name")
            def sync(name):
                requests.post("http://billing/sync", json={"name": name})  # SITE
            """,
    },
    "a login required decorator that asks": {
        "customer/auth.py": """
            from functools import wraps

            import requests
            from flask import request

            def login_required(view):
                @wraps(view)
                def wrapped(*args, **kwargs):
                    requests.get("http://sysops/session", cookies=request.cookies)  # SYSOPS
                    return view(*args, **kwargs)
                return wrapped
            """,
        "customer/app.py": """
            from flask import Flask

            from customer.auth import login_required

            app = Flask(__name__)

            @app.get("/x")
            @login_required
            def x():
                return ""
            """,
    },
    # Django ---------------------------------------------------------------------------------------------------------
    "Django middleware as a class": {
        "customer/middleware.py": """
            import requests

            class Audit:
                def __init__(self, get_response):
                    self.get_response = get_response

                def __call__(self, request):
                    requests.post("http://sysops/audit", json={"path": request.path})  # SYSOPS
                    return self.get_response(request)
            """,
        "customer/settings.py": """
            MIDDLEWARE = ["customer.middleware.Audit"]
            """,
    },
    "Django middleware as a function": {
        "customer/middleware.py": """
            import requests

            def audit(get_response):
                def middleware(request):
                    requests.post("http://sysops/audit")  # SYSOPS
                    return get_response(request)
                return middleware
            """,
        "customer/settings.py": 'MIDDLEWARE = ["customer.middleware.audit"]\n',
    },
    "Django signals": {
        "customer/signals.py": """
            import requests
            from django.db.models.signals import post_save
            from django.dispatch import receiver

            @receiver(post_save, sender="customer.Card")
            def card_saved(sender, instance, created, **kwargs):
                if created:
                    requests.post("http://billing/cards", json={"id": instance.pk})  # SITE
            """,
    },
    "a Django signal connected in ready": {
        "customer/apps.py": """
            from django.apps import AppConfig
            from django.db.models.signals import post_save

            class CustomerConfig(AppConfig):
                name = "customer"

                def ready(self):
                    from customer import handlers
                    post_save.connect(handlers.tell, dispatch_uid="x")
            """,
        "customer/handlers.py": """
            import requests

            def tell(sender, instance, **kwargs):
                requests.post("http://billing/saved")  # SITE
            """,
    },
    "a signal of its own": {
        "customer/signals.py": """
            from django.dispatch import Signal

            paid = Signal()
            """,
        "customer/app.py": """
            import requests

            from customer.signals import paid

            def tell(sender, url, **kwargs):
                requests.post(url)

            paid.connect(tell)

            def go():
                paid.send(sender=None, url="http://billing/paid")  # SITE
            """,
    },
    "a Django management command": {
        "customer/management/commands/sync.py": """
            import requests
            from django.core.management.base import BaseCommand

            class Command(BaseCommand):
                help = "Sync"

                def add_arguments(self, parser):
                    parser.add_argument("--url", default="http://billing")

                def handle(self, *args, **options):
                    requests.post("http://billing/sync")  # SITE
                    requests.post(options["url"])  # DOUBT
            """,
    },
    "a DRF authentication class": {
        "customer/auth.py": """
            import requests
            from rest_framework.authentication import BaseAuthentication

            class TokenAuth(BaseAuthentication):
                url = "http://sysops/token"

                def authenticate(self, request):
                    answer = requests.get(self.url, headers=request.headers)  # SYSOPS
                    return answer.json(), None
            """,
        "customer/settings.py": """
            REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["customer.auth.TokenAuth"]}
            """,
    },
    "a DRF viewset with a service": {
        "customer/services.py": """
            import requests
            from django.conf import settings

            class BillingClient:
                def __init__(self, base=None):
                    self.base = base or settings.BILLING_URL

                def charge(self, amount):
                    return requests.post(f"{self.base}/charge", json={"amount": amount})
            """,
        "customer/settings.py": """
            import os

            BILLING_URL = os.environ.get("BILLING_URL", "http://billing")
            """,
        "customer/views.py": """
            from rest_framework import viewsets
            from rest_framework.decorators import action

            from customer.services import BillingClient

            class CardViewSet(viewsets.ModelViewSet):
                client_class = BillingClient

                def perform_create(self, serializer):
                    self.client_class().charge(1)  # SITE

                @action(detail=True, methods=["post"])
                def pay(self, request, pk=None):
                    BillingClient().charge(2)  # SITE
            """,
    },
    "Django URLs by include": {
        "customer/urls.py": """
            from django.urls import include, path

            from customer import views

            urlpatterns = [path("pay/", views.Pay.as_view(url="http://billing/pay")), path("x/", views.show)]
            """,
        "customer/views.py": """
            import requests
            from django.views import View

            class Pay(View):
                url = None

                def post(self, request):
                    requests.post("http://billing/post")  # SITE

            def show(request):
                requests.get("http://sysops/show")  # SYSOPS
            """,
    },
    # Celery, aiohttp, gRPC and others ---------------------------------------------------------------------------------
    "Celery signals": {
        "customer/worker.py": """
            import requests
            from celery import Celery
            from celery.signals import task_failure, worker_ready

            app = Celery("customer", broker="amqp://mq")

            @worker_ready.connect
            def ready(sender=None, **kwargs):
                requests.post("http://sysops/ready")  # SYSOPS

            def failed(sender=None, **kwargs):
                requests.post("http://sysops/failed")  # SYSOPS

            task_failure.connect(failed)
            """,
    },
    "a Celery task with a base class": {
        "customer/worker.py": """
            import requests
            from celery import Celery, Task

            app = Celery("customer", broker="amqp://mq")

            class WithHttp(Task):
                _http = None

                @property
                def http(self):
                    if self._http is None:
                        self._http = requests.Session()
                    return self._http

                def on_failure(self, exc, task_id, args, kwargs, einfo):
                    self.http.post("http://sysops/failed")  # SYSOPS

            @app.task(base=WithHttp, bind=True)
            def charge(self, amount):
                self.http.post("http://billing/charge", json={"amount": amount})  # SITE
            """,
    },
    "aiohttp middleware and application keys": {
        "customer/app.py": """
            import aiohttp
            from aiohttp import web

            async def connect(app):
                app["billing"] = aiohttp.ClientSession(base_url="http://billing")
                yield
                await app["billing"].close()

            @web.middleware
            async def audit(request, handler):
                async with aiohttp.ClientSession() as session:
                    await session.post("http://sysops/audit")  # SYSOPS
                return await handler(request)

            async def pay(request):
                async with request.app["billing"].post("/pay") as answer:  # SITE
                    return web.json_response(await answer.json())

            app = web.Application(middlewares=[audit])
            app.cleanup_ctx.append(connect)
            app.add_routes([web.post("/pay", pay)])
            """,
    },
    "aiohttp routes by table": {
        "customer/app.py": """
            import aiohttp
            from aiohttp import web

            routes = web.RouteTableDef()

            @routes.post("/pay")
            async def pay(request):
                async with aiohttp.ClientSession() as session:
                    await session.post("http://billing/pay")  # SITE
            """,
    },
    "a Tornado handler": {
        "customer/app.py": """
            import tornado.web
            from tornado.httpclient import AsyncHTTPClient

            class Pay(tornado.web.RequestHandler):
                async def post(self):
                    await AsyncHTTPClient().fetch("http://billing/pay", method="POST")  # SITE

            app = tornado.web.Application([(r"/pay", Pay)])
            """,
    },
    "a GraphQL resolver": {
        "customer/schema.py": """
            import requests
            import strawberry

            @strawberry.type
            class Query:
                @strawberry.field
                def limit(self) -> int:
                    return requests.get("http://billing/limit").json()  # SITE

            schema = strawberry.Schema(query=Query)
            """,
    },
    "a command line by click": {
        "customer/cli.py": """
            import click
            import requests

            @click.group()
            def cli():
                pass

            @cli.command()
            @click.option("--dry", is_flag=True)
            def sync(dry):
                requests.post("http://billing/sync")  # SITE

            if __name__ == "__main__":
                cli()
            """,
    },
    "a command line by argparse": {
        "customer/cli.py": """
            import argparse

            import requests

            def pay(args):
                requests.post("http://billing/pay")  # SITE

            def main():
                parser = argparse.ArgumentParser()
                commands = parser.add_subparsers()
                command = commands.add_parser("pay")
                command.set_defaults(func=pay)
                args = parser.parse_args()
                args.func(args)
            """,
    },
    "a socket server's handler": {
        "customer/server.py": """
            import socketserver
            from http.server import BaseHTTPRequestHandler, HTTPServer

            import requests

            class Handler(BaseHTTPRequestHandler):
                def do_GET(self):
                    answer = requests.get("http://billing/x")  # SITE
                    self.wfile.write(answer.content)

            HTTPServer(("", 8000), Handler).serve_forever()
            """,
    },
    # Containers -------------------------------------------------------------------------------------------------------
    "dependency-injector": {
        "customer/containers.py": """
            import httpx
            from dependency_injector import containers, providers

            from customer.services import CardService

            class Container(containers.DeclarativeContainer):
                config = providers.Configuration()
                http = providers.Singleton(httpx.Client, base_url="http://billing")
                cards = providers.Factory(CardService, http=http)
            """,
        "customer/services.py": """
            class CardService:
                def __init__(self, http):
                    self.http = http

                def cards(self):
                    return self.http.get("/cards")  # SITE
            """,
        "customer/app.py": """
            from dependency_injector.wiring import Provide, inject

            from customer.containers import Container
            from customer.services import CardService

            @inject
            def main(service: CardService = Provide[Container.cards]):
                service.cards()

            def direct():
                container = Container()
                container.cards().cards()
            """,
    },
    "injector by annotation": {
        "customer/app.py": """
            import requests
            from injector import Injector, Module, inject, provider, singleton

            class Http(Module):
                @singleton
                @provider
                def session(self) -> requests.Session:
                    return requests.Session()

            class Desk:
                @inject
                def __init__(self, session: requests.Session):
                    self.session = session

                def pay(self):
                    self.session.post("http://billing/pay")  # SITE

            def main():
                Injector([Http()]).get(Desk).pay()
            """,
    },
    "punq": {
        "customer/app.py": """
            import punq
            import requests

            class Desk:
                def __init__(self, session: requests.Session):
                    self.session = session

                def pay(self):
                    self.session.post("http://billing/pay")  # SITE

            container = punq.Container()
            container.register(requests.Session)
            container.register(Desk)

            def main():
                container.resolve(Desk).pay()
            """,
    },
    "lagom": {
        "customer/app.py": """
            import httpx
            from lagom import Container

            container = Container()
            container[httpx.Client] = lambda: httpx.Client(base_url="http://billing")

            class Desk:
                def __init__(self, http: httpx.Client):
                    self.http = http

                def pay(self):
                    self.http.post("http://billing/pay")  # SITE

            def main():
                container[Desk].pay()
            """,
    },
    "dishka": {
        "customer/app.py": """
            from typing import Iterable

            import httpx
            from dishka import Provider, Scope, make_container, provide

            class Desk:
                def __init__(self, http: httpx.Client):
                    self.http = http

                def pay(self):
                    self.http.post("http://billing/pay")  # SITE

            class Clients(Provider):
                @provide(scope=Scope.APP)
                def http(self) -> Iterable[httpx.Client]:
                    with httpx.Client() as client:
                        yield client

                desk = provide(Desk, scope=Scope.REQUEST)

            container = make_container(Clients())

            def main():
                with container() as request:
                    request.get(Desk).pay()
            """,
    },
    "a container of its own, by type": {
        "shared/__init__.py": "",
        "shared/container.py": """
            class Container:
                def __init__(self):
                    self._factories = {}
                    self._made = {}

                def bind(self, key, factory):
                    self._factories[key] = factory

                def get(self, key):
                    if key not in self._made:
                        self._made[key] = self._factories[key](self)
                    return self._made[key]
            """,
        "customer/app.py": """
            import httpx
            from shared.container import Container

            class Cards:
                def __init__(self, http):
                    self.http = http

                def all(self):
                    return self.http.get("/cards")  # SITE

            container = Container()
            container.bind(httpx.Client, lambda c: httpx.Client(base_url="http://billing"))
            container.bind(Cards, lambda c: Cards(c.get(httpx.Client)))

            def main():
                container.get(Cards).all()
            """,
    },
    "a context variable": {
        "customer/context.py": """
            from contextvars import ContextVar

            import httpx

            client: ContextVar[httpx.Client] = ContextVar("client")
            """,
        "customer/app.py": """
            import httpx

            from customer.context import client

            def begin():
                client.set(httpx.Client(base_url="http://billing"))

            def go():
                client.get().post("/x")  # SITE
            """,
    },
    "a thread's own client": {
        "customer/app.py": """
            import threading

            import requests

            local = threading.local()

            def session():
                if not hasattr(local, "session"):
                    local.session = requests.Session()
                return local.session

            def go():
                session().post("http://billing/x")  # SITE
            """,
    },
    # Settings and names -----------------------------------------------------------------------------------------------
    "settings by pydantic, cached": {
        "customer/config.py": """
            from functools import lru_cache

            from pydantic_settings import BaseSettings

            class Settings(BaseSettings):
                billing_url: str = "http://billing"
                sysops_host: str = "sysops"

            @lru_cache
            def get_settings() -> Settings:
                return Settings()
            """,
        "customer/app.py": """
            import requests

            from customer.config import get_settings

            def go():
                settings = get_settings()
                requests.get(f"{settings.billing_url}/x")  # SITE
                requests.get(f"http://{settings.sysops_host}:8000/x")  # SYSOPS
            """,
    },
    "nested settings": {
        "customer/config.py": """
            from pydantic import BaseModel
            from pydantic_settings import BaseSettings

            class Service(BaseModel):
                host: str
                port: int = 80

                @property
                def url(self) -> str:
                    return f"http://{self.host}:{self.port}"

            class Settings(BaseSettings):
                billing: Service = Service(host="billing")
                sysops: Service = Service(host="sysops", port=8001)

            settings = Settings()
            """,
        "customer/app.py": """
            import httpx

            from customer.config import settings

            def go():
                httpx.get(settings.billing.url + "/x")  # SITE
                httpx.get(settings.sysops.url + "/x")  # SYSOPS
            """,
    },
    "a module of constants with a star import": {
        "shared/__init__.py": "",
        "shared/constants.py": """
            __all__ = ["BILLING", "_QUEUE"]

            _HOST = "billing"
            BILLING = f"http://{_HOST}"
            _QUEUE = "jobs"
            """,
        "customer/app.py": """
            import pika
            import requests
            from shared.constants import *

            def go():
                requests.get(BILLING + "/x")  # SITE
                pika.BlockingConnection().channel().basic_publish("", _QUEUE, b"x")  # SITE
            """,
    },
    "settings chosen by the environment": {
        "customer/settings/__init__.py": """
            import os

            if os.environ.get("ENV") == "prod":
                from .prod import *
            else:
                from .dev import *
            """,
        "customer/settings/base.py": "TIMEOUT = 5\n",
        "customer/settings/dev.py": 'from .base import *\nBILLING = "http://billing"\n',
        "customer/settings/prod.py": 'from .base import *\nBILLING = "http://billing:8443"\n',
        "customer/app.py": """
            import requests

            from customer import settings

            def go():
                requests.get(settings.BILLING, timeout=settings.TIMEOUT)  # SITE
            """,
    },
    "a class of constants, nested": {
        "customer/config.py": """
            class Config:
                class Services:
                    BILLING = "http://billing"
                    SYSOPS = "http://sysops"

                class Queues:
                    JOBS = "jobs"
            """,
        "customer/app.py": """
            import requests

            from customer.config import Config

            def go():
                requests.get(Config.Services.BILLING)  # SITE
                requests.get(Config.Services.SYSOPS)  # SYSOPS
            """,
    },
    "an object that reads settings by name": {
        "customer/config.py": """
            import os

            class Config:
                _defaults = {"BILLING_URL": "http://billing"}

                def __getattr__(self, name):
                    return os.environ.get(name, self._defaults.get(name))

            config = Config()
            """,
        "customer/app.py": """
            import requests

            from customer.config import config

            def go():
                requests.get(config.BILLING_URL + "/x")  # SITE
            """,
    },
    "aliases of aliases": {
        "customer/one.py": "import requests as net\nhttp = net\n",
        "customer/two.py": "from customer import one\nweb = one.http\nsend = web.post\n",
        "customer/three.py": "from customer.two import send as transmit\nshout = transmit\n",
        "customer/app.py": """
            import customer.three as words

            cry = words.shout

            def go():
                cry("http://billing/x")  # SITE
            """,
    },
    "a circular import": {
        "customer/models.py": """
            from customer import services

            class Card:
                def save(self):
                    services.tell(self)
            """,
        "customer/services.py": """
            import requests

            import customer.models

            def tell(card: "customer.models.Card"):
                requests.post("http://billing/cards")  # SITE
            """,
    },
    "an annotation written as text": {
        "customer/app.py": """
            from typing import TYPE_CHECKING, Optional

            if TYPE_CHECKING:
                import requests
                from customer.clients import Billing

            class Desk:
                def __init__(self, http: "requests.Session", billing: "Optional[Billing]" = None):
                    self.http = http
                    self.billing = billing

                def pay(self):
                    self.http.post("http://billing/pay")  # SITE

                def cards(self):
                    self.billing.cards()
            """,
        "customer/clients.py": """
            import httpx

            class Billing:
                def cards(self):
                    return httpx.get("http://billing/cards")  # SITE
            """,
    },
    "a fallback where a library is missing": {
        "customer/http.py": """
            try:
                import httpx
            except ImportError:
                httpx = None
                import requests

            def post(url, body):
                if httpx is not None:
                    return httpx.post(url, json=body)
                return requests.post(url, json=body)
            """,
        "customer/app.py": """
            from customer.http import post

            def go():
                post("http://billing/x", {})  # SITE
            """,
    },
    "globals that main binds": {
        "customer/app.py": """
            import argparse

            import pika

            channel = None
            QUEUE = None

            def send(body):
                channel.basic_publish("", QUEUE, body)  # SITE

            if __name__ == "__main__":
                parser = argparse.ArgumentParser()
                options = parser.parse_args()
                QUEUE = "jobs"
                channel = pika.BlockingConnection().channel()
                send(b"x")
            """,
    },
    "monkeypatching a class": {
        "shared/__init__.py": "",
        "shared/desk.py": """
            class Desk:
                def tell(self, body):
                    pass

                def work(self):
                    self.tell({})
            """,
        "customer/app.py": """
            import requests
            from shared.desk import Desk

            def tell(self, body):
                requests.post("http://billing/x", json=body)  # SITE

            Desk.tell = tell

            def go():
                Desk().work()
            """,
    },
    # Texts ----------------------------------------------------------------------------------------------------------
    "a text that is formatted in steps": {
        "customer/app.py": """
            import requests

            BASE = "http://{service}/{version}"
            CARDS = BASE + "/cards/{id}"

            def go(id):
                template = CARDS.replace("{version}", "v1")
                url = template.format(service="billing", id=id)
                requests.get(url)  # SITE
            """,
    },
    "nested formatted texts": {
        "customer/app.py": """
            import requests

            def host(name, port=None):
                return f"{name}{f':{port}' if port else ''}"

            def go(id):
                requests.get(f"http://{host('billing', 8000)}/{'/'.join(['cards', str(id)])}")  # SITE
            """,
    },
    "string.Template": {
        "customer/app.py": """
            from string import Template

            import requests

            URL = Template("http://$host/$path")

            def go(path):
                requests.get(URL.substitute(host="billing", path=path))  # SITE
            """,
    },
    "yarl": {
        "customer/app.py": """
            import aiohttp
            from yarl import URL

            BASE = URL("http://billing")

            async def go(id):
                async with aiohttp.ClientSession() as session:
                    await session.get(BASE / "cards" / id)  # SITE
                    await session.get(URL.build(scheme="http", host="sysops", path="/x"))  # SYSOPS
            """,
    },
    "httpx.URL and furl": {
        "customer/app.py": """
            import httpx

            BASE = httpx.URL("http://billing/api")

            def go():
                httpx.get(BASE.join("cards"))  # SITE
            """,
    },
    "urlunparse": {
        "customer/app.py": """
            from urllib.parse import urlencode, urlunparse

            import requests

            def go(query):
                url = urlunparse(("http", "billing:8000", "/cards", "", urlencode(query), ""))
                requests.get(url)  # SITE
            """,
    },
    "posixpath.join": {
        "customer/app.py": """
            import os
            import posixpath

            import requests

            def go(name):
                requests.get(posixpath.join("http://billing", "cards", name))  # SITE
                requests.get(os.path.join("http://sysops", name))  # SYSOPS
            """,
    },
    "keyword arguments that are built": {
        "customer/app.py": """
            import requests

            def request_for(path, body=None):
                options = {"url": f"http://billing{path}", "timeout": 5}
                if body is not None:
                    options["json"] = body
                return options

            def go():
                requests.post(**request_for("/x", {}))  # SITE
            """,
    },
    "arguments handed on by star": {
        "shared/__init__.py": "",
        "shared/safe.py": """
            import logging

            def safely(function, *args, **kwargs):
                try:
                    return function(*args, **kwargs)
                except Exception:
                    logging.exception("failed")
            """,
        "customer/app.py": """
            import requests
            from shared.safe import safely

            def go():
                safely(requests.post, "http://billing/x", json={})  # SITE
                safely(requests.get, url="http://sysops/x")  # SYSOPS
            """,
    },
    "a default argument that is a client": {
        "customer/app.py": """
            import requests

            def post(path, *, http=requests.Session(), base="http://billing"):
                return http.post(base + path)

            def go():
                post("/x")  # SITE
                post("/x", base="http://sysops")  # SYSOPS
            """,
    },
    "walrus and match": {
        "customer/app.py": """
            import requests

            def url_of(kind):
                match kind:
                    case "card" | "iban":
                        return "http://billing/pay"
                    case {"ticket": number}:
                        return f"http://billing/{number}"
                    case _:
                        return None

            def go(kind):
                if (url := url_of(kind)) is not None:
                    requests.post(url)  # SITE
            """,
    },
    "a match on classes": {
        "customer/app.py": """
            from dataclasses import dataclass

            import requests

            @dataclass
            class Pay:
                url: str = "http://billing/pay"

            def handle(command):
                match command:
                    case Pay(url=target):
                        requests.post(target)

            handle(Pay())  # SITE
            """,
    },
    "a conditional expression of clients": {
        "customer/app.py": """
            import os

            import httpx
            import requests

            http = httpx if os.environ.get("NEW") else requests

            def go():
                http.post("http://billing/x")  # SITE
            """,
    },
    "URLs zipped with bodies": {
        "customer/app.py": """
            import requests

            PATHS = ("a", "b")
            BODIES = ({}, {})

            def go():
                for number, (path, body) in enumerate(zip(PATHS, BODIES)):
                    requests.post(f"http://billing/{path}", json=body)  # SITE
            """,
    },
    "a generator of calls": {
        "customer/app.py": """
            import requests

            def calls():
                yield requests.post, "http://billing/a"
                yield requests.get, "http://billing/b"

            def go():
                for function, url in calls():
                    function(url)  # SITE
            """,
    },
    "an asynchronous generator": {
        "customer/app.py": """
            import httpx

            async def pages(url):
                async with httpx.AsyncClient() as client:
                    while url:
                        answer = await client.get(url)
                        yield answer.json()
                        url = answer.json().get("next")

            async def go():
                async for page in pages("http://billing/cards"):  # SITE, and the next pages # DOUBT
                    print(page)
            """,
    },
    "sorted, filtered and keyed": {
        "customer/app.py": """
            import requests

            SERVICES = [{"name": "billing", "url": "http://billing", "weight": 1}]

            def go():
                for service in sorted(filter(lambda one: one["weight"], SERVICES), key=lambda one: one["name"]):
                    requests.get(service["url"] + "/health")  # SITE
            """,
    },
}


@pytest.mark.parametrize("name", HOOKED)
def test_a_program_is_followed_to_its_lines(name: str) -> None:
    seen = see(HOOKED[name] | {"billing/worker.py": BILLING_CONSUMES_JOBS, "sysops/app.py": ""})
    assert seen.evidence.errors == ()
    told = [f"{one.place} {one.what} {one.why}" for one in seen.unresolved()]
    assert seen.sites("billing") == seen.marked("SITE"), told
    assert seen.sites("sysops") == seen.marked("SYSOPS"), told
    assert {str(one.place) for one in seen.unresolved()} == seen.marked("DOUBT")


@pytest.mark.parametrize("name", HOOKED)
def test_the_same_program_around_what_reaches_nothing_is_silent(name: str) -> None:
    seen = see(quieted(HOOKED[name]))
    assert seen.evidence.errors == ()
    assert seen.silent(), [f"{one.place} {one.what} {one.why}" for one in seen.unresolved()]


@pytest.mark.parametrize("name", [name for name, files in HOOKED.items() if at_run_time(files) != files])
def test_the_same_program_with_addresses_made_at_run_time_is_unresolved(name: str) -> None:
    seen = see(at_run_time(HOOKED[name]) | {"billing/worker.py": BILLING_CONSUMES_JOBS, "sysops/app.py": ""})
    assert seen.evidence.errors == ()
    assert seen.unresolved()
