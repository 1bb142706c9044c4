"""replica/staleness: a change that reaches a replica too late, or never."""

from __future__ import annotations

from collections.abc import Iterator

from quantafit.fitness.experiments import Trial, accepted, contradiction, experiment_rule, ruling, uncounted
from quantafit.fitness.rule import Contradiction, Ruling
from quantafit.fitness.system import System
from quantafit.model import EvidenceKind, Experiment, Proof, RuleCard

CARD = RuleCard(
    name="replica/staleness",
    title="A change that reaches the replica too late, or never",
    what=(
        "For every drill with `proves: staleness`: what is inserted, updated and deleted at the origin is seen in the "
        "replica within the interaction's `max_staleness`, or within the drill's `within` where that is less."
    ),
    why=(
        "A replica that lags shows customers what is no longer offered. Deletes are forgotten most often: a job that "
        "copies what has changed never sees what is gone."
    ),
    broken="""\
What is deleted at the origin stays in the replica:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta: {customer: , billing: }
interactions:
  - {from: billing, to: customer, style: replication, id: prices, replication: {table: price}}
drills:
  commands: {kill: [docker, compose, kill, "{part}"], start: [docker, compose, start, "{part}"]}
  parts:
    customer: {quantum: customer, ready: {port: "8000"}}
    billing: {quantum: billing, ready: {port: "8001"}}
    broker: {kind: broker, ready: {port: "5672"}}
  workloads: {send: [python, send.py]}
  probes: {seen: [python, seen.py]}
  experiments:
    prices-arrive:
      proves: staleness
      interaction: prices
      within: 5s
      steps:
        - drive: send
        - count: seen
```
```json experiments.json
{"schema": "quantafit/experiments/1",
 "experiments": [{"drill": "prices-arrive",
   "proves": "staleness",
   "interaction": "prices",
   "began_at": "2026-11-22T12:00:00+00:00",
   "seed": 7,
   "declaration": "f6e62ea8935774b9ca2245b2304dce85",
   "code": "e3b0c44298fc1c149afbf4c8996fb924",
   "parts": [{"name": "customer", "quantum": "customer"},
    {"name": "billing", "quantum": "billing"},
    {"name": "broker", "kind": "broker"}],
   "within": 5.0,
   "timeline": [{"at": 0.0, "what": "drive", "targets": ["send"], "took": 1.0},
    {"at": 1.0, "what": "count", "targets": ["seen"], "took": 20.0}],
   "drives": [{"workload": "send",
     "began": 0.0,
     "ended": 1.0,
     "sent": [{"id": "insert", "at": 0.0, "operation": "insert"},
      {"id": "update", "at": 0.3, "operation": "update"},
      {"id": "delete", "at": 0.6, "operation": "delete"}]}],
   "counts": [{"probe": "seen",
     "began": 1.0,
     "ended": 21.0,
     "waited": 20.0,
     "effects": [{"id": "insert", "times": 1, "first": 1.5}, {"id": "update", "times": 1, "first": 1.6}]}]}]}
```
""",
    kept="""\
All three kinds of change arrive:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta: {customer: , billing: }
interactions:
  - {from: billing, to: customer, style: replication, id: prices, replication: {table: price}}
drills:
  commands: {kill: [docker, compose, kill, "{part}"], start: [docker, compose, start, "{part}"]}
  parts:
    customer: {quantum: customer, ready: {port: "8000"}}
    billing: {quantum: billing, ready: {port: "8001"}}
    broker: {kind: broker, ready: {port: "5672"}}
  workloads: {send: [python, send.py]}
  probes: {seen: [python, seen.py]}
  experiments:
    prices-arrive:
      proves: staleness
      interaction: prices
      within: 5s
      steps:
        - drive: send
        - count: seen
```
```json experiments.json
{"schema": "quantafit/experiments/1",
 "experiments": [{"drill": "prices-arrive",
   "proves": "staleness",
   "interaction": "prices",
   "began_at": "2026-11-22T12:00:00+00:00",
   "seed": 7,
   "declaration": "f6e62ea8935774b9ca2245b2304dce85",
   "code": "e3b0c44298fc1c149afbf4c8996fb924",
   "parts": [{"name": "customer", "quantum": "customer"},
    {"name": "billing", "quantum": "billing"},
    {"name": "broker", "kind": "broker"}],
   "within": 5.0,
   "timeline": [{"at": 0.0, "what": "drive", "targets": ["send"], "took": 1.0},
    {"at": 1.0, "what": "count", "targets": ["seen"], "took": 20.0}],
   "drives": [{"workload": "send",
     "began": 0.0,
     "ended": 1.0,
     "sent": [{"id": "insert", "at": 0.0, "operation": "insert"},
      {"id": "update", "at": 0.3, "operation": "update"},
      {"id": "delete", "at": 0.6, "operation": "delete"}]}],
   "counts": [{"probe": "seen",
     "began": 1.0,
     "ended": 21.0,
     "waited": 20.0,
     "effects": [{"id": "insert", "times": 1, "first": 1.5},
      {"id": "update", "times": 1, "first": 1.6},
      {"id": "delete", "times": 1, "first": 2.2}]}]}]}
```
""",
    repair=(
        "Compare the keys of both sides, so that deletes arrive too; or capture changes from the log.",
        "Let the job run more often than `max_staleness`, and mark its progress in the transaction of the rows.",
    ),
    limits=(
        "Proves these changes at this size. How late a change was seen includes the pause between two questions to the "
        "probe."
    ),
    proves=(EvidenceKind.RUNTIME,),
)

