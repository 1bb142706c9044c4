"""The processes of the system, and what each is told by its environment."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
EMBEDDED_ENVIRONMENT = SOURCE.parent / "deploy" / "embedded.env"


@dataclass(frozen=True, slots=True)
class Unit:
    """One process. `needs` are prefixes of the environment names that it gets; an API has a `port_name`."""

    name: str
    needs: tuple[str, ...]
    port_name: str | None = None

    @property
    def quantum(self) -> str:
        return self.name.split(".")[0]

    @property
    def module(self) -> str:
        return f"sysops_squad.{self.name}"


UNITS = (
    Unit("customer.api", ("CUSTOMER_", "CUSTOMER_TOKEN_KEYS_FILE"), "CUSTOMER_PORT"),
    Unit("customer.relay", ("CUSTOMER_",)),
    Unit("customer.inbox", ("CUSTOMER_",)),
    Unit("customer.notification", ("CUSTOMER_",)),
    Unit("sysops.api", ("SYSOPS_",), "SYSOPS_PORT"),
    Unit("sysops.relay", ("SYSOPS_",)),
    Unit("sysops.inbox", ("SYSOPS_",)),
    Unit("sysops.contracts_etl", ("SYSOPS_", "CUSTOMER_REPLICA_URL")),
    Unit("billing.api", ("BILLING_",), "BILLING_PORT"),
    Unit("billing.intake", ("BILLING_", "BILLING_PRIVATE_KEYS_FILE")),
    Unit("billing.payment_job", ("BILLING_",)),
    Unit("billing.relay", ("BILLING_",)),
    Unit("reporting.api", ("REPORTING_",), "REPORTING_PORT"),
    Unit("reporting.intake", ("REPORTING_",)),
)

REPLICA = "CUSTOMER_REPLICA_URL"
"""Where the ETL job writes. A system whose database copies the support contracts by itself is not told."""

_INTERNAL = (REPLICA, "CUSTOMER_TOKEN_KEYS_FILE", "BILLING_PRIVATE_KEYS_FILE")
"""Names that a prefix alone does not give: only a unit that needs the whole name gets them."""


def units_in(system: Mapping[str, str]) -> tuple[Unit, ...]:
    """The units that a system with this environment runs: without a replica to write, there is no ETL job."""
    return tuple(unit for unit in UNITS if REPLICA in system or REPLICA not in unit.needs)


def read_environment(path: Path) -> dict[str, str]:
    """Read `NAME=value` lines; comments and empty lines are skipped."""
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def with_ports(environment: Mapping[str, str], first: int | None) -> dict[str, str]:
    """Give each API a port: free ones, or `first` and those after it."""
    names = [unit.port_name for unit in UNITS if unit.port_name]
    ports = _free_ports(len(names)) if first is None else range(first, first + len(names))
    return {**environment, **{name: str(port) for name, port in zip(names, ports, strict=True)}}


def environment_of(unit: Unit, system: Mapping[str, str]) -> dict[str, str]:
    """What one process gets: the machine's environment, and of the system's only what it needs."""
    machine = {name: value for name, value in os.environ.items() if not _belongs_to_system(name)}
    own = {name: value for name, value in system.items() if _is_for(unit, name)}
    return {**machine, **own, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"}


def address_of(unit: Unit, system: Mapping[str, str]) -> str | None:
    """Where the API of a unit listens, if it has one."""
    return f"http://127.0.0.1:{system[unit.port_name]}" if unit.port_name else None


def _is_for(unit: Unit, name: str) -> bool:
    return name in unit.needs or (name not in _INTERNAL and name.startswith(unit.needs))


def _belongs_to_system(name: str) -> bool:
    return any(name.startswith(unit.needs) for unit in UNITS)


def _free_ports(count: int) -> list[int]:
    # All are held open together, so that no port is given twice.
    holders = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [holder.getsockname()[1] for holder in holders]
    finally:
        for holder in holders:
            holder.close()
