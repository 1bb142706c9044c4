"""The channel join: publisher → exchange → binding → queue → consumer, wherever each of them is declared.

AMQP rules (RabbitMQ): the default exchange takes a message to the queue that its routing key names; a direct exchange
compares keys, a topic exchange matches ``*`` and ``#``, a fanout exchange takes everything everywhere. Other mechanisms
join by equal channel names.
"""

from __future__ import annotations

import fnmatch
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from quantafit.coupling.environment import Environment
from quantafit.coupling.resolve import HOLE, Resolved, resolve
from quantafit.coupling.settings import effective, governing, setting, word
from quantafit.model import Configuration, Evidence, EvidenceKind, Fact, Place, QueueDefinition, QueueStatement, Role
from quantafit.model.observations import Observation
from quantafit.model.terms import Literal

REDIS = frozenset({"redis", "rediss", "sentinel", "valkey", "valkeys"})
_KEEPERS = frozenset(
    {"sqs", "sqla", "db", "gcpubsub", "azureservicebus", "azurestoragequeues", "confluentkafka", "sqlite", "file",
     "postgresql", "pgmq", "durable", "balanced"}
)  # fmt: skip
"""Brokers that keep what they have accepted, by the scheme of their address as kombu writes it, or by their kind."""

_DEAD_LETTER = frozenset({"x-dead-letter-exchange", "*"})
_QUEUES_OF = {"sns": "sqs"}
"""Topics that keep nothing themselves, and the mechanism of the queues that are subscribed to them."""
NAMELESS = "(named by the broker)"
_FURTHER = frozenset({"argument:x-dead-letter-exchange", "argument:x-dead-letter-routing-key"})
_NAMES = frozenset({"exchange", "routing_key", "queue", "channel", *_FURTHER})
_LAST_PART = re.compile(r"^(?:https?://.*/|arn:.*:)([\w.-]+)$")
_LEAST = 3
"""So many known characters tell a name that is known in part from others."""


@dataclass(slots=True)
class Queue:
    """A queue, with every declaration of it: ``durable`` and so on hold one value for each place that says so.

    The evidence of a fact in ``durable`` begins with the declaration; the reason says why a default holds or is not
    known.
    """

    name: str
    durable: list[Fact] = field(default_factory=list)
    exclusive: list[tuple[bool, Evidence]] = field(default_factory=list)
    auto_delete: list[tuple[bool, Evidence]] = field(default_factory=list)
    arguments: dict[str, tuple[str, Evidence]] = field(default_factory=dict)
    declared: list[Evidence] = field(default_factory=list)
    unclear: set[str] = field(default_factory=set)
    """The arguments whose value could not be told; ``*`` for any."""
    stated: list[QueueStatement] = field(default_factory=list)
    """What each place says of it by itself."""


@dataclass(frozen=True, slots=True)
class QueueBound:
    """A queue bound to an exchange by a routing key (None: it could not be told)."""

    exchange: str
    queue: str
    key: str | None
    evidence: Evidence
    quantum: str | None = None


