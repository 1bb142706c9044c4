"""The paths that a program serves are whole: with what routers, blueprints and lists of routes put before them."""

from __future__ import annotations

from textwrap import dedent

import pytest
from source_trees import see

FASTAPI = """
    from fastapi import APIRouter, FastAPI
    from pydantic_settings import BaseSettings

    class Settings(BaseSettings):
        base: str = "/api/v1"

    settings = Settings()
    invoices = APIRouter(prefix="/invoices")

    @invoices.get("/{number}")
    def one(number): ...

    everything = APIRouter()
    everything.include_router(invoices, prefix="/shop")
    app = FastAPI()
    app.include_router(everything, prefix=settings.base)
    inner = FastAPI()
    app.mount("/inner", inner)

    @inner.get("/x")
    def x(): ...

    @app.get("/health")
    def health(): ...
"""
FLASK = """
    from flask import Blueprint, Flask

    old = Blueprint("old", __name__, url_prefix="/old")
    kept = Blueprint("kept", __name__, url_prefix="/kept")

    @old.route("/cards/<number>")
    def cards(number): ...

    @kept.get("/x")
    def x(): ...

    def create_app():
        app = Flask(__name__)
        app.register_blueprint(old, url_prefix="/new")
        app.register_blueprint(kept)
        return app
"""
SANIC = """
    from sanic import Blueprint, Sanic
    part = Blueprint("part", url_prefix="/pay")

    @part.get("/<number:int>")
    async def one(request, number): ...

    Sanic("billing").blueprint(part)
"""
AIOHTTP = """
    from aiohttp import web

    async def one(request): ...

    inner = web.Application()
    inner.router.add_get("/one", one)
    app = web.Application()
    app.add_subapp("/admin", inner)
"""
OPEN = """
    from fastapi import APIRouter, FastAPI

    def make(prefix):
        router = APIRouter(prefix=prefix)

        @router.get("/invoices")
        def invoices(): ...

        return router
"""
AROUND_ITSELF = """
    from fastapi import APIRouter
    one, other = APIRouter(prefix="/a"), APIRouter(prefix="/b")
    one.include_router(other)
    other.include_router(one)

    @one.get("/x")
    def x(): ...
"""
PROGRAMS = {
    "FastAPI": (FASTAPI, {"/api/v1/shop/invoices/{number}", "/inner/x", "/health"}),
    "Flask": (FLASK, {"/new/cards/<number>", "/kept/x"}),
    "Sanic": (SANIC, {"/pay/<number:int>"}),
    "aiohttp": (AIOHTTP, {"/admin/one"}),
    "a prefix that is not known": (OPEN, {"?"}),
}


def served(files: dict[str, str]) -> set[str]:
    return {serve.name for serve in see(files).map.serves}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_route_comes_after_what_its_routers_put_before_it(name: str) -> None:
    program, paths = PROGRAMS[name]
    assert served({"billing/app.py": program}) == paths


def test_routers_inside_each_other_come_to_an_end() -> None:
    assert served({"billing/app.py": AROUND_ITSELF})


DJANGO = {
    "billing/shop/urls.py": """
        from django.urls import include, path, re_path
        from rest_framework.routers import DefaultRouter
        from orders import views

        router = DefaultRouter()
        router.register(r"products", views.Products)
        urlpatterns = [
            path("api/orders/", include("orders.urls")),
            path("api/", include((router.urls, "products"))),
            re_path(r"^ping/(?P<number>\\d+)/$", views.ping),
        ]
        """,
    "billing/orders/__init__.py": "",
    "billing/orders/urls.py": """
        from django.urls import path
        from . import views
        urlpatterns = [path("", views.orders), path("<int:pk>/", views.order)]
        """,
    "billing/orders/views.py": """
        from rest_framework import viewsets
        class Products(viewsets.ModelViewSet): ...
        def order(request, pk): ...
        def orders(request): ...
        def ping(request, number): ...
        """,
}


def test_django_puts_a_module_s_routes_behind_what_includes_it() -> None:
    paths = {"api/orders/", "api/orders/<int:pk>/", "api/products", "api/products/{}", "ping/{number}/"}
    assert served(DJANGO) == paths


SERVING = """
    from fastapi import APIRouter, FastAPI
    router = APIRouter(prefix="/PREFIX")

    @router.get("/{number}")
    def one(number): ...

    app = FastAPI()
    app.include_router(router)
"""


@pytest.mark.parametrize(("path", "found"), [("invoices/7", {"billing"}), ("cards/7", {"sysops"}), ("others/7", set())])
def test_who_serves_a_path_below_a_router_is_guessed(path: str, found: set[str]) -> None:
    seen = see(
        {
            "customer/app.py": f"import requests\ndef go():\n    requests.get('http://localhost:7000/{path}')\n",
            "billing/app.py": dedent(SERVING).replace("PREFIX", "invoices"),
            "sysops/app.py": dedent(SERVING).replace("PREFIX", "cards"),
        }
    )
    assert seen.to() == found
    assert seen.unresolved("request")


@pytest.mark.parametrize(
    ("serving", "found"),
    [
        ({"billing": "invoices", "sysops": "cards"}, {"billing"}),
        ({"billing": "bills", "sysops": "cards"}, set()),
        ({"billing": "invoices", "sysops": "invoices"}, set()),
    ],
)
def test_a_gateway_hands_on_to_whoever_else_has_the_path(serving: dict[str, str], found: set[str]) -> None:
    """It serves the path itself; that it calls nobody, where nobody else or more than one has it, is not told."""
    calls = "import requests\n@app.get('/mine')\ndef go():\n    requests.get('http://localhost:7000/invoices/7')\n"
    seen = see(
        {
            "customer/app.py": dedent(SERVING).replace("PREFIX", "invoices") + calls,
            **{f"{name}/app.py": dedent(SERVING).replace("PREFIX", path) for name, path in serving.items()},
        }
    )
    assert seen.to() == found
    assert seen.unresolved("request")
