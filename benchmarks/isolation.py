"""What customers notice of billing: request latency with billing up, slow and down.

Beside it the same for a twin in which the customer API calls billing by REST.

    python benchmarks/isolation.py [--runs N] [--seconds S]

The customer API runs under a bounded load: four clients, each five requests a second, one after the other: choose a
support contract, add a card, submit a ticket, list the contracts. Of the first two billing must hear. Three columns:

* up: billing's API and intake run;
* slow: they run, and something else holds billing's database for 0.8 of each second;
* down: they were killed.

Ours is the reference system on its embedded parts. The twin is a copy of it with a few lines changed, in which the
customer API posts to billing's API by REST after its own commit, with a timeout of five seconds, and waits for the
answer. All run on one machine, so a latency also holds what the machine does elsewhere; compare within one round.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from squad import Worker, patched_source

from sysops_squad.launcher.installation import Installation, install
from sysops_squad.plumbing.clock import now

CARD = {"number": "5555 5555 5555 4444", "expiry_month": 12, "expiry_year": now().year + 2, "holder": "Ada"}
"""A test number that the card schemes publish."""
CLIENTS = 4
REQUESTS_PER_SECOND = 5.0
"""Of each client."""
COLUMNS = ("up", "slow", "down")
HELD, FREE = 0.8, 0.2
"""Seconds for which billing's database is held and free, in turn, while billing is slow."""

CUSTOMER = "src/sysops_squad/customer"
BILLING = "src/sysops_squad/billing"
BY_REST = (
    (
        f"{CUSTOMER}/billing_client.py",
        "",
        '''"""Billing's API, as the customer quantum sees it."""

import os

import httpx

from sysops_squad.customer.messages import BillingInfo

BILLING = httpx.Client(base_url=os.environ["CUSTOMER_BILLING_URL"], timeout=5.0, trust_env=False)


def tell_billing(info: BillingInfo) -> None:
    BILLING.post("/billing-info", json=info.model_dump(mode="json")).raise_for_status()
''',
    ),
    (
        f"{CUSTOMER}/cards.py",
        "            self._send(session, card, self._sealer.seal(customer_id, _details(new_card)))\n",
        "        self._send(session, card, self._sealer.seal(customer_id, _details(new_card)))\n",
    ),
    (
        f"{CUSTOMER}/cards.py",
        "        self._outbox.add(session, BILLING_INFO, info, transit_only=True)\n",
        "        tell_billing(info)\n",
    ),
    (
        f"{CUSTOMER}/cards.py",
        "from sysops_squad.customer.messages import BILLING_INFO, BillingInfo, SealedCard\n",
        "from sysops_squad.customer.billing_client import tell_billing\n"
        "from sysops_squad.customer.messages import BillingInfo, SealedCard\n",
    ),
    (
        f"{CUSTOMER}/registration.py",
        "            self._outbox.add(session, BILLING_INFO, "
        "BillingInfo(customer_id=customer.id, plan=_plan(offer)))\n",
        "        tell_billing(BillingInfo(customer_id=customer.id, plan=_plan(offer)))\n",
    ),
    (
        f"{CUSTOMER}/registration.py",
        "from sysops_squad.customer.messages import BILLING_INFO, BillingInfo, Plan\n",
        "from sysops_squad.customer.billing_client import tell_billing\n"
        "from sysops_squad.customer.messages import BillingInfo, Plan\n",
    ),
    (
        f"{BILLING}/api.py",
        "    job = PaymentJob(sessions, outbox)\n",
        """    job = PaymentJob(sessions, outbox)

    @app.post("/billing-info", status_code=204)
    @anyone
    def take_billing_info(info: BillingInfo) -> None:
        with sessions() as session, session.begin():
            update_account(session, info)

""",
    ),
    (
        f"{BILLING}/api.py",
        "from sysops_squad.billing.models import Account\n",
        "from sysops_squad.billing.intake import update_account\n"
        "from sysops_squad.billing.messages import BillingInfo\n"
        "from sysops_squad.billing.models import Account\n"
        "from sysops_squad.plumbing.access import anyone\n",
    ),
)
"""The twin: what is posted, where, and who takes it."""

SYSTEMS = {"ours, by messages": (), "twin, by REST": BY_REST}


@dataclass
class Latencies:
    """Milliseconds of the requests that were answered with success, and how many were not."""

    milliseconds: list[float] = field(default_factory=list)
    failed: int = 0

    def percentile(self, percent: int) -> float:
        """NaN where nothing succeeded."""
        if len(self.milliseconds) < 2:
            return float("nan")
        return statistics.quantiles(self.milliseconds, n=100, method="inclusive")[percent - 1]


class Api:
    """The customer API's calls, all of them."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=30.0, trust_env=False)

    def works(self) -> bool:
        try:
            return self._client.get("/health").is_success
        except httpx.HTTPError:
            return False

    def register(self, email: str) -> str:
        """Register and sign in; every call from here on is this customer's."""
        known = {"email": email, "password": "correct horse battery staple"}
        answer = self._client.post("/customers", json={"name": "Ada", **known})
        answer.raise_for_status()
        session = self._client.post("/sessions", json=known).raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {session.json()['token']}"
        return str(answer.json()["id"])

    def choose(self, customer: str) -> bool:
        return self._client.put(f"/customers/{customer}/support-contract", json={"code": "gold"}).is_success

    def add_card(self, customer: str) -> bool:
        return self._client.put(f"/customers/{customer}/card", json=CARD).is_success

    def submit(self, customer: str) -> bool:
        ticket = {"title": "No picture", "description": "The screen stays dark."}
        return self._client.post(f"/customers/{customer}/tickets", json=ticket).is_success

    def contracts(self, _customer: str) -> bool:
        return self._client.get("/support-contracts").is_success


