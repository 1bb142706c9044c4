"""Further clients of RabbitMQ: amqpstorm, aiormq and py-amqp, which declare nothing durable by themselves, and Propan.

Shapes read in amqpstorm 3.1.4, aiormq 7.2.4, amqp 5.4.2 and propan 0.1.5. In the first three queues are transient
unless ``durable=True`` (py-amqp deletes them with their last consumer besides, unless ``auto_delete=False``), messages
transient unless ``delivery_mode`` is 2, and nothing is confirmed unless asked for (aiormq's channels do by default).
Propan is what FastStream was before: queues transient, acknowledged after the handler.
"""

from __future__ import annotations

from collections.abc import Mapping

from quantafit.evidence.source.libraries.asking import does, named, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Effect,
    Either,
    Entry,
    Fixed,
    Inside,
    Kept,
    Library,
    New,
    Receiver,
    Slot,
    Switch,
    Type,
)

_Slots = Mapping[str, Slot]
_QUEUE_NAME = Arg(0, "queue", "")
_ACK, _REJECT = Call(effects=(Effect("acknowledge"),)), Call(effects=(Effect("reject"),))


def _declares(
    queue: Slot, passive: Slot, returns: str | None = None, durable: Slot | None = None, auto_delete: Slot | None = None
) -> Call:
    slots: dict[str, Slot] = {
        "queue": queue,
        "passive": passive,
        "durable": durable or Arg(None, "durable", False),
        "exclusive": Arg(None, "exclusive", False),
        "auto_delete": auto_delete or Arg(None, "auto_delete", False),
        "arguments": Arg(None, "arguments"),
        "connection": Receiver(),
    }
    keeps: _Slots = {"queue": queue} if returns else {}
    return Call(returns=returns, keeps=keeps, effects=(Effect("declare_queue", "amqp", slots),))


def _exchange(name: str, type_: str) -> Call:
    durable = Arg(None, "durable", False)
    return Call(
        effects=(
            does("declare_exchange", "amqp", exchange=Arg(0, name), type=Arg(1, type_, "direct"), durable=durable),
        )
    )


def _binds(routing_key: Slot) -> Call:
    return Call(
        effects=(does("bind", "amqp", queue=Arg(0, "queue"), exchange=Arg(1, "exchange", ""), routing_key=routing_key),)
    )


def _takes(callback: Slot, queue: Slot, no_ack: Slot, message: str) -> Call:
    slots: dict[str, Slot] = {"queue": queue, "callback": callback, "auto_ack": no_ack, "connection": Receiver()}
    return Call(effects=(Effect("subscribe", "amqp", slots),), calls=(Callback(callback, (New(message),)),))


def _sends(exchange: Slot, routing_key: Slot, mode: Slot, reply_to: Slot, more: _Slots | None = None) -> Call:
    slots: dict[str, Slot] = {
        "exchange": exchange,
        "routing_key": routing_key,
        "delivery_mode": mode,
        "reply_to": reply_to,
        "mandatory": Arg(None, "mandatory", False),
        "connection": Receiver(),
        **(more or {}),
    }
    return Call(effects=(Effect("publish", "amqp", slots),))


# amqpstorm ------------------------------------------------------------------------------------------------------------

_STORM, _STORM_CHANNEL, _STORM_MESSAGE = "amqpstorm.Connection", "amqpstorm.Channel", "amqpstorm.Message"
_STORM_PROPERTIES = Arg(3, "properties")
_STORM_DECLARED = "amqpstorm.DeclareOk"
_STORM_NAME = Switch(Arg(0, "key"), {"queue": Kept("queue", "")})

