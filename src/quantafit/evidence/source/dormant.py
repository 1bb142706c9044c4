"""Functions that no code names: what they do is in the code, and nothing that is known does it.

A function is dormant where its class or its module is used and it is not: its name stands nowhere in the code of the
quantum outside of itself and of other dormant functions, neither as a name nor in a text that could be one. So are the
methods of a class that nothing names, where other modules are there to use it. Whatever a framework may find by itself
is left out: what is decorated, but for decorators of the program that only call the function; methods of classes that
extend a library's; names that begin a program; functions of a program that connects them to an OpenAPI document by
their names; and where methods are looked up by a name made at run time all methods that name could mean, of the class
itself where ``self`` or ``cls`` is asked.

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

from quantafit.evidence.source.extract import ClassFacts, FunctionFacts, ModuleFacts
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

    def read(self, path: str, facts: ModuleFacts) -> None:
        self._walk(FunctionId(path, ""), facts.body)

    def _walk(self, inside: FunctionId, part: Any) -> None:
        stack: list[tuple[FunctionId, Any]] = [(inside, part)]
        while stack:
            owner, top = stack.pop()
            if isinstance(top, FunctionFacts):
                held = (*top.decorators, *((p.annotation, p.default) for p in top.parameters), top.returns)
                stack.append((owner, held))
                nested = ".<locals>" in top.name
                stack.append((owner if nested else FunctionId(owner.path, top.name), top.body))
            elif isinstance(top, ClassFacts):
                stack.append((owner, (top.bases, top.keywords, top.decorators, top.body)))
            elif isinstance(top, tuple):
                if len(top) == 3 and top[0] == "do" and isinstance(top[2], tuple) and top[2][:1] == ("const",):
                    continue  # a docstring
                self._looks_up(owner, top)
                self._hands_over(owner.path, top)
                stack.extend((owner, inner) for inner in top)
            elif isinstance(top, str) and _NAMES.fullmatch(top):
                self.by_function[owner].update(_NAME.findall(top))

    def _looks_up(self, owner: FunctionId, expression: tuple[Any, ...]) -> None:
        """``getattr`` with a name that is made at run time: what is constant in it narrows what it may mean."""
        if expression[:1] == ("name",) and expression[-1] in _LOOKING:
            self.any = True
        if expression[:1] != ("call",) or len(expression) < 5 or expression[3] != ("name", "getattr"):
            return
        name = expression[4][1] if len(expression[4]) > 1 else None
        if not isinstance(name, tuple) or (name[0] == "const" and isinstance(name[1], str)):
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
        if expression[:1] != ("call",) or len(expression) < 5:
            return
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
        if cls.name.rpartition(".")[2] in self.handed:
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
    by_document = not _BY_DOCUMENT.isdisjoint(mentioned)
    idle = {
        id
        for id in machine.functions
        if machine.program.ownership.is_own(id.path)
        and _could_be(machine, id)
        and _holder_is_used(machine, id, mentioned)
        and not (names.may_be_looked_up(machine, id) if machine.functions[id].cls else by_document)
    }
    used: set[str] = set()
    for id, found in names.by_function.items():
        if id not in idle:
            used |= found
    waking = {id for id in idle if id.short in used}
    while waking:
        idle -= waking
        for id in waking:
            used |= names.by_function.get(id, set())
        waking = {id for id in idle if id.short in used}
    return frozenset(idle & asked)


def _could_be(machine: Machine, id: FunctionId) -> bool:
    """Whether only code of the program could call a function, by its name."""
    info = machine.functions.get(id)
    if info is None or ".<locals>" in id.name or "@" in id.name or "<" in id.name or _BEGINNINGS.fullmatch(id.short):
        return False
    values = info.decorators or (None,) * len(info.facts.decorators)
    pairs = zip(info.facts.decorators, values, strict=False)
    if not all(_harmless(decorator) or _only_calls(machine, value) for decorator, value in pairs):
        return False
    return info.cls is None or all(_of_the_program(machine, cls) for cls in machine.lineage(info.cls))


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


def _mentions(part: Any, name: tuple[str, str]) -> bool:
    return part == name or (isinstance(part, tuple) and any(_mentions(one, name) for one in part))


def _of_the_program(machine: Machine, id: ClassId) -> bool:
    """Whether a class extends nothing of a library and is handed to none."""
    cls = machine.classes.get(id)
    if cls is None or cls.facts.decorators or cls.facts.keywords:
        return False
    bases = [base.name for base in machine.bases(id) if isinstance(base, Lib)]
    bases += [base.type for base in machine.bases(id) if isinstance(base, Made)]
    return all(name.startswith(_OF_PYTHON) for name in bases)


def _holder_is_used(machine: Machine, id: FunctionId, mentioned: dict[str, set[str]]) -> bool:
    """Whether the class, or of a plain function another file names the module, that it stands in."""
    info = machine.functions[id]
    if info.cls is not None:
        others = any(path != id.path for path in machine.modules_run if machine.program.ownership.is_own(path))
        return others or bool(mentioned.get(info.cls.name.rpartition(".")[2]))
    parts = id.path.removesuffix(".py").removesuffix("/__init__").split("/")
    return bool(mentioned.get(parts[-1], set()) - {id.path})
