"""The ETL job that copies the support contracts into the customers' read-only replica.

It compares all rows of both sides, so it needs no watermark, repairs whatever differs, and running it again changes
nothing. This is the one connection to another quantum's database, with its own principal and for one table.
"""

import asyncio
import logging
from dataclasses import dataclass

from sqlalchemy import Column, Engine, Integer, MetaData, Row, String, Table, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from sysops_squad.plumbing.database import Sessions, open_database
from sysops_squad.plumbing.failures import describe
from sysops_squad.plumbing.processes import run_worker
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.sysops.bootstrap import open_sysops_sessions
from sysops_squad.sysops.models import SupportContract
from sysops_squad.sysops.settings import ContractsEtlSettings

logger = logging.getLogger(__name__)

REPLICA = Table(
    "support_contract",
    MetaData(),
    Column("code", String, primary_key=True),
    Column("name", String),
    Column("description", String),
    Column("monthly_price_cents", Integer),
    Column("currency", String),
)
"""The columns that both sides have agreed on; the customers' migrations make the table."""

Contracts = dict[str, dict[str, str | int]]


@dataclass(frozen=True, slots=True)
class Changes:
    """How many rows one run has changed in the replica."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    def __bool__(self) -> bool:
        return bool(self.inserted or self.updated or self.deleted)


class ContractsEtl:
    """Makes the replica equal to the support contracts of sysops."""

    def __init__(self, source: Sessions, replica: Engine) -> None:
        self._source = source
        self._replica = replica

    def run_once(self) -> Changes:
        """One run: what it changes, it changes in one transaction."""
        wanted = self._extract()
        with self._replica.begin() as connection:
            present = {row.code: _values(row) for row in connection.execute(select(REPLICA))}
            new = [values for code, values in wanted.items() if code not in present]
            changed = [values for code, values in wanted.items() if code in present and present[code] != values]
            gone = [code for code in present if code not in wanted]
            if new:
                connection.execute(insert(REPLICA), new)
            for values in changed:
                connection.execute(update(REPLICA).where(REPLICA.c.code == values["code"]).values(values))
            if gone:
                connection.execute(delete(REPLICA).where(REPLICA.c.code.in_(gone)))
        return Changes(len(new), len(changed), len(gone))

    async def run(self, interval: float) -> None:
        """Run every `interval` seconds until cancelled; a run that fails is logged and made good by the next."""
        while True:
            try:
                changes = await asyncio.to_thread(self.run_once)
                if changes:
                    logger.info("replica: %s", changes)
            except SQLAlchemyError as error:
                logger.warning("the replica could not be reached: %s", describe(error))
            await asyncio.sleep(interval)

    def _extract(self) -> Contracts:
        with self._source() as session:
            return {contract.code: _values(contract) for contract in session.scalars(select(SupportContract))}


def _values(contract: SupportContract | Row[tuple[str, str, str, int, str]]) -> dict[str, str | int]:
    return {
        "code": contract.code,
        "name": contract.name,
        "description": contract.description,
        "monthly_price_cents": contract.monthly_price_cents,
        "currency": contract.currency,
    }


def main() -> None:
    settings = load_settings(ContractsEtlSettings)
    etl = ContractsEtl(open_sysops_sessions(settings), open_database(settings.customer_replica_url))

    async def work() -> None:
        await etl.run(settings.etl_interval_seconds)

    run_worker("sysops.contracts_etl", work)


if __name__ == "__main__":
    main()
