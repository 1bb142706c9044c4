"""Adding a card: sealed for billing at once; the last four digits stay."""

from sqlalchemy.orm import Session

from sysops_squad.customer.messages import BILLING_INFO, BillingInfo, SealedCard
from sysops_squad.customer.models import Card
from sysops_squad.customer.registration import customer_of
from sysops_squad.customer.requests import NewCard
from sysops_squad.customer.sealing import CardSealer
from sysops_squad.plumbing.clock import now
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.failures import NotFoundError
from sysops_squad.plumbing.outbox import Outbox


class CardDesk:
    """Takes cards, keeps their last four digits and sends the rest sealed to billing."""

    def __init__(self, sessions: Sessions, outbox: Outbox, sealer: CardSealer) -> None:
        self._sessions = sessions
        self._outbox = outbox
        self._sealer = sealer

    def add(self, customer_id: str, new_card: NewCard) -> Card:
        """Replace the customer's card."""
        with self._sessions() as session, session.begin():
            customer_of(session, customer_id)
            card = session.merge(Card(customer_id=customer_id, last_four=_last_four(new_card), added_at=now()))
            self._send(session, card, self._sealer.seal(customer_id, _details(new_card)))
        return card

    def find(self, customer_id: str) -> Card:
        with self._sessions() as session:
            customer_of(session, customer_id)
            card = session.get(Card, customer_id)
        if card is None:
            raise NotFoundError(f"customer {customer_id} has no card")
        return card

    def _send(self, session: Session, card: Card, sealed: str) -> None:
        info = BillingInfo(
            customer_id=card.customer_id,
            card=SealedCard(jwe=sealed, last_four=card.last_four, added_at=card.added_at),
        )
        self._outbox.add(session, BILLING_INFO, info, transit_only=True)


def _last_four(card: NewCard) -> str:
    return card.number.get_secret_value()[-4:]


def _details(card: NewCard) -> dict[str, str]:
    return {
        "number": card.number.get_secret_value(),
        "expiry": f"{card.expiry_year:04}-{card.expiry_month:02}",
        "holder": card.holder.get_secret_value(),
    }
