"""The four APIs as they really run, under an API fuzzer: whatever is sent, they answer as they are described."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from squad_support import CARD_NUMBER, PASSWORD, Issuers, bearer, files_with, wait_until

from sysops_squad.billing import api as billing_api
from sysops_squad.customer import api as customer_api
from sysops_squad.customer.attempts import AttemptLimits
from sysops_squad.customer.sealing import CardSealer
from sysops_squad.launcher.installation import install
from sysops_squad.launcher.keys import staff_token
from sysops_squad.launcher.supervisor import Supervisor
from sysops_squad.launcher.units import UNITS
from sysops_squad.plumbing.outbox import Outbox
from sysops_squad.plumbing.tokens import Role
from sysops_squad.plumbing.web import description
from sysops_squad.reporting import api as reporting_api
from sysops_squad.sysops import api as sysops_api

pytestmark = pytest.mark.xdist_group("running")  # see tests/conftest.py

QUANTA = ("customer", "sysops", "billing", "reporting")
RUNNING = ("customer.relay", "sysops.inbox")
"""Beside the APIs: they bring the ticket to sysops."""

EXAMPLES = 15
"""For each operation, the same in each run. Bounded by number, not by time: a busy machine has slow seconds."""

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "ignored_auth",
)


class Services:
    """The running APIs, a customer who is signed in, another one, and an administrator of each quantum."""

    def __init__(self, addresses: Any, folder: Path) -> None:
        self.folder = folder
        self._addresses = addresses
        self._client = httpx.Client(timeout=60, trust_env=False)
        life = timedelta(hours=1)
        self.administrator = {q: staff_token(folder, "grace", Role.ADMINISTRATOR, q, life) for q in QUANTA}
        self.ada, self.token_of_ada = self._signed_in("ada@example.org")
        self.eve, self.token_of_eve = self._signed_in("eve@example.org")
        fire = {"title": "Fire", "description": "It smokes."}
        self.ticket = self.call("customer", "POST", f"/customers/{self.ada}/tickets", self.token_of_ada, fire).json()[
            "id"
        ]
        wait_until(
            lambda: self.call("sysops", "GET", "/tickets", self.administrator["sysops"]).json(), "the ticket", 60
        )

    def address(self, quantum: str) -> str:
        return str(getattr(self._addresses, quantum))

    def token(self, quantum: str) -> str:
        """Of who may do the most."""
        return self.token_of_ada if quantum == "customer" else self.administrator[quantum]

    def call(self, quantum: str, method: str, path: str, token: str | None = None, body: Any = None) -> httpx.Response:
        headers = bearer(token) if token else {}
        return self._client.request(method, f"{self.address(quantum)}{path}", headers=headers, json=body)

    def _signed_in(self, email: str) -> tuple[str, str]:
        registration = {"name": "Ada", "email": email, "password": PASSWORD}
        customer = self.call("customer", "POST", "/customers", body=registration)
        session = self.call("customer", "POST", "/sessions", body={"email": email, "password": PASSWORD})
        return customer.json()["id"], session.json()["token"]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    installation = install(tmp_path_factory.mktemp("squad"))
    # The fuzzer signs in and registers much more often than anybody may.
    environment = {
        **installation.environment,
        "CUSTOMER_ATTEMPTS_PER_NETWORK": "1000000",
        "CUSTOMER_ATTEMPTS_PER_ACCOUNT": "1000000",
    }
    problems: list[str] = []
    with Supervisor(environment, installation.folder, lambda unit, line: problems.append(line)) as supervisor:
        supervisor.start_all([unit for unit in UNITS if unit.port_name or unit.name in RUNNING])
        yield Services(installation.addresses, installation.folder)
        assert supervisor.ended() == []
    # What is no HTTP at all, the server refuses by itself.
    assert [problem for problem in problems if "Invalid HTTP request received" not in problem] == []


@pytest.fixture
def descriptions(
    customer_sessions: Any,
    sysops_sessions: Any,
    billing_sessions: Any,
    reporting_sessions: Any,
    outbox: Outbox,
    sealer: CardSealer,
    issuers: Issuers,
) -> dict[str, dict[str, Any]]:
    """What the APIs say of themselves; not over HTTP, where they don't."""
    tokens = {quantum: issuers.verifier(quantum) for quantum in QUANTA}
    apps = {
        "customer": customer_api.create_app(
            customer_sessions, outbox, sealer, tokens["customer"], issuers.customers, AttemptLimits()
        ),
        "sysops": sysops_api.create_app(sysops_sessions, outbox, tokens["sysops"]),
        "billing": billing_api.create_app(billing_sessions, outbox, tokens["billing"]),
        "reporting": reporting_api.create_app(reporting_sessions, tokens["reporting"]),
    }
    return {quantum: description(app) for quantum, app in apps.items()}


