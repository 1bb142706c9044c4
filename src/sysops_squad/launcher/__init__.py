"""The development launcher: starts all processes on one machine and drives one customer's story through them.

It belongs to no quantum. It starts their processes and talks to their APIs; of their code it imports only the names of
their queues, from which it exports what the broker holds.
"""

from sysops_squad.launcher.cli import main

__all__ = ["main"]
