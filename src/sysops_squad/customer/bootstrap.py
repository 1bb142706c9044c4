"""What every process of the customer quantum opens first."""

from datetime import timedelta
from pathlib import Path

from sysops_squad.customer.models import Base
from sysops_squad.customer.settings import CustomerSettings
from sysops_squad.plumbing.database import PlumbingBase, Sessions, open_migrated
from sysops_squad.plumbing.outbox import Outbox
from sysops_squad.plumbing.settings import DatabaseSettings

MIGRATIONS = Path(__file__).parent / "migrations"


def open_customer_sessions(settings: DatabaseSettings) -> Sessions:
    """Open the customer database at the newest version."""
    metadata = [Base.metadata, PlumbingBase.metadata]
    return open_migrated(settings.db_url, MIGRATIONS, metadata, patience=settings.db_patience_seconds)


def outbox_for(settings: CustomerSettings) -> Outbox:
    return Outbox(timedelta(hours=settings.outbox_max_age_hours))