class Broker:
    """The topology of the message broker, from code and from definitions files."""

    def __init__(
        self, observations: Iterable[Observation], configuration: Configuration, environment: Environment
    ) -> None:
        self.environment = environment
        self.queues: dict[str, Queue] = {}
        self.exchanges: dict[str, str] = {}
        self.kinds: dict[tuple[str, str], str] = {}
        self.bindings: list[QueueBound] = []
        self.consumers: dict[tuple[str, str], list[Observation]] = defaultdict(list)
        self.uncertain: list[Observation] = []
        self.loose: list[tuple[str, str]] = []
        self.patterns: dict[str, list[tuple[Observation, str, str]]] = defaultdict(list)
        self.configuration = configuration
        self.confirming: set[str] = set()
        self.governed: set[str] = set()
        for observation in observations:
            self._read(observation)
        self._read_definitions(configuration)

    # Reading ------------------------------------------------------------------------------------------------------

    def _read(self, observation: Observation) -> None:
        match observation.does:
            case "declare_queue":
                self._declare(observation)
            case "declare_exchange":
                for name in self.names(observation, "exchange"):
                    kinds = self.texts(observation, "type")
                    kind = kinds[0].lower() if len(kinds) == 1 else "unknown"
                    self.exchanges.setdefault(name, kind)
                    self.kinds[(observation.quantum, name)] = kind
            case "bind":
                self._bind(observation)
            case "subscribe":
                channel = "queue" if "queue" in observation.slots else "channel"
                names = self.texts(observation, channel) or ([""] if _empty(observation, channel) else [])
                partly = self.open_names(observation, channel)
                kinds = self.texts(observation, "pattern")
                for name in names:
                    if kinds:
                        self.patterns[observation.mechanism].append((observation, kinds[0], name))
                    self.consumers[(observation.mechanism, self.named(name, observation))].append(observation)
                for name in partly:
                    self.consumers[(observation.mechanism, name)].append(observation)
                if partly or not names or self.untold(observation, channel):
                    self.uncertain.append(observation)
            case "confirm":
                self.confirming.update(observation.connection.split("|"))

    def _declare(self, observation: Observation) -> None:
        if self.texts(observation, "passive") == ["True"]:
            return  # a passive declaration proves existence only
        evidence = _evidence(observation, Role.DECLARE)
        names = self.names(observation, "queue")
        for name in names or ([""] if _empty(observation, "queue") else []):
            queue = self.queue(self.named(name, observation))
            queue.declared.append(evidence)
            flag = self.flag(observation, "durable")
            queue.durable.append(Fact(flag.value, flag.reason, (evidence, *flag.evidence)))
            for slot, values in (("exclusive", queue.exclusive), ("auto_delete", queue.auto_delete)):
                if self.truth(observation, slot) is not False:
                    values.append((True, evidence))
            stated: dict[str, tuple[str, Evidence]] = {}
            for flagged in ("durable", "exclusive", "auto_delete"):
                known = self.truth(observation, flagged)
                if known is not None and observation.mechanism == "amqp":
                    stated[flagged.replace("_", "-")] = (word(known), evidence)
            queue.stated.append(QueueStatement(queue.name, evidence, stated))
            for slot in observation.slots:
                if slot.startswith("argument:"):
                    texts = self.names(observation, slot) if slot in _FURTHER else self.texts(observation, slot)
                    # Where several queues are declared by one line, what is named like the queue is the queue's.
                    chosen = name if name in texts else texts[0] if len(texts) == 1 else None
                    if chosen is None:
                        queue.unclear.add(slot[9:])
                    else:
                        queue.arguments.setdefault(slot[9:], (chosen, evidence))
                        if HOLE not in chosen:
                            stated[setting(slot[9:])] = (word(chosen), evidence)

    def _bind(self, observation: Observation) -> None:
        keys: list[str | None] = list(self.names(observation, "routing_key")) or [None]
        if _empty(observation, "routing_key"):
            keys = [""]
        evidence = _evidence(observation, Role.BIND)
        if self.untold(observation, "exchange"):
            self.loose.append((observation.quantum, HOLE))
        self.loose += [(observation.quantum, name) for name in self.open_names(observation, "exchange")]
        queues = self.names(observation, "queue") or ([""] if _empty(observation, "queue") else [])
        for exchange in self.names(observation, "exchange"):
            for queue, key in _pairs(queues, keys):
                name = self.named(queue, observation)
                self.bindings.append(QueueBound(exchange, name, key, evidence, observation.quantum))

    def _read_definitions(self, configuration: Configuration) -> None:
        for defined in configuration.queues:
            evidence = _configured(defined.place, f"queue {defined.name}")
            queue = self.queue(defined.name)
            queue.declared.append(evidence)
            queue.durable.append(Fact(defined.durable, evidence=(evidence,)))
            if defined.auto_delete:
                queue.auto_delete.append((True, evidence))
            for name, value in defined.arguments.items():
                queue.arguments.setdefault(name, (str(value), evidence))
            queue.stated.append(_defined(defined, configuration, evidence))
        for exchange in configuration.exchanges:
            self.exchanges.setdefault(exchange.name, exchange.type.lower())
        for bound in configuration.bindings:
            if bound.destination_type == "queue":
                evidence = _configured(bound.place, f"{bound.source} → {bound.destination}")
                self.bindings.append(QueueBound(bound.source, bound.destination, bound.routing_key, evidence))
        for policy in sorted(configuration.policies, key=lambda one: -one.priority):
            if policy.operator or policy.apply_to not in ("queues", "all", "quorum_queues", "classic_queues"):
                continue
            self._policy(policy.pattern, policy.definition, _configured(policy.place, f"policy {policy.name}"))

    def _policy(self, pattern: str, definition: Mapping[str, Any], evidence: Evidence) -> None:
        """A policy sets arguments on queues by name; an argument of the queue itself stands before it."""
        try:
            matches = re.compile(pattern)
        except re.error:
            return
        for queue in self.queues.values():
            if matches.search(queue.name) and queue.name not in self.governed:
                self.governed.add(queue.name)  # of several policies the one with the highest priority holds alone
                for name, value in definition.items():
                    queue.arguments.setdefault(f"x-{name}", (str(value), evidence))

    def keys(self, queue: str) -> list[str | None]:
        """The routing keys that a queue's messages carry: those of its bindings (None: untold), else its name."""
        bound = dict.fromkeys(one.key for one in self.bindings if one.queue == queue and one.exchange)
        return [*bound] or [queue]

    def queue(self, name: str) -> Queue:
        return self.queues.setdefault(name, Queue(name))

    def named(self, name: str, observation: Observation) -> str:
        """A queue's name; one that the broker names belongs to the quantum that declared it."""
        return name or f"{NAMELESS} {observation.quantum}"

    def resolved(self, observation: Observation, slot: str) -> tuple[Resolved, ...]:
        term = observation.slots.get(slot)
        values = resolve(term, observation.quantum, self.environment) if term is not None else ()
        if slot not in _NAMES:
            return values
        values = tuple(value for value in values if not _left_out(value)) or values
        plain = _LAST_PART if observation.mechanism in ("sqs", "sns") else None
        listed = (part for value in values for part in _listed(value))
        return tuple(_by_variable(_shortened(value, plain) if plain else value) for value in listed)

    def texts(self, observation: Observation, slot: str) -> list[str]:
        """The texts that a slot may hold, whole ones only."""
        return [
            value.text
            for value in self.resolved(observation, slot)
            if value.whole and value.text is not None and not is_open(value)
        ]

    def open_names(self, observation: Observation, slot: str) -> list[str]:
        """The names that a slot may hold and that are known in part only."""
        return [value.text for value in self.resolved(observation, slot) if value.text and is_open(value)]

    def names(self, observation: Observation, slot: str) -> list[str]:
        """The names that a slot may hold, those that are known in part only after the others."""
        return [*self.texts(observation, slot), *self.open_names(observation, slot)]

    def untold(self, observation: Observation, slot: str) -> bool:
        """Whether a slot may hold a name, beside others, of which nothing is known."""
        return any(value.text is None and value.why for value in self.resolved(observation, slot))

    def modelled(self, observation: Observation) -> bool:
        """Whether only a file for people to copy tells the name of its channel."""
        return any(value.modelled for slot in _NAMES for value in self.resolved(observation, slot))

    def flag(self, observation: Observation, slot: str) -> Fact:
        """A flag: False where any alternative is false. The reason says which default holds, or why none is known."""
        if slot not in observation.slots:
            return Fact(False)
        values = self.resolved(observation, slot)
        texts = [value.text for value in values]
        evidence = tuple(dict.fromkeys(item for value in values for item in value.evidence))
        if "False" in texts or "0" in texts or (texts == [None] and _empty(observation, slot)):
            return Fact(False, _by_default(evidence), evidence)
        if texts and all(text in ("True", "1") for text in texts):
            return Fact(True, _by_default(evidence), evidence)
        return Fact("unknown", next((value.why for value in values if value.why), ""), evidence)

    def truth(self, observation: Observation, slot: str) -> bool | None:
        """A flag: False where any alternative is false, None where it could not be told."""
        value = self.flag(observation, slot).value
        return value if isinstance(value, bool) else None

    def told(self, observation: Observation, name: str) -> Fact | None:
        """What the library call itself fixes, or has as a default that depends on its version."""
        fixed = observation.facts.get(name)
        if fixed is not None or f"fact:{name}" not in observation.slots:
            return fixed
        flag = self.flag(observation, f"fact:{name}")
        evidence = (observation.path[-1], *flag.evidence)
        return Fact(flag.value, flag.reason or f"so {observation.library} does it", evidence)

    # Joining ------------------------------------------------------------------------------------------------------

    def taking(self, mechanism: str, name: str) -> list[Observation]:
        """Who takes messages of a channel: by its name, or by a pattern of names."""
        mechanism = queues_of(mechanism)
        found = list(self.consumers.get((mechanism, name), ()))
        for consumer, kind, pattern in self.patterns.get(mechanism, ()):
            named = _matches(kind, pattern, name) if kind != "dotted" else _is_called(consumer.handler, name)
            if named and consumer not in found:
                found.append(consumer)
        return found

    def alike(self, mechanism: str, name: str) -> list[str]:
        """The names of channels that somebody takes of which a name may be that is known in part only."""
        parts = name.split(HOLE)
        if len(parts) < 2 or _only_variable(name) or len("".join(parts)) < _LEAST:
            return []
        fits = _fits(name)
        known = (channel for kind, channel in self.consumers if kind == mechanism and HOLE not in channel)
        return [channel for channel in known if not channel.startswith(NAMELESS) and fits.fullmatch(channel)]

    def server(self, publish: Observation, consumer: Observation | None = None) -> Fact | None:
        """How durable a store is of which the broker's kind and its server's configuration tell (Redis, memory).

        The kind is told by the broker's address, at either end. None where the messages themselves tell (AMQP), or
        where the call has no such store.
        """
        ends = [end for end in (publish, consumer) if end is not None and "store" in end.slots]
        if not ends:
            return None
        schemes = next((found for end in ends if (found := self.schemes(end))), None)
        if schemes is None:
            why = next((value.why for end in ends for value in self.resolved(end, "store") if value.why), "")
            if publish.mechanism == "amqp" and not why:
                return None
            return Fact("unknown", why or "which broker keeps the messages could not be told")
        facts = [fact for scheme in schemes if (fact := self._kept_by(scheme)) is not None]
        worst = [fact for bad in (False, "unknown") for fact in facts if fact.value == bad]
        return next(iter([*worst, *facts]), None)

    def schemes(self, observation: Observation) -> list[str]:
        """The kinds of broker that messages are kept by: the beginnings of its addresses, where these are known."""
        texts = [value.text for value in self.resolved(observation, "store") if value.text is not None]
        beginnings = [text.partition(":")[0] for text in texts if ":" in text or HOLE not in text]
        return [one.partition("+")[0].lower() for one in beginnings if HOLE not in one]

    def _kept_by(self, scheme: str) -> Fact | None:
        if scheme in ("", "amqp", "amqps", "pyamqp", "librabbitmq"):
            return None
        if scheme in REDIS:
            return self._redis()
        if scheme == "memory":
            return Fact(False, "the broker is the memory of one process")
        if scheme == "volatile":
            return Fact(False, "the table is unlogged: a crash of the server empties it")
        if scheme in _KEEPERS:
            return Fact(True, f"{scheme} keeps what it has accepted")
        return Fact("unknown", f"what {scheme} keeps could not be told")

    def _redis(self) -> Fact:
        """By the configuration of the servers: Redis keeps snapshots unless told to append every command to a file."""
        units = [u for u in self.configuration.units if any(word in (u.image or "") for word in ("redis", "valkey"))]
        if not units:
            return Fact("unknown", "how the Redis server stores what it is given could not be told")
        for unit in units:
            evidence = (_configured(unit.place, f"unit {unit.name}"),)
            if not re.search(r"appendonly[ \"',]+yes", unit.command or ""):
                return Fact(False, "Redis keeps snapshots only: appendonly is off by default", evidence)
            if not any(volume.split(":")[0] for volume in unit.volumes):
                return Fact(False, "Redis appends to a file that goes with its container", evidence)
        evidence = (_configured(units[0].place, units[0].name),)
        return Fact(True, "Redis appends every command to a file that stays", evidence)

    def routes(self, exchange: str, key: str | None, publisher: str | None = None) -> list[tuple[str, Evidence | None]]:
        """The queues that a message to an exchange with a routing key reaches, with the binding that takes it there.

        Two quanta that declare one name with different types cannot mean one exchange: a broker refuses the second.
        """
        if exchange == "":
            return [(key, None)] if key is not None else []
        named = self.exchanges.get(exchange, "unknown")
        sent_to = self.kinds.get((publisher or "", exchange))
        found: dict[str, Evidence | None] = {}
        for bound in self.bindings:
            taken_from = self.kinds.get((bound.quantum or "", exchange))
            if sent_to and taken_from and sent_to != taken_from and "unknown" not in (sent_to, taken_from):
                continue
            if bound.exchange == exchange and _carries(sent_to or taken_from or named, bound.key, key):
                found.setdefault(bound.queue, bound.evidence)
        if not found and key is not None and _only_variable(key):
            return self.routes(exchange, None, publisher)
        return list(found.items())

    def may_bind(self, exchange: str, quantum: str) -> str | None:
        """Who else binds a queue to an exchange of which only so much is known that it may be this one."""
        for other, name in self.loose:
            if other != quantum and not _only_variable(name) and _fits(name).fullmatch(exchange):
                return other
        return None

    def passed_on(self, queue: str, key: str | None) -> list[tuple[str, Evidence | None]]:
        """Where messages go that a queue keeps of which nobody takes: as dead letters, once their time is up.

        They carry the key that they came with, unless the queue gives them another.
        """
        kept = self.queues.get(queue)
        exchange = kept.arguments.get("x-dead-letter-exchange") if kept is not None else None
        if kept is None or exchange is None or self.taking("amqp", queue):
            return []
        own = kept.arguments.get("x-dead-letter-routing-key")
        told = None if "x-dead-letter-routing-key" in kept.unclear else key
        return [
            (name, binding or exchange[1])
            for name, binding in self.routes(exchange[0], own[0] if own is not None else told)
            if name != queue
        ]


