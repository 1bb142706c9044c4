"""What the benchmarks share: running a command to its end, and what that cost."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
QUANTAFIT = "import sys; from quantafit.cli import main; sys.exit(main())"
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@dataclass(frozen=True)
class Cost:
    """CPU seconds of a process and all that it starts (user and system), and the resident peak in MiB."""

    seconds: float
    memory: float


def python(code: str, *arguments: str) -> list[str]:
    """The command that runs ``code`` in this interpreter."""
    return [sys.executable, "-c", code, *arguments]


def measure(command: Sequence[str], folder: Path, *, done: Sequence[int] = (0,), cache: Path | None = None) -> Cost:
    """Run a command in ``folder``. Raises SystemExit where it did not do its work, which its exit code tells.

    ``cache`` is where quantafit may remember answers; without one it remembers nothing from run to run.
    """
    with tempfile.TemporaryDirectory(prefix="quantafit-") as empty, tempfile.TemporaryFile() as output:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "QUANTAFIT_CACHE_DIR": str(cache or empty)}
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in done:
            output.seek(0)
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{output.read().decode()[-2000:]}")
    kibibytes = usage.ru_maxrss / 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return Cost(usage.ru_utime + usage.ru_stime, kibibytes / 1024)


def table(costs: Mapping[str, Sequence[Cost]], ours: str) -> str:
    """Medians of every command, and the ratio of ``ours`` to each, with its spread over the interleaved runs."""
    width = max(len(name) for name in costs) + 2
    lines = [f"{'':{width}}{'CPU s':>9}{'peak MiB':>10}   {ours} / this one"]
    for name, measured in costs.items():
        seconds = statistics.median(cost.seconds for cost in measured)
        ratios = sorted(own.seconds / other.seconds for own, other in zip(costs[ours], measured, strict=True))
        spread = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})" if name != ours else ""
        memory = max(cost.memory for cost in measured)
        lines.append(f"{name:{width}}{seconds:9.2f}{memory:10.0f}   {spread}".rstrip())
    return "\n".join(lines)