@pytest.mark.parametrize("quantum", QUANTA)
def test_whatever_is_sent_the_answer_is_as_described(
    services: Services, descriptions: dict[str, dict[str, Any]], quantum: str, tmp_path: Path
) -> None:
    """No failure of the server, no undescribed answer, no wrong request taken, no operation open that should not be."""
    described = tmp_path / "openapi.json"
    described.write_text(json.dumps(_with_known_ids(descriptions[quantum], services)))
    fuzzer = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", str(described)),
            *("--url", services.address(quantum)),
            *("--header", f"Authorization: Bearer {services.token(quantum)}"),
            *("--checks", ",".join(CHECKS)),
            *("--phases", "fuzzing", "--max-examples", str(EXAMPLES), "--generation-deterministic"),
            *("--request-timeout", "30"),
            *("--suppress-health-check", "all", "--continue-on-failure", "--no-color"),
        ],
        cwd=tmp_path,
        env={**os.environ, "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert fuzzer.returncode == 0, fuzzer.stdout + fuzzer.stderr
    tested = re.search(r"Tested: (\d+)", fuzzer.stdout)
    assert tested is not None, fuzzer.stdout
    assert int(tested[1]) == sum(len(methods) for methods in descriptions[quantum]["paths"].values()), fuzzer.stdout


@pytest.mark.parametrize("quantum", QUANTA)
def test_no_operation_but_the_open_ones_answers_without_a_token(
    services: Services, descriptions: dict[str, dict[str, Any]], quantum: str
) -> None:
    for method, path, operation in _operations(descriptions[quantum]):
        filled = path.replace("{customer_id}", services.ada).replace("{ticket_id}", services.ticket)
        status = services.call(quantum, method, filled.replace("{code}", "gold")).status_code
        assert (status == 401) == ("security" in operation), f"{method} {path}: {status}"


def test_another_customer_s_token_finds_nothing(services: Services, descriptions: dict[str, dict[str, Any]]) -> None:
    for method, path, _ in _operations(descriptions["customer"]):
        if "{customer_id}" in path:
            filled = path.replace("{customer_id}", services.ada).replace("{ticket_id}", services.ticket)
            answer = services.call("customer", method, filled, services.token_of_eve, {})
            assert answer.status_code in {404, 422}, f"{method} {path}"
            if method == "GET":
                assert answer.status_code == 404
            assert "Fire" not in answer.text
    # The survey of a foreign ticket.
    survey = {"ticket_id": services.ticket, "rating": 1}
    surveys = f"/customers/{services.eve}/surveys"
    assert services.call("customer", "POST", surveys, services.token_of_eve, survey).status_code == 404


@pytest.mark.parametrize("quantum", ["sysops", "billing", "reporting"])
def test_a_customer_s_token_opens_no_other_api(
    services: Services, descriptions: dict[str, dict[str, Any]], quantum: str
) -> None:
    for method, path, operation in _operations(descriptions[quantum]):
        if "security" in operation:
            filled = re.sub(r"\{\w+\}", services.ada, path)
            assert services.call(quantum, method, filled, services.token_of_ada).status_code == 401


def test_neither_passwords_nor_card_numbers_nor_tokens_are_in_any_file(services: Services) -> None:
    """Databases, queues and logs after all that."""
    card = {"number": CARD_NUMBER, "expiry_month": 12, "expiry_year": 2099, "holder": "Ada Lovelace"}
    path = f"/customers/{services.ada}/card"
    assert services.call("customer", "PUT", path, services.token_of_ada, card).status_code == 202
    for secret in (PASSWORD, CARD_NUMBER, services.token_of_ada, services.administrator["billing"]):
        assert files_with(services.folder, secret) == []


def _operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _with_known_ids(described: dict[str, Any], services: Services) -> dict[str, Any]:
    """The ids that exist, in place of any text: else every answer would be that there is no such thing."""
    known = {"customer_id": services.ada, "ticket_id": services.ticket}
    for _, _, operation in _operations(described):
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path" and parameter["name"] in known:
                parameter["schema"] = {"type": "string", "enum": [known[parameter["name"]]]}
    schemas = described["components"]["schemas"]
    for schema, field, value in (("NewSurvey", "ticket_id", services.ticket), ("NewCard", "number", CARD_NUMBER)):
        if schema in schemas:
            schemas[schema]["properties"][field] = {"type": "string", "enum": [value]}
    return described
