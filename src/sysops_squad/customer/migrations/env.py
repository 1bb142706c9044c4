"""Run by Alembic: the migrations of the customer database."""

from alembic import context

from sysops_squad.plumbing.database import run_migrations

run_migrations(context.config.attributes["connection"], context.config.attributes["metadata"])
