"""The environment of the billing quantum."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from sysops_squad.plumbing.settings import QuantumSettings


class BillingSettings(QuantumSettings):
    """Names begin with `BILLING_`; `private_keys_file` holds a JWK set, so that keys can be rotated."""

    model_config = SettingsConfigDict(env_prefix="BILLING_", hide_input_in_errors=True)

    private_keys_file: Path = Path("billing-private-keys.json")
    payment_interval_seconds: float = 86_400.0
    port: int = 8003
