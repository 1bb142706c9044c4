"""What the machine knows of one quantum while it runs, and the parts of itself that its rooms ask each other for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quantafit.evidence.source.acts import MOST_ACTS, MOST_WAITING, Act, Event, Summary, Write, host_closed
from quantafit.evidence.source.extract import ClassFacts, Expr, FunctionFacts
from quantafit.evidence.source.hierarchy import Hierarchy
from quantafit.evidence.source.libraries.vocabulary import Effect, Slot
from quantafit.evidence.source.program import Program
from quantafit.evidence.source.questions import BOUND, LOOKED_UP, Account, Answer, Doubt, K, Key, Passing, Questions, T
from quantafit.evidence.source.routes import Routes
from quantafit.evidence.source.sql import STATEMENT_METHODS
from quantafit.evidence.source.tables import Tables
from quantafit.evidence.source.values import (
    DEEPEST,
    TOO_MANY,
    Attr,
    ClassId,
    Const,
    FunctionId,
    Instance,
    Param,
    Site,
    Value,
    joined,
)

Args = tuple[Value, ...]
Named = Mapping[str, Value]
MOST_STEPS = 6_000
"""So many acts of called functions are put together for one function; past that it is reported as unresolved."""
MOST_WORK = 100_000
"""So many values are put together for what one function calls; past that it is reported as unresolved."""
UNCOUNTED = -(1 << 62)
"""The work done where single questions are asked, which are bounded by their look-ups."""
TOO_MUCH_WORK = "what it calls leads to too much to follow it all"
TOO_MANY_RISE = "too many calls rise to this function to follow them all"
MOST_STEPS_AGAIN = 500
"""So many when it is run again: what was found before stays, and the rest is reported as unresolved as it is."""
MOST_CONCLUDED = 400_000
"""So many acts are put together in full for those functions of a quantum that nobody calls: some twenty seconds."""
MOST_STEPS_LATE = 50
"""So many for each function after that; past it the function is reported as unresolved."""
MOST_MADE_ALONE = 10_000
"""So many calls of a quantum are concluded anew for each function that leads to them, where they had been cut short."""
MOST_LOOKUPS = 3_000
"""So many look-ups one question may lead to; past that its answer is Unknown."""
MOST_WITHIN_ITSELF = 2
"""So often what a call gives may lead back to that call, with other arguments each time; past that it is Unknown."""
SETTLING = 3
"""The round from which on values may not grow deeper: what still does feeds itself, as in a recursion."""
SHALLOW, DEEP = 4, 8
MOST_CHANGES = 4
"""So often a place may still change from that round on; then what it holds is not followed any further."""
_NOBODY: frozenset[FunctionId] = frozenset()
MOST_ANSWERS = 20_000
"""So many answers to questions of one kind are remembered: each holds what was asked for it, some kilobytes."""
MOST_WATCHED = 200
"""So many accounts, one being made within the other, are told of each change; those further out look at their end."""
EVERY_NAME = "*"
"""The place that changes when a module gets another name, its own or those of a library."""
MODULE = ""
"""The name of the function that a module's own statements make up."""


@dataclass(slots=True)
class FunctionInfo:
    """A function that the machine has met: where it stands, and its defaults as values."""

    facts: FunctionFacts
    id: FunctionId
    cls: ClassId | None
    defaults: dict[str, Value] = field(default_factory=dict)
    annotations: dict[str, Value] = field(default_factory=dict)
    decorators: tuple[Value, ...] = ()
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.names = tuple(parameter.name for parameter in self.facts.parameters)


@dataclass(slots=True)
class ClassInfo:
    """A class that the machine has met. ``lines`` holds the line of each name in its body."""

    facts: ClassFacts
    id: ClassId
    bases: tuple[Value, ...]
    names: dict[str, Value] = field(default_factory=dict)
    annotations: dict[str, Value] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    keywords: dict[str, Value] = field(default_factory=dict)
    given: dict[str, Value] = field(default_factory=dict)
    """What is assigned to names of the class from outside its body."""
    decorators: tuple[Value, ...] = ()


