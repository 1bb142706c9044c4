"""A small system as text, and what the engine sees in it.

The line that a test expects carries the comment ``# SITE`` (or another word in capitals), so that the code itself says
where something is to be found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from textwrap import dedent

from quantafit import coupling
from quantafit.app.evaluation import started_programs
from quantafit.evidence import configuration, source
from quantafit.model import (
    Architecture,
    CouplingMap,
    Crossing,
    DataClass,
    Interaction,
    Quantum,
    TableUse,
    TargetKind,
    Unresolved,
)
from quantafit.model.observations import Observation, SourceEvidence
from quantafit.workspace import MemoryWorkspace

QUANTA = (
    Quantum("customer", ("customer",)),
    Quantum("billing", ("billing",), hosts=("billing",)),
    Quantum("sysops", ("sysops",), hosts=("sysops",)),
)

BILLING_CONSUMES_JOBS = """
    import pika

    def work(channel, method, properties, body):
        print(body)
        channel.basic_ack(method.delivery_tag)

    def main():
        channel = pika.BlockingConnection().channel()
        channel.queue_declare("jobs", durable=True)
        channel.basic_consume("jobs", work)
        channel.start_consuming()
"""


@dataclass(frozen=True)
class Seen:
    """What was seen in a tree: the evidence still symbolic, and the coupling map."""

    files: Mapping[str, str]
    evidence: SourceEvidence
    map: CouplingMap

    def marked(self, word: str = "SITE") -> set[str]:
        """The places whose lines carry the comment ``# word``."""
        return {
            f"{path}:{number}"
            for path, text in self.files.items()
            for number, line in enumerate(text.splitlines(), 1)
            if f"# {word}" in line
        }

    def crossings(self, source: str = "customer", mechanism: str | None = None) -> list[Crossing]:
        return [
            crossing
            for crossing in self.map.crossings
            if crossing.source == source and mechanism in (None, crossing.mechanism)
        ]

    def sites(self, target: str | None = "billing", source: str = "customer", mechanism: str | None = None) -> set[str]:
        """Where the crossings to a target start."""
        return {str(one.site) for one in self.crossings(source, mechanism) if one.target == target}

    def to(self, source: str = "customer") -> set[str]:
        """The quanta that a quantum reaches."""
        return {one.target for one in self.crossings(source) if one.target_kind is TargetKind.QUANTUM and one.target}

    def tables(self, operation: str = "write", quantum: str = "customer") -> list[TableUse]:
        return [use for use in self.map.tables if use.quantum == quantum and use.operation == operation]

    def stored(self, table: str, quantum: str = "customer") -> set[str]:
        """Where the writes to a table start."""
        return {str(use.path[0].place) for use in self.tables("write", quantum) if use.table == table}

    def unresolved(self, could_be: str | None = None, quantum: str = "customer") -> list[Unresolved]:
        return [
            one
            for one in self.map.unresolved
            if one.quantum == quantum and (could_be is None or could_be in one.could_be)
        ]

    def observed(self, does: str, quantum: str = "customer") -> list[Observation]:
        return [one for one in self.evidence.observations if one.does == does and one.quantum == quantum]

    def silent(self) -> bool:
        """Whether nothing at all was said of the customer quantum."""
        return not (self.crossings() or self.unresolved() or self.map.tables)


def architecture(
    quanta: Iterable[Quantum] = QUANTA,
    *,
    shared: Iterable[str] = ("shared",),
    interactions: Iterable[Interaction] = (),
    classes: Iterable[DataClass] = (),
    **more: object,
) -> Architecture:
    return Architecture(
        "shop",
        tuple(quanta),
        tuple(shared),
        tuple(interactions),
        data_classes=tuple(classes),
        **more,  # type: ignore[arg-type]
    )


def see(files: Mapping[str, str], declared: Architecture | None = None) -> Seen:
    """Everything seen in a tree of files; texts may be indented."""
    plain = {path: dedent(text).removeprefix("\n") for path, text in files.items()}
    workspace = MemoryWorkspace({path: text.encode() for path, text in plain.items()})
    system = declared or architecture()
    configured = configuration.collect(workspace)
    evidence = source.collect(workspace, system, programs=started_programs(system, workspace, configured))
    return Seen(plain, evidence, coupling.couple(system, configured, evidence))


def customer(text: str, declared: Architecture | None = None, **others: str) -> Seen:
    """What is seen where the customer quantum is one file; ``others`` are further files, ``__`` for ``/``."""
    files = {"customer/app.py": text, "billing/worker.py": BILLING_CONSUMES_JOBS}
    files |= {f"{name.replace('__', '/')}.py": more for name, more in others.items()}
    return see(files, declared)
