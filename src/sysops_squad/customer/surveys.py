"""Surveys: passed on to reporting, not kept here."""

from sysops_squad.customer.messages import SURVEY_SUBMITTED, SurveySubmitted
from sysops_squad.customer.models import new_id
from sysops_squad.customer.requests import NewSurvey
from sysops_squad.customer.tickets import ticket_of
from sysops_squad.plumbing.clock import now
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.outbox import Outbox


class SurveyDesk:
    """Takes surveys; the outbox row is their only trace here, and it is purged when the message is sent."""

    def __init__(self, sessions: Sessions, outbox: Outbox) -> None:
        self._sessions = sessions
        self._outbox = outbox

    def submit(self, customer_id: str, survey: NewSurvey) -> str:
        """Send a survey on a ticket of this customer; returns the survey's id."""
        submitted = SurveySubmitted(
            survey_id=new_id(),
            customer_id=customer_id,
            ticket_id=survey.ticket_id,
            rating=survey.rating,
            comment=survey.comment,
            submitted_at=now(),
        )
        with self._sessions() as session, session.begin():
            ticket_of(session, customer_id, survey.ticket_id)
            self._outbox.add(session, SURVEY_SUBMITTED, submitted, transit_only=True)
        return submitted.survey_id