def queues_of(mechanism: str) -> str:
    """The mechanism of the queues in which messages of a mechanism wait."""
    return _QUEUES_OF.get(mechanism, mechanism)


def fans_out(mechanism: str) -> bool:
    """Whether a channel of a mechanism is a topic that only what is subscribed to it takes of."""
    return mechanism in _QUEUES_OF


def _defined(queue: QueueDefinition, configuration: Configuration, evidence: Evidence) -> QueueStatement:
    """What a definitions file says of a queue: all of it, and what its policies set. None of these is exclusive."""
    kind = str(queue.arguments.get("x-queue-type", "classic"))
    arguments = {setting(name): value for name, value in queue.arguments.items() if name != "x-queue-type"}
    policies = [one for one in configuration.policies if one.place.path == queue.place.path]
    held = {
        "durable": queue.durable,
        "auto-delete": queue.auto_delete,
        "exclusive": False,
        "type": kind,
        **effective(arguments, governing(policies, queue.name, kind)[0]),
    }
    return QueueStatement(queue.name, evidence, {name: (word(value), evidence) for name, value in held.items()}, True)


def is_open(value: Resolved) -> bool:
    """Whether a name is known in part only, or only as the variable that holds it."""
    return value.text is not None and HOLE in value.text and len(value.text.replace(HOLE, "")) >= _LEAST


