"""The reference implementation, read once: what a twin is a patched copy of."""

from __future__ import annotations

import pytest
from quantafit.testing import tree
from twinning import PARTS, ROOT, Files


@pytest.fixture(scope="session")
def reference() -> Files:
    """The files that the gate looks at, path → bytes."""
    return {path: content for path, content in tree(ROOT).items() if path.startswith(PARTS)}
