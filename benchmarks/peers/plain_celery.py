"""The invoice path written plainly with Celery.

Durable quorum queues, persistent messages, confirms, late acknowledgement.

    python plain_celery.py job | inbox | notification
"""

from __future__ import annotations

import sys
import time

import effects
from celery import Celery
from celery.signals import worker_ready
from kombu import Queue

from sysops_squad.plumbing.processes import READY, prepare_process

app = Celery("plain_celery", broker=effects.URL)
app.conf.update(
    task_queues=[
        Queue(name, durable=True, queue_arguments=effects.QUEUE_ARGUMENTS)
        for name in (effects.INVOICES, effects.NOTIFICATIONS)
    ],
    task_create_missing_queues=False,
    task_routes={"take_invoice": effects.INVOICES, "notify": effects.NOTIFICATIONS},
    task_default_delivery_mode="persistent",
    broker_transport_options={"confirm_publish": True},
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=effects.PREFETCH,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)


@app.task(name="take_invoice")
def take_invoice(body: str) -> None:
    notify.delay(effects.keep(_customer(), body).model_dump_json())


@app.task(name="notify")
def notify(body: str) -> None:
    effects.spool(_customer(), body)


_opened = []


def _customer():
    if not _opened:
        _opened.append(effects.customer())
    return _opened[0]


def job() -> None:
    sessions = effects.billing()
    print(READY, flush=True)
    while True:
        for customer_id in effects.due(sessions):
            take_invoice.delay(effects.issue(sessions, customer_id).model_dump_json())
        time.sleep(effects.INTERVAL)


def work(role: str, queue: str) -> None:
    worker_ready.connect(lambda **_: print(READY, flush=True), weak=False)
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"]
    # One task at a time in one process, as the other paths work.
    app.worker_main(["worker", "--pool=solo", f"--queues={queue}", f"--hostname={role}@%h", *quiet])


if __name__ == "__main__":
    role = sys.argv[1]
    prepare_process(f"celery.{role}")
    if role == "job":
        job()
    else:
        work(role, {"inbox": effects.INVOICES, "notification": effects.NOTIFICATIONS}[role])
