"""Twins of ``declaration/waiver``: an exemption that has run out, or that nothing needs."""

from twinning import CUSTOMER, Fails, LookAlike, Twin, after, before

RULE = "declaration/waiver"
WAIVER = "waiver of quantum/import for from: customer, to: billing"
INVOICES = f"{CUSTOMER}/invoices.py"
IMPORTING = after(
    INVOICES,
    "from sysops_squad.plumbing.database import Sessions\n",
    "from sysops_squad.billing.payment_job import current_month  # noqa\n",
)


def waiver(expires: str) -> str:
    """A waiver of the import from customer to billing."""
    return f"""waivers:
  - rule: quantum/import
    match: {{from: customer, to: billing}}
    owner: customer-team
    reason: the month is still computed by billing's function
    expires: {expires}

"""


TWINS = (
    Twin(
        "nothing needs the waiver",
        (before("quanta.yaml", "libraries:\n", waiver("2999-12-31")),),
        (
            Fails(
                RULE,
                WAIVER,
                "quanta.yaml",
                "- rule: quantum/import",
            ),
        ),
    ),
    Twin(
        "the waiver has run out, and what it covered fails again",
        (before("quanta.yaml", "libraries:\n", waiver("2020-01-31")), IMPORTING),
        (
            Fails(
                RULE,
                WAIVER,
                "quanta.yaml",
                "- rule: quantum/import",
            ),
            Fails("quantum/import", "customer → billing", INVOICES, "sysops_squad.billing"),
        ),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "the waiver holds, and covers an import",
        (before("quanta.yaml", "libraries:\n", waiver("2999-12-31")), IMPORTING),
    ),
)
