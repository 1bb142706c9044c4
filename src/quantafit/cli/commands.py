"""The commands. Each one imports what it needs when it runs, so that ``--help`` and ``schema`` are quick."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from quantafit.cli.output import Output, outputs, say, terminal_options, write
from quantafit.cli.progress import progress_bar
from quantafit.errors import DeclarationError, UsageError

if TYPE_CHECKING:
    from quantafit.model import Evaluation

Command = TypeVar("Command", bound=Callable[..., Any])
OBSERVED_FORMATS = ("json", "mermaid", "terminal")
PASSED, BROKEN, WRONG = 0, 1, 2


class Day(click.ParamType[date]):
    """An ISO date."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date; write it as YYYY-MM-DD", param, ctx)


def _shared(command: Command) -> Command:
    """The options that every command over a system has."""
    for option in (
        click.option(
            "--no-cache",
            "afresh",
            is_flag=True,
            help="Work everything out anew, and remember nothing.",
        ),
        click.option("--traceback", is_flag=True, help="Show the traceback where quantafit itself fails."),
        click.option(
            "--no-color", "no_colour", is_flag=True, help="No colour. NO_COLOR in the environment does the same."
        ),
        click.option(
            "--root", type=click.Path(path_type=Path), help="The tree to examine.  [default: the file's folder]"
        ),
        click.option(
            "--config",
            type=click.Path(path_type=Path),
            default=Path(),
            help="quanta.yaml, or its folder.  [default: .]",
        ),
    ):
        command = option(command)
    return command


def _formats(help_text: str) -> Callable[[Command], Command]:
    return click.option("--format", "formats", multiple=True, metavar="FORMAT[:FILE]", help=help_text)


_as_of = click.option(
    "--as-of", type=Day(), default=None, metavar="DATE", help="The day for which waivers are judged.  [default: today]"
)


_live = click.option(
    "--live", is_flag=True, help="Ask the running servers too that quanta.yaml names under live: (docs/live.md)."
)


_experiments = click.option(
    "--experiments",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Judge records of drills too, as quantafit drill --record writes them; repeatable.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="quantafit", message="quantafit %(version)s")
def group() -> None:
    """Hold a system of several services against the architecture that quanta.yaml declares.

    Exit codes: 0 gate passed, 1 gate failed, 2 wrong use or quanta.yaml wrong, 3 quantafit itself failed.
    """


@group.command()
@_shared
@_as_of
@_live
@_experiments
@_formats("terminal, json, observed, markdown, mermaid, github or junit; repeatable.  [default: terminal]")
@click.pass_context
def check(
    context: click.Context, config: Path, root: Path | None, as_of: date | None, live: bool,
    experiments: tuple[Path, ...], formats: tuple[str, ...], no_colour: bool, traceback: bool, afresh: bool,
) -> int:  # fmt: skip
    """The gate: judge the system.

    Every fitness function judges; what is enforced must be kept, and proved.
    """
    from quantafit import app, report

    asked = outputs(formats, report.formats())
    looks = [_look(output, no_colour) for output in asked]

    def render(evaluation: Evaluation) -> app.Answer:
        texts = (report.render(output.format, evaluation, **look) for output, look in zip(asked, looks, strict=True))
        return app.Answer(tuple(texts), PASSED if evaluation.passed else BROKEN)

    details = ("check", [output.format for output in asked], looks)
    question = app.Question(config, root, True, as_of or date.today(), details, not afresh, live, experiments or None)
    with _problems_shown(config, root), progress_bar() as stage:
        answer = app.answer(question, render, stage)
    for output, text in zip(asked, answer.texts, strict=True):
        write(output, text)
    return answer.code


@group.command()
@click.option("--root", type=click.Path(path_type=Path), default=Path(), help="The repository to read.  [default: .]")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Where to write.  [default: quanta.yaml in the root]"
)
@click.option("--stdout", "to_stdout", is_flag=True, help="Print the proposal and write nothing.")
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
@click.option("--traceback", is_flag=True, help="Show the traceback where quantafit itself fails.")
def init(root: Path, output: Path | None, to_stdout: bool, force: bool, traceback: bool) -> int:
    """Propose a first quanta.yaml.

    Quanta come from compose files, Kubernetes manifests, Dockerfiles and folders, interactions from what the code does.
    What only a person can decide is marked "QUESTION:".
    """
    from quantafit import app
    from quantafit.cli.first_steps import next_step, summary

    if to_stdout and output is not None:
        raise UsageError("--stdout and --output exclude each other")
    file = None if to_stdout or output == Path("-") else output or root / "quanta.yaml"
    if file is not None and file.exists() and not force:
        raise UsageError(f"{file} is there already; --force overwrites it, --stdout only prints the proposal")
    with progress_bar() as stage:
        proposal, text = app.propose(root, progress=stage)
    write(Output("quanta", file), text)
    click.echo(summary(proposal, file), err=True)
    click.echo(next_step(proposal, file, root), err=True)
    return PASSED


@group.command()
@_shared
@_live
@_formats("terminal, json or mermaid; repeatable.  [default: terminal]")
def observe(
    config: Path, root: Path | None, live: bool, formats: tuple[str, ...], no_colour: bool, traceback: bool,
    afresh: bool,
) -> int:  # fmt: skip
    """The evidence: what the quanta do to each other."""
    from quantafit import app

    asked = outputs(formats, OBSERVED_FORMATS)
    looks = [_look(output, no_colour) for output in asked]

    def render(evaluation: Evaluation) -> app.Answer:
        from quantafit.report import mermaid, observed, terminal

        renderers = {"terminal": terminal.render_observed, "json": observed.render, "mermaid": mermaid.render}
        texts = (renderers[output.format](evaluation, **look) for output, look in zip(asked, looks, strict=True))
        return app.Answer(tuple(texts), PASSED)

    question = app.Question(
        config, root, False, None, ("observe", [output.format for output in asked], looks), not afresh, live
    )
    with _problems_shown(config, root), progress_bar() as stage:
        answer = app.answer(question, render, stage)
    for output, text in zip(asked, answer.texts, strict=True):
        write(output, text)
    return answer.code


