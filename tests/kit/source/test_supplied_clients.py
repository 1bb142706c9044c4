"""Clients that a framework keeps and hands over: in its state, in its context, by a name or by a type."""

from __future__ import annotations

import pytest
from quiet import at_run_time, quieted
from source_trees import Seen, see

# Calls that reach billing carry # SITE, those that reach sysops # SYSOPS, and those that nobody can tell # DOUBT.
STATE: dict[str, str] = {
    # FastAPI and Starlette ------------------------------------------------------------------------------------------
    "a lifespan that yields a typed state": """
        from contextlib import asynccontextmanager
        from typing import TypedDict

        import httpx
        from fastapi import Depends, FastAPI, Request

        class State(TypedDict):
            billing: httpx.AsyncClient

        @asynccontextmanager
        async def lifespan(app):
            async with httpx.AsyncClient(base_url="http://billing") as client:
                yield State(billing=client)

        app = FastAPI(lifespan=lifespan)

        def get_http(request: Request):
            return request.state.billing

        @app.get("/x")
        async def x(http: httpx.AsyncClient = Depends(get_http)):
            await http.get("/x")  # SITE

        @app.get("/y")
        async def y(request: Request):
            await request.state.billing.get("/y")  # SITE
        """,
    "a lifespan around another": """
        from contextlib import asynccontextmanager

        import httpx
        from fastapi import FastAPI, Request

        @asynccontextmanager
        async def clients(app):
            async with httpx.AsyncClient(base_url="http://billing") as billing:
                yield {"billing": billing}

        @asynccontextmanager
        async def lifespan(app):
            async with clients(app) as held:
                async with httpx.AsyncClient(base_url="http://sysops") as sysops:
                    yield {**held, "sysops": sysops}

        app = FastAPI(lifespan=lifespan)

        @app.get("/y")
        async def y(request: Request):
            await request.state.billing.get("/y")  # SITE
            await request.state.sysops.get("/y")  # SYSOPS
        """,
    "the state of a web socket's application": """
        import httpx
        from fastapi import FastAPI, WebSocket

        app = FastAPI()
        app.state.http = httpx.AsyncClient(base_url="http://billing")

        @app.websocket("/ws")
        async def ws(websocket: WebSocket):
            await websocket.app.state.http.get("/x")  # SITE
        """,
    "middleware that keeps a client on the request": """
        import httpx
        from fastapi import FastAPI, Request

        app = FastAPI()

        @app.middleware("http")
        async def give(request: Request, call_next):
            request.state.http = httpx.AsyncClient(base_url="http://billing")
            return await call_next(request)

        @app.get("/x")
        async def x(request: Request):
            await request.state.http.get("/x")  # SITE
        """,
    # Sanic ----------------------------------------------------------------------------------------------------------
    "listeners of Sanic": """
        import httpx
        from sanic import Sanic, json

        app = Sanic("desk")

        @app.before_server_start
        async def setup(app, loop):
            app.ctx.billing = httpx.AsyncClient(base_url="http://billing")

        @app.listener("after_server_start")
        async def more(app, loop):
            app.ctx.sysops = httpx.AsyncClient(base_url="http://sysops")

        @app.get("/x")
        async def x(request):
            await request.app.ctx.billing.get("/x")  # SITE
            await app.ctx.sysops.get("/x")  # SYSOPS
            return json({})
        """,
    "a listener that is registered, and a view that is a class": """
        import httpx
        from sanic import Sanic, json
        from sanic.views import HTTPMethodView

        app = Sanic("desk")

        class Cards(HTTPMethodView):
            async def get(self, request):
                await request.app.ctx.billing.get("/x")  # SITE
                return json({})

        async def setup(app, _):
            app.ctx.billing = httpx.AsyncClient(base_url="http://billing")

        app.add_route(Cards.as_view(), "/x")
        app.register_listener(setup, "before_server_start")
        """,
    "the context of Sanic's request": """
        import aiohttp
        from sanic import Sanic, json

        app = Sanic("desk")

        @app.on_request
        async def give(request):
            request.ctx.http = request.app.ctx.session

        @app.main_process_start
        async def setup(app):
            app.ctx.session = aiohttp.ClientSession("http://billing")

        @app.post("/x")
        async def x(request):
            async with request.ctx.http.post("/x") as answer:  # SITE
                return json(await answer.json())
        """,
    "Sanic's application by its name": """
        import httpx
        from sanic import Blueprint, Sanic, json

        desk = Blueprint("desk")

        @desk.get("/x")
        async def x(request):
            await Sanic.get_app("desk").ctx.billing.get("/x")  # SITE
            return json({})

        def create():
            app = Sanic("desk")
            app.ctx.billing = httpx.AsyncClient(base_url="http://billing")
            app.blueprint(desk)
            return app
        """,
    # Command lines --------------------------------------------------------------------------------------------------
    "click's object is a client": """
        import click
        import httpx

        @click.group()
        @click.pass_context
        def cli(ctx):
            ctx.obj = httpx.Client(base_url="http://billing")

        @cli.command()
        @click.pass_obj
        def push(http):
            http.post("/x")  # SITE

        @cli.command()
        @click.pass_context
        def pull(ctx):
            ctx.obj.get("/x")  # SITE
        """,
    "click's object is a mapping": """
        import click
        import requests

        @click.group()
        @click.option("--url", default="http://billing")
        @click.pass_context
        def cli(ctx, url):
            ctx.ensure_object(dict)
            ctx.obj["url"] = url

        @cli.command()
        @click.pass_context
        def sync(ctx):
            requests.post(ctx.obj["url"] + "/sync")  # SITE
        """,
    "click's object is nobody's": """
        import click
        import requests

        @click.group()
        @click.pass_context
        def cli(ctx):
            ctx.obj["http"] = requests.Session()

        @cli.command()
        @click.pass_context
        def sync(ctx):
            ctx.obj["http"].post("http://billing/sync")  # SITE
            click.get_current_context().obj["http"].get("http://sysops/sync")  # SYSOPS
        """,
    "what click keeps beside its object": """
        import click
        import httpx

        @click.group()
        @click.pass_context
        def cli(ctx):
            ctx.meta["http"] = httpx.Client(base_url="http://billing")

        @cli.command()
        @click.pass_context
        def push(ctx):
            ctx.meta["http"].post("/x")  # SITE
        """,
    "the context of typer": """
        import httpx
        import typer

        app = typer.Typer()

        @app.callback()
        def main(ctx: typer.Context, url: str = "http://billing"):
            ctx.obj = httpx.Client(base_url=url)

        @app.command()
        def push(ctx: typer.Context):
            ctx.obj.post("/x")  # SITE
        """,
}
BY_NAME: dict[str, str] = {
    "a dependency of Litestar by its name": """
        import httpx
        from litestar import Litestar, get
        from litestar.di import Provide

        async def make():
            return httpx.AsyncClient(base_url="http://billing")

        @get("/x")
        async def x(billing: httpx.AsyncClient) -> dict:
            await billing.get("/x")  # SITE
            return {}

        app = Litestar([x], dependencies={"billing": Provide(make)})
        """,
    "dependencies of Litestar that ask for others": """
        import httpx
        from litestar import Controller, Litestar, get
        from litestar.di import Provide

        def provide_url() -> str:
            return "http://billing"

        async def provide_http(url: str):
            async with httpx.AsyncClient(base_url=url) as client:
                yield client

        class Cards:
            def __init__(self, http):
                self.http = http

            async def all(self):
                return await self.http.get("/cards")  # SITE

        def provide_cards(http: httpx.AsyncClient) -> Cards:
            return Cards(http)

        class CardController(Controller):
            path = "/cards"
            dependencies = {"cards": Provide(provide_cards), "http": Provide(provide_http)}

            @get()
            async def listed(self, cards: Cards) -> dict:
                return await cards.all()

        app = Litestar(
            route_handlers=[CardController], dependencies={"url": Provide(provide_url, sync_to_thread=False)}
        )
        """,
    "a dependency of one handler of Litestar": """
        import httpx
        from litestar import Litestar, Router, get
        from litestar.di import Provide

        @get("/x", dependencies={"api": Provide(lambda: httpx.AsyncClient(base_url="http://billing"))})
        async def x(api: httpx.AsyncClient) -> dict:
            await api.get("/x")  # SITE
            return {}

        app = Litestar([Router(path="/r", route_handlers=[x])])
        """,
    "the state of Litestar": """
        import httpx
        from litestar import Litestar, Request, get
        from litestar.datastructures import State

        async def start(app: Litestar):
            app.state.billing = httpx.AsyncClient(base_url="http://billing")

        @get("/x")
        async def x(state: State) -> dict:
            await state.billing.get("/x")  # SITE
            return {}

        @get("/y")
        async def y(request: Request) -> dict:
            await request.app.state.billing.get("/y")  # SITE
            return {}

        app = Litestar([x, y], on_startup=[start])
        """,
    "the context of GraphQL by strawberry": """
        import httpx
        import strawberry
        from strawberry.fastapi import GraphQLRouter

        async def context():
            return {"http": httpx.AsyncClient(base_url="http://billing")}

        @strawberry.type
        class Query:
            @strawberry.field
            async def cards(self, info: strawberry.Info) -> str:
                answer = await info.context["http"].get("/x")  # SITE
                return answer.text

        router = GraphQLRouter(strawberry.Schema(Query), context_getter=context)
        """,
    "the context of GraphQL by ariadne": """
        import httpx
        from ariadne import QueryType, make_executable_schema
        from ariadne.asgi import GraphQL

        query = QueryType()

        @query.field("cards")
        async def cards(obj, info):
            answer = await info.context["http"].get("/x")  # SITE
            return answer.text

        def context(request):
            return {"http": httpx.AsyncClient(base_url="http://billing")}

        app = GraphQL(make_executable_schema("", query), context_value=context)
        """,
}
BY_TYPE: dict[str, str] = {
    "providers of injector": """
        import httpx
        from injector import Injector, Module, provider, singleton

        class Billing:
            def __init__(self, http: httpx.Client):
                self.http = http

            def pay(self):
                self.http.post("/pay")  # SITE

        class AppModule(Module):
            @singleton
            @provider
            def http(self) -> httpx.Client:
                return httpx.Client(base_url="http://billing")

            @provider
            def billing(self, http: httpx.Client) -> Billing:
                return Billing(http)

        def main():
            Injector([AppModule()]).get(Billing).pay()
        """,
    "bindings of injector": """
        import httpx
        from injector import Binder, Injector, inject, singleton

        class Port:
            def pay(self):
                raise NotImplementedError

        class Adapter(Port):
            @inject
            def __init__(self, http: httpx.Client):
                self.http = http

            def pay(self):
                self.http.post("/pay")  # SITE

        def configure(binder: Binder):
            binder.bind(Port, to=Adapter, scope=singleton)
            binder.bind(httpx.Client, to=httpx.Client(base_url="http://billing"))

        def main():
            Injector([configure]).get(Port).pay()
        """,
    "an address that injector provides by a type of its own": """
        from typing import NewType

        import requests
        from injector import Injector, Module, inject, provider

        Url = NewType("Url", str)
        Other = NewType("Other", str)

        class Addresses(Module):
            @provider
            def billing(self) -> Url:
                return Url("http://billing")

            @provider
            def sysops(self) -> Other:
                return Other("http://sysops")

        class Api:
            @inject
            def __init__(self, url: Url, other: Other):
                self.url, self.other = url, other

            def go(self):
                requests.get(self.url + "/x")
                requests.get(self.other + "/x")

        def main():
            Injector(Addresses()).get(Api).go()  # SITE and # SYSOPS
        """,
    "a client that dishka provides": """
        import httpx
        from dishka import FromDishka, Provider, Scope, make_async_container, provide
        from dishka.integrations.fastapi import DishkaRoute, setup_dishka
        from fastapi import APIRouter, FastAPI

        class Api:
            def __init__(self, client: httpx.AsyncClient):
                self.client = client

            async def get(self):
                return await self.client.get("/x")  # SITE

        class Clients(Provider):
            scope = Scope.APP
            api = provide(Api)

            @provide
            def http(self) -> httpx.AsyncClient:
                return httpx.AsyncClient(base_url="http://billing")

        router = APIRouter(route_class=DishkaRoute)

        @router.get("/x")
        async def x(api: FromDishka[Api]):
            await api.get()

        app = FastAPI()
        app.include_router(router)
        setup_dishka(make_async_container(Clients()), app)
        """,
    "what dishka yields for a protocol": """
        from collections.abc import AsyncIterator
        from typing import Protocol

        import httpx
        from dishka import FromDishka, Provider, Scope, make_async_container, provide
        from dishka.integrations.fastapi import inject, setup_dishka
        from fastapi import FastAPI

        class Http(Protocol):
            async def get(self, url: str): ...

        class Plain:
            def __init__(self, client: httpx.AsyncClient):
                self.client = client

            async def get(self, url):
                return await self.client.get(url)

        class Clients(Provider):
            @provide(scope=Scope.APP)
            async def http(self) -> AsyncIterator[Http]:
                async with httpx.AsyncClient() as client:
                    yield Plain(client)

        app = FastAPI()

        @app.get("/x")
        @inject
        async def x(http: FromDishka[Http]):
            await http.get("http://billing/x")  # SITE

        setup_dishka(make_async_container(Clients()), app)
        """,
    "that-depends": """
        import httpx
        from that_depends import BaseContainer, Provide, inject, providers

        async def create():
            async with httpx.AsyncClient(base_url="http://billing") as client:
                yield client

        class Api:
            def __init__(self, http):
                self.http = http

            async def go(self):
                await self.http.get("/x")  # SITE

        class Container(BaseContainer):
            http = providers.Resource(create)
            api = providers.Factory(Api, http=http)

        @inject
        async def main(api: Api = Provide[Container.api]):
            await api.go()

        async def other():
            api = await Container.api.resolve()
            await api.go()
        """,
}
REGISTRIES: dict[str, str] = {
    "the nodes that Consul knows": """
        import consul
        import requests

        registry = consul.Consul()

        def healthy(name):
            _, nodes = registry.health.service(name, passing=True)
            node = nodes[0]["Service"]
            return f"http://{node['Address']}:{node['Port']}"

        def go():
            requests.get(healthy("billing") + "/x")  # SITE
            index, nodes = registry.catalog.service("sysops")
            for node in nodes:
                requests.get("http://" + node["ServiceAddress"] + ":" + str(node["ServicePort"]))  # SYSOPS
        """,
    "a service that Eureka finds": """
        import httpx
        from py_eureka_client import eureka_client

        eureka_client.init(eureka_server="http://eureka:8761", app_name="customer", instance_port=8000)

        async def go():
            await eureka_client.do_service_async("billing", "/x")  # SITE
            eureka_client.walk_nodes("sysops", "x", walker=httpx.get)  # SYSOPS
        """,
}
PROGRAMS = STATE | BY_NAME | BY_TYPE


