"""Whether those that use one name can meet: a name is one channel within one broker, and within one of its rooms.

Redis: lists and streams are keys of one numbered database, and a key holds one kind of thing; what is announced by
pub/sub has no database (Redis documentation, "SELECT", "Pub/sub"). Compose: a name of a service is known within its
project (Compose specification, "networks"). Whatever could not be told may be the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from quantafit.coupling.channels import Broker
from quantafit.coupling.resolve import HOLE
from quantafit.coupling.targets import parts
from quantafit.model.observations import Observation


def strangers(publish: Observation, consumer: Observation, broker: Broker) -> bool:
    """Whether what is put under a name is never what is taken from it: of another kind, or in another database."""
    one, other = (broker.texts(end, "kind") for end in (publish, consumer))
    if one and other and one != other:
        return True
    numbers = [set(_numbers(end, broker)) for end in (publish, consumer)]
    return all(numbers) and None not in numbers[0] | numbers[1] and numbers[0].isdisjoint(numbers[1])


def elsewhere(publish: Observation, consumer: Observation, broker: Broker) -> str:
    """Why the two may have brokers of their own: each calls one by a name that is a unit of its own compose project."""
    own = [_projects(end, broker) for end in (publish, consumer)]
    if not all(own) or own[0] & own[1]:
        return ""
    names = [" and ".join(sorted(one)) for one in own]
    return (
        f"{consumer.quantum} takes from a channel of this name at the broker of the compose project {names[1]}, "
        f"and this one is that of {names[0]}"
    )


def _numbers(end: Observation, broker: Broker) -> Iterator[str | None]:
    """The numbers of the databases that one end may use; None for one that could not be told."""
    if "number" not in end.slots:
        return
    given = [value.text if value.whole else None for value in broker.resolved(end, "number")] or [None]
    for value in broker.resolved(end, "broker"):
        if value.text is None:
            yield None
        elif "://" not in value.text:
            yield from given
        else:
            yield from _in_url(value.text, given)


def _in_url(url: str, given: list[str | None]) -> Iterator[str | None]:
    split = urlsplit(url.replace(HOLE, "…"))
    asked = parse_qs(split.query).get("db", [])
    written = asked[-1] if asked else split.path.strip("/") if split.scheme != "unix" else ""
    if re.fullmatch(r"\d+", written):
        yield written
    elif written or split.netloc.endswith("…"):
        yield None
    else:
        yield from given


def _projects(end: Observation, broker: Broker) -> set[str]:
    """The compose projects in which the one end's broker is a unit; none where that is not sure."""
    found: set[str] = set()
    slot = "broker" if "broker" in end.slots else "store"
    for value in broker.resolved(end, slot):
        host = parts(value.text)[0] if value.text and not value.text.startswith(HOLE) else None
        projects = broker.environment.projects_with(end.quantum, host) if host is not None else set()
        if not projects:
            return set()
        found |= projects
    return found
