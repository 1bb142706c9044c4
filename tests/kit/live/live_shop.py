"""A private RabbitMQ with its management API, and a small shop that is right in code, definitions and on the broker."""

from __future__ import annotations

import base64
import json
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pika
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from private_servers import PrivateRabbitmq
from quantafit import app
from quantafit.model import Evaluation, EvidenceKind, Judgement

DEAD = {"x-dead-letter-exchange": "dead"}

CUSTOMER = """\
import pika


def add_card(last_four):
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.confirm_delivery()
    channel.basic_publish("", "cards", last_four, pika.BasicProperties(delivery_mode=2), mandatory=True)
"""
BILLING = """\
import pika


def take_card(channel, method, properties, body):
    print("card taken")
    channel.basic_ack(method.delivery_tag)


def run():
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.exchange_declare("dead", exchange_type="fanout", durable=True)
    channel.queue_declare("cards.dead", durable=True)
    channel.queue_bind("cards.dead", "dead", routing_key="")
    channel.queue_declare("cards", durable=True, arguments={"x-dead-letter-exchange": "dead"})
    channel.basic_consume("cards", take_card)
    channel.start_consuming()
"""
DECLARATION = """\
schema: quanta/1
system: shop
quanta:
  customer: {{source: customer}}
  billing: {{source: billing}}
interactions:
  - {{id: cards, from: customer, to: billing, style: message, channel: cards, delivery: at_least_once}}
live:
  brokers:
    rabbit:
      management: {{env: SHOP_MANAGEMENT}}
      definitions: {{env: SHOP_EXPORT}}
      virtual_host: {host}
"""
DEFINITIONS = {
    "vhosts": [{"name": "/"}],
    "queues": [
        {"name": "cards", "vhost": "/", "durable": True, "auto_delete": False, "arguments": DEAD},
        {"name": "cards.dead", "vhost": "/", "durable": True, "auto_delete": False, "arguments": {}},
    ],
    "exchanges": [{"name": "dead", "vhost": "/", "type": "fanout", "durable": True}],
    "bindings": [
        {
            "source": "dead", "vhost": "/", "destination": "cards.dead", "destination_type": "queue",
            "routing_key": "", "arguments": {},
        }
    ],
}  # fmt: skip


class Shop:
    """The shop's tree on disk, and its virtual host on a broker."""

    def __init__(self, tree: Path, rabbitmq: PrivateRabbitmq, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tree = tree
        self.rabbitmq = rabbitmq
        self.host = f"shop-{uuid4().hex[:8]}"
        self.monkeypatch = monkeypatch
        self.connection: Any = None
        for name, text in (("customer", CUSTOMER), ("billing", BILLING)):
            (tree / name).mkdir()
            (tree / name / "cards.py").write_text(text)
        (tree / "quanta.yaml").write_text(DECLARATION.format(host=self.host))
        self.define(DEFINITIONS)
        self.ask_as("guest", "guest")

    def define(self, definitions: dict[str, Any]) -> None:
        (self.tree / "definitions.json").write_text(json.dumps(definitions, indent=1))

    def ask_as(self, user: str, password: str) -> None:
        self.ask_at(self.rabbitmq.management_url().replace("://", f"://{user}:{password}@"))

    def ask_at(self, url: str) -> None:
        self.monkeypatch.setenv("SHOP_MANAGEMENT", url)

    def api(self, method: str, path: str, body: object = None) -> Any:
        """The management API as its administrator."""
        token = base64.b64encode(b"guest:guest").decode()
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.rabbitmq.management_url() + path, data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read()
        return json.loads(text) if text else None

    def open(self) -> None:
        """Make the virtual host, with the queues as the shop declares them."""
        self.api("PUT", f"/api/vhosts/{self.host}", {})
        self.api("PUT", f"/api/permissions/{self.host}/guest", {"configure": ".*", "write": ".*", "read": ".*"})
        self.connection = pika.BlockingConnection(pika.URLParameters(self.rabbitmq.url(self.host)))
        channel = self.channel()
        channel.exchange_declare("dead", exchange_type="fanout", durable=True)
        channel.queue_declare("cards.dead", durable=True)
        channel.queue_bind("cards.dead", "dead", routing_key="")
        channel.queue_declare("cards", durable=True, arguments=DEAD)

    def close(self) -> None:
        with suppress(pika.exceptions.AMQPError):  # the broker may have been killed meanwhile
            self.connection.close()
        self.api("DELETE", f"/api/vhosts/{self.host}")

    def channel(self) -> Any:
        return self.connection.channel()

    def policy(self, kind: str = "policies", pattern: str = "^cards$", **definition: object) -> None:
        """Set a policy on the queue of cards."""
        plain = {name.replace("_", "-"): value for name, value in definition.items()}
        body = {"pattern": pattern, "definition": plain, "priority": 1, "apply-to": "queues"}
        self.api("PUT", f"/api/{kind}/{quote(self.host)}/house-rule", body)

    def check(self, *, live: bool = True) -> Evaluation:
        return app.check(self.tree, live=live)

    def judged(self, rule: str, subject: str = "cards") -> Judgement:
        return judged(self.check(), rule, subject)

    def eventually(self, rule: str, wanted: Callable[[Judgement], bool]) -> Judgement:
        """What a rule says once the broker has counted; its statistics come half a second after what they count."""
        end = time.monotonic() + 20
        while True:
            judgement = self.judged(rule)
            if wanted(judgement) or time.monotonic() > end:
                return judgement
            self.connection.process_data_events(0.3)


def judged(evaluation: Evaluation, rule: str, subject: str = "cards") -> Judgement:
    return next(j for j in evaluation.judgements if (j.rule, j.subject.name) == (rule, subject))


def at_runtime(judgement: Judgement) -> str:
    """What the running broker alone says."""
    return judgement.by_kind[EvidenceKind.RUNTIME]
