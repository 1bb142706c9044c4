"""arq, rq, dramatiq, huey, taskiq and procrastinate: tasks by name, kept in Redis, RabbitMQ or PostgreSQL.

Facts read in arq 0.28.0 (a job is taken off after it ran), rq 3.0.0 (a queue's name is the channel), dramatiq 2.2.1
(acknowledged after the work), huey 3.5.4 (``brpop``: a task is gone once it is taken), taskiq 0.13.0 (acknowledged when
the result is saved), procrastinate 3.10.0 (a logged PostgreSQL table).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from quantafit.evidence.source.libraries.asking import does, named, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Configured,
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
    Own,
    Receiver,
    Rest,
    Shape,
    Slot,
    Switch,
    Type,
)

_Slots = Mapping[str, Slot]

_IN_REDIS = {"store": Fixed("redis")}
_DURABLE = {"fact:durable": Fixed(True), "fact:persistent": Fixed(True)}
_AFTER = {"fact:acknowledged": Fixed("after")}
_SENT_ELSEWHERE: _Slots = {"elsewhere": Fixed("it waits for the result of a task that is sent elsewhere")}
_WAITS = Call(effects=(Effect("await", "", {"of": Receiver()}),))
_RUNS = Call(calls=(Callback(Kept("function"), star=Rest(0), keywords=Keywords(), result=True),))
_PASSED_ON = (Callback(Kept("function"), star=Rest(0), keywords=Keywords(), elsewhere=True),)
_LISTED = (Callback(Kept("function"), star=Arg(0, "args", ()), keywords=Arg(1, "kwargs"), elsewhere=True),)


def _registers(mechanism: str, type_: str, name: Slot, facts: _Slots, kept: _Slots | None = None) -> Call:
    """A decorator that makes a task of a function, under a name of its own or the function's."""
    work = does("subscribe", mechanism, facts, channel=name, pattern=Fixed("dotted"))
    task = New(type_, {"name": name, "function": Decorated(), **(kept or {})})
    return Call(decorates=True, gives=task, effects=(work,))


def _publish(mechanism: str, facts: _Slots, channel: Slot, returns: str, calls: tuple[Callback, ...] = ()) -> Call:
    return Call(returns=returns, effects=(does("publish", mechanism, facts, channel=channel),), calls=calls)


# arq ------------------------------------------------------------------------------------------------------------------

_POOL, _JOB = "arq.ArqRedis", "arq.Job"
_FUNCTIONS = Element(Own("functions"))
_WORKS = does("subscribe", "arq", _AFTER, channel=NameOf(_FUNCTIONS), callback=_FUNCTIONS)
_GIVEN = Element(Arg(0, "functions"))

ARQ = Library(
    distribution="arq",
    modules=("arq",),
    calls={
        "arq.create_pool": Call(returns=_POOL),
        _POOL: Call(returns=_POOL),
        f"{_POOL}.enqueue_job": _publish("arq", _IN_REDIS, NameOf(Arg(0, "function")), _JOB),
        "arq.worker.Worker": Call(effects=(does("subscribe", "arq", _AFTER, channel=NameOf(_GIVEN), callback=_GIVEN),)),
        "arq.worker.func": Call(
            returns="arq.Function", keeps={"name": Either((Arg(1, "name"), NameOf(Arg(0, "coroutine"))))}
        ),
        "arq.cron.cron": Call(roots=(Arg(0, "coroutine"),)),
        _JOB: Call(returns=_JOB, keeps=_SENT_ELSEWHERE),
        f"{_JOB}.result": _WAITS,
        **plain(_JOB, ("info", "status", "abort", "result_info")),
        **plain(_POOL, ("close", "aclose", "ping", "all_job_results", "queued_jobs", "delete", "zrange", "get", "set")),
        "arq.connections.RedisSettings": Call(),
        "arq.connections.RedisSettings.from_dsn": Call(),
    },
    types={_POOL: Type(client=True), _JOB: Type(client=True), "arq.Function": Type()},
    aliases={
        "arq.connections.create_pool": "arq.create_pool",
        "arq.connections.ArqRedis": _POOL,
        "arq.jobs.Job": _JOB,
        "arq.func": "arq.worker.func",
        "arq.Worker": "arq.worker.Worker",
        "arq.cron": "arq.cron.cron",
    },
    shapes=(
        Shape(
            ("functions",),
            ("redis_settings", "cron_jobs", "on_startup", "on_shutdown", "max_jobs", "job_timeout", "queue_name"),
            (_WORKS,),
        ),
    ),
    telling=frozenset({"enqueue_job"}),
)

# rq -------------------------------------------------------------------------------------------------------------------

