"""Whole systems on real PostgreSQL: the good one passes, and each change of a running database is found for what it is.

Sysops publishes its support contracts on one server, customer subscribes on another; sources and SQL files are those
of the card of ``replica/live-link``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

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
