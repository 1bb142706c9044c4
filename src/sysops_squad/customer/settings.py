"""The environment of the customer quantum."""

from pydantic import FilePath
from pydantic_settings import SettingsConfigDict

from sysops_squad.plumbing.settings import QuantumSettings


class CustomerSettings(QuantumSettings):
    """Names begin with `CUSTOMER_`."""

    model_config = SettingsConfigDict(env_prefix="CUSTOMER_", hide_input_in_errors=True)

    port: int = 8001


class CustomerApiSettings(CustomerSettings):
    """The API alone seals cards; `billing_key_file` holds billing's public key as a JWK."""

    billing_key_file: FilePath
