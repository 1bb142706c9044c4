"""The command line: ``quantafit check``, ``observe``, ``explain``, ``graph``, ``schema``.

Nothing heavy is imported here: a command imports what it needs when it runs.
"""

from quantafit.cli.main import main

__all__ = ["main"]
