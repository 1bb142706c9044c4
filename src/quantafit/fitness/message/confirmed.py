"""message/confirmed: a message whose sender never learns whether the broker took it."""

from quantafit.fitness.delivery import Point, delivery_rule
from quantafit.model import EvidenceKind, RuleCard

CARD = RuleCard(
    name="message/confirmed",
    title="A message that is sent without the broker's confirmation",
    what=(
        "For every message interaction that demands `confirmed` (`delivery: at_least_once` does): every place that "
        "publishes it waits until the broker has said that it holds the message, and sees the error if it does not. "
        "Every alternative transport must show it."
    ),
    why=(
        "Without a confirmation a sender has only written to a socket. A broker that is full, restarting or missing "
        "the queue takes nothing, and the sender marks the work as done. It is the first of the three places where "
        "messages are lost; the queue and the receiver are the others."
    ),
    broken="""\
The channel does not ask for confirmations, which pika has off by default:

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
      confirmed: true
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
The channel confirms, so that `basic_publish` raises where the broker did not take the message:

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
      confirmed: true
```
```python customer/cards.py
import pika


def add_card(last_four):
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.confirm_delivery()
    channel.queue_declare("cards", durable=True)
    channel.basic_publish("", "cards", last_four, mandatory=True)
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
        "Turn publisher confirms on, and publish with `mandatory`: a message that no queue takes is confirmed too.",
        "Keep the message in an outbox until it was confirmed.",
        "Where the message may be lost, write `confirmed: false` under its `delivery`, and why.",
    ),
    limits=(
        "Sees that a confirmation is asked for and awaited, not what the code does with the error. A message that is "
        "confirmed may still be lost where queue or message are not kept: see `message/durable`, `message/persistent`. "
        "A running broker can only refute it, by a channel that publishes without confirms: senders that are away are "
        "not seen. Where it cannot be told which queue such a channel feeds, the interaction is not evaluated."
    ),
    proves=(EvidenceKind.SOURCE, EvidenceKind.RUNTIME),
    refutes=(EvidenceKind.CONFIGURATION,),
)

RULE = delivery_rule(
    CARD,
    Point(
        demand=lambda delivery: delivery.confirmed,
        fact="confirm",
        otherwise="the sender does not learn whether the broker took the message",
        ways_out=(
            "Turn publisher confirms on for the channel, and let a returned message raise.",
            "If the message may be lost, write `confirmed: false` under its `delivery`, and why.",
        ),
    ),
)
