"""Methods of shared classes that somebody outside the program calls: Python itself, a framework, whoever is given them.

A method of the quantum's own code is listed where it stands, whoever calls it. One of shared code counts for a quantum
only where that reaches it; where a library does the calling, nothing in the code says so. Three kinds of methods are
taken for called, on classes that the quantum makes objects of, extends or names:

- those by which a library's table says that it calls (a thread's ``run``);
- those that Python calls, where the code does not tell on what (``__len__``, a property), ``__del__`` and ``__call__``;
- all methods of a class that extends a library's and is no client or record: there is no other reason to write one.
  Not where the quantum's own code calls methods of that class by name: then it is used as any other class is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from quantafit.evidence.source.extract import texts_in
from quantafit.evidence.source.protocols import AT_ANY_TIME
from quantafit.evidence.source.state import MODULE, FunctionInfo
from quantafit.evidence.source.values import ClassId, Func, FunctionId

if TYPE_CHECKING:
    from quantafit.evidence.source.machine import Machine

_OF_PYTHON = (
    "builtins.", "abc.", "typing.", "typing_extensions.", "dataclasses.", "enum.", "collections.", "quantafit.",
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z_]\w*")
_NAMES = re.compile(r"[\w.:\-/]{1,200}")


def called_from_outside(machine: Machine, called: set[FunctionId]) -> list[FunctionId]:
    """Those methods of shared classes. ``called`` turned out to be called when what rose to the top was closed."""
    candidates = [
        (id, info)
        for id, info in machine.functions.items()
        if info.cls is not None
        and not machine.program.ownership.is_own(id.path)
        and (id not in machine.account.called or id in machine.lost)
        and (summary := machine.summaries.get(id)) is not None
        and summary.acts
    ]
    if not candidates:
        return []
    used = _Used(machine, called)
    return [id for id, info in candidates if _is_called(machine, id, info, used)]


def _is_called(machine: Machine, id: FunctionId, info: FunctionInfo, used: _Used) -> bool:
    assert info.cls is not None
    method = id.short
    heirs = [cls for cls in (info.cls, *machine.subclasses(info.cls)) if machine.find_name(cls, method) is not None]
    hooked = any(method in machine.tables.type(base).hooks for base in machine.library_bases(info.cls))
    if hooked or method in AT_ANY_TIME or method in machine.untold or _is_read(machine, info, method, used):
        return any(used.made(cls) or used.named(cls) for cls in heirs)
    if method.startswith("__"):
        return False
    return any(_by_a_framework(machine, cls) and not used.by_name(cls) and used.anyhow(cls) for cls in heirs)


def _is_read(machine: Machine, info: FunctionInfo, method: str, used: _Used) -> bool:
    """Whether a method is a property that some code reads by its name."""
    _, decorators = machine.plain_function(Func(info.id))
    return "property" in decorators and method in used.all_names


def _by_a_framework(machine: Machine, cls: ClassId) -> bool:
    """Whether a class extends one of a library that makes no calls itself, and of which no table says what it calls."""
    if machine.kind_of(cls) is not None:
        return False
    bases = [base for base in machine.library_bases(cls) if not base.startswith(_OF_PYTHON)]
    told = any(machine.tables.type(base).hooks or machine.tables.capabilities.get(base) for base in bases)
    return bool(bases) and not told


class _Used:
    """What the quantum's own code does with shared classes."""

    def __init__(self, machine: Machine, called: set[FunctionId]) -> None:
        self.machine = machine
        own = machine.program.ownership.is_own
        self.reached = _reached(machine, called)
        self.by_own = {id for one, account in machine.accounts.items() if own(one.path) for id in account.called}
        self.names, self.all_names = _names(machine)

    def made(self, cls: ClassId) -> bool:
        init = self.machine.initialiser(cls)
        return init.id in self.reached if init is not None else bool(self.machine.instances.get(cls))

    def named(self, cls: ClassId) -> bool:
        own = self.machine.program.ownership.is_own
        givers = self.machine.given_to_libraries.get(cls, ())
        given = any(one in self.reached or own(one.path) for one in givers)
        return given or own(cls.path) or cls.short in self.names

    def anyhow(self, cls: ClassId) -> bool:
        return self.made(cls) or self.named(cls)

    def by_name(self, cls: ClassId) -> bool:
        """Whether own code calls methods that the class has."""
        lineage = set(self.machine.lineage(cls))
        return any(
            (info := self.machine.functions.get(id)) is not None
            and info.cls in lineage
            and not id.short.startswith("__")
            for id in self.by_own
        )


def _reached(machine: Machine, called: set[FunctionId]) -> set[FunctionId]:
    """The functions that own code leads to."""
    own = machine.program.ownership.is_own
    reached = {id for id in machine.accounts if own(id.path) or id.name == MODULE} | called
    waiting = list(reached)
    while waiting:
        account = machine.accounts.get(waiting.pop())
        for id in account.called - reached if account is not None else ():
            reached.add(id)
            waiting.append(id)
    return reached


def _names(machine: Machine) -> tuple[set[str], set[str]]:
    """The names that code mentions, also in texts: the quantum's own code, and all that is run for it."""
    by_own: set[str] = set()
    by_any: set[str] = set()
    for path in machine.modules_run:
        facts = machine.program.sources.facts(path) if not path.startswith("<") else None
        if facts is not None:
            (by_own if machine.program.ownership.is_own(path) else by_any).update(texts_in(facts.body))
    by_any |= by_own
    return _words(by_own), _words(by_any)


def _words(texts: set[str]) -> set[str]:
    return {word for text in texts if _NAMES.fullmatch(text) for word in _WORD.findall(text)}
