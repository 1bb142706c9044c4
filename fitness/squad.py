"""The reference system as the drills of quanta.yaml handle it: its units, what is sent to it, and what came of that.

``python fitness/squad.py install|run|send|seen …``; a workload and a probe print a JSON line for each item. It runs on
embedded parts, or on those that the file named by ``SQUAD_SERVERS`` tells of (see ``conftest.py``).
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

Item = dict[str, Any]
SETTINGS = "environment.json"
QUEUES = "sqlite:///queues?lease=2&retry_delay=0.05&poll=0.02"
"""Quick to notice a dead consumer, so that a drill need not wait for the half minute that is usual."""
CARD = {"number": "4111 1111 1111 1111", "expiry_month": 12, "expiry_year": 2099, "holder": "Ada Lovelace"}
"""The test number that the card schemes publish; no bank has issued it."""
PASSWORD = "correct horse battery staple"
PATIENCE = 30.0
"""Seconds that a workload waits for what it needs before it can begin."""


# The system -----------------------------------------------------------------------------------------------------------


def install(folder: Path, *ports: str) -> None:
    """Prepare a data folder; the ports are those of the customer, sysops, billing and reporting APIs."""
    from sysops_squad.launcher.installation import install as prepare
    from sysops_squad.launcher.units import REPLICA, UNITS, environment_of, units_in
    from sysops_squad.plumbing.processes import WATCH_STDIN

    names = ("CUSTOMER_PORT", "SYSOPS_PORT", "BILLING_PORT", "REPORTING_PORT")
    environment = {**prepare(folder, messaging_url=QUEUES).environment, **dict(zip(names, ports, strict=True))}
    servers = _servers()
    if servers:
        del environment[REPLICA]
        environment |= servers["environment"]
    (folder / SETTINGS).write_text(json.dumps(environment))
    there = units_in(environment)
    # Looked up once: so that a unit can start without loading what starts all of them.
    for unit in UNITS:
        own = {**environment_of(unit, environment), WATCH_STDIN: "1"}
        told: dict[str, Any] = {"command": [sys.executable, "-m", unit.module]}
        if unit not in there:  # PostgreSQL does its work: once both databases are there, it is told to
            told["command"] = [sys.executable, str(Path(__file__).resolve()), "replicate", str(folder)]
        told["environment"] = {name: value for name, value in own.items() if os.environ.get(name) != value}
        (folder / f"{unit.name}.json").write_text(json.dumps(told))


def run(folder: Path, name: str) -> None:
    """Become one unit of the system."""
    told = json.loads((folder / f"{name}.json").read_text())
    os.chdir(folder)
    os.execve(told["command"][0], told["command"], {**os.environ, **told["environment"]})


def replicate(_folder: Path) -> None:
    """Let PostgreSQL copy the support contracts, in the place of the ETL job, for as long as standard input is open."""
    told = _servers()["replication"]
    subprocess.run(told["command"], env={**os.environ, **told["environment"]}, check=True, stdout=subprocess.DEVNULL)
    print("ready", flush=True)
    sys.stdin.read()


def _servers() -> dict[str, Any]:
    """Which servers the system runs on; nothing where it is embedded parts."""
    named = os.environ.get("SQUAD_SERVERS")
    return dict(json.loads(Path(named).read_text())) if named else {}


def settings(folder: Path) -> dict[str, str]:
    """The environment of the whole system."""
    return dict(json.loads((folder / SETTINGS).read_text()))


class Api:
    """One API of the system, called by someone of the staff, or by a customer once :meth:`sign_in` was called."""

    def __init__(self, folder: Path, quantum: str) -> None:
        import httpx

        address = f"http://127.0.0.1:{settings(folder)[f'{quantum.upper()}_PORT']}"
        # A connection for each request: one that broke under an earlier request must not fail the next.
        headers = {"Connection": "close"}
        if quantum != "customer":
            headers["Authorization"] = f"Bearer {_staff_token(folder, quantum)}"
        self._client = httpx.Client(base_url=address, timeout=10, trust_env=False, headers=headers)

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """The answer. Raises OSError where there is none, or a refusal."""
        import httpx

        try:
            answer = self._client.request(method, path, json=body or None)
        except httpx.HTTPError as error:
            raise OSError(f"{type(error).__name__}: {error}") from error
        if not answer.is_success:
            raise OSError(f"status {answer.status_code}: {answer.text[:200]}")
        return answer.json() if answer.content else None

    def sign_in(self, email: str) -> None:
        """Call as this customer from here on."""
        self.bear(self.ask("POST", "/sessions", email=email, password=PASSWORD)["token"])

    def bear(self, token: str) -> None:
        """Show this token from here on."""
        self.token = token
        self._client.headers["Authorization"] = f"Bearer {token}"

    def register(self) -> str:
        """Register a customer and sign in; the customer's id."""
        email = f"{uuid.uuid4().hex}@example.org"
        customer = self.ask("POST", "/customers", name="Ada", email=email, password=PASSWORD)["id"]
        self.sign_in(email)
        return str(customer)


