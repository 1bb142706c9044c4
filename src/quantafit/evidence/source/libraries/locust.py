"""locust: users of a load test, whose ``client`` asks the host of the user's class or of the command line.

Read in locust 2.4x: ``host`` of the user class, else ``--host``, which the environment calls ``LOCUST_HOST``; functions
of ``tasks`` are called with the task set or user they stand in.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import VERBS, ask, verbs
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Either,
    Fixed,
    Kept,
    Keywords,
    Library,
    New,
    Own,
    Receiver,
    Rest,
    Type,
    Url,
    Variable,
)

_USER, _TASKS, _CLIENT = "locust.User", "locust.TaskSet", "locust.Client"
_BASE = {"base_url": Either((Own("host"), Variable(Fixed("LOCUST_HOST"))))}
_FUNCTIONS = {"tasks": (Receiver(),)}

LOCUST = Library(
    distribution="locust",
    modules=("locust", "gevent"),
    calls={
        "locust.task": Call(decorates=True),
        "gevent.spawn": Call(calls=(Callback(Arg(0, "function"), star=Rest(1), keywords=Keywords()),), spawns=True),
        "gevent.spawn_later": Call(
            calls=(Callback(Arg(1, "function"), star=Rest(2), keywords=Keywords()),), spawns=True
        ),
        "locust.tag": Call(decorates=True),
        **{f"locust.{name}": Call() for name in ("between", "constant", "constant_pacing", "constant_throughput")},
        **verbs(_CLIENT, Url(Kept("base_url"), Arg(0, "url")), "locust.Response", VERBS),
        f"{_CLIENT}.request": ask(Url(Kept("base_url"), Arg(1, "url")), Arg(0, "method"), "locust.Response"),
    },
    types={
        _USER: Type(called=_FUNCTIONS),
        _TASKS: Type(called=_FUNCTIONS),
        _CLIENT: Type(client=True),
        "locust.Response": Type(),
    },
    attributes={
        f"{_USER}.client": New(_CLIENT, _BASE),
        f"{_TASKS}.client": New(_CLIENT, _BASE),
    },
    aliases={
        **{
            f"locust.{name}": _USER
            for name in ("HttpUser", "FastHttpUser", "HttpLocust", "contrib.fasthttp.FastHttpUser")
        },
        "locust.SequentialTaskSet": _TASKS,
        # gevent has modules of the standard library of its own, which do the same.
        **{f"gevent.{name}": name for name in ("queue", "socket", "ssl", "subprocess", "threading")},
        "locust.user.task.TaskSet": _TASKS,
    },
)

LIBRARIES = (LOCUST,)
