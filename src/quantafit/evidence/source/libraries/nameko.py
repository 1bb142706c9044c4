"""nameko: services by name; remote calls that wait, and events that do not.

Defaults read in nameko 2.14.1 (the same in 3.0.0rc): an event goes to the topic exchange ``SERVICE.events``, persistent
and confirmed; a service pool's queue is durable, a broadcast's is not; the message is acknowledged after the handler.
A remote call waits for its answer, ``call_async`` until ``result()`` asks for it.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import does, named
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
    NameOf,
    New,
    Own,
    Slot,
    Switch,
    Type,
    Url,
)

_PROXY, _CLUSTER, _DISPATCHER = "nameko.rpc.RpcProxy", "nameko.rpc.ClusterRpcProxy", "nameko.events.EventDispatcher"
_METHOD, _REPLY, _BROADCAST = "nameko.rpc.Method", "nameko.rpc.Reply", "broadcast"
_SENT = {"fact:durable": Fixed(True), "fact:persistent": Fixed(True), "fact:confirmed": Fixed(True)}


def _ask(service: Slot) -> Effect:
    return does("request", "nameko-rpc", service=service)


def _event(source: Slot, kind: Slot) -> Slot:
    return Url(source, kind)


_HANDLES = does(
    "subscribe",
    "nameko-event",
    {
        "fact:acknowledged": Fixed("after"),
        "fact:durable": Switch(Arg(2, "handler_type"), {_BROADCAST: Fixed(False)}, Fixed(True)),
    },
    channel=_event(Arg(0, "source_service"), Arg(1, "event_type")),
)


def _dispatch(service: Slot, at: int) -> Call:
    channel = _event(service, Arg(at, "event_type"))
    return Call(effects=(does("publish", "nameko-event", _SENT, channel=channel, message=Arg(at + 1, "event_data")),))


NAMEKO = Library(
    distribution="nameko",
    modules=(
        "nameko",
        "nameko_sqlalchemy",
        "nameko_redis",
        "nameko_sentry",
        "nameko_tracer",
        "nameko_grpc",
        "nameko_opentelemetry",
        "nameko_structlog",
    ),
    calls={
        _PROXY: Call(returns=_PROXY, keeps={"name": Arg(0, "target_service")}),
        f"{_PROXY}.*": Call(effects=(_ask(Kept("name")),)),
        f"{_METHOD}.call_async": Call(returns=_REPLY, effects=(_ask(Kept("service")),)),
        f"{_METHOD}.__call__": Call(effects=(_ask(Kept("service")),)),
        f"{_REPLY}.result": Call(),
        "nameko.standalone.rpc.ServiceRpcProxy": Call(returns=_PROXY, keeps={"name": Arg(0, "target_service")}),
        _CLUSTER: Call(returns=_CLUSTER),
        f"{_CLUSTER}.__getitem__": Call(returns=New(_PROXY, {"name": Arg(0, "name")})),
        _DISPATCHER: Call(returns=_DISPATCHER, keeps={"name": Own("name")}),
        f"{_DISPATCHER}.__call__": _dispatch(Kept("name"), 0),
        "nameko.standalone.events.event_dispatcher": Call(returns="nameko.standalone.Dispatcher"),
        "nameko.standalone.Dispatcher.__call__": _dispatch(Arg(0, "service_name"), 1),
        "nameko.events.event_handler": Call(decorates=True, effects=(_HANDLES,)),
        "nameko.rpc.rpc": Call(decorates=True, effects=(Effect("serve", "nameko-rpc", {"name": Own("name")}),)),
        "nameko.web.handlers.http": Call(
            decorates=True, effects=(Effect("serve", "http", {"name": Arg(1, "url"), "method": Arg(0, "method")}),)
        ),
        **{
            f"nameko_grpc.{name}": Call(returns="grpc.Stub", keeps={"host": Arg(0, "target")})
            for name in ("client.Client", "dependency_provider.GrpcProxy")
        },
        "nameko.timer.timer": Call(decorates=True),
        "nameko.messaging.consume": Call(
            decorates=True,
            effects=(does("subscribe", "amqp", {"fact:acknowledged": Fixed("after")}, queue=named(Arg(0, "queue"))),),
        ),
        "nameko.messaging.Publisher": Call(
            returns="nameko.messaging.Publisher",
            keeps={"exchange": NameOf(Arg(0, "exchange")), "queue": Inside(Arg(1, "queue"), "routing_key")},
        ),
        "nameko.messaging.Publisher.__call__": Call(
            effects=(
                does(
                    "publish",
                    "amqp",
                    exchange=Either((Kept("exchange"), Fixed(""))),
                    routing_key=Either((Arg(None, "routing_key"), Kept("queue"), Fixed(""))),
                    message=Arg(0, "msg"),
                    delivery_mode=Arg(None, "delivery_mode", 2),
                    mandatory=Arg(None, "mandatory", False),
                    confirms=Arg(None, "use_confirms", True),
                ),
            )
        ),
    },
    types={
        _PROXY: Type(),
        _CLUSTER: Type(),
        _METHOD: Type(),
        _REPLY: Type(),
        _DISPATCHER: Type(),
        "nameko.standalone.Dispatcher": Type(),
        "nameko.messaging.Publisher": Type(),
    },
    attributes={
        f"{_PROXY}.*": New(_METHOD, {"service": Kept("name"), "method": Name()}),
        f"{_CLUSTER}.*": New(_PROXY, {"name": Name()}),
        "nameko.events.BROADCAST": Fixed(_BROADCAST),
        "nameko.events.SERVICE_POOL": Fixed("service_pool"),
        "nameko.events.SINGLETON": Fixed("singleton"),
    },
    aliases={
        "nameko.rpc.ServiceRpc": _PROXY,
        "nameko.standalone.rpc.ClusterRpcProxy": _CLUSTER,
        "nameko.standalone.rpc.ClusterRpcClient": _CLUSTER,
        "nameko.standalone.rpc.ServiceRpcClient": "nameko.standalone.rpc.ServiceRpcProxy",
        "nameko.rpc.ClusterRpc": _CLUSTER,
    },
)

LIBRARIES = (NAMEKO,)
