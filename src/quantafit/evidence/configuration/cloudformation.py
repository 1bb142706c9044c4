"""CloudFormation and SAM templates, alone or inside a Serverless file: the queues that are subscribed to topics.

Read: ``AWS::SNS::Subscription`` and the ``Subscription`` list of ``AWS::SNS::Topic``, where the protocol is ``sqs``. A
topic or queue goes by its ``TopicName`` or ``QueueName``; one without is named at deployment, and its logical name
stands for it. Source: AWS CloudFormation template reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from quantafit.documents import Entry, Mapping, Node, Sequence
from quantafit.evidence.configuration.nodes import entries, get, items, place, text
from quantafit.model import QueueBinding

_MARK = re.compile(rb"AWS::SNS::(Subscription|Topic)\b")
_REFERENCE = re.compile(r"\$\{([\w.:]+)\}")
_TOPIC, _SUBSCRIPTION = "AWS::SNS::Topic", "AWS::SNS::Subscription"
_NAMED_BY = {_TOPIC: "TopicName", "AWS::SQS::Queue": "QueueName"}
_FUNCTIONS = ("Ref", "Fn::GetAtt", "Fn::Sub")
_DEEPEST = 6


def is_candidate(data: bytes) -> bool:
    """Whether a file may hold a template with topics: a search in its bytes, without parsing."""
    return _MARK.search(data) is not None


def bindings(path: str, root: Node) -> Iterator[QueueBinding]:
    """Each queue that a template subscribes to a topic."""
    for holder in (root, get(root, "resources")):
        template = _Template(holder)
        for entry in entries(get(holder, "Resources")):
            for topic, queue in template.subscriptions(entry):
                yield QueueBinding(topic, queue, "queue", "*", place(path, entry))


@dataclass(frozen=True, slots=True)
class _Template:
    root: Node | None

    def subscriptions(self, resource: Entry) -> Iterator[tuple[str, str]]:
        """The topics and queues that one resource brings together, by their names."""
        kind, properties = text(get(resource.value, "Type")), get(resource.value, "Properties")
        if kind == _SUBSCRIPTION:
            found = [(self.name(get(properties, "TopicArn")), properties)]
        elif kind == _TOPIC:
            found = [(self.called(resource.key), one) for one in items(get(properties, "Subscription"))]
        else:
            return
        for topic, subscribed in found:
            queue = self.name(get(subscribed, "Endpoint"))
            if (text(get(subscribed, "Protocol")) or "").lower() == "sqs" and topic and queue:
                yield topic, queue

    def name(self, node: Node | None, depth: int = _DEEPEST) -> str | None:
        """The name of the topic or queue that an expression stands for, which ends its ARN and its URL."""
        if depth == 0:
            return None
        if isinstance(node, Mapping):
            inner = (entry.value for entry in entries(node) if entry.key in _FUNCTIONS)
            return self.name(next(inner, None), depth - 1)
        if isinstance(node, Sequence):  # Fn::GetAtt: [Queue, Arn]; Fn::Sub: [text, variables]
            return self.name(items(node)[0], depth - 1) if items(node) else None
        written = text(node)
        if written is None:
            return None
        if self.knows(written):
            return self.called(written, depth - 1)
        parts = [self.called(one, depth - 1) or "" for one in _REFERENCE.findall(written) if self.knows(one)]
        whole = _REFERENCE.sub(lambda found: parts.pop(0) if self.knows(found[1]) and parts else found[0], written)
        last = re.split(r"[:/]", whole)[-1]
        return None if "${" in last else last

    def knows(self, reference: str) -> bool:
        logical = reference.partition(".")[0]
        return get(self.root, "Resources", logical) is not None or get(self.root, "Parameters", logical) is not None

    def called(self, reference: str, depth: int = _DEEPEST) -> str | None:
        """The name of what a logical name, or an attribute of it, refers to."""
        logical = reference.partition(".")[0]
        resource = get(self.root, "Resources", logical)
        if resource is None:
            return text(get(self.root, "Parameters", logical, "Default"))
        named = get(resource, "Properties", _NAMED_BY.get(text(get(resource, "Type")) or "", ""))
        return self.name(named, depth) if named is not None else logical
