"""Remote procedure calls: gRPC, XML-RPC, SOAP, Thrift, Pyro, RPyC and GraphQL. Every one waits for its answer.

Shapes read in grpcio 1.85.1, grpclib 0.4.9, zeep 4.3.3, thrift 0.25.0, Pyro5 5.17, rpyc 6.0.2 and gql 4.4.0. A gRPC
stub is generated: where the generated module is in the tree it is read, else it is known by its name. The generator
names the class of a stub ``XStub`` and what registers its server ``add_XServicer_to_server``, X being the service.
"""

from __future__ import annotations

from collections.abc import Mapping

from quantafit.evidence.source.libraries.asking import ask, does, listens, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Effect,
    Either,
    Fixed,
    Inside,
    Kept,
    Library,
    Name,
    New,
    Receiver,
    Slot,
    Type,
)

_CHANNEL, _STUB, _CALLABLE = "grpc.Channel", "grpc.Stub", "grpc.Callable"
_HOST = {"host": Kept("host")}
_ASKED = {**_HOST, "asks_for": Kept("asks_for")}
_OF_METHOD: dict[str, Slot] = {**_HOST, "asks_for": Arg(0, "method")}
_STUBS, _SERVICERS = "grpc.stubs", "grpc.servicers"
"""Under these names stand the services of generated modules, each by its own."""
_GENERATED = "protoc.generated"
"""And under this the modules themselves, which keep their names: a stub is an attribute of its module."""
_KINDS = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")


def _asks(mechanism: str, returns: str | Slot | None = None, slots: Mapping[str, Slot] = _HOST) -> Call:
    return Call(returns=returns, effects=(Effect("request", mechanism, slots),))


GRPC = Library(
    distribution="grpcio",
    modules=("grpc", "grpc_status", "grpc_health", "grpc_reflection", "grpc_tools", _GENERATED),
    calls={
        **{
            f"grpc.{name}": Call(returns=_CHANNEL, keeps={"host": Arg(0, "target")})
            for name in ("insecure_channel", "secure_channel")
        },
        "grpc.intercept_channel": Call(returns=Arg(0, "channel")),
        **{f"{_CHANNEL}.{kind}": Call(returns=_CALLABLE, keeps=_OF_METHOD) for kind in _KINDS},
        **{f"{_CALLABLE}.{name}": _asks("grpc", slots=_ASKED) for name in ("__call__", "with_call", "future", "open")},
        _STUB: Call(returns=_STUB, keeps={"host": Inside(Arg(0, "channel"), "host")}),
        f"{_STUBS}.*": Call(returns=_STUB, keeps={"host": Inside(Arg(0, "channel"), "host"), "asks_for": Name()}),
        f"{_SERVICERS}.*": Call(effects=(Effect("serve", "grpc", {"name": Name()}),)),
        "grpc.server": Call(returns="grpc.Server"),
        "grpc.Server.add_insecure_port": listens(Arg(0, "address")),
        "grpc.Server.add_secure_port": listens(Arg(0, "address")),
        **plain(_CHANNEL, ("close", "subscribe", "unsubscribe", "channel_ready", "get_state", "wait_for_state_change")),
        # Of generated modules: helpers beside the stub, which take the target as an argument.
        **plain("grpc.experimental", _KINDS),
    },
    types={
        _CHANNEL: Type(client=True),
        _STUB: Type(),
        _CALLABLE: Type(),
        "grpc.Server": Type(),
        "grpc.Servicer": Type(),
    },
    attributes={f"{_STUB}.*": New(_CALLABLE, _ASKED)},
    aliases={
        "grpc.aio": "grpc",
        "grpc.aio.Channel": _CHANNEL,
        "grpc_health.v1.health_pb2_grpc.HealthStub": _STUB,
    },
    patterns={
        r"(?:[\w.]*\.)?\w+_pb2(?:_grpc)?\.(\w+)Stub": rf"{_STUBS}.\1",
        r"(?:[\w.]*\.)?\w+_pb2_grpc\.add_(\w+)Servicer_to_server": rf"{_SERVICERS}.\1",
        r"(?:[\w.]*\.)?\w+_pb2_grpc\.\w+Servicer": "grpc.Servicer",
        r"(?:[\w.]*\.)?\w+_grpc\.\w+Stub": "grpclib.Stub",
        r"(?:[\w.]*\.)?(\w+_pb2(?:_grpc)?)": rf"{_GENERATED}.\1",
        r"(?:[\w.]*\.)?\w+_(?:connect|twirp)\.\w+Client(?:Sync)?": "connectrpc.Client",
    },
)

