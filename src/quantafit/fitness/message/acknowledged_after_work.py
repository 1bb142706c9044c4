"""message/acknowledged-after-work: a receiver that lets go of a message before it has done its work."""

from quantafit.fitness.delivery import Point, acknowledged_after_work, delivery_rule
from quantafit.model import EvidenceKind, RuleCard

CARD = RuleCard(
    name="message/acknowledged-after-work",
    title="A message that is acknowledged before its work is done",
    what=(
        "For every message interaction that demands `acknowledged_after_work` (`delivery: at_least_once` does): each "
        "receiver acknowledges a message when its effect is done, on every way through the handler; neither on "
        "delivery (`auto_ack`, `no_ack`), nor as the first thing it does, nor after it swallowed an error."
    ),
    why=(
        "An acknowledgement tells the broker to forget the message. If the receiver dies between that and its effect, "
        "the message is in no queue and its effect in no database."
    ),
    broken="""\
The broker forgets the message on delivery:

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
      acknowledged_after_work: true
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


def run():
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.queue_declare("cards", durable=True)
    channel.basic_consume("cards", take_card, auto_ack=True)
    channel.start_consuming()
```
""",
    kept="""\
The work comes first:

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
      acknowledged_after_work: true
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
    repair=(
        "Turn automatic acknowledgement off, and acknowledge as the last thing, after the commit.",
        "Let an error reject the message; never acknowledge in a `finally`.",
        "Make the receiver idempotent: a message that was handled and not acknowledged comes again.",
        "Where the message may be lost, write `acknowledged_after_work: false` under its `delivery`, and why.",
    ),
    limits=(
        "Knows the order of calls in a handler, not what each of them means: work that a handler only starts (a "
        "thread, a task) counts as done when the handler goes on. A running broker can only refute it, by a consumer "
        "that takes messages as acknowledged on delivery."
    ),
    proves=(EvidenceKind.SOURCE, EvidenceKind.RUNTIME),
    refutes=(EvidenceKind.CONFIGURATION,),
)

RULE = delivery_rule(
    CARD,
    Point(
        demand=lambda delivery: delivery.acknowledged_after_work,
        fact="acknowledge",
        otherwise="the receiver acknowledges the message before its work is done",
        ways_out=(
            "Acknowledge as the last thing in the handler, after the commit; turn automatic acknowledgement off.",
            "If the message may be lost, write `acknowledged_after_work: false` under its `delivery`, and why.",
        ),
        receiving=True,
        receiver=acknowledged_after_work,
    ),
)