@dataclass(slots=True)
class Frame:
    """One function being run. ``names`` is what each local name may stand for at this statement."""

    id: FunctionId
    names: dict[str, Value]
    site: Site
    cls: ClassInfo | None = None
    acts: dict[Act, None] = field(default_factory=dict)
    trace: list[Event] = field(default_factory=list)
    paths: list[tuple[Event, ...]] = field(default_factory=list)
    writes: dict[Write, None] = field(default_factory=dict)
    returns: list[Value] = field(default_factory=list)
    yields: list[Value] = field(default_factory=list)
    declared_global: set[str] = field(default_factory=set)
    declared_outer: set[str] = field(default_factory=set)
    otherwise: dict[str, Value] = field(default_factory=dict)
    """Names that have no value here, with the variables that they were to be read from."""
    type_checking: bool = False
    pinned: bool = False
    """Code in a text stands where the text is run, not at the line it has in the text."""
    ways: set[tuple[object, ...]] = field(default_factory=set)
    """What tells the calls apart that wait in it."""
    waiting: int = 0
    dropped: int = 0
    just_put: dict[tuple[Site, Value], Value] = field(default_factory=dict)
    """What this run has put into mappings, by where these are made and the key."""

    @property
    def is_module(self) -> bool:
        return self.id.name == MODULE


@dataclass(frozen=True, slots=True)
class ImportSeen:
    """An import that leads to another quantum."""

    quantum: str
    name: str
    how: str
    site: Site
    type_checking: bool


Call = tuple[Site, Value, Args, tuple[tuple[str, Value], ...]]
"""A call that had waited: where it is written, what it calls, and what that is given."""


@dataclass(slots=True)
class Conclusions:
    """What calls do that had waited for a caller, once nobody is left who could call.

    Most functions of a large program are called by nobody that is known: frameworks do it. What rises to them leads
    through the same hubs (an event bus, a table of handlers) to the same calls again and again. Each is made once.
    ``partly`` has those that were cut short, since they led back to what was being called just then, or to too much.
    For another function that may be otherwise, so they are made again, unless so many calls were ``made`` already.
    ``steps`` are the acts that were put together for all of it.
    """

    whole: dict[Call, Answer[Frame]] = field(default_factory=dict)
    partly: dict[Call, Frame] = field(default_factory=dict)
    made: int = 0
    steps: int = 0


