"""``quantafit drill``: makes the experiments with somebody watching, and keeps the records."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quantafit import app
from quantafit.cli.output import Output, is_terminal, write
from quantafit.drills import records_text
from quantafit.report import json, markdown, terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from quantafit.model import Evaluation, Experiment, Happening

FORMATS = ("json", "markdown", "terminal")


def drilled(
    config: Path, root: Path | None, names: tuple[str, ...], as_of: date, record: Path | None, seed: int | None
) -> Evaluation:
    """Make the experiments and judge them; only what was asked for is judged.

    The records are written also where the drills are stopped in the middle. Raises as quantafit.app.drill does.
    """
    records: list[Experiment] = []
    with _watched() as say:

        def tell(happening: Happening) -> None:
            say(f"{happening.what} {', '.join(happening.targets)} {happening.note}".strip())

        standing = app.stand(config, root, seed=seed, tell=tell)
        say("starting the parts")
        try:
            app.drill(standing, names, begin=lambda drill: say(f"{drill.name} begins"), done=records.append)
        finally:
            if record is not None and records:
                write(Output("json", record), records_text(records))
    for problem in standing.bench.problems:
        click.echo(f"quantafit: could not be undone: {problem}", err=True)
    return standing.judge(*records, as_of=as_of, only=names)


def rendered(format: str, evaluation: Evaluation, look: Mapping[str, Any]) -> str:
    """The report in one of the ``FORMATS``."""
    if format == "terminal":
        return terminal.render_drills(evaluation, **look)
    return markdown.render_drills(evaluation) if format == "markdown" else json.render(evaluation)


@contextmanager
def _watched() -> Iterator[Callable[[str], None]]:
    """One line on standard error that says what is being done, where somebody looks."""
    if not is_terminal(sys.stderr):
        yield lambda _words: None
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status("") as status:
        yield lambda words: status.update(escape(words))
