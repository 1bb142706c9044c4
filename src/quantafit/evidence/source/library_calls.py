"""Calls of libraries, by their tables: what they give, what they do, whom they call back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from quantafit.evidence.source.acts import Act, opaque, origin
from quantafit.evidence.source.builtin import EVERYDAY, WEIGHTLESS, asked_for
from quantafit.evidence.source.classes import PROVIDED
from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Callback, Effect, Url
from quantafit.evidence.source.slots import UNREAD, Slots
from quantafit.evidence.source.state import NOBODY, About, Args, Frame, Named
from quantafit.evidence.source.tables import REACHES
from quantafit.evidence.source.values import (
    NONE,
    NOTHING,
    Bound,
    Class,
    Const,
    Dict,
    Func,
    Instance,
    Lib,
    Made,
    Many,
    Member,
    Module,
    Opaque,
    Param,
    Partial,
    Unknown,
    Value,
    bounded,
    choice,
    closed,
    options,
    symbolic,
)

EVENTS = {"acknowledge": "ack", "reject": "reject", "wait": "wait", "commit": "work", "work": "work", "take": "work"}
"""Effects that only matter for their order, as steps of it."""


_KEEPING = frozenset({"add", "appendleft", "close", "discard", "insert", "put", "put_nowait", "remove", "set"})
"""Methods of collections, beside the everyday ones: what they are given they keep."""
_BRINGING_CODE = frozenset(
    {"builtins", "cffi", "ctypes", "functools", "importlib", "importlib_metadata", "imp", "operator", "pkg_resources",
     "pkgutil", "pydoc", "runpy", "sys", "types"}
)  # fmt: skip
"""Modules whose results are other people's code."""

NOT_GIVEN = Const(None, default=True)


def handed_on(args: Args, named: Named) -> Value | None:
    """What something unknown gives that is called with one function and nothing else: a decorator hands it on."""
    if len(args) != 1 or named:
        return None
    if args[0] == NOTHING:
        return None
    return args[0] if all(isinstance(option, Func | Bound | Partial) for option in options(args[0])) else None


