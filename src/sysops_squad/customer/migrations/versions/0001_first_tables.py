"""The first tables of the customer database."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("email", sa.String, nullable=False, unique=True),
        sa.Column("support_contract", sa.String),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "support_contract",
        sa.Column("code", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("monthly_price_cents", sa.Integer, nullable=False),
        sa.Column("currency", sa.String, nullable=False),
    )
    op.create_table(
        "card",
        sa.Column("customer_id", sa.String, sa.ForeignKey("customer.id"), primary_key=True),
        sa.Column("last_four", sa.String, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("customer_id", sa.String, sa.ForeignKey("customer.id"), nullable=False, index=True),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "invoice",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("customer_id", sa.String, nullable=False, index=True),
        sa.Column("month", sa.String, nullable=False),
        sa.Column("amount_cents", sa.Integer, nullable=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("customer_id", "month"),
    )
    op.create_table(
        "mail_spool",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("customer_id", sa.String, nullable=False, index=True),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("spooled_at", sa.DateTime(timezone=True), nullable=False),
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
    _make_replica_read_only()


def downgrade() -> None:
    op.drop_table("inbox")
    op.drop_table("outbox_expired")
    op.drop_table("outbox")
    op.drop_table("mail_spool")
    op.drop_table("invoice")
    op.drop_table("ticket")
    op.drop_table("card")
    op.drop_table("support_contract")
    op.drop_table("customer")


def _make_replica_read_only() -> None:
    """On PostgreSQL only the ETL job's principal writes the replica; the role of our units reads it."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON support_contract FROM CURRENT_USER")
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'customer') THEN
                REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON support_contract FROM customer;
            END IF;
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sysops_etl') THEN
                GRANT SELECT, INSERT, UPDATE, DELETE ON support_contract TO sysops_etl;
            END IF;
        END $$
        """
    )
