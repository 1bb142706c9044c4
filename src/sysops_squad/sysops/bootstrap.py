"""What every process of the sysops quantum opens first."""

from datetime import timedelta
from pathlib import Path

from sysops_squad.plumbing.database import PlumbingBase, Sessions, migrate, open_database, open_sessions
from sysops_squad.plumbing.outbox import Outbox
from sysops_squad.sysops.models import Base
from sysops_squad.sysops.settings import SysopsSettings

MIGRATIONS = Path(__file__).parent / "migrations"


def open_sysops_sessions(settings: SysopsSettings) -> Sessions:
    """Open the sysops database, brought to the newest version."""
    engine = open_database(settings.db_url)
    migrate(engine, MIGRATIONS, [Base.metadata, PlumbingBase.metadata])
    return open_sessions(engine)


def outbox_for(settings: SysopsSettings) -> Outbox:
    return Outbox(timedelta(hours=settings.outbox_max_age_hours))
