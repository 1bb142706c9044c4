"""The coupling map as a graph: every way from one quantum to another, and the quanta that really act as one.

networkx is imported when a question is asked; a run of the gate asks none.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from quantafit.model import Communication, CouplingMap, Crossing, TargetKind

Step = tuple[Crossing, ...]
"""All crossings between two neighbours on a way."""

MOST_WAYS = 50


def ways(coupling: CouplingMap, source: str, target: str) -> tuple[tuple[Step, ...], ...]:
    """Every way from one quantum to another that visits no quantum twice, shortest first; at most ``MOST_WAYS``."""
    import networkx

    graph: networkx.DiGraph[str] = networkx.DiGraph()
    for crossing in _between_quanta(coupling.crossings):
        graph.add_edge(crossing.source, str(crossing.target))
    if source not in graph or target not in graph:
        return ()
    found: list[list[str]] = []
    for nodes in networkx.all_simple_paths(graph, source, target):
        found.append(nodes)
        if len(found) >= 20 * MOST_WAYS:
            break
    found.sort(key=lambda nodes: (len(nodes), nodes))
    return tuple(tuple(_step(coupling, one, other) for one, other in pairwise(nodes)) for nodes in found[:MOST_WAYS])


def effective_quanta(coupling: CouplingMap, declared: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The quanta that really are: those that wait for each other or share a database count as one.

    Synchronous dynamic coupling ties operational characteristics together, and a shared datastore is static coupling
    (*Software Architecture: The Hard Parts*, 2021). What a replica's feeder writes does not merge quanta: the declared
    replication is judged by a rule of its own, so database writes are left out here, reads are not.
    """
    import networkx

    graph: networkx.Graph[str] = networkx.Graph()
    graph.add_nodes_from(declared)
    for crossing in _between_quanta(coupling.crossings):
        if crossing.mechanism == "database":
            merges = crossing.operation == "read" and not _feeds(coupling, crossing)
        else:
            merges = crossing.communication is Communication.SYNCHRONOUS
        if merges:
            graph.add_edge(crossing.source, str(crossing.target))
    groups = [tuple(sorted(group)) for group in networkx.connected_components(graph)]
    return tuple(sorted(groups))


def _feeds(coupling: CouplingMap, read: Crossing) -> bool:
    """Whether a read belongs to a job that writes the same tables there: it compares before it writes."""
    written = {
        table
        for crossing in coupling.crossings
        if (crossing.source, crossing.target, crossing.operation) == (read.source, read.target, "write")
        for table in crossing.tables
    }
    return set(read.tables) <= written


def _step(coupling: CouplingMap, source: str, target: str) -> Step:
    return tuple(one for one in _between_quanta(coupling.crossings) if (one.source, one.target) == (source, target))


def _between_quanta(crossings: Iterable[Crossing]) -> Iterable[Crossing]:
    return (one for one in crossings if one.target_kind is TargetKind.QUANTUM and one.target is not None)
