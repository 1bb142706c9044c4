"""The principal that the customers' database follows us by may read the published columns of the support contracts."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Where the deployment has chosen replication: deploy/postgresql/publication.sql publishes the same columns.
_COLUMNS = "code, name, description, monthly_price_cents, currency"


def upgrade() -> None:
    _for_the_replication("GRANT SELECT", "TO")


def downgrade() -> None:
    _for_the_replication("REVOKE SELECT", "FROM")


def _for_the_replication(what: str, whom: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        f"""
        DO $$ BEGIN
            {what} ({_COLUMNS}) ON support_contract {whom} customer_replication;
        EXCEPTION WHEN undefined_object THEN
            NULL; -- a deployment without replication has no such role
        END $$
        """
    )
