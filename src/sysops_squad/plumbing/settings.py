"""What every process of every quantum is told by its environment."""

import sys
from typing import TypeVar

from pydantic import Field, FilePath, ValidationError, field_validator
from pydantic_settings import BaseSettings
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from sysops_squad.plumbing.transport import open_transport


class DatabaseSettings(BaseSettings):
    """Where a quantum's database is: all that its migrations need."""

    db_url: str = Field(repr=False)
    db_patience_seconds: float = 30.0

    @field_validator("db_url")
    @classmethod
    def _names_a_database(cls, url: str) -> str:
        try:
            make_url(url)
        except ArgumentError:
            raise ValueError("this is no database URL: write sqlite:///FILE or postgresql+psycopg://…") from None
        return url


class QuantumSettings(DatabaseSettings):
    """Base of a quantum's settings; each quantum adds the prefix of its environment names."""

    messaging_url: str = Field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    outbox_max_age_hours: float = 24.0
    relay_poll_seconds: float = 0.05

    @field_validator("messaging_url")
    @classmethod
    def _names_a_transport(cls, url: str) -> str:
        open_transport(url)
        return url


class ApiSettings(BaseSettings):
    """What an API needs beside the settings of its quantum, which stand last among the bases: theirs is the prefix.

    `staff_keys_file` holds the public keys of the staff's issuer, a JWK set. `trusted_proxies` are the addresses, with
    commas between them, whose `X-Forwarded-For` is believed.
    """

    staff_keys_file: FilePath
    trusted_proxies: str = ""


SomeSettings = TypeVar("SomeSettings", bound=BaseSettings)


def load_settings(kind: type[SomeSettings]) -> SomeSettings:
    """Read the environment, or end the process with one line per setting that is missing or wrong."""
    try:
        return kind()
    except ValidationError as error:
        prefix = kind.model_config.get("env_prefix", "")
        for problem in error.errors(include_input=False, include_url=False):
            print(f"{_variable(prefix, str(problem['loc'][0]))}: {problem['msg']}", file=sys.stderr)
        raise SystemExit(2) from None


def _variable(prefix: str, name: str) -> str:
    return name if name.isupper() else f"{prefix}{name.upper()}"