_BETTER = "betterproto.ServiceStub"

GRPCLIB = Library(
    distribution="grpclib",
    modules=("grpclib", "betterproto", "betterproto2"),
    calls={
        "grpclib.client.Channel": Call(returns="grpclib.Channel", keeps={"host": Arg(0, "host", "127.0.0.1")}),
        **{
            f"grpclib.client.{name}": Call(returns="grpclib.Method", keeps={"host": Inside(Arg(0, "channel"), "host")})
            for name in ("UnaryUnaryMethod", "UnaryStreamMethod", "StreamUnaryMethod", "StreamStreamMethod")
        },
        "grpclib.Stub": Call(returns="grpclib.Stub", keeps={"host": Inside(Arg(0, "channel"), "host")}),
        **{f"grpclib.Method.{name}": _asks("grpc") for name in ("__call__", "open")},
        _BETTER: Call(returns=_BETTER, keeps={"host": Inside(Arg(0, "channel"), "host")}),
        **{f"{_BETTER}._{kind}": _asks("grpc") for kind in _KINDS},
    },
    types={_BETTER: Type(), "grpclib.Channel": Type(), "grpclib.Stub": Type(), "grpclib.Method": Type()},
    aliases={"betterproto2.grpclib.ServiceStub": _BETTER, "betterproto2.ServiceStub": _BETTER},
    attributes={"grpclib.Stub.*": New("grpclib.Method", _HOST)},
    # betterproto's modules are called as their packages are, so the class alone tells.
    patterns={r"[\w.]+\.[A-Z]\w*Stub": "grpclib.Stub"},
)


def _proxy(owner: str, mechanism: str) -> dict[str, Call]:
    """An object whose every method is a remote call."""
    return {f"{owner}.*": _asks(mechanism), f"{owner}.__call__": _asks(mechanism)}


# Connect and Twirp, as their generated code is commonly written; no version was read. Clients are known by the names
# of their modules, or by what they extend.

_CONNECT, _CONNECT_BASE = "connectrpc.Client", "connectrpc.BaseClient"

CONNECT = Library(
    distribution="connectrpc",
    modules=("connectrpc", "twirp"),
    calls={
        _CONNECT: Call(returns=_CONNECT, keeps={"host": Arg(0, "address")}),
        **{f"{_CONNECT}.{name}": Call(returns=Receiver()) for name in ("__enter__", "__aenter__")},
        **{
            f"{_CONNECT_BASE}.execute_{kind}": _asks("connect")
            for kind in ("unary", "client_stream", "server_stream", "bidi_stream")
        },
        _CONNECT_BASE: Call(returns=_CONNECT_BASE, keeps={"host": Arg(0, "address")}),
        f"{_CONNECT_BASE}.__init__": Call(),
        f"{_CONNECT_BASE}._make_request": _asks("twirp"),
        **plain(_CONNECT_BASE, ("close", "__enter__", "__aenter__")),
        **plain("connectrpc.method", ("MethodInfo", "IdempotencyLevel")),
        **_proxy(_CONNECT, "connect"),
    },
    types={_CONNECT: Type(), _CONNECT_BASE: Type()},
    aliases={
        **{f"connectrpc.client.{name}": _CONNECT_BASE for name in ("ConnectClient", "ConnectClientSync")},
        "twirp.client.TwirpClient": _CONNECT_BASE,
        "twirp.async_client.AsyncTwirpClient": _CONNECT_BASE,
    },
)

_SERVER_PROXY, _JSON_PROXY = "xmlrpc.Proxy", "jsonrpc.Proxy"

