"""quantum/unresolved: calls that may leave a quantum and whose target stays unknown."""

from __future__ import annotations

from collections.abc import Iterator

from quantafit.fitness.cases import quantum_case, unseen_case, waiver_way_out
from quantafit.fitness.rule import Case, Contradiction, NoOptions, Rule, Ruling
from quantafit.fitness.system import System
from quantafit.model import EvidenceKind, Quantum, RuleCard, Unresolved

CARD = RuleCard(
    name="quantum/unresolved",
    title="A call that may leave the quantum, and whose target stays unknown",
    what=(
        "For every quantum: each call into a library that can reach another quantum, or into one that quantafit does "
        "not know, could be followed to its target. What could not is listed here, with what stood in the way. Every "
        "other function that it could contradict is not evaluated meanwhile."
    ),
    why=(
        "What cannot be followed cannot be judged. A gate that took it for harmless would pass exactly where somebody "
        "hid, or lost, a call."
    ),
    broken="""\
The target comes from a file that is not here:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
  billing:
    source: [billing]
```
```python customer/cards.py
import json

import httpx


def add_card(last_four):
    with open("/etc/shop/targets.json") as file:
        targets = json.load(file)
    httpx.post(targets["cards"], json={"last_four": last_four})
```
```python billing/cards.py
def take_card(last_four):
    return last_four
```
""",
    kept="""\
The target can be told, and is outside the system:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
  billing:
    source: [billing]
external: [api.postcodes.io]
```
```python customer/cards.py
import httpx


def place_of(postcode):
    return httpx.get(f"https://api.postcodes.io/postcodes/{postcode}").json()
```
```python billing/cards.py
def take_card(last_four):
    return last_four
```
""",
    repair=(
        "Bind the address where configuration is read: in a compose file, an env file, or as a default in the code.",
        "Declare how the quantum is reached: `hosts` and `env` of the target.",
        "Describe a library of your own that cannot be seen through under `libraries`.",
        "List hosts that are not yours under `external`, and common services under `platform`.",
    ),
    limits="Knows which libraries can reach out from its tables; a library that is in none of them counts as unknown.",
    proves=(EvidenceKind.SOURCE,),
)


def select(system: System) -> Iterator[Case[Quantum]]:
    for quantum in system.architecture.quanta:
        if quantum.opaque and not system.unresolved(quantum.name):
            yield unseen_case(quantum, "what it does")
        else:
            yield quantum_case(quantum)


def judge(quantum: Quantum, system: System, _options: NoOptions) -> Ruling:
    facts = system.unresolved(quantum.name)
    return Ruling(
        tuple(_finding(fact, quantum) for fact in facts),
        needs=(quantum.name,),
        reason=f"every call that may leave {quantum.name} was followed",
    )


def _finding(fact: Unresolved, quantum: Quantum) -> Contradiction:
    could_be = f"; it could be: {', '.join(fact.could_be)}" if fact.could_be else ""
    return Contradiction(
        f"{fact.what} cannot be followed: {fact.why}{could_be}",
        fact.place,
        ways_out=(
            "Bind what is unknown where configuration is read, or give the target quantum `hosts` or `env`.",
            "If it is a library of your own, describe the call under `libraries`.",
            waiver_way_out(quantum=quantum.name, path=fact.place.path),
        ),
        detail=fact.what,
    )


RULE = Rule(CARD, select, judge)
