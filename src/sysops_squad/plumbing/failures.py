"""Failures that the quanta tell of, and how others are named in logs and dead letters."""

import traceback


class NotFoundError(Exception):
    """There is no such thing; the text says which."""


class ConflictError(Exception):
    """The request does not fit the present state; the text says why."""


def describe(error: BaseException) -> str:
    """Type and place of an error, without its text: a validation error quotes its input, which may be card data."""
    frames = traceback.extract_tb(error.__traceback__)
    name = type(error).__name__
    if not frames:
        return name
    last = frames[-1]
    return f"{name} in {last.name} ({last.filename.rsplit('/', 1)[-1]}:{last.lineno})"
