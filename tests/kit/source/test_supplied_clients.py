"""Clients that a framework keeps and hands over: in its state, in its context, by a name or by a type."""

from __future__ import annotations

import pytest
from quiet import at_run_time, quieted
from source_trees import see

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
PROGRAMS = STATE


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_supplied_client_is_followed_to_its_calls(name: str) -> None:
    seen = see({"customer/app.py": PROGRAMS[name], "billing/app.py": "", "sysops/app.py": ""})
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
