"""Reading key files: a private one is refused when anybody but its owner could read or change it.

A file of root's may be readable for a group, as long as the process is not root itself: so a container that may not be
root is given secrets. It is the rule that PostgreSQL has for the key of its server.
"""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet


class KeyFileError(Exception):
    """The key file cannot be used; the text says why and shows nothing of it."""


def read_public(path: Path) -> Any:
    """The JSON in a file of public keys. Raises `KeyFileError`."""
    return _read(path, private=False)


def read_private(path: Path) -> Any:
    """The JSON in a file of private keys. Raises `KeyFileError`, also where others than its owner have rights on it."""
    return _read(path, private=True)


def public_keys(path: Path) -> KeySet:
    """A JWK set of public keys. Raises `KeyFileError` when the file holds anything else."""
    with wrong_content(path, "no set of public keys"):
        keys = KeySet.import_key_set(read_public(path))
    if any(key.is_private for key in keys.keys):
        raise KeyFileError(f"{path} must hold public keys, and only such")
    return keys


def private_keys(path: Path) -> KeySet:
    """A JWK set of private keys. Raises `KeyFileError` when the file holds anything else, or is open to others."""
    with wrong_content(path, "no set of private keys"):
        keys = KeySet.import_key_set(read_private(path))
    if not all(key.is_private for key in keys.keys):
        raise KeyFileError(f"{path} must hold private keys, and only such")
    return keys


@contextmanager
def wrong_content(path: Path, what: str) -> Iterator[None]:
    """Turn what a parser of keys stumbles over into a `KeyFileError` that quotes nothing of the file."""
    try:
        yield
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise KeyFileError(f"{path} holds {what} ({type(error).__name__})") from None


def _read(path: Path, *, private: bool) -> Any:
    try:
        with path.open("rb") as file:
            if private:
                # Of the opened file, so that no other can be put in its place between the question and the reading.
                _refuse_foreign_rights(path, os.fstat(file.fileno()))
            return json.loads(file.read())
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read: {error.strerror}") from None


def _refuse_foreign_rights(path: Path, status: os.stat_result) -> None:
    mode = stat.S_IMODE(status.st_mode)
    given_by_root = status.st_uid == 0 and os.geteuid() != 0
    if mode & (0o037 if given_by_root else 0o077):
        raise KeyFileError(
            f"{path} holds private keys, and others than its owner may use it (mode {mode:04o}): chmod 600 {path}"
        )
    if status.st_uid not in (os.geteuid(), 0):
        raise KeyFileError(
            f"{path} holds private keys, and belongs to another user (uid {status.st_uid}): chown {os.geteuid()} {path}"
        )
