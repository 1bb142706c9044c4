"""What a running PostgreSQL database says of itself, read from its catalogues.

No value holds a password, a connection string or a row of a user's table. What the catalogues did not show to the role
that asked stands in ``unreadable``; nothing may be concluded from its absence.
"""

from __future__ import annotations

from dataclasses import dataclass

from quantafit.model.places import Place
from quantafit.model.replication import Publication

PUBLIC = "PUBLIC"
"""The name of a grantee: every role."""

WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "TRUNCATE"})
"""The privileges that change what a table holds."""


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A right that a role has on an object; ``column`` where it is on one column only, ``role`` may be ``PUBLIC``."""

    role: str
    privilege: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class LiveColumn:
    """A column with the data class that its name means (None: none)."""

    name: str
    type: str
    data_class: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key by the name of its constraint; ``table`` is the one that it refers to, with its schema."""

    name: str
    table: str


@dataclass(frozen=True, slots=True)
class LiveTable:
    """A relation of the database. ``kind`` is ``table``, ``view``, ``materialized view`` or ``foreign table``.

    ``data_class`` is what its own name means. ``writes_through`` are the tables that a write to this one changes with
    its *owner's* rights: by a view that can be written, or by a rule.
    """

    schema: str
    name: str
    kind: str
    owner: str
    place: Place
    columns: tuple[LiveColumn, ...] = ()
    grants: tuple[Grant, ...] = ()
    data_class: str | None = None
    writes_through: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    """The tables that this one is a partition of, or inherits from: its rows are theirs."""
    foreign_keys: tuple[ForeignKey, ...] = ()

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class LiveRole:
    """A role of the server. ``member_of`` are the roles whose rights it has, can take on, or can grant to itself."""

    name: str
    login: bool = True
    superuser: bool = False
    create_role: bool = False
    bypass_row_security: bool = False
    replication: bool = False
    member_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveRoutine:
    """A function or procedure that runs with its owner's rights (``SECURITY DEFINER``) and writes tables.

    ``writes`` are the tables that its text names in writing statements, as written there. ``executors`` may call it;
    nobody calls a trigger function directly. ``triggered`` says that a trigger calls it, for whoever changes its table.
    """

    name: str
    owner: str
    place: Place
    writes: tuple[str, ...] = ()
    executors: tuple[str, ...] = ()
    triggered: bool = False


@dataclass(frozen=True, slots=True)
class SubscribedTable:
    """A table that a subscription fills. ``state`` is PostgreSQL's letter: ``r`` when the initial copy is done."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class LiveSubscription:
    """A subscription. ``working`` tells whether its worker runs and is connected.

    ``host``, ``port`` and ``database`` of the publisher are None where the role may not read them, which needs a
    right of its own; ``slot`` is the replication slot at the publisher, None where there is none.
    """

    name: str
    owner: str
    enabled: bool
    place: Place
    publications: tuple[str, ...] = ()
    slot: str | None = None
    working: bool = False
    tables: tuple[SubscribedTable, ...] = ()
    host: str | None = None
    port: str | None = None
    database: str | None = None


@dataclass(frozen=True, slots=True)
class ReplicationSlot:
    """A logical replication slot for this database. ``lost``: the changes it stands for are gone from the log."""

    name: str
    active: bool
    place: Place
    lost: bool = False
    lag_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteServer:
    """Another database that this one reaches: a foreign server, or a connection that a function opens by ``dblink``.

    ``wrapper`` is the foreign data wrapper or ``dblink``; host, port and database are None where they are not given:
    the server itself, the default port, the database of the user's name. ``tables`` are the foreign tables on it.
    """

    name: str
    wrapper: str
    place: Place
    host: str | None = None
    port: str | None = None
    database: str | None = None
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiblingDatabase:
    """A database on the same server, with its rights to connect."""

    name: str
    owner: str
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part of the catalogues that was not shown: what it would have told, and what has to be granted for it."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """What one database said. ``name`` is that of the declared datastore, ``quantum`` whose it is.

    ``server`` identifies the cluster (PostgreSQL's system identifier), ``instance`` the server process: two databases
    with one ``server`` and different instances are a copy, or were asked before and after a restart. ``role`` is the
    one that asked, ``host`` and ``port`` where, ``database`` the name there. ``version`` is as the server shows it.
    ``working`` are the roles that others were connected as when it was asked.
    """

    name: str
    quantum: str
    version: str
    place: Place
    server: str = ""
    instance: str = ""
    host: str = ""
    port: str = ""
    database: str = ""
    role: str = ""
    extensions: tuple[str, ...] = ()
    databases: tuple[SiblingDatabase, ...] = ()
    roles: tuple[LiveRole, ...] = ()
    working: tuple[str, ...] = ()
    tables: tuple[LiveTable, ...] = ()
    routines: tuple[LiveRoutine, ...] = ()
    publications: tuple[Publication, ...] = ()
    subscriptions: tuple[LiveSubscription, ...] = ()
    slots: tuple[ReplicationSlot, ...] = ()
    remotes: tuple[RemoteServer, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