OPERATIONS = ("insert", "update", "delete")


def judge(trial: Trial, record: Experiment, system: System) -> Ruling:
    """Compare when each change was made with when it was seen."""
    interaction = next(i for i in system.architecture.interactions if i.id == trial.interaction)
    limits = [limit for limit in (record.within, interaction.replication.max_staleness) if limit is not None]
    if not limits:
        return ruling(
            trial, (), (f"drill {trial.name}: neither max_staleness nor within says how late is too late",), ""
        )
    limit = min(limits)
    ids, effects = accepted(record), record.counted()
    operations = {sent.operation for sent in ids.values()}
    unsure = [
        *filter(None, (uncounted(record),)),
        *(f"drill {trial.name}: no {name} was made" for name in OPERATIONS if name not in operations),
        *_too_early_to_tell(trial, record, limit),
    ]
    late = max((effects[id].first - sent.at for id, sent in ids.items() if id in effects), default=0.0)
    reason = f"{len(ids)} changes arrived, the last after {late:.1f} s of {limit:g} s"
    return ruling(trial, _late(trial, record, limit), unsure, reason)


def _late(trial: Trial, record: Experiment, limit: float) -> Iterator[Contradiction]:
    effects = record.counted()
    for id, sent in accepted(record).items():
        what = f"{sent.operation} {id}"
        if id in effects and effects[id].first - sent.at > limit:
            message = f"{what} arrived after {effects[id].first - sent.at:.1f} s; at most {limit:g} s are permitted"
            yield contradiction(trial, message, CARD.repair, sent.operation)
        elif id not in effects and record.counts and record.counts[-1].ended - sent.at > limit:
            waited = record.counts[-1].ended - sent.at
            message = f"{what} had not arrived after {waited:.1f} s; at most {limit:g} s are permitted"
            yield contradiction(trial, message, CARD.repair, sent.operation)


def _too_early_to_tell(trial: Trial, record: Experiment, limit: float) -> Iterator[str]:
    effects = record.counted()
    for id, sent in accepted(record).items():
        if id not in effects and record.counts:
            waited = record.counts[-1].ended - sent.at
            if waited <= limit:
                yield f"drill {trial.name}: {sent.operation} {id} had not arrived after {waited:.1f} s of {limit:g} s"


RULE = experiment_rule(CARD, Proof.STALENESS, judge)