@pytest.mark.parametrize("name", PROGRAMS | REGISTRIES)
def test_a_supplied_client_is_followed_to_its_calls(name: str) -> None:
    seen = see({"customer/app.py": (PROGRAMS | REGISTRIES)[name], "billing/app.py": "", "sysops/app.py": ""})
    assert seen.evidence.errors == ()
    told = [f"{one.place} {one.what} {one.why}" for one in seen.unresolved()]
    assert seen.sites("billing") == seen.marked("SITE"), told
    assert seen.sites("sysops") == seen.marked("SYSOPS"), told
    assert {str(one.place) for one in seen.unresolved()} == seen.marked("DOUBT"), told


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_same_program_around_what_reaches_nothing_is_silent(name: str) -> None:
    seen = see(quieted({"customer/app.py": PROGRAMS[name]}))
    assert seen.evidence.errors == ()
    assert seen.silent(), [f"{one.place} {one.what} {one.why}" for one in seen.unresolved()]


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_same_program_with_addresses_made_at_run_time_is_unresolved(name: str) -> None:
    seen = see(at_run_time({"customer/app.py": PROGRAMS[name]}))
    assert seen.evidence.errors == ()
    assert seen.unresolved()


NOT_SUPPLIED = {
    "a text that a container provides is not every text": """
        import requests
        from injector import Module, provider

        class Addresses(Module):
            @provider
            def url(self) -> str:
                return "http://billing"

        def send(url: str):
            requests.get(url)  # DOUBT
        """,
    "a client that somebody gives is not the container's": """
        import httpx
        from injector import Module, provider

        class Clients(Module):
            @provider
            def http(self) -> httpx.Client:
                return httpx.Client(base_url="http://billing")

        def send(http: httpx.Client):
            http.get("/x")  # SYSOPS

        def go():
            send(httpx.Client(base_url="http://sysops"))
        """,
    "a name of a dependency says nothing where Litestar does not call": """
        import httpx
        from litestar import Litestar
        from litestar.di import Provide

        def make():
            return httpx.Client(base_url="http://billing")

        def helper(billing: httpx.Client):
            billing.get("/x")  # DOUBT

        app = Litestar([], dependencies={"billing": Provide(make)})
        """,
    "an attribute of the state that a lifespan does not yield": """
        from contextlib import asynccontextmanager

        import httpx
        from fastapi import FastAPI, Request

        @asynccontextmanager
        async def lifespan(app):
            yield {"billing": httpx.AsyncClient(base_url="http://billing")}

        app = FastAPI(lifespan=lifespan)

        @app.get("/y")
        async def y(request: Request):
            await request.state.other.get("/y")  # DOUBT
        """,
}


