"""Classes and types: what a class extends, is and holds, and which objects an annotation or a container stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from quantafit.evidence.source import settings
from quantafit.evidence.source.state import Frame, State
from quantafit.evidence.source.values import (
    NONE,
    Bound,
    Class,
    ClassId,
    Const,
    Dict,
    Env,
    Func,
    FunctionId,
    Instance,
    Lib,
    Made,
    Many,
    Opaque,
    Param,
    Site,
    Unknown,
    Value,
    choice,
    options,
)

GENERIC = "typing.Generic[]"
# Django, peewee, Tortoise; Beanie; MongoEngine.
_OPTIONS_OF_MODELS = {"Meta": ("db_table", "table_name", "table"), "Settings": ("name",), "meta": ("collection",)}
_OVERRIDES = "fastapi.Overrides"
_YIELDING = frozenset(
    {"iterator", "iterable", "generator", "asynciterator", "asynciterable", "asyncgenerator", "awaitable", "coroutine"}
)
PROVIDED = "quantafit.Provided"
"""Under this name is kept what containers give for types, whichever container it is."""
_MAPPINGS = frozenset({"dict", "defaultdict", "ordereddict", "userdict", "mutablemapping", "weakvaluedictionary"})
_LISTS = frozenset({"list", "set", "deque", "userlist", "mutablesequence", "mutableset"})


class Classes(State):
    """What classes and annotations say of objects."""

    # Classes ------------------------------------------------------------------------------------------------------

    def lineage(self, id: ClassId) -> tuple[ClassId, ...]:
        """A class and those it extends, nearest first."""
        self.account.reads.add(("class", id))
        return self.hierarchy.lineage(id)

    def bases(self, id: ClassId) -> list[Value]:
        result: list[Value] = []
        for base in self.classes[id].bases:
            for option in options(base):
                if isinstance(option, Made) and option.type == GENERIC:
                    result.extend(options(option.slot("of") or NONE))
                else:
                    result.append(option)
        return result

    def extended(self, id: ClassId) -> list[ClassId]:
        """The classes of the program that a class names as its bases."""
        return [base.id for base in self.bases(id) if isinstance(base, Class)]

    def extended_by_name(self, id: ClassId) -> list[ClassId | str | Value]:
        """What a class extends, as far as its place among classes goes: not what generic ones are given."""
        return [
            base.id if isinstance(base, Class) else base.type if isinstance(base, Made) else base
            for base in self.bases(id)
        ]

    def subclasses(self, id: ClassId) -> list[ClassId]:
        """The classes that extend a class, by however many steps."""
        self.account.reads.add(("subclasses", id))
        return self.hierarchy.descendants(id)

    def library_base(self, id: ClassId) -> str | None:
        """The library's class that a class extends, the nearest one.

        One of which no table says anything, and whose library is known, adds nothing: ``abc.ABC``, ``ThreadingMixIn``.
        """
        first: str | None = None
        for cls in self.lineage(id):
            for base in self.bases(cls):
                if not isinstance(base, Lib | Made) or (isinstance(base, Lib) and base.name.startswith("builtins.")):
                    continue
                name = self.tables.canonical(base.name) if isinstance(base, Lib) else base.type
                if self.tables.is_type(name) or self.tables.call(name) or self.tables.standing(name) == "unknown":
                    return name
                first = first or name
        return first

    def library_bases(self, id: ClassId) -> Iterable[str]:
        """Every library's class that a class extends, with those that these extend in turn."""
        for cls in self.lineage(id):
            for base in self.bases(cls):
                name = base.name if isinstance(base, Lib) else base.type if isinstance(base, Made) else None
                known: str | None = self.tables.canonical(name) if name else None
                while known:
                    yield known
                    known = self.tables.type(known).extends

    def kind_of(self, id: ClassId) -> str | None:
        """``settings``, ``record``, ``entity``, ``enum``, ``protocol`` or None."""
        self.account.reads.add(("class", id))
        if id not in self.kinds:
            self.kinds[id] = self.find_kind(id)
        return self.kinds[id]

    def find_kind(self, id: ClassId) -> str | None:
        for cls in self.lineage(id):
            for base in self.bases(cls):
                if isinstance(base, Made) and base.type == GENERIC:
                    base = base.slot("of") or base
                name = base.name if isinstance(base, Lib) else base.type if isinstance(base, Made) else ""
                kind = self.tables.kind(self.tables.canonical(name))
                # A class that extends a protocol implements it; only one that names Protocol itself is one.
                if kind is not None and (kind != "protocol" or cls == id):
                    return kind
            for decorator in self.classes[cls].decorators:
                name = decorator.name if isinstance(decorator, Lib) else getattr(decorator, "type", "")
                if self.tables.kind(self.tables.canonical(name)) == "record":
                    return "record"
        return None

    def from_mapping(self, frame: Frame | None, base: Instance, bound: Mapping[str, Value], name: str) -> Value | None:
        """An attribute of an object that took its attributes from a mapping: ``self.__dict__.update(options)``."""
        given = list(self.field_values(base, bound, "*"))
        found = [self.item(one, Const(name), frame) for one in given]
        known = [one for one in found if not isinstance(one, Unknown)]
        return choice(known) if known else None

    def find_name(self, id: ClassId | None, name: str) -> Value | None:
        """A name in the body of a class or of those it extends."""
        if id is None:
            return None
        for cls in self.lineage(id):
            self.account.reads.add((cls, name))
            if name in self.classes[cls].names:
                return self.classes[cls].names[name]
        return None

    def container(self, id: ClassId) -> Dict | Many | None:
        """What objects of a class that extends a mapping or a list hold; objects of one class are not told apart."""
        site = Site(id.path, self.classes[id].facts.line, 1, f"{id.name}<items>")
        for cls in self.lineage(id):
            for base in self.bases(cls):
                name = base.name.rpartition(".")[2].lower() if isinstance(base, Lib) else ""
                if name in _MAPPINGS:
                    return Dict((), site)
                if name in _LISTS:
                    return Many((), False, site)
        return None

    def annotation(self, id: ClassId, name: str) -> Value | None:
        for cls in self.lineage(id):
            if name in self.classes[cls].annotations:
                return self.classes[cls].annotations[name]
        return None

    def initialiser(self, id: ClassId) -> Func | None:
        """The constructor as it is written: what a decorator makes of it hands its arguments on."""
        found = self.find_name(id, "__init__")
        for cls in self.lineage(id) if found is not None else ():
            if "__init__" in self.classes[cls].names:
                written = FunctionId(cls.path, f"{cls.name}.__init__")
                if written in self.functions and not (isinstance(found, Func) and found.id == written):
                    return Func(written, found.captured if isinstance(found, Func) else ())
                break
        return found if isinstance(found, Func) else None

    def table_of(self, id: ClassId) -> str:
        """The table that an entity is mapped to."""
        name = self.find_name(id, "__tablename__")
        if isinstance(name, Const) and isinstance(name.value, str):
            return name.value
        table = self.find_name(id, "__table__")
        if isinstance(table, Made):
            named = table.slot("name")
            if isinstance(named, Const):
                return str(named.value)
        return self.table_in_options(id) or id.short.lower()

    def table_in_options(self, id: ClassId) -> str | None:
        """The table's name among the options of a model, as mappers beside SQLAlchemy have them."""
        for holder, keys in _OPTIONS_OF_MODELS.items():
            held = self.find_name(id, holder)
            for key in keys:
                inside = self.option(held, key)
                if isinstance(inside, Const) and isinstance(inside.value, str):
                    return inside.value
        return None

    def option(self, holder: Value | None, key: str) -> Value | None:
        if isinstance(holder, Class):
            return self.classes[holder.id].names.get(key)
        return self.item(holder, Const(key)) if isinstance(holder, Dict) else None

    def setting(self, id: ClassId, name: str) -> Value | None:
        """A field of a settings class: the environment variable it is read from, with its default."""
        for cls in self.lineage(id):
            info = self.classes[cls]
            if name not in info.annotations and name not in info.lines:
                continue
            declared = info.names.get(name)
            if isinstance(declared, Func):
                return None
            alias = default = None
            if isinstance(declared, Made):
                alias = declared.slot("alias")
                default = declared.slot("default")
            elif declared is not None:
                default = declared
            default = self.field_default(declared) if isinstance(declared, Made) else default
            site = Site(cls.path, info.lines.get(name, info.facts.line), 1, cls.name)
            variables = self.variable_names(id, name, alias)
            if variables is None:
                return Unknown(f"the variable that {name} is read from could not be told")
            held = self.nested_settings(info.annotations.get(name), variables[0], id, default)
            if held is not None:
                return held
            if isinstance(default, Instance):
                return default
            value = default
            for variable in reversed(variables):
                value = Env(variable, value, site)
            return value
        return None

    def variable_names(self, id: ClassId, name: str, alias: Value | None) -> list[str] | None:
        """The variables that a field of settings is read from, the first one that is bound; None: it cannot be told."""
        if alias is None or alias == NONE:
            alias = self.alias_of_old(id, name)
        if alias is None:
            prefix = self.settings_option(id, "env_prefix") or Const("")
            return [f"{prefix.value}{name}".upper()] if isinstance(prefix, Const) else None
        found: list[Value] = list(self.elements(alias)) if isinstance(alias, Many) else [alias]
        if isinstance(alias, Made):
            choices = alias.slot("choices")
            found = list(self.elements(choices)) if choices is not None else []
        names = [str(one.value).upper() for one in found if isinstance(one, Const) and isinstance(one.value, str)]
        return names if names and len(names) == len(found) else None

    def alias_of_old(self, id: ClassId, name: str) -> Value | None:
        """``Config.fields = {"url": {"env": "PAY_URL"}}``, as pydantic 1 has it."""
        fields = self.settings_option(id, "fields")
        field = next((value for key, value in self.pairs(fields) if key == Const(name)), None) if fields else None
        return next((value for key, value in self.pairs(field) if key == Const("env")), None) if field else None

    def nested_settings(
        self, declared: Value | None, variable: str, id: ClassId, default: Value | None
    ) -> Value | None:
        """A field of settings that is a model of its own: read from variables of its own; None where it is none."""
        for option in options(declared) if declared is not None else ():
            kind = self.kind_of(option.id) if isinstance(option, Class) else None
            if kind == "settings" and isinstance(option, Class):
                return default if isinstance(default, Instance) else Instance(option.id, (), None)
            if kind == "record" and isinstance(option, Class):
                delimiter = self.settings_option(id, "env_nested_delimiter")
                if isinstance(delimiter, Const) and isinstance(delimiter.value, str):
                    return settings.nested_of(option, variable, delimiter.value, default)
                return default if isinstance(default, Instance) else None
        return None

    def settings_option(self, id: ClassId, name: str) -> Value | None:
        """An option of a settings class, wherever it is written; None where it is not."""
        for source in (self.find_name(id, "model_config"), self.find_name(id, "Config")):
            found: Value | None = None
            if isinstance(source, Made):
                found = source.slot(name)
            elif isinstance(source, Dict):
                known = any(key == Const(name) for key, _ in self.pairs(source))
                found = self.item(source, Const(name)) if known else None
            elif isinstance(source, Class):
                found = self.find_name(source.id, name)
            if found is not None and found != NONE:
                return found
        return next((value for cls in self.lineage(id) if (value := self.classes[cls].keywords.get(name))), None)

    # Types --------------------------------------------------------------------------------------------------------

    def library_type(self, declared: Value | None) -> str | None:
        """The library type that an annotation names, if the tables know it."""
        for option in options(declared) if declared is not None else ():
            if isinstance(option, Made) and option.type == "typing.Annotated":
                return self.library_type(option.slot("type"))
            if isinstance(option, Lib):
                type_ = self.tables.type_of(self.tables.canonical(option.name))
                if type_ is not None:
                    return type_
        return None

    def instance_of(self, declared: Value) -> Value:
        """An object of the type that an annotation names, made by somebody else."""
        made = []
        for option in options(declared):
            provided = self.provided(option)
            if provided is not None:
                made.append(provided)
                continue
            match option:
                case Class(id):
                    made.append(self.somebody(id))
                case Lib(name):
                    type_ = self.tables.type_of(self.tables.canonical(name))
                    if type_ is not None:
                        made.append(Made(type_, (), None))
                case Made("typing.Annotated"):
                    made.append(self.annotated(option))
                case Made(type_) if type_ == GENERIC:
                    made.append(self.generic(option))
                case Const(value) if isinstance(value, str):
                    made.append(Unknown(f"an annotation written as text: {value}"))
        return choice(made) if made else Unknown("a value from outside")

    def provided(self, declared: Value) -> Value | None:
        """What containers give for a type, where they were told; texts and numbers have no type of their own."""
        named = isinstance(declared, Class | Made) or (
            isinstance(declared, Lib) and not declared.name.startswith("builtins.")
        )
        key = self.key_name(declared) if named else None
        if key is None or key in self.providing:
            return None
        given = settings.held(self, PROVIDED, key)
        if given is None:
            return None
        self.providing.add(key)
        try:
            return choice(self.given_by_container(option) for option in options(given))
        finally:
            self.providing.discard(key)

    def given_by_container(self, source: Value) -> Value:
        """What a container makes of what it was told: a factory is called, a class is made an object of."""
        if isinstance(source, Func) and (cls := self.functions[source.id].cls) is not None:
            source = Bound(source, self.somebody(cls))
        if isinstance(source, Class) and (given := self.provided(source)) is not None:
            return given
        if isinstance(source, Func | Bound | Class):
            made = self.dependency(Made(PROVIDED, (("dependency", source),), None))
            return self.somebody(source.id) if isinstance(source, Class) else made
        return source

    def passed_by_name(self, param: Param) -> Value | None:
        """What a framework passes to a parameter by its name: what the dependency of that name gives."""
        self.account.reads.add(("named from", param.function))
        type_ = self.named_from.get(param.function)
        key = f"{type_}/{param.name}"
        held = settings.held(self, type_, param.name.lower()) if type_ and key not in self.providing else None
        if held is None:
            return None
        self.providing.add(key)
        try:
            return choice(
                self.dependency(option if isinstance(option, Made) else Made(PROVIDED, (("dependency", option),), None))
                for option in options(held)
            )
        finally:
            self.providing.discard(key)

    def unwrapped(self, declared: Value) -> Value:
        """The type that a factory gives: of ``Iterator[Client]``, of ``Annotated[Client, …]`` the client."""
        match declared:
            case Made("typing.Annotated"):
                return self.unwrapped(declared.slot("type") or NONE)
            case Made(type_) if type_ == GENERIC:
                of, args = declared.slot("of"), self.elements(declared.slot("args") or NONE)
                name = of.name.rpartition(".")[2].lower() if isinstance(of, Lib) else ""
                return self.unwrapped(args[0]) if name in _YIELDING and args else (of or NONE)
        return declared

    def annotated(self, declared: Made) -> Value:
        for extra in self.elements(declared.slot("meta") or NONE):
            if isinstance(extra, Made) and extra.type == "fastapi.Depends":
                factory = extra.slot("dependency")
                if factory is None or (isinstance(factory, Const) and factory.value is None):  # the type is its own
                    slots = (("dependency", declared.slot("type") or NONE),)
                    return self.dependency(Made(extra.type, slots, extra.site))
                return self.dependency(extra)
        return self.instance_of(declared.slot("type") or NONE)

    def dependency(self, extra: Made) -> Value:
        """What a framework injects: the result of calling the factory, or an element of it where it yields."""
        factory = extra.slot("dependency")
        if factory is None or factory == NONE:
            return Unknown("a dependency without a factory")
        key = self.key_name(factory) or ""
        self.account.reads.add((f"<{_OVERRIDES}>/", key))
        overridden = self.open_attributes.get((_OVERRIDES, key))
        results: list[Value] = []
        for option in (*options(factory), *(options(overridden) if overridden is not None else ())):
            scratch = self.scratch(option.id if isinstance(option, Func) else None)
            made = self.call(scratch, option, (), self.asked_for(option))
            results.extend(options(choice(self.elements(made)) if isinstance(made, Many) else made))
        return choice(results) if results else Unknown("a dependency that is given nowhere here")

    def asked_for(self, factory: Value) -> dict[str, Value]:
        """What a factory asks for in turn, as far as its annotations and defaults tell."""
        function: Value | None = self.initialiser(factory.id) if isinstance(factory, Class) else factory
        if isinstance(factory, Bound):
            function = factory.function
        if isinstance(factory, Instance):
            function = self.find_name(factory.id, "__call__")
        info = self.functions.get(function.id) if isinstance(function, Func) else None
        if info is None:
            return {}
        asked = [
            parameter.name
            for parameter in info.facts.parameters
            if parameter.kind in ("positional", "keyword") and parameter.name not in info.defaults
        ]
        self.account.reads.add(("named from", info.id))
        by_name = info.id in self.named_from
        named = {name: self.fallback(Param(info.id, name)) for name in asked if by_name or name in info.annotations}
        return {name: value for name, value in named.items() if not isinstance(value, Opaque | Unknown)}

    def generic(self, declared: Made) -> Value:
        of, args = declared.slot("of"), self.elements(declared.slot("args") or NONE)
        name = of.name.rpartition(".")[2].lower() if isinstance(of, Lib) else ""
        if name in ("optional", "union", "final", "classvar", "mapped", "type", "required", "notrequired",
                    "fromdishka", "injected"):  # fmt: skip
            return choice([self.instance_of(arg) for arg in args])
        if name in ("dict", "mapping", "mutablemapping", "defaultdict", "ordereddict") and len(args) == 2:
            return Dict(((None, self.instance_of(args[1])),), None)
        if name in ("list", "sequence", "iterable", "iterator", "set", "frozenset", "collection", "tuple",
                    "generator", "asyncgenerator", "asynciterator", "asynciterable", "awaitable"):  # fmt: skip
            return Many(tuple(self.instance_of(arg) for arg in args), False, None)
        return self.instance_of(of) if of is not None else Unknown("a generic type")

    def somebody(self, id: ClassId) -> Value:
        """Objects of a class: those the program makes, of it or of what extends or implements it."""
        if self.kind_of(id) == "enum":
            return choice(self.elements(Class(id)))
        candidates = [id, *self.subclasses(id)]
        if self.kind_of(id) == "protocol":
            candidates = self.implementers(id) or candidates
        self.account.reads.update(("instances", candidate) for candidate in candidates)
        made = [instance for candidate in candidates for instance in self.instances.get(candidate, ())]
        if made and self.kind_of(id) not in ("record", "entity"):
            return choice(made)
        return choice(
            Instance(candidate, (), None) for candidate in candidates if self.kind_of(candidate) != "protocol"
        )

    def implementers(self, protocol: ClassId) -> list[ClassId]:
        """The classes that have every method of a protocol."""
        self.account.reads.add(("classes", "*"))
        known = self.implementing.get(protocol)
        if known is not None:
            return known
        needed = {name for name, value in self.classes[protocol].names.items() if isinstance(value, Func)}
        found = self.implementing[protocol] = [
            id
            for id in self.classes
            if id != protocol
            and needed
            and self.kind_of(id) != "protocol"
            and all(self.find_name(id, name) is not None for name in needed)
        ]
        return found
