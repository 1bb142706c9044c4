"""Celery: a task's name is its channel; whoever registers the task works on it.

Defaults read in celery 5.7.0: on RabbitMQ queues are durable, messages persistent (``task_default_delivery_mode`` 2),
and nothing is confirmed unless ``broker_transport_options`` has ``confirm_publish``; a task is acknowledged before it
runs unless ``acks_late``. With Redis the server's configuration decides what survives, in memory nothing does: the
broker's URL goes along as ``store``. ``delay`` and its kin do not wait; ``get`` on their result does. Settings are what
the program puts on ``app.conf``, in a module, a class or Django's settings, in lower case or as they were named before
4.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from quantafit.evidence.source.libraries.asking import does, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Configured,
    Decorated,
    Effect,
    Either,
    Element,
    Entry,
    Fixed,
    Given,
    Inside,
    Kept,
    Keywords,
    Library,
    NameOf,
    New,
    Own,
    Receiver,
    Rest,
    Slot,
    Switch,
    Type,
    Variable,
)

_APP, _TASK, _RESULT, _SIGNATURE, _CANVAS, _CONF = (
    "celery.Celery",
    "celery.Task",
    "celery.Result",
    "celery.Signature",
    "celery.Canvas",
    "celery.Settings",
)


_CALLED_ON_TASKS = ("before_start", "after_return", "on_failure", "on_retry", "on_success")
"""Handlers of a task's life that a worker calls (celery.app.task.Task)."""


def _setting(name: str, before: str, default: object = None) -> Configured:
    """A setting under its name of today and its name before 4.0."""
    names = (name, before.lower(), f"celery_{name}")
    return Configured(_CONF, (*names, *(other.upper() for other in names)), default)


# The variable stands before all else (celery.app.utils.Settings.broker_url).
_CONFIGURED_BROKER = Either(
    (
        _setting("broker_url", "broker"),
        Configured(_CONF, ("broker_write_url", "broker_read_url")),
        Variable(Fixed("CELERY_BROKER_URL")),
    )
)
_OPTIONS = _setting("broker_transport_options", "broker_transport_options")
_MODE = Either((Arg(None, "delivery_mode"), _setting("task_default_delivery_mode", "celery_default_delivery_mode", 2)))
_MODES = {"transient": Fixed(1), "persistent": Fixed(2), 1: Fixed(1), 2: Fixed(2)}
# Queues are declared durable unless the program describes its queues itself.
_QUEUES = Either((_setting("task_queues", "celery_queues"), New("celery.Queue")))
_DURABLE = Inside(Element(_QUEUES), "durable", True)
# Who takes of the queue itself, without Celery, takes every task that is put there; routes may put it elsewhere.
_DEFAULT_QUEUE = _setting("task_default_queue", "celery_default_queue", "celery")
_ROUTES = _setting("task_routes", "celery_routes")
_QUEUE = Either((Arg(None, "queue"), Switch(_ROUTES, {None: _DEFAULT_QUEUE}, Fixed(None))))
_LATE = Either((Arg(None, "acks_late"), _setting("task_acks_late", "celery_acks_late", False)))
_NAME = Either((Arg(None, "name"), NameOf(Decorated(), qualified=True)))
_GENERATED = Switch(Arg(None, "name"), {None: Fixed("dotted")}, Fixed(None))


def _on(broker: Slot) -> dict[str, Slot]:
    """What is true of a message by the settings of the application that sends it."""
    return {
        "store": Either((broker, _CONFIGURED_BROKER)),
        "fact:declared_durable": _DURABLE,
        "delivery_mode": Switch(_MODE, _MODES, _MODE),
        "confirms": Switch(Entry(_OPTIONS, "confirm_publish", False), {True: Fixed(True)}, Fixed(False)),
        "queue": _QUEUE,
    }


def _publish(channel: Slot, broker: Slot | None = None) -> Effect:
    return does("publish", "celery", _on(broker or Kept("broker")), channel=channel)


def _takes(channel: Slot, late: Slot, more: Mapping[str, Slot]) -> Effect:
    acknowledged = Switch(late, {True: Fixed("after")}, Fixed("before"))
    return does("subscribe", "celery", {"fact:acknowledged": acknowledged, **more}, channel=channel)


def _registers(broker: Slot) -> Call:
    """``@app.task``, bare or with options: the function's name is a task from then on."""
    store = Either((broker, _CONFIGURED_BROKER))
    function = Switch(Arg(None, "bind"), {True: Given(Decorated(), New(_TASK))}, Decorated())
    kept: dict[str, Slot] = {"name": _NAME, "function": function, "broker": broker}
    itself = Switch(Arg(None, "bind"), {True: Arg(None, "base")}, Fixed(None))
    work = _takes(_NAME, _LATE, {"pattern": _GENERATED, "store": store})
    return Call(decorates=True, gives=New(_TASK, kept), supplies=(itself,), effects=(work,))


