"""Fixtures: one migrated database per quantum, key pairs, and both transports."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pika
import pytest
from joserfc.jwk import KeySet, OKPKey
from squad_support import Bench, Broker, Issuers, Rabbitmqctl

from private_servers import MissingServerError
from squad_servers import SquadDatabases, squad_databases
from sysops_squad.billing.bootstrap import open_billing_sessions
from sysops_squad.billing.settings import BillingSettings
from sysops_squad.billing.unsealing import CardOpener
from sysops_squad.customer.bootstrap import open_customer_sessions
from sysops_squad.customer.sealing import CardSealer
from sysops_squad.customer.settings import CustomerSettings
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.outbox import Outbox
from sysops_squad.reporting.bootstrap import open_reporting_sessions
from sysops_squad.reporting.settings import ReportingSettings
from sysops_squad.sysops.bootstrap import open_sysops_sessions
from sysops_squad.sysops.settings import SysopsSettings

BROKER = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672")
"""The server, without a virtual host."""


@pytest.fixture
def customer_sessions(tmp_path: Path) -> Iterator[Sessions]:
    yield from _closing(open_customer_sessions(CustomerSettings(**_urls(tmp_path / "customer.db"))))


@pytest.fixture
def sysops_sessions(tmp_path: Path) -> Iterator[Sessions]:
    yield from _closing(open_sysops_sessions(SysopsSettings(**_urls(tmp_path / "sysops.db"))))


@pytest.fixture
def billing_sessions(tmp_path: Path) -> Iterator[Sessions]:
    yield from _closing(open_billing_sessions(BillingSettings(**_urls(tmp_path / "billing.db"))))


@pytest.fixture
def reporting_sessions(tmp_path: Path) -> Iterator[Sessions]:
    yield from _closing(open_reporting_sessions(ReportingSettings(**_urls(tmp_path / "reporting.db"))))


@pytest.fixture
def outbox() -> Outbox:
    return Outbox(timedelta(hours=1))


@pytest.fixture(scope="session")
def billing_key() -> OKPKey:
    key = OKPKey.generate_key("X25519", private=True)
    key.ensure_kid()
    return key


@pytest.fixture(scope="session")
def issuers() -> Issuers:
    return Issuers()


@pytest.fixture
def sealer(billing_key: OKPKey) -> CardSealer:
    return CardSealer(OKPKey.import_key(billing_key.as_dict(private=False)))


@pytest.fixture
def opener(billing_key: OKPKey) -> CardOpener:
    return CardOpener(KeySet([billing_key]))


@pytest.fixture
def queue() -> str:
    """A queue name that no other test uses."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(params=["sqlite", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
def transport_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Both transports, patient for a second only where a dead consumer must be noticed."""
    if request.param == "rabbitmq":
        return str(request.getfixturevalue("rabbitmq_url"))
    return f"sqlite:///{tmp_path}/queues?lease=2&retry_delay=0.05&pause=0.02&poll=0.02"


@pytest.fixture
def bench(transport_url: str) -> Bench:
    return Bench(transport_url)


@pytest.fixture(scope="session")
def rabbitmqctl() -> Rabbitmqctl | None:
    """The server's own command, where it is here and may be used."""
    path = shutil.which("rabbitmqctl")
    if path is None:
        return None

    def call(*arguments: str, given: str = "") -> None:
        command = [path, "-q", *arguments]
        subprocess.run(command, input=given, text=True, check=True, capture_output=True, timeout=60)

    try:
        call("list_vhosts")
    except subprocess.SubprocessError:
        return None
    return call


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SquadDatabases]:
    """Two PostgreSQL servers of our own, set up by `deploy/postgresql`; nothing is migrated yet."""
    try:
        with squad_databases(tmp_path_factory.mktemp("databases")) as databases:
            yield databases
    except MissingServerError as error:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(error))


@pytest.fixture(scope="session")
def rabbitmq_url(rabbitmqctl: Rabbitmqctl | None) -> Iterator[str]:
    """A virtual host of our own on a real server, removed at the end; with no server a failure in CI, else skipped."""
    try:
        pika.BlockingConnection(pika.URLParameters(f"{BROKER}/")).close()
    except pika.exceptions.AMQPError as error:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(f"no RabbitMQ server answers at 127.0.0.1:5672, or at RABBITMQ_URL ({type(error).__name__})")
    name = f"sysops-squad-{uuid.uuid4().hex[:8]}"
    if rabbitmqctl is None:
        # A server elsewhere, as the service container of a CI job: it is ours alone and thrown away afterwards.
        yield f"{BROKER}/"
        return
    rabbitmqctl("add_vhost", name)
    rabbitmqctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
    yield f"{BROKER}/{name}"
    rabbitmqctl("delete_vhost", name)


@pytest.fixture(scope="module")
def broker(rabbitmq_url: str, rabbitmqctl: Rabbitmqctl | None) -> Iterator[Broker]:
    if rabbitmqctl is None:
        pytest.skip("importing definitions needs rabbitmqctl and the right to use it")
    broker = Broker(rabbitmqctl, urlsplit(rabbitmq_url).netloc.rpartition("@")[2])
    try:
        broker.set_up()
        yield broker
    finally:
        broker.tear_down()


def _urls(database: Path) -> dict[str, Any]:
    return {"db_url": f"sqlite:///{database}", "messaging_url": "sqlite:///unused"}


def _closing(sessions: Sessions) -> Iterator[Sessions]:
    yield sessions
    sessions.kw["bind"].dispose()
