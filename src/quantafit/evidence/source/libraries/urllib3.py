"""urllib3: pools that take whole URLs, and pools of one host that take paths.

Signatures read in urllib3 2.5: ``request(method, url)``, ``PoolManager().request(method, url)``,
``HTTPConnectionPool(host).request(method, url)``, ``connection_from_url(url)``.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import ask, plain
from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Effect, Kept, Library, Type

_MANAGER, _POOL, _RESPONSE = "urllib3.PoolManager", "urllib3.HTTPConnectionPool", "urllib3.HTTPResponse"
_AT_HOST = Effect("request", "http", {"host": Kept("host"), "path": Arg(1, "url"), "method": Arg(0, "method")})

URLLIB3 = Library(
    distribution="urllib3",
    modules=("urllib3",),
    calls={
        "urllib3.request": ask(Arg(1, "url"), Arg(0, "method"), _RESPONSE),
        _MANAGER: Call(returns=_MANAGER),
        "urllib3.ProxyManager": Call(returns=_MANAGER),
        **{
            f"{_MANAGER}.{name}": ask(Arg(1, "url"), Arg(0, "method"), _RESPONSE)
            for name in ("request", "urlopen", "request_encode_url", "request_encode_body")
        },
        _POOL: Call(returns=_POOL, keeps={"host": Arg(0, "host")}),
        **{
            name: Call(returns=_POOL, keeps={"host": Arg(0, "url")})
            for name in ("urllib3.connection_from_url", f"{_MANAGER}.connection_from_url")
        },
        f"{_MANAGER}.connection_from_host": Call(returns=_POOL, keeps={"host": Arg(0, "host")}),
        **{f"{_POOL}.{name}": Call(returns=_RESPONSE, effects=(_AT_HOST,)) for name in ("request", "urlopen")},
        **plain(_MANAGER, ("clear",)),
        **plain(_POOL, ("close",)),
        **plain("urllib3", ("disable_warnings", "add_stderr_logger", "make_headers")),
    },
    types={_MANAGER: Type(client=True), _POOL: Type(client=True), _RESPONSE: Type()},
    aliases={
        "urllib3.HTTPSConnectionPool": _POOL,
        "urllib3.poolmanager.PoolManager": _MANAGER,
        "urllib3.connectionpool.HTTPConnectionPool": _POOL,
        "urllib3.connectionpool.connection_from_url": "urllib3.connection_from_url",
    },
)

LIBRARIES = (URLLIB3,)
