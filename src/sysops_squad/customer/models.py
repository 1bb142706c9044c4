"""The customer database. There is no table for surveys and no column for a card number: see ADR-5 and ADR-4."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from sysops_squad.plumbing.clock import Instant, now


def new_id() -> str:
    """A fresh identifier."""
    return str(uuid.uuid4())


class Base(DeclarativeBase):
    """Base of the customer tables."""


class Customer(Base):
    """A registered customer. `support_contract` is the code of the chosen contract, if any."""

    __tablename__ = "customer"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    support_contract: Mapped[str | None]
    registered_at: Mapped[datetime] = mapped_column(Instant, default=now)


class Credential(Base):
    """What a customer signs in with: the hash of a password, never the password."""

    __tablename__ = "credential"

    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    password_hash: Mapped[str]


class Attempts(Base):
    """How often someone has tried to sign in or to register since a window began. `key` is a digest of who."""

    __tablename__ = "sign_in_attempts"

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(Instant, index=True)


class SupportContract(Base):
    """A support contract on offer: a replica that the sysops quantum fills. Customer code only reads it."""

    __tablename__ = "support_contract"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    monthly_price_cents: Mapped[int]
    currency: Mapped[str]


class Card(Base):
    """What stays of a card: the last four digits, to tell the customer which card it is."""

    __tablename__ = "card"

    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    last_four: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(Instant, default=now)


class Ticket(Base):
    """A ticket as its customer sees it. `revision` is that of the last status that sysops has told."""

    __tablename__ = "ticket"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id"), index=True)
    title: Mapped[str]
    description: Mapped[str]
    status: Mapped[str] = mapped_column(default="submitted")
    revision: Mapped[int] = mapped_column(default=0)
    submitted_at: Mapped[datetime] = mapped_column(Instant, default=now)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=now)


class Invoice(Base):
    """An invoice that billing has issued: one a customer and month."""

    __tablename__ = "invoice"
    __table_args__ = (UniqueConstraint("customer_id", "month"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    month: Mapped[str]
    amount_cents: Mapped[int]
    currency: Mapped[str]
    issued_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant, default=now)


class Mail(Base):
    """A mail in the spool, from where the mail server takes it."""

    __tablename__ = "mail_spool"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(index=True)
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    spooled_at: Mapped[datetime] = mapped_column(Instant, default=now)
