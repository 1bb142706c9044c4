"""Celery: a task's name is its channel; whoever registers the task works on it.

Defaults read in celery 5.7.0: queues durable, messages persistent (``task_default_delivery_mode`` 2), no confirms, and
a task is acknowledged before it runs unless ``acks_late``. ``delay`` and its kin do not wait; ``get`` on their result
does. With a Redis broker the server's configuration decides what survives.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import does, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Decorated,
    Effect,
    Either,
    Element,
    Fixed,
    Inside,
    Kept,
    Keywords,
    Library,
    NameOf,
    New,
    Receiver,
    Rest,
    Slot,
    Switch,
    Type,
)

_APP, _TASK, _RESULT, _SIGNATURE, _CANVAS = (
    "celery.Celery",
    "celery.Task",
    "celery.Result",
    "celery.Signature",
    "celery.Canvas",
)
# What survives a restart is a matter of the broker, whose URL goes along as ``store``.
_SENT_ON = {"fact:confirmed": Fixed("unknown")}
_NAME = Either((Arg(None, "name"), NameOf(Decorated(), qualified=True)))


def _publish(channel: Slot, store: Slot | None = None) -> Effect:
    return does("publish", "celery", {**_SENT_ON, "store": store or Kept("broker", "")}, channel=channel)


def _registers(broker: Slot) -> Call:
    """``@app.task``, bare or with options: the function's name is a task from then on."""
    work = does(
        "subscribe",
        "celery",
        {"fact:acknowledged": Switch(Arg(None, "acks_late"), {True: Fixed("after")}, Fixed("before"))},
        channel=_NAME,
        pattern=Fixed("dotted"),
        store=broker,
    )
    kept: dict[str, Slot] = {"name": _NAME, "function": Decorated(), "broker": broker}
    itself = Switch(Arg(None, "bind"), {True: Arg(None, "base")}, Fixed(None))
    return Call(decorates=True, gives=New(_TASK, kept), supplies=(itself,), effects=(work,))


_SENT = Call(returns=_RESULT, effects=(_publish(Kept("name")),))
_SENT_PARTS = Call(returns=_RESULT, effects=(_publish(NameOf(Element(Element(Kept("parts"))))),))
_SIGNED = Call(returns=_SIGNATURE, keeps={"name": Kept("name"), "broker": Kept("broker")})
_NAMED = Call(returns=_SIGNATURE, keeps={"name": NameOf(Arg(0, "name"))})
_PARTS = Call(returns=_CANVAS, keeps={"parts": Rest(0)})
_WAITS = Call(effects=(Effect("await", "", {"of": Receiver()}),))
_RUNS = Call(calls=(Callback(Kept("function"), star=Rest(0), keywords=Keywords(), result=True),))
_BY_NAME = does("publish", "celery", _SENT_ON, channel=NameOf(Receiver(), qualified=True))

CELERY = Library(
    distribution="celery",
    modules=("celery", "django_celery_beat", "django_celery_results", "flower"),
    calls={
        _APP: Call(returns=_APP, keeps={"broker": Arg(None, "broker")}),
        f"{_APP}.task": _registers(Inside(Receiver(), "broker")),
        "celery.shared_task": _registers(Fixed("")),
        f"{_APP}.send_task": Call(returns=_RESULT, effects=(_publish(Arg(0, "name"), Kept("broker")),)),
        "celery.current_app.send_task": Call(returns=_RESULT, effects=(_publish(Arg(0, "name"), Fixed("")),)),
        "celery.Tasks.__getitem__": Call(returns=_TASK, keeps={"name": Arg(0, "name"), "broker": Kept("broker")}),
        f"{_APP}.signature": _NAMED,
        "celery.signature": _NAMED,
        f"{_APP}.AsyncResult": Call(returns=_RESULT),
        "celery.result.AsyncResult": Call(returns=_RESULT),
        **{f"{_TASK}.{name}": _SENT for name in ("delay", "apply_async")},
        **{f"{_SIGNATURE}.{name}": _SENT for name in ("delay", "apply_async")},
        **{f"{_TASK}.{name}": _SIGNED for name in ("s", "si", "signature", "subtask")},
        **{f"{_SIGNATURE}.{name}": Call(returns=Receiver()) for name in ("set", "on_error", "link", "clone")},
        f"{_TASK}.__call__": _RUNS,
        f"{_TASK}.run": _RUNS,
        f"{_TASK}.apply": _RUNS,
        **{f"celery.{name}": _PARTS for name in ("chain", "group", "chord")},
        **{f"{_CANVAS}.{name}": _SENT_PARTS for name in ("delay", "apply_async", "__call__")},
        **{f"{_RESULT}.{name}": _WAITS for name in ("get", "wait", "join", "collect", "wait_for_pending")},
        **plain(_RESULT, ("ready", "successful", "failed", "forget", "revoke", "status", "state", "info", "id")),
        **plain(_TASK, ("retry", "update_state", "AsyncResult")),
        **plain(
            _APP,
            (
                "autodiscover_tasks",
                "config_from_object",
                "start",
                "worker_main",
                "add_periodic_task",
                "set_default",
                "conf",
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
        _TASK: Type(client=True),
        _RESULT: Type(client=True),
        # One signature may stand where a list of them may.
        _SIGNATURE: Type(client=True, iterates=Receiver()),
        "celery.Tasks": Type(),
        _CANVAS: Type(client=True),
    },
    attributes={f"{_APP}.tasks": New("celery.Tasks", {"broker": Kept("broker")})},
    aliases={
        "celery.task": "celery.shared_task",
        "celery.task.task": "celery.shared_task",
        "celery.app.Celery": _APP,
        "celery.app.shared_task": "celery.shared_task",
        "celery.canvas.chain": "celery.chain",
        "celery.canvas.group": "celery.group",
        "celery.canvas.chord": "celery.chord",
        "celery.canvas.signature": "celery.signature",
        "celery.app.task.Task": _TASK,
        "celery.execute.send_task": "celery.current_app.send_task",
    },
    foreign={"delay": _BY_NAME, "apply_async": _BY_NAME},
    telling=frozenset({"send_task", "apply_async", "delay"}),
)

LIBRARIES = (CELERY,)
