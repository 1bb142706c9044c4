"""Twins of ``quantum/shared-datastore``: one quantum opens, or is given, another one's database."""

from twinning import CUSTOMER, Fails, LookAlike, Twin, after, new_file

RULE = "quantum/shared-datastore"
COMPOSE = "deploy/compose.yaml"
ARCHIVE = "ARCHIVE_URL: postgresql+psycopg://archive:${ARCHIVE_PASSWORD:?}@archive-db:5432/archive"
CUSTOMER_ENVIRONMENT = "  environment: &customer-environment\n"


def reading(url: str) -> str:
    """A script of the customer quantum that reads accounts from the database of that address."""
    return f'''
"""Shows which plan a customer pays for."""

import os

from sqlalchemy import text

from sysops_squad.plumbing.database import open_database


def main() -> None:
    engine = open_database({url})
    with engine.connect() as connection:
        print(connection.execute(text("SELECT plan_code FROM account")).all())


if __name__ == "__main__":
    main()
'''


TWINS = (
    Twin(
        "the customer quantum opens billing's database",
        (new_file(f"{CUSTOMER}/accounts.py", reading('"postgresql+psycopg://customer@billing-db:5432/billing"')),),
        (
            Fails(RULE, "customer → billing", f"{CUSTOMER}/accounts.py", "open_database("),
            Fails(RULE, "customer → billing", f"{CUSTOMER}/accounts.py", "connection.execute("),
        ),
    ),
    Twin(
        "it opens it by billing's own variable",
        (new_file(f"{CUSTOMER}/accounts.py", reading('os.environ["BILLING_DB_URL"]')),),
        (
            Fails(RULE, "customer → billing", f"{CUSTOMER}/accounts.py", "open_database("),
            Fails(RULE, "customer → billing", f"{CUSTOMER}/accounts.py", "connection.execute("),
        ),
    ),
    Twin(
        "the deployment gives the customer quantum billing's database",
        (
            after(
                COMPOSE,
                CUSTOMER_ENVIRONMENT,
                "    CUSTOMER_ACCOUNTS_URL: postgresql+psycopg://customer:${CUSTOMER_DB_PASSWORD:?}@billing-db:5432/billing\n",
            ),
        ),
        (Fails(RULE, "customer → billing", COMPOSE, "CUSTOMER_ACCOUNTS_URL:"),),
    ),
    Twin(
        "the deployment gives two quanta one database that is nobody's",
        (
            after(COMPOSE, CUSTOMER_ENVIRONMENT, f"    CUSTOMER_{ARCHIVE}\n"),
            after(COMPOSE, "  environment: &reporting-environment\n", f"    REPORTING_{ARCHIVE}\n"),
        ),
        (Fails(RULE, "reporting → customer", COMPOSE, "REPORTING_ARCHIVE_URL:"),),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "the customer quantum opens its own database a second time",
        (new_file(f"{CUSTOMER}/accounts.py", reading('"postgresql+psycopg://customer@customer-db:5432/customer"')),),
    ),
    LookAlike(
        "a variable of the customer quantum is named after billing and holds no database of it",
        (after(COMPOSE, CUSTOMER_ENVIRONMENT, "    CUSTOMER_BILLING_DB_NOTE: kept by the billing team\n"),),
    ),
)
