"""A real RabbitMQ of these tests' own, and a shop on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from live_shop import Shop

from private_servers import MissingServerError, PrivateRabbitmq, private_rabbitmq


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[PrivateRabbitmq]:
    """One node for all tests. Not in pytest's folder, which every other run of pytest closes to the server's user."""
    try:
        with TemporaryDirectory(prefix="quantafit-live-") as folder, private_rabbitmq(Path(folder)) as server:
            yield server
    except MissingServerError as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture
def shop(tmp_path: Path, rabbitmq: PrivateRabbitmq, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    made = Shop(tmp_path, rabbitmq, monkeypatch)
    made.open()
    yield made
    made.close()
