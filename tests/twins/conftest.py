"""The reference implementation, read once: what a twin is a patched copy of."""

from __future__ import annotations

import pytest
from twinning import PARTS, ROOT, Files

from quantafit.testing import tree


@pytest.fixture(scope="session")
def reference() -> Files:
    """The files that the gate looks at, path → bytes."""
    return {path: content for path, content in tree(ROOT).items() if path.startswith(PARTS)}
