"""Signing in: a password becomes a token for this quantum."""

from datetime import timedelta

from sqlalchemy import select

from sysops_squad.customer.attempts import AttemptCounter
from sysops_squad.customer.models import Credential, Customer
from sysops_squad.customer.passwords import matches
from sysops_squad.customer.requests import SignIn
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.failures import UnauthorizedError
from sysops_squad.plumbing.tokens import Caller, Role, TokenIssuer

AUDIENCE = "customer"
TOKEN_LIFE = timedelta(hours=1)


class SignInDesk:
    """Knows customers by their passwords. Neither an answer nor the work for it tells whether there is an account."""

    def __init__(self, sessions: Sessions, issuer: TokenIssuer, attempts: AttemptCounter) -> None:
        self._sessions = sessions
        self._issuer = issuer
        self._attempts = attempts

    def sign_in(self, wanted: SignIn, network: str) -> str:
        """A token of the customer. Raises `UnauthorizedError`, and `TooManyAttemptsError` before any work is done."""
        self._attempts.sign_in(wanted.email, network)
        known = select(Customer.id, Credential.password_hash).join(Credential).where(Customer.email == wanted.email)
        with self._sessions() as session:
            found = session.execute(known).one_or_none()
        customer_id, password_hash = found or ("", None)
        if not matches(wanted.password, password_hash):
            raise UnauthorizedError("email address or password is wrong")
        self._attempts.succeeded(wanted.email, network)
        return self._issuer.issue(Caller(customer_id, Role.CUSTOMER), AUDIENCE, TOKEN_LIFE)
