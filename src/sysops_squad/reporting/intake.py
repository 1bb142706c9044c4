"""The process that receives surveys."""

import asyncio
from contextlib import aclosing

from sqlalchemy.orm import Session

from sysops_squad.plumbing.inbox import Inbox
from sysops_squad.plumbing.processes import run_worker
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.plumbing.transport import Message, open_transport
from sysops_squad.reporting.bootstrap import open_reporting_sessions
from sysops_squad.reporting.messages import SURVEY_SUBMITTED, SurveySubmitted
from sysops_squad.reporting.models import Survey
from sysops_squad.reporting.settings import ReportingSettings


class SurveyIntake:
    """Keeps each survey once."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def take_survey(self, message: Message) -> None:
        survey = SurveySubmitted.model_validate_json(message.body)
        await asyncio.to_thread(self._inbox.apply, message, lambda session: keep_survey(session, survey))


def keep_survey(session: Session, survey: SurveySubmitted) -> None:
    """Keep a survey for the reports."""
    session.add(
        Survey(
            id=survey.survey_id,
            customer_id=survey.customer_id,
            ticket_id=survey.ticket_id,
            rating=survey.rating,
            comment=survey.comment,
            submitted_at=survey.submitted_at,
        )
    )


def main() -> None:
    settings = load_settings(ReportingSettings)
    intake = SurveyIntake(Inbox(open_reporting_sessions(settings)))

    async def work() -> None:
        async with aclosing(open_transport(settings.messaging_url)) as transport:
            await transport.consume(SURVEY_SUBMITTED, intake.take_survey)

    run_worker("reporting.intake", work)


if __name__ == "__main__":
    main()
