"""One customer's story, told over HTTP: each of the six interactions is caused, awaited and verified."""

import secrets
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from sysops_squad.launcher.installation import Addresses
from sysops_squad.launcher.keys import staff_token
from sysops_squad.plumbing.tokens import Role

CARD_NUMBER = "4111111111111111"
"""The test number that the card schemes publish; no bank has issued it."""

WAIT_SECONDS = 15.0


class StoryError(Exception):
    """Something that had to happen did not."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happened: `what` moved from one quantum to another over `channel`, verified after `seconds`."""

    source: str
    target: str
    channel: str
    what: str
    seconds: float


@dataclass(slots=True)
class Story:
    """The story of a customer, and of an administrator. `folder` has the staff's keys, and is searched for secrets."""

    addresses: Addresses
    folder: Path
    tell: Callable[[Step], None]
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=10, trust_env=False))
    code: str = field(default_factory=lambda: f"demo-{uuid.uuid4().hex[:8]}")
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    tokens: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Tell it from registration to survey; `StoryError` at the first thing that is not as it must be."""
        customer = self._register()
        self._support_contract(customer)
        self._billing_info(customer)
        ticket = self._ticket_created(customer)
        self._ticket_status(customer, ticket)
        self._survey(customer, ticket)
        self._invoice(customer)
        self._withdrawal()
        self._secrets_nowhere()

    def _register(self) -> str:
        email = f"{self.code}@example.org"
        with self._step("the customer", "customer", "HTTP", "registers with name, email address and password"):
            wanted = {"name": "Ada Example", "email": email, "password": self.password}
            customer = str(self._post("customer", "/customers", wanted)["id"])
        with self._step("the customer", "customer", "HTTP", "signs in; nobody is let in without a token"):
            refused = self.client.get(f"{self.addresses.customer}/customers/{customer}")
            self._verify(refused.status_code == httpx.codes.UNAUTHORIZED, "a call without a token must be refused")
            session = self._post("customer", "/sessions", {"email": email, "password": self.password})
            self.tokens["customer"] = session["token"]
        return customer

    def _support_contract(self, customer: str) -> None:
        terms = {"name": "Demo plan", "description": "two devices", "monthly_price_cents": 1999, "currency": "EUR"}
        with self._step("sysops", "customer", "ETL into the replica", f"support contract {self.code}, 19.99 EUR"):
            self._put("sysops", f"/support-contracts/{self.code}", terms)
            self._await(lambda: self._offered(), "the support contract in the replica")
        with self._step("customer", "billing", "queue billing-info", "the chosen plan and its price"):
            self._put("customer", f"/customers/{customer}/support-contract", {"code": self.code})
            self._await(lambda: self._account(customer).get("plan_code") == self.code, "the plan in billing")

    def _billing_info(self, customer: str) -> None:
        card = {"number": CARD_NUMBER, "expiry_month": 12, "expiry_year": datetime.now(UTC).year + 2, "holder": "A E"}
        with self._step("customer", "billing", "queue billing-info", "the card, sealed to billing's public key"):
            kept = self._put("customer", f"/customers/{customer}/card", card)
            self._verify(set(kept) == {"last_four", "added_at"}, "customer must keep the last four digits only")
            self._await(
                lambda: self._account(customer).get("card_last_four") == CARD_NUMBER[-4:], "the card in billing"
            )

    def _ticket_created(self, customer: str) -> str:
        with self._step("customer", "sysops", "queue ticket-created", "the ticket, saved by customer first"):
            request = {"title": "Printer on fire", "description": "It smokes."}
            ticket = str(self._post("customer", f"/customers/{customer}/tickets", request)["id"])
            self._await(lambda: ticket in [known["id"] for known in self._get("sysops", "/tickets")], "the ticket")
        return ticket

    def _ticket_status(self, customer: str, ticket: str) -> None:
        own = f"/customers/{customer}/tickets/{ticket}"
        with self._step("sysops", "customer", "queue ticket-status", "assigned to an expert, then closed"):
            self._post("sysops", f"/tickets/{ticket}/assign", {"expert": "Grace"})
            self._await(lambda: self._get("customer", own)["status"] == "assigned", "the status 'assigned'")
            self._post("sysops", f"/tickets/{ticket}/close", {"resolution": "Fire put out."})
            self._await(lambda: self._get("customer", own)["status"] == "closed", "the status 'closed'")
        with self._step("customer", "customer", "queue notification", "a mail about each change"):
            self._await(lambda: len(self._mails(customer, "ticket")) == 2, "two mails about the ticket")

    def _survey(self, customer: str, ticket: str) -> None:
        comment = f"Quick help, {self.code}."
        answer = {"ticket_id": ticket, "rating": 5, "comment": comment}
        with self._step(
            "customer", "reporting", "queue survey-submitted", "five stars; nothing of it stays in customer"
        ):
            survey = self._post("customer", f"/customers/{customer}/surveys", answer)["id"]
            self._await(lambda: survey in self._surveys(ticket), "the survey in reporting")
            self._await(lambda: not self._files_with(comment, "customer"), "the survey gone from customer")

    def _invoice(self, customer: str) -> None:
        month = {"month": f"{datetime.now(UTC):%Y-%m}"}
        with self._step("billing", "customer", "queue invoice-issued", "the invoice: the job ran twice, it came once"):
            self._post("billing", "/payment-runs", month)
            again = self._post("billing", "/payment-runs", month)
            self._verify(again["issued"] == 0, "the second payment run must not issue anything")
            self._await(lambda: self._invoices(customer), "the invoice in customer")
        with self._step("customer", "customer", "queue notification", "a mail about the invoice"):
            self._await(lambda: self._mails(customer, "invoice"), "the mail about the invoice")
            self._verify(self._invoices(customer) == 1, "there must be one invoice")
            self._verify(len(self._mails(customer, "invoice")) == 1, "there must be one mail about the invoice")

    def _withdrawal(self) -> None:
        with self._step("sysops", "customer", "ETL into the replica", f"support contract {self.code} is withdrawn"):
            self._call("DELETE", "sysops", f"/support-contracts/{self.code}")
            self._await(lambda: not self._offered(), "the withdrawal in the replica")

    def _secrets_nowhere(self) -> None:
        with self._step("", "", "all files", "searched for the card number, the password and the token: none"):
            for what, text in (
                ("card number", CARD_NUMBER),
                ("password", self.password),
                ("token", self.tokens["customer"]),
            ):
                found = self._files_with(text, ".")
                self._verify(not found, f"the {what} is in {', '.join(map(str, found))}")

    def _offered(self) -> bool:
        return self.code in [offer["code"] for offer in self._get("customer", "/support-contracts")]

    def _account(self, customer: str) -> dict[str, Any]:
        response = self._send("GET", "billing", f"/accounts/{customer}")
        return {} if response.status_code == httpx.codes.NOT_FOUND else dict(_answer(response))

    def _surveys(self, ticket: str) -> list[str]:
        return [survey["id"] for survey in self._get("reporting", f"/surveys?ticket_id={ticket}")]

    def _invoices(self, customer: str) -> int:
        return len(self._get("customer", f"/customers/{customer}/invoices"))

    def _mails(self, customer: str, about: str) -> list[str]:
        mails = self._get("customer", f"/customers/{customer}/mails")
        return [mail["subject"] for mail in mails if about in mail["subject"]]

    def _files_with(self, text: str, place: str) -> list[Path]:
        return [path for path in (self.folder / place).rglob("*") if text.encode() in _content(path)]

    def _get(self, quantum: str, path: str) -> Any:
        return self._call("GET", quantum, path)

    def _post(self, quantum: str, path: str, body: dict[str, Any]) -> Any:
        return self._call("POST", quantum, path, body)

    def _put(self, quantum: str, path: str, body: dict[str, Any]) -> Any:
        return self._call("PUT", quantum, path, body)

    def _call(self, method: str, quantum: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return _answer(self._send(method, quantum, path, body))

    def _send(self, method: str, quantum: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        address = getattr(self.addresses, quantum)
        try:
            return self.client.request(method, f"{address}{path}", json=body, headers=self._authorization(quantum))
        except httpx.HTTPError as error:
            raise StoryError(f"{quantum} does not answer at {address}: {error}") from error

    def _authorization(self, quantum: str) -> dict[str, str]:
        """The customer's own token, once there is one; for all other quanta the administrator's."""
        if quantum != "customer" and quantum not in self.tokens:
            life = timedelta(minutes=15)
            self.tokens[quantum] = staff_token(self.folder, "the demo", Role.ADMINISTRATOR, quantum, life)
        return {"Authorization": f"Bearer {self.tokens[quantum]}"} if quantum in self.tokens else {}

    @contextmanager
    def _step(self, source: str, target: str, channel: str, what: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.tell(Step(source, target, channel, what, time.monotonic() - started))

    def _await(self, happened: Callable[[], object], what: str) -> None:
        give_up = time.monotonic() + WAIT_SECONDS
        while not happened():
            if time.monotonic() > give_up:
                raise StoryError(f"waited {WAIT_SECONDS:g} s in vain for {what}")
            time.sleep(0.05)

    def _verify(self, fact: bool, otherwise: str) -> None:
        if not fact:
            raise StoryError(otherwise)


def _answer(response: httpx.Response) -> Any:
    if response.is_error:
        place = f"{response.request.method} {response.request.url.path}"
        raise StoryError(f"{place} answered {response.status_code}: {response.text}")
    return response.json() if response.content else None


def _content(path: Path) -> bytes:
    # SQLite removes the files beside a database when the last connection is closed.
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return b""
