"""Celery: what survives is told by the broker's address and the settings, wherever they stand."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from source_trees import Seen, see

WORKER = """
    from celery import shared_task

    @shared_task
    def charge(card):
        print(card)
    """
SENDS = """
    from celery import Celery

    app = Celery("customer", broker="amqp://broker")

    def go():
        app.send_task("billing.tasks.charge", args=[7])  # SITE
    """
REDIS = SENDS.replace("amqp://broker", "redis://redis:6379/0")
COMPOSE = """
    services:
      redis:
        image: redis:7
    """


@dataclass(frozen=True)
class Case:
    """A system with one task sent, and what survives."""

    durable: object
    confirmed: object = False
    acknowledgement: str = "before"
    sends: str = SENDS
    works: str = WORKER
    files: dict[str, str] = field(default_factory=dict)

    def seen(self) -> Seen:
        return see({"customer/app.py": self.sends, "billing/tasks.py": self.works, **self.files})


CASES = {
    "RabbitMQ by default": Case(True),
    "transient by the call": Case(False, sends=SENDS.replace("args=[7]", "args=[7], delivery_mode='transient'")),
    "transient by the application": Case(
        False, sends=SENDS.replace('broker"', 'broker", task_default_delivery_mode=1')
    ),
    "to a queue that is described as transient": Case(
        False,
        sends=SENDS.replace("import Celery", "import Celery\n    from kombu import Queue").replace(
            "    def go", "    app.conf.task_queues = [Queue('jobs', durable=False)]\n\n    def go"
        ),
    ),
    "to a queue that is described": Case(
        True,
        sends=SENDS.replace("import Celery", "import Celery\n    from kombu import Queue").replace(
            "    def go", "    app.conf.task_queues = (Queue('jobs'), Queue('more', durable=True))\n\n    def go"
        ),
    ),
    "to queues that nobody here can tell": Case(
        "unknown",
        sends=SENDS.replace("    def go", "    app.conf.task_queues = make()\n\n    def go"),
    ),
    "confirmed": Case(
        True, True, sends=SENDS.replace('broker"', 'broker", broker_transport_options={"confirm_publish": True}')
    ),
    "Redis without a file": Case(False, False, sends=REDIS, files={"compose.yaml": COMPOSE}),
    "Redis that nothing is known of": Case("unknown", "unknown", sends=REDIS),
    "in memory": Case(False, sends=SENDS.replace("amqp://broker", "memory://")),
    "a queue that keeps": Case(True, True, sends=SENDS.replace("amqp://broker", "sqs://")),
    "no broker anywhere": Case("unknown", "unknown", sends=SENDS.replace(', broker="amqp://broker"', "")),
    "the worker's broker is the sender's": Case(
        True,
        sends=SENDS.replace(', broker="amqp://broker"', ""),
        works=WORKER.replace("import shared_task", "import Celery, shared_task\n    Celery(broker='pyamqp://broker')"),
    ),
    "from the environment": Case(
        False,
        sends=SENDS.replace('"amqp://broker"', 'os.environ["BROKER"]').replace(
            "    from", "    import os\n    from", 1
        ),
        files={".env": "BROKER=memory://\n"},
    ),
    "Celery's own variable": Case(
        False, sends=SENDS.replace(', broker="amqp://broker"', ""), files={".env": "CELERY_BROKER_URL=memory://\n"}
    ),
    "late by the task": Case(
        True, acknowledgement="after", works=WORKER.replace("_task\n    def", "_task(acks_late=True)\n    def")
    ),
    "late by the settings": Case(
        True,
        acknowledgement="after",
        works=WORKER + "\n    from celery import current_app\n    current_app.conf.task_acks_late = True\n",
    ),
    "late by an update": Case(
        True,
        acknowledgement="after",
        works=WORKER + "\n    from celery import Celery\n    Celery().conf.update(task_acks_late=True)\n",
    ),
    "late by a module": Case(
        True,
        acknowledgement="after",
        works=WORKER + "\n    from celery import Celery\n    Celery().config_from_object('settings')\n",
        files={"billing/settings.py": "task_acks_late = True\n"},
    ),
    "late by a class, as settings were named before": Case(
        True,
        acknowledgement="after",
        works=WORKER
        + "\n    from celery import Celery\n    class Config:\n        CELERY_ACKS_LATE = True\n"
        + "    Celery().config_from_object(Config)\n",
    ),
    "late by Django's settings": Case(
        True,
        acknowledgement="after",
        works=WORKER,
        files={
            "billing/shop/celery.py": "from celery import Celery\napp = Celery('billing')\n"
            "app.config_from_object('django.conf:settings', namespace='CELERY')\n",
            "billing/shop/__init__.py": "from shop.celery import app\n",
            "billing/shop/settings.py": "TASK_ACKS_LATE = False\nCELERY_TASK_ACKS_LATE = True\n",
        },
    ),
    "settings from somewhere unknown": Case(
        True,
        acknowledgement="unknown",
        works=WORKER + "\n    from celery import Celery\n    Celery().config_from_envvar('CELERY_CONFIG')\n",
    ),
    "a task that is a class": Case(
        True,
        works="""
    from celery import Celery, Task

    class Base(Task):
        abstract = True

    class Charge(Base):
        name = "billing.tasks.charge"

        def run(self, card):
            print(card)

    Celery().register_task(Charge())
    """,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_survives_a_restart(name: str) -> None:
    case = CASES[name]
    seen = case.seen()
    (crossing,) = seen.crossings()
    assert (crossing.target, str(crossing.site)) == ("billing", *seen.marked())
    assert (crossing.durable, crossing.delivery["confirm"].value) == (case.durable, case.confirmed)
    assert crossing.acknowledgement == case.acknowledgement
    assert crossing.communication.value == "asynchronous"
    assert seen.unresolved() == []


SENT_AND_AWAITED = {
    "the result": "app.send_task('billing.tasks.charge').get(timeout=3)  # SITE",
    "the result, later": "sent = app.send_task('billing.tasks.charge')  # SITE\n        return sent.wait()",
    "a group": "group(app.signature('billing.tasks.charge') for x in 'ab')().join()  # SITE",
    "a chord": "chord([app.signature('billing.tasks.charge')])(app.signature('nobody'))  # ASYNC",
    "a pipe": "(app.signature('billing.tasks.charge') | app.signature('nobody')).delay().get()  # SITE",
    "another's task": "from billing.tasks import charge; charge.s(7).apply_async().get()  # SITE",
}


@pytest.mark.parametrize("name", SENT_AND_AWAITED)
def test_waiting_for_a_result_is_synchronous(name: str) -> None:
    sends = SENDS.replace('app.send_task("billing.tasks.charge", args=[7])  # SITE', SENT_AND_AWAITED[name])
    seen = see(
        {"customer/app.py": sends.replace("import Celery", "import Celery, chord, group"), "billing/tasks.py": WORKER}
    )
    sent = [one for one in seen.crossings(mechanism="celery") if one.target == "billing"]
    expected = "synchronous" if seen.marked() else "asynchronous"
    assert {(str(one.site), one.communication.value) for one in sent} == {
        (place, expected) for place in seen.marked() | seen.marked("ASYNC")
    }


def test_the_result_of_a_task_sent_elsewhere_is_not_known_to_be_anybodys() -> None:
    seen = see(
        {
            "customer/app.py": """
        from celery.result import AsyncResult

        def go(id):
            if AsyncResult(id).ready():
                return AsyncResult(id).get()  # SITE
        """
        }
    )
    assert {str(one.place) for one in seen.unresolved("request")} == seen.marked()


LOOK_ALIKES = {
    "another task of that name": SENDS.replace("billing.tasks.charge", "sysops.tasks.charge"),
    "a name without its module": SENDS.replace("billing.tasks.charge", "charge"),
    "run in process": """
        from celery import shared_task

        @shared_task
        def charge(card):
            print(card)

        def go():
            charge(7)
            charge.apply((7,))
        """,
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_what_reaches_nobody(name: str) -> None:
    assert see({"customer/app.py": LOOK_ALIKES[name], "billing/tasks.py": WORKER}).to() == set()


ASKS_WORKERS = {
    "what they do": "app.control.inspect().active()",
    "what they know": "app.control.inspect(timeout=2).registered()",
    "whether they live": "app.control.ping()",
    "and waits for replies": "app.control.broadcast('pool_restart', reply=True)",
}


@pytest.mark.parametrize("call", ASKS_WORKERS.values(), ids=ASKS_WORKERS)
def test_asking_all_workers_of_a_broker_is_never_silent(call: str) -> None:
    seen = see({"customer/app.py": SENDS.replace('app.send_task("billing.tasks.charge", args=[7])', call)})
    assert {str(one.place) for one in seen.unresolved("request")} == seen.marked()


def test_telling_workers_without_waiting_is_no_question() -> None:
    call = "app.control.revoke('7', terminate=True)"
    seen = see({"customer/app.py": SENDS.replace('app.send_task("billing.tasks.charge", args=[7])', call)})
    assert not seen.evidence.unresolved