def round_of(folder: Path, patches: Sequence[tuple[str, str, str]], seconds: float) -> dict[str, Latencies]:
    """One system under load in the three states of billing."""
    installation = install(folder)
    environment = {
        **installation.environment,
        "CUSTOMER_BILLING_URL": installation.addresses.billing,
        "PYTHONPATH": str(patched_source(folder, patches)),
    }
    names = ("customer.api", "customer.relay", "billing.api", "billing.intake")
    workers = {name: Worker(name, ["-m", f"sysops_squad.{name}"], environment, folder) for name in names}
    try:
        for worker in workers.values():
            worker.start()
        _wait_for(workers, installation)
        _offer_a_contract(folder)
        found = {"up": load(installation.addresses.customer, seconds)}
        with _held(folder / "billing" / "billing.db"):
            found["slow"] = load(installation.addresses.customer, seconds)
        for name in ("billing.api", "billing.intake"):
            workers[name].kill()
        found["down"] = load(installation.addresses.customer, seconds)
        return found
    finally:
        for worker in workers.values():
            worker.stop()


def _wait_for(workers: Mapping[str, Worker], installation: Installation, seconds: float = 90.0) -> None:
    give_up = time.monotonic() + seconds
    apis = [Api(installation.addresses.customer), Api(installation.addresses.billing)]
    while not all(api.works() for api in apis) or not workers["billing.intake"].works():
        ended = [worker for worker in workers.values() if worker.ended()]
        if ended:
            raise SystemExit(f"{ended[0].name} has ended:\n{ended[0].log.read_text()[-2000:]}")
        if time.monotonic() > give_up:
            raise SystemExit(f"the APIs did not answer within {seconds:g} s")
        time.sleep(0.1)


def _offer_a_contract(folder: Path) -> None:
    connection = sqlite3.connect(folder / "customer" / "customer.db", timeout=30)
    with connection:
        connection.execute("INSERT INTO support_contract VALUES ('gold', 'Gold', '', 999, 'EUR')")
    connection.close()


@contextmanager
def _held(database: Path) -> Iterator[None]:
    """Hold billing's database for most of the time."""
    over = threading.Event()

    def hold() -> None:
        connection = sqlite3.connect(database, timeout=30, isolation_level=None)
        while not over.is_set():
            connection.execute("BEGIN IMMEDIATE")
            over.wait(HELD)
            connection.execute("ROLLBACK")
            over.wait(FREE)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        yield
    finally:
        over.set()
        holder.join()


def load(address: str, seconds: float) -> Latencies:
    """All clients for so many seconds; a client that was held up does not catch up."""
    found = Latencies()
    failures: list[BaseException] = []

    def drive(number: int) -> None:
        try:
            _drive(Api(address), f"{random.getrandbits(64)}@example.org", seconds, number / CLIENTS, found)
        except BaseException as error:
            failures.append(error)

    clients = [threading.Thread(target=drive, args=(number,)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    if failures:
        raise SystemExit(f"a client broke off: {failures[0]!r}")
    return found


def _drive(api: Api, email: str, seconds: float, offset: float, found: Latencies) -> None:
    customer = api.register(email)
    time.sleep(offset / REQUESTS_PER_SECOND)
    end = time.monotonic() + seconds
    for call in itertools.cycle([api.choose, api.add_card, api.submit, api.contracts]):
        begin = time.monotonic()
        if begin > end:
            return
        try:
            fine = call(customer)
        except httpx.HTTPError:
            fine = False
        took = time.monotonic() - begin
        if fine:
            found.milliseconds.append(took * 1000)
        else:
            found.failed += 1
        time.sleep(max(0.0, 1 / REQUESTS_PER_SECOND - took))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="rounds (default: 3)")
    parser.add_argument("--seconds", type=float, default=15.0, help="load in each column (default: 15)")
    options = parser.parse_args()
    found: dict[str, list[dict[str, Latencies]]] = {name: [] for name in SYSTEMS}
    for run in range(options.runs):
        for name, patches in SYSTEMS.items():
            with tempfile.TemporaryDirectory(prefix="isolation-") as folder:
                found[name].append(round_of(Path(folder), patches, options.seconds))
            print(f"{run + 1}/{options.runs} {table({name: found[name][-1:]})}", file=sys.stderr, flush=True)
    print(table(found))


def table(found: Mapping[str, Sequence[Mapping[str, Latencies]]]) -> str:
    """Medians over the rounds; milliseconds of what succeeded, and the share of requests that failed."""
    lines = ["| | | " + " | ".join(f"billing {column}" for column in COLUMNS) + " |", "| --- " * 5 + "|"]
    for name, rounds in found.items():
        for percent in (50, 95, 99):
            cells = [
                f"{statistics.median(one[column].percentile(percent) for one in rounds):.0f} ms" for column in COLUMNS
            ]
            lines.append(f"| {name} | p{percent} | " + " | ".join(cells) + " |")
        lines.append(f"| {name} | failed | " + " | ".join(_failed(rounds, column) for column in COLUMNS) + " |")
    return "\n".join(lines)


def _failed(rounds: Sequence[Mapping[str, Latencies]], column: str) -> str:
    failed = sum(one[column].failed for one in rounds)
    return f"{failed} of {failed + sum(len(one[column].milliseconds) for one in rounds)}"


if __name__ == "__main__":
    main()
