"""What a running PostgreSQL tells a role that may do nothing but log in, and what becomes of those that do not tell."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from clusters import READER, SECRET, Cluster

from private_servers import free_port, private_postgresql
from quantafit.declaration.data_classes import BUILT_IN
from quantafit.evidence import live
from quantafit.evidence.live import postgresql, postgresql_catalogue
from quantafit.evidence.live.asking import NotAnsweredError
from quantafit.evidence.source.classify import Classifier
from quantafit.model import DatabaseServer, DatabaseState, LiveServers
from quantafit.model.live_database import Grant

pytestmark = pytest.mark.postgresql


def no_class(_table: str, columns: Sequence[str]) -> tuple[None, tuple[None, ...]]:
    """Nothing is classified."""
    return None, tuple(None for _ in columns)


def asked(url: str, **changes: object) -> DatabaseState:
    server = DatabaseServer("customer-db", "customer", "URL")
    return postgresql.ask(server, {"URL": url}, changes.pop("classify", no_class), **changes)  # type: ignore[arg-type]


def failure(url: str) -> str:
    """Why a database did not answer, as a report would show it."""
    servers = LiveServers(databases=(DatabaseServer("customer-db", "customer", "URL"),))
    said = live.collect(servers, {"URL": url}, no_class)
    assert not said.databases
    assert SECRET not in repr(said)
    return said.failures[0].why


def test_a_role_that_may_only_log_in_is_told_all_but_where_a_subscription_connects_to(server: Cluster) -> None:
    server.role("customer")
    server.role("writers", "NOLOGIN")
    name = server.database(
        "CREATE TABLE support_contract (code text PRIMARY KEY, card_number text)",
        "GRANT SELECT, UPDATE (card_number) ON support_contract TO customer",
        "GRANT INSERT ON support_contract TO writers",
        "GRANT writers TO customer",
        "CREATE VIEW offers AS SELECT code FROM support_contract",
        "CREATE PUBLICATION part FOR TABLE support_contract (code) WHERE (code <> 'x')",
        "CREATE PUBLICATION whole FOR TABLES IN SCHEMA public WITH (publish = 'insert')",
        "CREATE EXTENSION postgres_fdw",
        "CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'billing-db', dbname 'billing')",
        "CREATE FOREIGN TABLE cards (number text) SERVER far",
        "CREATE FUNCTION reset() RETURNS void SECURITY DEFINER LANGUAGE sql AS"
        " $$ -- UPDATE comments SET text = ''\n DELETE FROM support_contract $$",
        "CREATE SUBSCRIPTION fed CONNECTION 'host=sysops-db dbname=sysops user=r password=hunter2'"
        " PUBLICATION p WITH (connect = false)",
    )
    state = asked(server.url(name), classify=Classifier(BUILT_IN).table)

    assert (state.database, state.role, state.port) == (name, READER, str(server.port))
    tables = {table.name: table for table in state.tables}
    contract = tables["support_contract"]
    # Beside a card's number, a code is taken for the card's.
    assert [(column.name, column.data_class) for column in contract.columns] == [
        ("code", "card_code"), ("card_number", "pan")
    ]  # fmt: skip
    assert {Grant("customer", "SELECT"), Grant("customer", "UPDATE", "card_number"), Grant("writers", "INSERT")} <= {
        *contract.grants
    }
    assert tables["cards"].kind == "foreign table"
    assert tables["offers"].writes_through == ("public.support_contract",)
    assert next(role.member_of for role in state.roles if role.name == "customer") == ("writers",)
    part, whole = state.publications
    assert (part.tables[0].columns, part.tables[0].limited) == (("code",), True)
    assert "code" in (part.tables[0].row_filter or "")
    assert (whole.schemas, whole.operations, whole.tables[0].limited) == (("public",), ("insert",), False)
    (far,) = state.remotes
    assert (far.host, far.database, far.tables) == ("billing-db", "billing", ("public.cards",))
    (reset,) = state.routines
    assert (reset.name, reset.writes, "PUBLIC" in reset.executors) == ("public.reset", ("support_contract",), True)
    (fed,) = state.subscriptions
    assert (fed.enabled, fed.working, fed.slot, fed.host) == (False, False, "fed", None)
    (hidden,) = state.unreadable
    assert hidden.why == f"GRANT SELECT (subconninfo) ON pg_catalog.pg_subscription TO {READER}"


def test_with_the_right_it_is_told_where_to_and_never_the_password(server: Cluster) -> None:
    name = server.database(
        "CREATE SUBSCRIPTION fed CONNECTION 'host=sysops-db port=5433 dbname=sysops user=r password=hunter2'"
        " PUBLICATION p WITH (connect = false)",
        f"GRANT SELECT (subconninfo) ON pg_catalog.pg_subscription TO {READER}",
    )
    state = asked(server.url(name))
    assert [(one.host, one.port, one.database) for one in state.subscriptions] == [("sysops-db", "5433", "sysops")]
    assert not state.unreadable
    assert "hunter2" not in repr(state)


def test_two_databases_of_one_server_are_known_as_such_and_those_of_two_are_not(
    server: Cluster, other_server: Cluster
) -> None:
    first, second, third = (asked(one.url(one.database())) for one in (server, server, other_server))
    assert (first.server, first.instance) == (second.server, second.instance)
    assert third.server not in ("", first.server)
    assert {one.name for one in second.databases} >= {first.database, second.database}


def test_what_is_refused_is_said_with_the_right_that_is_missing(server: Cluster) -> None:
    name = server.database("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
    state = asked(server.url(name))
    assert state.server == ""
    assert [(one.what, one.why) for one in state.unreadable] == [
        ("which server it is", f"GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO {READER}")
    ]


def test_nothing_is_written_whatever_the_role_may_do(server: Cluster) -> None:
    """Asked as superuser, with a search path that leads to tables of the user's own named like catalogues."""
    name = server.database(
        "CREATE SCHEMA trap",
        "CREATE TABLE trap.pg_class (oid oid)",
        "CREATE TABLE trap.pg_roles (rolname name)",
    )
    server.run(f'ALTER DATABASE "{name}" SET search_path = trap, pg_catalog')
    state = asked(server.admin(name))
    assert {table.name for table in state.tables} == {"pg_class", "pg_roles"}
    assert {"postgres", READER} <= {role.name for role in state.roles}


