"""The billing API, for its operators only: run the payment job, look at accounts. No other quantum calls it."""

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from sysops_squad.billing.bootstrap import open_billing_sessions, outbox_for
from sysops_squad.billing.models import Account
from sysops_squad.billing.payment_job import PaymentJob
from sysops_squad.billing.settings import BillingApiSettings
from sysops_squad.plumbing.access import only
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.failures import NotFoundError
from sysops_squad.plumbing.key_files import KeyFileError
from sysops_squad.plumbing.outbox import Outbox
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.plumbing.tokens import Role, TokenVerifier, staff_only
from sysops_squad.plumbing.web import RequestBody, add_health, add_outbox, new_app, run_api

AUDIENCE = "billing"


class NewPaymentRun(RequestBody):
    """The month to issue invoices for, `YYYY-MM`."""

    month: str = Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")


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


def create_app(sessions: Sessions, outbox: Outbox, tokens: TokenVerifier) -> FastAPI:
    """The application over one database."""
    app = new_app("Sysops Squad: billing", tokens)
    add_health(app, sessions)
    add_outbox(app, sessions)
    job = PaymentJob(sessions, outbox)

    @app.post("/payment-runs", status_code=201)
    @only(Role.ADMINISTRATOR)
    def run_payment_job(wanted: NewPaymentRun) -> PaymentRunView:
        return PaymentRunView.model_validate(job.run_once(wanted.month))

    @app.get("/accounts/{customer_id}")
    @only(Role.ADMINISTRATOR)
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
    settings = load_settings(BillingApiSettings)
    try:
        tokens = staff_only(AUDIENCE, settings.staff_keys_file)
    except KeyFileError as error:
        raise SystemExit(str(error)) from None
    app = create_app(open_billing_sessions(settings), outbox_for(settings), tokens)
    run_api("billing.api", app, settings.host, settings.port, settings.trusted_proxies)


if __name__ == "__main__":
    main()
