"""The block `live:` of quanta.yaml, and what becomes of servers that do not answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantafit import app, declaration
from quantafit.cli import main
from quantafit.errors import DeclarationError, UsageError
from quantafit.evidence import live
from quantafit.model import BrokerServer, DatabaseServer, LiveServers
from quantafit.workspace import MemoryWorkspace

HEAD = """\
schema: quanta/1
system: shop
quanta:
  shop: {source: shop, datastores: {shop-db: {}}}
  billing: {source: billing}
"""


def declared(text: str):
    return declaration.parse((HEAD + text).encode(), MemoryWorkspace({"shop/a.py": "", "billing/a.py": ""}))


def test_servers_are_named_by_variables():
    architecture = declared(
        "live:\n  brokers: {rabbit: {management: {env: MANAGEMENT}, virtual_host: shop}}\n"
        "  databases: {shop-db: {env: SHOP_LIVE}}\n"
    )

    (broker,), (database,) = architecture.live.brokers, architecture.live.databases

    assert (broker.name, broker.management, broker.virtual_host) == ("rabbit", "MANAGEMENT", "shop")
    assert (database.name, database.quantum, database.env) == ("shop-db", "shop", "SHOP_LIVE")
    assert broker.place.line == 7


def test_a_database_must_be_a_declared_datastore():
    with pytest.raises(DeclarationError, match=r"unknown datastore 'shopdb'(.|\n)*did you mean 'shop-db'"):
        declared("live: {databases: {shopdb: {env: X}}}\n")


def test_a_broker_without_a_way_to_ask_it_is_refused():
    with pytest.raises(DeclarationError, match="nothing says how to ask the broker 'rabbit'"):
        declared("live: {brokers: {rabbit: {virtual_host: shop}}}\n")


def test_a_url_in_the_file_is_refused_and_its_password_is_not_repeated():
    with pytest.raises(DeclarationError) as caught:
        declared("live: {brokers: {rabbit: {management: {env: 'http://me:hunter2@rabbit:15672'}}}}\n")

    assert "environment variable" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_live_run_without_live_servers_is_wrong_use(tmp_path: Path):
    (tmp_path / "quanta.yaml").write_text(HEAD)
    for name in ("shop", "billing"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("")

    with pytest.raises(UsageError, match="names no running servers"):
        app.check(tmp_path, live=True)


def test_a_server_whose_variable_is_not_set_is_a_failure_with_its_reason():
    servers = LiveServers((BrokerServer("rabbit", "MANAGEMENT"),), (DatabaseServer("shop-db", "shop", "SHOP_LIVE"),))

    said = live.collect(servers, {}, lambda table, columns: (None, ()))

    assert (said.brokers, said.databases) == ((), ())
    assert [failure.server for failure in said.failures] == ["rabbit", "shop-db"]
    assert "MANAGEMENT is not set" in said.failures[0].why
    assert "SHOP_LIVE is not set" in said.failures[1].why


# One broker that is declared and does not answer, by each way to ask --------------------------------------------------

ASKING = HEAD + (
    "interactions:\n  - {id: cards, from: shop, to: billing, style: message, channel: cards, delivery: at_least_once}\n"
    "live: {brokers: {rabbit: {management: {env: NO_SUCH_MANAGEMENT}}}}\n"
)


@pytest.fixture
def asking(tmp_path: Path) -> Path:
    (tmp_path / "quanta.yaml").write_text(ASKING)
    for name in ("shop", "billing"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("")
    return tmp_path


def test_what_running_servers_say_is_never_remembered(
    asking: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
):
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("QUANTAFIT_CACHE_DIR", str(cache))

    assert main(["check", "--live", "--config", str(asking)]) == 1
    assert not [path for path in cache.rglob("*") if path.is_file()]

    assert main(["check", "--config", str(asking)]) == 1
    assert [path for path in cache.rglob("*") if path.is_file()]


def test_an_answer_without_servers_is_not_given_for_one_with_them(asking: Path, capsys: pytest.CaptureFixture[str]):
    main(["check", "--config", str(asking)])
    assert "NO_SUCH_MANAGEMENT is not set" not in capsys.readouterr().out

    main(["check", "--live", "--config", str(asking)])
    assert "NO_SUCH_MANAGEMENT is not set" in " ".join(capsys.readouterr().out.split())


def test_the_pytest_plugin_asks_too(asking: Path, pytester: pytest.Pytester):
    alone = ("-p", "no:schemathesis", "-p", "no:hypothesispytest")  # they take long to load
    quiet = pytester.runpytest_subprocess(asking / "quanta.yaml", *alone)
    assert "NO_SUCH_MANAGEMENT is not set" not in quiet.stdout.str()

    asked = pytester.runpytest_subprocess(asking / "quanta.yaml", "--quanta-live", *alone)
    assert "NO_SUCH_MANAGEMENT is not set" in " ".join(asked.stdout.str().split())
    assert asked.parseoutcomes()["failed"] > quiet.parseoutcomes()["failed"]
