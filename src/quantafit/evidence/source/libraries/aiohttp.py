"""aiohttp: a client session with a base URL of its own, and a server whose routes are added or decorated.

Signatures read in aiohttp 3.14.5: ``ClientSession(base_url=None)``, ``session.request(method, url)``,
``session.ws_connect(url)``, ``aiohttp.request(method, url)``.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import VERBS, ask, listens, plain, verbs
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Effect,
    Fixed,
    Kept,
    Library,
    New,
    Receiver,
    Type,
    Url,
)

_SESSION, _RESPONSE, _APP, _ROUTES = (
    "aiohttp.ClientSession",
    "aiohttp.ClientResponse",
    "aiohttp.web.Application",
    "aiohttp.Routes",
)


_REQUEST = New("aiohttp.web.Request")
_KEPT_BY = ("on_startup", "on_cleanup", "on_shutdown", "cleanup_ctx")


def _on_base(position: int) -> Url:
    return Url(Kept("base_url"), Arg(position, "url"))


def _route(verb: str) -> Call:
    """``web.get("/path", handler)`` and ``router.add_get("/path", handler)``."""
    serve = Effect("serve", "http", {"name": Arg(0, "path"), "method": Fixed(verb), "on": Receiver()})
    return Call(roots=(Arg(1, "handler"),), supplies=(_REQUEST,), effects=(serve,))


def _decorated(verb: str) -> Call:
    serve = Effect("serve", "http", {"name": Arg(0, "path"), "method": Fixed(verb)})
    return Call(decorates=True, supplies=(_REQUEST,), effects=(serve,))


AIOHTTP = Library(
    distribution="aiohttp",
    modules=("aiohttp", "aiohttp_retry", "aiohttp_cors"),
    calls={
        _SESSION: Call(returns=_SESSION, keeps={"base_url": Arg(0, "base_url")}),
        **verbs(_SESSION, _on_base(0), _RESPONSE),
        f"{_SESSION}.request": ask(_on_base(1), Arg(0, "method"), _RESPONSE),
        f"{_SESSION}._request": ask(_on_base(1), Arg(0, "method"), _RESPONSE),
        f"{_SESSION}.ws_connect": ask(_on_base(0), Fixed("get"), "aiohttp.ClientWebSocketResponse", "websocket"),
        **plain(_SESSION, ("close", "detach")),
        "aiohttp.request": ask(Arg(1, "url"), Arg(0, "method"), _RESPONSE),
        _APP: Call(returns=_APP),
        "aiohttp.web.RouteTableDef": Call(returns=_ROUTES),
        **{f"{_ROUTES}.{verb}": _decorated(verb) for verb in (*VERBS, "view")},
        f"{_ROUTES}.route": Call(
            decorates=True, supplies=(_REQUEST,), effects=(Effect("serve", "http", {"name": Arg(1, "path")}),)
        ),
        "aiohttp.web.run_app": listens(Arg(None, "port", 8080), Arg(0, "app")),
        "aiohttp.web.TCPSite": listens(Arg(2, "port", 8080)),
        "aiohttp.web.RequestKey": Call(returns=Arg(0, "name")),
        **{f"aiohttp.web.{verb}": _route(verb) for verb in (*VERBS, "view")},
        **{f"{_APP}.add_{verb}": _route(verb) for verb in (*VERBS, "view")},
        f"{_APP}.add_route": Call(
            roots=(Arg(2, "handler"),),
            supplies=(_REQUEST,),
            effects=(Effect("serve", "http", {"name": Arg(1, "path"), "on": Receiver()}),),
        ),
        f"{_APP}.add_subapp": Call(
            effects=(Effect("mount", slots={"of": Arg(1, "subapp"), "prefix": Arg(0, "prefix"), "on": Receiver()}),)
        ),
        "aiohttp.web.Hooks.append": Call(calls=(Callback(Arg(0, "hook"), (New(_APP),)),)),
        "aiohttp.web.middleware": Call(decorates=True, supplies=(_REQUEST,)),
        "aiohttp.web.AppKey": Call(returns="aiohttp.web.AppKey", keeps={"name": Arg(0, "name")}),
        **plain(_APP, ("add_routes", "add_static")),
    },
    types={
        _SESSION: Type(client=True),
        _RESPONSE: Type(),
        "aiohttp.ClientWebSocketResponse": Type(),
        _APP: Type(keyed=True),
        _ROUTES: Type(),
        "aiohttp.web.Request": Type(keyed=True),
        "aiohttp.web.Hooks": Type(),
        "aiohttp.web.AppKey": Type(),
    },
    attributes={
        f"{_APP}.router": Receiver(),
        **{f"{_APP}.{name}": New("aiohttp.web.Hooks") for name in _KEPT_BY},
        "aiohttp.web.Request.app": New(_APP),
        "aiohttp.web.Request.config_dict": New(_APP),
        "aiohttp.web.View.request": New("aiohttp.web.Request"),
    },
    aliases={
        "aiohttp.web_request.Request": "aiohttp.web.Request",
        "aiohttp.client.ClientSession": _SESSION,
        "aiohttp_retry.RetryClient": _SESSION,
    },
    telling=frozenset({"ws_connect"}),
)

YARL = Library(distribution="yarl", modules=("yarl",), calls={"yarl.URL": Call(returns=Arg(0, "val"))})
"""An address of yarl is followed as the text that it is made of."""

LIBRARIES = (AIOHTTP, YARL)
