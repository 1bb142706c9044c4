"""The distributed deployment as `deploy/` describes it, on real servers: PostgreSQL and RabbitMQ."""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from sqlalchemy import URL, Engine, make_url, text
from squad_support import PASSWORD, QUANTA, Broker

from sysops_squad.launcher.installation import install
from sysops_squad.launcher.story import Step, Story
from sysops_squad.launcher.supervisor import Supervisor
from sysops_squad.launcher.units import EMBEDDED_ENVIRONMENT, UNITS, read_environment

DEPLOY = Path(__file__).parents[2] / "deploy"


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
                assert re.fullmatch(r"\$\{[A-Z_]+:\?\}|\$\([A-Z_]+\)", password), f"{path.name}: the password of {user}"


@pytest.mark.rabbitmq
@pytest.mark.postgresql
def test_the_whole_story_runs_on_postgresql_and_rabbitmq(
    tmp_path: Path, broker: Broker, servers: Mapping[str, URL]
) -> None:
    steps: list[Step] = []
    installation = install(tmp_path)
    environment = dict(installation.environment)
    for unit, composed in _environments().items():
        for name, value in composed.items():
            if name.endswith(("_DB_URL", "_REPLICA_URL")):
                environment[name] = _on_our_server(value, servers)
            elif name.endswith("_MESSAGING_URL"):
                environment[name] = f"{broker.url(make_url(value).username or unit)}?declare=no"
    installation = replace(installation, environment=environment)
    problems: list[str] = []
    with Supervisor(environment, installation.folder, lambda unit, line: problems.append(line)) as supervisor:
        supervisor.start_all(UNITS)
        Story(installation.addresses, installation.folder, steps.append).run()
    assert len(steps) == 13
    assert not [problem for problem in problems if "the replica could not be reached" not in problem]


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
