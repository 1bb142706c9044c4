"""What every process of the reporting quantum opens first."""

from pathlib import Path

from sysops_squad.plumbing.database import PlumbingBase, Sessions, open_migrated
from sysops_squad.plumbing.settings import DatabaseSettings
from sysops_squad.reporting.models import Base

MIGRATIONS = Path(__file__).parent / "migrations"


def open_reporting_sessions(settings: DatabaseSettings) -> Sessions:
    """Open the reporting database at the newest version."""
    metadata = [Base.metadata, PlumbingBase.metadata]
    return open_migrated(settings.db_url, MIGRATIONS, metadata, patience=settings.db_patience_seconds)
