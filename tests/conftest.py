"""No test finds what another run remembered."""

from __future__ import annotations

import pytest

from quantafit.store import VARIABLE


@pytest.fixture(autouse=True)
def nothing_remembered(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path_factory.mktemp("store")))