def _shortened(value: Resolved, pattern: re.Pattern[str]) -> Resolved:
    """A queue or topic by its own name, which ends its URL and its ARN."""
    found = pattern.search(value.text) if value.text is not None and value.whole else None
    return replace(value, text=found[1]) if found is not None else value


def _left_out(value: Resolved) -> bool:
    """Whether a name was not given at all: beside another one it only stands for a parameter that may be left out."""
    return value.text is None and value.variable is None and not value.why


def _listed(value: Resolved) -> Iterator[Resolved]:
    """The names that an environment variable lists: with commas, or as JSON."""
    text = value.text
    if value.variable is None or text is None or HOLE in text:
        yield value
        return
    names = [name.strip(" \"'") for name in text.removeprefix("[").removesuffix("]").split(",")]
    for name in [name for name in names if name] or names[:1]:
        yield replace(value, text=name)


def _by_variable(value: Resolved) -> Resolved:
    """A name that nothing binds, as the variable that holds it: who else asks for the variable may mean the same."""
    if value.text is None and value.variable is not None:
        return replace(value, text=f"{HOLE}${value.variable}")
    return value


def shown(name: str) -> str:
    """A name as people read it."""
    return name.replace(HOLE + "$", "$").replace(HOLE, "…")


def _pairs(queues: Sequence[str], keys: Sequence[str | None]) -> Iterator[tuple[str, str | None]]:
    """Which queue is bound by which key, where one line binds several: a key that the queue's name holds is its own."""
    for queue in queues:
        own = [key for key in keys if key and key in queue]
        for key in own if len(queues) > 1 and own else keys:
            yield queue, key


