"""AsyncAPI documents, versions 2 and 3: the channels that an application is said to send to and receive from.

A document proves nothing: it is shown beside what is observed. Source: AsyncAPI 2.6 and 3.0, "Channel", "Operation".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from quantafit.documents import Node
from quantafit.evidence.configuration.nodes import entries, get, place, text
from quantafit.model import DocumentedChannel

_MARK = re.compile(rb"^\s*[\"']?asyncapi[\"']?\s*:\s*[\"']?[23]\.", re.MULTILINE)
_ACTIONS = {"publish": "receive", "subscribe": "send"}
"""Version 2 says what others do: they publish what the application receives."""


def is_candidate(data: bytes) -> bool:
    """Whether a file may be an AsyncAPI document: a search in its bytes, without parsing."""
    return _MARK.search(data) is not None


def channels(path: str, root: Node) -> Iterator[DocumentedChannel]:
    """The channels of a document with what is done on them."""
    addresses = {entry.key: text(get(entry.value, "address")) or entry.key for entry in entries(get(root, "channels"))}
    for entry in entries(get(root, "channels")):
        for operation in entries(entry.value):
            if operation.key in _ACTIONS:
                yield DocumentedChannel(entry.key, _ACTIONS[operation.key], place(path, operation))
    for entry in entries(get(root, "operations")):
        action = text(get(entry.value, "action"))
        name = (text(get(entry.value, "channel", "$ref")) or "").rpartition("/")[2]
        if action in ("send", "receive") and name:
            yield DocumentedChannel(addresses.get(name, name), action, place(path, entry))
