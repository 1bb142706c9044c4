"""Registering, and choosing a support contract."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sysops_squad.customer.messages import BILLING_INFO, BillingInfo, Plan
from sysops_squad.customer.models import Credential, Customer, SupportContract
from sysops_squad.customer.passwords import hash_password
from sysops_squad.customer.requests import Registration
from sysops_squad.plumbing.clock import now
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.failures import ConflictError, NotFoundError
from sysops_squad.plumbing.outbox import Outbox


def customer_of(session: Session, customer_id: str) -> Customer:
    """The customer, or `NotFoundError`."""
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotFoundError(f"there is no customer {customer_id}")
    return customer


class RegistrationDesk:
    """Customers and their choice of a support contract."""

    def __init__(self, sessions: Sessions, outbox: Outbox) -> None:
        self._sessions = sessions
        self._outbox = outbox

    def register(self, registration: Registration) -> Customer:
        customer = Customer(name=registration.name, email=registration.email)
        # Before the transaction: it takes a while, on purpose.
        password_hash = hash_password(registration.password)
        try:
            with self._sessions() as session, session.begin():
                session.add(customer)
                session.flush()
                session.add(Credential(customer_id=customer.id, password_hash=password_hash))
        except IntegrityError:
            raise ConflictError("a customer with this email address is registered already") from None
        return customer

    def find(self, customer_id: str) -> Customer:
        with self._sessions() as session:
            return customer_of(session, customer_id)

    def support_contracts(self) -> list[SupportContract]:
        """What is on offer, cheapest first."""
        with self._sessions() as session:
            return list(session.scalars(select(SupportContract).order_by(SupportContract.monthly_price_cents)))

    def choose(self, customer_id: str, code: str) -> Customer:
        """Choose a support contract and tell billing its price."""
        with self._sessions() as session, session.begin():
            customer = customer_of(session, customer_id)
            offer = session.get(SupportContract, code)
            if offer is None:
                raise NotFoundError(f"there is no support contract {code!r} on offer")
            customer.support_contract = offer.code
            self._outbox.add(session, BILLING_INFO, BillingInfo(customer_id=customer.id, plan=_plan(offer)))
        return customer


def _plan(offer: SupportContract) -> Plan:
    return Plan(
        code=offer.code,
        monthly_price_cents=offer.monthly_price_cents,
        currency=offer.currency,
        chosen_at=now(),
    )
