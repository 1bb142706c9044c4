"""quantum/synchronous-call: one quantum's work waits for another quantum's answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from quantafit.fitness.cases import doubts, edge_waiver, guesses, kind_of, pair_cases
from quantafit.fitness.rule import Case, Contradiction, Rule, Ruling
from quantafit.fitness.system import Pair, System, site
from quantafit.model import Communication, Crossing, EvidenceKind, RuleCard, Style, TargetKind

# Not calls: an import is judged by quantum/import, a foreign database by quantum/shared-datastore.
OTHER_FUNCTIONS = frozenset({"import", "database"})

CARD = RuleCard(
    name="quantum/synchronous-call",
    title="A call from one quantum to another that waits for the answer",
    what=(
        "For every ordered pair of quanta: no code of the first calls the second synchronously. Synchronous means "
        "that the caller's pending work needs an answer made by the other quantum. `await`, threads and a "
        "request/reply over a queue do not change that: the work still waits. A call is permitted where an interaction "
        "with `style: call` is declared for the pair."
    ),
    why=(
        "While a call waits, the two quanta share their availability, their latency and their scale: if one is down, "
        "slow or flooded, so is the other. For the duration of the call they are one quantum (*Software Architecture: "
        "The Hard Parts*, dynamic coupling)."
    ),
    broken="""\
Customer waits for billing inside its own request:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
  billing:
    source: [billing]
    hosts: [billing]
```
```python customer/cards.py
import httpx


def add_card(last_four):
    httpx.post("http://billing:8000/cards", json={"last_four": last_four})
```
```python billing/cards.py
def take_card(last_four):
    return last_four
```
""",
    kept="""\
Customer leaves a message and goes on; billing takes it when it can:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
  billing:
    source: [billing]
    hosts: [billing]
interactions:
  - from: customer
    to: billing
    style: message
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
        "Send a message and let the work go on; what comes back later is a message of its own.",
        "Keep a read-only replica of what is asked for, and read it locally.",
        "Where the answer is really needed at once, declare the interaction with `style: call` and say why.",
        "Where the two always need each other, make them one quantum.",
    ),
    limits=(
        "Sees calls that the code makes, not calls made by a proxy or a browser. Two one-way messages that a caller "
        "waits for by polling its own database are not recognised as a call."
    ),
    proves=(EvidenceKind.SOURCE,),
    refutes=(EvidenceKind.CONFIGURATION, EvidenceKind.RUNTIME),
    options={"forbid": "quanta that nobody calls and that call nobody, even where `style: call` is declared"},
)


@dataclass(frozen=True, slots=True)
class Options:
    """``forbid``: names of quanta for which a declared call permits nothing."""

    forbid: tuple[str, ...] = ()


def check_options(options: Options, system: System) -> Iterator[str]:
    for name in options.forbid:
        if name not in system.quanta:
            yield f"option 'forbid' of {CARD.name} names no quantum: {name!r}"


def select(system: System) -> Iterable[Case[Pair]]:
    return pair_cases(system, "its calls", lambda pair: any(is_call(c) for c in system.between(*pair)))


def is_call(crossing: Crossing) -> bool:
    """Whether a crossing makes the caller's work wait for another quantum."""
    return crossing.communication is Communication.SYNCHRONOUS and crossing.mechanism not in OTHER_FUNCTIONS


def judge(pair: Pair, system: System, options: Options) -> Ruling:
    calls = [crossing for crossing in system.between(*pair) if is_call(crossing)]
    permitted = _permitted(pair, system, options)
    return Ruling(
        against=() if permitted else tuple(_finding(call, pair) for call in calls),
        doubts=() if permitted else tuple(_doubts(pair, system)),
        needs=(pair[0],),
        reason=_reason(pair, len(calls)),
    )


def _permitted(pair: Pair, system: System, options: Options) -> bool:
    declared = ((i.source, i.target) for i in system.architecture.interactions if i.style is Style.CALL)
    return pair in declared and not set(pair) & set(options.forbid)


def _doubts(pair: Pair, system: System) -> Iterator[str]:
    source = pair[0]
    yield from doubts(system, source, "request")
    yield from guesses(system, pair, is_call)
    for crossing in system.leaving(source):
        if is_call(crossing) and crossing.target_kind is TargetKind.UNROUTED:
            yield f"{source} calls {crossing.address or 'a target that cannot be told'} at {site(crossing)}"


def _finding(call: Crossing, pair: Pair) -> Contradiction:
    source, target = pair
    over = f"over {call.mechanism}" + (f" ({call.address or call.channel})" if call.address or call.channel else "")
    guess = "" if call.confidence == "high" else f"; the target is known with {call.confidence} confidence"
    return Contradiction(
        f"{source} calls {target} {over} and waits for the answer{guess}",
        site(call),
        kind_of(call),
        call.path,
        (
            f"Publish a message that {target} consumes and let {source} go on; declare it `style: message`.",
            f"If {source} only reads, keep a replica in {source}; declare it `style: replication` from {target}.",
            f"If {source} must wait, declare `from: {source}, to: {target}, style: call` and say why in a decision.",
            edge_waiver(pair),
        ),
        call.mechanism,
    )


def _reason(pair: Pair, calls: int) -> str:
    source, target = pair
    return f"the calls of {source} to {target} are declared" if calls else f"no code of {source} calls {target}"


RULE = Rule(CARD, select, judge, Options, check_options)
