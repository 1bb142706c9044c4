"""The distributed deployment as `deploy/` describes it, on real servers: PostgreSQL and RabbitMQ."""

import base64
import hashlib
import json
import os
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pika
import pytest
import yaml
from sqlalchemy import URL, Engine, make_url, text
from squad_support import Rabbitmqctl

from sysops_squad.launcher.installation import install
from sysops_squad.launcher.story import Step, Story
from sysops_squad.launcher.supervisor import Supervisor
from sysops_squad.launcher.units import EMBEDDED_ENVIRONMENT, UNITS, read_environment

DEPLOY = Path(__file__).parents[2] / "deploy"
QUANTA = ("customer", "sysops", "billing", "reporting")
PASSWORD = uuid.uuid4().hex


def test_compose_runs_exactly_the_processes_that_the_launcher_runs() -> None:
    assert set(_environments()) == {unit.name for unit in UNITS}


def test_both_deployments_set_the_same_databases_and_transports() -> None:
    composed = {name for environment in _environments().values() for name in environment}
    embedded = set(read_environment(EMBEDDED_ENVIRONMENT))
    servers = {name for name in composed if name.endswith(("_HOST", "_PORT"))}
    assert composed - servers - {"BILLING_PAYMENT_INTERVAL_SECONDS"} == embedded


def test_no_secret_is_written_down() -> None:
    for path in DEPLOY.rglob("*"):
        if path.is_file() and path.parent.name != "secrets":
            for user, password in re.findall(r"//(\w+):([^@\s]+)@", path.read_text()):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?\}", password), f"{path.name}: the password of {user}"


@pytest.mark.rabbitmq
@pytest.mark.postgresql
def test_the_whole_story_runs_on_postgresql_and_rabbitmq(
    tmp_path: Path, broker: "Broker", servers: Mapping[str, URL]
) -> None:
    steps: list[Step] = []
    installation = install(tmp_path)
    environment = dict(installation.environment)
    for unit, composed in _environments().items():
        for name, value in composed.items():
            if name.endswith(("_DB_URL", "_REPLICA_URL")):
                environment[name] = _on_our_server(value, servers)
            elif name.endswith("_MESSAGING_URL"):
                environment[name] = broker.url(make_url(value).username or unit)
    installation = replace(installation, environment=environment)
    problems: list[str] = []
    with Supervisor(environment, installation.folder, lambda unit, line: problems.append(line)) as supervisor:
        supervisor.start_all(UNITS)
        Story(installation.addresses, installation.folder, steps.append).run()
    assert len(steps) == 12
    assert not [problem for problem in problems if "the replica could not be reached" not in problem]


@pytest.mark.rabbitmq
@pytest.mark.parametrize(
    ("user", "queue"), [("reporting", "billing-info"), ("sysops", "invoice-issued"), ("billing", "ticket-created")]
)
def test_a_quantum_cannot_read_the_queues_of_others(broker: "Broker", user: str, queue: str) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(broker.url(user)))
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
        connection.channel().basic_get(queue)
    connection.close()


class Broker:
    """A virtual host that has imported our definitions, under user names of its own."""

    def __init__(self, rabbitmqctl: Rabbitmqctl, place: str) -> None:
        self._place = place
        self._call = rabbitmqctl
        self._name = f"sysops-squad-{uuid.uuid4().hex[:8]}"

    def url(self, user: str) -> str:
        return f"amqp://{self._name}-{user}:{PASSWORD}@{self._place}/{self._name}"

    def set_up(self) -> None:
        self._call("add_vhost", self._name)
        self._call("import_definitions", given=json.dumps(self._definitions()))

    def tear_down(self) -> None:
        self._call("delete_vhost", self._name)
        for quantum in QUANTA:
            self._call("delete_user", f"{self._name}-{quantum}")

    def _definitions(self) -> dict[str, Any]:
        definitions: dict[str, Any] = json.loads((DEPLOY / "rabbitmq/definitions.json").read_text())
        for kind in ("permissions", "exchanges", "queues", "bindings"):
            for entry in definitions[kind]:
                entry["vhost"] = self._name
        for entry in definitions["permissions"]:
            entry["user"] = f"{self._name}-{entry['user']}"
        for entry in definitions["users"]:
            assert entry["password_hash"] == f"{entry['name'].upper()}_PASSWORD_HASH"
            entry.update(name=f"{self._name}-{entry['name']}", password_hash=_rabbitmq_hash(PASSWORD))
        return {**definitions, "vhosts": []}


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


@pytest.fixture
def servers(postgresql: Engine) -> Iterator[dict[str, URL]]:
    """One database a quantum with its own role, and the principal of the ETL job: compose names to URLs."""
    prefix = f"squad_{uuid.uuid4().hex[:8]}"
    ours = {quantum: f"{prefix}_{quantum}" for quantum in QUANTA} | {"sysops_etl": "sysops_etl"}
    with postgresql.connect() as connection:
        if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = 'sysops_etl'")):
            pytest.skip("the server has a role sysops_etl of its own")
        for role in ours.values():
            connection.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'"))
        for quantum in QUANTA:
            connection.execute(text(f"CREATE DATABASE {ours[quantum]} OWNER {ours[quantum]}"))
    server = postgresql.url.set(host=postgresql.url.host or "127.0.0.1", password=PASSWORD)
    yield {name: server.set(username=role) for name, role in ours.items()}
    with postgresql.connect() as connection:
        for quantum in QUANTA:
            connection.execute(text(f"DROP DATABASE {ours[quantum]} WITH (FORCE)"))
        for role in ours.values():
            connection.execute(text(f"DROP ROLE {role}"))


def _environments() -> dict[str, dict[str, str]]:
    """The environment of each unit of ours in the compose file."""
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return {
        service["command"][2].removeprefix("sysops_squad."): service["environment"]
        for service in services.values()
        if service.get("command", [""])[0] == "python"
    }


def _on_our_server(composed: str, ours: Mapping[str, URL]) -> str:
    url = make_url(re.sub(r"\$\{[A-Z_]+:\?\}", PASSWORD, composed))
    assert url.host == f"{url.database}-db"
    # A database of ours has the name of the role that owns it.
    moved = ours[url.username or ""].set(database=ours[url.database or ""].username)
    return moved.render_as_string(hide_password=False)


def _rabbitmq_hash(password: str) -> str:
    salt = os.urandom(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
