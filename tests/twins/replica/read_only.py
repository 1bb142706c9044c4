"""Twins of ``replica/read-only``: the customer quantum writes the support contracts that sysops owns."""

from twinning import CUSTOMER, Fails, LookAlike, Twin, before, replace

RULE = "replica/read-only"
REGISTRATION = f"{CUSTOMER}/registration.py"
CHOSEN = "            customer.support_contract = offer.code\n"

TWINS = (
    Twin(
        "the customer quantum changes a support contract by SQL",
        (
            replace(REGISTRATION, "from sqlalchemy import select\n", "from sqlalchemy import select, text\n"),
            before(
                REGISTRATION,
                CHOSEN,
                '            session.execute(text("UPDATE support_contract SET monthly_price_cents = 0"))\n',
            ),
        ),
        (Fails(RULE, "support-contracts", REGISTRATION, "UPDATE support_contract"),),
    ),
    Twin(
        "it changes one by an update statement of SQLAlchemy",
        (
            replace(REGISTRATION, "from sqlalchemy import select\n", "from sqlalchemy import select, update\n"),
            before(
                REGISTRATION,
                CHOSEN,
                "            session.execute(update(SupportContract).values(monthly_price_cents=0))\n",
            ),
        ),
        (Fails(RULE, "support-contracts", REGISTRATION, "update(SupportContract)"),),
    ),
    Twin(
        "it adds one",
        (
            before(
                REGISTRATION,
                CHOSEN,
                '            session.add(SupportContract(code="free", name="Free", description="", currency="EUR"))\n',
            ),
        ),
        (Fails(RULE, "support-contracts", REGISTRATION, "session.add(SupportContract("),),
    ),
    Twin(
        "it changes a row that it has read",
        (before(REGISTRATION, CHOSEN, "            offer.monthly_price_cents = 0\n"),),
        (Fails(RULE, "support-contracts", REGISTRATION, "offer.monthly_price_cents = 0"),),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "the customer quantum reads the support contracts by SQL",
        (
            replace(REGISTRATION, "from sqlalchemy import select\n", "from sqlalchemy import select, text\n"),
            before(REGISTRATION, CHOSEN, '            session.execute(text("SELECT name FROM support_contract"))\n'),
        ),
    ),
    LookAlike(
        "a column of the customer's own table is called like the replica, and is written",
        (
            replace(REGISTRATION, "from sqlalchemy import select\n", "from sqlalchemy import select, text\n"),
            before(
                REGISTRATION,
                CHOSEN,
                '            session.execute(text("UPDATE customer SET support_contract = NULL"))\n',
            ),
        ),
    ),
)