def _carries(kind: str, pattern: str | None, key: str | None) -> bool:
    """Whether a binding takes a message. What could not be told may match: it is shown, and judged as it is.

    A key of which only the variable is known is that variable's; of any other what is known in part has to fit.
    """
    if kind in ("fanout", "headers"):
        return True
    if pattern is None or key is None:
        return True
    if pattern == key:
        return True
    if HOLE in pattern or HOLE in key:
        return not (_only_variable(pattern) or _only_variable(key)) and _may_fit(kind, pattern, key)
    return kind in ("topic", "unknown") and topic_takes(pattern, key)


def _fits(name: str) -> re.Pattern[str]:
    """What a name may be that is known in part only."""
    return re.compile(".+".join(re.escape(part) for part in name.split(HOLE)), re.DOTALL)


_ANY, _WORD = "any", "word"
_MOST_SEVERAL = 4


def _may_fit(kind: str, pattern: str, key: str) -> bool:
    """Whether a pattern and a key, of which each may be known in part only, can still be of one text."""
    right = _signs(key)
    return any(_meet(left, right) for left in _patterns(pattern, wild=kind in ("topic", "unknown")))


def _patterns(pattern: str, *, wild: bool) -> Iterator[list[str]]:
    """The signs of a pattern, with those that stand for several; ``#`` is none or any words, with the dot beside it."""
    words = pattern.split(".") if wild else [pattern]
    several = [index for index, word in enumerate(words) if wild and word == "#"]
    for left_out in product((True, False), repeat=min(len(several), _MOST_SEVERAL)):
        gone = {index for index, out in zip(several, left_out, strict=False) if out}
        found: list[str] = []
        for one in (one for index, one in enumerate(words) if index not in gone):
            found += ["."] if found else []
            found += [_ANY] if wild and one == "#" else [_WORD] if wild and one == "*" else _signs(one)
        yield found


