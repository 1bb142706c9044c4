"""The billing API, for its operators only: run the payment job, look at accounts. No other quantum calls it."""

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from sysops_squad.billing.bootstrap import open_billing_sessions, outbox_for
from sysops_squad.billing.models import Account
from sysops_squad.billing.payment_job import PaymentJob
from sysops_squad.billing.settings import BillingSettings
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.failures import NotFoundError
from sysops_squad.plumbing.outbox import Outbox
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.plumbing.web import add_health, new_app, run_api


class NewPaymentRun(BaseModel):
    """The month to issue invoices for, `YYYY-MM`."""

    model_config = ConfigDict(extra="forbid")

    month: str = Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")


class PaymentRunView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    month: str
    issued: int
    already_issued: int


class AccountView(BaseModel):
    """An account without its card: the last four digits are all that is shown."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: str
    plan_code: str | None
    monthly_price_cents: int | None
    currency: str | None
    card_last_four: str | None


def create_app(sessions: Sessions, outbox: Outbox) -> FastAPI:
    """The application over one database."""
    app = new_app("Sysops Squad: billing")
    add_health(app, sessions, outbox=True)
    job = PaymentJob(sessions, outbox)

    @app.post("/payment-runs", status_code=201)
    def run_payment_job(wanted: NewPaymentRun) -> PaymentRunView:
        return PaymentRunView.model_validate(job.run_once(wanted.month))

    @app.get("/accounts/{customer_id}")
    def show_account(customer_id: str) -> AccountView:
        with sessions() as session:
            return AccountView.model_validate(_account(session, customer_id))

    return app


def _account(session: Session, customer_id: str) -> Account:
    account = session.get(Account, customer_id)
    if account is None:
        raise NotFoundError(f"there is no account of customer {customer_id}")
    return account


def main() -> None:
    settings = load_settings(BillingSettings)
    app = create_app(open_billing_sessions(settings), outbox_for(settings))
    run_api("billing.api", app, settings.host, settings.port)


if __name__ == "__main__":
    main()
