"""Databases that reach into each other by SQL, and what AsyncAPI documents say."""

from __future__ import annotations

from textwrap import dedent

import pytest
from coupling_builders import coupled
from hypothesis import given, settings
from hypothesis import strategies as st

from quantafit.evidence.configuration import collect
from quantafit.model import (
    Architecture,
    Communication,
    CouplingMap,
    DataStore,
    Documented,
    EvidenceKind,
    Place,
    Quantum,
)
from quantafit.workspace import MemoryWorkspace

SHOP = Architecture(
    "shop",
    (
        Quantum("customer", ("customer",)),
        Quantum("billing", ("billing",), datastores=(DataStore("main", hosts=("billing-db",)),)),
    ),
)


def found(files: dict[str, str]) -> CouplingMap:
    configuration = collect(MemoryWorkspace({path: dedent(text).encode() for path, text in files.items()}))
    assert configuration.errors == ()
    return coupled([], SHOP, configuration)


SYNCHRONOUS = {
    "a foreign table": """
        CREATE EXTENSION postgres_fdw;
        CREATE SERVER remote FOREIGN DATA WRAPPER postgres_fdw
          OPTIONS (host 'billing-db', port '5432', dbname 'billing', password 'secret');
        CREATE FOREIGN TABLE cards (id int) SERVER remote OPTIONS (table_name 'cards');
        """,
    "dblink": "SELECT * FROM dblink('host=billing-db dbname=billing password=secret', 'SELECT 1') AS t(a int);",
    "dblink by a name": "SELECT dblink_connect('b', 'postgresql://u:secret@billing-db/billing');",
}


@pytest.mark.parametrize("name", SYNCHRONOUS)
def test_a_link_to_another_database_waits_for_it(name: str) -> None:
    coupling = found({"customer/setup.sql": SYNCHRONOUS[name]})
    (crossing,) = coupling.crossings
    assert (crossing.source, crossing.target, crossing.mechanism) == ("customer", "billing", "database")
    assert crossing.communication is Communication.SYNCHRONOUS
    assert crossing.kinds == {EvidenceKind.CONFIGURATION}
    assert crossing.tables == (("cards",) if name == "a foreign table" else ())
    assert "secret" not in repr(coupling)


def test_a_subscription_copies_from_the_publisher_without_waiting() -> None:
    text = "CREATE SUBSCRIPTION s CONNECTION 'host=billing-db dbname=billing' PUBLICATION contracts;"
    (crossing,) = found({"customer/setup.sql": text}).crossings
    assert (crossing.source, crossing.target, crossing.mechanism) == ("billing", "customer", "logical-replication")
    assert crossing.communication is Communication.ASYNCHRONOUS


