"""Live evidence: what running brokers and databases said when they were asked.

No value here holds a time, a password or a URL, so that the same answers give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from quantafit.model.live_database import DatabaseState
from quantafit.model.places import Place
from quantafit.model.policies import PolicyDefinition


@dataclass(frozen=True, slots=True)
class LiveFailure:
    """A declared server that did not tell what it was asked. ``server`` is its name under ``live:``.

    ``kind`` is ``broker`` or ``database``; ``why`` is one sentence without credentials; ``place`` is where the server
    is declared. What the server would have told is unknown: a fitness function that it concerns is never passed.
    """

    kind: str
    server: str
    why: str
    place: Place


@dataclass(frozen=True, slots=True)
class QueueState:
    """A queue as its broker describes it.

    ``arguments`` are those that it was declared with. ``policy`` is what the policies that match it come to, by the
    broker's own word (None: it did not say, and :class:`BrokerState` has the policies). ``messages`` and
    ``transient_bytes`` are None where they were not told (an export of definitions, a quorum queue).
    """

    name: str
    durable: bool
    auto_delete: bool
    exclusive: bool
    type: str
    place: Place
    arguments: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    policy: Mapping[str, Any] | None = None
    messages: int | None = None
    transient_bytes: int | None = None
    """How many bytes of its messages are not persistent; messages without a body have none."""


@dataclass(frozen=True, slots=True)
class ExchangeState:
    """An exchange of a broker; the default one has no name."""

    name: str
    type: str
    durable: bool
    place: Place
    alternate: str | None = None


@dataclass(frozen=True, slots=True)
class BindingState:
    """A binding: exchange → queue, or exchange → exchange (``to_exchange``), by routing key."""

    source: str
    destination: str
    routing_key: str
    place: Place
    to_exchange: bool = False


@dataclass(frozen=True, slots=True)
class ConsumerState:
    """A consumer of a queue. ``acknowledges`` is False where messages count as done when they are delivered."""

    queue: str
    acknowledges: bool
    prefetch: int
    user: str
    place: Place


@dataclass(frozen=True, slots=True)
class PublisherState:
    """A channel that has published to an exchange (None: the broker does not tell which).

    ``confirms`` tells whether the channel is in confirm mode.
    """

    exchange: str | None
    confirms: bool
    user: str
    place: Place


@dataclass(frozen=True, slots=True)
class PermissionState:
    """What a user may do in the virtual host: regular expressions that are looked for in names; an empty one: nothing.

    An ``administrator`` of the broker may give itself any right.
    """

    user: str
    configure: str
    write: str
    read: str
    place: Place
    administrator: bool = False


@dataclass(frozen=True, slots=True)
class QueueRight:
    """Something that a user of a broker may do to a queue: ``send``, ``receive``, ``bind`` or ``change`` it.

    ``how`` says by what, in words. ``exchange`` is the one by which it may send; ``also`` are all queues that this one
    feeds, since the right to write an exchange is the right to send to all of them.
    """

    broker: str
    user: str
    queue: str
    act: str
    how: str
    place: Place
    exchange: str | None = None
    also: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BrokerState:
    """What one broker said of one virtual host.

    ``running`` is False where it comes from an export of definitions: an export knows no consumers, publishers and
    counts, and their absence in it says nothing. ``permissions`` are None where they were not told.
    """

    name: str
    virtual_host: str
    version: str
    place: Place
    running: bool = True
    queues: tuple[QueueState, ...] = ()
    policies: tuple[PolicyDefinition, ...] = ()
    exchanges: tuple[ExchangeState, ...] = ()
    bindings: tuple[BindingState, ...] = ()
    consumers: tuple[ConsumerState, ...] = ()
    publishers: tuple[PublisherState, ...] = ()
    permissions: tuple[PermissionState, ...] | None = None

    def queue(self, name: str) -> QueueState | None:
        return next((queue for queue in self.queues if queue.name == name), None)


@dataclass(frozen=True, slots=True)
class LiveEvidence:
    """All that the live servers of the declaration said, in the order of the declaration, and who did not answer."""

    brokers: tuple[BrokerState, ...] = ()
    databases: tuple[DatabaseState, ...] = ()
    failures: tuple[LiveFailure, ...] = ()

    def failed(self, kind: str) -> tuple[LiveFailure, ...]:
        """The servers of a kind (``broker``, ``database``) that did not tell what they were asked."""
        return tuple(failure for failure in self.failures if failure.kind == kind)