_RQ, _RQ_JOB, _RQ_TASK = "rq.Queue", "rq.Job", "rq.Task"
_ON_QUEUE = _publish("rq", _IN_REDIS, Kept("name", "default"), _RQ_JOB)
_QUEUE_OF = Either((named(Arg(0, "queue")), Fixed("default")))


def _enqueues(at: int, name: str) -> Call:
    """The function is the argument at a position; what it will be given comes after it."""
    return replace(_ON_QUEUE, calls=(Callback(Arg(at, name), star=Rest(at + 1), keywords=Keywords(), elsewhere=True),))


_ENQUEUES_LISTED = replace(
    _ON_QUEUE,
    calls=(Callback(Arg(0, "func"), star=Arg(1, "args", ()), keywords=Arg(2, "kwargs"), elsewhere=True),),
)

RQ = Library(
    distribution="rq",
    modules=("rq", "rq_scheduler", "django_rq"),
    calls={
        _RQ: Call(returns=_RQ, keeps={"name": Arg(0, "name", "default")}),
        "rq_scheduler.Scheduler": Call(returns=_RQ, keeps={"name": Arg(None, "queue_name", "default")}),
        "django_rq.get_queue": Call(returns=_RQ, keeps={"name": Arg(0, "name", "default")}),
        f"{_RQ}.enqueue": _enqueues(0, "f"),
        f"{_RQ}.enqueue_call": _ENQUEUES_LISTED,
        **{f"{_RQ}.{name}": _enqueues(1, "f") for name in ("enqueue_at", "enqueue_in")},
        **{f"{_RQ}.{name}": _ON_QUEUE for name in ("enqueue_many", "cron", "schedule")},
        "rq.Worker": Call(
            returns="rq.Worker",
            effects=(
                does(
                    "subscribe", "rq", {"fact:acknowledged": Fixed("after")}, channel=named(Element(Arg(0, "queues")))
                ),
            ),
        ),
        "rq.decorators.job": Call(decorates=True, gives=New(_RQ_TASK, {"name": _QUEUE_OF, "function": Decorated()})),
        f"{_RQ_TASK}.delay": replace(_ON_QUEUE, calls=_PASSED_ON),
        f"{_RQ_TASK}.__call__": _RUNS,
        **{f"{_RQ_JOB}.{name}": _WAITS for name in ("latest_result", "return_value")},
        f"{_RQ_JOB}.fetch": Call(returns=_RQ_JOB, keeps=_SENT_ELSEWHERE),
        **plain(_RQ_JOB, ("refresh", "get_status", "cancel", "delete", "requeue", "get_id", "result", "id")),
        **plain(_RQ, ("empty", "fetch_job", "get_jobs", "count", "job_ids", "get_job_ids", "remove", "is_empty")),
        **plain("rq.Worker", ("work", "register_birth", "push_exc_handler")),
    },
    types={_RQ: Type(client=True, iterates=Receiver()), _RQ_JOB: Type(), _RQ_TASK: Type(), "rq.Worker": Type()},
    aliases={
        "rq.queue.Queue": _RQ,
        "rq.job.Job": _RQ_JOB,
        "rq.worker.Worker": "rq.Worker",
        "rq.SimpleWorker": "rq.Worker",
        "rq.worker.SimpleWorker": "rq.Worker",
        "django_rq.job": "rq.decorators.job",
    },
    telling=frozenset({"enqueue"}),
)

# dramatiq -------------------------------------------------------------------------------------------------------------

_ACTOR, _SENT = "dramatiq.Actor", "dramatiq.Message"
_ACTOR_NAME = Either((Arg(None, "actor_name"), NameOf(Decorated())))

_DRAMATIQ_CONF = "dramatiq.Settings"
# The broker is the process's own: whichever is made is the one that actors use.
_ON_DRAMATIQ: _Slots = {
    "store": Configured(_DRAMATIQ_CONF, ("kind",)),
    "fact:declared_durable": Fixed(True),
    "delivery_mode": Fixed(2),
    "confirms": Configured(_DRAMATIQ_CONF, ("confirms",), False),
}


def _dramatiq_broker(kind: str) -> Call:
    settings = New("dramatiq.Kind", {"kind": Fixed(kind), "confirms": Arg(None, "confirm_delivery", False)})
    return Call(returns="dramatiq.Broker", effects=(does("configure", type=Fixed(_DRAMATIQ_CONF), of=settings),))


