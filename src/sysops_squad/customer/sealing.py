"""Sealing card data so that billing alone can read it."""

import json
from pathlib import Path

from joserfc import jwe
from joserfc.jwk import OKPKey

from sysops_squad.plumbing.key_files import KeyFileError, read_public, wrong_content

ALGORITHM = "ECDH-ES"
ENCRYPTION = "A256GCM"


class CardSealer:
    """Encrypts to billing's public key (X25519).

    The customer's id is bound in the authenticated header, so a sealed card cannot be moved to another customer.
    """

    def __init__(self, billing_key: OKPKey) -> None:
        self._key = billing_key
        # An allow-list, and the check of header names off because customer_id is a name of our own.
        self._registry = jwe.JWERegistry(algorithms=[ALGORITHM, ENCRYPTION], strict_check_header=False)

    @classmethod
    def from_file(cls, path: Path) -> "CardSealer":
        """Read billing's public key, a JWK with a `kid`; `KeyFileError` when the file holds anything else."""
        with wrong_content(path, "no public key for X25519"):
            key = OKPKey.import_key(read_public(path))
        if key.is_private:
            raise KeyFileError(f"{path} holds billing's private key, which the customer quantum must not have")
        return cls(key)

    def seal(self, customer_id: str, card: dict[str, str]) -> str:
        """The card as a compact JWE."""
        header = {"alg": ALGORITHM, "enc": ENCRYPTION, "kid": self._key.kid, "customer_id": customer_id}
        return jwe.encrypt_compact(header, json.dumps(card), self._key, registry=self._registry)
