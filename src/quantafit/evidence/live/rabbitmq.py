"""What a running RabbitMQ says of itself: by its management API, else by an export of its definitions.

Asked are GET requests only. A passive declaration is never made: it proves that a queue exists, and nothing else.
Source: the HTTP API reference that the management plugin serves at ``/api/index.html``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from quantafit.evidence.live.answers import mapping, number, objects, required
from quantafit.evidence.live.asking import Environment, NotAnsweredError, variable
from quantafit.evidence.live.management import LARGEST, Management, management
from quantafit.model import (
    BindingState,
    BrokerServer,
    BrokerState,
    ConsumerState,
    ExchangeState,
    PermissionState,
    Place,
    PolicyDefinition,
    PublisherState,
    QueueState,
)

OLDEST = (3, 8)
"""The oldest version whose answers are known to mean what is read here."""

SEES_ALL = frozenset({"monitoring", "administrator"})
"""The tags of users who see all connections. Others see their own: no consumer in such an answer says nothing."""

_QUEUE = (
    "name,durable,auto_delete,exclusive,type,arguments,effective_policy_definition,messages,message_bytes,"
    "message_bytes_persistent,state"
)
_DETAILED = 100
"""Channels that are asked one by one for the exchanges they publish to, where the broker keeps count of that."""


def ask(server: BrokerServer, environment: Environment) -> BrokerState:
    """What a broker says of one virtual host. Raises NotAnsweredError where it does not."""
    if server.management and (environment.get(server.management) or not server.definitions):
        url = variable(environment, server.management)
        state = _Running(server, management(url, server.management)).state()
        if state.permissions is None and environment.get(server.definitions or ""):
            # A watcher need not be an administrator for their sake.
            return replace(
                state, permissions=_exported(server, Path(environment[server.definitions or ""])).permissions
            )
        return state
    if server.management is None or environment.get(server.definitions or ""):
        return _exported(server, Path(variable(environment, server.definitions or "")))
    raise NotAnsweredError(f"neither of the environment variables {server.management} and {server.definitions} is set")


class _Running:
    """One broker while it is asked."""

    def __init__(self, server: BrokerServer, api: Management) -> None:
        self.server = server
        self.api = api
        self.host = quote(server.virtual_host, safe="")

    def state(self) -> BrokerState:
        tags = self._tags()
        if not tags & SEES_ALL:
            raise NotAnsweredError(
                f"{self.api.shown} shows user {self.api.user} its own connections only: "
                f"rabbitmqctl set_user_tags {self.api.user} monitoring"
            )
        overview = self.api.get("/api/overview?columns=rabbitmq_version,rates_mode")
        if not isinstance(overview, dict) or not isinstance(overview.get("rabbitmq_version"), str):
            raise NotAnsweredError(f"{self.api.shown} answers, but does not say what version it is")
        version = required(overview, "rabbitmq_version", str, "the broker")
        if _version(version) < OLDEST:
            raise NotAnsweredError(f"{self.api.shown} is RabbitMQ {version}; from 3.8 on it can be asked")
        hosts = {item.get("name") for item in objects(self.api.get("/api/vhosts?columns=name"), "virtual hosts")}
        if self.server.virtual_host not in hosts:
            raise NotAnsweredError(f"{self.api.shown} has no virtual host {self.server.virtual_host}")
        policies = [*_policies(self.server, self._list("policies"))]
        policies += _policies(self.server, self._list("operator-policies"), operator=True)
        return BrokerState(
            self.server.name,
            self.server.virtual_host,
            version,
            _place(self.server),
            queues=_sorted(_queue(self.server, item) for item in self._list("queues", _QUEUE)),
            policies=_sorted(policies),
            exchanges=_sorted(_exchange(self.server, item) for item in self._list("exchanges")),
            bindings=_sorted(_binding(self.server, item) for item in self._list("bindings")),
            consumers=_sorted(self._consumers()),
            publishers=_sorted(self._publishers(overview.get("rates_mode") == "detailed")),
            permissions=_sorted(self._permissions()) if "administrator" in tags else None,
        )

    def _tags(self) -> set[str]:
        me = self.api.get("/api/whoami")
        tags = _tags(me) if isinstance(me, dict) else None
        if tags is None:
            raise NotAnsweredError(f"{self.api.shown} answers, but does not say who asks it")
        return tags

    def _list(self, what: str, columns: str = "") -> Iterator[Mapping[str, Any]]:
        path = f"/api/{what}/{self.host}" + (f"?columns={columns}" if columns else "")
        yield from objects(self.api.get(path), what)

    def _consumers(self) -> Iterator[ConsumerState]:
        for item in self._list("consumers"):
            queue = required(mapping(item, "queue"), "name", str, "consumers")
            yield ConsumerState(
                queue,
                required(item, "ack_required", bool, "consumers"),
                number(item, "prefetch_count") or 0,
                str(mapping(item, "channel_details").get("user", "")),
                _place(self.server, queue),
            )

    def _publishers(self, detailed: bool) -> Iterator[PublisherState]:
        """The channels that have published, each exchange of theirs once; they are alike but for that."""
        path = f"/api/vhosts/{self.host}/channels?columns=name,confirm,user,message_stats.publish"
        asked = 0
        for item in objects(self.api.get(path), "channels"):
            if not number(mapping(item, "message_stats"), "publish"):
                continue
            confirms, user = required(item, "confirm", bool, "channels"), str(item.get("user", ""))
            exchanges: list[str | None] = [None]
            if detailed and asked < _DETAILED:
                asked += 1
                exchanges = self._published(required(item, "name", str, "channels")) or [None]
            for exchange in exchanges:
                named = f"{self.server.name}: a channel of user {user}"
                yield PublisherState(exchange, confirms, user, Place(named, 0))

    def _published(self, channel: str) -> list[str | None]:
        try:
            told = self.api.get(f"/api/channels/{quote(channel, safe='')}?columns=publishes")
        except NotAnsweredError:
            return []  # channels come and go: one that has gone since is known to have published, not where to
        found = objects(told.get("publishes", []), "publishes") if isinstance(told, dict) else iter(())
        return [required(mapping(item, "exchange"), "name", str, "publishes") for item in found]

    def _permissions(self) -> Iterator[PermissionState]:
        users = objects(self.api.get("/api/users?columns=name,tags"), "users")
        administrators = _administrators(users)
        path = f"/api/vhosts/{self.host}/permissions"
        for item in objects(self.api.get(path), "permissions"):
            yield _permission(self.server, item, administrators)


# Exports of definitions ---------------------------------------------------------------------------------------------


def _exported(server: BrokerServer, path: Path) -> BrokerState:
    """What an export of definitions says, as ``rabbitmqctl export_definitions`` or the management API writes it."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise NotAnsweredError(f"the file that {server.definitions} names cannot be read: {error.strerror}") from error
    if len(data) > LARGEST:
        raise NotAnsweredError(f"the file that {server.definitions} names is larger than {LARGEST >> 20} MB")
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotAnsweredError(f"the file that {server.definitions} names is no JSON") from error
    if not isinstance(told, dict) or not isinstance(told.get("queues"), list):
        raise NotAnsweredError(f"the file that {server.definitions} names is no export of RabbitMQ's definitions")

    def those(key: str) -> Iterator[Mapping[str, Any]]:
        for item in objects(told.get(key, []), key):
            # An export of one virtual host leaves its name out.
            if item.get("vhost", server.virtual_host) == server.virtual_host:
                yield item

    hosts = [item.get("name") for item in objects(told.get("vhosts", []), "virtual hosts")]
    if hosts and server.virtual_host not in hosts:
        raise NotAnsweredError(f"the export that {server.definitions} names has no virtual host {server.virtual_host}")
    operators = [
        {**item, **mapping(item, "value")} for item in those("parameters") if item.get("component") == "operator_policy"
    ]
    policies = [*_policies(server, those("policies")), *_policies(server, operators, operator=True)]
    built_in = [("", "direct"), ("amq.direct", "direct"), ("amq.fanout", "fanout"), ("amq.topic", "topic"),
                ("amq.headers", "headers"), ("amq.match", "headers")]  # fmt: skip
    exchanges = [ExchangeState(name, kind, True, _place(server, name)) for name, kind in built_in]
    exchanges += [_exchange(server, item) for item in those("exchanges")]
    administrators = _administrators(objects(told.get("users", []), "users"))
    return BrokerState(
        server.name,
        server.virtual_host,
        str(told.get("rabbitmq_version", "")),
        _place(server),
        running=False,
        queues=_sorted(_queue(server, item) for item in those("queues")),
        policies=_sorted(policies),
        exchanges=_sorted(exchanges),
        bindings=_sorted(_binding(server, item) for item in those("bindings")),
        permissions=_sorted(_permission(server, item, administrators) for item in those("permissions"))
        if "permissions" in told
        else None,
    )


