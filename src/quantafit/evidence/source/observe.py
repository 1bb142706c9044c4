"""From what the machine recorded to symbolic observations: sites, outboxes seen through, terms instead of values."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from quantafit.evidence.source.acts import Act, origin
from quantafit.evidence.source.answers import Answers
from quantafit.evidence.source.classify import Classifier
from quantafit.evidence.source.constants import Constants
from quantafit.evidence.source.dataflow import DataFlow
from quantafit.evidence.source.dormant import dormant, runs_as_program_only
from quantafit.evidence.source.machine import Machine
from quantafit.evidence.source.order import by_callback, by_consumer, by_reader, handler_site
from quantafit.evidence.source.outside import called_from_outside
from quantafit.evidence.source.sql import Placeholder, read_sql
from quantafit.evidence.source.state import (
    MOST_CONCLUDED,
    MOST_STEPS,
    MOST_STEPS_LATE,
    TOO_MANY_RISE,
    UNCOUNTED,
    Conclusions,
    Frame,
)
from quantafit.evidence.source.values import (
    Attr,
    Bound,
    Choice,
    Class,
    Column,
    Const,
    Dict,
    Env,
    Foreign,
    Func,
    FunctionId,
    Instance,
    Made,
    Many,
    Opaque,
    Param,
    Row,
    Site,
    Slice,
    Substitution,
    Text,
    Unknown,
    Value,
    options,
    spread,
    text,
)
from quantafit.model import (
    DataAtRest,
    Evidence,
    EvidenceKind,
    Fact,
    ImportEdge,
    Place,
    Role,
    Serve,
    Ternary,
    Unresolved,
)
from quantafit.model.observations import Observation
from quantafit.model.terms import ByVersion, Joined, Literal, OneOf, Term, Variable
from quantafit.model.terms import Unknown as UnknownTerm

_ADDRESS = ("url", "host", "base")
_PAYLOAD = frozenset(
    {"message", "connection", "consumer", "callback", "json", "data", "params", "content", "files", "headers"}
    | {"at_once"}
)
_CHANNEL_SLOTS = ("routing_key", "channel", "queue", "exchange")
_NAME = re.compile(r"[\w$]+(\.[\w$]+)?")
"""A table by its name alone, as pandas may be given one for an SQL text."""
_WITHIN = (
    "builtins.open", "fastapi.UploadFile", "glob.", "gzip.", "importlib.", "io.", "os.", "pathlib.", "shutil.",
    "starlette.datastructures.UploadFile", "tempfile.", "zipfile.",
)  # fmt: skip
"""Beginnings of the names of functions whose results are files, buffers and paths within the machine."""
_ITEM = "typing.Generic[]"
"""What an item of a library's name is taken for: ``sys.argv[1]`` looks like ``list[int]``."""
_MOST_EXPANSIONS = 200


def place(site: Site) -> Place:
    return Place(site.path, site.line, site.column, site.symbol)


def _foreign(value: Value | None) -> Iterator[str]:
    """What of other quanta's code a value is made of, as ``QUANTUM:NAME``."""
    match value:
        case Foreign(quantum, name):
            yield f"{quantum}:{name.partition(':')[2].partition(':')[0] or name}"
        case Opaque(what, operands):
            quantum, colon, rest = what.partition(":")
            path, _, name = rest.partition(":")
            if colon and ".py" in path:  # what calling it gives
                yield f"{quantum}:{name.partition(':')[0] or path}"
            for one in operands:
                yield from _foreign(one)
        case Text(parts):
            for one in parts:
                yield from _foreign(one)
        case Choice():
            for one in value.options:
                yield from _foreign(one)


