"""The invoice path of the reference system as real processes: what its benchmarks and the no-loss drill share.

An invoice begins as an account that is due in billing's database. The payment job issues it, and it ends as a mail in
the spool of customer's database. What lies between are the reference system's five processes, or a peer's three.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from measuring import ROOT
from sqlalchemy import Engine, func, insert, select

sys.path.insert(0, str(ROOT / "tests"))

from private_servers import (
    MissingServerError,
    PrivateRabbitmq,
    PrivateServer,
    private_postgresql,
    private_rabbitmq,
)
from quantafit.testing import patched, tree
from sysops_squad.billing.bootstrap import open_billing_sessions
from sysops_squad.billing.models import Account
from sysops_squad.billing.models import Invoice as IssuedInvoice
from sysops_squad.billing.settings import BillingSettings
from sysops_squad.customer.bootstrap import open_customer_sessions
from sysops_squad.customer.models import Customer, Mail
from sysops_squad.customer.settings import CustomerSettings
from sysops_squad.plumbing.clock import now
from sysops_squad.plumbing.processes import READY, WATCH_STDIN

__all__ = [
    "OURS",
    "PEERS",
    "MissingServerError",
    "PrivateRabbitmq",
    "PrivateServer",
    "Squad",
    "Worker",
    "cpu_of_session",
    "patched_source",
    "private_postgresql",
    "private_rabbitmq",
    "rabbitmq",
]

PEERS = Path(__file__).parent / "peers"
JOB_INTERVAL = "0.05"
"""Seconds between two looks of the payment job for accounts that are due."""

SEALED = "eyJhbGciOiJFQ0RILUVTIn0" + "x" * 320
"""As long as a sealed card; the invoice path never opens one."""


OURS = {
    name: ["-m", f"sysops_squad.{name}"]
    for name in ("billing.payment_job", "billing.relay", "customer.inbox", "customer.relay", "customer.notification")
}


@dataclass
class Worker:
    """One process that can be killed and started again. Its output is in a log file."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _mark: int = field(default=0, init=False)

    @property
    def log(self) -> Path:
        return self.folder / "log" / f"{self.name}.log"

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._mark = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, *self.arguments],
                cwd=self.folder,
                env={**os.environ, **self.environment, WATCH_STDIN: "1", "PYTHONUNBUFFERED": "1"},
                # We keep the other end: when we die, however we die, the process stops.
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def works(self) -> bool:
        """Whether it has told since its last start that it is ready. Raises SystemExit where it has ended."""
        with self.log.open("rb") as log:
            log.seek(self._mark)
            said = log.read()
        if READY.encode() in said.split():
            return True
        if self.ended():
            raise SystemExit(f"{self.name} has ended:\n{said.decode(errors='replace')[-2000:]}")
        return False

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def kill(self) -> None:
        """SIGKILL to it and to whatever it has started."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        self._signal(signal.SIGTERM)

    def cpu(self) -> float:
        """CPU seconds so far, of it and of what it has started."""
        return 0.0 if self.process is None else cpu_of_session(self.process.pid)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        for attempt in (number, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, attempt)
            try:
                self.process.wait(10)
                break
            except subprocess.TimeoutExpired:
                continue
        if self.process.stdin is not None:
            self.process.stdin.close()


class Squad:
    """The two databases of the invoice path, the processes between them, and a look at both ends."""

    def __init__(
        self,
        folder: Path,
        processes: Mapping[str, Sequence[str]],
        messaging_url: str,
        *,
        source: Path = ROOT / "src",
        databases: tuple[str, str] | None = None,
    ) -> None:
        """`source` is put on the processes' path; `databases` are the URLs of billing's and customer's databases."""
        folder.mkdir(parents=True, exist_ok=True)
        billing, customer = databases or (f"sqlite:///{folder}/billing.db", f"sqlite:///{folder}/customer.db")
        environment = {
            "BILLING_DB_URL": billing,
            "BILLING_MESSAGING_URL": messaging_url,
            "BILLING_PAYMENT_INTERVAL_SECONDS": JOB_INTERVAL,
            "CUSTOMER_DB_URL": customer,
            "CUSTOMER_MESSAGING_URL": messaging_url,
            "PYTHONPATH": os.pathsep.join([str(source), str(PEERS)]),
        }
        self.workers = {name: Worker(name, what, environment, folder) for name, what in processes.items()}
        self.billing = _engine(
            open_billing_sessions(BillingSettings(db_url=billing, messaging_url=messaging_url)).kw["bind"]
        )
        self.customer = _engine(
            open_customer_sessions(CustomerSettings(db_url=customer, messaging_url=messaging_url)).kw["bind"]
        )

    def start(self, seconds: float = 90.0) -> None:
        """Start all processes, and return when all are ready."""
        give_up = time.monotonic() + seconds
        for worker in self.workers.values():
            worker.start()
        while not all(worker.works() for worker in self.workers.values()):
            if time.monotonic() > give_up:
                raise SystemExit(f"the processes did not come up within {seconds:g} s")
            time.sleep(0.05)

    def close(self) -> None:
        for worker in self.workers.values():
            worker.stop()
        for engine in (self.billing, self.customer):
            engine.dispose()

    def add_customers(self, count: int) -> None:
        """Make customers `customer-0` and so on, who have nothing to pay yet."""
        rows = [
            {"id": f"customer-{number}", "name": "Ada", "email": f"{number}@example.org", "registered_at": now()}
            for number in range(count)
        ]
        with self.customer.begin() as connection:
            connection.execute(insert(Customer), rows)

    def make_due(self, numbers: range) -> None:
        """Give these customers an account with a plan and a card: the payment job will issue an invoice for each."""
        rows = [
            {
                "customer_id": f"customer-{number}",
                "plan_code": "gold",
                "monthly_price_cents": 999,
                "currency": "EUR",
                "plan_chosen_at": now(),
                "sealed_card": SEALED,
                "card_last_four": "4444",
                "card_added_at": now(),
            }
            for number in numbers
        ]
        with self.billing.begin() as connection:
            connection.execute(insert(Account), rows)

    def issued(self) -> dict[str, datetime]:
        """When each invoice was issued, by customer."""
        with self.billing.begin() as connection:
            return dict(connection.execute(select(IssuedInvoice.customer_id, IssuedInvoice.issued_at)).all())

    def mailed(self) -> list[tuple[str, datetime]]:
        """Customer and time of each mail, all of them: a customer who is there twice has two."""
        with self.customer.begin() as connection:
            return [(row[0], row[1]) for row in connection.execute(select(Mail.customer_id, Mail.spooled_at))]

    def count_mails(self) -> int:
        with self.customer.begin() as connection:
            return connection.scalar(select(func.count()).select_from(Mail)) or 0

    def wait_for_mails(self, count: int, seconds: float) -> bool:
        """Wait until there are so many mails; false when it took too long."""
        give_up = time.monotonic() + seconds
        while self.count_mails() < count:
            if time.monotonic() > give_up:
                return False
            time.sleep(0.1)
        return True

    def cpu(self) -> float:
        return sum(worker.cpu() for worker in self.workers.values())


def _engine(bind: object) -> Engine:
    assert isinstance(bind, Engine)
    return bind


def cpu_of_session(session: int) -> float:
    """CPU seconds (user and system) of all living processes of a session, and of their children that have ended."""
    ticks = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session:
            ticks += sum(int(value) for value in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def rabbitmq(folder: Path) -> Iterator[PrivateRabbitmq | None]:
    """A node of our own, or None where RabbitMQ is not installed, which is said."""
    with ExitStack() as stack:
        try:
            node = stack.enter_context(private_rabbitmq(folder))
        except MissingServerError as error:
            print(f"without RabbitMQ: {error}", file=sys.stderr)
            node = None
        yield node


def patched_source(folder: Path, patches: Sequence[tuple[str, str, str]]) -> Path:
    """The source to run: the repository's, or a copy of the reference system with patches in `folder`."""
    if not patches:
        return ROOT / "src"
    reference = {name: content for name, content in tree(ROOT).items() if name.startswith("src/sysops_squad/")}
    for name, content in patched(reference, patches).items():
        target = folder / "patched" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / "patched" / "src"
