"""All keys of a system, made in one folder: a folder for each quantum, and one for those who make tokens for staff.

A private key is made once, in a file of mode 0600, and never replaced; the public halves are written from it each time.
"""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey

from sysops_squad.plumbing.key_files import private_keys
from sysops_squad.plumbing.tokens import STAFF, Caller, Role, TokenIssuer

BILLING_PRIVATE = Path("billing", "private-keys.json")
BILLING_PUBLIC = Path("customer", "billing-public-key.json")
CUSTOMER_TOKENS = Path("customer", "token-keys.json")
STAFF_PRIVATE = Path("staff", "private-keys.json")
STAFF_PUBLIC = tuple(Path(quantum, "staff-keys.json") for quantum in ("customer", "sysops", "billing", "reporting"))


def make_keys(folder: Path) -> None:
    """Make the keys that are not there. Raises `KeyFileError` where one that is there cannot be used."""
    for path, curve in ((BILLING_PRIVATE, "X25519"), (CUSTOMER_TOKENS, "Ed25519"), (STAFF_PRIVATE, "Ed25519")):
        _make_private(folder / path, curve)
    (newest, *_), staff = _public(folder / BILLING_PRIVATE), _public(folder / STAFF_PRIVATE)
    _write(folder / BILLING_PUBLIC, newest, 0o644)
    for path in STAFF_PUBLIC:
        _write(folder / path, {"keys": staff}, 0o644)


def staff_token(folder: Path, subject: str, role: Role, quantum: str, life: timedelta) -> str:
    """A token of someone of the staff for one quantum. Raises `KeyFileError`."""
    return TokenIssuer.from_file(STAFF, folder / STAFF_PRIVATE).issue(Caller(subject, role), quantum, life)


def _make_private(path: Path, curve: str) -> None:
    if path.exists():
        return
    key = OKPKey.generate_key(curve, private=True)
    key.ensure_kid()
    # A set, so that keys can be rotated: the first one is in use, those behind it still open what they were used for.
    _write(path, {"keys": [key.as_dict(private=True)]}, 0o600)


def _public(path: Path) -> list[dict[str, Any]]:
    return [dict(key.as_dict(private=False)) for key in private_keys(path).keys]


def _write(path: Path, content: dict[str, Any], mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Beside it and then in its place, so that no half of a key is ever read.
    fresh = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
    fresh.replace(path)