def _staff_token(folder: Path, quantum: str) -> str:
    from datetime import timedelta

    from sysops_squad.launcher.keys import staff_token
    from sysops_squad.plumbing.tokens import Role

    return staff_token(folder, "grace", Role.ADMINISTRATOR, quantum, timedelta(hours=1))


def _somebody(folder: Path) -> Api:
    """The customer API, called by a customer who does nothing else; registered once for a data folder."""
    customer, known = Api(folder, "customer"), folder / "somebody.json"
    if known.exists():
        customer.bear(known.read_text())
    else:
        customer.register()
        known.write_text(customer.token)
    return customer


# Workloads ------------------------------------------------------------------------------------------------------------


def operations(folder: Path, _seed: str) -> Iterator[Item]:
    """All that customers do, five times, each request with its time; the first support contract is offered before."""
    _gold(folder)
    for _ in range(5):
        who = uuid.uuid4().hex
        home = ""
        ticket = ""
        customer, known = Api(folder, "customer"), {"email": f"{who}@example.org", "password": PASSWORD}
        for operation, method, path, body in (
            ("register", "POST", "/customers", {"name": "Ada", **known}),
            ("sign-in", "POST", "/sessions", known),
            ("list-support-contracts", "GET", "/support-contracts", {}),
            ("choose-support-contract", "PUT", "{home}/support-contract", {"code": "gold"}),
            ("add-card", "PUT", "{home}/card", CARD),
            ("submit-ticket", "POST", "{home}/tickets", {"title": "Printer", "description": "on fire"}),
            ("list-tickets", "GET", "{home}/tickets", {}),
            ("submit-survey", "POST", "{home}/surveys", {"ticket_id": "{ticket}", "rating": 5, "comment": ""}),
            ("list-invoices", "GET", "{home}/invoices", {}),
        ):
            if ("{home}" in path and not home) or ("{ticket}" in body.values() and not ticket):
                continue  # what it needs was refused before, and is counted there
            body = {key: ticket if value == "{ticket}" else value for key, value in body.items()}
            request = partial(customer.ask, method, path.format(home=home), **body)
            item, answer = _timed(operation, who, request)
            yield item
            if operation == "register" and answer:
                home = f"/customers/{answer['id']}"
            if operation == "sign-in" and answer:
                customer.bear(answer["token"])
            if operation == "submit-ticket" and answer:
                ticket = answer["id"]


def invoices(folder: Path, _seed: str) -> Iterator[Item]:
    """Twenty customers with plan and card; the payment job issues an invoice for each. Items are customers."""
    customer, billing = Api(folder, "customer"), Api(folder, "billing")
    _gold(folder)
    payers = []
    for _ in range(20):
        payer = customer.register()
        customer.ask("PUT", f"/customers/{payer}/support-contract", code="gold")
        customer.ask("PUT", f"/customers/{payer}/card", **CARD)
        payers.append(payer)
    for payer in payers:
        _wait_for(lambda payer=payer: _can_pay(billing, payer), f"plan and card of {payer} in billing")
    billing.ask("POST", "/payment-runs", month=_month())
    again = billing.ask("POST", "/payment-runs", month=_month())
    if again["issued"]:
        raise SystemExit("the second payment run of the month has issued invoices")
    yield from ({"id": payer} for payer in payers)


