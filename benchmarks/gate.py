"""How much the gate costs beside import-linter, on the reference implementation.

    python benchmarks/gate.py [--runs N]

Both commands run N times in turn over the same tree, without a cache. Times are CPU seconds of the process and all
processes that it starts (user and system), since those depend least on what else the machine does; memory is the
resident peak of the largest process. What counts is the ratio, measured within one call of this program. The two do not
do the same work: import-linter reads imports; the gate reads imports, calls, data and configuration, and its time
includes a run of import-linter as the second witness.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GATE = "quantafit check"
PEER = "lint-imports"
COMMANDS = {
    GATE: "import sys; from quantafit.cli import main; sys.exit(main())",
    PEER: "from importlinter.cli import lint_imports_command; lint_imports_command()",
}
DONE = {GATE: (0, 1), PEER: (0,)}
"""Exit codes after which the work was done: a failed gate is an answer, an import contract that breaks here is not."""

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


@dataclass(frozen=True)
class Cost:
    """CPU seconds, and the resident peak in MiB."""

    seconds: float
    memory: float


def measure(name: str, arguments: Sequence[str], folder: Path) -> Cost:
    """Run a command to its end. Raises SystemExit where it did not do its work."""
    command = [sys.executable, "-c", COMMANDS[name], *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in DONE[name]:
            output.seek(0)
            raise SystemExit(f"{name} ended with {process.returncode}:\n{output.read().decode()}")
    kibibytes = usage.ru_maxrss / 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return Cost(usage.ru_utime + usage.ru_stime, kibibytes / 1024)


def compare(runs: int) -> dict[str, list[Cost]]:
    """The costs of both, run in turn; the first pair warms the disk's cache and is not counted."""
    with tempfile.TemporaryDirectory(prefix="quantafit-") as name:
        folder = Path(name)
        (folder / "contracts.ini").write_text(CONTRACTS, encoding="utf-8")
        arguments = {
            GATE: ["check", "--config", str(ROOT)],
            PEER: ["--config", "contracts.ini", "--no-cache", "--no-logo"],
        }
        pairs = [[measure(command, arguments[command], folder) for command in arguments] for _ in range(runs + 1)]
    return dict(zip(arguments, map(list, zip(*pairs[1:], strict=True)), strict=True))


def table(costs: dict[str, list[Cost]]) -> str:
    """Medians, and the spread of the ratios of the pairs."""
    lines = [f"{'':18}{'CPU s, median':>15}{'peak MiB':>10}"]
    for command, measured in costs.items():
        seconds = statistics.median(cost.seconds for cost in measured)
        lines.append(f"{command:18}{seconds:15.2f}{max(cost.memory for cost in measured):10.0f}")
    ratios = sorted(gate.seconds / peer.seconds for gate, peer in zip(costs[GATE], costs[PEER], strict=True))
    middle = statistics.median(ratios)
    lines.append(f"ratio: {middle:.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f}) over {len(ratios)} interleaved pairs")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="pairs that are counted (default: 5)")
    print(table(compare(max(1, parser.parse_args().runs))))


if __name__ == "__main__":
    main()
