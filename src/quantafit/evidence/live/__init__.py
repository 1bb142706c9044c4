"""Live evidence: what running brokers and databases say, asked read-only and with short timeouts.

One file here asks one kind of server, each server in a thread of its own. A server that cannot be asked, or stops
answering half-way, becomes a ``LiveFailure`` with its reason: nothing of a half-told answer is kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Generic, TypeVar

from quantafit.evidence.live import postgresql, rabbitmq
from quantafit.evidence.live.asking import TOGETHER, Classify, Environment, NotAnsweredError, without_credentials
from quantafit.model import BrokerServer, DatabaseServer, LiveEvidence, LiveFailure, LiveServers

__all__ = ["collect"]

Server = TypeVar("Server", BrokerServer, DatabaseServer)
State = TypeVar("State")


def collect(servers: LiveServers, environment: Mapping[str, str], classify: Classify) -> LiveEvidence:
    """What the declared servers say. ``environment`` holds their URLs; ``classify`` tells the data classes of a table
    and its columns.

    Never raises for what a server does or does not do: ``failures`` has who did not answer, and why. No password is in
    anything that is returned.
    """
    brokers = [_Question("broker", server, rabbitmq.ask, environment) for server in servers.brokers]
    ask = partial(postgresql.ask, classify=classify)
    databases = [_Question("database", server, ask, environment) for server in servers.databases]
    end = time.monotonic() + TOGETHER
    told = [question.answer(end) for question in brokers]
    said = [question.answer(end) for question in databases]
    return LiveEvidence(
        tuple(state for state in told if not isinstance(state, LiveFailure)),
        tuple(state for state in said if not isinstance(state, LiveFailure)),
        tuple(failure for failure in (*told, *said) if isinstance(failure, LiveFailure)),
    )


class _Question(Generic[State]):
    """One server that is being asked, in a thread that nobody waits for longer than the others.

    A name that is looked up for minutes, or a server that sends one byte every second, is not waited for.
    """

    def __init__(
        self, kind: str, server: Server, ask: Callable[[Server, Environment], State], environment: Environment
    ) -> None:
        self._failed = LiveFailure(kind, server.name, f"it did not answer within {TOGETHER:g} seconds", server.place)
        self._told: State | None = None
        self._thread = threading.Thread(target=self._ask, args=(server, ask, environment), daemon=True)
        self._thread.start()

    def answer(self, end: float) -> State | LiveFailure:
        """What the server said, or why it did not, at the latest at ``end`` on the monotonic clock."""
        self._thread.join(max(0.0, end - time.monotonic()))
        return self._told if self._told is not None else self._failed

    def _ask(self, server: Server, ask: Callable[[Server, Environment], State], environment: Environment) -> None:
        try:
            self._told = ask(server, environment)
        except NotAnsweredError as error:
            self._failed = replace(self._failed, why=without_credentials(str(error), environment))
        except Exception as error:  # what a server sends is not in our hands, and a traceback could show its URL
            why = f"its answer could not be read ({type(error).__name__})"
            self._failed = replace(self._failed, why=why)