def tickets(folder: Path, _seed: str) -> Iterator[Item]:
    """Ten tickets of one customer."""
    customer = Api(folder, "customer")
    home = f"/customers/{customer.register()}"
    for number in range(10):
        yield {"id": customer.ask("POST", f"{home}/tickets", title=f"Printer {number}", description="on fire")["id"]}


def contracts(folder: Path, seed: str) -> Iterator[Item]:
    """One support contract is inserted, one updated and one deleted at its origin."""
    sysops, customer = Api(folder, "sysops"), _somebody(folder)
    new, changed, gone = (f"{word}-{seed}" for word in ("new", "changed", "gone"))
    for code in (changed, gone):
        _offer(sysops, code, 100)
    _wait_for(lambda: {changed, gone} <= _prices(customer).keys(), "the first support contracts in the replica")
    for operation, change in (
        ("insert", lambda: _offer(sysops, new, 100)),
        ("update", lambda: _offer(sysops, changed, 200)),
        ("delete", lambda: sysops.ask("DELETE", f"/support-contracts/{gone}")),
    ):
        change()
        yield {"id": operation, "operation": operation}


def messages(folder: Path, seed: str) -> Iterator[Item]:
    """Three invoices as messages, with ids that are the same each time this is called with the same seed."""
    yield from _published(folder, [(f"{seed}-copy-{number}", None) for number in range(3)])


def copies(folder: Path, seed: str) -> Iterator[Item]:
    """The same three again, and one more behind them."""
    again = [(f"{seed}-copy-{number}", None) for number in range(3)]
    yield from _published(folder, [*again, (f"{seed}-behind", None)])


def poison(folder: Path, seed: str) -> Iterator[Item]:
    """Ten invoices, and one message among them that is none."""
    ids = [f"{seed}-sound-{number}" for number in range(10)]
    yield from _published(
        folder, [*((id, None) for id in ids[:5]), (f"{seed}-poison", b"{"), *((id, None) for id in ids[5:])]
    )


def _published(folder: Path, wanted: list[tuple[str, bytes | None]]) -> list[Item]:
    """Publish invoices of made-up customers, as billing's relay would; each id is also the customer's."""
    from sysops_squad.billing.messages import INVOICE_ISSUED, InvoiceIssued
    from sysops_squad.plumbing.transport import open_transport

    os.chdir(folder)
    environment = settings(folder)
    _registered(environment, [id for id, body in wanted if body is None])

    async def publish() -> None:
        transport = open_transport(environment["BILLING_MESSAGING_URL"])
        for id, body in wanted:
            invoice = InvoiceIssued(
                invoice_id=id,
                customer_id=id,
                month=_month(),
                amount_cents=1,
                currency="EUR",
                issued_at=datetime.now(UTC),
            )
            await transport.publish(INVOICE_ISSUED, id, body or invoice.model_dump_json().encode())
        await transport.aclose()

    asyncio.run(publish())
    return [{"id": id, "poison": body is not None} for id, body in wanted]


def _registered(environment: dict[str, str], ids: list[str]) -> None:
    """Customers with these ids: the API gives ids of its own."""
    from sqlalchemy import create_engine, text

    engine = create_engine(environment["CUSTOMER_DB_URL"])
    insert = "INSERT INTO customer (id, name, email, registered_at) VALUES (:id, 'Ada', :id, :now)"
    with engine.begin() as connection:
        known = {row[0] for row in connection.execute(text("SELECT id FROM customer"))}
        for id in ids:
            if id not in known:
                connection.execute(text(insert), {"id": id, "now": datetime.now(UTC).replace(tzinfo=None)})