_CLASS_LATE = Either((Own("acks_late"), _setting("task_acks_late", "celery_acks_late", False)))
# A class is a task once it has a name; one without is a base of others.
_IS_TASK = _takes(Own("name"), _CLASS_LATE, {"callback": Own("run"), "store": _CONFIGURED_BROKER})
_CLASS_TASK = Effect("subscribe", "celery", _IS_TASK.slots, when=Own("name"))


_NO_PREFIX = Fixed("")


def _configures(of: Slot, prefix: Slot = _NO_PREFIX) -> Call:
    return Call(effects=(does("configure", type=Fixed(_CONF), of=of, prefix=prefix),))


_WORK = Either((Own("run"), Kept("function")))
_WITH_ALL = Callback(_WORK, star=Rest(0), keywords=Keywords(), elsewhere=True)
_WITH_LISTED = Callback(_WORK, star=Arg(0, "args", ()), keywords=Arg(1, "kwargs"), elsewhere=True)
_SENT = Call(returns=_RESULT, effects=(_publish(Kept("name")),))
_SENT_PARTS = Call(returns=_RESULT, effects=(_publish(NameOf(Element(Element(Kept("parts"))))),))
_SIGNED = Call(returns=_SIGNATURE, keeps={"name": Kept("name"), "broker": Kept("broker")}, calls=(_WITH_ALL,))
_SIGNED_LISTED = replace(_SIGNED, calls=(_WITH_LISTED,))
_NAMED = Call(returns=_SIGNATURE, keeps={"name": NameOf(Arg(0, "name")), "broker": Kept("broker")})
_PARTS = Call(returns=_CANVAS, keeps={"parts": Rest(0)})
_WAITS = Call(effects=(Effect("await", "", {"of": Receiver()}),))
_RUNS = Call(calls=(Callback(Kept("function"), star=Rest(0), keywords=Keywords(), result=True),))
_FOREIGN_NAME = NameOf(Receiver(), qualified=True)
# The settings of another quantum's application are not known here; its broker is that of whoever takes the task.
_SENT_THERE = Call(
    returns=_RESULT,
    effects=(
        does("publish", "celery", {"fact:confirmed": Fixed("unknown"), "store": Fixed(None)}, channel=_FOREIGN_NAME),
    ),
)
_SIGNED_THERE = Call(returns=_SIGNATURE, keeps={"name": _FOREIGN_NAME})
_RESULT_BY_ID = Call(
    returns=_RESULT, keeps={"elsewhere": Fixed("it waits for the result of a task that is sent elsewhere")}
)
_CONTROL, _INSPECT = "celery.Control", "celery.Inspect"
# All workers on the broker are asked, whosever they are (celery.app.control: broadcast with reply).
_ASKED = {"elsewhere": Fixed("it waits for what all workers on the broker answer, and whose they are is not said here")}
_INSPECTING = (
    "active", "active_queues", "clock", "conf", "hello", "memdump", "memsample", "objgraph", "ping", "query_task",
    "registered", "registered_tasks", "report", "reserved", "revoked", "scheduled", "stats",
)  # fmt: skip
_CONTROLLING = (
    "add_consumer", "autoscale", "broadcast", "cancel_consumer", "disable_events", "enable_events", "heartbeat",
    "pool_grow", "pool_restart", "pool_shrink", "rate_limit", "revoke", "revoke_by_stamped_headers", "shutdown",
    "terminate", "time_limit",
)  # fmt: skip
_WAITS_IF_ASKED = Call(effects=(Effect("await", "", {"of": Receiver()}, when=Arg(None, "reply", False)),))

