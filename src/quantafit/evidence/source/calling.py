"""Calls: of functions and classes of the program, and of what is still symbolic."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from quantafit.evidence.source.acts import (
    LONGEST_PATH,
    MOST_ACTS,
    OF_ITS_OWN,
    Act,
    Event,
    Write,
    essential,
    host_closed,
    opaque,
    origin,
    settled,
)
from quantafit.evidence.source.builtin import BUILTIN, EVERYDAY, METHODS, asked_for
from quantafit.evidence.source.extract import Expr
from quantafit.evidence.source.libraries import vocabulary as words
from quantafit.evidence.source.libraries.vocabulary import Slot
from quantafit.evidence.source.library_calls import EVENTS, LibraryCalls, handed_on
from quantafit.evidence.source.objects import ITEM, PROPERTY
from quantafit.evidence.source.questions import BOUND, MADE
from quantafit.evidence.source.state import (
    MOST_MADE_ALONE,
    MOST_STEPS,
    MOST_WORK,
    NOBODY,
    TOO_MUCH_WORK,
    About,
    Args,
    Call,
    Conclusions,
    Frame,
    FunctionInfo,
    Named,
)
from quantafit.evidence.source.values import (
    NONE,
    NOTHING,
    Attr,
    Bound,
    Choice,
    Class,
    ClassId,
    Const,
    Dict,
    Env,
    Foreign,
    Func,
    FunctionId,
    Instance,
    Invoke,
    Item,
    Lib,
    Made,
    Many,
    Member,
    Opaque,
    Param,
    Partial,
    Rebuild,
    Site,
    Spread,
    Substitution,
    Text,
    Unknown,
    Value,
    asked,
    bounded,
    choice,
    closed,
    options,
    spread,
    symbolic,
)

_DEEPEST_CALL = 40
_PASSING = frozenset(
    {"", "call", "call_async", "acall", "execute", "aexecute", "run", "invoke", "apply", "submit", "spawn", "protect"}
)
"""Names under which guards, retriers and pools call the function that they are given first with what follows."""
_HANDED_ON = Lib("quantafit.handed_on")
_STEPS = {**EVENTS, "subscribe": "subscribe"}
_MOST_HEIRS, _MOST_ABOVE = 64, 8
_TYPED_DICT = "typing.TypedDict"
_AFTER_FIELDS = ("__post_init__", "__attrs_post_init__", "model_post_init")
_GETTING = frozenset({"abc.abstractproperty", "builtins.property", "functools.cached_property"})
"""Decorators that make a property of a function, whatever another decorator has made of it before."""
_OF_PROPERTIES = frozenset({"getter", "setter", "deleter"})
_LOGGING = ("logging.", "loguru.", "structlog.")
"""What a logger is given is written down: an address in it asks nobody."""
_ENDING = frozenset({"close", "aclose", "stop", "disconnect", "shutdown"})
"""Methods without arguments that end the use of an object: no part of the work on a message."""
_NAMED_FOR_A_LOG = re.compile(r"(?:^|_)log(?:ger|ging)?$|logger", re.IGNORECASE)
_WRITES_LOG = frozenset(
    {"bind", "critical", "debug", "error", "exception", "fatal", "info", "log", "success", "trace", "warn", "warning"}
)
"""Methods of loggers: what is written down of a message is no part of the work on it."""


class Calling(LibraryCalls):
    """The calls of the machine."""

    def call_expression(
        self, frame: Frame, callee: Expr, args: Sequence[Expr], keywords: Sequence[tuple[str | None, Expr]]
    ) -> Value:
        values = self.positional(frame, args)
        named: dict[str, Value] = {}
        for name, expression in keywords:
            value = self.evaluate(frame, expression)
            if name is not None:
                named[name] = value
            elif symbolic(value):
                named["**"] = value
            else:
                for key, item in self.pairs(value):
                    named[str(key.value) if isinstance(key, Const) else "**"] = item
        if callee[0] == "attr":
            if callee[1][0] == "call" and callee[1][3] == ("name", "super"):
                return self.call_super(frame, callee[2], values, named)
            receiver = self.evaluate(frame, callee[1])
            if receiver == NONE and self.tells(callee[2], values):
                why = "what it is called on is only known to be None: what sets it was not seen"
                self.doubt(f".{callee[2]}(…)", why, frame.site, ("request", "publish"))
            return self.call_method(frame, receiver, callee[2], values, named)
        return self.call(frame, self.evaluate(frame, callee), values, named)

    def positional(self, frame: Frame, args: Sequence[Expr]) -> Args:
        values: list[Value] = []
        for expression in args:
            if expression[0] == "star":
                value = self.evaluate(frame, expression[1])
                if isinstance(value, Many) and value.ordered:
                    values.extend(value.items)
                elif symbolic(value):
                    values.append(Spread(value))
                else:
                    values.extend(self.spread_out(frame, value))
            else:
                values.append(self.evaluate(frame, expression))
        return tuple(values)

    def call_super(self, frame: Frame, name: str, args: Args, named: Named) -> Value:
        info = self.functions.get(frame.id)
        if info is None or info.cls is None or not info.names:
            return Unknown("super() outside a method")
        receiver: Value = Param(frame.id, info.names[0])
        above = self.methods_above(info.cls, name)
        if above:
            return choice(self.call(frame, Bound(found, receiver), args, named) for found in above)
        inherited = self.library_base(info.cls)
        if name == "__new__":
            return receiver
        if inherited is None:
            return NONE
        if name == "__init__":
            made = self.call_library(frame, inherited, None, args, named)
            self.write(frame, receiver, "@made", made)
            return NONE
        return self.call_library(frame, f"{inherited}.{name}", receiver, args, named)

    def methods_above(self, id: ClassId, name: str) -> list[Func]:
        """What ``super().name`` may mean: the next one above, for a mixin that of each class which it is part of."""
        found: dict[Func, None] = {}
        ways = {self.lineage(id)[1:]: None}
        for cls in self.subclasses(id)[:_MOST_HEIRS]:
            order = self.hierarchy.lineage(cls)
            if id in order:
                ways[order[order.index(id) + 1 :]] = None
        for way in ways:
            for above in way:
                held = self.classes[above].names.get(name)
                if isinstance(held, Func):
                    found[held] = None
                    break
        return list(found)[:_MOST_ABOVE]

    def call_method(self, frame: Frame, base: Value, name: str, args: Args, named: Named) -> Value:
        """``base.name(…)``, alternative by alternative: built-in values have methods of their own."""
        results = []
        for option in map(asked, options(base)):
            method = METHODS.get((type(option), name)) or METHODS.get((type(option), "*"))
            if self.of_member(option, name) is not None:
                method = None
            found = method(self, frame, option, name, args, named) if method is not None else None
            if found is None and isinstance(option, Instance) and self.find_name(option.id, name) is None:
                held = self.container(option.id)
                found = METHODS[(type(held), "*")](self, frame, held, name, args, named) if held is not None else None
            if found is None:
                callee = self.attribute(frame, option, name)
                found = self.call(frame, callee, args, named, name)
            results.append(found)
        return choice(results) if results else NOTHING

    # What is called -----------------------------------------------------------------------------------------------

    def call(self, frame: Frame, callee: Value, args: Args, named: Named, name: str = "") -> Value:
        if self.depth > _DEEPEST_CALL:
            self.now.cuts.add(BOUND)
            return Unknown("calls nested too deeply")
        self.depth += 1
        try:
            results = [self.call_one(frame, option, args, named, name) for option in options(callee)]
        finally:
            self.depth -= 1
        return choice(results) if results else NOTHING

    def call_one(self, frame: Frame, callee: Value, args: Args, named: Named, name: str) -> Value:
        if _waiting(args, named) and not isinstance(callee, Unknown | Opaque | Const):
            return self.call_later(frame, callee, args, named)
        match callee := asked(callee):
            case Func():
                return self.call_function(frame, callee, args, named)
            case Bound(function, receiver):
                return self.call_function(frame, function, (receiver, *args), named)
            case Class(id):
                return self.construct(frame, id, args, named)
            case Partial(inner, first, given):
                return self.call(frame, inner, (*first, *args), {**dict(given), **named})
            case Lib(path):
                special = BUILTIN.get(path) or BUILTIN.get(self.tables.canonical(path))
                if special is not None:
                    return special(self, frame, args, named)
                owner, _, member = path.rpartition(".")
                if args and isinstance(args[0], Made) and args[0].type == self.tables.canonical(owner):
                    return self.call(frame, Member(args[0], args[0].type, member), args[1:], named)
                return self.call_library(frame, path, None, args, named)
            case Member(owner, type_, member):
                special = BUILTIN.get(f"{type_}.{member}")
                if special is not None:
                    return special(self, frame, (owner, *args), named)
                return self.call_library(frame, f"{type_}.{member}", owner, args, named)
            case Made("decorator") if args:
                return self.decorated(frame, callee, args[0])
            case Made(type_):
                return self.call_library(frame, f"{type_}.__call__", callee, args, named)
            case Instance(id):
                method = self.find_name(id, "__call__")
                if isinstance(method, Func):
                    return self.call_function(frame, method, (callee, *args), named)
                if self.library_base(id) is None:
                    return callee  # a container's provider, which is taken for what it makes
            case Foreign(quantum, path):
                self.event(frame, "work")
                return self.call_foreign(frame, callee, args, named) or Opaque(f"{quantum}:{path}", args)
        if symbolic(callee):
            return self.call_later(frame, callee, args, named)
        return self.call_unknown(frame, callee, args, named, name)

    def call_foreign(self, frame: Frame, callee: Foreign, args: Args, named: Named) -> Value | None:
        """A method of another quantum's object that is really a message to it."""
        path, _, method = callee.name.rpartition(":")
        call = self.tables.foreign.get(method)
        if call is None or ":" not in path:
            return None
        receiver = Foreign(callee.quantum, path)
        for effect in call.effects:
            self.perform(frame, effect, method, receiver, args, named)
        return self.made_by(frame, method, call, receiver, args, named, NOBODY) if call.returns is not None else None

    def call_later(self, frame: Frame, callee: Value, args: Args, named: Named) -> Value:
        """Something a caller will close: the call waits until then."""
        keywords = tuple(sorted(named.items()))
        if isinstance(callee, Attr) and callee.name in EVERYDAY and callee.name not in self.methods:
            self.account.reads.add(("method", callee.name))
            return bounded(Invoke(callee, args, keywords, frame.site))
        dropped = isinstance(callee, Attr) and not self.any_name and callee.name not in self.leading
        if dropped and isinstance(callee, Attr) and not self.tells(callee.name, asked_for(args, named)):
            self.account.reads.update((("leading", callee.name), ("leading", "*")))
            if args or named:
                self.left_out[(frame.site, callee, (*args, *named.values()))] = None
            if (callee.name not in _ENDING or args or named) and not _writes_log(callee):
                self.event(frame, "work")
            return bounded(Invoke(callee, args, keywords, frame.site))
        act = Act("latent", "", "", (), (frame.site,), callee=callee, args=args, keywords=keywords)
        self.act(frame, act)
        name = callee.name if isinstance(callee, Attr) else ""
        if (name not in _ENDING or args or named) and not _writes_log(callee):
            self.event(frame, _STEPS.get(self.tables.steps.get(name, ""), "work"))
        return bounded(Invoke(callee, args, keywords, frame.site))

    def call_unknown(self, frame: Frame, callee: Value, args: Args, named: Named, name: str) -> Value:
        why = callee.why if isinstance(callee, Unknown) else "what is called could not be followed"
        reaches = not origin(callee).startswith(_LOGGING) and self.tells(name, asked_for(args, named))
        if reaches:
            self.doubt(f".{name}(…)", why, frame.site, ("request", "publish"))
        self.event(frame, "work") if reaches else None
        passed = self.passed_through(frame, name, args, named)
        if passed is not None:
            return passed
        self.hand_over(frame, (*args, *named.values()))
        self.hand_to_unknown(frame, callee, name, (*args, *named.values()))
        if isinstance(callee, Opaque | Unknown) and len(args) == 1 and not named and _may_be_function(args[0]):
            return Invoke(_HANDED_ON, (args[0], callee), (), frame.site)
        return handed_on(args, named) or opaque(name or "a call", callee, *args, *named.values())

    def tells(self, name: str, args: Args) -> bool:
        """Whether a call of something unknown says by its name or its arguments that it reaches out."""
        if self.is_told(name) or any(_looks_like_url(arg) for arg in args[:2]):
            return True
        return name in _VERBS and self.is_told("*") and any(_looks_like_path(arg) for arg in args[:1])

    def passed_through(self, frame: Frame, name: str, args: Args, named: Named) -> Value | None:
        """``guard.call(function, argument, …)`` on something unknown: what calling the function with the rest gives."""
        if len(args) < 2 or name not in _PASSING:
            return None
        functions = [one for one in options(args[0]) if isinstance(one, Func | Bound) or self.is_reaching(one)]
        if len(functions) != len(options(args[0])):
            return None
        return choice(self.call(frame, one, args[1:], named) for one in functions)

    def is_reaching(self, value: Value) -> bool:
        return isinstance(value, Lib) and self.reaches_out(value.name)

    def hand_over(self, frame: Frame, values: Sequence[Value]) -> None:
        """Functions given to something unknown may be called by it, with arguments nobody here knows."""
        for value in values:
            for option in options(value):
                function = option.function if isinstance(option, Bound) else option
                if isinstance(function, Func):
                    self.hand_on(function.id)
                elif isinstance(function, Many):
                    self.hand_over(frame, function.items)
                elif isinstance(function, Partial):
                    self.call(frame, function, (), {})
                elif isinstance(function, Member) and self.reaches_out(f"{function.type}.{function.name}"):
                    why = "it is handed to something that may call it, with what nobody here knows"
                    self.doubt(f"{function.type}.{function.name}", why, frame.site, ("request", "publish"))
                elif isinstance(function, Lib) and self.reaches_out(function.name):
                    why = "it is handed to something that may call it, with what nobody here knows"
                    self.doubt(function.name, why, frame.site, ("request", "publish"))

    def reaches_out(self, name: str) -> bool:
        """Whether calling a library's function is a request or a publish."""
        call = self.tables.call(self.tables.canonical(name))
        return call is not None and any(effect.does in ("request", "publish") for effect in call.effects)

    # Functions and classes of the program ---------------------------------------------------------------------------

    def call_function(self, frame: Frame, function: Func, args: Args, named: Named) -> Value:
        info = self.functions.get(function.id)
        if info is None:
            return Unknown("a function that was not met")
        given = self.given(info, args, named)
        described = self.described(function)
        if described is not None:
            return self.call_described(frame, described, given)
        self.account.called.add(function.id)
        self.calls_at[frame.site].add(function.id)
        self.remember(given)
        summary = self.summary(function.id)
        if self.work > MOST_WORK:
            self.now.cuts.add(BOUND)
            return Unknown(TOO_MUCH_WORK)
        given.update(function.captured)
        replacing = Substitution(given, self.rebuild)
        put = replacing.put
        for act in summary.acts:
            self.instantiate(frame, act, put)
        again = function.id in self.running
        if again:
            self.now.cuts.add(function.id)
        self.splice(frame, summary.trace[:1] if again else summary.trace)
        for write in summary.writes if not again else ():
            base = put(write.base)
            if isinstance(base, Instance) and isinstance(write.base, Param) and self.self_class(write.base):
                continue  # kept with the class already, in terms of the method's own parameters
            self.write_within(frame, write, base, bounded(put(write.value)))
        result = bounded(put(summary.returns if summary.yields is None else summary.yields))
        self.work += len(replacing.done)
        return result if summary.yields is None else Many((result,), False, None)

    def write_within(self, frame: Frame, write: Write, base: Value, value: Value) -> None:
        """Set an attribute that had waited for its object; who writes a row is the line of the assignment."""
        inner = self.scratch(frame.id)
        inner.site = write.site
        if write.name == ITEM and isinstance(value, Many):
            self.set_item(inner, base, *value.items)
        else:
            self.set_attribute(inner, base, write.name, value)
        for made in inner.acts:
            if closed(value) and self.program.ownership.is_own(write.site.path):
                self.account.records[made] = None
            else:
                self.act(frame, replace(made, path=(frame.site, *made.path)))
        self.splice(frame, tuple(inner.trace))
        for waiting in inner.writes:
            self.write_later(frame, waiting)

    def given(self, info: FunctionInfo, args: Args, named: Named) -> dict[Param, Value]:
        """Which parameter gets which value."""
        result: dict[Param, Value] = {}
        rest = list(args)
        left = dict(named)
        for parameter in info.facts.parameters:
            param = Param(info.id, parameter.name)
            if parameter.kind == "positional" and rest:
                result[param] = rest.pop(0)
            elif parameter.kind in ("positional", "keyword") and parameter.name in left:
                result[param] = left.pop(parameter.name)
            elif parameter.kind == "rest":
                result[param] = Many(tuple(rest), True, None)
                rest = []
            elif parameter.kind == "options":
                items = tuple((Const(name) if name != "**" else None, value) for name, value in left.items())
                result[param] = Dict(items, None)
            elif parameter.name in info.defaults:
                result[param] = self.supplied(info.defaults[parameter.name])
            else:
                result[param] = _entry(left.get("**"), parameter.name)
        return result

    def supplied(self, default: Value) -> Value:
        """A default; one that asks the framework for a dependency is what that gives."""
        if isinstance(default, Made) and default.type == "fastapi.Depends":
            return self.dependency(default)
        return default

    def remember(self, given: Mapping[Param, Value]) -> None:
        """Keep what callers give, for readers that have no call of their own to look at (closures, callbacks)."""
        for param, value in given.items():
            if isinstance(value, Unknown):
                continue
            old = self.arguments.get(param)
            new = self.grown(("argument", param), old, value)
            if new is not old:
                self.arguments[param] = new
                self.learn(("argument", param))

    def instantiate(self, frame: Frame, act: Act, put: Rebuild) -> None:
        """Put a caller's arguments into an act of the function it calls, by ``put``."""
        if frame.site in act.path:
            return  # a recursion: what it does the second time round it did the first time
        self.steps += 1
        if self.steps > MOST_STEPS or len(frame.acts) >= MOST_ACTS or len(act.path) >= LONGEST_PATH:
            frame.dropped += 1
            return
        slots = tuple([(name, bounded(put(value))) for name, value in act.slots])
        if act.does != "latent":
            self.act(frame, replace(act, slots=slots, path=(frame.site, *act.path)))
            return
        assert act.callee is not None
        callee = self.callee_of(act.callee, put)
        args = spread([put(value) for value in act.args])
        keywords = self.spread_keywords([(name, put(value)) for name, value in act.keywords])
        waiting = _waiting(args, dict(keywords))
        later = [option for option in options(callee) if waiting or symbolic(option)]
        now = [option for option in options(callee) if not waiting and not symbolic(option)]
        for option in later:
            self.act(frame, replace(act, callee=option, args=args, keywords=keywords, path=(frame.site, *act.path)))
        if now:
            self.call_within(frame, act, choice(now), args, dict(keywords))

    def callee_of(self, callee: Value, put: Rebuild) -> Value:
        """What a call that waited calls, once arguments are put in; a method keeps its receiver and its name."""
        if not isinstance(callee, Attr) or callee.name.startswith("@"):
            return put(callee)
        base = put(callee.base)
        return choice(Attr(option, callee.name) for option in options(base))

    def call_waiting(self, frame: Frame, callee: Value, args: Args, named: Named) -> Value:
        """Make a call that had waited."""
        results = [
            self.call_method(frame, option.base, option.name, args, named)
            if isinstance(option, Attr) and not option.name.startswith("@")
            else self.call(frame, option, args, named)
            for option in options(callee)
        ]
        return choice(results) if results else NOTHING

    def call_within(self, frame: Frame, act: Act, callee: Value, args: Args, named: Named) -> None:
        """Make a call that had waited, as if in the frame it was written in, and raise what it does to this one."""
        origin = act.path[-1]
        if origin in self.now.open:
            self.now.cuts.add(origin)
            return  # a call that leads back to itself does nothing that it has not done
        call = (origin, callee, args, tuple(named.items()))
        inner = self.concluded(call, self.conclusions) if self.conclusions is not None else self.made_once(call)
        self.raise_acts(frame, act, inner, args, named, (frame.site, *act.path[:-1]))
        frame.dropped += inner.dropped
        for write in inner.writes:
            self.write_later(frame, write)

    def made_once(self, call: Call) -> Frame:
        """What a call does, made where it is written unless that is known."""
        if self.prefixes:
            return self.made_there(call)
        known = self.known(MADE, self.made_known, call)
        if known is not None:
            return known.value
        return self.answered(MADE, self.made_known, call, lambda: self.made_there(call))

    def made_there(self, call: Call) -> Frame:
        """Make a call where it is written; what it does is in the frame."""
        origin, callee, args, named = call
        inner = self.scratch(FunctionId(origin.path, origin.symbol))
        inner.site = origin
        self.now.open.add(origin)
        try:
            self.call_waiting(inner, callee, args, dict(named))
        finally:
            self.now.close(origin)
        return inner

    def concluded(self, call: Call, conclusions: Conclusions) -> Frame:
        """What a call does that nobody is left to wait for; a frame that lacks a part says that calls were dropped."""
        known = self.recall(conclusions.whole, call)
        if known is not None:
            return known.value
        if conclusions.made >= MOST_MADE_ALONE and call in conclusions.partly:
            self.now.cuts.add(BOUND)
            return conclusions.partly[call]
        conclusions.made += 1
        asked = len(self.news)
        inner, account, cuts = self.apart(lambda: self.made_there(call))
        if not cuts and not inner.dropped:
            self.keep(conclusions.whole, call, inner, account, asked)
        else:
            conclusions.partly[call] = replace(inner, dropped=max(1, inner.dropped))
        return inner

    def raise_acts(
        self, frame: Frame, act: Act, inner: Frame, args: Args, named: Named, above: tuple[Site, ...]
    ) -> None:
        """Raise what a call that had waited does; the frame in which its target was written is the site."""
        written_here = {value for value in (*act.args, *(value for _, value in act.keywords)) if closed(value)}
        given = [*((str(index), value) for index, value in enumerate(args)), *named.items()]
        for made in inner.acts:
            marked = self.carried(act, made, given) if made.does == "latent" else self.marked(made, written_here)
            replied = marked.slot("reply_to")
            asks = marked.does == "publish" and replied is not None and replied != Const(None, default=True)
            if asks and replied != NONE and act.slot("then:waits") is not None:
                marked = replace(marked, synchronous=True)
            whole = replace(marked, path=(*above, *made.path))
            depth = self.decided_at(act, made, given)
            if depth is None or not settled(made):
                self.act(frame, whole)
                continue
            at_site = replace(whole, path=whole.path[-(depth - 1 + len(made.path)) :])
            if self.program.ownership.is_own(at_site.path[0].path):
                self.account.records[at_site] = None
            else:
                self.act(frame, whole)

    def carried(self, act: Act, made: Act, given: Sequence[tuple[str, Value]]) -> Act:
        """A call that still waits, inside one that had waited: in which frame each of its arguments was first known.

        What the call was given was known where its own arguments were; what is made of them where the last of them was.
        """
        marks = _marks(act)
        known = {name for name, _ in made.slots}
        last = max((marks[key] for key, _ in given), default=1) if all(key in marks for key, _ in given) else None
        added = []
        for name, value in [*((str(index), value) for index, value in enumerate(made.args)), *made.keywords]:
            if "closed:" + name in known or not host_closed(value):
                continue
            same = [marks[key] for key, item in given if item is value and key in marks]
            depth = min(same) if same else last
            if depth is not None:
                added.append(("closed:" + name, Const(depth - 1 + len(made.path))))
        return replace(made, slots=(*made.slots, *added)) if added else made

    def decided_at(self, act: Act, made: Act, given: Sequence[tuple[str, Value]]) -> int | None:
        """How far above the library call the arguments that name its target were written.

        What the receiver was made with does not count: where a client comes from does not move the call that uses it.
        None where an argument was not known in any frame that was passed.
        """
        marks = _marks(act)
        call = self.tables.call(self.tables.canonical(made.library))
        depths: list[int] = []
        for name in essential(made):
            value = made.slot(name)
            if value is None or (isinstance(value, Const) and value.default):
                continue
            effect = next((one for one in call.effects if one.does == made.does), None) if call is not None else None
            if len(made.path) == 1 and effect is not None and name in effect.slots:
                names = [key for arg in _fed_by(effect.slots[name]) for key in (str(arg.position), arg.name)]
                used = [key for key, _ in given if key in names]
            else:
                used = [key for key, item in given if item is value] or [key for key, _ in given]
            if any(key not in marks for key in used):
                return None
            depths.extend(marks[key] for key in used)
        return max(depths, default=1)

    def spread_keywords(self, pairs: Iterable[tuple[str, Value]]) -> tuple[tuple[str, Value], ...]:
        """Keyword arguments with a ``**mapping`` put in once it is known."""
        result: dict[str, Value] = {}
        for name, value in pairs:
            if name == "**" and not symbolic(value):
                for key, item in self.pairs(value):
                    result.setdefault(str(key.value) if isinstance(key, Const) else "**", item)
            else:
                result[name] = value
        return tuple(result.items())

    def splice(self, frame: Frame, trace: Sequence[Event]) -> None:
        """Take over the order of what a called function does; a consumer inside it is complete in itself."""
        complete = any(event.kind == "subscribe" for event in trace)
        for event in trace:
            if event.kind == "work" or complete:
                last = frame.trace[-1] if frame.trace else None
                if last is None or last.kind != "work" or last.site != frame.site:
                    self.event(frame, "work")
            elif event.kind in OF_ITS_OWN:
                continue
            elif len(frame.trace) < 400:
                frame.trace.append(event)

    def construct(self, frame: Frame, id: ClassId, args: Args, named: Named) -> Value:
        """Make an object of a class of the program."""
        kind = self.kind_of(id)
        if kind == "enum":
            return choice(self.elements(Class(id))) if args else Class(id)
        if kind == "record" and _TYPED_DICT in self.library_bases(id):
            entries = [pair for arg in args for pair in self.pairs(arg)]
            return Dict((*entries, *((Const(name), value) for name, value in named.items())), frame.site)
        init = self.initialiser(id)
        maker = self.find_name(id, "__new__")
        if isinstance(maker, Func):
            self.call_function(frame, maker, (Class(id), *args), named)
        if init is not None:
            info = self.functions[init.id]
            receiver = Unknown("the object being made")
            given = self.given(info, (receiver, *args), named)
            bound = tuple((param.name, value) for param, value in given.items() if param.name != info.names[0])
            made = Instance(id, bound, frame.site)
            self.call_function(frame, init, (made, *args), named)
            decorated = self.find_name(id, "__init__")
            if isinstance(decorated, Func) and decorated.id != init.id:
                self.call_function(frame, decorated, (made, *args), named)
        else:
            made = Instance(id, self.fields_given(frame, id, kind, args, named), frame.site)
            self.after_fields(frame, made)
        kept = self.keep_instance(made)
        around = self.around(id) if kind is None else ()
        return bounded(Instance(id, (*made.bound, *around), made.site)) if around and kept == made else kept

    def after_fields(self, frame: Frame, made: Instance) -> None:
        """What a constructor made of fields calls at its end, with what it is given besides fields (``InitVar``)."""
        given = dict(made.bound)
        for name in _AFTER_FIELDS:
            hook = self.find_name(made.id, name)
            if isinstance(hook, Func):
                asked = self.functions[hook.id].names[1:]
                self.call_function(frame, hook, (made,), {one: given[one] for one in asked if one in given})

    def keep_instance(self, made: Instance) -> Value:
        result = bounded(made)
        known = self.instances[made.id]
        if isinstance(result, Instance) and closed(result) and len(known) < 32 and result not in known:
            known[result] = None
            self.learn(("instances", made.id))
        return result

    def fields_given(
        self, frame: Frame, id: ClassId, kind: str | None, args: Args, named: Named
    ) -> tuple[tuple[str, Value], ...]:
        """The arguments of a class without a constructor of its own, by field."""
        bound = dict(zip(self.all_fields(id), args, strict=False)) | dict(named)
        for name in self.all_fields(id):
            if name.startswith("_") and name.lstrip("_") in named:  # attrs gives private fields as public arguments
                bound[name] = named[name.lstrip("_")]
        inherited = self.library_base(id)
        if inherited is not None and kind is None:
            bound["@made"] = self.call_library(frame, inherited, None, args, named)
        return tuple(bound.items())

    def all_fields(self, id: ClassId) -> list[str]:
        """The fields that a class and those above it declare, in the order of a constructor made of them."""
        return list(dict.fromkeys(name for cls in reversed(self.lineage(id)) for name in self.fields_of(cls)))

    def fields_of(self, id: ClassId) -> list[str]:
        """The fields that a class declares, in order: annotated names, and names given a library's field."""
        info = self.classes[id]
        made = {name for name, held in info.names.items() if isinstance(held, Made) and held.type.endswith(".Field")}
        return sorted({*info.annotations, *made}, key=lambda name: info.lines.get(name, 0))

    def decorate(self, frame: Frame, decorator: Value, value: Value, function: Func) -> Value:
        """What a name stands for once a decorator has had the function."""
        results: list[Value] = []
        for option in options(decorator):
            match option:
                case Lib(name) if name in _GETTING and value != function and isinstance(value, Func | Bound):
                    results.append(Made(PROPERTY, (("getter", value),), None))
                case Lib(name):
                    found = self.tables.call(self.tables.canonical(name))
                    if found is not None and found.decorates:
                        bare = self.made_by(frame, self.tables.canonical(name), found, None, (), {}, NOBODY)
                        results.append(self.registered(frame, bare, value, function))
                    elif found is not None and name not in BUILTIN:
                        self.hand_on(function.id)
                        made = self.call_library(frame, name, None, (value,), {})
                        results.append(made if found.returns is not None else value)
                    else:
                        if name not in BUILTIN and self.tables.standing(name) in ("unknown", "modelled"):
                            self.hand_on(function.id)
                        results.append(value)
                case Member(owner, type_, name) if type_ in ("function", PROPERTY) and name in _OF_PROPERTIES:
                    before = owner.slots if isinstance(owner, Made) else (("getter", owner),)
                    parts = {key: one for key, one in before if key != name} | {name: value}
                    results.append(Made(PROPERTY, tuple(parts.items()), None))
                case Member(owner, type_, name):
                    found = self.tables.call(f"{type_}.{name}")
                    self.hand_on(function.id)
                    if found is not None and found.decorates:
                        bare = self.made_by(frame, f"{type_}.{name}", found, owner, (), {}, NOBODY)
                        results.append(self.registered(frame, bare, value, function))
                        continue
                    made = self.call_library(frame, f"{type_}.{name}", owner, (value,), {})
                    results.append(made if found is not None and found.returns is not None else value)
                case Made("decorator"):
                    results.append(self.registered(frame, option, value, function))
                case Instance(id) if self.find_name(id, "__call__") is None and self.find_name(id, "__exit__"):
                    self.entered(frame, option)  # a ContextDecorator: around each call
                    self.exited(frame, option)
                    results.append(value)
                case Func() | Bound() | Class() | Partial() | Instance():
                    made = self.call(frame, option, (value,), {})
                    known = [one for one in options(made) if not isinstance(one, Unknown | Opaque) and one != NONE]
                    results.append(choice(known) if known else value)
                case Opaque(what) if self.tables.standing(what) == "inert":
                    results.append(value)
                case Made(type_) if self.hands_back(f"{type_}.__call__"):
                    results.append(value)
                case _:
                    self.hand_on(function.id)
                    results.append(value)
        return choice(results) if results else value

    def hands_back(self, name: str) -> bool:
        """Whether a library's call gives what it is given, and calls it only when it is called itself."""
        found = self.tables.call(name)
        return found is not None and isinstance(found.returns, words.Arg) and not found.decorates and not found.roots

    def decorated(self, frame: Frame, decorator: Value, given: Value) -> Value:
        """A decorator that is called like any function: ``app.get("/")(view)``."""
        results: list[Value] = []
        for option in options(given):
            function = option.function if isinstance(option, Bound) else option
            if isinstance(function, Func) and function.id in self.functions:
                results.append(self.registered(frame, decorator, option, function))
                continue
            results.append(option)
            self.hand_over(frame, (option,))
            self.hand_to_framework(frame, option)
        return choice(results)

    def registered(self, frame: Frame, decorator: Value, value: Value, function: Func) -> Value:
        """A function handed to a framework by a decorator, bare or with arguments; what its name stands for then."""
        self.hand_on(function.id)
        name = decorator.slot("of") if isinstance(decorator, Made) else None
        if not isinstance(decorator, Made) or not isinstance(name, Const):
            return value
        call, receiver, given, named = self.applied(decorator)
        if call is None:
            return value
        about = About(str(name.value).rpartition(".")[2], value, frame.cls.id if frame.cls is not None else None)
        self.supply(function, [self.slot(one, receiver, given, named, frame.site, about) for one in call.supplies])
        self.pass_by_name(call, function)
        for effect in call.effects:
            if effect.when is None or self.slot(effect.when, receiver, given, named, frame.site, about) != Const(False):
                slots = {
                    key: self.slot(slot, receiver, given, named, frame.site, about)
                    for key, slot in effect.slots.items()
                }
                self.perform_with(frame, effect, str(name.value), {"callback": value, **slots})
        return self.slot(call.gives, receiver, given, named, frame.site, about) if call.gives is not None else value

    def supply(self, callee: Value, values: Sequence[Value]) -> None:
        """Note what a library passes to a function that it is given to call; a class stands for its objects."""
        for option in options(callee):
            function = option.function if isinstance(option, Bound) else option
            if not isinstance(function, Func) or function.id not in self.functions:
                continue
            names = self.functions[function.id].names[1 if isinstance(option, Bound) else 0 :]
            passed = [self.somebody(value.id) if isinstance(value, Class) else value for value in values]
            pairs = zip(names, passed, strict=False)
            handed = {Param(function.id, name): value for name, value in pairs if not isinstance(value, Const)}
            if handed.items() - self.handed.items():
                self.handed.update(handed)
                self.learn(("handed", function.id))
            self.remember(handed)

    def decorate_class(self, frame: Frame, decorator: Value, value: Value) -> Value:
        if isinstance(decorator, Func | Bound):
            made = self.call(frame, decorator, (value,), {})
            return made if isinstance(made, Class) else value
        return value


