"""paho-mqtt, aiomqtt and stomp.py.

Defaults read in paho-mqtt 2.2.0 and aiomqtt 2.5.1: ``publish(topic, payload, qos=0, retain=False)``,
``subscribe(topic, qos=0)``, a clean session, no manual acknowledgement. stomp.py 9.0.0: ``subscribe(destination, id,
ack="auto")``; a message is persistent only with the header ``persistent``.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import does, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Effect,
    Entry,
    Fixed,
    Kept,
    Library,
    New,
    Receiver,
    Slot,
    Switch,
    Type,
)

_PAHO, _AIO, _STOMP, _MESSAGE = "paho.mqtt.client.Client", "aiomqtt.Client", "stomp.Connection", "aiomqtt.Message"
# Quality of service 0, the default, is sent once and kept nowhere; more is a matter of the session and the broker.


def _kept(position: int) -> dict[str, Slot]:
    kept = Switch(Arg(position, "qos", 0), {0: Fixed(False)}, Fixed("unknown"))
    return {"fact:durable": kept, "fact:persistent": kept}


_UNTOLD = {"fact:durable": Fixed("unknown"), "fact:persistent": Fixed("unknown"), "fact:confirmed": Fixed("unknown")}

_PUBLISH = Call(
    returns="paho.mqtt.client.MQTTMessageInfo",
    effects=(
        does(
            "publish",
            "mqtt",
            {**_kept(2), "fact:confirmed": Fixed("unknown")},
            channel=Arg(0, "topic"),
            message=Arg(1, "payload"),
        ),
    ),
)


def _subscribe(callback: bool) -> Call:
    slots: dict[str, Slot] = {
        "channel": Arg(0, "topic"),
        "pattern": Fixed("mqtt"),
        "auto_ack": Fixed(True),
        "fact:durable": _kept(1)["fact:durable"],
    }
    if callback:
        slots["callback"] = Kept("on_message")
    return Call(effects=(Effect("subscribe", "mqtt", slots),))


_AUTO = Switch(Arg(2, "ack", "auto"), {"auto": Fixed(True)}, Fixed(False))
_HOOKS = ("on_connect", "on_disconnect", "on_message", "on_publish", "on_subscribe", "on_log")

PAHO = Library(
    distribution="paho-mqtt",
    modules=("paho", "aiomqtt", "asyncio_mqtt", "flask_mqtt"),
    calls={
        _PAHO: Call(returns=_PAHO),
        _AIO: Call(returns=_AIO),
        **{f"{owner}.publish": _PUBLISH for owner in (_PAHO, _AIO)},
        f"{_PAHO}.subscribe": _subscribe(callback=True),
        f"{_AIO}.subscribe": _subscribe(callback=False),
        f"{_PAHO}.ack": Call(effects=(Effect("acknowledge"),)),
        f"{_PAHO}.message_callback_add": Call(roots=(Arg(1, "callback"),)),
        "paho.mqtt.publish.single": _PUBLISH,
        **{
            f"{_PAHO}.{name}": Call(decorates=True)
            for name in ("connect_callback", "topic_callback", "message_callback", "publish_callback")
        },
        **plain(
            _PAHO,
            (
                "connect",
                "connect_async",
                "reconnect",
                "disconnect",
                "loop",
                "loop_start",
                "loop_stop",
                "loop_forever",
                "unsubscribe",
                "username_pw_set",
                "tls_set",
                "will_set",
                "enable_logger",
                "user_data_set",
                "tls_insecure_set",
                "reconnect_delay_set",
                "max_inflight_messages_set",
                "ws_set_options",
                "is_connected",
                *_HOOKS,
            ),
        ),
        **plain(_AIO, ("unsubscribe",)),
    },
    types={
        _PAHO: Type(client=True, called={name: (Receiver(),) for name in _HOOKS}),
        _AIO: Type(client=True),
        _MESSAGE: Type(),
        "paho.mqtt.client.MQTTMessageInfo": Type(),
    },
    attributes={f"{_AIO}.messages": New("aiomqtt.Messages")},
    aliases={"asyncio_mqtt": "aiomqtt", "paho.mqtt.client.MQTTMessage": _MESSAGE, "flask_mqtt.Mqtt": _PAHO},
)

# Without the header the broker's own default decides.
_HEADER = Entry(Arg(3, "headers"), "persistent")
_PERSISTENT = {"true": Fixed(True), True: Fixed(True), "false": Fixed(False)}
_KEPT: dict[str, Slot] = {**_UNTOLD, "fact:persistent": Switch(_HEADER, _PERSISTENT, Fixed("unknown"))}

STOMP = Library(
    distribution="stomp.py",
    modules=("stomp",),
    calls={
        _STOMP: Call(returns=_STOMP),
        f"{_STOMP}.send": Call(
            effects=(does("publish", "stomp", _KEPT, channel=Arg(0, "destination"), message=Arg(1, "body")),)
        ),
        f"{_STOMP}.subscribe": Call(
            effects=(does("subscribe", "stomp", channel=Arg(0, "destination"), auto_ack=_AUTO),)
        ),
        f"{_STOMP}.ack": Call(effects=(Effect("acknowledge"),)),
        f"{_STOMP}.nack": Call(effects=(Effect("reject"),)),
        **plain(
            _STOMP,
            (
                "connect",
                "disconnect",
                "set_listener",
                "remove_listener",
                "unsubscribe",
                "begin",
                "commit",
                "abort",
                "set_ssl",
                "is_connected",
                "get_listener",
            ),
        ),
    },
    types={_STOMP: Type(client=True), "stomp.ConnectionListener": Type()},
    aliases={f"stomp.Connection{version}": _STOMP for version in ("10", "11", "12")},
)

LIBRARIES = (PAHO, STOMP)
