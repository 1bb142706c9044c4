"""replica/read-only: only the quantum that feeds a replica writes it."""

from __future__ import annotations

from typing import Any

import pytest
from builders import architecture, coverage, crossing, interaction, judgements, observed, place, quantum, unresolved

from quantafit.model import Judgement, Mode, Replication, Style, TableUse, Verdict

RULE = "replica/read-only"
NAME = "sysops-customer"


def use(
    quantum: str = "customer", operation: str = "write", table: str = "support_contract", owner: str | None = "customer"
) -> TableUse:
    return TableUse(quantum, table, operation, place(quantum), owner)  # type: ignore[arg-type]


def judged(*tables: TableUse, table: str | None = "support_contract", **changes: Any) -> Judgement:
    fed = interaction("sysops", "customer", style=Style.REPLICATION, replication=Replication(table, "etl"))
    quanta = changes.pop("quanta", ("sysops", "customer", "billing"))
    crossings = changes.pop("crossings", ())
    declared = architecture(*quanta, interactions=(fed,))
    return judgements(RULE, declared, observed(*crossings, tables=tables, **changes))[NAME]


def test_the_owner_of_the_data_may_write_and_the_holder_may_read_and_define() -> None:
    judgement = judged(use("sysops"), use(operation="read"), use(operation="define"))
    assert judgement.verdict is Verdict.PASS


@pytest.mark.parametrize("owner", ["customer", None])
def test_a_write_by_the_holder_fails(owner: str | None) -> None:
    judgement = judged(use("sysops"), use(owner=owner, table='public."Support_Contract"'))
    assert judgement.verdict is Verdict.FAIL
    assert str(judgement.findings[0].place) == "customer/cards.py:7"


def test_a_write_by_a_third_quantum_fails_once_however_it_was_seen() -> None:
    crossed = crossing("billing", "customer", mechanism="database", operation="write", tables=("support_contract",))
    judgement = judged(use("billing"), crossings=(crossed,))
    assert judgement.verdict is Verdict.FAIL
    assert len(judgement.findings) == 1


def test_a_write_to_another_table_is_no_write_to_the_replica() -> None:
    assert judged(use(table="customers")).verdict is Verdict.PASS


def test_a_table_of_the_same_name_in_another_database_is_not_the_replica() -> None:
    assert judged(use("sysops", owner="sysops"), use("billing", owner="billing")).verdict is Verdict.PASS


def test_a_table_of_the_same_name_in_an_unknown_database_may_be_the_replica() -> None:
    assert judged(use("billing", owner=None)).verdict is Verdict.NOT_EVALUATED


def test_without_a_declared_table_the_tables_that_are_fed_are_meant() -> None:
    assert judged(use("sysops"), use(), table=None).verdict is Verdict.FAIL
    assert judged(use("sysops"), use(operation="read"), table=None).verdict is Verdict.PASS


def test_without_a_declared_table_and_a_write_nothing_can_be_told() -> None:
    assert judged(use(), table=None).verdict is Verdict.NOT_EVALUATED


def test_an_unresolved_store_of_the_holder_forbids_a_pass() -> None:
    hidden = (unresolved("customer", "store"),)
    assert judged(use("sysops"), unresolved=hidden).verdict is Verdict.NOT_EVALUATED


def test_a_holder_that_was_not_read_is_an_error() -> None:
    assert judged(use("sysops"), coverage=coverage("sysops", "billing")).verdict is Verdict.ERROR


def test_an_opaque_holder_is_not_evaluated_and_warns() -> None:
    quanta = ("sysops", quantum("customer", source=()))
    judgement = judged(use("sysops"), quanta=quanta, coverage=coverage("sysops"))
    assert (judgement.verdict, judgement.mode) == (Verdict.NOT_EVALUATED, Mode.WARN)