@pytest.mark.parametrize("name", NOT_SUPPLIED)
def test_what_looks_supplied_and_is_not(name: str) -> None:
    seen = see({"customer/app.py": NOT_SUPPLIED[name], "billing/app.py": "", "sysops/app.py": ""})
    told = [f"{one.place} {one.what} {one.why}" for one in seen.unresolved()]
    assert seen.sites("billing") == set(), told
    assert {str(one.place) for one in seen.unresolved()} == seen.marked("DOUBT"), told


def test_a_service_that_is_asked_for_by_a_name_nobody_has_is_unresolved() -> None:
    """A registry knows more names than the system has quanta."""
    files = {"customer/app.py": REGISTRIES["the nodes that Consul knows"].replace('"billing"', '"ledger"')}
    seen = see({**files, "billing/app.py": "", "sysops/app.py": ""})
    assert (seen.sites("billing"), bool(seen.unresolved("request"))) == (set(), True)


CONFIGURED = """
    import httpx
    from dependency_injector import containers, providers
    from pydantic import BaseModel
    from pydantic_settings import BaseSettings

    class Billing(BaseModel):
        url: str = "http://billing"

    class Settings(BaseSettings):
        billing: Billing = Billing()

    class Service:
        def __init__(self, url):
            self.url = url

        def go(self):
            httpx.get(self.url + "/x")

    class Container(containers.DeclarativeContainer):
        config = providers.Configuration(MADE)
        service = providers.Singleton(Service, url=config.billing.url)

    def main():
        container = Container()
        FILLED
        container.service().go()  # SITE
"""
FILLED = {
    "a variable with a default": ("", 'container.config.billing.url.from_env("URL", "http://billing")'),
    "a value": ("", 'container.config.billing.url.from_value("http://billing")'),
    "a mapping": ("", 'container.config.from_dict({"billing": {"url": "http://billing"}})'),
    "an object of settings": ("", "container.config.from_pydantic(Settings())"),
    "a file": ("", 'container.config.from_yaml("config.yml")'),
    "a file from the beginning": ('yaml_files=["./config.yml"]', "pass"),
}


