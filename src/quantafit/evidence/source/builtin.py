"""Built-in functions and methods of Python that carry values on: those that a table cannot say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from quantafit.evidence.source import settings
from quantafit.evidence.source.acts import opaque
from quantafit.evidence.source.dynamic import DYNAMIC
from quantafit.evidence.source.extract import ClassFacts
from quantafit.evidence.source.libraries.vocabulary import ByVersion, Effect
from quantafit.evidence.source.sql import STATEMENT_METHODS, read_sql
from quantafit.evidence.source.state import ClassInfo
from quantafit.evidence.source.supplied import SUPPLIED, changed_address
from quantafit.evidence.source.values import (
    NONE,
    NOTHING,
    Attr,
    Bound,
    Choice,
    Class,
    ClassId,
    Column,
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
    Partial,
    Row,
    Site,
    Slice,
    Text,
    Unknown,
    Value,
    choice,
    closed,
    if_set,
    joined,
    options,
    symbolic,
    text,
)

if TYPE_CHECKING:
    from quantafit.evidence.source.machine import Machine
    from quantafit.evidence.source.state import Frame

Args = tuple[Value, ...]
Named = Mapping[str, Value]
Special = Callable[[Any, "Frame", Args, Named], Value]
Method = Callable[[Any, "Frame", Any, str, Args, Named], Value | None]
"""The first argument is the machine, which calls these about itself."""


def asked_for(args: Args, named: Named) -> Args:
    """The arguments by which a call says that it reaches out: those by position, and an address by its name."""
    return (*(named[name] for name in _ADDRESSES if name in named), *args) if named else args


_ADDRESSES = ("url", "path", "uri", "endpoint")


def _first(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    return args[0] if args else NONE


def _handed_on(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """What ``unknown(…)(function)`` gives, once it is told whether it was a function that it was given."""
    if args[0] != NOTHING and all(isinstance(option, Func | Bound | Partial) for option in options(args[0])):
        return args[0]
    machine.hand_over(frame, args[:1])
    return opaque("a call", *args)


def _partial(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    return Partial(args[0], args[1:], tuple(named.items())) if args else Unknown("partial of nothing")


def _getattr(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    if len(args) < 2:
        return Unknown("getattr")
    base, name = args[0], args[1]
    found = []
    for option in name.options if hasattr(name, "options") else (name,):
        if isinstance(option, Const) and isinstance(option.value, str):
            by_default = base == Lib("django.conf.settings") and len(args) > 2
            found.append(
                settings.django_setting(machine, option.value, args[2])
                if by_default
                else machine.attribute(frame, base, option.value)
            )
        elif not closed(option) or not closed(base):
            return Invoke(Lib("builtins.getattr"), args, (), frame.site)
        elif isinstance(base, Lib) and machine.tables.standing(base.name) in ("modelled", "unknown"):
            machine.doubt(f"getattr({base.name}, …)", "which attribute is decided at run time", frame.site,
                          ("request", "publish"))  # fmt: skip
        elif reaching(machine, base):
            why = "which method is called is decided at run time"
            machine.doubt("getattr(…)", why, frame.site, ("request", "publish", "store"))
        elif isinstance(base, Module) and (functions := _functions_named(machine, base, option)):
            found.extend(functions)
        elif isinstance(base, Module | Foreign):
            why = "which attribute is decided at run time"
            machine.doubt("getattr(…)", why, frame.site, ("request", "publish", "import"))
        else:
            found.extend(_methods_named(machine, frame, base, option))
    return choice(found) if found else opaque("getattr", base)


def _ends(name: Value) -> tuple[str, str]:
    """How a name that is known in part begins and ends."""
    parts = name.parts if isinstance(name, Text) else ()
    first = str(parts[0].value) if parts and isinstance(parts[0], Const) else ""
    last = str(parts[-1].value) if parts and isinstance(parts[-1], Const) else ""
    return first, last


def _functions_named(machine: Machine, base: Module, name: Value) -> list[Value]:
    """The functions of a module that a name may mean of which the beginning or the end is known."""
    first, last = _ends(name)
    names = machine.global_names(base.path) if first or last else ()
    fitting = [held for held in names if held.startswith(first) and held.endswith(last)]
    values = [machine.global_value(base.path, held) for held in fitting]
    return [value for value in values if machine.is_code(value)]


def _methods_named(machine: Machine, frame: Frame, base: Value, name: Value) -> list[Value]:
    """The methods of the program's own objects that a name known in part may mean: ``getattr(self, f"on_{event}")``."""
    first, last = _ends(name)
    found = []
    for option in options(base):
        for cls in machine.lineage(option.id) if isinstance(option, Instance) else ():
            for held, value in machine.classes[cls].names.items():
                fits = held.startswith(first) and held.endswith(last) and not held.startswith("__")
                if fits and machine.is_code(value):
                    found.append(machine.attribute(frame, option, held))
    return found


def reaching(machine: Machine, value: Value) -> bool:
    """Whether methods of an object can reach out: a client of a library, or an object of a class that extends one."""
    for option in value.options if isinstance(value, Choice) else (value,):
        type_ = option.type if isinstance(option, Made) else None
        if isinstance(option, Instance):
            type_ = machine.library_base(option.id)
        if type_ is not None and any(
            name.startswith(type_ + ".") and call.effects for name, call in machine.tables.calls.items()
        ):
            return True
    return False


