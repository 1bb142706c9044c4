"""What the customer API accepts and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from sysops_squad.plumbing.clock import now
from sysops_squad.plumbing.web import RequestBody, Text


def _card_number(value: SecretStr) -> SecretStr:
    digits = value.get_secret_value().replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit() and 12 <= len(digits) <= 19):
        raise ValueError("a card number has 12 to 19 digits")
    if not passes_luhn(digits):
        raise ValueError("the check digit of the card number does not fit: please look for a typing error")
    return SecretStr(digits)


def passes_luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812: every second digit from the right doubled, the sum a multiple of ten."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


class Registration(RequestBody):
    """The limits of a password are those of NIST SP 800-63B: long enough, and no rules about what is in it."""

    name: Text = Field(min_length=1, max_length=200)
    email: Text = Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    password: SecretStr = Field(min_length=12, max_length=128)


class SignIn(RequestBody):
    email: Text = Field(max_length=254)
    password: SecretStr = Field(max_length=128)


class ContractChoice(RequestBody):
    code: Text = Field(min_length=1, max_length=50)


class NewCard(RequestBody):
    """A card as the customer types it; there is no field for the verification code, and none is accepted."""

    number: Annotated[SecretStr, AfterValidator(_card_number)]
    expiry_month: int = Field(ge=1, le=12)
    expiry_year: int = Field(ge=2000, le=2100)
    holder: SecretStr = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _not_expired(self) -> "NewCard":
        today = now()
        if (self.expiry_year, self.expiry_month) < (today.year, today.month):
            raise ValueError("the card has expired")
        return self


class NewTicket(RequestBody):
    title: Text = Field(min_length=1, max_length=200)
    description: Text = Field(min_length=1, max_length=10_000)


class NewSurvey(RequestBody):
    ticket_id: Text = Field(max_length=100)
    rating: int = Field(ge=1, le=5)
    comment: Text = Field(default="", max_length=5_000)


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TokenView(Answer):
    """Sent as `Authorization: Bearer …` it opens what is this customer's, for some seconds."""

    token: str
    expires_in: int


class CustomerView(Answer):
    id: str
    name: str
    email: str
    support_contract: str | None
    registered_at: datetime


class SupportContractView(Answer):
    code: str
    name: str
    description: str
    monthly_price_cents: int
    currency: str


class CardView(Answer):
    last_four: str
    added_at: datetime


class TicketView(Answer):
    id: str
    title: str
    description: str
    status: str
    submitted_at: datetime
    changed_at: datetime


class InvoiceView(Answer):
    id: str
    month: str
    amount_cents: int
    currency: str
    issued_at: datetime


class MailView(Answer):
    recipient: str
    subject: str
    text: str
    spooled_at: datetime


class Accepted(Answer):
    """The request was taken; its work is done elsewhere, later."""

    id: str