AMQPSTORM = Library(
    distribution="amqpstorm",
    modules=("amqpstorm",),
    calls={
        **{name: Call(returns=_STORM) for name in (_STORM, "amqpstorm.UriConnection")},
        f"{_STORM}.channel": Call(returns=_STORM_CHANNEL),
        f"{_STORM_CHANNEL}.declare": _declares(
            Arg(0, "queue", ""), Arg(1, "passive", False), _STORM_DECLARED, Arg(2, "durable", False)
        ),
        **dict.fromkeys((f"{_STORM_DECLARED}.get", f"{_STORM_DECLARED}.__getitem__"), Call(returns=_STORM_NAME)),
        "amqpstorm.Exchange.declare": _exchange("exchange", "exchange_type"),
        f"{_STORM_CHANNEL}.bind": _binds(Arg(2, "routing_key", "")),
        f"{_STORM_CHANNEL}.publish": _sends(
            Arg(2, "exchange", ""),
            Arg(1, "routing_key"),
            Entry(_STORM_PROPERTIES, "delivery_mode", 1),
            Entry(_STORM_PROPERTIES, "reply_to"),
        ),
        f"{_STORM_CHANNEL}.consume": _takes(
            Arg(0, "callback"), Arg(1, "queue", ""), Arg(4, "no_ack", False), _STORM_MESSAGE
        ),
        f"{_STORM_MESSAGE}.create": Call(returns=_STORM_MESSAGE, keeps={"properties": Arg(2, "properties")}),
        f"{_STORM_MESSAGE}.publish": _sends(
            Arg(1, "exchange", ""),
            Arg(0, "routing_key"),
            Entry(Kept("properties"), "delivery_mode", 1),
            Entry(Kept("properties"), "reply_to"),
        ),
        f"{_STORM_CHANNEL}.confirm_deliveries": Call(effects=(Effect("confirm", "amqp", {"connection": Receiver()}),)),
        **{f"{owner}.ack": _ACK for owner in (_STORM_CHANNEL, _STORM_MESSAGE)},
        **{f"{owner}.{name}": _REJECT for owner in (_STORM_CHANNEL, _STORM_MESSAGE) for name in ("nack", "reject")},
        **plain(
            _STORM_CHANNEL, ("start_consuming", "stop_consuming", "close", "qos", "cancel", "delete", "purge", "get")
        ),
        f"{_STORM_CHANNEL}.process_data_events": Call(effects=(Effect("wait"),)),
        **plain(_STORM, ("close", "check_for_errors")),
    },
    types={
        _STORM: Type(client=True),
        _STORM_CHANNEL: Type(client=True),
        _STORM_MESSAGE: Type(),
        _STORM_DECLARED: Type(),
        "amqpstorm.Exchange": Type(),
    },
    attributes={
        f"{_STORM_CHANNEL}.queue": Receiver(),
        f"{_STORM_CHANNEL}.basic": Receiver(),
        f"{_STORM_CHANNEL}.exchange": New("amqpstorm.Exchange"),
    },
    aliases={"amqpstorm.channel.Channel": _STORM_CHANNEL},
)

# aiormq ---------------------------------------------------------------------------------------------------------------

_ORM, _ORM_CHANNEL, _ORM_MESSAGE, _ORM_PROPERTIES = (
    "aiormq.Connection",
    "aiormq.Channel",
    "aiormq.DeliveredMessage",
    "aiormq.Properties",
)
_GIVEN = Arg(None, "properties")

AIORMQ = Library(
    distribution="aiormq",
    modules=("aiormq", "pamqp"),
    calls={
        "aiormq.connect": Call(returns=_ORM),
        _ORM: Call(returns=_ORM),
        f"{_ORM}.channel": Call(returns=_ORM_CHANNEL, keeps={"confirms": Arg(1, "publisher_confirms", True)}),
        f"{_ORM_CHANNEL}.queue_declare": _declares(
            Arg(0, "queue", ""), Arg(None, "passive", False), "aiormq.DeclareOk"
        ),
        f"{_ORM_CHANNEL}.exchange_declare": _exchange("exchange", "exchange_type"),
        f"{_ORM_CHANNEL}.queue_bind": _binds(Arg(2, "routing_key", "")),
        f"{_ORM_CHANNEL}.basic_publish": _sends(
            Arg(None, "exchange", ""),
            Arg(None, "routing_key", ""),
            Inside(_GIVEN, "delivery_mode", 1),
            Inside(_GIVEN, "reply_to"),
            {"confirms": Kept("confirms", True), "return_raises": Fixed(False)},
        ),
        f"{_ORM_CHANNEL}.basic_consume": _takes(
            Arg(1, "consumer_callback"), Arg(0, "queue"), Arg(None, "no_ack", False), _ORM_MESSAGE
        ),
        _ORM_PROPERTIES: Call(
            returns=_ORM_PROPERTIES,
            keeps={"delivery_mode": Arg(None, "delivery_mode", 1), "reply_to": Arg(None, "reply_to")},
        ),
        f"{_ORM_CHANNEL}.basic_ack": _ACK,
        **{f"{_ORM_CHANNEL}.{name}": _REJECT for name in ("basic_nack", "basic_reject")},
        **plain(_ORM_CHANNEL, ("basic_qos", "close", "basic_cancel", "queue_delete", "queue_purge", "basic_get")),
        **plain(_ORM, ("close", "connect")),
    },
    types={
        _ORM: Type(client=True),
        _ORM_CHANNEL: Type(client=True),
        _ORM_MESSAGE: Type(),
        _ORM_PROPERTIES: Type(),
        "aiormq.DeclareOk": Type(),
    },
    attributes={f"{_ORM_MESSAGE}.channel": New(_ORM_CHANNEL), "aiormq.DeclareOk.queue": Kept("queue", "")},
    aliases={
        "aiormq.abc.DeliveredMessage": _ORM_MESSAGE,
        "aiormq.types.DeliveredMessage": _ORM_MESSAGE,
        "aiormq.spec.Basic.Properties": _ORM_PROPERTIES,
        "pamqp.commands.Basic.Properties": _ORM_PROPERTIES,
    },
)

# py-amqp --------------------------------------------------------------------------------------------------------------

_PY, _PY_CHANNEL, _PY_MESSAGE = "amqp.Connection", "amqp.Channel", "amqp.Message"
_MESSAGE = Arg(0, "msg")

