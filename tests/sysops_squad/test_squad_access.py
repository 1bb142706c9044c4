"""Who may do what: signing in, roles, own data, limits of bodies, and that nothing secret is repeated."""

import json
import logging
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from squad_support import CARD_NUMBER, PASSWORD, Issuers, bearer

from sysops_squad.billing import api as billing_api
from sysops_squad.customer import api as customer_api
from sysops_squad.customer import passwords, signing_in
from sysops_squad.customer.attempts import AttemptCounter, AttemptLimits
from sysops_squad.customer.models import Attempts, Credential
from sysops_squad.customer.sealing import CardSealer
from sysops_squad.plumbing.access import answers, anyone, only
from sysops_squad.plumbing.clock import now
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.failures import TooManyAttemptsError
from sysops_squad.plumbing.outbox import Outbox
from sysops_squad.plumbing.processes import CardFreeFormatter
from sysops_squad.plumbing.shield import LARGEST_BODY
from sysops_squad.plumbing.tokens import Caller, Role
from sysops_squad.plumbing.web import description, network_of, new_app
from sysops_squad.reporting import api as reporting_api
from sysops_squad.sysops import api as sysops_api

QUANTA = ("customer", "sysops", "billing", "reporting")
OPEN = {
    "customer": {"GET /health", "POST /customers", "POST /sessions"},
    "sysops": {"GET /health"},
    "billing": {"GET /health"},
    "reporting": {"GET /health"},
}
FOR_EXPERTS = {
    "GET /support-contracts",
    "GET /tickets",
    "POST /tickets/{ticket_id}/assign",
    "POST /tickets/{ticket_id}/close",
}
LIMITS = AttemptLimits(per_account=3, per_network=6, window=timedelta(minutes=15))
WRONG = "another long and boring one"


@pytest.fixture
def apps(
    customer_sessions: Sessions,
    sysops_sessions: Sessions,
    billing_sessions: Sessions,
    reporting_sessions: Sessions,
    outbox: Outbox,
    sealer: CardSealer,
    issuers: Issuers,
) -> dict[str, FastAPI]:
    """The four APIs, each over its own database."""
    tokens = {quantum: issuers.verifier(quantum) for quantum in QUANTA}
    return {
        "customer": customer_api.create_app(
            customer_sessions, outbox, sealer, tokens["customer"], issuers.customers, LIMITS
        ),
        "sysops": sysops_api.create_app(sysops_sessions, outbox, tokens["sysops"]),
        "billing": billing_api.create_app(billing_sessions, outbox, tokens["billing"]),
        "reporting": reporting_api.create_app(reporting_sessions, tokens["reporting"]),
    }


@pytest.fixture
def api(apps: dict[str, FastAPI]) -> TestClient:
    return TestClient(apps["customer"], raise_server_exceptions=False)


@pytest.fixture
def ada(api: TestClient) -> str:
    return _register(api, "ada@example.org")


# Who is let in


@pytest.mark.parametrize("quantum", QUANTA)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer x.y.z"},
        {"Authorization": "Basic YWRhOmFkYQ=="},
    ],
    ids=str,
)
def test_without_a_good_token_only_the_open_operations_answer(
    apps: dict[str, FastAPI], quantum: str, headers: dict[str, str]
) -> None:
    api = TestClient(apps[quantum])
    refused = set()
    for operation, (method, path) in _operations(apps[quantum]).items():
        # No body: whoever is not let in must not even learn what is wrong with one.
        answer = api.request(method, path, headers=headers, content="{")
        if answer.status_code == 401:
            assert answer.headers["www-authenticate"] == "Bearer"
            refused.add(operation)
    assert set(_operations(apps[quantum])) - refused == OPEN[quantum]


@pytest.mark.parametrize("quantum", QUANTA)
def test_the_description_names_exactly_the_open_operations_as_such(apps: dict[str, FastAPI], quantum: str) -> None:
    described = description(apps[quantum])
    unsecured = {
        f"{method.upper()} {path}"
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if "security" not in operation
    }
    assert unsecured == OPEN[quantum]


