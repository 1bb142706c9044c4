"""The first tables of the billing database."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("customer_id", sa.String, primary_key=True),
        sa.Column("plan_code", sa.String),
        sa.Column("monthly_price_cents", sa.Integer),
        sa.Column("currency", sa.String),
        sa.Column("plan_chosen_at", sa.DateTime(timezone=True)),
        sa.Column("sealed_card", sa.String),
        sa.Column("card_last_four", sa.String),
        sa.Column("card_added_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "invoice",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("customer_id", sa.String, sa.ForeignKey("account.customer_id"), nullable=False),
        sa.Column("month", sa.String, nullable=False),
        sa.Column("amount_cents", sa.Integer, nullable=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("customer_id", "month"),
    )
    op.create_table(
        "outbox",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("message_id", sa.String, nullable=False, unique=True),
        sa.Column("queue", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("transit_only", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.String),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outbox_expired",
        sa.Column("message_id", sa.String, primary_key=True),
        sa.Column("queue", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.String),
    )
    op.create_table(
        "inbox",
        sa.Column("queue", sa.String, primary_key=True),
        sa.Column("message_id", sa.String, primary_key=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("inbox")
    op.drop_table("outbox_expired")
    op.drop_table("outbox")
    op.drop_table("invoice")
    op.drop_table("account")