class Observer:
    """Turns one quantum's finished machine into observations."""

    def __init__(self, machine: Machine, classifier: Classifier) -> None:
        self.machine = machine
        self.quantum = machine.program.ownership.quantum
        self.flow = DataFlow(machine, classifier)
        self.constants = Constants(machine)
        self.acts: list[Act] = []
        self.conclusions = Conclusions()
        self.answers = Answers(machine, ())
        self.columns: dict[tuple[str, str], list[tuple[Value, Act]]] = defaultdict(list)

    def observe(self) -> list[Observation]:
        """All observations of the quantum, in a stable order: of several ways from a site to one call, the shortest."""
        self.acts = self.finished()
        self.answers = Answers(self.machine, self.acts)
        for act in self.acts:
            for table, name, value in self.stored(act):
                self.columns[(table, name)].append((value, act))
        found: dict[object, Observation] = {}
        for act in self.acts:
            for expanded in self.through_tables(act):
                for one in self.observations(expanded):
                    where = (one.site, self.into_shared(one))
                    key = (one.does, one.library, where, *one.slots.items(), *_values(one.facts), one.columns)
                    known = found.get(key)
                    if known is None or _length(one) < _length(known):
                        found[key] = one
        return sorted(found.values(), key=lambda one: (one.site, one.does, one.library, one.path))

    def dormant(self, seen: Iterable[Observation]) -> frozenset[tuple[str, Place]]:
        """The sites among those of ``seen`` that stand in functions which no code names, or where no import leads."""
        sites = {one.site for one in seen if one.does in ("request", "publish", "subscribe")}
        found = dormant(self.machine, {FunctionId(site.path, site.symbol) for site in sites if site.symbol})
        return frozenset(
            (self.quantum, site)
            for site in sites
            if FunctionId(site.path, site.symbol) in found or self.is_left_out_by_imports(site)
        )

    def is_left_out_by_imports(self, site: Place) -> bool:
        """Whether a site stands in shared code that only who starts its file as a program runs."""
        program = self.machine.program
        if site.symbol or program.ownership.is_own(site.path):
            return False
        facts = program.sources.facts(site.path)
        return facts is not None and runs_as_program_only(facts, site.line)

    # What rose to the top -------------------------------------------------------------------------------------------

    def finished(self) -> list[Act]:
        """Everything recorded, and what rose to functions that only the outside calls, with that call made up."""
        machine = self.machine
        machine.conclusions = self.conclusions
        acts: dict[Act, None] = {}
        known = set(machine.account.called)
        for function in list(machine.roots):
            acts.update(self.closed_at(function))
        # What is left is called by nobody that is known; closing one of these may show who calls another.
        left = {
            function: self.closed_at(function)
            for function in list(machine.summaries)
            if function not in machine.account.called
            and function not in machine.roots
            and machine.program.ownership.is_own(function.path)
        }
        for function, found in left.items():
            if function not in machine.account.called:
                acts.update(found)
        outside = {id: self.closed_at(id) for id in called_from_outside(machine, machine.account.called - known)}
        for id, found in outside.items():
            if id not in machine.account.called or id in machine.lost:
                acts.update(found)
        for site, value in list(machine.wrapped):
            acts.update(self.done_by_wrapping(site, value))
        for act in list(machine.account.records):
            frame = machine.scratch(None)
            machine.steps = machine.work = 0
            self.close(frame, act)
            acts.update(frame.acts)
        for site, callee, given in list(machine.left_out):
            self.close_left_out(site, callee, given)
        machine.work = UNCOUNTED
        return [act for act in acts if act.does != "latent"]

    def done_by_wrapping(self, site: Site, value: Value) -> dict[Act, None]:
        """What shared decorators do around an own function that nobody is seen to call, where it is defined."""
        machine = self.machine
        own = machine.program.ownership.is_own
        frame = machine.scratch(FunctionId(site.path, site.symbol))
        frame.site = site
        machine.steps = machine.work = 0
        for option in options(value):
            function: Value | None = option.function if isinstance(option, Bound) else option
            if isinstance(option, Instance):
                function = machine.find_name(option.id, "__call__")
            if not isinstance(function, Func) or own(function.id.path) or function.id in machine.account.called:
                continue
            machine.call(frame, option, (), {})
        machine.judge_work(site)
        if frame.dropped:
            machine.doubt("further calls", TOO_MANY_RISE, site, ("request", "publish", "store"))
        found: dict[Act, None] = {}
        for act in frame.acts:
            if not any(own(step.path) for step in act.path[1:]):
                inner = machine.scratch(frame.id)
                self.close(inner, act)
                found.update(inner.acts)
        return found

    def close_left_out(self, site: Site, callee: Attr, given: tuple[Value, ...]) -> None:
        """Look at a call that leads to no act for what it is given: something unknown may have it then."""
        machine = self.machine
        machine.work = 0
        put = Substitution(machine.fallbacks(*given), machine.rebuild).put
        values = [put(value) for value in given]
        machine.judge_work(site)
        if not any(machine.reach_of(value) for value in values):
            return
        frame = machine.scratch(None)
        frame.site = site
        receivers = machine.fallbacks(callee)
        for option in options(Substitution(receivers, machine.rebuild).put(callee.base)):
            machine.hand_to_unknown(frame, option, callee.name, values)

    def closed_at(self, function: FunctionId) -> dict[Act, None]:
        """The acts that rise to a function which the outside calls."""
        frame = self.machine.scratch(function)
        began = 0 if self.conclusions.steps < MOST_CONCLUDED else MOST_STEPS - MOST_STEPS_LATE
        self.machine.steps, self.machine.work = began, 0
        summary = self.machine.summaries.get(function)
        put: Substitution | None = None
        asked = 0
        for act in summary.acts if summary is not None else ():
            if put is None or asked < len(self.machine.news):  # as long as nothing is learnt, parts need closing once
                asked, put = len(self.machine.news), Substitution({}, self.machine.rebuild)
            self.close(frame, act, put)
        self.conclusions.steps += self.machine.steps - began
        return frame.acts

    def close(self, frame: Frame, act: Act, closing: Substitution | None = None) -> None:
        """Put what the outside may give into the parameters that are left."""
        machine = self.machine
        values = [value for _, value in act.slots]
        values += [*act.args, *(value for _, value in act.keywords), *([act.callee] if act.callee else [])]
        closing = closing or Substitution({}, machine.rebuild)
        for value in values:
            if not closing.params.issuperset(value.open_to):
                closing.give(machine.fallbacks(value))
        put = closing.put
        slots = tuple([(name, put(value)) for name, value in act.slots])
        if act.does != "latent":
            frame.acts[replace(act, slots=slots)] = None
            return
        assert act.callee is not None
        inner = machine.scratch(frame.id)
        inner.site = act.path[-1]
        callee = machine.callee_of(act.callee, put)
        args = spread([put(value) for value in act.args])
        keywords = dict(machine.spread_keywords([(name, put(value)) for name, value in act.keywords]))
        machine.call_waiting(inner, callee, args, keywords)
        raised = machine.scratch(frame.id)
        machine.raise_acts(raised, act, inner, args, keywords, act.path[:-1])
        machine.judge_work(inner.site)
        if inner.dropped or raised.dropped:
            machine.doubt("further calls", TOO_MANY_RISE, inner.site, ("request", "publish", "store"))
        for made in raised.acts:
            if made.does != "latent":
                self.close(frame, made)

    # Tables as places that values pass through ------------------------------------------------------------------------

    def stored(self, act: Act) -> Iterator[tuple[str, str, Value]]:
        """What an act puts into which column."""
        if act.does == "store":
            columns = act.slot("columns")
            if isinstance(columns, Dict):
                table = act.slot("table")
                for key, value in columns.items:
                    if isinstance(table, Const) and isinstance(key, Const):
                        yield str(table.value), str(key.value), value
            for option in self.objects(act.slot("object")):
                if isinstance(option, Instance) and self.machine.kind_of(option.id) == "entity":
                    table_name = self.machine.table_of(option.id)
                    for name, value in option.bound:
                        yield table_name, name, value
        elif act.does == "execute":
            yield from self.executed(act)

    def executed(self, act: Act) -> Iterator[tuple[str, str, Value]]:
        """The column values of an insert or update statement."""
        for statement in options(act.slot("statement") or Unknown("none")):
            if isinstance(statement, Made) and statement.type == "sqlalchemy.Text":
                yield from self.executed_text(statement, act.slot("values"))
            if not isinstance(statement, Made) or statement.type not in ("sqlalchemy.Insert", "sqlalchemy.Update"):
                continue
            tables = [table for _, table, _ in self.statement_uses(statement)]
            given = [statement.slot("values"), *self.machine.elements(statement.slot("value_list") or Unknown("")),
                     act.slot("values")]  # fmt: skip
            for value in given:
                for option in options(value) if value is not None else ():
                    rows = option.items if isinstance(option, Many) else (option,)
                    for row in rows:
                        if not isinstance(row, Dict):
                            continue
                        for key, item in self.machine.pairs(row):
                            for table in tables:
                                if isinstance(key, Const):
                                    yield table, str(key.value), item

    def executed_text(self, statement: Made, given: Value | None) -> Iterator[tuple[str, str, Value]]:
        """The column values of an SQL text, its placeholders filled with what it is given."""
        for option in options(statement.slot("sql") or Unknown("none")):
            if not isinstance(option, Const) or not isinstance(option.value, str):
                continue
            for use in read_sql(option.value):
                for column, value in use.values:
                    if not isinstance(value, Placeholder):
                        yield use.table, column, Const(value)
                        continue
                    for row in self.given_rows(given):
                        yield use.table, column, self.machine.item(row, Const(value.key))

    def given_rows(self, given: Value | None) -> Iterator[Value]:
        """The rows that a statement is given: one mapping or sequence, or several of them."""
        for option in options(given) if given is not None else ():
            if isinstance(option, Many) and option.items and all(isinstance(i, Dict | Many) for i in option.items):
                yield from option.items
            else:
                yield option

    def objects(self, value: Value | None) -> Iterator[Value]:
        for option in options(value) if value is not None else ():
            if isinstance(option, Many):
                for item in self.machine.elements(option):
                    yield from options(item)
            else:
                yield option

    def through_tables(self, act: Act) -> Iterable[Act]:
        """A publish of what stands in a table is a publish by each line that puts something there."""
        if act.does not in ("publish", "request"):
            return (act,)
        found = [column for name in _CHANNEL_SLOTS if (column := _column(act.slot(name))) is not None]
        if not found:
            return (act,)
        column = found[0]
        made = []
        for value, store in self.columns.get((column.table, column.name), ())[:_MOST_EXPANSIONS]:
            if isinstance(value, Column):
                continue
            path = (*self.from_site(store, column.name), *act.path)
            slots = tuple((name, self.replaced(item, column, value, store)) for name, item in act.slots)
            made.append(replace(act, slots=slots, path=path))
        return made or (act,)

    def replaced(self, item: Value, column: Column, value: Value, store: Act) -> Value:
        """The other columns of the same row, as the same line stores them."""
        if item == column:
            return value
        if isinstance(item, Column) and item.table == column.table:
            for table, name, stored in self.stored(store):
                if (table, name) == (item.table, item.name):
                    return stored
        return item

    def from_site(self, store: Act, name: str) -> tuple[Site, ...]:
        """The path of a store, from the frame in the quantum's own code in which the column's value was known."""
        depth = store.slot("closed:" + name)
        length = len(store.path)
        start = length - int(depth.value) if isinstance(depth, Const) else 0
        own = self.machine.program.ownership.is_own
        while start > 0 and not own(store.path[start].path):
            start -= 1
        return store.path[max(start, 0) :]

    # Observations -----------------------------------------------------------------------------------------------------

    def observations(self, act: Act) -> Iterator[Observation]:
        if act.does in ("store", "execute", "define"):
            yield from self.table_uses(act)
            return
        terms: dict[str, Term] = {}
        for name, value in act.slots:
            if name == "arguments":
                terms.update(self.argument_terms(value))
            elif name == "command":
                terms[name] = self.term(self.spoken(value))
            elif name == "location":
                terms[name] = _one_of([self.term(one) for one in self.beyond_the_machine(value)] or [Literal(None)])
            elif _open(name, value):
                terms[name] = self.term(value)
        if act.does == "request" and (asked := self.asked_of(act)) is not None:
            terms["class_of"] = Literal(asked)
        awaited = self.answers.awaited(act) if act.does == "publish" else ()
        callback = act.slot("callback")
        acknowledged = act.acknowledged or (by_callback(self.machine, callback) if callback is not None else None)
        if acknowledged is None and act.does == "subscribe" and callback is None:
            acknowledged = by_consumer(self.machine, act) or by_reader(self.machine, act)
        declared = act.slot("fact:acknowledged")
        if isinstance(declared, Const):
            acknowledged = (str(declared.value), act.path[-1])
        handler = handler_site(self.machine, callback) or self.handler_of_port(act)
        yield Observation(
            self.quantum,
            act.does,
            act.mechanism,
            act.library,
            self.path(act),
            terms,
            {
                name[5:]: self.fixed(act, name, value)
                for name, value in act.slots
                if name.startswith("fact:") and name not in terms
            },
            self.waits(act),
            self.connection(act),
            place(handler) if handler else None,
            (acknowledged[0], place(acknowledged[1])) if acknowledged else None,
            awaits=tuple((place(one.path[0]), place(one.path[-1])) for one in awaited),
        )

    def asked_of(self, act: Act) -> str | None:
        """The code of one other quantum that an address is asked of, ``QUANTUM:NAME``: the class of its service."""
        found = {name for slot in _ADDRESS for name in _foreign(act.slot(slot))}
        return found.pop() if len({name.partition(":")[0] for name in found}) == 1 else None

    def waits(self, act: Act) -> bool:
        """Whether whoever makes a call is known to wait for the answer."""
        if act.synchronous or act.does != "publish":
            return act.synchronous
        return act.path[-1] in self.machine.waited_for or self.answers.names_its_answer(act)

    def spoken(self, value: Value) -> Value:
        """A command given as a list of words, as one text."""
        if not isinstance(value, Many):
            return value
        words = [part for item in value.items for part in (Const(" "), item)][1:]
        return text(words) if words else Const("")

    def beyond_the_machine(self, value: Value) -> Iterator[Value]:
        """What a reader is given that is not certainly a file, a buffer or a path within the machine."""
        for option in options(value):
            if isinstance(option, Many):
                for item in self.machine.elements(option):
                    yield from self.beyond_the_machine(item)
            elif not isinstance(option, Made | Instance | Dict) or (isinstance(option, Made) and option.type == _ITEM):
                first = option.parts[0] if isinstance(option, Text) else option
                if not origin(first).startswith(_WITHIN):
                    yield option

    def handler_of_port(self, act: Act) -> Site | None:
        return handler_site(self.machine, act.slot("handler"))

    def fixed(self, act: Act, name: str, value: Value) -> Fact:
        """What the library call itself fixes: False where any alternative is false."""
        held = [option.value if isinstance(option, Const) else None for option in options(value)]
        known: set[Ternary] = {one if isinstance(one, bool) else "unknown" for one in held}
        fact: Ternary = False if False in known else True if known == {True} else "unknown"
        if act.library in self.machine.tables.in_house:
            reason = f"so {act.library} is described in the declaration"
        else:
            by_default = isinstance(value, Const) and value.default
            reason = f"by default of {act.library}" if by_default else f"so {act.library} does it"
        return Fact(fact, reason, (self.path(act)[-1],))

    def connection(self, act: Act) -> str:
        sites = [
            f"{option.site.path}:{option.site.line}:{option.site.column}"
            for option in options(act.slot("connection") or Unknown(""))
            if isinstance(option, Made) and option.site is not None
        ]
        return "|".join(sorted(sites))

    def argument_terms(self, value: Value) -> dict[str, Term]:
        """Each argument of a queue; ``argument:*`` says that there may be others, which could not be told."""
        found = {
            f"argument:{key.value}": self.term(item)
            for option in options(value)
            for key, item in (self.machine.pairs(option) if isinstance(option, Dict) else ())
            if isinstance(key, Const)
        }
        if any(not isinstance(option, Dict | Const) for option in options(value)):
            found["argument:*"] = UnknownTerm("the arguments are made at run time")
        return found

    def path(self, act: Act) -> tuple[Evidence, ...]:
        """From the site down to the library call; a frame that is passed twice is shown once."""
        seen: dict[tuple[str, int], Site] = {}
        for site in act.path:
            seen.setdefault((site.path, site.line), site)
        sites = list(seen.values())
        last = act.path[-1]
        result = []
        for index, site in enumerate(sites):
            note = f"{act.library}(…)" if (site.path, site.line) == (last.path, last.line) else ""
            result.append(Evidence(EvidenceKind.SOURCE, Role.VIA if index else Role.CALL, place(site), note))
        return tuple(result)

    # Tables -----------------------------------------------------------------------------------------------------------

    def table_uses(self, act: Act) -> Iterator[Observation]:
        datastore = self.datastore(act.slot("datastore"))
        path = self.path(replace(act, path=self.from_own_line(act.path)))
        seen = list(self.uses(act))
        if not seen and act.does in ("store", "execute"):
            self.unclear(act)
        for does, table, columns in seen:
            yield Observation(
                self.quantum,
                does,
                "database",
                act.library,
                path,
                {"table": Literal(table), "datastore": datastore},
                columns=tuple(columns),
            )

    def from_own_line(self, path: tuple[Site, ...]) -> tuple[Site, ...]:
        """A path from the innermost line in the quantum's own code on: for a table it does not matter who calls it."""
        own = [index for index, site in enumerate(path) if self.machine.program.ownership.is_own(site.path)]
        return path[own[-1] :] if own else path

    def unclear(self, act: Act) -> None:
        """A statement that may write, to a table that could not be told, is a doubt."""
        value = act.slot("statement") if act.does == "execute" else act.slot("object")
        for option in self.objects(value):
            if isinstance(option, Made) and option.type in ("sqlalchemy.Select", "sqlalchemy.Result"):
                continue
            sql = option.slot("sql") if isinstance(option, Made) and option.type == "sqlalchemy.Text" else option
            if isinstance(sql, Const) and isinstance(sql.value, str):
                if any(use.operation == "unknown" for use in read_sql(sql.value)):
                    why = "the SQL text cannot be read"
                    self.machine.doubt(f"{act.library}(…)", why, act.path[0], ("store",))
                continue  # else a statement that names no table
            why = "the table is named at run time" if isinstance(sql, Text) else "what is stored could not be followed"
            if not isinstance(sql, Made | Instance | Class | Row | Const):
                self.machine.doubt(f"{act.library}(…)", why, act.path[0], ("store",))

    def uses(self, act: Act) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """What an act does with which table: ``store``, ``read`` or ``define``."""
        table = act.slot("table")
        if act.does == "define":
            if isinstance(table, Const) and table.value:
                columns = self.machine.elements(act.slot("columns") or Unknown(""))
                named = [self.column_name(column) for column in columns]
                yield "define", str(table.value), tuple(name for name in named if name is not None)
            return
        if act.does == "store":
            if isinstance(table, Const):
                changed = act.slot("columns")
                items = changed.items if isinstance(changed, Dict) else ()
                yield "store", str(table.value), tuple(str(key.value) for key, _ in items if isinstance(key, Const))
            for option in self.objects(act.slot("object")):
                if isinstance(option, Instance) and self.machine.kind_of(option.id) == "entity":
                    yield "store", self.machine.table_of(option.id), tuple(name for name, _ in option.bound)
                elif isinstance(option, Row):
                    yield "store", option.table, ()
            return
        for statement in options(act.slot("statement") or Unknown("none")):
            yield from self.statement_uses(statement)

    def statement_uses(self, statement: Value) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        match statement:
            case Class(id) if self.machine.kind_of(id) == "entity":
                yield "read", self.machine.table_of(id), ()
            case Made("sqlalchemy.Text"):
                yield from self.sql_uses(statement.slot("sql"))
            case Made("sqlalchemy.TextOrName"):
                for option in options(statement.slot("sql") or Unknown("none")):
                    if isinstance(option, Const) and isinstance(option.value, str) and _NAME.fullmatch(option.value):
                        yield "read", option.value, ()
                    else:
                        yield from self.statement_uses(option)
            case Const(value) if isinstance(value, str):
                yield from self.sql_uses(statement)
            case Made("sqlalchemy.Table"):
                name = statement.slot("name")
                if isinstance(name, Const):
                    yield "read", str(name.value), ()
            case Made(type_) if type_.startswith("sqlalchemy."):
                does = "read" if type_ == "sqlalchemy.Select" else "store"
                for entity in self.entities(statement.slot("entity")):
                    yield does, entity, ()
            case Many(items):
                for item in items:
                    yield from self.statement_uses(item)

    def entities(self, value: Value | None) -> Iterator[str]:
        for option in self.objects(value):
            match option:
                case Class(id):
                    yield self.machine.table_of(id)
                case Made("sqlalchemy.Table"):
                    name = option.slot("name")
                    if isinstance(name, Const):
                        yield str(name.value)
                case Opaque(_, operands):
                    for operand in operands:
                        if isinstance(operand, Column | Row):
                            yield operand.table
                        elif isinstance(operand, Opaque):
                            yield from self.entities(operand)
                case Column(table) | Row(table):
                    yield table

    def sql_uses(self, value: Value | None) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        for option in options(value) if value is not None else ():
            parts = option.parts if isinstance(option, Text) else (option,)
            text = "".join(str(part.value) if isinstance(part, Const) else " ? " for part in parts)
            for use in read_sql(text):
                if use.operation == "unknown":
                    continue
                does = {"read": "read", "define": "define"}.get(use.operation, "store")
                yield does, use.table, use.columns

    def column_name(self, value: Value) -> str | None:
        name = value.slot("name") if isinstance(value, Made) and value.type == "sqlalchemy.Column" else None
        return str(name.value) if isinstance(name, Const) and isinstance(name.value, str) else None

    def datastore(self, value: Value | None) -> Term:
        """The URL behind a session: through its engine."""
        terms = []
        for option in options(value) if value is not None else ():
            inner: Value | None = option
            for _ in range(4):
                if isinstance(inner, Made):
                    inner = inner.slot("url") or inner.slot("bind")
            if (inner is not None and not isinstance(inner, Const)) or (isinstance(inner, Const) and inner.value):
                terms.append(self.term(inner))
        terms = [term for term in terms if not isinstance(term, UnknownTerm)] or terms
        return (
            terms[0] if len(terms) == 1 else OneOf(tuple(dict.fromkeys(terms))) if terms else UnknownTerm("no engine")
        )

    # Terms ------------------------------------------------------------------------------------------------------------

    def term(self, value: Value, depth: int = 0) -> Term:
        """A value as a term that configuration can be put into."""
        if depth > 8:
            return UnknownTerm("nested too deeply")
        match value:
            case Const(ByVersion() as changed):
                return changed
            case Const(inner):
                return Literal(inner, self.constants.of(inner) if isinstance(inner, str) else None)
            case Text(parts):
                return Joined(tuple(self.term(part, depth + 1) for part in parts))
            case Env(name, default, site):
                evidence = Evidence(EvidenceKind.SOURCE, Role.VIA, place(site), name) if site else None
                if isinstance(default, Many):
                    listed = _one_of([self.term(item, depth + 1) for item in default.items])
                    return Variable(name, listed, evidence)
                return Variable(name, self.term(default, depth + 1) if default is not None else None, evidence)
            case Slice(base):
                return self.term(base, depth + 1)
            case Column(table, name):
                stored = [self.term(item, depth + 1) for item, _ in self.columns.get((table, name), ())
                          if not isinstance(item, Column)]  # fmt: skip
                return _one_of(stored) if stored else UnknownTerm(f"what stands in {table}.{name}")
            case Unknown(why):
                return UnknownTerm(why)
            case Made(_, slots) if value.slot("url") is not None:
                return self.term(dict(slots)["url"], depth + 1)
            case Made("sqlalchemy.URL"):
                named = [value.slot(key) or Const(None) for key in ("drivername", "host", "database")]
                scheme, host, database = (self.term(part, depth + 1) for part in named)
                return Joined((scheme, Literal("://"), host, Literal("/"), database))
            case Many((first, *_), True):
                return self.term(first, depth + 1)
            case Opaque("replace" | "quote" | "urlsplit", operands) if operands:
                return self.term(operands[0], depth + 1)
            case Opaque(what):
                return UnknownTerm(f"the result of {what}" if not what.startswith("parameter") else what)
        if len(options(value)) != 1:
            return _one_of([self.term(option, depth + 1) for option in options(value)])
        return UnknownTerm(_describe(value))

    # The rest of the evidence -----------------------------------------------------------------------------------------

    def imports(self) -> list[ImportEdge]:
        found: dict[tuple[str, str, str, int], ImportEdge] = {}
        for seen in self.machine.imports:
            at = place(seen.site)
            key = (seen.quantum, seen.name, at.path, at.line)
            evidence = Evidence(EvidenceKind.SOURCE, Role.CALL, at, f"{seen.how} of {seen.name}")
            found.setdefault(
                key, ImportEdge(self.quantum, seen.quantum, seen.name, seen.how, at, seen.type_checking, (evidence,))
            )
        return [found[key] for key in sorted(found)]

    def into_shared(self, seen: Observation) -> Place | None:
        """Where the quantum's own code sends or asks by way of shared code: two such lines are two, whoever calls them.

        None where the library is called in the quantum's own code: several such calls are ways to do one thing.
        """
        own = [one.place for one in seen.path if self.machine.program.ownership.is_own(one.place.path)]
        reaches = seen.does in ("request", "publish") and own and own[-1] != seen.path[-1].place
        return own[-1] if reaches else None

    def unresolved(self) -> list[Unresolved]:
        own = self.machine.program.ownership
        result = {
            Unresolved(self.quantum, doubt.what, doubt.why, place(doubt.site), doubt.could_be)
            for doubt in self.machine.account.doubts
            if own.owner(doubt.site.path) is None
        }
        return sorted(result, key=lambda one: (one.place, one.what))

    def serves(self) -> list[Serve]:
        return [Serve(self.quantum, protocol, name, place(site)) for protocol, name, site in self.machine.routes]

    def data(self) -> list[DataAtRest]:
        found: dict[tuple[object, ...], DataAtRest] = {}
        for rest in self.flow.at_rest(self.acts, self.path, self.uses, self.stored):
            writer = rest.path[0].place if rest.path else rest.place
            key = (rest.data_class, rest.surface, rest.where, rest.place, rest.protected, writer)
            found.setdefault(key, rest)
        return sorted(found.values(), key=lambda rest: (rest.place, rest.data_class, rest.where))