def test_experts_do_not_do_what_is_an_administrator_s(apps: dict[str, FastAPI], issuers: Issuers) -> None:
    for quantum in QUANTA:
        expert = issuers.staff_client(apps[quantum], quantum, Role.EXPERT)
        allowed = {
            operation
            for operation, (method, path) in _operations(apps[quantum]).items()
            if expert.request(method, path, content="{").status_code != 403
        }
        assert allowed == OPEN[quantum] | (FOR_EXPERTS if quantum == "sysops" else set())


def test_staff_sees_no_customer_s_data_by_the_customers_api(
    apps: dict[str, FastAPI], issuers: Issuers, ada: str
) -> None:
    administrator = issuers.staff_client(apps["customer"], "customer")
    for path in ("", "/card", "/tickets", "/invoices", "/mails"):
        assert administrator.get(f"/customers/{ada}{path}").status_code == 403


def test_a_token_for_one_quantum_opens_no_other(apps: dict[str, FastAPI], issuers: Issuers) -> None:
    for audience in QUANTA:
        token = issuers.staff.issue(Caller("grace", Role.ADMINISTRATOR), audience, timedelta(hours=1))
        for quantum, path in (
            ("customer", "/outbox"),
            ("sysops", "/tickets"),
            ("billing", "/outbox"),
            ("reporting", "/surveys"),
        ):
            answer = TestClient(apps[quantum]).get(path, headers=bearer(token))
            assert answer.status_code == (200 if quantum == audience else 401)


def test_two_tokens_in_one_request_are_none(apps: dict[str, FastAPI], issuers: Issuers) -> None:
    token = issuers.staff.issue(Caller("grace", Role.ADMINISTRATOR), "billing", timedelta(hours=1))
    headers = [("Authorization", f"Bearer {token}")]
    api = TestClient(apps["billing"])
    assert api.get("/outbox", headers=headers).status_code == 200
    assert api.get("/outbox", headers=headers * 2).status_code == 401


def test_an_operation_that_does_not_say_who_may_call_it_cannot_be_made(issuers: Issuers) -> None:
    app = new_app("forgetful", issuers.verifier("billing"))
    with pytest.raises(TypeError, match="forgotten does not say who may call it"):

        @app.get("/forgotten")
        def forgotten() -> None: ...


def test_an_operation_for_no_role_is_for_nobody(issuers: Issuers) -> None:
    app = new_app("closed", issuers.verifier("billing"))

    @app.get("/closed")
    @only()
    def closed() -> str:
        return "in"

    for role in (Role.EXPERT, Role.ADMINISTRATOR):
        assert issuers.staff_client(app, "billing", role).get("/closed").status_code == 403


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
@pytest.mark.parametrize("quantum", QUANTA)
def test_no_api_shows_a_description_of_itself(apps: dict[str, FastAPI], quantum: str, path: str) -> None:
    assert TestClient(apps[quantum]).get(path).status_code == 404


@pytest.mark.parametrize("quantum", QUANTA)
def test_health_is_open_and_tells_nothing_else(apps: dict[str, FastAPI], quantum: str) -> None:
    answer = TestClient(apps[quantum]).get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "up"})


def test_health_without_a_database_tells_that_and_no_more(issuers: Issuers, caplog: pytest.LogCaptureFixture) -> None:
    def sessions() -> Any:
        raise OperationalError("SELECT 1", {}, Exception(f"password {PASSWORD} at 10.0.0.1"))

    app = billing_api.create_app(sessions, Outbox(timedelta(hours=1)), issuers.verifier("billing"))  # type: ignore[arg-type]
    answer = TestClient(app).get("/health")
    assert (answer.status_code, answer.json()) == (503, {"status": "down"})
    assert PASSWORD not in caplog.text


# Own data


