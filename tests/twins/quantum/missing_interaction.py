"""Twins of ``quantum/missing-interaction``: quanta.yaml declares what no code does."""

from twinning import CUSTOMER, Fails, LookAlike, Twin, after, before, replace, without_delivery

RULE = "quantum/missing-interaction"
SURVEYS = f"{CUSTOMER}/surveys.py"

REFUND = """interactions:
  - id: refund-issued
    adr: ADR-5#invoices
    from: billing
    to: customer
    style: message
    channel: refund-issued

"""

TWINS = (
    Twin(
        "an interaction is declared that no code has",
        (replace("quanta.yaml", "interactions:\n", REFUND),),
        (Fails(RULE, "refund-issued", "quanta.yaml", "- id: refund-issued"),),
    ),
    Twin(
        "the customer quantum does not send surveys any more",
        (
            replace(
                SURVEYS,
                "            self._outbox.add(session, SURVEY_SUBMITTED, submitted, transit_only=True)\n",
                "",
            ),
        ),
        (Fails(RULE, "survey-submitted", "quanta.yaml", "- id: survey-submitted"),),
        without_delivery("survey-submitted"),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "the sending moves into a function of its own",
        (
            replace(
                SURVEYS,
                "            self._outbox.add(session, SURVEY_SUBMITTED, submitted, transit_only=True)\n",
                "            self._pass_on(session, submitted)\n",
            ),
            before(SURVEYS, "from sysops_squad.customer.messages", "from sqlalchemy.orm import Session\n"),
            after(
                SURVEYS,
                "        return submitted.survey_id\n",
                "\n    def _pass_on(self, session: Session, submitted: SurveySubmitted) -> None:\n"
                "        self._outbox.add(session, SURVEY_SUBMITTED, submitted, transit_only=True)\n",
            ),
        ),
    ),
)
