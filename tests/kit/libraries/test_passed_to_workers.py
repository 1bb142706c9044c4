"""What a task is sent with is what its function is given: the address that a worker calls may come that way."""

from __future__ import annotations

import pytest
from source_trees import Seen, see

CELERY = """
    import requests
    from celery import Celery

    app = Celery("jobs", broker="redis://redis")

    @app.task
    def fetch(url):
        requests.get(url)  # SITE
    """
BOUND = CELERY.replace("@app.task", "@app.task(bind=True)").replace("fetch(url)", "fetch(self, url)")
CLASS = """
    import requests
    from celery import Task

    class Fetch(Task):
        name = "fetch"

        def run(self, url):
            requests.get(url)  # SITE

    fetch = Fetch()
    """
RQ = """
    import requests
    from redis import Redis
    from rq import Queue

    queue = Queue("jobs", connection=Redis())

    def fetch(url):
        requests.get(url)  # SITE
    """
DRAMATIQ = """
    import dramatiq
    import requests

    @dramatiq.actor
    def fetch(url):
        requests.get(url)  # SITE
    """
HUEY = """
    import requests
    from huey import RedisHuey

    huey = RedisHuey("jobs")

    @huey.task()
    def fetch(url):
        requests.get(url)  # SITE
    """
TASKIQ = """
    import requests
    from taskiq_redis import ListQueueBroker

    broker = ListQueueBroker("redis://redis")

    @broker.task
    async def fetch(url):
        requests.get(url)  # SITE
    """
PROCRASTINATE = """
    import procrastinate
    import requests

    app = procrastinate.App(connector=None)

    @app.task
    def fetch(url):
        requests.get(url)  # SITE
    """
SENT = {
    "celery, delay": (CELERY, "fetch.delay('http://billing/pay')"),
    "celery, by keyword": (CELERY, "fetch.delay(url='http://billing/pay')"),
    "celery, apply_async": (CELERY, "fetch.apply_async(('http://billing/pay',), countdown=3)"),
    "celery, apply_async by keyword": (CELERY, "fetch.apply_async(kwargs={'url': 'http://billing/pay'})"),
    "celery, a signature": (CELERY, "fetch.s('http://billing/pay').delay()"),
    "celery, a bound task": (BOUND, "fetch.delay('http://billing/pay')"),
    "celery, a bound task called here": (BOUND, "fetch('http://billing/pay')"),
    "celery, a class": (CLASS, "fetch.delay('http://billing/pay')"),
    "rq": (RQ, "queue.enqueue(fetch, 'http://billing/pay')"),
    "rq, by keyword": (RQ, "queue.enqueue_call(func=fetch, args=('http://billing/pay',))"),
    "dramatiq": (DRAMATIQ, "fetch.send('http://billing/pay')"),
    "dramatiq, with options": (DRAMATIQ, "fetch.send_with_options(args=('http://billing/pay',), delay=3)"),
    "huey": (HUEY, "fetch('http://billing/pay')"),
    "huey, later": (HUEY, "fetch.schedule(args=('http://billing/pay',), delay=3)"),
    "taskiq": (TASKIQ, "await fetch.kiq('http://billing/pay')"),
    "procrastinate": (PROCRASTINATE, "fetch.defer(url='http://billing/pay')"),
}


def _seen(works: str, sends: str) -> Seen:
    main = f"""
    from customer.jobs import *

    async def go():
        {sends}  # CALL
    """
    return see({"customer/jobs.py": works, "customer/main.py": main, "billing/app.py": "x = 1"})


@pytest.mark.parametrize("name", SENT)
def test_the_worker_calls_the_address_that_it_is_sent(name: str) -> None:
    """The request stands where the function makes it; a task called here makes it for whoever calls."""
    works, sends = SENT[name]
    seen = _seen(works, sends)
    expected = seen.marked("CALL" if "called here" in name else "SITE")
    assert seen.sites("billing", mechanism="http") >= expected
    assert [one for one in seen.unresolved() if "parameter" in one.why] == []


@pytest.mark.parametrize("name", SENT)
def test_an_address_that_is_nobody_is_not_taken_for_one(name: str) -> None:
    """The twin: what is sent leads elsewhere, so billing is not called."""
    works, sends = SENT[name]
    seen = _seen(works, sends.replace("http://billing/pay", "http://example.com/pay"))
    assert seen.sites("billing") == set()


def test_a_task_that_nobody_sends_stays_open() -> None:
    """Where nothing is passed, whom the worker calls is not known, and that is said."""
    seen = _seen(CELERY, "print(fetch)")
    assert seen.sites("billing") == set()
    assert [str(one.place) for one in seen.unresolved()] == sorted(seen.marked())


def test_what_another_task_is_sent_with_is_not_passed_on() -> None:
    """A look-alike: the address goes to a task that only prints it."""
    works = CELERY + "\n    @app.task\n    def show(url):\n        print(url)\n"
    seen = _seen(works, "show.delay('http://billing/pay')")
    assert seen.sites("billing") == set()
    assert [str(one.place) for one in seen.unresolved()] == sorted(seen.marked())


def test_who_sends_does_not_make_the_request() -> None:
    """The sender goes on at once: the line that sends is no request."""
    seen = _seen(CELERY, "fetch.delay('http://billing/pay')")
    assert not seen.marked("CALL") & seen.sites("billing", mechanism="http")