def test_a_foreign_customer_answers_as_one_that_does_not_exist(
    api: TestClient, apps: dict[str, FastAPI], ada: str
) -> None:
    token = _sign_in(api, "ada@example.org").json()["token"]
    eve = _register(api, "eve@example.org")
    compared = 0
    for operation, (method, path) in _operations(apps["customer"]).items():
        if "{customer_id}" in operation:
            answers_to = [
                api.request(method, path.replace("/x", f"/{who}", 1), headers=bearer(token), json=_bodies(operation))
                for who in (eve, "nobody")
            ]
            told = {(one.status_code, re.sub('(customer )[^"]+', r"\1…", one.text)) for one in answers_to}
            assert told == {(404, '{"detail":"there is no customer …"}')}, operation
            compared += 1
    assert compared == 10
    assert api.get(f"/customers/{ada}", headers=bearer(token)).status_code == 200


# Signing in


def test_a_password_is_kept_as_an_argon2id_hash_with_a_salt_of_its_own(
    api: TestClient, ada: str, customer_sessions: Sessions
) -> None:
    _register(api, "eve@example.org")
    with customer_sessions() as session:
        hashes = list(session.scalars(select(Credential.password_hash)))
    assert len(set(hashes)) == 2
    assert all(kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for kept in hashes)
    assert PASSWORD not in "".join(hashes)


@pytest.mark.parametrize("change", [{"password": WRONG}, {"email": "nobody@example.org"}, {"password": ""}])
def test_who_signs_in_wrongly_learns_nothing(api: TestClient, ada: str, change: dict[str, str]) -> None:
    answer = api.post("/sessions", json={"email": "ada@example.org", "password": PASSWORD, **change})
    assert answer.status_code == 401
    assert answer.json() == {"detail": "email address or password is wrong"}


