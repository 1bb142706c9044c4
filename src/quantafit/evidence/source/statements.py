"""Statements and expressions: runs the code of one function over abstract values."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from quantafit.evidence.source import settings
from quantafit.evidence.source.extract import (
    ClassFacts,
    Expr,
    FunctionFacts,
    Stmt,
    UnreadableError,
    extract,
    texts_in,
)
from quantafit.evidence.source.objects import PROPERTY
from quantafit.evidence.source.order import NOT_FOLLOWED, leaving, settles
from quantafit.evidence.source.protocols import OPERATORS, UNARY, Protocols
from quantafit.evidence.source.state import EVERY_NAME, About, ClassInfo, Frame, FunctionInfo, ImportSeen
from quantafit.evidence.source.values import (
    NONE,
    Attr,
    Bound,
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
    Module,
    Opaque,
    Param,
    Site,
    Unknown,
    Value,
    bounded,
    choice,
    if_set,
    joined,
    options,
    symbolic,
    text,
)

_NAMED_TUPLE = "types.SimpleNamespace"
_TOLD = Lib("quantafit.told")
"""What a named tuple is taken for."""
_MOST_ITEMS, _LONGEST = 512, 4096
_NAMED = re.compile(r"%\((\w+)\)[sdr]")


class Statements(Protocols):
    """What each kind of statement does, and each kind of expression stands for."""

    def block(self, frame: Frame, statements: Sequence[Stmt]) -> bool:
        """Run statements in order. True where the end of the block is never reached."""
        for index, statement in enumerate(statements):
            self.stand_at(frame, statement)
            if _DOING[statement[0]](self, frame, statement):
                self.imports_below(frame, statements[index + 1 :])
                return True
        return False

    def stand_at(self, frame: Frame, statement: Stmt) -> None:
        line = statement[1]
        if isinstance(line, int) and not frame.pinned:
            frame.site = Site(frame.id.path, line, frame.site.column, frame.id.name)

    def imports_below(self, frame: Frame, statements: Sequence[Stmt]) -> None:
        """Code that is never reached does nothing, but what it imports is still a dependency of the text."""
        for statement in statements:
            if statement[0] in ("import", "from"):
                self.stand_at(frame, statement)
                unreached = self.scratch(frame.id)
                unreached.site, unreached.type_checking = frame.site, frame.type_checking
                _DOING[statement[0]](self, unreached, statement)

    def do_do(self, frame: Frame, statement: Stmt) -> bool:
        self.evaluate(frame, statement[2])
        self.narrow(frame, statement[2])
        return False

    def do_assert(self, frame: Frame, statement: Stmt) -> bool:
        _, _, test, message = statement
        self.tested(frame, self.evaluate(frame, test))
        if message is not None:
            self.evaluate(frame, message)
        self.narrow(frame, test)
        return False

    def do_delete(self, frame: Frame, statement: Stmt) -> bool:
        for target in statement[2]:
            if target[0] == "attr":
                self.delete_attribute(frame, self.evaluate(frame, target[1]), target[2])
            elif target[0] == "item":
                base, key = self.evaluate(frame, target[1]), self.evaluate(frame, target[2])
                self.implied(frame, base, ("__delitem__",), (key,))
        return False

    def delete_attribute(self, frame: Frame, base: Value, name: str) -> None:
        self.implied(frame, base, ("__delattr__",), (Const(name),))
        for option in options(base):
            found = self.find_name(option.id, name) if isinstance(option, Instance) else None
            if isinstance(found, Made) and found.type == PROPERTY:
                deleter = found.slot("deleter")
                if isinstance(deleter, Func):
                    self.call(frame, Bound(deleter, option), (), {})
            elif found is not None:
                self.implied(frame, found, ("__delete__",), (option,))

    def narrow(self, frame: Frame, test: Expr) -> None:
        """After ``isinstance(name, Type)`` what could be anything is an object of that type, as if annotated so."""
        match test:
            case ("call", _, _, ("name", "isinstance"), (("name", name), expression), ()):
                value = frame.names.get(name)
            case _:
                return
        if not isinstance(value, Param | Opaque | Unknown):
            return
        declared = self.evaluate(frame, expression)
        made = self.instance_of(declared)
        if isinstance(made, Made) and self.tables.is_type(made.type):
            frame.names[name] = made
        elif isinstance(declared, Class) and isinstance(value, Param) and value.function in self.functions:
            info = self.functions[value.function]
            if all(parameter.annotation is None for parameter in info.facts.parameters if parameter.name == value.name):
                info.annotations[value.name] = joined(info.annotations.get(value.name), declared)

    def do_set(self, frame: Frame, statement: Stmt) -> bool:
        value = self.evaluate(frame, statement[3])
        for target in statement[2]:
            self.assign(frame, target, value)
        return False

    def do_annotate(self, frame: Frame, statement: Stmt) -> bool:
        _, line, target, annotation, expression = statement
        declared = self.declared(frame, annotation) if annotation else Unknown("no annotation")
        if frame.cls is not None and target[0] == "name":
            frame.cls.annotations[target[1]] = declared
            self.leads(target[1])
            frame.cls.lines[target[1]] = line
        if expression is not None:
            value = self.evaluate(frame, expression)
            self.assign(frame, target, value if frame.cls is not None else self.told_by(frame, declared, value))
        elif target[0] == "name" and frame.cls is None and frame.is_module:
            self.assign(frame, target, self.instance_of(declared))
        return False

    def told_by(self, frame: Frame, declared: Value, value: Value) -> Value:
        """What is assigned, taken for what its annotation says where nothing else does, or no caller will."""
        if not any(isinstance(option, Class) for option in options(declared)):
            return value
        return choice(self.told_option(frame, declared, option) for option in options(value))

    def told_option(self, frame: Frame, declared: Value, option: Value) -> Value:
        if isinstance(option, Opaque | Unknown):
            made = choice(self.of_that_type(one) for one in options(declared))
            return option if isinstance(made, Unknown) else made
        if isinstance(option, Attr | Item | Invoke) and symbolic(option):
            return Invoke(_TOLD, (declared, option), (), frame.site)
        return option

    def of_that_type(self, declared: Value) -> Value:
        """An object of the type that an annotation names, whoever made it.

        Of a class that can have objects itself it is one of these, and none of those that are made here, or of classes
        that extend it: objects that hold one another would be followed through all of them.
        """
        if not isinstance(declared, Class) or self.kind_of(declared.id) is not None or self.is_abstract(declared.id):
            return self.instance_of(declared)
        return Instance(declared.id, (), None)

    def is_abstract(self, id: ClassId) -> bool:
        """Whether only classes that extend a class have objects."""
        return Lib("abc.ABC") in self.bases(id) or self.classes[id].keywords.get("metaclass") == Lib("abc.ABCMeta")

    def do_augment(self, frame: Frame, statement: Stmt) -> bool:
        _, _, target, operator, expression = statement
        added = self.evaluate(frame, expression)
        old = self.evaluate(frame, target)
        value = self.first_of(frame, old, (f"__i{OPERATORS.get(operator, '')}__",), (added,))
        value = value or self.operated(frame, operator, old, added) or self.binary(operator, old, added)
        sites = [option.site for option in options(old) if isinstance(option, Many) and option.site is not None]
        for site in dict.fromkeys(sites):
            for item in self.elements(added):
                self.put_item(site, None, item)
        if sites and len(sites) == len(options(old)):
            value = old
        self.assign(frame, target, value)
        return False

    def do_return(self, frame: Frame, statement: Stmt) -> bool:
        value = self.evaluate(frame, statement[2]) if statement[2] else NONE
        frame.returns.append(value)
        if settles(frame.trace):
            self.account.reads.add(("taken", "*"))
            given = leaving(value, self.taken)
            if given is not None:
                self.event(frame, given)
        self.leave(frame)
        return True

    def do_break(self, frame: Frame, statement: Stmt) -> bool:
        return True

    def do_continue(self, frame: Frame, statement: Stmt) -> bool:
        return True

    def leave(self, frame: Frame) -> None:
        """The function ends here: keep the order of what led to it."""
        if len(frame.paths) < 32:
            frame.paths.append(tuple(frame.trace))

    def do_raise(self, frame: Frame, statement: Stmt) -> bool:
        if statement[2]:
            self.evaluate(frame, statement[2])
        return True

    def do_if(self, frame: Frame, statement: Stmt) -> bool:
        _, _, test, body, otherwise = statement
        value = self.evaluate(frame, test)
        self.tested(frame, value)
        before = dict(frame.names)
        self.narrow(frame, test)
        outer = frame.type_checking
        frame.type_checking = outer or value == Lib("typing.TYPE_CHECKING")
        mark = len(frame.trace)
        asked = _missing(test)
        ended = self.instead(frame, {asked: before[asked]} if asked in before else {}, body)
        frame.type_checking = outer
        if ended:
            self.way_out(frame, mark)
        after = frame.names
        frame.names = {**before, asked: if_set(before[asked])} if asked in before and not ended else before
        mark = len(frame.trace)
        ended_too = self.block(frame, otherwise)
        if ended_too and not ended:
            self.way_out(frame, mark)
        if ended and ended_too:
            return True
        if not ended:
            frame.names = after if ended_too else _joined(after, frame.names)
        return False

    def instead(self, frame: Frame, missing: dict[str, Value], body: Sequence[Stmt]) -> bool:
        """Run what is done where names have no value: what they are given there is what they have by default."""
        outer = frame.otherwise
        frame.otherwise = outer | {name: value for name, value in missing.items() if _only_unset(value)}
        ended = self.block(frame, body)
        frame.otherwise = outer
        return ended

    def do_loop(self, frame: Frame, statement: Stmt) -> bool:
        _, line, target, source, body, otherwise = statement
        mark = len(frame.trace)
        for _ in range(2):  # the second pass sees what the first one assigned
            del frame.trace[mark:]
            before = dict(frame.names)
            value = self.evaluate(frame, source)
            if target is not None:
                self.loops[frame.site][value] = None
                self.assign(frame, target, self.iterated(frame, value))
            else:
                self.tested(frame, value)
            self.block(frame, body)
            frame.names = _joined(before, frame.names)
            frame.site = Site(frame.id.path, line, frame.site.column, frame.id.name)
        self.block(frame, otherwise)
        return target is None and source == ("const", True) and not _breaks(body)

    def do_with(self, frame: Frame, statement: Stmt) -> bool:
        _, line, items, body = statement
        entered = []
        for expression, target in items:
            value = self.evaluate(frame, expression)
            entered.append(value)
            bound = self.entered(frame, value)
            if target is not None:
                self.assign(frame, target, bound)
        outer, self.prefixes = self.prefixes, settings.prefixes(self.prefixes, entered)
        ended = self.block(frame, body)
        self.prefixes = outer
        frame.site = Site(frame.id.path, line, frame.site.column, frame.id.name)
        for value in reversed(entered):
            self.exited(frame, value)
        return ended

    def do_try(self, frame: Frame, statement: Stmt) -> bool:
        _, _, body, handlers, otherwise, final = statement
        before = dict(frame.names)
        start = len(frame.trace)
        ended = self.block(frame, body)
        worked = any(event.kind == "work" for event in frame.trace[start:])
        swallowed = False
        failed = list(frame.trace)  # a handler runs after the body, never after what follows the body
        while len(failed) > start and failed[-1].kind == "ack":
            failed.pop()  # nor after what the body ends with: had it come so far, nothing was left to fail
        if not ended:
            ended = self.block(frame, otherwise)
        after, done = frame.names, frame.trace
        outcomes = [] if ended else [after]
        for kind, name, handler in handlers:
            frame.names = _joined(before, after)
            if name:
                frame.names[name] = Unknown("an exception")
            frame.trace = list(failed)
            tried = {key: value for key, value in after.items() if before.get(key) is not value}
            if not self.instead(frame, tried if _when_missing(kind) else {}, handler):
                outcomes.append(frame.names)
                # A handler that does nothing of weight lets what follows believe that the work was done.
                swallowed = swallowed or (worked and len(frame.trace) == len(failed))
            self.way_out(frame, len(failed))
        frame.trace = done
        if swallowed:
            self.event(frame, "swallowed")
        joined = outcomes[0] if outcomes else after
        for names in outcomes[1:]:
            joined = _joined(joined, names)
        frame.names = joined
        mark = len(frame.trace)
        left = self.block(frame, final)
        if worked:
            frame.trace[mark:] = [replace(e, kind="always") if e.kind == "ack" else e for e in frame.trace[mark:]]
        return left or not outcomes

    def way_out(self, frame: Frame, mark: int) -> None:
        """Keep the order of a branch that leaves the function, and take it off the way that goes on."""
        if len(frame.trace) > mark and len(frame.paths) < 32:
            frame.paths.append(tuple(frame.trace))
        del frame.trace[mark:]

    def do_def(self, frame: Frame, statement: Stmt) -> bool:
        facts: FunctionFacts = statement[2]
        function = self.define(frame, facts)
        value: Value = function
        info = self.functions[function.id]
        info.decorators = tuple(self.evaluate(frame, decorator) for decorator in facts.decorators)
        for decorator in reversed(info.decorators):
            value = self.decorate(frame, decorator, value, function)
        if value is not function and self.program.ownership.is_own(frame.id.path):
            self.wrapped[(frame.site, value)] = None
        short = facts.short
        self.bind(frame, short, value)
        return False

    def define(self, frame: Frame, facts: FunctionFacts) -> Func:
        """Meet a function: its defaults and annotations are values of the place it is defined in."""
        cls = frame.cls.id if frame.cls is not None else None
        id = FunctionId(frame.id.path, facts.name)
        if cls is not None:
            self.method(facts.short)
        known = self.functions.get(id)
        if known is not None and known.facts is not facts and known.facts.line != facts.line:
            id = FunctionId(frame.id.path, f"{facts.name}@{facts.line}")  # defined twice under one name
        info = self.functions.get(id) or FunctionInfo(facts, id, cls)
        self.functions[id] = info
        for parameter in facts.parameters:
            if parameter.default is not None:
                info.defaults[parameter.name] = self.evaluate(frame, parameter.default)
            if parameter.annotation is not None:
                info.annotations[parameter.name] = self.declared(frame, parameter.annotation)
        if facts.returns is not None:
            info.annotations["return"] = self.declared(frame, facts.returns)
        return Func(id)

    def declared(self, frame: Frame, annotation: Expr) -> Value:
        """The type that an annotation names; names that are written as texts are read too."""
        return self.evaluate(frame, _unquoted(annotation))

    def do_class(self, frame: Frame, statement: Stmt) -> bool:
        facts: ClassFacts = statement[2]
        id = ClassId(frame.id.path, facts.name)
        bases = tuple(self.base_class(self.evaluate(frame, base)) for base in facts.bases)
        info = self.classes.get(id)
        before = self.extended_by_name(id) if info is not None else None
        info = info or ClassInfo(facts, id, bases)
        info.bases = bases
        self.classes[id] = info
        if before != self.extended_by_name(id):
            self.class_met(id, self.extended(id))
        info.keywords = {name: self.evaluate(frame, value) for name, value in facts.keywords if name}
        decorators = tuple(self.evaluate(frame, decorator) for decorator in facts.decorators)
        if decorators != info.decorators:
            info.decorators = decorators
            self.classes_changed((id, *self.hierarchy.descendants(id)))
        inner = Frame(frame.id, dict(frame.names), frame.site, info, acts=frame.acts, trace=frame.trace)
        inner.type_checking = frame.type_checking
        known = dict(info.names)
        self.block(inner, facts.body)
        for name in info.names:
            if known.get(name) is not info.names[name]:
                self.implementing.clear()
                self.learn((id, name))
        self.class_names(id, info.names)
        if self.kind_of(id) == "enum":
            for name, held in info.names.items():
                if isinstance(held, Func) and (id not in self.enumerations[name] or known != info.names):
                    self.enumerations[name][id] = None
                    self.learn(("enumerations", name))
        self.called_by_python(frame, info)
        self.known_by_shape(frame, info)
        self.called_by_library(frame, info)
        value: Value = Class(id)
        for decorator in reversed(info.decorators):
            value = self.decorate_class(frame, decorator, value)
        self.bind(frame, facts.short, value)
        return False

    def base_class(self, base: Value) -> Value:
        """A class that another one extends; a parameter stands for all classes that callers give."""
        known = self.given_by_callers(base) if isinstance(base, Param) else None
        return known if known is not None and any(isinstance(one, Class) for one in options(known)) else base

    def called_by_python(self, frame: Frame, info: ClassInfo) -> None:
        """What is called when a class is made: ``__init_subclass__`` of those above, ``__set_name__`` in its body."""
        above = (self.classes[one].names.get("__init_subclass__") for one in self.lineage(info.id)[1:])
        hook = next((one for one in above if isinstance(one, Func)), None)
        if hook is not None:
            given = {name: value for name, value in info.keywords.items() if name != "metaclass"}
            self.call(frame, Bound(hook, Class(info.id)), (), given)
        self.account.reads.add(("method", "__set_name__"))
        if "__set_name__" in self.methods:
            for name, value in list(info.names.items()):
                self.first_of(frame, value, ("__set_name__",), (Class(info.id), Const(name)))

    def known_by_shape(self, frame: Frame, info: ClassInfo) -> None:
        """What a tool does with a class that it knows by its attributes."""
        for shape in self.tables.shapes:
            if all(name in info.names for name in shape.names) and any(name in info.names for name in shape.near):
                for effect in shape.effects:
                    self.perform(frame, effect, info.id.name, None, (), {}, About("", None, info.id))

    def called_by_library(self, frame: Frame, info: ClassInfo) -> None:
        """What a library does with classes that extend its own; functions that it finds in an attribute and calls."""
        for base in self.library_bases(info.id):
            self.extends_library(info.id, base)
            for effect in self.tables.type(base).defines:
                self.perform(frame, effect, base, None, (), {}, About("", None, info.id))
            for attribute, slots in self.tables.type(base).called.items():
                for held in self.elements(info.names.get(attribute, NONE)):
                    if isinstance(held, Func) and held.id in self.functions:
                        self.hand_on(held.id)
                        receiver = Instance(info.id, (), None)
                        names = self.functions[held.id].names
                        values = [self.slot(slot, receiver, (), {}, None, About("", None, info.id)) for slot in slots]
                        self.remember({Param(held.id, n): v for n, v in zip(names, values, strict=False)})

    def do_import(self, frame: Frame, statement: Stmt) -> bool:
        for dotted, alias in statement[2]:
            value = self.import_module(frame, dotted, 0)
            if alias:
                self.bind(frame, alias, value)
                continue
            top = dotted.partition(".")[0]
            self.bind(frame, top, value if top == dotted else self.import_module(frame, top, 0, seen=False))
        return False

    def do_from(self, frame: Frame, statement: Stmt) -> bool:
        _, _, level, dotted, pairs = statement
        base = self.import_module(frame, dotted, level, seen=False)
        for name, alias in pairs:
            if name == "*":
                self.import_star(frame, base, dotted)
                continue
            value = self.import_name(frame, base, dotted, level, name)
            self.bind(frame, alias or name, value)
        return False

    def do_global(self, frame: Frame, statement: Stmt) -> bool:
        if statement[2]:
            frame.declared_global.update(statement[1])
        else:
            frame.declared_outer.update(statement[1])
        return False

    def do_match(self, frame: Frame, statement: Stmt) -> bool:
        _, _, subject, cases = statement
        value = self.evaluate(frame, subject)
        before = dict(frame.names)
        joined = dict(before)
        for names, guard, body in cases:
            frame.names = dict(before)
            for name, way in names:
                frame.names[name] = self.part_of(frame, value, way)
            if guard is not None:
                self.tested(frame, self.evaluate(frame, guard))
            if not self.block(frame, body):
                joined = _joined(joined, frame.names)
        frame.names = joined
        return False

    def part_of(self, frame: Frame, value: Value, way: Sequence[Expr]) -> Value:
        """What a name in a pattern takes out of the subject."""
        for kind, at in way:
            if kind == "attr":
                value = self.attribute(frame, value, at)
            elif kind == "item":
                value = self.item(value, self.evaluate(frame, at), frame)
            else:
                value = choice(self.matched(frame, option, at) for option in options(value))
        return value

    def matched(self, frame: Frame, value: Value, position: int) -> Value:
        """The field of an object that stands at a position in a pattern of its class."""
        if not isinstance(value, Instance):
            return value
        listed = self.find_name(value.id, "__match_args__")
        names = [item.value for item in self.elements(listed) if isinstance(item, Const)] if listed is not None else []
        names = names or list(self.all_fields(value.id))
        return self.attribute(frame, value, str(names[position])) if position < len(names) else value

    # Imports ------------------------------------------------------------------------------------------------------

    def import_module(self, frame: Frame, dotted: str, level: int, seen: bool = True) -> Value:
        value = self.program.imported(dotted, frame.id.path, level) if dotted or level else Unknown("import")
        if isinstance(value, Module):
            self.module(value.path)
        elif isinstance(value, Foreign) and seen:
            self.import_seen(frame, value.quantum, dotted, "import")
        elif isinstance(value, Lib):
            self.library_seen(frame, value.name)
        return value

    def import_name(self, frame: Frame, base: Value, dotted: str, level: int, name: str) -> Value:
        beside = self.program.beside(frame.id.path, dotted, name) if not level else None
        if beside is not None:
            return self.module_entered(beside)
        if isinstance(base, Module):
            self.account.reads.add((base.path, name))
            if not base.path.endswith("/") and name in self.globals.get(base.path, {}):
                return self.global_value(base.path, name)
            child = self.program.sources.child(base.path, name)
            missing = child is None and self.lacks(base.path, name)
            if missing and self.program.ownership.is_own(frame.id.path):
                child = self.program.placed(name)
            if child is not None:
                value = self.module_entered(child)
                if isinstance(value, Foreign):
                    self.import_seen(frame, value.quantum, f"{dotted}.{name}", "import")
                return value
            made = Lib(f"{dotted}.{name}" if dotted else name)
            if name not in self.globals.get(base.path, {}) and self.tables.canonical(made.name) != made.name:
                return made  # a module that is made when the program is built
            if self.program.sources.is_native(base.path, name):
                return made
            if missing:
                return Lib(f"{'.' * level}{made.name}")
            return self.global_value(base.path, name)
        if isinstance(base, Foreign):
            self.import_seen(frame, base.quantum, f"{dotted}.{name}", "import")
            return self.foreign(base, name)
        if isinstance(base, Lib):
            return self.library_name(f"{base.name}.{name}")
        return Unknown(f"{name} from {dotted}")

    def module_entered(self, path: str) -> Value:
        """A module as a value, its own statements run: what an import of it gives."""
        value = self.program.value(path)
        if isinstance(value, Module):
            self.module(value.path)
        return value

    def lacks(self, path: str, name: str) -> bool:
        """Whether nothing in a package or folder says a name: it means a module that is not in this tree."""
        if path.endswith("/"):
            return True
        facts = self.program.sources.facts(path) if path.endswith("__init__.py") else None
        return facts is not None and not _says(facts.body, (name, "*", "__getattr__", "globals", "__path__"))

    def import_star(self, frame: Frame, base: Value, dotted: str) -> None:
        if isinstance(base, Foreign):
            self.import_seen(frame, base.quantum, f"{dotted}.*", "import")
        if isinstance(base, Lib):
            self.has_names_of(frame.id.path, {base.name: None})
        if isinstance(base, Module):
            self.module(base.path)
            names = self.names_of(base.path)
            self.has_names_of(frame.id.path, self.stars.get(base.path, {}))
            listed = {item.value for item in self.elements(names.get("__all__", NONE)) if isinstance(item, Const)}
            for name, value in names.items():
                if name in listed or not name.startswith("_"):
                    self.bind(frame, name, value)

    def has_names_of(self, path: str, libraries: Mapping[str, None]) -> None:
        """A module takes every name from some libraries."""
        if libraries.keys() - self.stars[path].keys():
            self.stars[path].update(libraries)
            self.learn((path, EVERY_NAME))

    def import_seen(self, frame: Frame, quantum: str, name: str, how: str) -> None:
        self.imports[ImportSeen(quantum, name, how, frame.site, frame.type_checking)] = None

    def library_seen(self, frame: Frame, name: str) -> None:
        standing = self.tables.standing(name)
        top = name.lstrip(".").partition(".")[0]
        if standing == "unknown" and not name.startswith("."):
            self.unknown_libraries.setdefault(top, frame.site)
        library = self.tables.modules.get(top)
        if library is not None:
            self.tell(library.telling)
            if any(type_.client for type_ in library.types.values()) or any(n.endswith(".*") for n in library.calls):
                self.every_name_leads()

    # Names --------------------------------------------------------------------------------------------------------

    def bind(self, frame: Frame, name: str, value: Value) -> None:
        """Give a local name a value; module names, class names and cells are kept as unions for other readers."""
        value = bounded(value)
        if frame.cls is not None:
            if not isinstance(value, Func) or value.id.short != name:
                self.leads(name)
            if name in ("__getattr__", "__getattribute__"):
                self.every_name_leads()
            frame.cls.names[name] = joined(frame.cls.given.get(name), value)
            frame.cls.lines[name] = frame.site.line
            frame.names[name] = value
            return
        frame.names[name] = value
        if frame.is_module or name in frame.declared_global:
            self.join(self.globals.setdefault(frame.id.path, {}), name, value, frame.id.path)
        elif name in frame.declared_outer:
            outer = FunctionId(frame.id.path, frame.id.name.rpartition(".<locals>")[0])
            self.join(self.cells[outer], name, value, outer)
        else:
            self.join(self.cells[frame.id], name, value, frame.id)

    def read(self, frame: Frame, name: str) -> Value:
        if name in frame.names and name not in frame.declared_global:
            return frame.names[name]
        outer = frame.id.name
        while outer.endswith(">") or ".<locals>" in outer:
            outer = outer.rpartition(".<locals>")[0]
            id = FunctionId(frame.id.path, outer)
            self.account.reads.add((id, name))
            if name in self.cells.get(id, {}):
                return self.cells[id][name]
            info = self.functions.get(id)
            if info is not None and name in info.names:
                return Param(id, name)
            if not outer:
                break
        self.account.reads.add((frame.id.path, name))
        if name in self.globals.get(frame.id.path, {}):
            return self.global_value(frame.id.path, name)
        if name == "__name__":
            return Const(self.program.sources.dotted(frame.id.path))
        return self.starred(frame.id.path, name) or Lib("builtins." + name)

    def starred(self, path: str, name: str) -> Value | None:
        """A name that a module may have from a library by ``from library import *``."""
        self.account.reads.add((path, EVERY_NAME))
        libraries = self.stars.get(path, {})
        for library in libraries:
            full = self.tables.canonical(f"{library}.{name}")
            if self.tables.call(full) is not None or self.tables.is_type(full):
                return self.library_name(full)
        unknown = [library for library in libraries if self.tables.standing(library) == "unknown"]
        return Lib(f"{unknown[0]}.{name}") if unknown and not hasattr(builtins, name) else None

    def global_value(self, path: str, name: str) -> Value:
        if path not in self.modules_run:
            self.module(path)
        self.account.reads.add((path, name))
        names = self.globals.get(path, {})
        if name in names:
            return names[name]
        child = self.program.sources.child(path, name)
        if child is not None:
            return self.module_entered(child)
        self.account.reads.add((path, "__getattr__"))
        hook = names.get("__getattr__")
        if isinstance(hook, Func):
            return self.summary(hook.id).returns
        starred = self.starred(path, name)
        if starred is not None:
            return starred
        return Unknown(f"{name} is not defined in {path}")

    def assign(self, frame: Frame, target: Expr, value: Value) -> None:
        kind = target[0]
        if kind == "name":
            unset = frame.otherwise.get(target[1])
            self.bind(frame, target[1], value if unset is None else _or_else(unset, value))
        elif kind in ("tuple", "list"):
            self.unpack(frame, target[1], value)
        elif kind == "attr":
            self.set_attribute(frame, self.evaluate(frame, target[1]), target[2], value)
        elif kind == "item":
            base = self.evaluate(frame, target[1])
            key = self.evaluate(frame, target[2])
            self.set_item(frame, base, key, value)
        elif kind == "star":
            self.assign(frame, target[1], Many((value,), False, frame.site))

    def unpack(self, frame: Frame, targets: Sequence[Expr], value: Value) -> None:
        for index, target in enumerate(targets):
            parts = []
            for option in options(value):
                if isinstance(option, Many) and option.ordered and len(option.items) == len(targets):
                    parts.append(option.items[index])
                elif isinstance(option, Many):
                    parts.append(choice(self.elements(option)))
                elif isinstance(option, Instance) and self.container(option.id) is None:
                    parts.append(self.field_at(frame, option, index))
                elif isinstance(option, Made) and option.type == _NAMED_TUPLE and option.slots[index : index + 1]:
                    parts.append(option.slots[index][1])
                else:
                    parts.append(self.item(option, Const(index)))
            self.assign(frame, target, choice(parts) if parts else Unknown("unpacked"))

    def field_at(self, frame: Frame, value: Instance, index: int) -> Value:
        """What unpacking gives of an object: a named tuple has its fields in order, others are gone through."""
        fields = self.all_fields(value.id) if Lib("typing.NamedTuple") in self.bases(value.id) else []
        return self.attribute(frame, value, fields[index]) if index < len(fields) else self.iterated(frame, value)

    # Expressions --------------------------------------------------------------------------------------------------

    def evaluate(self, frame: Frame, expression: Expr) -> Value:
        return _SEEING[expression[0]](self, frame, expression)

    def see_const(self, frame: Frame, expression: Expr) -> Value:
        return Const(expression[1])

    def see_name(self, frame: Frame, expression: Expr) -> Value:
        return self.read(frame, expression[1])

    def see_attr(self, frame: Frame, expression: Expr) -> Value:
        return self.attribute(frame, self.evaluate(frame, expression[1]), expression[2])

    def see_call(self, frame: Frame, expression: Expr) -> Value:
        _, line, column, callee, args, keywords = expression
        outer = frame.site
        if not frame.pinned:
            frame.site = Site(frame.id.path, line, column, frame.id.name)
        value = self.call_expression(frame, callee, args, keywords)
        frame.site = outer
        return value

    def see_item(self, frame: Frame, expression: Expr) -> Value:
        base = self.evaluate(frame, expression[1])
        if expression[2][0] == "slice":
            return self.sliced(frame, base, expression[2])
        return self.item(base, self.evaluate(frame, expression[2]), frame)

    def see_text(self, frame: Frame, expression: Expr) -> Value:
        return text([self.shown(frame, self.evaluate(frame, part)) for part in expression[1]])

    def see_formatted(self, frame: Frame, expression: Expr) -> Value:
        value = self.evaluate(frame, expression[1])
        self.evaluate(frame, expression[2])
        return value

    def see_unary(self, frame: Frame, expression: Expr) -> Value:
        value = self.evaluate(frame, expression[2])
        if expression[1] == "Not":
            self.tested(frame, value)
        elif (made := self.implied(frame, value, UNARY.get(expression[1], ()))) is not None:
            return made
        return Unknown(NOT_FOLLOWED)

    def see_compare(self, frame: Frame, expression: Expr) -> Value:
        left = self.evaluate(frame, expression[1])
        for operator, right_side in expression[2]:
            right = self.evaluate(frame, right_side)
            self.compared(frame, operator, left, right)
            left = right
        return Unknown(NOT_FOLLOWED)

    def see_binary(self, frame: Frame, expression: Expr) -> Value:
        left, right = self.evaluate(frame, expression[2]), self.evaluate(frame, expression[3])
        if expression[1] == "Mod" and isinstance(left, Const):
            right = self.shown_all(frame, right)
        made = self.operated(frame, expression[1], left, right)
        return made if made is not None else self.binary(expression[1], left, right)

    def shown_all(self, frame: Frame, value: Value) -> Value:
        """The texts made of what stands behind ``%``."""
        if isinstance(value, Many):
            return Many(tuple(self.shown(frame, item) for item in value.items), value.ordered, value.site)
        return self.shown(frame, value)

    def see_either(self, frame: Frame, expression: Expr) -> Value:
        values = [self.evaluate(frame, value) for value in expression[1]]
        for value in values[:-1]:
            self.tested(frame, value)
        result = values[-1]
        for value in reversed(values[:-1]):
            if not (isinstance(value, Const) and not value.value):
                result = _or_else(value, result)
        return result

    def see_choose(self, frame: Frame, expression: Expr) -> Value:
        self.tested(frame, self.evaluate(frame, expression[1]))
        chosen, otherwise = self.evaluate(frame, expression[2]), self.evaluate(frame, expression[3])
        if expression[1] == expression[2] or _is_set(expression[1]):
            return _or_else(chosen, otherwise)
        return choice([chosen, otherwise])

    def see_list(self, frame: Frame, expression: Expr) -> Value:
        items: list[Value] = []
        ordered = True
        for item in expression[1]:
            if item[0] == "star":
                ordered = False
                items.extend(self.spread_out(frame, self.evaluate(frame, item[1])))
            else:
                items.append(self.evaluate(frame, item))
        if len(items) > _LONGEST:
            items, ordered = [*items[:_LONGEST], Unknown(f"a list of more than {_LONGEST} elements")], False
        return Many(tuple(items), ordered, frame.site)

    see_tuple = see_list

    def see_set(self, frame: Frame, expression: Expr) -> Value:
        made = self.see_list(frame, expression)
        assert isinstance(made, Many)
        return Many(made.items, False, made.site)

    def see_dict(self, frame: Frame, expression: Expr) -> Value:
        items: list[tuple[Value | None, Value]] = []
        for key, value in expression[1]:
            if key is None:
                for option in options(self.evaluate(frame, value)):
                    items.extend(self.pairs(option))
            else:
                items.append((self.evaluate(frame, key), self.evaluate(frame, value)))
        if len(items) > _MOST_ITEMS:
            items = [*items[:_MOST_ITEMS], (None, Unknown(f"a mapping of more than {_MOST_ITEMS} entries"))]
        return Dict(tuple(items), frame.site)

    def see_await(self, frame: Frame, expression: Expr) -> Value:
        value = self.evaluate(frame, expression[2])
        self.implied(frame, value, ("__await__",))
        return self.awaited(frame, value)

    def see_lambda(self, frame: Frame, expression: Expr) -> Value:
        return self.define(frame, expression[1])

    def see_each(self, frame: Frame, expression: Expr) -> Value:
        _, element, key, generators = expression
        before = dict(frame.names)
        for target, source, tests in generators:
            self.assign(frame, target, self.iterated(frame, self.evaluate(frame, source)))
            for test in tests:
                self.tested(frame, self.evaluate(frame, test))
        value = self.evaluate(frame, element)
        made: Value
        if key is not None:
            made = Dict(((self.evaluate(frame, key), value),), frame.site)
        else:
            made = Many((value,), False, frame.site)
        frame.names = before
        return made

    def see_yield(self, frame: Frame, expression: Expr) -> Value:
        if expression[1][0] == "star":
            frame.yields.extend(self.spread_out(frame, self.evaluate(frame, expression[1][1])))
        else:
            value = self.evaluate(frame, expression[1])
            self.sent(frame, value)
            frame.yields.append(value)
        if expression[1] != ("const", None):
            self.event(frame, "yielded")
        return Unknown("what a generator is sent")

    def sent(self, frame: Frame, value: Value) -> None:
        """What a library sends that a generator on a class of its own yields: a request for a token."""
        info = self.functions.get(frame.id)
        made = [one for one in options(value) if isinstance(one, Made) and one.slots]
        if not made or info is None or info.cls is None:
            return
        method = frame.id.short
        for base in self.library_bases(info.cls):
            effect = self.tables.type(base).sends.get(method)
            if effect is not None:
                for one in made:
                    self.perform(frame, effect, f"{base}.{method}", None, (one,), {})

    def see_walrus(self, frame: Frame, expression: Expr) -> Value:
        value = self.evaluate(frame, expression[2])
        self.bind(frame, expression[1], value)
        return value

    def see_star(self, frame: Frame, expression: Expr) -> Value:
        return self.evaluate(frame, expression[1])

    def see_other(self, frame: Frame, expression: Expr) -> Value:
        for child in expression[1]:
            self.evaluate(frame, child)
        return Unknown(NOT_FOLLOWED)

    def see_slice(self, frame: Frame, expression: Expr) -> Value:
        return Unknown("a slice")

    def binary(self, operator: str, left: Value, right: Value) -> Value:
        if operator == "Add":
            if isinstance(left, Many) and isinstance(right, Many):
                return Many((*left.items, *right.items), left.ordered and right.ordered, left.site)
            either = (*options(left), *options(right))
            lists = [option for option in either if isinstance(option, Many)]
            if lists:
                return self.one_list(either, lists)
            if any(isinstance(side, Const) and not isinstance(side.value, str) for side in (left, right)):
                return Unknown("arithmetic")  # text is only ever added to text
            return text([left, right])
        if operator == "Mod" and isinstance(left, Const) and isinstance(left.value, str):
            if isinstance(right, Dict):
                return self.percent_by_name(left.value, right)
            values = right.items if isinstance(right, Many) else (right,)
            return self.percent(left.value, values)
        if operator == "BitOr":
            return choice([left, right])  # of types, in annotations
        if operator == "Div":
            return text([left, Const("/"), right])  # of paths and URLs
        return Unknown("arithmetic")

    def one_list(self, either: Sequence[Value], lists: Sequence[Many]) -> Value:
        """Lists of which there are alternatives, put together: one list of all that may be in it."""
        items = dict.fromkeys(item for one in lists for item in self.elements(one))
        sites = dict.fromkeys(one.site for one in lists)
        whole = Many(tuple(items), False, next(iter(sites)) if len(sites) == 1 else None)
        return choice([whole, *(option for option in either if not isinstance(option, Many))])

    def percent(self, template: str, values: Sequence[Value]) -> Value:
        pieces = template.replace("%d", "%s").replace("%r", "%s").split("%s")
        parts: list[Value] = [Const(pieces[0])]
        for index, piece in enumerate(pieces[1:]):
            parts.append(values[index] if index < len(values) else Unknown("a missing format argument"))
            parts.append(Const(piece))
        return text(parts)

    def percent_by_name(self, template: str, values: Dict) -> Value:
        """``"%(host)s" % {"host": …}``"""
        parts: list[Value] = []
        for index, piece in enumerate(_NAMED.split(template)):
            parts.append(self.item(values, Const(piece)) if index % 2 else Const(piece))
        return text(parts)


def _methods(prefix: str) -> dict[str, Callable[..., Any]]:
    """The methods whose names begin with a prefix, by the rest of their names: a look-up costs less than a getattr.

    They are the class's and not bound to a machine, which would keep itself alive by them.
    """
    return {name.removeprefix(prefix): method for name, method in vars(Statements).items() if name.startswith(prefix)}


_DOING: dict[str, Callable[[Statements, Frame, Stmt], bool]] = _methods("do_")
_SEEING: dict[str, Callable[[Statements, Frame, Expr], Value]] = _methods("see_")


def _unquoted(annotation: Expr) -> Expr:
    """An annotation with the types in it that are written as texts: ``"Card"``, ``list["Card"]``."""
    match annotation:
        case ("const", str(text)):
            return _parsed_type(text) or annotation
        case ("item", base, index) if base[-1] not in ("Literal", "Annotated"):
            return ("item", base, _unquoted(index))
        case ("tuple", items):
            return ("tuple", tuple(_unquoted(item) for item in items))
        case ("binary", "BitOr", left, right):
            return ("binary", "BitOr", _unquoted(left), _unquoted(right))
    return annotation


@lru_cache(maxsize=4096)
def _parsed_type(text: str) -> Expr | None:
    try:
        body = extract(f"_ = ({text}\n)".encode(), "").body
    except UnreadableError:
        return None
    return body[0][3] if len(body) == 1 and body[0][0] == "set" else None


def _breaks(body: Sequence[Stmt]) -> bool:
    """Whether statements leave the loop they stand in by ``break``."""
    for statement in body:
        if statement[0] == "break":
            return True
        if statement[0] == "loop":
            continue
        for part in statement[2:]:
            if isinstance(part, tuple) and part and isinstance(part[0], tuple) and _breaks_within(part):
                return True
    return False


def _breaks_within(part: tuple[object, ...]) -> bool:
    blocks = [part, *(inner for item in part if isinstance(item, tuple) for inner in item if isinstance(inner, tuple))]
    return any(
        isinstance(item, tuple) and item and isinstance(item[0], str) and _breaks([item])
        for block in blocks
        for item in block
    )


def _or_else(value: Value, otherwise: Value) -> Value:
    """``value or otherwise``: a variable that is not set has what comes next as its default."""
    return choice(
        Env(one.name, otherwise, one.site) if isinstance(one, Env) and _unset(one.default) else one
        for one in (*options(if_set(value)), *([] if _only_unset(value) else options(otherwise)))
    )


def _unset(default: Value | None) -> bool:
    return default is None or (isinstance(default, Const) and not default.value)


def _only_unset(value: Value) -> bool:
    return all(isinstance(one, Env) and _unset(one.default) for one in options(value))


def _when_missing(caught: Expr | None) -> bool:
    """Whether a handler is for variables that are not set."""
    return caught is None or bool({"KeyError", "LookupError", "Exception"} & texts_in((caught,)))


def _missing(test: Expr) -> str | None:
    """The name of which a test asks whether it has no value."""
    match test:
        case ("unary", "Not", ("name", name)):
            return str(name)
        case ("compare", ("name", name), (("Is" | "Eq", ("const", None | "")),)):
            return str(name)
    return None


def _is_set(test: Expr) -> bool:
    """Whether a test asks if a variable is set: ``"URL" in os.environ``."""
    match test:
        case ("compare", ("const", str()), (("In", ("attr", ("name", "os"), "environ") | ("name", "environ")),)):
            return True
    return False


def _joined(one: dict[str, Value], other: dict[str, Value]) -> dict[str, Value]:
    """The names after two ways through the code have met."""
    if one is other:
        return one
    result = dict(one)
    for name, value in other.items():
        old = result.get(name)
        result[name] = value if old is None or old == value else choice([old, value])
    return result


def _says(part: Any, names: tuple[str, ...]) -> bool:
    """Whether any of some names stands anywhere in a part of a file."""
    stack = [part]
    while stack:
        top = stack.pop()
        if isinstance(top, FunctionFacts | ClassFacts):
            stack += [top.name, top.body]
        elif isinstance(top, tuple):
            stack += top
        elif isinstance(top, str) and top in names:
            return True
    return False
