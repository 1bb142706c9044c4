"""HTTP clients that are built as requests or httpx are, and some that are not.

Shapes read in niquests 3, curl_cffi 0.13, requests-toolbelt 1.0, requests-futures 1.0, requests-oauthlib 2.0,
requests-cache 1.2, authlib 1.6, tornado 6.5, httplib2 0.31 and dapr 1.16.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import ask, does, plain, verbs
from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Either, Fixed, Inside, Kept, Library, Type, Url

_BASED, _TORNADO, _HTTPLIB2, _DAPR = (
    "requests_toolbelt.BaseUrlSession",
    "tornado.HTTPClient",
    "httplib2.Http",
    "dapr.Client",
)
_ON_BASE = Url(Kept("base_url"), Arg(0, "url"))

LIKE_REQUESTS = Library(
    distribution="niquests",
    modules=(
        "niquests",
        "curl_cffi",
        "requests_toolbelt",
        "requests_futures",
        "requests_oauthlib",
        "requests_cache",
        "cloudscraper",
        "grequests",
        "authlib",
        "hishel",
    ),
    calls={
        _BASED: Call(returns=_BASED, keeps={"base_url": Arg(0, "base_url")}),
        **verbs(_BASED, _ON_BASE, "requests.Response"),
        f"{_BASED}.request": ask(Url(Kept("base_url"), Arg(1, "url")), Arg(0, "method"), "requests.Response"),
        "cloudscraper.create_scraper": Call(returns="requests.Session"),
    },
    types={_BASED: Type(extends="requests.Session")},
    aliases={
        "requests_toolbelt.sessions.BaseUrlSession": _BASED,
        "niquests": "requests",
        "niquests.AsyncSession": "requests.Session",
        "curl_cffi.requests": "requests",
        "curl_cffi.requests.AsyncSession": "requests.Session",
        "grequests": "requests",
        "requests_futures.sessions.FuturesSession": "requests.Session",
        "requests_oauthlib.OAuth2Session": "requests.Session",
        "requests_oauthlib.OAuth1Session": "requests.Session",
        "requests_cache.CachedSession": "requests.Session",
        "authlib.integrations.requests_client.OAuth2Session": "requests.Session",
        "authlib.integrations.httpx_client.AsyncOAuth2Client": "httpx.Client",
        "authlib.integrations.httpx_client.OAuth2Client": "httpx.Client",
        "hishel.CacheClient": "httpx.Client",
        "hishel.AsyncCacheClient": "httpx.Client",
    },
)

TORNADO = Library(
    distribution="tornado",
    modules=("tornado",),
    calls={
        "tornado.httpclient.AsyncHTTPClient": Call(returns=_TORNADO),
        "tornado.httpclient.HTTPClient": Call(returns=_TORNADO),
        "tornado.httpclient.HTTPRequest": Call(returns="tornado.HTTPRequest", keeps={"url": Arg(0, "url")}),
        f"{_TORNADO}.fetch": ask(
            Either((Inside(Arg(0, "request"), "url"), Arg(0, "request"))),
            Arg(None, "method", "GET"),
            "tornado.Response",
        ),
        **plain(_TORNADO, ("close",)),
    },
    types={_TORNADO: Type(client=True), "tornado.HTTPRequest": Type(), "tornado.Response": Type()},
)

HTTPLIB2 = Library(
    distribution="httplib2",
    modules=("httplib2",),
    calls={
        _HTTPLIB2: Call(returns=_HTTPLIB2),
        f"{_HTTPLIB2}.request": ask(Arg(0, "uri"), Arg(1, "method", "GET")),
        **plain(_HTTPLIB2, ("add_credentials", "close")),
    },
    types={_HTTPLIB2: Type(client=True)},
)

DAPR = Library(
    distribution="dapr",
    modules=("dapr",),
    calls={
        "dapr.clients.DaprClient": Call(returns=_DAPR),
        f"{_DAPR}.invoke_method": Call(
            effects=(does("request", "http", host=Arg(0, "app_id"), path=Arg(1, "method_name")),)
        ),
        f"{_DAPR}.publish_event": Call(
            effects=(does("publish", "dapr", channel=Arg(1, "topic_name"), message=Arg(2, "data")),)
        ),
        **{
            name: Call(
                decorates=True,
                effects=(does("subscribe", "dapr", {"fact:acknowledged": Fixed("after")}, channel=Arg(1, "topic")),),
            )
            for name in ("dapr.App.subscribe", "dapr.DaprApp.subscribe")
        },
        "dapr.ext.grpc.App": Call(returns="dapr.App"),
        "dapr.ext.fastapi.DaprApp": Call(returns="dapr.DaprApp"),
        **plain(_DAPR, ("get_state", "save_state", "delete_state", "get_secret", "wait", "close", "invoke_binding")),
    },
    types={_DAPR: Type(client=True), "dapr.App": Type(), "dapr.DaprApp": Type()},
    aliases={"dapr.aio.clients.DaprClient": "dapr.clients.DaprClient"},
)

JWT = Library(
    distribution="PyJWT",
    modules=("jwt",),
    calls={name: ask(Arg(0, "uri"), Fixed("get")) for name in ("jwt.PyJWKClient", "jwt.jwks_client.PyJWKClient")},
    inert=True,
)
"""Keys of a token's issuer are fetched from the address that a client of its keys is made with."""

LIBRARIES = (JWT, LIKE_REQUESTS, TORNADO, HTTPLIB2, DAPR)
