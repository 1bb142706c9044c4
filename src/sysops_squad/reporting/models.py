"""The reporting database."""

from datetime import datetime

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from sysops_squad.plumbing.clock import Instant, now


class Base(DeclarativeBase):
    """Base of the reporting tables."""


class Survey(Base):
    """A customer's answer about one ticket; `rating` is 1 (poor) to 5 (good)."""

    __tablename__ = "survey"

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    ticket_id: Mapped[str] = mapped_column(index=True)
    rating: Mapped[int]
    comment: Mapped[str]
    submitted_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant, default=now)
