"""Requests made by hand: a publish after which somebody waits for what the receiver sends back by another channel.

A library's own ``request`` says that it waits. Where two plain channels are used, one there and one back, only what is
done after the publish tells: the function takes a message itself; or it waits for an event, a future or a queue that
the handler of some message fills; or it looks again and again whether a handler has put the answer down. Found here
are the subscriptions whose messages can end such waiting. Whether the receiver of the publish sends any of them,
coupling knows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from quantafit.evidence.source.acts import Act
from quantafit.evidence.source.extract import Expr, Stmt
from quantafit.evidence.source.machine import Machine
from quantafit.evidence.source.order import handlers, taking
from quantafit.evidence.source.state import MODULE
from quantafit.evidence.source.values import Const, FunctionId, Site, Value, children, options

_CALLERS = 4
"""So many callers above a publish may be the one that waits."""
_CALLED = 400
"""So many functions that a handler leads to are looked at for what ends a waiting."""
_ENDED_BY = {
    "wait": frozenset({"set", "notify", "notify_all", "release"}),
    "result": frozenset({"set_result"}),
    "get": frozenset({"put", "put_nowait", "set(value)"}),
}
"""Methods that wait until another thread or task calls one of these on the same object."""
_FUTURE = frozenset({"set_result"})
_FILLING = frozenset({"append", "put", "put_nowait", "setdefault", "update"})
_OF_THE_LANGUAGE = frozenset({"self", "cls", "time", "asyncio", "len", "time.time", "monotonic", "get", "is_set"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A statement that waits: for one of ``methods`` to be called, or for something to be put under one of ``names``.

    ``takes``: it takes messages itself, of these subscriptions. ``of`` is what it awaits, where that is no call.
    """

    line: int
    methods: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    takes: tuple[Act, ...] = ()
    of: Expr | None = None


