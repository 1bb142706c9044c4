"""The no-loss drill: kill -9 at random while invoices are under way, then count what became of each.

    python benchmarks/no_loss.py --transport sqlite   --invoices 5000 --seed 1
    python benchmarks/no_loss.py --transport rabbitmq --database postgresql --invoices 5000 --seed 1

Customers become due as fast as mails arrive, so that `--backlog` invoices are always under way. After random numbers
of mails the payment job, the relays, the inbox, the notification process and the servers are killed by SIGKILL and
started again: the private RabbitMQ node and PostgreSQL cluster on the data that they left; and for the embedded
queue, which has no server, all processes that have it open at once. When everything is quiet, the two ends are
compared: each invoice in billing's database must have one mail in the spool of customer's database, the final effect.
Lost is an invoice without a mail, doubled one with more.

The seed decides who is killed after how many mails; what a process was doing at that moment is up to the machine, so
a seed does not repeat a run. Ends with 1 when an invoice was lost or doubled, with 2 when nothing was proved: an
invoice was not issued, or a process or server was never killed.

`--variant` runs a copy of the reference system with a fault put in, and `--path` a plain peer: to see that the drill
can fail, and what the plain way loses.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from invoices import plain, virtual_host
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from squad import (
    OURS,
    MissingServerError,
    PrivateRabbitmq,
    PrivateServer,
    Squad,
    patched_source,
    private_postgresql,
    private_rabbitmq,
)

PATHS = {"ours": OURS, "pika": plain("plain_pika"), "celery": plain("plain_celery")}

RELAY = "src/sysops_squad/plumbing/relay.py"
INBOX = "src/sysops_squad/plumbing/inbox.py"
QUEUE = "src/sysops_squad/plumbing/sqlite_queue.py"
VARIANTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "purge-before-publish": (
        (
            RELAY,
            "        failures = await asyncio.gather(",
            "        await asyncio.to_thread(self._settle, [row.message_id for row in rows], {})\n"
            "        await asyncio.sleep(0.2)\n"
            "        failures = await asyncio.gather(",
        ),
    ),
    "no-inbox": (
        (INBOX, "        session.execute(insert(InboxMessage), row)", "        row.clear()"),
        (
            QUEUE,
            "            removed = _remove(connection, claim)\n            row",
            "            __import__('time').sleep(0.2)\n"
            "            removed = _remove(connection, claim)\n            row",
        ),
    ),
}
"""Faults, as patches of the source: the first loses what a killed relay had purged and not yet published, the second
lets repetitions in, and leaves a while between an effect and its acknowledgement in which to be killed."""

EVERYTHING = "all processes at once"
QUIET = 3.0
"""Seconds without any change after which nothing is under way any more: longer than a lease, and any retry."""
LEASE = 2.0
STANDSTILL = 5.0
"""Seconds without a mail after which a few more customers become due, though the backlog is full: it may be lost."""
SERVER_STARTS = 3
"""How often a server is started: one that was killed does not always come back at the first try on a busy machine."""


@dataclass
class Record:
    """What was done, and what came of it."""

    transport: str
    database: str
    path: str
    variant: str | None
    seed: int
    started: str
    wanted: int
    backlog: int
    planned_kills: int
    seconds: float = 0.0
    kills: dict[str, int] = field(default_factory=dict)
    kill_log: list[tuple[float, str]] = field(default_factory=list)
    """Seconds since the start, and who was killed."""
    ended_by_themselves: dict[str, int] = field(default_factory=dict)
    """Processes that gave up while a server was away, and were started again as a supervisor would."""
    issued: int = 0
    effects: int = 0
    lost: int = 0
    doubled: int = 0
    unasked: int = 0
    """Mails without an invoice."""
    dead_letters: dict[str, int] = field(default_factory=dict)
    stuck: dict[str, int] = field(default_factory=dict)
    """Messages that waited in the end, though all processes ran and nothing moved any more."""

    @property
    def held(self) -> bool:
        return not (self.lost or self.doubled or self.unasked or self.stuck)

    @property
    def proves_something(self) -> bool:
        """All invoices were issued, and each kind of process and server was killed meanwhile."""
        return self.issued == self.wanted and all(self.kills.values()) and sum(self.kills.values()) >= 10


class Drill:
    """One run of the drill over one installation."""

    def __init__(
        self,
        squad: Squad,
        servers: Mapping[str, PrivateServer],
        record: Record,
        under_way: Callable[[], Mapping[str, int]],
        report: Callable[[str], None],
    ) -> None:
        """`under_way` counts the messages in each queue; names that end with `.dead` are its dead letters."""
        self._squad = squad
        self._servers = servers
        self._record = record
        self._under_way = under_way
        self._report = report
        self._dice = random.Random(record.seed)
        self._begin = time.monotonic()
        self._restart: threading.Thread | None = None
        self._next_report = 0.0
        self._due = 0
        self._failures: list[BaseException] = []

    def run(self, patience: float) -> Record:
        """Kill while customers become due, let all settle, and count.

        What waits after `patience` seconds without progress is stuck. Raises SystemExit where a server does not start.
        """
        record = self._record
        record.kills.update(dict.fromkeys([*self._squad.workers, *(self._servers or [EVERYTHING])], 0))
        plan = self._plan()
        moved, mails = self._elapsed(), 0
        stands = STANDSTILL  # when the next few become due, if no mail arrives before
        while self._due < record.wanted or mails < 0.97 * record.wanted:
            overdue = bool(plan) and mails >= plan[0][0]
            few = self._due - mails < record.backlog
            # While kills are overdue nothing more becomes due: else the work would be done before all are killed.
            # A few at a time after a standstill too: a server may only be slow to come back, and all that became due
            # meanwhile would be done before the kills that are planned for it.
            if self._due < record.wanted and ((few and not overdue) or self._elapsed() > stands):
                self._make_due()
                stands = self._elapsed() + STANDSTILL
            self._restart_ended()
            if overdue:
                self._kill(plan.pop(0)[1])
            if self._failures:
                raise SystemExit(f"the drill broke off: {self._failures[0]}")
            time.sleep(0.1)
            if self._mails() not in (mails, -1):
                moved, mails = self._elapsed(), self._mails()
                stands = moved + STANDSTILL
            self._tell_at_times()
            if self._due == record.wanted and self._elapsed() > moved + STANDSTILL and self._nothing_under_way():
                break
            if self._elapsed() > moved + patience:
                break  # so many kills let nothing through: what is under way may settle
        if self._restart is not None:
            self._restart.join()
        self._settle(patience)
        self._count()
        record.seconds = round(self._elapsed(), 1)
        return record

    def _make_due(self) -> None:
        numbers = range(self._due, min(self._due + max(1, self._record.backlog // 10), self._record.wanted))
        if not numbers:
            return
        try:
            self._squad.make_due(numbers)
        except IntegrityError:
            pass  # the commit whose answer was lost had been made
        except DBAPIError:
            return
        self._due = numbers.stop

    def _plan(self) -> list[tuple[float, str]]:
        """After how many mails each is killed: each process as often as the others, and so the servers."""
        processes, servers = [*self._squad.workers], [*self._servers] or [EVERYTHING]
        count = self._record.planned_kills
        victims = [processes[number % len(processes)] for number in range(count)]
        victims += [servers[number % len(servers)] for number in range(max(len(servers), count // 12))]
        return sorted((self._dice.uniform(0.0, 0.95) * self._record.wanted, victim) for victim in victims)

    def _kill(self, victim: str) -> None:
        if victim in self._servers:
            if self._restart is not None:
                self._restart.join()
            self._servers[victim].kill()
            self._restart = threading.Thread(target=self._start_server, args=(victim,), daemon=True)
            self._restart.start()
        else:
            if victim != EVERYTHING:
                self._wait_until_up(victim)
            if victim == next(iter(self._squad.workers)):
                # The payment job is done sooner than it is killed: give it something to do just before.
                self._make_due()
                time.sleep(self._dice.uniform(0.0, 0.15))
            killed = [worker for name, worker in self._squad.workers.items() if victim in (name, EVERYTHING)]
            for worker in killed:
                worker.kill()
            for worker in killed:
                worker.start()
        self._note(victim)

    def _wait_until_up(self, name: str) -> None:
        # To kill what has not come up yet would disturb nobody.
        give_up = time.monotonic() + 10
        worker = self._squad.workers[name]
        while time.monotonic() < give_up and not worker.ended() and not worker.works():
            time.sleep(0.05)
        time.sleep(self._dice.uniform(0.0, 0.5))

    def _start_server(self, name: str) -> None:
        for attempt in range(SERVER_STARTS):
            try:
                self._servers[name].start()
                return
            except RuntimeError as error:
                if attempt + 1 == SERVER_STARTS:
                    self._failures.append(error)

    def _restart_ended(self) -> None:
        for name, worker in self._squad.workers.items():
            if worker.ended():
                ended = self._record.ended_by_themselves
                ended[name] = ended.get(name, 0) + 1
                worker.start()

    def _settle(self, patience: float) -> None:
        """Wait until no message is under way, and nothing has changed for a while."""
        seen: object = None
        since = time.monotonic()
        while True:
            self._restart_ended()
            state = (self._mails(), self._issued(), self._waiting())
            if state != seen:
                seen, since = state, time.monotonic()
            self._tell_at_times()
            if time.monotonic() - since > QUIET and self._nothing_under_way():
                return
            if time.monotonic() - since > patience:
                self._record.stuck = {name: count for name, count in self._waiting().items() if count}
                return
            time.sleep(0.5)

    def _nothing_under_way(self) -> bool:
        return self._issued() == self._record.wanted and not any(self._waiting().values())

    def _waiting(self) -> dict[str, int]:
        """Messages in the outboxes and in the queues, without the dead letters."""
        outboxes = {
            f"outbox of {name}": self._ask(engine, "SELECT count(*) FROM outbox")
            for name, engine in (("billing", self._squad.billing), ("customer", self._squad.customer))
        }
        queues = {name: count for name, count in self._under_way().items() if not name.endswith(".dead")}
        return {**outboxes, **queues}

    def _mails(self) -> int:
        return self._ask(self._squad.customer, "SELECT count(*) FROM mail_spool")

    def _issued(self) -> int:
        return self._ask(self._squad.billing, "SELECT count(*) FROM invoice")

    @staticmethod
    def _ask(engine: Engine, question: str) -> int:
        """-1 while the database is away."""
        try:
            with engine.begin() as connection:
                return int(connection.scalar(text(question)))
        except DBAPIError:
            return -1

    def _count(self) -> None:
        record = self._record
        issued = set(self._squad.issued())
        mails = Counter(name for name, _ in self._squad.mailed())
        record.issued = len(issued)
        record.effects = sum(mails.values())
        record.lost = len(issued - mails.keys())
        record.doubled = sum(1 for name in issued if mails[name] > 1)
        record.unasked = len(mails.keys() - issued)
        record.dead_letters = {name: count for name, count in self._under_way().items() if name.endswith(".dead")}

    def _note(self, victim: str) -> None:
        self._record.kills[victim] += 1
        self._record.kill_log.append((round(self._elapsed(), 2), victim))

    def _tell_at_times(self) -> None:
        if self._elapsed() > self._next_report:
            self._tell()
            self._next_report = self._elapsed() + 5.0

    def _tell(self) -> None:
        self._report(
            f"{self._elapsed():5.0f} s  {self._issued():>6} issued  {self._mails():>6} mails  "
            f"{sum(self._record.kills.values()):>4} kills"
        )

    def _elapsed(self) -> float:
        return time.monotonic() - self._begin


def drill(
    folder: Path,
    *,
    transport: str,
    database: str = "sqlite",
    invoices: int,
    seed: int,
    backlog: int = 200,
    kills: int = 150,
    patience: float = 120.0,
    path: str = "ours",
    variant: str | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Record:
    """Run the drill in `folder`. Raises MissingServerError, and SystemExit where it could not be carried out."""
    started = datetime.now(UTC).isoformat(timespec="seconds")
    record = Record(transport, database, path, variant, seed, started, invoices, backlog, kills)
    servers: dict[str, PrivateServer] = {}
    with ExitStack() as stack:
        urls = None
        if database == "postgresql":
            cluster = stack.enter_context(private_postgresql(folder))
            servers["PostgreSQL"] = cluster.server
            urls = (_new_database(cluster.url(), "billing"), _new_database(cluster.url(), "customer"))
        if transport == "rabbitmq":
            node = stack.enter_context(private_rabbitmq(folder))
            servers["RabbitMQ"] = node.server
            messaging = virtual_host(node, "drill")
            under_way = lambda: _queue_lengths(node, "drill")  # noqa: E731
        else:
            messaging = f"sqlite:///{folder}/queues?lease={LEASE}"
            under_way = lambda: _file_lengths(folder / "queues")  # noqa: E731
        squad = Squad(
            folder,
            PATHS[path],
            messaging,
            source=patched_source(folder, VARIANTS[variant] if variant else ()),
            databases=urls,
        )
        stack.callback(squad.close)
        squad.add_customers(invoices)
        squad.start()
        return Drill(squad, servers, record, under_way, report).run(patience)


def _new_database(administrator: str, name: str) -> str:
    engine = create_engine(administrator, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return f"{administrator.rsplit('/', 1)[0]}/{name}"


def _queue_lengths(node: PrivateRabbitmq, virtual_host: str) -> dict[str, int]:
    try:
        lines = node.ctl("list_queues", "-p", virtual_host, "--no-table-headers", "name", "messages").splitlines()
    except RuntimeError:
        return {"queues of a broker that is away": -1}
    return {name: int(count or 0) for name, _, count in (line.partition("\t") for line in lines) if name}


def _file_lengths(folder: Path) -> dict[str, int]:
    lengths = {}
    for path in folder.glob("*.db"):
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
        try:
            for table, name in (("message", path.stem), ("dead", f"{path.stem}.dead")):
                lengths[name] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        finally:
            connection.close()
    return lengths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transport", choices=["sqlite", "rabbitmq"], default="sqlite")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--invoices", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--backlog", type=int, default=200, help="invoices under way at most (default: 200)")
    parser.add_argument(
        "--kills", type=int, default=150, help="of processes, and a twelfth more of servers (default: 150)"
    )
    parser.add_argument("--path", choices=[*PATHS], default="ours", help="a plain peer in our place")
    parser.add_argument("--variant", choices=[*VARIANTS], help="our path with a fault put in")
    parser.add_argument("--record", type=Path, metavar="FILE", help="where to write the record, as JSON")
    options = parser.parse_args()
    if options.path != "ours" and options.transport != "rabbitmq":
        parser.error("the plain peers need --transport rabbitmq")
    with tempfile.TemporaryDirectory(prefix="no-loss-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        try:
            record = drill(
                Path(folder),
                transport=options.transport,
                database=options.database,
                invoices=options.invoices,
                seed=options.seed,
                backlog=options.backlog,
                kills=options.kills,
                path=options.path,
                variant=options.variant,
                report=lambda line: print(line, file=sys.stderr, flush=True),
            )
        except MissingServerError as error:
            raise SystemExit(f"the drill needs a server: {error}") from None
    if options.record:
        options.record.write_text(json.dumps(asdict(record), indent=1) + "\n")
    print(summary(record))
    raise SystemExit(2 if not record.proves_something else 0 if record.held else 1)


def summary(record: Record) -> str:
    what = record.path if record.variant is None else f"{record.path}, {record.variant}"
    kills = ", ".join(f"{name} {count}" for name, count in sorted(record.kills.items()))
    dead = {name: count for name, count in record.dead_letters.items() if count}
    return "\n".join(
        [
            f"{what} on {record.transport} and {record.database}, seed {record.seed}: {record.seconds:g} s",
            f"issued {record.issued} of {record.wanted}, effects {record.effects}",
            f"lost {record.lost}, doubled {record.doubled}, unasked {record.unasked}, dead letters {dead or 0}, "
            f"stuck {record.stuck or 0}",
            f"{sum(record.kills.values())} kills: {kills}",
            f"ended by themselves: {dict(record.ended_by_themselves) or 0}",
        ]
    )


if __name__ == "__main__":
    main()