# What both have in common -------------------------------------------------------------------------------------------


def _queue(server: BrokerServer, item: Mapping[str, Any]) -> QueueState:
    name = required(item, "name", str, "queues")
    arguments = mapping(item, "arguments")
    kind = str(item.get("type") or arguments.get("x-queue-type") or "classic")
    told = item.get("effective_policy_definition")
    return QueueState(
        name,
        required(item, "durable", bool, "queues"),
        required(item, "auto_delete", bool, "queues"),
        item.get("exclusive") is True,
        kind,
        _place(server, name),
        arguments,
        # The broker's own word comes with the statistics, some seconds after the queue.
        MappingProxyType(told) if isinstance(told, dict) and item.get("state") else None,
        number(item, "messages"),
        _transient(item, kind),
    )


def _transient(item: Mapping[str, Any], kind: str) -> int | None:
    """Bytes of messages that are not persistent. Only a durable classic queue tells: others count all, or none.

    Bytes, since both figures are taken at one moment; the numbers of messages are not.
    """
    total, persistent = number(item, "message_bytes"), number(item, "message_bytes_persistent")
    if total is None or persistent is None or kind != "classic" or item.get("durable") is not True:
        return None
    return max(0, total - persistent)


def _exchange(server: BrokerServer, item: Mapping[str, Any]) -> ExchangeState:
    name = required(item, "name", str, "exchanges")
    alternate = mapping(item, "arguments").get("alternate-exchange")
    return ExchangeState(
        name,
        required(item, "type", str, "exchanges"),
        required(item, "durable", bool, "exchanges"),
        _place(server, name),
        str(alternate) if alternate is not None else None,
    )


