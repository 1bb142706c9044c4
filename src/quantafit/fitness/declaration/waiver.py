"""declaration/waiver: an exemption that no longer holds, or that exempts nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from quantafit.fitness.rule import Case, Contradiction, NoOptions, Rule, Ruling
from quantafit.fitness.system import System, Waiving
from quantafit.model import EvidenceKind, RuleCard, Subject, Waiver

CARD = RuleCard(
    name="declaration/waiver",
    title="A waiver that has expired, or that matches nothing",
    what=(
        "Every waiver still holds on the day of the run, and covers at least one finding, or one subject that could "
        "not be judged. An expired waiver no longer waives: what it covered fails again."
    ),
    why=(
        "An exemption is a loan with a date. One that has run out was forgotten; one that matches nothing was solved, "
        "or misspelt, and would quietly cover the next divergence that happens to match it."
    ),
    broken="""\
Nothing needs this waiver:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
  billing:
    source: [billing]
waivers:
  - rule: quantum/import
    match:
      from: customer
      to: billing
    owner: customer-team
    reason: customer still formats cards with billing's function
    expires: 2999-12-31
```
```python customer/cards.py
def last_four(card):
    return card[-4:]
```
```python billing/cards.py
def last_four(card):
    return card[-4:]
```
""",
    kept="""\
It covers one import, until the end of its term:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
  billing:
    source: [billing]
waivers:
  - rule: quantum/import
    match:
      from: customer
      to: billing
    owner: customer-team
    reason: customer still formats cards with billing's function
    expires: 2999-12-31
```
```python customer/cards.py
from billing.cards import last_four


def show(card):
    return last_four(card)
```
```python billing/cards.py
def last_four(card):
    return card[-4:]
```
""",
    repair=(
        "Remove a waiver that nothing needs.",
        "Mend what an expired one covered; or renew it, with its owner and for a reason that still holds.",
        "Correct its rule or its match where it was misspelt.",
    ),
    limits="Needs the day of the run: without one no waiver holds, and this function is not evaluated.",
    proves=(EvidenceKind.DOCUMENT,),
)


def select(system: System) -> Iterator[Case[Waiving]]:
    seen: Counter[str] = Counter()
    for waiving in system.waivings:
        name = _name(waiving.waiver)
        seen[name] += 1
        unique = name if seen[name] == 1 else f"{name} ({seen[name]})"
        yield Case(Subject("declaration", unique, waiving.waiver.place), waiving)


def _name(waiver: Waiver) -> str:
    match = ", ".join(f"{key}: {value}" for key, value in sorted(waiver.match.items()))
    return f"waiver of {waiver.rule} for {match or 'everything'}"


def judge(waiving: Waiving, system: System, _options: NoOptions) -> Ruling:
    waiver = waiving.waiver
    against = []
    if waiving.void and system.as_of is not None:
        against.append(_finding(waiver, f"the waiver does not hold: {waiving.void}", waiver.expires))
    if waiving.matched == 0:
        against.append(_finding(waiver, f"the waiver matches no finding of {waiver.rule}", "unused"))
    return Ruling(
        tuple(against),
        doubts=(f"{waiving.void} (--as-of DATE)",) if system.as_of is None and waiving.void else (),
        shown_by=frozenset({EvidenceKind.DOCUMENT}),
        reason=f"{waiving.matched} matched, until {waiver.expires}, owner {waiver.owner}",
    )


def _finding(waiver: Waiver, message: str, detail: str) -> Contradiction:
    ways_out = (
        "Remove the waiver if nothing needs it any more.",
        f"If it is still needed, {waiver.owner} renews it with a new date and a reason, or corrects its `match`.",
    )
    return Contradiction(message, waiver.place, EvidenceKind.DOCUMENT, ways_out=ways_out, detail=detail)


RULE = Rule(CARD, select, judge, last=True)
