"""The environment of the customer quantum."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from sysops_squad.plumbing.settings import QuantumSettings


class CustomerSettings(QuantumSettings):
    """Names begin with `CUSTOMER_`; `billing_key_file` holds billing's public key as a JWK."""

    model_config = SettingsConfigDict(env_prefix="CUSTOMER_", hide_input_in_errors=True)

    billing_key_file: Path = Path("billing-public-key.json")
    port: int = 8001
