"""The reporting API: read the surveys."""

from datetime import datetime

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select

from sysops_squad.plumbing.access import only
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.key_files import KeyFileError
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.plumbing.tokens import Role, TokenVerifier, staff_only
from sysops_squad.plumbing.web import add_health, new_app, run_api
from sysops_squad.reporting.bootstrap import open_reporting_sessions
from sysops_squad.reporting.models import Survey
from sysops_squad.reporting.settings import ReportingApiSettings

AUDIENCE = "reporting"


class SurveyView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    customer_id: str
    ticket_id: str
    rating: int
    comment: str
    submitted_at: datetime


class Satisfaction(BaseModel):
    """All surveys in two numbers; without a survey there is no mean."""

    surveys: int
    mean_rating: float | None


def create_app(sessions: Sessions, tokens: TokenVerifier) -> FastAPI:
    """The application over one database."""
    app = new_app("Sysops Squad: reporting", tokens)
    add_health(app, sessions)

    @app.get("/surveys")
    @only(Role.ADMINISTRATOR)
    def list_surveys(ticket_id: str | None = None) -> list[SurveyView]:
        wanted = select(Survey).order_by(Survey.submitted_at)
        if ticket_id is not None:
            wanted = wanted.where(Survey.ticket_id == ticket_id)
        with sessions() as session:
            return [SurveyView.model_validate(survey) for survey in session.scalars(wanted)]

    @app.get("/satisfaction")
    @only(Role.ADMINISTRATOR)
    def show_satisfaction() -> Satisfaction:
        with sessions() as session:
            count, mean = session.execute(select(func.count(), func.avg(Survey.rating))).one()
        return Satisfaction(surveys=count, mean_rating=None if mean is None else float(mean))

    return app


def main() -> None:
    settings = load_settings(ReportingApiSettings)
    try:
        tokens = staff_only(AUDIENCE, settings.staff_keys_file)
    except KeyFileError as error:
        raise SystemExit(str(error)) from None
    app = create_app(open_reporting_sessions(settings), tokens)
    run_api("reporting.api", app, settings.host, settings.port, settings.trusted_proxies)


if __name__ == "__main__":
    main()
