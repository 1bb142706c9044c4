"""The environment of the sysops quantum."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from sysops_squad.plumbing.settings import ApiSettings, DatabaseSettings, QuantumSettings


class SysopsDatabaseSettings(DatabaseSettings):
    """What the migrations are told; the role in the URL is the one that owns the tables."""

    model_config = SettingsConfigDict(env_prefix="SYSOPS_", hide_input_in_errors=True)


class SysopsSettings(QuantumSettings):
    """Names begin with `SYSOPS_`."""

    model_config = SettingsConfigDict(env_prefix="SYSOPS_", hide_input_in_errors=True)

    port: int = 8002


class ContractsEtlSettings(SysopsSettings):
    """The ETL job also has a principal of its own at the customer's database, good for one table."""

    customer_replica_url: str = Field(repr=False, validation_alias="CUSTOMER_REPLICA_URL")
    etl_interval_seconds: float = 10.0


class SysopsApiSettings(ApiSettings, SysopsSettings):
    """The API knows its callers."""