CELERY = Library(
    distribution="celery",
    modules=("celery", "django_celery_beat", "django_celery_results", "flower"),
    calls={
        _APP: Call(
            returns=_APP,
            keeps={"broker": Arg(None, "broker")},
            effects=(
                does("configure", type=Fixed(_CONF), of=Keywords()),
                does("configure", type=Fixed(_CONF), of=Arg(None, "config_source")),
            ),
        ),
        f"{_APP}.task": _registers(Inside(Receiver(), "broker")),
        "celery.shared_task": _registers(Fixed(None)),
        f"{_APP}.config_from_object": _configures(Arg(0, "obj"), Arg(None, "namespace", "")),
        f"{_APP}.config_from_envvar": _configures(Fixed(None)),
        f"{_APP}.send_task": Call(returns=_RESULT, effects=(_publish(Arg(0, "name")),)),
        "celery.Tasks.__getitem__": Call(returns=_TASK, keeps={"name": Arg(0, "name"), "broker": Kept("broker")}),
        f"{_APP}.signature": _NAMED,
        "celery.signature": _NAMED,
        _SIGNATURE: _NAMED,
        f"{_APP}.AsyncResult": _RESULT_BY_ID,
        "celery.result.AsyncResult": _RESULT_BY_ID,
        "celery.result.GroupResult.restore": _RESULT_BY_ID,
        f"{_TASK}.delay": replace(_SENT, calls=(_WITH_ALL,)),
        f"{_TASK}.apply_async": replace(_SENT, calls=(_WITH_LISTED,)),
        f"{_TASK}.retry": _SENT,
        **{f"{_SIGNATURE}.{name}": _SENT for name in ("delay", "apply_async", "__call__")},
        **{f"{_TASK}.{name}": _SIGNED for name in ("s", "si")},
        **{f"{_TASK}.{name}": _SIGNED_LISTED for name in ("signature", "subtask")},
        **{
            f"{owner}.{name}": Call(returns=Receiver())
            for owner in (_SIGNATURE, _CANVAS)
            for name in ("set", "on_error", "clone")
        },
        f"{_SIGNATURE}.link": Call(returns=Receiver()),
        f"{_TASK}.__call__": _RUNS,
        f"{_TASK}.run": _RUNS,
        f"{_TASK}.apply": _RUNS,
        **{f"celery.{name}": _PARTS for name in ("chain", "group", "chord")},
        **{f"{_CANVAS}.{name}": _SENT_PARTS for name in ("delay", "apply_async", "__call__")},
        **{
            f"{_RESULT}.{name}": _WAITS
            for name in ("get", "wait", "join", "join_native", "collect", "wait_for_pending")
        },
        **plain(
            _RESULT, ("ready", "successful", "failed", "forget", "revoke", "status", "state", "info", "id", "save")
        ),
        **plain(_TASK, ("update_state", "AsyncResult")),
        f"{_CONTROL}.inspect": Call(returns=_INSPECT, keeps=_ASKED),
        **{f"{_INSPECT}.{name}": _WAITS for name in _INSPECTING},
        f"{_CONTROL}.ping": _WAITS,
        **{f"{_CONTROL}.{name}": _WAITS_IF_ASKED for name in _CONTROLLING},
        **plain(
            _APP,
            (
                "autodiscover_tasks",
                "start",
                "worker_main",
                "add_periodic_task",
                "set_default",
                "set_current",
                "register_task",
                "finalize",
                "close",
                "connection",
                "Beat",
                "Worker",
            ),
        ),
    },
    types={
        _APP: Type(),
        _CONF: Type(open=True),
        "celery.Queue": Type(iterates=Receiver()),
        _TASK: Type(client=True, defines=(_CLASS_TASK,), hooks=dict.fromkeys(_CALLED_ON_TASKS, ())),
        _RESULT: Type(client=True),
        _CONTROL: Type(),
        _INSPECT: Type(),
        # One signature may stand where a list of them may.
        _SIGNATURE: Type(client=True, iterates=Receiver()),
        "celery.Tasks": Type(),
        _CANVAS: Type(client=True),
    },
    attributes={
        f"{_APP}.tasks": New("celery.Tasks", {"broker": Kept("broker")}),
        f"{_APP}.conf": New(_CONF),
        f"{_APP}.control": New(_CONTROL, _ASKED),
        "celery.current_app": New(_APP),
    },
    aliases={
        "celery.task": "celery.shared_task",
        "celery.task.task": "celery.shared_task",
        "celery.app.Celery": _APP,
        "celery.app.control.Control": _CONTROL,
        "celery.app.control.Inspect": _INSPECT,
        "celery.app.shared_task": "celery.shared_task",
        "celery.canvas.chain": "celery.chain",
        "celery.canvas.group": "celery.group",
        "celery.canvas.chord": "celery.chord",
        "celery.canvas.signature": "celery.signature",
        "celery.canvas.Signature": _SIGNATURE,
        "celery.subtask": "celery.signature",
        "celery.app.task.Task": _TASK,
        "celery.execute.send_task": f"{_APP}.send_task",
    },
    foreign={
        **dict.fromkeys(("delay", "apply_async"), _SENT_THERE),
        **dict.fromkeys(("s", "si", "signature", "subtask"), _SIGNED_THERE),
    },
    telling=frozenset({"send_task", "apply_async", "delay"}),
)

LIBRARIES = (CELERY,)
