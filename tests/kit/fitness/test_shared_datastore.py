"""quantum/shared-datastore: every database belongs to one quantum."""

from __future__ import annotations

import pytest
from builders import architecture, crossing, interaction, judged, judgements, observed, place, unresolved

from quantafit.model import DatastoreUse, EvidenceKind, Place, Replication, Style, TableUse, TargetKind, Verdict

RULE = "quantum/shared-datastore"
EDGE = "customer → billing"
COMPOSE = Place("compose.yaml", 20)
FED = interaction(style=Style.REPLICATION, replication=Replication("support_contract", "etl"))


def table(name: str = "cards", operation: str = "read", owner: str | None = "billing", line: int = 7) -> TableUse:
    return TableUse("customer", name, operation, place(line=line), owner)  # type: ignore[arg-type]


def database(
    quantum: str = "customer", owner: str | None = "billing", identity: str = "billing-db/billing"
) -> DatastoreUse:
    return DatastoreUse(quantum, identity, owner, COMPOSE, EvidenceKind.CONFIGURATION, f"{quantum}-api")


def test_reading_another_quantums_table_fails() -> None:
    judgement = judged(RULE, EDGE, architecture(), observed(tables=(table(),)))
    assert judgement.verdict is Verdict.FAIL
    assert judgement.findings[0].message == "customer reads table 'cards' of billing's database"


def test_being_given_another_quantums_database_fails_by_configuration() -> None:
    judgement = judged(RULE, EDGE, architecture(), observed(datastores=(database(),)))
    assert judgement.verdict is Verdict.FAIL
    assert judgement.by_kind[EvidenceKind.CONFIGURATION] is Verdict.FAIL
    assert judgement.by_kind[EvidenceKind.SOURCE] is Verdict.PASS
    (finding,) = judgement.findings
    assert str(finding.place) == "compose.yaml:20"
    assert finding.message == "customer (unit customer-api) is given billing's database billing-db/billing"


def test_opening_another_quantums_database_fails_by_source() -> None:
    opened = DatastoreUse("customer", "billing-db/billing", "billing", place(), EvidenceKind.SOURCE)
    judgement = judged(RULE, EDGE, architecture(), observed(datastores=(opened,)))
    assert judgement.findings[0].message == "customer opens billing's database billing-db/billing"
    assert judgement.by_kind[EvidenceKind.SOURCE] is Verdict.FAIL


def test_a_crossing_a_table_and_a_connection_on_one_line_are_one_finding() -> None:
    crossed = crossing(mechanism="database", channel=None, operation="read", tables=("cards",))
    opened = DatastoreUse("customer", "billing-db/billing", "billing", place(), EvidenceKind.SOURCE)
    seen = observed(crossed, tables=(table(),), datastores=(opened,))
    (finding,) = judged(RULE, EDGE, architecture(), seen).findings
    assert finding.message == "customer reads billing's database (cards)"


def test_the_quantums_own_database_is_its_own() -> None:
    seen = observed(tables=(table(owner="customer"),), datastores=(database(owner="customer", identity="c/customer"),))
    assert judged(RULE, EDGE, architecture(), seen).verdict is Verdict.PASS


def test_one_database_given_to_two_quanta_fails_once() -> None:
    both = (database("customer", None, "pg/app"), database("billing", None, "pg/app"))
    found = judgements(RULE, architecture(), observed(datastores=both))
    assert found[EDGE].verdict is Verdict.PASS
    assert found["billing → customer"].findings[0].message == "billing and customer are given one database, pg/app"


@pytest.mark.parametrize("identity", [":memory:", "sqlite::memory:"])
def test_databases_in_memory_are_never_shared(identity: str) -> None:
    both = (database("customer", None, identity), database("billing", None, identity))
    found = judgements(RULE, architecture(), observed(datastores=both))
    assert {judgement.verdict for judgement in found.values()} == {Verdict.PASS}