PY_AMQP = Library(
    distribution="amqp",
    modules=("amqp",),
    calls={
        _PY: Call(returns=_PY, keeps={"confirms": Arg(None, "confirm_publish", False)}),
        f"{_PY}.channel": Call(returns=_PY_CHANNEL, keeps={"confirms": Kept("confirms", False)}),
        f"{_PY_CHANNEL}.queue_declare": _declares(
            Arg(0, "queue", ""),
            Arg(1, "passive", False),
            durable=Arg(2, "durable", False),
            auto_delete=Arg(4, "auto_delete", True),
        ),
        f"{_PY_CHANNEL}.exchange_declare": _exchange("exchange", "type"),
        f"{_PY_CHANNEL}.queue_bind": _binds(Arg(2, "routing_key", "")),
        **{
            f"{_PY_CHANNEL}.{name}": _sends(
                Arg(1, "exchange", ""),
                Arg(2, "routing_key", ""),
                Inside(_MESSAGE, "delivery_mode", 1),
                Inside(_MESSAGE, "reply_to"),
                {"confirms": confirms, "return_raises": Fixed(False)},
            )
            for name, confirms in (("basic_publish", Kept("confirms", False)), ("basic_publish_confirm", Fixed(True)))
        },
        f"{_PY_CHANNEL}.basic_consume": _takes(
            Arg(6, "callback"), Arg(0, "queue", ""), Arg(3, "no_ack", False), _PY_MESSAGE
        ),
        _PY_MESSAGE: Call(
            returns=_PY_MESSAGE,
            keeps={"delivery_mode": Arg(None, "delivery_mode", 1), "reply_to": Arg(None, "reply_to")},
        ),
        f"{_PY_CHANNEL}.basic_ack": _ACK,
        f"{_PY_CHANNEL}.basic_reject": _REJECT,
        **plain(_PY_CHANNEL, ("basic_qos", "close", "basic_cancel", "queue_delete", "queue_purge", "basic_get")),
        **plain(_PY, ("close", "connect", "drain_events", "send_heartbeat", "heartbeat_tick")),
    },
    types={_PY: Type(client=True), _PY_CHANNEL: Type(client=True), _PY_MESSAGE: Type()},
    aliases={
        "amqp.basic_message.Message": _PY_MESSAGE,
        "amqp.connection.Connection": _PY,
        "amqp.channel.Channel": _PY_CHANNEL,
    },
)

# Propan ---------------------------------------------------------------------------------------------------------------

_PROPAN = "propan.RabbitBroker"
_QUEUE, _SENT_TO = Arg(0, "queue"), Arg(1, "queue", "")
_PROPAN_QUEUE, _PROPAN_EXCHANGE = "propan.Queue", "propan.Exchange"

PROPAN = Library(
    distribution="propan",
    modules=("propan",),
    calls={
        _PROPAN: Call(returns=_PROPAN),
        "propan.brokers.rabbit.RabbitQueue": Call(
            returns=_PROPAN_QUEUE,
            keeps={
                "name": Arg(0, "name"),
                "durable": Arg(1, "durable", False),
                "routing_key": Arg(None, "routing_key"),
            },
        ),
        "propan.brokers.rabbit.RabbitExchange": Call(returns=_PROPAN_EXCHANGE, keeps={"name": Arg(0, "name")}),
        f"{_PROPAN}.handle": Call(
            decorates=True,
            effects=(
                does("declare_queue", "amqp", queue=named(_QUEUE), durable=Inside(_QUEUE, "durable", False)),
                does(
                    "bind",
                    "amqp",
                    queue=named(_QUEUE),
                    exchange=named(Arg(1, "exchange")),
                    routing_key=Either((Inside(_QUEUE, "routing_key"), named(_QUEUE))),
                ),
                does("subscribe", "amqp", {"fact:acknowledged": Fixed("after")}, queue=named(_QUEUE)),
            ),
        ),
        f"{_PROPAN}.publish": Call(
            effects=(
                does(
                    "publish",
                    "amqp",
                    exchange=Either((named(Arg(2, "exchange")), Fixed(""))),
                    routing_key=Either((Arg(None, "routing_key"), Inside(_SENT_TO, "routing_key"), named(_SENT_TO))),
                    message=Arg(0, "message"),
                    delivery_mode=Switch(Arg(None, "persist", False), {True: Fixed(2)}, Fixed(1)),
                    synchronous=Arg(None, "callback", False),
                    confirms=Fixed(True),
                ),
            )
        ),
        **plain(_PROPAN, ("start", "close", "connect", "declare_queue", "declare_exchange")),
        "propan.PropanApp": Call(returns="propan.PropanApp"),
        **{f"propan.PropanApp.{name}": Call(decorates=True) for name in ("on_startup", "after_startup", "on_shutdown")},
    },
    types={
        _PROPAN: Type(client=True),
        _PROPAN_QUEUE: Type(),
        _PROPAN_EXCHANGE: Type(),
        "propan.PropanApp": Type(),
    },
    aliases={
        "propan.brokers.rabbit.RabbitBroker": _PROPAN,
        "propan.RabbitRouter": _PROPAN,
    },
)

LIBRARIES = (AMQPSTORM, AIORMQ, PY_AMQP, PROPAN)
