"""The commands: `up` and `demo` run the system, the others serve who runs it."""

import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import FrameType

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sysops_squad.launcher.dead_letters import DeadLetterError, open_graveyard
from sysops_squad.launcher.installation import Installation, OccupiedError, install, running_in
from sysops_squad.launcher.keys import make_keys, staff_token
from sysops_squad.launcher.story import Step, Story, StoryError
from sysops_squad.launcher.supervisor import StartError, Supervisor
from sysops_squad.launcher.topology import definitions_text, queues
from sysops_squad.launcher.units import EMBEDDED_ENVIRONMENT, UNITS, read_environment
from sysops_squad.plumbing.key_files import KeyFileError
from sysops_squad.plumbing.tokens import LONGEST_LIFE, Role
from sysops_squad.plumbing.transport import TransportUrlError, open_transport

console = Console(highlight=False)


def _checked_url(_context: click.Context, _option: click.Parameter, url: str | None) -> str | None:
    if url is not None:
        try:
            open_transport(url)
        except TransportUrlError as error:
            raise click.BadParameter(str(error)) from error
    return url


@click.group()
def main() -> None:
    """Sysops Squad on one machine: four quanta that keep ADR-5."""


@main.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=Path("var"), show_default=True)
@click.option(
    "--first-port", type=click.IntRange(1, 65_000), help="Fixed ports from this one on, instead of free ones."
)
@click.option(
    "--messaging", metavar="URL", callback=_checked_url, help="Another transport than the embedded queues, as amqp://…."
)
def up(data: Path, first_port: int | None, messaging: str | None) -> None:
    """Start everything and show what runs where; Ctrl-C stops it."""
    installation = _installed(data, first_port, messaging)
    with _stop_requests() as stop, _running(installation) as supervisor:
        console.print(_table(installation, supervisor))
        console.print(f"Messages by {escape(installation.transport)}.")
        console.print(f"Data and logs in {escape(str(installation.folder))}. Ctrl-C stops everything.")
        failed = _watch(supervisor, stop)
        console.print("Stopping…")
    if failed:
        raise SystemExit(1)


@main.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The data folder of a running system; without it one is started for the demo.",
)
def demo(data: Path | None) -> None:
    """Drive one customer's story through all six interactions; status 0 only when all is verified."""
    if data is not None:
        addresses = running_in(data)
        if addresses is None:
            raise click.ClickException(f"nothing runs in {data}: start it by `sysops-squad up --data {data}`")
        _tell(Story(addresses, data, _show))
        return
    with tempfile.TemporaryDirectory(prefix="sysops-squad-") as folder:
        installation = _installed(Path(folder))
        with _stop_requests(), _running(installation):
            _tell(Story(installation.addresses, installation.folder, _show))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def keys(folder: Path) -> None:
    """Make all keys for `deploy/compose.yaml` in FOLDER, those that are not there.

    Each quantum has a folder for itself, with what it alone may read. The folder `staff` is for no quantum: who has it
    makes tokens for staff.
    """
    with _told_of_keys():
        make_keys(folder)
    console.print(f"The keys are in {escape(str(folder))}, a folder for each quantum; staff's is for no quantum.")


@main.command()
@click.argument("quantum", type=click.Choice(["customer", "sysops", "billing", "reporting"]))
@click.option("--role", type=click.Choice([Role.EXPERT.value, Role.ADMINISTRATOR.value]), default=Role.EXPERT.value)
@click.option("--name", required=True, help="Who will call, as logs may show it.")
@click.option(
    "--minutes", type=click.IntRange(1, int(LONGEST_LIFE.total_seconds()) // 60), default=60, show_default=True
)
@click.option(
    "--keys",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var"),
    show_default=True,
    help="The folder that `keys` or `up` has filled.",
)
def token(quantum: str, role: str, name: str, minutes: int, folder: Path) -> None:
    """Print a token for someone of the staff, good for the API of one QUANTUM."""
    with _told_of_keys():
        click.echo(staff_token(folder, name, Role(role), quantum, timedelta(minutes=minutes)))


def _installed(folder: Path, first_port: int | None = None, messaging: str | None = None) -> Installation:
    with _told_of_keys():
        return install(folder, first_port, messaging)


@contextmanager
def _told_of_keys() -> Iterator[None]:
    try:
        yield
    except (KeyFileError, OSError) as error:
        raise click.ClickException(str(error)) from error


@main.command("definitions")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default="-")
def write_definitions(file: Path) -> None:
    """Write the broker's definitions, as the code declares them, to FILE: queues, users, rights."""
    with click.open_file(str(file), "w") as out:
        out.write(definitions_text())


