"""Brings the sysops database to the newest version, and ends: run as its owner, whom no unit can become."""

from sysops_squad.plumbing.processes import prepare_process
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.sysops.bootstrap import open_sysops_sessions
from sysops_squad.sysops.settings import SysopsDatabaseSettings


def main() -> None:
    prepare_process("sysops.migrate")
    open_sysops_sessions(load_settings(SysopsDatabaseSettings))


if __name__ == "__main__":
    main()
