"""The development launcher: starts all processes on one machine and drives one customer's story through them.

It belongs to no quantum. It starts their processes and talks to their APIs; it imports none of their code.
"""

from sysops_squad.launcher.cli import main

__all__ = ["main"]
