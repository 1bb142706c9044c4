"""Task libraries: a task's name is the channel, and whoever registers the task works on it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from source_trees import Seen, see


@dataclass(frozen=True)
class Case:
    """A caller (``# SITE``), a worker, and what is expected of the crossing between them."""

    mechanism: str
    sends: str
    receives: str
    durable: object
    acknowledgement: str

    def seen(self) -> Seen:
        return see({"customer/app.py": self.sends, "billing/tasks.py": self.receives})


CELERY = """
    from celery import Celery

    app = Celery("billing", broker="amqp://broker")

    @app.task
    def charge(card):
        print(card)

    @app.task(name="billing.refund", acks_late=True)
    def refund(card):
        print(card)
    """

CASES = {
    "celery by name": Case(
        "celery",
        """
        from celery import Celery

        app = Celery("customer", broker="amqp://broker")

        def go():
            app.send_task("tasks.charge", args=[7])  # SITE
        """,
        CELERY,
        True,
        "before",
    ),
    "celery, acknowledged late": Case(
        "celery",
        """
        from celery import Celery

        def go():
            Celery(broker="amqp://broker").send_task("billing.refund", args=[7])  # SITE
        """,
        CELERY,
        True,
        "after",
    ),
    "celery signature by name": Case(
        "celery",
        """
        from celery import Celery, chain, group, signature

        def go():
            signature("billing.refund").apply_async((7,))  # SITE
            chain(signature("billing.refund"), signature("nobody.knows")).delay()  # SITE
            group(signature(name) for name in ("billing.refund",))()  # SITE
            Celery().tasks["billing.refund"].delay(7)  # SITE
        """,
        CELERY,
        True,
        "after",
    ),
    "celery task of the same name on both sides": Case(
        "celery",
        """
        from celery import shared_task

        @shared_task(name="billing.refund")
        def refund(card):
            raise NotImplementedError

        def go():
            refund.delay(7)  # SITE
        """,
        CELERY,
        True,
        "after",
    ),
    "arq": Case(
        "arq",
        """
        from arq import create_pool
        from arq.connections import RedisSettings

        async def go():
            pool = await create_pool(RedisSettings())
            await pool.enqueue_job("charge", 7)  # SITE
        """,
        """
        from arq.connections import RedisSettings

        async def charge(ctx, card):
            print(card)

        class WorkerSettings:
            functions = [charge]
            redis_settings = RedisSettings(host="redis")
        """,
        "unknown",
        "after",
    ),
    "rq": Case(
        "rq",
        """
        from redis import Redis
        from rq import Queue

        queue = Queue("jobs", connection=Redis())

        def go():
            queue.enqueue("billing.tasks.charge", 7)  # SITE
        """,
        """
        from redis import Redis
        from rq import Queue, Worker

        def main():
            Worker([Queue("jobs", connection=Redis())], connection=Redis()).work()
        """,
        "unknown",
        "after",
    ),
    "dramatiq": Case(
        "dramatiq",
        """
        import dramatiq
        from dramatiq.brokers.rabbitmq import RabbitmqBroker

        broker = RabbitmqBroker(host="rabbit")

        def go():
            broker.enqueue(dramatiq.Message(queue_name="q", actor_name="charge", args=(7,)))  # SITE
        """,
        """
        import dramatiq

        @dramatiq.actor(queue_name="q")
        def charge(card):
            print(card)
        """,
        True,
        "after",
    ),
    "taskiq": Case(
        "taskiq",
        """
        from taskiq_aio_pika import AioPikaBroker

        broker = AioPikaBroker("amqp://broker")

        @broker.task("charge")
        async def charge(card): ...

        async def go():
            await charge.kiq(7)  # SITE
        """,
        """
        from taskiq_aio_pika import AioPikaBroker

        broker = AioPikaBroker("amqp://broker")

        @broker.task(task_name="charge")
        async def work(card):
            print(card)
        """,
        True,
        "after",
    ),
    "huey": Case(
        "huey",
        """
        from huey import RedisHuey

        huey = RedisHuey("shop")

        @huey.task(name="charge")
        def charge(card): ...

        def go():
            charge(7)  # SITE
        """,
        """
        from huey import RedisHuey

        huey = RedisHuey("shop")

        @huey.task(name="charge")
        def charge(card):
            print(card)
        """,
        "unknown",
        "auto",
    ),
    "procrastinate": Case(
        "procrastinate",
        """
        import procrastinate

        app = procrastinate.App(connector=None)

        async def go():
            await app.configure_task(name="charge").defer_async(card=7)  # SITE
        """,
        """
        import procrastinate

        app = procrastinate.App(connector=None)

        @app.task(name="charge", queue="q")
        def charge(card):
            print(card)
        """,
        True,
        "after",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_task_goes_to_whoever_registers_it(name: str) -> None:
    """The site is the line that sends; nothing waits; nothing is left open."""
    case = CASES[name]
    seen = case.seen()
    assert seen.sites("billing", mechanism=case.mechanism) == seen.marked()
    for crossing in seen.crossings():
        if crossing.target is None:
            continue
        assert crossing.durable == case.durable
        assert crossing.communication.value == "asynchronous"
        assert crossing.acknowledgement is not None
        assert crossing.acknowledgement.value == case.acknowledgement
    assert seen.unresolved() == []


def test_a_task_called_as_a_function_runs_here() -> None:
    """Only ``delay`` and its kin send; a plain call does the work in this process."""
    seen = see(
        {
            "customer/app.py": """
            import requests
            from celery import shared_task

            @shared_task
            def tell(number):
                requests.post("http://billing/x", json=number)  # SITE

            def go():
                tell(7)
            """,
        }
    )
    assert seen.sites("billing", mechanism="http") == seen.marked()
    assert seen.crossings(mechanism="celery") == []


def test_a_task_of_another_quantum_is_a_message_to_it() -> None:
    """An imported task is no call: besides the import, ``delay`` sends."""
    seen = see(
        {
            "customer/app.py": """
            from billing.tasks import charge

            def go():
                charge.delay(7)  # SITE
            """,
            "billing/__init__.py": "",
            "billing/tasks.py": CELERY,
        }
    )
    assert seen.sites("billing", mechanism="celery") == seen.marked()


def test_waiting_for_the_result_is_synchronous() -> None:
    """``get`` makes a task a remote call."""
    seen = see(
        {
            "customer/app.py": """
            from celery import Celery

            app = Celery(broker="amqp://broker")

            def go():
                return app.send_task("billing.refund").get(timeout=5)  # SITE
            """,
            "billing/tasks.py": CELERY,
        }
    )
    assert seen.sites("billing") == seen.marked()
    assert {one.communication.value for one in seen.crossings()} == {"synchronous"}


def test_an_actor_sends_by_its_own_name() -> None:
    """``send`` of an actor in this quantum goes to whoever else registers an actor of that name."""
    receives = CASES["dramatiq"].receives
    seen = see(
        {
            "customer/app.py": receives + "\n        def go():\n            charge.send(7)  # SITE\n",
            "billing/tasks.py": receives,
        }
    )
    assert seen.sites("billing", mechanism="dramatiq") == seen.marked()


LOOK_ALIKES = {
    "a delay": "class Clock:\n    def delay(self, seconds):\n        return 0\n\ndef go():\n    Clock().delay(7)\n",
    "a list of functions": "def charge():\n    pass\n\nclass Settings:\n    functions = [charge]\n",
    "a task decorator": "def task(function):\n    return function\n\n@task\ndef charge(card):\n    return card\n\n"
    "def go():\n    charge(7)\n",
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a_look_alike_stays_silent(name: str) -> None:
    """Names that task libraries share with other things say nothing."""
    seen = see({"customer/app.py": LOOK_ALIKES[name], "billing/tasks.py": CELERY})
    assert seen.silent()


AWAITED = {
    "rq": """
        from redis import Redis
        from rq import Queue

        def go():
            job = Queue("jobs", connection=Redis()).enqueue("billing.tasks.charge", 7)  # SITE
            while job.get_status() != "finished":
                pass
            return job.return_value()
        """,
    "arq": """
        from arq import create_pool

        async def go():
            job = await (await create_pool()).enqueue_job("charge", 7)  # SITE
            return await job.result(timeout=3)
        """,
    "taskiq": """
        from taskiq_aio_pika import AioPikaBroker

        broker = AioPikaBroker("amqp://broker")

        @broker.task("charge")
        async def charge(card): ...

        async def go():
            return await (await charge.kiq(7)).wait_result()  # SITE
        """,
}


@pytest.mark.parametrize("name", AWAITED)
def test_waiting_for_a_result_is_synchronous(name: str) -> None:
    """The worker has to be up while the caller's work is pending."""
    seen = see({"customer/app.py": AWAITED[name], "billing/tasks.py": CASES[name].receives})
    crossings = [one for one in seen.crossings() if one.target]
    assert {(str(one.site), one.communication.value) for one in crossings} == {(*seen.marked(), "synchronous")}


ELSEWHERE = {
    "rq": "from rq.job import Job\ndef go(id):\n    return Job.fetch(id).return_value()\n",
    "arq": "from arq.jobs import Job\nasync def go(id, redis):\n    return await Job(id, redis).result()\n",
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_the_result_of_a_task_sent_elsewhere_is_never_silent(name: str) -> None:
    """Whose task it was is not in the code that waits."""
    assert [one.place.line for one in see({"customer/app.py": ELSEWHERE[name]}).unresolved("request")] == [3]
