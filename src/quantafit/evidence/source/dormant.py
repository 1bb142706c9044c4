"""Functions that no code names: what they do is in the code, and nothing that is known does it.

A function is dormant where its class or its module is used and it is not: its name stands nowhere in the code of the
quantum outside of itself and of other dormant functions, neither as a name nor in a text that could be one; that it is
imported calls nothing. A module is used where another names it, where it is a program, and where a library is told one
of its functions: a file that nothing leads to may be one that something outside takes functions from. So are the
methods of a class that nothing names, where other modules are there to use it, whatever has a method of the same name;
not where one of its methods is found in another way, and not where it extends a class, which may know its heirs.

Whatever a framework may find by itself is left out: what is decorated, but for decorators of the program that only call
the function; methods of classes that extend a library's; names that begin a program; functions of a program that
connects them to an OpenAPI document by their names; where methods are looked up by a name made at run time all methods
that name could mean, of the class itself where ``self`` or ``cls`` is asked; and where a module is asked so, its plain
functions.

So is what stands below ``if __name__ == "__main__"`` in shared code: a quantum that imports it does not run that.

This tells where a call is listed, never whether one is judged: a dormant call counts against the declaration as any
other does.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quantafit.evidence.source.extract import HOLDING, ClassFacts, FunctionFacts, ModuleFacts
from quantafit.evidence.source.values import ClassId, Func, FunctionId, Lib, Made, Value

if TYPE_CHECKING:
    from quantafit.evidence.source.machine import Machine

_STARTED = tuple(
    ("compare", one, (("Eq", other),))
    for one, other in itertools.permutations((("name", "__name__"), ("const", "__main__")))
)
"""``__name__ == "__main__"``, either way round."""
_HARMLESS = frozenset({"staticmethod", "classmethod", "property", "cached_property", "cache", "lru_cache", "wraps"})
_OF_PYTHON = ("builtins.", "abc.", "typing.", "dataclasses.")
_BEGINNINGS = re.compile(
    r"__\w+__|main|app|application|handler|\w+_handler|run|start|serve|upgrade|downgrade|(create|make|get|build)_app"
)
_NAME = re.compile(r"[A-Za-z_]\w*")
_NAMES = re.compile(r"[\w.:\-/]{1,200}")
_LOOKING = frozenset({"globals", "locals", "vars", "dir", "getmembers", "__dict__", "methodcaller", "attrgetter"})
"""By these any name may be found."""
_LISTING = frozenset({"vars", "dir", "getmembers"})
_MODULES = tuple(
    way
    for holder, name in (("importlib", "import_module"), ("sys", "modules"))
    for way in (("name", name), ("attr", ("name", holder), name))
)
"""By these any module may be found."""
_FINDING = _LOOKING | {str(way[-1]) for way in _MODULES}
"""The names that say that something is looked up."""
_BY_DOCUMENT = frozenset({"connexion"})
"""Libraries that call functions of modules by the names that an OpenAPI document, or its paths and methods, give."""
_WRAPPING = frozenset({"wraps", "update_wrapper", "iscoroutinefunction", "signature", "callable", "getattr", "hasattr"})
"""What a decorator may give the function to without anybody keeping it."""


@dataclass(slots=True)
class _Names:
    """The names that each function of a quantum's code mentions. ``looked_up`` are pieces of names made at run time."""

    globals: Mapping[str, Mapping[str, Value]]
    """What the names of each module stand for, by its path."""
    by_function: dict[FunctionId, set[str]] = field(default_factory=lambda: defaultdict(set))
    looked_up: set[str] = field(default_factory=set)
    on_classes: set[ClassId] = field(default_factory=set)
    """The classes that look up any of their own."""
    handed: set[str] = field(default_factory=set)
    """What is given to a library's call by its name, or made for it there: it may call any method of that."""
    any: bool = False
    words: dict[str, list[str]] = field(default_factory=dict)
    """The names in each text that was met: most are met often."""
    imported: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """What each file imports under its own name: that alone calls nothing."""
    modules: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    """What the names that each file imports are called where they come from."""
    asked: set[tuple[str, str | None, frozenset[str]]] = field(default_factory=set)
    """Lookups in modules: the file, the name of the module there, and the pieces of the name that is looked up. An
    empty name is the file itself; None, any module."""
    finding: set[str] = field(default_factory=set)
    """The files that find modules by names made at run time."""

    def read(self, path: str, facts: ModuleFacts) -> None:
        """Take in one file."""
        for owner, texts in self._said(FunctionId(path, ""), facts.body).items():
            mentioned = self.by_function[owner]
            for text in texts:
                words = self.words.get(text)
                if words is None:
                    words = self.words[text] = _NAME.findall(text) if _NAMES.fullmatch(text) else []
                mentioned.update(words)

    def _said(self, inside: FunctionId, body: Any) -> dict[FunctionId, set[str]]:
        """The names and texts in a file by the functions they stand in."""
        said: dict[FunctionId, set[str]] = defaultdict(set)
        stack: list[tuple[FunctionId, Any]] = [(inside, body)]
        while stack:
            owner, top = stack.pop()
            if type(top) is FunctionFacts:
                held = (*top.decorators, *((p.annotation, p.default) for p in top.parameters), top.returns)
                stack.append((owner, held))
                nested = ".<locals>" in top.name
                owner, top = owner if nested else FunctionId(owner.path, top.name), top.body
            elif type(top) is ClassFacts:
                top = (top.bases, top.keywords, top.decorators, top.body)
            kind = top[0] if top else None
            if kind == "do" and len(top) == 3 and isinstance(top[2], tuple) and top[2][:1] == ("const",):
                continue  # a docstring
            if kind in ("from", "import") and self._imports(owner, top):
                continue
            if kind == "call" and len(top) >= 5:
                self._looks_up(owner, top)
                self._looks_in_module(owner.path, top)
                self._hands_over(owner.path, top)
            elif kind in ("name", "attr") and top[-1] in _FINDING:
                self.any = self.any or (kind == "name" and top[-1] in _LOOKING)
                self._looks_in_module(owner.path, top)
            for inner in top:
                if type(inner) is str:
                    said[owner].add(inner)
                elif type(inner) in HOLDING:
                    stack.append((owner, inner))
        return said

    def _imports(self, owner: FunctionId, statement: tuple[Any, ...]) -> bool:
        """``from clients import refund``: a mention of the module, and of what is given another name here."""
        if not isinstance(statement[-1], tuple):
            return False
        for name, other in statement[-1]:
            self.modules[owner.path][other or name.partition(".")[0]].add(name.rpartition(".")[2])
            (self.imported[owner.path] if other is None else self.by_function[owner]).update(name.split("."))
        if statement[0] == "from":
            self.imported[owner.path].update(statement[3].split("."))
        return True

    def _looks_in_module(self, path: str, expression: tuple[Any, ...]) -> None:
        """``getattr(handlers, name)``, ``getattr(sys.modules[__name__], name)``, ``globals()[name]``."""
        pieces = frozenset[str]()
        if expression in _MODULES:
            self.finding.add(path)
        elif expression == ("name", "globals"):
            self.asked.add((path, "", pieces))
        elif expression[:1] == ("attr",) and expression[-1] == "__dict__":
            self._asks_module(path, expression[1], pieces)
        elif expression[0] == "call" and expression[4]:
            callee, given = expression[3][-1], expression[4]
            if callee == "getattr" and len(given) > 1 and not _is_text(given[1]):
                self._asks_module(path, given[0], frozenset(piece for piece in _texts(given[1]) if len(piece) > 2))
            elif callee in _LISTING:
                self._asks_module(path, given[0], pieces)

    def _asks_module(self, path: str, module: Any, pieces: frozenset[str]) -> None:
        if module[:1] in (("name",), ("attr",)) and module[-1] != "modules":
            self.asked.add((path, module[-1], pieces))
            if module[0] == "attr":
                self.modules[path][module[-1]].add(module[-1])
        elif module[:1] in (("call",), ("item",)) and any(_mentions(module, way) for way in _MODULES):
            self.asked.add((path, None, pieces))

    def may_be_looked_up_in_module(self, id: FunctionId) -> bool:
        """Whether a plain function may be found by a name made at run time, in its module."""
        return any(
            (not pieces or any(piece in id.short for piece in pieces)) and self._may_be_module(path, name, id.path)
            for path, name, pieces in self.asked
        )

    def _may_be_module(self, path: str, name: str | None, module: str) -> bool:
        """Whether a name in a file is that of a module; what is imported nowhere is, where modules are found so."""
        if name == "":
            return path == module
        known = self.modules[path].get(name) if name is not None else None
        return _module_name(module) in known if known is not None else name is None or path in self.finding

    def _looks_up(self, owner: FunctionId, expression: tuple[Any, ...]) -> None:
        """``getattr`` with a name that is made at run time: what is constant in it narrows what it may mean."""
        if expression[3] != ("name", "getattr"):
            return
        name = expression[4][1] if len(expression[4]) > 1 else None
        if not isinstance(name, tuple) or _is_text(name):
            return
        pieces = {piece for piece in _texts(name) if len(piece) > 2}
        self.looked_up |= pieces
        cls = owner.name.rpartition(".")[0]
        if not pieces and cls and expression[4][0] in (("name", "self"), ("name", "cls")):
            self.on_classes.add(ClassId(owner.path, cls))
        else:
            self.any = self.any or not pieces

    def _hands_over(self, path: str, expression: tuple[Any, ...]) -> None:
        """``fire.Fire(Commands)``, ``server.register(Service())``: given to an attribute or a library's name."""
        callee = expression[3]
        if callee[0] != "attr" and not isinstance(self.globals.get(path, {}).get(callee[-1]), Lib):
            return
        for arg in expression[4]:
            made = arg[3] if arg[:1] == ("call",) and len(arg) >= 5 else arg
            if made[:1] == ("name",):
                self.handed.add(made[1])

    def may_be_looked_up(self, machine: Machine, id: FunctionId) -> bool:
        """Whether a method may be looked up by a name made at run time, here or by whoever is given its class."""
        if self.any or any(piece in id.short for piece in self.looked_up):
            return True
        cls = machine.functions[id].cls
        if cls is None:
            return False
        if cls.short in self.handed:
            return True
        above = set(machine.lineage(cls))
        return any(one in above or (one in machine.classes and cls in machine.lineage(one)) for one in self.on_classes)


