"""The drills run on the parts that `--parts` names, and not on others unnoticed."""

from __future__ import annotations

import json

import pytest

from quantafit.testing import Drills


def test_the_system_runs_on_the_parts_that_were_chosen(drill: Drills, pytestconfig: pytest.Config) -> None:
    settings = json.loads((drill.bench.folder / "environment.json").read_text())
    chosen = pytestconfig.getoption("--parts")
    messaging, database = ("sqlite:", "sqlite:") if chosen == "embedded" else ("amqp:", "postgresql+psycopg:")
    for quantum in ("CUSTOMER", "SYSOPS", "BILLING", "REPORTING"):
        assert settings[f"{quantum}_MESSAGING_URL"].startswith(messaging)
        assert settings[f"{quantum}_DB_URL"].startswith(database)
    assert ("CUSTOMER_REPLICA_URL" in settings) == (not chosen.endswith("replication"))
