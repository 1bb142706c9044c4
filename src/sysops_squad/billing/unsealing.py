"""Opening card data that was sealed to billing's public key."""

from pathlib import Path

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, SecretStr

from sysops_squad.plumbing.key_files import private_keys

ALGORITHMS = ["ECDH-ES", "A256GCM"]


class CardUnreadableError(Exception):
    """The sealed card was changed, is for another key, or belongs to another customer."""


class CardDetails(BaseModel):
    """A card in the clear: only ever in memory."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    number: SecretStr
    expiry: str
    holder: SecretStr


class CardOpener:
    """Opens sealed cards with the private key that their `kid` names."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys
        # An allow-list: whatever else the header asks for is refused.
        self._registry = jwe.JWERegistry(algorithms=ALGORITHMS, strict_check_header=False)

    @classmethod
    def from_file(cls, path: Path) -> "CardOpener":
        """Read the private keys, a JWK set; `KeyFileError` when the file holds anything else, or is open to others."""
        return cls(private_keys(path))

    def open(self, customer_id: str, sealed: str) -> CardDetails:
        """The card, if it was sealed to us for this customer."""
        try:
            opened = jwe.decrypt_compact(sealed, self._keys, registry=self._registry)
        except (JoseError, ValueError):
            raise CardUnreadableError(f"the sealed card of customer {customer_id} cannot be opened") from None
        if opened.headers().get("customer_id") != customer_id:
            raise CardUnreadableError(f"the sealed card was made for another customer than {customer_id}")
        if opened.plaintext is None:
            raise CardUnreadableError(f"the sealed card of customer {customer_id} is empty")
        return CardDetails.model_validate_json(opened.plaintext)
