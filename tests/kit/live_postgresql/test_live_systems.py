"""Whole systems on real PostgreSQL: the good one passes, and each change of a running database is found for what it is.

Sysops publishes its support contracts on one server, customer subscribes on another; sources and SQL files are those
of the card of ``replica/live-link``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from clusters import READER, SECRET, Cluster

from quantafit import app
from quantafit.fitness import cards, example_files
from quantafit.model import Evaluation, EvidenceKind, Judgement, Verdict

pytestmark = pytest.mark.postgresql

CARD = cards()["replica/live-link"]
CONTRACTS = "CREATE TABLE support_contract (id text PRIMARY KEY, price int)"


@dataclass
class Shop:
    """The running system: two servers, and the tree that describes it."""

    sysops: Cluster
    customer: Cluster
    root: Path
    monkeypatch: pytest.MonkeyPatch
    files: dict[str, str] = field(default_factory=lambda: dict(example_files(CARD.kept)))

    def start(self) -> None:
        """As it should be: the customer's role reads the replica, which a subscription feeds."""
        for cluster in (self.sysops, self.customer):
            for role in ("customer", "sysops") if cluster is self.customer else ("sysops",):
                cluster.role(role)
        self.sysops.role("replicator", "LOGIN REPLICATION")
        self.sysops.database(
            CONTRACTS,
            self.files["sysops/publication.sql"],
            "INSERT INTO support_contract VALUES ('gold', 9)",
            "GRANT SELECT ON support_contract TO replicator",
            name="sysops",
            owner="sysops",
        )
        self.customer.database(
            CONTRACTS, "GRANT SELECT ON support_contract TO customer", name="customer", owner="customer"
        )
        self.customer.run("REVOKE CONNECT ON DATABASE customer FROM PUBLIC", database="customer")
        self.customer.run(f"GRANT CONNECT ON DATABASE customer TO {READER}", database="customer")
        self.subscribe()

    def subscribe(self) -> None:
        connection = f"host=127.0.0.1 port={self.sysops.port} dbname=sysops user=replicator password={SECRET}"
        written = self.files["customer/subscription.sql"]
        self.customer.run(written.replace("host=sysops-db dbname=sysops", connection), database="customer")
        self.await_("SELECT count(*) = 1 FROM support_contract")
        self.await_(
            "SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel",
            "SELECT received_lsn IS NOT NULL FROM pg_stat_subscription WHERE relid IS NULL",
        )

    def await_(self, *queries: str) -> None:
        """Until all of these are true in the customer's database."""
        end = time.monotonic() + 60
        while not all(rows and rows[0][0] for rows in (self.customer.rows(q, "customer") for q in queries)):
            assert time.monotonic() < end, queries
            time.sleep(0.1)

    def check(self, **urls: str) -> Evaluation:
        """The gate's answer. Urls by the name of the quantum override those of the running databases."""
        for path, text in self.files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)
        running = {"sysops": self.sysops.url("sysops"), "customer": self.customer.url("customer")}
        for quantum, url in (running | urls).items():
            self.monkeypatch.setenv(f"{quantum.upper()}_LIVE_URL", url)
        evaluation = app.check(self.root, live=True)
        assert SECRET not in repr(evaluation)
        return evaluation


