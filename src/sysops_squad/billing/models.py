"""The billing database. A card rests here as it came: sealed, to be opened in memory only."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from sysops_squad.plumbing.clock import Instant, now


class Base(DeclarativeBase):
    """Base of the billing tables."""


class Account(Base):
    """What a customer pays, and with which card; either may come first."""

    __tablename__ = "account"

    customer_id: Mapped[str] = mapped_column(primary_key=True)
    plan_code: Mapped[str | None]
    monthly_price_cents: Mapped[int | None]
    currency: Mapped[str | None]
    plan_chosen_at: Mapped[datetime | None] = mapped_column(Instant)
    sealed_card: Mapped[str | None]
    card_last_four: Mapped[str | None]
    card_added_at: Mapped[datetime | None] = mapped_column(Instant)


class Invoice(Base):
    """An invoice: one a customer and month, which makes the payment job rerunnable."""

    __tablename__ = "invoice"
    __table_args__ = (UniqueConstraint("customer_id", "month"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: str(uuid.uuid4()))
    customer_id: Mapped[str] = mapped_column(ForeignKey("account.customer_id"))
    month: Mapped[str]
    amount_cents: Mapped[int]
    currency: Mapped[str]
    issued_at: Mapped[datetime] = mapped_column(Instant, default=now)
