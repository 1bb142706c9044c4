"""Tokens: which are let in, and that nothing else is, however it is put together."""

import base64
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, OKPKey, RSAKey
from squad_support import Issuers, signing_keys

from sysops_squad.plumbing.failures import UnauthorizedError
from sysops_squad.plumbing.tokens import (
    ALGORITHM,
    CLOCK_SKEW,
    CUSTOMERS,
    LONGEST_LIFE,
    STAFF,
    TYPE,
    Caller,
    Role,
    TokenIssuer,
    TokenVerifier,
    TrustedIssuer,
)

ISSUERS = Issuers()
KEY = ISSUERS.customer_keys.keys[0]
STAFF_KEY = ISSUERS.staff_keys.keys[0]
VERIFIER = ISSUERS.verifier("customer")
HOUR = timedelta(hours=1)
SECONDS_OF_SKEW = int(CLOCK_SKEW.total_seconds())


def claims(**changes: Any) -> dict[str, Any]:
    """Those of a good token, with changes; a claim that is None is left out."""
    moment = int(time.time())
    good = {
        "iss": CUSTOMERS,
        "sub": "c1",
        "aud": "customer",
        "role": "customer",
        "iat": moment,
        "nbf": moment,
        "exp": moment + 60,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(changes: dict[str, Any] | None = None, *, key: Any = KEY, **header: Any) -> str:
    head = {"alg": ALGORITHM, "typ": TYPE, "kid": key.kid, **header}
    return jwt.encode(head, claims(**(changes or {})), key, algorithms=[head["alg"]])


def by_hand(header: Any, payload: Any, signature: bytes = b"") -> str:
    return ".".join(encoded(part) for part in (json.dumps(header).encode(), json.dumps(payload).encode(), signature))


def signed_by_hand(header: Any, payload: Any) -> str:
    """With a good signature, whatever the header says."""
    text = by_hand(header, payload).removesuffix(".")
    return f"{text}.{encoded(KEY.private_key.sign(text.encode()))}"


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def refused(token: str, verifier: TokenVerifier = VERIFIER) -> str:
    with pytest.raises(UnauthorizedError) as failure:
        verifier.verify(token)
    return str(failure.value)


@given(st.text(min_size=1, max_size=100), st.sampled_from([Role.EXPERT, Role.ADMINISTRATOR]))
def test_what_an_issuer_says_is_what_the_verifier_reads(subject: str, role: Role) -> None:
    token = ISSUERS.staff.issue(Caller(subject, role), "billing", HOUR)
    assert ISSUERS.verifier("billing").verify(token) == Caller(subject, role)


def test_a_token_signed_by_hand_as_ours_are_is_let_in() -> None:
    """Else the refusals below would prove nothing."""
    assert VERIFIER.verify(signed()) == Caller("c1", Role.CUSTOMER)
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": KEY.kid}
    assert VERIFIER.verify(signed_by_hand(header, claims())) == Caller("c1", Role.CUSTOMER)


@pytest.mark.parametrize("audience", ["sysops", "billing", "reporting", "customers", "", "*"])
def test_a_token_for_another_quantum_is_refused(audience: str) -> None:
    refused(ISSUERS.staff.issue(Caller("grace", Role.ADMINISTRATOR), audience, HOUR))


@pytest.mark.parametrize(
    "change",
    [
        *[{name: None} for name in ("iss", "sub", "aud", "role", "iat", "nbf", "exp")],
        *[{name: [1]} for name in ("iss", "sub", "aud", "role", "iat", "nbf", "exp")],
        {"aud": ["customer"]},
        {"aud": ["customer", "billing"]},
        {"role": ["customer"]},
        {"role": "administrator"},
        {"role": "root"},
        {"iss": STAFF},
        {"sub": ""},
        {"exp": True},
        {"exp": "2099"},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": 10**400},
    ],
    ids=str,
)
def test_a_token_with_a_claim_that_is_missing_or_wrong_is_refused(change: dict[str, Any]) -> None:
    assert refused(signed(change)) == "the token is not valid here"


def test_the_clocks_may_differ_a_little_and_no_more() -> None:
    moment = int(time.time())
    for late, skewed in (("exp", -1), ("nbf", 1), ("iat", 1)):
        assert VERIFIER.verify(signed({late: moment + skewed * (SECONDS_OF_SKEW - 5)}))
        refused(signed({late: moment + skewed * (SECONDS_OF_SKEW + 5)}))
    assert refused(signed({"exp": moment - SECONDS_OF_SKEW - 1})) == "the token has expired: sign in again"


def test_a_token_that_lives_too_long_is_refused_although_its_signature_is_good() -> None:
    assert VERIFIER.verify(ISSUERS.customers.issue(Caller("c1", Role.CUSTOMER), "customer", LONGEST_LIFE))
    refused(ISSUERS.customers.issue(Caller("c1", Role.CUSTOMER), "customer", LONGEST_LIFE + timedelta(seconds=1)))


def test_an_issuer_gives_only_its_own_roles() -> None:
    """Who has taken the customers' key makes no administrator, and the staff's issuer no customer."""
    refused(ISSUERS.customers.issue(Caller("eve", Role.ADMINISTRATOR), "customer", HOUR))
    refused(ISSUERS.staff.issue(Caller("c1", Role.CUSTOMER), "customer", HOUR))
    refused(TokenIssuer(STAFF, ISSUERS.customer_keys).issue(Caller("eve", Role.ADMINISTRATOR), "customer", HOUR))


def test_a_customer_s_token_opens_no_other_quantum() -> None:
    for quantum in ("sysops", "billing", "reporting"):
        token = ISSUERS.customers.issue(Caller("c1", Role.CUSTOMER), quantum, HOUR)
        refused(token, ISSUERS.verifier(quantum))


def test_a_foreign_key_is_refused_also_under_the_name_of_ours() -> None:
    stranger = signing_keys().keys[0]
    refused(signed(key=stranger))
    refused(signed(key=stranger, kid=KEY.kid))


def test_a_key_that_the_token_brings_along_or_points_to_is_not_used() -> None:
    stranger = signing_keys().keys[0]
    nowhere = "http://127.0.0.1:1/"
    for bait in ({"jwk": stranger.as_dict(private=False)}, {"jku": nowhere}, {"x5u": nowhere}):
        refused(signed(key=stranger, kid=KEY.kid, **bait))


def test_no_other_algorithm_is_accepted() -> None:
    public = json.dumps(KEY.as_dict(private=False))
    header = {"typ": TYPE, "kid": KEY.kid}
    for secret in (public, KEY.as_dict(private=False)["x"]):
        # The confusion: our public key, which everybody may know, taken for the secret of an HMAC.
        refused(jwt.encode({**header, "alg": "HS256"}, claims(), OctKey.import_key(secret), ["HS256"]))
    refused(jwt.encode({**header, "alg": "RS256"}, claims(), RSAKey.generate_key(2048), ["RS256"]))


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_the_old_name_of_our_algorithm_is_another_one() -> None:
    refused(signed(alg="EdDSA"))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, ["Ed25519"], 1])