def test_older_versions_are_asked_in_their_own_words(server: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL 14 knows neither column lists nor row filters; every column of a published table flows."""
    name = server.database("CREATE TABLE a (x int, y int)", "CREATE PUBLICATION p FOR TABLE a")
    monkeypatch.setattr(psycopg.ConnectionInfo, "server_version", property(lambda _self: 140011))
    (publication,) = asked(server.url(name)).publications
    assert [(one.name, one.columns, one.limited) for one in publication.tables] == [("public.a", ("x", "y"), False)]


def test_a_version_that_is_too_old_is_named(server: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql_catalogue, "OLDEST", 990000)
    assert "is not known here; 13 is the first version that is" in failure(server.url(server.database()))


@pytest.mark.parametrize("told", ["CockroachDB CCL v24.1.0", "Redshift 1.0", ""])
def test_what_speaks_the_protocol_and_is_no_postgresql_is_not_believed(
    server: Cluster, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    check = postgresql._Reader._check_version
    monkeypatch.setattr(postgresql._Reader, "_check_version", lambda self, _told: check(self, told))
    assert "it is no PostgreSQL" in failure(server.url(server.database()))


# Those that do not answer -------------------------------------------------------------------------------------------


def test_nobody_there() -> None:
    why = failure(f"postgresql://reader:{SECRET}@127.0.0.1:{free_port()}/customer")
    assert "it cannot be asked" in why
    assert "refused" in why


def test_a_wrong_password_is_not_repeated(server: Cluster) -> None:
    why = failure(server.url(server.database(), password=f"{SECRET}-wrong"))
    assert "password authentication failed" in why


def test_a_role_that_may_not_connect(server: Cluster) -> None:
    name = server.database()
    server.run(f'REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC')
    assert "permission denied for database" in failure(server.url(name))


def test_a_database_that_does_not_exist(server: Cluster) -> None:
    assert 'database "nowhere" does not exist' in failure(server.url("nowhere"))


@pytest.mark.parametrize(
    "url",
    [f"postgresql://reader:{SECRET}%zz@db/customer", f"mysql://reader:{SECRET}@db/customer", f"{SECRET} and more"],
)
def test_what_is_no_url_of_postgresql_is_not_repeated(url: str) -> None:
    assert "URL holds no URL of PostgreSQL" in failure(url)


def test_something_else_that_listens() -> None:
    def web(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with listening(web) as port:
        assert "it cannot be asked" in failure(f"postgresql://reader:{SECRET}@127.0.0.1:{port}/customer")


def test_one_that_accepts_and_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "PATIENCE", 2.0)
    enough = threading.Event()
    began = time.monotonic()
    with listening(lambda _connection: enough.wait(30)) as port:
        why = failure(f"postgresql://reader:{SECRET}@127.0.0.1:{port}/customer")
        enough.set()
    assert "timeout" in why
    assert time.monotonic() - began < 10


def test_one_that_stops_in_the_middle_is_given_up(server: Cluster) -> None:
    name = server.database()
    began = time.monotonic()
    with (
        relaying(server.port, until=b"pg_control_system", then=lambda: None) as port,
        pytest.raises(NotAnsweredError, match=r"stopped answering and was given up after 2 s"),
    ):
        asked(server.url(name).replace(str(server.port), str(port)), together=2)
    assert time.monotonic() - began < 10


def test_a_server_that_dies_while_it_is_asked_told_nothing(tmp_path: Path) -> None:
    with private_postgresql(tmp_path) as mortal:
        with psycopg.connect(mortal.url().replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CREATE TABLE a (x int)")

        def killing(table: str, columns: Sequence[str]) -> tuple[None, tuple[None, ...]]:
            if mortal.server.process is not None:
                mortal.server.kill()
            return no_class(table, columns)

        with pytest.raises(NotAnsweredError, match="it was lost while its catalogues were read"):
            asked(mortal.url(), classify=killing)


@contextmanager
def listening(answer: Callable[[socket.socket], object]) -> Iterator[int]:
    """Something that accepts connections on the port that is given, and does this with each."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)


@contextmanager
def relaying(port: int, *, until: bytes, then: Callable[[], object]) -> Iterator[int]:
    """A way to a server that ends when the client says a word: from then on nothing comes back."""
    silent = threading.Event()
    over = threading.Event()

    def relay(client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as upstream:

            def back() -> None:
                while data := upstream.recv(65536):
                    if silent.is_set():
                        break
                    client.sendall(data)

            threading.Thread(target=back, daemon=True).start()
            while data := client.recv(65536):
                if until in data:
                    silent.set()
                    then()
                    over.wait(30)
                    return
                upstream.sendall(data)

    with listening(relay) as relayed:
        yield relayed
        over.set()
