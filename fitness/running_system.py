"""The running system, for the sentences that only it can show: real processes on embedded parts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

from sysops_squad.launcher.supervisor import Supervisor
from sysops_squad.launcher.units import UNITS

AT_ONCE = 1.0
"""Seconds within which a customer is answered; generous, because a machine that runs tests may be busy."""

IN_THE_END = 30.0
"""Seconds within which a message arrives once its receiver is back."""


class RunningSystem:
    """All processes of the system on one machine; parts of it can be taken away and brought back."""

    def __init__(self, supervisor: Supervisor, addresses: dict[str, str]) -> None:
        self._supervisor = supervisor
        self._addresses = addresses
        self._client = httpx.Client(timeout=30, trust_env=False)

    def ask(self, quantum: str, method: str, path: str, **body: Any) -> Any:
        """The answer of a quantum's API; a refusal fails the test."""
        answer = self._client.request(method, f"{self._addresses[quantum]}{path}", json=body or None)
        assert answer.is_success, f"{quantum} answers {method} {path} with {answer.status_code}: {answer.text}"
        return answer.json() if answer.content else None

    def ask_if_there(self, quantum: str, path: str) -> Any:
        """What the API shows at a path; None where nothing is there."""
        answer = self._client.get(f"{self._addresses[quantum]}{path}")
        return None if answer.status_code == httpx.codes.NOT_FOUND else answer.json()

    def ask_at_once(self, quantum: str, method: str, path: str, **body: Any) -> Any:
        """As :meth:`ask`; an answer that takes longer than ``AT_ONCE`` fails the test."""
        started = time.monotonic()
        answer = self.ask(quantum, method, path, **body)
        took = time.monotonic() - started
        assert took < AT_ONCE, f"{quantum} took {took:.1f} s for {method} {path}"
        return answer

    def take_away(self, *names: str) -> None:
        """Kill all processes of these quanta, or single processes by their full names."""
        for name, process in self._supervisor.processes.items():
            if {name, process.unit.quantum} & set(names):
                process.kill()

    def bring_back(self, *names: str) -> None:
        """Start again what was taken away, and wait until it works."""
        for unit in UNITS:
            if {unit.name, unit.quantum} & set(names):
                self._supervisor.start(unit)
        self._supervisor.wait_until_working()

    def in_the_end(self, what: str, happened: Callable[[], Any]) -> Any:
        """Wait until it has happened; returns what it is."""
        give_up = time.monotonic() + IN_THE_END
        while not (found := happened()):
            assert time.monotonic() < give_up, f"waited {IN_THE_END:g} s in vain for {what}"
            time.sleep(0.05)
        return found
