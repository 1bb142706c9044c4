"""HTTP clients that are met more rarely: treq, asks, httpcore, primp, pycurl, uplink, httpx-sse, google-auth.

Names and arguments read in treq 26.7, httpcore 1.0.9, uplink 0.10 and httpx-sse 0.4.3; the others as they are commonly
called. A declarative consumer (uplink) asks where its base URL is given: the line that makes it is the site.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import VERBS, ask, plain, verbs
from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Effect, Fixed, Kept, Library, Switch, Type, Url

_TREQ, _ASKS, _CORE, _PRIMP, _CURL, _UPLINK, _EVENTS = (
    "treq.Client",
    "asks.Session",
    "httpcore.Pool",
    "primp.Client",
    "pycurl.Curl",
    "uplink.Consumer",
    "httpx_sse.EventSource",
)

TREQ = Library(
    distribution="treq",
    modules=("treq",),
    calls={
        **verbs("treq", Arg(0, "url")),
        "treq.request": ask(Arg(1, "url"), Arg(0, "method")),
        "treq.client.HTTPClient": Call(returns=_TREQ),
        **verbs(_TREQ, Arg(0, "url")),
        f"{_TREQ}.request": ask(Arg(1, "url"), Arg(0, "method")),
        **plain("treq", ("content", "json_content", "text_content", "collect")),
    },
    types={_TREQ: Type(client=True)},
)

ASKS = Library(
    distribution="asks",
    modules=("asks",),
    calls={
        **verbs("asks", Arg(0, "uri")),
        "asks.request": ask(Arg(1, "uri"), Arg(0, "method")),
        _ASKS: Call(returns=_ASKS, keeps={"base": Arg(0, "base_location")}),
        **verbs(_ASKS, Url(Kept("base"), Arg(0, "url"))),
        f"{_ASKS}.request": ask(Url(Kept("base"), Arg(1, "url")), Arg(0, "method")),
        **plain("asks", ("init",)),
    },
    types={_ASKS: Type(client=True)},
    aliases={"asks.sessions.Session": _ASKS},
)

HTTPCORE = Library(
    distribution="httpcore",
    modules=("httpcore",),
    calls={
        **{
            f"{owner}.{name}": ask(Arg(1, "url"), Arg(0, "method"))
            for owner in ("httpcore", _CORE)
            for name in ("request", "stream")
        },
        **{f"httpcore.{name}": Call(returns=_CORE) for name in ("ConnectionPool", "AsyncConnectionPool", "HTTPProxy")},
        f"{_CORE}.handle_request": ask(Arg(0, "request"), Fixed("")),
        f"{_CORE}.handle_async_request": ask(Arg(0, "request"), Fixed("")),
        "httpcore.Request": Call(returns=Arg(1, "url")),
        **plain(_CORE, ("close", "aclose")),
    },
    types={_CORE: Type(client=True)},
)

PRIMP = Library(
    distribution="primp",
    modules=("primp",),
    calls={
        **{f"primp.{name}": Call(returns=_PRIMP) for name in ("Client", "AsyncClient")},
        **{f"{owner}.{verb}": ask(Arg(0, "url"), Fixed(verb)) for owner in ("primp", _PRIMP) for verb in VERBS},
        f"{_PRIMP}.request": ask(Arg(1, "url"), Arg(0, "method")),
    },
    types={_PRIMP: Type(client=True)},
)

_NAMES_THE_ADDRESS = Switch(Arg(0, "option"), {"URL": Fixed(True)}, Fixed(False))

PYCURL = Library(
    distribution="pycurl",
    modules=("pycurl",),
    calls={
        _CURL: Call(returns=_CURL),
        # The line that gives the address is the site: performing it names nothing.
        f"{_CURL}.setopt": Call(effects=(Effect("request", "http", {"url": Arg(1, "value")}, _NAMES_THE_ADDRESS),)),
        **plain(_CURL, ("perform", "close", "getinfo", "perform_rb", "perform_rs", "reset", "setopt_string")),
    },
    types={_CURL: Type()},
    attributes={
        f"{owner}.{name}": Fixed(value) for owner in ("pycurl", _CURL) for name, value in (("URL", "URL"), ("*", ""))
    },
)

_UPLINK_DECORATORS = (
    "json", "form_url_encoded", "multipart", "returns", "headers", "params", "timeout", "args", "retry", "inject",
)  # fmt: skip

UPLINK = Library(
    distribution="uplink",
    modules=("uplink",),
    calls={
        _UPLINK: Call(returns=_UPLINK, effects=(Effect("request", "http", {"url": Arg(0, "base_url")}),)),
        f"{_UPLINK}.__init__": Call(effects=(Effect("request", "http", {"url": Arg(0, "base_url")}),)),
        **{f"uplink.{name}": Call(decorates=True) for name in (*VERBS, *_UPLINK_DECORATORS)},
        **{f"uplink.returns.{name}": Call(decorates=True) for name in ("json", "model", "schema")},
        **plain("uplink", ("Path", "Query", "Body", "Field", "Header", "Url", "AiohttpClient", "RequestsClient")),
    },
    types={_UPLINK: Type()},
    aliases={"uplink.builder.Consumer": _UPLINK},
)

EVENT_STREAMS = Library(
    distribution="httpx-sse",
    modules=("httpx_sse", "aiohttp_sse_client", "aiosseclient"),
    calls={
        **{
            f"httpx_sse.{name}": ask(Arg(2, "url"), Arg(1, "method"), _EVENTS)
            for name in ("connect_sse", "aconnect_sse")
        },
        "aiohttp_sse_client.client.EventSource": ask(Arg(0, "url"), Fixed("get"), _EVENTS),
        "aiosseclient.aiosseclient": ask(Arg(0, "url"), Fixed("get"), _EVENTS),
    },
    types={_EVENTS: Type()},
    aliases={"aiosseclient": "aiosseclient.aiosseclient"},
)

GOOGLE_AUTH = Library(
    distribution="google-auth",
    modules=("google.auth", "google.oauth2"),
    calls={
        "google.auth.default": Call(),
        **plain("google.auth.transport.requests", ("Request",)),
        **plain("google.oauth2.id_token", ("fetch_id_token", "verify_oauth2_token", "fetch_id_token_credentials")),
    },
    aliases={"google.auth.transport.requests.AuthorizedSession": "requests.Session"},
)

LIBRARIES = (TREQ, ASKS, HTTPCORE, PRIMP, PYCURL, UPLINK, EVENT_STREAMS, GOOGLE_AUTH)
