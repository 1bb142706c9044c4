"""quantum/import: one quantum's code imports another's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from quantafit.fitness.cases import doubts, edge_case, edge_waiver, pair_cases
from quantafit.fitness.rule import Case, Contradiction, NoOptions, Rule, Ruling
from quantafit.fitness.system import Pair, System, site
from quantafit.model import EvidenceKind, ImportEdge, Origin, Place, RuleCard, Subject

CARD = RuleCard(
    name="quantum/import",
    title="An import of another quantum's code",
    what=(
        "For every ordered pair of quanta: no module of the first imports a module of the second, by `import`, by "
        "`importlib` or by a dotted string that a framework imports. An import that only a type checker sees is a "
        "subject of its own and warns. Where import-linter, run over import contracts generated from the declaration, "
        "saw other imports than quantafit did, that disagreement is a finding too."
    ),
    why=(
        "An imported module is built, tested and released with its importer: the two can no longer be deployed "
        "independently, and a change in one can break the other without any message between them."
    ),
    broken="""\
Customer uses a function of billing:

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
from billing.cards import last_four


def show(card):
    return last_four(card)
```
```python billing/cards.py
def last_four(card):
    return card[-4:]
```
""",
    kept="""\
Both use shared code, which belongs to no quantum:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta:
  customer:
    source: [customer]
  billing:
    source: [billing]
shared_code: [shared]
```
```python customer/cards.py
from shared.cards import last_four


def show(card):
    return last_four(card)
```
```python billing/cards.py
from shared.cards import last_four


def note(card):
    return last_four(card)
```
```python shared/cards.py
def last_four(card):
    return card[-4:]
```
""",
    repair=(
        "Agree on a message schema instead of on code: each quantum keeps its own classes for it.",
        "Move technical code that both need into a small library, and list it under `shared_code`.",
        "Copy a small function: a few equal lines cost less than one joint release.",
    ),
    limits=(
        "A module named by a value that cannot be followed is listed by `quantum/unresolved` and keeps this function "
        "from passing. What an installed package of the other quantum brings along is seen only under its declared "
        "`packages`."
    ),
    proves=(EvidenceKind.SOURCE,),
)


@dataclass(frozen=True, slots=True)
class TypesOnly:
    """The imports of a pair that only a type checker sees."""

    pair: Pair


@dataclass(frozen=True, slots=True)
class Witness:
    """What import-linter saw otherwise, one sentence each."""

    sentences: tuple[str, ...]
    place: Place


def select(system: System) -> Iterator[Case[Any]]:
    yield from pair_cases(system, "what it imports", lambda pair: _edges(pair, system, types_only=False))
    for pair in sorted(system.imports):
        if set(pair) <= set(system.quanta) and _edges(pair, system, types_only=True):
            yield _types_case(pair, system)
    if system.coupling.import_witness:
        witness = Witness(tuple(sorted(system.coupling.import_witness)), Place(system.architecture.path, 1))
        yield Case(Subject("declaration", "second witness of imports", witness.place), witness)


def _types_case(pair: Pair, system: System) -> Case[Any]:
    case = edge_case(pair, system)
    subject = replace(case.subject, name=f"{case.subject.name} (type checking)")
    return Case(subject, TypesOnly(pair), case.labels, case.fallback_adr, Origin.RECOMMENDED)


def judge(about: Pair | TypesOnly | Witness, system: System, _options: NoOptions) -> Ruling:
    match about:
        case Witness():
            return Ruling(against=tuple(_disagreement(sentence, about.place) for sentence in about.sentences))
        case TypesOnly():
            edges = _edges(about.pair, system, types_only=True)
            return Ruling(against=tuple(_finding(edge, about.pair) for edge in edges))
        case _:
            return _judge_pair(about, system)


def _judge_pair(pair: Pair, system: System) -> Ruling:
    edges = [_finding(edge, pair) for edge in _edges(pair, system, types_only=False)]
    known = {finding.place for finding in edges}
    for crossing in system.between(*pair):
        if crossing.mechanism == "import" and site(crossing) not in known:
            message = f"{pair[0]} imports code of {pair[1]}"
            edges.append(Contradiction(message, site(crossing), path=crossing.path, ways_out=_ways_out(pair)))
    return Ruling(
        tuple(edges),
        doubts=tuple(doubts(system, pair[0], "import")),
        needs=(pair[0],),
        reason=f"no module of {pair[0]} imports one of {pair[1]}",
    )


def _edges(pair: Pair, system: System, *, types_only: bool) -> list[ImportEdge]:
    return [edge for edge in system.imports.get(pair, ()) if edge.type_checking_only is types_only]


def _finding(edge: ImportEdge, pair: Pair) -> Contradiction:
    how = "" if edge.how == "import" else f" by {edge.how}"
    types = ", for type checking only" if edge.type_checking_only else ""
    message = f"{pair[0]} imports {edge.module} of {pair[1]}{how}{types}"
    return Contradiction(message, edge.place, EvidenceKind.SOURCE, edge.path, _ways_out(pair), edge.module)


def _ways_out(pair: Pair) -> tuple[str, ...]:
    source, target = pair
    return (
        f"Give {source} its own class or function for what it needs of {target}, and agree by message schema.",
        "Move technical code that both need into a library listed under `shared_code`.",
        edge_waiver(pair),
    )


def _disagreement(sentence: str, place: Place) -> Contradiction:
    return Contradiction(
        f"import-linter and quantafit disagree: {sentence}",
        place,
        ways_out=("Look at the import named here: one of the two did not see it. Report it if quantafit is wrong.",),
        detail=sentence,
    )


RULE = Rule(CARD, select, judge)
