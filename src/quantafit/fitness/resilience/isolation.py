"""resilience/isolation: an operation of a quantum that fails, or gets slow, when the other quanta are away."""

from __future__ import annotations

from quantafit.fitness.experiments import GONE, Trial, experiment_rule
from quantafit.fitness.operations import compare
from quantafit.fitness.rule import Ruling
from quantafit.fitness.system import System
from quantafit.model import Drive, EvidenceKind, Experiment, Proof, RuleCard

CARD = RuleCard(
    name="resilience/isolation",
    title="An operation that needs another quantum to be there",
    what=(
        "For every drill with `proves: isolation`: all operations of the quantum that its workload performs succeed "
        "while every part of every other quantum is away, within the drill's `within`, and at most `slower_at_most` "
        "times as slow as with all parts."
    ),
    why=(
        "A quantum is as available and as quick as what it waits for. The code may show no call to another quantum, "
        "and still a start-up check, a shared lock or a time-out of a library lets its customers wait."
    ),
    broken="""\
Without billing, no customer can order:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta: {customer: , billing: }
interactions:
  - {from: billing, to: customer, style: message, channel: invoices}
drills:
  commands: {kill: [docker, compose, kill, "{part}"], start: [docker, compose, start, "{part}"]}
  parts:
    customer: {quantum: customer, ready: {port: "8000"}}
    billing: {quantum: billing, ready: {port: "8001"}}
    broker: {kind: broker, ready: {port: "5672"}}
  workloads: {send: [python, send.py]}
  probes: {seen: [python, seen.py]}
  experiments:
    alone:
      proves: isolation
      quantum: customer
      slower_at_most: 3x
      steps:
        - drive: send
        - kill: others
        - drive: send
```
```json experiments.json
{"schema": "quantafit/experiments/1",
 "experiments": [{"drill": "alone",
   "proves": "isolation",
   "quantum": "customer",
   "began_at": "2026-11-22T12:00:00+00:00",
   "seed": 7,
   "declaration": "dd477786ff98459dcdad461e5ae863d7",
   "code": "e3b0c44298fc1c149afbf4c8996fb924",
   "parts": [{"name": "customer", "quantum": "customer"},
    {"name": "billing", "quantum": "billing"},
    {"name": "broker", "kind": "broker"}],
   "slower_at_most": 3.0,
   "timeline": [{"at": 0.0, "what": "drive", "targets": ["send"], "took": 0.1},
    {"at": 1.0, "what": "kill", "targets": ["billing"], "took": 0.1},
    {"at": 1.1, "what": "drive", "targets": ["send"], "took": 0.5}],
   "drives": [{"workload": "send",
     "began": 0.0,
     "ended": 0.1,
     "sent": [{"id": "a", "at": 0.0, "operation": "order", "took": 0.02}]},
    {"workload": "send",
     "began": 1.1,
     "ended": 1.6,
     "away": {"billing": "killed"},
     "disturbed": ["billing"],
     "sent": [{"id": "b", "at": 1.2, "operation": "order", "took": 0.4, "ok": false, "error": "503"}]}]}]}
```
""",
    kept="""\
Customers order as if nothing had happened:

```yaml quanta.yaml
schema: quanta/1
system: shop
quanta: {customer: , billing: }
interactions:
  - {from: billing, to: customer, style: message, channel: invoices}
drills:
  commands: {kill: [docker, compose, kill, "{part}"], start: [docker, compose, start, "{part}"]}
  parts:
    customer: {quantum: customer, ready: {port: "8000"}}
    billing: {quantum: billing, ready: {port: "8001"}}
    broker: {kind: broker, ready: {port: "5672"}}
  workloads: {send: [python, send.py]}
  probes: {seen: [python, seen.py]}
  experiments:
    alone:
      proves: isolation
      quantum: customer
      slower_at_most: 3x
      steps:
        - drive: send
        - kill: others
        - drive: send
```
```json experiments.json
{"schema": "quantafit/experiments/1",
 "experiments": [{"drill": "alone",
   "proves": "isolation",
   "quantum": "customer",
   "began_at": "2026-11-22T12:00:00+00:00",
   "seed": 7,
   "declaration": "dd477786ff98459dcdad461e5ae863d7",
   "code": "e3b0c44298fc1c149afbf4c8996fb924",
   "parts": [{"name": "customer", "quantum": "customer"},
    {"name": "billing", "quantum": "billing"},
    {"name": "broker", "kind": "broker"}],
   "slower_at_most": 3.0,
   "timeline": [{"at": 0.0, "what": "drive", "targets": ["send"], "took": 0.1},
    {"at": 1.0, "what": "kill", "targets": ["billing"], "took": 0.1},
    {"at": 1.1, "what": "drive", "targets": ["send"], "took": 0.5}],
   "drives": [{"workload": "send",
     "began": 0.0,
     "ended": 0.1,
     "sent": [{"id": "a", "at": 0.0, "operation": "order", "took": 0.02}]},
    {"workload": "send",
     "began": 1.1,
     "ended": 1.6,
     "away": {"billing": "killed"},
     "disturbed": ["billing"],
     "sent": [{"id": "b", "at": 1.2, "operation": "order", "took": 0.021}]}]}]}
```
""",
    repair=(
        "Let the operation end when its own quantum has done its part; send the rest as a message by an outbox.",
        "Read from a replica of the other quantum's data instead of asking for it.",
    ),
    limits=(
        "Proves the operations of the workload, not those that it leaves out. Ratios compare medians, and a median "
        "under 10 ms counts as 10 ms, because clocks and schedulers are no finer."
    ),
    proves=(EvidenceKind.RUNTIME,),
)


def judge(trial: Trial, record: Experiment, system: System) -> Ruling:
    """Compare the operations with and without the others."""
    own = record.parts_of(trial.quantum or "")
    others = [quantum for quantum in system.quanta if quantum != trial.quantum]
    unknown = [
        f"drill {trial.name}: nothing says how {q} runs, so it was there" for q in others if not record.parts_of(q)
    ]
    needed = {part for quantum in others for part in record.parts_of(quantum)}

    def alone(drive: Drive) -> bool:
        gone = {name for name, how in drive.away.items() if how in GONE}
        return bool(needed) and needed <= gone and not set(own) & set(drive.disturbed)

    if not any(alone(drive) for drive in record.drives):
        unknown.append(f"drill {trial.name}: nothing was driven while all parts of {', '.join(others)} were away")
    return compare(trial, record, alone, f"{', '.join(others)} away", unknown, CARD.repair)


RULE = experiment_rule(CARD, Proof.ISOLATION, judge)
