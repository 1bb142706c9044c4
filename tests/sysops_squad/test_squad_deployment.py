"""The distributed deployment as `deploy/` describes it, on real servers: PostgreSQL and RabbitMQ."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import make_url
from squad_support import QUANTA, Broker

from squad_servers import SquadDatabases
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


def test_each_database_is_migrated_as_its_owner_before_a_unit_starts_on_it() -> None:
    services = _services()
    for quantum in QUANTA:
        migration = services.pop(f"{quantum}-migrate")
        (url,) = migration["environment"].values()
        assert make_url(url.replace(":?", "")).username == f"{quantum}_owner"
        module = f"sysops_squad.{quantum}."
        units = [one for one in services.values() if one.get("command", [""])[-1].startswith(module)]
        assert len(units) > 1
        for unit in units:
            assert unit["depends_on"][f"{quantum}-migrate"] == {"condition": "service_completed_successfully"}
            assert f"{quantum}_owner" not in str(unit["environment"])


@pytest.mark.rabbitmq
@pytest.mark.postgresql
def test_the_whole_story_runs_on_postgresql_and_rabbitmq(
    tmp_path: Path, broker: Broker, databases: SquadDatabases
) -> None:
    databases.migrate()
    steps: list[Step] = []
    installation = install(tmp_path)
    environment = dict(installation.environment)
    for unit, composed in _environments().items():
        for name, value in composed.items():
            if name.endswith(("_DB_URL", "_REPLICA_URL")):
                environment[name] = _on_our_server(value, databases)
            elif name.endswith("_MESSAGING_URL"):
                environment[name] = f"{broker.url(make_url(value).username or unit)}?declare=no"
    installation = replace(installation, environment=environment)
    problems: list[str] = []
    with Supervisor(environment, installation.folder, lambda unit, line: problems.append(line)) as supervisor:
        supervisor.start_all(UNITS)
        Story(installation.addresses, installation.folder, steps.append).run()
    assert len(steps) == 13
    assert not problems


def _services() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"])


def _environments() -> dict[str, dict[str, str]]:
    """The environment of each unit of ours in the compose file; what migrates a database is none."""
    return {
        service["command"][2].removeprefix("sysops_squad."): service["environment"]
        for name, service in _services().items()
        if service.get("command", [""])[0] == "python" and not name.endswith("-migrate")
    }


def _on_our_server(composed: str, ours: SquadDatabases) -> str:
    url = make_url(composed.replace(":?", ""))
    assert url.host == f"{url.database}-db"
    return ours.url(str(url.database), url.username)