class Answers:
    """What is waited for after each publish of one quantum's finished machine."""

    def __init__(self, machine: Machine, acts: Sequence[Act]) -> None:
        self.machine = machine
        self.subscriptions = [act for act in acts if act.does == "subscribe"]
        self.publishes = [act for act in acts if act.does == "publish"]
        self._awaited: dict[tuple[Site, ...], tuple[Act, ...]] = {}
        self._waiting: dict[FunctionId, list[Waiting]] = {}
        self._ended: dict[tuple[frozenset[str], frozenset[str]], tuple[Act, ...]] = {}

    def awaited(self, publish: Act) -> tuple[Act, ...]:
        """The subscriptions whose messages can end a waiting that follows a publish."""
        if not self.subscriptions:
            return ()
        if publish.path not in self._awaited:
            self._awaited[publish.path] = tuple(dict.fromkeys(self._find_awaited(publish.path)))
        return self._awaited[publish.path]

    def _find_awaited(self, path: tuple[Site, ...]) -> Iterator[Act]:
        for site in self._passed(path):
            function = _function(site)
            waits = self._waits(function)
            body = self._body(function) if waits else ()
            for waiting in waits:
                if waiting.of is not None and waiting.of in _tasks(body, site.line):
                    continue  # it waits for the task in which the publish is made, and not for what comes after
                if _follows(body, site.line, waiting.line) and not _goes_on(body, site.line, waiting.line):
                    yield from waiting.takes
                    if waiting.methods or waiting.names:
                        yield from self._ending(waiting)

    def names_its_answer(self, publish: Act) -> bool:
        """Whether the channel of an awaited answer is made for this message and goes along with it."""
        given = [value for name in ("message", "reply_to") if (value := publish.slot(name)) is not None]
        for subscription in self.awaited(publish):
            channel = subscription.slot("channel") or subscription.slot("queue")
            if channel is not None and not _fixed(channel) and any(_holds(value, channel) for value in given):
                return True
        return False

    # Who passes a publish ------------------------------------------------------------------------------------------

    def _passed(self, path: tuple[Site, ...]) -> Iterator[Site]:
        """The statements through which a publish is made: on its path, and of the functions that call the first."""
        yield from path
        seen = set(path)
        ends = [_function(path[0])]
        for _ in range(_CALLERS):
            above = [site for end in ends for site in self._callers_of.get(end, ()) if site not in seen]
            yield from above
            seen.update(above)
            ends = [*dict.fromkeys(map(_function, above))]

    @cached_property
    def _callers_of(self) -> dict[FunctionId, list[Site]]:
        found: dict[FunctionId, list[Site]] = defaultdict(list)
        for site, called in self.machine.calls_at.items():
            for function in called:
                found[function].append(site)
        return found

    @cached_property
    def _publishing(self) -> set[FunctionId]:
        return {_function(site) for publish in self.publishes for site in publish.path}

    # Who waits -----------------------------------------------------------------------------------------------------

    def _waits(self, function: FunctionId) -> list[Waiting]:
        """What a function waits for, by itself or in a function that it calls for nothing else."""
        known = self._waiting.get(function)
        if known is None:
            known = self._waiting[function] = [*self._own_waits(function)]
            known += self._takes_of.get(function, ())
            for site in self._calls_of.get(function, ()):
                for called in self.machine.calls_at[site]:
                    if called not in self._publishing:
                        within = (*self._own_waits(called), *self._takes_of.get(called, ()))
                        body = self._body(called)
                        known += [
                            Waiting(site.line, one.methods, one.names, one.takes)  # ``of`` is a name of its own
                            for one in within
                            if not _goes_on(body, -1, one.line)
                        ]
        return known

    def _own_waits(self, function: FunctionId) -> Iterator[Waiting]:
        for statement in _statements(self._body(function)):
            line = statement[1]
            for expression in _expressions(statement):
                methods = _methods_awaited(expression)
                if methods:
                    yield Waiting(line, methods, of=_awaited(expression))
            names = _looked_for(statement)
            if names:
                yield Waiting(line, names=names)

    @cached_property
    def _takes_of(self) -> dict[FunctionId, list[Waiting]]:
        """The statements that take messages, by function."""
        found: dict[FunctionId, list[Waiting]] = defaultdict(list)
        for subscription in self.subscriptions:
            for site in self._ending_takes(subscription):
                found[_function(site)].append(Waiting(site.line, takes=(subscription,)))
        return found

    def _ending_takes(self, subscription: Act) -> Iterator[Site]:
        """Those statements that take messages and are done then: who calls what takes them for ever waits for none."""
        yield from taking(self.machine, subscription)
        for site in reversed(subscription.path if subscription.slot("at_once") is not None else ()):
            if _goes_on(self._body(_function(site)), -1, site.line):
                return
            yield site

    def _taken_at(self, subscription: Act) -> list[Site]:
        """The statements of the program that take messages of a subscription, each through the next."""
        at_once = subscription.path if subscription.slot("at_once") is not None else ()
        return [*dict.fromkeys((*at_once, *sorted(taking(self.machine, subscription), key=_place)))]

    @cached_property
    def _calls_of(self) -> dict[FunctionId, list[Site]]:
        found: dict[FunctionId, list[Site]] = defaultdict(list)
        for site in self.machine.calls_at:
            found[_function(site)].append(site)
        return found

    # What ends it --------------------------------------------------------------------------------------------------

    def _ending(self, waiting: Waiting) -> tuple[Act, ...]:
        """The subscriptions whose handlers end a waiting."""
        key = (waiting.methods, waiting.names)
        if key not in self._ended:
            self._ended[key] = tuple(
                subscription
                for subscription, handled in self._handled.items()
                if any(self._ends(function, waiting) for function in handled)
            )
        return self._ended[key]

    @cached_property
    def _handled(self) -> dict[Act, list[FunctionId]]:
        """All functions that the messages of a subscription lead to."""
        found = {}
        for subscription in self.subscriptions:
            first = [
                function.id for given in self._given(subscription) for function, _ in handlers(self.machine, given)
            ]
            found[subscription] = self._led_to([*first, *map(_function, self._taken_at(subscription))])
        return found

    def _given(self, subscription: Act) -> Iterator[Value]:
        """What the library is given to call: with the subscription, or as attributes of the client."""
        callback = subscription.slot("callback")
        if callback is not None:
            yield callback
        client = subscription.library.rpartition(".")[0]
        for name in self.machine.tables.type(client).called:
            held = self.machine.open_attributes.get((client, name))
            if held is not None:
                yield held

    def _led_to(self, first: Iterable[FunctionId]) -> list[FunctionId]:
        found = dict.fromkeys(first)
        for function in (pending := [*found]):
            account = self.machine.accounts.get(function)
            for called in sorted(account.called, key=_by_place) if account is not None else ():
                if called not in found and len(found) < _CALLED:
                    found[called] = None
                    pending.append(called)
        return [*found]

    def _ends(self, function: FunctionId, waiting: Waiting) -> bool:
        return any(
            (waiting.methods and any(_calls_one_of(waiting.methods, one) for one in _expressions(statement)))
            or (waiting.names and _puts_under(waiting.names, statement))
            for statement in _statements(self._body(function))
        )

    def _body(self, function: FunctionId) -> Sequence[Stmt]:
        if function.name == MODULE or not function.name:
            module = self.machine.program.sources.facts(function.path)
            return module.body if module is not None else ()
        info = self.machine.functions.get(function)
        return info.facts.body if info is not None else ()


