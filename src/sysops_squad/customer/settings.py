"""The environment of the customer quantum."""

from datetime import timedelta

from pydantic import Field, FilePath
from pydantic_settings import SettingsConfigDict

from sysops_squad.customer.attempts import AttemptLimits
from sysops_squad.plumbing.settings import ApiSettings, DatabaseSettings, QuantumSettings


class CustomerDatabaseSettings(DatabaseSettings):
    """What the migrations are told; the role in the URL is the one that owns the tables."""

    model_config = SettingsConfigDict(env_prefix="CUSTOMER_", hide_input_in_errors=True)


class CustomerSettings(QuantumSettings):
    """Names begin with `CUSTOMER_`."""

    model_config = SettingsConfigDict(env_prefix="CUSTOMER_", hide_input_in_errors=True)

    port: int = 8001


class CustomerApiSettings(ApiSettings, CustomerSettings):
    """The API alone seals cards and signs tokens.

    `billing_key_file` holds billing's public key as a JWK, `token_keys_file` our own private keys as a JWK set: the
    first one signs, all are trusted, so that keys can be rotated.
    """

    billing_key_file: FilePath
    token_keys_file: FilePath
    attempts_per_account: int = Field(default=10, ge=1)
    attempts_per_network: int = Field(default=50, ge=1)
    attempts_window_minutes: float = Field(default=15.0, gt=0)

    @property
    def attempt_limits(self) -> AttemptLimits:
        window = timedelta(minutes=self.attempts_window_minutes)
        return AttemptLimits(self.attempts_per_account, self.attempts_per_network, window)
