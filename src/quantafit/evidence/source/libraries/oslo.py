"""OpenStack's common libraries: remote calls and notifications over its message bus, and registered options.

As oslo.messaging 14 has it: a topic is a queue of that name, which the server of the topic declares;
``amqp_durable_queues`` is false by default, so it does not survive a restart, while messages are persistent. ``call``
waits for the answer, ``cast`` does not. A server acknowledges a remote call before it does it, and a notification
afterwards (rpc/server.py, notify/dispatcher.py). Notifications of all priorities of a topic are taken for one queue.

The other libraries of the family reach nothing.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Effect,
    Either,
    Element,
    Fixed,
    Inside,
    Kept,
    Library,
    New,
    Slot,
    Type,
)

_TARGET, _CLIENT, _SERVER = "oslo_messaging.Target", "oslo_messaging.RPCClient", "oslo_messaging.RPCServer"
_NOTIFIER, _TRANSPORT = "oslo_messaging.Notifier", "oslo_messaging.Transport"
_NOTIFIED = Either((Element(Arg(None, "topics")), Fixed("notifications")))
_PRIORITIES = ("audit", "debug", "info", "warn", "warning", "error", "critical", "sample")


def _sends(queue: Slot, message: Slot, asks: bool = False) -> Call:
    slots: dict[str, Slot] = {
        "exchange": Fixed(""),
        "routing_key": queue,
        "delivery_mode": Fixed(2),
        "message": message,
    }
    return Call(effects=(Effect("publish", "amqp", slots | ({"synchronous": Fixed(True)} if asks else {})),))


def _serves(queue: Slot, acknowledged: str) -> tuple[Effect, ...]:
    return (
        Effect("declare_queue", "amqp", {"queue": queue, "durable": Fixed(False)}),
        Effect("subscribe", "amqp", {"queue": queue, "fact:acknowledged": Fixed(acknowledged)}),
    )


_CLIENT_MADE = Call(returns=_CLIENT, keeps={"topic": Inside(Arg(1, "target"), "topic")})
_LISTENER_MADE = Call(
    returns=_SERVER,
    effects=_serves(Inside(Element(Arg(1, "targets")), "topic"), "after"),
    roots=(Arg(2, "endpoints"),),
)

MESSAGING = Library(
    distribution="oslo.messaging",
    modules=("oslo_messaging",),
    calls={
        **{
            f"oslo_messaging.{name}": Call(returns=_TRANSPORT)
            for name in ("get_transport", "get_rpc_transport", "get_notification_transport")
        },
        _TARGET: Call(returns=_TARGET, keeps={"topic": Arg(1, "topic"), "server": Arg(4, "server")}),
        _CLIENT: _CLIENT_MADE,
        "oslo_messaging.get_rpc_client": _CLIENT_MADE,
        f"{_CLIENT}.prepare": Call(
            returns=_CLIENT, keeps={"topic": Either((Arg(1, "topic"), Kept("topic")))}, merges=True
        ),
        f"{_CLIENT}.call": _sends(Kept("topic"), Arg(1, "method"), asks=True),
        f"{_CLIENT}.cast": _sends(Kept("topic"), Arg(1, "method")),
        f"{_CLIENT}.can_send_version": Call(),
        "oslo_messaging.get_rpc_server": Call(
            returns=_SERVER,
            effects=_serves(Inside(Arg(1, "target"), "topic"), "before"),
            roots=(Element(Arg(2, "endpoints")),),
        ),
        "oslo_messaging.get_notification_listener": _LISTENER_MADE,
        "oslo_messaging.get_batch_notification_listener": _LISTENER_MADE,
        **plain(_SERVER, ("start", "stop", "wait", "reset")),
        **plain(_TRANSPORT, ("cleanup",)),
        _NOTIFIER: Call(returns=_NOTIFIER, keeps={"topic": _NOTIFIED}),
        f"{_NOTIFIER}.prepare": Call(returns=_NOTIFIER, merges=True),
        **{f"{_NOTIFIER}.{name}": _sends(Kept("topic"), Arg(2, "payload")) for name in _PRIORITIES},
        **plain(
            "oslo_messaging", ("expected_exceptions", "expose", "set_transport_defaults", "RequestContextSerializer")
        ),
    },
    types={
        _TARGET: Type(),
        _CLIENT: Type(client=True),
        _SERVER: Type(),
        _NOTIFIER: Type(),
        _TRANSPORT: Type(),
        "oslo_messaging.Serializer": Type(),
        "oslo_messaging.NoOpSerializer": Type(),
    },
    aliases={
        "oslo_messaging.rpc.client.RPCClient": _CLIENT,
        "oslo_messaging.rpc.RPCClient": _CLIENT,
        "oslo_messaging.target.Target": _TARGET,
        "oslo_messaging.notify.notifier.Notifier": _NOTIFIER,
        "oslo_messaging.notify.Notifier": _NOTIFIER,
        "oslo_messaging.rpc.server.get_rpc_server": "oslo_messaging.get_rpc_server",
    },
)

_OPTIONS, _OPTION = "oslo_config.ConfigOpts", "oslo_config.Opt"
_KINDS = ("Bool", "Dict", "Float", "HostAddress", "HostDomain", "Hostname", "IP", "Int", "List", "Multi", "MultiStr",
          "Port", "Str", "SubCommand", "URI")  # fmt: skip
"""The classes of options are called after these, with ``Opt`` at the end."""
_OPTION_MADE = Call(returns=_OPTION, keeps={"name": Arg(0, "name"), "default": Arg(None, "default")})

_OF_OPTIONS = (
    "__call__", "set_default", "set_override", "clear_override", "import_opt", "import_group", "register_group",
    "find_file", "log_opt_values", "reload_config_files", "reset", "mutate_config_files", "unregister_opts",
)  # fmt: skip

OPTIONS = Library(
    distribution="oslo.config",
    modules=("oslo_config",),
    calls={
        **{f"oslo_config.cfg.{kind}Opt": _OPTION_MADE for kind in _KINDS},
        "oslo_config.cfg.Opt": _OPTION_MADE,
        "oslo_config.cfg.OptGroup": Call(returns="oslo_config.OptGroup", keeps={"name": Arg(0, "name")}),
        "oslo_config.cfg.ConfigOpts": Call(returns=_OPTIONS),
        **plain(_OPTIONS, _OF_OPTIONS),
        **plain("oslo_config.cfg", ("find_config_files", "DeprecatedOpt", "set_defaults")),
    },
    types={_OPTIONS: Type(), _OPTION: Type(), "oslo_config.OptGroup": Type(), "oslo_config.GroupAttr": Type()},
    attributes={"oslo_config.cfg.CONF": New(_OPTIONS)},
    inert=True,
)

_REACH_NOTHING = (
    "oslo_concurrency", "oslo_context", "oslo_i18n", "oslo_log", "oslo_middleware", "oslo_policy", "oslo_reports",
    "oslo_serialization", "oslo_service", "oslo_upgradecheck", "oslo_utils", "oslo_versionedobjects", "osprofiler",
    "pbr",
)  # fmt: skip

OTHERS = Library(distribution="", modules=_REACH_NOTHING, inert=True)

LIBRARIES = (MESSAGING, OPTIONS, OTHERS)
