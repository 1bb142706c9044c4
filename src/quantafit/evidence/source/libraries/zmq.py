"""ZeroMQ: what a socket's kind means. A request waits for its answer; what is pushed or published is kept nowhere.

Read in pyzmq 27.3.0. A socket's address is given after it is made, so the line that connects or binds is the site.
Either end may do either: who meets whom is told by the two addresses.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import plain
from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Effect, Fixed, Kept, Library, Slot, Switch, Type

_SOCKET, _CONTEXT = "zmq.Socket", "zmq.Context"
_KEPT_NOWHERE = {"fact:durable": Fixed(False), "fact:persistent": Fixed(False), "fact:confirmed": Fixed(False)}
_ASKING = ("REQ", "DEALER", "CLIENT")
_TAKING = ("SUB", "PULL", "XSUB")
_SENDING = ("PUB", "PUSH", "XPUB")
_KINDS = (*_ASKING, *_TAKING, *_SENDING, "REP", "ROUTER", "PAIR", "SERVER", "STREAM")


_ANSWERING = ("REP", "ROUTER", "DEALER", "SERVER")


def _if_one_of(kinds: tuple[str, ...]) -> Switch:
    return Switch(Kept("kind"), {kind: Fixed(True) for kind in kinds}, Fixed(False))


_ADDRESS = Arg(0, "addr")


def _messages(how: str) -> tuple[Effect, ...]:
    slots: dict[str, Slot] = {"channel": _ADDRESS, "attached": Fixed(how)}
    return (
        Effect("publish", "zmq", {**slots, **_KEPT_NOWHERE}, _if_one_of(_SENDING)),
        Effect("subscribe", "zmq", {**slots, "auto_ack": Fixed(True)}, _if_one_of(_TAKING)),
    )


_CONNECTS = Call(
    effects=(Effect("request", "zmq", {"url": _ADDRESS}, _if_one_of(_ASKING)), *_messages("connect")),
)
_BINDS = Call(effects=(Effect("listen", "zmq", {"port": _ADDRESS}, _if_one_of(_ANSWERING)), *_messages("bind")))

ZMQ = Library(
    distribution="pyzmq",
    modules=("zmq",),
    calls={
        _CONTEXT: Call(returns=_CONTEXT),
        f"{_CONTEXT}.instance": Call(returns=_CONTEXT),
        f"{_CONTEXT}.socket": Call(returns=_SOCKET, keeps={"kind": Arg(0, "socket_type")}),
        f"{_SOCKET}.connect": _CONNECTS,
        f"{_SOCKET}.bind": _BINDS,
        **plain(_CONTEXT, ("term", "destroy", "setsockopt")),
        **plain(
            _SOCKET,
            (
                "send",
                "send_string",
                "send_json",
                "send_pyobj",
                "send_multipart",
                "recv",
                "recv_string",
                "recv_json",
                "recv_pyobj",
                "recv_multipart",
                "close",
                "setsockopt",
                "setsockopt_string",
                "subscribe",
                "poll",
                "disconnect",
                "unbind",
                "bind_to_random_port",
                "set",
                "get",
                "unsubscribe",
                "linger",
            ),
        ),
        "zmq.Poller": Call(),
    },
    types={_CONTEXT: Type(), _SOCKET: Type(client=True)},
    attributes={f"{module}.{kind}": Fixed(kind) for kind in _KINDS for module in ("zmq", "zmq.SocketType")},
    aliases={"zmq.asyncio": "zmq", "zmq.green": "zmq"},
)

LIBRARIES = (ZMQ,)
