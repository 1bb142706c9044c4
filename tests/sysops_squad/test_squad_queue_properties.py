"""The embedded queue against a model, over any sequence of calls, passing time and reopened files."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from sysops_squad.plumbing.sqlite_queue import Claim, Policy, QueueFile

POLICY = Policy(lease=10.0, max_attempts=3, retry_delay=1.0)


@dataclass
class Waiting:
    """What the model knows of a message: deliveries so far, when it is ready, and whose lease it is under."""

    message_id: str
    body: bytes
    attempts: int = 0
    ready_at: float = 0.0
    token: str | None = None


class QueueModel(RuleBasedStateMachine):
    """Every answer of the queue must be the one that a list of messages gives."""

    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="queue-model-"))
        self.time = 1000.0
        self.waiting: list[Waiting] = []
        self.dead: list[str] = []
        self.open()

    def open(self) -> None:
        self.file = QueueFile(self.folder / "q.db", POLICY, clock=lambda: self.time)

    def teardown(self) -> None:
        self.file.close()
        shutil.rmtree(self.folder)

    @rule(number=st.integers(0, 5), body=st.binary(max_size=20))
    def put(self, number: int, body: bytes) -> None:
        message_id = f"m{number}"
        self.file.put(message_id, body)
        if message_id not in [entry.message_id for entry in self.waiting]:
            self.waiting.append(Waiting(message_id, body))

    @rule(target=claims)
    def claim(self) -> object:
        expected = self._next()
        claim = self.file.claim()
        if expected is None:
            assert claim is None
            return multiple()
        assert claim is not None
        message = claim.message
        assert (message.id, message.body, message.attempt) == (expected.message_id, expected.body, expected.attempts)
        expected.token = claim.token
        return claim

    @rule(claim=consumes(claims))
    def done(self, claim: Claim) -> None:
        held = self._held(claim)
        assert self.file.done(claim) == (held is not None)
        if held is not None:
            self.waiting.remove(held)

    @rule(claim=consumes(claims))
    def retry(self, claim: Claim) -> None:
        held = self._held(claim)
        assert self.file.retry(claim) == (held is not None)
        if held is not None:
            held.token = None
            held.ready_at = self.time + POLICY.retry_delay * 2 ** (held.attempts - 1)

    @rule(claim=consumes(claims))
    def release(self, claim: Claim) -> None:
        held = self._held(claim)
        assert self.file.release(claim) == (held is not None)
        if held is not None:
            held.token, held.ready_at, held.attempts = None, 0.0, held.attempts - 1

    @rule(claim=consumes(claims))
    def bury(self, claim: Claim) -> None:
        held = self._held(claim)
        self.file.bury(claim, "for the test")
        if held is not None:
            self._die(held)

    @rule(claim=claims)
    def renew(self, claim: Claim) -> None:
        held = self._held(claim)
        assert self.file.renew(claim) == (held is not None)
        if held is not None:
            held.ready_at = self.time + POLICY.lease

    @rule(seconds=st.sampled_from([0.5, 3.0, 11.0]))
    def pass_time(self, seconds: float) -> None:
        self.time += seconds

    @rule()
    def reopen(self) -> None:
        self.file.close()
        self.open()

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        assert self.file.waiting() == [entry.message_id for entry in self.waiting]
        assert sorted(message_id for message_id, _ in self.file.dead()) == sorted(self.dead)

    def _next(self) -> Waiting | None:
        for entry in list(self.waiting):
            if entry.ready_at <= self.time:
                entry.attempts += 1
                if entry.attempts <= POLICY.max_attempts:
                    entry.ready_at = self.time + POLICY.lease
                    return entry
                self._die(entry)
        return None

    def _held(self, claim: Claim) -> Waiting | None:
        return next((entry for entry in self.waiting if entry.token == claim.token), None)

    def _die(self, entry: Waiting) -> None:
        self.waiting.remove(entry)
        self.dead.append(entry.message_id)


TestQueueModel = QueueModel.TestCase
TestQueueModel.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
