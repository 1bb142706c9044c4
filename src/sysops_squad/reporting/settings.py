"""The environment of the reporting quantum."""

from pydantic_settings import SettingsConfigDict

from sysops_squad.plumbing.settings import ApiSettings, DatabaseSettings, QuantumSettings


class ReportingDatabaseSettings(DatabaseSettings):
    """What the migrations are told; the role in the URL is the one that owns the tables."""

    model_config = SettingsConfigDict(env_prefix="REPORTING_", hide_input_in_errors=True)


class ReportingSettings(QuantumSettings):
    """Names begin with `REPORTING_`."""

    model_config = SettingsConfigDict(env_prefix="REPORTING_", hide_input_in_errors=True)

    port: int = 8004


class ReportingApiSettings(ApiSettings, ReportingSettings):
    """The API knows its callers."""