def _timed(operation: str, who: str, ask: Callable[[], Any]) -> tuple[Item, Any]:
    item: Item = {"id": f"{operation}-{who}", "operation": operation}
    started, answer = time.perf_counter(), None
    try:
        answer = ask()
    except OSError as error:
        item |= {"ok": False, "error": str(error)}
    return {**item, "took": time.perf_counter() - started}, answer


def _offer(sysops: Api, code: str, price: int) -> None:
    sysops.ask("PUT", f"/support-contracts/{code}", name=code, monthly_price_cents=price)


def _gold(folder: Path) -> None:
    """Have the support contract *gold* offered to customers."""
    customer = _somebody(folder)
    if "gold" not in _prices(customer):
        _offer(Api(folder, "sysops"), "gold", 1999)
        _wait_for(lambda: "gold" in _prices(customer), "the support contract in the replica")


def _can_pay(billing: Api, payer: str) -> bool:
    with suppress(OSError):
        account = billing.ask("GET", f"/accounts/{payer}")
        return bool(account["plan_code"] and account["card_last_four"])
    return False


def _prices(customer: Api) -> dict[str, int]:
    return {offer["code"]: offer["monthly_price_cents"] for offer in customer.ask("GET", "/support-contracts")}


def _wait_for(happened: Callable[[], Any], what: str) -> None:
    give_up = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > give_up:
            raise SystemExit(f"waited {PATIENCE:g} s in vain for {what}")
        time.sleep(0.05)


def _month() -> str:
    return f"{datetime.now(UTC):%Y-%m}"


# Probes ---------------------------------------------------------------------------------------------------------------


def mails(folder: Path, _seed: str) -> Iterator[Item]:
    """The mails about invoices, each by its customer: the end of both hops."""
    from sqlalchemy import create_engine, text

    os.chdir(folder)
    question = "SELECT customer_id FROM mail_spool WHERE subject LIKE 'Your invoice%'"
    with create_engine(settings(folder)["CUSTOMER_DB_URL"]).connect() as connection:
        yield from ({"id": row[0]} for row in connection.execute(text(question)))


def tickets_in_sysops(folder: Path, _seed: str) -> Iterator[Item]:
    """The tickets that experts can see."""
    yield from ({"id": ticket["id"]} for ticket in Api(folder, "sysops").ask("GET", "/tickets"))


def replica(folder: Path, seed: str) -> Iterator[Item]:
    """Which of the changes of `contracts` customers can see."""
    prices = _prices(_somebody(folder))
    seen = {
        "insert": f"new-{seed}" in prices,
        "update": prices.get(f"changed-{seed}") == 200,
        "delete": f"gone-{seed}" not in prices,
    }
    yield from ({"id": operation} for operation, is_seen in seen.items() if is_seen)


def dead_letters(folder: Path, _seed: str) -> Iterator[Item]:
    """What has been set aside of the invoices."""
    from sysops_squad.launcher.dead_letters import open_graveyard

    known = settings(folder)
    url = known.get("OPERATOR_MESSAGING_URL", known["CUSTOMER_MESSAGING_URL"])
    yield from ({"id": letter.message_id} for letter in open_graveyard(url, folder).letters("invoice-issued"))


WORKLOADS = {one.__name__: one for one in (operations, invoices, tickets, contracts, messages, copies, poison)}
PROBES = {"mails": mails, "tickets-in-sysops": tickets_in_sysops, "replica": replica, "dead-letters": dead_letters}


def main(task: str, folder: str, *arguments: str) -> None:
    """One task of a drill."""
    if task in ("install", "run", "replicate"):
        {"install": install, "run": run, "replicate": replicate}[task](Path(folder), *arguments)
        return
    name, seed = arguments
    try:
        for item in {"send": WORKLOADS, "seen": PROBES}[task][name](Path(folder), seed):
            print(json.dumps(item), flush=True)
    except OSError as error:
        raise SystemExit(f"{name}: {error}") from error


if __name__ == "__main__":
    main(*sys.argv[1:])
