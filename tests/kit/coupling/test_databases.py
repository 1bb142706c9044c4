"""Whose database it is, by declared names, hosts, the units that are given it, and what tells one from another."""

from __future__ import annotations

import pytest
from coupling_builders import BILLING, CUSTOMER, architecture, coupled, seen, unit

from quantafit.coupling.databases import identity
from quantafit.model import Configuration, CouplingMap, DataStore, Quantum
from quantafit.model.terms import Unknown

WITH_STORES = architecture(
    Quantum(
        "customer",
        CUSTOMER.source,
        datastores=(DataStore("db", env=("CUSTOMER_DB_URL", "CUSTOMER_REPLICA_URL"), hosts=("customer-db",)),),
    ),
    Quantum("billing", BILLING.source, datastores=(DataStore("db", env=("BILLING_DB_URL",), hosts=("billing-db",)),)),
)
PLAIN = architecture(CUSTOMER, BILLING)


def use(quantum: str, url: object, does: str = "store", table: str = "cards") -> tuple[object, ...]:
    return (
        seen(quantum, "connect", 1, "database", url=url),
        seen(quantum, does, 2, "database", table=table, datastore=url),
    )


def configured(**units: dict[str, str]) -> Configuration:
    made = tuple(unit(name, values, build=f"src/shop/{name}") for name, values in units.items())
    return Configuration(units=made, files=("compose.yaml",))


def owners(found: CouplingMap) -> set[tuple[str, str | None]]:
    """Who uses tables, and whose they are."""
    return {(one.quantum, one.owner) for one in found.tables}


def foreign(found: CouplingMap) -> set[tuple[str, str | None, str]]:
    return {(one.source, one.target, one.operation) for one in found.crossings if one.mechanism == "database"}


IDENTITIES = {
    "postgresql://u:p@billing-db:5432/billing": "billing-db:5432/billing",
    "postgresql+psycopg://billing-db/billing?sslmode=require": "billing-db/billing",
    "mysql://u@db/x": "db/x",
    "sqlite:///data/customer.db": "data/customer.db",
    "sqlite:////var/data/customer.db": "var/data/customer.db",
    "sqlite+aiosqlite:///customer.db?mode=ro": "customer.db",
    "customer.db": "customer.db",
    "postgresql://u:p@h:notaport/x": "a database whose URL cannot be read",
}


@pytest.mark.parametrize("url", IDENTITIES)
def test_a_database_is_told_by_host_and_name_and_never_by_its_credentials(url: str) -> None:
    assert identity(url) == IDENTITIES[url]


def test_the_declared_variable_of_the_owner_tells_whose_it_is() -> None:
    found = coupled(use("customer", "$BILLING_DB_URL"), WITH_STORES)  # type: ignore[arg-type]
    assert owners(found) == {("customer", "billing")}
    assert foreign(found) == {("customer", "billing", "write")}


def test_a_second_variable_gives_others_access_to_the_owners_database() -> None:
    found = coupled(use("billing", "$CUSTOMER_REPLICA_URL", "read"), WITH_STORES)  # type: ignore[arg-type]
    assert foreign(found) == {("billing", "customer", "read")}


def test_a_declared_host_tells_whose_it_is() -> None:
    found = coupled(use("customer", "postgresql://u:p@billing-db/other"), WITH_STORES)  # type: ignore[arg-type]
    assert foreign(found) == {("customer", "billing", "write")}


def test_the_only_quantum_that_is_given_a_database_owns_it() -> None:
    configuration = configured(
        customer={"DB": "postgresql://c@db/customer"}, billing={"DB": "postgresql://b@db/billing"}
    )
    found = coupled([*use("customer", "$DB"), *use("billing", "$DB")], PLAIN, configuration)  # type: ignore[list-item]
    assert owners(found) == {("customer", "customer"), ("billing", "billing")}
    assert foreign(found) == set()


def test_a_database_that_two_quanta_are_given_has_no_owner_by_that() -> None:
    configuration = configured(customer={"DB": "postgresql://c@db/shop"}, billing={"DB": "postgresql://b@db/shop"})
    found = coupled([*use("customer", "$DB"), *use("billing", "$DB")], PLAIN, configuration)  # type: ignore[list-item]
    assert {one.identity for one in found.datastores} == {"db/shop"}
    assert {one.quantum for one in found.datastores} == {"customer", "billing"}


def test_two_databases_on_one_server_are_two() -> None:
    configuration = configured(customer={"DB": "postgresql://u@db/one"}, billing={"DB": "postgresql://u@db/two"})
    found = coupled([*use("customer", "$DB"), *use("billing", "$DB")], PLAIN, configuration)  # type: ignore[list-item]
    assert {one.identity for one in found.datastores} == {"db/one", "db/two"}


