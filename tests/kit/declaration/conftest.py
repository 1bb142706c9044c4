"""A small tree to declare things about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from quantafit.declaration import parse
from quantafit.errors import DeclarationError
from quantafit.model import Architecture
from quantafit.workspace import MemoryWorkspace

DECISION = """
# ADR-1: Keep apart

## Invoices

They go
through a [queue](https://example.org/q).

<a id="no-calls"></a>
Nobody waits.
"""


@pytest.fixture
def workspace() -> MemoryWorkspace:
    """Two quanta's code, shared code, and a decision."""
    return MemoryWorkspace(
        {
            "src/shop/api.py": "",
            "src/shop/orders/desk.py": "",
            "src/bill/job.py": "",
            "src/common/wire.py": "",
            "docs/ADR-1.md": DECISION,
            "docs/latin.md": "# caf\xe9".encode("latin-1"),
        }
    )


@pytest.fixture
def read(workspace: MemoryWorkspace) -> Callable[..., Architecture]:
    """Reads a declaration from text."""

    def reader(text: str | bytes, **options: Any) -> Architecture:
        return parse(text if isinstance(text, bytes) else text.encode(), workspace, **options)

    return reader


@pytest.fixture
def complaint(read: Callable[..., Architecture]) -> Callable[..., str]:
    """What is said about a declaration that is wrong."""

    def reader(text: str | bytes, **options: Any) -> str:
        with pytest.raises(DeclarationError) as caught:
            read(text, **options)
        return str(caught.value)

    return reader
