"""Queues in a database's tables: pgqueuer, pgmq and django-q.

Facts of pgqueuer 1.6.0 (a logged table unless its durability is ``volatile``; a job is finished when its function has
returned); names read in tembo-pgmq-python 0.10.0 (``archive`` and ``delete`` acknowledge, ``pop`` takes and forgets).
django-q is described as it is commonly called; which broker keeps its tasks is a matter of Django's settings.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import does, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Effect,
    Fixed,
    Library,
    NameOf,
    New,
    Receiver,
    Slot,
    Type,
    Variable,
)

_TABLE: dict[str, Slot] = {"fact:durable": Fixed(True), "fact:persistent": Fixed(True), "fact:confirmed": Fixed(True)}
_QUERIES, _PGQ = "pgqueuer.Queries", "pgqueuer.PgQueuer"
# PGQUEUER_DURABILITY stands for the kind of table: any value but "volatile" keeps it, and so does none.
_PGQUEUER: dict[str, Slot] = {
    "store": Variable(Fixed("PGQUEUER_DURABILITY"), Fixed("durable")),
    "fact:confirmed": Fixed(True),
}

PGQUEUER = Library(
    distribution="pgqueuer",
    modules=("pgqueuer",),
    calls={
        _QUERIES: Call(returns=_QUERIES),
        **plain(_QUERIES, ("from_asyncpg_connection", "from_psycopg_connection"), _QUERIES),
        f"{_QUERIES}.enqueue": Call(effects=(does("publish", "pgqueuer", _PGQUEUER, channel=Arg(0, "entrypoint")),)),
        _PGQ: Call(returns=_PGQ),
        f"{_PGQ}.entrypoint": Call(
            decorates=True,
            effects=(does("subscribe", "pgqueuer", {"fact:acknowledged": Fixed("after")}, channel=Arg(0, "name")),),
        ),
        f"{_PGQ}.schedule": Call(decorates=True),
        **plain(_PGQ, ("run", "shutdown")),
        **{f"pgqueuer.db.{name}": Call() for name in ("AsyncpgDriver", "AsyncpgPoolDriver", "PsycopgDriver")},
    },
    types={_QUERIES: Type(), _PGQ: Type()},
    aliases={
        "pgqueuer.queries.Queries": _QUERIES,
        "pgqueuer.queries.SyncQueries": _QUERIES,
        "pgqueuer.qm.QueueManager": _PGQ,
        "pgqueuer.QueueManager": _PGQ,
    },
)

_PGMQ, _PGMQ_MESSAGE = "pgmq.Queue", "pgmq.Message"
_NAME = Arg(0, "queue")


def _takes(*, forgets: bool) -> Call:
    slots: dict[str, Slot] = {"channel": _NAME}
    if forgets:
        slots["auto_ack"] = Fixed(True)
    return Call(returns=_PGMQ_MESSAGE, effects=(Effect("subscribe", "pgmq", slots),))


_SENDS = Call(effects=(does("publish", "pgmq", _TABLE, channel=_NAME),))

PGMQ = Library(
    distribution="pgmq",
    modules=("pgmq", "tembo_pgmq_python"),
    calls={
        _PGMQ: Call(returns=_PGMQ),
        **{f"{_PGMQ}.{name}": _SENDS for name in ("send", "send_batch")},
        **{f"{_PGMQ}.{name}": _takes(forgets=False) for name in ("read", "read_batch", "read_with_poll")},
        f"{_PGMQ}.pop": _takes(forgets=True),
        **{f"{_PGMQ}.{name}": Call(effects=(Effect("acknowledge"),)) for name in ("archive", "delete")},
        **plain(_PGMQ, ("create_queue", "drop_queue", "purge", "metrics", "list_queues", "set_vt", "init", "close")),
    },
    types={_PGMQ: Type(client=True), _PGMQ_MESSAGE: Type(iterates=Receiver())},
    aliases={
        f"{module}.{name}": _PGMQ
        for module in ("pgmq", "tembo_pgmq_python", "tembo_pgmq_python.async_queue", "pgmq.async_queue")
        for name in ("PGMQueue",)
    },
)

_TASK = "django_q.Task"
_FUNCTION = NameOf(Arg(0, "func"), qualified=True)
_RESULT_BY_ID = Call(
    effects=(
        Effect(
            "await",
            "",
            {"of": New(_TASK, {"elsewhere": Fixed("it waits for the result of a task that is sent elsewhere")})},
        ),
    )
)

_QUEUED = Call(
    returns=_TASK,
    effects=(does("publish", "django-q", {"fact:confirmed": Fixed("unknown")}, store=Fixed(None), channel=_FUNCTION),),
)

DJANGO_Q = Library(
    distribution="django-q2",
    modules=("django_q",),
    calls={
        "django_q.tasks.async_task": _QUEUED,
        "django_q.tasks.async_iter": _QUEUED,
        "django_q.tasks.schedule": Call(roots=(Arg(0, "func"),)),
        **{f"django_q.tasks.{name}": _RESULT_BY_ID for name in ("result", "result_group", "fetch", "fetch_group")},
        "django_q.tasks.delete_group": Call(),
    },
    types={_TASK: Type()},
    aliases={"django_q.async_task": "django_q.tasks.async_task"},
)

LIBRARIES = (PGQUEUER, PGMQ, DJANGO_Q)