class LibraryCalls(Slots):
    """The calls that a table describes, and those that none does."""

    # In-house libraries that quanta.yaml describes ------------------------------------------------------------------

    def described(self, function: Func) -> str | None:
        """The name under which ``libraries:`` in quanta.yaml describes a function, if it does."""
        if not self.tables.in_house:
            return None
        stem = function.id.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        full = "." + stem + "." + function.id.name
        return next((name for name in self.tables.in_house if full.endswith("." + name)), None)

    def call_described(self, frame: Frame, name: str, given: Mapping[Param, Value]) -> Value:
        call = self.tables.in_house[name]
        named = {param.name: value for param, value in given.items()}
        for effect in call.effects:
            self.perform(frame, effect, name, None, (), named)
        return self.made_by(frame, name, call, None, (), named, NOBODY) if call.returns is not None else NONE

    # What can reach out, in hands that nobody knows -----------------------------------------------------------------

    def hand_to_unknown(self, frame: Frame, callee: Value, name: str, values: Sequence[Value]) -> None:
        """Something that can reach out is given to something unknown: whatever is done with it is done out of sight.

        What a library gave is known well enough: who keeps, logs or instruments a client makes no call of its own.
        """
        if name in _KEEPING or name in EVERYDAY or not values or not isinstance(callee, Opaque | Unknown):
            return
        could_be = [one for value in values for one in self.reach_of(value)]
        if could_be and not self.of_a_library(callee):
            what = f".{name}(…)" if name else "a call of something unknown"
            why = "it is given something that can reach out, and what it does with it could not be followed"
            self.doubt(what, why, frame.site, tuple(dict.fromkeys(could_be)))

    def of_a_library(self, value: Value) -> bool:
        """Whether something not followed was made by a library that is known, and does not bring code in."""
        library = origin(value)
        top = library.partition(".")[0]
        return bool(library) and top not in _BRINGING_CODE and self.tables.standing(library) != "unknown"

    def reach_of(self, value: Value) -> tuple[str, ...]:
        """What having a value lets one do: ``request``, ``publish``, ``store``."""
        found: dict[str, None] = {}
        for option in options(value):
            match option:
                case Made(type_):
                    found.update(dict.fromkeys(self.tables.capabilities.get(type_, ())))
                case Instance(id) if self.kind_of(id) is None:
                    base = self.library_base(id)
                    found.update(dict.fromkeys(self.tables.capabilities.get(base, ()) if base is not None else ()))
                case Member(_, type_, method):
                    call = self.tables.call(f"{type_}.{method}")
                    does = [effect.does for effect in call.effects] if call is not None else []
                    found.update((REACHES[one], None) for one in does if one in REACHES)
                case Partial(inner):
                    found.update(dict.fromkeys(self.reach_of(inner)))
                case Many(items, True):
                    for item in items:
                        found.update(dict.fromkeys(self.reach_of(item)))
        return tuple(found)

    # Libraries ----------------------------------------------------------------------------------------------------

    def call_library(self, frame: Frame, name: str, receiver: Value | None, args: Args, named: Named) -> Value:
        canonical = self.tables.canonical(name)
        call = self.tables.call(canonical)
        owner = canonical.rpartition(".")[0]
        if call is None:
            self.given_classes(frame, args, named)
            return self.call_undescribed(frame, canonical, owner, receiver, args, named)
        about = About(canonical.rpartition(".")[2], None, frame.cls.id if frame.cls is not None else None)
        self.given_classes(frame, args, named)
        handed = self.call_back(frame, call, receiver, args, named)
        if not call.calls and not call.roots and not call.effects:
            on = self.slot(call.returns, receiver, args, named, frame.site) if isinstance(call.returns, Arg) else None
            self.hand_over(frame, [value for value in (*args, *named.values()) if value is not on])
        for effect in call.effects if not call.decorates else ():
            self.perform(frame, effect, canonical, receiver, args, named, about)
        if call.spawns:
            self.spawned(frame)
        for root in call.roots:
            given = self.slot(root, receiver, args, named, frame.site)
            self.hand_over(frame, (given,))
            self.hand_to_framework(frame, given)
            self.supply(given, [self.slot(one, receiver, args, named, frame.site) for one in call.supplies])
            self.pass_by_name(call, given)
        if handed is not None:
            return choice(self.elements(handed)) if call.elements and isinstance(handed, Many) else handed
        return self.made_by(frame, canonical, call, receiver, args, named, about)

    def pass_by_name(self, call: Call, value: Value) -> None:
        """Note whose parameters a library gives by their names."""
        for option in options(value) if call.by_name else ():
            function = option.function if isinstance(option, Bound) else option
            if isinstance(function, Class):
                function = self.initialiser(function.id) or function
            if isinstance(function, Func) and self.named_from.get(function.id) != call.by_name:
                self.named_from[function.id] = call.by_name
                self.learn(("named from", function.id))

    def given_classes(self, frame: Frame, args: Args, named: Named) -> None:
        """Note which classes of the program a library is given, and by which function."""
        for value in (*args, *named.values()):
            if isinstance(value, Class):
                self.given_to_libraries[value.id].add(frame.id)

    def hand_to_framework(self, frame: Frame, value: Value) -> None:
        """What a framework is given to call, of a library that nothing is known of or of a module that is missing."""
        for option in options(value):
            if isinstance(option, Lib) and self.tables.standing(option.name) == "unknown":
                what = option.name.lstrip(".").partition(".")[0]
                why = f"nothing is known of the library {what}, and a framework is given it to call"
                self.doubt(f"{option.name}(…)", why, frame.site, ("request", "publish", "store"))

    def spawned(self, frame: Frame) -> None:
        """Work begun in this statement is done by somebody else."""
        for index in range(len(frame.trace) - 1, -1, -1):
            event = frame.trace[index]
            if event.site != frame.site or event.kind != "work":
                break
            frame.trace[index] = replace(event, kind="spawned")

    def call_back(self, frame: Frame, call: Call, receiver: Value | None, args: Args, named: Named) -> Value | None:
        """Call what a library calls back; what that gives, where the library hands it on."""
        result = None
        for callback in call.calls:
            callee = self.slot(callback.slot, receiver, args, named, frame.site)
            first = [self.slot(slot, receiver, args, named, frame.site) for slot in callback.args]
            if callback.star is not None:
                star = self.slot(callback.star, receiver, args, named, frame.site)
                first.extend(star.items if isinstance(star, Many) else self.elements(star))
            given: dict[str, Value] = {}
            if callback.keywords is not None:
                for key, value in self.pairs(self.slot(callback.keywords, receiver, args, named, frame.site)):
                    if isinstance(key, Const):
                        given[str(key.value)] = value
            if callee == NONE:
                continue
            if callback.elsewhere:
                self.leave_to_worker(callee, tuple(first), given)
                continue
            value = callee if isinstance(callee, Dict) else self.call(frame, callee, tuple(first), given)
            if callback.fills or callback.becomes:
                self.keep_given(frame, callback, value)
            if callback.result:
                result = value
        return result

    def leave_to_worker(self, callee: Value, args: Args, named: Named) -> None:
        """Note what a worker will pass to a function of the program; what it is not given stays as it is."""
        for option in options(callee):
            if isinstance(option, Partial):
                self.leave_to_worker(option.callee, (*option.args, *args), {**dict(option.keywords), **named})
            elif isinstance(option, Bound):
                self.leave_to_worker(option.function, (option.receiver, *args), named)
            elif isinstance(option, Func) and (info := self.functions.get(option.id)) is not None:
                passed = {*info.names[: len(args)], *named}
                given = self.given(info, args, named)
                self.remember({param: value for param, value in given.items() if param.name in passed})

    def keep_given(self, frame: Frame, callback: Callback, given: Value) -> None:
        """What a callable gives or yields, on the objects that the library hands over from then on."""
        held = self.entered(frame, given)
        if callback.becomes:
            type_, _, name = callback.becomes.rpartition(".")
            self.set_open(type_, name, held)
        for option in options(held) if callback.fills else ():
            for key, value in self.pairs(option) if isinstance(option, Dict) else ():
                if isinstance(key, Const):
                    self.set_open(callback.fills, str(key.value), value)

    def made_by(
        self, frame: Frame, name: str, call: Call, receiver: Value | None, args: Args, named: Named, about: About
    ) -> Value:
        """The value that a described call gives."""
        if call.decorates:
            given = Dict(tuple((Const(key), value) for key, value in named.items()), None)
            slots_: tuple[tuple[str, Value], ...] = (
                ("of", Const(name)),
                ("args", Many(args, True, None)),
                ("named", given),
            )
            if receiver is not None:
                slots_ = (*slots_, ("receiver", receiver))
            if isinstance(call.returns, str):
                kept = {
                    key: self.slot(slot, receiver, args, named, frame.site, about) for key, slot in call.keeps.items()
                }
                slots_ = (*slots_, ("object", bounded(Made(call.returns, tuple(kept.items()), frame.site))))
            return Made("decorator", slots_, frame.site)
        slots = {key: self.slot(slot, receiver, args, named, frame.site, about) for key, slot in call.keeps.items()}
        if call.merges and isinstance(receiver, Made):
            slots = dict(receiver.slots) | slots
        if isinstance(call.returns, str):
            return bounded(Made(call.returns, tuple(slots.items()), frame.site))
        if call.returns is not None:
            return self.slot(call.returns, receiver, args, named, frame.site, about)
        return opaque(name, *([receiver] if receiver is not None else []), *args, *named.values())

    def call_undescribed(
        self, frame: Frame, name: str, owner: str, receiver: Value | None, args: Args, named: Named
    ) -> Value:
        """A call that no table describes."""
        type_ = self.tables.type(owner)
        self.hand_over(frame, (*args, *named.values()))
        if name.partition(".")[0] not in WEIGHTLESS and self.tables.standing(name) != "inert":
            self.event(frame, "work")
        if type_.fluent and receiver is not None:
            return receiver
        reach = ("request", "publish", "store")
        if owner == "function" and self.tells(name.rpartition(".")[2], asked_for(args, named)):
            why = "a function has no such method: what made it another thing could not be followed"
            self.doubt(f".{name.rpartition('.')[2]}(…)", why, frame.site, ("request", "publish"))
        if type_.client:
            self.doubt(f"{name}(…)", "the table of this library does not describe this call", frame.site, reach)
        elif self.tables.standing(name) == "unknown" and not name.startswith(("builtins.", "function.")):
            top = name.lstrip(".").partition(".")[0]
            why = f"nothing is known of the library {top}"
            self.doubt(f"{name}(…)", why, frame.site, reach)
        taken = [receiver] if receiver is not None else []
        return handed_on(args, named) or opaque(name, *taken, *args, *named.values())

    def perform(
        self,
        frame: Frame,
        effect: Effect,
        name: str,
        receiver: Value | None,
        args: Args,
        named: Named,
        about: About = NOBODY,
    ) -> None:
        if effect.when is not None:
            when = self.slot(effect.when, receiver, args, named, frame.site, about)
            if isinstance(when, Const) and not when.value:
                return
            if isinstance(when, Many | Dict) and when.site is None and not when.items:
                return
        if effect.does in ("take", "subscribe") and frame.site not in self.taken:
            self.taken.add(frame.site)
            self.learn(("taken", "*"))
        if effect.does in ("take", "acknowledge") and receiver is not None:
            if isinstance(receiver, Made) and receiver.site is not None:
                self.consumed[(effect.does, receiver.site)][frame.site] = None
            elif symbolic(receiver):
                self.consumed_of_callers[(effect.does, frame.site)][receiver] = None
        slots = {key: self.slot(slot, receiver, args, named, frame.site, about) for key, slot in effect.slots.items()}
        url = effect.slots.get("url")
        if isinstance(url, Url):
            slots["base"] = self.slot(url.base, receiver, args, named, frame.site, about)
        self.perform_with(frame, effect, name, slots)

    def configure(self, frame: Frame, slots: Mapping[str, Value]) -> None:
        """Settings in a mapping, module or class become those of a library's configuration object."""
        type_, prefix = slots["type"], slots.get("prefix", NONE)
        start = f"{prefix.value}_" if isinstance(prefix, Const) and prefix.value else ""
        assert isinstance(type_, Const)
        for option in options(slots.get("of", NONE)):
            if option == NOT_GIVEN:
                continue
            settings = self.settings_in(frame, option)
            if settings is None:
                self.set_open(type_.value, UNREAD, Unknown("the configuration is read from somewhere unknown"))
            for name, value in settings or ():
                if name.startswith(start):
                    known = value if closed(value) else Unknown(f"the setting {name}")
                    self.set_open(type_.value, UNREAD if name == "**" else name.removeprefix(start).lower(), known)

    def provide(self, slots: Mapping[str, Value]) -> None:
        """A container is told what it gives to whoever asks for a type."""
        container, by, declared = slots["container"], slots.get("by", NONE), slots.get("for", NONE)
        assert isinstance(container, Const)
        sources = [one for option in options(by) for one in (option.items if isinstance(option, Many) else (option,))]
        for source in sources:
            asked = self.type_given(source) if declared in (NONE, NOT_GIVEN) else declared
            for option in options(self.unwrapped(asked)):
                key = self.key_name(option)
                if key is not None and source not in (NONE, NOT_GIVEN, option):
                    self.set_open(str(container.value), key, source)
                    self.set_open(PROVIDED, key, source)

    def type_given(self, source: Value) -> Value:
        """The type of what something gives that a container is told of: what it returns, is an object of, or is."""
        function = source.function if isinstance(source, Bound) else source
        if isinstance(function, Func) and function.id in self.functions:
            return self.functions[function.id].annotations.get("return", NONE)
        if isinstance(source, Instance):
            return Class(source.id)
        return Lib(source.type) if isinstance(source, Made) else source

    def settings_in(self, frame: Frame, holder: Value) -> list[tuple[str, Value]] | None:
        """The names that something holds as settings; None where it cannot be told."""
        match holder:
            case Const(str() as dotted):
                return self.settings_in(frame, self.program.imported(dotted.replace(":", "."), frame.id.path))
            case Lib("django.conf.settings"):
                own = self.program.ownership.is_own
                paths = [path for path in self.program.sources.paths if own(path) and _is_django_settings(path)]
                held = [self.settings_in(frame, Module(path)) or [] for path in paths]
                return [setting for settings in held for setting in settings] if paths else None
            case Module(path):
                self.module(path)
                return list(self.names_of(path).items())
            case Class(id) | Instance(id):
                lineage = list(reversed(self.lineage(id)))
                self.account.reads.update((cls, name) for cls in lineage for name in self.classes[cls].names)
                return [pair for cls in lineage for pair in self.classes[cls].names.items()]
            case Made(_, slots):
                return list(slots)
            case Dict():
                return [(str(key.value) if isinstance(key, Const) else "**", one) for key, one in self.pairs(holder)]
        return None

    def perform_with(self, frame: Frame, effect: Effect, name: str, slots: Mapping[str, Value]) -> None:
        if effect.does == "await":
            for option in options(slots.get("of", NONE)):
                if isinstance(option, Made) and option.site is not None:
                    self.waited_for.add(option.site)
                elsewhere = option.slot("elsewhere") if isinstance(option, Made) else None
                if isinstance(elsewhere, Const):
                    self.doubt(f"{name}(…)", str(elsewhere.value), frame.site, ("request",))
            return
        if effect.does == "configure":
            self.configure(frame, slots)
            return
        if effect.does == "provide":
            self.provide(slots)
            return
        event = EVENTS.get(effect.does)
        if event is not None:
            self.event(frame, event)
            return
        if effect.does == "serve":
            self.routes.serve(effect.mechanism, frame.site, slots)
            return
        if effect.does == "mount":
            self.routes.mount(frame.site, slots)
            return
        waits = slots.get("synchronous")
        synchronous = effect.does == "request" or (isinstance(waits, Const) and waits.value is True)
        act = Act(effect.does, effect.mechanism, name, tuple(slots.items()), (frame.site,), synchronous=synchronous)
        self.act(frame, act)
        self.event(frame, "subscribe" if effect.does == "subscribe" else "work")


def _is_django_settings(path: str) -> bool:
    """Whether a module holds Django's settings, by the name that ``startproject`` gives it."""
    *folders, name = path.split("/")
    return name == "settings.py" or folders[-1:] == ["settings"]
