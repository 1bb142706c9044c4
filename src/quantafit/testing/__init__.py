"""For architects' own tests: claims about a system, in words, over the same evaluation that ``quantafit check`` makes.

>>> from quantafit.testing import examine
>>> system = examine("quanta.yaml")                                                    # doctest: +SKIP
>>> system.quantum("customer").makes_no_synchronous_call_to("billing")                 # doctest: +SKIP
>>> system.interaction("invoice-issued").is_durable().is_persistent()                  # doctest: +SKIP

A claim that does not hold, or that nothing proves, raises AssertionError with the report's own text. With the pytest
plugin the same is at hand as the fixtures ``architecture_evidence``, ``quanta`` and ``interaction``.
"""

from quantafit.testing.claims import (
    ArchitectureEvidence,
    ArchitectureWarning,
    InteractionClaims,
    QuantumClaims,
    examine,
    examine_tree,
)
from quantafit.testing.drills import Drills, drills
from quantafit.testing.twins import patched, tree, twin

__all__ = [
    "ArchitectureEvidence",
    "ArchitectureWarning",
    "Drills",
    "InteractionClaims",
    "QuantumClaims",
    "drills",
    "examine",
    "examine_tree",
    "patched",
    "tree",
    "twin",
]
