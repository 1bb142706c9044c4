"""Small values to couple: units, terms and observations, as the collectors give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from quantafit.coupling import couple
from quantafit.coupling.environment import Environment
from quantafit.model import (
    Architecture,
    Binding,
    Configuration,
    CouplingMap,
    Crossing,
    Evidence,
    EvidenceKind,
    Place,
    Quantum,
    Role,
    Unit,
)
from quantafit.model.observations import Observation, SourceEvidence
from quantafit.model.terms import Literal, Term, Variable

CUSTOMER = Quantum("customer", ("src/shop/customer",))
BILLING = Quantum("billing", ("src/shop/billing",))
SYSOPS = Quantum("sysops", ("src/shop/sysops",))
COMPOSE = Place("compose.yaml", 1)


def architecture(*quanta: Quantum, **more: object) -> Architecture:
    return Architecture("shop", quanta or (CUSTOMER, BILLING, SYSOPS), **more)  # type: ignore[arg-type]


def unit(name: str, environment: Mapping[str, str] | None = None, **more: object) -> Unit:
    bindings = tuple(Binding(key, value, COMPOSE) for key, value in (environment or {}).items())
    return Unit(name, COMPOSE, environment=bindings, **more)  # type: ignore[arg-type]


def environment(declared: Architecture, *units: Unit, **env_files: Mapping[str, str]) -> Environment:
    """The environment of units; ``env_files`` are files by name, with ``__`` for ``.``."""
    files = {
        name.replace("__", "."): tuple(
            Binding(key, value, Place(name.replace("__", "."), 1)) for key, value in values.items()
        )
        for name, values in env_files.items()
    }
    return Environment(declared, Configuration(units=units, env_files=files, files=("compose.yaml",)))


def term(value: object) -> Term:
    """A term: texts and numbers as they are, ``$NAME`` as an environment variable."""
    if isinstance(value, str) and value.startswith("$"):
        name, _, default = value[1:].partition("=")
        return Variable(name, Literal(default) if default else None)
    if isinstance(value, str | int | bool) or value is None:
        return Literal(value)
    return value  # type: ignore[return-value]


def seen(
    quantum: str, does: str, line: int = 1, mechanism: str = "amqp", connection: str = "", **slots: object
) -> Observation:
    place = Place(f"src/shop/{quantum}/app.py", line, 1, "go")
    path = (Evidence(EvidenceKind.SOURCE, Role.CALL, place, f"{does}(…)"),)
    terms = {name.replace("__", ":"): term(value) for name, value in slots.items()}
    return Observation(quantum, does, mechanism, f"library.{does}", path, terms, connection=connection)


def coupled(
    observations: Iterable[Observation],
    declared: Architecture | None = None,
    configuration: Configuration | None = None,
) -> CouplingMap:
    return couple(declared or architecture(), configuration or Configuration(), SourceEvidence(tuple(observations)))


def reached(found: CouplingMap) -> set[tuple[str, str | None, str | None]]:
    """Who reaches whom over which channel."""
    return {(one.source, one.target, one.channel) for one in found.crossings}


def only(found: CouplingMap) -> Crossing:
    assert len(found.crossings) == 1, reached(found)
    return found.crossings[0]
