"""Bearer tokens: JSON Web Tokens (RFC 7519), signed by Ed25519 (RFC 8037, RFC 9864).

Who verifies needs public keys only, so no quantum holds what another one signs with. A key belongs to one issuer, and
an issuer vouches for certain roles: whoever takes the customers' key still cannot make an administrator.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import Key, KeySet

from sysops_squad.plumbing.failures import UnauthorizedError
from sysops_squad.plumbing.key_files import KeyFileError, private_keys, public_keys

ALGORITHM = "Ed25519"
"""The only one, whatever a token's header says."""

TYPE = "at+jwt"
"""The header `typ` of an access token (RFC 9068), so that nothing else that is signed is taken for one."""

CLOCK_SKEW = timedelta(seconds=30)
"""How far two machines' clocks may differ."""

LONGEST_LIFE = timedelta(hours=12)
"""A token that was made to live longer is refused, even with a good signature."""

LONGEST_TOKEN = 4_096
"""Characters; ours have some 400."""

CUSTOMERS = "customer"
"""The issuer of the customers' tokens: the customer quantum itself, when they sign in."""

STAFF = "staff"
"""The issuer of the staff's tokens: `python -m sysops_squad token`. No quantum holds its key."""


class Role(StrEnum):
    """What a caller may be."""

    CUSTOMER = "customer"
    EXPERT = "expert"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, by a token that was verified. A customer's subject is the customer's id."""

    subject: str
    role: Role


class TokenIssuer:
    """Signs tokens with the first key of a set."""

    def __init__(self, name: str, keys: KeySet, clock: Callable[[], float] = time.time) -> None:
        self._name = name
        self._key = keys.keys[0]
        self._clock = clock

    @classmethod
    def from_file(cls, name: str, path: Path) -> "TokenIssuer":
        """Read the private keys, a JWK set. Raises `KeyFileError`."""
        return cls(name, _for_signatures(path, private_keys(path)))

    def issue(self, caller: Caller, audience: str, life: timedelta) -> str:
        """A token that is good for one audience, which is the name of a quantum, from now on for a `life`."""
        moment = int(self._clock())
        claims = {
            "iss": self._name,
            "sub": caller.subject,
            "aud": audience,
            "role": caller.role.value,
            "iat": moment,
            "nbf": moment,
            "exp": moment + int(life.total_seconds()),
            "jti": secrets.token_urlsafe(12),
        }
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer, by its public keys, and the roles that its tokens may carry."""

    keys: KeySet
    roles: frozenset[Role]


class TokenVerifier:
    """Tells who calls one audience."""

    def __init__(
        self, audience: str, issuers: Mapping[str, TrustedIssuer], clock: Callable[[], float] = time.time
    ) -> None:
        self._audience = audience
        self._clock = clock
        self._issuers = dict(issuers)
        self._keys: dict[str, tuple[str, Key]] = {}
        for name, issuer in issuers.items():
            for key in issuer.keys.keys:
                key.ensure_kid()
                self._keys[str(key.kid)] = (name, key)

    def verify(self, token: str) -> Caller:
        """Who calls. Raises `UnauthorizedError` for anything but a token for us, in its time, by an issuer we trust."""
        try:
            return self._verified(token)
        except ExpiredTokenError:
            # The signature is good: it tells nothing to those who cannot know it already.
            raise UnauthorizedError("the token has expired: sign in again") from None
        except (JoseError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            raise UnauthorizedError("the token is not valid here") from None

    def _verified(self, token: str) -> Caller:
        if len(token) > LONGEST_TOKEN:
            raise ValueError("too long")
        header = jws.extract_compact(token.encode()).headers()
        if header["typ"] != TYPE:
            raise ValueError("no access token")
        # The key is the one that `kid` names, never one that the header brings along or points to.
        name, key = self._keys[header["kid"]]
        claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
        self._rules(name).validate(claims)
        if not isinstance(claims["aud"], str):
            raise ValueError("more than one audience")
        if claims["exp"] - claims["iat"] > LONGEST_LIFE.total_seconds():
            raise ValueError("lives too long")
        role = Role(claims["role"])
        if role not in self._issuers[name].roles:
            raise ValueError("a role that this issuer does not give")
        return Caller(claims["sub"], role)

    def _rules(self, issuer: str) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(self._clock()),
            leeway=int(CLOCK_SKEW.total_seconds()),
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": self._audience},
            sub={"essential": True},
            role={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nbf={"essential": True},
        )


def staff_only(audience: str, staff_keys: Path) -> TokenVerifier:
    """The verifier of a quantum that only staff call. Raises `KeyFileError`."""
    return TokenVerifier(audience, {STAFF: trusted_staff(staff_keys)})


def trusted_staff(path: Path) -> TrustedIssuer:
    """The staff's issuer by its public keys. Raises `KeyFileError`."""
    return TrustedIssuer(_for_signatures(path, public_keys(path)), frozenset({Role.EXPERT, Role.ADMINISTRATOR}))


def trusted_customers(path: Path) -> TrustedIssuer:
    """The customer quantum's own issuer, by the key with which it signs. Raises `KeyFileError`."""
    return TrustedIssuer(_for_signatures(path, private_keys(path)), frozenset({Role.CUSTOMER}))


def _for_signatures(path: Path, keys: KeySet) -> KeySet:
    if not keys.keys or any(key.as_dict(private=False).get("crv") != "Ed25519" for key in keys.keys):
        raise KeyFileError(f"{path} must hold keys for {ALGORITHM}, at least one and only such")
    return keys
