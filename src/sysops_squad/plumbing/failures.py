"""How failures are named in logs and dead letters."""

import traceback


def describe(error: BaseException) -> str:
    """Type and place of an error, without its text: a validation error quotes its input, which may be card data."""
    frames = traceback.extract_tb(error.__traceback__)
    name = type(error).__name__
    if not frames:
        return name
    last = frames[-1]
    return f"{name} in {last.name} ({last.filename.rsplit('/', 1)[-1]}:{last.lineno})"