def test_an_unsigned_token_is_refused(algorithm: Any) -> None:
    header = {"alg": algorithm, "typ": TYPE, "kid": KEY.kid}
    for token in (by_hand(header, claims()), signed_by_hand(header, claims())):
        refused(token)


@pytest.mark.parametrize(
    "header",
    [{"typ": "JWT"}, {"typ": None}, {"kid": None}, {"kid": ["x"]}, {"kid": "x"}, {"crit": ["b64"], "b64": False}],
    ids=str,
)
def test_a_header_that_is_not_as_ours_is_refused(header: dict[str, Any]) -> None:
    whole = {"alg": ALGORITHM, "typ": TYPE, "kid": KEY.kid, **header}
    refused(signed_by_hand({name: value for name, value in whole.items() if value is not None}, claims()))


@given(st.integers(min_value=0), st.binary(min_size=1, max_size=1))
def test_a_token_of_which_one_character_was_changed_is_refused(place: int, byte: bytes) -> None:
    good = signed()
    place %= len(good)
    changed = good[:place] + byte.decode("latin-1") + good[place + 1 :]
    # The last character of 64 bytes in base64 has bits that mean nothing: the same signature, written differently.
    same = changed == good or (place == len(good) - 1 and _signature(changed) == _signature(good))
    if not same:
        refused(changed)


@given(st.one_of(st.text(), st.lists(st.text(alphabet="abcXYZ019-_="), min_size=1, max_size=6).map(".".join)))
def test_a_text_that_is_no_token_is_refused(text: str) -> None:
    refused(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["iss", "sub", "aud", "role", "iat", "nbf", "exp", "jti"])


@given(st.dictionaries(NAMES, JSON, min_size=1))
def test_claims_of_any_shape_are_refused_or_are_a_customer_s(changes: dict[str, Any]) -> None:
    """Signed with our own key: whatever gets in has a text for a subject, and the role that the issuer gives."""
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": KEY.kid}
    try:
        caller = VERIFIER.verify(signed_by_hand(header, {**claims(), **changes}))
    except UnauthorizedError:
        return
    assert caller.role is Role.CUSTOMER
    assert isinstance(caller.subject, str)
    assert caller.subject


@given(JSON, JSON)
def test_a_header_and_a_payload_of_any_shape_are_refused_without_a_signature(header: Any, payload: Any) -> None:
    refused(by_hand(header, payload, b"\0" * 64))


@pytest.mark.parametrize(
    "hostile",
    [
        lambda: "a" * 1_000_000,
        lambda: "." * 5_000,
        lambda: base64.urlsafe_b64encode(b"[" * 3_000).decode() + ".e30.",
        lambda: base64.urlsafe_b64encode(b'{"typ":' + b"9" * 2_500 + b"}").decode() + ".e30.",
    ],
    ids=["long", "dots", "nested", "digits"],
)
def test_a_hostile_text_is_refused_quickly(hostile: Callable[[], str]) -> None:
    started = time.process_time()
    refused(hostile())
    assert time.process_time() - started < 0.5


def test_the_keys_of_a_verifier_may_be_public_ones_only() -> None:
    public = KeySet([OKPKey.import_key(STAFF_KEY.as_dict(private=False))])
    verifier = TokenVerifier("billing", {STAFF: TrustedIssuer(public, frozenset({Role.ADMINISTRATOR}))})
    token = ISSUERS.staff.issue(Caller("grace", Role.ADMINISTRATOR), "billing", HOUR)
    assert verifier.verify(token) == Caller("grace", Role.ADMINISTRATOR)


def test_while_keys_are_rotated_both_are_trusted() -> None:
    old, new = signing_keys().keys[0], signing_keys().keys[0]
    both = Issuers(customer_keys=KeySet([new, old]))
    for key in (old, new):
        token = TokenIssuer(CUSTOMERS, KeySet([key])).issue(Caller("c1", Role.CUSTOMER), "customer", HOUR)
        assert both.verifier("customer").verify(token) == Caller("c1", Role.CUSTOMER)
    token = both.customers.issue(Caller("c1", Role.CUSTOMER), "customer", HOUR)
    refused(token, Issuers(customer_keys=KeySet([old])).verifier("customer"))


def _signature(token: str) -> bytes | None:
    text = token.rpartition(".")[2]
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
