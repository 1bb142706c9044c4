"""Attributes, items and elements: what hangs on a value, and what happens when something is put there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from quantafit.evidence.source import settings
from quantafit.evidence.source.acts import Act, Write, opaque, origin
from quantafit.evidence.source.builtin import BUILTIN, EVERYDAY
from quantafit.evidence.source.classes import GENERIC, Classes
from quantafit.evidence.source.extract import Expr
from quantafit.evidence.source.libraries.vocabulary import Call, Slot
from quantafit.evidence.source.questions import BOUND, FIELD, RESULT
from quantafit.evidence.source.state import MOST_LOOKUPS, MOST_WITHIN_ITSELF, About, Added, Args, Frame
from quantafit.evidence.source.values import (
    NONE,
    NOTHING,
    OF_NONE,
    TOO_MANY,
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
    Member,
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
    asked,
    choice,
    closed,
    options,
    spread,
    substitute,
    symbolic,
)

_DEEPEST_LOOKUP = 24
_MOST_ITEMS = 512
_MOST_CHOSEN = 64
_MOST_VALUES = 64
_MOST_WRITES = 200
_ELEMENT = Unknown("an element")
"""Stands as the key of what iterating something gives that is still symbolic."""
_AUTO = Made("enum.auto", (), None)
_CHOICES = "django.db.models.Choices"
_CASTS = frozenset({"as_", "as_int", "as_float", "required", "provider"})
"""Methods of an option in the configuration of a container that give the option."""
_RESOLVING = frozenset({"resolve", "resolve_sync", "async_resolve", "sync_resolve", "provider"})
"""Methods of a provider that do what calling it does, and what is the provider itself."""
PROPERTY = "builtins.property"
_AROUND = "@around "
_NAMES = frozenset({"__name__", "__qualname__"})
"""Attributes that hold what a class or a function is called."""
ITEM = "[]"
"""The name under which an item is passed on like an attribute."""
_TRANSPARENT = frozenset({"value", "name"})


def _of_subclasses(function: FunctionId) -> bool:
    """Whether a function is called with each class that extends its own, and sets attributes on that."""
    return function.name.endswith(".__init_subclass__")


def _makes_a_future(callee: Value) -> bool:
    """Whether a call that waits for its receiver is of an event loop's own method, whichever loop that is."""
    return isinstance(callee, Attr) and callee.name == "create_future"


_NOTHING_PASSED: frozenset[tuple[Value | None, Value]] = frozenset()
_MORE_ENTRIES = f"it is given more entries than the {_MOST_ITEMS} that are followed"


