"""What every process of the customer quantum opens first."""

from datetime import timedelta
from pathlib import Path

from sysops_squad.customer.models import Base
from sysops_squad.customer.settings import CustomerSettings
from sysops_squad.plumbing.database import PlumbingBase, Sessions, open_migrated
from sysops_squad.plumbing.outbox import Outbox

MIGRATIONS = Path(__file__).parent / "migrations"


def open_customer_sessions(settings: CustomerSettings) -> Sessions:
    """Open the customer database, brought to the newest version."""
    return open_migrated(settings.db_url, MIGRATIONS, [Base.metadata, PlumbingBase.metadata])


def outbox_for(settings: CustomerSettings) -> Outbox:
    return Outbox(timedelta(hours=settings.outbox_max_age_hours))