def runs_as_program_only(facts: ModuleFacts, line: int) -> bool:
    """Whether a line stands below ``if __name__ == "__main__"``: who imports the file does not run it."""
    for index, statement in enumerate(facts.body):
        if statement[0] == "if" and statement[2] in _STARTED and not statement[4]:
            following = facts.body[index + 1 : index + 2]
            end = following[0][1] if following and isinstance(following[0][1], int) else None
            if statement[1] <= line and (end is None or line < end):
                return True
    return False


def _is_text(expression: Any) -> bool:
    return isinstance(expression, tuple) and expression[:1] == ("const",) and isinstance(expression[-1], str)


def _module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]


def _texts(expression: Any) -> Iterator[str]:
    if isinstance(expression, tuple):
        if expression[:1] == ("const",) and len(expression) == 2 and isinstance(expression[1], str):
            yield expression[1]
        else:
            for part in expression:
                yield from _texts(part)


def dormant(machine: Machine, among: Iterable[FunctionId]) -> frozenset[FunctionId]:
    """The functions of ``among`` that no code of the quantum names."""
    asked = {id for id in among if _could_be(machine, id)}
    if not asked:
        return frozenset()
    names = _Names(machine.globals)
    for path in sorted(machine.modules_run):
        facts = machine.program.sources.facts(path)
        if facts is not None:
            names.read(path, facts)
    mentioned: dict[str, set[str]] = defaultdict(set)
    for id, found in names.by_function.items():
        for name in found:
            mentioned[name].add(id.path)
    for path, found in names.imported.items():
        for name in found:
            mentioned[name].add(path)
    looked_at = _looked_at(machine, mentioned)
    by_document = not _BY_DOCUMENT.isdisjoint(mentioned)
    idle = {
        id
        for id in machine.functions
        if machine.program.ownership.is_own(id.path)
        and _could_be(machine, id)
        and _holder_is_used(machine, id, mentioned, looked_at)
        and not (
            names.may_be_looked_up(machine, id)
            if machine.functions[id].cls
            else by_document or names.may_be_looked_up_in_module(id)
        )
    }
    used = set[str]().union(*(names.imported[path] for path in looked_at))
    for id, found in names.by_function.items():
        if id not in idle:
            used |= found
    found_otherwise = {
        info.cls
        for id, info in machine.functions.items()
        if info.cls is not None and id not in idle and not id.short.startswith("__")
    }
    while waking := {
        id
        for id in idle
        if id.short in used and (machine.functions[id].cls in found_otherwise or _holder_is_named(machine, id, used))
    }:
        idle -= waking
        for id in waking:
            used |= names.by_function.get(id, set())
    return frozenset(idle & asked)


