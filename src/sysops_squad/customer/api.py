"""The customer API. No request waits for another quantum."""

from fastapi import FastAPI

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
    SupportContractView,
    TicketView,
)
from sysops_squad.customer.sealing import CardSealer, KeyFileError
from sysops_squad.customer.settings import CustomerApiSettings
from sysops_squad.customer.surveys import SurveyDesk
from sysops_squad.customer.tickets import TicketDesk
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.outbox import Outbox
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.plumbing.web import add_health, new_app, run_api


def create_app(sessions: Sessions, outbox: Outbox, sealer: CardSealer) -> FastAPI:
    """The application over one database."""
    app = new_app("Sysops Squad: customer")
    add_health(app, sessions, outbox=True)
    _add_registration(app, RegistrationDesk(sessions, outbox))
    _add_cards(app, CardDesk(sessions, outbox, sealer))
    _add_tickets(app, TicketDesk(sessions, outbox))
    _add_surveys(app, SurveyDesk(sessions, outbox))
    _add_news(app, InvoiceDesk(sessions), MailSpool(sessions))
    return app


def _add_registration(app: FastAPI, desk: RegistrationDesk) -> None:
    @app.post("/customers", status_code=201)
    def register(registration: Registration) -> CustomerView:
        return CustomerView.model_validate(desk.register(registration))

    @app.get("/customers/{customer_id}")
    def show_customer(customer_id: str) -> CustomerView:
        return CustomerView.model_validate(desk.find(customer_id))

    @app.get("/support-contracts")
    def list_support_contracts() -> list[SupportContractView]:
        return [SupportContractView.model_validate(offer) for offer in desk.support_contracts()]

    @app.put("/customers/{customer_id}/support-contract")
    def choose_support_contract(customer_id: str, choice: ContractChoice) -> CustomerView:
        return CustomerView.model_validate(desk.choose(customer_id, choice.code))


def _add_cards(app: FastAPI, desk: CardDesk) -> None:
    @app.put("/customers/{customer_id}/card", status_code=202)
    def add_card(customer_id: str, card: NewCard) -> CardView:
        return CardView.model_validate(desk.add(customer_id, card))

    @app.get("/customers/{customer_id}/card")
    def show_card(customer_id: str) -> CardView:
        return CardView.model_validate(desk.find(customer_id))


def _add_tickets(app: FastAPI, desk: TicketDesk) -> None:
    @app.post("/customers/{customer_id}/tickets", status_code=201)
    def submit_ticket(customer_id: str, ticket: NewTicket) -> TicketView:
        return TicketView.model_validate(desk.submit(customer_id, ticket))

    @app.get("/customers/{customer_id}/tickets")
    def list_tickets(customer_id: str) -> list[TicketView]:
        return [TicketView.model_validate(ticket) for ticket in desk.of(customer_id)]

    @app.get("/customers/{customer_id}/tickets/{ticket_id}")
    def show_ticket(customer_id: str, ticket_id: str) -> TicketView:
        return TicketView.model_validate(desk.find(customer_id, ticket_id))


def _add_surveys(app: FastAPI, desk: SurveyDesk) -> None:
    @app.post("/customers/{customer_id}/surveys", status_code=202)
    def submit_survey(customer_id: str, survey: NewSurvey) -> Accepted:
        return Accepted(id=desk.submit(customer_id, survey))


def _add_news(app: FastAPI, invoices: InvoiceDesk, mails: MailSpool) -> None:
    @app.get("/customers/{customer_id}/invoices")
    def list_invoices(customer_id: str) -> list[InvoiceView]:
        return [InvoiceView.model_validate(invoice) for invoice in invoices.of(customer_id)]

    @app.get("/customers/{customer_id}/mails")
    def list_mails(customer_id: str) -> list[MailView]:
        return [MailView.model_validate(mail) for mail in mails.of(customer_id)]


def main() -> None:
    settings = load_settings(CustomerApiSettings)
    try:
        sealer = CardSealer.from_file(settings.billing_key_file)
    except KeyFileError as error:
        raise SystemExit(str(error)) from None
    app = create_app(open_customer_sessions(settings), outbox_for(settings), sealer)
    run_api("customer.api", app, settings.host, settings.port)


if __name__ == "__main__":
    main()