@dataclass(slots=True)
class Added:
    """What was put into a container after it was made, and that by key, as of so many entries and so many passed on."""

    size: tuple[int, int]
    pairs: list[tuple[Value | None, Value]]
    by_key: dict[Value, list[Value]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, value in self.pairs:
            if key is not None:
                self.by_key.setdefault(key, []).append(value)


@dataclass(frozen=True, slots=True)
class About:
    """What a slot may ask for beyond the call: the member looked up, the function decorated, the class defined."""

    member: str = ""
    decorated: Value | None = None
    cls: ClassId | None = None


NOBODY = About()


class State(ABC):
    """One quantum's analysis. What is learnt only grows; a round that learns nothing new is the last one."""

    def __init__(self, program: Program, tables: Tables) -> None:
        self.program = program
        self.tables = tables
        self.functions: dict[FunctionId, FunctionInfo] = {}
        self.classes: dict[ClassId, ClassInfo] = {}
        self.summaries: dict[FunctionId, Summary] = {}
        self.globals: dict[str, dict[str, Value]] = {}
        self.cells: dict[FunctionId, dict[str, Value]] = defaultdict(dict)
        self.fields: dict[tuple[ClassId, str], dict[Value, FunctionId | None]] = defaultdict(dict)
        self.open_attributes: dict[tuple[str, str], Value] = {}
        self.putting: dict[Site, set[Site | None]] = defaultdict(set)
        """The places that put entries into a container; None for what a method of it puts there."""
        self.stars: dict[str, dict[str, None]] = defaultdict(dict)
        """The libraries from which a module takes every name, by the module's path."""
        self.passed_on: dict[Site, set[tuple[Value | None, Value]]] = defaultdict(set)
        """Items whose key or value a caller tells: what callers told stands beside them, and is better."""
        self.items: dict[Site, dict[tuple[Value | None, Value], None]] = defaultdict(dict)
        self.added_known: dict[Site, Added] = {}
        self.arguments: dict[Param, Value] = {}
        self.handed: dict[Param, Value] = {}
        """What libraries pass to the functions that they are given to call."""
        self.named_from: dict[FunctionId, str] = {}
        """Functions whose parameters are given by their names, with the type under which these are kept."""
        self.taken: set[Site] = set()
        """Where messages come from: the calls that take them, or subscribe to them."""
        self.consumed: dict[tuple[str, Site], dict[Site, None]] = defaultdict(dict)
        """Where messages of an object are taken or acknowledged, by that word and by where the object was made."""
        self.consumed_of_callers: dict[tuple[str, Site], dict[Value, None]] = defaultdict(dict)
        """Where that is done with an object which only callers know, and how it is called there."""
        self.loops: dict[Site, dict[Value, None]] = defaultdict(dict)
        self.calls_at: dict[Site, set[FunctionId]] = defaultdict(set)
        """The functions of the program that each statement calls."""
        self.instances: dict[ClassId, dict[Instance, None]] = defaultdict(dict)
        self.roots: dict[FunctionId, None] = {}
        self.routes = Routes()
        self.prefixes: tuple[Value, ...] = ()
        """What names of variables begin with where the code is that is being run (environs)."""
        self.imports: dict[ImportSeen, None] = {}
        self.modules_run: set[str] = set()
        self.done: set[FunctionId] = set()
        self.running: set[FunctionId] = set()
        self.now = Questions()
        self.given_known: dict[Param, Answer[Value]] = {}
        self.fields_known: dict[tuple[Instance, str], Answer[tuple[Value, ...]]] = {}
        self.fallbacks_known: dict[Param, Answer[Value]] = {}
        self.results_known: dict[Value, Answer[Value]] = {}
        self.outside_known: dict[Value, tuple[int, frozenset[Site | None]]] = {}
        """Where a value was made as the outside gives it, and of how many news that was known."""
        self.made_known: dict[Call, Answer[Frame]] = {}
        self.conclusions: Conclusions | None = None
        """Set while nobody is above that a call could wait for: one that still waits does so for ever."""
        self.waited_for: set[Site] = set()
        """Where messages are published whose answer somebody waits for."""
        self.steps = 0
        self.work = 0
        """How many values were put together for what the function calls that is being run."""
        self.overrun: set[FunctionId] = set()
        """Functions that called more than could be put together."""
        self.hierarchy = Hierarchy()
        self.names_below: dict[ClassId, set[str]] = defaultdict(set)
        """The names in the bodies of all classes that extend a class."""
        self.methods: set[str] = set()
        self.any_name = False
        self.leading: set[str] = {*tables.doing, *STATEMENT_METHODS}
        """Names whose call may lead to an act: of described methods, of functions with acts, of fields."""
        self.kinds: dict[ClassId, str | None] = {}
        self.heirs: dict[str, dict[ClassId, None]] = defaultdict(dict)
        """The classes of the program that extend a library's, by the name of that."""
        self.implementing: dict[ClassId, list[ClassId]] = {}
        self.enumerations: dict[str, dict[ClassId, None]] = defaultdict(dict)
        """The enumerations that have a method of a name: their members are plain values, and look like none."""
        self.providing: set[str] = set()
        """The types that containers are making objects of."""
        self.depth = 0
        self.news: list[Key] = []
        """The places in which something was learnt, in the order of learning."""
        self.round = 0
        self.account = Account()
        """The account of what is being run now; after the last round, of the whole quantum."""
        self.accounts: dict[FunctionId, Account] = {}
        self.readers: dict[Key, set[FunctionId]] = defaultdict(set)
        self.changed: dict[Key, int] = {}
        self.overfull: set[FunctionId] = set()
        """Functions that more acts rise to than are followed."""
        self.restless: dict[Key, int] = defaultdict(int)
        """How often a place changed since values should have settled."""
        self.stale: set[FunctionId] = set()
        self.dear: set[FunctionId] = set()
        """Functions that so much is put together for that they are run again last."""
        self.left_out: dict[tuple[Site, Attr, Args], None] = {}
        """Methods of something symbolic that lead to no act, and what they are given, where that is symbolic too."""
        self.unknown_libraries: dict[str, Site] = {}
        self.telling: set[str] = set()
        self.untold: set[str] = set()
        """Methods that Python calls by itself, asked of something that is not known where it is asked."""
        self.given_to_libraries: dict[ClassId, set[FunctionId]] = defaultdict(set)
        """Classes of the program that are arguments of a library's calls, and the functions that make these."""
        self.lost: set[FunctionId] = set()
        """Properties that were read where what they do could not be noted: on what only a caller could tell."""
        self.wrapped: dict[tuple[Site, Value], None] = {}
        """What own functions have become by their decorators, and where."""
        self.named_in_texts: list[tuple[str, str]] | None = None
        """The dotted names that own code has in texts, each with the file; None as long as nobody asked."""

    def learn(self, key: Key) -> None:
        """Something was learnt: functions that asked for it before have to be run again."""
        self.news.append(key)
        self.changed[key] = len(self.news)
        if self.round >= SETTLING:
            self.restless[key] += 1
        self.stale |= self.readers.get(key, _NOBODY)
        making: Account | None = self.account
        for _ in range(MOST_WATCHED):
            if making is None:
                return
            if key in making.reads:
                making.outdated = True
            making = making.outer
        if making is not None:
            making.unwatched = True

    def is_outdated(self, account: Account, began: int) -> bool:
        """Whether something has changed in what had been asked for an account that was begun after so many news."""
        return account.outdated or (account.unwatched and self.any_changed(account.reads, began))

    def forget_answers(self) -> None:
        self.fields_known.clear()
        self.given_known.clear()
        self.fallbacks_known.clear()
        self.results_known.clear()
        self.made_known.clear()

    def recall(self, answers: dict[K, Answer[T]], key: K) -> Answer[T] | None:
        """An answer that was found before, where nothing has changed in what was asked for it."""
        known = answers.get(key)
        if known is None:
            return None
        if known.asked < len(self.news):
            if self.any_changed(known.account.reads, known.asked):
                del answers[key]
                return None
            known.asked = len(self.news)
        self.account.add(known.account)
        return known

    def keep(self, answers: dict[K, Answer[T]], key: K, value: T, account: Account, asked: int) -> None:
        """Keep an answer; not where what was asked for it has changed in the meantime."""
        if not self.is_outdated(account, asked):
            if len(answers) >= MOST_ANSWERS:
                answers.clear()
            answers[key] = Answer(value, account, len(self.news))

    def answered(
        self,
        kind: str,
        answers: dict[K, Answer[T]],
        key: K,
        find: Callable[[], T],
        *questions: Hashable,
    ) -> T:
        """The answer to what ``find`` finds, which is open meanwhile under the names of ``questions``.

        It is kept where it was not cut short by a question around it, and passes where it was. That to the outermost
        question of a parameter or an attribute is kept in any case: more will not be found.
        """
        now, asked = self.now, len(self.news)
        looked_up = kind in LOOKED_UP
        whole = looked_up and not now.within
        now.within += looked_up
        now.open.update(questions)
        try:
            found, account, cuts = self.apart(find)
        finally:
            now.within -= looked_up
            for question in questions:
                now.close(question)
        cuts.difference_update(questions)
        if whole or not cuts:
            self.keep(answers, key, found, account, asked)
        elif BOUND not in cuts and not self.is_outdated(account, asked):
            now.passing[(kind, key)] = Passing(found, account, len(self.news), frozenset(cuts))
            for question in cuts:
                now.resting[question].append((kind, key))
        return found

    def apart(self, find: Callable[[], T]) -> tuple[T, Account, set[Hashable]]:
        """What ``find`` finds, with the account of that alone and what it was cut short at; both go to what is around.

        What is found then may be kept for others, who asked for nothing else.
        """
        now, outer, around = self.now, self.account, self.now.cuts
        self.account, now.cuts = Account(outer), set()
        try:
            found = find()
        finally:
            account, self.account = self.account, outer
            cuts, now.cuts = now.cuts, around
        outer.add(account)
        around |= cuts
        return found, account, cuts

    def known(self, kind: str, answers: dict[K, Answer[T]], key: K) -> Answer[T] | None:
        """An answer that was kept, or that passes."""
        return self.recall(answers, key) or self.passing(kind, key)

    def passing(self, kind: str, key: Hashable) -> Passing[Any] | None:
        """An answer that was cut short at what is open still, where nothing has changed in what was asked for it."""
        now = self.now
        known = now.passing.get((kind, key))
        if known is None:
            return None
        if known.asked < len(self.news) and self.any_changed(known.account.reads, known.asked):
            del now.passing[(kind, key)]
            return None
        self.account.add(known.account)
        now.cuts |= known.cuts
        return known

    def any_changed(self, reads: set[Key], since: int) -> bool:
        """Whether anything was learnt in these places after so many news."""
        if len(self.news) - since < len(reads):
            return not reads.isdisjoint(self.news[since:])
        changed = self.changed
        return any(changed.get(key, 0) > since for key in reads)

    def leads(self, name: str) -> None:
        """A call by this name may lead to an act; calls that wait were left out as long as that was not known."""
        if name not in self.leading:
            self.leading.add(name)
            self.learn(("leading", name))

    def method(self, name: str) -> None:
        """Some class here has a method of this name."""
        if name not in self.methods:
            self.methods.add(name)
            self.learn(("method", name))

    def class_met(self, id: ClassId, bases: Iterable[ClassId]) -> None:
        """A class was met, or extends others than was known."""
        heirs, ancestors = self.hierarchy.meet(id, bases)
        self.implementing.clear()
        self.learn(("classes", "*"))
        self.classes_changed(heirs)
        for heir in heirs:
            self.class_names(heir, self.classes[heir].names)
        for ancestor in ancestors:
            self.learn(("subclasses", ancestor))

    def extends_library(self, id: ClassId, base: str) -> None:
        """A class extends a library's: what the library hands over as one of its own may be an object of it."""
        if id not in self.heirs[base]:
            self.heirs[base][id] = None
            self.learn(("heirs", base))

    def classes_changed(self, ids: Iterable[ClassId]) -> None:
        """Classes may be of another kind than was known: by what they extend, or by a decorator."""
        self.kinds.clear()
        for id in ids:
            self.learn(("class", id))

    def class_names(self, id: ClassId, names: Iterable[str]) -> None:
        """A class has these names in its body: those it extends have them below them."""
        for ancestor in self.hierarchy.lineage(id)[1:]:
            below = self.names_below[ancestor]
            for name in names:
                if name not in below:
                    below.add(name)
                    self.learn(("below", (ancestor, name)))

    def tell(self, names: Iterable[str]) -> None:
        """By these names methods of libraries reach out that some code here imports."""
        for name in names:
            if name not in self.telling:
                self.telling.add(name)
                self.learn(("telling", name))
                self.learn(("telling", "*"))

    def is_told(self, name: str) -> bool:
        """Whether a method of this name reaches out, of some library that is imported here; ``*`` for any name."""
        self.account.reads.add(("telling", name))
        return name in self.telling or (name == "*" and bool(self.telling))

    def hand_on(self, id: FunctionId) -> None:
        """A function is given to something that may call it."""
        if id not in self.roots:
            self.roots[id] = None
            self.learn(("root", id))

    def is_root(self, id: FunctionId) -> bool:
        """Whether something may call a function that is not seen to."""
        self.account.reads.add(("root", id))
        return id in self.roots

    def every_name_leads(self) -> None:
        """Some object here answers to any name: no call that waits may be left out."""
        if not self.any_name:
            self.any_name = True
            self.learn(("leading", "*"))

    def join(self, names: dict[str, Value], name: str, value: Value, where: object) -> None:
        """Put a value beside what a name of ``where`` (a module's path, a function, a class) may stand for already."""
        old = names.get(name)
        new = self.grown((where, name), old, value)
        if new is not old:
            names[name] = new
            self.learn((where, name))
            if old is None and isinstance(where, str):
                self.learn((where, EVERY_NAME))

    def names_of(self, path: str) -> dict[str, Value]:
        """The names of a module with what they may stand for, for whoever asks for them all."""
        names = self.globals.get(path, {})
        self.account.reads.add((path, EVERY_NAME))
        self.account.reads.update((path, name) for name in names)
        return dict(names)

    def grown(self, key: Key, old: Value | None, value: Value) -> Value:
        """What a place holds that is given one more value; past its bounds, TOO_MANY."""
        if self.restless.get(key, 0) >= MOST_CHANGES:
            return TOO_MANY
        return joined(old, value, self.tallest(old))

    def tallest(self, old: Value | None) -> int:
        """How deeply what is put in a place may be nested: from the third round on no place grows deeper."""
        return DEEPEST if self.round < SETTLING or old is None else max(old.height, SHALLOW)

    def settling(self, key: Key, value: Value) -> Value:
        """A value for a place that holds many, cut where it is nested deeper than anything new may be by then."""
        if self.round < SETTLING:
            return value
        return joined(None, value, DEEP) if self.restless.get(key, 0) < MOST_CHANGES else TOO_MANY

    def doubt(self, what: str, why: str, site: Site, could_be: tuple[str, ...]) -> None:
        self.account.doubts[Doubt(what, why, site, could_be)] = None

    def act(self, frame: Frame, act: Act) -> None:
        if act in frame.acts or (act.does == "latent" and self.conclusions is not None):
            return
        if act.does == "latent" and not self.is_another(frame, act):
            return
        frame.waiting += act.does == "latent"
        if len(frame.acts) >= MOST_ACTS or (act.does == "latent" and frame.waiting > MOST_WAITING):
            frame.dropped += 1
        else:
            frame.acts[act] = None

    def is_another(self, frame: Frame, act: Act) -> bool:
        """Whether a call that waits is not one that waits in this function already and was reached another way.

        Ways differ where a site may be: as far up as one of the arguments was first known, and up to own code.
        """
        slots = [slot for slot in act.slots if slot[0].startswith("closed:")]
        marks = {name: int(mark.value) for name, mark in slots if isinstance(mark, Const)}
        named = [*((str(index), value) for index, value in enumerate(act.args)), *act.keywords]
        known_here = any("closed:" + name not in marks and host_closed(value) for name, value in named)
        own = self.program.ownership.is_own
        nearest = next((depth for depth, site in enumerate(reversed(act.path), 1) if own(site.path)), len(act.path))
        far = len(act.path) if known_here else max([nearest, *marks.values()])
        key = (act.callee, act.args, act.keywords, act.slots, act.path[-far:])
        if key in frame.ways:
            return False
        frame.ways.add(key)
        return True

    def event(self, frame: Frame, kind: str) -> None:
        if len(frame.trace) < 400:
            frame.trace.append(Event(kind, frame.site))

    def scratch(self, id: FunctionId | None) -> Frame:
        """A frame whose acts nobody reads: to learn what a call gives."""
        where = id if id is not None else FunctionId("", "")
        return Frame(where, {}, Site(where.path, 1, 1, where.name))

    # What the rooms ask each other for ------------------------------------------------------------------------------

    @abstractmethod
    def evaluate(self, frame: Frame, expression: Expr) -> Value:
        """What an expression stands for."""

    @abstractmethod
    def call(self, frame: Frame, callee: Value, args: Args, named: Named, name: str = "") -> Value:
        """What calling a value gives."""

    @abstractmethod
    def given(self, info: FunctionInfo, args: Args, named: Named) -> dict[Param, Value]:
        """Which parameter of a function gets which value."""

    @abstractmethod
    def tells(self, name: str, args: Args) -> bool:
        """Whether a call of something unknown says by its name or its arguments that it reaches out."""

    @abstractmethod
    def spread_out(self, frame: Frame, value: Value) -> tuple[Value, ...]:
        """The elements of ``*value``."""

    @abstractmethod
    def spread_keywords(self, pairs: Iterable[tuple[str, Value]]) -> tuple[tuple[str, Value], ...]:
        """Keyword arguments with a ``**mapping`` put in once it is known."""

    @abstractmethod
    def hand_over(self, frame: Frame, values: Sequence[Value]) -> None:
        """Something unknown is given values: it may call the functions among them."""

    @abstractmethod
    def call_waiting(self, frame: Frame, callee: Value, args: Args, named: Named) -> Value:
        """Make a call that had waited for its callee or its arguments."""

    @abstractmethod
    def call_library(self, frame: Frame, name: str, receiver: Value | None, args: Args, named: Named) -> Value:
        """What calling a library's function or method gives."""

    @abstractmethod
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
        """Do what a library's call does."""

    @abstractmethod
    def perform_with(self, frame: Frame, effect: Effect, name: str, slots: Mapping[str, Value]) -> None:
        """Do what a library's call does, its slots known."""

    @abstractmethod
    def slot(
        self,
        slot: Slot,
        receiver: Value | None,
        args: Args,
        named: Named,
        site: Site | None,
        about: About = NOBODY,
    ) -> Value:
        """The value of a slot of a library's call."""

    @abstractmethod
    def summary(self, id: FunctionId) -> Summary:
        """The summary of a function."""

    @abstractmethod
    def remember(self, given: Mapping[Param, Value]) -> None:
        """Keep what callers give."""

    @abstractmethod
    def supply(self, callee: Value, values: Sequence[Value]) -> None:
        """Note what a library passes to a function that it is given to call."""

    @abstractmethod
    def module(self, path: str) -> None:
        """Run a module's own statements."""

    @abstractmethod
    def global_value(self, path: str, name: str) -> Value:
        """A name of a module."""

    @abstractmethod
    def fallback(self, param: Param) -> Value:
        """What a parameter may be where no caller tells."""

    @abstractmethod
    def given_by_callers(self, param: Param) -> Value | None:
        """What all callers together give for a parameter."""

    @abstractmethod
    def field_values(self, base: Instance, bound: Mapping[str, Value], name: str) -> Iterable[Value]:
        """What may have been put into an attribute of an object."""

    @abstractmethod
    def field_default(self, value: Value) -> Value | None:
        """The default that the description of a field holds."""

    @abstractmethod
    def item(self, base: Value, key: Value, frame: Frame | None = None) -> Value:
        """What a container holds under a key."""

    @abstractmethod
    def pairs(self, value: Value) -> list[tuple[Value | None, Value]]:
        """The keys and values of a mapping; None is a key that is not known."""

    @abstractmethod
    def elements(self, value: Value) -> tuple[Value, ...]:
        """What a container gives when it is iterated."""

    @abstractmethod
    def key_name(self, key: Value) -> str | None:
        """A key as the name that values are kept under."""

    @abstractmethod
    def marked(self, act: Act, among: set[Value] | None = None) -> Act:
        """An act that remembers in which frame its values were first known."""
