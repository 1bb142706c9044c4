"""The reference implementation, read once: what a twin is a patched copy of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from quantafit.testing import tree

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("quanta.yaml", "docs/adr/", "deploy/", "src/sysops_squad/")


@pytest.fixture(scope="session")
def reference() -> Mapping[str, str | bytes]:
    """The files that the gate looks at, path → bytes."""
    return {path: content for path, content in tree(ROOT).items() if path.startswith(PARTS)}
