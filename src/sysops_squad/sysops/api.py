"""The sysops API: support contracts and the work on tickets."""

from fastapi import FastAPI

from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.outbox import Outbox
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.plumbing.web import add_health, new_app, run_api
from sysops_squad.sysops.bootstrap import open_sysops_sessions, outbox_for
from sysops_squad.sysops.contracts import ContractDesk
from sysops_squad.sysops.requests import Assignment, ContractTerms, ContractView, Resolution, TicketView
from sysops_squad.sysops.settings import SysopsSettings
from sysops_squad.sysops.tickets import TicketDesk


def create_app(sessions: Sessions, outbox: Outbox) -> FastAPI:
    """The application over one database."""
    app = new_app("Sysops Squad: sysops")
    add_health(app, sessions, outbox=True)
    _add_contracts(app, ContractDesk(sessions))
    _add_tickets(app, TicketDesk(sessions, outbox))
    return app


def _add_contracts(app: FastAPI, desk: ContractDesk) -> None:
    @app.get("/support-contracts")
    def list_contracts() -> list[ContractView]:
        return [ContractView.model_validate(contract) for contract in desk.all()]

    @app.put("/support-contracts/{code}")
    def offer_contract(code: str, terms: ContractTerms) -> ContractView:
        return ContractView.model_validate(desk.offer(code, terms))

    @app.delete("/support-contracts/{code}", status_code=204)
    def withdraw_contract(code: str) -> None:
        desk.withdraw(code)


def _add_tickets(app: FastAPI, desk: TicketDesk) -> None:
    @app.get("/tickets")
    def list_tickets() -> list[TicketView]:
        return [TicketView.model_validate(ticket) for ticket in desk.all()]

    @app.post("/tickets/{ticket_id}/assign")
    def assign_ticket(ticket_id: str, assignment: Assignment) -> TicketView:
        return TicketView.model_validate(desk.assign(ticket_id, assignment.expert))

    @app.post("/tickets/{ticket_id}/close")
    def close_ticket(ticket_id: str, resolution: Resolution) -> TicketView:
        return TicketView.model_validate(desk.close(ticket_id, resolution.resolution))


def main() -> None:
    settings = load_settings(SysopsSettings)
    app = create_app(open_sysops_sessions(settings), outbox_for(settings))
    run_api("sysops.api", app, settings.host, settings.port)


if __name__ == "__main__":
    main()
