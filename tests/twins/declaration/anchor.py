"""Twins of ``declaration/anchor``: a rule leans on a sentence that nobody wrote."""

from twinning import Fails, LookAlike, Twin, replace

RULE = "declaration/anchor"
ADR = "docs/adr/ADR-5.md"
SURVEYS = (
    "Survey answers need no reaction. They are pushed to reporting asynchronously"
    " and are not stored in the customer quantum.\n"
)

TWINS = (
    Twin(
        "a sentence of the decision is empty",
        (replace(ADR, SURVEYS, ""),),
        (Fails(RULE, "interaction survey-submitted", "quanta.yaml", "- id: survey-submitted"),),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "the sentence is reworded",
        (replace(ADR, SURVEYS, "Surveys are told to reporting, and kept there only.\n"),),
    ),
)
