"""On which parts the reference system runs for the drills: embedded ones, or servers as in `deploy/`.

The fixtures (``quanta``, ``interaction``, ``architecture_evidence``, ``drill``) are those of quantafit's pytest plugin.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from private_servers import MissingServerError
from squad_servers import squad_servers

EMBEDDED = "embedded"
SERVERS = "rabbitmq,postgresql"
REPLICATION = f"{SERVERS},replication"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--parts",
        choices=[EMBEDDED, SERVERS, REPLICATION],
        default=EMBEDDED,
        help="what the running system runs on; with replication, PostgreSQL copies the support contracts",
    )


@pytest.fixture(scope="session", autouse=True)
def parts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The servers, where there are to be some: `squad.py` reads the file that tells of them."""
    chosen = request.config.getoption("--parts", EMBEDDED)
    if chosen == EMBEDDED:
        yield
        return
    folder = tmp_path_factory.mktemp("servers")
    with pytest.MonkeyPatch.context() as patch:
        try:
            with squad_servers(folder) as servers:
                replicating = chosen == REPLICATION
                told = {
                    "environment": servers.environment(replication=replicating)
                    | {
                        "OPERATOR_MESSAGING_URL": servers.broker.url(
                            user="operator", password=servers.databases.password
                        )
                    },
                    "replication": servers.databases.replication() if replicating else None,
                }
                (folder / "servers.json").write_text(json.dumps(told))
                patch.setenv("SQUAD_SERVERS", str(folder / "servers.json"))
                yield
        except MissingServerError as error:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(str(error))