XML_RPC = Library(
    distribution="python",
    modules=("aiohttp_xmlrpc", "jsonrpclib"),
    calls={
        _SERVER_PROXY: Call(returns=_SERVER_PROXY, keeps={"host": Arg(0, "uri")}),
        **_proxy(_SERVER_PROXY, "xmlrpc"),
        _JSON_PROXY: Call(returns=_JSON_PROXY, keeps={"host": Arg(0, "uri")}),
        **_proxy(_JSON_PROXY, "jsonrpc"),
        "jsonrpc.Method.__call__": _asks("jsonrpc"),
        "jsonrpc.Method.*": _asks("jsonrpc"),
        "xmlrpc.Method.__call__": _asks("xmlrpc"),
        "xmlrpc.Method.*": _asks("xmlrpc"),
    },
    types={name: Type() for name in (_SERVER_PROXY, "xmlrpc.Method", _JSON_PROXY, "jsonrpc.Method")},
    attributes={
        f"{_SERVER_PROXY}.*": New("xmlrpc.Method", _HOST),
        "xmlrpc.Method.*": Receiver(),
        f"{_JSON_PROXY}.*": New("jsonrpc.Method", _HOST),
        "jsonrpc.Method.*": Receiver(),
    },
    aliases={
        "xmlrpc.client.ServerProxy": _SERVER_PROXY,
        "xmlrpc.client.Server": _SERVER_PROXY,
        "xmlrpclib.ServerProxy": _SERVER_PROXY,
        "aiohttp_xmlrpc.client.ServerProxy": _SERVER_PROXY,
        "jsonrpclib.Server": _JSON_PROXY,
        "jsonrpclib.ServerProxy": _JSON_PROXY,
        "jsonrpclib.jsonrpc.ServerProxy": _JSON_PROXY,
    },
)

SOAP = Library(
    distribution="zeep",
    modules=("zeep", "suds"),
    calls={
        "zeep.Client": Call(returns="zeep.Client", keeps={"host": Arg(0, "wsdl")}),
        "zeep.Client.create_service": Call(returns="zeep.Service", keeps={"host": Arg(1, "address")}),
        "zeep.Client.bind": Call(returns="zeep.Service", keeps=_HOST),
        **_proxy("zeep.Service", "soap"),
        **plain("zeep.Client", ("get_type", "get_element", "type_factory", "set_ns_prefix", "settings")),
    },
    types={"zeep.Client": Type(client=True), "zeep.Service": Type()},
    attributes={"zeep.Client.service": New("zeep.Service", _HOST)},
    aliases={
        "zeep.AsyncClient": "zeep.Client",
        "suds.client.Client": "zeep.Client",
        "zeep.client.Client": "zeep.Client",
    },
)

PYRO = Library(
    distribution="Pyro5",
    modules=("Pyro5", "Pyro4", "rpyc"),
    calls={
        "Pyro5.api.Proxy": Call(returns="Pyro5.Proxy", keeps={"host": Arg(0, "uri")}),
        **_proxy("Pyro5.Proxy", "pyro"),
        **{
            f"rpyc.{name}": Call(returns="rpyc.Connection", keeps={"host": Arg(0, "host")})
            for name in ("connect", "ssl_connect", "classic.connect")
        },
        "rpyc.connect_by_service": Call(returns="rpyc.Connection", keeps={"host": Arg(0, "service_name")}),
        **_proxy("rpyc.Root", "rpyc"),
        **plain("rpyc.Connection", ("close", "ping", "serve", "serve_all")),
    },
    types={"Pyro5.Proxy": Type(), "rpyc.Connection": Type(client=True), "rpyc.Root": Type()},
    attributes={"rpyc.Connection.root": New("rpyc.Root", _HOST), "rpyc.Connection.modules": New("rpyc.Root", _HOST)},
    aliases={"Pyro4.Proxy": "Pyro5.api.Proxy", "Pyro5.client.Proxy": "Pyro5.api.Proxy"},
)

_ENDPOINT = Either((Arg(0, "url"), Arg(None, "url")))

