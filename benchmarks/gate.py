"""How much the gate costs beside import-linter, on the reference implementation.

    python benchmarks/gate.py [--runs N]

Both commands run N times in turn over the same tree: cold, with nothing remembered, and quantafit also warm, when
nothing has changed since. Times are CPU seconds of the process and all processes that it starts, since those depend
least on what else the machine does. What counts is the ratio, measured within one call of this program. The two do not
do the same work: import-linter reads imports; the gate reads imports, calls, data and configuration, and its cold time
includes a run of import-linter as the second witness.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from measuring import LINT_IMPORTS, QUANTAFIT, ROOT, Cost, measure, python, table

COLD, WARM, PEER = "quantafit check, cold", "quantafit check, warm", "lint-imports, cold"
JUDGED = (0, 1)
"""A failed gate is an answer too."""

CONTRACTS = """\
[importlinter]
root_package = sysops_squad

[importlinter:contract:quanta]
name = The quanta do not import each other
type = independence
modules =
    sysops_squad.customer
    sysops_squad.sysops
    sysops_squad.billing
    sysops_squad.reporting
"""


def compare(runs: int) -> dict[str, list[Cost]]:
    """The costs of all three, run in turn; the first round warms the disk's cache and is not counted."""
    check = python(QUANTAFIT, "check", "--config", str(ROOT))
    peer = python(LINT_IMPORTS, "--config", "contracts.ini", "--no-cache", "--no-logo")
    costs: dict[str, list[Cost]] = {COLD: [], WARM: [], PEER: []}
    with tempfile.TemporaryDirectory(prefix="quantafit-") as name:
        folder, cache = Path(name), Path(name) / "cache"
        (folder / "contracts.ini").write_text(CONTRACTS, encoding="utf-8")
        measure(check, folder, done=JUDGED, cache=cache)
        for run in range(runs + 1):
            found = {
                COLD: measure(check, folder, done=JUDGED),
                WARM: measure(check, folder, done=JUDGED, cache=cache),
                PEER: measure(peer, folder),
            }
            for command, cost in found.items() if run else ():
                costs[command].append(cost)
    return costs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="rounds that are counted (default: 5)")
    costs = compare(max(1, parser.parse_args().runs))
    print(table(costs, COLD))
    print()
    print(table(costs, WARM))


if __name__ == "__main__":
    main()