def _could_be(machine: Machine, id: FunctionId) -> bool:
    """Whether only code of the program could call a function, by its name."""
    info = machine.functions.get(id)
    if info is None or ".<locals>" in id.name or "@" in id.name or "<" in id.name or _BEGINNINGS.fullmatch(id.short):
        return False
    if not _only_code_could_call(machine, id):
        return False
    return info.cls is None or all(_of_the_program(machine, cls) for cls in machine.lineage(info.cls))


def _only_code_could_call(machine: Machine, id: FunctionId) -> bool:
    """Whether no decorator of a function gives it to anybody who could keep it."""
    info = machine.functions[id]
    values = info.decorators or (None,) * len(info.facts.decorators)
    pairs = zip(info.facts.decorators, values, strict=False)
    return all(_harmless(decorator) or _only_calls(machine, value) for decorator, value in pairs)


def _harmless(decorator: Any) -> bool:
    return decorator[0] in ("name", "attr") and decorator[-1] in _HARMLESS


def _only_calls(machine: Machine, decorator: Any) -> bool:
    """Whether a decorator is a function of the program that keeps what it decorates nowhere: it can only call it."""
    info = machine.functions.get(decorator.id) if isinstance(decorator, Func) else None
    if info is None or info.cls is not None or not info.names:
        return False
    return not _hands_on(info.facts.body, ("name", info.names[0]))


