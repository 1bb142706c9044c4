"""The running system: parts that are away, the launcher's two commands, and what stays behind when they end."""

import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from squad_support import CARD_NUMBER, PASSWORD, bearer, files_with, wait_until

from sysops_squad.launcher.installation import Installation, install
from sysops_squad.launcher.keys import staff_token
from sysops_squad.launcher.supervisor import StartError, Supervisor
from sysops_squad.launcher.units import UNITS, Unit, environment_of
from sysops_squad.plumbing.tokens import Role

pytestmark = pytest.mark.xdist_group("running")  # see tests/conftest.py

AT_ONCE = 2.0
"""Seconds within which a request must be answered, whatever else is away: the requirements give a page two."""

CUSTOMER_SIDE = tuple(unit for unit in UNITS if unit.quantum == "customer" and unit.name != "customer.notification")
REST = tuple(unit for unit in UNITS if unit not in CUSTOMER_SIDE)
LAUNCHER = [sys.executable, "-m", "sysops_squad"]


class System:
    """A system on embedded parts of which a test starts and kills what it likes."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.problems: list[str] = []
        self.supervisor = Supervisor(
            installation.environment, installation.folder, lambda unit, line: self.problems.append(f"{unit}: {line}")
        )
        self._client = httpx.Client(timeout=10, trust_env=False)
        life = timedelta(hours=1)
        self._tokens = {
            quantum: staff_token(installation.folder, "grace", Role.ADMINISTRATOR, quantum, life)
            for quantum in ("sysops", "billing", "reporting")
        }

    def register(self, email: str) -> str:
        """A new customer, who is signed in from here on."""
        registration = {"name": "Ada", "email": email, "password": PASSWORD}
        customer = self.call_at_once("POST", "customer", "/customers", registration)["id"]
        session = self.call_at_once("POST", "customer", "/sessions", {"email": email, "password": PASSWORD})
        self._tokens["customer"] = session["token"]
        return str(customer)

    def authorization(self, quantum: str) -> dict[str, str]:
        return bearer(self._tokens[quantum]) if quantum in self._tokens else {}

    def call(self, method: str, quantum: str, path: str, body: Any = None) -> Any:
        address = getattr(self.installation.addresses, quantum)
        answer = self._client.request(method, f"{address}{path}", json=body, headers=self.authorization(quantum))
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def call_at_once(self, method: str, quantum: str, path: str, body: Any = None) -> Any:
        started = time.monotonic()
        answer = self.call(method, quantum, path, body)
        assert time.monotonic() - started < AT_ONCE, f"{method} {path} took {time.monotonic() - started:.1f} s"
        return answer

    def unit(self, name: str) -> Unit:
        return next(unit for unit in UNITS if unit.name == name)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(install(tmp_path / "data"))
    with system.supervisor:
        yield system


def test_the_customer_is_served_at_once_while_all_others_are_away_and_nothing_is_lost(
    system: System, tmp_path: Path
) -> None:
    system.supervisor.start_all(CUSTOMER_SIDE)
    card = {"number": CARD_NUMBER, "expiry_month": 12, "expiry_year": 2099, "holder": "Ada Lovelace"}
    customer = system.register("a@b.org")
    system.call_at_once("PUT", "customer", f"/customers/{customer}/card", card)
    tickets = [
        system.call_at_once("POST", "customer", f"/customers/{customer}/tickets", {"title": f"{n}", "description": "!"})
        for n in range(5)
    ]
    survey = {"ticket_id": tickets[0]["id"], "rating": 5, "comment": "a comment like no other"}
    system.call_at_once("POST", "customer", f"/customers/{customer}/surveys", survey)
    assert system.call_at_once("GET", "customer", f"/customers/{customer}/invoices") == []

    # The others come up, and get all of it.
    system.supervisor.start_all(REST)
    system.call("PUT", "sysops", "/support-contracts/gold", {"name": "Gold", "monthly_price_cents": 999})
    wait_until(lambda: system.call("GET", "customer", "/support-contracts"), "the support contract")
    system.call("PUT", "customer", f"/customers/{customer}/support-contract", {"code": "gold"})
    wait_until(lambda: len(system.call("GET", "sysops", "/tickets")) == 5, "the tickets")
    assert [ticket["title"] for ticket in system.call("GET", "sysops", "/tickets")] == list("01234")
    wait_until(lambda: system.call("GET", "reporting", "/surveys"), "the survey")
    wait_until(lambda: _is_payer(system, customer), "card and plan in billing")

    # Billing dies with an invoice that is not sent yet, notification is dead too: the invoice still arrives, once.
    system.supervisor.processes["customer.notification"].kill()
    system.supervisor.processes["billing.relay"].kill()
    for _ in range(2):
        system.call("POST", "billing", "/payment-runs", {"month": "2026-11"})
    assert system.call_at_once("GET", "customer", f"/customers/{customer}/invoices") == []
    system.supervisor.start(system.unit("billing.relay"))
    wait_until(lambda: system.call("GET", "customer", f"/customers/{customer}/invoices"), "the invoice")
    assert system.call_at_once("GET", "customer", f"/customers/{customer}/mails") == []
    system.supervisor.start(system.unit("customer.notification"))
    wait_until(lambda: system.call("GET", "customer", f"/customers/{customer}/mails"), "the mail")

    assert len(system.call("GET", "customer", f"/customers/{customer}/invoices")) == 1
    assert len(system.call("GET", "customer", f"/customers/{customer}/mails")) == 1
    assert len(system.call("GET", "reporting", "/surveys")) == 1
    system.supervisor.stop()
    assert files_with(tmp_path, CARD_NUMBER) == []
    assert files_with(tmp_path, PASSWORD) == []
    assert files_with(tmp_path / "data" / "customer", "a comment like no other") == []
    assert system.problems == []


def test_demo_drives_all_six_interactions_and_up_leaves_nothing_behind(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with subprocess.Popen([*LAUNCHER, "up", "--data", str(data)], stdout=subprocess.PIPE, text=True) as up:
        try:
            wait_until((data / "addresses.json").exists, "the system", seconds=40)
            demo = subprocess.run(
                [*LAUNCHER, "demo", "--data", str(data)],
                capture_output=True,
                text=True,
                timeout=60,
                env={**os.environ, "COLUMNS": "200"},
            )
            running = _processes_in(data)
            second = subprocess.run([*LAUNCHER, "up", "--data", str(data)], capture_output=True, text=True, timeout=60)
        finally:
            up.send_signal(signal.SIGTERM)
            output, _ = up.communicate(timeout=30)
    assert demo.returncode == 0, demo.stdout
    for channel in ("ETL", "billing-info", "ticket-created", "survey-submitted", "invoice-issued", "ticket-status"):
        assert channel in demo.stdout
    assert "All verified" in demo.stdout
    assert len(running) == len(UNITS)
    assert second.returncode == 1
    assert "runs in" in second.stderr
    assert up.returncode == 0, output
    assert _processes_in(data) == []
    assert stat.S_IMODE((data / "billing" / "private-keys.json").stat().st_mode) == 0o600


def test_processes_stop_when_their_launcher_is_killed(tmp_path: Path) -> None:
    launcher = textwrap.dedent("""
        import sys
        from pathlib import Path
        from sysops_squad.launcher.installation import install
        from sysops_squad.launcher.supervisor import Supervisor
        from sysops_squad.launcher.units import UNITS

        installation = install(Path(sys.argv[1]))
        supervisor = Supervisor(installation.environment, installation.folder, print)
        supervisor.start_all([unit for unit in UNITS if unit.quantum == "reporting"])
        print("started", flush=True)
        sys.stdin.read()
    """)
    command = [sys.executable, "-c", launcher, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "started"
        assert len(_processes_in(tmp_path)) == 2
        process.kill()
    wait_until(lambda: not _processes_in(tmp_path), "the end of all processes")


def test_a_demo_of_a_system_that_does_not_run_says_how_to_start_it(tmp_path: Path) -> None:
    demo = subprocess.run([*LAUNCHER, "demo", "--data", str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert demo.returncode == 1
    assert "sysops-squad up" in demo.stderr
    assert "Traceback" not in demo.stderr


def test_up_refuses_a_transport_that_it_does_not_know(tmp_path: Path) -> None:
    command = [*LAUNCHER, "up", "--data", str(tmp_path), "--messaging", "kafka://broker"]
    process = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert process.returncode == 2
    assert "no transport for the scheme 'kafka'" in process.stderr
    assert "Traceback" not in process.stderr


def test_a_process_that_cannot_start_is_named_with_its_log(tmp_path: Path) -> None:
    installation = install(tmp_path)
    environment = {**installation.environment, "BILLING_MESSAGING_URL": "kafka://broker"}
    with pytest.raises(
        StartError, match=r"billing\.relay ended with status 2: BILLING_MESSAGING_URL: .*kafka.* \(see .*\.log\)"
    ):
        Supervisor(environment, tmp_path, lambda unit, line: None).start_all(
            [unit for unit in UNITS if unit.name == "billing.relay"]
        )


def test_a_missing_setting_is_named_and_no_value_is_shown(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "sysops_squad.billing.relay"],
        env={**os.environ, "BILLING_DB_URL": "postgresql:u:secret@h/d", "BILLING_PORT": "many"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert process.returncode == 2
    assert "BILLING_MESSAGING_URL: Field required" in process.stderr
    assert "BILLING_PORT: " in process.stderr
    assert "BILLING_DB_URL: Value error, this is no database URL" in process.stderr
    assert "secret" not in process.stderr
    assert "Traceback" not in process.stderr


def test_a_database_that_cannot_be_opened_is_named_without_its_password(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "sysops_squad.reporting.intake"],
        env={
            **os.environ,
            "REPORTING_DB_URL": "postgresql+psycopg://reporting:secret@127.0.0.1:1/reporting",
            "REPORTING_MESSAGING_URL": "sqlite:///queues",
            "REPORTING_DB_PATIENCE_SECONDS": "1",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert process.returncode == 1
    waits, ends = process.stderr.splitlines()
    assert waits.startswith("the database reporting at 127.0.0.1 is away, waiting 1 s for it: ")
    assert ends.startswith("the database reporting at 127.0.0.1 cannot be opened: ")
    assert "secret" not in process.stderr
    assert "Traceback" not in process.stderr


def test_no_unit_is_told_the_secrets_of_another_quantum(tmp_path: Path) -> None:
    system = install(tmp_path).environment
    for unit in UNITS:
        told = {name for name in environment_of(unit, system) if name in system}
        foreign = {name for name in told if not name.startswith(f"{unit.quantum.upper()}_")}
        assert foreign == ({"CUSTOMER_REPLICA_URL"} if unit.name == "sysops.contracts_etl" else set())
        assert ("CUSTOMER_REPLICA_URL" in told) == (unit.name == "sysops.contracts_etl")


def test_no_quantum_imports_another() -> None:
    quanta = ("customer", "sysops", "billing", "reporting")
    load = textwrap.dedent("""
        import importlib, json, pathlib, sys
        loaded = {}
        for quantum in sys.argv[1:]:
            package = importlib.import_module(f"sysops_squad.{quantum}")
            for path in pathlib.Path(package.__file__).parent.glob("*.py"):
                importlib.import_module(f"sysops_squad.{quantum}.{path.stem}")
            ours = [name for name in sys.modules if name.startswith("sysops_squad")]
            loaded[quantum] = [name.split(".")[1] for name in ours if "." in name]
            for name in ours:
                del sys.modules[name]
        print(json.dumps(loaded))
    """)
    output = subprocess.run([sys.executable, "-c", load, *quanta], capture_output=True, text=True, check=True).stdout
    assert {quantum: set(parts) for quantum, parts in json.loads(output).items()} == {
        quantum: {quantum, "plumbing"} for quantum in quanta
    }


def _is_payer(system: System, customer: str) -> bool:
    address = system.installation.addresses.billing
    headers = system.authorization("billing")
    account = httpx.get(f"{address}/accounts/{customer}", trust_env=False, headers=headers).json()
    return bool(account.get("plan_code") and account.get("card_last_four"))


def _processes_in(folder: Path) -> list[int]:
    """The processes of the system whose working directory is the data folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            # A process between fork and exec still has its parent's command.
            if (process / "cwd").resolve() == folder.resolve() and b"sysops_squad." in (
                process / "cmdline"
            ).read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found