def _marks(act: Act) -> dict[str, int]:
    """How far above the library call each argument of a call that waits was first known, where that is known."""
    return {
        name.removeprefix("closed:"): int(mark.value)
        for name, mark in act.slots
        if name.startswith("closed:") and isinstance(mark, Const)
    }


def _waiting(args: Args, named: Named) -> bool:
    """Whether a call has arguments of which it is not yet known how many there are."""
    return any(isinstance(arg, Spread) for arg in args) or symbolic(named.get("**", NONE))


def _entry(mapping: Value | None, name: str) -> Value:
    """An argument that comes, if at all, out of a ``**mapping``."""
    if mapping is None:
        return Unknown(f"argument {name}")
    return Item(mapping, Const(name)) if symbolic(mapping) else mapping


def _fed_by(slot: Slot) -> Iterator[words.Arg]:
    """The arguments of the call that a slot is made from."""
    match slot:
        case words.Arg():
            yield slot
        case (
            words.Inside(of)
            | words.Element(of)
            | words.ManyOf(of)
            | words.RowOf(of)
            | words.NameOf(of)
            | words.Entry(of)
        ):
            yield from _fed_by(of)
        case words.Url(base, path):
            yield from _fed_by(base)
            yield from _fed_by(path)
        case words.Either(slots):
            for one in slots:
                yield from _fed_by(one)


