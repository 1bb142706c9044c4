"""What the sysops API accepts and answers."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from sysops_squad.plumbing.web import RequestBody, Text


class ContractTerms(RequestBody):
    """The terms of a support contract. Prices are in cents."""

    name: Text = Field(min_length=1, max_length=200)
    description: Text = Field(default="", max_length=2_000)
    monthly_price_cents: int = Field(ge=0, le=10_000_000)
    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$")


class Assignment(RequestBody):
    expert: Text = Field(min_length=1, max_length=200)


class Resolution(RequestBody):
    resolution: Text = Field(min_length=1, max_length=5_000)


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ContractView(Answer):
    code: str
    name: str
    description: str
    monthly_price_cents: int
    currency: str


class TicketView(Answer):
    id: str
    customer_id: str
    title: str
    description: str
    status: str
    expert: str | None
    submitted_at: datetime
    changed_at: datetime
