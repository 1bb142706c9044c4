"""Attempts to sign in or to register, counted in the customer database: a restart forgets none."""

import hashlib
import math
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sysops_squad.customer.models import Attempts
from sysops_squad.plumbing.clock import now
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.failures import TooManyAttemptsError


@dataclass(frozen=True, slots=True)
class AttemptLimits:
    """How many attempts are made within a window that begins with the first one."""

    per_account: int = 10
    per_network: int = 50
    window: timedelta = timedelta(minutes=15)


class AttemptCounter:
    """Counts an attempt before it is made, so that many at once cannot slip through."""

    def __init__(self, sessions: Sessions, limits: AttemptLimits) -> None:
        self._sessions = sessions
        self._limits = limits

    def sign_in(self, email: str, network: str) -> None:
        """Count an attempt to sign in. Raises `TooManyAttemptsError`, for accounts that do not exist as well."""
        self._forget_old_ones()
        self._count([(_key("network", network), self._limits.per_network), (_account(email), self._limits.per_account)])

    def registration(self, network: str) -> None:
        """Count an attempt to register: the hash of a password is work. Raises `TooManyAttemptsError`."""
        self._forget_old_ones()
        self._count([(_key("registrations from", network), self._limits.per_network)])

    def succeeded(self, email: str, network: str) -> None:
        """Take back what was counted: the account starts anew, the network by this one attempt."""
        with self._sessions() as session, session.begin():
            used = update(Attempts).where(Attempts.key == _key("network", network), Attempts.count > 0)
            session.execute(used.values(count=Attempts.count - 1))
            session.execute(delete(Attempts).where(Attempts.key == _account(email)))

    def _count(self, limits: list[tuple[str, int]]) -> None:
        try:
            self._count_together(limits)
        except IntegrityError:
            # Another first attempt was counted at the same moment: its row is there now.
            self._count_together(limits)

    def _count_together(self, limits: list[tuple[str, int]]) -> None:
        with self._sessions() as session, session.begin():
            for key, limit in limits:
                attempts = self._one_more(session, key)
                if attempts.count > limit:
                    # Nothing is counted then, and the window ends when it ends.
                    raise TooManyAttemptsError(max(1, math.ceil((attempts.ends_at - now()).total_seconds())))

    def _one_more(self, session: Session, key: str) -> Attempts:
        counted = session.execute(update(Attempts).where(Attempts.key == key).values(count=Attempts.count + 1))
        if not counted.rowcount:
            session.add(Attempts(key=key, count=1, ends_at=now() + self._limits.window))
            session.flush()
        return session.scalars(select(Attempts).where(Attempts.key == key)).one()

    def _forget_old_ones(self) -> None:
        with self._sessions() as session, session.begin():
            session.execute(delete(Attempts).where(Attempts.ends_at <= now()))


def _account(email: str) -> str:
    return _key("account", email)


def _key(kind: str, value: str) -> str:
    # Not the text itself: into the field for the address people also type their password.
    return hashlib.sha256(f"{kind} {value}".encode()).hexdigest()
