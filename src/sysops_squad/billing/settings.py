"""The environment of the billing quantum."""

from pydantic import FilePath
from pydantic_settings import SettingsConfigDict

from sysops_squad.plumbing.settings import ApiSettings, DatabaseSettings, QuantumSettings


class BillingDatabaseSettings(DatabaseSettings):
    """What the migrations are told; the role in the URL is the one that owns the tables."""

    model_config = SettingsConfigDict(env_prefix="BILLING_", hide_input_in_errors=True)


class BillingSettings(QuantumSettings):
    """Names begin with `BILLING_`."""

    model_config = SettingsConfigDict(env_prefix="BILLING_", hide_input_in_errors=True)

    payment_interval_seconds: float = 86_400.0
    port: int = 8003


class IntakeSettings(BillingSettings):
    """The intake alone opens cards; `private_keys_file` holds a JWK set, so that keys can be rotated."""

    private_keys_file: FilePath


class BillingApiSettings(ApiSettings, BillingSettings):
    """The API knows its callers."""
