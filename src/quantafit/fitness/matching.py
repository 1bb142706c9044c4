"""Which observed crossing is which declared interaction.

A crossing matches an interaction by its two quanta, by its style and, where the interaction names one, by its channel
(or by the receiver's queue, since a publisher may know an exchange and a routing key only). A channel that cannot be
told leaves the match open: it neither proves nor refutes anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from quantafit.fitness.system import System
from quantafit.model import Communication, Crossing, Interaction, Style, TableUse

FILES = frozenset({"file", "ftp", "gcs", "object-store", "s3", "sftp"})
REPLICATION = frozenset({"cdc", "logical-replication", "replication"})
ALL_TABLES = "*"
"""Among the tables of a crossing: all that the database has, or some that cannot be told."""
NEVER_MESSAGES = FILES | REPLICATION | {"import", "database"}


class Match(Enum):
    """Whether a crossing is an interaction; ``OPEN`` where its channel cannot be told."""

    YES = "yes"
    NO = "no"
    OPEN = "open"


def match(crossing: Crossing, interaction: Interaction) -> Match:
    """Whether a crossing between the interaction's two quanta is that interaction."""
    if (crossing.source, crossing.target) != (interaction.source, interaction.target):
        return Match.NO
    return _fit(crossing, interaction)


def sent_without_receiver(crossing: Crossing, interaction: Interaction) -> bool:
    """Whether an unrouted crossing is the sending end of an interaction: same sender, style and declared channel."""
    known = interaction.channel is not None and crossing.source == interaction.source
    return known and _fit(crossing, interaction) is Match.YES


def _fit(crossing: Crossing, interaction: Interaction) -> Match:
    if not fits(interaction.style, crossing):
        return Match.NO
    if interaction.style is Style.REPLICATION:
        return Match.YES if _same_table(crossing, interaction) else Match.NO
    if interaction.channel is None:
        return Match.YES
    channels = _channels(crossing, interaction)
    if not channels:
        return Match.OPEN
    return Match.YES if interaction.channel in channels else Match.NO


def fits(style: Style, crossing: Crossing) -> bool:
    """Whether a crossing's mechanism is one of that style."""
    mechanism, communication = crossing.mechanism, crossing.communication
    match style:
        case Style.MESSAGE:
            # A request/reply over a channel still is that channel's interaction: quantum/synchronous-call judges that
            # it waits, and the delivery of the message is judged all the same.
            waits = communication is Communication.SYNCHRONOUS
            over_a_channel = crossing.channel is not None or bool(crossing.receivers)
            return mechanism not in NEVER_MESSAGES and (not waits or over_a_channel)
        case Style.CALL:
            return communication is Communication.SYNCHRONOUS and mechanism not in NEVER_MESSAGES
        case Style.FILE:
            return mechanism in FILES
        case Style.REPLICATION:
            return mechanism in REPLICATION or (mechanism == "database" and crossing.operation != "read")


def _channels(crossing: Crossing, interaction: Interaction) -> frozenset[str]:
    queues = (receiver.queue for receiver in crossing.receivers if receiver.quantum == interaction.target)
    return frozenset(filter(None, (crossing.channel, *queues)))


def _same_table(crossing: Crossing, interaction: Interaction) -> bool:
    table = interaction.replication.table
    if table is None:
        return True
    # What flows beside the declared table is judged by replica/mechanism.
    return any(touched == ALL_TABLES or same_table(table, touched) for touched in crossing.tables)


def same_table(one: str, other: str) -> bool:
    """Whether two names mean one table: the schema before the last dot, quotes and case do not tell tables apart."""
    return _bare(one) == _bare(other)


def _bare(table: str) -> str:
    return table.rpartition(".")[2].strip('"`[]').lower()


def crossings_of(interaction: Interaction, system: System) -> tuple[Crossing, ...]:
    """The crossings that are this interaction."""
    return _with(Match.YES, interaction, system)


def open_crossings_of(interaction: Interaction, system: System) -> tuple[Crossing, ...]:
    """The crossings that may be this interaction: their channel cannot be told."""
    return _with(Match.OPEN, interaction, system)


def _with(wanted: Match, interaction: Interaction, system: System) -> tuple[Crossing, ...]:
    between = system.between(interaction.source, interaction.target)
    return tuple(crossing for crossing in between if match(crossing, interaction) is wanted)


def replica_writes(interaction: Interaction, system: System) -> tuple[TableUse, ...]:
    """The writes of a replication's source into the target's replica, as table uses."""
    table = interaction.replication.table
    return tuple(
        use
        for use in system.tables_of(interaction.source)
        if (use.owner, use.operation) == (interaction.target, "write")
        and (table is None or same_table(table, use.table))
    )


def declared(crossing: Crossing, interactions: Iterable[Interaction]) -> Match:
    """Whether any of these interactions declares a crossing: yes, no, or open."""
    matches = {match(crossing, interaction) for interaction in interactions}
    return next((found for found in (Match.YES, Match.OPEN) if found in matches), Match.NO)