def _setattr(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    if len(args) == 3 and isinstance(args[1], Const):
        machine.set_attribute(frame, args[0], str(args[1].value), args[2])
    elif len(args) == 3 and any(isinstance(one, Param) for one in options(args[0])):
        machine.set_attribute(frame, args[0], ANY_NAME, Dict(((None, args[2]),), None))
    elif len(args) == 3 and any(isinstance(one, Row) for one in options(args[0])):
        machine.doubt("setattr(…)", "which column is set is decided at run time", frame.site, ("store",))
    return NONE


ANY_NAME = "*"
"""The attribute under which a mapping stands that an object takes its attributes from."""


def _type(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``type(object)`` is its class; ``type(name, bases, names)`` makes one."""
    if len(args) != 3 or not isinstance(args[0], Const) or not isinstance(args[2], Dict):
        known = [option for option in options(args[0]) if isinstance(option, Instance)] if len(args) == 1 else []
        return choice(Class(one.id) for one in known) if known else opaque("type", *args)
    id = ClassId(frame.id.path, f"{args[0].value}@{frame.site.line}")
    bases = args[1].items if isinstance(args[1], Many) else ()
    facts = ClassFacts(id.name, frame.site.line, (), (), (), ())
    info = machine.classes.get(id) or ClassInfo(facts, id, bases)
    if id not in machine.classes or info.bases != bases:
        info.bases = bases
        machine.classes[id] = info
        machine.class_met(id, machine.extended(id))
    own = {str(key.value): value for key, value in machine.pairs(args[2]) if isinstance(key, Const)}
    info.names = {**info.given, **{name: joined(info.given.get(name), value) for name, value in own.items()}}
    machine.class_names(id, info.names)
    return Class(id)


def _new_class(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``types.new_class(name, bases, keywords, fill)``"""
    fill = args[3] if len(args) > 3 else named.get("exec_body", NONE)
    names = Dict((), frame.site)
    if fill != NONE:
        machine.call(frame, fill, (names,), {})
    return _type(machine, frame, (*args[:1], args[1] if len(args) > 1 else Many((), True, None), names), {})


def _if_set(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """A value that was found to be set, once it is known: no value at all, where it could not have been."""
    return choice(if_set(option) for option in options(args[0]) if not (isinstance(option, Const) and not option.value))


def _choose(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """A slot that depends on a value, once that is known."""
    found = []
    for option in options(args[0]):
        if symbolic(option):
            return Invoke(Lib("quantafit.choose"), args, (), frame.site)
        if not isinstance(option, Const):
            return Unknown("it depends on a value that is not known")
        if isinstance(option.value, ByVersion):
            return Unknown("it depends on a default that has changed")
        cases = [
            value for case, value in machine.pairs(args[1]) if isinstance(case, Const) and case.value == option.value
        ]
        found.append(cases[0] if cases else args[2])
    return choice(found)


def _entry(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """An entry of a mapping, or its default, once the mapping is known."""
    key, default = args[1], args[2]
    assert isinstance(key, Const)
    assert isinstance(default, Const)
    return machine.mapping_entry(args[0], str(key.value), default.value)


def _isinstance(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    return Unknown("a test")


def _elements(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    if not args:
        return Many((), False, frame.site)
    if isinstance(args[0], Many):
        return Many(args[0].items, args[0].ordered, args[0].site)
    return Many(machine.elements(args[0]) or (machine.iterated(frame, args[0]),), False, frame.site)


def _next(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    found = [machine.iterated(frame, args[0])] if args else []
    return choice([*found, *args[1:2]]) if found else Unknown("next")


def _some(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """Elements of the first argument, which of them and in which order is not told."""
    return Many(machine.elements(args[0]) or (machine.iterated(frame, args[0]),) if args else (), False, None)


def _chain(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    found = [element for arg in args for element in machine.elements(arg) or (machine.iterated(frame, arg),)]
    return Many(tuple(found), False, None)


def _dict(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    if args == (Lib(settings.ENVIRONMENT),) and not named:
        return args[0]
    for arg in args:
        machine.gone_through(frame, arg)
    items = [pair for arg in args for pair in machine.pairs(arg)]
    items.extend((Const(name), value) for name, value in named.items())
    return Dict(tuple(items), frame.site)


_WITH_ATTRIBUTES = (
    "addict.Dict", "attrdict.AttrDict", "box.Box", "bunch.Bunch", "bunch.bunchify", "dotmap.DotMap",
    "easydict.EasyDict", "munch.Munch", "munch.munchify", "omegaconf.OmegaConf.create",
)  # fmt: skip
"""Mappings that give their entries as attributes too."""


def _map(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    if len(args) < 2:
        return Unknown("map")
    element = machine.iterated(frame, args[1])
    return Many((machine.call(frame, args[0], (element,), {}),), False, frame.site)


def _starmap(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    if len(args) < 2:
        return Unknown("starmap")
    given = machine.iterated(frame, args[1])
    found = [
        machine.call(frame, args[0], option.items if isinstance(option, Many) else machine.elements(option), {})
        for option in options(given)
    ]
    return Many(tuple(found), False, frame.site)


def _keyed(machine: Machine, frame: Frame, args: Args, named: Named) -> None:
    """``key=`` is called with each element."""
    if "key" in named and args:
        machine.call(frame, named["key"], (machine.iterated(frame, args[0]),), {})


def _sorted(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    _keyed(machine, frame, args, named)
    return _elements(machine, frame, args, named)


def _filtered(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    if len(args) > 1 and args[0] != NONE:
        machine.call(frame, args[0], (machine.iterated(frame, args[1]),), {})
    return _elements(machine, frame, args[1:], named)


def _reduce(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``functools.reduce``: in order where the elements are known, else each way in which one may follow another."""
    if len(args) < 2:
        return Unknown("reduce")
    items = [*args[2:3], *(args[1].items if isinstance(args[1], Many) and args[1].ordered else ())]
    if len(items) <= len(args[2:3]) or len(items) > _MOST_FOLDED:
        element = machine.iterated(frame, args[1])
        first = args[2] if len(args) > 2 else element
        once = machine.call(frame, args[0], (first, element), {})
        return choice([first, once, machine.call(frame, args[0], (once, element), {})])
    value = items[0]
    for item in items[1:]:
        value = machine.call(frame, args[0], (value, item), {})
    return value


def _asks(*names: str, gives: str = "") -> Special:
    """A built-in function that calls a method of what it is given."""

    def asking(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
        for arg in args[:1]:
            machine.implied(frame, arg, names)
        return opaque(gives, *args)

    return asking


def _goes_through(name: str) -> Special:
    """A built-in function that goes through all elements of what it is given."""

    def going(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
        for arg in args:
            machine.gone_through(frame, arg)
        _keyed(machine, frame, args, named)
        machine.hand_over(frame, (*args, *named.values()))
        return opaque(name, *args, *named.values())

    return going


def _texts(name: str) -> Special:
    def making(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
        shown = [machine.shown(frame, arg) for arg in args]
        return opaque(name, *shown)

    return making


def _str(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    return machine.shown(frame, args[0]) if args else Const("")


def _called(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``operator.call(function, …)``"""
    return machine.call(frame, args[0], args[1:], named) if args else Unknown("a call of nothing")


def _made_by(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """A proxy for what a function gives: ``LocalProxy(get_client)``."""
    return choice(
        machine.call(frame, option, (), {}) if machine.is_code(option) or isinstance(option, Partial) else option
        for option in options(args[0] if args else NONE)
    )


def _operator(name: str) -> Special:
    def operating(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
        if len(args) < 2:
            return Unknown("an operator without its sides")
        made = machine.operated(frame, name, args[0], args[1])
        return made if made is not None else machine.binary(name, args[0], args[1])

    return operating


def _itemgetter(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    return Partial(Lib("quantafit.get_item"), args, ())


def _get_item(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    *keys, base = args
    found = [machine.item(base, key, frame) for key in keys]
    return found[0] if len(found) == 1 else Many(tuple(found), True, None)


def _fromkeys(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    value = args[1] if len(args) > 1 else NONE
    keys = machine.elements(args[0]) if args else ()
    return Dict(tuple((key, value) for key in keys) or ((None, value),), frame.site)


def _property(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``x = property(get_x, set_x)``"""
    given = dict(zip(("getter", "setter", "deleter"), args, strict=False))
    given |= {full: named[short] for short, full in _PROPERTY_PARTS if short in named}
    return Made("builtins.property", tuple((name, value) for name, value in given.items() if value != NONE), None)


_PROPERTY_PARTS = (("fget", "getter"), ("fset", "setter"), ("fdel", "deleter"))
_MOST_FOLDED = 16


def _held(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """A container that is filled later: what is put into it comes out of it."""
    first = [item for arg in args[:1] for item in machine.elements(arg) if isinstance(arg, Many)]
    return Many(tuple(first), False, frame.site)


def _defaultdict(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """A mapping whose entries begin as what the factory gives; which key they stand under is not told apart."""
    made = _dict(machine, frame, args[1:], named)
    if not args or args[0] == NONE or not isinstance(made, Dict):
        return made
    inner = machine.scratch(frame.id)
    inner.site = Site(frame.site.path, frame.site.line, frame.site.column, f"{frame.site.symbol}<default>")
    return Dict((*made.items, (None, machine.call(inner, args[0], (), {}))), frame.site)


def _namedtuple(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``namedtuple("Point", "x y")`` and ``NamedTuple("Point", [("x", int)])``: a callable that keeps its arguments."""
    declared = args[1] if len(args) > 1 else named.get("field_names", NONE)
    if isinstance(declared, Const) and isinstance(declared.value, str):
        names = [Const(name) for name in declared.value.replace(",", " ").split()]
    else:
        items = declared.items if isinstance(declared, Many) else ()
        firsts = [item.items[0] if isinstance(item, Many) and item.items else item for item in items]
        names = [item for item in firsts if isinstance(item, Const)]
    defaults = named.get("defaults", NONE)
    return Partial(Lib("quantafit.named"), (Many(tuple(names), True, None), defaults), ())


def _named(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    fields = [str(name.value) for name in machine.elements(args[0]) if isinstance(name, Const)]
    last = machine.elements(args[1])
    bound = dict(zip(fields[len(fields) - len(last) :], last, strict=True)) if len(last) <= len(fields) else {}
    bound |= dict(zip(fields, args[2:], strict=False)) | {
        name: value for name, value in named.items() if name in fields
    }
    return Made("types.SimpleNamespace", tuple(bound.items()), frame.site)


def _zip(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    return Many((Many(tuple(machine.iterated(frame, arg) for arg in args), True, None),), False, None)


def _enumerate(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    element = machine.iterated(frame, args[0]) if args else NONE
    return Many((Many((Unknown("a count"), element), True, None),), False, None)


def _cast(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``cast(type, value)``: the type tells what the value is, where nothing else does."""
    if len(args) < 2:
        return NONE
    made = machine.instance_of(args[0]) if isinstance(args[1], Param) else machine.told_by(frame, args[0], args[1])
    return args[1] if isinstance(made, Unknown) else made


def _replaced(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``dataclasses.replace(object, **changes)``"""
    return choice(
        machine.keep_instance(Instance(option.id, tuple({**dict(option.bound), **named}.items()), option.site))
        if isinstance(option, Instance)
        else option
        for option in options(args[0] if args else NONE)
    )


def _partial_method(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    slots = (("function", args[0] if args else NONE), ("given", Partial(NONE, args[1:], tuple(named.items()))))
    return Made("functools.partialmethod", slots, frame.site)


def _vars(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    if args and isinstance(args[0], Module | Lib | Instance | Param):
        return machine.attribute(frame, args[0], "__dict__")
    return opaque("vars", *args)


def _namespace(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    return Made("types.SimpleNamespace", tuple(named.items()), frame.site)


def _methodcaller(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    return Partial(Lib("quantafit.call_method"), args, tuple(named.items())) if args else Unknown("methodcaller")


def _call_method(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    *given, receiver = args
    name = given[0] if given else NONE
    if not isinstance(name, Const) or not isinstance(name.value, str):
        machine.doubt("methodcaller(…)", "which method is called is decided at run time", frame.site,
                      ("request", "publish"))  # fmt: skip
        return Unknown("a method named at run time")
    return machine.call_method(frame, receiver, name.value, tuple(given[1:]), named)


def _attrgetter(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    return Partial(Lib("quantafit.get_attribute"), args, ())


def _get_attribute(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    if len(args) != 2 or not isinstance(args[0], Const):
        return opaque("attrgetter", *args)
    value = args[1]
    for part in str(args[0].value).split("."):
        value = machine.attribute(frame, value, part)
    return value


def _number(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    for arg in args[:1]:
        machine.implied(frame, arg, ("__int__", "__float__", "__index__"))
    return args[0] if args and isinstance(args[0], Const | Column | Env | Param) else opaque("number", *args)


def _decorating(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """A decorator that keeps the function what it is, bare or with options of its own."""
    return args[0] if args else Lib("quantafit.same")


def _wraps(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    return Lib("quantafit.same")


BUILTIN: dict[str, Special] = {
    **DYNAMIC,
    **SUPPLIED,
    "enum.auto": lambda machine, frame, args, named: Made("enum.auto", (), None),
    "contextvars.ContextVar": lambda machine, frame, args, named: Many(
        (named["default"],) if "default" in named else (), False, frame.site
    ),
    "quantafit.if_set": _if_set,
    "quantafit.choose": _choose,
    "quantafit.entry": _entry,
    "builtins.getattr": _getattr,
    "builtins.setattr": _setattr,
    "builtins.type": _type,
    "types.new_class": _new_class,
    "builtins.isinstance": _isinstance,
    "builtins.hasattr": _isinstance,
    "builtins.list": _elements,
    "builtins.tuple": _elements,
    "builtins.set": _elements,
    "builtins.frozenset": _elements,
    "builtins.sorted": _sorted,
    "builtins.reversed": _elements,
    "builtins.iter": _elements,
    "builtins.aiter": _elements,
    "builtins.filter": _filtered,
    "functools.reduce": _reduce,
    "builtins.property": _property,
    "builtins.len": _asks("__len__", gives="builtins.len"),
    "builtins.bool": _asks("__bool__", "__len__", gives="builtins.bool"),
    "builtins.hash": _asks("__hash__", gives="builtins.hash"),
    "builtins.abs": _asks("__abs__", gives="builtins.abs"),
    "builtins.round": _asks("__round__", gives="builtins.round"),
    "builtins.repr": _texts("builtins.repr"),
    "builtins.format": _texts("builtins.format"),
    "builtins.print": _texts("builtins.print"),
    **{f"builtins.{name}": _goes_through(f"builtins.{name}") for name in ("sum", "min", "max", "any", "all")},
    "builtins.object.__setattr__": _setattr,
    "builtins.dict.fromkeys": _fromkeys,
    "operator.call": _called,
    "operator.itemgetter": _itemgetter,
    "operator.getitem": lambda machine, frame, args, named: _get_item(machine, frame, (*args[1:], *args[:1]), named),
    "quantafit.get_item": _get_item,
    **{
        f"operator.{name}": _operator(operator)
        for name, operator in (("add", "Add"), ("concat", "Add"), ("mod", "Mod"), ("truediv", "Div"), ("or_", "BitOr"))
    },
    "werkzeug.local.LocalProxy": _made_by,
    "django.utils.functional.SimpleLazyObject": _made_by,
    "lazy_object_proxy.Proxy": _made_by,
    "wrapt.ObjectProxy": _first,
    "builtins.next": _next,
    "builtins.anext": _next,
    "builtins.dict": _dict,
    "builtins.map": _map,
    "itertools.cycle": _some,
    "itertools.islice": _some,
    "itertools.takewhile": lambda machine, frame, args, named: _some(machine, frame, args[1:], named),
    "itertools.dropwhile": lambda machine, frame, args, named: _some(machine, frame, args[1:], named),
    "itertools.repeat": lambda machine, frame, args, named: Many(args[:1], False, None),
    "itertools.chain": _chain,
    "random.choice": _next,
    "secrets.choice": _next,
    "random.sample": _some,
    "random.choices": _some,
    "builtins.zip": _zip,
    "itertools.starmap": _starmap,
    "itertools.chain.from_iterable": lambda machine, frame, args, named: _elements(
        machine, frame, (machine.iterated(frame, args[0]),) if args else (), named
    ),
    **dict.fromkeys(
        (
            "collections.deque",
            "queue.Queue",
            "queue.SimpleQueue",
            "queue.LifoQueue",
            "queue.PriorityQueue",
            "asyncio.Queue",
            "asyncio.LifoQueue",
            "asyncio.PriorityQueue",
            "multiprocessing.Queue",
            "multiprocessing.JoinableQueue",
            "multiprocessing.SimpleQueue",
        ),
        _held,
    ),
    "collections.defaultdict": _defaultdict,
    "collections.OrderedDict": _dict,
    **dict.fromkeys(_WITH_ATTRIBUTES, _dict),
    "collections.ChainMap": _dict,
    "weakref.WeakValueDictionary": _dict,
    "weakref.WeakKeyDictionary": _dict,
    "weakref.WeakSet": _held,
    "weakref.proxy": _first,
    "types.MappingProxyType": _first,
    "collections.namedtuple": _namedtuple,
    "typing.NamedTuple": _namedtuple,
    "quantafit.named": _named,
    "builtins.enumerate": _enumerate,
    "builtins.str": _str,
    "builtins.bytes": _first,
    "builtins.int": _number,
    "builtins.float": _number,
    "builtins.vars": _vars,
    "types.SimpleNamespace": _namespace,
    "operator.methodcaller": _methodcaller,
    "quantafit.call_method": _call_method,
    "operator.attrgetter": _attrgetter,
    "quantafit.get_attribute": _get_attribute,
    "builtins.super": lambda machine, frame, args, named: Unknown("super"),
    "functools.partial": _partial,
    "functools.partialmethod": _partial_method,
    "dataclasses.replace": _replaced,
    "copy.replace": _replaced,
    "attr.evolve": _replaced,
    "attrs.evolve": _replaced,
    "asgiref.sync.sync_to_async": _decorating,
    "asgiref.sync.async_to_sync": _decorating,
    "channels.db.database_sync_to_async": _decorating,
    "functools.wraps": _wraps,
    "functools.lru_cache": lambda machine, frame, args, named: args[0] if args else Lib("quantafit.same"),
    "functools.cache": _first,
    "quantafit.same": _first,
    "quantafit.handed_on": _handed_on,
    "typing.cast": _cast,
    "quantafit.told": lambda machine, frame, args, named: machine.told_by(frame, args[0], args[1]),
    "copy.copy": _first,
    "copy.deepcopy": _first,
    "contextlib.closing": _first,
    "contextlib.aclosing": _first,
    "contextlib.contextmanager": _first,
    "contextlib.asynccontextmanager": _first,
    **settings.SPECIALS,
}


# Methods of built-in values. A method gives None where the value has no such method.

_SAME_TEXT = frozenset(
    {"strip", "rstrip", "lstrip", "encode", "decode", "lower", "upper", "removeprefix", "removesuffix", "title",
     "casefold", "expandtabs", "unicode_string", "geturl", "render_as_string", "with_query", "update_query",
     "extend_query", "with_fragment", "human_repr", "copy_with", "copy_merge_params", "include_query_params",
     "copy_add_param", "copy_set_param", "_replace", "as_uri", "tostr"}
)  # fmt: skip


def _text_method(machine: Machine, frame: Frame, base: Value, name: str, args: Args, named: Named) -> Value | None:
    if isinstance(base, Const) and base.value is None:
        return Unknown(f"{name} of nothing")
    if name in _WORKING:
        machine.event(frame, "work")  # a text may be a path: what is written there is work done
    entry = settings.entry_method(base, name, args) if isinstance(base, Env) else None
    entry = entry if entry is not None else settings.path_method(base, name)
    if entry is not None:
        return entry
    changed = changed_address(base, name, args, named)
    if changed is not None:
        return changed
    if name in _SAME_TEXT:
        if isinstance(base, Const) and isinstance(base.value, str) and name in ("lower", "upper", "title"):
            return Const(getattr(base.value, name)())
        if name in ("rstrip", "strip", "removesuffix") and isinstance(base, Const) and isinstance(base.value, str):
            given = args[0].value if args and isinstance(args[0], Const) else None
            if given is None or isinstance(given, str):
                return Const(getattr(base.value, name)(*([given] if given is not None else [])))
        return base
    if name == "format" and _is_template(base):
        return _format(machine, frame, base, args, named)
    if name == "format_map" and _is_template(base) and args:
        given = {str(key.value): value for key, value in machine.pairs(args[0]) if isinstance(key, Const)}
        return _format(machine, frame, base, (), given)
    if name == "join" and args:
        machine.gone_through(frame, args[0])
    if name in ("join", "joinpath") and args and _is_address(base):
        return text([base, *(piece for part in args for piece in (Const("/"), part))])
    if name == "join" and args and isinstance(args[0], Many) and args[0].ordered:
        parts: list[Value] = []
        for item in args[0].items:
            parts.extend([base, item] if parts else [item])
        return text(parts) if parts else Const("")
    if name == "split" and not named and len(args) <= 1:
        listed = _split(base, args[0] if args else NONE)
        if listed is not None:
            return listed
    if name == "replace" and args:
        return _replaced_in(base, args)
    if name in ("glob", "rglob", "iterdir"):
        return opaque(f"pathlib.Path.{name}", base, *args)
    return opaque(name, base, *args)


def _replaced_in(base: Value, args: Args) -> Value:
    """``text.replace(old, new)``: in what is known of the text."""
    old, new = args[0], args[1] if len(args) > 1 else Unknown("what is put in its place")
    pieces = base.parts if isinstance(base, Text) else (base,)
    if not isinstance(old, Const) or not isinstance(old.value, str) or not old.value:
        return opaque("replace", base) if not isinstance(base, Const) else Unknown("a text with parts replaced")
    if not any(isinstance(piece, Const) for piece in pieces):
        return opaque("replace", base)
    made: list[Value] = []
    for piece in pieces:
        parts = str(piece.value).split(old.value) if isinstance(piece, Const) else None
        for index, part in enumerate(parts or ()):
            made.extend([new, Const(part)] if index else [Const(part)])
        made.extend([] if parts is not None else [piece])
    return text(made)


def _is_address(value: Value) -> bool:
    """Whether a text begins with a scheme, as only objects that stand for addresses have such a method."""
    first = value.parts[0] if isinstance(value, Text) else value
    return isinstance(first, Const) and isinstance(first.value, str) and "://" in first.value


def _split(base: Value, by: Value) -> Value | None:
    """The parts of a text. An environment variable that lists values holds each of them (its name stays)."""
    separator = by.value if isinstance(by, Const) else base
    if not (separator is None or (isinstance(separator, str) and separator)):
        return None
    if isinstance(base, Const) and isinstance(base.value, str):
        return Many(tuple(Const(part) for part in base.value.split(separator)), True, None)
    if isinstance(base, Env) and separator == ",":
        default = _split(base.default, by) if base.default is not None else None
        if isinstance(default, Many):
            return Many(tuple(Env(base.name, item, base.site) for item in default.items), False, None)
        return Many((base,), False, None)
    return None


def _is_template(value: Value) -> bool:
    return isinstance(value, Text) or (isinstance(value, Const) and isinstance(value.value, str))


def _format(machine: Machine, frame: Frame, template: Value, args: Args, named: Named) -> Value:
    """A template filled in; of one that is known in part, the fields in what is known of it."""
    import string

    parts: list[Value] = []
    count = 0
    for piece in template.parts if isinstance(template, Text) else (template,):
        if not isinstance(piece, Const):
            parts.append(piece)
            continue
        try:
            fields = list(string.Formatter().parse(str(piece.value)))
        except ValueError:
            return Unknown("a broken format")
        for literal, field, _, _ in fields:
            if literal:
                parts.append(Const(literal))
            if field is None:
                continue
            key = field.split(".")[0].split("[")[0]
            if key == "" or key.isdigit():
                index = int(key) if key else count
                count += 1
                given = args[index] if index < len(args) else Unknown("a missing format argument")
            else:
                given = named.get(key, Unknown("a missing format argument"))
            parts.append(machine.shown(frame, _inside(machine, frame, given, field)))
    return text(parts) if parts else Const("")


def _inside(machine: Machine, frame: Frame, value: Value, field: str) -> Value:
    """What ``{0.host}`` and ``{c[host]}`` take out of an argument."""
    for attribute, key in re.findall(r"\.(\w+)|\[([^\]]*)\]", field):
        found = Const(int(key)) if key.isdigit() else Const(key)
        value = machine.attribute(frame, value, attribute) if attribute else machine.item(value, found, frame)
    return value


def _dict_method(machine: Machine, frame: Frame, base: Dict, name: str, args: Args, named: Named) -> Value | None:
    pairs = machine.pairs(base)
    if name in ("get", "pop", "setdefault") and args:
        found = machine.item(base, args[0])
        default = list(args[1:2])
        if name == "setdefault" and default and base.site is not None:
            machine.put_item(base.site, args[0], default[0])
        return choice([found, *default]) if default or not isinstance(found, Unknown) else found
    if name == "items":
        keyed = [Many((key or Unknown("a key"), value), True, None) for key, value in pairs]
        return Many(tuple(keyed), False, None)
    if name == "values":
        return Many(tuple(value for _, value in pairs), False, None)
    if name == "keys":
        return Many(tuple(key for key, _ in pairs if key is not None), False, None)
    if name == "copy":
        return base
    if name == "update" and base.site is not None:
        for key, value in (pair for arg in args for pair in machine.pairs(arg)):
            machine.put_item(base.site, key, value)
        for key_name, value in named.items():
            machine.put_item(base.site, Const(key_name), value)
        return NONE
    return opaque(name, base, *args)


_FILLING = frozenset(
    {"append", "add", "appendleft", "insert", "put", "put_nowait", "set", "extend", "extendleft", "update"}
)


_FOR_OTHERS = frozenset({"put", "put_nowait"})
"""What is put into a queue within the process somebody else works on, later."""


def _many_method(machine: Machine, frame: Frame, base: Many, name: str, args: Args, named: Named) -> Value | None:
    if name in _FOR_OTHERS and args and not isinstance(args[0], Const):
        machine.event(frame, "spawned")
    if name in _FILLING and base.site is not None:
        several = name in ("extend", "extendleft", "update") and bool(args)
        added = machine.elements(args[0]) if several else args[-1:] if name == "insert" else args[:1]
        for item in added:
            machine.put_item(base.site, None, item)
            if not closed(item):
                machine.passed_on[base.site].add((None, item))
                machine.pass_on(frame, base, NONE, item)
        return NONE
    if name in _ONE_OF_MANY:
        elements = machine.elements(base)
        return choice(elements) if elements else Unknown("an element of an empty list")
    if name in _SAME_MANY:
        return base
    return opaque(name, base, *args)


def _opaque_method(machine: Machine, frame: Frame, base: Value, name: str, args: Args, named: Named) -> Value | None:
    if name in _SAME_TEXT:
        return base
    if name in _TO_TABLE and (stored := _into_table(machine, frame, base, name, args, named)) is not None:
        return stored
    if isinstance(base, Opaque) and machine.tells(name, asked_for(args, named)):
        return None
    speaks_sql(machine, frame, name, args)
    if name == "get" and args and isinstance(args[0], Const) and isinstance(base, Opaque):
        return Item(base, args[0])
    passed = machine.passed_through(frame, name, args, named)
    if passed is not None:
        return passed
    machine.hand_over(frame, (*args, *named.values()))
    machine.hand_to_unknown(frame, base, name, (*args, *named.values()))
    if name in _WORKING:
        machine.event(frame, "work")
    return opaque(name, base, *args, *named.values())


def _unknown_method(machine: Machine, frame: Frame, base: Value, name: str, args: Args, named: Named) -> Value | None:
    if name in _TO_TABLE and (stored := _into_table(machine, frame, base, name, args, named)) is not None:
        return stored
    speaks_sql(machine, frame, name, args)
    if name in _WORKING:
        machine.event(frame, "work")
    return None


_EXECUTES = Effect("execute", "database")


_TO_TABLE = {"to_sql": "con", "write_database": "connection", "to_postgis": "con"}
"""Methods of data frames that put the whole frame into a table, and the argument that names the database."""


def _into_table(machine: Machine, frame: Frame, base: Value, name: str, args: Args, named: Named) -> Value | None:
    """A data frame that goes into a table: what the frame was made from goes there."""
    table = args[0] if args else named.get("name", named.get("table_name", NONE))
    datastore = args[1] if args[1:] else named.get(_TO_TABLE[name], NONE)
    described = any(machine.is_told(one) for one in _TO_TABLE)
    if not isinstance(table, Const) or not isinstance(table.value, str) or not described:
        return None
    columns = Dict(((Const("*"), base),), None)
    machine.perform_with(frame, Effect("connect", "database"), name, {"url": datastore})
    slots: dict[str, Value] = {"table": table, "columns": columns, "operation": Const("insert"), "datastore": datastore}
    machine.perform_with(frame, Effect("store", "database"), name, slots)
    return NONE


def speaks_sql(machine: Machine, frame: Frame, name: str, args: Args) -> None:
    """A statement given to something unknown by the usual name: whatever it is, the tables in the text are used."""
    if name not in STATEMENT_METHODS or not args:
        return
    for option in options(args[0]):
        if isinstance(option, Const) and isinstance(option.value, str) and read_sql(option.value):
            machine.perform_with(frame, _EXECUTES, name, {"statement": option, "values": args[1] if args[1:] else NONE})


def _open_method(machine: Machine, frame: Frame, base: Made, name: str, args: Args, named: Named) -> Value | None:
    """A library's object on which the program keeps entries of its own, used as a mapping; or one of its settings."""
    special = settings.MADE.get((base.type, name))
    if special is not None:
        return special(machine, frame, base, args, named)
    if not machine.keyed(base.type):
        return None
    if name in ("get", "pop", "setdefault") and args:
        found = machine.item(base, args[0], frame)
        return choice([found, *args[1:2]])
    if name in ("update", "from_mapping"):
        for key, value in [*(pair for arg in args for pair in machine.pairs(arg))]:
            machine.set_item(frame, base, key or Unknown("a key"), value)
        for key_name, value in named.items():
            machine.set_item(frame, base, Const(key_name), value)
        return NONE
    return None


def _namespace_update(machine: Machine, frame: Frame, base: Attr, name: str, args: Args, named: Named) -> Value | None:
    """``self.__dict__.update(options)``: the object has its attributes from a mapping."""
    if base.name != "__dict__":
        return None
    for given in (*args, *([Dict(tuple((Const(key), one) for key, one in named.items()), None)] if named else [])):
        machine.set_attribute(frame, base.base, ANY_NAME, given)
    return NONE


def _item_get(machine: Machine, frame: Frame, base: Value, name: str, args: Args, named: Named) -> Value | None:
    """``row["options"].get("url")``: an entry by its name; what looks like an address is asked of a client."""
    key = args[0] if args else NONE
    if isinstance(base, Column) or (isinstance(key, Const) and "/" not in str(key.value)):
        return Item(base, key)
    return None


def _record_method(
    machine: Machine, frame: Frame, base: Instance | Row, name: str, args: Args, named: Named
) -> Value | None:
    """Dumping a record gives a mapping of its fields; ``include`` and ``exclude`` choose among them."""
    id = base.id if isinstance(base, Instance) else base.entity
    if name not in ("model_dump", "model_dump_json", "dict", "json", "asdict", "_asdict") or id is None:
        return None
    if machine.find_name(id, name) is not None or machine.kind_of(id) not in ("record", "entity", "settings"):
        return None
    fields = [field for cls in machine.lineage(id) for field in machine.classes[cls].annotations]
    include, exclude = _names(machine, named.get("include")), _names(machine, named.get("exclude"))
    chosen = [field for field in dict.fromkeys(fields) if field not in exclude and (not include or field in include)]
    return Dict(tuple((Const(field), machine.attribute(frame, base, field)) for field in chosen), frame.site)


def _names(machine: Machine, value: Value | None) -> set[str]:
    found = machine.elements(value) if value is not None else ()
    return {str(item.value) for item in found if isinstance(item, Const)}


def _symbolic_record(machine: Machine, frame: Frame, base: Param, name: str, args: Args, named: Named) -> Value | None:
    """A record that is a parameter: what it dumps is known from its annotation."""
    info = machine.functions.get(base.function)
    declared = info.annotations.get(base.name) if info else None
    if declared is None or name not in ("model_dump", "model_dump_json", "dict", "_asdict"):
        return None
    for option in declared.options if hasattr(declared, "options") else (declared,):
        id = getattr(option, "id", None)
        if id is None or isinstance(id, FunctionId) or machine.kind_of(id) != "record":
            continue
        made = _record_method(machine, frame, Instance(id, (), None), name, args, named)
        if isinstance(made, Dict):
            items = tuple((key, machine.attribute(frame, base, str(key.value))) for key, _ in made.items
                          if isinstance(key, Const))  # fmt: skip
            return Dict(items, frame.site)
    return None


WEIGHTLESS = frozenset(
    [
        "builtins",
        "logging",
        "time",
        "datetime",
        "json",
        "typing",
        "uuid",
        "re",
        "math",
        "random",
        "itertools",
        "functools",
        "collections",
        "copy",
        "operator",
        "string",
        "textwrap",
        "base64",
        "hashlib",
        "hmac",
        "secrets",
        "decimal",
        "enum",
        "dataclasses",
        "contextlib",
        "warnings",
        "traceback",
        "sys",
        "inspect",
        "types",
        "abc",
        "urllib",
        "asyncio",
        "threading",
        "os",
        "quantafit",
        "pathlib",
    ]
)
"""Modules whose calls are no work: nothing is lost where a message is acknowledged before them."""

EVERYDAY = frozenset(
    [
        "append",
        "items",
        "keys",
        "values",
        "strip",
        "rstrip",
        "lstrip",
        "split",
        "rsplit",
        "splitlines",
        "startswith",
        "endswith",
        "lower",
        "upper",
        "format",
        "encode",
        "decode",
        "join",
        "isdigit",
        "replace",
        "setdefault",
        "extend",
        "sort",
        "copy",
        "index",
        "count",
        "title",
        "capitalize",
        "partition",
        "rpartition",
        "total_seconds",
        "isoformat",
        "strftime",
        "astimezone",
        "timestamp",
        "debug",
        "info",
        "warning",
        "error",
        "exception",
        "critical",
        "as_posix",
        "hexdigest",
        "isalnum",
        "isalpha",
        "zfill",
        "casefold",
    ]
)
"""Methods of texts, lists, mappings and loggers: on something unknown they mean these, unless a class here has one."""

_ONE_OF_MANY = frozenset(
    {"pop", "popleft", "get", "get_nowait", "__next__", "__anext__", "asend", "send",
     # Of a result's rows.
     "first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none", "fetchone"}
)  # fmt: skip
_SAME_MANY = frozenset(
    {"copy", "select", "aclose", "close", "__enter__", "__aenter__", "__iter__", "__aiter__",
     "all", "fetchall", "fetchmany", "unique", "scalars", "mappings", "partitions", "yield_per", "tuples"}
)  # fmt: skip
"""Methods of lists, generators and results of a query that give one of what they hold, and all of it again."""

_WORKING = frozenset(
    {
        "write",
        "write_text",
        "write_bytes",
        "writelines",
        "save",
        "insert",
        "execute",
        "commit",
        "send",
        "upload",
        "store",
    }
)
"""Methods that do something of weight on whatever they are called."""

METHODS: dict[tuple[type, str], Method] = {
    (Const, "*"): _text_method,
    (Text, "*"): _text_method,
    (Env, "*"): _text_method,
    (Slice, "*"): _text_method,
    (Dict, "*"): _dict_method,
    (Many, "*"): _many_method,
    (Made, "*"): _open_method,
    (Opaque, "*"): _opaque_method,
    (Unknown, "*"): _unknown_method,
    (Attr, "update"): _namespace_update,
    (Item, "get"): _item_get,
    (Column, "get"): _item_get,
    (Column, "*"): _opaque_method,
    (Instance, "*"): _record_method,
    (Row, "*"): _record_method,
    (Param, "*"): _symbolic_record,
}