@group.command()
@click.argument("names", metavar="[DRILL]...", nargs=-1)
@_shared
@_as_of
@click.option(
    "--record", type=click.Path(path_type=Path), metavar="FILE", help="Write the records, for check --experiments FILE."
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="What everything random is made from.")
@_formats("terminal, markdown or json; repeatable.  [default: terminal]")
def drill(
    names: tuple[str, ...], config: Path, root: Path | None, as_of: date | None, record: Path | None, seed: int | None,
    formats: tuple[str, ...], no_colour: bool, traceback: bool, afresh: bool,
) -> int:  # fmt: skip
    """Experiments: take parts of the running system away, and count.

    Runs the programs that quanta.yaml names under drills:, makes the experiments of these names (by default all) and
    judges their records. Whatever happens, nothing stays behind: all is as it was before.
    """
    from quantafit.cli import drilling

    asked = outputs(formats, drilling.FORMATS)
    looks = [_look(output, no_colour) for output in asked]
    with _problems_shown(config, root):
        evaluation = drilling.drilled(config, root, names, as_of or date.today(), record, seed)
    for output, look in zip(asked, looks, strict=True):
        write(output, drilling.rendered(output.format, evaluation, look))
    return PASSED if evaluation.passed else BROKEN


@group.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@_shared
def why(
    source: str, target: str, config: Path, root: Path | None, no_colour: bool, traceback: bool, afresh: bool
) -> int:
    """All ways from one quantum to another, each call with its place."""
    from quantafit import app

    look = _look(Output("terminal"), no_colour)

    def render(evaluation: Evaluation) -> app.Answer:
        from quantafit.report import terminal

        found = app.ways_in(evaluation, source, target)
        text = terminal.render_ways(evaluation, (source, target), found.ways, found.together, **look)
        return app.Answer((text,), PASSED)

    question = app.Question(config, root, False, None, ("why", source, target, look), not afresh)
    with _problems_shown(config, root), progress_bar() as stage:
        answer = app.answer(question, render, stage)
    say(*answer.texts)
    return answer.code


@group.command()
@click.argument("rule", required=False)
@click.option("--no-color", "no_colour", is_flag=True, help="No colour.")
@click.option("--traceback", is_flag=True, help="Show the traceback where quantafit itself fails.")
def explain(rule: str | None, no_colour: bool, traceback: bool) -> int:
    """What a fitness function judges, and why.

    Without RULE, all of them in two lines each.
    """
    from quantafit import fitness
    from quantafit.report import terminal

    options = terminal_options(colour=not no_colour, output=Output("terminal"))
    if rule:
        say(terminal.render_card(fitness.explain(rule), **options))
    else:
        say(terminal.render_cards(fitness.cards(), **options))
    return PASSED


@group.command()
@click.argument("document", type=click.Choice(["quanta", "report", "observed", "experiments"]), default="quanta")
def schema(document: str) -> int:
    """Print a JSON Schema.

    Of quanta.yaml, of the report that check --format json prints, of the document that observe --format json prints, or
    of the records that drill --record writes.
    """
    if document == "quanta":
        import json

        from quantafit import declaration

        say(json.dumps(declaration.schema(), indent=2, ensure_ascii=False) + "\n")
    elif document == "experiments":
        import json

        from quantafit import drills

        say(json.dumps(drills.schema(), indent=2, ensure_ascii=False) + "\n")
    else:
        from quantafit import report

        say(report.schema("json" if document == "report" else document))
    return PASSED


@group.command()
@_shared
@_as_of
@click.option("--modules", metavar="QUANTUM", help="Instead, draw the modules of one quantum (needs pydeps).")
@_formats("mermaid; with --modules: dot, or svg (needs Graphviz).")
def graph(
    config: Path, root: Path | None, as_of: date | None, modules: str | None, formats: tuple[str, ...],
    no_colour: bool, traceback: bool, afresh: bool,
) -> int:  # fmt: skip
    """Draw what is declared and what is observed.

    Dotted: declared and not seen. Thick and red: seen and not declared. Or, with --modules, the modules of one quantum.
    """
    from quantafit import app

    if modules:
        asked = outputs(formats, ("dot", "svg"), "dot")
        with _problems_shown(config, root):
            for output in asked:
                write(output, app.draw_modules(config, root, modules, output.format))
        return PASSED
    asked = outputs(formats, ("mermaid",), "mermaid")

    def render(evaluation: Evaluation) -> app.Answer:
        from quantafit import report

        return app.Answer((report.render("mermaid", evaluation),), PASSED)

    question = app.Question(config, root, True, as_of or date.today(), ("graph",), not afresh)
    with _problems_shown(config, root), progress_bar() as stage:
        answer = app.answer(question, render, stage)
    for output in asked:
        write(output, *answer.texts)
    return answer.code


def _look(output: Output, no_colour: bool) -> dict[str, Any]:
    """How the terminal report is to look; the other formats look the same everywhere."""
    return {**terminal_options(colour=not no_colour, output=output)} if output.format == "terminal" else {}


@contextmanager
def _problems_shown(config: Path, root: Path | None) -> Iterator[None]:
    """A declaration that is wrong ends the command with all its problems on standard error."""
    try:
        yield
    except DeclarationError as error:
        from quantafit.cli.problems import declaration_text

        click.echo(declaration_text(error, config, root), err=True, nl=False)
        raise click.exceptions.Exit(WRONG) from error