def _values(facts: Mapping[str, Fact]) -> Iterator[tuple[str, object, str]]:
    return ((name, fact.value, fact.reason) for name, fact in facts.items())


def _length(observation: Observation) -> tuple[int, tuple[Place, ...]]:
    return len(observation.path), tuple(evidence.place for evidence in observation.path)


def _column(value: Value | None) -> Column | None:
    return (
        next((option for option in options(value) if isinstance(option, Column)), None) if value is not None else None
    )


def _open(name: str, value: Value) -> bool:
    """Whether a slot is left to coupling: where it may need configuration, or depends on a library's version."""
    if name.startswith("fact:"):
        return any(isinstance(option, Const) and isinstance(option.value, ByVersion) for option in options(value))
    return name not in _PAYLOAD and not name.startswith(("closed:", "then:"))


def _one_of(terms: list[Term]) -> Term:
    flat: dict[Term, None] = {}
    for term in terms:
        for option in term.options if isinstance(term, OneOf) else (term,):
            flat[option] = None
    return next(iter(flat)) if len(flat) == 1 else OneOf(tuple(flat))


def _describe(value: Value) -> str:
    match value:
        case Param(_, name):
            return f"parameter {name}"
        case Made(type_):
            return f"an object of {type_}"
        case Instance(id):
            return f"an object of {id.short}"
    return "a value that is not text"
