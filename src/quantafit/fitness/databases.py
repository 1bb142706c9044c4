"""What the functions about databases share: whose database was asked, whose a role is, and what a role may do.

Rights are those that a role has, can take on, or can give itself: membership counts whether it is inherited or not.
Whose a role is, is told by the database URLs in code and configuration, and by `database_roles` of the quanta.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from quantafit.fitness.matching import same_table
from quantafit.fitness.rule import Obstacle
from quantafit.fitness.system import System
from quantafit.model import DatabaseState, EvidenceKind, Style
from quantafit.model.live_database import PUBLIC, WRITES, LiveRole, LiveTable

_EVERYWHERE = {
    "pg_write_all_data": frozenset({"INSERT", "UPDATE", "DELETE"}),
    "pg_read_all_data": frozenset({"SELECT"}),
}
"""Roles that PostgreSQL defines, and the rights that they have on every table. Source: PostgreSQL 17, section 21.5."""
_GRANTS_LESS = 16
"""Until this version, ``CREATEROLE`` was enough to become a member of any role that is no superuser."""


def live_databases(system: System, quantum: str) -> tuple[DatabaseState, ...]:
    """What the databases of a quantum said; none where they were not asked, or did not answer."""
    live = system.coupling.live
    return tuple(state for state in live.databases if state.quantum == quantum) if live else ()


def runtime(why: str, *, error: bool = False) -> Obstacle:
    """What keeps live evidence from telling."""
    return Obstacle(EvidenceKind.RUNTIME, why, error)


def unanswered(system: System, *quanta: str) -> Iterator[Obstacle]:
    """The databases of these quanta that were asked and did not answer, or where another one did."""
    owners = {server.name: server.quantum for server in system.architecture.live.databases}
    for failure in system.coupling.live.failed("database") if system.coupling.live else ():
        if owners.get(failure.server) in quanta:
            yield runtime(f"the database {failure.server} did not tell: {failure.why}", error=True)
    yield from _strayed(system, quanta)


def _strayed(system: System, quanta: tuple[str, ...]) -> Iterator[Obstacle]:
    """The databases of these quanta whose URL leads to one of another name than is declared: they tell of another."""
    for name in quanta:
        declared = {store.name: store.database for store in system.quanta[name].datastores}
        for state in live_databases(system, name):
            wanted = declared.get(state.name)
            if wanted and wanted != state.database:
                yield runtime(
                    f"{state.name} was to be the database {wanted}, and {state.database} answered", error=True
                )


def unreadable(state: DatabaseState, *subjects: str) -> Iterator[Obstacle]:
    """What of these subjects a database did not show to the role that asked."""
    for hidden in state.unreadable:
        if hidden.what in subjects:
            yield runtime(f"{state.name} did not show {hidden.what}: {hidden.why}")


def quanta_of_roles(state: DatabaseState, system: System) -> dict[str, frozenset[str]]:
    """The quanta that use a database under each of its roles, as far as that is known."""
    found: dict[str, set[str]] = {}
    for use in system.coupling.datastores:
        if use.owner == state.quantum and use.role is not None:
            found.setdefault(use.role, set()).add(use.quantum)
    for quantum in system.architecture.quanta:
        for role in (*quantum.database_roles, *quantum.migration_roles):
            found.setdefault(role, set()).add(quantum.name)
    return {role: frozenset(quanta) for role, quanta in found.items()}


def quantum_of_table(state: DatabaseState, table: LiveTable, system: System) -> str | None:
    """Whose a table is: its owner's, else that of the one quantum whose roles are granted to write it; None: not told.

    A role that several quanta use tells nothing. A declared replica is the quantum's that holds it, whoever feeds it.
    """
    whose = quanta_of_roles(state, system)
    owners = whose.get(table.owner, frozenset())
    if not owners:
        writers = (whose.get(grant.role, frozenset()) for grant in table.grants if grant.privilege in WRITES)
        owners = frozenset().union(*writers)
    for replication in system.architecture.interactions:
        name = replication.replication.table
        into_it = replication.style is Style.REPLICATION and replication.target == state.quantum
        is_copy = same_table(name, table.full_name) if name else bool(owners)
        if into_it and is_copy and owners <= {replication.source, replication.target}:
            return state.quantum
    return next(iter(owners)) if len(owners) == 1 else None


def roles_of(system: System, quantum: str) -> frozenset[str]:
    """All roles that a quantum is known to use, in whosever database."""
    used = {use.role for use in system.datastores_of(quantum) if use.role is not None}
    declared = system.quanta[quantum]
    return frozenset((*used, *declared.database_roles, *declared.migration_roles))


@dataclass(frozen=True)
class Rights:
    """Who may do what in one database."""

    state: DatabaseState

    @cached_property
    def roles(self) -> dict[str, LiveRole]:
        return {role.name: role for role in self.state.roles}

    @cached_property
    def owner(self) -> str:
        """The role that owns the database."""
        return next((one.owner for one in self.state.databases if one.name == self.state.database), "")

    def stands_for(self, name: str) -> frozenset[str]:
        """The roles whose rights a role has or can come by: itself, what it is a member of, everybody."""
        reached: set[str] = {PUBLIC}
        waiting = [name]
        while waiting:
            role = waiting.pop()
            if role in reached:
                continue
            reached.add(role)
            if role in self.roles:
                waiting.extend(self.roles[role].member_of)
            if role == self.owner:
                waiting.append("pg_database_owner")
        return frozenset(reached)

    def on(self, table: LiveTable, role: str, wanted: frozenset[str]) -> dict[str, str]:
        """Those of the wanted rights that a role has on a table, each with where it comes from."""
        stands_for = self.stands_for(role)
        known = [self.roles[name] for name in sorted(stands_for) if name in self.roles]
        if any(one.superuser for one in known):
            return dict.fromkeys(sorted(wanted), "as superuser")
        found: dict[str, str] = {}
        for grant in table.grants:
            if grant.privilege in wanted and grant.role in stands_for:
                on = f" on {grant.column}" if grant.column else ""
                found.setdefault(grant.privilege, f"granted to {grant.role}{on}" if grant.role != role else on.strip())
        for everywhere, rights in _EVERYWHERE.items():
            if everywhere in stands_for:
                found |= dict.fromkeys(sorted(rights & wanted), f"as a member of {everywhere}")
        if table.owner in stands_for:
            what = "it owns it" if table.owner == role else f"as a member of its owner {table.owner}"
            found = dict.fromkeys(sorted(wanted - found.keys()), f"{what}, and can grant itself the right") | found
        if not found and self._grants_itself and any(one.create_role for one in known):
            found = dict.fromkeys(sorted(wanted), "CREATEROLE lets it give itself the right")
        return found

    @property
    def _grants_itself(self) -> bool:
        major = self.state.version.partition(".")[0].partition(" ")[0]
        return not major.isdigit() or int(major) < _GRANTS_LESS

    def may_connect(self, role: str) -> bool:
        """Whether a role may log in to the database."""
        known = self.roles.get(role)
        if known is None or not known.login:
            return False
        stands_for = self.stands_for(role)
        grants = (grant for one in self.state.databases if one.name == self.state.database for grant in one.grants)
        return known.superuser or any(one.privilege == "CONNECT" and one.role in stands_for for one in grants)

    def copies(self, table: str) -> tuple[LiveTable, ...]:
        """The relations that bear a name, and those that are parts of them."""
        named = [one for one in self.state.tables if same_table(one.full_name, table)]
        return (*named, *self._reached(named, lambda one: one.part_of))

    def ways_into(self, table: str) -> tuple[LiveTable, ...]:
        """The views, and tables with rules, through which a table may be written with their owner's rights."""
        return self._reached(self.copies(table), lambda one: one.writes_through)

    def _reached(
        self, start: Iterable[LiveTable], leads: Callable[[LiveTable], tuple[str, ...]]
    ) -> tuple[LiveTable, ...]:
        """The relations that lead to these, directly or by others."""
        names = {one.full_name for one in start}
        found: list[LiveTable] = []
        more = [one for one in self.state.tables if names.intersection(leads(one)) and one.full_name not in names]
        while more:
            found += more
            names |= {one.full_name for one in more}
            more = [one for one in self.state.tables if names.intersection(leads(one)) and one.full_name not in names]
        return tuple(found)
