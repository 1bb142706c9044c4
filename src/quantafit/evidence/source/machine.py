"""The machine: runs every function of one quantum over abstract values, and again where what it asked for changed.

A function's *summary* says what it returns and does in terms of its parameters. Calling it puts the arguments in. An
act whose target and channel are closed, in a file of the quantum's own, is recorded there: that statement is the site.
All other acts rise to the caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from quantafit.evidence.source import settings
from quantafit.evidence.source.acts import EMPTY, Act, Summary, essential, host_closed, settled
from quantafit.evidence.source.extract import texts_in
from quantafit.evidence.source.order import telling, with_order
from quantafit.evidence.source.questions import FALLBACK, GIVEN, Account, Questions
from quantafit.evidence.source.state import (
    DEEP,
    MODULE,
    MOST_CHANGES,
    MOST_STEPS,
    MOST_STEPS_AGAIN,
    MOST_WORK,
    SETTLING,
    TOO_MANY_RISE,
    TOO_MUCH_WORK,
    About,
    Frame,
    FunctionInfo,
)
from quantafit.evidence.source.statements import Statements
from quantafit.evidence.source.values import (
    NONE,
    NOTHING,
    TOO_MANY,
    Const,
    Dict,
    Env,
    FunctionId,
    Instance,
    Lib,
    Made,
    Many,
    Module,
    Opaque,
    Param,
    Site,
    Text,
    Unknown,
    Value,
    bounded,
    choice,
    closed,
    joined,
    options,
    parameters,
    substitute,
)

_DOTTED = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)(?::\w+)?")
_AT_HAND = ("fastapi.UploadFile", "io.", "logging.", "pathlib.", "starlette.datastructures.UploadFile", "tempfile.")
"""Types whose objects are known well enough by that: files, paths, loggers."""
MOST_WAVES = 100
"""So often what has become stale is run again; what has not come to rest by then is reported as unresolved."""
DEAR = 5_000
"""What puts so many values together for its calls is run again only when all else has come to rest."""


def _sets_no_attributes(id: FunctionId) -> bool:
    return not id.name.endswith(".__init__")


class Machine(Statements):
    """The rounds, and what a function amounts to.

    Its rooms stand on each other: :mod:`.statements`, :mod:`.calling`, :mod:`.library_calls`, :mod:`.slots`,
    :mod:`.objects`, :mod:`.classes`, and :mod:`.state`, which remembers for all of them.
    """

    # Rounds -------------------------------------------------------------------------------------------------------

    def run(self, paths: Sequence[str]) -> None:
        """Run modules and all functions met in them, until nothing new is learnt."""
        self.whole_round(paths)
        for account in self.accounts.values():
            self.account.add(account)
        if self.stale:
            why = f"values still change after {self.round} rounds over the code"
            site = Site(paths[0] if paths else "", 1, 1, "")
            self.doubt("the whole quantum", why, site, ("request", "publish", "store"))

    def whole_round(self, paths: Sequence[str]) -> None:
        """Run everything once; then again what asked for something that has changed since, until all comes to rest.

        One such round is enough, since whatever is asked is noted: another one over everything finds what it found,
        which the tests hold it to.
        """
        self.round += 1
        self.done.clear()
        self.modules_run.clear()
        self.forget_answers()
        for path in paths:
            self.module(path)
        self.modules_of_texts(paths)
        self.modules_again()
        self.run_new()
        for _ in range(MOST_WAVES):
            if not self.stale:
                break
            self.round += 1
            self.wave()

    def modules_again(self) -> None:
        """Run modules again whose imports lead back to them, before functions are run over what these hold."""
        for _ in range(MOST_WAVES):
            stale = [id for id in self.summaries if id in self.stale and id.name == MODULE]
            if not stale:
                break
            for id in stale:
                self.run_again(id)

    def modules_of_texts(self, paths: Sequence[str]) -> None:
        """Shared modules that own code names in a text alone: middleware, tasks and routes that a framework imports."""
        if not self.program.ownership.shared:
            return
        if self.named_in_texts is None:
            facts = [(path, self.program.sources.facts(path)) for path in paths]
            tops = {part for path in self.program.ownership.shared for part in path.removesuffix(".py").split("/")}
            self.named_in_texts = [
                (path, match[1])
                for path, found in facts
                for said in sorted(texts_in(found.body if found is not None else ()))
                if (match := _DOTTED.fullmatch(said)) is not None and said.partition(".")[0] in tops
            ]
        for path, dotted in self.named_in_texts:
            for name in (dotted, dotted.rpartition(".")[0]):
                found_there = self.program.imported(name, path)
                if isinstance(found_there, Module) and found_there.path in self.program.ownership.shared:
                    self.module(found_there.path)
                    break

    def wave(self) -> None:
        """Run what asked for something that has changed since, each once; what is dear only where nothing else is left.

        Hundreds of functions lead to it, and each that changes would have it run again.
        """
        stale = self.stale - self.dear or self.stale
        self.stale = self.stale - stale
        self.done -= stale
        for id in [id for id in self.summaries if id in stale]:
            self.run_again(id)
        self.run_new()

    def run_again(self, id: FunctionId) -> None:
        """Run a module's statements once more; or a function, unless another one has called it in the meantime."""
        if id.name == MODULE:
            self.modules_run.discard(id.path)
            self.module(id.path)
        else:
            self.summary(id)

    def run_new(self) -> None:
        """Run the functions that were met and not run yet: those first that set attributes, which the others read."""
        pending = [function for function in self.functions if function not in self.done]
        while pending:
            for function in sorted(pending, key=_sets_no_attributes):
                self.summary(function)
            pending = [function for function in self.functions if function not in self.done]

    def module(self, path: str) -> None:
        """Run a module's own statements once a round."""
        if path in self.modules_run or path.endswith("/"):
            return
        self.modules_run.add(path)
        self.globals.setdefault(path, {})
        facts = self.program.sources.facts(path)
        if facts is None:
            return
        frame = Frame(FunctionId(path, MODULE), {}, Site(path, 1, 1, ""))
        frame.type_checking = path.endswith(".pyi")  # only a type checker reads a stub
        before = self.accounts.get(frame.id)
        with self.asking(frame.id):
            self.block(frame, facts.body)
            self.has_run(frame, before)

    def summary(self, id: FunctionId) -> Summary:
        """The summary of a function; what is known so far where it is being run already (a cycle)."""
        if id not in self.done and id not in self.running:
            self.run_function(id)
        self.account.reads.add(("summary", id))
        return self.summaries.get(id, EMPTY)

    def run_function(self, id: FunctionId) -> None:
        """Run a function over what its parameters may be, and keep what it amounts to."""
        self.running.add(id)
        self.done.add(id)
        info = self.functions[id]
        site = Site(id.path, info.facts.line, info.facts.column, id.name)
        before = self.accounts.get(id)
        with self.asking(id):
            frame = Frame(id, {name: self.entry(info, name) for name in info.names}, site)
            if not self.block(frame, info.facts.body):
                self.leave(frame)
            self.running.discard(id)
            self.has_run(frame, before)

    def has_run(self, frame: Frame, before: Account | None) -> None:
        """Keep what a function amounts to that was run, and whether it calls more than can be put together."""
        self.judge_work(frame.site)
        over = self.steps > MOST_STEPS
        if over or self.work > DEAR:
            self.dear.add(frame.id)
        self.steps = self.work = 0
        if over:
            self.too_much(frame.id, before)
        self.finish(frame)

    def judge_work(self, site: Site) -> None:
        """Report what is being run where so much had to be put together for its calls that some were left out."""
        if self.work > MOST_WORK:
            self.doubt("further calls", TOO_MUCH_WORK, site, ("request", "publish", "store"))

    def too_much(self, id: FunctionId, before: Account | None) -> None:
        """A function calls more than can be put together: the next time less of it is, and what was found stays."""
        if id in self.overrun and before is not None:
            doubts = {doubt: None for doubt in before.doubts if doubt.why != TOO_MANY_RISE}
            self.account.add(replace(before, doubts=doubts, outdated=False, unwatched=False))
        self.overrun.add(id)

    @contextmanager
    def asking(self, id: FunctionId) -> Iterator[None]:
        """Note what a function asks for while it is run; what changed after it had asked makes it stale at once.

        Who calls it, how deep down, and how much was put together for that, says nothing of the function.
        """
        began = len(self.news)
        self.stale.discard(id)
        for key in self.accounts[id].reads if id in self.accounts else ():
            self.readers[key].discard(id)
        outer = self.account, self.prefixes, self.depth, self.steps, self.work, self.now, self.conclusions
        self.account, self.prefixes, self.depth, self.work = Account(self.account), (), 0, 0
        self.now, self.conclusions = Questions(), None
        self.steps = MOST_STEPS - MOST_STEPS_AGAIN if id in self.overrun else 0
        self.accounts[id] = self.account
        try:
            yield
        finally:
            for key in self.account.reads:
                self.readers[key].add(id)
            if self.is_outdated(self.account, began):
                self.stale.add(id)
            self.account.outer = None
            outer[0].unwatched |= self.account.unwatched
            self.account, self.prefixes, self.depth, self.steps, self.work, self.now, self.conclusions = outer

    def entry(self, info: FunctionInfo, name: str) -> Value:
        """What a parameter stands for inside its function.

        That is what a library hands it, or an option of the command line, unless code gives it something else.
        """
        param = Param(info.id, name)
        self.account.reads.add(("handed", info.id))
        handed = self.handed.get(param)
        if isinstance(handed, Made) and self.is_root(info.id):
            self.account.reads.add(("argument", param))
            if self.arguments.get(param) == handed:
                return handed
        by_option = settings.option_of(self, info, name) if info.decorators else None
        if by_option is None:
            return param
        self.account.reads.add(("argument", param))
        return param if param in self.arguments else by_option

    def finish(self, frame: Frame) -> None:
        """Record what is settled, keep what rises, and store the summary."""
        own = self.program.ownership.is_own(frame.id.path)
        if frame.writes and self.is_root(frame.id):
            self.write_on_supplied(frame)
        rising: list[Act] = []
        for act in self.judged(frame):
            here = self.on_its_object(frame, act) if own and not settled(act) else act
            if own and settled(here):
                self.account.records[here] = None
            else:
                rising.append(act)
        if frame.dropped:
            could_be = ("request", "publish", "store")
            self.doubt(f"{frame.dropped} further calls", TOO_MANY_RISE, frame.site, could_be)
        yields = choice(frame.yields) if frame.yields else None
        returns = choice(frame.returns) if frame.returns else NONE
        trace = telling(frame.paths or [tuple(frame.trace)])
        old = self.summaries.get(frame.id)
        if self.round >= SETTLING and old is not None:
            returns = joined(None, returns, self.tallest(old.returns))
            yields = joined(None, yields, DEEP) if yields is not None else None
            if self.restless.get(("summary", frame.id), 0) >= MOST_CHANGES:
                returns = TOO_MANY
        if frame.dropped and old is not None and frame.id in self.overfull:
            rising = list(old.acts)  # which of them are kept does not matter any more: the rest is in doubt
        if frame.dropped:
            self.overfull.add(frame.id)
        summary = Summary(bounded(returns), yields, tuple(rising), trace[:200], tuple(frame.paths), tuple(frame.writes))
        if rising:
            self.leads(frame.id.short)
        if old != summary:
            self.summaries[frame.id] = summary
            if self.restless.get(("summary", frame.id), 0) < 2 * MOST_CHANGES:
                self.learn(("summary", frame.id))
            else:
                self.doubt(f"{frame.id.name}(…)", "what it does keeps changing, it leads back to itself", frame.site,
                           ("request", "publish", "store"))  # fmt: skip
        if frame.is_module:
            for act in rising:
                self.account.records[act] = None

    def write_on_supplied(self, frame: Frame) -> None:
        """What a function that a framework calls sets on what the framework hands it: ``app.ctx.client = …``."""
        for write in list(frame.writes):
            if not any(self.is_handed(param) for param in parameters(write.base)):
                continue
            base = substitute(write.base, self.fallbacks(write.base), self.rebuild)
            supplied = choice(option for option in options(base) if isinstance(option, Made | Dict | Many))
            if supplied != NOTHING:
                value = substitute(write.value, self.fallbacks(write.value), self.rebuild)
                self.write_within(frame, write, supplied, bounded(value))

    def is_handed(self, param: Param) -> bool:
        """Whether a parameter may get its value from a library: what calls its function is one, or its type is."""
        self.account.reads.add(("argument", param))
        info = self.functions.get(param.function)
        if info is None or param in self.handed:
            return info is not None
        of_library = any(isinstance(option, Lib) for option in options(info.annotations.get(param.name, NONE)))
        return of_library or self.hooked(info, param) is not None

    def fallbacks(self, *values: Value) -> dict[Param, Value]:
        """What each parameter in some values may be where no caller tells."""
        return {param: self.fallback(param) for value in values for param in parameters(value)}

    def made_outside(self, value: Value) -> frozenset[Site | None]:
        """Where the libraries' objects were made that a value may be once the outside has given what it gives."""
        known = self.outside_known.get(value)
        if known is None or known[0] < len(self.news):
            found = options(substitute(value, self.fallbacks(value), self.rebuild))
            sites = frozenset(one.site for one in found if isinstance(one, Made))
            known = self.outside_known[value] = (len(self.news), sites)
        return known[1]

    def on_its_object(self, frame: Frame, act: Act) -> Act:
        """An act that only its own object leaves open, where the class alone decides the target.

        What a subclass fixes for the class above (a class attribute, an argument of its constructor) is written in the
        class; what who makes the object decides is written there, and the act rises to it.
        """
        info = self.functions.get(frame.id)
        if act.does not in ("request", "publish") or info is None or info.cls is None or not info.names:
            return act
        own = Param(frame.id, info.names[0])
        open_ = {param for name in essential(act) if (held := act.slot(name)) for param in parameters(held)}
        cls = self.self_class(own)
        if cls is None or open_ != {own} or self.subclasses(cls):
            return act
        init = self.initialiser(cls)
        if init is not None:
            asked: Iterable[str] = self.functions[init.id].names[1:]
        else:
            self.account.reads.add(("instances", cls))
            asked = sorted({name for made in self.instances.get(cls, ()) for name, _ in made.bound})
        made_with = init.id if init is not None else FunctionId(cls.path, f"{cls.name}.__init__")
        given = {own: Instance(cls, tuple((name, Param(made_with, name)) for name in asked), frame.site)}
        slots = tuple((name, substitute(value, given, self.rebuild)) for name, value in act.slots)
        telling = [value for name, value in slots if name in essential(act)]
        certain = all(isinstance(value, Const | Text | Env) and host_closed(value) for value in telling)
        return replace(act, slots=slots) if certain else act

    def judged(self, frame: Frame) -> Iterable[Act]:
        """The frame's acts, each subscription with its acknowledgement and each publish with its waiting."""
        for act in frame.acts:
            yield self.marked(with_order(frame, act))

    def marked(self, act: Act, among: set[Value] | None = None) -> Act:
        """A store remembers in which frame the value of each column was first known: that line is who puts it there.

        ``among`` narrows that to values written in the frame itself.
        """
        if act.does == "latent":
            return self.marked_arguments(act, among)
        if act.does != "store":
            return act
        known = {name for name, _ in act.slots}
        marks = []
        for name, value in self.stored_columns(act):
            if "closed:" + name not in known and closed(value) and (among is None or value in among):
                marks.append(("closed:" + name, Const(len(act.path))))
        return replace(act, slots=(*act.slots, *marks)) if marks else act

    def marked_arguments(self, act: Act, among: set[Value] | None) -> Act:
        """A call that waits remembers in which frame each of its arguments was first known."""
        known = {name for name, _ in act.slots}
        named = [*((str(index), value) for index, value in enumerate(act.args)), *act.keywords]
        marks = [
            ("closed:" + name, Const(len(act.path)))
            for name, value in named
            if "closed:" + name not in known and host_closed(value) and (among is None or value in among)
        ]
        return replace(act, slots=(*act.slots, *marks)) if marks else act

    def stored_columns(self, act: Act) -> Iterable[tuple[str, Value]]:
        columns = act.slot("columns")
        if isinstance(columns, Dict):
            yield from ((str(key.value), value) for key, value in columns.items if isinstance(key, Const))
        stored = act.slot("object")
        for option in options(stored) if stored is not None else ():
            if isinstance(option, Instance):
                yield from option.bound

    def fallback(self, param: Param) -> Value:
        """What a parameter may be where no caller tells: what is injected, other callers' values, its annotation."""
        known = self.known(FALLBACK, self.fallbacks_known, param)
        if known is not None:
            return known.value
        if not self.may_look():
            return Unknown(f"parameter {param.name}: too many values lead to it")
        return self.answered(FALLBACK, self.fallbacks_known, param, lambda: self.find_fallback(param))

    def find_fallback(self, param: Param) -> Value:
        info = self.functions.get(param.function)
        if info is None:
            return Unknown(f"parameter {param.name}")
        cls = self.self_class(param)
        if cls is not None:
            return self.somebody(cls)
        hooked = self.hooked(info, param)
        if hooked is not None:
            return hooked
        default = info.defaults.get(param.name)
        if isinstance(default, Made) and default.type == "fastapi.Depends":
            return self.dependency(default)
        by_name = self.passed_by_name(param)
        if by_name is not None:
            return by_name
        known = self.given_by_callers(param)
        if known is not None and known != NOTHING and not isinstance(known, Unknown):
            return known
        declared = info.annotations.get(param.name)
        if declared is not None:
            made = self.instance_of(declared)
            if not isinstance(made, Unknown):
                return made
        if default is not None and default != NONE:
            return default
        if isinstance(declared, Lib) and declared.name.startswith(_AT_HAND):
            return Opaque(declared.name, ())
        return Opaque(f"parameter {param.name}", ())

    def hooked(self, info: FunctionInfo, param: Param) -> Value | None:
        """What a library passes to a method that it calls on classes which extend its own."""
        if info.cls is None:
            return None
        method = info.facts.short
        for base in self.library_bases(info.cls):
            slots = self.tables.type(base).hooks.get(method)
            index = info.names.index(param.name) - 1
            if slots is not None and 0 <= index < len(slots):
                receiver = self.somebody(info.cls)
                return self.slot(slots[index], receiver, (), {}, None, About(method, None, info.cls))
        return None

    def given_by_callers(self, param: Param) -> Value | None:
        """What all callers together give for a parameter, closed in turn by what their callers give."""
        self.account.reads.add(("argument", param))
        known = self.arguments.get(param)
        if known is None or closed(known):
            return known
        if param in self.now.open:
            self.now.cuts.add(param)
            return NOTHING  # a recursive call hands its own parameter on: that adds nothing
        found = self.known(GIVEN, self.given_known, param)
        if found is not None:
            return found.value
        return self.answered(GIVEN, self.given_known, param, lambda: self.closed_by_fallbacks(known, param), param)

    def closed_by_fallbacks(self, value: Value, own: Param) -> Value:
        """A value with what the outside may give put in.

        What leads back to the parameter itself adds nothing: what a pool hands out has been put back into it.
        """
        given = {other: NOTHING if other == own else self.fallback(other) for other in parameters(value)}
        value = substitute(value, given, self.rebuild)
        return substitute(value, {own: NOTHING}, self.rebuild) if own in value.open_to else value
