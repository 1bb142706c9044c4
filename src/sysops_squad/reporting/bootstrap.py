"""What every process of the reporting quantum opens first."""

from pathlib import Path

from sysops_squad.plumbing.database import PlumbingBase, Sessions, migrate, open_database, open_sessions
from sysops_squad.reporting.models import Base
from sysops_squad.reporting.settings import ReportingSettings

MIGRATIONS = Path(__file__).parent / "migrations"


def open_reporting_sessions(settings: ReportingSettings) -> Sessions:
    """Open the reporting database, brought to the newest version."""
    engine = open_database(settings.db_url)
    migrate(engine, MIGRATIONS, [Base.metadata, PlumbingBase.metadata])
    return open_sessions(engine)
