"""No test finds what another run remembered; and what several workers may run at the same time."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from quantafit.store import VARIABLE


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Tests of running servers and systems are one group: one worker has them all, one after the other.

    It starts the servers that they share, and what they kill, count and time has no neighbour of its own kind. Other
    tests of running systems join the group by `pytest.mark.xdist_group("running")`.
    """
    for item in items:
        if any(item.get_closest_marker(name) for name in ("crash", "rabbitmq", "postgresql")):
            item.add_marker(pytest.mark.xdist_group("running"))


@pytest.fixture(autouse=True)
def nothing_remembered(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path_factory.mktemp("store")))
