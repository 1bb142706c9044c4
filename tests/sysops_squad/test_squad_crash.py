"""Producers and consumers killed at random: every invoice still has exactly one effect."""

import random
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text
from squad_support import CARD_NUMBER, PASSWORD, drain, files_with, wait_until

from sysops_squad.customer.cards import CardDesk
from sysops_squad.customer.models import Customer, Invoice, Mail
from sysops_squad.customer.registration import RegistrationDesk
from sysops_squad.customer.requests import NewCard, Registration
from sysops_squad.customer.sealing import CardSealer
from sysops_squad.launcher.installation import Installation, install
from sysops_squad.launcher.supervisor import Supervisor
from sysops_squad.launcher.units import UNITS
from sysops_squad.plumbing.database import open_database, open_sessions
from sysops_squad.plumbing.outbox import ExpiredMessage, Outbox, OutboxMessage
from sysops_squad.plumbing.sqlite_queue import SqliteQueue

VICTIMS = tuple(
    unit
    for unit in UNITS
    if unit.name
    in {
        "customer.relay",
        "customer.inbox",
        "customer.notification",
        "billing.intake",
        "billing.payment_job",
        "billing.relay",
    }
)
QUEUES = ("billing-info", "invoice-issued", "notification")
PAUSE_BETWEEN_CUSTOMERS = 0.1
CARD = NewCard.model_validate(
    {"number": CARD_NUMBER, "expiry_month": 12, "expiry_year": 2099, "holder": "Ada Lovelace"}
)


@pytest.mark.crash
@pytest.mark.parametrize(
    ("transport", "seconds"), [("sqlite", 30.0), pytest.param("rabbitmq", 8.0, marks=pytest.mark.rabbitmq)]
)
def test_every_invoice_has_exactly_one_effect_however_often_processes_are_killed(
    request: pytest.FixtureRequest, tmp_path: Path, transport: str, seconds: float
) -> None:
    url = "sqlite:///queues?lease=2&poll=0.02"
    if transport == "rabbitmq":
        url = request.getfixturevalue("rabbitmq_url")
    installation = _install(tmp_path, url)
    with Supervisor(installation.environment, installation.folder, lambda unit, line: None) as supervisor:
        supervisor.start_all(VICTIMS)
        customer_db = open_database(f"sqlite:///{tmp_path}/customer/customer.db")
        feeder = Feeder(customer_db, installation)
        feeder.start()
        kills = _kill_at_random(supervisor, seconds)
        feeder.stop()
        wait_until(lambda: _mails(customer_db) >= feeder.count, "the last mail", seconds=40)
        # Time for a second effect to show, if there were one.
        time.sleep(1)

    assert sum(kills.values()) >= seconds / 2
    assert set(kills) == {unit.name for unit in VICTIMS}
    assert feeder.count >= seconds
    _every_customer_has_one_invoice_and_one_mail(customer_db)
    with open_database(f"sqlite:///{tmp_path}/billing/billing.db").connect() as billing:
        assert billing.scalar(text("SELECT count(*) FROM invoice")) == feeder.count
        assert billing.scalar(text("SELECT count(*) FROM outbox")) == 0
    assert _dead_letters(tmp_path, url) == []
    assert files_with(tmp_path, CARD_NUMBER) == []


class Feeder(threading.Thread):
    """Registers one customer after the other, each with a plan and a card, until stopped."""

    def __init__(self, customer_db: Engine, installation: Installation) -> None:
        super().__init__()
        self.count = 0
        self._halt = threading.Event()
        sessions, outbox = open_sessions(customer_db), Outbox(timedelta(hours=1))
        key = installation.folder / installation.environment["CUSTOMER_BILLING_KEY_FILE"]
        self._registration = RegistrationDesk(sessions, outbox)
        self._cards = CardDesk(sessions, outbox, CardSealer.from_file(key))
        with customer_db.begin() as connection:
            connection.execute(text("INSERT INTO support_contract VALUES ('gold', 'Gold', '', 999, 'EUR')"))

    def run(self) -> None:
        while not self._halt.wait(PAUSE_BETWEEN_CUSTOMERS):
            email = f"customer-{self.count}@example.org"
            customer = self._registration.register(Registration(name="Ada", email=email, password=PASSWORD))
            self._registration.choose(customer.id, "gold")
            self._cards.add(customer.id, CARD)
            self.count += 1

    def stop(self) -> None:
        self._halt.set()
        self.join()


def _install(folder: Path, messaging_url: str) -> Installation:
    installation = install(folder, messaging_url=messaging_url)
    environment = {**installation.environment, "BILLING_PAYMENT_INTERVAL_SECONDS": "0.2"}
    return Installation(installation.folder, environment)


def _kill_at_random(supervisor: Supervisor, seconds: float) -> Counter[str]:
    """SIGKILL one process after the other and start each again; returns how often each was killed."""
    dice = random.Random()
    kills: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        # Each has its turn in every round, so that none is spared by chance.
        for victim in dice.sample(VICTIMS, len(VICTIMS)):
            time.sleep(dice.uniform(0.2, 1.2))
            supervisor.processes[victim.name].kill()
            kills[victim.name] += 1
            supervisor.start(victim)
    return kills


def _mails(customer_db: Engine) -> int:
    with open_sessions(customer_db)() as session:
        return session.scalar(select(func.count()).select_from(Mail)) or 0


def _every_customer_has_one_invoice_and_one_mail(customer_db: Engine) -> None:
    with open_sessions(customer_db)() as session:
        customers = sorted(session.scalars(select(Customer.id)))
        assert sorted(session.scalars(select(Invoice.customer_id))) == customers
        assert sorted(session.scalars(select(Mail.customer_id))) == customers
        assert list(session.scalars(select(OutboxMessage.message_id))) == []
        assert list(session.scalars(select(ExpiredMessage.message_id))) == []


def _dead_letters(folder: Path, url: str) -> list[object]:
    if url.startswith("sqlite"):
        queues = SqliteQueue(folder / "queues")
        return [letter for name in QUEUES for letter in queues.file(name).dead()]
    return [letter for name in QUEUES for letter in drain(url, f"{name}.dead", seconds=0.5)]