def _binding(server: BrokerServer, item: Mapping[str, Any]) -> BindingState:
    source, destination = (required(item, key, str, "bindings") for key in ("source", "destination"))
    return BindingState(
        source,
        destination,
        required(item, "routing_key", str, "bindings"),
        _place(server, destination),
        required(item, "destination_type", str, "bindings") == "exchange",
    )


def _tags(user: Mapping[str, Any]) -> set[str] | None:
    """The tags of a user; before 3.9 they are one text."""
    tags = user.get("tags")
    if isinstance(tags, str):
        tags = tags.split(",")
    return {str(tag).strip() for tag in tags} if isinstance(tags, list) else None


def _administrators(users: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(required(user, "name", str, "users") for user in users if "administrator" in (_tags(user) or ()))


def _permission(server: BrokerServer, item: Mapping[str, Any], administrators: frozenset[str]) -> PermissionState:
    user, *patterns = (required(item, key, str, "permissions") for key in ("user", "configure", "write", "read"))
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise NotAnsweredError(f"a pattern of user {user} cannot be read: {error}") from error
    configure, write, read = patterns
    place = Place(f"{server.name}: user {user}", 0)
    return PermissionState(user, configure, write, read, place, user in administrators)


def _policies(
    server: BrokerServer, items: Iterable[Mapping[str, Any]], *, operator: bool = False
) -> Iterator[PolicyDefinition]:
    for item in items:
        name, pattern = (required(item, key, str, "policies") for key in ("name", "pattern"))
        try:
            re.compile(pattern)
        except re.error as error:
            raise NotAnsweredError(f"the pattern of policy {name} cannot be read: {error}") from error
        apply_to, rank = str(item.get("apply-to", "all")), number(item, "priority") or 0
        definition, place = mapping(item, "definition"), Place(f"{server.name}: policy {name}", 0)
        yield PolicyDefinition(name, pattern, apply_to, rank, definition, place, operator)


def _place(server: BrokerServer, name: str = "") -> Place:
    """``rabbitmq:/invoice-issued``: the broker, its virtual host, and a thing in it."""
    host = server.virtual_host
    return Place(f"{server.name}:{host if host.endswith('/') else host + '/'}{name}", 0)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2] if part.isdecimal()) if text else (0,)


def _sorted(states: Any) -> tuple[Any, ...]:
    """In an order that does not depend on the server's, each once."""
    found = {repr(state): state for state in states}
    return tuple(found[key] for key in sorted(found))