def configured(made: str, filled: str) -> Seen:
    text = CONFIGURED.replace("MADE", made).replace("FILLED", filled)
    return see({"customer/app.py": text, "customer/config.yml": "billing:\n  url: http://billing\n"})


@pytest.mark.parametrize("name", FILLED)
def test_an_option_of_a_container_is_what_it_was_filled_with(name: str) -> None:
    seen = configured(*FILLED[name])
    told = [f"{one.place} {one.what} {one.why}" for one in seen.unresolved()]
    assert (seen.sites(), told) == (seen.marked(), [])


@pytest.mark.parametrize("filled", ["pass", 'container.config.from_dict({"sysops": {"url": "http://sysops"}})'])
def test_an_option_of_a_container_that_is_filled_nowhere_is_unresolved(filled: str) -> None:
    seen = configured("", filled)
    assert seen.to() == set()
    assert {str(one.place) for one in seen.unresolved("request")} == seen.marked()


HANDED_OVER = {
    "aiohttp": """
    import aiohttp

    async def fetch(session: aiohttp.ClientSession, url):
        async with session.get(url) as answer:
            return await answer.text()

    async def go():
        async with aiohttp.ClientSession() as session:
            await fetch(session, "http://billing/pay")  # SITE
    """,
    "httpx": """
    import httpx

    async def fetch(client: httpx.AsyncClient, url: str):
        return await client.get(url)

    async def go():
        async with httpx.AsyncClient() as client:
            await fetch(client, "http://billing/pay")  # SITE
    """,
    "httpx, with a base": """
    import httpx

    async def fetch(client: httpx.AsyncClient, path: str):
        return await client.get(path)

    async def go():
        async with httpx.AsyncClient(base_url="http://billing") as client:
            await fetch(client, "/pay")  # SITE
    """,
    "through another function": """
    import httpx

    async def fetch(client: httpx.AsyncClient, url: str):
        return await client.get(url)

    async def all_of(client: httpx.AsyncClient, host):
        return await fetch(client, f"http://{host}/pay")

    async def go():
        async with httpx.AsyncClient() as client:
            await all_of(client, "billing")  # SITE
    """,
}


@pytest.mark.parametrize("name", HANDED_OVER)
def test_an_address_goes_with_a_client_whose_type_is_written(name: str) -> None:
    """The base of the client and the address are both given by the caller, and joined once they are."""
    seen = see({"customer/app.py": HANDED_OVER[name]})
    assert seen.sites() == seen.marked()
    assert not seen.unresolved()


@pytest.mark.parametrize("name", HANDED_OVER)
def test_an_address_that_is_not_known_is_not_taken_for_a_host(name: str) -> None:
    """The twin: nobody knows the address, and what is said of it is that, not that a host is called none."""
    program = HANDED_OVER[name].replace("go():", "go(message):")
    for known in ('"http://billing/pay"', '"/pay"', '"billing"', '"http://billing"'):
        program = program.replace(known, "message.url")
    seen = see({"customer/app.py": program})
    assert seen.to() == set()
    assert ["called none" in one.why for one in seen.unresolved("request")] == [False]