DRAMATIQ = Library(
    distribution="dramatiq",
    modules=("dramatiq", "dramatiq_abort", "periodiq", "django_dramatiq"),
    calls={
        "dramatiq.actor": _registers("dramatiq", _ACTOR, _ACTOR_NAME, {**_AFTER, "store": _ON_DRAMATIQ["store"]}),
        f"{_ACTOR}.send": _publish("dramatiq", _ON_DRAMATIQ, Kept("name"), _SENT, _PASSED_ON),
        f"{_ACTOR}.send_with_options": _publish("dramatiq", _ON_DRAMATIQ, Kept("name"), _SENT, _LISTED),
        f"{_ACTOR}.__call__": _RUNS,
        f"{_ACTOR}.message": Call(returns=_SENT, keeps={"name": Kept("name")}, calls=_PASSED_ON),
        _SENT: Call(returns=_SENT, keeps={"name": Arg(None, "actor_name")}),
        f"{_SENT}.get_result": _WAITS,
        f"{_SENT}.copy": Call(returns=Receiver()),
        "dramatiq.Broker.enqueue": _publish("dramatiq", _ON_DRAMATIQ, NameOf(Arg(0, "message")), _SENT),
        "dramatiq.Broker": Call(returns="dramatiq.Broker"),
        "dramatiq.get_broker": Call(returns="dramatiq.Broker"),
        "dramatiq.brokers.rabbitmq.RabbitmqBroker": _dramatiq_broker("amqp"),
        "dramatiq.brokers.redis.RedisBroker": _dramatiq_broker("redis"),
        "dramatiq.brokers.stub.StubBroker": _dramatiq_broker("memory"),
        **plain("dramatiq.Broker", ("add_middleware", "declare_queue", "declare_actor", "close", "join", "flush_all")),
        **plain("dramatiq", ("set_broker", "set_encoder")),
    },
    types={
        _ACTOR: Type(client=True),
        _SENT: Type(),
        "dramatiq.Broker": Type(client=True),
        _DRAMATIQ_CONF: Type(open=True),
        "dramatiq.Kind": Type(),
    },
    aliases={"dramatiq.actor.actor": "dramatiq.actor", "dramatiq.message.Message": _SENT},
    foreign={name: _publish("dramatiq", {}, NameOf(Receiver()), _SENT) for name in ("send", "send_with_options")},
)

# huey -----------------------------------------------------------------------------------------------------------------

_HUEY, _HUEY_TASK, _HUEY_RESULT = "huey.Huey", "huey.Task", "huey.Result"
_HUEY_NAME = Either((Arg(None, "name"), NameOf(Decorated(), qualified=True)))


def _huey(kind: str) -> Call:
    """``immediate=True`` runs tasks in the process that sends them, as in memory."""
    return Call(
        returns=_HUEY, keeps={"kind": Switch(Arg(None, "immediate", False), {True: Fixed("memory")}, Fixed(kind))}
    )


HUEY = Library(
    distribution="huey",
    modules=("huey",),
    calls={
        _HUEY: _huey("redis"),
        "huey.SqliteHuey": _huey("sqlite"),
        "huey.FileHuey": _huey("file"),
        "huey.PostgresHuey": _huey("postgresql"),
        "huey.MemoryHuey": _huey("memory"),
        "huey.BlackHoleHuey": _huey("memory"),
        f"{_HUEY}.task": _registers(
            "huey", _HUEY_TASK, _HUEY_NAME, {"auto_ack": Fixed(True)}, {"kind": Inside(Receiver(), "kind")}
        ),
        "huey.contrib.djhuey.task": _registers("huey", _HUEY_TASK, _HUEY_NAME, {"auto_ack": Fixed(True)}),
        f"{_HUEY}.periodic_task": Call(decorates=True),
        f"{_HUEY_TASK}.__call__": _publish("huey", {"store": Kept("kind")}, Kept("name"), _HUEY_RESULT, _PASSED_ON),
        f"{_HUEY_TASK}.schedule": _publish("huey", {"store": Kept("kind")}, Kept("name"), _HUEY_RESULT, _LISTED),
        f"{_HUEY_TASK}.call_local": _RUNS,
        **{f"{_HUEY_RESULT}.{name}": _WAITS for name in ("get", "__call__")},
        **plain(_HUEY, ("immediate", "pending", "scheduled", "flush", "on_startup", "signal", "lock_task", "result")),
    },
    types={_HUEY: Type(), _HUEY_TASK: Type(), _HUEY_RESULT: Type()},
    aliases={
        f"huey.{name}": _HUEY
        for name in (
            "RedisHuey",
            "PriorityRedisHuey",
            "RedisExpireHuey",
            "PriorityRedisExpireHuey",
        )
    },
)

# taskiq ---------------------------------------------------------------------------------------------------------------