def _signs(text: str) -> list[str]:
    return [_ANY if sign == HOLE else sign for sign in text]


def _meet(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether two rows of signs can be of one text, by way of all that each of them may stand for."""
    reached = {(0, 0)}
    pending = [(0, 0)]
    while pending:
        at, there = pending.pop()
        if (at, there) == (len(left), len(right)):
            return True
        one = left[at] if at < len(left) else None
        other = right[there] if there < len(right) else None
        steps = [(at + 1, there)] if one in (_ANY, _WORD) else []
        steps += [(at, there + 1)] if other in (_ANY, _WORD) else []
        if other is not None and (one == _ANY or (one == _WORD and other != ".")):
            steps.append((at, there + 1))
        if one is not None and (other == _ANY or (other == _WORD and one != ".")):
            steps.append((at + 1, there))
        if one is not None and one == other:
            steps.append((at + 1, there + 1))
        pending += [step for step in steps if step not in reached]
        reached.update(steps)
    return False


def _only_variable(name: str) -> bool:
    """Whether nothing of a name is known but the variable that holds it."""
    return name.startswith(f"{HOLE}$") and HOLE not in name[1:]


def topic_takes(pattern: str, key: str) -> bool:
    """Whether the pattern of a topic exchange's binding takes a routing key."""
    return _takes(tuple(pattern.split(".")), tuple(key.split(".")) if key else ())


def _takes(pattern: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether a topic pattern takes a routing key: ``*`` is one word, ``#`` any number of words."""
    if not pattern:
        return not words
    if pattern[0] == "#":
        return _takes(pattern[1:], words) or bool(words and _takes(pattern, words[1:]))
    return bool(words) and pattern[0] in ("*", words[0]) and _takes(pattern[1:], words[1:])


def _is_called(function: Place | None, name: str) -> bool:
    """Whether a dotted name is that of a function, seen from an import root that is not known: ``shop.tasks.send``."""
    if function is None or "." not in name:
        return False
    module = function.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return f".{module}.{function.symbol}".endswith("." + name)


def _matches(kind: str, pattern: str, name: str) -> bool:
    """Whether a subscription to a pattern of names takes a name: Redis globs, regexes, NATS words, MQTT levels."""
    if kind == "glob":
        return fnmatch.fnmatchcase(name, pattern)
    if kind == "regex":
        try:
            return re.match(pattern, name) is not None
        except re.error:
            return False
    one, rest, separator = ("*", ">", ".") if kind == "nats" else ("+", "#", "/")
    words, given = pattern.split(separator), name.split(separator)
    for index, expected in enumerate(words):
        if expected == rest:
            return len(given) >= index + (kind == "nats")
        if index >= len(given) or expected not in (one, given[index]):
            return False
    return len(words) == len(given)


def durable(queue: Queue | None, own: Fact | None = None) -> Fact:
    """Whether the queue survives a restart of the broker, by all its declarations; the worst of them decides."""
    if own is not None:
        return own
    if queue is None or not queue.durable:
        return Fact("unknown", "no declaration of the queue was found")
    for name, values in (("exclusive", queue.exclusive), ("auto-delete", queue.auto_delete)):
        if values:
            return Fact(False, f"the queue {shown(queue.name)} is {name}", (values[0][1],))
    told = {fact.value: fact for fact in reversed(queue.durable)}
    if False in told:
        reason = f"the queue {shown(queue.name)} is declared with durable=False"
    elif "unknown" in told:
        reason = f"whether the queue {shown(queue.name)} is durable could not be told"
    else:
        reason = f"the queue {shown(queue.name)} is declared durable"
    fact = told.get(False) or told.get("unknown") or queue.durable[0]
    return Fact(fact.value, f"{reason}: {fact.reason}" if fact.reason else reason, fact.evidence)


def replicated(queue: Queue | None) -> bool:
    """Whether it is a quorum queue or a stream: these persist every message, whatever the message says."""
    return queue is not None and queue.arguments.get("x-queue-type", ("", None))[0] in ("quorum", "stream")


def dead_letter(queue: Queue | None, broker: Broker) -> Fact:
    """Whether a message that fails goes somewhere: a dead-letter exchange with a queue bound to it."""
    if queue is None or not queue.declared:
        return Fact("unknown", "no declaration of the queue was found")
    exchange = queue.arguments.get("x-dead-letter-exchange")
    own = queue.arguments.get("x-dead-letter-routing-key")
    in_part = any(given is not None and HOLE in given[0] for given in (exchange, own))
    unclear = "x-dead-letter-routing-key" in queue.unclear or (exchange is None and queue.unclear & _DEAD_LETTER)
    if in_part or unclear:
        return Fact(
            "unknown", f"where dead letters of the queue {shown(queue.name)} go could not be told", (queue.declared[0],)
        )
    if exchange is None:
        return Fact(False, f"the queue {shown(queue.name)} has no dead-letter exchange", (queue.declared[0],))
    found: dict[str, None] = {}
    for key in [own[0]] if own is not None else broker.keys(queue.name):
        bound = broker.routes(exchange[0], key)
        if exchange[0] == "" and key not in broker.queues:
            bound = []
        if not bound:
            return Fact(False, f"nothing is bound to the dead-letter exchange {exchange[0]} for {key}", (exchange[1],))
        found[bound[0][0]] = None
    return Fact(True, f"dead letters go to {', '.join(found)}", (exchange[1],))


def _by_default(evidence: Sequence[Evidence]) -> str:
    """Which versions' default holds, for the reader of a reason."""
    configured = (one for one in evidence if one.role is Role.DEFAULT and one.kind is EvidenceKind.CONFIGURATION)
    versions = dict.fromkeys(f"{one.note} ({one.place})" for one in configured)
    return f"the default of {' and '.join(versions)}" if versions else ""


def _evidence(observation: Observation, role: Role) -> Evidence:
    last = observation.path[-1]
    return Evidence(last.kind, role, last.place, observation.library)


def _configured(place: Place, note: str) -> Evidence:
    return Evidence(EvidenceKind.CONFIGURATION, Role.DECLARE, place, note)


def _empty(observation: Observation, slot: str) -> bool:
    term = observation.slots.get(slot)
    return isinstance(term, Literal) and term.value in (None, "")
