"""Support contracts: what is on offer."""

from sqlalchemy import select

from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.failures import NotFoundError
from sysops_squad.sysops.models import SupportContract
from sysops_squad.sysops.requests import ContractTerms


class ContractDesk:
    """Keeps the support contracts; the ETL job takes changes to the customers' side."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def offer(self, code: str, terms: ContractTerms) -> SupportContract:
        """Put a support contract on offer, or change the terms of one that is."""
        with self._sessions() as session, session.begin():
            return session.merge(
                SupportContract(
                    code=code,
                    name=terms.name,
                    description=terms.description,
                    monthly_price_cents=terms.monthly_price_cents,
                    currency=terms.currency,
                )
            )

    def withdraw(self, code: str) -> None:
        """Take a support contract off the offer."""
        with self._sessions() as session, session.begin():
            contract = session.get(SupportContract, code)
            if contract is None:
                raise NotFoundError(f"there is no support contract {code!r}")
            session.delete(contract)

    def all(self) -> list[SupportContract]:
        with self._sessions() as session:
            return [*session.scalars(select(SupportContract).order_by(SupportContract.code))]
