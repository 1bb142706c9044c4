"""Brings the customer database to the newest version, and ends: run as its owner, whom no unit can become."""

from sysops_squad.customer.bootstrap import open_customer_sessions
from sysops_squad.customer.settings import CustomerDatabaseSettings
from sysops_squad.plumbing.processes import prepare_process
from sysops_squad.plumbing.settings import load_settings


def main() -> None:
    prepare_process("customer.migrate")
    open_customer_sessions(load_settings(CustomerDatabaseSettings))


if __name__ == "__main__":
    main()
