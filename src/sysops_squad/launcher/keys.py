"""Billing's key pair for development: the private half readable by billing's user only."""

import json
import os
from pathlib import Path

from joserfc.jwk import OKPKey


def make_billing_keys(public: Path, private: Path) -> None:
    """Make a key pair unless there is one; the private file is a JWK set, so that keys can be rotated."""
    if public.exists() and private.exists():
        return
    key = OKPKey.generate_key("X25519", private=True)
    key.ensure_kid()
    _write(private, json.dumps({"keys": [key.as_dict(private=True)]}), 0o600)
    _write(public, json.dumps(key.as_dict(private=False)), 0o644)


def _write(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
