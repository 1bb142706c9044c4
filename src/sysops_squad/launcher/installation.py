"""An embedded installation: one data folder that holds databases, queues, keys and logs."""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sysops_squad.launcher.keys import make_keys
from sysops_squad.launcher.units import EMBEDDED_ENVIRONMENT, UNITS, Unit, address_of, read_environment, with_ports

ADDRESSES_FILE = "addresses.json"
LOCK_FILE = "lock"


class OccupiedError(Exception):
    """Another system runs in the data folder."""


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

    @property
    def transport(self) -> str:
        """What carries the messages: scheme and place, no credentials."""
        url = urlsplit(self.environment["CUSTOMER_MESSAGING_URL"])
        return f"{url.scheme} at {url.hostname}" if url.hostname else f"{url.scheme} files in {url.path[1:]}"

    def database_of(self, unit: Unit) -> str:
        """The name of the database that a process opens: no path, no credentials."""
        url = self.environment[f"{unit.quantum.upper()}_DB_URL"]
        return urlsplit(url).path.rsplit("/", 1)[-1]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others from running in the same folder; `OccupiedError` when one does.

        The lock ends with the process, however that ends.
        """
        with (self.folder / LOCK_FILE).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise OccupiedError(
                    f"a system runs in {self.folder} already: stop it, or choose another --data"
                ) from None
            yield

    @contextmanager
    def announced(self) -> Iterator[None]:
        """Leave the addresses where `demo --data` finds them, for as long as the system runs."""
        path = self.folder / ADDRESSES_FILE
        path.write_text(json.dumps(asdict(self.addresses), indent=2) + "\n")
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def install(folder: Path, first_port: int | None = None, messaging_url: str | None = None) -> Installation:
    """Prepare a data folder. `messaging_url` puts another transport in the place of the embedded queues.

    Raises `KeyFileError` where a key that is there cannot be used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    environment = with_ports(read_environment(EMBEDDED_ENVIRONMENT), first_port)
    if messaging_url is not None:
        environment |= {name: messaging_url for name in environment if name.endswith("_MESSAGING_URL")}
    make_keys(folder)
    return Installation(folder.resolve(), environment)


def running_in(folder: Path) -> Addresses | None:
    """The addresses of the system that runs in a data folder, if one does."""
    path = folder / ADDRESSES_FILE
    return Addresses(**json.loads(path.read_text())) if path.exists() else None
