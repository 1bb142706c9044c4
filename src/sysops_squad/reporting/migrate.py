"""Brings the reporting database to the newest version, and ends: run as its owner, whom no unit can become."""

from sysops_squad.plumbing.processes import prepare_process
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.reporting.bootstrap import open_reporting_sessions
from sysops_squad.reporting.settings import ReportingDatabaseSettings


def main() -> None:
    prepare_process("reporting.migrate")
    open_reporting_sessions(load_settings(ReportingDatabaseSettings))


if __name__ == "__main__":
    main()
