"""The sysops API: support contracts and the work on tickets."""

from typing import Annotated

from fastapi import FastAPI, Path

from sysops_squad.plumbing.access import answers, only
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.key_files import KeyFileError
from sysops_squad.plumbing.outbox import Outbox
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.plumbing.tokens import Role, TokenVerifier, staff_only
from sysops_squad.plumbing.web import add_health, add_outbox, new_app, run_api
from sysops_squad.sysops.bootstrap import open_sysops_sessions, outbox_for
from sysops_squad.sysops.contracts import ContractDesk
from sysops_squad.sysops.requests import Assignment, ContractTerms, ContractView, Resolution, TicketView
from sysops_squad.sysops.settings import SysopsApiSettings
from sysops_squad.sysops.tickets import TicketDesk

AUDIENCE = "sysops"

ContractCode = Annotated[str, Path(min_length=1, max_length=50, pattern="^[A-Za-z0-9._-]+$")]
"""What a support contract is called, as customers choose it."""


def create_app(sessions: Sessions, outbox: Outbox, tokens: TokenVerifier) -> FastAPI:
    """The application over one database."""
    app = new_app("Sysops Squad: sysops", tokens)
    add_health(app, sessions)
    add_outbox(app, sessions)
    _add_contracts(app, ContractDesk(sessions))
    _add_tickets(app, TicketDesk(sessions, outbox))
    return app


def _add_contracts(app: FastAPI, desk: ContractDesk) -> None:
    @app.get("/support-contracts")
    @only(Role.EXPERT, Role.ADMINISTRATOR)
    def list_contracts() -> list[ContractView]:
        return [ContractView.model_validate(contract) for contract in desk.all()]

    @app.put("/support-contracts/{code}")
    @only(Role.ADMINISTRATOR)
    def offer_contract(code: ContractCode, terms: ContractTerms) -> ContractView:
        return ContractView.model_validate(desk.offer(code, terms))

    @app.delete("/support-contracts/{code}", status_code=204)
    @only(Role.ADMINISTRATOR)
    def withdraw_contract(code: ContractCode) -> None:
        desk.withdraw(code)


def _add_tickets(app: FastAPI, desk: TicketDesk) -> None:
    @app.get("/tickets")
    @only(Role.EXPERT, Role.ADMINISTRATOR)
    def list_tickets() -> list[TicketView]:
        return [TicketView.model_validate(ticket) for ticket in desk.all()]

    @app.post("/tickets/{ticket_id}/assign", responses=answers(409))
    @only(Role.EXPERT, Role.ADMINISTRATOR)
    def assign_ticket(ticket_id: str, assignment: Assignment) -> TicketView:
        return TicketView.model_validate(desk.assign(ticket_id, assignment.expert))

    @app.post("/tickets/{ticket_id}/close", responses=answers(409))
    @only(Role.EXPERT, Role.ADMINISTRATOR)
    def close_ticket(ticket_id: str, resolution: Resolution) -> TicketView:
        return TicketView.model_validate(desk.close(ticket_id, resolution.resolution))


def main() -> None:
    settings = load_settings(SysopsApiSettings)
    try:
        tokens = staff_only(AUDIENCE, settings.staff_keys_file)
    except KeyFileError as error:
        raise SystemExit(str(error)) from None
    app = create_app(open_sysops_sessions(settings), outbox_for(settings), tokens)
    run_api("sysops.api", app, settings.host, settings.port, settings.trusted_proxies)


if __name__ == "__main__":
    main()