class TestADeclaredReplication:
    declared = architecture(interactions=(FED,))

    @pytest.mark.parametrize("operation", ["read", "write", "define"])
    def test_permits_the_use_of_its_table(self, operation: str) -> None:
        seen = observed(tables=(table("public.support_contract", operation),), datastores=(database(),))
        assert judged(RULE, EDGE, self.declared, seen).verdict is Verdict.PASS

    def test_does_not_permit_another_table(self) -> None:
        seen = observed(tables=(table("cards"),), datastores=(database(),))
        (finding,) = judged(RULE, EDGE, self.declared, seen).findings
        assert "cards" in finding.message

    def test_does_not_permit_a_crossing_that_also_touches_another_table(self) -> None:
        tables = ("support_contract", "cards")
        seen = observed(crossing(mechanism="database", channel=None, operation="write", tables=tables))
        assert judged(RULE, EDGE, self.declared, seen).verdict is Verdict.FAIL

    def test_does_not_permit_the_other_direction(self) -> None:
        seen = observed(datastores=(database("billing", "customer", "customer-db/customer"),))
        assert judged(RULE, "billing → customer", self.declared, seen).verdict is Verdict.FAIL


class TestATableOfUnknownOwner:
    """The ETL quantum holds two connections; what goes over which is not always seen."""

    declared = architecture(interactions=(FED,))

    def verdict(self, *tables: TableUse, foreign: str | None = "billing") -> Verdict:
        own = database(owner="customer", identity="customer-db/customer")
        datastores = (own, database(owner=foreign)) if foreign else (own,)
        return judged(RULE, EDGE, self.declared, observed(tables=tables, datastores=datastores)).verdict

    def test_may_be_in_the_foreign_database_that_the_quantum_opens(self) -> None:
        assert self.verdict(table("ticket", owner=None)) is Verdict.NOT_EVALUATED

    def test_may_be_anywhere_where_no_foreign_database_explains_the_doubt(self) -> None:
        """It is then another connection, which was not seen."""
        assert self.verdict(table("ticket", owner=None), foreign=None) is Verdict.NOT_EVALUATED

    def test_is_not_the_seconds_where_a_thirds_database_is_open(self) -> None:
        assert self.verdict(table("ticket", owner=None), foreign="sysops") is Verdict.PASS

    def test_is_its_own_where_only_it_has_such_a_table(self) -> None:
        defined = table("ticket", "define", "customer")
        assert self.verdict(defined, table("ticket", owner=None)) is Verdict.PASS

    def test_is_in_doubt_where_both_have_such_a_table(self) -> None:
        defined = table("ticket", "define", "customer")
        theirs = TableUse("billing", "ticket", "define", place("billing"), "billing")
        assert self.verdict(defined, theirs, table("ticket", owner=None)) is Verdict.NOT_EVALUATED

    def test_may_be_the_replica(self) -> None:
        assert self.verdict(table("support_contract", owner=None)) is Verdict.PASS


class TestWhatCannotBeTold:
    @pytest.mark.parametrize("identity", ["app.db", "DATABASE_URL", "…/app", "a database whose URL cannot be read"])
    def test_one_name_that_two_quanta_use_may_be_two_databases(self, identity: str) -> None:
        both = (database("customer", None, identity), database("billing", None, identity))
        found = judgements(RULE, architecture(), observed(datastores=both))
        assert {judgement.verdict for judgement in found.values()} == {Verdict.NOT_EVALUATED}

    @pytest.mark.parametrize("identity", ["", "unknown"])
    def test_a_database_without_an_identity_forbids_a_pass(self, identity: str) -> None:
        seen = observed(datastores=(database(owner=None, identity=identity),))
        assert judged(RULE, EDGE, architecture(), seen).verdict is Verdict.NOT_EVALUATED

    def test_a_table_in_no_known_database_forbids_a_pass(self) -> None:
        seen = observed(tables=(table(owner=None),))
        assert judged(RULE, EDGE, architecture(), seen).verdict is Verdict.NOT_EVALUATED

    def test_a_model_that_is_only_defined_does_not(self) -> None:
        seen = observed(tables=(table(operation="define", owner=None),))
        assert judged(RULE, EDGE, architecture(), seen).verdict is Verdict.PASS

    def test_a_database_crossing_without_a_target_forbids_a_pass(self) -> None:
        unrouted = crossing(target=None, target_kind=TargetKind.UNROUTED, mechanism="database", channel=None)
        assert judged(RULE, EDGE, architecture(), observed(unrouted)).verdict is Verdict.NOT_EVALUATED

    def test_an_unresolved_store_forbids_a_pass(self) -> None:
        seen = observed(unresolved=(unresolved("customer", "store"),))
        assert judged(RULE, EDGE, architecture(), seen).verdict is Verdict.NOT_EVALUATED
