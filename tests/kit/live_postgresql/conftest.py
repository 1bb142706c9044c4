"""Two private PostgreSQL servers, cleaned after each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from clusters import READER, Cluster

from private_servers import MissingServerError, private_postgresql


@pytest.fixture(scope="session")
def _first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    yield from _started(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="session")
def _second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    yield from _started(tmp_path_factory.mktemp("second"))


@pytest.fixture
def server(_first: Cluster) -> Iterator[Cluster]:
    """A server without databases of ours."""
    yield _first
    _first.clean()


@pytest.fixture
def other_server(_second: Cluster) -> Iterator[Cluster]:
    """Another one."""
    yield _second
    _second.clean()


def _started(folder: Path) -> Iterator[Cluster]:
    try:
        with private_postgresql(folder, fsync="off") as postgresql:
            cluster = Cluster(postgresql)
            cluster.role(READER)
            yield cluster
    except MissingServerError as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))
