"""Twins of ``data/placement``: card data comes to rest where it must not."""

from twinning import CUSTOMER, SYSOPS, Fails, LookAlike, Twin, after, before, new_file, replace

RULE = "data/placement"
MODELS = f"{CUSTOMER}/models.py"
CARDS = f"{CUSTOMER}/cards.py"
SURVEYS = f"{CUSTOMER}/surveys.py"
LAST_FOUR = "    last_four: Mapped[str]\n"
OTHER_MODELS = '\n\nclass Ticket(Base):\n    """A ticket as its customer sees it.'

WITH_DETAILS = (
    replace(MODELS, "from sqlalchemy import ForeignKey, ", "from sqlalchemy import JSON, ForeignKey, "),
    after(MODELS, LAST_FOUR, "    details: Mapped[dict[str, str]] = mapped_column(JSON)\n"),
)
MERGED = "Card(customer_id=customer_id, last_four=_last_four(new_card), added_at=now())"
SAVED = "            self._send(session, card"

TWINS = (
    Twin(
        "the customer quantum has a column for the card's number",
        (after(MODELS, LAST_FOUR, "    card_number: Mapped[str]\n"),),
        (Fails(RULE, "customer", MODELS, "card_number:"),),
    ),
    Twin(
        "a migration adds the column",
        (
            new_file(
                f"{CUSTOMER}/migrations/versions/0003_card_number.py",
                '''
"""Keep the card's number."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("card", sa.Column("card_number", sa.String))
''',
            ),
        ),
        (Fails(RULE, "customer", f"{CUSTOMER}/migrations/versions/0003_card_number.py", "op.add_column("),),
    ),
    Twin(
        "the details of a card rest in a JSON column",
        (
            *WITH_DETAILS,
            replace(CARDS, MERGED, MERGED.replace("added_at", "details=_details(new_card), added_at")),
        ),
        (Fails(RULE, "customer", CARDS, "details=_details(new_card)"),),
    ),
    Twin(
        "the request's own fields are dumped into a JSON column",
        (
            *WITH_DETAILS,
            replace(CARDS, MERGED, MERGED.replace("added_at", 'details=new_card.model_dump(mode="json"), added_at')),
        ),
        (Fails(RULE, "customer", CARDS, "details=new_card.model_dump("),),
    ),
    Twin(
        "the card's number rests under a harmless name",
        (
            after(MODELS, LAST_FOUR, "    reference: Mapped[str]\n"),
            replace(
                CARDS,
                MERGED,
                MERGED.replace("added_at", "reference=new_card.number.get_secret_value(), added_at"),
            ),
        ),
        (Fails(RULE, "customer", CARDS, "reference=new_card.number"),),
    ),
    Twin(
        "the card goes into the outbox without being sealed",
        (
            replace(
                CARDS,
                "self._sealer.seal(customer_id, _details(new_card))",
                "json.dumps(_details(new_card))",
            ),
            before(CARDS, "from sqlalchemy.orm import Session\n", "import json\n\n"),
        ),
        (Fails(RULE, "customer", CARDS, "self._outbox.add("),),
    ),
    Twin(
        "the answers of surveys are kept in the customer quantum",
        (
            before(
                MODELS,
                OTHER_MODELS,
                '\n\nclass Survey(Base):\n    """An answer."""\n\n    __tablename__ = "survey"\n\n'
                "    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)\n"
                "    rating: Mapped[int]\n",
            ),
        ),
        (Fails(RULE, "customer", MODELS, "rating:"),),
    ),
    Twin(
        "sysops keeps the card's number",
        (after(f"{SYSOPS}/models.py", "    customer_id: Mapped[str]", "\n    card_number: Mapped[str]"),),
        (Fails(RULE, "sysops", f"{SYSOPS}/models.py", "card_number:"),),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "the column holds the last four digits of the card's number",
        (
            replace(MODELS, LAST_FOUR, "    card_number_last4: Mapped[str]\n"),
            replace(CARDS, MERGED, MERGED.replace("last_four=_last", "card_number_last4=_last")),
        ),
    ),
    LookAlike(
        "other things have numbers, expiry and holders as well",
        (
            after(
                MODELS,
                LAST_FOUR,
                "    invoice_number: Mapped[str | None]\n    phone_number: Mapped[str | None]\n"
                "    offer_expires_at: Mapped[datetime | None]\n    place_holder: Mapped[str | None]\n",
            ),
        ),
    ),
    LookAlike(
        "a log line says that there is a new card, with its last four digits",
        (
            before(CARDS, "from sqlalchemy.orm import Session\n", "import logging\n\n"),
            before(CARDS, SAVED, '            logging.info("new card %s goes to billing", card.last_four)\n'),
        ),
    ),
)
