"""Drills on a broken twin of the running system: each experiment shows what the code of the twin does wrong.

One twin has all faults, each in the way of another experiment, so that the system is started once.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twinning import ROOT, Files, apply, replace, write

from quantafit.errors import DrillError
from quantafit.testing import Drills, drills

pytestmark = pytest.mark.xdist_group("running")  # see tests/conftest.py

HANDS = "fitness/squad.py"
PLUMBING, CUSTOMER, SYSOPS = (f"src/sysops_squad/{name}" for name in ("plumbing", "customer", "sysops"))

ACKNOWLEDGES_FIRST = (
    replace(
        f"{PLUMBING}/sqlite_queue.py",
        "                await handle_when_available(handler, claim.message, self._policy.pause)\n",
        "                await asyncio.to_thread(file.done, claim)\n"
        "                await asyncio.sleep(0.5)\n"
        "                await handle_when_available(handler, claim.message, self._policy.pause)\n",
    ),
    replace(
        f"{PLUMBING}/sqlite_queue.py",
        "            if not removed:\n",
        "            if False:\n",
    ),
)
HAS_NO_INBOX = (
    replace(
        f"{PLUMBING}/inbox.py",
        "IntegrityError:\n        return False\n",
        "IntegrityError:\n        return True\n",
    ),
    replace(f"{CUSTOMER}/invoices.py", "    session.add(\n", "    session.merge(\n"),
)
CALLS_BILLING = (
    replace(
        f"{CUSTOMER}/api.py",
        "        return TicketView.model_validate(desk.submit(customer_id, ticket))\n",
        "        import json, pathlib, urllib.request\n\n"
        '        port = json.loads(pathlib.Path("environment.json").read_text())["BILLING_PORT"]\n'
        '        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=3)\n'
        "        return TicketView.model_validate(desk.submit(customer_id, ticket))\n",
    ),
)
LEAVES_A_LOCK = (
    replace(
        f"{CUSTOMER}/notification.py",
        "    settings = load_settings(CustomerSettings)\n",
        '    open("notification.lock", "x").close()\n    settings = load_settings(CustomerSettings)\n',
    ),
)
FORGETS_DELETES = (
    replace(f"{SYSOPS}/contracts_etl.py", "            if gone:\n", "            if gone and not self._replica:\n"),
)
FAULTS = (*ACKNOWLEDGES_FIRST, *HAS_NO_INBOX, *CALLS_BILLING, *FORGETS_DELETES, *LEAVES_A_LOCK)


@pytest.fixture(scope="module")
def broken(reference: Files, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drills]:
    """The twin, running."""
    root = tmp_path_factory.mktemp("twin")
    files = {**reference, HANDS: (ROOT / HANDS).read_bytes()}
    write(apply(files, FAULTS), root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(root / "src"))
        patch.setenv("QUANTAFIT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        with drills(root / "quanta.yaml", seed=3) as running:
            yield running


def test_an_api_that_calls_billing_fails_isolation(broken: Drills) -> None:
    with pytest.raises(AssertionError) as told:
        broken("customers-are-served")
    assert "resilience/isolation" in str(told.value)
    assert "submit-ticket failed 5 of 5 times" in " ".join(str(told.value).split())
    assert "list-tickets failed" not in " ".join(str(told.value).split())


def test_a_consumer_that_acknowledges_before_its_work_loses_what_it_holds_when_it_is_killed(broken: Drills) -> None:
    with broken.run("forgets", "loss", interaction="invoice-issued") as run:
        run.kill("customer.inbox", "billing.relay")
        run.drive("messages", broken.source("messages"))
        run.start()
        run.wait(0.2)
        run.kill("customer.inbox")
        run.start()
        run.count("mails", broken.source("mails"), seconds=12)
    with pytest.raises(AssertionError) as told:
        broken.holds(run.experiment)
    assert "resilience/loss" in str(told.value)
    assert "1 of 3 accepted had no effect" in " ".join(str(told.value).split())


def test_a_receiver_without_an_inbox_does_again_what_comes_again(broken: Drills) -> None:
    with pytest.raises(AssertionError) as told:
        broken("an-invoice-twice")
    assert "message/idempotent-receiver" in str(told.value)
    assert "sent again had more than one effect" in " ".join(str(told.value).split())


def test_an_etl_that_never_deletes_leaves_the_replica_stale(broken: Drills) -> None:
    with pytest.raises(AssertionError) as told:
        broken("contracts-stay-fresh")
    assert "replica/staleness" in str(told.value)
    assert "delete delete had not arrived" in " ".join(str(told.value).split())


def test_an_api_that_waits_for_a_billing_that_stands_still_fails_latency(broken: Drills) -> None:
    with broken.run("others-stand-still", "latency", quantum="customer", within=2.0) as run:
        run.drive("operations", broken.source("operations"))  # it offers a support contract, for which it needs sysops
        run.pause("sysops.api", "billing.api", "reporting.api")
        run.drive("operations", broken.source("operations"))
    with pytest.raises(AssertionError) as told:
        broken.holds(run.experiment)
    assert "resilience/latency" in str(told.value)
    assert "submit-ticket failed 5 of 5 times" in " ".join(str(told.value).split())


def test_a_unit_that_finds_the_lock_of_its_dead_predecessor_does_not_come_back(broken: Drills) -> None:
    """The last one: the unit stays away."""
    with pytest.raises(DrillError), broken.run("comes-back", "restart", quantum="customer") as run:
        run.kill(*run.of("customer"))
        run.start()
    with pytest.raises(AssertionError) as told:
        broken.holds(run.experiment)
    assert "resilience/restart" in str(told.value)
    assert "customer.notification did not come back" in " ".join(str(told.value).split())
    assert "customer.api did not come back" not in " ".join(str(told.value).split())