def test_as_much_work_is_done_for_an_account_that_is_not_there(
    api: TestClient, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []

    class Counting:
        verify_phc_encoded = staticmethod(lambda password, kept: (verified.append(kept), real(password, kept))[1])

    real = passwords.Argon2id.verify_phc_encoded
    assert passwords._hash_of_nobody()
    monkeypatch.setattr(passwords, "Argon2id", Counting)
    work = []
    for email in ("ada@example.org", "nobody@example.org"):
        started = time.process_time()
        assert _sign_in(api, email, WRONG).status_code == 401
        work.append(time.process_time() - started)
    assert len(verified) == 2
    # The same costs, of another salt.
    assert {kept.rsplit("$", 2)[0] for kept in verified} == {"$argon2id$v=19$m=19456,t=2,p=1"}
    assert 1 / 4 < work[0] / work[1] < 4


def test_the_hash_of_nobody_opens_nothing() -> None:
    assert not passwords.matches(SecretStr(PASSWORD), None)


@pytest.mark.parametrize("password", ["kurz", "", "x" * 129, 123456789012, None])
def test_a_password_that_is_too_short_or_too_long_is_refused_and_not_repeated(api: TestClient, password: Any) -> None:
    answer = api.post("/customers", json={"name": "Ada", "email": "ada@example.org", "password": password})
    assert answer.status_code == 422
    assert [problem["loc"] for problem in answer.json()["detail"]] == [["body", "password"]]
    if password:
        assert str(password) not in answer.text


def test_after_some_attempts_an_account_is_closed_for_a_while_even_for_the_right_password(
    api: TestClient, ada: str
) -> None:
    for _ in range(LIMITS.per_account):
        assert _sign_in(api, "ada@example.org", WRONG).status_code == 401
    answer = _sign_in(api, "ada@example.org")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 15 * 60


def test_an_account_that_does_not_exist_is_closed_likewise(api: TestClient) -> None:
    told = [_sign_in(api, "nobody@example.org", WRONG).status_code for _ in range(LIMITS.per_account + 1)]
    assert told == [401] * LIMITS.per_account + [429]


def test_no_work_is_done_for_an_attempt_too_many(api: TestClient, ada: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(LIMITS.per_account):
        _sign_in(api, "ada@example.org", WRONG)

    def work(*_: object) -> bool:
        raise AssertionError("a password was verified")

    monkeypatch.setattr(signing_in, "matches", work)
    assert _sign_in(api, "ada@example.org").status_code == 429


def test_one_address_cannot_try_one_account_after_the_other(api: TestClient) -> None:
    told = [_sign_in(api, f"nobody{n}@example.org", WRONG).status_code for n in range(LIMITS.per_network + 1)]
    assert told == [401] * LIMITS.per_network + [429]


def test_one_address_cannot_register_without_end(api: TestClient) -> None:
    for number in range(LIMITS.per_network):
        _register(api, f"ada{number}@example.org")
    registration = {"name": "Ada", "email": "one.more@example.org", "password": PASSWORD}
    assert api.post("/customers", json=registration).status_code == 429


def test_who_signs_in_rightly_starts_anew_and_frees_nobody_else(api: TestClient, ada: str) -> None:
    """Else an own account between the attempts would be a way around the limit of the address."""
    _register(api, "eve@example.org")
    for _ in range(2):
        for _ in range(LIMITS.per_account - 1):
            assert _sign_in(api, "ada@example.org", WRONG).status_code == 401
        assert _sign_in(api, "ada@example.org").status_code == 201
    told = [_sign_in(api, f"nobody{n}@example.org", WRONG).status_code for n in range(3)]
    assert told == [401, 401, 429]


def test_what_was_counted_survives_a_restart(customer_sessions: Sessions) -> None:
    before = AttemptCounter(customer_sessions, LIMITS)
    for _ in range(LIMITS.per_account):
        before.sign_in("ada@example.org", "10.0.0.1")
    after = AttemptCounter(customer_sessions, LIMITS)
    with pytest.raises(TooManyAttemptsError):
        after.sign_in("ada@example.org", "10.0.0.2")


def test_a_window_ends_and_leaves_nothing_behind(customer_sessions: Sessions) -> None:
    counter = AttemptCounter(customer_sessions, LIMITS)
    for _ in range(LIMITS.per_account):
        counter.sign_in("ada@example.org", "10.0.0.1")
    with customer_sessions() as session, session.begin():
        session.execute(update(Attempts).values(ends_at=now() - timedelta(seconds=1)))
    counter.sign_in("eve@example.org", "10.0.0.2")
    with customer_sessions() as session:
        rows = list(session.scalars(select(Attempts)))
    assert len(rows) == 2
    # Neither addresses nor what was typed can be read there.
    assert "eve" not in "".join(row.key for row in rows)


@pytest.mark.parametrize(
    ("client", "network"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("testclient", "testclient")],
)
def test_an_ipv6_customer_has_one_network_not_as_many_addresses_as_it_likes(
    issuers: Issuers, client: str, network: str
) -> None:
    app = new_app("echo", issuers.verifier("billing"))

    @app.get("/network")
    @anyone
    def show(request: Request) -> str:
        return network_of(request)

    assert TestClient(app, client=(client, 1)).get("/network").json() == network


# Bodies, headers, failures


def test_a_body_that_is_too_large_is_refused_before_it_is_read(api: TestClient) -> None:
    read = 0

    def chunks() -> Iterator[bytes]:
        nonlocal read
        while read < 100 * LARGEST_BODY:
            read += 1024
            yield b" " * 1024

    answer = api.post("/sessions", content=b" " * (LARGEST_BODY + 1), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert str(LARGEST_BODY) in answer.json()["detail"]
    # In chunks, without a length.
    answer = api.post("/sessions", content=chunks(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_a_body_of_the_largest_size_is_read(api: TestClient) -> None:
    body = json.dumps({"email": "ada@example.org", "password": PASSWORD}).encode()
    padded = body + b" " * (LARGEST_BODY - len(body))
    assert api.post("/sessions", content=padded, headers={"content-type": "application/json"}).status_code == 401


def test_an_operation_without_a_body_does_nothing_when_one_is_too_large(
    apps: dict[str, FastAPI], issuers: Issuers
) -> None:
    administrator = issuers.staff_client(apps["sysops"], "sysops")
    administrator.put("/support-contracts/gold", json={"name": "Gold", "monthly_price_cents": 1})
    answer = administrator.request("DELETE", "/support-contracts/gold", content=b" " * (LARGEST_BODY + 1))
    assert answer.status_code == 413
    assert [offer["code"] for offer in administrator.get("/support-contracts").json()] == ["gold"]


def test_unknown_fields_are_refused_and_their_names_not_repeated(api: TestClient) -> None:
    body = {"email": "ada@example.org", "password": PASSWORD, WRONG: CARD_NUMBER}
    answer = api.post("/sessions", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"] == [
        {"loc": ["body"], "msg": "Extra inputs are not permitted", "type": "extra_forbidden"}
    ]


@pytest.mark.parametrize(
    "body", ["{", '{"email": "a@b.org", "password": "pass word', "[" * 100_000, '"\\ud800"', b"\xff"]
)
def test_a_body_that_is_no_json_is_a_bad_request(api: TestClient, body: Any) -> None:
    answer = api.post("/sessions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert "pass word" not in answer.text


def test_the_character_0_is_refused_wherever_a_database_would_get_it(
    api: TestClient, apps: dict[str, FastAPI], issuers: Issuers
) -> None:
    answer = api.post("/sessions", json={"email": "a\0b", "password": PASSWORD})
    assert answer.status_code == 422
    administrator = issuers.staff_client(apps["reporting"], "reporting")
    assert administrator.get("/surveys?ticket_id=%00").status_code == 400
    assert issuers.staff_client(apps["billing"], "billing").get("/accounts/%00").status_code == 400


@pytest.mark.parametrize("path", ["/health", "/outbox", "/nothing/here"])
def test_every_answer_has_safe_headers(api: TestClient, path: str) -> None:
    headers = api.get(path).headers
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


def test_a_failure_tells_the_caller_nothing_and_the_log_its_place_only(
    issuers: Issuers, caplog: pytest.LogCaptureFixture
) -> None:
    app = new_app("broken", issuers.verifier("billing"))

    @app.get("/broken", responses=answers(500))
    @anyone
    def broken() -> None:
        raise ValueError(f"could not store {PASSWORD} of card {CARD_NUMBER}")

    with caplog.at_level(logging.DEBUG):
        answer = TestClient(app).get("/broken")
    assert (answer.status_code, answer.json()) == (500, {"detail": "this failed; the log tells where"})
    assert answer.headers["cache-control"] == "no-store"
    written = "\n".join(CardFreeFormatter("%(message)s").format(record) for record in caplog.records)
    assert "ValueError in broken" in written
    assert PASSWORD not in written
    assert CARD_NUMBER not in written


def _operations(app: FastAPI) -> dict[str, tuple[str, str]]:
    """Each operation, and a call of it: `GET /customers/{customer_id}` is called as `GET /customers/x`."""
    return {
        f"{method.upper()} {path}": (method.upper(), re.sub(r"\{\w+\}", "x", path))
        for path, methods in description(app)["paths"].items()
        for method in methods
    }


def _bodies(operation: str) -> Any:
    """A body that the operation takes."""
    bodies = {
        "support-contract": {"code": "gold"},
        "card": {"number": CARD_NUMBER, "expiry_month": 12, "expiry_year": 2099, "holder": "Eve"},
        "tickets": {"title": "Fire", "description": "It smokes."},
        "surveys": {"ticket_id": "x", "rating": 1},
    }
    return None if operation.startswith("GET") else bodies[operation.rpartition("/")[2]]


def _register(api: TestClient, email: str) -> str:
    answer = api.post("/customers", json={"name": "Ada", "email": email, "password": PASSWORD})
    assert answer.status_code == 201
    return str(answer.json()["id"])


def _sign_in(api: TestClient, email: str, password: str = PASSWORD) -> Any:
    return api.post("/sessions", json={"email": email, "password": password})
