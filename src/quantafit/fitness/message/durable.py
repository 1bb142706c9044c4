"""message/durable: a queue between quanta that a restart of the broker would take away."""

from quantafit.fitness.delivery import Point, delivery_rule
from quantafit.model import EvidenceKind, RuleCard

CARD = RuleCard(
    name="message/durable",
    title="A queue that does not survive a restart of the broker",
    what=(
        "For every message interaction that demands `durable` (`delivery: at_least_once` does): the queue of each "
        "receiver outlives the broker. It is declared durable, is not exclusive and not deleted with its last "
        "consumer; a quorum queue or a stream always is durable. Every place that publishes or consumes, and every "
        "alternative transport, must show it."
    ),
    why=(
        "A message waits in its queue while the receiver is away. If the queue itself is gone after a restart, all "
        "that waited in it is gone too, and nobody is told. Durable is a fact about the queue: whether the message "
        "survives is a second one, judged by `message/persistent`."
    ),
    broken="""\
The queue is declared without `durable`, and pika's default is False:

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
      durable: true
```
```python customer/cards.py
import pika


def add_card(last_four):
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.queue_declare("cards")
    channel.basic_publish("", "cards", last_four)
```
```python billing/cards.py
import pika


def take_card(channel, method, properties, body):
    print("card taken")
    channel.basic_ack(method.delivery_tag)


def run():
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.queue_declare("cards")
    channel.basic_consume("cards", take_card)
    channel.start_consuming()
```
""",
    kept="""\
Both ends declare it durable:

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
      durable: true
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
        "Declare the queue durable where it is declared: `durable=True`, or a quorum queue.",
        "Do the same at the other end and in the broker's definitions: a broker refuses two declarations that differ.",
        "Where an omitted `durable` means different things in different versions of the library, write it out or pin "
        "the version.",
        "Where the message may be lost, write `durable: false` under its `delivery`, and why.",
    ),
    limits=(
        "Code and definitions show what is declared; what an operator changed on the running broker, `--live` shows: "
        "its answer proves and refutes. That the broker's own disk survives, none of them shows."
    ),
    proves=(EvidenceKind.SOURCE, EvidenceKind.CONFIGURATION, EvidenceKind.RUNTIME),
)

RULE = delivery_rule(
    CARD,
    Point(
        demand=lambda delivery: delivery.durable,
        fact="store",
        otherwise="the queue does not survive a restart of the broker",
        ways_out=(
            "Declare the queue `durable=True`, or as a quorum queue, at both ends and in the broker's definitions.",
            "If the message may be lost, write `durable: false` under its `delivery`, and why.",
        ),
        receiving=True,
        receiver=lambda receiver: receiver.durable,
    ),
)
