"""The customer API. No request waits for another quantum."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request

from sysops_squad.customer.attempts import AttemptCounter, AttemptLimits
from sysops_squad.customer.bootstrap import open_customer_sessions, outbox_for
from sysops_squad.customer.cards import CardDesk
from sysops_squad.customer.invoices import InvoiceDesk
from sysops_squad.customer.notification import MailSpool
from sysops_squad.customer.registration import RegistrationDesk
from sysops_squad.customer.requests import (
    Accepted,
    CardView,
    ContractChoice,
    CustomerView,
    InvoiceView,
    MailView,
    NewCard,
    NewSurvey,
    NewTicket,
    Registration,
    SignIn,
    SupportContractView,
    TicketView,
    TokenView,
)
from sysops_squad.customer.sealing import CardSealer
from sysops_squad.customer.settings import CustomerApiSettings
from sysops_squad.customer.signing_in import AUDIENCE, TOKEN_LIFE, SignInDesk
from sysops_squad.customer.surveys import SurveyDesk
from sysops_squad.customer.tickets import TicketDesk
from sysops_squad.plumbing.access import answers, anyone, caller_of, only
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.failures import NotFoundError
from sysops_squad.plumbing.key_files import KeyFileError
from sysops_squad.plumbing.outbox import Outbox
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.plumbing.tokens import (
    CUSTOMERS,
    STAFF,
    Role,
    TokenIssuer,
    TokenVerifier,
    trusted_customers,
    trusted_staff,
)
from sysops_squad.plumbing.web import add_health, add_outbox, network_of, new_app, run_api


def own_customer(customer_id: str, request: Request) -> str:
    """The customer who calls. Any other's id in the path is not found, whether there is such a customer or not."""
    if customer_id != caller_of(request).subject:
        raise NotFoundError(f"there is no customer {customer_id}")
    return customer_id


OwnCustomer = Annotated[str, Depends(own_customer)]


def create_app(
    sessions: Sessions,
    outbox: Outbox,
    sealer: CardSealer,
    tokens: TokenVerifier,
    issuer: TokenIssuer,
    limits: AttemptLimits,
) -> FastAPI:
    """The application over one database."""
    app = new_app("Sysops Squad: customer", tokens)
    add_health(app, sessions)
    add_outbox(app, sessions)
    attempts = AttemptCounter(sessions, limits)
    _add_signing_in(app, SignInDesk(sessions, issuer, attempts))
    _add_registration(app, RegistrationDesk(sessions, outbox), attempts)
    _add_cards(app, CardDesk(sessions, outbox, sealer))
    _add_tickets(app, TicketDesk(sessions, outbox))
    _add_surveys(app, SurveyDesk(sessions, outbox))
    _add_news(app, InvoiceDesk(sessions), MailSpool(sessions))
    return app


def _add_signing_in(app: FastAPI, desk: SignInDesk) -> None:
    @app.post("/sessions", status_code=201, responses=answers(401, 429))
    @anyone
    def sign_in(wanted: SignIn, request: Request) -> TokenView:
        token = desk.sign_in(wanted, network_of(request))
        return TokenView(token=token, expires_in=int(TOKEN_LIFE.total_seconds()))


def _add_registration(app: FastAPI, desk: RegistrationDesk, attempts: AttemptCounter) -> None:
    @app.post("/customers", status_code=201, responses=answers(409, 429))
    @anyone
    def register(registration: Registration, request: Request) -> CustomerView:
        attempts.registration(network_of(request))
        return CustomerView.model_validate(desk.register(registration))

    @app.get("/customers/{customer_id}")
    @only(Role.CUSTOMER)
    def show_customer(customer_id: OwnCustomer) -> CustomerView:
        return CustomerView.model_validate(desk.find(customer_id))

    @app.get("/support-contracts")
    @only(Role.CUSTOMER)
    def list_support_contracts() -> list[SupportContractView]:
        return [SupportContractView.model_validate(offer) for offer in desk.support_contracts()]

    @app.put("/customers/{customer_id}/support-contract")
    @only(Role.CUSTOMER)
    def choose_support_contract(customer_id: OwnCustomer, choice: ContractChoice) -> CustomerView:
        return CustomerView.model_validate(desk.choose(customer_id, choice.code))


def _add_cards(app: FastAPI, desk: CardDesk) -> None:
    @app.put("/customers/{customer_id}/card", status_code=202)
    @only(Role.CUSTOMER)
    def add_card(customer_id: OwnCustomer, card: NewCard) -> CardView:
        return CardView.model_validate(desk.add(customer_id, card))

    @app.get("/customers/{customer_id}/card")
    @only(Role.CUSTOMER)
    def show_card(customer_id: OwnCustomer) -> CardView:
        return CardView.model_validate(desk.find(customer_id))


def _add_tickets(app: FastAPI, desk: TicketDesk) -> None:
    @app.post("/customers/{customer_id}/tickets", status_code=201)
    @only(Role.CUSTOMER)
    def submit_ticket(customer_id: OwnCustomer, ticket: NewTicket) -> TicketView:
        return TicketView.model_validate(desk.submit(customer_id, ticket))

    @app.get("/customers/{customer_id}/tickets")
    @only(Role.CUSTOMER)
    def list_tickets(customer_id: OwnCustomer) -> list[TicketView]:
        return [TicketView.model_validate(ticket) for ticket in desk.of(customer_id)]

    @app.get("/customers/{customer_id}/tickets/{ticket_id}")
    @only(Role.CUSTOMER)
    def show_ticket(customer_id: OwnCustomer, ticket_id: str) -> TicketView:
        return TicketView.model_validate(desk.find(customer_id, ticket_id))


def _add_surveys(app: FastAPI, desk: SurveyDesk) -> None:
    @app.post("/customers/{customer_id}/surveys", status_code=202)
    @only(Role.CUSTOMER)
    def submit_survey(customer_id: OwnCustomer, survey: NewSurvey) -> Accepted:
        return Accepted(id=desk.submit(customer_id, survey))


def _add_news(app: FastAPI, invoices: InvoiceDesk, mails: MailSpool) -> None:
    @app.get("/customers/{customer_id}/invoices")
    @only(Role.CUSTOMER)
    def list_invoices(customer_id: OwnCustomer) -> list[InvoiceView]:
        return [InvoiceView.model_validate(invoice) for invoice in invoices.of(customer_id)]

    @app.get("/customers/{customer_id}/mails")
    @only(Role.CUSTOMER)
    def list_mails(customer_id: OwnCustomer) -> list[MailView]:
        return [MailView.model_validate(mail) for mail in mails.of(customer_id)]


def main() -> None:
    settings = load_settings(CustomerApiSettings)
    try:
        sealer = CardSealer.from_file(settings.billing_key_file)
        issuer = TokenIssuer.from_file(CUSTOMERS, settings.token_keys_file)
        trusted = {
            CUSTOMERS: trusted_customers(settings.token_keys_file),
            STAFF: trusted_staff(settings.staff_keys_file),
        }
    except KeyFileError as error:
        raise SystemExit(str(error)) from None
    tokens = TokenVerifier(AUDIENCE, trusted)
    sessions = open_customer_sessions(settings)
    app = create_app(sessions, outbox_for(settings), sealer, tokens, issuer, settings.attempt_limits)
    run_api("customer.api", app, settings.host, settings.port, settings.trusted_proxies)


if __name__ == "__main__":
    main()
