"""Examples in the cards of the functions that judge experiments: one small shop, a drill, and the record of its run.

Each card says what is particular to it: the drill, and what its record holds. The shop itself is the same everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quantafit.model import Proof

WIDTH = 96
"""Characters of the record that may stand on one line."""

BILLING = '{quantum: billing, ready: {port: "8001"}}'
PARTS = (
    {"name": "customer", "quantum": "customer"},
    {"name": "billing", "quantum": "billing"},
    {"name": "broker", "kind": "broker"},
)

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """A drill in the shop, of which a card shows one run that fails and one that passes.

    ``about`` and ``limits`` stand in the declaration and in the record; a limit is key → (as declared, as recorded).
    ``digest`` is that of the declaration, without which the record would not count (`digest_of` of the model).
    """

    drill: str
    proves: Proof
    about: Mapping[str, str]
    steps: Sequence[str]
    digest: str
    limits: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    interaction: str = "style: message, channel: invoices"
    billing: str = BILLING

    def ran(self, sentence: str, timeline: Sequence[Record], drives: Sequence[Record], *counts: Record) -> str:
        """The example: what was seen, in a sentence, the declaration, and the record of a run."""
        of_probes = {"counts": counts} if counts else {}
        record = {
            "drill": self.drill,
            "proves": self.proves.value,
            **self.about,
            "began_at": "2026-11-22T12:00:00+00:00",
            "seed": 7,
            "declaration": self.digest,
            "code": "e3b0c44298fc1c149afbf4c8996fb924",  # there is no file of code
            "parts": PARTS,
            **{key: number for key, (_, number) in self.limits.items()},
            "timeline": timeline,
            "drives": drives,
            **of_probes,
        }
        document = {"schema": "quantafit/experiments/1", "experiments": [record]}
        return (
            f"{sentence}:\n\n```yaml quanta.yaml\n{self._declaration()}```\n"
            f"```json experiments.json\n{_lines(document)}\n```\n"
        )

    def _declaration(self) -> str:
        told = {**self.about, **{key: text for key, (text, _) in self.limits.items()}}
        of_the_drill = "".join(f"      {key}: {value}\n" for key, value in told.items())
        steps = "".join(f"        - {step}\n" for step in self.steps)
        return f"""\
schema: quanta/1
system: shop
quanta: {{customer: , billing: }}
interactions:
  - {{from: billing, to: customer, {self.interaction}}}
drills:
  commands: {{kill: [docker, compose, kill, "{{part}}"], start: [docker, compose, start, "{{part}}"]}}
  parts:
    customer: {{quantum: customer, ready: {{port: "8000"}}}}
    billing: {self.billing}
    broker: {{kind: broker, ready: {{port: "5672"}}}}
  workloads: {{send: [python, send.py]}}
  probes: {{seen: [python, seen.py]}}
  experiments:
    {self.drill}:
      proves: {self.proves.value}
{of_the_drill}      steps:
{steps}"""


def at(moment: float, what: str, *targets: str, took: float = 0.1, **more: str) -> Record:
    """A line of the timeline; seconds since the drill began."""
    return {"at": moment, "what": what, "targets": targets, "took": took, **more}


def drove(began: float, ended: float, *sent: Record, **away: str) -> Record:
    """What the workload sent, with the parts that were ``away`` then, by name, and how."""
    disturbed = {"away": away, "disturbed": list(away)} if away else {}
    return {"workload": "send", "began": began, "ended": ended, **disturbed, "sent": sent}


def counted(began: float, waited: float, **effects: tuple[int, float]) -> Record:
    """What the probe found: id → how often, and when first."""
    found = [{"id": id, "times": times, "first": first} for id, (times, first) in effects.items()]
    return {"probe": "seen", "began": began, "ended": round(began + waited, 1), "waited": waited, "effects": found}


def _lines(value: Any, column: int = 0) -> str:
    """JSON, in which what is longer than a line stands one item on a line."""
    flat = json.dumps(value)
    if len(flat) <= WIDTH or not isinstance(value, Mapping | list | tuple):
        return flat
    column += 1
    if isinstance(value, Mapping):
        begin, end = "{}"
        items = [f"{json.dumps(key)}: {_lines(item, column)}" for key, item in value.items()]
    else:
        begin, end = "[]"
        items = [_lines(item, column) for item in value]
    return begin + f",\n{' ' * column}".join(items) + end