def _place(site: Site) -> tuple[str, int, int]:
    return (site.path, site.line, site.column)


def _by_place(function: FunctionId) -> tuple[str, str]:
    return (function.path, function.name)


def _function(site: Site) -> FunctionId:
    return FunctionId(site.path, site.symbol)


# Values -----------------------------------------------------------------------------------------------------------


def _fixed(channel: Value) -> bool:
    return all(isinstance(option, Const) for option in options(channel))


def _holds(value: Value, wanted: Value, depth: int = 8) -> bool:
    """Whether a value is made from another one."""
    return value == wanted or (depth > 0 and any(_holds(child, wanted, depth - 1) for child in children(value)))


# Statements and expressions ---------------------------------------------------------------------------------------


def _blocks(statement: Stmt) -> list[Sequence[Stmt]]:
    """The blocks within a statement, in their order."""
    match statement:
        case ("if", _, _, body, otherwise) | ("loop", _, _, _, body, otherwise):
            return [body, otherwise]
        case ("with", _, _, body):
            return [body]
        case ("try", _, body, handlers_, otherwise, final):
            return [body, *(handler for _, _, handler in handlers_), otherwise, final]
        case ("match", _, _, cases):
            return [body for _, _, body in cases]
    return []


def _statements(body: Sequence[Stmt]) -> Iterator[Stmt]:
    """All statements of a function that stand on a line; those of functions within it are not its own."""
    for statement in body:
        if isinstance(statement[1], int):
            yield statement
        for block in _blocks(statement):
            yield from _statements(block)


def _expressions(statement: Stmt) -> Iterator[Expr]:
    """All expressions of a statement itself, and what they are made of."""
    if statement[0] in ("def", "class", "import", "from", "global"):
        return
    within = {id(block) for block in _blocks(statement)}
    parts: list[object] = [part for part in statement[2:] if id(part) not in within]
    if statement[0] in ("try", "match"):
        parts = [statement[2]] if statement[0] == "match" else []
    while parts:
        part = parts.pop()
        if isinstance(part, tuple) and part:
            if isinstance(part[0], str) and part[0] != "lambda":
                yield part
            parts.extend(item for item in part if isinstance(item, tuple))


def _methods_awaited(expression: Expr) -> frozenset[str]:
    """The methods, one of which somebody else has to call before an expression has a value."""
    match expression:
        case ("call", _, _, ("attr", ("name", "asyncio"), _), _, _):
            return frozenset()
        case ("call", _, _, ("attr", _, "get"), args, named):
            blocks = all(name in ("timeout", "block") for name, _ in named)
            return _ENDED_BY["get"] if blocks and (not args or args[0] == ("const", True)) else frozenset()
        case ("call", _, _, ("attr", _, "wait" | "result" as name), _, _):
            return _ENDED_BY[name]
        case ("await", _, value):
            return _FUTURE if _bare(value) else frozenset()
    return frozenset()


def _bare(value: Expr) -> bool:
    """Whether something is awaited that is no call: a future; a time limit may stand around it."""
    match value:
        case ("name", _) | ("attr", _, _) | ("item", _, _):
            return True
        case ("call", _, _, ("attr", ("name", "asyncio"), "wait_for" | "shield"), (first, *_), _):
            return _bare(first)
    return False


def _awaited(expression: Expr) -> Expr | None:
    """What is awaited, without a time limit around it."""
    match expression:
        case ("await", _, ("call", _, _, _, (first, *_), _)):
            return cast(Expr, first)
        case ("await", _, value):
            return cast(Expr, value)
    return None


def _tasks(body: Sequence[Stmt], line: int) -> Sequence[Expr]:
    """The names and attributes that are given the task which the statement on a line starts."""
    set_here = (one for one in _statements(body) if one[0] == "set" and one[1] == line)
    return [target for _, _, targets, value in set_here if _starts_a_task(value) for target in targets]


def _starts_a_task(value: Expr) -> bool:
    return value[0] == "call" and value[3][-1] in ("create_task", "ensure_future")


