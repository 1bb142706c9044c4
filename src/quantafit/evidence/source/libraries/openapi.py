"""Clients generated from OpenAPI documents, by both generators, where the package is not in the tree.

openapi-generator: ``Configuration(host=)``, ``ApiClient(configuration)``, ``CardsApi(api_client).add_card(…)``.
openapi-python-client: ``AuthenticatedClient(base_url=)`` and functions ``pkg.api.TAG.OPERATION.sync(client=)``. They
are known by these shapes alone; a package in the tree is read like any other code.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import ask, plain
from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Effect, Fixed, Inside, Kept, Library, Type

_CONFIGURATION, _API_CLIENT, _API, _CLIENT = (
    "openapi.Configuration",
    "openapi.ApiClient",
    "openapi.Api",
    "openapi.Client",
)
_ASKS = Effect("request", "http", {"url": Kept("host")})

OPENAPI = Library(
    distribution="openapi-generator",
    modules=("openapi",),
    calls={
        _CONFIGURATION: Call(returns=_CONFIGURATION, keeps={"host": Arg(0, "host")}),
        _API_CLIENT: Call(returns=_API_CLIENT, keeps={"host": Inside(Arg(0, "configuration"), "host")}),
        _API: Call(returns=_API, keeps={"host": Inside(Arg(0, "api_client"), "host")}),
        f"{_API}.*": Call(effects=(_ASKS,)),
        _CLIENT: Call(returns=_CLIENT, keeps={"host": Arg(0, "base_url")}),
        "openapi.operation": ask(Inside(Arg(None, "client"), "host"), Fixed("")),
        **plain(_API_CLIENT, ("close", "set_default_header")),
    },
    types={
        _CONFIGURATION: Type(open=True),
        _API_CLIENT: Type(client=True),
        _API: Type(),
        _CLIENT: Type(client=True),
    },
    patterns={
        r"\w+\.(?:configuration\.)?Configuration": _CONFIGURATION,
        r"\w+\.(?:api_client\.)?ApiClient": _API_CLIENT,
        r"[\w.]+\.api\.\w+_api\.\w+Api": _API,
        r"\w+\.[A-Z]\w+Api": _API,
        r"[\w.]+\.api\.\w+\.\w+\.(?:sync|asyncio)(?:_detailed)?": "openapi.operation",
        r"\w+\.(?:client\.)?AuthenticatedClient": _CLIENT,
    },
)

LIBRARIES = (OPENAPI,)
