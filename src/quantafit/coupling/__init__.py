"""From symbolic observations and configuration to the coupling map: everything observed between the quanta.

Two things live here that no client library's table may know: the channel join (:mod:`.channels`, :mod:`.messages`) and
what a broker makes of a queue and a message. No I/O: what was read comes in as values.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from quantafit.coupling import databases, links, live_databases, live_permissions, messages, requests
from quantafit.coupling import live as running
from quantafit.coupling.channels import Broker, shown
from quantafit.coupling.entries import programs
from quantafit.coupling.environment import Environment
from quantafit.coupling.targets import Hosts
from quantafit.model import (
    Architecture,
    Configuration,
    CouplingMap,
    Coverage,
    Crossing,
    EvidenceKind,
    Examined,
    LiveEvidence,
    Place,
    QueueStatement,
    Receiver,
    Unresolved,
)
from quantafit.model.observations import SourceEvidence

__all__ = ["couple", "programs"]


def couple(
    architecture: Architecture,
    configuration: Configuration,
    source: SourceEvidence,
    live: LiveEvidence | None = None,
) -> CouplingMap:
    """The coupling map of a system. The same input gives the same map, whatever the order it is read in.

    ``live`` is what the running servers said, None where they were not asked.
    """
    environment = Environment(architecture, configuration)
    broker = Broker(source.observations, configuration, environment)
    hosts = Hosts(architecture, environment)
    hosts.listen(seen for seen in source.observations if seen.does == "listen" or seen.mechanism == "shell")
    stores = databases.Databases(architecture, environment)
    asked, unanswered = requests.join(
        [seen for seen in source.observations if seen.does == "request"], environment, hosts, source.serves
    )
    sent = messages.join([seen for seen in source.observations if seen.does == "publish"], broker, hosts)
    tables = databases.tables(source.observations, stores)
    linked, unlinked = links.join(configuration, stores, hosts)
    told = live_databases.join(live, stores, hosts)
    users = frozenset(user for quantum in architecture.quanta for user in quantum.broker_users)
    crossings = [
        replace(crossing, dormant=True) if _is_dormant(crossing, source.dormant) else crossing
        for crossing in (*asked, *sent.crossings, *databases.crossings(tables), *linked, *told.crossings)
    ]
    return CouplingMap(
        crossings=tuple(sorted(crossings, key=_order)),
        unresolved=tuple(
            sorted({*source.unresolved, *unanswered, *sent.unresolved, *unlinked, *told.unresolved}, key=_place)
        ),
        imports=source.imports,
        tables=tuple(tables),
        datastores=tuple(databases.uses(source.observations, stores)),
        data=(*source.data, *told.data),
        serves=source.serves,
        consumers=tuple(_unfed(broker, sent.fed)),
        documented=links.documented(configuration, stores, hosts),
        publications=(*links.published(configuration, stores, hosts), *told.publications),
        live=live,
        live_queues=tuple(running.queues(live.brokers if live is not None else ())),
        queue_rights=tuple(live_permissions.rights(live.brokers if live is not None else (), users)),
        queue_statements=_statements(broker, live),
        coverage=_coverage(configuration, source, live),
    )


def _is_dormant(crossing: Crossing, dormant: Set[tuple[str, Place]]) -> bool:
    """Whether no code names the function that sends, or none of those that take what is sent."""
    taken = {(receiver.quantum, receiver.evidence[0].place) for receiver in crossing.receivers if receiver.evidence}
    return (crossing.source, crossing.site) in dormant or (bool(taken) and taken <= dormant)


def _statements(broker: Broker, live: LiveEvidence | None) -> tuple[QueueStatement, ...]:
    """What code, definitions and running brokers say of queues."""
    read = [statement for name in sorted(broker.queues) for statement in broker.queues[name].stated]
    told = running.statements(live.brokers if live is not None else ())
    return tuple(sorted((*read, *told), key=lambda one: (one.queue, one.evidence)))


def _unfed(broker: Broker, fed: set[tuple[str, str]]) -> list[Receiver]:
    """Consumers of queues that nobody here publishes to."""
    return [
        Receiver(consumer.quantum, shown(queue), None, None, evidence=consumer.path)
        for (mechanism, queue), consumers in sorted(broker.consumers.items())
        if (mechanism, queue) not in fed
        for consumer in consumers
    ]


def _coverage(configuration: Configuration, source: SourceEvidence, live: LiveEvidence | None) -> Coverage:
    total = Examined(
        sum(one.files for one in source.examined.values()),
        sum(one.functions for one in source.examined.values()),
        sum(one.calls for one in source.examined.values()),
    )
    kinds = [EvidenceKind.SOURCE] if source.examined else []
    if configuration.files:
        kinds.append(EvidenceKind.CONFIGURATION)
    if live is not None:
        kinds.append(EvidenceKind.RUNTIME)
    errors = (*source.errors, *configuration.errors)
    return Coverage(source.examined, total, tuple(kinds), configuration.files, errors, source.other_code)


def _order(crossing: Crossing) -> tuple[str, str, str, str, object, str]:
    return (crossing.source, crossing.target or "", crossing.mechanism, crossing.channel or "", crossing.site,
            crossing.operation)  # fmt: skip


def _place(unresolved: Unresolved) -> tuple[object, ...]:
    return (unresolved.quantum, unresolved.place, unresolved.what, unresolved.why)
