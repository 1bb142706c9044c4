"""Every key of ``quanta.yaml``: its shape, and the sentence that explains it."""

from __future__ import annotations

from quantafit.declaration.drill_keys import DRILLS
from quantafit.declaration.shapes import Choice, Field, Flag, ListOf, MapOf, Record, Text
from quantafit.model import Mode, Style

SCHEMA = "quanta/1"
AT_LEAST_ONCE = "at_least_once"

_NAME = Text("a name")
_NAMES = ListOf(_NAME, single=True)
_SENTENCE = Text("a sentence")
_PATH = Text("a path relative to the root", r"^[^/\\~\s]([^\\]*[^\\\s])?$")
_PATHS = ListOf(_PATH, single=True)
_VARIABLE = Text("the name of an environment variable", r"^[A-Za-z_][A-Za-z0-9_]*$")
_VARIABLES = ListOf(_VARIABLE, single=True)
_REFERENCE = Text("a decision, or a sentence of one, such as ADR-5#invoices", r"^[^\s#]+(#[^\s#]+)?$")
_RULE = Text("the name of a fitness function, family/name", r"^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*$")
_DATE = Text("a date, YYYY-MM-DD", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
_DURATION = Text("a duration such as 30s, 15m, 1h or 1h30m", r"^([0-9]+(\.[0-9]+)?[smhd])+$")
_DOTTED = Text("a dotted Python name", r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$")
_PARAMETER = Text("the name of a parameter, or POSITION:NAME", r"^([0-9]{1,2}:)?[A-Za-z_][A-Za-z0-9_]*$")
_MODE = Choice(tuple(mode.value for mode in Mode))

_ADR = Field("adr", _REFERENCE, "The sentence of a decision that asks for this, such as ADR-5#invoices.")
_BECAUSE = Field("because", _SENTENCE, "Why, in words. Required where something deviates from what is usual.")

_DECISION = Record(
    (
        Field(
            "id", Text("an id without spaces", r"^[^\s#]+$"), "How others refer to the decision: ADR-5.", required=True
        ),
        Field("title", _SENTENCE, "The decision's title; by default the first heading of its file."),
        Field(
            "status",
            Choice(("proposed", "accepted", "deprecated", "superseded", "rejected")),
            "Where the decision stands. Proposed decisions are enforced like accepted ones.",
        ),
        Field("file", _PATH, "The decision's Markdown file. Its headings, <a id> and {#id} are the anchors."),
    )
)

_DATA_CLASS = Record(
    (Field("names", _NAMES, "Names of fields, columns and keys that hold this class, as whole words: card_number."),),
    nullable=True,
)

_DATASTORE = Record(
    (
        Field("env", _VARIABLES, "Environment variables whose value is the database's URL."),
        Field("hosts", _NAMES, "Network names of the database server."),
        Field("database", _NAME, "The database's name on its server."),
    ),
    nullable=True,
)

_STORES = Record(
    (
        Field("allow", _NAMES, "Classes of data that may rest in this quantum."),
        Field("deny", _NAMES, "Classes of data that must not rest in this quantum, in any form."),
        _ADR,
        _BECAUSE,
    )
)

_QUANTUM = Record(
    (
        Field(
            "source",
            _PATHS,
            "Where the quantum's code is: files, folders or globs, relative to the root. A quantum without source is "
            "one whose code is not here: what it does is not evaluated.",
        ),
        Field("hosts", _NAMES, "Network names under which others reach the quantum."),
        Field("env", _VARIABLES, "Environment variables whose value is the quantum's address."),
        Field("units", _NAMES, "Its deployment units: compose services, Kubernetes workloads."),
        Field("packages", _NAMES, "Import names of its generated clients."),
        Field(
            "database_roles",
            _NAMES,
            "Roles under which it opens databases, its own and replicas that it feeds, where no URL in code or "
            "configuration names them.",
        ),
        Field(
            "migration_roles",
            _NAMES,
            "Roles that own its tables and run its migrations. None of its units works under them, or can become them: "
            "running databases are asked whether that holds.",
        ),
        Field(
            "broker_users",
            _NAMES,
            "Users under which its units work at the message brokers. Running brokers are asked what they may do.",
        ),
        Field("datastores", MapOf(_DATASTORE, "datastore"), "The databases that belong to the quantum, by name."),
        Field("stores", _STORES, "Which classes of data may rest in the quantum, and which must not."),
        Field("characteristics", _NAMES, "The architecture characteristics that the quantum is scoped to."),
        _ADR,
        _BECAUSE,
    ),
    nullable=True,
)

_END = Record(
    (
        Field("quantum", _NAME, "The quantum at this end.", required=True),
        Field("unit", _NAME, "One of the quantum's units, for the reader; judged is the quantum."),
    ),
    short=_NAME,
)

_DELIVERY = Record(
    (
        Field(
            "guarantee", Choice((AT_LEAST_ONCE,)), "What holds for all that is not written below: every point is kept."
        ),
        Field("durable", Flag(), "The queue survives a restart of the broker."),
        Field("persistent", Flag(), "The message survives a restart of the broker."),
        Field("confirmed", Flag(), "The sender knows that the broker has taken the message."),
        Field("acknowledged_after_work", Flag(), "The receiver acknowledges when its work is done, not before."),
        Field("dead_letter", Flag(), "A message that cannot be handled is set aside, and blocks no other."),
        Field("idempotent_receiver", Flag(), "A second copy of a message has no second effect."),
    ),
    short=Choice((AT_LEAST_ONCE,)),
)

_REPLICATION = Record(
    (
        Field("table", _NAME, "The replica's table."),
        Field(
            "mechanism",
            Choice(("native", "etl", "cdc")),
            "native: the database replicates; etl: a job copies; cdc: changes are captured from the log.",
        ),
        Field("columns", _NAMES, "The columns that are replicated; what a publication hands on beyond them is found."),
        Field(
            "rows",
            Choice(("all", "some")),
            "Whether all rows are replicated, or some, which the filter of a publication chooses. Where it is left "
            "out, a filter is shown and not judged.",
        ),
        Field("max_staleness", _DURATION, "How far the replica may lag behind: 15m, 1h."),
    )
)

_INTERACTION = Record(
    (
        Field("id", _NAME, "The interaction's name; by default its channel, else from-to-to."),
        _ADR,
        _BECAUSE,
        Field("from", _END, "The quantum that begins: it sends, calls, or is the origin of the data.", required=True),
        Field("to", _END, "The quantum that receives, answers, or holds the replica.", required=True),
        Field(
            "style",
            Choice(tuple(style.value for style in Style)),
            "How the two interact; call is synchronous.",
            required=True,
        ),
        Field("channel", _NAME, "The queue, topic or subject of a message."),
        Field("carries", _NAMES, "Classes of data that cross here."),
        Field(
            "delivery",
            _DELIVERY,
            "at_least_once: durable, persistent, confirmed, acknowledged after the work, with dead letters and an "
            "idempotent receiver. Write a mapping for deviations, and because.",
        ),
        Field("replication", _REPLICATION, "How the replica is fed."),
    )
)

_SETTING = Record(
    (
        Field("mode", _MODE, "enforce: a failure fails the gate; warn: it is shown; off: not judged."),
        _ADR,
        _BECAUSE,
        Field("options", MapOf(_NAMES, "option"), "The rule's own options; `quantafit explain RULE` lists them."),
    ),
    short=_MODE,
)

_WAIVER = Record(
    (
        Field("rule", _RULE, "The fitness function whose findings are waived.", required=True),
        Field("owner", _NAME, "Who answers for the exemption.", required=True),
        Field("reason", _SENTENCE, "Why it is needed, and what ends it.", required=True),
        Field("expires", _DATE, "The last day on which it holds.", required=True),
        Field(
            "match",
            Record(
                (
                    Field("from", _NAME, "The quantum that the finding starts in."),
                    Field("to", _NAME, "The quantum that it leads to."),
                    Field("quantum", _NAME, "The quantum that it is about."),
                    Field("interaction", _NAME, "The interaction that it is about."),
                    Field("path", _PATH, "The file it stands in, or a glob."),
                ),
                at_least_one=True,
            ),
            "Which findings are waived; all that is written must match.",
            required=True,
        ),
    )
)

_LIBRARY_CALL = Record(
    (
        Field(
            "does",
            Choice(
                (
                    "publish",
                    "subscribe",
                    "request",
                    "declare_queue",
                    "declare_exchange",
                    "bind",
                    "acknowledge",
                    "reject",
                    "wait",
                    "store",
                    "connect",
                    "nothing",
                )
            ),
            "What the call does, in the words of the built-in library tables; nothing: it reaches and stores nothing.",
        ),
        Field("returns", _DOTTED, "The class of what the call gives, whose methods are described here too."),
        Field(
            "arguments",
            Record(
                tuple(
                    Field(slot, _PARAMETER, f"The parameter that holds {meaning}.")
                    for slot, meaning in (
                        ("channel", "the name of the queue, topic or subject"),
                        ("target", "the address of the receiver, or of the database"),
                        ("message", "the message"),
                        ("callback", "the function that is called for each message"),
                        ("queue", "the queue's name, where exchanges are spoken of"),
                        ("exchange", "the exchange's name"),
                        ("routing_key", "the routing key"),
                        ("type", "the exchange's type"),
                        ("durable", "whether the queue survives a restart"),
                        ("exclusive", "whether the queue belongs to one connection"),
                        ("auto_delete", "whether the queue goes with its last consumer"),
                        ("arguments", "the queue's arguments"),
                        ("delivery_mode", "the delivery mode; 2 is persistent"),
                        ("reply_to", "the name of a queue for the reply"),
                        ("auto_ack", "whether messages are acknowledged on delivery"),
                        ("table", "the table's name"),
                        ("columns", "what is stored, by column"),
                    )
                )
            ),
            "Which parameter of the call means what, by its name; with its position from 0 on (0:queue) where the "
            "library's code is not in the tree.",
        ),
        Field(
            "facts",
            Record(
                (
                    Field("durable", Flag(), "The queue survives a restart."),
                    Field("persistent", Flag(), "The message survives a restart."),
                    Field("confirmed", Flag(), "The call returns when the broker has the message, and raises if not."),
                    Field(
                        "acknowledged",
                        Choice(("after", "before", "auto")),
                        "When a message is acknowledged: after the callback returned, before, or on delivery.",
                    ),
                    Field("dead_letter", Flag(), "A message that cannot be handled is set aside."),
                    Field("synchronous", Flag(), "A publish that waits for the receiver's answer."),
                )
            ),
            "What holds for every call, whatever its arguments.",
        ),
    ),
    at_least_one=True,
)

_LIBRARY = Record(
    (
        Field("mechanism", Text("a word", r"^[a-z][a-z0-9-]*$"), "The mechanism as it is reported.", required=True),
        _BECAUSE,
        Field(
            "calls", MapOf(_LIBRARY_CALL, "call", _DOTTED), "Its functions and methods, by dotted name.", required=True
        ),
    )
)


def _by_variable(holds: str) -> Record:
    return Record((Field("env", _VARIABLE, f"The environment variable that holds {holds}.", required=True),))


_LIVE_BROKER = Record(
    (
        Field(
            "management",
            _by_variable("the URL, with user and password"),
            "RabbitMQ's management API, which is only read. The URL never stands in this file.",
        ),
        Field(
            "definitions",
            _by_variable("the file's path"),
            "An export of RabbitMQ's definitions, read where the variable of `management` is not set, and for the "
            "permissions of users where the management API does not tell them.",
        ),
        Field("virtual_host", _NAME, "The virtual host that the queues are in; by default /."),
    ),
    at_least_one=True,
)

_LIVE = Record(
    (
        Field("brokers", MapOf(_LIVE_BROKER, "broker"), "Running message brokers, by names of your own."),
        Field(
            "databases",
            MapOf(_by_variable("the URL, with user and password"), "database"),
            "Running databases, by the names of the quanta's datastores.",
        ),
    ),
    at_least_one=True,
)

ROOT = Record(
    (
        Field("schema", Choice((SCHEMA,)), "The version of this format.", required=True),
        Field("system", _NAME, "The system's name.", required=True),
        Field("adrs", ListOf(_DECISION), "The architecture decision records that the declaration refers to."),
        Field(
            "data_classes",
            MapOf(_DATA_CLASS, "data class"),
            "Classes of data, by name; pan, card_code, card_expiry and others are built in and may be extended.",
        ),
        Field(
            "quanta", MapOf(_QUANTUM, "quantum", at_least_one=True), "The architecture quanta, by name.", required=True
        ),
        Field(
            "shared_code", _PATHS, "Code that several quanta use; it is no quantum, and belongs to each that uses it."
        ),
        Field("interactions", ListOf(_INTERACTION), "Every link between two quanta. What is not listed is a finding."),
        Field("platform", _NAMES, "Services that all rely on and that merge no quanta: identity, mail, telemetry."),
        Field("external", _NAMES, "Systems outside, by host name."),
        Field(
            "libraries",
            MapOf(_LIBRARY, "library"),
            "Libraries of the system's own that the code cannot be read through.",
        ),
        Field("live", _LIVE, "Running servers that `quantafit check --live` asks, each by an environment variable."),
        Field("rules", MapOf(_SETTING, "rule", _RULE), "Settings of fitness functions, by name."),
        Field("drills", DRILLS, "How the system runs, and the experiments that `quantafit drill` makes with it."),
        Field("waivers", ListOf(_WAIVER), "Dated exemptions; each has an owner, a reason and an end."),
    )
)
"""The whole file."""
