"""An embedded installation: one data folder that holds databases, queues, keys and logs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sysops_squad.launcher.keys import make_billing_keys
from sysops_squad.launcher.units import EMBEDDED_ENVIRONMENT, UNITS, address_of, read_environment, with_ports

ADDRESSES_FILE = "addresses.json"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the four APIs listen."""

    customer: str
    sysops: str
    billing: str
    reporting: str


@dataclass(frozen=True, slots=True)
class Installation:
    """A data folder and the environment of the system in it."""

    folder: Path
    environment: Mapping[str, str]

    @property
    def addresses(self) -> Addresses:
        return Addresses(**{unit.quantum: address_of(unit, self.environment) or "" for unit in UNITS if unit.port_name})

    def publish_addresses(self) -> None:
        """Leave the addresses where `demo --data` finds them."""
        places = {unit.quantum: address_of(unit, self.environment) for unit in UNITS if unit.port_name}
        (self.folder / ADDRESSES_FILE).write_text(json.dumps(places, indent=2) + "\n")

    def withdraw_addresses(self) -> None:
        (self.folder / ADDRESSES_FILE).unlink(missing_ok=True)


def install(folder: Path, first_port: int | None = None, messaging_url: str | None = None) -> Installation:
    """Prepare a data folder. `messaging_url` puts another transport in the place of the embedded queues."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = with_ports(read_environment(EMBEDDED_ENVIRONMENT), first_port)
    if messaging_url is not None:
        environment |= {name: messaging_url for name in environment if name.endswith("_MESSAGING_URL")}
    make_billing_keys(
        public=folder / environment["CUSTOMER_BILLING_KEY_FILE"],
        private=folder / environment["BILLING_PRIVATE_KEYS_FILE"],
    )
    return Installation(folder.resolve(), environment)


def running_in(folder: Path) -> Addresses | None:
    """The addresses of the system that runs in a data folder, if one does."""
    path = folder / ADDRESSES_FILE
    return Addresses(**json.loads(path.read_text())) if path.exists() else None
