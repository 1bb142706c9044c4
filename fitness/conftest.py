"""Fixtures beside those of quantafit's pytest plugin (``quanta``, ``interaction``, ``architecture_evidence``)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from running_system import RunningSystem

from sysops_squad.launcher.installation import install
from sysops_squad.launcher.supervisor import Supervisor
from sysops_squad.launcher.units import UNITS


@pytest.fixture(scope="module")
def running_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """Everything runs, on embedded parts and free ports."""
    installation = install(tmp_path_factory.mktemp("squad"))
    addresses = installation.addresses
    with Supervisor(installation.environment, installation.folder, lambda unit, line: None) as supervisor:
        supervisor.start_all(UNITS)
        yield RunningSystem(
            supervisor,
            {name: getattr(addresses, name) for name in ("customer", "sysops", "billing", "reporting")},
        )
