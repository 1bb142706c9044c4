"""The keys under ``drills`` of ``quanta.yaml``: how the system runs, and the experiments that are made with it."""

from __future__ import annotations

from quantafit.declaration.shapes import Choice, Field, ListOf, MapOf, Record, Text
from quantafit.model import PartKind, Proof

_NAME = Text("a name")
_PART_NAME = Text("a name without spaces", r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
_SENTENCE = Text("a sentence")
_COMMAND = ListOf(Text("an argument", r"^[\s\S]*$"), repeats=True)
_DURATION = Text("a duration such as 200ms, 30s or 1m30s", r"^([0-9]+(\.[0-9]+)?(ms|[smh]))+$")
_RATIO = Text("a ratio such as 3x", r"^[0-9]+(\.[0-9]+)?x$")
_REFERENCE = Text("a decision, or a sentence of one, such as ADR-5#invoices", r"^[^\s#]+(#[^\s#]+)?$")
_FILLED = Text("text, with {placeholders} where needed")
_TARGETS = ListOf(_NAME, single=True)
_DO = (
    ("stop", "ends it in good order; something else has to be able to start it again"),
    ("kill", "ends it at once"),
    ("pause", "lets it stand still"),
    ("resume", "lets it go on"),
    ("start", "brings it back after stop and kill"),
)

_COMMANDS = Record(tuple(Field(act, _COMMAND, f"The command that {what}, as a list.") for act, what in _DO))

_READY = Record(
    (
        Field("port", _FILLED, "HOST:PORT that accepts connections; without HOST on this machine."),
        Field("url", _FILLED, "A URL that answers with a status from 200 to 299."),
        Field("line", Text("a line"), "A line that its process prints."),
        Field("command", _COMMAND, "A command that ends with status 0, as a list."),
    ),
    at_least_one=True,
)

_PART = Record(
    (
        Field("quantum", _NAME, "The quantum that the part belongs to; none for what all rely on."),
        Field("kind", Choice(tuple(kind.value for kind in PartKind)), "What the part is; by default a unit."),
        Field(
            "run",
            _COMMAND,
            "The command of a process that the drill runs itself, in the foreground, as a list. Without it others run "
            "the part, and commands say how to take it away.",
        ),
        Field(
            "env",
            MapOf(_FILLED, "variable", Text("the name of a variable", r"^[A-Za-z_][A-Za-z0-9_]*$")),
            "More variables for its process.",
        ),
        Field("commands", _COMMANDS, "How others stop, kill, pause and start it; else as in drills.commands."),
        Field("ready", _READY, "How it shows that it works. Without it, it counts as ready once it runs."),
        Field("starting", _DURATION, "How long it may take to be ready; by default 30s."),
        Field(
            "proxy",
            Record(
                (
                    Field("listen", _FILLED, "The port on this machine where the drill listens.", required=True),
                    Field("to", _FILLED, "HOST:PORT that it passes all on to.", required=True),
                )
            ),
            "A TCP proxy of the drill in front of the part, so that it can be slowed down and cut off. Let the others "
            "reach the part by it.",
        ),
    )
)

_ACTS = (
    Field("stop", _TARGETS, "Ends parts in good order."),
    Field("kill", _TARGETS, "Ends parts at once (SIGKILL)."),
    Field("pause", _TARGETS, "Lets parts stand still (SIGSTOP)."),
    Field("slow", _TARGETS, "Lets all data from and to parts be later, by the proxy in front of them; needs by."),
    Field("by", _DURATION, "How much slow slows down."),
    Field("partition", _TARGETS, "Lets no data get to parts, by the proxy in front of them."),
    Field("start", _TARGETS, "Brings parts back, whatever was done to them, and waits until they work; or all."),
    Field("wait", _DURATION, "Does nothing for a while."),
    Field("count", _NAME, "Asks a probe until everything that was accepted has had its effect, or within is over."),
    Field("within", _DURATION, "How long this step may take: a workload, a start, the arrival of effects."),
    Field("settle", _DURATION, "How long a complete count is watched for second effects; by default 1s."),
)
_DRIVE = Field("drive", _NAME, "Runs a workload to its end.")
_MEANWHILE = Field("meanwhile", ListOf(Record(_ACTS)), "Steps that are done while the workload runs.")
_STEP = Record((*_ACTS, _DRIVE, _MEANWHILE))

_EXPERIMENT = Record(
    (
        Field(
            "proves",
            Choice(tuple(proof.value for proof in Proof)),
            "What the experiment is made for: the last word of the fitness function that judges it.",
            required=True,
        ),
        Field("quantum", _NAME, "The quantum that it is about: for isolation, latency and restart."),
        Field("interaction", _NAME, "The interaction that it is about, for all other proofs."),
        Field("steps", ListOf(_STEP), "What is done, one thing after the other.", required=True),
        Field("within", _DURATION, "The limit for what it proves: for an answer, a start, or an arrival."),
        Field("slower_at_most", _RATIO, "How much slower answers may be than with all parts: 3x."),
        Field("adr", _REFERENCE, "The sentence of a decision that asks for this, such as ADR-5#invoices."),
        Field("because", _SENTENCE, "Why, in words."),
    )
)

DRILLS = Record(
    (
        Field(
            "parts",
            MapOf(_PART, "part", _PART_NAME, at_least_one=True),
            "What can be taken away and brought back.",
            required=True,
        ),
        Field("commands", _COMMANDS, "Commands for all parts that others run; {part} stands for the part's name."),
        Field("broker", Choice(("embedded",)), "embedded: the queues are files of the units; no broker runs."),
        Field("prepare", _COMMAND, "A command that is run once, before the first part starts."),
        Field("clean_up", _COMMAND, "A command that is run in the end, whatever happened."),
        Field(
            "workloads",
            MapOf(_COMMAND, "workload", _PART_NAME),
            "Commands that send, and print a JSON line with an id for each item.",
        ),
        Field(
            "probes",
            MapOf(_COMMAND, "probe", _PART_NAME),
            "Commands that print a JSON line with the id of each item that has "
            "had its effect; the probe dead-letters tells what lies in the dead-letter queue.",
        ),
        Field(
            "experiments",
            MapOf(_EXPERIMENT, "experiment", _PART_NAME, at_least_one=True),
            "The experiments, by name.",
            required=True,
        ),
    )
)
"""Everything under ``drills``. Placeholders: {root}, {folder}, {python}, {part}, {seed} and {port:NAME}."""
