"""Passwords: kept as Argon2id hashes only (RFC 9106), which tell nobody what they were made of."""

import os
import threading
from functools import cache

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from pydantic import SecretStr

ITERATIONS = 2
MEMORY_KIB = 19_456
LANES = 1
"""Two passes over 19 MiB: the least that OWASP's Password Storage Cheat Sheet recommends for Argon2id."""

_AT_ONCE = threading.BoundedSemaphore(4)
"""Many who sign in together must not use up the memory: four hashes at a time, the others wait."""


def hash_password(password: SecretStr) -> str:
    """A hash with a salt of its own, as a PHC string."""
    kdf = Argon2id(salt=os.urandom(16), length=32, iterations=ITERATIONS, lanes=LANES, memory_cost=MEMORY_KIB)
    with _AT_ONCE:
        return kdf.derive_phc_encoded(_bytes(password))


def matches(password: SecretStr, kept: str | None) -> bool:
    """Whether a hash is that of the password; where there is none, as much work is done, and the answer is no."""
    nobodys = _hash_of_nobody()
    with _AT_ONCE:
        try:
            Argon2id.verify_phc_encoded(_bytes(password), kept or nobodys)
        except InvalidKey:
            return False
    return kept is not None


@cache
def _hash_of_nobody() -> str:
    return hash_password(SecretStr(os.urandom(16).hex()))


def _bytes(password: SecretStr) -> bytes:
    return password.get_secret_value().encode()
