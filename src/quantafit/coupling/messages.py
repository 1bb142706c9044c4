"""Publishes to crossings: one for each site and each quantum that consumes, with its delivery facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from quantafit.coupling import brokerless, channels, meeting
from quantafit.coupling.channels import Broker
from quantafit.coupling.resolve import HOLE, Resolved
from quantafit.coupling.targets import Hosts
from quantafit.model import (
    Acknowledgement,
    Clue,
    Communication,
    Crossing,
    Evidence,
    EvidenceKind,
    Fact,
    Place,
    Receiver,
    Role,
    Step,
    TargetKind,
    Ternary,
    Unresolved,
)
from quantafit.model.observations import WHOEVER_ASKED, Observation

_NO_RECEIVER = "nobody here consumes it"
_MADE_AT_RUN_TIME = "the routing key is made at run time"
_MOST_WAITING = 4
"""So many queues a message may wait in on its way."""


@dataclass(slots=True)
class Joined:
    """What the channel join found."""

    crossings: list[Crossing] = field(default_factory=list)
    unresolved: list[Unresolved] = field(default_factory=list)
    fed: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Route:
    """One way of a message: the channel's name, the queue it ends in and the binding that took it there.

    ``through`` are the queues that keep it on its way there; ``alike``: a name on it is only known to be written alike;
    ``mechanism`` is that of the queue, where it is another one than the publish's.
    """

    channel: str
    queue: str
    binding: Evidence | None
    evidence: tuple[Evidence, ...] = ()
    clues: tuple[Clue, ...] = ()
    through: tuple[str, ...] = ()
    alike: bool = False
    mechanism: str = ""

    @property
    def queues(self) -> tuple[str, ...]:
        """All the queues that have to keep the message."""
        return (*self.through, self.queue)


def join(publishes: Sequence[Observation], broker: Broker, hosts: Hosts) -> Joined:
    """Join every publish to the quanta that consume it."""
    joined = Joined()
    asking = [publish for publish in publishes if _asks(publish, broker)]
    sent = [_send(publish, broker, hosts, asking) for publish in publishes]
    replies = _Replies(sent)
    for publish, routes, by_target, inside, doubts in sent:
        if broker.texts(publish, "channel") == [WHOEVER_ASKED]:
            continue
        joined.unresolved.extend(_unresolved(publish, why) for why in doubts)
        if not routes:
            joined.crossings.append(_unrouted(publish, None, broker))
            continue
        kind = channels.queues_of(publish.mechanism)
        joined.fed.update((kind, route.queue) for route in routes if broker.taking(kind, route.queue))
        reached_by_hand = (route for reached in by_target.values() for route, _ in reached if route.mechanism)
        joined.fed.update((route.mechanism, route.queue) for route in reached_by_hand)
        for target, reached in by_target.items():
            answered = publish.synchronous or replies.end(publish, target)
            joined.crossings.append(_crossing(replace(publish, synchronous=answered), target, reached, broker))
            why = "" if answered else replies.may_end(publish, target)
            if why:
                joined.unresolved.append(Unresolved(publish.quantum, publish.library, why, publish.site, ("request",)))
            if any(broker.modelled(publish) or broker.modelled(consumer) for _, consumer in reached):
                why = f"that {target} takes {reached[0][0].channel} is only told by a file for people to copy"
                joined.unresolved.append(_unresolved(publish, why))
            for route, consumer in reached:
                if route.alike or (
                    consumer in broker.consumers.get((publish.mechanism, route.queue), ()) and HOLE in route.queue
                ):
                    why = f"{target} is reached by a name that is only known to be written alike: {route.channel}"
                    joined.unresolved.append(_unresolved(publish, why))
        waits = publish.synchronous or all(replies.end(publish, target) for target in by_target)
        if _asks(publish, broker) and not waits and by_target:
            why = "the message names a queue for a reply, and whether anybody waits for it could not be told"
            joined.unresolved.append(Unresolved(publish.quantum, publish.library, why, publish.site, ("request",)))
        if not by_target and not inside:
            joined.crossings.append(_unrouted(publish, routes[0], broker))
            unknown = [one for one in broker.uncertain if one.mechanism == publish.mechanism]
            if unknown and any(one.quantum != publish.quantum for one in unknown):
                why = "a consumer's queue could not be told, it may be this one"
                joined.unresolved.append(_unresolved(publish, why))
            exchange = routes[0].queue.rpartition("/")[0] if "exchange" in publish.slots else ""
            binder = broker.may_bind(exchange, publish.quantum) if exchange and routes[0].binding is None else None
            if binder is not None:
                why = f"{binder} binds a queue to an exchange of which not all is known, it may be this one"
                joined.unresolved.append(_unresolved(publish, why))
    joined.unresolved += _unsubscribed(sent, broker, joined.fed)
    return joined


def _unsubscribed(sent: Sequence[Sent], broker: Broker, fed: set[tuple[str, str]]) -> Iterator[Unresolved]:
    """Topics of which nothing says who is subscribed, beside queues of which nothing says what is put in them."""
    for publish, routes, by_target, inside, _ in sent:
        if by_target or inside or not routes or not channels.fans_out(publish.mechanism):
            continue
        kind = channels.queues_of(publish.mechanism)
        kept = next((route for route in routes if route.binding is not None), None)
        if kept is not None:
            queue = channels.shown(kept.queue)
            yield _unresolved(
                publish, f"{queue} is subscribed to {kept.channel}, and who takes of it is not said in code"
            )
            continue
        for (mechanism, queue), consumers in broker.consumers.items():
            others = [one.quantum for one in consumers if one.quantum != publish.quantum]
            if mechanism == kind and (mechanism, queue) not in fed and others:
                why = (
                    f"which queues are subscribed to {routes[0].channel} is not said here, "
                    f"nor what comes into {channels.shown(queue)}, of which {others[0]} takes"
                )
                yield _unresolved(publish, why)


class Sent(NamedTuple):
    """A publish with its ways, and who takes it at the end of each: other quanta, and whether its own does."""

    publish: Observation
    routes: list[Route]
    by_target: dict[str, list[tuple[Route, Observation]]]
    inside: bool
    doubts: list[str]


def _send(publish: Observation, broker: Broker, hosts: Hosts, asking: Sequence[Observation]) -> Sent:
    routes, doubts = _routes(publish, broker, asking)
    routes = [one for route in routes for one in _alike(route, publish, broker)]
    by_target: dict[str, list[tuple[Route, Observation]]] = defaultdict(list)
    inside = False
    for route in [*routes, *_by_hand(publish, routes, broker)]:
        for consumer, sure in _takers(publish, route, broker, hosts):
            if meeting.strangers(publish, consumer, broker):
                continue
            if consumer.quantum == publish.quantum:
                inside = True
            elif why := meeting.elsewhere(publish, consumer, broker):
                doubts.append(why)
            else:
                by_target[consumer.quantum].append((route if sure else replace(route, alike=True), consumer))
    return Sent(publish, routes, by_target, inside, doubts)


_Waiting = tuple[str, Place, Place]
"""A subscription, by its quantum and the ends of its path, whose messages end a waiting."""


class _Replies:
    """Who sends messages that end the waiting of others."""

    def __init__(self, sent: Sequence[Sent]) -> None:
        self._enders: dict[_Waiting, set[str]] = defaultdict(set)
        self._onward: dict[str, set[str]] = defaultdict(set)
        self._untold = {one.publish.quantum for one in sent if one.doubts or not one.routes}
        for one in sent:
            for target, reached in one.by_target.items():
                self._onward[one.publish.quantum].add(target)
                for _, consumer in reached:
                    self._enders[(target, consumer.path[0].place, consumer.path[-1].place)].add(one.publish.quantum)
        self._explained = {
            waiting
            for one in sent
            for waiting in _waiting(one.publish)
            if self._enders[waiting].intersection(one.by_target)
        }

    def end(self, publish: Observation, target: str) -> bool:
        """Whether the receiver sends a message that ends a waiting which follows the publish: it is an answer then."""
        return any(target in self._enders[waiting] for waiting in _waiting(publish))

    def may_end(self, publish: Observation, target: str) -> str:
        """Why a waiting that nothing else ends may hang on the receiver all the same; empty where it does not."""
        open_ = [waiting for waiting in _waiting(publish) if waiting not in self._explained]
        if open_ and target in self._untold:
            return f"somebody waits after it, and where {target} sends a message of its own could not be told"
        behind = self._behind(target)
        for waiting in open_:
            for ender in sorted(self._enders[waiting] & behind):
                return f"somebody waits after it for what {ender} sends, to whom {target} leads"
        return ""

    def _behind(self, quantum: str) -> set[str]:
        """The quanta to which messages of one lead, by way of others."""
        found: set[str] = set()
        pending = [quantum]
        while pending:
            for onward in self._onward.get(pending.pop(), ()):
                if onward not in found:
                    found.add(onward)
                    pending.append(onward)
        return found


def _waiting(publish: Observation) -> Iterator[_Waiting]:
    return ((publish.quantum, *places) for places in publish.awaits)


def _routes(publish: Observation, broker: Broker, asking: Sequence[Observation]) -> tuple[list[Route], list[str]]:
    """Where a message goes, and why it cannot be told where else it may go: an unknown name beside a known one too."""
    if "exchange" not in publish.slots:
        return _by_name(publish, broker, "channel")
    routes: list[Route] = []
    doubts: dict[str, None] = {}
    keys = broker.resolved(publish, "routing_key")
    exchanges = broker.resolved(publish, "exchange") or (Resolved(""),)
    for exchange in exchanges:
        alike = channels.is_open(exchange)
        if (exchange.text is not None and not exchange.whole and not alike) or (exchange.text is None and exchange.why):
            doubts[exchange.why or "the exchange is made at run time"] = None
            continue
        name = exchange.text or ""
        for key in keys or (Resolved(None),):
            if name == "" and key.text == "":
                routes.extend(_replies(publish, broker, asking))
                continue
            if not key.whole and name == "":
                open_ = key.text if key.text and channels.is_open(key) else None
                route = Route(channels.shown(open_ or ""), open_ or "", None, key.evidence, key.clues)
                if open_ and _has_takers(publish, open_, broker):
                    routes.append(route)
                elif open_ and broker.passed_on(open_, open_):  # a queue of its own for each message that has to wait
                    routes.extend(_onward(replace(route, alike=True), open_, broker))
                else:
                    doubts[key.why or _MADE_AT_RUN_TIME] = None
                continue
            text = key.text if key.whole or (name and channels.is_open(key)) else None
            label = channels.shown((text or "") if name == "" else f"{name}/{text if text is not None else '?'}")
            evidence, clues = (*exchange.evidence, *key.evidence), (*exchange.clues, *key.clues)
            found = broker.routes(name, text, publish.quantum)
            for queue, binding in found:
                part = alike or (text is not None and channels.is_open(key))
                routes.extend(_onward(Route(label, queue, binding, evidence, clues, alike=part), text, broker))
            if not found and alike:
                doubts[exchange.why or _MADE_AT_RUN_TIME] = None
            elif not found:
                routes.append(Route(label, f"{name}/{text}", None, evidence, clues))
    return routes, list(doubts) if routes else [*doubts][-1:] or [_MADE_AT_RUN_TIME]


def _takers(publish: Observation, route: Route, broker: Broker, hosts: Hosts) -> Iterator[tuple[Observation, bool]]:
    """Who takes at the end of a way, and whether that is sure."""
    if publish.mechanism == brokerless.MECHANISM:
        yield from brokerless.takers(publish, route.queue, broker, hosts)
    else:
        yield from ((one, True) for one in broker.taking(route.mechanism or publish.mechanism, route.queue))


def _by_hand(publish: Observation, routes: Sequence[Route], broker: Broker) -> Iterator[Route]:
    """The queue in which a task waits, for those who take of it by themselves and not by the name of the task."""
    kept_in = {"redis" if scheme in channels.REDIS else "amqp" for scheme in broker.schemes(publish) or ("amqp",)}
    for queue in broker.texts(publish, "queue") if publish.mechanism == "celery" and routes else ():
        yield from (replace(routes[0], queue=queue, mechanism=one) for one in sorted(kept_in))


def _alike(route: Route, publish: Observation, broker: Broker) -> list[Route]:
    """A way to a queue of which only a part of the name is known: to those that people take from whose names fit."""
    if HOLE not in route.queue or broker.taking(publish.mechanism, route.queue):
        return [route]
    kept = (*route.through, *((route.queue,) if route.queue in broker.queues else ()))
    fitting = broker.alike(publish.mechanism, route.queue)
    return [replace(route, queue=name, through=kept, alike=True) for name in fitting] or [route]


def _onward(route: Route, key: str | None, broker: Broker) -> list[Route]:
    """A way that ends in a queue of which nobody takes goes on with its dead letters; a way round ends where it was."""
    further = [] if len(route.through) >= _MOST_WAITING else broker.passed_on(route.queue, key)
    found = [
        onward
        for queue, binding in further
        if queue not in route.through
        for onward in _onward(replace(route, queue=queue, binding=binding, through=route.queues), key, broker)
    ]
    return found or [route]


def _by_name(publish: Observation, broker: Broker, slot: str) -> tuple[list[Route], list[str]]:
    routes: list[Route] = []
    doubts: dict[str, None] = {}
    for value in broker.resolved(publish, slot):
        known = value.whole or (channels.is_open(value) and _has_takers(publish, value.text or "", broker))
        if value.text and known:
            routes.append(Route(channels.shown(value.text), value.text, None, value.evidence, value.clues))
        elif value.why:
            doubts[value.why] = None
    if channels.fans_out(publish.mechanism):
        routes = [
            replace(route, queue=queue, binding=binding)
            for route in routes
            for queue, binding in broker.routes(route.queue, None) or [(f"{route.queue}/", None)]
        ]
    return routes, list(doubts) if routes else [*doubts][:1] or ["the channel's name is made at run time"]


def _has_takers(publish: Observation, name: str, broker: Broker) -> bool:
    """Whether anybody takes of a channel of which a part of the name is known, or of one whose name fits."""
    if publish.mechanism == brokerless.MECHANISM:
        return True
    return bool(broker.taking(publish.mechanism, name) or broker.alike(publish.mechanism, name))


def _replies(publish: Observation, broker: Broker, asking: Sequence[Observation]) -> Iterator[Route]:
    """A reply goes to the queue that the request named: to whoever sends this quantum requests with a reply queue."""
    for request in asking:
        for route in _routes(request, broker, ())[0]:
            consumers = broker.consumers.get((request.mechanism, route.queue), ())
            if any(consumer.quantum == publish.quantum for consumer in consumers):
                yield Route("reply", broker.named("", request), None)


def _asks(publish: Observation, broker: Broker) -> bool:
    return any(value.text is not None or value.why for value in broker.resolved(publish, "reply_to"))


# Crossings ----------------------------------------------------------------------------------------------------------


def _crossing(
    publish: Observation, target: str, reached: Sequence[tuple[Route, Observation]], broker: Broker
) -> Crossing:
    persist, confirm = _persist(publish, broker, reached[0][1]), _confirm(publish, broker, reached[0][1])
    if persist.value is False and all(_replicated(route, broker) for route, _ in reached):
        reason = "delivery mode 1, or none: the quorum queue writes the message all the same, its dead letter is lost"
        persist = Fact(False, reason, persist.evidence)
    receivers = tuple(_receiver(publish, route, consumer, persist, broker) for route, consumer in reached)
    worst = _worst([receiver.durable for receiver in receivers])
    acknowledgement = _worst_acknowledgement(receivers)
    store = _worst_fact([receiver.facts["store"] for receiver in receivers])
    acknowledge = _worst_fact([receiver.facts["acknowledge"] for receiver in receivers])
    dead = _worst_fact([receiver.facts["dead_letter"] for receiver in receivers])
    asks = _asks(publish, broker)
    modelled = broker.modelled(publish) or any(broker.modelled(consumer) for _, consumer in reached)
    communication = Communication.SYNCHRONOUS if publish.synchronous else Communication.ASYNCHRONOUS
    evidence = [*publish.path]
    for route, _ in reached:
        evidence.extend(route.evidence)
        if route.binding is not None:
            evidence.append(route.binding)
    for receiver in receivers:
        evidence.extend(receiver.evidence)
    for fact in (store, persist, confirm, acknowledge):
        evidence.extend(fact.evidence)
    delivery = {"store": store, "persist": persist, "confirm": confirm, "acknowledge": acknowledge, "dead_letter": dead}
    if asks:
        delivery["reply"] = Fact(publish.synchronous, "the message names a queue for a reply")
    return Crossing(
        source=publish.quantum,
        target=target,
        target_kind=TargetKind.QUANTUM,
        mechanism=publish.mechanism,
        communication=communication,
        channel=reached[0][0].channel,
        confidence="medium" if modelled or all(r.alike or HOLE in r.queue for r, _ in reached) else "high",
        durable=worst,
        acknowledgement=acknowledgement,
        delivery=delivery,
        receivers=receivers,
        evidence=tuple(dict.fromkeys(evidence)),
        alternative=publish.mechanism,
        resolution=_clues(reached),
    )


def _unrouted(publish: Observation, route: Route | None, broker: Broker) -> Crossing:
    persist, confirm = _persist(publish, broker), _confirm(publish, broker)
    return Crossing(
        source=publish.quantum,
        target=None,
        target_kind=TargetKind.UNROUTED,
        mechanism=publish.mechanism,
        communication=Communication.ASYNCHRONOUS,
        channel=route.channel if route else None,
        confidence="low",
        durable="unknown",
        delivery={"persist": persist, "confirm": confirm},
        evidence=publish.path,
        resolution=(Clue(Step.CHANNEL, f"{_NO_RECEIVER}: {route.channel}"),) if route else (),
    )


def _clues(reached: Sequence[tuple[Route, Observation]]) -> tuple[Clue, ...]:
    """From the channel that a message is given to, by way of the binding, to who takes it."""
    found: dict[Clue, None] = {}
    for route, consumer in reached:
        found.update(dict.fromkeys(route.clues))
        if route.binding is not None:
            found[Clue(Step.CHANNEL, f"{route.channel} is bound to {route.queue}", route.binding.place)] = None
        found[Clue(Step.CHANNEL, f"{consumer.quantum} consumes {route.queue}", consumer.path[0].place)] = None
    return tuple(found)


def _receiver(publish: Observation, route: Route, consumer: Observation, persist: Fact, broker: Broker) -> Receiver:
    queue = broker.queues.get(route.queue) if publish.mechanism == "amqp" else None
    told = _told(publish, consumer, "durable", broker) or broker.server(publish, consumer)
    store = channels.durable(queue, told or broker.told(publish, "declared_durable"))
    if route.through:
        store = _worst_fact([store, *(channels.durable(broker.queues.get(name)) for name in route.through)])
    acknowledgement, acknowledge = _acknowledgement(consumer, broker)
    dead = broker.told(consumer, "dead_letter") or channels.dead_letter(queue, broker)
    persisted = True if _replicated(route, broker) else persist.value
    first = consumer.path[0]
    evidence = [Evidence(first.kind, Role.CONSUMER, first.place, first.note)]
    if consumer.handler is not None:
        evidence.append(Evidence(EvidenceKind.SOURCE, Role.HANDLER, consumer.handler))
    return Receiver(
        quantum=consumer.quantum,
        queue=channels.shown(route.queue),
        durable=_both(store.value, persisted),
        acknowledgement=acknowledgement,
        facts={"store": store, "acknowledge": acknowledge, "dead_letter": dead},
        evidence=tuple(evidence),
    )


def _replicated(route: Route, broker: Broker) -> bool:
    """Whether all queues that a message is kept in write it, whatever it says."""
    return all(channels.replicated(broker.queues.get(name)) for name in route.queues)


def _told(publish: Observation, consumer: Observation, name: str, broker: Broker) -> Fact | None:
    """A fact that the libraries fix: the worse of what the publisher's and the consumer's call say."""
    found = [fact for one in (publish, consumer) if (fact := broker.told(one, name)) is not None]
    return _worst_fact(found) if found else None


def _acknowledgement(consumer: Observation, broker: Broker) -> tuple[Acknowledgement, Fact]:
    here = consumer.path[-1]
    if "auto_ack" in consumer.slots and broker.truth(consumer, "auto_ack") is True:
        evidence = Evidence(here.kind, Role.ACKNOWLEDGE, here.place, "acknowledged on delivery")
        return Acknowledgement.AUTO, Fact(False, "messages are acknowledged on delivery, before any work", (evidence,))
    if "auto_ack" in consumer.slots and broker.truth(consumer, "auto_ack") is None:
        reason = "whether messages are acknowledged on delivery could not be told"
        return Acknowledgement.UNKNOWN, Fact("unknown", reason)
    if consumer.acknowledged is None:
        return Acknowledgement.UNKNOWN, Fact("unknown", "no acknowledgement was found after the messages are taken")
    when, place = consumer.acknowledged
    evidence = Evidence(EvidenceKind.SOURCE, Role.ACKNOWLEDGE, place)
    if when == "auto":
        return Acknowledgement.AUTO, Fact(False, "messages are acknowledged on delivery, before any work", (evidence,))
    if when == "before":
        return Acknowledgement.BEFORE, Fact(False, "the message is acknowledged before its work is done", (evidence,))
    if when == "after":
        return Acknowledgement.AFTER, Fact(True, "the message is acknowledged after its work", (evidence,))
    if when == "untold":
        reason = "it is acknowledged in a function that may give the message to others, who still work on it"
        return Acknowledgement.UNKNOWN, Fact("unknown", reason, (evidence,))
    if when == "failed":
        return Acknowledgement.AFTER, Fact(False, "the message is acknowledged also when its work failed", (evidence,))
    return Acknowledgement.BEFORE, Fact(False, "the message is acknowledged before others have done it", (evidence,))


def _persist(publish: Observation, broker: Broker, consumer: Observation | None = None) -> Fact:
    told = broker.told(publish, "persistent")
    if told is not None:
        return told
    server = broker.server(publish, consumer)
    if server is not None:
        return server
    evidence = (publish.path[-1],)
    values = broker.resolved(publish, "delivery_mode")
    texts = {value.text for value in values}
    if not values:
        return Fact("unknown", "the delivery mode could not be told", evidence)
    if texts <= {"2"}:
        return Fact(True, "delivery mode 2, persistent", evidence)
    if texts & {"1", None} and not any(value.why for value in values):
        return Fact(False, "delivery mode 1, or none: the message is not written to disk", evidence)
    return Fact("unknown", "the delivery mode could not be told", evidence)


def _confirm(publish: Observation, broker: Broker, consumer: Observation | None = None) -> Fact:
    told = broker.told(publish, "confirmed")
    if told is not None:
        return told
    evidence = (publish.path[-1],)
    server = broker.server(publish, consumer)
    if server is not None:
        known = "the broker answers when it has the message" if server.value is True else server.reason
        return Fact(server.value, known, evidence)
    if "confirms" in publish.slots:
        value = broker.truth(publish, "confirms")
        if value is None:
            return Fact("unknown", "whether the channel waits for confirms could not be told", evidence)
        if not value:
            return Fact(False, "the channel is opened without publisher confirms", evidence)
        returned = broker.truth(publish, "return_raises") and broker.truth(publish, "mandatory")
        noticed = "and raises what no queue takes" if returned else "a message that no queue takes is not noticed"
        return Fact(True, f"the channel waits for confirms; {noticed}", evidence)
    channels_used = set(publish.connection.split("|")) - {""}
    if not channels_used:
        return Fact("unknown", "the channel that publishes could not be told", evidence)
    if channels_used <= broker.confirming:
        return Fact(True, "confirm_delivery() is called on the channel", evidence)
    return Fact(False, "the channel does not wait for publisher confirms", evidence)


def _unresolved(publish: Observation, why: str) -> Unresolved:
    return Unresolved(publish.quantum, publish.library, why, publish.site, ("publish",))


def _both(store: Ternary, persist: Ternary) -> Ternary:
    if store is False or persist is False:
        return False
    return True if store is True and persist is True else "unknown"


def _worst(values: Sequence[Ternary]) -> Ternary:
    for bad in (False, "unknown", None):
        if bad in [value for value in values if type(value) is type(bad)]:
            return bad
    return True if values else None


def _worst_fact(facts: Sequence[Fact]) -> Fact:
    def badness(fact: Fact) -> int:
        return 0 if fact.value is False else 1 if fact.value == "unknown" else 2

    return min(facts, key=badness)


def _worst_acknowledgement(receivers: Sequence[Receiver]) -> Acknowledgement | None:
    order = [Acknowledgement.AUTO, Acknowledgement.BEFORE, Acknowledgement.UNKNOWN, Acknowledgement.AFTER]
    found = [receiver.acknowledgement for receiver in receivers if receiver.acknowledgement is not None]
    return min(found, key=order.index) if found else None
