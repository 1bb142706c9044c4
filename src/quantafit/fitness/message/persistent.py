"""message/persistent: a message that the broker keeps in memory only."""

from quantafit.fitness.delivery import Point, delivery_rule
from quantafit.model import EvidenceKind, RuleCard

CARD = RuleCard(
    name="message/persistent",
    title="A message that does not survive a restart of the broker",
    what=(
        "For every message interaction that demands `persistent` (`delivery: at_least_once` does): every place that "
        "publishes it marks the message persistent, or publishes to a queue that writes every message to disk. Every "
        "alternative transport must show it."
    ),
    why=(
        "A durable queue comes back empty if the messages in it were transient. In AMQP that is the default: a message "
        "without `delivery_mode=2` is kept in memory and lost with the broker. Durable and persistent are two facts, "
        "and only both together keep a message."
    ),
    broken="""\
The queue is durable, the message is not: pika's default delivery mode is transient.

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
  billing:
    source: [billing]
interactions:
  - from: customer
    to: billing
    style: message
    channel: cards
    delivery:
      persistent: true
```
```python customer/cards.py
import pika


def add_card(last_four):
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.queue_declare("cards", durable=True)
    channel.basic_publish("", "cards", last_four)
```
```python billing/cards.py
import pika


def take_card(channel, method, properties, body):
    print("card taken")
    channel.basic_ack(method.delivery_tag)


def run():
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.queue_declare("cards", durable=True)
    channel.basic_consume("cards", take_card)
    channel.start_consuming()
```
""",
    kept="""\
The message says that it is to be kept:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
  billing:
    source: [billing]
interactions:
  - from: customer
    to: billing
    style: message
    channel: cards
    delivery:
      persistent: true
```
```python customer/cards.py
import pika


def add_card(last_four):
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.queue_declare("cards", durable=True)
    channel.basic_publish("", "cards", last_four, pika.BasicProperties(delivery_mode=2))
```
```python billing/cards.py
import pika


def take_card(channel, method, properties, body):
    print("card taken")
    channel.basic_ack(method.delivery_tag)


def run():
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.queue_declare("cards", durable=True)
    channel.basic_consume("cards", take_card)
    channel.start_consuming()
```
""",
    repair=(
        "Publish with the persistent delivery mode: `delivery_mode=2`, `DeliveryMode.PERSISTENT`, `persist=True`.",
        "Or use a quorum queue, which writes every message to disk whatever its mode.",
        "Where the message may be lost, write `persistent: false` under its `delivery`, and why.",
    ),
    limits=(
        "Judges what is sent, not what became of it: a message that expires, or is dropped by a length limit, was "
        "persistent all the same. Messages that a dead-letter queue receives keep the mode that they were sent with. "
        "A running broker can only refute it, by a transient message that waits in a durable classic queue: an empty "
        "queue proves nothing."
    ),
    proves=(EvidenceKind.SOURCE, EvidenceKind.CONFIGURATION, EvidenceKind.RUNTIME),
)

RULE = delivery_rule(
    CARD,
    Point(
        demand=lambda delivery: delivery.persistent,
        fact="persist",
        otherwise="the message is not persistent",
        ways_out=(
            "Publish it with the persistent delivery mode.",
            "If the message may be lost, write `persistent: false` under its `delivery`, and why.",
        ),
    ),
)
