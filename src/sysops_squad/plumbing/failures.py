"""Failures that the quanta tell of, and how others are named in logs and dead letters."""

import traceback

from sqlalchemy.exc import DBAPIError


class NotFoundError(Exception):
    """There is no such thing; the text says which."""


class ConflictError(Exception):
    """The request does not fit the present state; the text says why."""


class UnauthorizedError(Exception):
    """Nobody knows who calls; the text says why, and nothing that only the right caller may know."""


class ForbiddenError(Exception):
    """It is known who calls, and that this is not theirs to do."""


class TooManyAttemptsError(Exception):
    """There were too many attempts; `seconds` is when the next one may be made."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts: try again in {seconds} seconds")
        self.seconds = seconds


def describe(error: BaseException) -> str:
    """Type and place of an error, without its text: a validation error quotes its input, which may be card data."""
    frames = traceback.extract_tb(error.__traceback__)
    name = type(error).__name__
    if not frames:
        return name
    last = frames[-1]
    return f"{name} in {last.name} ({last.filename.rsplit('/', 1)[-1]}:{last.lineno})"


def unusable(error: DBAPIError) -> str:
    """The sentence for a database that fails us."""
    return f"the database cannot be used: {one_line(error)}"


def one_line(error: DBAPIError) -> str:
    """What a database says itself, without the statement and its values; `describe` would leave that out."""
    lines = [line.strip() for line in str(error.orig).splitlines() if line.strip()]
    return lines[0] if lines else type(error.orig).__name__