GRAPHQL = Library(
    distribution="gql",
    modules=("gql", "sgqlc", "python_graphql_client"),
    calls={
        **{
            f"gql.transport.{module}.{name}": Call(returns="gql.Transport", keeps={"host": _ENDPOINT})
            for module, name in (
                ("requests", "RequestsHTTPTransport"),
                ("aiohttp", "AIOHTTPTransport"),
                ("httpx", "HTTPXTransport"),
                ("httpx", "HTTPXAsyncTransport"),
                ("websockets", "WebsocketsTransport"),
            )
        },
        "gql.Client": Call(returns="gql.Client", keeps={"host": Inside(Arg(None, "transport"), "host")}),
        **{
            f"gql.Client.{name}": _asks("http") for name in ("execute", "execute_async", "subscribe", "subscribe_async")
        },
        "sgqlc.endpoint.http.HTTPEndpoint": Call(returns="sgqlc.Endpoint", keeps={"host": _ENDPOINT}),
        "sgqlc.Endpoint.__call__": _asks("http"),
        "python_graphql_client.GraphqlClient": Call(returns="gql.Client", keeps={"host": Arg(None, "endpoint")}),
        "gql.gql": Call(),
    },
    types={"gql.Client": Type(client=True), "gql.Transport": Type(), "sgqlc.Endpoint": Type()},
)

_SOCKET = "websockets.Connection"

WEB_SOCKETS = Library(
    distribution="websockets",
    modules=("websockets", "websocket", "httpx_ws", "sseclient", "socketio"),
    calls={
        **{
            name: ask(Arg(0, "uri"), Fixed("get"), _SOCKET, "websocket")
            for name in (
                "websockets.connect",
                "websockets.sync.client.connect",
                "websocket.create_connection",
                "websocket.WebSocketApp",
            )
        },
        "httpx_ws.connect_ws": ask(Arg(0, "url"), Fixed("get"), _SOCKET, "websocket"),
        "httpx_ws.aconnect_ws": ask(Arg(0, "url"), Fixed("get"), _SOCKET, "websocket"),
        "sseclient.SSEClient": ask(Arg(0, "url"), Fixed("get")),
        **{f"socketio.{name}": Call(returns="socketio.Client") for name in ("Client", "AsyncClient", "SimpleClient")},
        "socketio.Client.connect": ask(Arg(0, "url"), Fixed("get"), None, "websocket"),
        **{f"socketio.Client.{name}": Call(decorates=True) for name in ("on", "event")},
        **plain("socketio.Client", ("emit", "send", "call", "wait", "disconnect", "sleep", "start_background_task")),
        "websocket.WebSocket": Call(returns="websocket.WebSocket"),
        "websocket.WebSocket.connect": Call(effects=(does("request", "websocket", url=Arg(0, "url")),)),
        "websockets.serve": Call(roots=(Arg(0, "handler"),)),
    },
    types={_SOCKET: Type(), "websocket.WebSocket": Type(), "socketio.Client": Type(client=True)},
    aliases={
        "websockets.client.connect": "websockets.connect",
        "websockets.asyncio.client.connect": "websockets.connect",
        "websockets.legacy.client.connect": "websockets.connect",
    },
)

_THRIFT = "thrift.Transport"

THRIFT = Library(
    distribution="thrift",
    modules=("thrift", "thriftpy2"),
    calls={
        "thrift.transport.TSocket.TSocket": Call(
            returns=_THRIFT,
            keeps={"host": Arg(0, "host", "localhost")},
            effects=(does("request", "thrift", host=Arg(0, "host", "localhost")),),
        ),
        "thriftpy2.rpc.make_client": Call(
            returns="thrift.Client",
            keeps={"host": Arg(1, "host", "localhost")},
            effects=(does("request", "thrift", host=Arg(1, "host", "localhost")),),
        ),
        "thriftpy2.rpc.client_context": Call(
            returns="thrift.Client",
            keeps={"host": Arg(1, "host", "localhost")},
            effects=(does("request", "thrift", host=Arg(1, "host", "localhost")),),
        ),
        **_proxy("thrift.Client", "thrift"),
        **plain(_THRIFT, ("open", "close", "setTimeout")),
    },
    types={_THRIFT: Type(), "thrift.Client": Type()},
)

LIBRARIES = (GRPC, GRPCLIB, CONNECT, XML_RPC, SOAP, PYRO, GRAPHQL, WEB_SOCKETS, THRIFT)
