"""The small system with its declaration: `quantafit drill` can be run on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from small_system import consumer

SEND = """
import json, sys
from pathlib import Path

queue = Path(sys.argv[1]) / "queue"
for number, id in enumerate(sys.argv[2:]):
    place = queue / f"{number:06}.{id}.new"
    place.write_text(id)
    place.rename(place.with_suffix(".message"))
    print(json.dumps({"id": id}))
"""
EFFECTS = """
import json, sys
from pathlib import Path

file = Path(sys.argv[1]) / "effects"
for id in file.read_text().split() if file.exists() else ():
    print(json.dumps({"id": id}))
"""
DECLARATION = """\
schema: quanta/1
system: shop
quanta: {customer: {source: shop}, billing: }
interactions:
  - {from: billing, to: customer, style: message, channel: invoices}
drills:
  parts:
    notification: {quantum: customer, run: ["{python}", shop/consumer.py, "{folder}", HOW], ready: {line: ready}}
  workloads:
    once: ["{python}", send.py, "{folder}", a]
    again: ["{python}", send.py, "{folder}", a, b]
  probes: {effects: ["{python}", effects.py, "{folder}"]}
  experiments:
    twice:
      proves: idempotent-receiver
      interaction: invoices
      steps:
        - drive: once
        - {count: effects, within: 10s, settle: 0s}
        - drive: again
        - {count: effects, within: 10s, settle: 300ms}
"""


def written(root: Path, how: str = "after", replaced: Mapping[str, str] | None = None) -> Path:
    """The system in a folder. ``how`` is the consumer's; ``replaced`` are changes of the declaration."""
    (root / "shop").mkdir(parents=True)
    consumer(root / "shop", how)
    (root / "send.py").write_text(SEND)
    (root / "effects.py").write_text(EFFECTS)
    text = DECLARATION.replace("HOW", how)
    for old, new in (replaced or {}).items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (root / "quanta.yaml").write_text(text)
    return root