def _looked_for(statement: Stmt) -> frozenset[str]:
    """The names that a loop looks at again and again until something is there."""
    match statement:
        case ("loop", _, None, test, body, _):
            sleeps = any(_sleeps(one) for inner in body for one in _within(inner))
            inside = [one[2] for one in _statements(body) if one[0] == "if"] if sleeps else []
            asked = [test] if test != ("const", True) else inside
            names = {name for expression in asked for name in _names(expression)}
            return frozenset(names - _OF_THE_LANGUAGE)
    return frozenset()


def _within(statement: Stmt) -> Iterator[Expr]:
    yield from _expressions(statement)
    for block in _blocks(statement):
        for inner in block:
            yield from _within(inner)


def _sleeps(expression: Expr) -> bool:
    match expression:
        case ("call", _, _, ("attr", _, "sleep") | ("name", "sleep"), _, _):
            return True
    return False


def _names(expression: Expr) -> Iterator[str]:
    """The names of variables and attributes in an expression; not of methods."""
    match expression:
        case ("name", name):
            yield name
        case ("attr", base, name):
            yield name
            yield from _names(base)
        case ("call", _, _, ("attr", base, _), args, _):
            yield from _names(base)
            for arg in args:
                yield from _names(arg)
        case (str(), *parts):
            for part in parts:
                for item in (part, *(part if isinstance(part, tuple) else ())):
                    if isinstance(item, tuple) and item:
                        yield from _names(item)


def _calls_one_of(methods: frozenset[str], expression: Expr) -> bool:
    match expression:
        case ("call", _, _, ("attr", _, "set"), args, _):
            return ("set(value)" if len(args) == 1 else "" if args else "set") in methods
        case ("call", _, _, callee, args, _):
            # ``loop.call_soon_threadsafe(future.set_result, answer)``
            return any(one[0] == "attr" and one[2] in methods for one in (callee, *args))
    return False


def _puts_under(names: frozenset[str], statement: Stmt) -> bool:
    """Whether a statement puts something under one of the names."""
    match statement:
        case ("set", _, targets, _):
            return any(_last_name(target[1] if target[0] == "item" else target) in names for target in targets)
    for expression in _expressions(statement):
        match expression:
            case ("call", _, _, ("attr", base, method), _, _) if method in _FILLING and _last_name(base) in names:
                return True
    return False


def _last_name(expression: Expr) -> str:
    match expression:
        case ("name", name) | ("attr", _, name):
            return str(name)
    return ""


# What follows what ------------------------------------------------------------------------------------------------


def _stands_in(statement: Stmt, line: int) -> bool:
    return statement[1] == line or any(_stands_in(inner, line) for block in _blocks(statement) for inner in block)


def _follows(block: Sequence[Stmt], first: int, then: int) -> bool:
    """Whether one line of a function comes after another, by no way back and not on the other branch."""
    start = next((index for index, one in enumerate(block) if _stands_in(one, first)), None)
    end = next((index for index, one in enumerate(block) if _stands_in(one, then)), None)
    if start is None or end is None or end < start or first == then:
        return False
    if start < end:
        return _passes(block[start], first)
    statement = block[start]
    inner = _blocks(statement)
    if statement[1] == first:
        return any(_stands_in(one, then) for part in inner for one in part)
    for index, part in enumerate(inner):
        if any(_stands_in(one, first) for one in part):
            if any(_stands_in(one, then) for one in part):
                return _follows(part, first, then)
            later = inner[-2:] if statement[0] == "try" and index == 0 else inner[-1:] if statement[0] == "try" else ()
            return any(_stands_in(one, then) for other in later for one in other)
    return False


def _passes(statement: Stmt, line: int) -> bool:
    """Whether what comes after a statement is reached from a line in it."""
    if statement[0] in ("return", "raise"):
        return False
    for block in _blocks(statement):
        at = next((index for index, one in enumerate(block) if _stands_in(one, line)), None)
        if at is not None:
            rest = block[at + 1 :]
            return _passes(block[at], line) and not any(one[0] in ("return", "raise") for one in rest)
    return True


def _goes_on(body: Sequence[Stmt], first: int, then: int) -> bool:
    """Whether a line stands in a loop that never ends, or that ends with what it goes over: work, and no waiting."""
    for statement in _statements(body):
        if statement[0] != "loop" or not _stands_in(statement, then) or _stands_in(statement, first):
            continue
        tested = statement[2] is None and statement[3] != ("const", True)
        if not tested and not any(one[0] in ("return", "break") for one in _statements(statement[4])):
            return True
    return False