class Objects(Classes):
    """Look-ups of the machine. Methods take the frame they are evaluated in, where a call may be needed."""

    # Attributes ---------------------------------------------------------------------------------------------------

    def attribute(self, frame: Frame | None, base: Value, name: str) -> Value:
        """What ``base.name`` stands for."""
        if self.depth > _DEEPEST_LOOKUP:
            return Unknown("attributes nested too deeply")
        self.depth += 1
        try:
            return (
                choice(self.one_attribute(frame, option, name) for option in options(base))
                if options(base)
                else Unknown(f"{name} of nothing")
            )
        finally:
            self.depth -= 1

    def one_attribute(self, frame: Frame | None, base: Value, name: str) -> Value:
        base = asked(base)
        if name.startswith("@"):
            return self.kept(base, name[1:])
        match base:
            case Module(path) if name == "__dict__":
                return self.namespace(path)
            case Module(path):
                return self.global_value(path, name)
            case Lib(path):
                return self.library_name(f"{path}.{name}")
            case Class(id) | Func(id) | Bound(Func(id)) if name in _NAMES:
                return Const(id.short if name == "__name__" else id.name)
            case Foreign(_, path) if name in _NAMES and ":" in path:
                return Const(path.rpartition(":")[2])
            case Instance(id) if name == "__class__":
                return Class(id)
            case Foreign():
                return self.foreign(base, name)
            case Made():
                return self.made_attribute(frame, base, name)
            case Instance():
                return self.instance_attribute(frame, base, name)
            case Class(id):
                return self.class_attribute(id, name, frame)
            case Row(table, entity):
                method = self.find_name(entity, name) if entity else None
                if isinstance(method, Func):
                    return Bound(method, base)
                return Column(table, name)
            case Param():
                return self.parameter_attribute(frame, base, name)
            case Const() | Text() | Env() if name in _TRANSPARENT:
                return base  # members of an enumeration are their values
            case Const() | Many() | Dict() if (found := self.of_member(base, name)) is not None:
                return self.on_instance(frame, base, found)
            case Dict() if not hasattr(dict, name):
                return self.item(base, Const(name), frame)  # a mapping that gives its entries as attributes too
            case Func():
                return Member(base, "function", name)
            case Attr() | Item() | Invoke():
                return Attr(base, name)
            case Partial(callee) if name == "func":
                return callee
            case Partial(Lib("quantafit.provided")) if name in _RESOLVING:
                return base
            case Member(owner, type_, held) if self.is_unknown(type_) and name not in EVERYDAY:
                return Member(owner, f"{type_}.{held}", name)
        return OF_NONE if base == NONE else opaque("." + name, base)

    def foreign(self, base: Foreign, name: str) -> Value:
        """A name of another quantum's code. What is generated there is known all the same: a stub is a client."""
        path, _, inside = base.name.partition(".py")
        dotted = f"{path}{inside.replace(':', '/')}/{name}".replace("/", ".")
        generated = self.tables.generated(dotted)
        if generated is not None and self.tables.generated(dotted.rpartition(".")[0]) is not None:
            return Lib(generated)
        return Foreign(base.quantum, f"{base.name}:{name}")

    def namespace(self, path: str) -> Value:
        """The names of a module as a mapping. It may be one of those names itself: it stays the same as they grow."""
        names = self.names_of(path)
        if len(names) > _MOST_ITEMS:
            return Unknown("too many names in a module to follow them all")
        mapping = Dict((), Site(path, 0, 0, "__dict__"))
        for name, value in names.items():
            if value != mapping:
                self.put_item(Site(path, 0, 0, "__dict__"), Const(name), value)
        return mapping

    def kept(self, base: Value, name: str) -> Value:
        """A slot of an object that a library made; symbolic as long as the object is."""
        if isinstance(base, Made):
            return base.slot(name) or NONE
        if name in ("name", "url") and isinstance(base, Const | Text | Env):
            return base  # where a thing or its name, a request or its address may be given
        if name == "name" and isinstance(base, Func):
            return Const(base.id.short)
        if isinstance(base, Row) and name == "bind":
            return base.bind if base.bind is not None else Unknown("a row whose database is not known")
        if isinstance(base, Instance):
            made = [dict(base.bound).get("@made"), *self.field_values(base, dict(base.bound), "@made")]
            values = [self.kept(option, name) for value in made if value is not None for option in options(value)]
            return choice(values) if values else Unknown(f"{name} of an object made elsewhere")
        return Attr(base, "@" + name) if symbolic(base) else Unknown(f"{name} of something unknown")

    def made_attribute(self, frame: Frame | None, base: Made, name: str) -> Value:
        if base.type == settings.NESTED:
            return settings.nested(self, base, name)
        if base.type == settings.DYNACONF and (base.type, name) not in settings.MADE:
            return settings.dynaconf(base, name)
        if base.type == settings.CONTAINER and (base.type, name) not in settings.MADE and name not in _CASTS:
            return settings.container_option(self, base, name)
        of_options = base.type in (settings.OSLO, settings.OSLO_GROUP) and (base.type, name) not in settings.MADE
        if of_options and self.tables.call(f"{base.type}.{name}") is None:
            return settings.registered(self, base, name)
        if base.type == "types.SimpleNamespace":
            held = base.slot(name)
            put_there = held if held is not None else settings.held(self, base.type, name)
            return put_there if put_there is not None else Unknown(f"{name} unset")
        thing = base.slot("object") if base.type == "decorator" else None
        if thing is not None:  # what decorates functions can be an object with methods besides
            return self.attribute(frame, thing, name)
        slot = self.tables.attribute(base.type, name)
        if slot is not None and (f"{base.type}.{name}" not in self.tables.calls):
            put_there = settings.held(self, base.type, name)
            return put_there if put_there is not None else self.slot(slot, base, (), {}, base.site, About(name))
        if self.tables.type(base.type).open:
            return settings.held(self, base.type, name) or settings.unset(self, base.type, name)
        if self.tables.call(f"{base.type}.{name}") is None:
            self.account.reads.add((f"<{base.type}>/", name))
            if (base.type, name) in self.open_attributes:
                return self.open_attributes[(base.type, name)]
            of_heir = self.attribute_of_heir(frame, base.type, name)
            if of_heir is not None:
                return of_heir
        return Member(base, base.type, name)

    def attribute_of_heir(self, frame: Frame | None, type_: str, name: str) -> Value | None:
        """An attribute that a library's own type lacks: the object is one of the program's class that extends it.

        A framework hands over as its application, its request or its client what the program made for it.
        """
        self.account.reads.add(("heirs", type_))
        having = [id for id in self.heirs.get(type_, ()) if self.written(id, name) or self.find_name(id, name)]
        return choice(self.attribute(frame, self.somebody(id), name) for id in having) if having else None

    def applied(self, decorator: Made) -> tuple[Call | None, Value | None, tuple[Value, ...], dict[str, Value]]:
        """The call that made a decorator: its description, receiver and arguments."""
        name, args = decorator.slot("of"), decorator.slot("args")
        named = self.pairs(decorator.slot("named") or Dict((), None))
        return (
            self.tables.call(str(name.value)) if isinstance(name, Const) else None,
            decorator.slot("receiver"),
            args.items if isinstance(args, Many) else (),
            {str(key.value): item for key, item in named if isinstance(key, Const)},
        )

    def class_attribute(self, id: ClassId, name: str, frame: Frame | None = None) -> Value:
        value = self.find_name(id, name)
        if value is None and name == "__table__" and self.kind_of(id) == "entity":
            return Class(id)
        if value is None and self.kind_of(id) == "enum":
            listed = self.listed(id, name)
            if listed is not None:
                return listed
        if value is None:
            inherited = self.library_base(id)
            if self.kind_of(id) == "entity":
                for base in self.library_bases(id):
                    slot = self.tables.attribute(base, name)
                    if slot is not None:
                        return self.slot(slot, Class(id), (), {}, None, About(name, None, id))
            of_metaclass = self.of_metaclass(frame, id, name)
            if of_metaclass is not None:
                return of_metaclass
            return Member(Class(id), inherited, name) if inherited else Unknown(f"{id.short} has no {name}")
        function, decorators = self.plain_function(value)
        if function is not None and "classmethod" in decorators:
            return self.of_class(frame, function, Class(id), decorators)
        if self.kind_of(id) == "entity" and name == "__table__":
            return Class(id)
        if self.kind_of(id) == "enum":
            return self.member(id, name, value)
        if self.kind_of(id) == "entity" and not isinstance(value, Func):
            return opaque(f"column {name}", Column(self.table_of(id), name))
        return value

    def of_metaclass(self, frame: Frame | None, id: ClassId, name: str) -> Value | None:
        """An attribute that a class has from its metaclass: a method of that, or what its ``__getattr__`` gives."""
        metas = (self.classes[cls].keywords.get("metaclass") for cls in self.lineage(id))
        meta = next((one for one in metas if isinstance(one, Class)), None)
        if meta is None:
            return None
        found = self.find_name(meta.id, name)
        if isinstance(found, Func):
            return Bound(found, Class(id))
        hook = self.find_name(meta.id, "__getattr__")
        if not isinstance(hook, Func):
            return found
        scratch = frame if frame is not None else self.scratch(hook.id)
        return self.call(scratch, Bound(hook, Class(id)), (Const(name),), {})

    def member(self, id: ClassId, name: str, value: Value) -> Value:
        """A member of an enumeration: its value, or an object where the enumeration has a constructor."""
        if value == _AUTO:
            return Const(name.lower())  # a StrEnum's member is its lower-case name
        if isinstance(value, Many) and value.items and _CHOICES in self.library_bases(id):
            return value.items[0]  # the rest is for people to read
        init = self.initialiser(id)
        if init is None or self.is_code(value):
            return value
        args = value.items if isinstance(value, Many) else (value,)
        info = self.functions[init.id]
        given = self.given(info, (Unknown("the member"), *args), {})
        bound = tuple((param.name, held) for param, held in given.items() if param.name != info.names[0])
        return Instance(id, (*bound, ("value", value), ("name", Const(name))), None)

    def members(self, id: ClassId) -> dict[str, Value]:
        """The members of an enumeration by name."""
        names = self.classes[id].names.items()
        found = {name: self.member(id, name, held) for name, held in names if not self.is_code(held)}
        return {name: member for name, member in found.items() if not isinstance(member, Lib)}

    def listed(self, id: ClassId, name: str) -> Value | None:
        """What an enumeration lists of all its members, by the attribute that has the list."""
        if name == "__members__":
            return Dict(tuple((Const(key), member) for key, member in self.members(id).items()), None)
        if name not in ("values", "names", "choices") or _CHOICES not in self.library_bases(id):
            return None
        members = self.members(id)
        if name == "names":
            return Many(tuple(Const(key) for key in members), True, None)
        if name == "values":
            return Many(tuple(members.values()), True, None)
        pairs = (Many((member, Unknown("a label")), True, None) for member in members.values())
        return Many(tuple(pairs), True, None)

    def of_member(self, value: Value, name: str) -> Value | None:
        """A method or property of the enumeration that a plain value is a member of."""
        self.account.reads.add(("enumerations", name))
        for id in self.enumerations.get(name, ()):
            if value in self.classes[id].names.values():
                return self.find_name(id, name)
        return None

    def parameter_attribute(self, frame: Frame | None, base: Param, name: str) -> Value:
        cls = self.self_class(base)
        if cls is not None:
            return self.self_attribute(frame, base, cls, name)
        declared = self.functions[base.function].annotations.get(base.name) if base.function in self.functions else None
        library_type = self.library_type(declared)
        if library_type is not None and self.tables.call(f"{library_type}.{name}") is not None:
            return Member(base, library_type, name)
        return Attr(base, name)

    def self_class(self, param: Param) -> ClassId | None:
        """The class whose instance a parameter is, where it is the ``self`` of a method."""
        info = self.functions.get(param.function)
        if info is None or info.cls is None or not info.names or info.names[0] != param.name:
            return None
        if any(decorator == Lib("builtins.staticmethod") for decorator in info.decorators):
            return None
        return info.cls

    def self_attribute(self, frame: Frame | None, base: Param, cls: ClassId, name: str) -> Value:
        """An attribute of ``self``: what no subclass changes and no constructor argument decides is known at once."""
        self.account.reads.add(("below", (cls, name)))
        overridden = name in self.names_below.get(cls, ())
        method = self.find_name(cls, name)
        field = self.kind_of(cls) in ("record", "entity") and not self.is_code(method) if method is not None else False
        if method is not None and not overridden and not field and not self.written(cls, name):
            return self.on_instance(frame, base, method)
        if method is None and not overridden:
            values = self.written(cls, name)
            if values and all(closed(value) for value in values):
                return choice(values)
            inherited = self.library_base(cls)
            if not values and inherited:
                slot = self.tables.attribute(inherited, name)
                if slot is not None:
                    return self.slot(slot, base, (), {}, None, About(name, None, cls))
                if self.tables.call(f"{inherited}.{name}") or self.tables.type(inherited).client:
                    return Member(base, inherited, name)
                if self.is_left_to(inherited, cls, name):
                    return Member(base, inherited, name)
        return Attr(base, name)

    def is_left_to(self, library: str, cls: ClassId, name: str) -> bool:
        """Whether a name that a class does not have can only be that of the unknown library's class it extends."""
        return self.is_unknown(library) and not any(self.find_name(one, name) for one in self.subclasses(cls))

    def is_unknown(self, library: str) -> bool:
        """Whether nothing is known of the library that a class, or what one of its objects holds, is of."""
        return self.tables.standing(library) == "unknown" and not self.tables.is_type(library)

    def written(self, cls: ClassId, name: str) -> list[Value]:
        """Every value that is assigned to an attribute on instances of a class or of those it extends."""
        lineage = self.lineage(cls)
        self.account.reads.update([("field", (id, name)) for id in lineage])
        return [value for id in lineage for value in self.fields.get((id, name), ())]

    def instance_attribute(self, frame: Frame | None, base: Instance, name: str) -> Value:
        bound = dict(base.bound)
        kind = self.kind_of(base.id)
        of_member = kind == "enum" and name in ("value", "name")
        if name in bound and (of_member or kind not in (None, "enum") or not self.initialiser(base.id)):
            return bound[name]
        if name == "__dict__":
            return Attr(base, name)
        if kind == "settings":
            setting = self.setting(base.id, name)
            if setting is not None:
                return setting
        values = list(self.field_values(base, bound, name))
        if values:
            declared_so = self.find_name(base.id, name)
            if isinstance(declared_so, Made) and declared_so.type == PROPERTY:
                values.append(self.on_instance(frame, base, declared_so))
            return choice(values)
        if (base, name) in self.now.open:
            return NOTHING  # the field is made from itself: ``self.url = f"{self.url}/x"``
        found = self.find_name(base.id, name)
        if found is not None and not (kind in ("record", "entity") and not self.is_code(found)):
            return self.on_instance(frame, base, found)
        inherited = self.library_base(base.id)
        if inherited and (self.tables.attribute(inherited, name) or self.tables.call(f"{inherited}.{name}")):
            slot = self.tables.attribute(inherited, name)
            about = About(name, None, base.id)
            return self.slot(slot, base, (), {}, base.site, about) if slot else Member(base, inherited, name)
        if kind in ("record", "entity"):
            default = self.field_default(found) if found is not None else None
            declared = self.annotation(base.id, name)
            known = default is not None and (base.bound or base.site is not None)
            return default if known and default is not None else self.unbound_field(base, declared, name)
        if inherited and (self.tables.type(inherited).client or inherited in self.tables.types):
            return Member(base, inherited, name)
        taken = self.from_mapping(frame, base, bound, name) if name != "*" else None
        if taken is not None:
            return taken
        hook = self.find_name(base.id, "__getattr__")
        if isinstance(hook, Func) and frame is None:
            self.untold.add("__getattr__")
        if isinstance(hook, Func) and frame is not None:
            return self.call(frame, Bound(hook, base), (Const(name),), {})
        if inherited and self.is_left_to(inherited, base.id, name):
            return Member(base, inherited, name)
        if base.bound == () and base.site is None:
            return Attr(base, name)
        of_loggers = inherited if inherited is not None and inherited.startswith("logging.") else ""
        return Unknown(f"{base.id.short} has no {name}", of_loggers)

    def unbound_field(self, base: Instance, declared: Value | None, name: str) -> Value:
        """A field of an object that the outside made (a request's body): nested objects keep their class."""
        if declared is not None:
            made = self.instance_of(declared)
            if any(isinstance(option, Instance | Many) for option in options(made)):
                return made
        return Attr(base, name)

    def field_default(self, value: Value) -> Value | None:
        if isinstance(value, Made) and value.type.endswith("Field"):
            factory = value.slot("factory")
            if factory is not None and not (isinstance(factory, Const) and factory.value is None):
                return self.call(self.scratch(None), factory, (), {})
            default = value.slot("default")
            return self.field_default(default) if isinstance(default, Made) and default != value else default
        return value if isinstance(value, Const | Text | Many | Dict | Instance) else None

    def field_values(self, base: Instance, bound: Mapping[str, Value], name: str) -> Iterable[Value]:
        """What methods assign to a field, with the instance's own constructor arguments put in."""
        key = (base, name)
        known = self.known(FIELD, self.fields_known, key)
        if known is not None:
            return known.value
        if key in self.now.open:
            self.now.cuts.add(key)
            return ()  # the field is made from itself: that adds nothing
        if not self.may_look():
            return ()
        return self.answered(
            FIELD, self.fields_known, key, lambda: tuple(self.all_field_values(base, bound, name)), key
        )

    def may_look(self) -> bool:
        """Count a look-up; False where the question that is being answered has led to too many."""
        self.now.lookups = self.now.lookups + 1 if self.now.within else 1
        if self.now.lookups > MOST_LOOKUPS:
            self.now.cuts.add(BOUND)
        return self.now.lookups <= MOST_LOOKUPS

    def all_field_values(self, base: Instance, bound: Mapping[str, Value], name: str) -> Iterable[Value]:
        init = self.initialiser(base.id)
        for id in self.lineage(base.id):
            self.account.reads.add(("field", (id, name)))
            for value, writer in list(self.fields.get((id, name), {}).items()):
                if writer is None:
                    yield value
                    continue
                if writer.name.endswith("__init__") and init is not None and writer != init.id:
                    yield from self.written_above(base, bound, init.id, writer, name, value)
                    continue
                info = self.functions[writer]
                given: dict[Param, Value] = {}
                for index, parameter in enumerate(info.names):
                    param = Param(writer, parameter)
                    if index == 0:
                        given[param] = base
                    elif init is not None and writer == init.id:
                        known = bound.get(parameter, info.defaults.get(parameter))
                        given[param] = known if known is not None else self.fallback(param)
                    else:
                        given[param] = self.given_by_callers(param) or Unknown(f"argument {parameter} of {writer.name}")
                given.update(self.captured(base))
                yield substitute(value, given, self.rebuild)

    def around(self, id: ClassId) -> tuple[tuple[str, Value], ...]:
        """What an object of a class that functions define keeps of these: their arguments, still a caller's to tell."""
        parts = id.name.split(".<locals>.")
        functions = (FunctionId(id.path, ".<locals>.".join(parts[:end])) for end in range(1, len(parts)))
        known = [self.functions[function] for function in functions if function in self.functions]
        return tuple((f"{_AROUND}{one.id.name}({name}", Param(one.id, name)) for one in known for name in one.names)

    def captured(self, base: Instance) -> dict[Param, Value]:
        """The arguments of the functions around an object's class, as far as :meth:`around` was kept with it."""
        found: dict[Param, Value] = {}
        for name, value in base.bound:
            if name.startswith(_AROUND):
                function, _, parameter = name.removeprefix(_AROUND).rpartition("(")
                found[Param(FunctionId(base.id.path, function), parameter)] = value
        return found

    def written_above(
        self, base: Instance, bound: Mapping[str, Value], init: FunctionId, writer: FunctionId, name: str, value: Value
    ) -> Iterable[Value]:
        """What the constructor of a class above assigns to a field.

        The constructor that runs has this assignment too, with its own arguments, unless its call of the one above
        waits for a ``*args`` or ``**kwargs`` that only who makes the object can tell.
        """
        if any(init in self.fields.get((id, name), {}).values() for id in self.lineage(base.id)):
            return
        self.account.reads.add(("summary", init))
        info = self.functions[init]
        given = {Param(init, parameter): bound[parameter] for parameter in info.names if parameter in bound}
        given[Param(init, info.names[0])] = base
        for act in self.summaries[init].acts if init in self.summaries else ():
            if act.does == "latent" and isinstance(act.callee, Bound) and act.callee.function.id == writer:
                args = spread(substitute(arg, given, self.rebuild) for arg in act.args)
                named = self.spread_keywords((key, substitute(arg, given, self.rebuild)) for key, arg in act.keywords)
                above = self.given(self.functions[writer], (base, *args), dict(named))
                yield substitute(value, above, self.rebuild)

    def on_instance(self, frame: Frame | None, base: Value, found: Value) -> Value:
        """A name of the class, seen from an instance: methods are bound, properties are called."""
        function, decorators = self.plain_function(found)
        if function is None and isinstance(found, Made) and found.type.endswith(".Field"):
            return self.field_default(found) or Unknown("a field without a default")
        if function is None and isinstance(found, Made) and found.type == "functools.partialmethod":
            method, given = found.slot("function"), found.slot("given")
            if isinstance(method, Func) and isinstance(given, Partial):
                return Partial(Bound(method, base), given.args, given.keywords)
        if function is None and isinstance(found, Made) and found.type == PROPERTY:
            getter = found.slot("getter")
            function, decorators = self.plain_function(getter) if getter is not None else (None, frozenset())
            decorators |= {"property"}
        if function is None:
            return self.through_descriptor(frame, base, found)
        if isinstance(base, Instance) and (around := self.captured(base)):
            function = Func(function.id, tuple({**around, **dict(function.captured)}.items()))
        if "staticmethod" in decorators:
            return function
        if "classmethod" in decorators:
            cls = base.id if isinstance(base, Instance) else self.self_class(base) if isinstance(base, Param) else None
            return self.of_class(frame, function, Class(cls) if cls else base, decorators)
        if "property" in decorators:
            if frame is None:
                self.lost.add(function.id)
            scratch = frame if frame is not None else self.scratch(function.id)
            return self.call(scratch, Bound(function, base), (), {})
        return Bound(function, base)

    def of_class(self, frame: Frame | None, function: Func, cls: Value, decorators: frozenset[str]) -> Value:
        """A method of a class; a property of one is called (``@classmethod`` over ``@property``, until Python 3.13)."""
        if "property" not in decorators:
            return Bound(function, cls)
        return self.call(frame if frame is not None else self.scratch(function.id), Bound(function, cls), (), {})

    def through_descriptor(self, frame: Frame | None, base: Value, found: Value) -> Value:
        """An attribute that a descriptor stands for: what its ``__get__`` gives."""
        results = []
        for option in options(found):
            hook = self.find_name(option.id, "__get__") if isinstance(option, Instance) else None
            if isinstance(hook, Func):
                if frame is None:
                    self.untold.add("__get__")
                scratch = frame if frame is not None else self.scratch(hook.id)
                results.append(self.call(scratch, Bound(hook, option), (base, Unknown("a class")), {}))
            else:
                results.append(option)
        return choice(results)

    def plain_function(self, value: Value) -> tuple[Func | None, frozenset[str]]:
        """A function behind the decorators that only change how it is bound, and their names."""
        if not isinstance(value, Func) or value.id not in self.functions:
            return None, frozenset()
        names = set()
        for decorator in self.functions[value.id].decorators:
            name = decorator.name if isinstance(decorator, Lib) else ""
            if name in ("functools.cached_property", "builtins.property", "abc.abstractproperty"):
                names.add("property")
            names.add(name.removeprefix("builtins."))
        return value, frozenset(names)

    def is_code(self, value: Value) -> bool:
        return isinstance(value, Func | Bound | Class)

    # Writing ------------------------------------------------------------------------------------------------------

    def set_attribute(self, frame: Frame, base: Value, name: str, value: Value) -> None:
        for option in options(base):
            match option:
                case Param() | Attr() | Item() | Invoke():
                    self.write(frame, option, name, value)
                case Instance(id) if self.kind_of(id) == "entity":
                    self.store(frame, "update", self.table_of(id), ((name, value),))
                case Instance(id):
                    self.field(id, name, value, frame.id if not closed(value) else None)
                    self.set_through(frame, option, name, value)
                case Row(table, _, bind):
                    self.store(frame, "update", table, ((name, value),), bind)
                case Made(settings.INI) if not closed(value):
                    self.write_later(frame, Write(option, name, value, frame.site))  # a file that a caller names
                case Made(type_):
                    self.set_open(type_, name, value)
                    called = self.tables.type(type_).called.get(name, ())
                    self.supply(value, [self.slot(slot, option, (), {}, option.site) for slot in called])
                case Dict():
                    self.set_item(frame, option, Const(name), value)
                case Module(path):
                    self.join(self.globals.setdefault(path, {}), name, value, path)
                case Lib(path):
                    self.set_open(self.tables.canonical(path), name, value)
                case Class(id):
                    self.leads(name)
                    self.join(self.classes[id].given, name, value, id)
                    self.join(self.classes[id].names, name, value, id)
                case _:
                    pass

    def set_through(self, frame: Frame, base: Instance, name: str, value: Value) -> None:
        """What setting an attribute calls: a property's setter, the ``__set__`` of a descriptor, ``__setattr__``."""
        found = self.find_name(base.id, name)
        for option in options(found) if found is not None else ():
            if isinstance(option, Made) and option.type == PROPERTY:
                setter = option.slot("setter")
                if isinstance(setter, Func):
                    self.call(frame, Bound(setter, base), (value,), {})
            elif isinstance(option, Instance) and isinstance(hook := self.find_name(option.id, "__set__"), Func):
                self.call(frame, Bound(hook, option), (base, value), {})
        self.account.reads.add(("leading", "__setattr__"))
        hook = self.find_name(base.id, "__setattr__") if "__setattr__" in self.leading else None
        if isinstance(hook, Func):
            self.call(frame, Bound(hook, base), (Const(name), value), {})

    def set_open(self, type_: str, name: str, value: Value) -> None:
        """The program sets an attribute or item of its own on a library's object."""
        self.join(self.open_as(type_), name, value, f"<{type_}>/")
        self.open_attributes[(type_, name)] = self.open_as(type_)[name]

    def open_as(self, type_: str) -> dict[str, Value]:
        """The names set on objects of a library's type, kept by type: the program's own additions."""
        return self.globals.setdefault(f"<{type_}>/", {})

    def write(self, frame: Frame, base: Value, name: str, value: Value) -> None:
        self.leads(name)
        cls = self.self_class(base) if isinstance(base, Param) else None
        if cls is not None and isinstance(base, Param) and base.function == frame.id and not _of_subclasses(frame.id):
            self.field(cls, name, value, frame.id)
        declared = self.declared_entity(base)
        if declared is not None:
            self.store(frame, "update", self.table_of(declared), ((name, value),), Attr(base, "@bind"))
        else:
            self.write_later(frame, Write(base, name, value, frame.site))

    def write_later(self, frame: Frame, write: Write) -> None:
        """Keep what is set on something that only a caller can tell.

        Past a bound it is reported as unresolved, but not what is set on ``self``: that is kept with the class too.
        """
        if write in frame.writes:
            return
        if len(frame.writes) < _MOST_WRITES:
            frame.writes[write] = None
        elif not isinstance(write.base, Param) or self.self_class(write.base) is None:
            frame.dropped += 1

    def declared_entity(self, base: Value) -> ClassId | None:
        """The mapped class of a parameter, by its annotation."""
        if not isinstance(base, Param) or base.function not in self.functions:
            return None
        for option in options(self.functions[base.function].annotations.get(base.name, NONE)):
            if isinstance(option, Class) and self.kind_of(option.id) == "entity":
                return option.id
        return None

    def field(self, id: ClassId, name: str, value: Value, writer: FunctionId | None) -> None:
        self.leads(name)
        values = self.fields[(id, name)]
        key = ("field", (id, name))
        value = self.settling(key, value)
        if value not in values and TOO_MANY not in values:
            if len(values) < _MOST_VALUES:
                values[value] = writer
            else:
                values[TOO_MANY] = None
            self.learn(key)

    def store(
        self,
        frame: Frame,
        operation: str,
        table: str,
        columns: tuple[tuple[str, Value], ...],
        bind: Value | None = None,
    ) -> None:
        slots: tuple[tuple[str, Value], ...] = (
            ("operation", Const(operation)),
            ("table", Const(table)),
            ("columns", Dict(tuple((Const(name), value) for name, value in columns), None)),
        )
        if bind is not None:
            slots = (*slots, ("datastore", bind))
        self.act(frame, Act("store", "database", f"{operation} of a mapped row", slots, (frame.site,)))
        self.event(frame, "work")

    def set_item(self, frame: Frame, base: Value, key: Value, value: Value) -> None:
        for option in options(base):
            match option:
                case Dict(_, site) | Many(_, _, site) if site is not None:
                    self.put_item(site, key, value, frame.site)
                    frame.just_put[(site, key)] = value
                    if not (closed(key) and closed(value)):
                        self.passed_on[site].add((key, value))
                        self.pass_on(frame, option, key, value)
                case Row(table, _, bind) if isinstance(key, Const):
                    self.store(frame, "update", table, ((str(key.value), value),), bind)
                case Attr(of, "__dict__") if isinstance(key, Const) and isinstance(key.value, str):
                    self.set_attribute(frame, of, key.value, value)
                case Lib(settings.ENVIRONMENT) if isinstance(key, Const):
                    self.set_open(settings.ENVIRONMENT, str(key.value), value)
                case Made(type_) if self.keyed(type_) and (held_as := self.key_name(key)) is not None:
                    self.set_open(type_, held_as, value)
                case Param() | Attr() | Item() | Invoke() if symbolic(option):
                    self.pass_on(frame, option, key, value)
                case Instance(id):
                    hook, held = self.find_name(id, "__setitem__"), self.container(id)
                    if isinstance(hook, Func):
                        self.call(frame, Bound(hook, option), (key, value), {})
                    elif held is not None and held.site is not None:
                        self.put_item(held.site, key, value)
                case _:
                    pass

    def pass_on(self, frame: Frame, base: Value, key: Value, value: Value) -> None:
        """An item that only a caller can tell is put there again where the caller is known."""
        self.write_later(frame, Write(base, ITEM, Many((key, value), True, None), frame.site))

    def keyed(self, type_: str) -> bool:
        """Whether objects of a library's type hold items that the program put there."""
        described = self.tables.type(type_)
        return described.open or described.keyed

    def key_name(self, key: Value) -> str | None:
        """The name under which an item of a library's object is kept: constants, and what has a name of its own."""
        match key:
            case Const(value):
                return str(value)
            case Func(id) | Class(id):
                return f"{id.path}:{id.name}"
            case Lib(name):
                return name
            case Made():
                named = key.slot("name")
                return str(named.value) if isinstance(named, Const) else None
        return None

    def put_item(self, site: Site, key: Value | None, value: Value, by: Site | None = None) -> None:
        items = self.items[site]
        if by not in self.putting[site]:
            self.putting[site].add(by)
            if len(self.putting[site]) > 1:
                self.learn(("items", site))
        value = self.settling(("items", site), value)
        if (key, value) not in items and len(items) < _MOST_ITEMS:
            items[(key, value)] = None
            self.learn(("items", site))
        elif (key, value) not in items:
            self.doubt("further entries", _MORE_ENTRIES, site, ("request", "publish", "store"))

    # Items and elements -------------------------------------------------------------------------------------------

    def item(self, base: Value, key: Value, frame: Frame | None = None) -> Value:
        """What ``base[key]`` stands for."""
        values = [self.one_item(option, key, frame) for option in options(base)]
        return choice(values) if values else Unknown("an item of nothing")

    def one_item(self, base: Value, key: Value, frame: Frame | None) -> Value:
        match base := asked(base):
            case Dict() | Class() | Env() if key == _ELEMENT:
                return choice(self.elements(base)) if self.elements(base) else Unknown("an element of an empty mapping")
            case Dict(items, site):
                there = self.entry_of(base, key)
                if frame is None or site is None or items or len(self.putting[site]) != 1:
                    return there
                # One statement fills the mapping, as in what remembers the results of a function: what it has just put
                # there is what is there, though mappings that other calls make at this place hold other things.
                return frame.just_put.get((site, key), there)
            case Many(items, ordered):
                if ordered and isinstance(key, Const) and isinstance(key.value, int) and abs(key.value) < len(items):
                    return items[key.value]
                return choice(self.elements(base)) if self.elements(base) else Unknown("an element of an empty list")
            case Row(table, _, _, columns):
                if isinstance(key, Const) and isinstance(key.value, int) and key.value < len(columns):
                    return Column(table, columns[key.value])
                return Column(table, str(key.value) if isinstance(key, Const) else "?")
            case Lib("sys.argv") if frame is not None and isinstance(key, Const) and settings.is_word(key.value):
                return Env(settings.word(key.value, frame.id.path), None, frame.site)
            case Lib(name):
                return self.library_item(name, key, frame)
            case Made(settings.DYNACONF) if isinstance(key, Const):
                return settings.dynaconf(base, str(key.value))
            case Made(settings.INI):
                return settings.ini_section(self, key)
            case Made(settings.OSLO | settings.OSLO_GROUP) if isinstance(key, Const):
                return settings.registered(self, base, str(key.value))
            case Made(type_) if (special := BUILTIN.get(f"{type_}.__getitem__")) is not None and frame is not None:
                return special(self, frame, (base, key), {})
            case Made(type_) if self.keyed(type_) and (held_as := self.key_name(key)) is not None:
                return settings.held(self, type_, held_as) or settings.unset(self, type_, held_as)
            case Made(type_):
                found = self.tables.call(f"{type_}.__getitem__")
                if found is not None and frame is not None:
                    return self.call_library(frame, f"{type_}.__getitem__", base, (key,), {})
                slot = self.tables.type(type_).iterates
                if slot is not None:
                    return self.slot(slot, base, (), {}, base.site)
                return opaque(f"an item of {type_}", base)
            case Instance():
                method = self.find_name(base.id, "__getitem__")
                if isinstance(method, Func) and frame is not None:
                    return self.call(frame, Bound(method, base), (key,), {})
                if frame is None:
                    self.untold.add("__getitem__")
                held = self.container(base.id)
                missing = self.find_name(base.id, "__missing__") if held is not None else None
                if isinstance(missing, Func) and frame is not None:
                    made = self.call(frame, Bound(missing, base), (key,), {})
                    found_there = self.one_item(held, key, frame) if held is not None else made
                    return choice([found_there, made])
                return Item(base, key) if held is None else self.one_item(held, key, frame)
            case Class(id) if self.kind_of(id) == "enum":
                members = self.members(id)
                if isinstance(key, Const) and key.value in members:
                    return members[str(key.value)]
                return Item(base, key) if symbolic(key) else choice(members.values()) if members else NOTHING
            case Class(id):
                hook = self.find_name(id, "__class_getitem__")
                if isinstance(hook, Func) and frame is not None:
                    return self.call(frame, Bound(hook, base), (key,), {})
                return Made(
                    GENERIC, (("of", base), ("args", key if isinstance(key, Many) else Many((key,), True, None))), None
                )
            case Attr(of, "__dict__") if isinstance(key, Const) and isinstance(key.value, str):
                return self.attribute(frame, of, key.value)
            case Param() | Attr() | Item() | Invoke() | Column() | Opaque():
                return Item(base, key)
            case Env():
                found_entry = settings.entry(base, key)
                return found_entry if found_entry is not None else opaque("an item", base)
        return opaque("an item", base)

    def entry_of(self, base: Dict, key: Value) -> Value:
        exact = [value for name, value in base.items if name is not None and name == key]
        if base.site is not None:
            exact += self.added_to(base.site).by_key.get(key, ())
        pairs = self.pairs(base)
        if exact and (closed(key) or all(name == key for name, _ in pairs)):
            return choice(exact)
        if symbolic(key) and len(pairs) <= _MOST_CHOSEN and closed(base):
            return Item(base, key)  # which entry it is, a caller may tell
        loose = [value for name, value in pairs if not isinstance(name, Const) or not isinstance(key, Const)]
        return choice(loose) if loose else Unknown("a key that is not there")

    def library_item(self, name: str, key: Value, frame: Frame | None) -> Value:
        canonical = self.tables.canonical(name)
        if canonical.endswith(".__dict__") and isinstance(key, Const) and isinstance(key.value, str):
            return self.library_name(f"{canonical.removesuffix('.__dict__')}.{key.value}")
        scratch = frame if frame is not None else self.scratch(None)
        special = BUILTIN.get(f"{canonical}.__getitem__")
        if special is not None:
            return special(self, scratch, (key,), {})
        if self.tables.call(f"{canonical}.__getitem__") is not None:
            return self.call_library(scratch, f"{canonical}.__getitem__", Lib(name), (key,), {})
        if canonical in ("typing.Annotated", "typing_extensions.Annotated") and isinstance(key, Many) and key.items:
            return Made("typing.Annotated", (("type", key.items[0]), ("meta", Many(key.items[1:], True, None))), None)
        args = key if isinstance(key, Many) else Many((key,), True, None)
        return Made(GENERIC, (("of", Lib(canonical)), ("args", args)), None)

    def pairs(self, value: Value) -> list[tuple[Value | None, Value]]:
        """The entries of a mapping, those added later included."""
        if isinstance(value, Dict):
            return [*value.items, *(self.added(value.site) if value.site is not None else ())]
        if isinstance(value, Choice):
            return [pair for option in value.options for pair in self.pairs(option)]
        return [(None, Item(value, Unknown("a key")))] if symbolic(value) else [(None, value)]

    def added(self, site: Site) -> list[tuple[Value | None, Value]]:
        """What was put into a mapping or list after it was made; what a caller has told in its own words, in these."""
        return self.added_to(site).pairs

    def added_to(self, site: Site) -> Added:
        """The same, as it was last put together: both what is put in and what callers have told only grow."""
        self.account.reads.add(("items", site))
        items, passed_on = self.items.get(site, {}), self.passed_on.get(site, _NOTHING_PASSED)
        size = len(items), len(passed_on)
        known = self.added_known.get(site)
        if known is None or known.size != size:
            # A value that is known is there under whichever key, also where no caller tells the key.
            told = [pair for pair in items if pair not in passed_on or closed(pair[1])]
            known = self.added_known[site] = Added(size, told or list(items))
        return known

    def elements(self, value: Value) -> tuple[Value, ...]:
        """What iterating a value may give."""
        found: dict[Value, None] = {}
        for option in options(value):
            match option:
                case Many(items, _, site):
                    found.update(dict.fromkeys(items))
                    if site is not None:
                        found.update((item, None) for _, item in self.added(site))
                case Dict():
                    found.update((key, None) for key, _ in self.pairs(option) if key is not None)
                case Instance(id) if (held := self.container(id)) is not None:
                    found.update(dict.fromkeys(self.elements(held)))
                case Made(type_):
                    slot = self.tables.type(type_).iterates
                    if slot is not None:
                        found[self.slot(slot, option, (), {}, option.site)] = None
                case Env(name, default, site):  # it lists values: nobody goes through the letters of a setting
                    listed = self.elements(default) if default is not None else ()
                    found.update((Env(name, item, site), None) for item in listed if isinstance(item, Const))
                    found.update({} if listed else {option: None})
                case Class(id) if self.kind_of(id) == "enum":
                    found.update(dict.fromkeys(self.members(id).values()))
                case _:
                    if symbolic(option) or isinstance(option, Column | Row | Opaque):
                        found[Item(option, _ELEMENT)] = None
        return tuple(found)

    def iterated(self, frame: Frame, value: Value) -> Value:
        """The loop variable of a ``for`` over a value."""
        found: list[Value] = list(self.elements(value))
        for option in options(value):
            if symbolic(option) or isinstance(option, Unknown | Opaque):
                self.untold.update(("__iter__", "__next__", "__aiter__", "__anext__"))
            if isinstance(option, Instance):
                for hook in ("__next__", "__anext__"):
                    method = self.find_name(option.id, hook)
                    if isinstance(method, Func):
                        found.append(self.call(frame, Bound(method, option), (), {}))
                for hook in ("__iter__", "__aiter__"):
                    method = self.find_name(option.id, hook)
                    if isinstance(method, Func):
                        found.extend(self.elements(self.call(frame, Bound(method, option), (), {})))
        return choice(found) if found else Unknown("an element of something unknown", origin(value))

    def entered(self, frame: Frame, value: Value) -> Value:
        """What ``with value as x`` binds."""
        found = []
        for option in options(value):
            match option:
                case Instance(id):
                    enter = self.find_name(id, "__enter__") or self.find_name(id, "__aenter__")
                    found.append(self.call(frame, Bound(enter, option), (), {}) if isinstance(enter, Func) else option)
                case Made(type_):
                    slot = self.tables.type(type_).enters
                    found.append(self.slot(slot, option, (), {}, option.site) if slot is not None else option)
                case Many():
                    found.extend(self.elements(option))  # a generator behind @contextmanager
                case _:
                    self.untold.update(("__enter__", "__aenter__", "__exit__", "__aexit__"))
                    found.append(option)
        return choice(found) if found else Unknown("nothing entered")

    def exited(self, frame: Frame, value: Value) -> None:
        for option in options(value):
            if isinstance(option, Made):
                effect = self.tables.type(option.type).exits
                if effect is not None:
                    self.perform(frame, effect, option.type, option, (), {})
            elif isinstance(option, Invoke) and isinstance(option.callee, Attr):
                effect = self.tables.leaving.get(option.callee.name)
                if effect is not None:
                    self.perform_with(frame, effect, option.callee.name, {})
            elif isinstance(option, Instance):
                leave = self.find_name(option.id, "__exit__") or self.find_name(option.id, "__aexit__")
                if isinstance(leave, Func):
                    self.call(frame, Bound(leave, option), (NONE, NONE, NONE), {})

    def sliced(self, frame: Frame, base: Value, bounds: Expr) -> Value:
        low = self.evaluate(frame, bounds[1]) if bounds[1] else NONE
        high = self.evaluate(frame, bounds[2]) if bounds[2] else NONE
        if isinstance(base, Many):
            return Many(base.items, False, base.site)
        return Slice(base, _number(low), _number(high))

    def awaited(self, frame: Frame, value: Value) -> Value:
        """The result of ``await``: the value itself; waiting for a bare future is an event of its own."""
        for option in options(value):
            if isinstance(option, Made) and option.type == "asyncio.Future":
                self.event(frame, "wait")
                return choice([option.slot("result") or Unknown("what a future brings")])
            if isinstance(option, Invoke) and _makes_a_future(option.callee):
                self.event(frame, "wait")
                return Unknown("what a future brings")
        return value

    def rebuild(self, value: Value) -> Value:
        """Resolve what was symbolic, once a caller has put its arguments in."""
        match value:
            case Attr(base, name):
                return self.attribute(None, base, name)
            case Item(base, key):
                return self.item(base, key)
            case Invoke(callee, args, keywords, site):
                if symbolic(callee):
                    return value
                known = self.known(RESULT, self.results_known, value)
                return known.value if known is not None else self.resolved(value, callee, args, keywords, site)
        return value

    def resolved(
        self, value: Invoke, callee: Value, args: Args, keywords: tuple[tuple[str, Value], ...], site: Site
    ) -> Value:
        """What a call gives that is not symbolic any more."""
        now = self.now
        again = now.resolving[site]
        if value in now.open or again >= MOST_WITHIN_ITSELF:
            now.cuts.add(value if value in now.open else (site, again))
            return Unknown("what a call gives leads back to that call")
        now.resolved = now.resolved + 1 if now.resolving else 1
        if now.resolved > MOST_LOOKUPS or (now.within and not self.may_look()):
            now.cuts.add(BOUND)
            return Unknown("too many calls lead to it")
        scratch = self.scratch(FunctionId(site.path, site.symbol))
        scratch.site = site
        now.resolving[site] += 1
        try:
            return self.answered(
                RESULT,
                self.results_known,
                value,
                lambda: self.call_waiting(scratch, callee, args, dict(keywords)),
                value,
                (site, again + 1),
            )
        finally:
            now.resolving[site] -= 1
            if not now.resolving[site]:
                del now.resolving[site]

    def global_names(self, path: str) -> Iterable[str]:
        """The names that a module binds."""
        self.module(path)
        return self.names_of(path)

    def library_name(self, name: str) -> Value:
        """A dotted name of a library: an attribute that the tables describe, else the name itself."""
        canonical = self.tables.canonical(name)
        owner, _, _ = canonical.rpartition(".")
        if owner == "django.conf.settings":
            return settings.django_setting(self, canonical.rpartition(".")[2])
        slot: Slot | None = self.tables.attributes.get(canonical)
        if slot is not None:
            return self.slot(slot, Lib(owner), (), {}, None)
        return Lib(canonical)


def _number(value: Value) -> int | None:
    """A bound of a slice, where it is a constant."""
    return value.value if isinstance(value, Const) and isinstance(value.value, int) else None