@pytest.fixture
def shop(server: Cluster, other_server: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = Shop(server, other_server, tmp_path, monkeypatch)
    shop.start()
    return shop


def failed(evaluation: Evaluation) -> dict[str, list[str]]:
    """The messages of all findings, by rule; each rests on the running database."""
    found: dict[str, list[str]] = {}
    for finding in evaluation.findings:
        assert finding.kind is EvidenceKind.RUNTIME, finding
        found.setdefault(finding.rule, []).append(finding.message)
    return found


def of(evaluation: Evaluation, rule: str, subject: str = "sysops-to-customer") -> Judgement:
    return next(j for j in evaluation.judgements if (j.rule, j.subject.name) == (rule, subject))


def told(evaluation: Evaluation) -> str:
    return "\n".join(
        f"{j.verdict} {j.rule} {j.subject.name}: {j.reason} {[f.message for f in j.findings]}"
        for j in evaluation.judgements
        if j.verdict is not Verdict.PASS
    )


def test_the_good_system_passes_and_running_databases_are_what_shows_it(shop: Shop) -> None:
    evaluation = shop.check()
    assert evaluation.passed, told(evaluation)
    for rule in ("replica/live-link", "replica/mechanism", "replica/read-only"):
        judgement = of(evaluation, rule)
        assert (judgement.verdict, judgement.by_kind[EvidenceKind.RUNTIME]) == (Verdict.PASS, Verdict.PASS), rule


def test_the_examples_of_the_card_are_as_it_says(shop: Shop) -> None:
    shop.customer.run(example_files(CARD.broken)["customer-db"], database="customer")
    evaluation = shop.check()
    assert list(failed(evaluation)) == [CARD.name]
    assert failed(evaluation)[CARD.name][0] == "the subscription contracts of customer-db is disabled"

    shop.customer.run(example_files(CARD.kept)["customer-db"], database="customer")
    shop.await_("SELECT received_lsn IS NOT NULL FROM pg_stat_subscription WHERE relid IS NULL")
    assert shop.check().passed


def column_grant(shop: Shop) -> None:
    shop.customer.run("GRANT UPDATE (price) ON support_contract TO customer", database="customer")


def by_membership(shop: Shop) -> None:
    shop.customer.run(
        "CREATE ROLE writers NOLOGIN",
        "GRANT INSERT, DELETE ON support_contract TO writers",
        "GRANT writers TO customer",
        database="customer",
    )


def by_a_function(shop: Shop) -> None:
    shop.customer.run(
        "CREATE FUNCTION discount() RETURNS void SECURITY DEFINER LANGUAGE sql AS"
        " $$ UPDATE public.support_contract SET price = price / 2 $$",
        database="customer",
    )


def by_a_view(shop: Shop) -> None:
    shop.customer.run(
        "CREATE VIEW offers AS SELECT * FROM support_contract",
        "GRANT UPDATE ON offers TO customer",
        database="customer",
    )


def owned_by(shop: Shop, owner: str, *statements: str) -> None:
    """The replica is another role's, of which all rights to write it were taken; a role that nobody can log in as."""
    if owner != "customer":
        shop.customer.run(f"CREATE ROLE {owner} NOLOGIN")
    shop.customer.run(
        f"ALTER TABLE support_contract OWNER TO {owner}",
        f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON support_contract FROM {owner}",
        *statements,
        database="customer",
    )


WRITERS: dict[str, tuple[Callable[[Shop], None], str]] = {
    "a grant": (
        lambda shop: shop.customer.run("GRANT UPDATE ON support_contract TO customer", database="customer"),
        "customer's role customer may UPDATE public.support_contract",
    ),
    "a grant on a column": (column_grant, "may UPDATE (on price) public.support_contract"),
    "a grant to everybody": (
        lambda shop: shop.customer.run("GRANT INSERT ON support_contract TO PUBLIC", database="customer"),
        "may INSERT (granted to PUBLIC)",
    ),
    "membership": (by_membership, "may DELETE, INSERT (granted to writers)"),
    "a right on all tables": (
        lambda shop: shop.customer.run("GRANT pg_write_all_data TO customer"),
        "as a member of pg_write_all_data",
    ),
    "being superuser": (lambda shop: shop.customer.run("ALTER ROLE customer SUPERUSER"), "as superuser"),
    "owning it": (
        lambda shop: owned_by(shop, "customer"),
        "may DELETE, INSERT, TRUNCATE, UPDATE (it owns it, and can grant itself the right) public.support_contract",
    ),
    "membership of who owns it": (
        lambda shop: owned_by(shop, "contracts", "GRANT contracts TO customer"),
        "(as a member of its owner contracts, and can grant itself the right)",
    ),
    "a membership that it has to take on": (
        lambda shop: owned_by(shop, "contracts", "ALTER ROLE customer NOINHERIT", "GRANT contracts TO customer"),
        "(as a member of its owner contracts, and can grant itself the right)",
    ),
    "a function with other rights": (by_a_function, "may call public.discount(), which writes it with the rights"),
    "a view with other rights": (by_a_view, "may UPDATE public.offers, which writes it with the rights of postgres"),
}


@pytest.mark.parametrize("way", WRITERS)
def test_a_role_of_the_customer_that_may_write_the_replica_is_found(shop: Shop, way: str) -> None:
    change, message = WRITERS[way]
    change(shop)
    found = failed(shop.check())
    assert list(found) == ["replica/read-only"]
    assert any(message in one for one in found["replica/read-only"]), found


def test_a_replica_that_another_role_owns_is_read_only(shop: Shop) -> None:
    owned_by(shop, "contracts")
    evaluation = shop.check()
    assert evaluation.passed, told(evaluation)


def migrated_by(shop: Shop, role: str, attributes: str = "LOGIN") -> None:
    """The replica is a migration role's, and quanta.yaml says so."""
    shop.customer.role(role, attributes)
    shop.customer.run(
        f"ALTER TABLE support_contract OWNER TO {role}",
        f"GRANT CONNECT ON DATABASE customer TO {role}",
        database="customer",
    )
    shop.files["quanta.yaml"] = shop.files["quanta.yaml"].replace(
        "    source: [customer]\n", f"    source: [customer]\n    migration_roles: [{role}]\n"
    )


def test_a_migration_role_may_own_the_replica_and_a_role_that_is_none_may_not(shop: Shop) -> None:
    migrated_by(shop, "customer_owner")
    evaluation = shop.check()
    assert evaluation.passed, told(evaluation)
    assert "; customer_owner may, which only migrations use" in of(evaluation, "replica/read-only").reason

    shop.files["quanta.yaml"] = shop.files["quanta.yaml"].replace("migration_roles", "database_roles")
    assert "customer's role customer_owner may" in failed(shop.check())["replica/read-only"][0]


def test_a_migration_role_that_a_unit_can_become_is_found(shop: Shop) -> None:
    migrated_by(shop, "customer_owner")
    shop.customer.run("GRANT customer_owner TO customer")
    (message,) = failed(shop.check())["replica/read-only"]
    assert "customer's role customer may" in message
    assert "(granted to customer_owner)" in message


def test_a_migration_role_that_somebody_works_under_forbids_a_pass(shop: Shop) -> None:
    migrated_by(shop, "customer_owner")
    with psycopg.connect(shop.customer.url("customer", "customer_owner").replace("+psycopg", "")):
        judgement = of(shop.check(), "replica/read-only")
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert "somebody works as customer_owner in customer-db: is it a migration?" in judgement.reason
    assert shop.check().passed


@pytest.mark.parametrize("beside", ["api", "migrate"])
def test_a_unit_that_is_given_the_migration_role_beside_its_own_is_found(shop: Shop, beside: str) -> None:
    migrated_by(shop, "customer_owner")
    url = "postgresql+psycopg://{role}@customer-db/customer"
    units = {
        "api": {"build": "customer", "environment": {"DB_URL": url.format(role="customer")}},
        "migrate": {"build": "customer", "environment": {}},
    }
    units[beside]["environment"]["OWNER_URL"] = url.format(role="customer_owner")
    shop.files["customer/Dockerfile"] = "FROM python:3.12\nCOPY . /app\n"
    shop.files["compose.yaml"] = json.dumps({"services": units})
    evaluation = shop.check()
    if beside == "migrate":
        assert evaluation.passed, told(evaluation)
    else:
        (finding,) = evaluation.findings
        assert (finding.rule, finding.kind) == ("replica/read-only", EvidenceKind.CONFIGURATION)
        assert "the unit api of customer is given customer_owner" in finding.message


@pytest.mark.parametrize("known", ["nobody", "one that is not there", "the migrations alone"])
def test_a_quantum_whose_role_is_not_known_may_be_a_superuser(shop: Shop, known: str) -> None:
    code = shop.files["customer/contracts.py"]
    told_by = {"nobody": "", "one that is not there": "somebody@", "the migrations alone": "customer_owner@"}[known]
    shop.files["customer/contracts.py"] = code.replace("customer@customer-db", f"{told_by}customer-db")
    if known == "the migrations alone":
        migrated_by(shop, "customer_owner")
    judgement = of(shop.check(), "replica/read-only")
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert "as which role customer works in customer-db cannot be told" in judgement.reason


def test_a_writer_whose_quantum_is_not_known_forbids_a_pass(shop: Shop) -> None:
    shop.customer.role("somebody")
    shop.customer.run("GRANT DELETE ON support_contract TO somebody", database="customer")
    judgement = of(shop.check(), "replica/read-only")
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert "whose role it is cannot be told; a quantum's `database_roles` can say it" in judgement.reason

    shop.files["quanta.yaml"] = shop.files["quanta.yaml"].replace(
        "    source: [sysops]\n", "    source: [sysops]\n    database_roles: [somebody]\n"
    )
    evaluation = shop.check()
    assert of(evaluation, "replica/read-only").verdict is Verdict.PASS


PUBLISHED = {
    "all tables": ("FOR ALL TABLES", "is for all tables"),
    "a schema": ("FOR TABLES IN SCHEMA public", "is for all tables in the schema public"),
    "another table": ("FOR TABLE support_contract, ticket", "hands on public.ticket, which is not declared"),
    "no deletes": ("FOR TABLE support_contract WITH (publish = 'insert, update')", "hands on no delete"),
}


@pytest.mark.parametrize("what", PUBLISHED)
def test_a_publication_of_more_or_less_than_declared_is_found(shop: Shop, what: str) -> None:
    clause, message = PUBLISHED[what]
    for cluster, database in ((shop.sysops, "sysops"), (shop.customer, "customer")):
        cluster.run("CREATE TABLE ticket (id int PRIMARY KEY)", database=database)
    shop.sysops.run(
        "GRANT SELECT ON ticket TO replicator",
        "DROP PUBLICATION contracts",
        f"CREATE PUBLICATION contracts {clause}",
        database="sysops",
    )
    shop.customer.run("ALTER SUBSCRIPTION contracts REFRESH PUBLICATION", database="customer")
    found = failed(shop.check())
    assert "replica/mechanism" in found
    assert any(message in one for one in found["replica/mechanism"]), found
    assert set(found) <= {"replica/mechanism", "replica/live-link"}  # the worker may be starting again


def test_a_column_beyond_the_declared_ones_is_found(shop: Shop) -> None:
    shop.files["quanta.yaml"] = shop.files["quanta.yaml"].replace(
        "      mechanism: native\n", "      mechanism: native\n      columns: [id]\n"
    )
    shop.files["sysops/publication.sql"] = "CREATE PUBLICATION contracts FOR TABLE support_contract (id);\n"
    found = failed(shop.check())
    assert list(found) == ["replica/mechanism"]
    assert "hands on all columns of public.support_contract, and id are declared" in found["replica/mechanism"][0]


def filtered(shop: Shop, rows: str | None, clause: str = " WHERE (price > 0)") -> Evaluation:
    """What is said where the publication has a filter or none, in its file and in the database, and `rows` as given."""
    declared = f"      mechanism: native\n      rows: {rows}\n" if rows else "      mechanism: native\n"
    shop.files["quanta.yaml"] = shop.files["quanta.yaml"].replace("      mechanism: native\n", declared)
    shop.files["sysops/publication.sql"] = f"CREATE PUBLICATION contracts FOR TABLE support_contract{clause};\n"
    shop.sysops.run(
        "ALTER TABLE support_contract REPLICA IDENTITY FULL",
        f"ALTER PUBLICATION contracts SET TABLE support_contract{clause}",
        database="sysops",
    )
    return shop.check()


def test_a_row_filter_is_found_where_all_rows_are_declared(shop: Shop) -> None:
    evaluation = filtered(shop, "all")
    assert {finding.rule for finding in evaluation.findings} == {"replica/mechanism"}
    assert {finding.kind for finding in evaluation.findings} == {EvidenceKind.CONFIGURATION, EvidenceKind.RUNTIME}
    messages = " ".join(finding.message for finding in evaluation.findings)
    assert "hands on only the rows of public.support_contract where (price > 0), and all are declared" in messages


def test_a_row_filter_is_shown_where_nothing_is_declared_of_rows(shop: Shop) -> None:
    evaluation = filtered(shop, None)
    assert evaluation.passed, told(evaluation)
    reason = of(evaluation, "replica/mechanism").reason
    assert "of public.support_contract only the rows where (price > 0), by sysops-db:/publication contracts" in reason


def test_a_row_filter_that_is_declared_is_as_it_should_be_and_its_absence_is_not(shop: Shop) -> None:
    assert filtered(shop, "some").passed
    evaluation = filtered(shop, None, clause="")  # what is declared stays
    messages = {finding.message for finding in evaluation.findings if finding.kind is EvidenceKind.RUNTIME}
    assert messages == {
        "the publication contracts of sysops hands on all rows of public.support_contract, and some are declared"
    }


def test_all_rows_where_all_are_declared(shop: Shop) -> None:
    assert filtered(shop, "all", clause="").passed


def test_a_publication_that_has_lost_its_table_is_found(shop: Shop) -> None:
    shop.sysops.run("ALTER PUBLICATION contracts DROP TABLE support_contract", database="sysops")
    assert failed(shop.check())["replica/mechanism"] == [
        "the publication contracts of sysops hands on no support_contract"
    ]


@dataclass
class Schemas:
    """One database in which two schemas are meant for two quanta, or for one."""

    server: Cluster
    root: Path
    monkeypatch: pytest.MonkeyPatch
    roles: dict[str, str] = field(default_factory=lambda: {"shop": "shop", "billing": "billing"})

    def check(self, *statements: str, owners: tuple[str, str] = ("shop", "billing")) -> Evaluation:
        for role in self.roles.values():
            self.server.role(role)
        name = self.server.database(
            *(
                f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.{table} (id int PRIMARY KEY);"
                f" ALTER TABLE {schema}.{table} OWNER TO {owner}"
                for schema, table, owner in zip(("shop", "billing"), ("customer", "invoice"), owners, strict=True)
            ),
            *statements,
        )
        for quantum in self.roles:
            (self.root / quantum).mkdir()
            (self.root / quantum / "a.py").write_text("")
        (self.root / "quanta.yaml").write_text(
            "schema: quanta/1\nsystem: shop\nquanta:\n"
            f"  shop: {{source: shop, datastores: {{shop-db: {{hosts: a}}}}, database_roles: [{self.roles['shop']}]}}\n"
            f"  billing: {{source: billing, database_roles: [{self.roles['billing']}]}}\n"
            "live: {databases: {shop-db: {env: SHOP}}}\n"
        )
        self.server.run(
            f'REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC', f'GRANT CONNECT ON DATABASE "{name}" TO {READER}'
        )
        self.monkeypatch.setenv("SHOP", self.server.url(name))
        return app.check(self.root, live=True)


@pytest.fixture
def schemas(server: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Schemas:
    return Schemas(server, tmp_path, monkeypatch)


KEY = "ALTER TABLE billing.invoice ADD CONSTRAINT of_customer FOREIGN KEY (id) REFERENCES shop.customer"


def test_a_foreign_key_to_the_table_of_another_quantum_is_found(schemas: Schemas) -> None:
    assert failed(schemas.check(KEY)) == {
        "quantum/shared-datastore": [
            "billing's table billing.invoice refers to shop's shop.customer by the foreign key of_customer in shop-db"
        ]
    }


def test_a_table_is_known_by_who_writes_it_where_its_owner_is_nobody_s(schemas: Schemas) -> None:
    granted = ("GRANT INSERT ON shop.customer TO shop", "GRANT INSERT, UPDATE ON billing.invoice TO billing")
    found = failed(schemas.check(KEY, *granted, owners=("postgres", "postgres")))
    assert "billing's table billing.invoice refers to shop's shop.customer" in found["quantum/shared-datastore"][0]


@pytest.mark.parametrize("owner", ["shop", "postgres"])
def test_a_foreign_key_between_two_schemas_of_one_owner_is_none_of_our_business(schemas: Schemas, owner: str) -> None:
    evaluation = schemas.check(KEY, owners=(owner, owner))
    assert evaluation.passed, told(evaluation)


def test_tables_of_two_quanta_without_a_foreign_key_are_not_linked(schemas: Schemas) -> None:
    evaluation = schemas.check()
    assert evaluation.passed, told(evaluation)


def test_a_foreign_key_to_the_table_of_nobody_known_forbids_a_pass(schemas: Schemas) -> None:
    evaluation = schemas.check(KEY, owners=("shop", "postgres"))
    judgement = of(evaluation, "quantum/shared-datastore", "shop → billing")
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert "billing.invoice (of postgres) and shop.customer (of shop), which a foreign key links" in judgement.reason


def test_a_foreign_key_to_a_replica_is_the_holder_s_own_affair(shop: Shop) -> None:
    """The table that refers to it is the customer's, and so is the replica, whoever owns and feeds it."""
    shop.customer.run(
        "CREATE TABLE choice (customer text PRIMARY KEY, contract text REFERENCES support_contract)",
        "ALTER TABLE choice OWNER TO customer",
        "ALTER TABLE support_contract OWNER TO sysops",
        database="customer",
    )
    assert of(shop.check(), "quantum/shared-datastore", "customer → sysops").verdict is Verdict.PASS


def test_a_url_that_leads_to_another_database_is_an_error(shop: Shop) -> None:
    evaluation = shop.check(customer=shop.customer.url("postgres"))
    for rule in ("replica/read-only", "replica/mechanism", "replica/live-link"):
        judgement = of(evaluation, rule)
        assert judgement.verdict is Verdict.ERROR, rule
        assert "customer-db was to be the database customer, and postgres answered" in judgement.reason


def test_a_foreign_data_wrapper_into_the_other_database_is_found(shop: Shop) -> None:
    shop.customer.run(
        "CREATE EXTENSION postgres_fdw",
        f"CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '{shop.sysops.port}',"
        " dbname 'sysops')",
        "CREATE FOREIGN TABLE tickets (id int) SERVER far",
        database="customer",
    )
    found = failed(shop.check())
    assert list(found) == ["quantum/shared-datastore"]
    assert found["quantum/shared-datastore"] == ["customer reads sysops's database (public.tickets)"]


def test_a_foreign_server_to_nobody_known_is_unresolved(shop: Shop) -> None:
    shop.customer.run(
        "CREATE EXTENSION postgres_fdw",
        "CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'elsewhere', dbname 'x')",
        database="customer",
    )
    evaluation = shop.check()
    assert not evaluation.passed
    assert of(evaluation, "quantum/shared-datastore", "customer → sysops").verdict is Verdict.NOT_EVALUATED


def test_dblink_forbids_a_pass(shop: Shop) -> None:
    shop.customer.run("CREATE EXTENSION dblink", database="customer")
    judgement = of(shop.check(), "quantum/shared-datastore", "customer → sysops")
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert "customer-db has the extension dblink" in judgement.reason


def test_a_role_of_one_quantum_that_may_log_in_to_the_other_database_is_found(shop: Shop) -> None:
    shop.sysops.role("customer")
    found = failed(shop.check())
    assert found == {"quantum/shared-datastore": ["customer's role customer may log in to sysops's database sysops-db"]}


def test_a_denied_class_of_data_in_a_running_database_is_found(shop: Shop) -> None:
    shop.files["quanta.yaml"] = shop.files["quanta.yaml"].replace(
        "  customer:\n    source: [customer]\n", "  customer:\n    source: [customer]\n    stores: {deny: [pan]}\n"
    )
    evaluation = shop.check()
    assert evaluation.passed, told(evaluation)
    shop.customer.run("CREATE TABLE payment (id int, card_number text, card_last4 text)", database="customer")
    found = failed(shop.check())
    assert found == {"data/placement": ["pan comes to rest in customer: column payment.card_number"]}


def test_a_database_without_any_table_shows_nothing_of_what_rests_there(shop: Shop) -> None:
    shop.files["quanta.yaml"] = shop.files["quanta.yaml"].replace(
        "  sysops:\n    source: [sysops]\n", "  sysops:\n    source: [sysops]\n    stores: {deny: [pan]}\n"
    )
    assert of(shop.check(), "data/placement", "sysops").verdict is Verdict.PASS
    shop.sysops.run("DROP TABLE support_contract", database="sysops")
    judgement = of(shop.check(), "data/placement", "sysops")
    assert judgement.verdict is Verdict.NOT_EVALUATED
    assert "sysops-db has no table: is it migrated, and the right one?" in judgement.reason


def test_two_quanta_on_one_server_are_found_and_two_databases_of_one_quantum_are_not(
    server: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "billing").mkdir()
    for name in ("shop", "billing"):
        (tmp_path / name / "a.py").write_text("")
    (tmp_path / "quanta.yaml").write_text(
        "schema: quanta/1\nsystem: shop\nquanta:\n"
        "  shop: {source: shop, datastores: {shop-db: {hosts: a}, archive-db: {hosts: b}}}\n"
        "  billing: {source: billing, datastores: {billing-db: {hosts: c}}}\n"
        "live: {databases: {shop-db: {env: SHOP}, archive-db: {env: ARCHIVE}, billing-db: {env: BILLING}}}\n"
    )
    for variable in ("SHOP", "ARCHIVE", "BILLING"):
        monkeypatch.setenv(variable, server.url(server.database()))
    found = failed(app.check(tmp_path, live=True))
    assert list(found) == ["quantum/shared-datastore"]
    assert len(found["quantum/shared-datastore"]) == 2
    assert {message.partition(" (")[0] for message in found["quantum/shared-datastore"]} == {
        f"billing's database billing-db and shop's {name} are on one server" for name in ("shop-db", "archive-db")
    }


def test_a_publisher_that_is_gone_is_found_though_only_the_replica_was_asked(shop: Shop) -> None:
    shop.files["quanta.yaml"] = shop.files["quanta.yaml"].replace("    sysops-db: {env: SYSOPS_LIVE_URL}\n", "")
    shop.customer.run(f"GRANT SELECT (subconninfo) ON pg_subscription TO {READER}", database="customer")
    shop.sysops.postgresql.server.stop()
    try:
        shop.await_("SELECT NOT EXISTS (SELECT FROM pg_stat_subscription WHERE received_lsn IS NOT NULL)")
        judgement = of(shop.check(), "replica/live-link")
        assert judgement.verdict is Verdict.FAIL
        assert "does not run, or has not reached the publisher" in judgement.findings[0].message
    finally:
        shop.sysops.postgresql.server.start()


def test_a_database_that_does_not_answer_is_an_error_and_never_a_pass(shop: Shop) -> None:
    shop.files["quanta.yaml"] = shop.files["quanta.yaml"].replace(
        "  customer:\n    source: [customer]\n", "  customer:\n    source: [customer]\n    stores: {deny: [pan]}\n"
    )
    evaluation = shop.check(customer=f"postgresql://reader:{SECRET}@127.0.0.1:1/customer")
    assert not evaluation.passed
    for rule, subject in (
        ("replica/live-link", "sysops-to-customer"),
        ("replica/mechanism", "sysops-to-customer"),
        ("replica/read-only", "sysops-to-customer"),
        ("quantum/shared-datastore", "customer → sysops"),
        ("quantum/shared-datastore", "sysops → customer"),
        ("data/placement", "customer"),
    ):
        judgement = of(evaluation, rule, subject)
        assert judgement.verdict is Verdict.ERROR, (rule, judgement)
        assert "the database customer-db did not tell: it cannot be asked" in judgement.reason