HOLES = {
    "everything is set by the deployment": "${%s_DB}",
    "the password": "postgresql://user:${PASSWORD}@%s-db/x",
    "the host": "postgresql://user:pass@${%s_HOST}/x",
    "the name": "postgresql://user:pass@db/${%s_NAME}",
    "host and name": "postgresql://${%s_USER}:${%s_PASSWORD}@${%s_HOST}:${%s_PORT}/${%s_NAME}",
}


@pytest.mark.parametrize("hole", HOLES)
def test_databases_of_which_something_is_unknown_are_not_taken_for_one(hole: str) -> None:
    def url(quantum: str) -> str:
        return HOLES[hole].replace("%s", quantum)

    configuration = configured(customer={"DB": url("customer")}, billing={"DB": url("billing")})
    found = coupled([*use("customer", "$DB"), *use("billing", "$DB")], PLAIN, configuration)  # type: ignore[list-item]
    assert foreign(found) == set()
    identities = {(one.quantum, one.identity) for one in found.datastores}
    assert len({name for _, name in identities}) == len({quantum for quantum, _ in identities})


def test_a_password_that_is_unknown_leaves_the_database_known() -> None:
    configuration = configured(
        customer={"OTHER": "postgresql://customer:${PASSWORD}@billing-db:5432/billing"},
        billing={"BILLING_DB_URL": "postgresql://billing:${PASSWORD}@billing-db:5432/billing"},
    )
    found = coupled([], WITH_STORES, configuration)
    assert {(one.quantum, one.owner) for one in found.datastores} == {("customer", "billing"), ("billing", "billing")}


def test_no_identity_shows_a_password() -> None:
    configuration = configured(customer={"DB": "postgresql://u:secret@db/x"})
    found = coupled(use("customer", "$DB"), PLAIN, configuration)  # type: ignore[arg-type]
    assert "secret" not in str([(one.identity, one.owner) for one in found.datastores]) + str(
        [one.datastore for one in found.tables]
    )


def test_a_database_in_memory_is_nobodys() -> None:
    found = coupled(use("customer", "sqlite://"), WITH_STORES)  # type: ignore[arg-type]
    assert found.datastores == ()


def test_a_database_that_cannot_be_told_has_no_owner() -> None:
    found = coupled(use("customer", Unknown("made at run time")), WITH_STORES)  # type: ignore[arg-type]
    assert foreign(found) == set()
    assert owners(found) == {("customer", None)}


def test_definitions_without_a_connection_are_the_quantums_own() -> None:
    found = coupled([seen("customer", "define", 2, "database", table="cards")], WITH_STORES)
    assert owners(found) == {("customer", "customer")}


def test_one_site_that_touches_several_foreign_tables_is_one_crossing() -> None:
    uses = [seen("customer", "read", 2, "database", table=name, datastore="$BILLING_DB_URL") for name in ("a", "b")]
    found = coupled(uses, WITH_STORES)
    assert [one.tables for one in found.crossings] == [("a", "b")]


def test_reading_and_writing_are_two_crossings() -> None:
    uses = [
        seen("customer", "read", 2, "database", table="a", datastore="$BILLING_DB_URL"),
        seen("customer", "store", 3, "database", table="a", datastore="$BILLING_DB_URL"),
    ]
    assert foreign(coupled(uses, WITH_STORES)) == {("customer", "billing", "read"), ("customer", "billing", "write")}


URL = "postgresql://u:p@db/app"


def projects(*of: str | None) -> Configuration:
    """Customer and billing, each with a database called db beside it; ``of`` are the compose projects of the two."""
    made = [
        one
        for quantum, project in zip(("customer", "billing"), of, strict=True)
        for one in (
            unit(f"{quantum}-web", {"DB": URL}, build=f"src/shop/{quantum}", project=project),
            unit("db", image="postgres", project=project),
        )
    ]
    return Configuration(units=tuple(made), files=("compose.yaml",))


def databases_of(found: CouplingMap) -> dict[str, set[str]]:
    return {
        quantum: {use.identity for use in found.datastores if use.quantum == quantum}
        for quantum in ("customer", "billing")
    }


def test_servers_of_one_name_in_two_compose_projects_are_two() -> None:
    opened = [*use("customer", URL), *use("billing", URL)]
    found = coupled(opened, PLAIN, projects("a/one", "two"))  # type: ignore[arg-type]
    assert databases_of(found) == {"customer": {"db[a.one]/app"}, "billing": {"db[two]/app"}}
    assert owners(found) == {("customer", "customer"), ("billing", "billing")}


def test_servers_of_one_name_in_one_project_or_where_no_project_is_known_are_one() -> None:
    opened = [*use("customer", URL), *use("billing", URL)]
    for configuration in (projects("one", "one"), projects(None, None), projects("one", None)):
        assert databases_of(coupled(opened, PLAIN, configuration)) == {  # type: ignore[arg-type]
            "customer": {"db/app"},
            "billing": {"db/app"},
        }
