"""ZeroMQ: what a socket's kind means. A request waits for its answer; what is pushed or published is kept nowhere.

Read in pyzmq 27.3.0. A socket's address is given after it is made, so the line that connects is the site.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import plain
from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Effect, Fixed, Kept, Library, Switch, Type

_SOCKET, _CONTEXT = "zmq.Socket", "zmq.Context"
_KEPT_NOWHERE = {"fact:durable": Fixed(False), "fact:persistent": Fixed(False), "fact:confirmed": Fixed(False)}
_ASKING = ("REQ", "DEALER", "CLIENT")
_TAKING = ("SUB", "PULL", "XSUB")
_SENDING = ("PUB", "PUSH", "XPUB")
_KINDS = (*_ASKING, *_TAKING, *_SENDING, "REP", "ROUTER", "PAIR", "SERVER", "STREAM")


def _if_one_of(kinds: tuple[str, ...]) -> Switch:
    return Switch(Kept("kind"), {kind: Fixed(True) for kind in kinds}, Fixed(False))


_CONNECTS = Call(
    effects=(
        Effect("request", "zmq", {"url": Arg(0, "addr")}, _if_one_of(_ASKING)),
        Effect("publish", "zmq", {**_KEPT_NOWHERE, "channel": Arg(0, "addr")}, _if_one_of(_SENDING)),
        Effect("subscribe", "zmq", {"channel": Arg(0, "addr"), "auto_ack": Fixed(True)}, _if_one_of(_TAKING)),
    )
)

ZMQ = Library(
    distribution="pyzmq",
    modules=("zmq",),
    calls={
        _CONTEXT: Call(returns=_CONTEXT),
        f"{_CONTEXT}.instance": Call(returns=_CONTEXT),
        f"{_CONTEXT}.socket": Call(returns=_SOCKET, keeps={"kind": Arg(0, "socket_type")}),
        f"{_SOCKET}.connect": _CONNECTS,
        **plain(_CONTEXT, ("term", "destroy", "setsockopt")),
        **plain(
            _SOCKET,
            (
                "bind",
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
    attributes={f"zmq.{kind}": Fixed(kind) for kind in _KINDS},
    aliases={"zmq.asyncio": "zmq", "zmq.green": "zmq"},
)

LIBRARIES = (ZMQ,)