_SCHEME = re.compile(r"[a-zA-Z][\w+.-]*://")
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "request", "fetch"})


def _looks_like_path(value: Value) -> bool:
    """Whether a value is a path from the root, as a client with a base URL is given."""
    first = value.parts[0] if isinstance(value, Text) else value
    return isinstance(first, Const) and isinstance(first.value, str) and first.value.startswith("/")


def _may_be_function(value: Value) -> bool:
    """A parameter that a decorator is given, bare or through another decorator."""
    return isinstance(value, Param) or (isinstance(value, Invoke) and value.callee == _HANDED_ON)


def _looks_like_url(value: Value) -> bool:
    for option in options(value):
        first = option.parts[0] if isinstance(option, Text) else option
        if isinstance(first, Const) and isinstance(first.value, str) and _SCHEME.match(first.value):
            return True
        if isinstance(first, Env) and any(token in first.name for token in ("URL", "HOST", "ADDR")):
            return True
    return False


def _writes_log(callee: Value) -> bool:
    """Whether it is a logger's method, of something that is still to come and is named for a log."""
    return isinstance(callee, Attr) and callee.name in _WRITES_LOG and _is_log(callee.base)


def _is_log(value: Value) -> bool:
    match value:
        case Param(_, name):
            return _NAMED_FOR_A_LOG.search(name) is not None
        case Attr(base, name):
            return _NAMED_FOR_A_LOG.search(name) is not None or (name in _WRITES_LOG and _is_log(base))
        case Invoke(callee):
            return _is_log(callee)
        case Choice():
            return any(_is_log(option) for option in value.options)  # the others are what stands in for it
    return False
