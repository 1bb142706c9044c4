"""message/dead-letter: a message that cannot be handled, and is set aside nowhere."""

from collections.abc import Iterator

from quantafit.fitness.delivery import Point, delivery_rule
from quantafit.fitness.experiments import Trial, accepted, also_by_experiment, contradiction, listed, ruling
from quantafit.fitness.rule import Ruling
from quantafit.fitness.system import System
from quantafit.model import DEAD_LETTERS, EvidenceKind, Experiment, Proof, RuleCard

SHOP = """\
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
      dead_letter: true
```
```python customer/cards.py
import pika


def add_card(last_four):
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.basic_publish("", "cards", last_four)
```
```python billing/cards.py
import pika


def take_card(channel, method, properties, body):
    print("card taken")
    channel.basic_ack(method.delivery_tag)


def run():
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
"""
BINDS = """\
    channel.exchange_declare("dead", exchange_type="fanout", durable=True)
    channel.queue_declare("cards.dead", durable=True)
    channel.queue_bind("cards.dead", "dead", routing_key="")
"""
CONSUMES = """\
    channel.queue_declare("cards", durable=True, arguments={"x-dead-letter-exchange": "dead"})
    channel.basic_consume("cards", take_card)
    channel.start_consuming()
```
"""

CARD = RuleCard(
    name="message/dead-letter",
    title="A message that cannot be handled is lost, or comes back for ever",
    what=(
        "For every message interaction that demands `dead_letter` (`delivery: at_least_once` does): the queue of each "
        "receiver has a dead-letter exchange, and by it a message of this queue reaches a queue that exists: not the "
        "same queue again, and not one that a restart takes away. Arguments and policies count, as the broker makes "
        "them hold. Every alternative transport must show it."
    ),
    why=(
        "A receiver that rejects a message, or fails on it until the delivery limit, hands it back to the broker. "
        "Without a dead-letter exchange the broker drops it, without a word to anyone, and so it does where nothing is "
        "bound to that exchange. A receiver that puts it back instead gets it again for ever, and those behind it wait."
    ),
    broken=f"The dead-letter exchange is named, and nothing is bound to it:\n\n{SHOP}{CONSUMES}",
    kept=f"A queue is bound to the exchange:\n\n{SHOP}{BINDS}{CONSUMES}",
    repair=(
        "Give the queue `x-dead-letter-exchange`, by its declaration or by a policy.",
        "Declare a durable queue for what is set aside, and bind it to that exchange with the routing key that dead "
        "letters carry: that of `x-dead-letter-routing-key`, else their own.",
        "Give a quorum queue `x-delivery-limit`, so that a message which always fails gets there.",
        "Where a message that fails may be dropped, write `dead_letter: false` under its `delivery`, and why.",
    ),
    limits=(
        "Sees where a dead letter would go, not that one ever went; a drill with `proves: dead-letter` shows that too, "
        "in a run with its record. Without one, it does not judge whether the receiver rejects or puts back for ever. "
        "A running broker tells whether somebody consumes the dead letters; the reason of a pass says so, and no "
        "verdict depends on it."
    ),
    proves=(EvidenceKind.SOURCE, EvidenceKind.CONFIGURATION, EvidenceKind.RUNTIME),
)


def judge(trial: Trial, record: Experiment, _system: System) -> Ruling:
    """One message among many cannot be handled: the others arrive, and it is set aside."""
    poison = {sent.id for drive in record.drives for sent in drive.sent if sent.ok and sent.poison}
    sound = accepted(record)
    effects, aside = record.counted_elsewhere(DEAD_LETTERS), record.counted(DEAD_LETTERS)
    lost = [id for id in sound if id not in effects]
    missing = sorted(poison - aside.keys())
    found = []
    unsure = [*_not_exercised(trial, record, poison)]
    if missing and not unsure:
        message = f"{listed(missing)} cannot be handled, and was not set aside"
        found.append(contradiction(trial, message, RULE.card.repair, "poison"))
    if lost and not unsure:
        message = f"{len(lost)} of {len(sound)} had no effect, with poison among them: {listed(lost)}"
        found.append(contradiction(trial, message, RULE.card.repair, "blocked"))
    reason = f"{listed(sorted(poison))} was set aside, and the {len(sound)} others arrived"
    return ruling(trial, found, unsure, reason)


def _not_exercised(trial: Trial, record: Experiment, poison: set[str]) -> Iterator[str]:
    sent = [one for drive in record.drives for one in drive.sent if one.ok]
    if not poison:
        yield f"drill {trial.name}: nothing was sent that cannot be handled"
    elif sent[-1].poison:
        yield f"drill {trial.name}: nothing was sent behind what cannot be handled"
    probes = {count.probe for count in record.counts}
    if DEAD_LETTERS not in probes or len(probes) < 2:
        yield f"drill {trial.name} has to count {DEAD_LETTERS}, and the effects by another probe"
    if any(drive.ended > count.began for drive in record.drives for count in record.counts):
        yield f"drill {trial.name}: something was sent after a count began"


RULE = also_by_experiment(
    delivery_rule(
        CARD,
        Point(
            demand=lambda delivery: delivery.dead_letter,
            fact="dead_letter",
            otherwise="a message that cannot be handled is set aside nowhere",
            ways_out=(
                "Give the queue a dead-letter exchange, and bind a durable queue to it for what is set aside.",
                "If a message that fails may be dropped, write `dead_letter: false` under its `delivery`, and why.",
            ),
            receiving=True,
        ),
    ),
    Proof.DEAD_LETTER,
    judge,
)