_TASKIQ, _TASKIQ_TASK, _TASKIQ_SENT = "taskiq.Broker", "taskiq.Task", "taskiq.Sent"
_TASKIQ_NAME = Either((Arg(0, "task_name"), NameOf(Decorated(), qualified=True)))
_BY_BROKER = {"fact:durable": Kept("durable", "unknown"), "fact:persistent": Kept("durable", "unknown")}


def _taskiq(durable: object) -> Call:
    return Call(returns=_TASKIQ, keeps={"durable": Fixed(durable)})


TASKIQ = Library(
    distribution="taskiq",
    modules=("taskiq", "taskiq_aio_pika", "taskiq_redis", "taskiq_nats", "taskiq_fastapi", "taskiq_pipelines"),
    calls={
        _TASKIQ: _taskiq("unknown"),
        "taskiq.InMemoryBroker": _taskiq(False),
        "taskiq_aio_pika.AioPikaBroker": _taskiq(True),
        "taskiq_redis.PubSubBroker": _taskiq(False),
        **{
            f"taskiq_redis.{name}": _taskiq("unknown")
            for name in ("ListQueueBroker", "RedisStreamBroker", "ListRedisBroker")
        },
        "taskiq_nats.NatsBroker": _taskiq(False),
        "taskiq_nats.PullBasedJetStreamBroker": _taskiq(True),
        "taskiq_nats.PushBasedJetStreamBroker": _taskiq(True),
        f"{_TASKIQ}.task": _registers(
            "taskiq", _TASKIQ_TASK, _TASKIQ_NAME, _AFTER, {"durable": Inside(Receiver(), "durable", "unknown")}
        ),
        f"{_TASKIQ_TASK}.kiq": _publish("taskiq", _BY_BROKER, Kept("name"), _TASKIQ_SENT, _PASSED_ON),
        f"{_TASKIQ_TASK}.kicker": Call(returns=Receiver()),
        f"{_TASKIQ_TASK}.__call__": _RUNS,
        **{f"{_TASKIQ_SENT}.{name}": _WAITS for name in ("wait_result", "get_result")},
        **{f"{_TASKIQ}.{name}": Call(returns=Receiver()) for name in ("with_result_backend", "with_middlewares")},
        **plain(_TASKIQ, ("startup", "shutdown", "on_event", "add_middlewares")),
        **plain(_TASKIQ_SENT, ("is_ready", "task_id")),
        **{
            f"{_TASKIQ_TASK}.{name}": Call(returns=Receiver())
            for name in ("with_labels", "with_task_id", "with_broker")
        },
    },
    types={_TASKIQ: Type(), _TASKIQ_TASK: Type(client=True), _TASKIQ_SENT: Type()},
    foreign={"kiq": _publish("taskiq", {}, NameOf(Receiver(), qualified=True), _TASKIQ_SENT)},
    telling=frozenset({"kiq"}),
)

# procrastinate --------------------------------------------------------------------------------------------------------

_PRO, _PRO_TASK = "procrastinate.App", "procrastinate.Task"
_PRO_NAME = Either((Arg(None, "name"), NameOf(Decorated(), qualified=True)))
_DEFER = _publish("procrastinate", {**_DURABLE, "fact:confirmed": Fixed(True)}, Kept("name"), "procrastinate.Job")
_DEFER_ONE = replace(_DEFER, calls=_PASSED_ON)

PROCRASTINATE = Library(
    distribution="procrastinate",
    modules=("procrastinate",),
    calls={
        _PRO: Call(returns=_PRO),
        f"{_PRO}.task": _registers("procrastinate", _PRO_TASK, _PRO_NAME, _AFTER),
        f"{_PRO}.periodic": Call(decorates=True),
        **{f"{_PRO_TASK}.{name}": _DEFER_ONE for name in ("defer", "defer_async")},
        **{f"{_PRO_TASK}.{name}": _DEFER for name in ("batch_defer", "batch_defer_async")},
        f"{_PRO_TASK}.configure": Call(returns=Receiver()),
        f"{_PRO}.configure_task": Call(returns=_PRO_TASK, keeps={"name": Arg(0, "name")}),
        f"{_PRO_TASK}.__call__": _RUNS,
        **plain(_PRO, ("open", "open_async", "close", "close_async", "run_worker", "run_worker_async")),
    },
    types={_PRO: Type(), _PRO_TASK: Type(client=True)},
    foreign={
        name: _publish("procrastinate", _DURABLE, NameOf(Receiver(), qualified=True), "procrastinate.Job")
        for name in ("defer", "defer_async")
    },
)

LIBRARIES = (ARQ, RQ, DRAMATIQ, HUEY, TASKIQ, PROCRASTINATE)