def _hands_on(part: Any, name: tuple[str, str]) -> bool:
    """Whether a name is used other than to be called, to be asked about itself and to be returned."""
    if isinstance(part, FunctionFacts):
        return _hands_on((part.decorators, part.body), name)
    if not isinstance(part, tuple) or part == ():
        return False
    if part == name:
        return True
    kind = part[0]
    if kind == "set" and len(part) == 4 and _mentions(part[2], name):  # a statement; a set that is written out has two
        return True
    if kind == "call" and len(part) >= 5:
        allowed = part[3][-1] in _WRAPPING
        callee = () if part[3] == name else part[3]
        return any(
            _hands_on(one, name) for one in (callee, *part[5:], *(o for o in part[4] if o != name or not allowed))
        )
    if (kind == "attr" and part[1] == name) or (kind == "return" and part[-1] == name):
        return False
    return any(_hands_on(one, name) for one in part)


def _mentions(part: Any, name: tuple[Any, ...]) -> bool:
    return part == name or (isinstance(part, tuple) and any(_mentions(one, name) for one in part))


def _of_the_program(machine: Machine, id: ClassId) -> bool:
    """Whether a class extends nothing of a library and is handed to none."""
    cls = machine.classes.get(id)
    if cls is None or cls.facts.decorators or cls.facts.keywords:
        return False
    bases = [base.name for base in machine.bases(id) if isinstance(base, Lib)]
    bases += [base.type for base in machine.bases(id) if isinstance(base, Made)]
    return all(name.startswith(_OF_PYTHON) for name in bases)


def _holder_is_named(machine: Machine, id: FunctionId, used: set[str]) -> bool:
    """Whether the class that a method stands in is named, or one that extends it; of one that extends another, that is
    not asked: a class that knows its heirs need not name them."""
    cls = machine.functions[id].cls
    if cls is None or len(machine.lineage(cls)) > 1:
        return True
    return any(one.short in used for one in (cls, *machine.subclasses(cls)))


def _holder_is_used(machine: Machine, id: FunctionId, mentioned: dict[str, set[str]], looked_at: set[str]) -> bool:
    """Whether the class that it stands in is used, or of a plain function its module."""
    info = machine.functions[id]
    if info.cls is None:
        return id.path not in looked_at
    others = any(path != id.path for path in machine.modules_run if machine.program.ownership.is_own(path))
    return others or bool(mentioned.get(info.cls.short))


def _looked_at(machine: Machine, mentioned: dict[str, set[str]]) -> set[str]:
    """The files of a quantum that something outside of the code may take functions from by their names.

    Not those that another file names, nor those that are begun from: one that is a program, and one of which a library
    is told a function by a decorator.
    """
    told = {
        id.path
        for id, info in machine.functions.items()
        if info.cls is None and ".<locals>" not in id.name and not _only_code_could_call(machine, id)
    }
    return {
        path
        for path in machine.modules_run
        if machine.program.ownership.is_own(path)
        and path not in told
        and not mentioned.get(_module_name(path), set()) - {path}
        and not _is_program(machine.program.sources.facts(path))
    }


def _is_program(facts: ModuleFacts | None) -> bool:
    return facts is not None and any(one[0] == "if" and one[2] in _STARTED for one in facts.body)
