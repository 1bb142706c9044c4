"""The invoice path of the reference system beside the same path written plainly with pika and with Celery.

    python benchmarks/invoices.py [--runs N] [--invoices N] [--trickle N]

The path begins where the payment job commits an invoice, and ends where the notification process has committed the
mail: two hops, three processes in a plain path, five in ours. All paths write the same rows by the same tables, on
SQLite with an fsync at each commit; all use quorum queues, persistent messages, publisher confirms, acknowledgement
after the work, and take 16 messages at a time. They run in turn, each with fresh databases and queues on one private
RabbitMQ node, which is started for this benchmark and gone afterwards.

* throughput: invoices a second when N become due at once, from the first invoice to the last mail;
* CPU: milliseconds of all processes of the path for one invoice, the broker's beside it;
* latency: from an invoice to its mail while 20 a second become due, median and 95th percentile.

Celery is optional: pip install 'quantafit[benchmarks]'.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from squad import OURS, PEERS, PrivateRabbitmq, Squad, cpu_of_session, rabbitmq

EMBEDDED, RABBITMQ, PIKA, CELERY = "ours, SQLite queue", "ours, RabbitMQ", "plain pika", "plain Celery"
TRICKLE_PER_SECOND = 20
PATIENCE = 300.0
"""Seconds that a path may take for its invoices."""


def plain(script: str) -> dict[str, Sequence[str]]:
    return {f"{script}.{role}": [str(PEERS / f"{script}.py"), role] for role in ("job", "inbox", "notification")}


@dataclass(frozen=True)
class Figures:
    """One path in one round."""

    per_second: float
    cpu_ms: float
    broker_ms: float
    p50_ms: float
    p95_ms: float


def run(
    folder: Path,
    processes: Mapping[str, Sequence[str]],
    url: str,
    node: PrivateRabbitmq | None,
    invoices: int,
    trickle: int,
) -> Figures:
    """Carry `invoices` at once, then `trickle` at an even pace. Raises SystemExit where mails are missing."""
    squad = Squad(folder, processes, url)
    try:
        squad.add_customers(invoices + trickle)
        squad.start()
        cpu, broker = squad.cpu(), _broker_cpu(node)
        squad.make_due(range(invoices))
        _arrived(squad, invoices)
        cpu, broker = squad.cpu() - cpu, _broker_cpu(node) - broker
        issued, mailed = squad.issued(), squad.mailed()
        seconds = (max(time for _, time in mailed) - min(issued.values())).total_seconds()
        begin = time.monotonic()
        for number in range(trickle):
            time.sleep(max(0.0, begin + number / TRICKLE_PER_SECOND - time.monotonic()))
            squad.make_due(range(invoices + number, invoices + number + 1))
        _arrived(squad, invoices + trickle)
        burst, issued = set(issued), squad.issued()
        waits = sorted(
            (mailed_at - issued[name]).total_seconds() * 1000 for name, mailed_at in squad.mailed() if name not in burst
        )
    finally:
        squad.close()
    return Figures(
        per_second=invoices / seconds,
        cpu_ms=1000 * cpu / invoices,
        broker_ms=1000 * broker / invoices,
        p50_ms=statistics.median(waits),
        p95_ms=statistics.quantiles(waits, n=20)[-1],
    )


def _arrived(squad: Squad, count: int) -> None:
    if not squad.wait_for_mails(count, PATIENCE):
        raise SystemExit(f"{count - squad.count_mails()} of {count} mails did not arrive in {PATIENCE:g} s")


def _broker_cpu(node: PrivateRabbitmq | None) -> float:
    return cpu_of_session(node.server.process.pid) if node and node.server.process else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="rounds that are counted (default: 5)")
    parser.add_argument("--invoices", type=int, default=1000, help="invoices due at once (default: 1000)")
    parser.add_argument("--trickle", type=int, default=100, help="invoices at an even pace (default: 100)")
    parser.add_argument("--only", choices=[EMBEDDED, RABBITMQ, PIKA, CELERY], help="one path alone")
    options = parser.parse_args()
    paths: dict[str, Mapping[str, Sequence[str]]] = {EMBEDDED: OURS, RABBITMQ: OURS, PIKA: plain("plain_pika")}
    if importlib.util.find_spec("celery"):
        paths[CELERY] = plain("plain_celery")
    else:
        print("without Celery, which is not installed: pip install 'quantafit[benchmarks]'", file=sys.stderr)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="invoices-")))
        folder.chmod(0o755)
        node = stack.enter_context(rabbitmq(folder))
        chosen = [name for name in paths if (node or name == EMBEDDED) and options.only in (None, name)]
        found: dict[str, list[Figures]] = {name: [] for name in chosen}
        for round_ in range(options.runs):
            for name in chosen:
                place = folder / f"{round_}-{name.replace(' ', '-').replace(',', '')}"
                url = f"sqlite:///{place}/queues" if name == EMBEDDED else virtual_host(node, place.name)
                broker = None if name == EMBEDDED else node
                figures = run(place, paths[name], url, broker, options.invoices, options.trickle)
                found[name].append(figures)
                print(f"{round_ + 1}/{options.runs} {name}: {figures}", file=sys.stderr, flush=True)
    print(table(found))


def virtual_host(node: PrivateRabbitmq | None, name: str) -> str:
    """A fresh virtual host on the node, by its URL."""
    assert node is not None
    node.ctl("add_vhost", name)
    node.ctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
    return node.url(name)


def table(found: Mapping[str, Sequence[Figures]]) -> str:
    """Medians, and the throughput of each path as a ratio to plain pika's in the same round."""
    lines = [
        f"{'':20}{'per s':>8}{'CPU ms':>8}{'broker ms':>11}{'p50 ms':>8}{'p95 ms':>8}   per s and CPU / plain pika's"
    ]
    for name, rounds in found.items():
        figures = [
            statistics.median(getattr(one, what) for one in rounds)
            for what in ("per_second", "cpu_ms", "broker_ms", "p50_ms", "p95_ms")
        ]
        texts = [
            f"{value:{width}.{digits}f}"
            for value, width, digits in zip(figures, (8, 8, 11, 8, 8), (0, 1, 1, 0, 0), strict=True)
        ]
        lines.append(f"{name:20}{''.join(texts)}   {_ratios(rounds, found.get(PIKA))}")
    return "\n".join(lines)


def _ratios(rounds: Sequence[Figures], peers: Sequence[Figures] | None) -> str:
    if not peers or peers is rounds:
        return ""
    pairs = list(zip(rounds, peers, strict=True))
    speed = sorted(own.per_second / peer.per_second for own, peer in pairs)
    cpu = sorted(own.cpu_ms / peer.cpu_ms for own, peer in pairs)
    return "  ".join(
        f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})" for ratios in (speed, cpu)
    )


if __name__ == "__main__":
    main()
