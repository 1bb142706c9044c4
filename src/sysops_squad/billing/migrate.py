"""Brings the billing database to the newest version, and ends: run as its owner, whom no unit can become."""

from sysops_squad.billing.bootstrap import open_billing_sessions
from sysops_squad.billing.settings import BillingDatabaseSettings
from sysops_squad.plumbing.processes import prepare_process
from sysops_squad.plumbing.settings import load_settings


def main() -> None:
    prepare_process("billing.migrate")
    open_billing_sessions(load_settings(BillingDatabaseSettings))


if __name__ == "__main__":
    main()
