"""The sysops database."""

from datetime import datetime

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from sysops_squad.plumbing.clock import Instant, now


class Base(DeclarativeBase):
    """Base of the sysops tables."""


class SupportContract(Base):
    """A support contract that customers may choose. Sysops owns it; the customers' side has a copy."""

    __tablename__ = "support_contract"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    monthly_price_cents: Mapped[int]
    currency: Mapped[str]


class Ticket(Base):
    """A ticket in work. `revision` grows by one with each change, so that receivers can order the news."""

    __tablename__ = "ticket"

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    status: Mapped[str] = mapped_column(index=True, default="open")
    expert: Mapped[str | None]
    revision: Mapped[int] = mapped_column(default=0)
    submitted_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=now)
