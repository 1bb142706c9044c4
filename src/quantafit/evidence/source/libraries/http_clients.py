"""requests and httpx: every call waits for the answer of the host it names."""

from __future__ import annotations

from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Effect,
    Inside,
    Kept,
    Library,
    New,
    Receiver,
    Slot,
    Type,
    Url,
)

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options")


def _request(url: Slot, method: Slot, returns: str | None) -> Call:
    body = {name: Arg(None, name) for name in ("json", "data", "params", "content", "files")}
    return Call(returns=returns, effects=(Effect("request", "http", {"url": url, "method": method, **body}),))


def _client(type_: str, base: Slot | None, returns: str) -> dict[str, Call]:
    """The methods of a client object; with ``base`` relative paths hang on the client's base URL."""

    def url(position: int) -> Slot:
        return Url(base, Arg(position, "url")) if base is not None else Arg(position, "url")

    calls = {f"{type_}.{verb}": _request(url(0), Arg(None, "method", verb), returns) for verb in _VERBS}
    calls[f"{type_}.request"] = _request(url(1), Arg(0, "method"), returns)
    calls[f"{type_}.stream"] = _request(url(1), Arg(0, "method"), returns)
    return calls


def _module(module: str, returns: str) -> dict[str, Call]:
    calls = {f"{module}.{verb}": _request(Arg(0, "url"), Arg(None, "method", verb), returns) for verb in _VERBS}
    calls[f"{module}.request"] = _request(Arg(1, "url"), Arg(0, "method"), returns)
    return calls


_TELLING = frozenset({"post", "put", "patch", "request", "get_json", "post_json"})

REQUESTS = Library(
    distribution="requests",
    modules=("requests",),
    calls={
        **_module("requests", "requests.Response"),
        "requests.Session": Call(returns="requests.Session"),
        "requests.Request": Call(returns="requests.Request", keeps={"method": Arg(0, "method"), "url": Arg(1, "url")}),
        "requests.Request.prepare": Call(returns=Receiver()),
        "requests.Session.prepare_request": Call(returns=Arg(0, "request")),
        **_client("requests.Session", None, "requests.Response"),
        "requests.Session.send": Call(
            returns="requests.Response",
            effects=(Effect("request", "http", {"url": Arg(0, "request")}),),
        ),
        **{f"requests.Session.{name}": Call() for name in ("mount", "close", "get_adapter")},
    },
    types={
        "requests.Session": Type(client=True),
        "requests.Request": Type(),
        "requests.Response": Type(),
    },
    aliases={
        "requests.sessions.Session": "requests.Session",
        "requests.session": "requests.Session",
        "requests.api": "requests",
        "requests.models.Request": "requests.Request",
        "requests.sessions.session": "requests.Session",
    },
    telling=_TELLING,
)

_FLOWS = ("auth_flow", "sync_auth_flow", "async_auth_flow")
_BASE = {"base_url": Arg(None, "base_url")}

HTTPX = Library(
    distribution="httpx",
    modules=("httpx",),
    calls={
        **_module("httpx", "httpx.Response"),
        "httpx.stream": _request(Arg(1, "url"), Arg(0, "method"), "httpx.Response"),
        "httpx.Client": Call(returns="httpx.Client", keeps=_BASE),
        "httpx.AsyncClient": Call(returns="httpx.Client", keeps=_BASE),
        **_client("httpx.Client", Kept("base_url"), "httpx.Response"),
        "httpx.Client.build_request": Call(
            returns=New("httpx.Request", {"url": Url(Kept("base_url"), Arg(1, "url"))}),
        ),
        "httpx.Client.send": Call(
            returns="httpx.Response", effects=(Effect("request", "http", {"url": Arg(0, "request")}),)
        ),
        "httpx.Request": Call(returns="httpx.Request", keeps={"url": Arg(1, "url")}),
        "httpx.URL": Call(returns=Arg(0, "url")),
        **{f"httpx.Client.{name}": Call() for name in ("close", "aclose")},
        **{
            f"httpx.{name}": Call()
            for name in ("Timeout", "Limits", "HTTPTransport", "AsyncHTTPTransport", "BasicAuth")
        },
    },
    types={
        "httpx.Client": Type(client=True),
        "httpx.Request": Type(),
        "httpx.Response": Type(),
        "httpx.Auth": Type(
            hooks={name: (New("httpx.Request"),) for name in _FLOWS},
            sends={name: Effect("request", "http", {"url": Inside(Arg(0, "request"), "url")}) for name in _FLOWS},
        ),
    },
    aliases={"httpx.AsyncClient": "httpx.Client"},
    telling=_TELLING,
)

LIBRARIES = (REQUESTS, HTTPX)
