"""Outbox, relay and inbox: nothing is sent that was not committed, nothing is lost, nothing has two effects."""

import asyncio
import threading
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from pydantic import BaseModel
from sqlalchemy import func, select, text
from squad_support import RecordingTransport, run

from sysops_squad.customer.models import Customer
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.inbox import Inbox, InboxMessage
from sysops_squad.plumbing.outbox import ExpiredMessage, Outbox, OutboxMessage, outbox_state
from sysops_squad.plumbing.relay import Relay
from sysops_squad.plumbing.transport import Message, RejectedError, TransportError, UnavailableError


class Note(BaseModel):
    text: str


@dataclass
class SlowTransport(RecordingTransport):
    """Confirms after a moment, and says how many confirms were waited for at the same time."""

    unconfirmed: set[str] = field(default_factory=set)
    most_at_once: int = 0
    _now: int = 0

    async def publish(self, queue: str, message_id: str, body: bytes) -> None:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        await super().publish(queue, message_id, body)
        await asyncio.sleep(0.01)
        self._now -= 1
        if message_id in self.unconfirmed:
            raise TransportError("no confirm came")


def test_a_rolled_back_change_sends_nothing(customer_sessions: Sessions, outbox: Outbox) -> None:
    def fail_after_adding() -> None:
        with customer_sessions() as session, session.begin():
            outbox.add(session, "q", Note(text="hello"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_adding()
    assert _count(customer_sessions, OutboxMessage) == 0


def test_the_relay_sends_in_order_and_purges(customer_sessions: Sessions, outbox: Outbox) -> None:
    ids = [_add(customer_sessions, outbox, "q", f"note {number}") for number in range(5)]
    transport = RecordingTransport()
    assert run(Relay(customer_sessions, transport).send_waiting()) == 5
    assert [message.id for message in transport.published] == ids
    assert Note.model_validate_json(transport.published[0].body) == Note(text="note 0")
    assert _count(customer_sessions, OutboxMessage) == 0


def test_the_confirms_of_a_batch_are_waited_for_together(customer_sessions: Sessions, outbox: Outbox) -> None:
    ids = [_add(customer_sessions, outbox, "q", f"note {number}") for number in range(4)]
    transport = SlowTransport()
    assert run(Relay(customer_sessions, transport).send_waiting()) == 4
    assert [message.id for message in transport.published] == ids
    assert transport.most_at_once == 3


def test_of_a_batch_only_what_was_confirmed_is_purged(customer_sessions: Sessions, outbox: Outbox) -> None:
    ids = [_add(customer_sessions, outbox, "q", f"note {number}") for number in range(4)]
    transport = SlowTransport(unconfirmed={ids[2]})
    assert run(Relay(customer_sessions, transport).send_waiting()) == 3
    with customer_sessions() as session:
        waiting = session.scalars(select(OutboxMessage)).all()
    assert [(row.message_id, row.attempts) for row in waiting] == [(ids[2], 1)]


def test_a_queue_that_is_away_keeps_its_messages_and_holds_up_no_other(
    customer_sessions: Sessions, outbox: Outbox
) -> None:
    first = _add(customer_sessions, outbox, "away", "1")
    second = _add(customer_sessions, outbox, "away", "2")
    other = _add(customer_sessions, outbox, "there", "3")
    transport = RecordingTransport(refused={"away"})
    relay = Relay(customer_sessions, transport, batch=2)
    assert run(relay.send_waiting()) == 1
    assert [message.id for message in transport.published] == [other]
    with customer_sessions() as session:
        waiting = session.scalars(select(OutboxMessage).order_by(OutboxMessage.position)).all()
    assert [(row.message_id, row.attempts) for row in waiting] == [(first, 1), (second, 0)]
    assert waiting[0].last_error is not None

    transport.refused.clear()
    assert run(relay.send_waiting()) == 2
    assert [message.id for message in transport.published] == [other, first, second]


def test_a_relay_that_dies_before_the_purge_sends_again_under_the_same_id(
    customer_sessions: Sessions, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = _add(customer_sessions, outbox, "q", "1")
    transport = RecordingTransport()

    def die(_relay: Relay, _confirmed: list[str], _failed: dict[str, str]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Relay, "_settle", die)
        with pytest.raises(KeyboardInterrupt):
            run(Relay(customer_sessions, transport).send_waiting())
    run(Relay(customer_sessions, transport).send_waiting())
    assert [message.id for message in transport.published] == [message_id, message_id]


def test_purging_a_message_never_takes_one_that_got_its_position(customer_sessions: Sessions, outbox: Outbox) -> None:
    sent = _add(customer_sessions, outbox, "q", "sent by two relays")
    slow = Relay(customer_sessions, RecordingTransport())
    row = slow._waiting("q")[0]
    run(Relay(customer_sessions, RecordingTransport()).send_waiting())
    newer = _add(customer_sessions, outbox, "q", "newer")
    slow._settle([row.message_id], {})
    assert row.message_id == sent
    with customer_sessions() as session:
        assert list(session.scalars(select(OutboxMessage.message_id))) == [newer]


def test_a_message_too_old_to_send_is_kept_where_operators_see_it(customer_sessions: Sessions) -> None:
    expired = Outbox(timedelta(seconds=-1))
    ticket = _add(customer_sessions, expired, "q", "may stay")
    card = _add(customer_sessions, expired, "q", "may not stay", transit_only=True)
    transport = RecordingTransport()
    relay = Relay(customer_sessions, transport)
    assert relay.expire() == 2
    assert run(relay.send_waiting()) == 0
    with customer_sessions() as session:
        bodies = {row.message_id: row.body for row in session.scalars(select(ExpiredMessage))}
        state = outbox_state(session)
    assert bodies == {ticket: b'{"text":"may stay"}', card: None}
    assert (state.waiting, state.expired) == (0, 2)


def test_an_operator_can_have_expired_messages_sent_again(customer_sessions: Sessions, outbox: Outbox) -> None:
    expired = Outbox(timedelta(seconds=-1))
    ticket = _add(customer_sessions, expired, "q", "may stay")
    _add(customer_sessions, expired, "q", "may not stay", transit_only=True)
    transport = RecordingTransport()
    relay = Relay(customer_sessions, transport)
    relay.expire()
    with customer_sessions() as session, session.begin():
        assert outbox.resend_expired(session) == 1
    assert relay.expire() == 0
    run(relay.send_waiting())
    assert [(message.id, message.body) for message in transport.published] == [(ticket, b'{"text":"may stay"}')]


def test_the_state_tells_how_long_the_oldest_message_waits(customer_sessions: Sessions, outbox: Outbox) -> None:
    with customer_sessions() as session:
        assert outbox_state(session).model_dump() == {"waiting": 0, "oldest_age_seconds": 0.0, "expired": 0}
    _add(customer_sessions, outbox, "q", "1")
    with customer_sessions() as session:
        state = outbox_state(session)
    assert state.waiting == 1
    assert 0 <= state.oldest_age_seconds < 60


def test_a_message_that_comes_twice_has_one_effect(customer_sessions: Sessions) -> None:
    inbox = Inbox(customer_sessions)
    message = Message("m1", "q", b"")
    assert inbox.apply(message, _register)
    assert not inbox.apply(message, _register)
    assert _count(customer_sessions, Customer) == 1


def test_the_same_id_in_another_queue_is_another_message(customer_sessions: Sessions) -> None:
    inbox = Inbox(customer_sessions)
    assert inbox.apply(Message("m1", "one", b""), lambda session: None)
    assert inbox.apply(Message("m1", "two", b""), lambda session: None)


def test_an_effect_that_fails_may_be_tried_again(customer_sessions: Sessions) -> None:
    inbox = Inbox(customer_sessions)
    message = Message("m1", "q", b"")

    def fail(session: object) -> None:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        inbox.apply(message, fail)
    assert _count(customer_sessions, InboxMessage) == 0
    assert inbox.apply(message, _register)


def test_a_message_without_id_is_rejected(customer_sessions: Sessions) -> None:
    with pytest.raises(RejectedError, match="no message id"):
        Inbox(customer_sessions).apply(Message("", "q", b""), _register)


def test_a_database_that_is_away_is_no_fault_of_the_message(customer_sessions: Sessions) -> None:
    with customer_sessions() as session, session.begin():
        session.execute(text("DROP TABLE inbox"))
    with pytest.raises(UnavailableError, match="the database cannot be used"):
        Inbox(customer_sessions).apply(Message("m1", "q", b""), _register)


def test_the_relay_waits_for_a_database_that_is_away(customer_sessions: Sessions, outbox: Outbox) -> None:
    with customer_sessions() as session, session.begin():
        session.execute(text("ALTER TABLE outbox RENAME TO moved"))
    transport = RecordingTransport()

    async def story() -> None:
        relaying = asyncio.create_task(Relay(customer_sessions, transport, poll=0.01, pause=0.01).run())
        await asyncio.sleep(0.1)
        with customer_sessions() as session, session.begin():
            session.execute(text("ALTER TABLE moved RENAME TO outbox"))
        _add(customer_sessions, outbox, "q", "1")
        while not transport.published:
            await asyncio.sleep(0.01)
        relaying.cancel()

    run(story())


def test_two_deliveries_at_the_same_moment_have_one_effect(customer_sessions: Sessions) -> None:
    inbox = Inbox(customer_sessions)
    message = Message("m1", "q", b"")
    together = threading.Barrier(2)
    applied: list[bool] = []

    def deliver() -> None:
        together.wait()
        applied.append(inbox.apply(message, _register))

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == [False, True]
    assert _count(customer_sessions, Customer) == 1


def _register(session: object) -> None:
    session.add(Customer(name="Ada", email=f"ada-{id(object())}-{threading.get_ident()}@example.org"))  # type: ignore[attr-defined]


def _add(sessions: Sessions, outbox: Outbox, queue: str, text: str, *, transit_only: bool = False) -> str:
    with sessions() as session, session.begin():
        return outbox.add(session, queue, Note(text=text), transit_only=transit_only)


def _count(sessions: Sessions, table: type) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0
