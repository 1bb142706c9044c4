"""What RabbitMQ definitions say of the broker."""

from __future__ import annotations

import json

import pytest

from quantafit.evidence.configuration import collect
from quantafit.model import Configuration, ExchangeDefinition, Place, PolicyDefinition, QueueBinding
from quantafit.workspace import MemoryWorkspace

DEFINITIONS = """\
{
\t"rabbit_version": "3.13.1",
\t"users": [{"name": "guest", "password_hash": "hunter2"}],
\t"queues": [
\t\t{"name": "billing-info", "vhost": "/", "durable": true, "auto_delete": false,
\t\t "arguments": {"x-queue-type": "quorum", "x-max-length": 10}},
\t\t{"name": "lossy"}
\t],
\t"exchanges": [{"name": "customer", "type": "topic", "durable": true}],
\t"bindings": [
\t\t{"source": "customer", "destination": "billing-info", "destination_type": "queue", "routing_key": "card.#"}
\t],
\t"policies": [
\t\t{"name": "dead", "pattern": "^b", "apply-to": "queues", "priority": 7, "definition": {"dead-letter-exchange": "d"}}
\t]
}
"""


def definitions(text: str, path: str = "deploy/definitions.json") -> Configuration:
    return collect(MemoryWorkspace({path: text}))


def test_queues_have_places_and_arguments() -> None:
    billing, lossy = definitions(DEFINITIONS).queues
    assert (billing.name, billing.durable, billing.auto_delete) == ("billing-info", True, False)
    assert billing.arguments == {"x-queue-type": "quorum", "x-max-length": 10}
    assert billing.place == Place("deploy/definitions.json", 5, 4)
    assert (lossy.durable, lossy.place.line) == (False, 7)


def test_exchanges_bindings_and_policies_have_places() -> None:
    found = definitions(DEFINITIONS)
    path = "deploy/definitions.json"
    assert found.exchanges == (ExchangeDefinition("customer", "topic", True, Place(path, 9, 17)),)
    assert found.bindings == (QueueBinding("customer", "billing-info", "queue", "card.#", Place(path, 11, 26)),)
    assert found.policies == (
        PolicyDefinition("dead", "^b", "queues", 7, {"dead-letter-exchange": "d"}, Place(path, 14, 4)),
    )
    assert (found.files, found.errors) == ((path,), ())


def test_nothing_of_the_users_is_kept() -> None:
    assert "hunter2" not in repr(definitions(DEFINITIONS))


@pytest.mark.parametrize("path", ["definitions.json", "rabbitmq/load.json", "broker.json"])
def test_definitions_are_told_by_their_content(path: str) -> None:
    assert len(definitions(DEFINITIONS, path).queues) == 2


def test_json_as_programs_write_it_is_read() -> None:
    for written in (json.dumps(json.loads(DEFINITIONS)), json.dumps(json.loads(DEFINITIONS), separators=(",", ":"))):
        assert len(definitions(written).queues) == 2
        assert definitions(written).errors == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("function.json", '{"bindings": [{"type": "httpTrigger", "name": "req"}]}'),
        ("package.json", '{"name": "x", "queues": 3}'),
        ("asyncapi.json", '{"channels": {"bindings": {"queues": []}}}'),
        ("broken.json", '{"queues": ['),
        ("tests/definitions.json", DEFINITIONS),
    ],
)
def test_other_json_is_silent(path: str, text: str) -> None:
    found = definitions(text, path)
    assert (found.queues, found.bindings, found.errors) == ((), (), ())


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('{"queues": [\n{"name": "q"', 2, "not closed"),
        ('{"queues": [],\n"bindings": {}, "exchanges": []}', 2, "bindings wants a list"),
        ('{"queues": [\n{"durable": true}], "vhosts": []}', 2, "an item of queues wants name"),
        ('{"queues": [\n{"name": "q", "durable": "yes"}]}', 2, "durable wants true or false"),
        ('{"queues": [3]}', 1, "an item of queues wants name"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_place(text: str, line: int, message: str) -> None:
    (error,) = definitions(text).errors
    assert (error.place.line, message in error.message) == (line, True), error


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("k8s/broker.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  load.json: |\n"),
        ("compose.yaml", "services: {}\nconfigs:\n  definitions:\n    content: |\n"),
    ],
)
def test_definitions_inside_another_file_are_read_with_their_lines(path: str, head: str) -> None:
    text = head + "".join(f"        {line}\n" for line in DEFINITIONS.expandtabs(2).splitlines())
    billing, _ = definitions(text, path).queues
    assert (billing.name, billing.place.line) == ("billing-info", head.count("\n") + 5)
    assert text.splitlines()[billing.place.line - 1].strip().startswith('{"name": "billing-info"')