PUBLISHED = {
    "one table": ("CREATE PUBLICATION p FOR TABLE contract (id, price) WHERE (price > f(1));", ("contract",)),
    "several": (
        "CREATE PUBLICATION p FOR TABLE a, ONLY s.b (x), TABLE \"C\" WITH (publish = 'insert');",
        ("a", "s.b", "C"),
    ),
    "added later": ("CREATE PUBLICATION p; ALTER PUBLICATION p ADD TABLE ONLY public.a;", ("public.a",)),
    "all": ("CREATE PUBLICATION p FOR ALL TABLES;", ("*",)),
    "a schema": ("CREATE PUBLICATION p FOR TABLES IN SCHEMA s;", ("*",)),
    "unreadable": ("CREATE PUBLICATION p FOR TABLE ((a;", ("*",)),
    "another one": ("CREATE PUBLICATION q FOR TABLE a;", ("*",)),
    "none": ("-- CREATE PUBLICATION p FOR TABLE a;", ("*",)),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_subscription_brings_the_tables_of_its_publications_wherever_these_are_made(name: str) -> None:
    text, tables = PUBLISHED[name]
    subscription = "CREATE SUBSCRIPTION s CONNECTION 'host=billing-db' PUBLICATION p WITH (copy_data = true);"
    (crossing,) = found({"customer/follow.sql": subscription, "billing/publish.sql": text}).crossings
    assert crossing.tables == tables


SILENT = {
    "a comment": "-- CREATE SERVER x FOREIGN DATA WRAPPER postgres_fdw;\n/* dblink('host=billing-db') */",
    "a file": "CREATE SERVER x FOREIGN DATA WRAPPER file_fdw;",
    "its own database": "CREATE SERVER x FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'customer-api', dbname 'a');",
    "a dblink by the name of a connection": "SELECT dblink('b', 'SELECT 1');",
}


@pytest.mark.parametrize("name", SILENT)
def test_what_is_no_link_is_silent(name: str) -> None:
    declared = Architecture("shop", (Quantum("customer", ("customer",), hosts=("customer-api",)), SHOP.quanta[1]))
    configuration = collect(MemoryWorkspace({"customer/setup.sql": SILENT[name].encode()}))
    coupling = coupled([], declared, configuration)
    assert (coupling.crossings, coupling.unresolved) == ((), ())


def test_a_link_to_nobody_known_is_unresolved() -> None:
    coupling = found({"customer/setup.sql": "SELECT dblink_connect('host=elsewhere dbname=x');"})
    assert coupling.crossings == ()
    assert [one.could_be for one in coupling.unresolved] == [("request", "store")]


def test_a_file_belongs_to_whose_database_it_is_mounted_into() -> None:
    compose = """
        services:
          customer: {image: shop/customer, environment: {DATABASE_URL: "postgresql://customer-db/customer"}}
          customer-db: {image: postgres, volumes: ["./sql:/docker-entrypoint-initdb.d:ro"]}
        """
    text = "CREATE SUBSCRIPTION s CONNECTION 'host=billing-db' PUBLICATION p;"
    (crossing,) = found({"compose.yaml": compose, "sql/customer.sql": text}).crossings
    assert crossing.target == "customer"


def test_documents_are_shown_and_prove_nothing() -> None:
    coupling = found(
        {
            "customer/asyncapi.yaml": """
                asyncapi: 3.0.0
                channels: {cards: {address: card-added}, invoices: {}}
                operations:
                  add: {action: send, channel: {$ref: "#/channels/cards"}}
                  take: {action: receive, channel: {$ref: "#/channels/invoices"}}
                """,
            "docs/old.yml": "asyncapi: '2.6.0'\nchannels: {surveys: {publish: {}, subscribe: {}}}",
        }
    )
    assert coupling.crossings == ()
    assert {(one.quantum, one.channel, one.action) for one in coupling.documented} == {
        ("customer", "card-added", "send"),
        ("customer", "invoices", "receive"),
        (None, "surveys", "receive"),
        (None, "surveys", "send"),
    }
    assert Documented(None, "surveys", "receive", Place("docs/old.yml", 2, 22)) in coupling.documented


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "CREATE SERVER a ",
                "FOREIGN DATA WRAPPER ",
                "postgres_fdw ",
                "OPTIONS (",
                "host 'b'",
                ")",
                ";",
                "'",
                "''",
                "--",
            ),
            *(
                "/*",
                "*/",
                "dblink(",
                "CREATE SUBSCRIPTION s CONNECTION ",
                "PUBLICATION p",
                "\n",
                "://",
                "[",
                "@",
                "é",
                "\0",
            ),
            *("asyncapi: 3.0\n", "channels:\n", "operations:\n", "  a: ", "{action: send}", "publish: {}"),
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["customer/a.sql", "customer/a.yaml", "a.json"]), PIECES)
def test_no_text_makes_anything_fail(path: str, text: str) -> None:
    coupled([], SHOP, collect(MemoryWorkspace({path: text.encode()})))


def test_a_file_made_to_be_slow_is_answered() -> None:
    for word in (
        "CREATE SERVER a ",
        "CREATE FOREIGN TABLE t ",
        "dblink('",
        "CREATE SUBSCRIPTION s CONNECTION '",
        "/*",
        "--",
    ):
        collect(MemoryWorkspace({"a.sql": (word * 20_000 + "FOREIGN DATA WRAPPER").encode()}))
