"""The no-loss drill in small: kill -9 of every process and of the broker while invoices are under way, and the count.

The large one, and what it has found: docs/resilience.md.
"""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from no_loss import EVERYTHING, Record, drill, summary
from squad import MissingServerError

INVOICES = 200
BACKLOG = 30
KILLS = 25


@pytest.mark.crash
@pytest.mark.parametrize("transport", ["sqlite", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
def test_each_invoice_has_one_effect_whoever_is_killed(tmp_path: Path, transport: str) -> None:
    record = _drill(tmp_path, transport)
    assert record.proves_something, summary(record)
    assert record.kills[EVERYTHING if transport == "sqlite" else "RabbitMQ"] > 0
    assert (record.issued, record.effects) == (INVOICES, INVOICES)
    assert (record.lost, record.doubled, record.unasked) == (0, 0, 0)
    assert not any(record.dead_letters.values())
    assert record.held


@pytest.mark.crash
def test_the_drill_fails_a_relay_that_purges_before_it_publishes(tmp_path: Path) -> None:
    record = _drill(tmp_path, "sqlite", variant="purge-before-publish")
    assert record.proves_something, summary(record)
    assert record.lost > 0
    assert not record.held


@pytest.mark.crash
def test_the_drill_fails_receivers_without_an_inbox(tmp_path: Path) -> None:
    record = _drill(tmp_path, "sqlite", variant="no-inbox")
    assert record.proves_something, summary(record)
    assert record.doubled > 0
    assert not record.held


def _drill(folder: Path, transport: str, variant: str | None = None) -> Record:
    try:
        return drill(
            folder, transport=transport, invoices=INVOICES, seed=7, backlog=BACKLOG, kills=KILLS, variant=variant
        )
    except MissingServerError as error:
        return (pytest.fail if os.environ.get("CI") else pytest.skip)(str(error))