@main.command("dead-letters")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=Path("var"), show_default=True)
@click.option("--messaging", metavar="URL", envvar="MESSAGING_URL", help="The broker, if not the queues in the data.")
@click.option("--requeue", metavar="QUEUE", multiple=True, help="Put the dead letters of this queue back into it.")
def dead_letters(data: Path, messaging: str | None, requeue: tuple[str, ...]) -> None:
    """List the messages that were given up; status 1 while there are any.

    On RabbitMQ, as user `operator`: `--messaging amqp://operator:PASSWORD@HOST/`, or the same in MESSAGING_URL.
    """
    for queue in requeue:
        if queue not in queues():
            raise click.BadParameter(f"there is no queue {queue!r}: {', '.join(queues())}", param_hint="--requeue")
    url = messaging or read_environment(EMBEDDED_ENVIRONMENT)["CUSTOMER_MESSAGING_URL"]
    try:
        open_transport(url)
        graveyard = open_graveyard(url, data)
        for queue in requeue:
            console.print(f"{graveyard.requeue(queue)} put back into {queue}")
        left = {queue: letters for queue in queues() if (letters := graveyard.letters(queue))}
    except (DeadLetterError, TransportUrlError) as error:
        raise click.ClickException(str(error)) from error
    for letters in left.values():
        for letter in letters:
            console.print(f"{letter.queue:18} {letter.message_id:38} {escape(letter.why)}", soft_wrap=True)
    console.print(f"{sum(map(len, left.values()))} dead letters in {len(queues())} queues")
    if left:
        raise SystemExit(1)


@contextmanager
def _running(installation: Installation) -> Iterator[Supervisor]:
    supervisor = Supervisor(installation.environment, installation.folder, _report)
    try:
        with installation.locked():
            _start(supervisor)
            with supervisor, installation.announced():
                yield supervisor
    except (OccupiedError, StartError) as error:
        raise click.ClickException(str(error)) from error


def _start(supervisor: Supervisor) -> None:
    started = time.monotonic()
    with console.status(f"Starting {len(UNITS)} processes…"):
        supervisor.start_all(UNITS)
    console.print(f"{len(UNITS)} processes work after {time.monotonic() - started:.1f} s.")


@contextmanager
def _stop_requests() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set; the first also ends whatever waits, so that everything is stopped."""
    stop = threading.Event()

    def request(_number: int, _frame: FrameType | None) -> None:
        if not stop.is_set():
            stop.set()
            raise KeyboardInterrupt

    before = {number: signal.signal(number, request) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch(supervisor: Supervisor, stop: threading.Event) -> bool:
    """Wait for a request to stop; true when a process ended by itself before."""
    known: set[str] = set()
    try:
        while not stop.is_set():
            for process in supervisor.ended():
                if process.unit.name not in known:
                    known.add(process.unit.name)
                    _report(process.unit.name, f"ended with status {process.status}; it is not restarted")
            time.sleep(0.2)
    except KeyboardInterrupt:
        pass
    return bool(known)


def _tell(story: Story) -> None:
    started = time.monotonic()
    try:
        story.run()
    except StoryError as error:
        console.print(f"[red]✗[/] {escape(str(error))}")
        raise SystemExit(1) from error
    console.print(f"[green]All verified[/] in {time.monotonic() - started:.1f} s.")


def _show(step: Step) -> None:
    way = f"{step.source} → {step.target}" if step.target else ""
    console.print(f"[green]✓[/] {way:24} {step.channel:28} [dim]{step.seconds:.1f} s[/]")
    console.print(f"  {escape(step.what)}")


def _report(unit: str, line: str) -> None:
    console.print(f"[yellow]![/] {escape(line if unit in line else f'{unit}: {line}')}")


def _table(installation: Installation, supervisor: Supervisor) -> Table:
    table = Table("quantum", "process", "pid", "address", "database", box=None, header_style="bold", pad_edge=False)
    for unit in UNITS:
        process = supervisor.processes[unit.name]
        name = unit.name.removeprefix(f"{unit.quantum}.")
        table.add_row(unit.quantum, name, str(process.pid), process.address or "", installation.database_of(unit))
    return table
