"""The message that the reporting quantum receives. A change here is a change of a message schema."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

SURVEY_SUBMITTED = "survey-submitted"

SENDS: tuple[str, ...] = ()
RECEIVES = (SURVEY_SUBMITTED,)


class SurveySubmitted(BaseModel):
    """Received from the customer quantum; fields that are not known are ignored, so that a sender can add one first."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    message_schema: Literal["survey-submitted/1"] = "survey-submitted/1"
    survey_id: str
    customer_id: str
    ticket_id: str
    rating: int
    comment: str
    submitted_at: datetime
